//! Taking SOAP 1.1 messages over HTTP: what every service checks before its own work begins.

use crate::body;
use crate::faults::Soa;
use crate::journal::{Reason, Reception, Service};
use crate::options::{SoapActions, Treatment};
use axum::Extension;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use ksz_error::Class;
use ksz_pki::Certificate;
use ksz_soap::{Envelope, Fault, IntegrationTest, Operation, payload_of, write_envelope};
use ksz_wss::VerifiedMessage;
use ksz_xml::{Document, Element, Limits};
use std::sync::Arc;
use std::time::SystemTime;

/// One SOAP endpoint.
pub(crate) trait SoapService: Send + Sync + 'static {
    /// Where its requests are written down.
    const SERVICE: Service;
    /// Whether clients can know its actions.
    const WSDL: Wsdl;

    /// The operation that a payload asks for.
    fn operation(&self, payload: Element<'_>) -> Option<Operation>;

    /// The envelope that answers.
    fn answer(&self, call: &Call<'_>) -> Result<String, Refusal>;
}

/// Whether a service's WSDL is published.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wsdl {
    Public,
    NotPublic,
}

/// A message that is SOAP and names an operation of the service. Nothing in it is verified.
pub(crate) struct Call<'c> {
    pub(crate) message: &'c [u8],
    pub(crate) envelope: Envelope<'c>,
    pub(crate) payload: Element<'c>,
    pub(crate) peer: &'c Certificate,
    pub(crate) received_at: SystemTime,
}

/// What the sender is told, and what only the journal keeps.
pub(crate) struct Refusal {
    fault: Box<Fault>,
    operation: &'static str,
    reason: Reason,
}

impl Refusal {
    /// A refusal by the platform.
    pub(crate) fn new(told: Soa, reason: Reason) -> Self {
        Self::with_fault(told.fault(), reason)
    }

    /// What the sender is told.
    #[cfg(test)]
    pub(crate) const fn fault(&self) -> &Fault {
        &self.fault
    }

    /// A refusal with a fault of the service's own.
    pub(crate) fn with_fault(fault: Fault, reason: Reason) -> Self {
        Self { fault: Box::new(fault), operation: UNKNOWN, reason }
    }

    /// Of a message that was not authenticated: which rule it broke helps a forger, so the sender is not told.
    pub(crate) fn not_authenticated(error: &ksz_wss::Error) -> Self {
        Self::new(Soa::NotAuthenticated, Reason::new(Some(error.class()), error))
    }

    /// Of a payload that is not as its schema says.
    pub(crate) fn not_schema(error: &ksz_soap::Error) -> Self {
        Self::new(Soa::NotSchema, Reason::new(Some(error.class()), error))
    }

    /// Of a call that the service should have answered.
    pub(crate) fn failed<E: std::fmt::Debug + std::fmt::Display>(error: &E) -> Self {
        Self::new(Soa::Failed, Reason::new(None, error))
    }
}

const UNKNOWN: &str = "unknown";

