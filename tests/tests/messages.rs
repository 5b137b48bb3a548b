//! Signed messages in every form that is written; what an adversary makes of them is in the suite `attacks`.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz::error::Class;
use ksz::pki::Digest;
use ksz::sts::{NewAssertion, verify_token_response, write_token_response};
use ksz::wss::{
    Ids, Layout, MustUnderstand, Policy, PrefixLists, Replay, SamlToken, SigningOptions, sign_holder_of_key,
    sign_x509, verify_x509,
};
use ksz::xml::{Document, Limits};
use ksz::xmldsig::{CanonicalizationMethod, PrefixList, Reference, Signature, Transforms};
use ksz_tests::backend;
use ksz_tests::keys;
use ksz_tests::world::{World, between, envelope};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

static WORLD: LazyLock<World> = LazyLock::new(|| World::new(backend!()));

#[test]
fn every_form_that_is_written_is_accepted_and_any_change_in_it_refused() {
    for identity in [&WORLD.rsa, &WORLD.ec] {
        for (options, input) in every_form() {
            let message = sign_x509(input.as_bytes(), identity, &ids(), WORLD.now, &options).unwrap();
            assert_eq!(verify(&message), Ok(()), "{options:?}\n{message}");
            let changed = message.replace("Hello", "Hullo");
            assert_eq!(verify(&changed), Err(Class::Digest), "{options:?}");
        }
    }
}

#[test]
fn every_form_signed_by_a_holder_is_accepted_and_any_change_in_it_refused() {
    for holder in [&WORLD.rsa, &WORLD.ec] {
        let token = WORLD.token(holder);
        for (options, input) in every_form() {
            let message =
                sign_holder_of_key(input.as_bytes(), &token, holder.key(), &ids(), WORLD.now, &options)
                    .unwrap();
            assert_eq!(verify_brokered(&message), Ok(()), "{options:?}\n{message}");
            assert!(message.contains(token.as_xml()), "the assertion is carried octet for octet");
            let changed = message.replace("Hello", "Hullo");
            assert_eq!(verify_brokered(&changed), Err(Class::Digest), "{options:?}");
        }
    }
}

#[test]
fn a_signed_message_hands_out_what_was_signed_and_nothing_else() {
    let message = WORLD
        .x509_message(&WORLD.rsa, WORLD.now)
        .replace("<soapenv:Header>", "<soapenv:Header><x>unsigned</x>");
    let verified =
        verify_x509(message.as_bytes(), &WORLD.trust(), &Policy::default(), Replay::NotChecked, WORLD.now)
            .unwrap();
    let names: Vec<_> = verified.parts().iter().map(|part| part.name()).collect();
    assert_eq!(names, ["Timestamp", "Body", "BinarySecurityToken"]);
    let body = std::str::from_utf8(verified.body().octets()).unwrap();
    assert!(body.contains("Hello") && !body.contains("unsigned"));
    assert_eq!(verified.signer().certificate(), WORLD.rsa.certificate());
}

#[test]
fn an_envelope_of_any_form_is_signed_so_that_it_verifies() {
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    let wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    let envelopes = [
        format!("<e:Envelope xmlns:e='{soap}'><e:Body><a/></e:Body></e:Envelope>"),
        format!("<e:Envelope xmlns:e='{soap}'><e:Header/><e:Body/></e:Envelope>"),
        format!(
            "<!-- c --><e:Envelope xmlns:e='{soap}'>\n<e:Header ></e:Header >\n<e:Body ><a/></e:Body>\n</e:Envelope>"
        ),
        format!(
            "<Envelope xmlns='{soap}'><Header><b xmlns=''/>text<!-- c --></Header><Body xmlns:p='urn:p' q='1'>x</Body></Envelope>"
        ),
        format!("<e:Envelope xmlns:e='{soap}' xmlns:wsu='urn:other'><e:Body><wsu:a/></e:Body></e:Envelope>"),
        format!(
            "<e:Envelope xmlns:e='{soap}' xmlns:u='{wsu}'><e:Body u:Id='own'><u:a/></e:Body></e:Envelope>"
        ),
        format!(
            "<e:Envelope xmlns:e='{soap}' xmlns:u='{wsu}'><e:Body e:z='' b='1' a='2'><wsu:a xmlns:wsu='{wsu}'/></e:Body></e:Envelope>"
        ),
    ];
    for (envelope, prefix_lists) in
        envelopes.iter().flat_map(|e| [PrefixLists::Written, PrefixLists::Omitted].map(|lists| (e, lists)))
    {
        let mut options = SigningOptions::default();
        options.prefix_lists = prefix_lists;
        let signed = sign_x509(envelope.as_bytes(), &WORLD.ec, &ids(), WORLD.now, &options).unwrap();
        assert_eq!(verify(&signed), Ok(()), "{signed}");
    }
}

