//! What services answer and clients ask, read and written again. The first octet chooses what the rest is taken for.

#![no_main]

use ksz_fuzz::choice;
use ksz_fuzz::fixture::Receiver;
use ksz_soap::{
    CbssFault, Envelope, Error, Fault, SendTestMessageRequest, SendTestMessageResponse, SoapVersion,
    SsdnReply, SsdnRequest, Status, format_date_time, parse_date_time,
};
use ksz_sts::{RequestSecurityToken, SignChallengeResponse, TokenProfile};
use ksz_xml::{Document, Element, Limits};
use libfuzzer_sys::fuzz_target;
use std::mem::discriminant;
use std::sync::LazyLock;

static RECEIVER: LazyLock<Receiver> = LazyLock::new(Receiver::default);

fuzz_target!(|data: &[u8]| {
    let Some((kind, input)) = choice(data) else { return };
    match kind % 7 {
        0 => date_time(input),
        1 => assert!(RECEIVER.token_response(input).is_none_or(|genuine| genuine), "nobody signed this"),
        2 => payload(input, fault),
        3 => payload(input, request),
        4 => payload(input, challenge),
        5 => payload(input, |payload| {
            drop(SendTestMessageRequest::read(payload));
            status(payload);
        }),
        _ => payload(input, |payload| {
            drop(SendTestMessageResponse::read(payload));
            ssdn(payload);
        }),
    }
});

/// Reads the input as an envelope of either version, or else as the payload itself.
fn payload(input: &[u8], read: impl Fn(Element<'_>)) {
    let Ok(document) = Document::parse(input, &Limits::default()) else { return };
    let Ok(envelope) = Envelope::find_as(&document, &SoapVersion::ALL) else { return read(document.root()) };
    match envelope.payload() {
        Ok(payload) => read(payload),
        Err(Error::Fault { fault }) => written_again(&fault),
        Err(_) => {}
    }
}

/// Reads what was written; it is ours, so it can be read.
fn again<T>(xml: &str, read: impl Fn(Element<'_>) -> T) -> T {
    let document = Document::parse(xml.as_bytes(), &Limits::default()).expect("what we write can be read");
    read(document.root())
}

fn date_time(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(instant) = parse_date_time("input", text) else { return };
    let written = format_date_time(instant).expect("what was read can be written");
    let read = parse_date_time("output", &written).expect("what we write can be read");
    assert_eq!(format_date_time(read), Ok(written), "{text}");
}

fn fault(payload: Element<'_>) {
    if let Ok(fault) = Fault::read(payload) {
        written_again(&fault);
    }
}

/// What has a type comes back as it was. The rest of a detail is not written.
fn written_again(fault: &Fault) {
    let _ =
        (format!("{fault} {fault:?}"), fault.service_code(), fault.meaning(), fault.advice(), fault.ticket());
    let read = again(&fault.to_xml(), Fault::read).expect("a fault that we write is one");
    assert_eq!((read.version, read.text()), (fault.version, fault.text()));
    assert_eq!(read.texts.len(), fault.texts.len().max(usize::from(fault.version == SoapVersion::Soap11)));
    assert_eq!(read.soa_error, fault.soa_error);
    // Instants are written to the millisecond.
    let messages = |fault: &Fault| fault.cbss_fault.as_ref().map(|fault: &CbssFault| fault.messages.clone());
    assert_eq!(messages(&read), messages(fault));
    // Any text is read as a code, because a refusal must not be hidden by its form. Only a name means the same elsewhere.
    let codes =
        |fault: &Fault| std::iter::once(fault.code.clone()).chain(fault.subcodes.clone()).collect::<Vec<_>>();
    if codes(fault).iter().all(|code| ksz_xml::is_ncname(code.name.as_str())) {
        assert_eq!(codes(&read), codes(fault));
    }
}

fn status(payload: Element<'_>) {
    let Ok(status) = Status::read(payload) else { return };
    assert_eq!(again(&status.to_xml(), Status::read), Ok(status));
}

/// The document inside a text. What it says is written as the same document, but for the way its body declares namespaces.
fn ssdn(payload: Element<'_>) {
    let limits = Limits::default();
    if let Ok(reply) = SsdnReply::read(payload, &limits) {
        reply.services.iter().for_each(|service| drop(service.body()));
    }
    let Ok(request) = SsdnRequest::read(payload, &limits) else { return };
    let Ok(written) = request.to_xml() else { return };
    let read = again(&written, |payload| SsdnRequest::read(payload, &limits)).expect("our request is one");
    assert_eq!((read.user(), read.reference()), (request.user(), request.reference()));
    assert_eq!(read.services(), request.services());
}

fn request(payload: Element<'_>) {
    for profile in [TokenProfile::EHEALTH, TokenProfile::NSSO] {
        request_to(payload, profile);
    }
}

fn request_to(payload: Element<'_>, profile: TokenProfile) {
    let Ok(request) = RequestSecurityToken::read_as(payload, profile) else { return };
    let Ok(written) = request.to_xml() else { return };
    let read = again(&written, |payload| RequestSecurityToken::read_as(payload, profile))
        .expect("a request that we write is one");
    assert_eq!(discriminant(read.purpose()), discriminant(request.purpose()));
    assert_eq!(read.profile(), request.profile());
    assert_eq!(read.context(), request.context());
    // Instants are written to the millisecond, and the declarations of an assertion to be renewed stand on its first tag.
    assert_eq!(read.claims(), request.claims());
    assert_eq!(read.holder().is_ok(), request.holder().is_ok());
}

fn challenge(payload: Element<'_>) {
    let Ok(answer) = SignChallengeResponse::read(payload) else { return };
    let read = again(&answer.to_xml(), SignChallengeResponse::read).expect("an answer that we write is one");
    assert_eq!((read.context(), read.challenge()), (answer.context(), answer.challenge()));
}
