use crate::algorithm::SignatureMethod;
use crate::allow_list::AllowList;
use crate::allowance::Allowance;
use crate::reading::{Rules, unexpected};
use crate::reference::Reference;
#[cfg(feature = "xmlsec")]
use crate::second_opinion::{Question, agreed};
use crate::signed_info::{SignedInfo, require_supported};
use crate::transforms::Nodes;
use crate::verified::VerifiedPart;
use crate::verified_signature::{Covers, VerifiedReference, VerifiedSignature};
use crate::{Error, SignatureLimits, names};
use ksz_pki::{Digest, VerifyingKey};
use ksz_xml::{Attribute, Document, Element};
use std::collections::HashMap;
use std::ops::Range;

/// The signature of a document of others: its shape, algorithms and references are accepted, and nothing
/// more.
///
/// It knows more algorithms and forms than the signature of a message ([`AllowList::Documents`]), and takes
/// another kind of key; a message is verified by [`UnverifiedSignature`](crate::UnverifiedSignature).
///
/// `KeyInfo` may hold anything or be absent. It is never looked at: a document that brings its own key proves
/// only that somebody signed it.
#[derive(Debug)]
pub struct DocumentSignature<'d> {
    document: &'d Document<'d>,
    signed_info_element: Element<'d>,
    signed_info: SignedInfo,
    value: Vec<u8>,
    /// Where each reference leads, in the order of the references.
    covered: Vec<Covered<'d>>,
}

/// What a reference leads to.
#[derive(Clone, Copy, Debug)]
struct Covered<'d> {
    covers: Covers,
    /// The element, or the document element.
    element: Element<'d>,
    /// The signature, if it stands in there and is left out.
    omitted: Option<Element<'d>>,
}

impl<'d> DocumentSignature<'d> {
    /// Reads the only `ds:Signature` of a document, wherever it stands: where there is one, none can be taken
    /// for another.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureCount`] if there is none, or several; those of [`Self::at`].
    pub fn only(document: &'d Document<'_>, limits: &SignatureLimits) -> Result<Self, Error> {
        let mut signatures = signatures_in(document);
        match (signatures.next(), signatures.count()) {
            (Some(signature), 0) => Self::at(document, signature, limits),
            (first, others) => Err(Error::SignatureCount { found: usize::from(first.is_some()) + others }),
        }
    }

    /// Reads the `ds:Signature` with the identifier `id`.
    ///
    /// # Errors
    ///
    /// [`Error::NoSignature`] if none has it; those of [`Self::at`].
    pub fn with_id(document: &'d Document<'_>, id: &str, limits: &SignatureLimits) -> Result<Self, Error> {
        match signatures_in(document).find(|signature| signature.attribute("", "Id") == Some(id)) {
            Some(signature) => Self::at(document, signature, limits),
            None => Err(Error::NoSignature { id: id.chars().take(100).collect() }),
        }
    }

    /// Reads the `ds:Signature` that stands where the caller expects it, and finds what its references lead
    /// to.
    ///
    /// Follows XML Signature 1.1 section 4: `SignedInfo`, `SignatureValue`, at most one `KeyInfo`, any number
    /// of `Object`. Whatever in `SignedInfo` is not supported is refused before anything that is merely
    /// wrong.
    ///
    /// # Errors
    ///
    /// - [`Error::AlgorithmNotAccepted`], [`Error::TransformsNotSupported`],
    ///   [`Error::ReferenceNotSupported`], [`Error::ReferenceWithoutUri`] for what is outside
    ///   [`AllowList::Documents`]. Nothing is fetched or executed.
    /// - [`Error::Xml`] if the shape is another, an identifier of the document occurs twice, or content of the document
    ///   is not in its tree.
    /// - [`Error::NoTarget`], [`Error::CoversItself`], [`Error::NotEnveloped`] for references that lead to
    ///   nothing, or to what nobody can have signed.
    /// - [`Error::LimitExceeded`], [`Error::Value`] for its values.
    /// - [`Error::SignatureCount`] if the element is of another document.
    pub fn at(
        document: &'d Document<'_>,
        element: Element<'d>,
        limits: &SignatureLimits,
    ) -> Result<Self, Error> {
        document.require_whole()?;
        if element.document_element() != document.root() {
            return Err(Error::SignatureCount { found: 0 });
        }
        let rules = Rules { allowed: AllowList::Documents, limits, str_transform: false };
        for signed_info in element.children().filter(|child| child.is(names::DS, "SignedInfo")) {
            require_supported(signed_info, &rules)?;
        }
        document.require_unique_ids()?;
        let (signed_info_element, value_element) = parts_of(element)?;
        let signed_info = SignedInfo::read(signed_info_element, &rules)?;
        let value = rules.base64(value_element, "SignatureValue", "a signature value")?;
        if signed_info.references.is_empty() {
            let parent = signed_info_element.qualified_name().into();
            return Err(ksz_xml::Error::Count { parent, child: "Reference".into(), found: 0 }.into());
        }
        let place = Place {
            root: document.root(),
            by_id: elements_by_id(document),
            signature: element,
            made_by_signing: [signed_info_element, value_element],
        };
        let references = signed_info.references.iter();
        let covered = references.map(|reference| place.covered(reference)).collect::<Result<_, _>>()?;
        Ok(Self { document, signed_info_element, signed_info, value, covered })
    }

