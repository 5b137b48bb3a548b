//! Both opinions on published signatures, and on generated documents that we signed and changed.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

mod generated;

use generated::element;
use ksz::pki::{Identity, VerifyingKey};
use ksz::xml::{Document, Limits};
use ksz::xmldsig::{
    CanonicalizationMethod, DigestMethod, DocumentSignature, DocumentSigner, Error, PrefixList,
    SignatureLimits, SignatureMethod, VerifiedSignature,
};
use ksz_tests::keys::Authority;
use ksz_tests::{backend, shared};
use proptest::prelude::*;
use serde_json::Value;
use std::sync::LazyLock;

#[test]
fn both_accept_the_suite_of_xmlsec() {
    assert_shared("vectors/aleksey-xmldsig-01", 8);
}

#[test]
fn both_accept_the_interoperability_tests_of_xml_signature_1_1() {
    assert_shared("vectors/xmldsig11-interop-2012", 7);
}

#[test]
fn both_accept_the_documents_of_signxml() {
    assert_shared("vectors/signxml-interop", 9);
}

/// Asks for both opinions on what we accept of a suite: `accepted` files.
fn assert_shared(suite: &str, accepted: usize) {
    let Some(folder) = shared(&format!("a second opinion on {suite}"), suite) else { return };
    let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let mut both = 0;
    for vector in manifest["vectors"].as_array().unwrap() {
        let read = |name: &Value| std::fs::read(folder.join(name.as_str().unwrap())).unwrap();
        let Some(key_file) = vector["key"].get("file") else { continue };
        let Ok(key) = VerifyingKey::from_pem(&read(key_file), backend!()) else { continue };
        let input = read(&vector["file"]);
        if verify(&input, &key).is_err() {
            continue;
        }
        match judge(&input, &key) {
            Ok(verified) => assert_eq!(Ok(verified), verify(&input, &key)),
            Err(Error::NoSecondOpinion { .. }) => assert!(is_pss(&input), "{}", vector["id"]),
            Err(error) => panic!("{}: {error}", vector["id"]),
        }
        both += 1;
    }
    assert_eq!(both, accepted);
}

/// Versions of libxmlsec1 before 1.3 do not know RSASSA-PSS.
fn is_pss(input: &[u8]) -> bool {
    String::from_utf8_lossy(input).contains("-rsa-MGF1")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn both_accept_what_we_sign_and_never_disagree_on_a_change(
        inner in element(4),
        form in 0..4,
        canonicalization in canonicalization(),
        digest in prop::sample::select(DigestMethod::ALL.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let input = format!("<?before?><!-- before --><r:r xmlns:r='urn:r' xml:lang='nl'>{inner}\
            <r:part xml:space='preserve' Id='part'>{inner}</r:part></r:r><?after?>");
        let document = Document::parse_with_instructions(input.as_bytes(), &Limits::default()).unwrap();
        let part = document.elements_by_id("part").next().unwrap();
        let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256)
            .with_canonicalization(canonicalization)
            .with_digest(digest)
            .with_second_opinion(KEY.verifying.clone());
        let key = KEY.identity.key();
        let signed = match form {
            0 => signer.sign_enveloped(&document, key),
            1 => signer.sign_enveloped_in(&document, part, key),
            2 => signer.sign_detached(&document, &[part], key),
            _ => signer.sign_enveloping(&document, "object", key),
        };
        let signed = signed.map_err(|error| TestCaseError::fail(error.to_string()))?;
        for (at, octet) in changes {
            let mut changed = signed.clone().into_bytes();
            let at = at.index(changed.len());
            changed[at] = octet;
            let shown = String::from_utf8_lossy(&changed);
            match (verify(&changed, &KEY.verifying), judge(&changed, &KEY.verifying)) {
                // libxml2 canonicalizes no element in whose scope a namespace name is no URI.
                (Ok(_), Err(Error::NoSecondOpinion { .. })) => {}
                (ours, both) => prop_assert_eq!(ours, both, "{}", shown),
            }
        }
    }
}

fn canonicalization() -> impl Strategy<Value = CanonicalizationMethod> {
    let prefixes = prop::sample::select(vec!["", "r p", "q #default", "p q r unknown"]);
    let plain = prop_oneof![
        prefixes.prop_map(|prefixes| CanonicalizationMethod::exclusive(PrefixList::parse(prefixes))),
        Just(CanonicalizationMethod::inclusive()),
        Just(CanonicalizationMethod::inclusive_11()),
    ];
    (plain, any::<bool>()).prop_map(|(plain, comments)| if comments { plain.with_comments() } else { plain })
}

struct Key {
    identity: Identity,
    verifying: VerifyingKey,
}

static KEY: LazyLock<Key> = LazyLock::new(|| {
    let identity = Authority::new("Example Root").with_backend(backend!()).ec("one");
    let verifying = identity.certificate().public_key(backend!()).unwrap().into();
    Key { identity, verifying }
});

fn verify(input: &[u8], key: &VerifyingKey) -> Result<VerifiedSignature, Error> {
    let document = Document::parse_with_instructions(input, &Limits::default())?;
    DocumentSignature::only(&document, &SignatureLimits::documents())?.verify(key)
}

fn judge(input: &[u8], key: &VerifyingKey) -> Result<VerifiedSignature, Error> {
    let document = Document::parse_with_instructions(input, &Limits::default())?;
    DocumentSignature::only(&document, &SignatureLimits::documents())?.verify_with_second_opinion(key)
}
