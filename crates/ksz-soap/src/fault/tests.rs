use super::*;
use crate::{Information, InformationCbss, Severity, SoaErrorKind};
use ksz_xml::{Document, Limits};
use std::time::UNIX_EPOCH;

fn try_read(xml: &str) -> Result<Fault, Error> {
    Fault::read(Document::parse(xml.as_bytes(), &Limits::default()).unwrap().root())
}

fn read(xml: &str) -> Fault {
    try_read(xml).unwrap()
}

/// A SOAP 1.1 fault of which some of the content is given.
fn soap_11(code: &str, rest: &str) -> String {
    format!(
        "<s:Fault xmlns:s='{}' xmlns:wst='{}'><faultcode>{code}</faultcode><faultstring>no</faultstring>{rest}</s:Fault>",
        names::SOAP_11,
        names::WS_TRUST
    )
}

fn soap_12(content: &str) -> String {
    format!("<s:Fault xmlns:s='{}' xmlns:wst='{}'>{content}</s:Fault>", names::SOAP_12, names::WS_TRUST)
}

fn soa_error(code: &str) -> SoaError {
    SoaError {
        kind: SoaErrorKind::Business,
        id: "_1".into(),
        origin: "Client".into(),
        code: code.into(),
        messages: vec![
            Message { language: Some("en".into()), text: "a < b".into() },
            Message { language: None, text: "two\nlines".into() },
        ],
        retry: None,
        contact: None,
        environment: Some("Acceptation".into()),
    }
}

fn cbss_fault() -> CbssFault {
    let ticket = "00000000-0000-4000-8000-000000000001";
    let information = InformationCbss::new(ticket, UNIX_EPOCH, UNIX_EPOCH).unwrap();
    let message = CbssMessage::new(Severity::Fatal, "MSG00013", "access is not allowed", "CBSS")
        .and_then(|message| message.with_information(Information::new("ssin", Some("79021802145"))?))
        .unwrap();
    CbssFault::new("urn:service", "retrieveFault", information, message).unwrap()
}

#[test]
fn a_fault_of_either_version_reads_as_it_is_written() {
    for version in SoapVersion::ALL {
        let wst = || FaultCode::new(names::WS_TRUST, "InvalidRequest");
        let written = Fault::new(version, wst(), "The request was invalid or malformed")
            .with_soa_error(soa_error("wst:X"));

        let mut fault = read(&written.to_xml());

        assert!(fault.detail.take().is_some_and(|detail| detail.as_str().contains("BusinessError")));
        assert_eq!(fault, written);
        assert!(fault.is_ws_trust("InvalidRequest") && !fault.is_ws_trust("BadRequest"));

        let mut fault = read(&Fault::new(version, wst(), "t").with_cbss_fault(cbss_fault()).to_xml());
        fault.detail = None;
        assert_eq!(fault, Fault::new(version, wst(), "t").with_cbss_fault(cbss_fault()));
    }
}

#[test]
fn a_code_of_another_namespace_is_a_subcode_in_soap_1_2() {
    let wst = FaultCode::new(names::WS_TRUST, "InvalidRequest");
    let fault = Fault::new(SoapVersion::Soap12, wst.clone(), "t");

    assert!(fault.code.is(names::SOAP_12, "Sender"));
    assert_eq!(fault.subcodes, [wst]);
    let own = Fault::new(SoapVersion::Soap12, FaultCode::new(names::SOAP_12, "Receiver"), "t");
    assert!(own.subcodes.is_empty());
}

#[test]
fn all_of_a_soap_1_2_fault_is_read() {
    let fault = read(&soap_12(
        "<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:q='urn:q'>q:Outer</s:Value>\
         <s:Subcode><s:Value>\n wst:BadRequest </s:Value></s:Subcode></s:Subcode></s:Code>\
         <s:Reason><s:Text xml:lang='en'>no</s:Text><s:Text xml:lang='nl-BE'>neen</s:Text></s:Reason>\
         <s:Node>urn:node</s:Node><s:Role>urn:role</s:Role><s:Detail a='1'><x:y xmlns:x='urn:x'/></s:Detail>",
    ));

    assert!(fault.code.is(names::SOAP_12, "Sender") && fault.blames_sender());
    assert_eq!(
        fault.subcodes,
        [FaultCode::new("urn:q", "Outer"), FaultCode::new(names::WS_TRUST, "BadRequest")]
    );
    let texts: Vec<_> =
        fault.texts.iter().map(|text| (text.language.as_deref().unwrap(), text.text.as_str())).collect();
    assert_eq!(texts, [("en", "no"), ("nl-BE", "neen")]);
    assert_eq!((fault.node.clone(), fault.role.clone()), (Some("urn:node".into()), Some("urn:role".into())));
    assert_eq!(fault.detail.as_ref().unwrap().as_str(), "<s:Detail a='1'><x:y xmlns:x='urn:x'/></s:Detail>");
    assert_eq!((fault.service_code(), fault.advice()), ("BadRequest", Advice::Mend));
    assert_eq!(fault.to_string(), "fault BadRequest: no; neen");
}

