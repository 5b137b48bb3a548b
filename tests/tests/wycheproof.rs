//! Project Wycheproof: signature values that broken verifiers accept, through our own verify functions.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz::pki::{Digest, PublicKey, SignatureAlgorithm, VerifyingKey};
use ksz_tests::{backend, shared};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// By whom the good values of a file are taken.
#[derive(Clone, Copy, PartialEq)]
enum Taken {
    /// By the keys of messages and by those of documents.
    Everywhere,
    /// By the keys of documents alone.
    InDocuments,
    /// By none: ECDSA values in DER, the form of X.509, however good.
    Nowhere,
}

const FILES: [(&str, SignatureAlgorithm, Taken); 6] = [
    ("rsa_signature_2048_sha256_test.json", SignatureAlgorithm::RsaPkcs1Sha256, Taken::Everywhere),
    ("rsa_signature_4096_sha256_test.json", SignatureAlgorithm::RsaPkcs1Sha256, Taken::Everywhere),
    ("rsa_pss_2048_sha256_mgf1_32_test.json", SignatureAlgorithm::RsaPssSha256, Taken::InDocuments),
    ("ecdsa_secp256r1_sha256_p1363_test.json", SignatureAlgorithm::EcdsaSha256, Taken::Everywhere),
    ("ecdsa_secp384r1_sha384_p1363_test.json", SignatureAlgorithm::EcdsaSha384, Taken::InDocuments),
    ("ecdsa_secp256r1_sha256_test.json", SignatureAlgorithm::EcdsaSha256, Taken::Nowhere),
];

#[test]
fn every_value_of_every_file_is_judged_as_published() {
    let Some(folder) = shared("Wycheproof", "vectors/wycheproof") else { return };
    let manifest = read(&folder.join("manifest.json"));
    let listed = manifest["vectors"].as_array().unwrap();
    let names: BTreeSet<_> = listed.iter().map(|vector| vector["file"].as_str().unwrap()).collect();
    assert_eq!(names, FILES.iter().map(|(file, ..)| *file).collect(), "a file is left out");

    for (file, algorithm, taken) in FILES {
        let counts = &listed.iter().find(|vector| vector["file"] == file).unwrap()["counts"];
        let (valid, invalid) = judge(&folder.join(file), algorithm, taken);
        assert_eq!(
            (counts["valid"].as_u64(), counts["invalid"].as_u64()),
            (Some(valid), Some(invalid)),
            "{file}"
        );
    }
}

/// Compares what is published of each value with what we say, and counts the good and the bad.
fn judge(file: &Path, algorithm: SignatureAlgorithm, taken: Taken) -> (u64, u64) {
    let (mut valid, mut invalid) = (0, 0);
    for group in read(file)["testGroups"].as_array().unwrap() {
        let spki = hex(&group["publicKeyDer"]);
        let of_documents = VerifyingKey::from_spki_der(&spki, backend!());
        let of_messages = PublicKey::from_spki_der(&spki, backend!());
        for test in group["tests"].as_array().unwrap() {
            let is_valid = test["result"] == "valid";
            *if is_valid { &mut valid } else { &mut invalid } += 1;
            let (digest, value) = (Digest::of(algorithm.digest(), &hex(&test["msg"])), hex(&test["sig"]));
            let accepted = [
                of_documents.as_ref().is_ok_and(|key| key.verify_digest(algorithm, &digest, &value).is_ok()),
                of_messages.as_ref().is_ok_and(|key| key.verify_digest(&digest, &value).is_ok()),
            ];
            let expected =
                [taken != Taken::Nowhere, taken == Taken::Everywhere].map(|taken| taken && is_valid);
            assert_eq!(accepted, expected, "{}: {} {}", file.display(), test["tcId"], test["comment"]);
        }
    }
    (valid, invalid)
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn hex(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}
