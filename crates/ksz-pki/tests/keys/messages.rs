//! Keys of the two kinds that sign messages.

use crate::backends::BACKENDS;
use crate::{ALL, digest, flipped};
use ksz_pki::{
    Backend, Curve, Digest, DigestAlgorithm, DigestSigner, Error, KeyAlgorithm, KeyKind, PublicKey,
    SignatureAlgorithm, SigningKey, VerifyingKey,
};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use std::sync::{Arc, LazyLock};

static RSA: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap());
static EC: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap());

#[test]
fn a_key_signs_in_every_way_of_its_kind_for_every_backend() {
    for (pair, signer, verifier) in everywhere() {
        let (signing, verifying) =
            (signing_key(pair, signer), VerifyingKey::from(public_key(pair, verifier)));
        for algorithm in ALL.into_iter().filter(|algorithm| algorithm.is_for(signing.algorithm())) {
            let what = format!("{algorithm} by {signer:?} for {verifier:?}");
            let signed = digest(algorithm, b"octets");
            let value = signing.sign_digest_with(algorithm, &signed).unwrap();
            assert_eq!(verifying.verify_digest(algorithm, &signed, &value), Ok(()), "{what}");

            let mismatch = Err(Error::SignatureMismatch);
            let other = digest(algorithm, b"Octets");
            assert_eq!(verifying.verify_digest(algorithm, &other, &value), mismatch, "{what}");
            for place in [0, value.len() / 2, value.len() - 1] {
                let changed = flipped(&value, place);
                assert_eq!(verifying.verify_digest(algorithm, &signed, &changed), mismatch, "{what}");
            }
            for resized in [&value[1..], &value[..value.len() - 1], &[&[0], &value[..]].concat(), &[]] {
                assert_eq!(verifying.verify_digest(algorithm, &signed, resized), mismatch, "{what}");
            }
            let of_same_digest = ALL.into_iter().filter(|other| {
                *other != algorithm
                    && other.digest() == algorithm.digest()
                    && other.is_for(signing.algorithm())
            });
            for other in of_same_digest {
                assert_eq!(verifying.verify_digest(other, &signed, &value), mismatch, "{what} as {other}");
            }
        }
    }
}

#[test]
fn messages_are_signed_with_sha_256_and_nothing_else() {
    for (pair, signer, verifier) in everywhere() {
        let (signing, public) = (signing_key(pair, signer), public_key(pair, verifier));
        let sha_256 = Digest::sha256(b"octets");
        let value = signing.sign_digest(&sha_256).unwrap();
        assert_eq!(public.verify_digest(&sha_256, &value), Ok(()));

        let found = DigestAlgorithm::Sha384;
        let refused = Error::DigestAlgorithm { expected: DigestAlgorithm::Sha256, found };
        let sha_384 = Digest::of(found, b"octets");
        assert_eq!(signing.sign_digest(&sha_384), Err(refused.clone()));
        assert_eq!(public.verify_digest(&sha_384, &value), Err(refused));
    }
}

#[test]
fn a_pss_value_is_no_message_signature() {
    for &backend in BACKENDS {
        let digest = Digest::sha256(b"octets");
        let signing = signing_key(&RSA, backend);
        let value = signing.sign_digest_with(SignatureAlgorithm::RsaPssSha256, &digest).unwrap();
        assert_eq!(public_key(&RSA, backend).verify_digest(&digest, &value), Err(Error::SignatureMismatch));
    }
}

#[test]
fn a_value_of_another_key_is_refused() {
    let digest = Digest::sha256(b"octets");
    let (rsa, ec) = (&PKCS_RSA_SHA256, &PKCS_ECDSA_P256_SHA256);
    let others = [rsa, ec].map(|algorithm| KeyPair::generate_for(algorithm).unwrap());
    for &backend in BACKENDS {
        for (pair, other) in [(&*RSA, &others[0]), (&*EC, &others[1])] {
            let value = signing_key(pair, backend).sign_digest(&digest).unwrap();
            let refused = public_key(other, backend).verify_digest(&digest, &value);
            assert_eq!(refused, Err(Error::SignatureMismatch));
        }
    }
}

#[test]
fn an_algorithm_for_another_kind_of_key_is_refused() {
    for (pair, signer, verifier) in everywhere() {
        let (signing, verifying) =
            (signing_key(pair, signer), VerifyingKey::from(public_key(pair, verifier)));
        for algorithm in ALL.into_iter().filter(|algorithm| !algorithm.is_for(signing.algorithm())) {
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
    for (pair, signer, verifier) in everywhere() {
        let (signing, verifying) =
            (signing_key(pair, signer), VerifyingKey::from(public_key(pair, verifier)));
        for algorithm in ALL.into_iter().filter(|algorithm| algorithm.is_for(signing.algorithm())) {
            let value = signing.sign_digest_with(algorithm, &digest(algorithm, b"octets")).unwrap();
            let expected = algorithm.digest();
            for found in ALL.map(SignatureAlgorithm::digest).into_iter().filter(|found| *found != expected) {
                let digest = Digest::of(found, b"octets");
                let refused = Error::DigestAlgorithm { expected, found };
                assert_eq!(signing.sign_digest_with(algorithm, &digest), Err(refused.clone()));
                assert_eq!(verifying.verify_digest(algorithm, &digest, &value), Err(refused));
            }
        }
    }
}

#[test]
fn a_message_key_is_a_documents_key_too() {
    for &backend in BACKENDS {
        for (pair, kind) in [(&*RSA, KeyKind::Rsa { bits: 2048 }), (&*EC, KeyKind::Ec(Curve::P256))] {
            let public = public_key(pair, backend);
            let wide = VerifyingKey::from(public.clone());
            assert_eq!(wide.kind(), kind);
            assert_eq!(wide.spki_der(), public.spki_der());
            assert_eq!(wide, VerifyingKey::from_pem(pair.public_key_pem().as_bytes(), backend).unwrap());
        }
        let [rsa, ec] = [&*RSA, &*EC].map(|pair| VerifyingKey::from(public_key(pair, backend)));
        assert_ne!(rsa, ec);
    }
}

#[test]
fn one_public_key_stands_in_a_pem_text() {
    let (one, other) = (RSA.public_key_pem(), EC.public_key_pem());
    let both = format!("{one}{other}");
    let none = RSA.serialize_pem();
    for (text, found) in [(both, 2), (none, 0)] {
        let count = Error::PemCount { label: "PUBLIC KEY", found };
        assert_eq!(PublicKey::from_pem(text.as_bytes(), BACKENDS[0]).unwrap_err(), count);
        assert_eq!(VerifyingKey::from_pem(text.as_bytes(), BACKENDS[0]).unwrap_err(), count);
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

/// Each kind of key, with each backend that signs and each that verifies.
fn everywhere() -> impl Iterator<Item = (&'static KeyPair, Backend, Backend)> {
    let backends = || BACKENDS.iter().copied();
    let both = backends().flat_map(move |signer| backends().map(move |verifier| (signer, verifier)));
    both.flat_map(|(signer, verifier)| [&*RSA, &*EC].map(|pair| (pair, signer, verifier)))
}

fn signing_key(pair: &KeyPair, backend: Backend) -> SigningKey {
    SigningKey::from_pem(pair.serialize_pem().as_bytes(), backend).unwrap()
}

fn public_key(pair: &KeyPair, backend: Backend) -> PublicKey {
    PublicKey::from_pem(pair.public_key_pem().as_bytes(), backend).unwrap()
}