#[test]
fn what_a_fault_lacks_does_not_hide_that_it_is_one() {
    for (xml, code) in [
        (format!("<s:Fault xmlns:s='{}'/>", names::SOAP_11), ""),
        (soap_12(""), ""),
        (soap_12("<s:Code/><s:Reason/>"), ""),
        (soap_12("<s:Code><s:Subcode/></s:Code>"), ""),
        (soap_11("", ""), ""),
        (soap_11("nobody:Knows", ""), "Knows"),
        (soap_11("s:Client<!-- -->", ""), "Client"),
    ] {
        let fault = read(&xml);
        assert_eq!((fault.service_code(), fault.advice() == Advice::Nothing), (code, false), "{xml}");
    }
}

#[test]
fn what_is_repeated_or_no_fault_is_refused() {
    let twice = |name: &str| soap_11("s:Client", &format!("<{name}/><{name}/>"));
    for bad in [
        twice("faultcode"),
        twice("faultstring"),
        twice("detail"),
        soap_12("<s:Code/><s:Code/>"),
        soap_12("<s:Code><s:Value/><s:Value/></s:Code>"),
        soap_12("<s:Code><s:Subcode><s:Subcode/><s:Subcode/></s:Subcode></s:Code>"),
    ] {
        assert!(matches!(try_read(&bad), Err(Error::Xml(ksz_xml::Error::Count { .. }))), "{bad}");
    }
    for other in ["<Fault/>".to_owned(), format!("<s:Body xmlns:s='{}'/>", names::SOAP_11)] {
        assert!(matches!(try_read(&other), Err(Error::UnexpectedPayload { .. })), "{other}");
    }
}

#[test]
fn a_code_is_compared_by_its_namespace() {
    let bound = |prefix: &str, uri: &str| {
        read(&format!(
            "<s:Fault xmlns:s='{}'><faultcode xmlns:{prefix}='{uri}'>{prefix}:InvalidRequest</faultcode></s:Fault>",
            names::SOAP_11
        ))
    };
    assert!(bound("q", names::WS_TRUST).is_ws_trust("InvalidRequest"));
    assert_eq!(bound("q", names::WS_TRUST).ws_trust_code(), WsTrustCode::find("InvalidRequest"));
    assert!(!bound("wst", "urn:other").is_ws_trust("InvalidRequest"));
    assert_eq!(bound("wst", "urn:other").ws_trust_code(), None);

    let default = format!("<Fault xmlns='{}'><faultcode xmlns=''>Client</faultcode></Fault>", names::SOAP_11);
    assert_eq!(read(&default).code, FaultCode::new("", "Client"));
    let default = default.replace(" xmlns=''>Client", " xmlns='' xmlns:p='urn:p'>p:Client");
    assert_eq!(read(&default).code, FaultCode::new("urn:p", "Client"));
}

#[test]
fn a_code_that_is_no_name_stays_one_text_when_it_is_written() {
    let fault = read(&soap_11("s:a&lt;/faultcode&gt;&amp;", ""));
    assert_eq!(read(&fault.to_xml()), fault);
}

#[test]
fn an_unknown_detail_is_kept_octet_for_octet() {
    let detail = "<detail  a = '1'><x/>\n<![CDATA[<]]>&#xE9;<!-- c --></detail>";
    let fault = read(&soap_11("s:Server", detail));

    assert_eq!((fault.soa_error.clone(), fault.cbss_fault.clone()), (None, None));
    assert_eq!(fault.detail.as_ref().unwrap().as_str(), detail);
    assert_eq!(fault.to_string(), "fault Server: no");
}

