//! The second opinion: libxmlsec1 on a signature that passed our own rules.
//!
//! libxmlsec1 follows references out of the document, runs XSLT and takes keys from `KeyInfo`, and its binding can switch
//! none of that off. What keeps it from all of that is that a [`Question`] is made of a
//! [`DocumentSignature`](crate::DocumentSignature) alone: its document has no DOCTYPE, its references stay in it, its
//! transforms are known. The key is set beforehand, so `KeyInfo` is passed over. What is left are the references of a
//! `Manifest`, which are not ours to judge; with one in the signature, nothing is asked.

use crate::{Error, Implementation, names};
use ksz_error::Class;
use ksz_pki::VerifyingKey;
use ksz_xml::{Document, Element};
use libxml::parser::{Parser, ParserOptions};
use xmlsec::{
    XmlDocument, XmlNode, XmlSecDocumentExt, XmlSecKey, XmlSecKeyFormat, XmlSecSignatureContext,
    XmlXPathContext,
};

/// The verdict that both share; `theirs` is only asked for where ours is about the signature and not about its form.
pub(crate) fn agreed<T>(
    ours: Result<T, Error>,
    theirs: impl FnOnce() -> Result<bool, Error>,
) -> Result<T, Error> {
    if let Err(error) = &ours
        && !matches!(error, Error::SignatureMismatch | Error::DigestMismatch { .. })
    {
        return ours;
    }
    let disagreement = |refused_by, class| Err(Error::Disagreement { refused_by, class });
    match (ours, theirs()) {
        (Ok(verified), Ok(true)) => Ok(verified),
        (Ok(_), Ok(false)) => disagreement(Implementation::Libxmlsec1, Class::Signature),
        (Ok(_), Err(no_opinion)) => Err(no_opinion),
        (Err(refusal), Ok(true)) => disagreement(Implementation::Ksz, refusal.class()),
        (Err(refusal), Ok(false) | Err(_)) => Err(refusal),
    }
}

/// A signature and what its references lead to, by their places among all elements of the document.
#[derive(Debug)]
pub(crate) struct Question<'d> {
    document: &'d Document<'d>,
    /// The `Signature`.
    signature: usize,
    /// The elements that are referred to, each with the name of its identifier.
    targets: Vec<(usize, &'d str)>,
}

impl<'d> Question<'d> {
    /// The question about the signature that this `SignedInfo` stands in.
    pub(crate) fn new(document: &'d Document<'d>, signed_info: Element<'d>) -> Result<Self, Error> {
        let signature = signed_info.parent().filter(|parent| parent.is(names::DS, "Signature"));
        let signature = signature.ok_or_else(|| none("SignedInfo does not stand in a Signature"))?;
        if signature.descendants().any(|element| element.is(names::DS, "Manifest")) {
            return Err(none("the references of a Manifest in the signature would be followed"));
        }
        let signature = place(document, signature)?;
        Ok(Self { document, signature, targets: Vec::new() })
    }

    /// Adds what a reference leads to.
    ///
    /// The binding takes the first attribute with a local name for the identifier, in whatever namespace: there must be
    /// only one.
    pub(crate) fn add_target(&mut self, element: Element<'d>, id: &str) -> Result<(), Error> {
        let is_meant = |attribute: &ksz_xml::Attribute<'_>| attribute.is_id() && attribute.value() == id;
        let meant = element.attributes().find(is_meant).ok_or_else(|| none("nothing has the identifier"))?;
        let name = meant.local_name();
        if element.attributes().filter(|attribute| attribute.local_name() == name).count() > 1 {
            return Err(none("an element is identified by two attributes of one name"));
        }
        self.targets.push((place(self.document, element)?, name));
        Ok(())
    }

