//! Signatures of documents that others made, with the verdict that independent implementations gave.
//!
//! Every file of a suite is judged with its stated key, and counted by the published verdict and by ours.
//! What is not verified although it is published as valid has its reason in the table; nothing else is ever
//! valid.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz::error::Kind;
use ksz::pki::VerifyingKey;
use ksz::xml::{Document, Limits};
use ksz::xmldsig::{CanonicalizationMethod, DocumentSignature, Error, PrefixList, SignatureLimits};
use ksz_tests::{backend, shared};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn the_suite_of_xmlsec_is_judged_as_published() {
    assert_judged(
        "vectors/aleksey-xmldsig-01",
        &[
            ("valid", "valid", 8),
            ("valid", "unsupported Transform REC-xpath-19991116", 9),
            ("valid", "unsupported SignatureMethod rsa-sha1", 3),
            ("valid", "unsupported SignatureMethod sha1-rsa-MGF1", 1),
            ("valid", "unsupported SignatureMethod hmac-sha256", 1),
            ("valid", "unsupported SignatureMethod hmac-sha512", 1),
            ("valid", "xml-forbidden", 1),
            ("invalid", "unsupported SignatureMethod hmac-sha256", 1),
            ("invalid", "unsupported SignatureMethod hmac-sha512", 1),
            ("unsupported", "unsupported SignatureMethod dsa-sha1", 1),
            ("unsupported", "unsupported SignatureMethod dsa-sha256", 3),
            ("unsupported", "unsupported SignatureMethod ecdsa-sha224", 1),
            ("unsupported", "unsupported SignatureMethod eddsa-ed25519", 2),
            ("unsupported", "unsupported SignatureMethod hmac-md5", 2),
            ("unsupported", "unsupported SignatureMethod hmac-sha224", 2),
            ("unsupported", "unsupported SignatureMethod rsa-md5", 1),
            // The transform behind it is XPath Filter 2.
            ("unsupported", "unsupported SignatureMethod rsa-sha1", 2),
            ("unsupported", "unsupported SignatureMethod rsa-sha224", 2),
            ("unsupported", "unsupported SignatureMethod sha224-rsa-MGF1", 2),
        ],
    );
}

#[test]
fn the_interoperability_tests_of_xml_signature_1_1_are_judged_as_published() {
    assert_judged(
        "vectors/xmldsig11-interop-2012",
        &[
            // ECDSA on P-256 and P-384.
            ("valid", "valid", 7),
            ("valid", SHORT_KEY, 4),
            ("valid", "unsupported DigestMethod sha1", 3),
            ("valid", "unsupported SignatureMethod ecdsa-sha1", 2),
            ("valid", "unsupported SignatureMethod hmac-sha1", 1),
            ("valid", "unsupported SignatureMethod hmac-sha256", 1),
            ("valid", "unsupported SignatureMethod hmac-sha512", 1),
            ("invalid", "unsupported SignatureMethod hmac-sha1", 1),
            ("unsupported", "unsupported DigestMethod sha224", 1),
            ("unsupported", "unsupported SignatureMethod ecdsa-sha224", 2),
            ("unsupported", "unsupported SignatureMethod hmac-sha224", 1),
            ("unsupported", "unsupported SignatureMethod rsa-sha224", 1),
        ],
    );
}

#[test]
fn the_documents_of_signxml_are_judged_as_published() {
    assert_judged(
        "vectors/signxml-interop",
        &[
            ("valid", "valid", 9),
            ("valid", SHORT_KEY, 1),
            ("valid", "unsupported SignatureMethod rsa-sha1", 3),
            // An enveloped signature transform over an object in the signature.
            ("invalid", "reference", 1),
            ("invalid", "unsupported SignatureMethod rsa-sha1", 1),
        ],
    );
}

#[test]
fn the_suite_of_phaos_is_judged_as_published() {
    assert_judged(
        "vectors/phaos-xmldsig-three",
        &[
            ("valid", "unsupported SignatureMethod hmac-sha1", 1),
            ("valid", "unsupported SignatureMethod rsa-sha1", 3),
            ("invalid", "unsupported SignatureMethod rsa-sha1", 2),
            ("unsupported", "unsupported SignatureMethod dsa-sha1", 2),
            ("unsupported", "unsupported SignatureMethod hmac-md5", 1),
            ("unsupported", "unsupported SignatureMethod hmac-sha1", 1),
            ("unsupported", "unsupported SignatureMethod rsa-sha1", 1),
        ],
    );
}

