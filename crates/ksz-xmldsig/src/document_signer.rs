use crate::algorithm::{DigestMethod, SignatureMethod};
use crate::c14n::{CanonicalizationMethod, PrefixList};
use crate::key_info::KeyInfo;
use crate::reference::Reference;
use crate::sign::write_signature;
use crate::signed_info::SignedInfo;
use crate::target::is_identifier;
use crate::transforms::{Chain, Nodes};
#[cfg(feature = "xmlsec")]
use crate::{DocumentSignature, SignatureLimits};
use crate::{Error, names};
#[cfg(feature = "xmlsec")]
use ksz_pki::VerifyingKey;
use ksz_pki::{Digest, Hasher, SigningKey};
use ksz_xml::{Document, Element, Limits};

/// Signs documents that are no messages: the whole, an element, or several.
///
/// The octets of the document stay as they are; the signature is written in canonical form and put between
/// them. RSA PKCS#1 gives the same octets each time.
///
/// ```
/// # #[cfg(feature = "aws-lc")] {
/// # use ksz_pki::{Backend, SigningKey, VerifyingKey};
/// # let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
/// # let (pem, public_pem) = (pair.serialize_pem(), pair.public_key_pem());
/// use ksz_xml::{Document, Limits};
/// use ksz_xmldsig::{DocumentSignature, DocumentSigner, SignatureLimits, SignatureMethod};
///
/// let key = SigningKey::from_pem(pem.as_bytes(), Backend::default())?;
/// let order = Document::parse(b"<order><line count='2'/></order>", &Limits::default())?;
/// let signed = DocumentSigner::new(SignatureMethod::EcdsaSha256).sign_enveloped(&order, &key)?;
///
/// let received = Document::parse(signed.as_bytes(), &Limits::default())?;
/// let key = VerifyingKey::from_pem(public_pem.as_bytes(), Backend::default())?;
/// let verified = DocumentSignature::only(&received, &SignatureLimits::documents())?.verify(&key)?;
/// assert_eq!(verified.references()[0].part().octets(), b"<order><line count=\"2\"></line></order>");
/// # }
/// # Ok::<(), ksz_xmldsig::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct DocumentSigner {
    method: SignatureMethod,
    canonicalization: CanonicalizationMethod,
    digest: DigestMethod,
    id: Option<String>,
    key_info: Option<KeyInfo>,
    /// With which this library and libxmlsec1 verify what was signed.
    #[cfg(feature = "xmlsec")]
    confirming: Option<VerifyingKey>,
}

impl DocumentSigner {
    /// A signer by this method, with exclusive canonicalization, digests by the same hash function, no
    /// identifier and no `KeyInfo`.
    #[must_use]
    pub const fn new(method: SignatureMethod) -> Self {
        let digest = DigestMethod::of(method.algorithm().digest());
        let canonicalization = CanonicalizationMethod::exclusive(PrefixList::NONE);
        Self {
            method,
            canonicalization,
            digest,
            id: None,
            key_info: None,
            #[cfg(feature = "xmlsec")]
            confirming: None,
        }
    }

    /// Canonicalizes the references and `SignedInfo` in another way.
    ///
    /// The references of a signer here have no comments in what they lead to, so a method with comments
    /// writes none.
    #[must_use]
    pub fn with_canonicalization(mut self, method: CanonicalizationMethod) -> Self {
        self.canonicalization = method;
        self
    }

    /// Digests the references in another way.
    #[must_use]
    pub const fn with_digest(mut self, method: DigestMethod) -> Self {
        self.digest = method;
        self
    }

    /// Gives the `Signature` an `Id`.
    #[must_use]
    pub fn with_id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Says which key signs.
    #[must_use]
    pub fn with_key_info(mut self, key_info: KeyInfo) -> Self {
        self.key_info = Some(key_info);
        self
    }

