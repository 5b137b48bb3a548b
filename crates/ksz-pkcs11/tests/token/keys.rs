//! What keys of a token sign, and which keys are refused.

use crate::fixture::{Authorities, Fixture, generate, key, store, with_token};
use cryptoki::object::Attribute;
use ksz_pkcs11::{Error, KeyName};
use ksz_pki::{
    Backend, Digest, DigestAlgorithm, Error as PkiError, KeyAlgorithm, PublicKey, SignatureAlgorithm,
    SigningKey, VerifyingKey,
};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256};
use std::io::Write;
use std::process::Command;
use std::sync::Barrier;

fn label(label: &str) -> KeyName {
    KeyName::Label(label.into())
}

fn public(key: &KeyPair) -> PublicKey {
    PublicKey::from_pem(key.public_key_pem().as_bytes(), Backend::default()).unwrap()
}

/// `openssl` accepts the value; an ECDSA value is given to it in DER.
fn assert_openssl_accepts(fixture: &Fixture, key: &KeyPair, digest: &Digest, value: &[u8], options: &[&str]) {
    if Command::new("openssl").arg("version").output().is_err() {
        let _ = writeln!(std::io::stderr(), "not judged by openssl, which is not installed");
        return;
    }
    fixture.write("public.pem", key.public_key_pem());
    fixture.write("digest", digest.as_bytes());
    fixture.write("value", value);
    let arguments =
        ["pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-in", "digest", "-sigfile", "value"];
    let mut command = Command::new("openssl");
    let output = command.args(arguments).args(options).current_dir(fixture.path("")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// r and s of 32 octets each as an ECDSA-Sig-Value (RFC 3279 section 2.2.3).
fn in_der(value: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let start = number.iter().take_while(|octet| **octet == 0).count();
        let sign: &[u8] = if number[start] >= 0x80 { &[0] } else { &[] };
        let contents = [sign, &number[start..]].concat();
        [&[0x02, u8::try_from(contents.len()).unwrap()][..], &contents].concat()
    };
    let numbers = [integer(&value[..32]), integer(&value[32..])].concat();
    [&[0x30, u8::try_from(numbers.len()).unwrap()][..], &numbers].concat()
}

#[test]
fn keys_of_both_kinds_sign_what_verifies_here_and_with_openssl() {
    with_token("keys::keys_of_both_kinds_sign_what_verifies_here_and_with_openssl", |fixture| {
        let (rsa, ec) = (key(&PKCS_RSA_SHA256), key(&PKCS_ECDSA_P256_SHA256));
        fixture.import(&rsa, "RSA", "01");
        fixture.import(&ec, "EC", "02");
        let token = fixture.open();
        let digest = Digest::sha256(b"octets");

        let rsa_key = token.key(&label("RSA")).unwrap();
        let ec_key = token.key(&KeyName::Id(vec![2])).unwrap();

        assert_eq!((rsa_key.algorithm(), ec_key.algorithm()), (KeyAlgorithm::Rsa, KeyAlgorithm::EcdsaP256));
        let value = rsa_key.sign_digest(&digest).unwrap();
        public(&rsa).verify_digest(&digest, &value).unwrap();
        assert_openssl_accepts(fixture, &rsa, &digest, &value, &["-pkeyopt", "digest:sha256"]);
        let value = ec_key.sign_digest(&digest).unwrap();
        public(&ec).verify_digest(&digest, &value).unwrap();
        assert_openssl_accepts(fixture, &ec, &digest, &in_der(&value), &[]);
        let value = rsa_key.sign_digest_with(SignatureAlgorithm::RsaPssSha256, &digest).unwrap();
        let pss = [
            "-pkeyopt",
            "digest:sha256",
            "-pkeyopt",
            "rsa_padding_mode:pss",
            "-pkeyopt",
            "rsa_pss_saltlen:32",
        ];
        assert_openssl_accepts(fixture, &rsa, &digest, &value, &pss);
        let wrong = ec_key.sign_digest_with(SignatureAlgorithm::RsaPkcs1Sha256, &digest);
        assert!(matches!(wrong, Err(PkiError::SigningFailed { .. })), "{wrong:?}");
    });
}

#[test]
fn longer_digests_are_signed_as_well() {
    with_token("keys::longer_digests_are_signed_as_well", |fixture| {
        let (rsa, ec) = (key(&PKCS_RSA_SHA256), key(&PKCS_ECDSA_P256_SHA256));
        fixture.import(&rsa, "RSA", "01");
        fixture.import(&ec, "EC", "02");
        let token = fixture.open();

        for (name, pair, algorithm, hash) in [
            ("RSA", &rsa, SignatureAlgorithm::RsaPkcs1Sha384, DigestAlgorithm::Sha384),
            ("RSA", &rsa, SignatureAlgorithm::RsaPkcs1Sha512, DigestAlgorithm::Sha512),
            ("EC", &ec, SignatureAlgorithm::EcdsaSha384, DigestAlgorithm::Sha384),
            ("EC", &ec, SignatureAlgorithm::EcdsaSha512, DigestAlgorithm::Sha512),
        ] {
            let digest = Digest::of(hash, b"octets");
            let value = token.key(&label(name)).unwrap().sign_digest_with(algorithm, &digest).unwrap();
            VerifyingKey::from(public(pair)).verify_digest(algorithm, &digest, &value).unwrap();
        }
    });
}

#[test]
fn an_identity_is_read_with_its_chain() {
    with_token("keys::an_identity_is_read_with_its_chain", |fixture| {
        let ec = key(&PKCS_ECDSA_P256_SHA256);
        let (authorities, stranger) = (Authorities::new(), key(&PKCS_ECDSA_P256_SHA256));
        let own = authorities.certificate("Citizen", &ec);
        fixture.import(&ec, "Authentication", "02");
        fixture.import(&stranger, "Other", "03");
        fixture.prepare(|session| {
            let [root, issuing] = authorities.certificates();
            for certificate in
                [&root, &authorities.certificate("Other", &key(&PKCS_ECDSA_P256_SHA256)), &own, &issuing]
            {
                store(session, certificate);
            }
        });
        let token = fixture.open();

        let identity = token.identity(&label("Authentication"), Backend::default()).unwrap();
        let without = token.identity(&label("Other"), Backend::default());

        let [root, issuing] = authorities.certificates();
        assert_eq!(identity.chain(), [own, issuing, root]);
        assert_eq!(token.certificates().unwrap().len(), 4);
        assert_eq!(without.unwrap_err(), Error::Pki(PkiError::NotAPair));
    });
}

#[test]
fn eight_threads_sign_at_once_with_one_pin() {
    with_token("keys::eight_threads_sign_at_once_with_one_pin", |fixture| {
        let (rsa, ec) = (key(&PKCS_RSA_SHA256), key(&PKCS_ECDSA_P256_SHA256));
        fixture.import(&rsa, "RSA", "01");
        fixture.import(&ec, "EC", "02");
        let token = fixture.open();
        let pairs = [
            (token.key(&label("RSA")).unwrap(), public(&rsa)),
            (token.key(&label("EC")).unwrap(), public(&ec)),
        ];
        drop(token);
        let start = Barrier::new(8);

        std::thread::scope(|scope| {
            for number in 0..8_u8 {
                let ((key, public), start) = (&pairs[usize::from(number % 2)], &start);
                scope.spawn(move || {
                    start.wait();
                    for round in 0..25_u8 {
                        let digest = Digest::sha256(&[number, round]);
                        public.verify_digest(&digest, &key.sign_digest(&digest).unwrap()).unwrap();
                    }
                });
            }
        });
    });
}

#[test]
fn a_signature_that_fails_does_not_log_out() {
    with_token("keys::a_signature_that_fails_does_not_log_out", |fixture| {
        let ec = key(&PKCS_ECDSA_P256_SHA256);
        fixture.import(&ec, "EC", "02");
        let token = fixture.open();
        let key = token.key(&label("EC")).unwrap();
        let digest = Digest::sha256(b"octets");

        for _ in 0..3 {
            assert!(matches!(token.key(&label("absent")), Err(Error::NoSuchKey { .. })));
        }

        public(&ec).verify_digest(&digest, &key.sign_digest(&digest).unwrap()).unwrap();
    });
}

#[test]
fn a_key_that_is_absent_ambiguous_or_not_for_signing_is_refused() {
    with_token("keys::a_key_that_is_absent_ambiguous_or_not_for_signing_is_refused", |fixture| {
        for id in ["01", "02"] {
            fixture.import(&key(&PKCS_ECDSA_P256_SHA256), "twin", id);
        }
        fixture.import(&key(&PKCS_ECDSA_P384_SHA384), "large curve", "03");
        fixture.prepare(|session| {
            generate(session, "not for signing", Attribute::Sign(false));
            generate(session, "handwriting", Attribute::AlwaysAuthenticate(true));
        });
        let token = fixture.open();
        let refused = |name: &KeyName| token.key(name).map(|key: SigningKey| key.algorithm()).unwrap_err();

        assert_eq!(refused(&label("absent")), Error::NoSuchKey { key: "\"absent\"".into() });
        let id = KeyName::Id(vec![0xab, 0x0c]);
        assert_eq!(refused(&id), Error::NoSuchKey { key: "with the identifier ab0c".into() });
        assert_eq!(refused(&label("twin")), Error::SeveralKeys { key: "\"twin\"".into(), found: 2 });
        assert!(token.key(&KeyName::Id(vec![2])).is_ok());
        let key = || "\"not for signing\"".to_owned();
        assert_eq!(refused(&label("not for signing")), Error::KeyMayNotSign { key: key() });
        let key = "\"handwriting\"".to_owned();
        assert_eq!(refused(&label("handwriting")), Error::PinForEachSignature { key });
        let curve = PkiError::KeyAlgorithmNotAccepted { algorithm: "EC on another curve".into() };
        assert_eq!(refused(&label("large curve")), Error::Pki(curve));
    });
}