    /// How the signature says it was made.
    #[must_use]
    pub const fn method(&self) -> SignatureMethod {
        self.signed_info.method
    }

    /// Verifies the signature value, then the digests, and hands out what was digested.
    ///
    /// Follows XML Signature 1.1 section 3.2, signature validation first: a digest is only worth computing
    /// for a `SignedInfo` that the key's owner wrote. `key` is chosen by the caller.
    ///
    /// # Errors
    ///
    /// - [`Error::AlgorithmNotForKey`] if the method is for another kind of key.
    /// - [`Error::SignatureMismatch`] if the value is not by this key over this `SignedInfo`.
    /// - [`Error::LimitExceeded`] if the canonical forms together are many times larger than the document.
    /// - [`Error::DigestMismatch`] if a part was changed.
    pub fn verify(self, key: &VerifyingKey) -> Result<VerifiedSignature, Error> {
        let method = self.signed_info.method;
        let signed_info = self.signed_info.digest_of(self.signed_info_element)?;
        key.verify_digest(method.algorithm(), &signed_info, &self.value).map_err(|error| match error {
            ksz_pki::Error::AlgorithmNotForKey { .. } => Error::AlgorithmNotForKey { uri: method.uri() },
            _ => Error::SignatureMismatch,
        })?;

        let manifests: Vec<_> = self
            .document
            .root()
            .descendants()
            .filter(|element| element.is(names::DS, "Manifest"))
            .map(Element::range)
            .collect();
        let mut allowance = Allowance::of(self.document.root());
        let mut references = Vec::with_capacity(self.covered.len());
        for (reference, covered) in self.signed_info.references.into_iter().zip(self.covered) {
            let octets = covered.octets(self.document, &reference, &mut allowance)?;
            if Digest::of(reference.digest.algorithm(), &octets) != reference.digest {
                return Err(Error::DigestMismatch { uri: reference.uri, part: covered.told() });
            }
            references.push(VerifiedReference {
                uri: reference.uri,
                namespace: covered.element.namespace().to_owned(),
                local_name: covered.element.local_name().to_owned(),
                covers: covered.covers,
                is_enveloped: covered.omitted.is_some(),
                manifests: manifests.iter().filter(|manifest| covered.holds(manifest)).count(),
                part: VerifiedPart {
                    name: covered.name(),
                    id: reference.target.id.unwrap_or_default(),
                    octets,
                },
            });
        }
        Ok(VerifiedSignature { references, method, signed_info })
    }

    /// Verifies as [`Self::verify`] does and lets libxmlsec1 judge the same signature with the same key: accepted is only
    /// what both accept.
    ///
    /// What is handed out is ours. libxmlsec1 sees no document before its shape, algorithms and references are accepted
    /// here, so there is nothing left in it that would be fetched or executed; it then reads the text itself, with
    /// libxml2, and is shown which element is the signature and what each reference leads to.
    ///
    /// It takes several times as long as the other call. libxmlsec1 reads the configuration of OpenSSL when it is first
    /// used, and writes on standard error why it refuses something. Calls may run on several threads at once.
    ///
    /// # Errors
    ///
    /// - Those of [`Self::verify`], where libxmlsec1 does not accept the signature either or is not asked.
    /// - [`Error::Disagreement`] if one of the two accepts it and the other does not.
    /// - [`Error::NoSecondOpinion`] if libxmlsec1 cannot judge what we accept, or must not be asked: it follows the
    ///   references of a `Manifest` in the signature, wherever they lead; it finds an element by one attribute of a name,
    ///   and cannot tell two apart; its versions before 1.3 do not know RSASSA-PSS.
    ///
    /// # Panics
    ///
    /// If libxmlsec1 or OpenSSL cannot be initialised in this process.
    #[cfg(feature = "xmlsec")]
    pub fn verify_with_second_opinion(self, key: &VerifyingKey) -> Result<VerifiedSignature, Error> {
        let question = self.question();
        agreed(self.verify(key), || question?.ask(key))
    }

