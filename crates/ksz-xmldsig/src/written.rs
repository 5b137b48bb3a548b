use crate::c14n::PrefixList;
use ksz_pki::Digest;
use ksz_xml::escape_attribute;

/// An element that we write: in canonical form but for the declarations on its first tag.
///
/// In the message, its namespaces are declared further out, where a reader expects them; its digest is over the
/// form in which exclusive canonicalization puts them on the element itself. Both are written from here, so
/// nothing of ours is ever parsed to be digested.
///
/// ```
/// use ksz_xmldsig::{PrefixList, WrittenElement};
///
/// let element = WrittenElement::new("p:a", &[("p", "urn:p")]).with_attribute("Id", "1").with_content("text");
/// assert_eq!(element.embedded(), "<p:a Id=\"1\">text</p:a>");
/// let canonical = element.canonical(&PrefixList::parse("q"), &[("q", "urn:q"), ("r", "urn:r")]);
/// assert_eq!(canonical, "<p:a xmlns:p=\"urn:p\" xmlns:q=\"urn:q\" Id=\"1\">text</p:a>");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WrittenElement {
    name: &'static str,
    used: Vec<(&'static str, &'static str)>,
    attributes: String,
    content: String,
}

impl WrittenElement {
    /// An element with the prefixed name `name`; `used` are the prefixes that its own tag visibly uses, and all
    /// that its content uses without declaring them.
    #[must_use]
    pub fn new(name: &'static str, used: &[(&'static str, &'static str)]) -> Self {
        Self { name, used: used.to_vec(), attributes: String::new(), content: String::new() }
    }

    /// Adds an attribute. The caller adds them in canonical order: by namespace, those without first, then name.
    #[must_use]
    pub fn with_attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes += " ";
        self.attributes += name;
        self.attributes += "=\"";
        escape_attribute(value, &mut |piece| self.attributes += piece);
        self.attributes += "\"";
        self
    }

    /// Sets the content: canonical XML, escaped by the caller.
    #[must_use]
    pub fn with_content(mut self, content: impl Into<String>) -> Self {
        self.content = content.into();
        self
    }

    /// The element for a place where the prefixes it uses are declared.
    #[must_use]
    pub fn embedded(&self) -> String {
        self.tagged("")
    }

    /// The canonical form, where `scope` is in force besides the prefixes used: prefix (empty for the default)
    /// and name, innermost last.
    #[must_use]
    pub fn canonical(&self, prefixes: &PrefixList, scope: &[(&str, &str)]) -> String {
        let mut declared: Vec<(&str, &str)> = self.used.clone();
        for prefix in prefixes.iter() {
            if let Some(&in_scope) = scope.iter().rev().find(|(found, _)| *found == prefix)
                && !declared.iter().any(|(found, _)| *found == prefix)
                && in_scope != ("", "")
            {
                declared.push(in_scope);
            }
        }
        self.tagged(&declarations(declared))
    }

    /// The canonical form by Canonical XML, where `scope` is in force besides the prefixes used, each prefix
    /// once, and the attributes `inherited` come from around it.
    ///
    /// The element has no attributes of its own, and its content declares nothing.
    pub(crate) fn canonical_inclusive(&self, scope: &[(&str, &str)], inherited: Vec<(&str, &str)>) -> String {
        let mut declared: Vec<(&str, &str)> = self.used.clone();
        let is_used = |prefix: &str| self.used.iter().any(|(used, _)| *used == prefix);
        declared.extend(scope.iter().filter(|(prefix, uri)| !is_used(prefix) && (*prefix, *uri) != ("", "")));
        let mut before = declarations(declared);
        for (name, value) in inherited {
            before += &format!(" {name}=\"");
            escape_attribute(value, &mut |piece| before += piece);
            before += "\"";
        }
        self.tagged(&before)
    }

    /// SHA-256 over [`Self::canonical`].
    #[must_use]
    pub fn digest(&self, prefixes: &PrefixList, scope: &[(&str, &str)]) -> Digest {
        Digest::sha256(self.canonical(prefixes, scope).as_bytes())
    }

    fn tagged(&self, declarations: &str) -> String {
        let Self { name, attributes, content, .. } = self;
        // The content may be long, so the room for all is made once.
        ["<", name, declarations, attributes, ">", content, "</", name, ">"].concat()
    }
}

/// Namespace declarations in canonical order.
fn declarations(mut declared: Vec<(&str, &str)>) -> String {
    declared.sort_unstable();
    let mut declarations = String::new();
    for (prefix, uri) in declared {
        declarations += if prefix.is_empty() { " xmlns" } else { " xmlns:" };
        declarations += prefix;
        declarations += "=\"";
        escape_attribute(uri, &mut |piece| declarations += piece);
        declarations += "\"";
    }
    declarations
}