#[test]
fn the_suite_of_merlin_is_judged_as_published() {
    assert_judged(
        "vectors/merlin-exc-c14n-one",
        &[("unsupported", "unsupported SignatureMethod dsa-sha1", 1)],
    );
}

/// The octets that the suite gives beside its signature, one file for each reference.
#[test]
fn the_octets_of_the_suite_of_merlin_come_out() {
    let Some(folder) = shared("the octets of merlin-exc-c14n-one", "vectors/merlin-exc-c14n-one") else {
        return;
    };
    let input = std::fs::read(folder.join("exc-signature.xml")).unwrap();
    let document = Document::parse(&input, &Limits::default()).unwrap();
    let to_be_signed = document.elements_by_id("to-be-signed").next().unwrap();
    let plain = CanonicalizationMethod::exclusive(PrefixList::default());
    let listed = CanonicalizationMethod::exclusive(PrefixList::parse("bar #default"));
    let methods = [plain.clone(), listed.clone(), plain.with_comments(), listed.with_comments()];
    for (index, method) in methods.into_iter().enumerate() {
        let mut octets = Vec::new();
        method.canonicalize(to_be_signed, &mut octets).unwrap();
        let expected = std::fs::read(folder.join(format!("c14n-{index}.txt"))).unwrap();
        assert_eq!(String::from_utf8(octets), String::from_utf8(expected), "{index}");
    }
}

/// Judges every file of a suite, and counts them by the published verdict and ours.
fn assert_judged(suite: &str, expected: &[(&str, &str, usize)]) {
    let Some(folder) = shared(suite, suite) else { return };
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let mut counted: BTreeMap<(String, String), usize> = BTreeMap::new();
    for vector in manifest["vectors"].as_array().unwrap() {
        let published = vector["expected"].as_str().unwrap().to_owned();
        let ours = judged(&folder, vector);
        assert!(may_be(vector, &published, &ours), "{}: {published}, {ours}", vector["id"]);
        *counted.entry((published, ours)).or_default() += 1;
    }
    let expected =
        expected.iter().map(|(published, ours, count)| (((*published).into(), (*ours).into()), *count));
    assert_eq!(counted, expected.collect());
}

/// Whether a file may be judged so: one in scope only as published, all others in no case as valid.
fn may_be(vector: &Value, published: &str, ours: &str) -> bool {
    let is_out_of_scope = vector["needs_legacy_opt_in"] == true
        || vector["needs_xpath"] == true
        || vector["key"]["type"] == "hmac";
    match published {
        "valid" if is_out_of_scope => ours.starts_with("unsupported") || ours.starts_with("xml-forbidden"),
        "valid" => ours == "valid" || ours == SHORT_KEY,
        "invalid" => ours != "valid",
        _ => ours.starts_with("unsupported"),
    }
}

const SHORT_KEY: &str = "supported, but the key has 1024 bits";

fn judged(folder: &Path, vector: &Value) -> String {
    let input = std::fs::read(folder.join(vector["file"].as_str().unwrap())).unwrap();
    let document = match Document::parse_with_instructions(&input, &Limits::default()) {
        Ok(document) => document,
        Err(error) => return told(&error.into()),
    };
    let signature = match DocumentSignature::only(&document, &SignatureLimits::documents()) {
        Ok(signature) => signature,
        Err(error) => return told(&error),
    };
    let pem = std::fs::read(folder.join(vector["key"]["file"].as_str().unwrap())).unwrap();
    let key = match VerifyingKey::from_pem(&pem, backend!()) {
        Ok(key) => key,
        Err(ksz::pki::Error::KeySize { bits: 1024 }) => return SHORT_KEY.into(),
        Err(error) => panic!("{}: {error}", vector["id"]),
    };
    match signature.verify(&key) {
        Ok(verified) if verified.references().is_empty() => panic!("{} covers nothing", vector["id"]),
        Ok(_) => "valid".into(),
        Err(error) => told(&error),
    }
}

/// `unsupported`, what names it and the end of its identifier; or the class of a refusal.
fn told(error: &Error) -> String {
    match error {
        Error::AlgorithmNotAccepted { role, uri } => {
            format!("unsupported {role} {}", uri.rsplit(['#', '/']).next().unwrap_or_default())
        }
        other if other.kind() == Kind::Unsupported => format!("unsupported {}", other.class()),
        other => other.class().to_string(),
    }
}
