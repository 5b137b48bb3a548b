//! Answers of the token service: what is tolerated, and what each other answer is called.

use crate::fixture::{HOLDER, TOKEN, assertion, identity, noon, swap, trust};
use ksz_error::{Class, Kind};
use ksz_soap::write_envelope;
use ksz_sts::{
    Claims, Error, RequestSecurityToken, SignChallenge, Step, TokenExchange, VerifiedAssertion,
    verify_token_response, write_token_response,
};
use ksz_wss::Policy;

const WST: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
const FAULT: &str = "<s:Fault xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><faultcode>s:Client</faultcode>\
                     <faultstring>SOA-01001: Service call not authenticated.</faultstring></s:Fault>";

#[test]
fn an_answer_is_read_in_whatever_form_services_send() {
    let bare = response();
    let collection = format!("<t:{COLLECTION} xmlns:t=\"{WST}\">\n  {bare}\n</t:{COLLECTION}>");
    let spaced = bare
        .replace("><wst:RequestedSecurityToken>", ">\r\n\t<wst:RequestedSecurityToken>\n   ")
        .replace("</wst:RequestedSecurityToken>", "\n </wst:RequestedSecurityToken>\n");
    let more = swap(
        &bare,
        "<wst:RequestedSecurityToken>",
        "<wst:TokenType>urn:x</wst:TokenType><x xmlns=\"urn:x\"/><wst:RequestedSecurityToken>",
    );
    // The prefixes are bound on the Envelope, and WS-Trust has none.
    let outside = write_envelope(&bare.replace("wst:", "").replace(" xmlns:wst=", " xmlns="));
    let on_envelope =
        write_envelope(&swap(&bare, &format!(" xmlns:wst=\"{WST}\""), "").replace("wst:", "w:"))
            .replace("<soapenv:Envelope", &format!("<soapenv:Envelope xmlns:w=\"{WST}\""));

    for payload in [bare, collection, spaced, more] {
        for envelope in [write_envelope(&payload), format!("\u{feff}{}\n", write_envelope(&payload))] {
            assert_eq!(read(&envelope).map(|token| token.token().clone()), Ok(TOKEN.clone()), "{envelope}");
        }
    }
    for envelope in [outside, on_envelope] {
        assert_eq!(read(&envelope).map(|token| token.token().clone()), Ok(TOKEN.clone()), "{envelope}");
    }
}

#[test]
fn an_answer_without_a_token_says_so() {
    let empty = format!("<wst:{RESPONSE} xmlns:wst=\"{WST}\" Context=\"RC-1\"></wst:{RESPONSE}>");
    // A token elsewhere than in RequestedSecurityToken is none.
    let beside = swap(&empty, "></wst:", &format!(">{}</wst:", TOKEN.as_xml()));
    let proof = response().replace("RequestedSecurityToken", "RequestedProofToken");
    let foreign = response()
        .replace("<wst:RequestedSecurityToken>", "<RequestedSecurityToken xmlns=\"urn:x\">")
        .replace("</wst:RequestedSecurityToken>", "</RequestedSecurityToken>");

    for payload in [empty, beside, proof, foreign] {
        assert_eq!(refusal(&payload), Error::NoToken, "{payload}");
    }
}

#[test]
fn a_fault_is_a_fault_and_never_passes_beside_a_token() {
    let alone = refusal(FAULT);
    assert!(matches!(&alone, Error::Soap(ksz_soap::Error::Fault { .. })), "{alone:?}");
    assert_eq!(alone.kind(), Kind::Refused);

    let end = "</wst:RequestedSecurityToken>";
    let inside = swap(&response(), end, &format!("{end}{FAULT}"));
    for payload in [format!("{FAULT}{}", response()), format!("{}{FAULT}", response()), inside] {
        let Error::FaultBesideAnswer { fault } = refusal(&payload) else { panic!("{payload}") };
        assert_eq!(fault.text(), "SOA-01001: Service call not authenticated.");
    }
    let instead = swap(&response(), TOKEN.as_xml(), FAULT);
    assert_eq!(refusal(&instead), shape("a token that is no SAML 1.1 assertion"));
}

