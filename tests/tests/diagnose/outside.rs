//! What is wrong with the call and not with the message, and what came back.

use crate::case::Case;
use crate::world::{WORLD, envelope_with, swap};
use ksz::soap::{Advice, SendTestMessageRequest, write_envelope};
use ksz::wss::{Certainty, PrefixLists, Refusal, diagnose};

pub(crate) fn cases() -> Vec<Case> {
    let request = SendTestMessageRequest { echo: "hello".into() };
    let ksz = WORLD.signed(&write_envelope(&request.to_xml()), PrefixLists::Omitted);
    let action = |action: &'static str| {
        move |options: &mut ksz::wss::DiagnosisOptions| options.soap_action = Some(action.into())
    };
    let claim = "<auth:ClaimType xmlns:auth=\"http://docs.oasis-open.org/wsfed/authorization/200706\" Uri=\"urn:c\"/>";
    vec![
        Case::x509("soap-action", "of another operation", ksz)
            .knowing(action("\"http://kszbcss.fgov.be/TestConnectionServiceService/other\""))
            .being(Certainty::Proven),
        Case::x509("soap-action", "of another service, which the documents do not give", WORLD.message())
            .knowing(action("urn:be:fgov:ehealth:other:protocol:v1:Other"))
            .being(Certainty::Possible),
        Case::x509("repeated-claim", "in a token request", {
            WORLD.signed(&envelope_with(&format!("{claim}{claim}")), PrefixLists::Omitted)
        }),
        Case::holder(
            "refused",
            "for a reason that only its verification knows",
            WORLD.brokered(&WORLD.assertion(&WORLD.rsa), &WORLD.rsa),
        )
        .knowing(|options| {
            options.refusal =
                Some(Refusal { class: ksz::error::Class::Assertion, message: "two subjects".into() });
        }),
    ]
}

/// An answer with a fault of the eHealth platform.
pub(crate) fn fault(code: &str, environment: &str) -> String {
    write_envelope(&format!(
        "<soapenv:Fault xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><faultcode>soapenv:Client</faultcode>\
         <faultstring>{code}: Service call not authenticated.</faultstring><detail>\
         <urn:SystemError xmlns:urn=\"urn:be:fgov:ehealth:errors:soa:v1\" Id=\"ticket-1\"><Origin>Consumer</Origin>\
         <Code>{code}</Code><Message xml:lang=\"en\">Service call not authenticated.</Message>\
         <urn:Environment>{environment}</urn:Environment></urn:SystemError></detail></soapenv:Fault>"
    ))
}

#[test]
fn the_right_action_is_no_finding() {
    let request = SendTestMessageRequest { echo: "hello".into() };
    let message = WORLD.signed(&write_envelope(&request.to_xml()), PrefixLists::Omitted);
    for action in [
        "http://kszbcss.fgov.be/TestConnectionServiceService/sendTestMessage",
        "\"http://kszbcss.fgov.be/TestConnectionServiceService/sendTestMessage\"",
    ] {
        let mut options = WORLD.x509();
        options.soap_action = Some(action.into());
        assert_eq!(diagnose(message.as_bytes(), &options).findings, [], "{action}");
    }
}

#[test]
fn the_fault_that_came_back_is_explained() {
    let explained = |fault: String| {
        let mut options = WORLD.x509();
        options.fault = Some(fault.into_bytes());
        diagnose(WORLD.message().as_bytes(), &options).fault
    };
    let of_envelope = explained(fault("SOA-01001", "Acceptation")).unwrap();
    assert_eq!((of_envelope.code.as_str(), of_envelope.advice), ("SOA-01001", Some(Advice::Mend)));
    assert!(of_envelope.meaning.is_some_and(|meaning| meaning.contains("not accepted")));
    assert_eq!(of_envelope.ticket.as_deref(), Some("ticket-1"));
    let glued = swap(&fault("SOA-01001", "Acceptation"), "<detail>", "<detail><x/>");
    let glued = glued.replace("urn:be:fgov:ehealth:errors:soa:v1", "urn:other");
    assert_eq!(explained(glued).unwrap().code, "SOA-01001");
    assert_eq!(explained(fault("SOA-99999", "Test")).unwrap().meaning, None);
    assert_eq!(explained("<a/>".into()), None);
}
