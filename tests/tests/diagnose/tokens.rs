//! Assertions in headers and in answers.

use crate::case::Case;
use crate::world::{WORLD, between, redigested, resigned, swap};
use ksz::soap::write_envelope;
use ksz::sts::write_token_response;
use ksz::wss::Certainty;
use std::time::Duration;

pub(crate) fn cases() -> Vec<Case> {
    let genuine = WORLD.assertion(&WORLD.rsa);
    let assertion = genuine.sign(&WORLD.service).unwrap();
    let message = WORLD.brokered(&genuine, &WORLD.rsa);
    let hour = Duration::from_secs(3_600);
    let at = |created, expires| {
        let mut assertion = WORLD.assertion(&WORLD.rsa);
        (assertion.validity.created, assertion.validity.expires) = (created, expires);
        WORLD.brokered(&assertion, &WORLD.rsa)
    };
    // An assertion that was changed before its issuer signed it.
    let issued = |change: &dyn Fn(&str) -> String| {
        let signature = between(&assertion, "<ds:Signature", "</ds:Signature>").to_owned();
        let changed = change(&swap(&assertion, &signature, ""));
        let octets = changed.clone();
        let canonical = {
            let document =
                ksz::xml::Document::parse(octets.as_bytes(), &ksz::xml::Limits::default()).unwrap();
            let mut canonical = Vec::new();
            crate::world::exclusive().canonicalize(document.root(), &mut canonical).unwrap();
            canonical
        };
        let with = changed.replace("</Assertion>", &format!("{signature}</Assertion>"));
        WORLD
            .brokered_with(&resigned(&redigested(&with, &genuine.id, &canonical), &WORLD.service), &WORLD.rsa)
    };
    let signed_by_other = genuine.sign(&WORLD.other).unwrap();
    let mut foreign = WORLD.assertion(&WORLD.rsa);
    foreign.issuer = "urn:be:fgov:ehealth:sts:2_0".into();
    let answer = write_envelope(&write_token_response("c-1", &assertion));
    let reference = between(&message, "<ds:Reference URI=\"#id-1\"", "</ds:Reference>").to_owned();
    let conditions = between(&assertion, "<Conditions", ">").to_owned();
    vec![
        Case::holder("assertion-expired", "an hour ago", at(WORLD.now - 5 * hour, WORLD.now - hour)),
        Case::holder("assertion-not-yet-valid", "in an hour", at(WORLD.now + hour, WORLD.now + 5 * hour)),
        Case::holder("security-shape", "an assertion inside another", {
            let inner = swap(&assertion, &genuine.id, "_inner");
            swap(
                &message,
                "</ds:KeyInfo></ds:Signature></Assertion>",
                &format!("{inner}</ds:KeyInfo></ds:Signature></Assertion>"),
            )
        }),
        Case::holder("assertion-issuer", "another service", WORLD.brokered(&foreign, &WORLD.rsa)),
        Case::holder(
            "assertion-signer",
            "another certificate",
            WORLD.brokered_with(&signed_by_other, &WORLD.rsa),
        ),
        Case::holder("holder-mismatch", "another RSA key", WORLD.brokered(&genuine, &WORLD.other_rsa))
            .being(Certainty::Proven),
        Case::holder("holder-mismatch", "another P-256 key", {
            WORLD.brokered(&WORLD.assertion(&WORLD.ec), &WORLD.other)
        }),
        Case::holder("token-reserialised", "white space in the assertion", {
            swap(&message, "<AttributeStatement>", "\n  <AttributeStatement>")
        })
        .being(Certainty::Proven),
        Case::holder(
            "token-reserialised",
            "another value in the assertion",
            swap(&message, "71089914", "71089915"),
        )
        .being(Certainty::Likely),
        Case::holder("signature-missing", "in the assertion", {
            let signature = between(&assertion, "<ds:Signature", "</ds:Signature>");
            WORLD.brokered_with(&swap(&assertion, signature, ""), &WORLD.rsa)
        }),
        Case::holder("assertion-conditions", "none", {
            issued(&|assertion| swap(assertion, between(assertion, "<Conditions", "</Conditions>"), ""))
        }),
        Case::holder("assertion-conditions", "another audience", {
            let restriction =
                "<AudienceRestrictionCondition><Audience>urn:x</Audience></AudienceRestrictionCondition>";
            issued(&|assertion| swap(assertion, &conditions, &format!("{conditions}{restriction}")))
        }),
        Case::holder("confirmation-not-holder-of-key", "bearer", {
            issued(&|assertion| assertion.replace("cm:holder-of-key", "cm:bearer"))
        }),
        Case::holder("assertion-covered", "signed by the sender too", {
            let more = reference.replace("#id-1", &format!("#{}", genuine.id));
            let with = swap(&message, &reference, &format!("{reference}{more}"));
            let octets = crate::world::canonical(&with, &genuine.id, &crate::world::exclusive());
            resigned(&last_redigested(&with, octets.as_bytes()), &WORLD.rsa)
        }),
        Case::answer("token-response", "an assertion inside another", {
            let inner = swap(&assertion, &genuine.id, "_inner");
            swap(
                &answer,
                "</ds:KeyInfo></ds:Signature></Assertion>",
                &format!("{inner}</ds:KeyInfo></ds:Signature></Assertion>"),
            )
        }),
        Case::answer("token-response", "a challenge", {
            let challenge = "<wst:SignChallenge><wst:Challenge>x</wst:Challenge></wst:SignChallenge>";
            swap(
                &answer,
                between(&answer, "<wst:RequestedSecurityToken>", "</wst:RequestedSecurityToken>"),
                challenge,
            )
        }),
        Case::answer("token-response", "another context", answer.clone())
            .knowing(|options| options.context = Some("c-2".into())),
        Case::answer("holder-mismatch", "another certificate than ours", answer.clone())
            .knowing(|options| options.certificates = vec![WORLD.other.certificate().clone()]),
        Case::answer(
            "token-reserialised",
            "printed prettily",
            answer.replace("><Attribute", ">\n<Attribute"),
        ),
    ]
}

/// The message with another digest in the last reference of its own signature.
fn last_redigested(message: &str, octets: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let start = message.rfind("<ds:DigestValue>").unwrap() + "<ds:DigestValue>".len();
    let end = start + message[start..].find('<').unwrap();
    let digest = STANDARD.encode(ksz::pki::Digest::sha256(octets).as_bytes());
    format!("{}{digest}{}", &message[..start], &message[end..])
}

#[test]
fn a_good_answer_gives_no_finding() {
    let assertion = WORLD.assertion(&WORLD.rsa).sign(&WORLD.service).unwrap();
    let answer = write_envelope(&write_token_response("c-1", &assertion));
    assert_eq!(ksz::wss::diagnose(answer.as_bytes(), &WORLD.answer(answer.as_bytes())).findings, []);
}
