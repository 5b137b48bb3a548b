use crate::{Error, names};
use ksz_xml::{Document, Element, Limits};
use std::fmt;
use zeroize::Zeroizing;

/// A SAML 1.1 assertion to put into a header: its text, octet for octet as the token service sent it.
///
/// One changed octet may break the issuer's signature, so the text is never written anew. Comments in it, and what stands
/// in its signature beside the signed part, are covered by no signature and are carried along.
///
/// The text is wiped when the value is dropped.
#[derive(Clone, Eq, PartialEq)]
pub struct SamlToken {
    xml: Zeroizing<String>,
    assertion_id: String,
    free_prefixes: Vec<String>,
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
        Ok(Self {
            xml: Zeroizing::new(assertion.source().to_owned()),
            assertion_id: assertion_id.to_owned(),
            free_prefixes: free_prefixes(assertion),
        })
    }

    /// The text.
    #[must_use]
    pub fn as_xml(&self) -> &str {
        &self.xml
    }

    /// The prefixes that its canonicalization lists and that it does not bind. Where one of them is bound around the
    /// text, the issuer's signature does not survive.
    #[must_use]
    pub fn free_prefixes(&self) -> &[String] {
        &self.free_prefixes
    }

    /// The identifier by which a signature names it.
    #[must_use]
    pub fn assertion_id(&self) -> &str {
        &self.assertion_id
    }
}

fn free_prefixes(assertion: Element<'_>) -> Vec<String> {
    assertion
        .descendants()
        .filter(|element| element.local_name() == "InclusiveNamespaces")
        .filter_map(|element| element.attribute("", "PrefixList"))
        .flat_map(str::split_ascii_whitespace)
        .filter(|prefix| *prefix != "#default" && assertion.lookup_namespace(prefix).is_none())
        .map(str::to_owned)
        .collect()
}

impl fmt::Debug for SamlToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SamlToken(…)")
    }
}
