//! KSZ `TestConnectionService` (WSDL of 29 July 2009): `elementFormDefault` is unqualified, so the children of
//! the wrapper elements are in no namespace.

use crate::writer::{attribute, element};
use crate::{Error, InformationCbss, names};
use ksz_xml::Element;
use std::fmt;

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
        let mut xml = format!("<v1:sendTestMessageRequest{}>", attribute("xmlns:v1", names::TEST_CONNECTION));
        element(&mut xml, "echo", &self.echo);
        xml + "</v1:sendTestMessageRequest>"
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
    /// The payload of the Body.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if an instant cannot be written.
    pub fn to_xml(&self) -> Result<String, Error> {
        let mut xml =
            format!("<v1:sendTestMessageResponse{}>", attribute("xmlns:v1", names::TEST_CONNECTION));
        xml.extend(self.information_cbss.as_ref().map(InformationCbss::to_xml).transpose()?);
        element(&mut xml, "echo", &self.echo);
        element(&mut xml, "sslCertificate", &self.ssl_certificate);
        Ok(xml + "</v1:sendTestMessageResponse>")
    }

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

fn require(payload: Element<'_>, expected: &'static str) -> Result<(), Error> {
    if payload.is(names::TEST_CONNECTION, expected) {
        return Ok(());
    }
    Err(Error::UnexpectedPayload { found: payload.qualified_name().into(), expected })
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
    fn an_answer_reads_as_it_is_written() {
        let instant = std::time::UNIX_EPOCH;
        let ticket = "00000000-0000-4000-8000-000000000001";
        let information = InformationCbss::new(ticket, instant, instant).unwrap();
        for information_cbss in [Some(information), None] {
            let (echo, ssl_certificate) = ("<a> & ]]> \r\n é".into(), "CN=a & b".into());
            let answer = SendTestMessageResponse { information_cbss, echo, ssl_certificate };
            let xml = answer.to_xml().unwrap();
            let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(SendTestMessageResponse::read(document.root()).unwrap(), answer);
        }
    }
}
