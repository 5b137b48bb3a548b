//! What holds of every change in a signed document, tried on generated ones.

use super::world::{ORDER, WORLD, parse, verify_by};
use ksz::xmldsig::{CanonicalizationMethod, DocumentSigner, SignatureMethod};
use proptest::prelude::*;
use std::sync::LazyLock;

/// One document in three forms, and the octets that each signature covers.
static SIGNED: LazyLock<Vec<(String, Vec<Vec<u8>>)>> = LazyLock::new(|| {
    let (document, key) = (parse(ORDER), WORLD.ec.key());
    let line = document.elements_by_id("line-1").next().unwrap();
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256);
    let inclusive = signer.clone().with_canonicalization(CanonicalizationMethod::inclusive_11());
    let signed = [
        inclusive.sign_enveloped(&document, key).unwrap(),
        inclusive.sign_detached(&document, &[line], key).unwrap(),
        signer.sign_enveloping(&document, "object", key).unwrap(),
    ];
    signed.into_iter().map(|signed| (signed.clone(), covered(signed.as_bytes()).unwrap())).collect()
});

/// What is verified of a document, if it is.
fn covered(document: &[u8]) -> Option<Vec<Vec<u8>>> {
    let verified = verify_by(&WORLD.ec, std::str::from_utf8(document).ok()?).ok()?;
    Some(verified.references().iter().map(|reference| reference.part().octets().to_vec()).collect())
}

proptest! {
    #[test]
    fn a_document_with_one_changed_octet_is_refused_or_says_the_same(
        form in 0_usize..3,
        at in any::<prop::sample::Index>(),
        octet: u8,
    ) {
        let (signed, octets) = &SIGNED[form];
        let mut changed = signed.clone().into_bytes();
        let at = at.index(changed.len());
        changed[at] = octet;
        if let Some(covered) = covered(&changed) {
            prop_assert_eq!(&covered, octets);
        }
    }

    #[test]
    fn one_changed_character_of_a_signed_text_is_never_accepted(
        form in 0_usize..3,
        at in 0_usize..4,
        character in prop::char::range('a', 'z'),
    ) {
        let (signed, _) = &SIGNED[form];
        let text = signed.find("caf\u{e9}").unwrap();
        let place = text + [0, 1, 2, "caf\u{e9} &lt; ".len()][at];
        prop_assume!(!signed[place..].starts_with(character));
        let changed = format!("{}{character}{}", &signed[..place], &signed[place + 1..]);
        prop_assert!(covered(changed.as_bytes()).is_none());
    }

    #[test]
    fn a_document_with_a_piece_moved_is_refused_or_says_the_same(
        form in 0_usize..3,
        from in any::<prop::sample::Index>(),
        length in 1_usize..400,
        to in any::<prop::sample::Index>(),
    ) {
        let (signed, octets) = &SIGNED[form];
        let text = signed.as_bytes();
        let from = from.index(text.len());
        let end = (from + length).min(text.len());
        let mut changed = [&text[..from], &text[end..]].concat();
        let to = to.index(changed.len());
        changed.splice(to..to, text[from..end].iter().copied());
        if let Some(covered) = covered(&changed) {
            prop_assert_eq!(&covered, octets);
        }
    }
}
