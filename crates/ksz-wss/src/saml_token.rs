use crate::{Error, names};
use ksz_xml::{Document, Limits};
use std::fmt;

/// A SAML 1.1 assertion to put into a header: its text, octet for octet as the token service sent it.
///
/// One changed octet breaks the issuer's signature, so the text is never written anew.
#[derive(Clone, Eq, PartialEq)]
pub struct SamlToken {
    xml: String,
    assertion_id: String,
}

impl SamlToken {
    /// A token from the text of an `Assertion` element. Nothing of it is verified here.
    ///
    /// # Errors
    ///
    /// - [`Error::Signature`] if it is not XML.
    /// - [`Error::NotAssertion`] if the element is another or has no `AssertionID`.
    pub fn from_xml(xml: &str, limits: &Limits) -> Result<Self, Error> {
        let document = Document::parse(xml.as_bytes(), limits)?;
        let assertion = document.root();
        if !assertion.is(names::SAML_11, "Assertion") {
            return Err(Error::NotAssertion { detail: "the element is another" });
        }
        let assertion_id = assertion
            .attribute("", "AssertionID")
            .filter(|id| ksz_xml::is_ncname(id))
            .ok_or(Error::NotAssertion { detail: "it has no AssertionID" })?;
        Ok(Self { xml: assertion.source().to_owned(), assertion_id: assertion_id.to_owned() })
    }

    /// The text.
    #[must_use]
    pub fn as_xml(&self) -> &str {
        &self.xml
    }

    /// The identifier by which a signature names it.
    #[must_use]
    pub fn assertion_id(&self) -> &str {
        &self.assertion_id
    }
}

impl fmt::Debug for SamlToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SamlToken(…)")
    }
}
