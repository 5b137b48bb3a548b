use crate::PeerText;
use ksz_xml::Element;

/// A qualified name that says why: a fault code, its prefix resolved.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FaultCode {
    /// The namespace. Empty if nobody declares its prefix, or if it has none where no default namespace is in force.
    pub namespace: PeerText,
    /// The name.
    pub name: PeerText,
}

impl FaultCode {
    /// The code of this name in a namespace.
    #[must_use]
    pub fn new(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }

    /// Whether it is the code of this namespace and name; the prefix is decoration.
    #[must_use]
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    /// The code that an element holds, its prefix resolved where it stands (XML Schema part 2 section 3.2.18).
    pub(super) fn read(element: Element<'_>) -> Self {
        let text = element.whole_text();
        let (prefix, name) = text.trim().split_once(':').unwrap_or(("", text.trim()));
        Self::new(element.lookup_namespace(prefix).unwrap_or_default(), name)
    }
}
