//! Project Wycheproof: signature values that broken verifiers accept, through our own verify functions.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz::pki::{Backend, Digest, PublicKey};
use ksz_tests::shared;
use serde_json::Value;

#[test]
fn rsa_values_of_2048_bits_are_judged_as_published() {
    assert_judged("rsa_signature_2048_sha256_test.json", 130);
}

#[test]
fn rsa_values_of_4096_bits_are_judged_as_published() {
    assert_judged("rsa_signature_4096_sha256_test.json", 129);
}

#[test]
fn ecdsa_values_of_r_and_s_are_judged_as_published() {
    assert_judged("ecdsa_secp256r1_sha256_p1363_test.json", 131);
}

#[test]
fn ecdsa_values_in_der_are_refused_however_good() {
    let Some(tests) = tests("ecdsa_secp256r1_sha256_test.json") else { return };
    assert!(tests.iter().any(|test| test.published == "valid"));
    for test in tests {
        assert!(!test.accepted, "{}", test.comment);
    }
}

fn assert_judged(file: &str, count: usize) {
    let Some(tests) = tests(file) else { return };
    assert_eq!(tests.len(), count);
    for test in tests {
        assert_eq!(test.accepted, test.published == "valid", "{file}: {}", test.comment);
    }
}

/// One published value, what is published of it, and what we say.
struct Judged {
    comment: String,
    published: String,
    accepted: bool,
}

fn tests(file: &str) -> Option<Vec<Judged>> {
    let path = shared(file, "vectors/wycheproof")?.join(file);
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut judged = Vec::new();
    for group in vectors["testGroups"].as_array().unwrap() {
        let key = PublicKey::from_spki_der(&hex(&group["publicKeyDer"]), Backend::default());
        for test in group["tests"].as_array().unwrap() {
            let digest = Digest::sha256(&hex(&test["msg"]));
            let value = hex(&test["sig"]);
            judged.push(Judged {
                comment: format!("{} {}", test["tcId"], test["comment"]),
                published: test["result"].as_str().unwrap().to_owned(),
                accepted: key.as_ref().is_ok_and(|key| key.verify_digest(&digest, &value).is_ok()),
            });
        }
    }
    Some(judged)
}

fn hex(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}
