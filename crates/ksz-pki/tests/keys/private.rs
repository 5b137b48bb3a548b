//! Private keys in the forms of files, and files that are none.

use crate::backends::BACKENDS;
use base64::{Engine, prelude::BASE64_STANDARD};
use ksz_pki::{Digest, Error, PublicKey, SigningKey};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256};

#[test]
fn a_key_signs_the_same_from_pkcs8_and_from_the_form_of_its_kind() {
    for (algorithm, label) in
        [(&PKCS_RSA_SHA256, "RSA PRIVATE KEY"), (&PKCS_ECDSA_P256_SHA256, "EC PRIVATE KEY")]
    {
        let pair = KeyPair::generate_for(algorithm).unwrap();
        let pkcs8 = pair.serialize_der();
        let mut inner = pkcs8[inner_start(&pkcs8)..].to_vec();
        if label.starts_with("EC") {
            inner = with_curve(&inner);
        }
        for pem in [pem("PRIVATE KEY", &pkcs8), pem(label, &inner)] {
            for &backend in BACKENDS {
                let key = SigningKey::from_pem(pem.as_bytes(), backend).unwrap();
                let digest = Digest::sha256(b"octets");
                let value = key.sign_digest(&digest).unwrap();
                let public = PublicKey::from_pem(pair.public_key_pem().as_bytes(), backend).unwrap();
                assert_eq!(public.verify_digest(&digest, &value), Ok(()), "{label} {backend:?}");
            }
        }
    }
}

#[test]
fn a_key_whose_numbers_do_not_belong_together_is_refused() {
    for algorithm in [&PKCS_RSA_SHA256, &PKCS_ECDSA_P256_SHA256] {
        let pkcs8 = KeyPair::generate_for(algorithm).unwrap().serialize_der();
        // In the modulus or the secret number, and in the last number or the point.
        for place in [inner_start(&pkcs8) + 30, pkcs8.len() - 2] {
            let mut changed = pkcs8.clone();
            changed[place] ^= 2;
            for &backend in BACKENDS {
                let refused = SigningKey::from_pem(pem("PRIVATE KEY", &changed).as_bytes(), backend);
                let detail = "its numbers do not belong together".to_owned();
                assert_eq!(refused.unwrap_err(), Error::NotPrivateKey { detail }, "{backend:?} {place}");
            }
        }
    }
}

#[test]
fn a_private_key_on_another_curve_signs_no_messages() {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    for &backend in BACKENDS {
        let refused = SigningKey::from_pem(pair.serialize_pem().as_bytes(), backend);
        assert_eq!(refused.unwrap_err(), Error::KeyAlgorithmNotAccepted { algorithm: "P-384".into() });
    }
}

/// Where the key stands in PKCS#8: at the third SEQUENCE, after the whole and the identifier.
fn inner_start(pkcs8: &[u8]) -> usize {
    let sequences = pkcs8.iter().enumerate().filter(|(_, octet)| **octet == 0x30);
    sequences.map(|(at, _)| at).nth(2).unwrap()
}

/// The ECPrivateKey with the name of P-256 between its number and its point.
fn with_curve(key: &[u8]) -> Vec<u8> {
    let curve = [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    let number_end = 2 + 3 + 2 + 32;
    let named = [&key[2..number_end], &curve, &key[number_end..]].concat();
    [&[0x30, u8::try_from(named.len()).unwrap()], &named[..]].concat()
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64_STANDARD.encode(der))
}
