//! Assertions as other services may write them: kept to the octet, spliced elsewhere, and verified again from text.

use crate::fixture::{
    HOLDER, HOSPITAL, RECOGNISED, SERVICE, TOKEN, assertion, identity, noon, root, swap, trust,
};
use ksz_error::Class;
use ksz_pki::{Backend, Digest, Identity};
use ksz_soap::write_envelope;
use ksz_sts::names::{CERTIFIED, EHEALTH_ISSUER, IDENTIFICATION, SAML_11, X509_PKI};
use ksz_sts::{
    AssertionTrust, Attribute, ClaimType, Error, Lifetime, NameIdentifier, NewAssertion, Purpose,
    RequestSecurityToken, VerifiedAssertion, verify_brokered, verify_token_response,
};
use ksz_wss::{Ids, Policy, PrefixLists, Replay, SigningOptions, sign_holder_of_key};
use ksz_xml::{Document, Limits};
use ksz_xmldsig::{CanonicalizationMethod, PrefixList, Reference, Signature, Transforms};
use std::time::{Duration, SystemTime};

#[test]
fn an_assertion_says_what_it_was_issued_with() {
    let verified = verify(TOKEN.as_xml()).unwrap();

    assert_eq!(verified.issuer(), EHEALTH_ISSUER);
    assert_eq!(verified.issue_instant(), noon(0));
    assert_eq!(verified.conditions().not_before(), noon(0) - Duration::from_secs(300));
    assert_eq!(verified.conditions().not_on_or_after(), noon(3_600));
    assert_eq!(verified.holder(), HOLDER.certificate());
    assert_eq!(verified.holder_key().spki_der(), HOLDER.certificate().spki_der());
    assert_eq!(verified.subject_name(), HOLDER.certificate().subject());
    assert_eq!(verified.authentication_method(), Some(X509_PKI));
    let expected =
        [Attribute::new(HOSPITAL, IDENTIFICATION, "71089914"), Attribute::new(RECOGNISED, CERTIFIED, "true")];
    assert_eq!(verified.attributes(), expected);
    let claims = verified.claims().unwrap();
    let expected = [ClaimType::asserted(HOSPITAL, "71089914"), ClaimType::certified(RECOGNISED)];
    assert_eq!(claims.iter().cloned().collect::<Vec<_>>(), expected);
}

#[test]
fn an_assertion_that_leans_on_its_envelope_verifies_wherever_it_is_carried() {
    for (form, answer) in leaning_answers() {
        let from_answer = verify_token_response(
            answer.as_bytes(),
            Some("RC-1"),
            None,
            &trust(),
            &Policy::default(),
            noon(1),
        )
        .unwrap_or_else(|error| panic!("{form}: {error}\n{answer}"));
        let values = from_answer.attributes()[0].values();
        assert_eq!(values, ["a < b & \"c\"\r\n]]> é"], "{form}");

        let token = from_answer.token();
        let again = verify(token.as_xml()).unwrap_or_else(|error| panic!("{form}, kept: {error}"));
        assert_eq!(again.part().octets(), from_answer.part().octets(), "{form}, kept");

        let renewal = RequestSecurityToken::renew("RC-2", token).to_xml().unwrap();
        let renewal = root(&write_envelope(&renewal), |envelope| {
            let body = envelope.children().find(|child| child.local_name() == "Body").unwrap();
            RequestSecurityToken::read(body.children().next().unwrap()).unwrap()
        });
        let Purpose::Renew { target } = renewal.purpose() else { panic!("{form}: no renewal") };
        let renewed = verify(target.as_xml()).unwrap_or_else(|error| panic!("{form}, renewed: {error}"));
        assert_eq!(renewed.part().octets(), from_answer.part().octets(), "{form}, renewed");

        for prefix_lists in [PrefixLists::Omitted, PrefixLists::Written] {
            let mut options = SigningOptions::default();
            options.prefix_lists = prefix_lists;
            let (ids, key) = (Ids::new("1").unwrap(), HOLDER.key());
            let message =
                sign_holder_of_key(hostile_envelope().as_bytes(), token, key, &ids, noon(1), &options)
                    .unwrap();
            assert!(message.contains(token.as_xml()), "{form}: the text is carried octet for octet");
            let verified = verify_brokered(
                message.as_bytes(),
                &trust(),
                &Policy::default(),
                Replay::NotChecked,
                noon(1),
            )
            .unwrap_or_else(|error| panic!("{form}, carried: {error}\n{message}"));
            assert_eq!(verified.signer().part().octets(), from_answer.part().octets(), "{form}, carried");
        }
    }
}

