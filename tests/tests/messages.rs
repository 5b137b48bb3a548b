//! Signed messages in every form that is written, and what is changed in them by an adversary.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz::error::Class;
use ksz::pki::{Digest, Identity, TrustStore};
use ksz::sts::names::{CERTIFIED, EHEALTH_ISSUER, IDENTIFICATION};
use ksz::sts::{
    AssertionTrust, Attribute, Lifetime, NewAssertion, VerifiedAssertion, verify_brokered,
    verify_token_response, write_token_response,
};
use ksz::wss::{
    Ids, Layout, MemoryReplayGuard, MustUnderstand, Policy, PrefixLists, Replay, SamlToken, SigningOptions,
    VerifiedMessage, sign_holder_of_key, sign_x509, verify_x509,
};
use ksz::xml::{Document, Limits};
use ksz::xmldsig::{CanonicalizationMethod, PrefixList, Reference, Signature, Transforms};
use ksz_tests::backend;
use ksz_tests::keys::{self, Authority};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// Who takes part: one authority, two clients, a token service, and the present.
struct World {
    authority: Authority,
    rsa: Identity,
    ec: Identity,
    other: Identity,
    service: Identity,
    now: SystemTime,
}

impl World {
    fn new() -> Self {
        let authority = Authority::new("Example Root").with_backend(backend!());
        let (rsa, ec, other) = (authority.rsa("one"), authority.ec("two"), authority.ec("three"));
        let service = authority.rsa("token service");
        Self { authority, rsa, ec, other, service, now: SystemTime::now() }
    }

    fn trust(&self) -> TrustStore {
        TrustStore::new(vec![self.authority.certificate()], backend!())
    }

    fn assertion_trust(&self) -> AssertionTrust {
        AssertionTrust::new(EHEALTH_ISSUER, vec![self.service.certificate().clone()], backend!())
    }

    fn verify(&self, message: &str) -> Result<(), Class> {
        self.verify_at(message, self.now)
    }

    fn verify_at(&self, message: &str, now: SystemTime) -> Result<(), Class> {
        let verified =
            verify_x509(message.as_bytes(), &self.trust(), &Policy::default(), Replay::NotChecked, now);
        verified.map(|_| ()).map_err(|error| error.class())
    }

    fn brokered(&self, message: &str) -> Result<VerifiedMessage<VerifiedAssertion>, ksz::sts::Error> {
        let (trust, policy) = (self.assertion_trust(), Policy::default());
        verify_brokered(message.as_bytes(), &trust, &policy, Replay::NotChecked, self.now)
    }

    fn verify_brokered(&self, message: &str) -> Result<(), Class> {
        self.brokered(message).map(|_| ()).map_err(|error| error.class())
    }

    fn assertion_for(&self, holder: &Identity) -> NewAssertion {
        NewAssertion {
            id: "_4d2f2572befc1c6a70493a35d3618c66".into(),
            issuer: EHEALTH_ISSUER.into(),
            issue_instant: self.now,
            validity: Lifetime {
                created: self.now - Duration::from_secs(300),
                expires: self.now + Duration::from_secs(3_600),
            },
            holder: holder.certificate().clone(),
            attributes: vec![
                Attribute::new("urn:be:fgov:ehealth:1.0:hospital:nihii-number", IDENTIFICATION, "71089914"),
                Attribute::new("urn:example:recognised:boolean", CERTIFIED, "a < b & \"c\""),
            ],
        }
    }

    fn token(&self, holder: &Identity) -> SamlToken {
        let assertion = self.assertion_for(holder).sign(&self.service).unwrap();
        SamlToken::from_xml(&assertion, &Limits::default()).unwrap()
    }

    fn hok_message(&self, token: &SamlToken, signer: &Identity) -> String {
        let options = SigningOptions::default();
        sign_holder_of_key(envelope().as_bytes(), token, signer.key(), &ids(), self.now, &options).unwrap()
    }

    fn message(&self) -> String {
        sign_x509(envelope().as_bytes(), &self.rsa, &ids(), self.now, &SigningOptions::default()).unwrap()
    }
}

