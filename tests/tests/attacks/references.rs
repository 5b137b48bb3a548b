//! References that lead elsewhere, and a `SignedInfo` in more than one reading.

use super::world::{
    BODY, Bait, SIGNATURE, canonical_signed_info, forged_body, part, redigest, resign, scenes, swap,
    with_block, wrapper,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::Class;
use ksz::pki::Digest;
use ksz::xmldsig::names::{DS, EXCLUSIVE_C14N};
use ksz_tests::world::{between, text_of};

#[test]
fn p34_more_transforms_or_references_than_a_message_needs_are_refused() {
    for scene in scenes() {
        let key = scene.signer.key();
        let transform = format!("<ds:Transform Algorithm=\"{EXCLUSIVE_C14N}\"></ds:Transform>");
        for count in [3, 1_000] {
            let transforms = format!("<ds:Transforms>{}</ds:Transforms>", transform.repeat(count));
            let reference = scene.reference(BODY);
            let old = between(reference, "<ds:Transforms>", "</ds:Transforms>");
            let many = scene.with_in_signature(reference, &swap(reference, old, &transforms));
            let error = scene.refuses(resign(&many, key), Class::Limit, "LimitExceeded");
            assert_eq!(error.to_string(), "more than 2 transforms of a reference");
        }
        let long = scene.sealed(&scene.with("Hello", &"Hello ".repeat(17_000)));
        scene.accepts(&long);
        let signed_info = between(part(&long, SIGNATURE), "<ds:SignedInfo>", "</ds:SignedInfo>");
        let reference = between(signed_info, "<ds:Reference URI=\"#id-1\"", "</ds:Reference>");
        for count in [10, 2_000] {
            let end = format!("{}</ds:SignedInfo>", reference.repeat(count));
            let many = swap(&long, signed_info, &swap(signed_info, "</ds:SignedInfo>", &end));
            let error = scene.refuses(resign(&many, key), Class::Limit, "LimitExceeded");
            assert_eq!(error.to_string(), "more than 10 references");
        }
    }
}

#[test]
fn p36_a_reference_that_is_no_plain_identifier_is_refused_and_not_fetched() {
    let bait = Bait::new();
    for scene in scenes() {
        let own = " URI=\"#id-1\"";
        let absent = scene.with_in_signature(own, "");
        scene.refuses(resign(&absent, scene.signer.key()), Class::Reference, "ReferenceTarget");
        for uri in [
            bait.url(),
            format!("{}#id-1", bait.url()),
            "file:///etc/hostname".into(),
            "cid:body".into(),
            "#xpointer(id('id-1'))".into(),
            "#xpointer(/)".into(),
            "#".into(),
            String::new(),
            "id-1".into(),
            "#id%2D1".into(),
            " #id-1".into(),
            "#id-1 ".into(),
        ] {
            let other = scene.with_in_signature(own, &format!(" URI=\"{uri}\""));
            scene.refuses(resign(&other, scene.signer.key()), Class::Reference, "ReferenceTarget");
        }
    }
    bait.is_untouched();
}

#[test]
fn p37_a_body_that_only_a_manifest_covers_is_refused() {
    for scene in scenes() {
        let reference = scene.reference(BODY);
        let manifest = format!("<ds:Manifest xmlns:ds=\"{DS}\" Id=\"manifest-1\">{reference}</ds:Manifest>");
        let to_manifest =
            swap(reference, "URI=\"#id-1\"", &format!("URI=\"#manifest-1\" Type=\"{DS}Manifest\""));
        let without = scene.with_in_signature(reference, &to_manifest);

        let in_header = scene.sealed(&with_block(&without, &manifest));
        scene.is_genuine(&in_header);
        scene.refuses(&in_header, Class::Coverage, "NotCovered");

        let signature = part(&without, SIGNATURE);
        let object = format!("<ds:Object>{manifest}</ds:Object></ds:Signature>");
        let in_object =
            scene.sealed(&swap(&without, signature, &swap(signature, "</ds:Signature>", &object)));
        scene.is_genuine(&in_object);
        scene.refuses(&in_object, Class::Structure, "Unexpected");

        let in_security = swap(&without, "</wsse:Security>", &format!("{manifest}</wsse:Security>"));
        let in_security = scene.sealed(&in_security);
        scene.is_genuine(&in_security);
        scene.refuses(&in_security, Class::Structure, "SecurityShape");
    }
}

#[test]
fn p38_a_reference_beyond_the_parts_is_refused() {
    for scene in scenes() {
        let with_block = with_block(&scene.message, "<w xmlns=\"urn:w\" Id=\"w-1\">text</w>");
        let info = scene.signed_info();
        let reference = scene.reference(BODY);
        let digest = text_of(reference, "ds:DigestValue");
        let wrong = swap(reference, digest, &STANDARD.encode(Digest::sha256(b"wrong").as_bytes()));
        for (more, variant) in [
            (swap(&wrong, "#id-1", "#nowhere"), "ReferenceTarget"),
            (swap(&wrong, "#id-1", "#w-1"), "ReferenceTarget"),
            (swap(reference, "#id-1", "#SIG-1"), "ReferenceTarget"),
            (wrong.clone(), "RepeatedReference"),
            (reference.to_owned(), "RepeatedReference"),
        ] {
            for more in [
                swap(info, "<ds:Reference", &format!("{more}<ds:Reference")),
                swap(info, "</ds:SignedInfo>", &format!("{more}</ds:SignedInfo>")),
            ] {
                let signed = resign(&swap(&with_block, info, &more), scene.signer.key());
                scene.refuses(&signed, Class::Reference, variant);
            }
        }
        let good =
            swap(info, "</ds:SignedInfo>", &format!("{}</ds:SignedInfo>", swap(reference, "#id-1", "#w-1")));
        let genuine = scene.sealed(&swap(&with_block, info, &good));
        scene.is_genuine(&genuine);
        scene.refuses(&genuine, Class::Reference, "ReferenceTarget");
    }
}

#[test]
fn p39_two_signed_infos_are_refused() {
    for scene in scenes() {
        let body = forged_body("wsu:Id=\"id-1\"");
        let forged = redigest(&scene.with(scene.part(BODY), &body));
        let forged_info = between(part(&forged, SIGNATURE), "<ds:SignedInfo>", "</ds:SignedInfo>");
        let info = scene.signed_info();
        assert_ne!(info, forged_info);
        for both in [format!("{forged_info}{info}"), format!("{info}{forged_info}")] {
            scene.refuses(swap(&forged, forged_info, &both), Class::Structure, "Unexpected");
        }
        let behind = format!("</ds:KeyInfo>{forged_info}");
        let behind = swap(&forged, "</ds:KeyInfo></ds:Signature>", &format!("{behind}</ds:Signature>"));
        scene.refuses(&behind, Class::Structure, "Unexpected");
    }
}

/// Canonical form drops the comment, so the signature value is good all the same.
#[test]
fn p40_a_comment_in_a_digest_value_is_refused() {
    for scene in scenes() {
        let forged = scene.with(scene.part(BODY), &forged_body("wsu:Id=\"id-1\""));
        let renewed = redigest(&forged);
        let reference = between(part(&renewed, SIGNATURE), "<ds:Reference URI=\"#id-1\"", "</ds:Reference>");
        let forged_digest = text_of(reference, "ds:DigestValue");
        let digest = text_of(scene.reference(BODY), "ds:DigestValue");
        assert_ne!(digest, forged_digest);
        for commented in [
            format!("<!--{forged_digest}-->{digest}"),
            format!("{digest}<!--{forged_digest}-->"),
            format!("{}<!-- -->{}", &digest[..20], &digest[20..]),
        ] {
            let message = swap(&forged, digest, &commented);
            assert_eq!(canonical_signed_info(&message), canonical_signed_info(&scene.message));
            scene.refuses(&message, Class::Structure, "Unexpected");
            scene.refuses(scene.with(digest, &commented), Class::Structure, "Unexpected");
        }
        let element = format!("{digest}<x xmlns=\"\">{forged_digest}</x>");
        scene.refuses(swap(&forged, digest, &element), Class::Structure, "Unexpected");
    }
}

#[test]
fn p41_a_reference_outside_signed_info_is_refused() {
    for scene in scenes() {
        let forged = redigest(&scene.with(scene.part(BODY), &forged_body("wsu:Id=\"id-1\"")));
        let signature = part(&forged, SIGNATURE);
        let reference = between(signature, "<ds:Reference URI=\"#id-1\"", "</ds:Reference>");
        let without = scene.sealed(&swap(&forged, reference, ""));
        scene.is_genuine(&without);
        let original = scene.with(scene.part(BODY), &forged_body("wsu:Id=\"id-1\""));
        for (message, class, variant) in
            [(without, Class::Coverage, "NotCovered"), (original, Class::Digest, "DigestMismatch")]
        {
            scene.refuses(&message, class, variant);
            let signature = part(&message, SIGNATURE);
            let object = format!("<ds:Object>{reference}</ds:Object>");
            for place in ["</ds:Signature>", "<ds:SignatureValue>", "<ds:KeyInfo"] {
                let inside = swap(signature, place, &format!("{object}{place}"));
                scene.refuses(swap(&message, signature, &inside), Class::Structure, "Unexpected");
            }
            let bare = swap(signature, "</ds:Signature>", &format!("{reference}</ds:Signature>"));
            scene.refuses(swap(&message, signature, &bare), Class::Structure, "Unexpected");
            let declared = swap(reference, "<ds:Reference", &format!("<ds:Reference xmlns:ds=\"{DS}\""));
            scene.refuses(with_block(&message, &wrapper(&declared)), class, variant);
        }
    }
}
