//! Media types with parameters (RFC 2045 section 5.1), and what they must say of a package.

use super::content_id::{ContentId, bounded};
use crate::Error;

/// What the Content-Type of a package says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct PackageType {
    pub(crate) boundary: String,
    /// Which part is the root; the first if it is not said.
    pub(crate) start: Option<ContentId>,
    /// The media type of the envelope, which depends on the version of SOAP.
    start_info: Option<String>,
}

impl PackageType {
    /// Reads `multipart/related` of `application/xop+xml`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let media_type = MediaType::parse(text)?;
        let is_package = media_type.is("multipart/related")
            && media_type.parameter("type").is_some_and(|kind| kind.eq_ignore_ascii_case(ROOT));
        if !is_package {
            return Err(Error::NotPackage { content_type: bounded(text) });
        }
        let boundary = media_type.parameter("boundary").unwrap_or_default();
        if !is_boundary(boundary) {
            return Err(Error::ContentTypeMalformed { detail: "it has no boundary of 1 to 70 characters" });
        }
        Ok(Self {
            boundary: boundary.to_owned(),
            start: media_type.parameter("start").map(ContentId::from_start).transpose()?,
            start_info: media_type.parameter("start-info").map(str::to_owned),
        })
    }

    /// Refuses a root part of another type than the package says. A part without Content-Type is what the package
    /// says.
    pub(crate) fn check_root(&self, content_type: Option<&str>) -> Result<(), Error> {
        let Some(text) = content_type else { return Ok(()) };
        let refused = || Error::RootType { content_type: bounded(text) };
        let media_type = MediaType::parse(text)?;
        let is_utf8 = |charset: &str| charset.eq_ignore_ascii_case("utf-8");
        if !media_type.is(ROOT) || !media_type.parameter("charset").is_none_or(is_utf8) {
            return Err(refused());
        }
        match (&self.start_info, media_type.parameter("type")) {
            (Some(start_info), Some(kind)) if !same_media_type(start_info, kind) => Err(refused()),
            _ => Ok(()),
        }
    }
}

/// The media type of every root part.
pub(crate) const ROOT: &str = "application/xop+xml";

/// Whether two media types are one, whatever their parameters.
fn same_media_type(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    bare(one) == bare(other)
}

/// RFC 2046 section 5.1.1.
fn is_boundary(text: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&octet);
    (1..=70).contains(&text.len()) && text.bytes().all(allowed) && !text.ends_with(' ')
}

/// A media type and its parameters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct MediaType {
    /// In lower case.
    essence: String,
    /// Names in lower case, and values.
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads `type/subtype` and parameters in any order, whose values may be in quotes.
    ///
    /// A value without quotes may hold what should be in them, as some write it, but no space or quote.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let malformed = |detail| Error::ContentTypeMalformed { detail };
        if !text.bytes().all(|octet| octet == b'\t' || (b' '..=b'~').contains(&octet)) {
            return Err(malformed("it holds other than visible ASCII characters"));
        }
        let (essence, mut rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        let essence = essence.trim().to_ascii_lowercase();
        if !essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype)) {
            return Err(malformed("it does not begin with type/subtype"));
        }
        let mut parameters: Vec<(String, String)> = Vec::new();
        while let Some(parameter) = rest.strip_prefix(';') {
            let parameter = parameter.trim_start();
            if parameter.is_empty() {
                break;
            }
            let (name, value) =
                parameter.split_once('=').ok_or_else(|| malformed("a parameter has no value"))?;
            let name = name.to_ascii_lowercase();
            if !is_token(&name) {
                return Err(malformed("the name of a parameter is none"));
            }
            let (value, behind) = match value.strip_prefix('"') {
                Some(quoted) => unquoted(quoted).ok_or_else(|| malformed("a quote is not closed"))?,
                None => {
                    let (value, behind) = value.split_at(value.find(';').unwrap_or(value.len()));
                    let value = value.trim_end();
                    if value.is_empty() || value.contains([' ', '\t', '"']) {
                        return Err(malformed("a value without quotes is empty, or holds a space or quote"));
                    }
                    (value.to_owned(), behind)
                }
            };
            if parameters.iter().any(|(found, _)| *found == name) {
                return Err(malformed("a parameter occurs twice"));
            }
            parameters.push((name, value));
            rest = behind.trim_start();
        }
        if rest.is_empty() || rest.starts_with(';') {
            Ok(Self { essence, parameters })
        } else {
            Err(malformed("something stands behind a parameter"))
        }
    }

    fn is(&self, essence: &str) -> bool {
        self.essence == essence
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// What stands in quotes, and what follows them.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet);
    !text.is_empty() && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "multipart/related; type=\"application/xop+xml\"; boundary=\"uuid:1\"; start=\"<a@b>\"; \
                         start-info=\"text/xml\"";

    #[test]
    fn order_and_case_of_parameters_are_free() {
        let plain = PackageType::parse(PLAIN).unwrap();
        assert_eq!((plain.boundary.as_str(), plain.start.clone().unwrap().as_str()), ("uuid:1", "a@b"));
        let other =
            "Multipart/Related;START-INFO=text/xml ;Boundary=uuid:1; start=a@b\t;TYPE=Application/XOP+xml;";
        assert_eq!(PackageType::parse(other).unwrap(), plain);
        let escaped = "multipart/related; type=\"application\\/xop+xml\"; boundary=\"==a+/b ==\"";
        assert_eq!(PackageType::parse(escaped).unwrap().boundary, "==a+/b ==");
        assert_eq!(PackageType::parse(escaped).unwrap().start, None);
    }

    #[test]
    fn what_is_no_package_is_refused_by_name() {
        for other in [
            "text/xml",
            "multipart/form-data; type=\"application/xop+xml\"; boundary=a",
            "multipart/related; boundary=a",
            "multipart/related; type=\"text/xml\"; boundary=a",
        ] {
            let refused = Err(Error::NotPackage { content_type: bounded(other) });
            assert_eq!(PackageType::parse(other), refused, "{other}");
        }
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let with = |rest: &str| format!("multipart/related; type=\"application/xop+xml\"{rest}");
        for bad in [
            String::new(),
            "multipart".into(),
            with(""),
            with("; boundary="),
            with("; boundary=\"a"),
            with("; boundary=\"a\" b"),
            with("; boundary=a b"),
            with("; boundary=a; boundary=a"),
            with("; boundary"),
            with("; bound ary=a"),
            with("; boundary=\"a \""),
            with("; boundary=\"a\\\"b\""),
            with(&format!("; boundary={}", "a".repeat(71))),
            with("; boundary=\"a\r\nb\""),
        ] {
            let refused = PackageType::parse(&bad);
            assert!(matches!(refused, Err(Error::ContentTypeMalformed { .. })), "{bad}: {refused:?}");
        }
    }

    #[test]
    fn the_root_is_what_the_package_says() {
        let package = PackageType::parse(PLAIN).unwrap();
        for good in [
            None,
            Some("application/xop+xml; charset=utf-8; type=\"text/xml\""),
            Some("Application/xop+xml;type=\"text/xml; charset=utf-8\""),
            Some("application/xop+xml"),
        ] {
            assert_eq!(package.check_root(good), Ok(()), "{good:?}");
        }
        for bad in [
            "text/xml",
            "application/xop+xml; type=\"application/soap+xml\"",
            "application/xop+xml; charset=utf-16; type=\"text/xml\"",
        ] {
            let refused = Err(Error::RootType { content_type: bad.into() });
            assert_eq!(package.check_root(Some(bad)), refused, "{bad}");
        }
    }
}
