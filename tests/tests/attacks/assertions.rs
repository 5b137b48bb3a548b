//! Times that are over or not yet there, and assertions that are genuine but not for this message.

use super::world::{SIGNATURE, Scene, TIMESTAMP, WORLD, hok_scenes, part, scenes, swap};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::Class;
use ksz::pki::KeyAlgorithm;
use ksz::soap::format_date_time;
use ksz::sts::names::EHEALTH_ISSUER;
use ksz::sts::{Lifetime, NewAssertion};
use ksz_tests::world::between;
use std::time::{Duration, SystemTime};

#[test]
fn p51_a_message_of_another_time_or_without_one_is_refused() {
    let at = |seconds: i64| format_date_time(instant(seconds)).unwrap();
    let element = |name: &str, text: &str| format!("<wsu:{name}>{text}</wsu:{name}>");
    let both = |created: &str, expires: &str| element("Created", created) + &element("Expires", expires);
    let (now, later) = (at(0), at(60));
    for scene in scenes() {
        let sealed = |content: &str| {
            let timestamp = format!("<wsu:Timestamp wsu:Id=\"TS-1\">{content}</wsu:Timestamp>");
            let sealed = scene.sealed(&scene.with(scene.part(TIMESTAMP), &timestamp));
            scene.is_genuine(&sealed);
            sealed
        };
        for (created, expires) in [(0, 60), (0, 300), (-239, 61), (59, 120), (-100, 1)] {
            let accepted = scene.accepts(sealed(&both(&at(created), &at(expires))));
            assert_eq!(format_date_time(accepted.timestamp.created()).unwrap(), at(created));
        }
        for (created, expires, variant) in [
            (-120, -60, "TimestampExpired"),
            (-60, 0, "TimestampExpired"),
            (62, 120, "TimestampInFuture"),
            (86_400, 86_460, "TimestampInFuture"),
            (0, 301, "TimestampLifetime"),
            (-200, 101, "TimestampLifetime"),
            (0, 86_400, "TimestampLifetime"),
            (30, -30, "TimestampLifetime"),
            (30, 30, "TimestampLifetime"),
        ] {
            scene.refuses(sealed(&both(&at(created), &at(expires))), Class::Timestamp, variant);
        }

        let offset = format!("{}+00:00", now.trim_end_matches('Z'));
        for content in [
            format!("{}{}", element("Created", &now), both(&now, &later)),
            format!("{}{}", both(&now, &later), element("Expires", &later)),
            element("Created", &now),
            element("Expires", &later),
            String::new(),
            element("Expires", &later) + &element("Created", &now),
            both(&offset, &later),
            both(&now, &format!("{}+01:00", later.trim_end_matches('Z'))),
            both(now.trim_end_matches('Z'), &later),
            both(&now, "soon"),
            both(&now, "2026-13-45T99:99:99Z"),
            both(&now, "-999999999-01-01T00:00:00Z"),
            both(&now, ""),
            both(&format!("{}<!-- -->{}", &now[..5], &now[5..]), &later),
            both(&now, &later) + "<wsu:Other/>",
            both(&now, &later).replace("wsu:", "soapenv:"),
        ] {
            scene.refuses(sealed(&content), Class::Timestamp, "TimestampMalformed");
        }

        for place in ["</wsu:Created>", "Z</wsu:Expires>", "<wsu:Created>"] {
            let commented = scene.with(place, &format!("<!-- -->{place}"));
            scene.is_genuine(&commented);
            scene.refuses(&commented, Class::Timestamp, "TimestampMalformed");
        }

        let without = scene.with_in_signature(scene.reference(TIMESTAMP), "");
        let without = scene.sealed(&swap(&without, scene.part(TIMESTAMP), ""));
        scene.is_genuine(&without);
        scene.refuses(&without, Class::Timestamp, "NoTimestamp");
        let look_alike = scene
            .part(TIMESTAMP)
            .replace("wsu:", "x:")
            .replace("<x:Timestamp", "<x:Timestamp xmlns:x=\"urn:x\"");
        scene.refuses(
            swap(&without, "</wsse:Security>", &format!("{look_alike}</wsse:Security>")),
            Class::Timestamp,
            "NoTimestamp",
        );
    }
}

