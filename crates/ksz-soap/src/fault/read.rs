//! Reading a fault: SOAP 1.1 has its children in no namespace, SOAP 1.2 in its own.

use super::{Fault, FaultCode};
use crate::{CbssFault, Error, Fragment, Message, PeerText, SoaError, SoapVersion, names};
use ksz_xml::Element;

pub(super) fn fault(fault: Element<'_>) -> Result<Fault, Error> {
    match SoapVersion::of_namespace(fault.namespace()).filter(|_| fault.local_name() == "Fault") {
        Some(SoapVersion::Soap11) => soap_11(fault),
        Some(SoapVersion::Soap12) => soap_12(fault),
        None => {
            let found = fault.qualified_name().chars().take(100).collect();
            Err(Error::UnexpectedPayload { found, expected: "a Fault" })
        }
    }
}

fn soap_11(fault: Element<'_>) -> Result<Fault, Error> {
    let child = |name| fault.optional_child("", name);
    let texts = child("faultstring")?.map(Message::read);
    let fault = Fault {
        version: SoapVersion::Soap11,
        code: child("faultcode")?.map(FaultCode::read).unwrap_or_default(),
        subcodes: Vec::new(),
        texts: texts.into_iter().collect(),
        node: child("faultactor")?.map(text),
        role: None,
        soa_error: None,
        cbss_fault: None,
        detail: None,
    };
    Ok(fault.with_detail(child("detail")?))
}

fn soap_12(fault: Element<'_>) -> Result<Fault, Error> {
    let child = |name| fault.optional_child(names::SOAP_12, name);
    let code = child("Code")?;
    let mut subcodes = Vec::new();
    let mut below = code.map(|code| code.optional_child(names::SOAP_12, "Subcode")).transpose()?.flatten();
    while let Some(subcode) = below {
        subcodes.push(value(subcode)?);
        below = subcode.optional_child(names::SOAP_12, "Subcode")?;
    }
    let texts = |reason: Element<'_>| {
        let texts = reason.children().filter(|child| child.is(names::SOAP_12, "Text"));
        texts.map(Message::read).collect()
    };
    let fault = Fault {
        version: SoapVersion::Soap12,
        code: code.map(value).transpose()?.unwrap_or_default(),
        subcodes,
        texts: child("Reason")?.map(texts).unwrap_or_default(),
        node: child("Node")?.map(text),
        role: child("Role")?.map(text),
        soa_error: None,
        cbss_fault: None,
        detail: None,
    };
    Ok(fault.with_detail(child("Detail")?))
}

/// The code in a `Code` or `Subcode`.
fn value(code: Element<'_>) -> Result<FaultCode, Error> {
    let value = code.optional_child(names::SOAP_12, "Value")?;
    Ok(value.map(FaultCode::read).unwrap_or_default())
}

fn text(element: Element<'_>) -> PeerText {
    element.whole_text().trim().into()
}

impl Fault {
    fn with_detail(mut self, detail: Option<Element<'_>>) -> Self {
        if let Some(detail) = detail {
            self.soa_error = detail.children().find_map(SoaError::read);
            self.cbss_fault = detail.children().find_map(CbssFault::read);
            self.detail = Some(Fragment::new(detail.source().to_owned()));
        }
        self
    }
}
