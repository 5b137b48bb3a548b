//! KSZ `TestConnectionService` (WSDL of 29 July 2009): `elementFormDefault` is unqualified, so the children of
//! the wrapper elements are in no namespace.

use crate::date_time::parse_date_time;
use crate::{Error, names};
use ksz_xml::{Element, escape_text};
use std::fmt;
use std::time::SystemTime;

/// The request: a text that is to come back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SendTestMessageRequest {
    /// The text.
    pub echo: String,
}

impl SendTestMessageRequest {
    /// The payload of the Body.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut xml = format!("<v1:sendTestMessageRequest xmlns:v1=\"{}\"><echo>", names::TEST_CONNECTION);
        escape_text(&self.echo, &mut |piece| xml += piece);
        xml + "</echo></v1:sendTestMessageRequest>"
    }

    /// Reads the payload of a Body.
    ///
    /// # Errors
    ///
    /// [`Error::UnexpectedPayload`] if it is another, [`Error::Xml`] if it is not as the schema says.
    pub fn read(payload: Element<'_>) -> Result<Self, Error> {
        require(payload, "sendTestMessageRequest")?;
        match payload.only_children()?.as_slice() {
            &[echo] if echo.is("", "echo") => Ok(Self { echo: echo.whole_text() }),
            _ => Err(Error::Xml(ksz_xml::Error::Unexpected {
                parent: payload.qualified_name().into(),
                found: "not exactly echo, which is in no namespace".into(),
            })),
        }
    }
}

/// The answer. The certificate it names may be a person's: it does not print.
#[derive(Clone, Eq, PartialEq)]
pub struct SendTestMessageResponse {
    /// When the request came and by which ticket KSZ knows it.
    pub information_cbss: Option<InformationCbss>,
    /// The text of the request.
    pub echo: String,
    /// The TLS client certificate as KSZ saw it.
    pub ssl_certificate: String,
}

impl fmt::Debug for SendTestMessageResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendTestMessageResponse")
            .field("information_cbss", &self.information_cbss)
            .field("echo", &self.echo)
            .finish_non_exhaustive()
    }
}

impl SendTestMessageResponse {
    /// Reads the payload of a Body.
    ///
    /// # Errors
    ///
    /// [`Error::UnexpectedPayload`], [`Error::Xml`], and [`Error::Value`] for a ticket or instant that is none.
    pub fn read(payload: Element<'_>) -> Result<Self, Error> {
        require(payload, "sendTestMessageResponse")?;
        let information = payload.optional_child("", "informationCBSS")?;
        Ok(Self {
            information_cbss: information.map(InformationCbss::read).transpose()?,
            echo: payload.only_child("", "echo")?.whole_text(),
            ssl_certificate: payload.only_child("", "sslCertificate")?.whole_text(),
        })
    }
}

/// `informationCBSS`: how KSZ knows a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InformationCbss {
    /// The ticket, a UUID; support asks for it.
    pub ticket: String,
    /// When the request was received.
    pub timestamp_receive: SystemTime,
    /// When the answer was sent.
    pub timestamp_reply: SystemTime,
}

impl InformationCbss {
    fn read(element: Element<'_>) -> Result<Self, Error> {
        let text = |name| element.only_child("", name).and_then(Element::only_text);
        let ticket = text("ticketCBSS")?;
        if !is_uuid(&ticket) {
            return Err(Error::Value { element: "ticketCBSS".into(), expected: "UUID" });
        }
        Ok(Self {
            ticket: ticket.into_owned(),
            timestamp_receive: parse_date_time("timestampReceive", &text("timestampReceive")?)?,
            timestamp_reply: parse_date_time("timestampReply", &text("timestampReply")?)?,
        })
    }
}

fn require(payload: Element<'_>, expected: &'static str) -> Result<(), Error> {
    if payload.is(names::TEST_CONNECTION, expected) {
        return Ok(());
    }
    Err(Error::UnexpectedPayload { found: payload.qualified_name().into(), expected })
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, octet)| match index {
            8 | 13 | 18 | 23 => octet == b'-',
            _ => octet.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::{Document, Limits};

    #[test]
    fn a_text_with_markup_comes_back_whole() {
        let request = SendTestMessageRequest { echo: "<a> & ]]> \r\n é".into() };
        let xml = request.to_xml();
        let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(SendTestMessageRequest::read(document.root()).unwrap(), request);
    }

    #[test]
    fn an_echo_in_a_namespace_is_refused() {
        let xml = format!(
            "<v:sendTestMessageRequest xmlns:v='{}'><v:echo/></v:sendTestMessageRequest>",
            names::TEST_CONNECTION
        );
        let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
        assert!(SendTestMessageRequest::read(document.root()).is_err());
    }

    #[test]
    fn a_ticket_is_a_uuid() {
        assert!(is_uuid("00000000-0000-4000-8000-00000000000F"));
        assert!(!is_uuid("00000000-0000-4000-8000-00000000000g"));
        assert!(!is_uuid("00000000000040008000000000000001"));
    }
}
