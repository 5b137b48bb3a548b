//! Keys of the two kinds that sign messages.

use crate::{ALL, digest, flipped};
use ksz_pki::{
    Backend, Digest, DigestAlgorithm, DigestSigner, Error, KeyAlgorithm, KeyKind, PublicKey,
    SignatureAlgorithm, SigningKey, VerifyingKey,
};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use std::sync::{Arc, LazyLock};

static RSA: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap());
static EC: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap());

#[test]
fn a_key_signs_in_every_way_of_its_kind() {
    for pair in [&*RSA, &*EC] {
        let (signing, public) = keys(pair);
        let verifying = VerifyingKey::from(public);
        for algorithm in ALL.into_iter().filter(|algorithm| algorithm.is_for(signing.algorithm())) {
            let digest = digest(algorithm, b"octets");
            let value = signing.sign_digest_with(algorithm, &digest).unwrap();
            assert_eq!(verifying.verify_digest(algorithm, &digest, &value), Ok(()), "{algorithm}");

            let mismatch = Err(Error::SignatureMismatch);
            let other = crate::digest(algorithm, b"Octets");
            assert_eq!(verifying.verify_digest(algorithm, &other, &value), mismatch, "{algorithm}");
            for place in [0, value.len() / 2, value.len() - 1] {
                let changed = flipped(&value, place);
                assert_eq!(verifying.verify_digest(algorithm, &digest, &changed), mismatch, "{algorithm}");
            }
            for resized in [&value[1..], &value[..value.len() - 1], &[&[0], &value[..]].concat(), &[]] {
                assert_eq!(verifying.verify_digest(algorithm, &digest, resized), mismatch, "{algorithm}");
            }
            let same_digest = ALL.into_iter().filter(|other| {
                *other != algorithm
                    && other.digest() == algorithm.digest()
                    && other.is_for(signing.algorithm())
            });
            for other in same_digest {
                assert_eq!(
                    verifying.verify_digest(other, &digest, &value),
                    mismatch,
                    "{algorithm} as {other}"
                );
            }
        }
    }
}

#[test]
fn messages_are_signed_with_sha_256_and_nothing_else() {
    for pair in [&*RSA, &*EC] {
        let (signing, public) = keys(pair);
        let sha_256 = Digest::sha256(b"octets");
        let value = signing.sign_digest(&sha_256).unwrap();
        assert_eq!(public.verify_digest(&sha_256, &value), Ok(()));

        let found = DigestAlgorithm::Sha384;
        let refused = Error::DigestNotForAlgorithm { expected: DigestAlgorithm::Sha256, found };
        let sha_384 = Digest::of(found, b"octets");
        assert_eq!(signing.sign_digest(&sha_384), Err(refused.clone()));
        assert_eq!(public.verify_digest(&sha_384, &value), Err(refused));
    }
}

#[test]
fn a_pss_value_is_no_message_signature() {
    let (signing, public) = keys(&RSA);
    let digest = Digest::sha256(b"octets");
    let value = signing.sign_digest_with(SignatureAlgorithm::RsaPssSha256, &digest).unwrap();
    assert_eq!(public.verify_digest(&digest, &value), Err(Error::SignatureMismatch));
}

#[test]
fn a_value_of_another_key_is_refused() {
    let digest = Digest::sha256(b"octets");
    for algorithm in [&PKCS_RSA_SHA256, &PKCS_ECDSA_P256_SHA256] {
        let [(signing, _), (_, other)] = [(); 2].map(|()| keys(&KeyPair::generate_for(algorithm).unwrap()));
        let value = signing.sign_digest(&digest).unwrap();
        assert_eq!(other.verify_digest(&digest, &value), Err(Error::SignatureMismatch));
    }
}

