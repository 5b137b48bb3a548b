//! Faults and answers as the services send them, and the pages that list their codes and the claims.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz::soap::{
    Advice, Envelope, Error, Fault, SendTestMessageRequest, SendTestMessageResponse, SoaCode, SoaErrorKind,
    SoapVersion, StatusCode, WsTrustCode, names, write_envelope, write_envelope_as,
};
use ksz::sts::names::EHEALTH_ISSUER;
use ksz::sts::{
    AssertionTrust, Claims, KnownClaim, RequestSecurityToken, SignChallengeResponse, Step, TokenExchange,
};
use ksz::wss::Policy;
use ksz::xml::{Document, Element, Limits};
use ksz_tests::keys::Authority;
use ksz_tests::{backend, shared};
use std::fs;
use std::path::Path;
use std::time::SystemTime;

#[test]
fn the_published_refusal_of_the_platform_is_read() {
    let Some(fault) = fault("ehealth/messages/fault-soa-01001.xml") else { return };
    let error = fault.soa_error.as_ref().unwrap();

    assert!(fault.code.is(names::SOAP_11, "Client"));
    assert_eq!(fault.text(), "SOA-01001: Service call not authenticated.");
    assert_eq!((error.kind, error.origin.as_str()), (SoaErrorKind::System, "Consumer"));
    assert_eq!((error.code.as_str(), error.id.as_str()), ("SOA-01001", "Id-361d9c637de72d01a33bb672"));
    assert_eq!((error.retry, error.contact.clone()), (None, None));
    assert_eq!(error.environment.as_ref().unwrap().as_str(), "Production");
    assert_eq!(error.messages.len(), 1);
    assert_eq!(error.messages[0].language.as_deref(), Some("en"));
    assert_eq!((fault.service_code(), fault.advice()), (SoaCode::NOT_AUTHENTICATED, Advice::Mend));
    assert_eq!(
        fault.to_string(),
        "fault SOA-01001: SOA-01001: Service call not authenticated. (ticket Id-361d9c637de72d01a33bb672)"
    );
}

#[test]
fn the_published_refusal_of_the_token_service_is_read() {
    let Some(fault) = fault("ehealth/messages/fault-sts-duplicate-claim.xml") else { return };
    let error = fault.soa_error.as_ref().unwrap();

    assert!(fault.is_ws_trust("InvalidRequest"), "the prefix is bound in the faultcode itself");
    assert_eq!(fault.text(), "The request was invalid or malformed");
    assert_eq!((error.kind, error.origin.as_str()), (SoaErrorKind::Business, "Client"));
    assert_eq!(error.code.as_str(), "wst:InvalidRequest");
    let texts: Vec<_> = error.messages.iter().map(|message| message.text.as_str()).collect();
    let number = "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number";
    assert_eq!(
        texts,
        ["Message not properly encoded", &format!("Attribute {number}\nmultiple times found.")]
    );
    assert_eq!(error.environment.as_ref().unwrap().as_str(), "Integration");
    assert_eq!(
        (fault.meaning(), fault.advice()),
        (Some("the request was invalid or malformed"), Advice::Mend)
    );
}

#[test]
fn the_detail_of_a_published_refusal_is_kept_octet_for_octet() {
    let path = "ehealth/messages/fault-sts-duplicate-claim.xml";
    let (Some(fault), Some(text)) = (fault(path), text(path)) else { return };
    let end = text.find("</detail>").unwrap() + "</detail>".len();

    assert_eq!(fault.detail.unwrap().as_str(), &text[text.find("<detail>").unwrap()..end]);
}

#[test]
fn the_messages_of_the_test_service_are_read() {
    let request = with_payload("ksz/messages/test-connection-request.xml", |payload| {
        SendTestMessageRequest::read(payload.unwrap()).unwrap()
    });
    let answer = with_payload("ksz/messages/test-connection-response.xml", |payload| {
        SendTestMessageResponse::read(payload.unwrap()).unwrap()
    });
    let (Some(request), Some(answer)) = (request, answer) else { return };

    assert_eq!((request.echo.as_str(), answer.echo.as_str()), ("hello cbss service", "hello cbss service"));
    assert_eq!(answer.ssl_certificate, "CN=client.example, O=Example, C=BE");
    let information = answer.information_cbss.unwrap();
    assert_eq!(information.ticket(), "00000000-0000-4000-8000-000000000001");
    let took = information.timestamp_reply().duration_since(information.timestamp_receive());
    assert_eq!(took.unwrap().as_millis(), 120);
}

