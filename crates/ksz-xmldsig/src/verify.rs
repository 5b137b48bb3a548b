use crate::algorithm::SignatureMethod;
use crate::allow_list::AllowList;
use crate::allowance::Allowance;
use crate::reading::{Rules, unexpected};
use crate::reference::Reference;
use crate::signed_info::SignedInfo;
use crate::transforms::Nodes;
use crate::verified::{Verified, VerifiedPart};
use crate::{Error, Expand, SignatureLimits, names};
use ksz_pki::{Curve, Digest, DigestAlgorithm, Hasher, PublicKey};
use ksz_xml::{Document, Element};

/// An element that must be signed, found by its fixed path.
#[derive(Clone, Copy, Debug)]
pub struct Part<'d> {
    pub(crate) name: &'static str,
    pub(crate) element: Element<'d>,
    pub(crate) id: (&'static str, &'static str),
    pub(crate) omitted: Option<Element<'d>>,
    /// The `SecurityTokenReference` that may be referred to in its place.
    pub(crate) named_by: Option<Element<'d>>,
}

impl<'d> Part<'d> {
    /// An element whose identifier is the attribute of this namespace (empty for none) and name.
    ///
    /// `name` says in errors what the part is.
    #[must_use]
    pub const fn new(
        name: &'static str,
        element: Element<'d>,
        id_namespace: &'static str,
        id_name: &'static str,
    ) -> Self {
        Self { name, element, id: (id_namespace, id_name), omitted: None, named_by: None }
    }

    /// The same element, signed by a signature that it holds itself.
    #[must_use]
    pub const fn with_enveloped_signature(mut self, signature: Element<'d>) -> Self {
        self.omitted = Some(signature);
        self
    }

    /// The same element, a token, which may also be signed through the `wsse:SecurityTokenReference` that leads to it and
    /// the STR-Transform. The caller has seen that it leads there; its identifier is an attribute of the same name.
    #[must_use]
    pub const fn with_token_reference(mut self, reference: Element<'d>) -> Self {
        self.named_by = Some(reference);
        self
    }

    /// Which of its nodes are signed by a reference to this URI, if it leads here.
    fn nodes(&self, uri: &str) -> Option<Nodes> {
        let id = uri.strip_prefix('#')?;
        let has_id = |element: Element<'_>| element.attribute(self.id.0, self.id.1) == Some(id);
        if has_id(self.element) {
            Some(if self.omitted.is_some() { Nodes::Enveloped } else { Nodes::Target })
        } else {
            self.named_by.filter(|reference| has_id(*reference)).map(|_| Nodes::Token)
        }
    }
}

/// A `Signature` whose shape and algorithms are accepted, and nothing more.
///
/// Verification goes in the order of [`read`](Self::read), [`bind`](Self::bind), [`BoundSignature::verify`], so
/// that nothing is computed for a message that can be refused by looking at it.
#[derive(Debug)]
pub struct UnverifiedSignature<'d> {
    signed_info_element: Element<'d>,
    signed_info: SignedInfo,
    signature_value: Vec<u8>,
    key_info: Element<'d>,
}

impl<'d> UnverifiedSignature<'d> {
    /// Reads the `ds:Signature` element that stands where the caller expects it.
    ///
    /// Follows XML Signature 1.1 section 4, narrowed: exactly `SignedInfo`, `SignatureValue` and `KeyInfo`.
    ///
    /// # Errors
    ///
    /// - [`Error::Xml`] if the shape is another, or an identifier of the document occurs twice.
    /// - [`Error::NoKeyInfo`] if nothing says which key the signer means.
    /// - [`Error::ReferenceTarget`] for a reference that is no `#id`.
    /// - [`Error::AlgorithmNotAccepted`], [`Error::Transforms`] for what is outside the closed lists.
    /// - [`Error::LimitExceeded`], [`Error::Value`] for its values.
    pub fn read(
        document: &Document<'_>,
        element: Element<'d>,
        limits: &SignatureLimits,
    ) -> Result<Self, Error> {
        Self::read_by(document, element, Rules { allowed: AllowList::Messages, limits, str_transform: false })
    }

