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

    /// The contents of subjectPublicKey (RFC 5280 section 4.1.2.7), where they are at hand: an RSAPublicKey, or an
    /// uncompressed point. They spare a signature for each certificate that is of another key.
    fn public_key(&self) -> Option<Vec<u8>> {
        None
    }
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

/// Fills octets with random ones that nobody can guess, or answers [`Error::RandomSourceFailed`].
///
/// The core has no random source; an adapter gives the operating system's.
pub type RandomSource = fn(&mut [u8]) -> Result<(), Error>;

/// Which cryptography computes: a value that is passed in, never a global of the process.
///
/// All backends accept the same keys, values and paths. Without a backend feature the type has no value, and only keys
/// that are [implemented elsewhere](DigestSigner) can sign.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Backend {
    /// AWS-LC through `aws-lc-rs`.
    #[cfg(feature = "aws-lc")]
    AwsLc,
    /// The crates `rsa`, `p256`, `p384` and `p521` of RustCrypto: no C compiler, and a second opinion.
    ///
    /// Signing with RSA takes time that depends on the key (RUSTSEC-2023-0071, the Marvin attack, which has no fix).
    /// Every such signature is therefore blinded with a factor from the [`RandomSource`] and checked before it leaves;
    /// whoever can measure many of them closely should still be kept away. Verifying, and ECDSA, whose values are made
    /// without randomness (RFC 6979), are not affected.
    #[cfg(feature = "rustcrypto")]
    RustCrypto(RandomSource),
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
        #[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
        let _ = key;
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc => crate::aws_lc::signer(key),
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto(random) => crate::rustcrypto::signer(key, random),
        }
    }

    /// The verifier of a key of an accepted kind and size.
    pub(crate) fn verifier(self, numbers: PublicNumbers<'_>) -> Result<Arc<dyn DigestVerifier>, Error> {
        #[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
        let _ = numbers;
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc => crate::aws_lc::verifier(numbers),
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto(_) => crate::rustcrypto::verifier(numbers),
        }
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
        let _ = f;
        match *self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc => f.write_str("AwsLc"),
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto(_) => f.write_str("RustCrypto(…)"),
        }
    }
}
