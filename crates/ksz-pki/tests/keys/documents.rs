//! Keys of documents of others, with values that others made.

use crate::backends::BACKENDS;
use crate::rfc6979::{PUBLISHED, hex};
use crate::{digest, flipped};
use base64::{Engine, prelude::BASE64_STANDARD};
use ksz_pki::{Curve, Error, KeyKind, PublicKey, SignatureAlgorithm, VerifyingKey};
#[cfg(feature = "x509")]
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256};

#[test]
fn the_published_ecdsa_values_are_accepted_and_changed_ones_refused() {
    for (published, &backend) in PUBLISHED.iter().flat_map(|one| BACKENDS.iter().map(move |two| (one, two))) {
        let key = VerifyingKey::from_spki_der(&hex(published.spki), backend).unwrap();
        assert_eq!(key.kind(), KeyKind::Ec(published.curve));
        for (algorithm, value) in published.sample {
            let (sample, value) = (digest(algorithm, b"sample"), hex(value));
            let accepted = key.verify_digest(algorithm, &sample, &value);
            assert_eq!(accepted, Ok(()), "{backend:?} {} {algorithm}", published.curve);

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
    for (published, &backend) in PUBLISHED.iter().flat_map(|one| BACKENDS.iter().map(move |two| (one, two))) {
        let strict = PublicKey::from_spki_der(&hex(published.spki), backend).map(|_| ());
        let refused = Error::KeyAlgorithmNotAccepted { algorithm: published.curve.to_string() };
        let expected = if published.curve == Curve::P256 { Ok(()) } else { Err(refused) };
        assert_eq!(strict, expected);
    }
}

#[test]
fn a_point_beside_its_curve_is_refused() {
    for (published, &backend) in PUBLISHED.iter().flat_map(|one| BACKENDS.iter().map(move |two| (one, two))) {
        let spki = hex(published.spki);
        let beside = flipped(&spki, spki.len() - 1);
        assert_eq!(
            VerifyingKey::from_spki_der(&beside, backend).unwrap_err(),
            Error::NotPublicKey { detail: "the key's numbers are not possible" }
        );
    }
}

#[test]
fn values_of_an_rsa_key_of_8192_bits_are_accepted_and_changed_ones_refused() {
    for &backend in BACKENDS {
        let key = VerifyingKey::from_pem(LONG_RSA, backend).unwrap();
        assert_eq!(key.kind(), KeyKind::Rsa { bits: 8192 });
        for (algorithm, value) in LONG_RSA_VALUES {
            let value = decoded(value);
            let sample = digest(algorithm, b"sample");
            assert_eq!(key.verify_digest(algorithm, &sample, &value), Ok(()), "{backend:?} {algorithm}");

            let mismatch = Err(Error::SignatureMismatch);
            assert_eq!(key.verify_digest(algorithm, &digest(algorithm, b"test"), &value), mismatch);
            assert_eq!(key.verify_digest(algorithm, &sample, &flipped(&value, 1023)), mismatch);
            assert_eq!(key.verify_digest(algorithm, &sample, &[&[0], &value[..]].concat()), mismatch);
        }
    }
}

#[test]
fn a_long_rsa_key_is_for_documents_and_not_for_messages() {
    for &backend in BACKENDS {
        let refused = PublicKey::from_pem(LONG_RSA, backend).unwrap_err();
        assert_eq!(refused, Error::KeySize { bits: 8192 });
    }
}
#[test]
fn a_value_that_is_only_right_after_its_first_octet_is_refused() {
    for &backend in BACKENDS {
        let key = VerifyingKey::from_pem(ODD_RSA, backend).unwrap();
        assert_eq!(key.kind(), KeyKind::Rsa { bits: 2049 });
        for (algorithm, value, expected) in ODD_RSA_VALUES {
            let verified = key.verify_digest(algorithm, &digest(algorithm, b"sample"), &decoded(value));
            assert_eq!(verified, expected, "{backend:?} {value}");
        }
    }
}

/// Made with OpenSSL: see `ORIGIN.md` beside it.
const LONG_RSA: &[u8] = include_bytes!("../vectors/rsa-8192/public.pem");
const LONG_RSA_VALUES: [(SignatureAlgorithm, &str); 4] = [
    (SignatureAlgorithm::RsaPkcs1Sha256, include_str!("../vectors/rsa-8192/rsassa-pkcs1-sha256.base64")),
    (SignatureAlgorithm::RsaPkcs1Sha384, include_str!("../vectors/rsa-8192/rsassa-pkcs1-sha384.base64")),
    (SignatureAlgorithm::RsaPkcs1Sha512, include_str!("../vectors/rsa-8192/rsassa-pkcs1-sha512.base64")),
    (SignatureAlgorithm::RsaPssSha256, include_str!("../vectors/rsa-8192/rsassa-pss-sha256.base64")),
];

/// A key whose modulus has one bit in its first octet: see `ORIGIN.md` beside it.
const ODD_RSA: &[u8] = include_bytes!("../vectors/rsa-2049/public.pem");
const ODD_RSA_VALUES: [(SignatureAlgorithm, &str, Result<(), Error>); 5] = [
    (PKCS1, include_str!("../vectors/rsa-2049/pkcs1-good.base64"), Ok(())),
    (PKCS1, include_str!("../vectors/rsa-2049/pkcs1-plus-modulus.base64"), MISMATCH),
    (PSS, include_str!("../vectors/rsa-2049/pss-good.base64"), Ok(())),
    (PSS, include_str!("../vectors/rsa-2049/pss-plus-modulus.base64"), MISMATCH),
    (PSS, include_str!("../vectors/rsa-2049/pss-high-bit.base64"), MISMATCH),
];
const PKCS1: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1Sha256;
const PSS: SignatureAlgorithm = SignatureAlgorithm::RsaPssSha256;
const MISMATCH: Result<(), Error> = Err(Error::SignatureMismatch);

fn decoded(text: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(text.replace('\n', "")).unwrap()
}

/// Public key, private key and certificate of one pair, with what else a file may hold around them.
#[cfg(feature = "x509")]
#[test]
fn a_key_is_read_from_whatever_pem_it_stands_in() {
    for algorithm in [&PKCS_RSA_SHA256, &PKCS_ECDSA_P256_SHA256] {
        let pair = KeyPair::generate_for(algorithm).unwrap();
        let certificate = CertificateParams::new(vec![]).unwrap().self_signed(&pair).unwrap().pem();
        let other = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let another = CertificateParams::new(vec![]).unwrap().self_signed(&other).unwrap().pem();
        let (public, private) = (pair.public_key_pem(), pair.serialize_pem());
        for &backend in BACKENDS {
            let expected = VerifyingKey::from_pem(public.as_bytes(), backend).unwrap();
            for pem in [
                public.clone(),
                private.clone(),
                certificate.clone(),
                format!("{certificate}{another}"),
                format!("{another}{private}"),
                format!("{public}{private}{another}"),
            ] {
                assert_eq!(VerifyingKey::read(pem.as_bytes(), backend), Ok(expected.clone()), "{pem}");
            }
        }
    }
}

#[cfg(feature = "x509")]
#[test]
fn a_pem_of_no_key_or_of_several_is_refused() {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap().serialize_pem();
    let (public, private) = (pair.public_key_pem(), pair.serialize_pem());
    let encrypted = private.replace(" PRIVATE", " ENCRYPTED PRIVATE");
    let count = |label, found| Error::PemCount { label, found };
    for &backend in BACKENDS {
        for (pem, refusal) in [
            (public.repeat(2), count("KEY", 2)),
            (private.repeat(2), count("KEY", 2)),
            (public.replace("PUBLIC KEY", "PARAMETERS"), count("CERTIFICATE", 0)),
            (encrypted.clone(), Error::PasswordNeeded),
            (p384.clone(), Error::KeyAlgorithmNotAccepted { algorithm: "P-384".into() }),
        ] {
            assert_eq!(VerifyingKey::read(pem.as_bytes(), backend), Err(refusal), "{pem}");
        }
    }
}
