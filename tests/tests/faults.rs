//! Faults and answers as the services send them, and the page that lists their codes.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz::error::Kind;
use ksz::soap::{
    Advice, Envelope, Error, Fault, SendTestMessageRequest, SendTestMessageResponse, SoaCode, SoaErrorKind,
    StatusCode, WsTrustCode, names,
};
use ksz::xml::{Document, Element, Limits};
use ksz_tests::shared;
use std::fs;
use std::path::Path;

/// Reads a reference message, if the reference material is there.
fn with_message<T>(path: &str, read: impl FnOnce(Element<'_>) -> T) -> Option<T> {
    let file = shared("faults", &format!("reference/{path}"))?;
    let octets = fs::read(file).unwrap();
    let document = Document::parse(&octets, &Limits::default()).unwrap();
    Some(read(document.root()))
}

fn with_payload<T>(path: &str, read: impl FnOnce(Result<Element<'_>, Error>) -> T) -> Option<T> {
    let file = shared("faults", &format!("reference/{path}"))?;
    let octets = fs::read(file).unwrap();
    let document = Document::parse(&octets, &Limits::default()).unwrap();
    Some(read(Envelope::find(&document).unwrap().payload()))
}

fn fault(path: &str) -> Option<Fault> {
    with_payload(path, |payload| match payload.unwrap_err() {
        error @ Error::Fault { .. } if error.kind() != Kind::Refused => panic!("{error}"),
        Error::Fault { fault } => *fault,
        other => panic!("{path}: {other}"),
    })
}

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
    let (Some(fault), Some(file)) = (fault(path), shared("faults", &format!("reference/{path}"))) else {
        return;
    };
    let text = fs::read_to_string(file).unwrap();
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

/// The other reference messages: an answer of the token service is the payload alone, and no envelope or fault.
#[test]
fn a_payload_alone_is_neither_envelope_nor_fault() {
    for name in ["rstr-sign-challenge.xml", "rstr-sign-challenge-response.xml", "rst-issue-hok.xml"] {
        let refused =
            with_message(&format!("ehealth/messages/{name}"), |root| Fault::read(root).unwrap_err());
        let Some(refused) = refused else { return };
        assert!(matches!(refused, Error::UnexpectedPayload { .. }), "{name}: {refused}");
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
