//! Stores of every accepted protection.

use crate::fixture::{Authorities, Signer, Store, assert_is, certificates, ec, named, password};
use ksz_pki::{Backend, Error, Identity, KeyStore, KeyStoreForm, Password, SigningKey};
use p12_keystore::{EncryptionAlgorithm, MacAlgorithm};

#[test]
fn a_store_gives_key_and_ordered_chain() {
    let authorities = Authorities::new();
    let signer = authorities.signer("Hospital");
    let store = Store::new().with("mine", &signer, &authorities.pem()).write();

    let identity = Identity::from_pkcs12(&store, &password(), Backend::default()).unwrap();

    assert_is(&identity, &signer);
    let above = certificates(&(authorities.issuing.pem() + &authorities.root.pem()));
    assert_eq!(identity.chain()[1..], above);
}

#[test]
fn every_accepted_protection_opens() {
    let authorities = Authorities::new();
    let signer = authorities.signer("Hospital");
    for encryption in [
        EncryptionAlgorithm::PbeWithHmacSha256AndAes256,
        EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc,
        EncryptionAlgorithm::PbeWithShaAnd40BitRc4Cbc,
    ] {
        for mac in [
            MacAlgorithm::HmacSha1,
            MacAlgorithm::HmacSha224,
            MacAlgorithm::HmacSha256,
            MacAlgorithm::HmacSha384,
            MacAlgorithm::HmacSha512,
        ] {
            let store = Store::new().with("mine", &signer, "").encryption(encryption).mac(mac).write();

            let opened = Identity::read(&store, Some(&password()), Backend::default());

            assert_is(&opened.unwrap_or_else(|error| panic!("{encryption:?} {mac:?}: {error}")), &signer);
        }
    }
}

#[test]
fn a_wrong_password_is_refused() {
    let signer = Authorities::new().signer("Hospital");
    let store = Store::new().with("mine", &signer, "").write();

    for wrong in ["", "Correct horse", "correct horse ", "correct hors"] {
        let error = Identity::from_pkcs12(&store, &Password::new(wrong.into()), Backend::default());
        assert_eq!(error.unwrap_err(), Error::WrongPassword { what: "key store" }, "{wrong:?}");
    }
    let none = Identity::read(&store, None, Backend::default()).unwrap_err();
    assert_eq!(none, Error::PasswordNeeded);
}

#[test]
fn the_empty_password_opens_its_store() {
    let signer = Authorities::new().signer("Hospital");
    let store = Store::new().with("mine", &signer, "").password("").write();

    for password in [None, Some(&Password::new(String::new()))] {
        assert_is(&Identity::read(&store, password, Backend::default()).unwrap(), &signer);
    }
}

#[test]
fn a_password_beyond_ascii_opens_its_store() {
    let signer = Authorities::new().signer("Hospital");
    let store = Store::new().with("mine", &signer, "").password("clé-été-ß").write();

    let identity = Identity::from_pkcs12(&store, &Password::new("clé-été-ß".into()), Backend::default());

    assert_is(&identity.unwrap(), &signer);
}

#[test]
fn certificates_that_belong_to_no_key_are_listed_apart() {
    let authorities = Authorities::new();
    let signer = authorities.signer("Hospital");
    let stranger = named("Stranger").self_signed(&ec()).unwrap().pem();
    let store =
        Store::new().with("mine", &signer, &authorities.pem()).with_certificate("other", &stranger).write();

    let store = KeyStore::read(&store, Some(&password()), Backend::default()).unwrap();

    assert_eq!(store.form(), KeyStoreForm::Pkcs12);
    assert_eq!(store.entries().len(), 1);
    assert_eq!(store.entries()[0].chain().len(), 3);
    assert_eq!(store.certificates(), certificates(&stranger));
}

#[test]
fn a_store_without_a_key_is_no_identity() {
    let certificates = Store::new().with_certificate("root", &Authorities::new().root.pem()).write();

    for store in [certificates, Store::new().write()] {
        let identity = Identity::from_pkcs12(&store, &password(), Backend::default());
        let key = SigningKey::read(&store, Some(&password()), Backend::default());

        assert_eq!(identity.unwrap_err(), Error::NoPrivateKey);
        assert_eq!(key.unwrap_err(), Error::NoPrivateKey);
    }
}

#[test]
fn a_certificate_of_another_key_is_not_taken_for_its_own() {
    let authorities = Authorities::new();
    let exchanged = Signer { key: ec(), ..authorities.signer("Hospital") };
    let store = Store::new().with("mine", &exchanged, "").write();

    let key = SigningKey::read(&store, Some(&password()), Backend::default());
    let identity = Identity::from_pkcs12(&store, &password(), Backend::default());

    assert!(key.is_ok());
    assert_eq!(identity.unwrap_err(), Error::NoCertificate);
}

#[test]
fn what_is_no_store_is_told_apart() {
    let signer = Authorities::new().signer("Hospital");
    let pem = signer.certificate.clone() + &signer.key.serialize_pem();

    let error = Identity::from_pkcs12(pem.as_bytes(), &password(), Backend::default()).unwrap_err();

    assert_eq!(error, Error::NotPkcs12 { detail: "it does not begin like one" });
    let java = [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, 1];
    let error = Identity::read(&java, Some(&password()), Backend::default()).unwrap_err();
    assert_eq!(error, Error::JavaKeyStore);
}