#[test]
fn an_assertion_whose_white_space_was_tidied_is_refused() {
    for (form, answer) in leaning_answers() {
        let from_answer =
            verify_token_response(answer.as_bytes(), None, None, &trust(), &Policy::default(), noon(1))
                .unwrap();
        let text = from_answer.token().as_xml();

        for tidied in [text.replace("&#xD;", ""), text.replace(" é", " é\n"), text.replace(" \n\t<", "<")] {
            assert_ne!(tidied, text, "{form}");
            let error = verify(&tidied).unwrap_err();
            assert_eq!(
                (error.class(), ksz_error::reason(&error).as_str()),
                (Class::Digest, "DigestMismatch")
            );
        }
    }
}

#[test]
fn what_was_kept_as_text_is_believed_only_if_it_still_holds() {
    let text = TOKEN.as_xml();
    let at = |now: SystemTime| VerifiedAssertion::verify_text(text, &trust(), &Policy::default(), now);
    let by =
        |trust: &AssertionTrust| VerifiedAssertion::verify_text(text, trust, &Policy::default(), noon(1));
    let client = identity(&["NIHII-HOSPITAL=71089914"]);
    let pinned = |identity: &Identity, issuer: &str| {
        AssertionTrust::new(issuer, vec![identity.certificate().clone()], Backend::default())
    };

    assert!(at(noon(1)).is_ok());
    assert_eq!(at(noon(3_599)).map(|_| ()), Ok(()));
    assert_eq!(at(noon(3_600)), Err(Error::AssertionExpired { ago: 0 }));
    assert_eq!(at(noon(0) - Duration::from_secs(360)).map(|_| ()), Ok(()), "a clock may be a minute behind");
    assert_eq!(at(noon(0) - Duration::from_secs(361)), Err(Error::AssertionNotYetValid { ahead: 61 }));
    assert_eq!(by(&pinned(&client, EHEALTH_ISSUER)), Err(Error::SignerNotPinned));
    let found = || EHEALTH_ISSUER.into();
    assert_eq!(
        by(&pinned(&SERVICE, "urn:be:fgov:ehealth:sts:1_1")),
        Err(Error::IssuerNotAccepted { expected: "urn:be:fgov:ehealth:sts:1_1".into(), found: found() })
    );
    let expired = VerifiedAssertion::verify_text(text, &trust(), &Policy::default(), noon(300 * 86_400));
    assert!(matches!(expired, Err(Error::Pki(ksz_pki::Error::CertificateExpired { .. }))), "{expired:?}");
}

#[test]
fn a_text_that_is_not_the_assertion_that_was_issued_is_refused() {
    let text = TOKEN.as_xml();
    let refusal = |text: &str| ksz_error::reason(&verify(text).unwrap_err());
    let signature = &text[text.find("<ds:Signature ").unwrap()..text.find("</Assertion>").unwrap()];
    let own = NewAssertion { attributes: vec![Attribute::new(HOSPITAL, CERTIFIED, "true")], ..assertion() };
    let own = own.sign(&HOLDER).unwrap();

    for (text, expected) in [
        (swap(text, ">true<", ">false<"), "DigestMismatch"),
        (swap(text, "NotOnOrAfter=\"2026-06-01T13", "NotOnOrAfter=\"2026-06-01T23"), "DigestMismatch"),
        (swap(text, signature, ""), "NotSigned"),
        (swap(text, signature, &signature.repeat(2)), "AssertionShape"),
        (own, "SignerNotPinned"),
        (write_envelope(text), "AssertionShape"),
        (text.replace(SAML_11, "urn:oasis:names:tc:SAML:2.0:assertion"), "AssertionShape"),
        (format!("<!DOCTYPE a>{text}"), "DocumentType"),
        (text[..text.len() - 1].to_owned(), "NotWellFormed"),
        (String::new(), "NotWellFormed"),
    ] {
        let found = refusal(&text);
        assert_eq!(found, expected, "{text}");
    }
    assert_eq!(refusal(&format!("{text}{text}")), "NotWellFormed");
}

