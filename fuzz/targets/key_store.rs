//! Key stores and key files of every form. The first octet chooses the password.

#![no_main]

use ksz_fuzz::choice;
use ksz_pki::{Backend, Digest, KeyStore, Password};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((kind, file)) = choice(data) else { return };
    let password = match kind % 3 {
        0 => None,
        1 => Some(Password::new(String::new())),
        _ => Some(Password::new("password".into())),
    };
    let Ok(store) = KeyStore::read(file, password.as_ref(), Backend::default()) else { return };
    for entry in store.entries() {
        let _ = (entry.alias(), entry.key_description(), entry.certificate(), entry.chain());
        has_no_person(&entry.display_name());
        if let Ok(identity) = entry.identity() {
            let digest = Digest::sha256(b"octets");
            let value = identity.key().sign_digest(&digest).expect("a key that made an identity signs");
            let key = identity.certificate().public_key(Backend::default()).expect("so does its certificate");
            assert!(key.verify_digest(&digest, &value).is_ok(), "key and certificate are no pair");
        }
    }
    if let Ok(choice) = store.choose() {
        assert!(store.entries().iter().any(|entry| std::ptr::eq(entry, choice.entry)));
    }
});

/// What people see of a store holds no number of a person: eleven digits in a row.
fn has_no_person(shown: &str) {
    let digits = shown.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    assert!(digits != 11, "{shown}");
}