/// What HTTP and WS-I say of a message, before its XML is read.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the SAML protocol's token service is out of use since October 2023")]
    Retired,
    #[error("the content type is not text/xml in UTF-8")]
    ContentType,
    #[error("there is no SOAPAction, expected {expected:?}")]
    NoAction { expected: &'static str },
    #[error("SOAPAction is not in quotes, expected {expected:?}")]
    ActionNotQuoted { expected: &'static str },
    #[error("SOAPAction is {found:?}, but the payload asks for {expected:?}")]
    ActionMismatch { found: String, expected: &'static str },
    #[error("{found:?} is no request of this service")]
    PayloadUnknown { found: String },
    #[error("it was to be refused")]
    Ordered,
}

impl Refused {
    fn told(self, soa: Soa) -> Refusal {
        Refusal::new(soa, Reason::new(Some(Class::Structure), &self))
    }
}

/// A route that answers `POST` by a service.
pub(crate) fn route<S: SoapService>(
    service: S,
    reception: Arc<Reception>,
    actions: SoapActions,
) -> MethodRouter {
    let service = Arc::new(service);
    post(move |Extension(peer): Extension<Certificate>, request: Request| {
        let (service, reception) = (service.clone(), reception.clone());
        async move {
            let received_at = reception.now();
            let (parts, message) = match body::read(request).await {
                Ok(read) => read,
                Err(unread) => {
                    let reason = Reason::new(None, &unread);
                    let status = unread.status();
                    reception.refused(S::SERVICE, UNKNOWN, received_at, status.as_str(), reason);
                    return status.into_response();
                }
            };
            // A large message is worth a thread of its own.
            let answered = tokio::task::spawn_blocking(move || {
                let interference = &*reception.interference;
                let how = How { actions, interference };
                let result = answer(&*service, &how, &parts.headers, &message, &peer, received_at);
                written(S::SERVICE, &reception, received_at, result)
            });
            answered.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
        }
    })
}

/// A route for the old token service of the eHealth platform, which is out of use: whatever comes is refused.
pub(crate) fn retired_route(reception: Arc<Reception>) -> MethodRouter {
    post(move || async move {
        let refusal = Refused::Retired.told(Soa::Retired);
        written(Service::Ehealth, &reception, reception.now(), Err(refusal))
    })
}

/// The answer as HTTP wants it, after it was written down.
fn written(
    service: Service,
    reception: &Reception,
    received_at: SystemTime,
    result: Result<(&'static str, String), Refusal>,
) -> Response {
    let (status, envelope) = match result {
        Ok((operation, envelope)) => {
            reception.accepted(service, operation, received_at);
            (StatusCode::OK, envelope)
        }
        Err(Refusal { fault, operation, reason }) => {
            reception.refused(service, operation, received_at, fault.service_code(), reason);
            (StatusCode::INTERNAL_SERVER_ERROR, write_envelope(&fault.to_xml()))
        }
    };
    (status, [(CONTENT_TYPE, "text/xml; charset=utf-8")], envelope).into_response()
}

/// What was set for all services.
struct How<'h> {
    actions: SoapActions,
    interference: &'h (dyn Fn(&str, &[u8]) -> Treatment + Send + Sync),
}

fn answer<S: SoapService>(
    service: &S,
    how: &How<'_>,
    headers: &HeaderMap,
    message: &[u8],
    peer: &Certificate,
    received_at: SystemTime,
) -> Result<(&'static str, String), Refusal> {
    check_content_type(headers)?;
    let document = Document::parse(message, &Limits::default())
        .map_err(|error| Refusal::new(Soa::Malformed, Reason::new(Some(error.class()), &error)))?;
    let envelope = Envelope::find(&document).map_err(|error| not_envelope(&document, &error))?;
    let payload = envelope.payload().map_err(|error| Refusal::not_schema(&error))?;
    let operation = service.operation(payload).ok_or_else(|| {
        let found = payload.qualified_name().chars().take(100).collect();
        Refused::PayloadUnknown { found }.told(Soa::NotWsdl)
    })?;
    let during = |refusal: Refusal| Refusal { operation: operation.name, ..refusal };
    check_action(how.actions, S::WSDL, headers, operation)
        .map_err(|error| during(error.told(Soa::NotWsI)))?;
    if (how.interference)(operation.name, message) == Treatment::NotAuthenticated {
        let reason = Reason::new(None, &Refused::Ordered);
        return Err(during(Refusal::new(Soa::NotAuthenticated, reason)));
    }
    let call = Call { message, envelope, payload, peer, received_at };
    let envelope = service.answer(&call).map_err(during)?;
    Ok((operation.name, envelope))
}

/// `text/xml`, in UTF-8 if it says (WS-I Basic Profile 1.1 R1012, R1115).
fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let is_xml = parts.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("text/xml"));
    let is_utf_8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    if is_xml && is_utf_8 { Ok(()) } else { Err(Refused::ContentType.told(Soa::NotSoap)) }
}

fn not_envelope(document: &Document<'_>, error: &ksz_soap::Error) -> Refusal {
    let has_body = document.root().children().any(|child| child.is(ksz_soap::names::SOAP_11, "Body"));
    let told = match error {
        ksz_soap::Error::NotEnvelope { .. } | ksz_soap::Error::VersionNotAllowed { .. } => Soa::NotSoap,
        ksz_soap::Error::EnvelopeShape { .. } if !has_body => Soa::NoBody,
        _ => Soa::NotWsI,
    };
    Refusal::new(told, Reason::new(Some(error.class()), error))
}

