//! What only the backend of RustCrypto does: it asks for random octets, and its ECDSA values are always the same.

use crate::rfc6979::{PUBLISHED, hex};
use crate::{ALL, digest};
use base64::{Engine, prelude::BASE64_STANDARD};
use ksz_pki::{Backend, Digest, Error, RandomSource, SigningKey};
use rcgen::{KeyPair, PKCS_RSA_SHA256};

const FAILING: RandomSource = |_| Err(Error::RandomSourceFailed);
const FORGETFUL: RandomSource = |_| Ok(());
const ONE: RandomSource = |octets| {
    octets.fill(1);
    Ok(())
};
const TWO: RandomSource = |octets| {
    octets.fill(2);
    Ok(())
};

#[test]
fn the_published_ecdsa_value_comes_out_without_randomness() {
    let key = p256(FAILING);
    let (algorithm, value) = PUBLISHED[0].sample[0];
    assert_eq!(key.sign_digest_with(algorithm, &digest(algorithm, b"sample")), Ok(hex(value)));
}

#[test]
fn an_rsa_key_is_not_used_without_random_octets() {
    let pem = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap().serialize_pem();
    for source in [FAILING, FORGETFUL] {
        let key = SigningKey::from_pem(pem.as_bytes(), Backend::RustCrypto(source)).unwrap();
        for algorithm in ALL.into_iter().filter(|algorithm| algorithm.is_for(key.algorithm())) {
            let refused = key.sign_digest_with(algorithm, &digest(algorithm, b"octets"));
            assert_eq!(refused, Err(Error::RandomSourceFailed), "{algorithm}");
        }
    }
}

#[test]
fn blinding_leaves_no_trace_in_a_value() {
    let pem = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap().serialize_pem();
    let digest = Digest::sha256(b"octets");
    let sign = |backend| SigningKey::from_pem(pem.as_bytes(), backend).unwrap().sign_digest(&digest).unwrap();
    let value = sign(Backend::RustCrypto(ONE));
    assert_eq!(sign(Backend::RustCrypto(TWO)), value);
    #[cfg(feature = "aws-lc")]
    assert_eq!(sign(Backend::AwsLc), value);
}

/// The key of RFC 6979 appendix A.2.5 as SEC 1 has it.
fn p256(random: RandomSource) -> SigningKey {
    let number = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
    let der = hex(&format!("30310201010420{number}a00a06082a8648ce3d030107"));
    let pem = format!(
        "-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----\n",
        BASE64_STANDARD.encode(der)
    );
    SigningKey::from_pem(pem.as_bytes(), Backend::RustCrypto(random)).unwrap()
}
