//! Vectors of others: octets and verdicts that independent implementations gave.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz::pki::{Digest, PublicKey, TrustStore, certificates_from_pem};
use ksz::soap::parse_date_time;
use ksz::sts::{AssertionTrust, verify_brokered};
use ksz::wss::{Policy, Replay, verify_x509};
use ksz::xml::{Document, Element, Limits, Reader, to_utf8};
use ksz::xmldsig::{CanonicalizationMethod, PrefixList};
use ksz_tests::{backend, shared};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn the_published_digests_of_the_source_documents_come_out() {
    let Some(folder) = shared("the published digests", "reference/ehealth/vectors") else { return };
    let vectors = manifest(&folder.join("vectors.json"));
    let vectors = vectors["vectors"].as_array().unwrap();
    for vector in vectors {
        let input = std::fs::read(folder.join(text(vector, "file"))).unwrap();
        let document = Document::parse(&input, &Limits::default()).unwrap();
        let element = by_id(&document, text(vector, "wsu_id")).unwrap();
        let prefixes: Vec<_> =
            vector["inclusive_prefix_list"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
        let method = CanonicalizationMethod::exclusive(PrefixList::parse(&prefixes.join(" ")));

        let mut octets = Vec::new();
        method.canonicalize(element, &mut octets).unwrap();

        assert_eq!(String::from_utf8(octets).unwrap(), text(vector, "canonical_octets_utf8"));
        assert_eq!(base64(method.digest(element).unwrap()), text(vector, "digest_value"));
    }
    assert_eq!(vectors.len(), 4);
}

#[test]
fn the_edges_of_canonicalization_come_out_octet_for_octet() {
    let counted = canonicalize_suite("vectors/c14n-edge");
    assert!(counted.is_none_or(|counted| counted == 57), "{counted:?}");
}

#[test]
fn the_examples_of_the_recommendations_come_out_octet_for_octet() {
    let counted = canonicalize_suite("vectors/w3c-c14n-examples");
    assert!(counted.is_none_or(|counted| counted == 22), "{counted:?}");
}

#[test]
fn messages_made_with_another_implementation_are_judged_as_it_judges_them() {
    let Some(folder) = shared("wss-made", "vectors/wss-made") else { return };
    let manifest = manifest(&folder.join("manifest.json"));
    let mut counts = BTreeMap::new();
    for vector in manifest["vectors"].as_array().unwrap() {
        let legacy = vector["needs_legacy_opt_in"].as_bool().unwrap();
        let expected = if legacy { "invalid" } else { text(vector, "expected") };
        let accepted = verify_made(&folder, vector);
        assert_eq!(accepted.is_ok(), expected == "valid", "{}: {accepted:?}", text(vector, "id"));
        *counts.entry(expected).or_insert(0) += 1;
    }
    assert_eq!(counts, BTreeMap::from([("valid", 3), ("invalid", 7)]));
}

fn verify_made(folder: &Path, vector: &Value) -> Result<(), String> {
    let message = std::fs::read(folder.join(text(vector, "file"))).unwrap();
    let now = parse_date_time("verify_at", text(vector, "verify_at")).unwrap();
    let policy = Policy::default();
    if text(vector, "profile") == "x509" {
        let anchor = std::fs::read(folder.join(text(&vector["key"], "cert"))).unwrap();
        let trust = TrustStore::new(certificates_from_pem(&anchor).unwrap(), backend!());
        verify_x509(&message, &trust, &policy, Replay::NotChecked, now).map(|_| ()).map_err(|e| e.to_string())
    } else {
        let key = std::fs::read(folder.join(text(vector, "sts_key"))).unwrap();
        let key = PublicKey::from_pem(&key, backend!()).unwrap();
        let trust =
            AssertionTrust::new("urn:be:fgov:ehealth:sts:1_0", vec![], backend!()).with_keys(vec![key]);
        verify_brokered(&message, &trust, &policy, Replay::NotChecked, now)
            .map(|_| ())
            .map_err(|e| e.to_string())
    }
}

/// Runs the vectors of a suite and counts them.
fn canonicalize_suite(suite: &str) -> Option<usize> {
    let folder = shared(suite, suite)?;
    let manifest = manifest(&folder.join("manifest.json"));
    let mut counted = 0;
    for vector in manifest["vectors"].as_array().unwrap() {
        let prefixes = PrefixList::parse(vector["inclusive_prefixes"].as_str().unwrap_or_default());
        let method = CanonicalizationMethod::from_uri(text(vector, "algorithm"), prefixes).unwrap();
        let id = text(vector, "id");
        counted += 1;
        let input = std::fs::read(folder.join(text(vector, "file"))).unwrap();
        match (canonicalize(vector, &input, &method), text(vector, "expected")) {
            (Ok(octets), "match") => {
                let expected = std::fs::read(folder.join(text(vector, "expected_file"))).unwrap();
                assert_eq!(String::from_utf8(octets), String::from_utf8(expected), "{id}");
            }
            (Err(_), "reject") => {}
            (Err(error), _) if vector["dtd"] == true => {
                assert!(error.contains("DocumentType"), "{id}: {error}")
            }
            (result, expected) => panic!("{id}: expected {expected}, got {result:?}"),
        }
    }
    Some(counted)
}

fn canonicalize(vector: &Value, input: &[u8], method: &CanonicalizationMethod) -> Result<Vec<u8>, String> {
    let refused = |error| format!("{error:?}");
    let input = to_utf8(input).map_err(refused)?;
    let document = Document::parse_with_instructions(&input, &Limits::default()).map_err(refused)?;
    let mut octets = Vec::new();
    let written = match (vector["apex_id"].as_str(), vector["apex"].as_str()) {
        (Some(id), _) => method.canonicalize(by_id(&document, id)?, &mut octets),
        (None, Some(apex)) => method.canonicalize(first_named(&document, apex), &mut octets),
        (None, None) => {
            let reader = Reader::with_instructions(&input, &Limits::default()).map_err(refused)?;
            let mut streamed = Vec::new();
            method.canonicalize_stream(reader, &mut streamed).map_err(refused)?;
            let written = method.canonicalize_document(&document, &mut octets);
            assert_eq!(streamed, octets, "with a tree and without");
            written
        }
    };
    written.map(|()| octets).map_err(refused)
}

fn by_id<'d>(document: &'d Document<'_>, id: &'d str) -> Result<Element<'d>, String> {
    let found: Vec<_> = document.elements_by_id(id).collect();
    match found.as_slice() {
        &[element] => Ok(element),
        others => Err(format!("{} elements have the identifier {id}", others.len())),
    }
}

/// The apex of a vector that says `first element with local name …` or `element with Id …`.
fn first_named<'d>(document: &'d Document<'_>, apex: &str) -> Element<'d> {
    let named = |element: &Element<'_>| match apex.strip_prefix("first element with local name ") {
        Some(name) => element.local_name() == name,
        None => element.attribute("", "Id") == apex.strip_prefix("element with Id "),
    };
    document.root().descendants().find(named).unwrap()
}

fn manifest(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} of {value}"))
}

fn base64(digest: Digest) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.encode(digest.as_bytes())
}