    /// Whether libxmlsec1 accepts the signature with this key.
    pub(crate) fn ask(self, key: &VerifyingKey) -> Result<bool, Error> {
        let document = parse(self.document.text())?;
        let paths = XmlXPathContext::new(&document).map_err(|()| none("libxml2 has no memory left"))?;
        let read = paths.evaluate("//*").map_err(|()| none("libxml2 has no memory left"))?;
        if read.get_number_of_nodes() != self.document.root().descendants().count() {
            return Err(none("libxml2 reads other elements"));
        }
        for (target, name) in self.targets {
            document
                .specify_idattr(&path(target), name, None)
                .map_err(|_| none("libxml2 does not find what a reference leads to"))?;
        }
        let signature = signature_at(paths, self.signature)?;
        let key = XmlSecKey::from_memory(key.spki_der(), XmlSecKeyFormat::Der, None);
        let mut context = XmlSecSignatureContext::new();
        context.insert_key(key.map_err(|_| none("libxmlsec1 does not take the key"))?);
        context.verify_node(&signature).map_err(|_| none("libxmlsec1 cannot judge the signature"))
    }
}

/// The document as libxml2 reads it, within its own limits and without repairs.
fn parse(text: &str) -> Result<XmlDocument, Error> {
    let options =
        ParserOptions { recover: false, no_net: true, encoding: Some("UTF-8"), ..ParserOptions::default() };
    let document = Parser::default().parse_string_with_options(text, options);
    document.map_err(|_| none("libxml2 does not read the document"))
}

/// The signature at its place, if it is one there too.
fn signature_at(mut paths: XmlXPathContext, signature: usize) -> Result<XmlNode, Error> {
    let mut found = paths.findnodes(&path(signature), None).unwrap_or_default();
    let node = found.pop().filter(|_| found.is_empty());
    let is_signature = |node: &XmlNode| {
        node.get_name() == "Signature"
            && node.get_namespace().is_some_and(|namespace| namespace.get_href() == names::DS)
    };
    node.filter(is_signature).ok_or_else(|| none("libxml2 does not find the signature"))
}

/// The place of an element in document order, counted from 1 as XPath counts.
fn place<'d>(document: &'d Document<'d>, element: Element<'d>) -> Result<usize, Error> {
    let before = document.root().descendants().position(|other| other == element);
    before.map(|before| before + 1).ok_or_else(|| none("an element is not of the document"))
}

fn path(place: usize) -> String {
    format!("(//*)[{place}]")
}

const fn none(why: &'static str) -> Error {
    Error::NoSecondOpinion { why }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROKEN: Error = Error::SignatureMismatch;

    #[test]
    fn only_what_both_accept_is_accepted() {
        assert_eq!(agreed(Ok("verified"), || Ok(true)), Ok("verified"));
        let refused = agreed(Ok("verified"), || Ok(false)).unwrap_err();
        let expected =
            Error::Disagreement { refused_by: Implementation::Libxmlsec1, class: Class::Signature };
        assert_eq!((refused.class(), refused), (Class::Signature, expected));
        assert_eq!(agreed(Ok("verified"), || Err(none("why"))), Err(none("why")));
    }

    #[test]
    fn a_refusal_of_ours_stands_and_says_if_it_stands_alone() {
        let changed = Error::DigestMismatch { uri: String::new(), part: "the document" };
        for (ours, class) in [(BROKEN, Class::Signature), (changed, Class::Digest)] {
            assert_eq!(agreed::<()>(Err(ours.clone()), || Ok(false)), Err(ours.clone()));
            assert_eq!(agreed::<()>(Err(ours.clone()), || Err(none("why"))), Err(ours.clone()));
            let alone = Error::Disagreement { refused_by: Implementation::Ksz, class };
            assert_eq!(agreed::<()>(Err(ours), || Ok(true)), Err(alone));
        }
    }

    #[test]
    fn nobody_is_asked_about_what_our_rules_refuse() {
        let ours = Error::AlgorithmNotForKey { uri: names::RSA_SHA256 };
        assert_eq!(agreed::<()>(Err(ours.clone()), || panic!("asked")), Err(ours));
    }
}