#[test]
fn p52_an_assertion_outside_its_time_or_without_one_is_refused() {
    for scene in hok_scenes() {
        let good = WORLD.assertion_for(scene.signer);
        let during = |from: i64, to: i64| {
            let validity = Lifetime { created: instant(from), expires: instant(to) };
            let assertion = NewAssertion { validity, ..good.clone() }.sign(&WORLD.service).unwrap();
            scene.carrying(&assertion)
        };
        scene.accepts(during(-10, 10));
        scene.accepts(during(59, 100));
        for (from, to, variant) in [
            (-7_200, -3_600, "AssertionExpired"),
            (-10, 0, "AssertionExpired"),
            (3_600, 7_200, "AssertionNotYetValid"),
            (62, 100, "AssertionNotYetValid"),
            (10, -10, "ConditionsNotAccepted"),
        ] {
            scene.refuses(during(from, to), Class::Assertion, variant);
        }

        let changed = |change: &dyn Fn(&str) -> String| scene.carrying(&scene.assertion_with(change));
        let conditions = |assertion: &str| between(assertion, "<Conditions", "</Conditions>").to_owned();
        let unknown = |more: &str| {
            let end = format!("{more}</Conditions>");
            changed(&|assertion| swap(assertion, "</Conditions>", &end))
        };
        scene.accepts(changed(&str::to_owned));
        for message in [
            changed(&|assertion| swap(assertion, &conditions(assertion), "")),
            changed(&|assertion| swap(assertion, &conditions(assertion), "<Conditions></Conditions>")),
            changed(&|assertion| swap(assertion, between(assertion, " NotBefore=\"", "\" ").trim_end(), "")),
            changed(&|assertion| {
                swap(assertion, between(assertion, " NotOnOrAfter=\"", "\">").trim_end_matches('>'), "")
            }),
            unknown("<DoNotCacheCondition></DoNotCacheCondition>"),
            unknown("<x xmlns=\"urn:x\"></x>"),
        ] {
            scene.refuses(&message, Class::Assertion, "ConditionsNotAccepted");
        }
        let audience =
            "<AudienceRestrictionCondition><Audience>urn:other</Audience></AudienceRestrictionCondition>";
        scene.refuses(unknown(audience), Class::Assertion, "AudienceNotAccepted");
    }
}

#[test]
fn p53_a_message_by_another_than_the_confirmed_holder_is_refused() {
    for scene in hok_scenes() {
        let token = WORLD.token(scene.signer);
        for other in [&WORLD.other_rsa, &WORLD.other_ec, &WORLD.service] {
            let by_other = WORLD.hok_message(&token, other, WORLD.now);
            Scene { signer: other, ..scene.clone() }.is_genuine(&by_other);
            scene.refuses(&by_other, Class::Hok, "NotHolder");
        }
    }
}

#[test]
fn p54_an_assertion_that_confirms_no_key_is_refused() {
    const METHOD: &str = "urn:oasis:names:tc:SAML:1.0:cm:holder-of-key";
    for scene in hok_scenes() {
        let changed = |from: &str, to: &str| {
            scene.carrying(&scene.assertion_with(|assertion| swap(assertion, from, to)))
        };
        scene.accepts(changed(METHOD, &format!(" {METHOD} ")));
        let xml = WORLD.token(scene.signer);
        let confirmation = between(xml.as_xml(), "<SubjectConfirmation>", "</SubjectConfirmation>");
        let key_info = between(confirmation, "<ds:KeyInfo", "</ds:KeyInfo>");
        let method = between(confirmation, "<ConfirmationMethod>", "</ConfirmationMethod>");
        for message in [
            changed(METHOD, "urn:oasis:names:tc:SAML:1.0:cm:bearer"),
            changed(METHOD, "urn:oasis:names:tc:SAML:1.0:cm:sender-vouches"),
            changed(METHOD, ""),
            changed(method, ""),
            changed(method, &format!("{method}{}", method.replace("holder-of-key", "bearer"))),
            changed(method, &method.repeat(2)),
            changed(key_info, ""),
            changed(key_info, &key_info.repeat(2)),
            changed(between(key_info, "<ds:X509Data>", "</ds:X509Data>"), "<ds:KeyName>one</ds:KeyName>"),
            changed(confirmation, ""),
        ] {
            scene.refuses(&message, Class::Hok, "ConfirmationNotAccepted");
        }
    }
}

