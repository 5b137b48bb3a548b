use crate::c14n::PrefixList;
use crate::written::WrittenElement;
use base64::{Engine, engine::general_purpose::STANDARD};

/// A `KeyInfo` to be written (XML Signature 1.1 section 4.5): which key the signer means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyInfo(String);

impl KeyInfo {
    /// `X509Data` with certificates in DER, the signer's first (section 4.5.4).
    #[must_use]
    pub fn x509_data<'c>(certificates: impl IntoIterator<Item = &'c [u8]>) -> Self {
        let mut xml = "<ds:KeyInfo><ds:X509Data>".to_owned();
        for certificate in certificates {
            xml += "<ds:X509Certificate>";
            xml += &STANDARD.encode(certificate);
            xml += "</ds:X509Certificate>";
        }
        Self(xml + "</ds:X509Data></ds:KeyInfo>")
    }

    /// One element of ours, such as a reference to a token, with its namespaces declared on it.
    #[must_use]
    pub fn holding(element: &WrittenElement) -> Self {
        let content = element.canonical(&PrefixList::default(), &[]);
        Self(format!("<ds:KeyInfo>{content}</ds:KeyInfo>"))
    }

    /// The element, for a place where the prefix `ds` is declared.
    pub(crate) fn as_xml(&self) -> &str {
        &self.0
    }
}