#[test]
fn an_answer_of_the_token_service_is_read_in_the_versions_that_the_policy_allows() {
    let path = "ehealth/messages/rstr-sign-challenge.xml";
    let Some(answer) = text(path) else { return };
    let authority = Authority::new("Example Root").with_backend(backend!());
    let (holder, service) = (authority.ec("one"), authority.ec("token service"));
    let trust = AssertionTrust::new(EHEALTH_ISSUER, vec![service.certificate().clone()], backend!());
    let request = RequestSecurityToken::issue("RC-1", Claims::default(), holder.certificate().clone());
    let exchange = TokenExchange::new(request);
    let read = |envelope: &str, policy| exchange.read(envelope.as_bytes(), &trust, policy, SystemTime::now());

    let soap_12 = write_envelope_as(SoapVersion::Soap12, &answer);
    let (default, mut both) = (Policy::default(), Policy::default());
    both.soap_versions = &SoapVersion::ALL;
    for (envelope, policy) in [(write_envelope(&answer), &default), (soap_12.clone(), &both)] {
        let Step::Challenge(challenge) = read(&envelope, policy).unwrap() else {
            panic!("it is a challenge")
        };
        assert_eq!((challenge.context(), challenge.challenge()), ("RC-1", "c3ludGhldGljLWNoYWxsZW5nZQ=="));
    }
    let refused = Error::VersionNotAllowed { version: SoapVersion::Soap12 };
    assert_eq!(read(&soap_12, &default).unwrap_err(), refused.into());
}

#[test]
fn the_answer_to_a_challenge_is_read() {
    let Some(answer) = text("ehealth/messages/rstr-sign-challenge-response.xml") else { return };
    let document = Document::parse(answer.as_bytes(), &Limits::default()).unwrap();

    let answer = SignChallengeResponse::read(document.root()).unwrap();

    assert_eq!((answer.context(), answer.challenge()), ("RC-1", "c3ludGhldGljLWNoYWxsZW5nZQ=="));
}

#[test]
fn no_reference_message_is_left_unread() {
    for (folder, known) in [
        (
            "ehealth/messages",
            // A request, and the assertion in an answer, are read where tokens are tested.
            &[
                "assertion-hok-unsigned.xml",
                "fault-soa-01001.xml",
                "fault-sts-duplicate-claim.xml",
                "rst-issue-hok.xml",
                "rstr-sign-challenge-response.xml",
                "rstr-sign-challenge.xml",
            ][..],
        ),
        ("ksz/messages", &["test-connection-request.xml", "test-connection-response.xml"]),
    ] {
        let Some(folder) = shared("faults", &format!("reference/{folder}")) else { return };
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, known);
    }
}

#[test]
fn the_page_of_codes_lists_every_code_as_the_library_knows_it() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/faults.md");
    let page = fs::read_to_string(page).unwrap();
    let soa = SoaCode::ALL.map(|row| {
        let SoaCode { code, text, meaning, class, advice, .. } = row;
        format!("| `{code}` | {text} | {meaning} | {class} | {advice} |")
    });
    let ws_trust = WsTrustCode::ALL.map(|row| {
        let WsTrustCode { name, meaning, advice, .. } = row;
        format!("| `wst:{name}` | {meaning} | {advice} |")
    });
    let status = StatusCode::ALL.map(|row| {
        let StatusCode { code, value, meaning, advice, .. } = row;
        format!("| `{code}` | `{value}` | {meaning} | {advice} |")
    });
    for (title, rows) in [
        ("| SOA code |", soa.as_slice()),
        ("| WS-Trust code |", ws_trust.as_slice()),
        ("| status code |", status.as_slice()),
    ] {
        let table = page.lines().skip_while(|line| !line.starts_with(title)).skip(2);
        let table: Vec<_> = table.take_while(|line| line.starts_with('|')).collect();
        assert_eq!(table, rows, "{title}");
    }
}

#[test]
fn the_page_of_claims_lists_every_claim_as_the_library_knows_it() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/claims.md");
    let page = fs::read_to_string(page).unwrap();
    let rows: Vec<_> = KnownClaim::ALL
        .iter()
        .map(|row| {
            let holders: Vec<_> = row.holders.iter().map(|kind| format!("`{}`", kind.name())).collect();
            format!("| `{}` | {} | {} |", row.uri, row.kind.as_str(), holders.join(", "))
        })
        .collect();
    let table = page.lines().skip_while(|line| !line.starts_with("| claim |")).skip(2);
    let table: Vec<_> = table.take_while(|line| line.starts_with('|')).collect();
    assert_eq!(table, rows);
}

/// A reference message, if the reference material is there.
fn text(path: &str) -> Option<String> {
    shared("faults", &format!("reference/{path}")).map(|file| fs::read_to_string(file).unwrap())
}

fn with_payload<T>(path: &str, read: impl FnOnce(Result<Element<'_>, Error>) -> T) -> Option<T> {
    let text = text(path)?;
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    Some(read(Envelope::find(&document).unwrap().payload()))
}

fn fault(path: &str) -> Option<Fault> {
    with_payload(path, |payload| match payload.unwrap_err() {
        Error::Fault { fault } => *fault,
        other => panic!("{path}: {other}"),
    })
}