#[test]
fn the_service_may_sign_with_the_next_certificate_while_the_last_is_believed() {
    let next = identity(&[]);
    let both = AssertionTrust::new(
        EHEALTH_ISSUER,
        vec![SERVICE.certificate().clone(), next.certificate().clone()],
        Backend::default(),
    );
    let by_next = assertion().sign(&next).unwrap();
    let verify = |text: &str, trust: &AssertionTrust| {
        VerifiedAssertion::verify_text(text, trust, &Policy::default(), noon(1)).map(|_| ())
    };

    assert_eq!(verify(TOKEN.as_xml(), &both), Ok(()));
    assert_eq!(verify(&by_next, &both), Ok(()));
    assert_eq!(verify(&by_next, &trust()), Err(Error::SignerNotPinned));
    assert_eq!(both.certificates(), [SERVICE.certificate().clone(), next.certificate().clone()]);
}

#[test]
fn an_assertion_may_name_somebody_else_than_the_certificate_of_its_holder() {
    let text = "<a> & \"b\" ]]>\r\n\t é";
    let subject = NameIdentifier { format: text.into(), qualifier: text.into(), value: text.into() };

    let signed = assertion().sign_about(&subject, &SERVICE).unwrap();
    let verified = verify(&signed).unwrap();

    assert_eq!(verified.subject(), &subject);
    assert_eq!((verified.subject_name(), verified.holder()), (text, HOLDER.certificate()));
    let of_certificate = verify(TOKEN.as_xml()).unwrap();
    assert_eq!(of_certificate.subject().qualifier, HOLDER.certificate().issuer());
}

#[test]
fn statements_about_two_subjects_are_refused() {
    // Genuinely signed: only the qualifier of the second name differs.
    let text = TOKEN.as_xml();
    let signature = &text[text.find("<ds:Signature ").unwrap()..text.find("</Assertion>").unwrap()];
    let unsigned = swap(text, signature, "");
    let (first, second) = unsigned.split_at(unsigned.find("<AttributeStatement>").unwrap());
    let changed = format!("{first}{}", swap(second, " NameQualifier=\"", " NameQualifier=\"x"));
    let digest = Digest::sha256(changed.as_bytes());
    let reference = Reference::new("_4d2f2572befc1c6a70493a35d3618c66", Transforms::Enveloped, None, digest);
    let key_info = "<ds:KeyInfo><ds:KeyName>service</ds:KeyName></ds:KeyInfo>";
    let signature = Signature::new(vec![reference]).with_key_info(key_info).sign(SERVICE.key()).unwrap();
    let signed = swap(&changed, "</Assertion>", &format!("{signature}</Assertion>"));

    let refusal = verify(&signed).unwrap_err();

    assert_eq!(refusal, Error::AssertionShape { detail: "its statements are about two subjects" });
}

#[test]
fn an_assertion_that_lives_for_no_time_is_refused() {
    let validity = Lifetime { created: noon(0), expires: noon(0) };
    let text = NewAssertion { validity, ..assertion() }.sign(&SERVICE).unwrap();

    let refusal = verify(&text).unwrap_err();

    assert_eq!(refusal, Error::ConditionsNotAccepted { detail: "they end before they begin" });
}

fn verify(text: &str) -> Result<VerifiedAssertion, Error> {
    VerifiedAssertion::verify_text(text, &trust(), &Policy::default(), noon(1))
}

