//! SSDN `sendXML`: requests as they are written, and replies that its schema accepts, as they are read. The documents in
//! `vectors/` are judged by the schema in `cargo xtask interop`.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz_error::Kind;
use ksz_soap::{
    AuthorizedUser, Envelope, Error, ResultSummaryStatus, ServiceRequest, SsdnReply, SsdnRequest, names,
    write_envelope,
};
use ksz_xml::{Document, Element, Limits, escape_text};
use std::time::{Duration, UNIX_EPOCH};

const REPLY: &str = include_str!("vectors/ssdn-reply.xml");
const REFUSAL: &str = include_str!("vectors/ssdn-refusal.xml");
const NUMBER: &str = "79021802145";

/// Reads the payload of an envelope around a document, as a service sends it.
fn in_envelope<T>(document: &str, read: impl FnOnce(Element<'_>, &Limits) -> T) -> T {
    let mut payload = format!("<x:xmlString xmlns:x='{}'>", names::SSDN_CONNECTOR);
    escape_text(document, &mut |piece| payload += piece);
    let envelope = write_envelope(&(payload + "</x:xmlString>"));
    let document = Document::parse(envelope.as_bytes(), &Limits::default()).unwrap();
    read(Envelope::find(&document).unwrap().payload().unwrap(), &Limits::default())
}

fn request() -> SsdnRequest {
    let user = AuthorizedUser::new(NUMBER, "jan@example.be", 17).unwrap();
    let body = format!("<?xml version='1.0'?>\n<q a='1'>&lt;&amp; <r xmlns='urn:r'>{NUMBER}</r></q>");
    let first = ServiceRequest::new("OCMWCPASIdentifyPerson", "20050930", &body).unwrap();
    let second = ServiceRequest::new("OCMWCPASPerformInvestigation", "20080604", "<p:s xmlns:p='urn:p'/>");
    SsdnRequest::new(user.with_org_unit("0406798006").unwrap().with_matrix_sub_id(1), first)
        .with_service(second.unwrap())
        .with_reference("our & reference")
        .unwrap()
        .sent_at(UNIX_EPOCH + Duration::from_secs(1_671_175_350))
}

#[test]
fn a_request_reads_as_it_is_written() {
    let envelope = write_envelope(&request().to_xml().unwrap());
    let document = Document::parse(envelope.as_bytes(), &Limits::default()).unwrap();
    let payload = Envelope::find(&document).unwrap().payload().unwrap();

    let read = SsdnRequest::read(payload, &Limits::default()).unwrap();

    assert_eq!(read, request());
    assert_eq!(
        read.services()[0].body().as_str(),
        format!("<q a='1'>&lt;&amp; <r xmlns='urn:r'>{NUMBER}</r></q>")
    );
    let user = AuthorizedUser::new(NUMBER, "a@b", 0).unwrap();
    let least = SsdnRequest::new(user, ServiceRequest::new("x", "12345678", "<q/>").unwrap());
    assert_eq!(in_envelope(&least.to_document().unwrap(), SsdnRequest::read).unwrap(), least);
}

#[test]
fn what_is_no_question_is_refused() {
    for version in ["", "1234567", "123456789"] {
        let refused = ServiceRequest::new("x", version, "<q/>").unwrap_err();
        assert_eq!(refused.kind(), Kind::Misuse, "{version}");
    }
    for body in ["", "text", "<q/><q/>", "<q>", "<!DOCTYPE q><q/>", "<p:q/>"] {
        assert!(matches!(ServiceRequest::new("x", "12345678", body), Err(Error::Xml(_))), "{body}");
    }
    assert!(
        request().with_reference("\0").is_err() && ServiceRequest::new("\0", "12345678", "<q/>").is_err()
    );
    let document = request().to_document().unwrap();
    for (part, instead) in [
        ("ServiceId>", "Service>"),
        (">20050930<", ">2005<"),
        ("20221216T072230", "2022-12-16T07:22:30Z"),
        (">79021802145</service:UserID>", ">7</service:UserID>"),
        ("service:ServiceRequest>", "service:Other>"),
    ] {
        let changed = document.replace(part, instead);
        assert_ne!(changed, document, "{part}");
        assert!(in_envelope(&changed, SsdnRequest::read).is_err(), "{part}");
    }
}

#[test]
fn a_reply_is_read_with_what_each_service_answers() {
    let reply = in_envelope(REPLY, SsdnReply::read).unwrap();

    assert_eq!((reply.result.ok, reply.result.return_code), (ResultSummaryStatus::Warning, 1));
    assert_eq!(reply.result.details[0].reason_code, "010101");
    assert_eq!(reply.reference.as_ref().unwrap(), &"our reference");
    assert_eq!(reply.ticket.as_ref().unwrap(), &"KSZ-TICKET-1");
    let took = reply.time_response.unwrap().duration_since(reply.time_receive.unwrap());
    assert_eq!(took.unwrap(), Duration::from_secs(1));

    let [identified, refused] = &reply.services[..] else { panic!("{reply:?}") };
    assert_eq!((identified.service_id(), identified.version()), ("OCMWCPASIdentifyPerson", "20050930"));
    let body = identified.body().unwrap().unwrap();
    let expected = "<c:SSIN xmlns:c=\"http://www.ksz-bcss.fgov.be/XSD/SSDN/Common\">79021802145</c:SSIN>";
    assert_eq!(body.as_str(), expected);

    let refusal = refused.body().unwrap_err();
    assert_eq!(refusal.kind(), Kind::Refused);
    assert_eq!(
        refusal.to_string(),
        "OCMWCPASPerformInvestigation refused with 10000; 000051 no data for *********45 (ticket KSZ-TICKET-1)"
    );
    assert_eq!(refused.result().details[0].information[0].field_value, NUMBER);
}

#[test]
fn a_refusal_of_ssdn_is_no_reply() {
    let Err(Error::Ssdn { fault }) = in_envelope(REFUSAL, SsdnReply::read) else { panic!("it was read") };

    assert_eq!((fault.service_id.clone(), fault.result.return_code), (None, 10_000));
    assert_eq!(
        fault.to_string(),
        "SSDN refused with 10000; 000050 UserID *********45 is not known (ticket KSZ-TICKET-2)"
    );
}

#[test]
fn what_is_no_reply_is_refused() {
    for (part, instead) in [
        ("SSDNReply", "SSDNRequest"),
        ("ok=\"WARNING\"", "ok=\"PERHAPS\""),
        ("ok=\"WARNING\"", ""),
        ("<c:ReturnCode>1</c:ReturnCode>", ""),
        ("ReturnCode>1<", "ReturnCode>one<"),
        ("20221216T072230", "2022-12-16"),
        ("<c:SSIN>79021802145</c:SSIN>", "<c:SSIN/><c:SSIN/>"),
        ("<ServiceId>OCMWCPASIdentifyPerson</ServiceId>", "<!-- none -->"),
    ] {
        let changed = REPLY.replace(part, instead);
        assert_ne!(changed, REPLY, "{part}");
        assert!(in_envelope(&changed, SsdnReply::read).is_err(), "{part} as {instead}");
    }
    let document = Document::parse(b"<xmlString/>", &Limits::default()).unwrap();
    let refused = SsdnReply::read(document.root(), &Limits::default()).unwrap_err();
    assert!(matches!(refused, Error::UnexpectedPayload { .. }), "{refused}");
}

#[test]
fn the_document_inside_is_held_to_limits_of_its_own() {
    let mut limits = Limits::default();
    limits.depth = 3;
    let refused = in_envelope(REPLY, |payload, _| SsdnReply::read(payload, &limits)).unwrap_err();
    assert!(matches!(refused, Error::Xml(ksz_xml::Error::LimitExceeded { .. })), "{refused}");
    assert!(in_envelope(&format!("<!DOCTYPE a>{REPLY}"), SsdnReply::read).is_err());
}

#[test]
fn no_number_of_a_person_prints() {
    let request = request();
    let reply = in_envelope(REPLY, SsdnReply::read).unwrap();
    let refusal = in_envelope(REFUSAL, SsdnReply::read).unwrap_err();
    let of_service = reply.services[1].body().unwrap_err();

    for printed in [
        format!("{request:?}"),
        format!("{reply:?}"),
        format!("{refusal:?} {refusal}"),
        format!("{of_service:?} {of_service}"),
    ] {
        assert!(!printed.contains(NUMBER) && !printed.contains("021.45"), "{printed}");
    }
}
