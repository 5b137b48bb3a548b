//! Certificates that may not sign, at this time or at all, and octets that are none.

use super::keys::with_certificate;
use super::world::{Scene, WORLD, hok_scenes, swap, x509_scenes};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::{Class, reason};
use ksz::pki::{Identity, KeyAlgorithm, TrustStore};
use ksz::sts::names::EHEALTH_ISSUER;
use ksz::sts::{AssertionTrust, verify_brokered};
use ksz::wss::{Policy, Replay, verify_x509};
use ksz_tests::backend;
use ksz_tests::keys::Authority;
use ksz_tests::world::text_of;
use rcgen::{
    BasicConstraints, CertificateParams, IsCa, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PKCS_RSA_SHA256, date_time_ymd,
};

#[test]
fn p58_a_certificate_that_may_not_sign_is_refused() {
    let (root, end_entity) = (&WORLD.authority, WORLD.authority.below("end entity", IsCa::ExplicitNoCa));
    let too_deep = root.below("issuing", IsCa::Ca(BasicConstraints::Unconstrained));
    for scene in x509_scenes() {
        let key = key_like(scene);
        let refused = |issuer: &Authority, change: Change| {
            let signer = issuer.identity_with("leaf", &key, change);
            let trust = WORLD.trust().with_intermediates(vec![issuer.certificate()]);
            judged(&trust, &signer)
        };
        assert_eq!(refused(root, |_| ()), Ok(()));
        for (change, variant) in unfit() {
            assert_eq!(refused(root, change), untrusted(variant));
        }
        assert_eq!(refused(&end_entity, |_| ()), untrusted("IssuerNotAuthority"));
        assert_eq!(refused(&too_deep, |_| ()), untrusted("PathTooLong"));

        let signer = root.identity_with("leaf", &key, |_| ());
        let list = root.revocation_list(signer.certificate());
        let trust = WORLD.trust().with_revocation_lists(list.as_bytes()).unwrap();
        assert_eq!(judged(&trust, &signer), untrusted("Revoked"));
        assert_eq!(judged(&trust, scene.signer), Ok(()), "another certificate");
    }
    for scene in hok_scenes() {
        let key = key_like(scene);
        let refused = |change: Change| {
            let service = root.identity_with("token service", &key, change);
            let assertion = WORLD.assertion_for(scene.signer).sign(&service).unwrap();
            let trust = AssertionTrust::new(EHEALTH_ISSUER, vec![service.certificate().clone()], backend!());
            let message = scene.carrying(&assertion);
            let policy = Policy::default();
            verify_brokered(message.as_bytes(), &trust, &policy, Replay::NotChecked, WORLD.now)
                .map(|_| ())
                .map_err(|error| (error.class(), reason(&error)))
        };
        assert_eq!(refused(|_| ()), Ok(()));
        for (change, variant) in unfit() {
            assert_eq!(refused(change), untrusted(variant), "of the token service");
        }
    }
}

#[test]
fn p59_octets_that_are_no_certificate_are_refused() {
    for scene in x509_scenes() {
        let der = scene.signer.certificate().der();
        scene.accepts(scene.sealed(&with_certificate(scene, der)));
        for bad in damaged(der) {
            let message = scene.sealed(&with_certificate(scene, &bad));
            scene.is_genuine(&message);
            scene.refuses(&message, Class::Trust, "NotCertificate");
        }
        let token = scene.part(scene.token_id());
        let text = text_of(token, "wsse:BinarySecurityToken");
        for (text, with) in [(text, "MII"), (text, "*"), (text, "<x/>"), (text, "<!-- -->")] {
            let message = scene.sealed(&scene.with(text, with));
            scene.refuses(&message, Class::Key, "BinaryToken");
        }
    }
    for scene in hok_scenes() {
        for certificate in [scene.signer.certificate(), WORLD.service.certificate()] {
            let good = STANDARD.encode(certificate.der());
            for bad in damaged(certificate.der()) {
                let bad = STANDARD.encode(bad);
                let assertion = scene.assertion_with(|assertion| swap(assertion, &good, &bad));
                scene.refuses(scene.carrying(&assertion), Class::Trust, "NotCertificate");
            }
        }
    }
}

type Change = fn(&mut CertificateParams);

/// Changes in a certificate after which it may not sign, and their names.
fn unfit() -> [(Change, &'static str); 3] {
    [
        (|params| params.not_after = date_time_ymd(2020, 1, 1), "CertificateExpired"),
        (|params| params.not_before = date_time_ymd(3000, 1, 1), "CertificateNotYetValid"),
        (|params| params.key_usages = vec![KeyUsagePurpose::KeyEncipherment], "KeyUsageMissing"),
    ]
}

/// Octets that almost are a certificate: cut, with more behind it, of a length that nobody has, and of none.
fn damaged(der: &[u8]) -> [Vec<u8>; 7] {
    assert_eq!(der[..2], [0x30, 0x82]);
    [
        der[..der.len() - 1].to_vec(),
        der[..der.len() / 2].to_vec(),
        [der, &[0]].concat(),
        [der, der].concat(),
        [&[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff], &der[4..]].concat(),
        [&[0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], &der[4..]].concat(),
        [&[0x30, 0x80], &der[4..], &[0, 0]].concat(),
    ]
}

fn key_like(scene: &Scene) -> KeyPair {
    let kind = match scene.algorithm() {
        KeyAlgorithm::Rsa => &PKCS_RSA_SHA256,
        KeyAlgorithm::EcdsaP256 => &PKCS_ECDSA_P256_SHA256,
    };
    KeyPair::generate_for(kind).unwrap()
}

/// What a receiver with this trust says of a message with this signer.
fn judged(trust: &TrustStore, signer: &Identity) -> Result<(), (Class, String)> {
    let message = WORLD.x509_message(signer, WORLD.now);
    verify_x509(message.as_bytes(), trust, &Policy::default(), Replay::NotChecked, WORLD.now)
        .map(|_| ())
        .map_err(|error| (error.class(), reason(&error)))
}

fn untrusted(variant: &str) -> Result<(), (Class, String)> {
    Err((Class::Trust, variant.to_owned()))
}
