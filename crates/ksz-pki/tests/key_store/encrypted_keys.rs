//! Private keys under a password, and keys and certificates in DER.

use crate::fixture::{Authorities, PASSWORD, Signer, assert_is, certificates, key, password};
use crate::programs::{Folder, installed};
use ksz_pki::{
    Backend, ChoiceReason, Error, Identity, KeyStore, KeyStoreForm, Password, SigningKey,
    certificates_from_pem_or_der,
};
use rcgen::{KeyUsagePurpose, PKCS_RSA_SHA256};

const ENCRYPT: &str = "pkcs8 -topk8 -in @key.pem";

/// The key signs for the signer's certificate.
fn assert_is_key(key: SigningKey, signer: &Signer) {
    let identity = Identity::new(key, certificates(&signer.certificate), Backend::default()).unwrap();
    assert_is(&identity, signer);
}

fn signers() -> [Signer; 2] {
    let authorities = Authorities::new();
    let rsa = authorities.issue("RSA", key(&PKCS_RSA_SHA256), vec![KeyUsagePurpose::DigitalSignature]);
    [rsa, authorities.signer("EC")]
}

#[test]
fn every_accepted_encryption_of_openssl_opens_in_pem_and_der() {
    if !installed("openssl", "encrypted keys") {
        return;
    }
    for signer in signers() {
        let folder = Folder::new();
        folder.write_signer(&signer, "");
        for options in [
            "",
            "-v2 aes-128-cbc -v2prf hmacWithSHA1",
            "-v2 aes-192-cbc -v2prf hmacWithSHA224",
            "-v2 aes-256-cbc -v2prf hmacWithSHA384",
            "-v2 aes-256-cbc -v2prf hmacWithSHA512 -iter 20000",
            "-v2 des3",
            "-scrypt -scrypt_N 1024",
            "-v1 PBE-SHA1-3DES",
            "-v1 PBE-SHA1-RC2-40 -provider legacy -provider default",
        ] {
            for (form, file) in [("PEM", "key.enc.pem"), ("DER", "key.enc.der")] {
                let line = format!("{ENCRYPT} -outform {form} -out @{file} {options} -passout");
                folder.run("openssl", &line, &[&format!("pass:{PASSWORD}")]);
                let file = folder.read(file);

                let opened = SigningKey::read(&file, Some(&password()), Backend::default());

                assert_is_key(opened.unwrap_or_else(|error| panic!("{options} {form}: {error}")), &signer);
                let wrong = Password::new("wrong".into());
                for (password, expected) in [
                    (Some(&wrong), Error::WrongPassword { what: "private key" }),
                    (None, Error::PasswordNeeded),
                ] {
                    let refused = SigningKey::read(&file, password, Backend::default());
                    assert_eq!(refused.unwrap_err(), expected, "{options}");
                }
            }
        }
    }
}

#[test]
fn an_encryption_outside_the_list_is_named() {
    if !installed("openssl", "encrypted keys in other algorithms") {
        return;
    }
    let folder = Folder::new();
    folder.write_signer(&signers()[1], "");
    for (options, algorithm) in [
        ("-v1 PBE-MD5-DES -provider legacy -provider default", "1.2.840.113549.1.5.3"),
        ("-v1 PBE-SHA1-RC2-128 -provider legacy -provider default", "RC2-128"),
        ("-v2 camellia-256-cbc", "1.2.392.200011.61.1.1.1.4"),
        ("-v2 aes-256-cbc -v2prf hmacWithSHA512-256", "1.2.840.113549.2.13"),
    ] {
        let line = format!("{ENCRYPT} -outform DER -out @key.der {options} -passout");
        folder.run("openssl", &line, &[&format!("pass:{PASSWORD}")]);

        let refused = SigningKey::read(&folder.read("key.der"), Some(&password()), Backend::default());

        assert_eq!(refused.unwrap_err(), Error::EncryptionNotAccepted { algorithm: algorithm.into() });
    }
    folder.run("openssl", "ec -in @key.pem -aes256 -out @old.pem -passout", &[&format!("pass:{PASSWORD}")]);
    let refused = SigningKey::read(&folder.read("old.pem"), Some(&password()), Backend::default());
    assert!(matches!(refused, Err(Error::EncryptionNotAccepted { .. })));
}

/// An EncryptedPrivateKeyInfo with these parameters of key derivation, and nothing worth decrypting.
fn encrypted_with(derivation: &[u8]) -> Vec<u8> {
    let aes = [&[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a, 0x04, 0x10][..], &[7; 16]];
    let pbes2 = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
    let parameters = sequence(&[&sequence(&[derivation]), &sequence(&[&aes.concat()])]);
    sequence(&[&sequence(&[&pbes2, &parameters]), &[0x04, 0x10], &[9; 16]])
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let length = u8::try_from(contents.len()).unwrap();
    [&[0x30, 0x81, length][..], &contents].concat()
}