#[test]
fn p55_an_assertion_by_a_client_of_the_same_authority_is_refused() {
    for scene in hok_scenes() {
        let assertion = WORLD.assertion_for(scene.signer);
        for forger in [scene.signer, scene.other_client(), &WORLD.authority.rsa("token service")] {
            let message = scene.carrying(&assertion.sign(forger).unwrap());
            scene.is_genuine(&message);
            scene.refuses(&message, Class::Trust, "SignerNotPinned");
        }
        let genuine = STANDARD.encode(WORLD.service.certificate().der());
        let forger = scene.other_client();
        let named =
            swap(&assertion.sign(forger).unwrap(), &STANDARD.encode(forger.certificate().der()), &genuine);
        let (class, variant) = match scene.algorithm() {
            KeyAlgorithm::Rsa => (Class::Signature, "SignatureMismatch"),
            KeyAlgorithm::EcdsaP256 => (Class::Algorithm, "AlgorithmNotForKey"),
        };
        scene.refuses(scene.carrying(&named), class, variant);
    }
}

#[test]
fn p56_an_assertion_of_another_issuer_is_refused() {
    for scene in hok_scenes() {
        for issuer in [
            "urn:be:fgov:ehealth:sts:2_0".to_owned(),
            format!("{EHEALTH_ISSUER} "),
            format!(" {EHEALTH_ISSUER}"),
            EHEALTH_ISSUER.to_uppercase(),
            EHEALTH_ISSUER.replace('e', "\u{435}"),
            String::new(),
        ] {
            let assertion = NewAssertion { issuer, ..WORLD.assertion_for(scene.signer) };
            let message = scene.carrying(&assertion.sign(&WORLD.service).unwrap());
            scene.is_genuine(&message);
            scene.refuses(&message, Class::Assertion, "IssuerNotAccepted");
        }
    }
}

#[test]
fn p57_an_assertion_that_only_the_message_signs_is_refused() {
    for scene in hok_scenes() {
        let own = WORLD.token(scene.signer);
        let signature = between(own.as_xml(), "<ds:Signature", "</ds:Signature>");
        let unsigned = swap(&swap(own.as_xml(), signature, ""), "71089914", "71089915");
        for assertion in [unsigned.as_str(), own.as_xml()] {
            let message = scene.carrying(assertion);
            let signature = part(&message, SIGNATURE);
            let info = between(signature, "<ds:SignedInfo>", "</ds:SignedInfo>");
            let reference = between(info, "<ds:Reference URI=\"#id-1\"", "</ds:Reference>");
            let more = swap(reference, "#id-1", &format!("#{}", scene.token_id()));
            let more = swap(info, "</ds:SignedInfo>", &format!("{more}</ds:SignedInfo>"));
            let covered = scene.sealed(&swap(&message, signature, &swap(signature, info, &more)));
            scene.is_genuine(&covered);
            scene.refuses(&covered, Class::Assertion, "AssertionCovered");
        }
    }
}

#[test]
fn more_than_the_name_of_a_key_in_the_key_info_of_an_assertion_is_refused() {
    const NAME: &str = "<ds:KeyName>one</ds:KeyName>";
    for scene in hok_scenes() {
        let end = "</ds:KeyInfo></ds:Signature>";
        scene.accepts(scene.with(end, &format!("{NAME}{end}")));
        for place in ["</ds:X509Data></ds:KeyInfo></ds:Signature>", end] {
            for more in [
                "<x xmlns=\"urn:x\"></x>",
                "<!-- -->",
                "text",
                &NAME.repeat(2),
                "<ds:KeyName><x xmlns=\"urn:x\"></x></ds:KeyName>",
                "<ds:X509Data></ds:X509Data>",
            ] {
                let changed = scene.with(place, &format!("{more}{place}"));
                scene.refuses(&changed, Class::Assertion, "AssertionShape");
            }
        }
    }
}

/// An instant so many seconds after the present.
fn instant(seconds: i64) -> SystemTime {
    let span = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { WORLD.now - span } else { WORLD.now + span }
}