#[test]
fn an_envelope_that_would_not_verify_is_not_signed() {
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    let wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    let body =
        |content: &str| format!("<e:Envelope xmlns:e='{soap}'><e:Body>{content}</e:Body></e:Envelope>");
    let with = |inside: &str| format!("<e:Envelope xmlns:e='{soap}'>{inside}</e:Envelope>");
    for (envelope, class) in [
        (body("<a Id='TS-1'/>"), Class::Id),
        (body("<a ID='id-1'/>"), Class::Id),
        (body("<a Id='x'/><b id='x'/>"), Class::Id),
        (with(&format!("<e:Header><s:Security xmlns:s='{wsse}'/></e:Header><e:Body/>")), Class::Structure),
        (with("<e:Body/><e:Header/>"), Class::Structure),
        (with("<e:Body/><e:Body/>"), Class::Structure),
        (with("text<e:Body/>"), Class::Structure),
        (with(""), Class::Structure),
        ("<a/>".to_owned(), Class::Structure),
        (body("<a>"), Class::XmlMalformed),
        (with("<e:Body wsu:Id='1'/>"), Class::XmlMalformed),
    ] {
        let refused = sign_x509(
            envelope.as_bytes(),
            &WORLD.ec,
            &Ids::new("1").unwrap(),
            WORLD.now,
            &SigningOptions::default(),
        );
        assert_eq!(refused.unwrap_err().class(), class, "{envelope}");
    }
}

#[test]
fn a_message_lives_as_long_as_it_says() {
    let message = WORLD.x509_message(&WORLD.rsa, WORLD.now);
    let minute = Duration::from_secs(60);
    assert_eq!(verify_at(&message, WORLD.now + minute - Duration::from_millis(1)), Ok(()));
    assert_eq!(verify_at(&message, WORLD.now + minute), Err(Class::Timestamp));
    assert_eq!(verify_at(&message, WORLD.now - minute), Ok(()));
    assert_eq!(verify_at(&message, WORLD.now - minute - Duration::from_secs(1)), Err(Class::Timestamp));

    let mut options = SigningOptions::default();
    for seconds in [0, 301] {
        options.lifetime = Duration::from_secs(seconds);
        let refused = sign_x509(envelope().as_bytes(), &WORLD.rsa, &ids(), WORLD.now, &options);
        assert_eq!(refused.map_err(|error| error.class()), Err(Class::Timestamp), "{seconds} s");
    }
}

#[test]
fn an_assertion_with_namespaces_from_around_it_verifies_elsewhere() {
    let assertion = WORLD.token(&WORLD.rsa);
    let answer = ksz::soap::write_envelope(&write_token_response("RC-1", assertion.as_xml()));
    let declared_outside = answer.replace(" xmlns=\"urn:oasis:names:tc:SAML:1.0:assertion\"", "").replace(
        "<wst:RequestedSecurityToken>",
        "<wst:RequestedSecurityToken xmlns=\"urn:oasis:names:tc:SAML:1.0:assertion\">",
    );
    assert_ne!(declared_outside, answer);
    let (trust, policy) = (WORLD.assertion_trust(), Policy::default());
    let holder = Some(WORLD.rsa.certificate());
    let answer = declared_outside.as_bytes();
    let verified = verify_token_response(answer, Some("RC-1"), holder, &trust, &policy, WORLD.now).unwrap();
    let message = WORLD.hok_message(verified.token(), &WORLD.rsa, WORLD.now);
    assert_eq!(verify_brokered(&message), Ok(()));
}

#[test]
fn an_assertion_keeps_its_meaning_in_any_envelope() {
    let saml = "urn:oasis:names:tc:SAML:1.0:assertion";
    let prefixed = saml_prefixed(&WORLD.assertion_for(&WORLD.rsa), "<plain></plain>");
    assert!(prefixed.starts_with(&format!("<saml:Assertion xmlns:saml=\"{saml}\"")));
    let token = SamlToken::from_xml(&prefixed, &Limits::default()).unwrap();
    for (options, input) in every_form() {
        let message =
            sign_holder_of_key(input.as_bytes(), &token, WORLD.rsa.key(), &ids(), WORLD.now, &options)
                .unwrap();
        assert_eq!(verify_brokered(&message), Ok(()), "{options:?}\n{message}");
    }
}