    /// Reads it like [`Self::read`], where a reference may have the STR-Transform alone, with exclusive canonicalization as
    /// its parameter (WS-Security: SOAP Message Security 1.1 section 8.3).
    ///
    /// [`Self::bind`] refuses it all the same, but on the `SecurityTokenReference` of a part that was made
    /// [`with_token_reference`](Part::with_token_reference).
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`].
    pub fn read_with_str_transform(
        document: &Document<'_>,
        element: Element<'d>,
        limits: &SignatureLimits,
    ) -> Result<Self, Error> {
        Self::read_by(document, element, Rules { allowed: AllowList::Messages, limits, str_transform: true })
    }

    fn read_by(document: &Document<'_>, element: Element<'d>, rules: Rules<'_>) -> Result<Self, Error> {
        document.require_unique_ids()?;
        if element.attributes().any(|attribute| attribute.qualified_name() != "Id") {
            return Err(unexpected(element, "an attribute"));
        }
        let children = element.only_children()?;
        if !children.iter().any(|child| child.is(names::DS, "KeyInfo")) {
            return Err(Error::NoKeyInfo);
        }
        let &[signed_info_element, value, key_info] = children.as_slice() else {
            return Err(unexpected(element, "not exactly SignedInfo, SignatureValue and KeyInfo"));
        };
        let in_order = element.is(names::DS, "Signature")
            && signed_info_element.is(names::DS, "SignedInfo")
            && value.is(names::DS, "SignatureValue")
            && key_info.is(names::DS, "KeyInfo");
        if !in_order {
            return Err(unexpected(element, "not exactly SignedInfo, SignatureValue and KeyInfo"));
        }
        let signed_info = SignedInfo::read(signed_info_element, &rules)?;
        let signature_value = rules.base64(value, "SignatureValue", "a signature value")?;
        Ok(Self { signed_info_element, signed_info, signature_value, key_info })
    }

    /// The `KeyInfo`. It says which key the signer means, never which one to believe.
    #[must_use]
    pub const fn key_info(&self) -> Element<'d> {
        self.key_info
    }

    /// Whether a reference leads to this identifier.
    #[must_use]
    pub fn refers_to(&self, id: &str) -> bool {
        self.signed_info.references.iter().any(|reference| reference.uri.strip_prefix('#') == Some(id))
    }

    /// Binds the references to the parts that must be signed: all of them, each once, and nothing else.
    ///
    /// A reference must be `#` and the value of the part's own identifier attribute; the element is the one the
    /// caller found by its fixed path, whatever else carries that value under another name. The same holds for a
    /// [token reference](Part::with_token_reference).
    ///
    /// # Errors
    ///
    /// - [`Error::NotCovered`] if a part has no identifier or no reference.
    /// - [`Error::Moved`] if another element of its name has the reference.
    /// - [`Error::ReferenceTarget`], [`Error::RepeatedReference`] for references beyond the parts.
    /// - [`Error::Transforms`] if an enveloped signature transform or STR-Transform stands where none belongs, or lacks.
    pub fn bind(self, parts: &[Part<'d>]) -> Result<BoundSignature<'d>, Error> {
        let mut references = self.signed_info.references.clone();
        let mut bound = Vec::with_capacity(parts.len());
        for part in parts {
            let leads_here = |reference: &Reference| part.nodes(&reference.uri).is_some();
            let Some(index) = references.iter().position(leads_here) else {
                return Err(if references.iter().any(|reference| is_moved(part, reference)) {
                    Error::Moved { part: part.name }
                } else {
                    Error::NotCovered { part: part.name }
                });
            };
            let reference = references.remove(index);
            if references.iter().any(leads_here) {
                return Err(Error::RepeatedReference { uri: reference.uri });
            }
            let nodes = part.nodes(&reference.uri);
            if nodes != Some(reference.chain.nodes) {
                let expected = match nodes {
                    Some(Nodes::Enveloped) => "an enveloped signature and exclusive canonicalization",
                    Some(Nodes::Token) => "the STR-Transform alone",
                    Some(Nodes::Target) | None => "exclusive canonicalization alone",
                };
                return Err(Error::Transforms { uri: reference.uri, expected });
            }
            bound.push((*part, reference));
        }
        match references.into_iter().next() {
            Some(beyond) => Err(Error::ReferenceTarget { uri: beyond.uri.chars().take(200).collect() }),
            None => Ok(BoundSignature { signature: self, bound }),
        }
    }
}

/// Whether a reference leads to another element of the part's name: the signed one was moved, and another put in place.
fn is_moved(part: &Part<'_>, reference: &Reference) -> bool {
    let id = reference.uri.strip_prefix('#').unwrap_or_default();
    part.element.document_element().descendants().any(|element| {
        element != part.element
            && element.is(part.element.namespace(), part.element.local_name())
            && element.attributes().any(|attribute| attribute.is_id() && attribute.value() == id)
    })
}

/// A signature whose references are exactly the expected parts, and whose value is not checked.
#[derive(Debug)]
pub struct BoundSignature<'d> {
    signature: UnverifiedSignature<'d>,
    bound: Vec<(Part<'d>, Reference)>,
}

impl BoundSignature<'_> {
    /// The digest of the canonical `SignedInfo`.
    fn signed_info_digest(&self) -> Result<Digest, ksz_xml::Error> {
        self.signature.signed_info.digest_of(self.signature.signed_info_element)
    }

    /// Whether the value is one that some key could have made with the stated method: of the length of an RSA modulus,
    /// or r and s of P-256 in their range. A value that is not was no signer's.
    #[must_use]
    pub fn has_possible_value(&self) -> bool {
        let value = &self.signature.signature_value;
        match self.signature.signed_info.method {
            SignatureMethod::RsaSha256
            | SignatureMethod::RsaSha384
            | SignatureMethod::RsaSha512
            | SignatureMethod::RsaPssSha256 => (256..=512).contains(&value.len()),
            SignatureMethod::EcdsaSha256 | SignatureMethod::EcdsaSha384 | SignatureMethod::EcdsaSha512 => {
                Curve::P256.is_possible_value(value)
            }
        }
    }

    /// Verifies the signature value, then the digests, and hands out what was digested.
    ///
    /// Follows XML Signature 1.1 section 3.2, signature validation first: a digest is only worth computing for a
    /// `SignedInfo` that the key's owner wrote.
    ///
    /// `key` is chosen by the caller and never read from `KeyInfo`: a document that brings its own key proves only
    /// that somebody signed it.
    ///
    /// # Errors
    ///
    /// - [`Error::AlgorithmNotForKey`] if the method is for another kind of key.
    /// - [`Error::SignatureMismatch`] if the value is not by this key over this `SignedInfo`.
    /// - [`Error::LimitExceeded`] if a part's canonical form is many times larger than the document.
    /// - [`Error::DigestMismatch`] if a part was changed.
    pub fn verify(self, key: &PublicKey) -> Result<Verified, Error> {
        self.verify_parts(key, None)
    }

    /// Verifies like [`Self::verify`], where some elements stand for octets and the base64 of these was digested. What is
    /// handed out has the elements in their places.
    ///
    /// # Errors
    ///
    /// Those of [`Self::verify`], and:
    ///
    /// - [`Error::NotExpanded`] if the signer digested the elements instead.
    /// - [`Error::OctetsUnreadable`].
    pub fn verify_expanding(self, key: &PublicKey, expand: &mut dyn Expand) -> Result<Verified, Error> {
        self.verify_parts(key, Some(expand))
    }

    fn verify_parts(self, key: &PublicKey, mut expand: Option<&mut dyn Expand>) -> Result<Verified, Error> {
        let method = self.signature.signed_info.method;
        if method != SignatureMethod::of_key(key.algorithm()) {
            return Err(Error::AlgorithmNotForKey { uri: method.uri() });
        }
        let signed_info = self.signed_info_digest()?;
        key.verify_digest(&signed_info, &self.signature.signature_value)
            .map_err(|_| Error::SignatureMismatch)?;

        let document = self.signature.signed_info_element.document_element();
        let mut parts = Vec::with_capacity(self.bound.len());
        for (part, reference) in self.bound {
            let method = reference.canonicalization();
            let expected = part.element.range().len();
            let mut octets = Allowance::of(document).take(expected, |buffer| match part.omitted {
                Some(signature) => method.canonicalize_without(part.element, signature, buffer),
                None => method.canonicalize(part.element, buffer),
            })?;
            if reference.chain.nodes == Nodes::Token {
                undeclare_default_namespace(part.element, &mut octets);
            }
            let as_sent = Digest::sha256(&octets);
            let digest = match &mut expand {
                Some(expand) if reference.chain.nodes == Nodes::Target => {
                    let mut hash = Hasher::new(DigestAlgorithm::Sha256);
                    method.canonicalize_expanding(part.element, &mut **expand, &mut hash)?;
                    hash.finish()
                }
                _ => as_sent,
            };
            if digest != reference.digest {
                return Err(if as_sent == reference.digest {
                    Error::NotExpanded { part: part.name }
                } else {
                    Error::DigestMismatch { uri: reference.uri, part: part.name }
                });
            }
            parts.push(VerifiedPart { name: part.name, id: reference.uri[1..].to_owned(), octets });
        }
        Ok(Verified { parts, signed_info })
    }
}

/// Writes `xmlns=""` on the first tag of a token's canonical octets where no default namespace is in force there: the
/// STR-Transform says so of what it takes out of its place, whatever is around (WS-Security: SOAP Message Security 1.1
/// section 8.3).
fn undeclare_default_namespace(token: Element<'_>, octets: &mut Vec<u8>) {
    if !token.namespaces().any(|(prefix, uri)| prefix.is_empty() && !uri.is_empty()) {
        let behind_name = "<".len() + token.qualified_name().len();
        octets.splice(behind_name..behind_name, *b" xmlns=\"\"");
    }
}