fn refusal(derivation: &[u8]) -> Error {
    SigningKey::read(&encrypted_with(derivation), Some(&password()), Backend::default()).unwrap_err()
}

#[test]
fn work_beyond_the_limits_is_refused_before_it_is_done() {
    let pbkdf2 = |count: &[u8]| {
        let identifier = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
        [&identifier[..], &sequence(&[&[0x04, 1, 0], count])].concat()
    };
    let scrypt = |numbers: &[u8]| {
        let identifier = [0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];
        [&identifier[..], &sequence(&[&[0x04, 1, 0], numbers])].concat()
    };
    let costly = |what, asked, limit| Error::KeyDerivationCost { what, asked, limit };

    assert_eq!(refusal(&pbkdf2(&[2, 1, 1])), Error::WrongPassword { what: "private key" });
    assert_eq!(
        refusal(&pbkdf2(&[2, 4, 0x7f, 0xff, 0xff, 0xff])),
        costly("iterations", 0x7fff_ffff, 6_000_000)
    );
    assert_eq!(
        refusal(&pbkdf2(&[2, 9, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
        costly("iterations", u64::MAX, 6_000_000)
    );
    let gigabytes = [2, 4, 0x40, 0, 0, 0, 2, 1, 8, 2, 1, 1];
    assert_eq!(refusal(&scrypt(&gigabytes)), costly("octets of memory", 1 << 40, 1 << 27));
    let hours = [2, 2, 0x40, 0, 2, 1, 8, 2, 2, 0x7f, 0xff];
    assert!(matches!(refusal(&scrypt(&hours)), Error::KeyDerivationCost { .. }));
    for (malformed, part) in [
        (pbkdf2(&[2, 1, 0]), "iteration count"),
        (pbkdf2(&[2, 1, 0xff]), "iteration count"),
        (pbkdf2(&[2, 1, 1, 2, 1, 16]), "keyLength"),
        (scrypt(&[2, 1, 0, 2, 1, 8, 2, 1, 1]), "scrypt-params"),
        (scrypt(&[2, 1, 3, 2, 1, 8, 2, 1, 1]), "scrypt-params"),
        (scrypt(&[2, 1, 2, 2, 1, 0, 2, 1, 1]), "scrypt-params"),
        (scrypt(&[2, 1, 2]), "scrypt-params"),
    ] {
        assert_eq!(refusal(&malformed), Error::EncryptionMalformed { part });
    }
}

#[test]
fn keys_in_every_form_of_der_are_read() {
    if !installed("openssl", "keys in DER") {
        return;
    }
    for (signer, traditional) in signers().into_iter().zip(["rsa -traditional", "ec"]) {
        let folder = Folder::new();
        folder.write_signer(&signer, "");
        folder.run("openssl", &format!("{traditional} -in @key.pem -outform DER -out @old.der"), &[]);
        folder.run("openssl", "pkcs8 -topk8 -nocrypt -in @key.pem -outform DER -out @new.der", &[]);

        for file in ["old.der", "new.der"] {
            let key = SigningKey::read(&folder.read(file), None, Backend::default());
            assert_is_key(key.unwrap(), &signer);
        }
    }
}

#[test]
fn a_key_or_a_certificate_alone_is_half_an_identity() {
    let signer = Authorities::new().signer("Hospital");
    let certificate = signer.certificate();

    let key_alone = Identity::read(signer.key.serialized_der(), None, Backend::default());
    let certificate_alone = Identity::read(certificate.der(), None, Backend::default());

    assert_eq!(key_alone.unwrap_err(), Error::NoCertificate);
    assert_eq!(certificate_alone.unwrap_err(), Error::NoPrivateKey);
    assert_eq!(certificates_from_pem_or_der(certificate.der()).unwrap(), [certificate]);
    assert_eq!(certificates_from_pem_or_der(signer.certificate.as_bytes()).unwrap(), [signer.certificate()]);
}

#[test]
fn an_identity_in_pem_may_stand_in_any_order() {
    let authorities = Authorities::new();
    let signer = authorities.signer("Hospital");
    let pem = authorities.pem() + &signer.key.serialize_pem() + &signer.certificate;

    let identity = Identity::read(pem.as_bytes(), None, Backend::default()).unwrap();
    let store = KeyStore::read(pem.as_bytes(), None, Backend::default()).unwrap();

    assert_is(&identity, &signer);
    assert_eq!(identity.chain().len(), 3);
    let choice = store.choose().unwrap();
    assert_eq!((store.form(), choice.reason), (KeyStoreForm::Pem, ChoiceReason::OnlyKey));
    assert_is(&choice.entry.identity().unwrap(), &signer);
    let stranger = Authorities::new().pem() + &signer.key.serialize_pem();
    assert_eq!(Identity::from_pem(stranger.as_bytes(), Backend::default()).unwrap_err(), Error::NotAPair);
}
