//! Signed parts moved to where nobody looks, and others in their place.

use super::world::{
    BODY, FORGED_BODY, SIGNATURE, Scene, TIMESTAMP, WORLD, forged_body, hok_scenes, scenes, swap, with_block,
    wrapper,
};
use ksz::error::{Class, reason};
use ksz::sts::{verify_token_response, write_token_response};
use ksz::wss::Policy;
use ksz_tests::world::between;
use std::time::Duration;

#[test]
fn p01_a_body_moved_to_a_header_block_is_refused() {
    for scene in scenes() {
        let body = scene.part(BODY);
        for forged in [FORGED_BODY.to_owned(), forged_body("wsu:Id=\"id-2\"")] {
            let moved = with_block(&scene.with(body, &forged), &wrapper(body));
            scene.is_genuine(&moved);
            scene.refuses(&moved, Class::Structure, "Moved");
        }
    }
}

#[test]
fn p02_a_forged_body_with_the_identifier_of_the_signed_one_is_refused() {
    for scene in scenes() {
        let (body, forged) = (scene.part(BODY), forged_body("wsu:Id=\"id-1\""));
        let signed_copy = with_block(&scene.with(body, &forged), &wrapper(body));
        scene.refuses(&signed_copy, Class::Id, "RepeatedId");
        let forged_copy = with_block(&scene.message, &wrapper(&forged));
        scene.refuses(&forged_copy, Class::Id, "RepeatedId");
    }
}

#[test]
fn p03_a_signed_body_in_an_object_of_the_signature_is_refused() {
    for scene in scenes() {
        let (body, signature) = (scene.part(BODY), scene.part(SIGNATURE));
        let object = format!("<ds:Object>{body}</ds:Object></ds:Signature>");
        let with_object = swap(signature, "</ds:Signature>", &object);
        for forged in [FORGED_BODY.to_owned(), forged_body("wsu:Id=\"id-2\"")] {
            let moved = swap(&scene.with(body, &forged), signature, &with_object);
            scene.is_genuine(&moved);
            scene.refuses(&moved, Class::Structure, "Unexpected");
        }
        let forged = scene.with(body, &forged_body("wsu:Id=\"id-1\""));
        scene.refuses(swap(&forged, signature, &with_object), Class::Id, "RepeatedId");
    }
}

#[test]
fn p04_two_bodies_are_refused() {
    for scene in scenes() {
        let body = scene.part(BODY);
        for both in [format!("{FORGED_BODY}{body}"), format!("{body}{FORGED_BODY}")] {
            let two = scene.with(body, &both);
            scene.is_genuine(&two);
            scene.refuses(&two, Class::Structure, "EnvelopeShape");
        }
    }
}

#[test]
fn p05_a_fresh_timestamp_in_place_of_the_signed_one_is_refused() {
    for scene in scenes() {
        let stale = Scene::new(scene.profile, scene.signer, WORLD.now - Duration::from_secs(3_600));
        scene.refuses(&stale.message, Class::Timestamp, "TimestampExpired");
        let (signed, fresh) = (stale.part(TIMESTAMP), scene.part(TIMESTAMP));
        for (id, class, variant) in [
            ("wsu:Id=\"TS-2\"", Class::Structure, "Moved"),
            ("", Class::Structure, "Moved"),
            ("wsu:Id=\"TS-1\"", Class::Id, "RepeatedId"),
        ] {
            let fresh = swap(fresh, "wsu:Id=\"TS-1\"", id);
            let moved = with_block(&stale.with(signed, &fresh), &wrapper(signed));
            if class != Class::Id {
                scene.is_genuine(&moved);
            }
            scene.refuses(&moved, class, variant);
        }
        let both = format!("{}{signed}", swap(fresh, "TS-1", "TS-2"));
        scene.refuses(stale.with(signed, &both), Class::Structure, "SecurityShape");
    }
}

#[test]
fn p06_a_forged_body_with_the_signed_identifier_in_another_guise_is_refused() {
    for scene in scenes() {
        let body = scene.part(BODY);
        for name in ["Id", "ID", "id", "iD", "xml:id", "AssertionID", "soapenv:Id", "wsse:Id"] {
            let forged = forged_body(&format!("xmlns:wsse=\"urn:x\" {name}=\"id-1\""));
            let moved = with_block(&scene.with(body, &forged), &wrapper(body));
            scene.refuses(&moved, Class::Id, "RepeatedId");
            let both = with_block(&scene.message, &format!("<w xmlns:wsse=\"urn:x\" {name}=\"id-1\"/>"));
            scene.refuses(&both, Class::Id, "RepeatedId");
        }
    }
}

