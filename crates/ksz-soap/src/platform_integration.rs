//! eHealth `PlatformIntegrationConsumerTest`: three operations that show how far a caller gets.
//!
//! The schema is not public. Requests are those of the platform's page on securing web services; responses are
//! those of the social security's twin service, whose schema is the same but for its namespace.

use crate::date_time::{format_date_time, parse_date_time};
use crate::operation::Operation;
use crate::writer::{attribute, element, optional};
use crate::{Error, names};
use ksz_xml::Element;
use std::fmt;
use std::time::SystemTime;

/// Which of the three operations.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IntegrationTest {
    /// `checkConnection`: TLS alone.
    Connection,
    /// `checkAccessControl`: a message signed with a certificate.
    AccessControl,
    /// `checkBrokeredAccessControl`: a message signed by the holder of an assertion.
    BrokeredAccessControl,
}

impl IntegrationTest {
    /// The operation. The actions follow the pattern of the platform's other services; the WSDL is not public.
    #[must_use]
    pub const fn operation(self) -> Operation {
        match self {
            Self::Connection => Operation {
                name: "checkConnection",
                action: "urn:be:fgov:ehealth:platformintegrationconsumertest:protocol:v1:CheckConnection",
            },
            Self::AccessControl => Operation {
                name: "checkAccessControl",
                action: "urn:be:fgov:ehealth:platformintegrationconsumertest:protocol:v1:CheckAccessControl",
            },
            Self::BrokeredAccessControl => Operation {
                name: "checkBrokeredAccessControl",
                action: "urn:be:fgov:ehealth:platformintegrationconsumertest:protocol:v1:CheckBrokeredAccessControl",
            },
        }
    }

    /// The name of the request element.
    #[must_use]
    pub const fn request_name(self) -> &'static str {
        match self {
            Self::Connection => "CheckConnectionRequest",
            Self::AccessControl => "CheckAccessControlRequest",
            Self::BrokeredAccessControl => "CheckBrokeredAccessControlRequest",
        }
    }

    /// The name of the response element.
    #[must_use]
    pub const fn response_name(self) -> &'static str {
        match self {
            Self::Connection => "CheckConnectionResponse",
            Self::AccessControl => "CheckAccessControlResponse",
            Self::BrokeredAccessControl => "CheckBrokeredAccessControlResponse",
        }
    }

    /// All three.
    pub const ALL: [Self; 3] = [Self::Connection, Self::AccessControl, Self::BrokeredAccessControl];
}

/// A request: a text that is to come back, and an instant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IntegrationTestRequest {
    /// Which operation.
    pub test: IntegrationTest,
    /// The text.
    pub message: String,
    /// When the caller asks.
    pub timestamp: SystemTime,
}

impl IntegrationTestRequest {
    /// The payload of the Body.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if the instant cannot be written.
    pub fn to_xml(&self) -> Result<String, Error> {
        write(self.test.request_name(), &self.message, self.timestamp, None)
    }

    /// Reads the payload of a Body; the element says which operation it is.
    ///
    /// # Errors
    ///
    /// [`Error::UnexpectedPayload`], [`Error::Xml`], [`Error::Value`].
    pub fn read(payload: Element<'_>) -> Result<Self, Error> {
        let test = IntegrationTest::ALL
            .into_iter()
            .find(|test| payload.is(names::INTEGRATION_TEST, test.request_name()))
            .ok_or_else(|| Error::UnexpectedPayload {
                found: payload.qualified_name().into(),
                expected: "a request of PlatformIntegrationConsumerTest",
            })?;
        let (message, timestamp) = message_and_timestamp(payload)?;
        Ok(Self { test, message, timestamp })
    }
}

/// An answer. Whom it names may be a person: that does not print.
#[derive(Clone, Eq, PartialEq)]
pub struct IntegrationTestResponse {
    /// The text of the request.
    pub message: String,
    /// The instant of the request.
    pub timestamp: SystemTime,
    /// Whom the platform took the caller for; absent for `checkConnection`.
    pub authenticated_consumer: Option<String>,
}

