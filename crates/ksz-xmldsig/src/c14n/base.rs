//! Joining `xml:base` values (Canonical XML 1.1 section 2.4 and appendix A): RFC 3986 section 5.2, but the base may be
//! relative, and `..` segments that lead above it are kept.

/// The reference as seen from the base.
pub(crate) fn join(base: &str, reference: &str) -> String {
    let (base, reference) = (Parts::of(base), Parts::of(reference));
    let (scheme, authority, path, query) = if reference.scheme.is_some() {
        (reference.scheme, reference.authority, reference.path.to_owned(), reference.query)
    } else if reference.authority.is_some() {
        (base.scheme, reference.authority, reference.path.to_owned(), reference.query)
    } else if reference.path.is_empty() {
        (base.scheme, base.authority, base.path.to_owned(), reference.query.or(base.query))
    } else if reference.path.starts_with('/') {
        (base.scheme, base.authority, reference.path.to_owned(), reference.query)
    } else {
        let folder = match base.path.rsplit('/').next() {
            Some("." | "..") => format!("{}/", base.path),
            _ => base.path.rfind('/').map_or("", |slash| &base.path[..=slash]).to_owned(),
        };
        let root = if folder.is_empty() && base.authority.is_some() { "/" } else { &folder };
        (base.scheme, base.authority, format!("{root}{}", reference.path), reference.query)
    };
    let mut joined = String::new();
    if let Some(scheme) = scheme {
        joined += scheme;
        joined += ":";
    }
    if let Some(authority) = authority {
        joined += "//";
        joined += authority;
    }
    joined += &without_dots(&path);
    if let Some(query) = query {
        joined += "?";
        joined += query;
    }
    joined
}

/// A URI reference taken apart (RFC 3986 appendix B); the fragment plays no part.
struct Parts<'u> {
    scheme: Option<&'u str>,
    authority: Option<&'u str>,
    path: &'u str,
    query: Option<&'u str>,
}

impl<'u> Parts<'u> {
    fn of(uri: &'u str) -> Self {
        let uri = uri.split('#').next().unwrap_or_default();
        let (uri, query) = uri.split_once('?').map_or((uri, None), |(uri, query)| (uri, Some(query)));
        let colon = uri.find([':', '/']).filter(|&at| at > 0 && uri.as_bytes()[at] == b':');
        let (scheme, rest) = colon.map_or((None, uri), |at| (Some(&uri[..at]), &uri[at + 1..]));
        match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                Self { scheme, authority: Some(&rest[..end]), path: &rest[end..], query }
            }
            None => Self { scheme, authority: None, path: rest, query },
        }
    }
}

/// A path without `.` segments, and without each `..` that has a segment before it.
fn without_dots(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    let mut ends_open = false;
    for segment in path.trim_start_matches('/').split('/') {
        ends_open = matches!(segment, "" | "." | "..");
        match segment {
            "" | "." => {}
            ".." => match kept.last() {
                Some(&last) if last != ".." => {
                    kept.pop();
                }
                _ if absolute => {}
                _ => kept.push(".."),
            },
            _ => kept.push(segment),
        }
    }
    let mut output = String::from(if absolute { "/" } else { "" });
    output += &kept.join("/");
    if ends_open && !kept.is_empty() {
        output += "/";
    }
    output
}

#[cfg(test)]
mod tests {
    use super::join;

    /// The examples of RFC 3986 section 5.4.1, as far as they have no fragment.
    #[test]
    fn the_normal_examples_come_out() {
        for (reference, expected) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../g", "http://a/g"),
        ] {
            assert_eq!(join("http://a/b/c/d;p?q", reference), expected, "{reference:?}");
        }
    }

    /// The examples of Canonical XML 1.1 section 2.4.
    #[test]
    fn a_relative_base_keeps_what_leads_above_it() {
        assert_eq!(join("foo/bar", ".."), "");
        assert_eq!(join("foo", "bar"), "bar");
        assert_eq!(join("foo/", "bar"), "foo/bar");
        assert_eq!(join("../foo/", "../../bar"), "../../bar");
        assert_eq!(join("..", "b"), "../b");
        assert_eq!(join("http://x/y/.", "b"), "http://x/y/b");
    }
}
