//! The backend built on AWS-LC.

use crate::backend::{DigestSigner, DigestVerifier};
use crate::{Digest, Error, KeyAlgorithm, SignatureAlgorithm};
use aws_lc_rs::digest::{Digest as AwsDigest, SHA256};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use std::sync::Arc;

pub(crate) fn signer(der: &[u8]) -> Result<Arc<dyn DigestSigner>, Error> {
    if let Ok(key) = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der)) {
        let bits = key.public_modulus_len() * 8;
        return if (2048..=4096).contains(&bits) {
            Ok(Arc::new(RsaSigner(key)))
        } else {
            Err(Error::KeySize { bits })
        };
    }
    EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
        .map(|key| Arc::new(EcdsaSigner(key)) as Arc<dyn DigestSigner>)
        .map_err(|_| Error::NotPrivateKey { detail: "neither RSA from 2048 bits nor P-256".into() })
}

pub(crate) fn verifier(algorithm: KeyAlgorithm, spki: &[u8]) -> Result<Arc<dyn DigestVerifier>, Error> {
    let parsed = match algorithm {
        KeyAlgorithm::Rsa => ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki),
        KeyAlgorithm::EcdsaP256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, spki),
    };
    match parsed {
        Ok(key) => Ok(Arc::new(Verifier(key))),
        Err(_) => Err(Error::NotPublicKey { detail: "the key's numbers are not possible" }),
    }
}

/// The algorithms with which authorities sign certificates: all that the path library knows of RSA and ECDSA.
#[cfg(feature = "x509")]
pub(crate) static PATH_ALGORITHMS: &[&dyn rustls_pki_types::SignatureVerificationAlgorithm] = &[
    webpki::aws_lc_rs::ECDSA_P256_SHA256,
    webpki::aws_lc_rs::ECDSA_P256_SHA384,
    webpki::aws_lc_rs::ECDSA_P384_SHA256,
    webpki::aws_lc_rs::ECDSA_P384_SHA384,
    webpki::aws_lc_rs::ECDSA_P521_SHA512,
    webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA256,
    webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA384,
    webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA512,
    webpki::aws_lc_rs::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    webpki::aws_lc_rs::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    webpki::aws_lc_rs::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
];

struct RsaSigner(RsaKeyPair);

impl DigestSigner for RsaSigner {
    fn algorithm(&self) -> KeyAlgorithm {
        KeyAlgorithm::Rsa
    }

    fn sign_digest(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, Error> {
        let padding: &'static dyn RsaEncoding = match algorithm {
            SignatureAlgorithm::RsaPkcs1Sha256 => &RSA_PKCS1_SHA256,
            SignatureAlgorithm::RsaPssSha256 => &RSA_PSS_SHA256,
            SignatureAlgorithm::EcdsaP256Sha256 => return Err(not_for_this_key()),
        };
        let mut value = vec![0; self.0.public_modulus_len()];
        imported(digest)
            .and_then(|digest| self.0.sign_digest(padding, &digest, &mut value))
            .map_err(signing_failed)?;
        Ok(value)
    }
}

struct EcdsaSigner(EcdsaKeyPair);

impl DigestSigner for EcdsaSigner {
    fn algorithm(&self) -> KeyAlgorithm {
        KeyAlgorithm::EcdsaP256
    }

    fn sign_digest(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, Error> {
        if algorithm != SignatureAlgorithm::EcdsaP256Sha256 {
            return Err(not_for_this_key());
        }
        let value =
            imported(digest).and_then(|digest| self.0.sign_digest(&digest)).map_err(signing_failed)?;
        Ok(value.as_ref().to_vec())
    }
}

struct Verifier(ParsedPublicKey);

impl DigestVerifier for Verifier {
    fn verify_digest(&self, digest: &Digest, signature: &[u8]) -> Result<(), Error> {
        imported(digest)
            .and_then(|digest| self.0.verify_digest_sig(&digest, signature))
            .map_err(|_| Error::SignatureMismatch)
    }
}

fn imported(digest: &Digest) -> Result<AwsDigest, aws_lc_rs::error::Unspecified> {
    AwsDigest::import_less_safe(digest.as_bytes(), &SHA256)
}

fn signing_failed(_: aws_lc_rs::error::Unspecified) -> Error {
    Error::SigningFailed { detail: "AWS-LC refused".into() }
}

fn not_for_this_key() -> Error {
    Error::SigningFailed { detail: "the signature algorithm is for another kind of key".into() }
}
