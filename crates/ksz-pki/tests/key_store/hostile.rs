//! Stores that somebody damaged, or made to cost more than they should.

use crate::fixture::{Authorities, Store, password};
use ksz_pki::{
    Backend, Digest, DigestSigner, Error, Identity, KeyAlgorithm, KeyStore, SignatureAlgorithm, SigningKey,
};
use p12_keystore::EncryptionAlgorithm;
use std::sync::Arc;

fn refusal(store: &[u8]) -> Error {
    Identity::from_pkcs12(store, &password(), Backend::default()).unwrap_err()
}

#[test]
fn a_truncated_store_is_refused_at_every_length() {
    let store = Store::new().with("mine", &Authorities::new().signer("Hospital"), "").write();

    for length in 0..store.len() {
        assert!(matches!(refusal(&store[..length]), Error::NotPkcs12 { .. }), "{length}");
    }
    let longer = [&store[..], &[0]].concat();
    assert!(matches!(refusal(&longer), Error::NotPkcs12 { .. }));
}

#[test]
fn no_changed_octet_is_accepted() {
    let signer = Authorities::new().signer("Hospital");
    for encryption in
        [EncryptionAlgorithm::PbeWithHmacSha256AndAes256, EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc]
    {
        let store = Store::new().with("mine", &signer, "").encryption(encryption).iterations(1).write();
        for at in 0..store.len() {
            for change in [0x01, 0x80] {
                let mut changed = store.clone();
                changed[at] ^= change;

                let opened = Identity::read(&changed, Some(&password()), Backend::default());

                assert!(opened.is_err(), "octet {at} changed to {:02x}", changed[at]);
            }
        }
    }
}

#[test]
fn a_huge_count_of_iterations_is_refused_before_it_is_done() {
    let store =
        Store::new().with("mine", &Authorities::new().signer("Hospital"), "").iterations(0x8000).write();
    let at = store.windows(5).rposition(|window| window == [0x02, 0x03, 0x00, 0x80, 0x00]).unwrap();
    for (count, refused) in [
        (
            [0x7f, 0xff, 0xff],
            Error::KeyDerivationCost { what: "iterations", asked: 0x7f_ffff, limit: 6_000_000 },
        ),
        ([0xff, 0xff, 0xff], Error::EncryptionMalformed { part: "MacData" }),
        ([0x00, 0x00, 0x00], Error::EncryptionMalformed { part: "MacData" }),
    ] {
        let mut changed = store.clone();
        changed[at + 2..at + 5].copy_from_slice(&count);

        assert_eq!(refusal(&changed), refused);
    }
}

#[test]
fn random_octets_are_refused() {
    for seed in 0..200_u32 {
        let octets: Vec<u8> = (0..300_u32)
            .map(|at| seed.wrapping_mul(2_654_435_761).rotate_left(at).to_le_bytes()[0])
            .collect();
        let mut store = vec![0x30, 0x82, 0x01, 0x2f, 0x02, 0x01, 0x03];
        store.extend(octets);
        assert!(KeyStore::read(&store, Some(&password()), Backend::default()).is_err());
        assert!(SigningKey::read(&store, None, Backend::default()).is_err());
    }
}

#[test]
fn more_keys_than_any_honest_store_has_are_refused() {
    let key = bag(1, Authorities::new().signer("Hospital").key.serialized_der());
    let read = |keys| KeyStore::read(&unprotected(&key.repeat(keys)), None, Backend::default());

    assert_eq!(read(64).unwrap().entries().len(), 64);
    let error = read(65).unwrap_err();
    assert_eq!(error, Error::NotPkcs12 { detail: "more than 64 private keys" });
}

/// A store without protection, whose safe holds `bags`.
fn unprotected(bags: &[u8]) -> Vec<u8> {
    const DATA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    let data = |octets: &[u8]| value(0x30, &[&DATA[..], &value(0xa0, &value(0x04, octets))].concat());
    let safe = data(&value(0x30, bags));
    value(0x30, &[&[0x02, 1, 3][..], &data(&value(0x30, &safe))].concat())
}

