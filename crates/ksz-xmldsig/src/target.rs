/// What the URI of a reference leads to in its own document (XML Signature 1.1 section 4.4.3.2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Target {
    /// The identifier of an element; without one it is the whole document.
    pub(crate) id: Option<String>,
    /// Whether the nodes it leads to include comments: only those of an XPointer do (section 4.4.3.3).
    pub(crate) with_comments: bool,
}

impl Target {
    /// An element by its identifier.
    pub(crate) fn element(id: &str) -> Self {
        Self { id: Some(id.to_owned()), with_comments: false }
    }

    /// The target of `""`, `#id`, `#xpointer(/)` or `#xpointer(id('id'))`, spelled exactly so; of others
    /// there is none.
    pub(crate) fn parse(uri: &str) -> Option<Self> {
        if uri.is_empty() {
            return Some(Self { id: None, with_comments: false });
        }
        let fragment = uri.strip_prefix('#')?;
        if fragment == "xpointer(/)" {
            return Some(Self { id: None, with_comments: true });
        }
        match fragment.strip_prefix("xpointer(id(").and_then(|rest| rest.strip_suffix("))")) {
            Some(literal) => {
                let id = ["'", "\""].into_iter().find_map(|quote| {
                    literal.strip_prefix(quote)?.strip_suffix(quote).filter(|id| is_identifier(id))
                })?;
                Some(Self { id: Some(id.to_owned()), with_comments: true })
            }
            None => Some(fragment).filter(|id| is_identifier(id)).map(Self::element),
        }
    }
}

/// Whether text can identify an element. Documents of others have identifiers that begin with a digit, which
/// no NCName does; as they are compared as they are written, nothing else can be meant.
pub(crate) fn is_identifier(text: &str) -> bool {
    !text.is_empty() && ksz_xml::is_ncname(&format!("_{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_forms_are_read() {
        let target =
            |id: Option<&str>, with_comments| Some(Target { id: id.map(str::to_owned), with_comments });
        assert_eq!(Target::parse(""), target(None, false));
        assert_eq!(Target::parse("#a-1"), target(Some("a-1"), false));
        assert_eq!(Target::parse("#11"), target(Some("11"), false));
        assert_eq!(Target::parse("#xpointer(/)"), target(None, true));
        assert_eq!(Target::parse("#xpointer(id('a'))"), target(Some("a"), true));
        assert_eq!(Target::parse("#xpointer(id(\"a\"))"), target(Some("a"), true));
    }

    #[test]
    fn any_other_form_leads_nowhere() {
        for other in [
            "#",
            "a",
            "http://example.org/",
            "http://example.org/#a",
            "file:///etc/passwd",
            "cid:a",
            "#a b",
            "#a%2D1",
            "#a:b",
            "##a",
            "#element(/1)",
            "#xpointer(//a)",
            "#xpointer( / )",
            "#xpointer(id('a\"))",
            "#xpointer(id('))",
            "#xpointer(id(''))",
            "#xpointer(id('a')/b)",
            "#xpointer(id('a'))xpointer(/)",
            " ",
        ] {
            assert_eq!(Target::parse(other), None, "{other:?}");
        }
    }
}