#[test]
fn an_algorithm_for_another_kind_of_key_is_refused() {
    for pair in [&*RSA, &*EC] {
        let (signing, public) = keys(pair);
        let verifying = VerifyingKey::from(public);
        let others = ALL.into_iter().filter(|algorithm| !algorithm.is_for(signing.algorithm()));
        for algorithm in others {
            let digest = digest(algorithm, b"octets");
            let detail = format!("{algorithm} is for another kind of key");
            assert_eq!(signing.sign_digest_with(algorithm, &digest), Err(Error::SigningFailed { detail }));
            let refused = Err(Error::AlgorithmNotForKey { algorithm });
            assert_eq!(verifying.verify_digest(algorithm, &digest, &[1; 64]), refused);
            assert_eq!(verifying.verify_digest(algorithm, &digest, &[1; 256]), refused);
        }
    }
}

#[test]
fn a_digest_by_another_hash_function_is_refused() {
    for pair in [&*RSA, &*EC] {
        let (signing, public) = keys(pair);
        let verifying = VerifyingKey::from(public);
        for algorithm in ALL.into_iter().filter(|algorithm| algorithm.is_for(signing.algorithm())) {
            let value = signing.sign_digest_with(algorithm, &digest(algorithm, b"octets")).unwrap();
            for other in ALL.map(SignatureAlgorithm::digest) {
                if other == algorithm.digest() {
                    continue;
                }
                let digest = Digest::of(other, b"octets");
                let refused = Error::DigestNotForAlgorithm { expected: algorithm.digest(), found: other };
                assert_eq!(signing.sign_digest_with(algorithm, &digest), Err(refused.clone()));
                assert_eq!(verifying.verify_digest(algorithm, &digest, &value), Err(refused));
            }
        }
    }
}

#[test]
fn a_message_key_is_a_documents_key_too() {
    for (pair, kind) in [(&*RSA, KeyKind::Rsa { bits: 2048 }), (&*EC, KeyKind::Ec(ksz_pki::Curve::P256))] {
        let (_, public) = keys(pair);
        let wide = VerifyingKey::from(public.clone());
        assert_eq!(wide.kind(), kind);
        assert_eq!(wide.spki_der(), public.spki_der());
        assert_eq!(wide, VerifyingKey::from_pem(pair.public_key_pem().as_bytes(), backend()).unwrap());
    }
    assert_ne!(VerifyingKey::from(keys(&RSA).1), VerifyingKey::from(keys(&EC).1));
}

#[test]
fn one_public_key_stands_in_a_pem_text() {
    let (one, other) = (RSA.public_key_pem(), EC.public_key_pem());
    let both = format!("{one}{other}");
    let none = RSA.serialize_pem();
    for (text, found) in [(both, 2), (none, 0)] {
        let count = Error::PemCount { label: "PUBLIC KEY", found };
        assert_eq!(PublicKey::from_pem(text.as_bytes(), backend()).unwrap_err(), count);
        assert_eq!(VerifyingKey::from_pem(text.as_bytes(), backend()).unwrap_err(), count);
    }
}

#[test]
fn a_key_elsewhere_that_answers_in_der_has_failed() {
    struct Card(Vec<u8>);
    impl DigestSigner for Card {
        fn algorithm(&self) -> KeyAlgorithm {
            KeyAlgorithm::EcdsaP256
        }
        fn sign_digest(&self, _: SignatureAlgorithm, _: &Digest) -> Result<Vec<u8>, Error> {
            Ok(self.0.clone())
        }
    }
    let der = [&[0x30, 0x44, 0x02, 0x20][..], &[1; 32], &[0x02, 0x20], &[1; 32]].concat();
    let sign =
        |value: Vec<u8>| SigningKey::from_signer(Arc::new(Card(value))).sign_digest(&Digest::sha256(b""));

    assert_eq!(sign(vec![1; 64]), Ok(vec![1; 64]));
    let detail = "the value is not r and s of 32 octets each".to_owned();
    assert_eq!(sign(der), Err(Error::SigningFailed { detail }));
}

fn keys(pair: &KeyPair) -> (SigningKey, PublicKey) {
    let signing = SigningKey::from_pem(pair.serialize_pem().as_bytes(), backend()).unwrap();
    (signing, PublicKey::from_pem(pair.public_key_pem().as_bytes(), backend()).unwrap())
}

fn backend() -> Backend {
    Backend::default()
}