#[test]
fn an_assertion_that_lists_a_prefix_of_the_envelope_is_refused_before_it_is_sent() {
    let listing = WORLD.token(&WORLD.rsa).as_xml().replacen(
        "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>",
        "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"><ec:InclusiveNamespaces \
         xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"xs wsse\"></ec:InclusiveNamespaces>\
         </ds:Transform>",
        1,
    );
    let token = SamlToken::from_xml(&listing, &Limits::default()).unwrap();
    let options = SigningOptions::default();
    let refused =
        sign_holder_of_key(envelope().as_bytes(), &token, WORLD.rsa.key(), &ids(), WORLD.now, &options);
    assert_eq!(refused, Err(ksz::wss::Error::PrefixTaken { prefix: "wsse".into() }));
}

/// The assertion with a prefix on all its names, more inside its first value, and a signature of the token service.
fn saml_prefixed(assertion: &NewAssertion, more: &str) -> String {
    let unsigned = assertion.sign(&WORLD.service).unwrap();
    let signature = between(&unsigned, "<ds:Signature", "</ds:Signature>");
    let mut xml = unsigned.replace(signature, "").replace(" xmlns=\"", " xmlns:saml=\"");
    for name in [
        "Assertion",
        "Conditions",
        "AuthenticationStatement",
        "AttributeStatement",
        "Subject",
        "NameIdentifier",
        "SubjectConfirmation",
        "ConfirmationMethod",
        "Attribute",
        "AttributeValue",
    ] {
        for (from, to) in [("<", "<saml:"), ("</", "</saml:")] {
            for end in [">", " "] {
                xml = xml.replace(&format!("{from}{name}{end}"), &format!("{to}{name}{end}"));
            }
        }
    }
    let xml = xml.replacen("</saml:AttributeValue>", &format!("{more}</saml:AttributeValue>"), 1);
    let digest = Digest::sha256(&canonical(&xml));
    let reference = Reference::new(&assertion.id, Transforms::Enveloped, None, digest);
    let signature = Signature::new(vec![reference])
        .with_key_info("<ds:KeyInfo><ds:KeyName>token service</ds:KeyName></ds:KeyInfo>")
        .sign(WORLD.service.key())
        .unwrap();
    xml.replace("</saml:Assertion>", &format!("{signature}</saml:Assertion>"))
}

fn canonical(xml: &str) -> Vec<u8> {
    let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
    let mut octets = Vec::new();
    CanonicalizationMethod::exclusive(PrefixList::default())
        .canonicalize(document.root(), &mut octets)
        .unwrap();
    octets
}

/// Envelopes as people write them, with every way of writing the header.
fn every_form() -> Vec<(SigningOptions, String)> {
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    let payload = "<urn:a xmlns:urn=\"urn:a\">Hello &amp; <b xmlns=\"\">é</b></urn:a>";
    let inputs = [
        envelope(),
        format!(
            "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Envelope xmlns=\"{soap}\">\n <Body>{payload}</Body>\n</Envelope>\n"
        ),
        format!(
            "<s:Envelope xmlns:s='{soap}' xmlns:wsu='urn:taken' xmlns:x='urn:x'><s:Header x:y='>'/><s:Body a='1' >{payload}</s:Body></s:Envelope>"
        ),
        format!(
            "<s:Envelope xmlns:s='{soap}' xmlns:u='{}'><s:Header><t/></s:Header><s:Body u:Id='body'>{payload}</s:Body></s:Envelope>",
            ksz::wss::names::WSU
        ),
    ];
    let mut forms = Vec::new();
    for input in inputs {
        for layout in [Layout::Ehealth, Layout::Connector] {
            for prefix_lists in [PrefixLists::Omitted, PrefixLists::Written] {
                for must_understand in [MustUnderstand::Stated, MustUnderstand::Omitted] {
                    let mut options = SigningOptions::default();
                    options.layout = layout;
                    options.prefix_lists = prefix_lists;
                    options.must_understand = must_understand;
                    forms.push((options, input.clone()));
                }
            }
        }
    }
    forms
}

fn verify(message: &str) -> Result<(), Class> {
    verify_at(message, WORLD.now)
}

fn verify_at(message: &str, now: SystemTime) -> Result<(), Class> {
    let (trust, policy) = (WORLD.trust(), Policy::default());
    let verified = verify_x509(message.as_bytes(), &trust, &policy, Replay::NotChecked, now);
    verified.map(|_| ()).map_err(|error| error.class())
}

fn verify_brokered(message: &str) -> Result<(), Class> {
    let (trust, policy) = (WORLD.assertion_trust(), Policy::default());
    let verified =
        ksz::sts::verify_brokered(message.as_bytes(), &trust, &policy, Replay::NotChecked, WORLD.now);
    verified.map(|_| ()).map_err(|error| error.class())
}

fn ids() -> Ids {
    keys::ids("1")
}