#[test]
fn the_fault_of_a_ksz_service_is_known_by_what_it_holds() {
    let detail = "<detail><f:consultFault xmlns:f='urn:f'><informationCBSS><ticketCBSS>7</ticketCBSS></informationCBSS>\
        <detail><severity>GRAVE</severity><reasonCode>MSG00005</reasonCode><diagnostic>79021802145 is unknown</diagnostic>\
        </detail><detail><severity>WARNING</severity><reasonCode>X</reasonCode></detail></f:consultFault></detail>";
    let fault = read(&soap_11("s:Server", detail));
    let cbss = fault.cbss_fault.as_ref().unwrap();

    assert_eq!((cbss.namespace(), cbss.name()), ("urn:f", "consultFault"));
    assert_eq!(cbss.information_cbss, None);
    let found: Vec<_> = cbss.messages.iter().map(|message| message.severity.clone()).collect();
    assert_eq!(found, [Severity::Unlisted("GRAVE".into()), Severity::Warning]);
    assert_eq!((fault.service_code(), fault.advice()), ("MSG00005", Advice::Mend));
    assert_eq!(fault.meaning(), Some("the person's number does not exist"));
    assert_eq!(fault.to_string(), "fault MSG00005: no; *********45 is unknown");
    for none in [
        "<detail><f/></detail>",
        "<detail><f><detail/></f></detail>",
        "<detail><f><reasonCode/></f></detail>",
    ] {
        assert_eq!(read(&soap_11("s:Server", none)).cbss_fault, None, "{none}");
    }
}

#[test]
fn the_advice_is_the_most_particular_that_is_known() {
    let soa = |code: &str, retry: &str| {
        let error = format!(
            "<detail><e:SystemError xmlns:e='{}'><Code>{code}</Code>{retry}</e:SystemError></detail>",
            names::EHEALTH_ERRORS
        );
        read(&soap_11("s:Client", &error)).advice()
    };
    assert_eq!(soa("SOA-01001", ""), Advice::Mend);
    assert_eq!(soa("SOA-01002", ""), Advice::AskAccess);
    assert_eq!(soa("SOA-02002", ""), Advice::TryLater);
    assert_eq!(soa("SOA-00001", "<Retry>true</Retry>"), Advice::TryLater);
    assert_eq!(soa("SOA-00001", "<Retry>false</Retry>"), Advice::AskServiceDesk);
    assert_eq!(soa("SOA-99999", ""), Advice::AskServiceDesk);
    for (code, advice) in [
        ("s:Client", Advice::Mend),
        ("s:Client.Authentication", Advice::Mend),
        ("s:Server", Advice::AskServiceDesk),
        ("Client", Advice::AskServiceDesk),
        ("wst:RequestFailed", Advice::AskServiceDesk),
        ("wst:InvalidScope", Advice::Mend),
    ] {
        assert_eq!(read(&soap_11(code, "")).advice(), advice, "{code}");
    }
}

#[test]
fn the_number_of_a_person_does_not_print_wherever_it_stands() {
    let number = "79021802145";
    let error = SoaError {
        id: number.into(),
        origin: number.into(),
        contact: Some(number.into()),
        environment: Some(number.into()),
        messages: vec![Message { language: None, text: format!("about {number}").into() }],
        ..soa_error(number)
    };
    let mut fault =
        Fault::new(SoapVersion::Soap11, FaultCode::new("urn:x", number), &format!("SSIN{number}"));
    fault.node = Some(number.into());
    let fault = fault.with_soa_error(error).with_cbss_fault(cbss_fault());
    let read = read(&fault.to_xml());

    for fault in [fault, read] {
        for printed in [format!("{fault}"), format!("{fault:?}"), format!("{fault:#?}")] {
            assert!(!printed.contains(number), "{printed}");
        }
        let error = Error::Fault { fault: Box::new(fault) };
        assert!(!format!("{error} {error:?}").contains(number));
    }
}

#[test]
fn a_fault_of_many_texts_prints_a_few() {
    let texts: String = (0..1000).map(|n| format!("<s:Text xml:lang='en'>text {n};</s:Text>")).collect();
    let fault = read(&soap_12(&format!("<s:Reason>{texts}</s:Reason>")));

    assert_eq!(fault.texts.len(), 1000);
    assert_eq!(fault.to_string().matches("text").count(), 10);
}

#[test]
fn a_ticket_prints_whole() {
    let fault = Fault::new(SoapVersion::Soap11, FaultCode::new(names::SOAP_11, "Client"), "t");
    let mut error = soa_error("SOA-01001");
    error.id = "Id-361d9c637de72d01a33bb672".into();
    error.messages.clear();

    let told = fault.clone().with_soa_error(error).to_string();
    assert_eq!(told, "fault SOA-01001: t (ticket Id-361d9c637de72d01a33bb672)");
    let told = fault.with_cbss_fault(cbss_fault()).to_string();
    assert_eq!(
        told,
        "fault MSG00013: t; access is not allowed (ticket 00000000-0000-4000-8000-000000000001)"
    );
}
