use crate::algorithm::SignatureMethod;
use crate::c14n::{CanonicalizationMethod, PrefixList};
use crate::reading::{Rules, algorithm_of, unexpected};
use crate::reference::Reference;
use crate::transforms::{Chain, write_canonicalization};
use crate::written::WrittenElement;
use crate::{Error, names, rsa_pss};
use ksz_error::Kind;
use ksz_pki::Digest;
use ksz_xml::Element;

/// A `SignedInfo` (XML Signature 1.1 section 4.4): what a signature value is over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SignedInfo {
    pub(crate) canonicalization: CanonicalizationMethod,
    pub(crate) method: SignatureMethod,
    pub(crate) references: Vec<Reference>,
}

impl SignedInfo {
    /// What is signed in a message.
    pub(crate) const fn of_message(
        method: SignatureMethod,
        prefixes: PrefixList,
        references: Vec<Reference>,
    ) -> Self {
        Self { canonicalization: CanonicalizationMethod::exclusive(prefixes), method, references }
    }

    pub(crate) fn read(element: Element<'_>, rules: &Rules<'_>) -> Result<Self, Error> {
        if element.attributes().any(|attribute| attribute.qualified_name() != "Id") {
            return Err(unexpected(element, "an attribute"));
        }
        let children = element.only_children()?;
        let [canonicalization, method, references @ ..] = children.as_slice() else {
            return Err(unexpected(element, "too few elements"));
        };
        if references.len() > rules.limits.references {
            return Err(Error::LimitExceeded { what: "references", limit: rules.limits.references });
        }
        let in_order = canonicalization.is(names::DS, "CanonicalizationMethod")
            && method.is(names::DS, "SignatureMethod")
            && references.iter().all(|reference| reference.is(names::DS, "Reference"));
        if !in_order {
            return Err(unexpected(element, "an element out of place"));
        }
        let canonicalization = rules.canonicalization("CanonicalizationMethod", *canonicalization)?;
        let method = read_method(*method, rules)?;
        let references = references
            .iter()
            .map(|reference| Reference::read(*reference, rules))
            .collect::<Result<_, _>>()?;
        Ok(Self { canonicalization, method, references })
    }

    /// The digest of a received element, canonicalized as it says itself.
    pub(crate) fn digest_of(&self, element: Element<'_>) -> Result<Digest, ksz_xml::Error> {
        self.canonicalization.digest_by(self.method.algorithm().digest(), element)
    }

    /// The element as it stands in a `ds:Signature` that declares the prefix `ds`.
    pub(crate) fn written(&self) -> WrittenElement {
        let mut content = String::with_capacity(USUAL_LENGTH);
        self.write_content(&mut content);
        WrittenElement::new("ds:SignedInfo", &[("ds", names::DS)]).with_content(content)
    }

    fn write_content(&self, output: &mut String) {
        write_canonicalization("CanonicalizationMethod", &self.canonicalization, output);
        *output += "<ds:SignatureMethod Algorithm=\"";
        *output += self.method.uri();
        *output += "\"></ds:SignatureMethod>";
        for reference in &self.references {
            reference.write(output);
        }
    }
}

/// More octets than a message's three references with their prefixes need.
const USUAL_LENGTH: usize = 2 * 1024;

/// Refuses a `SignedInfo` that names anything outside the list, wherever in it that is.
///
/// A signature that cannot be judged must not be called wrong because something in front of that is out of
/// shape.
pub(crate) fn require_supported(signed_info: Element<'_>, rules: &Rules<'_>) -> Result<(), Error> {
    let references = signed_info.children().filter(|child| child.is(names::DS, "Reference"));
    if references.count() > rules.limits.references {
        return Err(Error::LimitExceeded { what: "references", limit: rules.limits.references });
    }
    for element in signed_info.descendants().filter(|element| element.namespace() == names::DS) {
        let read = match element.local_name() {
            "CanonicalizationMethod" => rules.canonicalization("CanonicalizationMethod", element).map(drop),
            "SignatureMethod" => read_method(element, rules).map(drop),
            "Reference" => rules.allowed.target(element.attribute("", "URI")).map(drop),
            "Transforms" => Chain::read(Some(element), uri_around(element), rules).map(drop),
            "Transform" => rules.transform(element).map(drop),
            "DigestMethod" => rules.allowed.digest(algorithm_of(element)).map(drop),
            _ => Ok(()),
        };
        if let Err(error) = read
            && error.kind() == Kind::Unsupported
        {
            return Err(error);
        }
    }
    Ok(())
}

/// The URI of the reference that an element stands in.
fn uri_around(element: Element<'_>) -> &str {
    element.parent().and_then(|reference| reference.attribute("", "URI")).unwrap_or_default()
}

fn read_method(element: Element<'_>, rules: &Rules<'_>) -> Result<SignatureMethod, Error> {
    let uri = algorithm_of(element);
    if uri == names::RSA_PSS && rules.allowed.has_signature(SignatureMethod::RsaPssSha256) {
        rsa_pss::require_defaults(element)?;
        return Ok(SignatureMethod::RsaPssSha256);
    }
    let method = rules.allowed.signature(uri)?;
    match element.only_children()?.first() {
        Some(parameter) => Err(Error::not_accepted("SignatureMethod parameter", parameter.local_name())),
        None => Ok(method),
    }
}