impl fmt::Debug for IntegrationTestResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntegrationTestResponse")
            .field("message", &self.message)
            .field("timestamp", &self.timestamp)
            .field("authenticated_consumer", &self.authenticated_consumer.as_ref().map(|_| "…"))
            .finish()
    }
}

impl IntegrationTestResponse {
    /// The payload of the Body that answers this operation.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if the instant cannot be written.
    pub fn to_xml(&self, test: IntegrationTest) -> Result<String, Error> {
        let consumer = self.authenticated_consumer.as_deref();
        write(test.response_name(), &self.message, self.timestamp, consumer)
    }

    /// Reads the payload of a Body.
    ///
    /// # Errors
    ///
    /// [`Error::UnexpectedPayload`], [`Error::Xml`], [`Error::Value`].
    pub fn read(test: IntegrationTest, payload: Element<'_>) -> Result<Self, Error> {
        if !payload.is(names::INTEGRATION_TEST, test.response_name()) {
            let expected = test.response_name();
            return Err(Error::UnexpectedPayload { found: payload.qualified_name().into(), expected });
        }
        let (message, timestamp) = message_and_timestamp(payload)?;
        let consumer = payload.optional_child(names::INTEGRATION_TEST_TYPES, "AuthenticatedConsumer")?;
        Ok(Self { message, timestamp, authenticated_consumer: consumer.map(Element::whole_text) })
    }
}

/// Writes a request or an answer, which differ in their names and in who is told.
fn write(name: &str, message: &str, timestamp: SystemTime, consumer: Option<&str>) -> Result<String, Error> {
    let wrapper = attribute("xmlns:urn", names::INTEGRATION_TEST);
    let types = attribute("xmlns:urn1", names::INTEGRATION_TEST_TYPES);
    let mut xml = format!("<urn:{name}{wrapper}{types}>");
    element(&mut xml, "urn1:Message", message);
    element(&mut xml, "urn1:Timestamp", &format_date_time(timestamp)?);
    optional(&mut xml, "urn1:AuthenticatedConsumer", consumer);
    Ok(xml + &format!("</urn:{name}>"))
}

fn message_and_timestamp(payload: Element<'_>) -> Result<(String, SystemTime), Error> {
    let message = payload.only_child(names::INTEGRATION_TEST_TYPES, "Message")?.whole_text();
    let timestamp = payload.only_child(names::INTEGRATION_TEST_TYPES, "Timestamp")?.only_text()?;
    Ok((message, parse_date_time("Timestamp", timestamp.trim())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::{Document, Limits};
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn a_request_reads_as_it_is_written() {
        for test in IntegrationTest::ALL {
            let timestamp = UNIX_EPOCH + Duration::from_millis(1_419_949_743_157);
            let request = IntegrationTestRequest { test, message: "Hello <World>".into(), timestamp };
            let xml = request.to_xml().unwrap();
            let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(IntegrationTestRequest::read(document.root()).unwrap(), request);
        }
    }
    #[test]
    fn an_answer_reads_as_it_is_written_and_is_no_answer_to_another_operation() {
        for test in IntegrationTest::ALL {
            let timestamp = UNIX_EPOCH + Duration::from_millis(1_419_949_743_157);
            let authenticated_consumer = (test != IntegrationTest::Connection).then(|| "CN=a & b".to_owned());
            let answer = IntegrationTestResponse { message: "<a>".into(), timestamp, authenticated_consumer };
            let xml = answer.to_xml(test).unwrap();
            let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();

            assert_eq!(IntegrationTestResponse::read(test, document.root()).unwrap(), answer);
            for other in IntegrationTest::ALL.into_iter().filter(|other| *other != test) {
                let refused = IntegrationTestResponse::read(other, document.root());
                assert!(matches!(refused, Err(Error::UnexpectedPayload { .. })), "{other:?}");
            }
        }
    }
}
