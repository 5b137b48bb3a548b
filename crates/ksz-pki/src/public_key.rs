use crate::backend::{Backend, DigestVerifier};
#[cfg(feature = "x509")]
use crate::pem::certificates;
use crate::pem::{Block, blocks};
use crate::private_key_info::PrivateKeyInfo;
use crate::public_key_info::PublicNumbers;
use crate::{Digest, Error, KeyAlgorithm, KeyKind, SignatureAlgorithm};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A public key with which messages are verified: RSA of 2048 to 4096 bits, or P-256.
///
/// It is a [`VerifyingKey`] of a kind and size that the services accept, and verifies what they sign and nothing else.
#[derive(Clone, Eq, PartialEq)]
pub struct PublicKey {
    algorithm: KeyAlgorithm,
    key: VerifyingKey,
}

impl PublicKey {
    /// A key from a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    ///
    /// - [`Error::NotPublicKey`] if it is none, or in another form than the one that RFC 3279 and RFC 5480 recommend.
    /// - [`Error::KeyAlgorithmNotAccepted`], [`Error::KeySize`], [`Error::PublicExponent`] before any arithmetic is done
    ///   with it.
    pub fn from_spki_der(spki: &[u8], backend: Backend) -> Result<Self, Error> {
        let numbers = PublicNumbers::of_spki(spki)?;
        let algorithm = numbers.kind().for_messages()?;
        Ok(Self { algorithm, key: VerifyingKey::new(spki, numbers, backend)? })
    }

    /// The one public key of a PEM text (`PUBLIC KEY`).
    ///
    /// # Errors
    ///
    /// Those of [`Self::from_spki_der`], [`Error::NotPem`] and [`Error::PemCount`].
    pub fn from_pem(pem: &[u8], backend: Backend) -> Result<Self, Error> {
        Self::from_spki_der(&spki_of_pem(pem)?, backend)
    }

    /// The kind of key.
    #[must_use]
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        self.key.spki_der()
    }

    /// Checks that `signature` was made over a message's digest with this key, as
    /// [`KeyAlgorithm::message_signature`] says.
    ///
    /// An RSA value must have exactly the length of the modulus; an ECDSA value is r and s of 32 octets each.
    ///
    /// # Errors
    ///
    /// - [`Error::DigestAlgorithm`] for any digest but SHA-256.
    /// - [`Error::SignatureMismatch`], whatever is wrong with the value.
    pub fn verify_digest(&self, digest: &Digest, signature: &[u8]) -> Result<(), Error> {
        self.key.verify_digest(self.algorithm.message_signature(), digest, signature)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?}, {})", self.algorithm, self.key.fingerprint().to_hex())
    }
}

/// A public key with which documents of others are verified: RSA of 2048 to 8192 bits, P-256, P-384 or P-521.
///
/// For messages there is [`PublicKey`], which accepts less.
#[derive(Clone)]
pub struct VerifyingKey {
    kind: KeyKind,
    spki: Arc<[u8]>,
    verifier: Arc<dyn DigestVerifier>,
}

impl VerifyingKey {
    /// A key from a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    ///
    /// - [`Error::NotPublicKey`] if it is none, or in another form than the one that RFC 3279 and RFC 5480 recommend.
    /// - [`Error::KeyAlgorithmNotAccepted`], [`Error::KeySize`], [`Error::PublicExponent`] before any arithmetic is done
    ///   with it.
    pub fn from_spki_der(spki: &[u8], backend: Backend) -> Result<Self, Error> {
        Self::new(spki, PublicNumbers::of_spki(spki)?, backend)
    }

    /// The one public key of a PEM text (`PUBLIC KEY`).
    ///
    /// # Errors
    ///
    /// Those of [`Self::from_spki_der`], [`Error::NotPem`] and [`Error::PemCount`].
    pub fn from_pem(pem: &[u8], backend: Backend) -> Result<Self, Error> {
        Self::from_spki_der(&spki_of_pem(pem)?, backend)
    }

