use crate::backend::{Backend, DigestSigner, DigestVerifier};
use crate::pem::{Block, blocks};
use crate::{Digest, Error, der};
use std::fmt;
use std::sync::Arc;

/// rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017 appendix A.1).
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480 section 2.1.1).
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// The named curve secp256r1, 1.2.840.10045.3.1.7 (RFC 5480 section 2.1.1.1), as it is encoded.
const P256_PARAMETERS: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// The two kinds of key that the services accept.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyAlgorithm {
    /// RSA of 2048 to 4096 bits.
    Rsa,
    /// An elliptic curve key on P-256.
    EcdsaP256,
}

impl KeyAlgorithm {
    /// How a message is signed with such a key.
    #[must_use]
    pub const fn message_signature(self) -> SignatureAlgorithm {
        match self {
            Self::Rsa => SignatureAlgorithm::RsaPkcs1Sha256,
            Self::EcdsaP256 => SignatureAlgorithm::EcdsaP256Sha256,
        }
    }
}

/// How a digest becomes a signature value.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2): messages, JWS `RS256`, TLS 1.2.
    RsaPkcs1Sha256,
    /// RSASSA-PSS with SHA-256 and a salt of 32 octets (RFC 8017 section 8.1): what TLS 1.3 wants of an RSA key.
    RsaPssSha256,
    /// ECDSA on P-256 with SHA-256, r and s of 32 octets each: messages, JWS `ES256`. TLS wants it in DER.
    EcdsaP256Sha256,
}

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
    /// # Errors
    ///
    /// - [`Error::NotPem`], [`Error::PemCount`] if the text is not PEM or holds no key or several.
    /// - [`Error::EncryptedKey`] if a passphrase protects it.
    /// - [`Error::NotPrivateKey`], [`Error::KeySize`], [`Error::KeyAlgorithmNotAccepted`] for what is in it.
    pub fn from_pem(pem: &[u8], backend: Backend) -> Result<Self, Error> {
        Self::from_blocks(&blocks(pem)?, backend)
    }

    pub(crate) fn from_blocks(blocks: &[Block], backend: Backend) -> Result<Self, Error> {
        if blocks.iter().any(|block| block.label == "ENCRYPTED PRIVATE KEY") {
            return Err(Error::EncryptedKey);
        }
        let keys: Vec<_> = blocks.iter().filter(|block| block.label.ends_with("PRIVATE KEY")).collect();
        let &[key] = keys.as_slice() else {
            return Err(Error::PemCount { label: "PRIVATE KEY", found: keys.len() });
        };
        Ok(Self(backend.signer(&key.octets)?))
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
    /// [`Error::SigningFailed`] if the key store refuses.
    pub fn sign_digest(&self, digest: &Digest) -> Result<Vec<u8>, Error> {
        self.0.sign_digest(self.algorithm().message_signature(), digest)
    }

    /// Signs a digest in a stated way; TLS 1.3 wants PSS of an RSA key.
    ///
    /// # Errors
    ///
    /// [`Error::SigningFailed`] if the key store refuses, or `algorithm` is not for this kind of key.
    pub fn sign_digest_with(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, Error> {
        self.0.sign_digest(algorithm, digest)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?}, …)", self.algorithm())
    }
}

/// A public key of an accepted kind and size.
#[derive(Clone)]
pub struct PublicKey {
    algorithm: KeyAlgorithm,
    spki: Arc<[u8]>,
    verifier: Arc<dyn DigestVerifier>,
}

impl PublicKey {
    /// A key from a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    ///
    /// - [`Error::NotPublicKey`] if it is none.
    /// - [`Error::KeyAlgorithmNotAccepted`], [`Error::KeySize`] before any arithmetic is done with it.
    pub fn from_spki_der(spki: &[u8], backend: Backend) -> Result<Self, Error> {
        let algorithm = accepted_algorithm(spki)?;
        Ok(Self { algorithm, spki: spki.into(), verifier: backend.verifier(algorithm, spki)? })
    }

    /// The one public key of a PEM text (`PUBLIC KEY`).
    ///
    /// # Errors
    ///
    /// Those of [`Self::from_spki_der`], [`Error::NotPem`] and [`Error::PemCount`].
    pub fn from_pem(pem: &[u8], backend: Backend) -> Result<Self, Error> {
        let blocks = blocks(pem)?;
        let keys: Vec<_> = blocks.iter().filter(|block| block.label == "PUBLIC KEY").collect();
        let &[key] = keys.as_slice() else {
            return Err(Error::PemCount { label: "PUBLIC KEY", found: keys.len() });
        };
        Self::from_spki_der(&key.octets, backend)
    }

    /// The kind of key.
    #[must_use]
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// Checks that `signature` was made over `digest` with this key.
    ///
    /// An RSA value must have exactly the length of the modulus; an ECDSA value is r and s of 32 octets each.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureMismatch`], whatever is wrong with the value.
    pub fn verify_digest(&self, digest: &Digest, signature: &[u8]) -> Result<(), Error> {
        self.verifier.verify_digest(digest, signature)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?}, {})", self.algorithm, Digest::sha256(&self.spki).to_hex())
    }
}