#[test]
fn several_responses_are_none() {
    let (one, other) = (response(), response().replace("RC-1", "RC-2"));
    let collection =
        |inside: &str| format!("<wst:{COLLECTION} xmlns:wst=\"{WST}\">{inside}</wst:{COLLECTION}>");
    let in_body = Error::SeveralResponses { parent: "Body", found: 2 };
    let in_collection =
        Error::SeveralResponses { parent: "RequestSecurityTokenResponseCollection", found: 2 };

    for (payload, expected) in [
        (format!("{one}{one}"), in_body.clone()),
        (format!("{one}{other}"), in_body.clone()),
        (format!("{one}{}", collection(&other)), in_body),
        (collection(&format!("{one}{one}")), in_collection.clone()),
        (collection(&format!("{other}{one}")), in_collection),
        (collection(""), shape("an empty collection")),
        (collection(&collection(&one)), shape("no RequestSecurityTokenResponse")),
    ] {
        assert_eq!(refusal(&payload), expected, "{payload}");
    }
}

#[test]
fn an_answer_of_another_shape_is_refused() {
    let token = format!("<wst:RequestedSecurityToken>{}</wst:RequestedSecurityToken>", TOKEN.as_xml());
    let challenge = "<wst:SignChallenge><wst:Challenge>c</wst:Challenge></wst:SignChallenge>";
    let with = |inside: &str| swap(&response(), &token, inside);
    let saml_2 = TOKEN
        .as_xml()
        .replace("urn:oasis:names:tc:SAML:1.0:assertion", "urn:oasis:names:tc:SAML:2.0:assertion");
    let nested = swap(TOKEN.as_xml(), "</Assertion>", &format!("{}</Assertion>", TOKEN.as_xml()));

    for (inside, expected) in [
        (format!("{token}{token}"), "several tokens"),
        (token.replace("</Assertion>", &format!("</Assertion>{}", TOKEN.as_xml())), "several tokens"),
        ("<wst:RequestedSecurityToken> </wst:RequestedSecurityToken>".to_owned(), "an empty token"),
        (format!("{challenge}{token}"), "both a challenge and a token"),
        (format!("{token}{challenge}"), "both a challenge and a token"),
        (format!("{challenge}{challenge}"), "several challenges"),
        (token.replace(TOKEN.as_xml(), &saml_2), "a token that is no SAML 1.1 assertion"),
        (token.replace(TOKEN.as_xml(), &nested), "one token inside another"),
    ] {
        assert_eq!(refusal(&with(&inside)), shape(expected), "{inside}");
    }
    for payload in [
        response().replace("RequestSecurityTokenResponse", "RequestSecurityToken"),
        response().replace(WST, "http://docs.oasis-open.org/ws-sx/wstrust/200512"),
        response().replace(WST, "http://schemas.xmlsoap.org/ws/2005/02/trust"),
    ] {
        assert_eq!(refusal(&payload), shape("no RequestSecurityTokenResponse"), "{payload}");
    }
}

#[test]
fn text_and_comments_stand_nowhere_around_the_token() {
    let commented = |place: &str, more: &str| {
        let envelope = write_envelope(&response());
        read(&swap(&envelope, place, &format!("{place}{more}"))).unwrap_err()
    };
    for place in ["<soapenv:Body>", "<wst:RequestedSecurityToken>"] {
        for more in ["text", "<!-- c -->", "<![CDATA[x]]>"] {
            let error = commented(place, more);
            assert!(matches!(&error, Error::Soap(ksz_soap::Error::Xml(_))), "{place}{more}: {error:?}");
        }
    }
    assert!(commented("<soapenv:Body>", "<?x y?>").class() == Class::XmlForbidden);
}