    /// The public key that a PEM text is about: its one public key, else the public half of its one private
    /// key, which is not encrypted, else the key of its first certificate.
    ///
    /// Whoever has the file has chosen the key: no certificate is looked at but for its key.
    ///
    /// # Errors
    ///
    /// - [`Error::NotPem`], [`Error::PemCount`] if the text holds none of them, or several keys.
    /// - [`Error::PasswordNeeded`] if the private key is encrypted.
    /// - [`Error::NotPrivateKey`], [`Error::NotCertificate`], and those of [`Self::from_spki_der`] for what
    ///   is in it. The private key must be one that could sign messages, and hold its public half.
    pub fn read(pem: &[u8], backend: Backend) -> Result<Self, Error> {
        let blocks = blocks(pem)?;
        let labelled =
            |end: &str| blocks.iter().filter(|block| block.label.ends_with(end)).collect::<Vec<_>>();
        let spki = match (labelled("PUBLIC KEY").as_slice(), labelled("PRIVATE KEY").as_slice()) {
            (&[key], _) => key.octets.to_vec(),
            ([], &[key]) if key.label == "ENCRYPTED PRIVATE KEY" => return Err(Error::PasswordNeeded),
            ([], &[key]) => PrivateKeyInfo::read(&key.octets)?.spki()?,
            ([], []) => spki_of_certificate(&blocks)?,
            (public, private) => {
                return Err(Error::PemCount { label: "KEY", found: public.len() + private.len() });
            }
        };
        Self::from_spki_der(&spki, backend)
    }

    fn new(spki: &[u8], numbers: PublicNumbers<'_>, backend: Backend) -> Result<Self, Error> {
        Ok(Self { kind: numbers.kind(), spki: spki.into(), verifier: backend.verifier(numbers)? })
    }

    /// The kind and size of the key.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// Checks that `signature` was made over `digest` with this key in a stated way.
    ///
    /// An RSA value must have exactly the length of the modulus. An ECDSA value is r and s, each as long as an element
    /// of the curve's field, never DER, and both in range.
    ///
    /// # Errors
    ///
    /// - [`Error::AlgorithmNotForKey`] if `algorithm` is for another kind of key.
    /// - [`Error::DigestAlgorithm`] if the digest is not by the hash function that `algorithm` names.
    /// - [`Error::SignatureMismatch`], whatever is wrong with the value.
    pub fn verify_digest(
        &self,
        algorithm: SignatureAlgorithm,
        digest: &Digest,
        signature: &[u8],
    ) -> Result<(), Error> {
        let scheme = algorithm.scheme();
        if !self.kind.is_for(scheme) {
            return Err(Error::AlgorithmNotForKey { algorithm });
        }
        digest.require(algorithm.digest())?;
        if !self.kind.is_possible_value(signature) {
            return Err(Error::SignatureMismatch);
        }
        self.verifier.verify_digest(scheme, digest, signature)
    }

    fn fingerprint(&self) -> Digest {
        Digest::sha256(&self.spki)
    }
}

impl From<PublicKey> for VerifyingKey {
    fn from(key: PublicKey) -> Self {
        key.key
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for VerifyingKey {}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({}, {})", self.kind, self.fingerprint().to_hex())
    }
}

/// The SubjectPublicKeyInfo of the first certificate.
#[cfg(feature = "x509")]
fn spki_of_certificate(blocks: &[Block]) -> Result<Vec<u8>, Error> {
    match certificates(blocks)?.first() {
        Some(certificate) => Ok(certificate.spki_der().to_vec()),
        None => Err(Error::PemCount { label: "CERTIFICATE", found: 0 }),
    }
}

#[cfg(not(feature = "x509"))]
fn spki_of_certificate(_: &[Block]) -> Result<Vec<u8>, Error> {
    Err(Error::PemCount { label: "KEY", found: 0 })
}

/// The octets of the one public key of a PEM text.
fn spki_of_pem(pem: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut keys: Vec<_> = blocks(pem)?.into_iter().filter(|block| block.label == "PUBLIC KEY").collect();
    match (keys.pop(), keys.len()) {
        (Some(key), 0) => Ok(key.octets),
        (last, others) => {
            Err(Error::PemCount { label: "PUBLIC KEY", found: others + usize::from(last.is_some()) })
        }
    }
}