    /// What libxmlsec1 is asked.
    #[cfg(feature = "xmlsec")]
    fn question(&self) -> Result<Question<'d>, Error> {
        let mut question = Question::new(self.document, self.signed_info_element)?;
        for (reference, covered) in self.signed_info.references.iter().zip(&self.covered) {
            if let Some(id) = &reference.target.id {
                question.add_target(covered.element, id)?;
            }
        }
        Ok(question)
    }
}

fn signatures_in<'d>(document: &'d Document<'_>) -> impl Iterator<Item = Element<'d>> {
    document.root().descendants().filter(|element| element.is(names::DS, "Signature"))
}

/// Every element that has an identifier, under whatever name; each identifier occurs once.
fn elements_by_id<'d>(document: &'d Document<'_>) -> HashMap<&'d str, Element<'d>> {
    let ids = |element: Element<'d>| {
        element.attributes().filter(Attribute::is_id).map(move |attribute| (attribute.value(), element))
    };
    document.root().descendants().flat_map(ids).collect()
}

/// `SignedInfo` and `SignatureValue` of a signature whose shape is accepted.
fn parts_of(signature: Element<'_>) -> Result<(Element<'_>, Element<'_>), Error> {
    let refused =
        || unexpected(signature, "not exactly SignedInfo, SignatureValue, KeyInfo and Object, in this order");
    if !signature.is(names::DS, "Signature") {
        return Err(refused());
    }
    if signature.attributes().any(|attribute| attribute.qualified_name() != "Id") {
        return Err(unexpected(signature, "an attribute"));
    }
    let children = signature.only_children()?;
    let [signed_info, value, rest @ ..] = children.as_slice() else {
        return Err(refused());
    };
    let objects = match rest {
        [key_info, objects @ ..] if key_info.is(names::DS, "KeyInfo") => objects,
        objects => objects,
    };
    let in_order = signed_info.is(names::DS, "SignedInfo")
        && value.is(names::DS, "SignatureValue")
        && objects.iter().all(|object| object.is(names::DS, "Object"));
    if in_order { Ok((*signed_info, *value)) } else { Err(refused()) }
}

/// Where a signature stands, and what of it is only made by signing.
struct Place<'d> {
    root: Element<'d>,
    by_id: HashMap<&'d str, Element<'d>>,
    signature: Element<'d>,
    made_by_signing: [Element<'d>; 2],
}

impl<'d> Place<'d> {
    /// What a reference of the signature leads to.
    ///
    /// What would leave nothing to be digested, or hold its own digest, was not signed by anybody.
    fn covered(&self, reference: &Reference) -> Result<Covered<'d>, Error> {
        let shown = || reference.uri.chars().take(200).collect();
        let (covers, element) = match &reference.target.id {
            None => (Covers::Document, self.root),
            Some(id) => {
                let found = self.by_id.get(id.as_str()).copied();
                (Covers::Element, found.ok_or_else(|| Error::NoTarget { uri: shown() })?)
            }
        };
        let is_around = element != self.signature && holds(&element.range(), &self.signature.range());
        match (reference.chain.nodes == Nodes::Enveloped, is_around) {
            (true, true) => Ok(Covered { covers, element, omitted: Some(self.signature) }),
            (true, false) => Err(Error::NotEnveloped { uri: shown() }),
            (false, _) => {
                let made = |part: &Element<'_>| {
                    holds(&element.range(), &part.range()) || holds(&part.range(), &element.range())
                };
                if self.made_by_signing.iter().any(made) {
                    return Err(Error::CoversItself { uri: shown() });
                }
                Ok(Covered { covers, element, omitted: None })
            }
        }
    }
}

impl Covered<'_> {
    fn octets(
        &self,
        document: &Document<'_>,
        reference: &Reference,
        allowance: &mut Allowance,
    ) -> Result<Vec<u8>, Error> {
        let method = reference.canonicalization();
        allowance.take(self.element.range().len(), |buffer| match (self.covers, self.omitted) {
            (Covers::Document, None) => method.canonicalize_document(document, buffer),
            (Covers::Document, Some(signature)) => {
                method.canonicalize_document_without(document, signature, buffer)
            }
            (Covers::Element, None) => method.canonicalize(self.element, buffer),
            (Covers::Element, Some(signature)) => {
                method.canonicalize_without(self.element, signature, buffer)
            }
        })
    }

    /// Whether an element at this place is covered.
    fn holds(&self, place: &Range<usize>) -> bool {
        holds(&self.element.range(), place)
            && self.omitted.is_none_or(|signature| !holds(&signature.range(), place))
    }

    const fn name(&self) -> &'static str {
        match self.covers {
            Covers::Document => "document",
            Covers::Element => "element",
        }
    }

    const fn told(&self) -> &'static str {
        match self.covers {
            Covers::Document => "the document",
            Covers::Element => "the element",
        }
    }
}

/// Whether one place holds the other, or is it.
fn holds(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
