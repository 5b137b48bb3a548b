//! `Subject` and its confirmation (SAML 1.1 core section 2.4.2.2): about whom a statement is, and how the sender of
//! a message proves to be that subject.

use crate::request::certificate_in;
use crate::vouched::NameIdentifier;
use crate::{Error, names};
use ksz_pki::Certificate;
use ksz_xml::{Document, Element, Limits};
use ksz_xmldsig::names::DS;

/// The subject of an assertion's statements.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Subject {
    pub(crate) name: NameIdentifier,
    pub(crate) holder: Certificate,
}

impl Subject {
    /// The subject of an assertion that is kept as text. Nothing of it is verified.
    pub(crate) fn of_text(assertion: &str) -> Result<Self, Error> {
        let document = Document::parse(assertion.as_bytes(), &Limits::widest())?;
        let kinds = ["AuthenticationStatement", "AttributeStatement"];
        let is_statement = |child: &Element<'_>| kinds.iter().any(|kind| child.is(names::SAML_11, kind));
        let statements: Vec<_> = document.root().children().filter(is_statement).collect();
        Self::of_statements(&statements)
    }

    /// Reads the subject of all statements: one name, and one key that its holder must prove.
    ///
    /// A statement without a confirmation is confirmed by another's; two that differ confirm nothing.
    pub(crate) fn of_statements(statements: &[Element<'_>]) -> Result<Self, Error> {
        let mut names = Vec::new();
        let mut holders: Vec<Certificate> = Vec::new();
        for statement in statements {
            let subject = statement.only_child(names::SAML_11, "Subject")?;
            if let Some(name) = subject.optional_child(names::SAML_11, "NameIdentifier")? {
                names.push(NameIdentifier::of(name));
            }
            if let Some(confirmation) = subject.optional_child(names::SAML_11, "SubjectConfirmation")? {
                holders.push(confirmed_holder(confirmation)?);
            }
        }
        names.dedup();
        holders.dedup();
        match (names.len(), holders.pop()) {
            (0 | 1, Some(holder)) if holders.is_empty() => {
                let nobody = || NameIdentifier {
                    format: String::new(),
                    qualifier: String::new(),
                    value: String::new(),
                };
                Ok(Self { name: names.pop().unwrap_or_else(nobody), holder })
            }
            (0 | 1, None) => Err(Error::ConfirmationNotAccepted { detail: "there is no confirmation" }),
            (0 | 1, Some(_)) => Err(Error::ConfirmationNotAccepted { detail: "two keys are confirmed" }),
            _ => Err(Error::AssertionShape { detail: "its statements are about two subjects" }),
        }
    }
}

/// The certificate whose key the sender must prove to hold.
fn confirmed_holder(confirmation: Element<'_>) -> Result<Certificate, Error> {
    let refuse = |detail| Error::ConfirmationNotAccepted { detail };
    let children = confirmation.only_children()?.into_iter();
    let (methods, others): (Vec<Element<'_>>, Vec<Element<'_>>) =
        children.partition(|child| child.is(names::SAML_11, "ConfirmationMethod"));
    let &[method] = methods.as_slice() else {
        return Err(refuse("not exactly one method"));
    };
    if method.only_text()?.trim() != names::HOLDER_OF_KEY {
        return Err(refuse("the method is not holder-of-key"));
    }
    let &[key_info] = others.as_slice() else {
        return Err(refuse("not exactly one KeyInfo"));
    };
    if !key_info.is(DS, "KeyInfo") {
        return Err(refuse("another element than KeyInfo"));
    }
    match key_info.only_children()?.as_slice() {
        &[data] if data.is(DS, "X509Data") => certificate_in(data.only_child(DS, "X509Certificate")?),
        _ => Err(refuse("KeyInfo holds no certificate")),
    }
}
