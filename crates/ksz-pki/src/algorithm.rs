use crate::{Curve, DigestAlgorithm, Error};
use std::fmt;

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
            Self::EcdsaP256 => SignatureAlgorithm::EcdsaSha256,
        }
    }
}

/// The kind and size of a public key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA.
    Rsa {
        /// The length of the modulus in bits.
        bits: usize,
    },
    /// An elliptic curve key.
    Ec(Curve),
}

impl KeyKind {
    /// The kind as far as messages may be signed with such a key.
    pub(crate) fn for_messages(self) -> Result<KeyAlgorithm, Error> {
        match self {
            Self::Rsa { bits: 2048..=4096 } => Ok(KeyAlgorithm::Rsa),
            Self::Rsa { bits } => Err(Error::KeySize { bits }),
            Self::Ec(Curve::P256) => Ok(KeyAlgorithm::EcdsaP256),
            Self::Ec(curve) => Err(Error::KeyAlgorithmNotAccepted { algorithm: curve.to_string() }),
        }
    }

    /// Whether such keys verify what is made so.
    pub(crate) const fn is_for(self, scheme: Scheme) -> bool {
        matches!(
            (scheme, self),
            (Scheme::RsaPkcs1 | Scheme::RsaPss, Self::Rsa { .. }) | (Scheme::Ecdsa, Self::Ec(_))
        )
    }

    /// Whether a value has the length of the modulus, or is r and s in range.
    pub(crate) fn is_possible_value(self, value: &[u8]) -> bool {
        match self {
            Self::Rsa { bits } => value.len() == bits.div_ceil(8),
            Self::Ec(curve) => curve.is_possible_value(value),
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA of {bits} bits"),
            Self::Ec(curve) => write!(f, "{curve}"),
        }
    }
}

/// How a digest becomes a signature value.
///
/// Messages are signed with SHA-256, as [`KeyAlgorithm::message_signature`] says; the others are for TLS and for
/// documents of others.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2): messages, JWS `RS256`, TLS 1.2.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 octets (RFC 8017 section 8.1): what TLS 1.3 wants
    /// of an RSA key.
    RsaPssSha256,
    /// ECDSA with SHA-256 (FIPS 186-5 section 6) on the key's curve: on P-256, messages and JWS `ES256`.
    ///
    /// Values are r and s, each as long as an element of the field. TLS and X.509 want them in DER.
    EcdsaSha256,
    /// ECDSA with SHA-384. On P-256 the leftmost 256 bits of the digest count.
    EcdsaSha384,
    /// ECDSA with SHA-512. On P-256 and P-384 the leftmost 256 or 384 bits of the digest count.
    EcdsaSha512,
}

impl SignatureAlgorithm {
    /// What is signed: a digest by this algorithm.
    #[must_use]
    pub const fn digest(self) -> DigestAlgorithm {
        match self {
            Self::RsaPkcs1Sha256 | Self::RsaPssSha256 | Self::EcdsaSha256 => DigestAlgorithm::Sha256,
            Self::RsaPkcs1Sha384 | Self::EcdsaSha384 => DigestAlgorithm::Sha384,
            Self::RsaPkcs1Sha512 | Self::EcdsaSha512 => DigestAlgorithm::Sha512,
        }
    }

    /// Whether keys of this kind sign so.
    #[must_use]
    pub const fn is_for(self, key: KeyAlgorithm) -> bool {
        matches!(
            (self.scheme(), key),
            (Scheme::RsaPkcs1 | Scheme::RsaPss, KeyAlgorithm::Rsa) | (Scheme::Ecdsa, KeyAlgorithm::EcdsaP256)
        )
    }

    /// The algorithm without its digest.
    pub(crate) const fn scheme(self) -> Scheme {
        match self {
            Self::RsaPkcs1Sha256 | Self::RsaPkcs1Sha384 | Self::RsaPkcs1Sha512 => Scheme::RsaPkcs1,
            Self::RsaPssSha256 => Scheme::RsaPss,
            Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512 => Scheme::Ecdsa,
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme() {
            Scheme::RsaPkcs1 => "RSASSA-PKCS1-v1_5",
            Scheme::RsaPss => "RSASSA-PSS",
            Scheme::Ecdsa => "ECDSA",
        };
        write!(f, "{scheme} with {}", self.digest())
    }
}

/// What is computed with a digest, whatever made it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scheme {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1,
    /// RSASSA-PSS with a salt as long as the digest, which also serves the mask.
    RsaPss,
    /// ECDSA; the value is r and s.
    Ecdsa,
}
