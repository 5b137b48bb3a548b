//! Signature values that are almost good, and good ones that come twice.

use super::rsa_keys::{DIGEST_INFO, RawKey, hash_of, padded};
use super::world::{BODY, SIGNATURE, Scene, TIMESTAMP, WORLD, resign, scenes, swap};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::{Class, reason};
use ksz::pki::{Digest, Identity, KeyAlgorithm};
use ksz::wss::{MemoryReplayGuard, Replay};
use ksz_tests::world::text_of;
use rcgen::{KeyPair, PKCS_RSA_SHA256};
use rsa::BigUint;
use std::sync::LazyLock;
use std::time::Duration;

/// The order of P-256 (FIPS 186-4 section D.1.2.3).
static ORDER: LazyLock<BigUint> = LazyLock::new(|| {
    let hex = b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    BigUint::parse_bytes(hex, 16).unwrap()
});

fn ec_scenes() -> impl Iterator<Item = &'static Scene> {
    scenes().filter(|scene| scene.algorithm() == KeyAlgorithm::EcdsaP256)
}

fn value_of(scene: &Scene) -> Vec<u8> {
    STANDARD.decode(scene.signature_value()).unwrap()
}

#[test]
fn p30_an_ecdsa_value_in_der_is_refused() {
    for scene in ec_scenes() {
        let value = value_of(scene);
        let integers: Vec<u8> = value
            .chunks(32)
            .flat_map(|number| {
                let number = BigUint::from_bytes_be(number).to_bytes_be();
                let sign = if number[0] >= 0x80 { vec![0] } else { Vec::new() };
                let integer = [sign, number].concat();
                [vec![2, u8::try_from(integer.len()).unwrap()], integer].concat()
            })
            .collect();
        let der = [vec![0x30, u8::try_from(integers.len()).unwrap()], integers].concat();
        scene.refuses(scene.with_value(&der), Class::Signature, "SignatureMismatch");
        for resized in [&value[1..], &value[..63], &[&value[..], &[0]].concat(), &[]] {
            scene.refuses(scene.with_value(resized), Class::Signature, "SignatureMismatch");
        }
    }
}

#[test]
fn p31_an_ecdsa_value_out_of_range_is_refused() {
    let order = ORDER.to_bytes_be();
    let beyond = (&*ORDER + BigUint::from(1u32)).to_bytes_be();
    for scene in ec_scenes() {
        let value = value_of(scene);
        let (r, s) = value.split_at(32);
        for bad in [&[0; 32][..], &order, &beyond, &[0xff; 32]] {
            for value in [[bad, s].concat(), [r, bad].concat(), [bad, bad].concat()] {
                scene.refuses(scene.with_value(&value), Class::Signature, "SignatureMismatch");
            }
        }
    }
}

/// Under the holder-of-key profile such a value is called another key's: whose it is it does not say.
#[test]
fn p32_an_rsa_block_that_is_not_exactly_the_one_is_refused() {
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let key = RawKey::of(&pair);
    let signer: &'static Identity = Box::leak(Box::new(WORLD.authority.identity_with("raw", &pair, |_| ())));
    for scene in scenes().filter(|scene| scene.algorithm() == KeyAlgorithm::Rsa) {
        let scene = Scene::new(scene.profile, signer, WORLD.now);
        scene.accepts(scene.with_value(&key.sign(&scene.message)));
        let hash = hash_of(&scene.message);
        let good = [&DIGEST_INFO[..], &hash].concat();
        let long_form = [&[0x30, 0x81, 0x31][..], &good[2..]].concat();
        let longer_form = [&[0x30, 0x82, 0, 0x31][..], &good[2..]].concat();
        let without_null = [&[0x30, 0x2f, 0x30, 0x0b][..], &good[4..15], &good[17..]].concat();
        let short = padded(1, 0xff, &good, good.len() + 11);
        let mut late_hash = padded(1, 0xff, &good, 256);
        late_hash[2] = 0xfe;
        for block in [
            [short.clone(), vec![0; 256 - short.len()]].concat(),
            [short.clone(), vec![0xff; 256 - short.len()]].concat(),
            padded(1, 0xff, &[&good[..], &[0; 8]].concat(), 256),
            padded(1, 0xff, &long_form, 256),
            padded(1, 0xff, &longer_form, 256),
            padded(1, 0xff, &without_null, 256),
            padded(1, 0xff, &hash, 256),
            padded(2, 0x5a, &good, 256),
            padded(0, 0, &good, 256),
            late_hash,
        ] {
            assert_eq!(block.len(), 256);
            scene.refuses_value(scene.with_value(&key.value_of(&block)));
        }
        let good_value = key.sign(&scene.message);
        scene.refuses(scene.with_value(&good_value[1..]), Class::Signature, "SignatureMismatch");
        scene.refuses_value(scene.with_value(&[&[0], &good_value[..]].concat()));
    }
}