/// Reads the kind and size of a key without computing with it: a hostile modulus costs nothing.
fn accepted_algorithm(spki: &[u8]) -> Result<KeyAlgorithm, Error> {
    let info = PublicKeyInfo::read(spki).ok_or(Error::NotPublicKey { detail: "no SubjectPublicKeyInfo" })?;
    match info.algorithm {
        RSA_ENCRYPTION => {
            let bits = modulus_bits(info.key).ok_or(Error::NotPublicKey { detail: "no RSAPublicKey" })?;
            match bits {
                2048..=4096 => Ok(KeyAlgorithm::Rsa),
                _ => Err(Error::KeySize { bits }),
            }
        }
        EC_PUBLIC_KEY if info.parameters == P256_PARAMETERS => Ok(KeyAlgorithm::EcdsaP256),
        EC_PUBLIC_KEY => Err(Error::KeyAlgorithmNotAccepted { algorithm: "EC on another curve".into() }),
        other => Err(Error::KeyAlgorithmNotAccepted { algorithm: dotted(other) }),
    }
}

/// A SubjectPublicKeyInfo (RFC 5280 section 4.1) taken apart.
struct PublicKeyInfo<'a> {
    algorithm: &'a [u8],
    parameters: &'a [u8],
    key: &'a [u8],
}

impl<'a> PublicKeyInfo<'a> {
    fn read(spki: &'a [u8]) -> Option<Self> {
        let fields = whole(der::SEQUENCE, spki)?;
        let (identifier, fields) = der::read(der::SEQUENCE, fields)?;
        let (algorithm, parameters) = der::read(der::OBJECT_IDENTIFIER, identifier)?;
        let key = whole(der::BIT_STRING, fields)?.strip_prefix(&[0])?;
        Some(Self { algorithm, parameters, key })
    }
}

/// The length of the modulus of an RSAPublicKey (RFC 8017 appendix A.1.1), in bits.
fn modulus_bits(public_key: &[u8]) -> Option<usize> {
    let numbers = whole(der::SEQUENCE, public_key)?;
    let (modulus, exponent) = der::read(der::INTEGER, numbers)?;
    whole(der::INTEGER, exponent)?;
    let modulus = match modulus {
        [0, magnitude @ ..] => magnitude,
        [first, ..] if *first < 0x80 => modulus,
        _ => return None,
    };
    Some(modulus.len() * 8 - modulus.first()?.leading_zeros() as usize)
}

/// The contents of a value with nothing behind it.
fn whole(tag: u8, input: &[u8]) -> Option<&[u8]> {
    der::read(tag, input).and_then(|(contents, rest)| rest.is_empty().then_some(contents))
}

/// An object identifier's octets in dotted form, as far as they can be read.
fn dotted(octets: &[u8]) -> String {
    let mut arcs = Vec::new();
    let mut arc: u64 = 0;
    for octet in octets.iter().take(32) {
        arc = arc.wrapping_shl(7) | u64::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    if let Some(first) = arcs.first().copied() {
        let root = (first / 40).min(2);
        arcs.splice(0..1, [root, first - root * 40]);
    }
    arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_identifier_reads_dotted() {
        assert_eq!(dotted(RSA_ENCRYPTION), "1.2.840.113549.1.1.1");
        assert_eq!(dotted(&[0x2b, 0x65, 0x70]), "1.3.101.112");
    }

    #[test]
    fn a_key_that_is_none_or_of_another_kind_is_refused() {
        let ed25519 =
            [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00][..], &[7; 32]]
                .concat();
        assert_eq!(
            accepted_algorithm(&ed25519),
            Err(Error::KeyAlgorithmNotAccepted { algorithm: "1.3.101.112".into() })
        );
        for octets in [b"".as_slice(), b"\x30", b"\x30\x84\xff\xff\xff\xff", &ed25519[..40]] {
            assert_eq!(
                accepted_algorithm(octets),
                Err(Error::NotPublicKey { detail: "no SubjectPublicKeyInfo" })
            );
        }
    }

    #[test]
    fn the_modulus_counts_its_bits() {
        let with_bits = |octets: usize, first: u8| {
            let mut modulus = vec![0x5a; octets];
            modulus[0] = first;
            let length = |n: usize| {
                let [high, low] = u16::try_from(n).unwrap().to_be_bytes();
                [0x82, high, low]
            };
            let integer = [&[0x02][..], &length(octets + 1), &[0], &modulus, &[0x02, 0x03, 1, 0, 1]].concat();
            [&[0x30][..], &length(integer.len()), &integer].concat()
        };
        assert_eq!(modulus_bits(&with_bits(256, 0x80)), Some(2048));
        assert_eq!(modulus_bits(&with_bits(256, 0x01)), Some(2041));
        assert_eq!(modulus_bits(&with_bits(2048, 0xff)), Some(16384));
        assert_eq!(modulus_bits(b"\x30\x00"), None);
    }
}
