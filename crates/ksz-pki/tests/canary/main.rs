//! Nothing that a public type or a refusal prints holds an octet of a private key.

#![cfg(all(any(feature = "aws-lc", feature = "rustcrypto"), feature = "x509"))]
#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

#[path = "../backends/mod.rs"]
mod backends;
mod search;

use backends::BACKENDS;
use base64::{Engine, prelude::BASE64_STANDARD};
use ksz_pki::{
    Backend, Certificate, Digest, DigestAlgorithm, Error, Hasher, Identity, PublicKey, SigningKey,
    TrustStore, VerifyingKey, certificates_from_pem,
};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use search::Canaries;
use std::fmt::{Debug, Display};
use std::time::{Duration, UNIX_EPOCH};

/// A private key, its certificate, and the PEM text of both.
struct Secret {
    der: Vec<u8>,
    key_pem: String,
    certificate_pem: String,
    canaries: Canaries,
}

#[test]
fn a_private_key_would_be_found() {
    for secret in secrets() {
        assert_eq!(secret.canaries.found_in(&secret.key_pem), Some("base64"));
        assert_eq!(secret.canaries.found_in(&format!("{:?}", secret.der)), Some("a list of numbers"));
        assert_eq!(secret.canaries.found_in(&secret.certificate_pem), None);
    }
}

#[test]
fn no_public_type_prints_a_private_key() {
    for secret in secrets() {
        for &backend in BACKENDS {
            let texts = texts_of_values(&secret, backend);
            assert!(texts.len() > 20);
            texts.iter().for_each(|text| secret.assert_absent(text));
        }
    }
}

#[test]
fn no_refusal_prints_the_private_key_that_was_refused() {
    for secret in secrets() {
        for &backend in BACKENDS {
            let mut refusals = Vec::new();
            for pem in changed(&secret.key_pem) {
                refusals.extend(refusals_of_text(&pem, &secret, backend));
            }
            for der in
                [secret.der.clone(), broken(&secret.der, 9), secret.der[..secret.der.len() / 2].to_vec()]
            {
                refusals.extend(refusals_of_octets(&der, backend));
            }
            assert!(refusals.len() > 100, "{}", refusals.len());
            for refusal in &refusals {
                all_texts(refusal)
                    .iter()
                    .chain([&refusal.to_string()])
                    .for_each(|text| secret.assert_absent(text));
            }
        }
    }
}

impl Secret {
    fn new(algorithm: &'static rcgen::SignatureAlgorithm) -> Self {
        let pair = KeyPair::generate_for(algorithm).unwrap();
        let certificate = CertificateParams::new(vec![]).unwrap().self_signed(&pair).unwrap();
        Self {
            der: pair.serialize_der(),
            key_pem: pair.serialize_pem(),
            certificate_pem: certificate.pem(),
            canaries: Canaries::of_private_key(&pair.serialize_der(), pair.public_key_raw()),
        }
    }

    fn assert_absent(&self, text: &str) {
        if let Some(form) = self.canaries.found_in(text) {
            // The text itself would tell the secret to whoever reads the log of the tests.
            panic!("a text of {} characters holds a secret as {form}", text.len());
        }
    }
}

fn secrets() -> [Secret; 2] {
    [&PKCS_RSA_SHA256, &PKCS_ECDSA_P256_SHA256].map(Secret::new)
}