#[test]
fn p07_an_assertion_wrapped_by_a_forged_one_is_refused() {
    for scene in hok_scenes() {
        let signed = WORLD.token(scene.signer);
        let signed = signed.as_xml();
        for (_, wrapped) in wrapped_assertions(signed) {
            let id_kept = wrapped.replace(FORGED_ID, scene.token_id());
            scene.refuses(scene.with(signed, &id_kept), Class::Id, "RepeatedId");
            let wrapped = scene.with(signed, &wrapped);
            scene.is_genuine(&wrapped);
            scene.refuses(&wrapped, Class::Structure, "SecurityShape");
            let named = swap(&wrapped, &key_identifier(scene.token_id()), &key_identifier(FORGED_ID));
            scene.refuses(&named, Class::Structure, "SecurityShape");
        }
    }
}

#[test]
fn p08_a_token_response_with_a_wrapped_assertion_is_refused() {
    for scene in hok_scenes() {
        let signed = WORLD.token(scene.signer);
        let signed = signed.as_xml();
        let verify = |requested: &str| {
            let answer = ksz::soap::write_envelope(&write_token_response("RC-1", requested));
            let (trust, policy) = (WORLD.assertion_trust(), Policy::default());
            let holder = Some(scene.signer.certificate());
            verify_token_response(answer.as_bytes(), Some("RC-1"), holder, &trust, &policy, WORLD.now)
                .map(|assertion| assertion.token().as_xml().to_owned())
                .map_err(|error| (error.class(), reason(&error)))
        };
        assert_eq!(verify(signed).as_deref(), Ok(signed));
        for (name, wrapped) in wrapped_assertions(signed) {
            let (class, variant) = verify(&wrapped).expect_err(name);
            assert_eq!(class, Class::Structure, "{name}: {variant}");
        }
    }
}

/// The text by which a message names its assertion.
fn key_identifier(id: &str) -> String {
    format!(">{id}</wsse:KeyIdentifier>")
}

const FORGED_ID: &str = "_forged";

/// A signed assertion and a forged one, in every place that the second can have.
fn wrapped_assertions(signed: &str) -> [(&'static str, String); 9] {
    let signature = between(signed, "<ds:Signature", "</ds:Signature>");
    let id = between(signed, "AssertionID=\"", "\" ");
    let forged = swap(&swap(signed, id, &format!("AssertionID=\"{FORGED_ID}\" ")), "71089914", "71089915");
    let unsigned = swap(&forged, signature, "");
    let in_object = |content: &str| {
        swap(signature, "</ds:Signature>", &format!("<ds:Object>{content}</ds:Object></ds:Signature>"))
    };
    let bare = swap(signed, signature, "");
    let around = |content: &str| swap(&unsigned, "</Assertion>", &format!("{content}</Assertion>"));
    [
        ("a forged one before", format!("{unsigned}{signed}")),
        ("a forged one after", format!("{signed}{unsigned}")),
        ("a forged one around it", around(signed)),
        ("a forged one around it, with the signature", around(&format!("{bare}{signature}"))),
        (
            "a signed one inside the signature of the forged",
            around(&swap(signature, "<ds:KeyInfo>", &format!("{bare}<ds:KeyInfo>"))),
        ),
        ("a signed one in an Object of the signature of the forged", around(&in_object(&bare))),
        (
            "a forged one in the KeyInfo",
            swap(signed, "</ds:KeyInfo></ds:Signature>", &format!("{unsigned}</ds:KeyInfo></ds:Signature>")),
        ),
        ("a forged one in the signature", swap(signed, "<ds:KeyInfo>", &format!("{unsigned}<ds:KeyInfo>"))),
        ("a forged one in an Object of the signature", swap(signed, signature, &in_object(&unsigned))),
    ]
}

#[test]
fn p09_a_second_security_header_is_refused() {
    for scene in scenes() {
        let security = between(&scene.message, "<wsse:Security ", "</wsse:Security>");
        let tag = &security[..=security.find('>').unwrap()];
        let fresh = swap(scene.part(TIMESTAMP), "TS-1", "TS-2");
        for tag in [tag.to_owned(), swap(tag, ">", " soapenv:actor=\"urn:other\">")] {
            let unsigned = format!("{tag}{fresh}</wsse:Security>");
            for both in [format!("{unsigned}{security}"), format!("{security}{unsigned}")] {
                let two = scene.with(security, &both);
                scene.is_genuine(&two);
                scene.refuses(&two, Class::Structure, "SecurityCount");
            }
        }
    }
}