#[test]
fn every_form_that_is_written_is_accepted_and_any_change_in_it_refused() {
    for identity in [&WORLD.rsa, &WORLD.ec] {
        for (options, input) in every_form() {
            let message = sign_x509(input.as_bytes(), identity, &ids(), WORLD.now, &options).unwrap();
            assert_eq!(WORLD.verify(&message), Ok(()), "{options:?}\n{message}");
            let changed = message.replace("Hello", "Hullo");
            assert_eq!(WORLD.verify(&changed), Err(Class::Digest), "{options:?}");
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
            assert_eq!(WORLD.verify_brokered(&message), Ok(()), "{options:?}\n{message}");
            assert!(message.contains(token.as_xml()), "the assertion is carried octet for octet");
            let changed = message.replace("Hello", "Hullo");
            assert_eq!(WORLD.verify_brokered(&changed), Err(Class::Digest), "{options:?}");
        }
    }
}

#[test]
fn a_signed_message_hands_out_what_was_signed_and_nothing_else() {
    let message = WORLD.message().replace("<soapenv:Header>", "<soapenv:Header><x>unsigned</x>");
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
        assert_eq!(WORLD.verify(&signed), Ok(()), "{signed}");
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
fn a_forged_or_moved_part_is_refused_with_its_class() {
    let message = WORLD.message();
    let security = between(&message, "<wsse:Security", "</wsse:Security>");
    let signature = between(&message, "<ds:Signature", "</ds:Signature>");
    let timestamp = between(&message, "<wsu:Timestamp", "</wsu:Timestamp>");
    let token = between(&message, "<wsse:BinarySecurityToken", "</wsse:BinarySecurityToken>");
    let key_info = between(&message, "<ds:KeyInfo", "</ds:KeyInfo>");
    let body = between(&message, "<soapenv:Body", "</soapenv:Body>");
    let forged = "<soapenv:Body><urn:x xmlns:urn=\"urn:x\">forged</urn:x></soapenv:Body>";
    let body_reference = between(&message, "<ds:Reference URI=\"#id-1\"", "</ds:Reference>");
    let signed_info = between(&message, "<ds:SignedInfo>", "</ds:SignedInfo>");
    let value = text_of(&message, "ds:SignatureValue");
    let digest = text_of(body_reference, "ds:DigestValue");

    let swap = |from: &str, to: &str| {
        assert!(message.contains(from), "{from}");
        message.replacen(from, to, 1)
    };
    let after = |at: &str, insert: &str| swap(at, &format!("{at}{insert}"));
    let cases = [
        (
            "P01 Body moved to a header block",
            swap(body, forged).replace("<soapenv:Header>", &format!("<soapenv:Header><w>{body}</w>")),
            &[Class::Coverage, Class::Structure][..],
        ),
        (
            "P02 signed copy in a header block",
            after("<soapenv:Header>", &format!("<w>{body}</w>")),
            &[Class::Id],
        ),
        (
            "P03 Body in ds:Object",
            swap(body, forged)
                .replace("</ds:Signature>", &format!("<ds:Object>{body}</ds:Object></ds:Signature>")),
            &[Class::Structure],
        ),
        ("P04 two Bodies", swap(body, &format!("{forged}{body}")), &[Class::Structure]),
        (
            "P05 Timestamp moved",
            swap(timestamp, &timestamp.replace("TS-1", "TS-2")).replace(
                "<soapenv:Header>",
                &format!("<soapenv:Header><w xmlns:wsu=\"{}\">{timestamp}</w>", ksz::wss::names::WSU),
            ),
            &[Class::Structure],
        ),
        (
            "P06 identifier in another guise",
            swap("<soapenv:Header>", "<soapenv:Header><w ID=\"id-1\"></w>"),
            &[Class::Id],
        ),
        (
            "P09 two headers",
            after(
                "<soapenv:Header>",
                &format!("{}</wsse:Security>", security.split_once('>').unwrap().0.to_owned() + ">"),
            ),
            &[Class::Structure],
        ),
        ("P10 no signature", swap(signature, ""), &[Class::Coverage]),
        ("P10 signature in a comment", swap(signature, "<!-- -->"), &[Class::Coverage]),
        (
            "P12 no references",
            swap(signed_info, signed_info.split("<ds:Reference").next().unwrap())
                .replace("<ds:SignatureValue>", "</ds:SignedInfo><ds:SignatureValue>"),
            &[Class::Coverage],
        ),
        (
            "P13 payload instead of Body",
            swap(body_reference, &body_reference.replace("#id-1", "#id-9")),
            &[Class::Coverage, Class::Reference],
        ),
        ("P14 one space", swap("Hello", "Hello "), &[Class::Digest]),
        ("P14 Timestamp", swap("</wsu:Expires>", "</wsu:Expires> "), &[Class::Digest]),
        (
            "P15 digest recomputed",
            swap(digest, &"A".repeat(43)).replace(
                &format!("{}</ds:DigestValue>", "A".repeat(43)),
                &format!("{}=</ds:DigestValue>", "A".repeat(43)),
            ),
            &[Class::Signature, Class::Structure],
        ),
        (
            "P16 KeyValue",
            swap(key_info, "<ds:KeyInfo><ds:KeyValue></ds:KeyValue></ds:KeyInfo>"),
            &[Class::Key],
        ),
        (
            "P21 external reference",
            swap("URI=\"#X509-1\" ValueType", "URI=\"http://127.0.0.1/x\" ValueType"),
            &[Class::Key],
        ),
        ("P22 no KeyInfo", swap(key_info, ""), &[Class::Key]),
        ("P22 KeyName", swap(key_info, "<ds:KeyInfo><ds:KeyName>x</ds:KeyName></ds:KeyInfo>"), &[Class::Key]),
        (
            "P20 two tokens",
            swap(token, &format!("{token}{}", token.replace("X509-1", "X509-2"))),
            &[Class::Structure],
        ),
        ("P25 HMAC", swap("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"), &[Class::Algorithm]),
        ("P27 SHA-1", swap("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"), &[Class::Algorithm]),
        (
            "P28 no algorithm",
            swap("Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"", "Algorithm=\"\""),
            &[Class::Algorithm],
        ),
        (
            "P29 key of another kind",
            swap("xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256"),
            &[Class::Algorithm],
        ),
        (
            "P33 XPath",
            swap(
                "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">",
                "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\">",
            ),
            &[Class::Algorithm],
        ),
        (
            "P34 many transforms",
            swap(
                "</ds:Transforms>",
                &format!(
                    "{}</ds:Transforms>",
                    "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>"
                        .repeat(1_000)
                ),
            ),
            &[Class::Limit],
        ),
        (
            "P34 many references",
            swap("</ds:SignedInfo>", &format!("{}</ds:SignedInfo>", body_reference.repeat(2_000))),
            &[Class::Limit],
        ),
        (
            "P26 a truncated keyed hash",
            swap("#rsa-sha256\">", "#rsa-sha256\"><ds:HMACOutputLength>8</ds:HMACOutputLength>"),
            &[Class::Algorithm],
        ),
        (
            "an attribute xmlns with a prefix",
            swap("AccessControlRequest>\n", "AccessControlRequest xml:xmlns=\"urn:evil\">\n"),
            &[Class::XmlMalformed],
        ),
        (
            "two default namespaces",
            swap("<urn1:Message>", "<urn1:Message xmlns=\"urn:a\" xmlns=\"urn:b\">"),
            &[Class::XmlMalformed],
        ),
        ("a bare carriage return", swap("Hello", "Hello\r"), &[Class::Digest]),
        (
            "a huge canonical form",
            swap(
                "<urn1:Message>",
                &format!("<urn1:Message xmlns:l=\"urn:{}\">{}", "l".repeat(900), "<l:a/>".repeat(90_000)),
            ),
            &[Class::Limit],
        ),
        (
            "many namespaces, many times",
            swap(
                "<urn1:Message>",
                &format!(
                    "<urn1:Message {}>{}",
                    (0..240).map(|i| format!("xmlns:n{i}='urn:n' ")).collect::<String>(),
                    "<b xmlns:q='urn:q'/>".repeat(99_000)
                ),
            ),
            &[Class::Digest],
        ),
        (
            "P35 inclusive canonicalization",
            swap(
                "CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"",
                "CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"",
            ),
            &[Class::Algorithm],
        ),
        ("P36 http reference", swap("URI=\"#id-1\"", "URI=\"http://127.0.0.1/#id-1\""), &[Class::Reference]),
        ("P36 whole document", swap("URI=\"#id-1\"", "URI=\"\""), &[Class::Reference]),
        ("P36 bare hash", swap("URI=\"#id-1\"", "URI=\"#\""), &[Class::Reference]),
        ("P36 no URI", swap(" URI=\"#id-1\"", ""), &[Class::Reference]),
        ("P36 xpointer", swap("URI=\"#id-1\"", "URI=\"#xpointer(id('id-1'))\""), &[Class::Reference]),
        ("P36 percent-encoded", swap("URI=\"#id-1\"", "URI=\"#id%2D1\""), &[Class::Reference]),
        (
            "P38 a reference beyond",
            swap(
                "</ds:SignedInfo>",
                &format!("{}</ds:SignedInfo>", body_reference.replace("#id-1", "#SIG-1")),
            ),
            &[Class::Reference],
        ),
        (
            "P38 a reference twice",
            swap("</ds:SignedInfo>", &format!("{body_reference}</ds:SignedInfo>")),
            &[Class::Reference],
        ),
        ("P39 two SignedInfo", swap(signed_info, &signed_info.repeat(2)), &[Class::Structure]),
        ("P40 comment in DigestValue", swap(digest, &format!("<!--x-->{digest}")), &[Class::Structure]),
        ("P44 DOCTYPE", format!("<!DOCTYPE x>{message}"), &[Class::XmlForbidden]),
        (
            "P44 DOCTYPE with an ID",
            format!("<!DOCTYPE x [<!ATTLIST y id ID #IMPLIED>]>{message}"),
            &[Class::XmlForbidden],
        ),
        ("P47 unbound prefix", swap("Hello", "<q:x></q:x>"), &[Class::XmlMalformed]),
        ("P48 depth", swap("Hello", &"<a>".repeat(100_000)), &[Class::Limit]),
        (
            "P49 attributes",
            swap(
                "<urn1:Message>",
                &format!("<urn1:Message {}>", (0..60_000).map(|i| format!("a{i}='' ")).collect::<String>()),
            ),
            &[Class::Limit],
        ),
        ("P51 no Timestamp", swap(timestamp, ""), &[Class::Timestamp]),
        (
            "P59 truncated token",
            swap(text_of(token, "wsse:BinarySecurityToken"), "MIIB"),
            &[Class::Trust, Class::Key],
        ),
        ("a value that is not base64", swap(value, "a.b"), &[Class::Structure, Class::Signature]),
        ("P30 a value of another length", swap(value, "AAAA"), &[Class::Signature]),
        (
            "P61 another profile",
            swap(token, WORLD.token(&WORLD.rsa).as_xml()),
            &[Class::Structure, Class::Key],
        ),
    ];
    for (name, changed, classes) in cases {
        let refused = WORLD.verify(&changed);
        assert!(refused.is_err_and(|class| classes.contains(&class)), "{name}: {refused:?}");
    }
}

#[test]
fn what_was_signed_by_the_wrong_key_is_refused() {
    let message = WORLD.message();
    let stranger = Authority::new("Example Root").with_backend(backend!()).rsa("one");
    let theirs =
        sign_x509(envelope().as_bytes(), &stranger, &ids(), WORLD.now, &SigningOptions::default()).unwrap();
    assert_eq!(WORLD.verify(&theirs), Err(Class::Trust), "P18 an authority of the same name");

    let other =
        sign_x509(envelope().as_bytes(), &WORLD.ec, &ids(), WORLD.now, &SigningOptions::default()).unwrap();
    let mine = between(&message, "<wsse:BinarySecurityToken", "</wsse:BinarySecurityToken>");
    let others = between(&other, "<wsse:BinarySecurityToken", "</wsse:BinarySecurityToken>");
    let swapped = other.replace(others, mine).replace("#ecdsa-sha256", "#rsa-sha256");
    assert_eq!(
        WORLD.verify(&swapped),
        Err(Class::Signature),
        "P19 the token of one, the signature of another"
    );
}

#[test]
fn a_message_lives_as_long_as_it_says() {
    let message = WORLD.message();
    let minute = Duration::from_secs(60);
    assert_eq!(WORLD.verify_at(&message, WORLD.now + minute - Duration::from_millis(1)), Ok(()));
    assert_eq!(WORLD.verify_at(&message, WORLD.now + minute), Err(Class::Timestamp));
    assert_eq!(WORLD.verify_at(&message, WORLD.now - minute), Ok(()));
    assert_eq!(WORLD.verify_at(&message, WORLD.now - minute - Duration::from_secs(1)), Err(Class::Timestamp));

    let mut options = SigningOptions::default();
    for seconds in [0, 301] {
        options.lifetime = Duration::from_secs(seconds);
        let refused = sign_x509(envelope().as_bytes(), &WORLD.rsa, &ids(), WORLD.now, &options);
        assert_eq!(refused.map_err(|error| error.class()), Err(Class::Timestamp), "{seconds} s");
    }
}

#[test]
fn a_message_is_accepted_once() {
    let (message, guard) = (WORLD.message(), MemoryReplayGuard::new(10));
    let verify = |message: &str| {
        let replay = Replay::Guarded(&guard);
        let verified = verify_x509(message.as_bytes(), &WORLD.trust(), &Policy::default(), replay, WORLD.now);
        verified.map(|_| ()).map_err(|error| error.class())
    };
    assert_eq!(verify(&message), Ok(()));
    assert_eq!(verify(&message), Err(Class::Replay));
    assert_eq!(verify(&message.replace("</ds:Signature>", "\n</ds:Signature>")), Err(Class::Replay));
}

#[test]
fn comments_and_sections_do_not_cut_a_text() {
    let input = envelope().replace("Hello", "He<!-- x -->l<![CDATA[lo]]>");
    let message =
        sign_x509(input.as_bytes(), &WORLD.rsa, &ids(), WORLD.now, &SigningOptions::default()).unwrap();
    let verified =
        verify_x509(message.as_bytes(), &WORLD.trust(), &Policy::default(), Replay::NotChecked, WORLD.now)
            .unwrap();
    let body = verified.body().document().unwrap();
    assert_eq!(body.root().whole_text().trim(), "Hello");
}

#[test]
fn an_assertion_that_is_not_as_it_must_be_is_refused_with_its_class() {
    let good = WORLD.assertion_for(&WORLD.rsa);
    let hour = Duration::from_secs(3_600);
    let at = |created: SystemTime, expires: SystemTime| {
        let validity = Lifetime { created, expires };
        NewAssertion { validity, ..good.clone() }
    };
    for (name, assertion, class) in [
        ("P52 expired", at(WORLD.now - 2 * hour, WORLD.now - hour), Class::Assertion),
        ("P52 not yet valid", at(WORLD.now + hour, WORLD.now + 2 * hour), Class::Assertion),
        (
            "P56 another issuer",
            NewAssertion { issuer: format!("{EHEALTH_ISSUER} "), ..good.clone() },
            Class::Assertion,
        ),
    ] {
        let token =
            SamlToken::from_xml(&assertion.sign(&WORLD.service).unwrap(), &Limits::default()).unwrap();
        assert_eq!(WORLD.verify_brokered(&WORLD.hok_message(&token, &WORLD.rsa)), Err(class), "{name}");
    }

    let by_client = SamlToken::from_xml(&good.sign(&WORLD.other).unwrap(), &Limits::default()).unwrap();
    let message = WORLD.hok_message(&by_client, &WORLD.rsa);
    assert_eq!(
        WORLD.verify_brokered(&message),
        Err(Class::Trust),
        "P55 signed by a client of the same authority"
    );

    let token = WORLD.token(&WORLD.rsa);
    let by_other = WORLD.hok_message(&token, &WORLD.other);
    assert_eq!(WORLD.verify_brokered(&by_other), Err(Class::Hok), "P53 another holder");
    let second_rsa = WORLD.authority.rsa("four");
    let by_second = WORLD.hok_message(&token, &second_rsa);
    assert_eq!(
        WORLD.verify_brokered(&by_second),
        Err(Class::Hok),
        "P53 another holder of the same kind of key"
    );
}

#[test]
fn a_wrapped_or_altered_assertion_is_refused() {
    let token = WORLD.token(&WORLD.rsa);
    let message = WORLD.hok_message(&token, &WORLD.rsa);
    let assertion = token.as_xml();
    let signature = between(assertion, "<ds:Signature", "</ds:Signature>");
    let forged = assertion.replace("71089914", "71089915").replace("_4d2f", "_5d2f");
    assert!(!forged.contains("_4d2f"));
    let bare = assertion.replace(signature, "");
    for (name, changed, classes) in [
        (
            "P07 forged before",
            message.replace(assertion, &format!("{forged}{assertion}")),
            &[Class::Structure, Class::Id][..],
        ),
        (
            "P07 forged around",
            message.replace(assertion, &forged.replace("</Assertion>", &format!("{assertion}</Assertion>"))),
            &[Class::Structure, Class::Digest, Class::Key, Class::Id],
        ),
        (
            "P07 inside Object",
            message.replace(
                assertion,
                &forged.replace(
                    "</ds:Signature>",
                    &format!("<ds:Object>{assertion}</ds:Object></ds:Signature>"),
                ),
            ),
            &[Class::Structure, Class::Key, Class::Id],
        ),
        (
            "P07 inside KeyInfo",
            message.replacen(
                "</ds:X509Data></ds:KeyInfo></ds:Signature>",
                &format!("{forged}</ds:X509Data></ds:KeyInfo></ds:Signature>"),
                1,
            ),
            &[Class::Structure],
        ),
        (
            "P07 beside the certificate",
            message.replacen(
                "</ds:KeyInfo></ds:Signature>",
                &format!("{forged}</ds:KeyInfo></ds:Signature>"),
                1,
            ),
            &[Class::Structure],
        ),
        ("P10 unsigned", message.replace(assertion, &bare), &[Class::Coverage]),
        ("P14 attribute value", message.replace("71089914", "71089915"), &[Class::Digest]),
        ("P54 bearer", message.replace("cm:holder-of-key", "cm:bearer"), &[Class::Digest]),
        ("P43 comment in a value", message.replace("71089914", "7108<!-- -->9914"), &[]),
    ] {
        let verdict = WORLD.brokered(&changed);
        match verdict {
            Ok(verified) => {
                assert!(classes.is_empty(), "{name} was accepted");
                assert_eq!(verified.signer().attributes()[0].values(), ["71089914"]);
            }
            Err(error) => assert!(classes.contains(&error.class()), "{name}: {error} ({})", error.class()),
        }
    }
}

#[test]
fn a_token_response_is_believed_for_its_assertion_alone() {
    let assertion = WORLD.assertion_for(&WORLD.rsa).sign(&WORLD.service).unwrap();
    let response = write_token_response("RC-1", &assertion);
    let answer = ksz::soap::write_envelope(&response);
    let holder = WORLD.rsa.certificate();
    let verify = |answer: &str, context: &str, holder| {
        let (trust, policy) = (WORLD.assertion_trust(), Policy::default());
        let verified =
            verify_token_response(answer.as_bytes(), Some(context), Some(holder), &trust, &policy, WORLD.now);
        verified
            .map(|assertion| assertion.token().as_xml().to_owned())
            .map_err(|error| ksz::error::reason(&error))
    };
    assert_eq!(verify(&answer, "RC-1", holder), Ok(assertion.clone()), "kept to the octet");
    assert_eq!(verify(&answer, "RC-2", holder), Err("ContextMismatch".into()), "P62");
    assert_eq!(verify(&answer, "RC-1", WORLD.other.certificate()), Err("HolderMismatch".into()), "P62");
    for (name, payload, reason) in [
        ("two responses", response.repeat(2), "Count"),
        ("two tokens", response.replace(&assertion, &assertion.repeat(2)), "ResponseShape"),
        ("an empty token", response.replace(&assertion, ""), "ResponseShape"),
        ("fault and token", format!("<soapenv:Fault></soapenv:Fault>{response}"), "Count"),
    ] {
        let refused = verify(&ksz::soap::write_envelope(&payload), "RC-1", holder);
        assert_eq!(refused, Err(reason.into()), "{name}");
    }
    let declared_outside = answer.replace(" xmlns=\"urn:oasis:names:tc:SAML:1.0:assertion\"", "").replace(
        "<wst:RequestedSecurityToken>",
        "<wst:RequestedSecurityToken xmlns=\"urn:oasis:names:tc:SAML:1.0:assertion\">",
    );
    let carried = verify(&declared_outside, "RC-1", holder).unwrap();
    let token = SamlToken::from_xml(&carried, &Limits::default()).unwrap();
    assert_eq!(
        WORLD.verify_brokered(&WORLD.hok_message(&token, &WORLD.rsa)),
        Ok(()),
        "spliced elsewhere it still verifies"
    );
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
        assert_eq!(WORLD.verify_brokered(&message), Ok(()), "{options:?}\n{message}");
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

fn envelope() -> String {
    "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
     xmlns:urn=\"urn:be:fgov:ehealth:platformintegrationconsumertest:v1\" \
     xmlns:urn1=\"urn:be:fgov:ehealth:platformintegrationconsumertest:types:v1\"><soapenv:Header></soapenv:Header>\
     <soapenv:Body><urn:CheckAccessControlRequest>\n  <urn1:Message>Hello</urn1:Message>\r\n\
     </urn:CheckAccessControlRequest></soapenv:Body></soapenv:Envelope>"
        .to_owned()
}

fn ids() -> Ids {
    keys::ids("1")
}

/// The text from the first `start` to the first `end` behind it, both included.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let from = text.find(start).unwrap();
    let to = text[from..].find(end).unwrap();
    &text[from..from + to + end.len()]
}

/// The text of the first element of this name, which holds nothing else.
fn text_of<'t>(text: &'t str, name: &str) -> &'t str {
    let element = between(text, &format!("<{name}"), &format!("</{name}>"));
    let from = element.find('>').unwrap() + 1;
    element[from..].split('<').next().unwrap()
}
