//! The backend built on AWS-LC.

use crate::algorithm::Scheme;
use crate::backend::{DigestSigner, DigestVerifier};
use crate::private_key_info::PrivateKeyInfo;
use crate::public_key_info::PublicNumbers;
use crate::{Curve, Digest, DigestAlgorithm, Error, KeyAlgorithm, SignatureAlgorithm};
use aws_lc_rs::digest::{Algorithm, Digest as AwsDigest, SHA256, SHA384, SHA512};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P521_SHA512_FIXED, EcdsaKeyPair, KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair, VerificationAlgorithm,
};
use std::sync::Arc;

pub(crate) fn signer(key: PrivateKeyInfo<'_>) -> Result<Arc<dyn DigestSigner>, Error> {
    let signer: Option<Arc<dyn DigestSigner>> = match key {
        PrivateKeyInfo::Rsa(key) => RsaKeyPair::from_der(key).ok().map(|key| Arc::new(RsaSigner(key)) as _),
        PrivateKeyInfo::EcP256(key) => {
            let pair = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, key);
            pair.ok().map(|key| Arc::new(EcdsaSigner(key)) as _)
        }
    };
    signer.ok_or_else(|| Error::NotPrivateKey { detail: "its numbers do not belong together".into() })
}

pub(crate) fn verifier(numbers: PublicNumbers<'_>) -> Result<Arc<dyn DigestVerifier>, Error> {
    Ok(match numbers {
        PublicNumbers::Rsa { key, .. } => {
            Arc::new(RsaVerifier { parsed: parsed(&RSA_PKCS1_2048_8192_SHA256, key)?, key: key.into() })
        }
        PublicNumbers::Ec { curve, point } => {
            let algorithm = match curve {
                Curve::P256 => &ECDSA_P256_SHA256_FIXED,
                Curve::P384 => &ECDSA_P384_SHA384_FIXED,
                Curve::P521 => &ECDSA_P521_SHA512_FIXED,
            };
            Arc::new(EcdsaVerifier { parsed: parsed(algorithm, point)?, curve })
        }
    })
}

fn parsed(algorithm: &'static dyn VerificationAlgorithm, key: &[u8]) -> Result<ParsedPublicKey, Error> {
    ParsedPublicKey::new(algorithm, key)
        .map_err(|_| Error::NotPublicKey { detail: "the key's numbers are not possible" })
}

struct RsaSigner(RsaKeyPair);

impl DigestSigner for RsaSigner {
    fn algorithm(&self) -> KeyAlgorithm {
        KeyAlgorithm::Rsa
    }

    fn sign_digest(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, Error> {
        let encoding: &'static dyn RsaEncoding = match (algorithm.scheme(), digest.algorithm()) {
            (Scheme::RsaPkcs1, DigestAlgorithm::Sha256) => &RSA_PKCS1_SHA256,
            (Scheme::RsaPkcs1, DigestAlgorithm::Sha384) => &RSA_PKCS1_SHA384,
            (Scheme::RsaPkcs1, DigestAlgorithm::Sha512) => &RSA_PKCS1_SHA512,
            (Scheme::RsaPss, DigestAlgorithm::Sha256) => &RSA_PSS_SHA256,
            (Scheme::RsaPss, DigestAlgorithm::Sha384) => &RSA_PSS_SHA384,
            (Scheme::RsaPss, DigestAlgorithm::Sha512) => &RSA_PSS_SHA512,
            (Scheme::Ecdsa, _) => return Err(signing_failed(Unspecified)),
        };
        let mut value = vec![0; self.0.public_modulus_len()];
        imported(digest.algorithm(), digest.as_bytes())
            .and_then(|digest| self.0.sign_digest(encoding, &digest, &mut value))
            .map_err(signing_failed)?;
        Ok(value)
    }

    fn public_key(&self) -> Option<Vec<u8>> {
        Some(self.0.public_key().as_ref().to_vec())
    }
}

struct EcdsaSigner(EcdsaKeyPair);

impl DigestSigner for EcdsaSigner {
    fn algorithm(&self) -> KeyAlgorithm {
        KeyAlgorithm::EcdsaP256
    }

    fn sign_digest(&self, _: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, Error> {
        let value = number(Curve::P256, digest).and_then(|number| self.0.sign_digest(&number));
        Ok(value.map_err(signing_failed)?.as_ref().to_vec())
    }

    fn public_key(&self) -> Option<Vec<u8>> {
        Some(self.0.public_key().as_ref().to_vec())
    }
}

/// AWS-LC parses a key for one algorithm. Messages come often, so theirs is kept; for another the key is parsed again.
struct RsaVerifier {
    parsed: ParsedPublicKey,
    /// The RSAPublicKey.
    key: Box<[u8]>,
}

impl DigestVerifier for RsaVerifier {
    fn verify_digest(&self, scheme: Scheme, digest: &Digest, value: &[u8]) -> Result<(), Error> {
        let algorithm = match (scheme, digest.algorithm()) {
            (Scheme::RsaPkcs1, DigestAlgorithm::Sha256) => None,
            (Scheme::RsaPkcs1, DigestAlgorithm::Sha384) => Some(&RSA_PKCS1_2048_8192_SHA384),
            (Scheme::RsaPkcs1, DigestAlgorithm::Sha512) => Some(&RSA_PKCS1_2048_8192_SHA512),
            (Scheme::RsaPss, DigestAlgorithm::Sha256) => Some(&RSA_PSS_2048_8192_SHA256),
            (Scheme::RsaPss, DigestAlgorithm::Sha384) => Some(&RSA_PSS_2048_8192_SHA384),
            (Scheme::RsaPss, DigestAlgorithm::Sha512) => Some(&RSA_PSS_2048_8192_SHA512),
            (Scheme::Ecdsa, _) => return Err(Error::SignatureMismatch),
        };
        imported(digest.algorithm(), digest.as_bytes())
            .and_then(|digest| match algorithm {
                None => self.parsed.verify_digest_sig(&digest, value),
                Some(algorithm) => algorithm.verify_digest_sig(&self.key, &digest, value),
            })
            .map_err(|_| Error::SignatureMismatch)
    }
}

struct EcdsaVerifier {
    parsed: ParsedPublicKey,
    curve: Curve,
}

impl DigestVerifier for EcdsaVerifier {
    fn verify_digest(&self, _: Scheme, digest: &Digest, value: &[u8]) -> Result<(), Error> {
        number(self.curve, digest)
            .and_then(|number| self.parsed.verify_digest_sig(&number, value))
            .map_err(|_| Error::SignatureMismatch)
    }
}

/// The number that ECDSA takes of a digest, as AWS-LC wants it: as a digest that fits the curve.
fn number(curve: Curve, digest: &Digest) -> Result<AwsDigest, Unspecified> {
    imported(curve.digest(), &curve.number_of(digest))
}

fn imported(algorithm: DigestAlgorithm, octets: &[u8]) -> Result<AwsDigest, Unspecified> {
    let algorithm: &'static Algorithm = match algorithm {
        DigestAlgorithm::Sha256 => &SHA256,
        DigestAlgorithm::Sha384 => &SHA384,
        DigestAlgorithm::Sha512 => &SHA512,
    };
    AwsDigest::import_less_safe(octets, algorithm)
}

fn signing_failed(_: Unspecified) -> Error {
    Error::SigningFailed { detail: "AWS-LC refused".into() }
}
