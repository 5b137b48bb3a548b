//! Writing a fault.

use super::{Fault, FaultCode};
use crate::writer::{XML, attribute, element, element_with, optional};
use crate::{PeerText, SoapVersion};
use ksz_xml::escape_text;

pub(super) fn fault(fault: &Fault) -> String {
    let declaration = attribute("xmlns:soapenv", fault.version.namespace());
    let mut xml = format!("<soapenv:Fault{declaration}>");
    match fault.version {
        SoapVersion::Soap11 => soap_11(fault, &mut xml),
        SoapVersion::Soap12 => soap_12(fault, &mut xml),
    }
    xml + "</soapenv:Fault>"
}

fn soap_11(fault: &Fault, xml: &mut String) {
    code(xml, "faultcode", fault.version, &fault.code);
    element(xml, "faultstring", fault.text());
    optional(xml, "faultactor", fault.node.as_ref().map(PeerText::as_str));
    detail(fault, "detail", xml);
}

fn soap_12(fault: &Fault, xml: &mut String) {
    xml.push_str("<soapenv:Code>");
    code(xml, "soapenv:Value", fault.version, &fault.code);
    for subcode in &fault.subcodes {
        xml.push_str("<soapenv:Subcode>");
        code(xml, "soapenv:Value", fault.version, subcode);
    }
    xml.extend(fault.subcodes.iter().map(|_| "</soapenv:Subcode>"));
    xml.push_str("</soapenv:Code><soapenv:Reason>");
    for message in &fault.texts {
        // Each Text must name its language; BCP 47 has a word for one that nobody knows.
        let language = message.language.as_deref().unwrap_or("und");
        element_with(xml, "soapenv:Text", &attribute("xml:lang", language), message.text.as_str());
    }
    xml.push_str("</soapenv:Reason>");
    optional(xml, "soapenv:Node", fault.node.as_ref().map(PeerText::as_str));
    optional(xml, "soapenv:Role", fault.role.as_ref().map(PeerText::as_str));
    detail(fault, "soapenv:Detail", xml);
}

fn detail(fault: &Fault, name: &str, xml: &mut String) {
    if fault.soa_error.is_none() && fault.cbss_fault.is_none() {
        return;
    }
    xml.extend(["<", name, ">"]);
    if let Some(error) = &fault.soa_error {
        error.write(xml);
    }
    if let Some(fault) = &fault.cbss_fault {
        fault.write(xml);
    }
    xml.extend(["</", name, ">"]);
}

/// Writes an element that holds a code.
fn code(xml: &mut String, name: &str, version: SoapVersion, code: &FaultCode) {
    let (declaration, prefix) = match code.namespace.as_str() {
        "" => (String::new(), ""),
        own if own == version.namespace() => (String::new(), "soapenv:"),
        // Nothing but the prefix xml may be bound to this name, and it is bound already.
        XML => (String::new(), "xml:"),
        other => (attribute("xmlns:code", other), "code:"),
    };
    xml.extend(["<", name, &declaration, ">", prefix]);
    escape_text(code.name.as_str(), &mut |piece| xml.push_str(piece));
    xml.extend(["</", name, ">"]);
}
