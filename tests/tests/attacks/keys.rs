//! Keys that the message brings along, that are not the signer's, or that nobody should compute with.

use super::rsa_keys::{RawKey, public_key};
use super::world::{
    Bait, KEY_INFO, Profile, SIGNATURE, Scene, WORLD, hok_scenes, part, redigest, scenes, seal, swap,
    with_value, x509_scenes,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::Class;
use ksz::pki::{Certificate, Identity, KeyAlgorithm};
use ksz::sts::NewAssertion;
use ksz_tests::backend;
use ksz_tests::keys::Authority;
use ksz_tests::world::text_of;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};

#[test]
fn p16_a_key_value_in_key_info_is_not_believed() {
    for scene in scenes() {
        let attacker = scene.other_client();
        let key_value = key_value_of(attacker);
        let reference = token_reference(scene);
        for content in
            [key_value.clone(), format!("{reference}{key_value}"), format!("{key_value}{reference}")]
        {
            let forged = swap(&with_key_info(scene, &content), "Hello", "Hullo");
            let forged = seal(&forged, attacker.key());
            Scene { signer: attacker, ..scene.clone() }.is_genuine(&forged);
            scene.refuses(&forged, Class::Key, "KeyInfo");
        }
    }
}

#[test]
fn p17_a_certificate_with_the_name_of_the_client_is_not_believed() {
    for scene in scenes() {
        let name = if scene.algorithm() == KeyAlgorithm::Rsa { "one" } else { "two" };
        let attacker = self_signed(name, scene.algorithm());
        assert_eq!(attacker.certificate().subject(), scene.signer.certificate().subject());
        let certificate = STANDARD.encode(attacker.certificate().der());
        let data =
            format!("<ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>");
        for content in [data.clone(), format!("{}{data}", token_reference(scene))] {
            let forged = swap(&with_key_info(scene, &content), "Hello", "Hullo");
            scene.refuses(seal(&forged, attacker.key()), Class::Key, "KeyInfo");
        }
        if scene.profile == Profile::X509 {
            let forged = with_certificate(scene, attacker.certificate().der());
            scene.refuses(seal(&forged, attacker.key()), Class::Trust, "UnknownIssuer");
        }
    }
}

#[test]
fn p18_a_certificate_of_an_authority_with_the_same_name_is_refused() {
    let authority = Authority::new("Example Root").with_backend(backend!());
    assert_eq!(authority.certificate().subject(), WORLD.authority.certificate().subject());
    for scene in x509_scenes() {
        let stranger = match scene.algorithm() {
            KeyAlgorithm::Rsa => authority.rsa("one"),
            KeyAlgorithm::EcdsaP256 => authority.ec("two"),
        };
        scene.refuses(WORLD.x509_message(&stranger, WORLD.now), Class::Trust, "UnknownIssuer");
    }
    for scene in hok_scenes() {
        let service = authority.rsa("token service");
        let assertion = WORLD.assertion_for(scene.signer).sign(&service).unwrap();
        scene.refuses(scene.carrying(&assertion), Class::Trust, "SignerNotPinned");
    }
}

#[test]
fn p19_a_token_of_one_and_a_signature_of_another_are_refused() {
    for scene in x509_scenes() {
        let by_other = WORLD.x509_message(scene.other_client(), WORLD.now);
        scene.accepts(&by_other);
        let other_token = part(&by_other, scene.token_id());
        let swapped = swap(&by_other, other_token, scene.part(scene.token_id()));
        let sealed = seal(&swapped, scene.other_client().key());
        scene.refuses(&sealed, Class::Signature, "SignatureMismatch");
        scene.refuses(&swapped, Class::Signature, "SignatureMismatch");
    }
}

#[test]
fn p20_two_tokens_are_refused() {
    for scene in scenes() {
        let (id, own) = (scene.token_id(), scene.part(scene.token_id()));
        let bad = match scene.profile {
            Profile::X509 => {
                let stranger = self_signed("one", scene.algorithm());
                let der = STANDARD.encode(stranger.certificate().der());
                swap(own, text_of(own, "wsse:BinarySecurityToken"), &der)
            }
            Profile::HolderOfKey => {
                let attacker = scene.other_client();
                WORLD.assertion_for(attacker).sign(attacker).unwrap()
            }
        };
        let renamed = swap(&bad, id, "_bad");
        for both in [format!("{renamed}{own}"), format!("{own}{renamed}")] {
            let two = scene.with(own, &both);
            scene.is_genuine(&two);
            scene.refuses(&two, Class::Structure, "SecurityShape");
            let to_bad = swap(scene.part(KEY_INFO), id, "_bad");
            let to_bad = swap(&two, scene.part(KEY_INFO), &to_bad);
            scene.refuses(seal(&to_bad, scene.other_client().key()), Class::Structure, "SecurityShape");
        }
        for both in [format!("{bad}{own}"), format!("{own}{bad}"), format!("{own}{own}")] {
            scene.refuses(scene.with(own, &both), Class::Id, "RepeatedId");
        }
    }
}

#[test]
fn p21_a_key_elsewhere_is_refused_and_not_fetched() {
    let bait = Bait::new();
    let file = std::env::temp_dir().join(format!("ksz-attacks-{}.der", std::process::id()));
    for scene in scenes() {
        std::fs::write(&file, scene.signer.certificate().der()).unwrap();
        for url in [bait.url(), format!("file://{}", file.display()), "cid:key".to_owned()] {
            let elsewhere = [
                format!(
                    "<wsse:SecurityTokenReference><wsse:Reference URI=\"{url}\" ValueType=\"{}\"/>\
                     </wsse:SecurityTokenReference>",
                    ksz::wss::names::X509_V3
                ),
                format!(
                    "<ds:RetrievalMethod URI=\"{url}\" Type=\"{}rawX509Certificate\"/>",
                    ksz::xmldsig::names::DS
                ),
                format!("<ds:RetrievalMethod URI=\"{url}\"/>{}", token_reference(scene)),
            ];
            for content in elsewhere {
                let message = with_key_info(scene, &content);
                scene.is_genuine(&message);
                scene.refuses(&message, Class::Key, "KeyInfo");
            }
        }
    }
    std::fs::remove_file(&file).unwrap();
    bait.is_untouched();
}

