use crate::algorithm::Scheme;
use crate::private_key_info::PrivateKeyInfo;
use crate::public_key_info::PublicNumbers;
use crate::{Digest, Error, KeyAlgorithm, SignatureAlgorithm};
use std::fmt;
use std::sync::Arc;

/// Signs digests: the one thing the house needs of a private key.
///
/// Implement it for a key that cannot be read, in a token or behind a service, and pass it to
/// [`SigningKey::from_signer`](crate::SigningKey::from_signer).
pub trait DigestSigner: Send + Sync {
    /// The kind of key.
    fn algorithm(&self) -> KeyAlgorithm;

    /// Signs a digest; ECDSA values are r and s of 32 octets each, never DER.
    ///
    /// [`SigningKey`](crate::SigningKey) asks only for algorithms that are for this kind of key, and with a digest of
    /// their hash function. [`Curve::number_of`](crate::Curve::number_of) makes of a longer digest what P-256 signs.
    ///
    /// # Errors
    ///
    /// [`Error::SigningFailed`] with what the key store answered.
    fn sign_digest(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, Error>;
}

/// Verifies digests with a public key, whose kind belongs to the scheme.
pub(crate) trait DigestVerifier: Send + Sync {
    /// Checks that `value`, which is of the length that belongs to the key, was made over `digest`.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureMismatch`], whatever is wrong with the value.
    fn verify_digest(&self, scheme: Scheme, digest: &Digest, value: &[u8]) -> Result<(), Error>;
}

/// Which cryptography computes: a value that is passed in, never a global of the process.
///
/// Without a backend feature the type has no value, and only keys that are
/// [implemented elsewhere](DigestSigner) can sign.
#[derive(Clone, Copy, Eq, PartialEq)]
#[non_exhaustive]
pub enum Backend {
    /// AWS-LC through `aws-lc-rs`.
    #[cfg(feature = "aws-lc")]
    AwsLc,
}

#[cfg(feature = "aws-lc")]
#[expect(clippy::derivable_impls, reason = "the default exists only where the feature gives a backend")]
impl Default for Backend {
    fn default() -> Self {
        Self::AwsLc
    }
}

impl Backend {
    /// The key of a private key in DER: PKCS#8, PKCS#1 or SEC 1.
    pub(crate) fn signer(self, der: &[u8]) -> Result<Arc<dyn DigestSigner>, Error> {
        let key = PrivateKeyInfo::read(der)?;
        #[cfg(not(feature = "aws-lc"))]
        let _ = key;
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc => crate::aws_lc::signer(key),
        }
    }

    /// The verifier of a key of an accepted kind and size.
    pub(crate) fn verifier(self, numbers: PublicNumbers<'_>) -> Result<Arc<dyn DigestVerifier>, Error> {
        #[cfg(not(feature = "aws-lc"))]
        let _ = numbers;
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc => crate::aws_lc::verifier(numbers),
        }
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(not(feature = "aws-lc"))]
        let _ = f;
        match *self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc => f.write_str("AwsLc"),
        }
    }
}
