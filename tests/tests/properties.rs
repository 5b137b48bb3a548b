//! What holds of every document and every message, tried on generated ones.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

mod generated;

use generated::element;
use ksz::pki::{Identity, TrustStore};
use ksz::wss::{Policy, PrefixLists, Replay, SigningOptions, sign_x509, verify_x509};
use ksz::xml::{Document, Limits};
use ksz::xmldsig::{CanonicalizationMethod, PrefixList};
use ksz_tests::backend;
use ksz_tests::keys::{self, Authority};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::SystemTime;

/// One signed message, who signed it and when.
struct Signed {
    message: String,
    trust: TrustStore,
    now: SystemTime,
}

static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let authority = Authority::new("Example Root").with_backend(backend!());
    let (identity, now): (Identity, _) = (authority.ec("one"), SystemTime::now());
    let envelope = ksz::soap::write_envelope(
        "<a:x xmlns:a=\"urn:a\" xmlns=\"urn:d\" b=\"1 &amp; 2\"><y a:z='3'/>text &lt; &#233;<!-- c --></a:x>",
    );
    let mut options = SigningOptions::default();
    options.prefix_lists = PrefixLists::Written;
    let message = sign_x509(envelope.as_bytes(), &identity, &keys::ids("1"), now, &options).unwrap();
    Signed { message, trust: TrustStore::new(vec![authority.certificate()], backend!()), now }
});

/// The octets of the Body if the message is accepted.
fn accepted_body(message: &[u8]) -> Option<Vec<u8>> {
    let Signed { trust, now, .. } = &*SIGNED;
    let verified = verify_x509(message, trust, &Policy::default(), Replay::NotChecked, *now).ok()?;
    Some(verified.body().octets().to_vec())
}

#[test]
fn the_message_that_is_changed_below_is_accepted_unchanged() {
    assert!(accepted_body(SIGNED.message.as_bytes()).is_some());
}

proptest! {
    #[test]
    fn a_message_with_one_changed_octet_is_refused_or_says_the_same(at in any::<prop::sample::Index>(), octet: u8) {
        let mut message = SIGNED.message.clone().into_bytes();
        let at = at.index(message.len());
        message[at] = octet;
        if let Some(body) = accepted_body(&message) {
            prop_assert_eq!(Some(body), accepted_body(SIGNED.message.as_bytes()));
        }
    }

    #[test]
    fn a_message_with_a_piece_moved_is_refused_or_says_the_same(
        from in any::<prop::sample::Index>(),
        length in 1_usize..400,
        to in any::<prop::sample::Index>(),
    ) {
        let text = SIGNED.message.as_bytes();
        let from = from.index(text.len());
        let end = (from + length).min(text.len());
        let mut message = [&text[..from], &text[end..]].concat();
        let to = to.index(message.len());
        message.splice(to..to, text[from..end].iter().copied());
        if let Some(body) = accepted_body(&message) {
            prop_assert_eq!(Some(body), accepted_body(text));
        }
    }

    #[test]
    fn canonical_octets_are_their_own_canonical_form(
        document in element(4),
        prefixes in prop::sample::select(vec!["", "p", "q #default", "p q r unknown"]),
    ) {
        let method = CanonicalizationMethod::exclusive(PrefixList::parse(prefixes)).with_comments();
        let once = canonical(&method, document.as_bytes());
        let twice = canonical(&method, &once);
        prop_assert_eq!(String::from_utf8(once), String::from_utf8(twice));
    }

    #[test]
    fn octets_at_random_are_refused_without_a_panic(octets: Vec<u8>) {
        let _ = Document::parse(&octets, &Limits::default());
        let _ = accepted_body(&octets);
    }
}

fn canonical(method: &CanonicalizationMethod, input: &[u8]) -> Vec<u8> {
    let document = Document::parse(input, &Limits::default()).unwrap();
    let mut octets = Vec::new();
    method.canonicalize_document(&document, &mut octets).unwrap();
    octets
}