    /// Hands out only what both this library and libxmlsec1 verify with `key`, the public half of the key that signs.
    ///
    /// See [`DocumentSignature::verify_with_second_opinion`](crate::DocumentSignature::verify_with_second_opinion), whose
    /// errors are added to those of the calls that sign.
    #[cfg(feature = "xmlsec")]
    #[must_use]
    pub fn with_second_opinion(mut self, key: VerifyingKey) -> Self {
        self.confirming = Some(key);
        self
    }

    /// Signs a whole document: the signature becomes the last child of the document element.
    ///
    /// # Errors
    ///
    /// - [`Error::Xml`] if an identifier occurs twice, that of the signature included.
    /// - [`Error::IdNotAllowed`] if that is no identifier.
    /// - [`Error::Key`] if the key cannot sign by this method.
    pub fn sign_enveloped(&self, document: &Document<'_>, key: &SigningKey) -> Result<String, Error> {
        let mut hash = Hasher::new(self.digest.algorithm());
        self.without_comments().canonicalize_document(document, &mut hash)?;
        let reference = Reference::to(None, self.chain(true), hash.finish());
        self.sign_in(document, document.root(), vec![reference], key)
    }

    /// Signs one element of a document: the signature becomes its last child.
    ///
    /// # Errors
    ///
    /// Those of [`Self::sign_enveloped`]; [`Error::NoId`] if nothing identifies the element.
    pub fn sign_enveloped_in(
        &self,
        document: &Document<'_>,
        element: Element<'_>,
        key: &SigningKey,
    ) -> Result<String, Error> {
        let reference = self.reference_to(element, true)?;
        self.sign_in(document, element, vec![reference], key)
    }

