use crate::algorithm::SignatureMethod;
use crate::c14n::PrefixList;
use crate::reference::Reference;
use crate::signed_info::SignedInfo;
use crate::{Error, names};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_pki::{DigestAlgorithm, SigningKey};
use ksz_xml::escape_attribute;

/// A signature to be made: references whose digests are known, in a place whose namespaces are known.
///
/// The element is written in canonical form and never parsed again. RSA gives the same octets each time.
///
/// ```
/// # #[cfg(feature = "aws-lc")] {
/// # use ksz_pki::{Backend, Digest, SigningKey};
/// # let pem = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem();
/// use ksz_xmldsig::{Reference, Signature, Transforms};
///
/// let key = SigningKey::from_pem(pem.as_bytes(), Backend::default())?;
/// let octets = r#"<a Id="a-1">text</a>"#;
/// let reference = Reference::new("a-1", Transforms::Exclusive, None, Digest::sha256(octets.as_bytes()));
/// let element = Signature::new(vec![reference]).sign(&key)?;
/// assert!(element.starts_with("<ds:Signature xmlns:ds="));
/// # }
/// # Ok::<(), ksz_xmldsig::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signature<'a> {
    references: Vec<Reference>,
    id: Option<&'a str>,
    prefixes: Option<PrefixList>,
    scope: &'a [(&'a str, &'a str)],
    key_info: &'a str,
}

impl<'a> Signature<'a> {
    /// A signature over `references`, without identifier, `PrefixList` and `KeyInfo`.
    #[must_use]
    pub const fn new(references: Vec<Reference>) -> Self {
        Self { references, id: None, prefixes: None, scope: &[], key_info: "" }
    }

    /// Gives the element an `Id`.
    #[must_use]
    pub const fn with_id(mut self, id: &'a str) -> Self {
        self.id = Some(id);
        self
    }

    /// Puts an `InclusiveNamespaces` on the canonicalization method. `scope` holds prefix (empty for the
    /// default) and name of the namespaces in force where the element will stand, innermost last.
    #[must_use]
    pub fn with_prefixes(mut self, prefixes: PrefixList, scope: &'a [(&'a str, &'a str)]) -> Self {
        self.prefixes = Some(prefixes);
        self.scope = scope;
        self
    }

    /// Puts an element in place of `KeyInfo`: a whole `ds:KeyInfo`, as XML.
    #[must_use]
    pub const fn with_key_info(mut self, key_info: &'a str) -> Self {
        self.key_info = key_info;
        self
    }

    /// Signs and writes the `ds:Signature` element.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] if the key cannot sign, or a reference's digest is not by SHA-256.
    pub fn sign(self, key: &SigningKey) -> Result<String, Error> {
        self.references.iter().try_for_each(|reference| reference.digest.require(DigestAlgorithm::Sha256))?;
        let method = SignatureMethod::of_key(key.algorithm());
        let prefixes = self.prefixes.unwrap_or_default();
        let written = SignedInfo::of_message(method, prefixes.clone(), self.references).written();
        let value = key.sign_digest(&written.digest(&prefixes, self.scope))?;
        Ok(write_signature(self.id, &written.embedded(), &value, self.key_info, ""))
    }
}

/// Writes a `ds:Signature` in canonical form; `key_info` and `object` are elements as XML, or nothing.
pub(crate) fn write_signature(
    id: Option<&str>,
    signed_info: &str,
    value: &[u8],
    key_info: &str,
    object: &str,
) -> String {
    let mut identifier = String::new();
    if let Some(id) = id {
        identifier += " Id=\"";
        escape_attribute(id, &mut |piece| identifier += piece);
        identifier += "\"";
    }
    let value = STANDARD.encode(value);
    [
        "<ds:Signature xmlns:ds=\"",
        names::DS,
        "\"",
        &identifier,
        ">",
        signed_info,
        "<ds:SignatureValue>",
        &value,
        "</ds:SignatureValue>",
        key_info,
        object,
        "</ds:Signature>",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Transforms;
    use ksz_pki::{Digest, DigestSigner, KeyAlgorithm, SignatureAlgorithm};
    use std::sync::Arc;

    #[test]
    fn a_reference_is_digested_with_sha_256_and_nothing_else() {
        let sign = |algorithm| {
            let digest = Digest::of(algorithm, b"octets");
            let reference = Reference::new("a", Transforms::Exclusive, None, digest);
            Signature::new(vec![reference]).sign(&SigningKey::from_signer(Arc::new(Card)))
        };
        assert!(sign(DigestAlgorithm::Sha256).is_ok());
        let (expected, found) = (DigestAlgorithm::Sha256, DigestAlgorithm::Sha384);
        assert_eq!(sign(found), Err(Error::Key(ksz_pki::Error::DigestAlgorithm { expected, found })));
    }

    /// A key that computes nothing.
    struct Card;

    impl DigestSigner for Card {
        fn algorithm(&self) -> KeyAlgorithm {
            KeyAlgorithm::EcdsaP256
        }

        fn sign_digest(&self, _: SignatureAlgorithm, _: &Digest) -> Result<Vec<u8>, ksz_pki::Error> {
            Ok(vec![1; 64])
        }
    }
}
