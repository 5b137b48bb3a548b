//! Keys, a document, and genuine signatures over anything at all.

use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::pki::{Digest, Identity, VerifyingKey};
use ksz::xml::{Document, Limits};
use ksz::xmldsig::{
    CanonicalizationMethod, DigestMethod, DocumentSignature, DocumentSigner, Error, PrefixList,
    SignatureLimits, SignatureMethod, VerifiedSignature, names,
};
use ksz_tests::backend;
use ksz_tests::keys::Authority;
use std::sync::LazyLock;

/// Who signs.
pub(crate) struct World {
    pub(crate) rsa: Identity,
    pub(crate) ec: Identity,
}

pub(crate) static WORLD: LazyLock<World> = LazyLock::new(|| {
    let authority = Authority::new("Example Root").with_backend(backend!());
    World { rsa: authority.rsa("one"), ec: authority.ec("two") }
});

impl World {
    /// The identity whose key is for a method.
    pub(crate) fn signer(&self, method: SignatureMethod) -> &Identity {
        let is_rsa = method.algorithm().is_for(self.rsa.key().algorithm());
        if is_rsa { &self.rsa } else { &self.ec }
    }
}

pub(crate) const ORDER: &str = "<?before?><!-- outside --><o:order xmlns:o=\"urn:order\" xmlns=\"urn:d\" \
    xmlns:unused=\"urn:u\" \
    xml:lang=\"nl\" xml:base=\"http://example.org/a/\"><line Id='line-1' o:count='2'>caf\u{e9} &lt; bar<!-- inside --></line>\
    <line xml:id=\"line-2\" xml:space=\"preserve\"> two </line><empty AssertionID='line-3'/></o:order><?after?>";

/// Signers that differ in one thing each: the method, the digest, or the canonicalization.
pub(crate) fn signers() -> Vec<(SignatureMethod, DocumentSigner)> {
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256);
    let canonicalizations = [
        CanonicalizationMethod::exclusive(PrefixList::parse("o ec ds #default unused")),
        CanonicalizationMethod::inclusive(),
        CanonicalizationMethod::inclusive_11(),
    ];
    let canonicalizations = canonicalizations.into_iter().flat_map(|one| [one.clone(), one.with_comments()]);
    let mut signers: Vec<_> =
        SignatureMethod::ALL.into_iter().map(|method| (method, DocumentSigner::new(method))).collect();
    signers.extend(
        DigestMethod::ALL
            .into_iter()
            .map(|digest| signer.clone().with_digest(digest))
            .chain(canonicalizations.map(|method| signer.clone().with_canonicalization(method)))
            .map(|signer| (SignatureMethod::EcdsaSha256, signer)),
    );
    signers
}

pub(crate) fn signed_order() -> String {
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256);
    signer.sign_enveloped(&parse(ORDER), WORLD.ec.key()).unwrap()
}

pub(crate) fn parse(input: &str) -> Document<'_> {
    Document::parse_with_instructions(input.as_bytes(), &Limits::default()).unwrap()
}

pub(crate) fn key(identity: &Identity) -> VerifyingKey {
    identity.certificate().public_key(backend!()).unwrap().into()
}

pub(crate) fn verify_by(identity: &Identity, document: &str) -> Result<VerifiedSignature, Error> {
    let document = Document::parse_with_instructions(document.as_bytes(), &Limits::default())?;
    DocumentSignature::only(&document, &SignatureLimits::documents())?.verify(&key(identity))
}

pub(crate) const DIGEST_OF_NOTHING: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/// A `Reference` in canonical form.
pub(crate) fn reference(uri: &str, transforms: &[&str], digest: &str) -> String {
    let transforms: String = transforms
        .iter()
        .map(|transform| format!("<ds:Transform Algorithm=\"{transform}\"></ds:Transform>"))
        .collect();
    let transforms = if transforms.is_empty() {
        transforms
    } else {
        format!("<ds:Transforms>{transforms}</ds:Transforms>")
    };
    format!(
        "<ds:Reference URI=\"{uri}\">{transforms}<ds:DigestMethod Algorithm=\"{}\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>",
        names::SHA256
    )
}

pub(crate) fn signed_info(method: &str, references: &str) -> String {
    format!(
        "<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{}\"></ds:CanonicalizationMethod>{method}{references}\
         </ds:SignedInfo>",
        names::EXCLUSIVE_C14N
    )
}

pub(crate) fn canonical(signed_info: &str) -> String {
    signed_info.replacen("<ds:SignedInfo", &format!("<ds:SignedInfo xmlns:ds=\"{}\"", names::DS), 1)
}

/// A genuine signature over any references at all.
pub(crate) fn signature_over(references: &str) -> String {
    let method = format!("<ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod>", names::ECDSA_SHA256);
    let info = signed_info(&method, references);
    let value = WORLD.ec.key().sign_digest(&Digest::sha256(canonical(&info).as_bytes())).unwrap();
    signature(&info, &value)
}

pub(crate) fn signature(signed_info: &str, value: &[u8]) -> String {
    format!(
        "<ds:Signature xmlns:ds=\"{}\" Id=\"sig\">{signed_info}<ds:SignatureValue>{}</ds:SignatureValue></ds:Signature>",
        names::DS,
        STANDARD.encode(value)
    )
}

pub(crate) fn with_object(signature: &str, content: &str) -> String {
    signature.replace("</ds:Signature>", &format!("<ds:Object>{content}</ds:Object></ds:Signature>"))
}

pub(crate) fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).unwrap()
}
