//! Signatures that are missing, cover too little, or no longer cover what is there.

use super::world::{BODY, Profile, SIGNATURE, TIMESTAMP, forged_body, hok_scenes, redigest, scenes, swap};
use ksz::error::Class;
use ksz::xmldsig::names::DS;
use ksz_tests::world::between;

#[test]
fn p10_a_message_without_its_signature_is_refused() {
    const LOOK_ALIKE: &str = "http://www.w3.org/2000/09/xmldsig";
    for scene in scenes() {
        let signature = scene.part(SIGNATURE);
        for removed in [String::new(), format!("<!--{signature}-->"), signature.replace(DS, LOOK_ALIKE)] {
            scene.refuses(scene.with(signature, &removed), Class::Coverage, "NotSigned");
        }
    }
    for scene in hok_scenes() {
        let assertion = scene.part(scene.token_id());
        let signature = between(assertion, "<ds:Signature", "</ds:Signature>");
        for removed in [String::new(), format!("<!--{signature}-->"), signature.replace(DS, LOOK_ALIKE)] {
            let unsigned = scene.carrying(&swap(assertion, signature, &removed));
            scene.is_genuine(&unsigned);
            scene.refuses(&unsigned, Class::Coverage, "NotSigned");
        }
    }
}

#[test]
fn p11_a_genuine_signature_that_leaves_a_part_out_is_refused() {
    for scene in scenes() {
        let token = (scene.profile == Profile::X509).then_some(scene.token_id());
        for id in [BODY, TIMESTAMP].into_iter().chain(token) {
            let without = scene.sealed(&scene.with_in_signature(scene.reference(id), ""));
            scene.is_genuine(&without);
            scene.refuses(&without, Class::Coverage, "NotCovered");
            let nameless = swap(&without, &format!(" wsu:Id=\"{id}\""), "");
            if id != scene.token_id() {
                scene.refuses(&nameless, Class::Coverage, "NotCovered");
            }
        }
    }
}

#[test]
fn p12_a_genuine_signature_without_references_is_refused() {
    for scene in scenes() {
        let info = scene.signed_info();
        let method_end = info.find("<ds:Reference").unwrap();
        let empty = format!("{}</ds:SignedInfo>", &info[..method_end]);
        let without = scene.sealed(&scene.with_in_signature(info, &empty));
        scene.refuses(&without, Class::Coverage, "NotCovered");
    }
}

#[test]
fn p13_a_genuine_signature_over_the_payload_in_place_of_the_body_is_refused() {
    for scene in scenes() {
        let request = "<urn:CheckAccessControlRequest ";
        for id in ["Id", "xml:id"] {
            let named = scene.with(request, &format!("{request}{id}=\"payload-1\" "));
            let reference = scene.reference(BODY);
            let to_payload = swap(&named, reference, &swap(reference, "#id-1", "#payload-1"));
            let signed = scene.sealed(&to_payload);
            scene.is_genuine(&signed);
            scene.refuses(&signed, Class::Coverage, "NotCovered");
            let nameless = swap(&signed, " wsu:Id=\"id-1\"", "");
            scene.is_genuine(&nameless);
            scene.refuses(&nameless, Class::Coverage, "NotCovered");
        }
    }
}

#[test]
fn p14_signed_content_that_was_changed_is_refused() {
    for scene in scenes() {
        for (from, to) in [
            ("Hello", "Hullo"),
            ("Hello", "Hello "),
            ("Hello", "Hello\r"),
            ("<urn1:Message>", "<urn1:Message> "),
            ("version=\"1\"", "version=\"2\""),
            ("version=\"1\"", "version=\"1 \""),
            (" version=\"1\"", ""),
            ("</wsu:Created>", "</wsu:Created> "),
            ("Z</wsu:Expires>", "0Z</wsu:Expires>"),
        ] {
            scene.refuses(scene.with(from, to), Class::Digest, "DigestMismatch");
        }
    }
    for scene in hok_scenes() {
        for (from, to) in [
            ("71089914", "71089915"),
            ("71089914", "71089914 "),
            ("AttributeName=\"urn:be:fgov:ehealth:1.0:hospital:nihii-number\"", "AttributeName=\"urn:x\""),
            ("<Conditions ", "<Conditions  x=\"\" "),
            ("<Subject>", "<Subject> "),
            ("cm:holder-of-key", "cm:bearer"),
        ] {
            scene.refuses(scene.with(from, to), Class::Digest, "DigestMismatch");
        }
    }
}

#[test]
fn p15_a_digest_that_was_renewed_without_the_key_is_refused() {
    for scene in scenes() {
        let forged = scene.with(scene.part(BODY), &forged_body("wsu:Id=\"id-1\""));
        scene.refuses(&forged, Class::Digest, "DigestMismatch");
        scene.refuses_value(redigest(&forged));
    }
}