    /// Signs elements of a document: the signature becomes the last child of the document element.
    ///
    /// # Errors
    ///
    /// Those of [`Self::sign_enveloped_in`]; [`Error::CoversItself`] for the document element, in which the
    /// signature will stand.
    pub fn sign_detached(
        &self,
        document: &Document<'_>,
        elements: &[Element<'_>],
        key: &SigningKey,
    ) -> Result<String, Error> {
        let references = elements.iter().map(|element| {
            let reference = self.reference_to(*element, false)?;
            if *element == document.root() {
                Err(Error::CoversItself { uri: reference.uri })
            } else {
                Ok(reference)
            }
        });
        let references = references.collect::<Result<_, _>>()?;
        self.sign_in(document, document.root(), references, key)
    }

    /// Signs the document element of a document inside an `Object` with the identifier `object_id`. What is
    /// written is a document of its own: the `Signature`. Comments and processing instructions outside the
    /// element are left behind.
    ///
    /// # Errors
    ///
    /// Those of [`Self::sign_enveloped`].
    pub fn sign_enveloping(
        &self,
        document: &Document<'_>,
        object_id: &str,
        key: &SigningKey,
    ) -> Result<String, Error> {
        require_name(object_id)?;
        let content = document.root().source();
        let tag =
            |declaration: &str| format!("<ds:Object{declaration} Id=\"{object_id}\">{content}</ds:Object>");
        // What is declared around an element changes its canonical form, so it is read again where it will
        // stand.
        let object = tag(&format!(" xmlns:ds=\"{}\"", names::DS));
        let object = Document::parse_with_instructions(object.as_bytes(), &Limits::widest())?;
        self.require_free_id(&object)?;
        let reference = self.reference_to(object.root(), false)?;
        let signed = self.signature(vec![reference], None, &tag(""), key)?;
        #[cfg(feature = "xmlsec")]
        self.confirm(&signed, None)?;
        Ok(signed)
    }

    /// The document with the signature as the last child of `parent`.
    fn sign_in(
        &self,
        document: &Document<'_>,
        parent: Element<'_>,
        references: Vec<Reference>,
        key: &SigningKey,
    ) -> Result<String, Error> {
        self.require_free_id(document)?;
        let signature = self.signature(references, Some(parent), "", key)?;
        let signed = with_last_child(document.text(), parent, &signature);
        #[cfg(feature = "xmlsec")]
        self.confirm(&signed, Some(parent))?;
        Ok(signed)
    }

    /// Lets both implementations verify what was signed, where that is asked for; `around` is the element that the
    /// signature became the last child of.
    #[cfg(feature = "xmlsec")]
    fn confirm(&self, signed: &str, around: Option<Element<'_>>) -> Result<(), Error> {
        let Some(key) = &self.confirming else { return Ok(()) };
        let document = Document::parse_with_instructions(signed.as_bytes(), &Limits::widest())?;
        // In front of the signature nothing has moved.
        let is_around =
            |element: &Element<'_>| Some(element.range().start) == around.map(|it| it.range().start);
        let signature = match document.root().descendants().find(is_around) {
            Some(around) => around.children().last().unwrap_or(around),
            None => document.root(),
        };
        let references = usize::MAX;
        let limits = SignatureLimits { references, ..SignatureLimits::documents() };
        DocumentSignature::at(&document, signature, &limits)?.verify_with_second_opinion(key).map(drop)
    }

    /// The `Signature` that will stand in `around`, or be a document of its own.
    fn signature(
        &self,
        references: Vec<Reference>,
        around: Option<Element<'_>>,
        object: &str,
        key: &SigningKey,
    ) -> Result<String, Error> {
        let canonicalization = self.canonicalization.clone();
        let written = SignedInfo { canonicalization, method: self.method, references }.written();
        let canonical = self.canonicalization.canonical(&written, around)?;
        let algorithm = self.method.algorithm();
        let value = key.sign_digest_with(algorithm, &Digest::of(algorithm.digest(), canonical.as_bytes()))?;
        let key_info = self.key_info.as_ref().map_or("", KeyInfo::as_xml);
        Ok(write_signature(self.id.as_deref(), &written.embedded(), &value, key_info, object))
    }

    fn reference_to(&self, element: Element<'_>, enveloped: bool) -> Result<Reference, Error> {
        let ids = element.attributes().filter(|attribute| attribute.is_id());
        let id = ids.map(|attribute| attribute.value()).find(|id| is_identifier(id));
        let id = id.ok_or_else(|| Error::NoId { element: element.qualified_name().into() })?;
        let digest = self.without_comments().digest_by(self.digest.algorithm(), element)?;
        Ok(Reference::to(Some(id), self.chain(enveloped), digest))
    }

    fn chain(&self, enveloped: bool) -> Chain {
        let nodes = if enveloped { Nodes::Enveloped } else { Nodes::Target };
        Chain { nodes, canonicalization: Some(self.canonicalization.clone()) }
    }

    fn without_comments(&self) -> CanonicalizationMethod {
        self.canonicalization.clone().without_comments()
    }

    /// Refuses a document in which a reference could lead to two elements.
    fn require_free_id(&self, document: &Document<'_>) -> Result<(), Error> {
        document.require_unique_ids()?;
        let Some(id) = &self.id else { return Ok(()) };
        require_name(id)?;
        match document.elements_by_id(id).next() {
            Some(_) => Err(ksz_xml::Error::RepeatedId { value: id.clone() }.into()),
            None => Ok(()),
        }
    }
}

fn require_name(id: &str) -> Result<(), Error> {
    if ksz_xml::is_ncname(id) {
        Ok(())
    } else {
        Err(Error::IdNotAllowed { id: id.chars().take(100).collect() })
    }
}

/// The text of a document with `child` as the last child of one of its elements.
fn with_last_child(text: &str, parent: Element<'_>, child: &str) -> String {
    match parent.content_range() {
        Some(content) => [&text[..content.end], child, &text[content.end..]].concat(),
        None => {
            let end = parent.range().end;
            [&text[..end - "/>".len()], ">", child, "</", parent.qualified_name(), ">", &text[end..]].concat()
        }
    }
}
