//! Certificates, keys and revocation lists. The first octet chooses what the rest is taken for.

#![no_main]

use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_fuzz::{choice, fixture};
use ksz_pki::{
    Backend, Certificate, Digest, Error, Identity, PublicKey, SigningKey, TrustStore, VerifyingKey,
    certificates_from_pem,
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static STORE: LazyLock<TrustStore> = LazyLock::new(|| {
    let anchor = fixture::certificate(include_str!("../fixtures/ec.crt"));
    TrustStore::new(vec![anchor], Backend::default())
});

fuzz_target!(|data: &[u8]| {
    let Some((kind, input)) = choice(data) else { return };
    match kind % 8 {
        0 => {
            if let Ok(certificate) = Certificate::from_der(input) {
                assert_eq!(certificate.der(), input, "a certificate is not what came");
                judge(&certificate);
            }
        }
        1 => certificates_from_pem(input).unwrap_or_default().iter().for_each(judge),
        2 => private_key("PRIVATE KEY", input),
        3 => private_key("EC PRIVATE KEY", input),
        4 => private_key("RSA PRIVATE KEY", input),
        5 => public_key(input),
        6 => drop(STORE.clone().with_revocation_lists(input)),
        _ => drop(Identity::from_pem(input, Backend::default())),
    }
});

fn judge(certificate: &Certificate) {
    let accepted = STORE.accept(certificate, fixture::signed_at());
    if let Ok(trusted) = accepted {
        assert_eq!(trusted.certificate(), certificate);
    }
    public_key(certificate.spki_der());
    let identifiers = certificate.identifiers();
    let _ = (certificate.display_subject(), certificate.fingerprint(), identifiers.organisation());
    for identifier in identifiers.identifiers() {
        let _ = (identifier.number(), identifier.display_value());
    }
}

/// A key that is accepted verifies nothing that it did not sign.
fn public_key(spki: &[u8]) {
    let digest = Digest::sha256(b"nobody signed this");
    if let Ok(key) = PublicKey::from_spki_der(spki, Backend::default()) {
        assert_eq!(key.spki_der(), spki);
        for length in [0, 64, 256, 512] {
            assert_eq!(key.verify_digest(&digest, &vec![1; length]), Err(Error::SignatureMismatch));
        }
        assert!(VerifyingKey::from_spki_der(spki, Backend::default()).is_ok(), "the wide type is narrower");
    }
}

/// A key that is accepted signs, and its own public half is not needed for that.
fn private_key(label: &str, der: &[u8]) {
    let pem = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der));
    if let Ok(key) = SigningKey::from_pem(pem.as_bytes(), Backend::default()) {
        let _ = key.sign_digest(&Digest::sha256(b"octets"));
    }
}
