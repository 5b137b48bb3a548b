//! What services answer and clients ask, read and written again. The first octet chooses what the rest is taken for.

#![no_main]

use ksz_fuzz::choice;
use ksz_fuzz::fixture::Receiver;
use ksz_soap::{
    Envelope, Fault, SendTestMessageRequest, SendTestMessageResponse, format_date_time, parse_date_time,
};
use ksz_sts::{RequestSecurityToken, SignChallengeResponse};
use ksz_xml::{Document, Element, Limits};
use libfuzzer_sys::fuzz_target;
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
        5 => payload(input, |payload| drop(SendTestMessageRequest::read(payload))),
        _ => payload(input, |payload| drop(SendTestMessageResponse::read(payload))),
    }
});

/// Reads the input as an envelope, or else as the payload itself.
fn payload(input: &[u8], read: impl Fn(Element<'_>)) {
    let Ok(document) = Document::parse(input, &Limits::default()) else { return };
    match Envelope::find(&document).and_then(Envelope::payload) {
        Ok(payload) => read(payload),
        Err(_) => read(document.root()),
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
    let Ok(fault) = Fault::read(payload) else { return };
    let _ = (fault.service_code(), fault.soa_error.as_ref().map(ksz_soap::SoaError::meaning));
    let read = again(&fault.to_xml(), Fault::read).expect("a fault that we write is one");
    assert_eq!(read.string, fault.string);
    // Any text is read as a code, because a refusal must not be hidden by its form. Only a name means the same elsewhere.
    if ksz_xml::is_ncname(&fault.code.name) {
        assert_eq!((read.code.namespace, read.code.name), (fault.code.namespace, fault.code.name));
    }
}

fn request(payload: Element<'_>) {
    let Ok(request) = RequestSecurityToken::read(payload) else { return };
    let Ok(written) = request.to_xml() else { return };
    let read = again(&written, RequestSecurityToken::read).expect("a request that we write is one");
    assert_eq!(read.context(), request.context());
    assert_eq!(read.claims(), request.claims());
    assert_eq!(read.use_key(), request.use_key());
}

fn challenge(payload: Element<'_>) {
    let Ok(answer) = SignChallengeResponse::read(payload) else { return };
    let read = again(&answer.to_xml(), SignChallengeResponse::read).expect("an answer that we write is one");
    assert_eq!((read.context(), read.challenge()), (answer.context(), answer.challenge()));
}