/// Answers whose assertions take namespaces from around them, and hold what serializers like to change.
fn leaning_answers() -> Vec<(&'static str, String)> {
    let around = |declared: &str, inside: &str| {
        let response = ksz_sts::write_token_response("RC-1", inside);
        swap(&write_envelope(&response), "<soapenv:Envelope", &format!("<soapenv:Envelope{declared}"))
    };
    let saml = format!(" xmlns:saml=\"{SAML_11}\"");
    vec![
        ("a prefix of the Envelope", signed_in(|text| around(&saml, text), "saml:", "", None)),
        (
            "a prefix of the Envelope, and unused ones",
            signed_in(
                |text| around(&format!("{saml} xmlns:xs=\"http://www.w3.org/2001/XMLSchema\""), text),
                "saml:",
                "",
                Some("xs"),
            ),
        ),
        (
            "the default namespace of the Envelope",
            signed_in(|text| around(&format!(" xmlns=\"{SAML_11}\""), text), "", "", None),
        ),
        (
            "a default namespace of its own",
            signed_in(|text| around(" xmlns=\"urn:x\"", text), "", &format!(" xmlns='{SAML_11}'"), None),
        ),
        (
            "a prefix that is bound to something else outside",
            signed_in(|text| around(" xmlns:saml=\"urn:x\"", text), "saml:", &saml, None),
        ),
    ]
}

/// An assertion in a form that no serializer writes, signed at its place.
fn signed_in(around: impl Fn(&str) -> String, prefix: &str, declared: &str, listed: Option<&str>) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};

    let p = prefix;
    let holder = STANDARD.encode(HOLDER.certificate().der());
    let name = "<P:NameIdentifier>holder</P:NameIdentifier>";
    let text = format!(
        "<P:Assertion{declared}  MinorVersion='1'\n MajorVersion='1' Issuer='{EHEALTH_ISSUER}' \
         IssueInstant='2026-06-01T12:00:00Z' AssertionID='_1' >\n <P:Conditions NotBefore='2026-06-01T12:00:00Z' \
         NotOnOrAfter='2026-06-01T13:00:00Z'/>\n<P:AttributeStatement ><P:Subject>{name}<P:SubjectConfirmation>\
         <P:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:holder-of-key</P:ConfirmationMethod>\
         <d:KeyInfo xmlns:d='http://www.w3.org/2000/09/xmldsig#'><d:X509Data><d:X509Certificate>\n{holder}\n\
         </d:X509Certificate></d:X509Data></d:KeyInfo></P:SubjectConfirmation></P:Subject>\
         <P:Attribute AttributeName='urn:a' AttributeNamespace=\"{CERTIFIED}\"><P:AttributeValue>\
         a <![CDATA[<]]> b &amp; &quot;c\"&#xD;&#10;]]&gt; é</P:AttributeValue></P:Attribute>\
         </P:AttributeStatement> \n\t</P:Assertion>"
    )
    .replace("P:", p);
    let prefixes = listed.map(PrefixList::parse);
    let digest = {
        let unsigned = around(&text);
        let document = Document::parse(unsigned.as_bytes(), &Limits::default()).unwrap();
        let found = document.root().descendants().find(|element| element.local_name() == "Assertion");
        let exclusive = CanonicalizationMethod::exclusive(prefixes.clone().unwrap_or_default());
        exclusive.digest(found.unwrap_or_else(|| panic!("{unsigned}"))).unwrap()
    };
    let reference = Reference::new("_1", Transforms::Enveloped, prefixes, digest);
    let key_info = "<ds:KeyInfo><ds:KeyName>service</ds:KeyName></ds:KeyInfo>";
    let signature = Signature::new(vec![reference]).with_key_info(key_info).sign(SERVICE.key()).unwrap();
    let end = format!("</{p}Assertion>");
    around(&swap(&text, &end, &format!("{signature}{end}")))
}

/// An envelope that binds what assertions use to something else, and has a default namespace.
fn hostile_envelope() -> String {
    "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:saml=\"urn:other\" xmlns:ds=\"urn:other\" \
     xmlns:d=\"urn:other\"><Body><x xmlns=\"urn:x\">Hello</x></Body></Envelope>"
        .to_owned()
}