#[test]
fn a_value_that_is_not_base64_is_refused() {
    for scene in scenes() {
        for value in ["a.b", "AAAA=AAA", "A"] {
            let other = scene.with_in_signature(scene.signature_value(), value);
            scene.refuses(&other, Class::Structure, "Value");
        }
        for inside in ["<!-- -->", "<x></x>"] {
            let other =
                scene.with_in_signature("</ds:SignatureValue>", &format!("{inside}</ds:SignatureValue>"));
            scene.refuses(&other, Class::Structure, "Unexpected");
        }
    }
}

#[test]
fn p60_a_message_that_comes_again_is_refused() {
    for scene in scenes() {
        let guard = MemoryReplayGuard::new(10);
        let verify = |message: &str| {
            let verified = scene.verify(message.as_bytes(), Replay::Guarded(&guard));
            verified.map(|_| ()).map_err(|error| (error.class(), reason(&error)))
        };
        let again = Err((Class::Replay, "Replayed".to_owned()));
        assert_eq!(verify(&scene.message), Ok(()));
        assert_eq!(verify(&scene.message), again);

        let spaced = swap(&scene.message, scene.part(TIMESTAMP), &format!("\n{}\t", scene.part(TIMESTAMP)));
        let wrapped = scene.signature_value().as_bytes().chunks(60).map(|line| String::from_utf8_lossy(line));
        let wrapped = wrapped.collect::<Vec<_>>().join("\n");
        for spaced in [
            spaced,
            scene.with_in_signature(scene.signature_value(), &wrapped),
            swap(
                &scene.message,
                scene.part(SIGNATURE),
                &scene.part(SIGNATURE).replace("<ds:KeyInfo", " <ds:KeyInfo"),
            ),
            format!("<?xml version=\"1.0\"?>\n{}\n", scene.message),
            scene.with("<soapenv:Header>", "<soapenv:Header><w xmlns=\"urn:w\"/>"),
            scene.with_in_signature("<ds:SignedInfo>", "<ds:SignedInfo >"),
        ] {
            scene.accepts(&spaced);
            assert_eq!(verify(&spaced), again, "{spaced}");
        }

        if scene.algorithm() == KeyAlgorithm::EcdsaP256 {
            let value = value_of(scene);
            let other_s = (&*ORDER - BigUint::from_bytes_be(&value[32..])).to_bytes_be();
            let other = [&value[..32], &vec![0; 32 - other_s.len()], &other_s].concat();
            scene.accepts(scene.with_value(&other));
            assert_eq!(verify(&scene.with_value(&other)), again);
        }

        let later = Scene::new(scene.profile, scene.signer, WORLD.now + Duration::from_secs(1));
        assert_eq!(verify(&later.message), Ok(()), "another message");
    }
}

#[test]
fn p42_a_canonical_form_of_nothing_is_not_what_was_signed() {
    let nothing = STANDARD.encode(Digest::sha256(b"").as_bytes());
    for scene in scenes() {
        for id in [BODY, TIMESTAMP] {
            let reference = scene.reference(id);
            let old = text_of(reference, "ds:DigestValue");
            let empty = scene.with_in_signature(reference, &swap(reference, old, &nothing));
            let signed = resign(&empty, scene.signer.key());
            scene.refuses(&signed, Class::Digest, "DigestMismatch");
        }
        let key = scene.signer.key();
        scene.refuses_value(scene.with_value(&key.sign_digest(&Digest::sha256(b"")).unwrap()));
        let relative = scene.with_in_signature("<ds:SignedInfo>", "<ds:SignedInfo xmlns:r=\"relative\">");
        for value in [value_of(scene), key.sign_digest(&Digest::sha256(b"")).unwrap()] {
            let signed = with_raw_value(&relative, scene, &value);
            scene.refuses(signed, Class::XmlMalformed, "RelativeNamespace");
        }
    }
}

/// The message with another value, where no reader reads the message.
fn with_raw_value(message: &str, scene: &Scene, value: &[u8]) -> String {
    swap(message, scene.signature_value(), &STANDARD.encode(value))
}
