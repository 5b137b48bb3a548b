//! Signatures of documents of others, with a fixed key: whatever comes, what is handed out is what was signed.
//!
//! The first octet chooses a genuine document that is then changed, or takes the rest as the document itself.

#![no_main]

use ksz_fuzz::fixture::{self, DOCUMENTS};
use ksz_fuzz::{choice, edit};
use ksz_pki::VerifyingKey;
use ksz_xml::{Document, Limits};
use ksz_xmldsig::{DocumentSignature, SignatureLimits};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static KEY: LazyLock<VerifyingKey> = LazyLock::new(fixture::document_key);
/// What the genuine signatures cover.
static SIGNED: LazyLock<Vec<Vec<Vec<u8>>>> = LazyLock::new(|| {
    DOCUMENTS
        .iter()
        .map(|text| covered(text.as_bytes()).expect("the genuine documents are accepted"))
        .collect()
});

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = choice(data) else { return };
    let document = match DOCUMENTS.get(usize::from(kind) % (DOCUMENTS.len() + 1)) {
        Some(genuine) => edit::edited(genuine, rest).into_bytes(),
        None => rest.to_vec(),
    };
    if let Some(covered) = covered(&document) {
        assert!(SIGNED.contains(&covered), "nobody signed this: {covered:?}");
    }
});

/// The octets that the one signature of a document covers, if it is accepted.
fn covered(input: &[u8]) -> Option<Vec<Vec<u8>>> {
    let document = Document::parse_with_instructions(input, &Limits::default()).ok()?;
    let verified =
        DocumentSignature::only(&document, &SignatureLimits::documents()).ok()?.verify(&KEY).ok()?;
    Some(verified.references().iter().map(|reference| reference.part().octets().to_vec()).collect())
}
