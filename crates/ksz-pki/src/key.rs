use crate::backend::{Backend, DigestSigner};
use crate::pem::{Block, blocks};
use crate::{Curve, Digest, Error, KeyAlgorithm, Password, SignatureAlgorithm};
use std::fmt;
use std::sync::Arc;

/// A private key, or the way to one that cannot be read.
///
/// Copies share the key. Nothing of it prints.
#[derive(Clone)]
pub struct SigningKey(Arc<dyn DigestSigner>);

impl SigningKey {
    /// A key that lives elsewhere: in a token, or behind a service.
    #[must_use]
    pub fn from_signer(signer: Arc<dyn DigestSigner>) -> Self {
        Self(signer)
    }

    /// The one private key of a PEM text: PKCS#8, PKCS#1 or SEC 1, not encrypted. Other blocks are passed over.
    ///
    /// [`read`](Self::read) takes every form of file, with a password.
    ///
    /// # Errors
    ///
    /// - [`Error::NotPem`], [`Error::PemCount`] if the text is not PEM or holds no key or several.
    /// - [`Error::PasswordNeeded`] if it is encrypted.
    /// - [`Error::NotPrivateKey`], [`Error::KeySize`], [`Error::KeyAlgorithmNotAccepted`] for what is in it.
    pub fn from_pem(pem: &[u8], backend: Backend) -> Result<Self, Error> {
        Self::from_blocks(&blocks(pem)?, None, backend)
    }

    pub(crate) fn from_blocks(
        blocks: &[Block],
        password: Option<&Password>,
        backend: Backend,
    ) -> Result<Self, Error> {
        let keys: Vec<_> = blocks.iter().filter(|block| block.label.ends_with("PRIVATE KEY")).collect();
        let &[key] = keys.as_slice() else {
            return Err(Error::PemCount { label: "PRIVATE KEY", found: keys.len() });
        };
        if key.label == "ENCRYPTED PRIVATE KEY" {
            return Self::from_encrypted_der(&key.octets, password, backend);
        }
        Self::from_der(&key.octets, backend)
    }

    /// A private key in DER: PKCS#8, PKCS#1 or SEC 1, not encrypted.
    ///
    /// # Errors
    ///
    /// [`Error::NotPrivateKey`], [`Error::KeySize`], [`Error::KeyAlgorithmNotAccepted`] for what is in it.
    pub fn from_der(der: &[u8], backend: Backend) -> Result<Self, Error> {
        Ok(Self(backend.signer(der)?))
    }

    /// The kind of key.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.0.algorithm()
    }

    /// Signs a message's digest, as [`KeyAlgorithm::message_signature`] says.
    ///
    /// RSA values have the length of the modulus, ECDSA values 64 octets.
    ///
    /// # Errors
    ///
    /// - [`Error::DigestAlgorithm`] for any digest but SHA-256.
    /// - [`Error::SigningFailed`] if the key store refuses.
    pub fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, Error> {
        self.sign_digest_with(self.algorithm().message_signature(), digest)
    }

    /// Signs a digest in a stated way; TLS 1.3 wants PSS of an RSA key.
    ///
    /// # Errors
    ///
    /// - [`Error::DigestAlgorithm`] if the digest is not by the hash function that `algorithm` names.
    /// - [`Error::SigningFailed`] if the key store refuses, or `algorithm` is not for this kind of key.
    pub fn sign_digest_with(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, Error> {
        let key = self.algorithm();
        if !algorithm.is_for(key) {
            return Err(Error::SigningFailed { detail: format!("{algorithm} is for another kind of key") });
        }
        digest.require(algorithm.digest())?;
        let value = self.0.sign_digest(algorithm, digest)?;
        if key == KeyAlgorithm::EcdsaP256 && !Curve::P256.is_possible_value(&value) {
            return Err(Error::SigningFailed { detail: "the value is not r and s of 32 octets each".into() });
        }
        Ok(value)
    }
}

#[cfg(feature = "x509")]
impl SigningKey {
    pub(crate) fn public_key(&self) -> Option<Vec<u8>> {
        self.0.public_key()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?}, …)", self.algorithm())
    }
}
