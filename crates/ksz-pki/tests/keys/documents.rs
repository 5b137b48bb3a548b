//! Keys of documents of others, with values that others made.

use crate::rfc6979::PUBLISHED;
use crate::{digest, flipped};
use base64::{Engine, prelude::BASE64_STANDARD};
use ksz_pki::{Backend, Curve, Error, KeyKind, PublicKey, SignatureAlgorithm, VerifyingKey};

#[test]
fn the_published_ecdsa_values_are_accepted_and_changed_ones_refused() {
    for published in PUBLISHED {
        let key = VerifyingKey::from_spki_der(&hex(published.spki), Backend::default()).unwrap();
        assert_eq!(key.kind(), KeyKind::Ec(published.curve));
        for (algorithm, value) in published.sample {
            let (sample, value) = (digest(algorithm, b"sample"), hex(value));
            assert_eq!(
                key.verify_digest(algorithm, &sample, &value),
                Ok(()),
                "{} {algorithm}",
                published.curve
            );

            let mismatch = Err(Error::SignatureMismatch);
            let test = digest(algorithm, b"test");
            assert_eq!(key.verify_digest(algorithm, &test, &value), mismatch);
            for place in [value.len() / 2 - 1, value.len() - 1] {
                assert_eq!(key.verify_digest(algorithm, &sample, &flipped(&value, place)), mismatch);
            }
            let (r, s) = value.split_at(value.len() / 2);
            assert_eq!(key.verify_digest(algorithm, &sample, &[s, r].concat()), mismatch, "swapped");
            let longer = [&[0], r, &[0], s].concat();
            assert_eq!(
                key.verify_digest(algorithm, &sample, &longer),
                mismatch,
                "each with a zero before it"
            );
        }
    }
}

#[test]
fn keys_of_larger_curves_are_for_documents_and_not_for_messages() {
    for published in PUBLISHED {
        let strict = PublicKey::from_spki_der(&hex(published.spki), Backend::default()).map(|_| ());
        let refused = Error::KeyAlgorithmNotAccepted { algorithm: published.curve.to_string() };
        let expected = if published.curve == Curve::P256 { Ok(()) } else { Err(refused) };
        assert_eq!(strict, expected);
    }
}

#[test]
fn a_point_beside_its_curve_is_refused() {
    for published in PUBLISHED {
        let spki = hex(published.spki);
        let beside = flipped(&spki, spki.len() - 1);
        assert_eq!(
            VerifyingKey::from_spki_der(&beside, Backend::default()).unwrap_err(),
            Error::NotPublicKey { detail: "the key's numbers are not possible" }
        );
    }
}

#[test]
fn values_of_an_rsa_key_of_8192_bits_are_accepted_and_changed_ones_refused() {
    let key = VerifyingKey::from_pem(LONG_RSA, Backend::default()).unwrap();
    assert_eq!(key.kind(), KeyKind::Rsa { bits: 8192 });
    for (algorithm, value) in LONG_RSA_VALUES {
        let value = BASE64_STANDARD.decode(value.replace('\n', "")).unwrap();
        let sample = digest(algorithm, b"sample");
        assert_eq!(key.verify_digest(algorithm, &sample, &value), Ok(()), "{algorithm}");

        let mismatch = Err(Error::SignatureMismatch);
        assert_eq!(key.verify_digest(algorithm, &digest(algorithm, b"test"), &value), mismatch);
        assert_eq!(key.verify_digest(algorithm, &sample, &flipped(&value, 1023)), mismatch);
        assert_eq!(key.verify_digest(algorithm, &sample, &[&[0], &value[..]].concat()), mismatch);
    }
}

#[test]
fn a_long_rsa_key_is_for_documents_and_not_for_messages() {
    let refused = PublicKey::from_pem(LONG_RSA, Backend::default()).unwrap_err();
    assert_eq!(refused, Error::KeySize { bits: 8192 });
}

/// Made with OpenSSL: see `ORIGIN.md` beside it.
const LONG_RSA: &[u8] = include_bytes!("../vectors/rsa-8192/public.pem");
const LONG_RSA_VALUES: [(SignatureAlgorithm, &str); 4] = [
    (SignatureAlgorithm::RsaPkcs1Sha256, include_str!("../vectors/rsa-8192/rsassa-pkcs1-sha256.base64")),
    (SignatureAlgorithm::RsaPkcs1Sha384, include_str!("../vectors/rsa-8192/rsassa-pkcs1-sha384.base64")),
    (SignatureAlgorithm::RsaPkcs1Sha512, include_str!("../vectors/rsa-8192/rsassa-pkcs1-sha512.base64")),
    (SignatureAlgorithm::RsaPssSha256, include_str!("../vectors/rsa-8192/rsassa-pss-sha256.base64")),
];

fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}
