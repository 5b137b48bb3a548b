use crate::algorithm::SignatureMethod;
use crate::c14n::{CanonicalizationMethod, PrefixList};
use crate::reference::{Reference, algorithm_of, read_prefixes, unexpected, write_exclusive};
use crate::written::WrittenElement;
use crate::{Error, SignatureLimits, names};
use ksz_pki::Digest;
use ksz_xml::Element;

/// A `SignedInfo` (XML Signature 1.1 section 4.4): what a signature value is over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedInfo {
    pub(crate) method: SignatureMethod,
    pub(crate) prefixes: Option<PrefixList>,
    pub(crate) references: Vec<Reference>,
}

impl SignedInfo {
    /// What is to be signed: the references and the `PrefixList` of the canonicalization method.
    #[must_use]
    pub const fn new(
        method: SignatureMethod,
        prefixes: Option<PrefixList>,
        references: Vec<Reference>,
    ) -> Self {
        Self { method, prefixes, references }
    }

    pub(crate) fn read(element: Element<'_>, limits: &SignatureLimits) -> Result<Self, Error> {
        if element.attributes().any(|attribute| attribute.qualified_name() != "Id") {
            return Err(unexpected(element, "an attribute"));
        }
        let children = element.only_children()?;
        let [canonicalization, method, references @ ..] = children.as_slice() else {
            return Err(unexpected(element, "too few elements"));
        };
        if references.len() > limits.references {
            return Err(Error::LimitExceeded { what: "references", limit: limits.references });
        }
        let in_order = canonicalization.is(names::DS, "CanonicalizationMethod")
            && method.is(names::DS, "SignatureMethod")
            && references.iter().all(|reference| reference.is(names::DS, "Reference"));
        if !in_order {
            return Err(unexpected(element, "an element out of place"));
        }
        match algorithm_of(*canonicalization) {
            names::EXCLUSIVE_C14N => {}
            other => return Err(Error::not_accepted("CanonicalizationMethod", other)),
        }
        let prefixes = read_prefixes(*canonicalization, limits)?;
        let accepted = SignatureMethod::from_uri(algorithm_of(*method))?;
        if let Some(parameter) = method.only_children()?.first() {
            return Err(Error::not_accepted("SignatureMethod parameter", parameter.local_name()));
        }
        let references = references
            .iter()
            .map(|reference| Reference::read(*reference, limits))
            .collect::<Result<_, _>>()?;
        Ok(Self { method: accepted, prefixes, references })
    }

    /// The digest of a received element, canonicalized as it says itself.
    pub(crate) fn digest_of(&self, element: Element<'_>) -> Result<Digest, ksz_xml::Error> {
        CanonicalizationMethod::exclusive(self.prefixes.clone().unwrap_or_default()).digest(element)
    }

    /// The element as it stands in a `ds:Signature` that declares the prefix `ds`.
    pub(crate) fn written(&self) -> WrittenElement {
        let mut content = String::new();
        self.write_content(&mut content);
        WrittenElement::new("ds:SignedInfo", &[("ds", names::DS)]).with_content(&content)
    }

    fn write_content(&self, output: &mut String) {
        write_exclusive("CanonicalizationMethod", self.prefixes.as_ref(), output);
        *output += "<ds:SignatureMethod Algorithm=\"";
        *output += self.method.uri();
        *output += "\"></ds:SignatureMethod>";
        for reference in &self.references {
            reference.write(output);
        }
    }
}
