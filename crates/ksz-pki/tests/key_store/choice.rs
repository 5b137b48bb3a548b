//! Which entry of a store is chosen.

use crate::fixture::{Authorities, Signer, Store, assert_is, ec, named, password};
use ksz_pki::{Backend, ChoiceReason, Error, KeyStore};
use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384};

fn opened(store: &Store) -> KeyStore {
    KeyStore::read(&store.write(), Some(&password()), Backend::default()).unwrap()
}

/// A store as the eHealth platform makes it: the key that signs, and keys for decrypting by their serial
/// numbers.
fn ehealth(alias: &str, signer: &Signer, authorities: &Authorities) -> Store {
    let renewed = authorities.signer("Hospital, former");
    Store::new()
        .with("134917093621457321", &authorities.decrypter("Hospital"), "")
        .with(alias, signer, &authorities.pem())
        .with("972231873012398712", &renewed, "")
}

#[test]
fn the_alias_of_the_ehealth_platform_comes_first() {
    let authorities = Authorities::new();
    let signer = authorities.signer("Hospital");

    for alias in ["authentication", "Authentication", "AUTHENTICATION"] {
        let store = opened(&ehealth(alias, &signer, &authorities));
        let choice = store.choose().unwrap();

        assert_eq!((choice.reason, choice.entry.alias()), (ChoiceReason::Alias, Some(alias)));
        assert_is(&choice.entry.identity().unwrap(), &signer);
    }
}

#[test]
fn without_that_alias_the_only_key_that_may_sign_is_chosen() {
    let authorities = Authorities::new();
    let signer = authorities.signer("Hospital");
    let store =
        opened(&Store::new().with("a", &authorities.decrypter("Hospital"), "").with("b", &signer, ""));

    let choice = store.choose().unwrap();

    assert_eq!((choice.reason, choice.entry.alias()), (ChoiceReason::OnlySigningKey, Some("b")));
}

#[test]
fn two_keys_that_may_sign_are_refused_by_name_and_found_by_alias() {
    let authorities = Authorities::new();
    let [first, second] = ["One", "Two"].map(|name| authorities.signer(name));
    let store = opened(
        &Store::new().with("SSIN=79021802145 20260101-101500", &first, "").with("second", &second, "").with(
            "third",
            &authorities.decrypter("Three"),
            "",
        ),
    );

    let aliases = vec!["SSIN=*********45 20260101-101500".into(), "second".into()];
    assert_eq!(store.choose().unwrap_err(), Error::SeveralKeys { aliases });
    assert_is(&store.entry("SECOND").unwrap().identity().unwrap(), &second);
    let refused = store.entry("79021802145").unwrap_err();
    assert!(matches!(&refused, Error::NoSuchAlias { aliases, .. } if aliases.len() == 3));
    assert!(!format!("{refused} {refused:?} {store:?}").contains("79021802145"));
}

#[test]
fn keys_that_may_not_sign_are_not_chosen() {
    let authorities = Authorities::new();
    let store = opened(&Store::new().with("one", &authorities.decrypter("One"), "").with(
        "two",
        &authorities.decrypter("Two"),
        "",
    ));

    assert_eq!(
        store.choose().unwrap_err(),
        Error::NoSigningKey { aliases: vec!["one".into(), "two".into()] }
    );
}

#[test]
fn a_certificate_without_key_usage_may_sign() {
    let key = ec();
    let certificate = named("Plain").self_signed(&key).unwrap().pem();
    let other = Authorities::new().decrypter("Other");
    let store =
        opened(&Store::new().with("plain", &Signer { key, certificate }, "").with("other", &other, ""));

    let choice = store.choose().unwrap();

    assert_eq!((choice.reason, choice.entry.alias()), (ChoiceReason::OnlySigningKey, Some("plain")));
}

#[test]
fn the_only_key_is_chosen_whatever_its_certificate_says() {
    let store = opened(&Store::new().with("one", &Authorities::new().decrypter("One"), ""));

    assert_eq!(store.choose().unwrap().reason, ChoiceReason::OnlyKey);
}

#[test]
fn a_key_of_another_kind_is_an_entry_that_says_why_it_cannot_sign() {
    let authorities = Authorities::new();
    let signer = authorities.signer("Hospital");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let other = authorities.issue("Other", key, vec![rcgen::KeyUsagePurpose::KeyEncipherment]);
    let store = opened(&Store::new().with("other", &other, "").with("mine", &signer, ""));

    let choice = store.choose().unwrap();

    assert_eq!(choice.entry.alias(), Some("mine"));
    let other = store.entry("other").unwrap();
    assert!(matches!(other.key(), Err(Error::KeyAlgorithmNotAccepted { .. })));
    assert_eq!(other.certificate().unwrap().subject(), "CN=Other");
    assert!(other.identity().is_err());
}