#[test]
fn p22_a_signature_that_names_no_token_is_refused() {
    for scene in scenes() {
        let without = scene.with(scene.part(KEY_INFO), "");
        scene.is_genuine(&without);
        scene.refuses(&without, Class::Key, "NoKeyInfo");
        for content in ["", "<ds:KeyName>one</ds:KeyName>", "<wsse:SecurityTokenReference/>"] {
            let nameless = with_key_info(scene, content);
            scene.is_genuine(&nameless);
            scene.refuses(&nameless, Class::Key, "KeyInfo");
        }
    }
}

#[test]
fn p23_an_rsa_key_of_1024_bits_is_refused() {
    let weak = RawKey::of_1024_bits();
    let certificate = WORLD.authority.certify("weak", &public_key(&weak.modulus(), &[1, 0, 1]));
    for scene in x509_scenes().filter(|scene| scene.algorithm() == KeyAlgorithm::Rsa) {
        let unsigned = redigest(&with_certificate(scene, certificate.der()));
        let signed = with_value(&unsigned, &weak.sign(&unsigned));
        scene.refuses(&signed, Class::Key, "KeySize");
    }
    for scene in hok_scenes().filter(|scene| scene.algorithm() == KeyAlgorithm::Rsa) {
        let unsigned = scene.carrying(&assertion_for(scene, &certificate));
        let signed = with_value(&unsigned, &weak.sign(&unsigned));
        scene.refuses(&signed, Class::Key, "KeySize");
    }
}

/// The refusal names the size, so it came before any arithmetic: the certificate cannot be read as a key at all.
#[test]
fn p24_a_costly_rsa_key_is_refused_before_it_is_used() {
    let number = vec![0xff; 16_384 / 8];
    for (modulus, exponent, variant) in [
        (&number[..], &number[..], "KeySize"),
        (&number[..256], &number[..256], "PublicExponent"),
        (&number[..], &[1, 0, 1][..], "KeySize"),
    ] {
        let costly = WORLD.authority.certify("costly", &public_key(modulus, exponent));
        for scene in x509_scenes() {
            scene.refuses(scene.sealed(&with_certificate(scene, costly.der())), Class::Key, variant);
        }
        for scene in hok_scenes() {
            scene.refuses(scene.carrying(&assertion_for(scene, &costly)), Class::Key, variant);
        }
    }
}

/// The message of an assertion's holder, which confirms another certificate.
fn assertion_for(scene: &Scene, holder: &Certificate) -> String {
    let good = WORLD.assertion_for(scene.signer);
    NewAssertion { holder: holder.clone(), ..good }.sign(&WORLD.service).unwrap()
}

/// The message with another certificate in its token, not signed again.
pub(crate) fn with_certificate(scene: &Scene, der: &[u8]) -> String {
    let token = scene.part(scene.token_id());
    let text = text_of(token, "wsse:BinarySecurityToken");
    scene.with(text, &STANDARD.encode(der))
}

/// The message with something else in its `KeyInfo`, which no signature covers.
fn with_key_info(scene: &Scene, content: &str) -> String {
    let signature = scene.part(SIGNATURE);
    let other = swap(signature, scene.part(KEY_INFO), &format!("<ds:KeyInfo>{content}</ds:KeyInfo>"));
    scene.with(signature, &other)
}

fn token_reference(scene: &Scene) -> &str {
    scene.part("STR-1")
}

/// An identity that vouches for itself, in the name of another.
fn self_signed(name: &str, algorithm: KeyAlgorithm) -> Identity {
    let kind = match algorithm {
        KeyAlgorithm::Rsa => &PKCS_RSA_SHA256,
        KeyAlgorithm::EcdsaP256 => &PKCS_ECDSA_P256_SHA256,
    };
    let key = KeyPair::generate_for(kind).unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::CountryName, "BE");
    let certificate = params.self_signed(&key).unwrap();
    let pem = format!("{}{}", certificate.pem(), key.serialize_pem());
    Identity::from_pem(pem.as_bytes(), backend!()).unwrap()
}

/// The public key of an identity as XML Signature writes it: of RSA the 256 octets before the exponent 65537, of P-256 the
/// point, which ends the SubjectPublicKeyInfo.
fn key_value_of(identity: &Identity) -> String {
    let spki = identity.certificate().spki_der();
    let value = match identity.key().algorithm() {
        KeyAlgorithm::Rsa => {
            let modulus = STANDARD.encode(&spki[spki.len() - 261..spki.len() - 5]);
            format!(
                "<ds:RSAKeyValue><ds:Modulus>{modulus}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue>"
            )
        }
        KeyAlgorithm::EcdsaP256 => format!(
            "<dsig11:ECKeyValue xmlns:dsig11=\"http://www.w3.org/2009/xmldsig11#\">\
             <dsig11:NamedCurve URI=\"urn:oid:1.2.840.10045.3.1.7\"/>\
             <dsig11:PublicKey>{}</dsig11:PublicKey></dsig11:ECKeyValue>",
            STANDARD.encode(&spki[spki.len() - 65..])
        ),
    };
    format!("<ds:KeyValue>{value}</ds:KeyValue>")
}
