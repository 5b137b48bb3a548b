//! Stores that somebody damaged, or made to cost more than they should.

use crate::fixture::{Authorities, Store, password};
use ksz_pki::{Backend, Error, Identity, KeyStore, SigningKey};
use p12_keystore::EncryptionAlgorithm;

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
