//! What keys sign and verify, and the name of each refusal.

#![cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

#[path = "../backends/mod.rs"]
mod backends;
mod documents;
mod messages;
mod private;
mod rfc6979;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;

use ksz_pki::{Digest, SignatureAlgorithm};

const ALL: [SignatureAlgorithm; 7] = [
    SignatureAlgorithm::RsaPkcs1Sha256,
    SignatureAlgorithm::RsaPkcs1Sha384,
    SignatureAlgorithm::RsaPkcs1Sha512,
    SignatureAlgorithm::RsaPssSha256,
    SignatureAlgorithm::EcdsaSha256,
    SignatureAlgorithm::EcdsaSha384,
    SignatureAlgorithm::EcdsaSha512,
];

/// The digest that `algorithm` signs of these octets.
fn digest(algorithm: SignatureAlgorithm, octets: &[u8]) -> Digest {
    Digest::of(algorithm.digest(), octets)
}

/// The value with one bit changed in the octet at `place`.
fn flipped(value: &[u8], place: usize) -> Vec<u8> {
    let mut changed = value.to_vec();
    changed[place] ^= 1;
    changed
}