/// Compares `SOAPAction` with the payload: a gateway that goes by the one and a service that goes by the other
/// would not do the same (CVE-2012-3451).
fn check_action(
    rule: SoapActions,
    wsdl: Wsdl,
    headers: &HeaderMap,
    operation: Operation,
) -> Result<(), Refused> {
    let expected = operation.action;
    let header = headers.get("soapaction").map(|value| String::from_utf8_lossy(value.as_bytes()));
    let quoted = header.as_deref().and_then(|text| text.strip_prefix('"')?.strip_suffix('"'));
    let mismatch =
        |found: &str| Refused::ActionMismatch { found: found.chars().take(200).collect(), expected };
    match (rule, wsdl) {
        (SoapActions::Ignored, _) => Ok(()),
        (SoapActions::Published, Wsdl::NotPublic) => {
            let found = quoted.or(header.as_deref()).unwrap_or_default();
            if found != expected && is_known(found) { Err(mismatch(found)) } else { Ok(()) }
        }
        (SoapActions::Published, Wsdl::Public) | (SoapActions::Exact, _) => match (header.as_deref(), quoted)
        {
            (None, _) => Err(Refused::NoAction { expected }),
            (Some(_), None) => Err(Refused::ActionNotQuoted { expected }),
            (Some(_), Some(found)) if found != expected => Err(mismatch(found)),
            (Some(_), Some(_)) => Ok(()),
        },
    }
}

/// Whether it is the action of an operation that is simulated.
fn is_known(action: &str) -> bool {
    let published = [Operation::SEND_TEST_MESSAGE, Operation::REQUEST_SECURITY_TOKEN, Operation::CHALLENGE];
    published
        .into_iter()
        .chain(IntegrationTest::ALL.map(IntegrationTest::operation))
        .any(|operation| operation.action == action)
}

/// Reads the payload of a verified Body: the octets that were signed, not the message they came in.
pub(crate) fn verified_payload<S, T, E: From<ksz_soap::Error>>(
    message: &VerifiedMessage<S>,
    read: impl FnOnce(Element<'_>) -> Result<T, E>,
    refuse: impl FnOnce(&E) -> Refusal,
) -> Result<T, Refusal> {
    let payload = || {
        let document = message.body().document().map_err(ksz_soap::Error::from)?;
        read(payload_of(document.root())?)
    };
    payload().map_err(|error| refuse(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: &str = "http://kszbcss.fgov.be/TestConnectionServiceService/sendTestMessage";

    fn outcome(rule: SoapActions, wsdl: Wsdl, value: Option<&str>) -> String {
        let mut headers = HeaderMap::new();
        if let Some(value) = value {
            headers.insert("soapaction", value.parse().unwrap());
        }
        match check_action(rule, wsdl, &headers, Operation::SEND_TEST_MESSAGE) {
            Ok(()) => "ok".into(),
            Err(error) => ksz_error::reason(&error),
        }
    }

    #[test]
    fn a_published_action_must_be_that_of_the_payload_and_in_quotes() {
        let exact = |value: Option<&str>| outcome(SoapActions::Published, Wsdl::Public, value);

        assert_eq!(exact(Some(&format!("\"{EXPECTED}\""))), "ok");
        assert_eq!(exact(None), "NoAction");
        assert_eq!(exact(Some(EXPECTED)), "ActionNotQuoted");
        assert_eq!(exact(Some("\"\"")), "ActionMismatch");
        assert_eq!(exact(Some(&format!("\"{EXPECTED} \""))), "ActionMismatch");
        assert_eq!(outcome(SoapActions::Ignored, Wsdl::Public, None), "ok");
    }

    #[test]
    fn where_no_wsdl_is_public_only_the_action_of_another_operation_is_refused() {
        let lenient = |value: Option<&str>| outcome(SoapActions::Published, Wsdl::NotPublic, value);
        let other = Operation::CHALLENGE.action;

        assert_eq!(lenient(None), "ok");
        assert_eq!(lenient(Some("\"\"")), "ok");
        assert_eq!(lenient(Some("\"urn:anything\"")), "ok");
        assert_eq!(lenient(Some(&format!("\"{other}\""))), "ActionMismatch");
        assert_eq!(lenient(Some(other)), "ActionMismatch");
        assert_eq!(outcome(SoapActions::Exact, Wsdl::NotPublic, None), "NoAction");
    }

    #[test]
    fn only_xml_in_utf_8_is_taken() {
        let accepted = |value: &str| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, value.parse().unwrap())]);
            check_content_type(&headers).is_ok()
        };

        for good in ["text/xml", "Text/XML; charset=UTF-8", "text/xml;charset=\"utf-8\"; action=\"x\""] {
            assert!(accepted(good), "{good}");
        }
        for bad in ["", "text/html", "application/soap+xml", "text/xml; charset=iso-8859-1"] {
            assert!(!accepted(bad), "{bad}");
        }
    }
}