/// A bag of one of the kinds of RFC 7292 section 4.2.
fn bag(kind: u8, contents: &[u8]) -> Vec<u8> {
    let kind = [0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, kind];
    value(0x30, &[&kind[..], &value(0xa0, contents)].concat())
}

fn value(tag: u8, contents: &[u8]) -> Vec<u8> {
    let [_, high, middle, low] = u32::try_from(contents.len()).unwrap().to_be_bytes();
    [&[tag, 0x83, high, middle, low][..], contents].concat()
}

#[test]
fn bags_in_bags_are_opened_but_not_without_end() {
    let signer = Authorities::new().signer("Hospital");
    let nested = |levels: usize| {
        let key = bag(1, signer.key.serialized_der());
        let contents = (0..levels).fold(key, |inner, _| bag(6, &value(0x30, &inner)));
        KeyStore::read(&unprotected(&contents), None, Backend::default())
    };

    for levels in 0..=4 {
        assert!(nested(levels).unwrap().entries()[0].key().is_ok());
    }
    for levels in [5, 500] {
        let error = nested(levels).unwrap_err();
        assert_eq!(error, Error::NotPkcs12 { detail: "bags in bags too deep" });
    }
}

#[test]
fn more_bags_than_any_honest_store_has_are_refused() {
    let bags = |number: usize| unprotected(&bag(5, &[]).repeat(number));

    assert!(KeyStore::read(&bags(512), None, Backend::default()).unwrap().entries().is_empty());
    let error = KeyStore::read(&bags(513), None, Backend::default()).unwrap_err();
    assert_eq!(error, Error::NotPkcs12 { detail: "more than 512 bags" });
    let error = KeyStore::read(&bags(200_000), None, Backend::default()).unwrap_err();
    assert_eq!(error, Error::NotPkcs12 { detail: "longer than 4 MiB" });
}

#[test]
fn more_certificates_than_any_honest_file_holds_are_refused() {
    let authorities = Authorities::new();
    let (signer, other) = (authorities.signer("Hospital"), authorities.signer("Other").certificate);
    let refused = Error::TooManyCertificates { limit: 64 };
    let pem = |others: usize| {
        format!("{}{}{}", signer.key.serialize_pem(), signer.certificate, other.repeat(others))
    };
    let store = |others: usize| {
        let mut store = Store::new().with("mine", &signer, "");
        for at in 0..others {
            store = store.with_certificate(&at.to_string(), &other);
        }
        store.write()
    };
    for file in [pem(63).into_bytes(), store(63)] {
        assert!(Identity::read(&file, Some(&password()), Backend::default()).is_ok());
    }
    for file in [pem(64).into_bytes(), store(64)] {
        assert_eq!(Identity::read(&file, Some(&password()), Backend::default()).unwrap_err(), refused);
    }
}

#[test]
fn a_certificate_of_another_public_key_than_the_keys_own_is_not_tried() {
    struct Told(SigningKey, Option<Vec<u8>>);
    impl DigestSigner for Told {
        fn algorithm(&self) -> KeyAlgorithm {
            self.0.algorithm()
        }

        fn sign_digest(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, Error> {
            self.0.sign_digest_with(algorithm, digest)
        }

        fn public_key(&self) -> Option<Vec<u8>> {
            self.1.clone()
        }
    }
    let signer = Authorities::new().signer("Hospital");
    let own = signer.certificate().spki_der().to_vec();
    let identity = |public_key: Option<&[u8]>| {
        let key = SigningKey::from_der(signer.key.serialized_der(), Backend::default()).unwrap();
        let key = SigningKey::from_signer(Arc::new(Told(key, public_key.map(<[u8]>::to_vec))));
        Identity::new(key, vec![signer.certificate()], Backend::default()).map(|_| ())
    };

    assert_eq!(identity(None), Ok(()));
    assert_eq!(identity(Some(&own[own.len() - 65..])), Ok(()));
    assert_eq!(identity(Some(&[4; 65])), Err(Error::NotAPair));
}