/// What everything that is made of a key prints.
fn texts_of_values(secret: &Secret, backend: Backend) -> Vec<String> {
    let pem = format!("{}{}", secret.key_pem, secret.certificate_pem);
    let identity = Identity::from_pem(pem.as_bytes(), backend).unwrap();
    let key = SigningKey::from_pem(secret.key_pem.as_bytes(), backend).unwrap();
    let certificate = identity.certificate();
    let public = certificate.public_key(backend).unwrap();
    let store = TrustStore::new(vec![certificate.clone()], backend);
    let trusted = store.accept(certificate, UNIX_EPOCH + Duration::from_secs(1_790_000_000)).unwrap();
    let digest = Digest::sha256(&secret.der);
    let mut hasher = Hasher::new(DigestAlgorithm::Sha512);
    hasher.update(&secret.der);
    let algorithm = key.algorithm();
    let refused = key.sign_digest(&Digest::of(DigestAlgorithm::Sha384, &secret.der)).unwrap_err();

    let mut texts = Vec::new();
    texts.extend(all_texts(&identity));
    texts.extend(all_texts(identity.chain()));
    texts.extend(all_texts(&key));
    texts.extend(all_texts(&VerifyingKey::from(public.clone())));
    texts.extend(all_texts(&public));
    texts.extend(all_texts(&store));
    texts.extend(all_texts(&trusted));
    texts.extend(all_texts(&digest));
    texts.extend(all_texts(&hasher));
    texts.extend(all_texts(&backend));
    texts.extend(all_texts(&algorithm));
    texts.extend(all_texts(&refused));
    let displayed: [&dyn Display; 3] = [&algorithm.message_signature(), &DigestAlgorithm::Sha384, &refused];
    texts.extend(displayed.map(ToString::to_string));
    texts
}

fn all_texts(value: &(impl Debug + ?Sized)) -> [String; 2] {
    [format!("{value:?}"), format!("{value:#?}")]
}

/// The text of a private key with one thing wrong in it, in many places.
fn changed(pem: &str) -> Vec<String> {
    let lines: Vec<&str> = pem.lines().collect();
    let base64 = lines[1..lines.len() - 1].concat();
    let der = BASE64_STANDARD.decode(&base64).unwrap();
    let around =
        |label: &str, base64: &str| format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n");
    let mut texts = vec![
        format!("{pem}{pem}"),
        lines[..lines.len() - 1].join("\n"),
        lines[1..].join("\n"),
        base64.clone(),
        pem.replace("BEGIN", "BEGIN RSA"),
        pem.replace("BEGIN PRIVATE KEY-----", "BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED"),
    ];
    for label in [
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "CERTIFICATE",
        "PUBLIC KEY",
        "X509 CRL",
    ] {
        texts.push(around(label, &base64));
    }
    for place in (0..base64.len()).step_by(base64.len() / 16) {
        texts.push(around("PRIVATE KEY", &base64[..place]));
        texts.push(around("PRIVATE KEY", &format!("{}%{}", &base64[..place], &base64[place..])));
        texts.push(around("PRIVATE KEY", &format!("{}\n-----BEGIN X-----", &base64[..place])));
    }
    for place in (0..der.len()).step_by(der.len() / 32) {
        texts.push(around("PRIVATE KEY", &BASE64_STANDARD.encode(broken(&der, place))));
    }
    texts
}

fn broken(der: &[u8], place: usize) -> Vec<u8> {
    let mut changed = der.to_vec();
    changed[place] ^= 0x55;
    changed
}

/// The refusals of everything that reads text.
fn refusals_of_text(text: &str, secret: &Secret, backend: Backend) -> Vec<Error> {
    let octets = text.as_bytes();
    let with_certificate = format!("{text}{}", secret.certificate_pem);
    let store = TrustStore::new(vec![], backend);
    let refusals = [
        SigningKey::from_pem(octets, backend).err(),
        PublicKey::from_pem(octets, backend).err(),
        VerifyingKey::from_pem(octets, backend).err(),
        Identity::from_pem(octets, backend).err(),
        Identity::from_pem(with_certificate.as_bytes(), backend).err(),
        certificates_from_pem(octets).err(),
        store.with_revocation_lists(octets).err(),
    ];
    refusals.into_iter().flatten().collect()
}

/// The refusals of everything that reads octets, to which a private key is given by mistake.
fn refusals_of_octets(der: &[u8], backend: Backend) -> Vec<Error> {
    let store = TrustStore::new(vec![], backend);
    let refusals = [
        Certificate::from_der(der).err(),
        PublicKey::from_spki_der(der, backend).err(),
        VerifyingKey::from_spki_der(der, backend).err(),
        Digest::from_octets(DigestAlgorithm::Sha256, der).err(),
        store.with_revocation_lists(der).err(),
        SigningKey::from_pem(der, backend).err(),
        PublicKey::from_pem(der, backend).err(),
    ];
    refusals.into_iter().flatten().collect()
}