#[test]
fn an_answer_is_for_the_context_that_asked() {
    for (context, found) in [("Context=\"RC-2\"", "RC-2"), ("Context=\"rc-1\"", "rc-1"), ("", "")] {
        let payload = swap(&response(), "Context=\"RC-1\"", context);
        let challenge = swap(&SignChallenge::new("RC-1", "c").to_xml(), "Context=\"RC-1\"", context);
        for payload in [payload, challenge] {
            let expected = Error::ContextMismatch { expected: "RC-1".into(), found: found.into() };
            assert_eq!(refusal(&payload), expected, "{payload}");
        }
    }
}

#[test]
fn a_second_challenge_is_refused_and_a_first_is_not_a_token() {
    let challenge = write_envelope(&SignChallenge::new("RC-1", "c3ludGhldGlj").to_xml());
    let (trust, policy) = (trust(), Policy::default());

    let first = exchange().read(challenge.as_bytes(), &trust, &policy, noon(1)).unwrap();
    assert!(matches!(first, Step::Challenge(challenge) if challenge.challenge() == "c3ludGhldGlj"));
    let second = exchange().read_last(challenge.as_bytes(), &trust, &policy, noon(1)).unwrap_err();
    assert_eq!(second, Error::SecondChallenge);
    let token = verify_token_response(challenge.as_bytes(), Some("RC-1"), None, &trust, &policy, noon(1));
    assert_eq!(token.unwrap_err(), shape("a challenge"));

    let none = swap(&challenge, "<wst:Challenge>c3ludGhldGlj</wst:Challenge>", "");
    let two = swap(&challenge, "<wst:Challenge>", "<wst:Challenge>x</wst:Challenge><wst:Challenge>");
    let cut = swap(&challenge, "c3lud", "c3l<!-- -->ud");
    for answer in [none, two, cut] {
        let error = exchange().read(answer.as_bytes(), &trust, &policy, noon(1)).unwrap_err();
        assert!(matches!(&error, Error::Soap(ksz_soap::Error::Xml(_))), "{answer}: {error:?}");
    }
}

#[test]
fn a_token_for_another_key_is_refused() {
    let other = identity(&["NIHII-HOSPITAL=71089914"]);
    let asked = |request: RequestSecurityToken| {
        let answer = write_envelope(&response());
        TokenExchange::new(request).read_last(answer.as_bytes(), &trust(), &Policy::default(), noon(1))
    };
    let issue = |holder: &ksz_pki::Identity| {
        RequestSecurityToken::issue("RC-1", Claims::default(), holder.certificate().clone())
    };
    let foreign = ksz_sts::NewAssertion { holder: other.certificate().clone(), ..assertion() };
    let foreign = ksz_wss::SamlToken::from_xml(
        &foreign.sign(&crate::fixture::SERVICE).unwrap(),
        &ksz_xml::Limits::default(),
    )
    .unwrap();

    assert!(asked(issue(&HOLDER)).is_ok());
    assert_eq!(asked(issue(&other)), Err(Error::HolderMismatch));
    assert!(asked(RequestSecurityToken::renew("RC-1", &TOKEN)).is_ok());
    assert_eq!(asked(RequestSecurityToken::renew("RC-1", &foreign)), Err(Error::HolderMismatch));
}

const RESPONSE: &str = "RequestSecurityTokenResponse";
const COLLECTION: &str = "RequestSecurityTokenResponseCollection";

fn response() -> String {
    write_token_response("RC-1", TOKEN.as_xml())
}

fn exchange() -> TokenExchange {
    TokenExchange::new(RequestSecurityToken::issue("RC-1", Claims::default(), HOLDER.certificate().clone()))
}

fn read(envelope: &str) -> Result<VerifiedAssertion, Error> {
    exchange().read_last(envelope.as_bytes(), &trust(), &Policy::default(), noon(1))
}

#[track_caller]
fn refusal(payload: &str) -> Error {
    read(&write_envelope(payload)).expect_err(payload)
}

const fn shape(found: &'static str) -> Error {
    Error::ResponseShape { found }
}
