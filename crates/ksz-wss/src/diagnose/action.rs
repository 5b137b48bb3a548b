//! What the message asks for: whether the action says the same, and whether a token request repeats a claim.

use super::cause::Cause;
use super::examination::Examination;
use super::finding::Certainty::{self, Likely, Possible, Proven};
use super::shown;
use super::signature::child;
use ksz_soap::{IntegrationTest, Operation, names};
use ksz_xml::Element;
use std::collections::HashSet;

impl Examination<'_, '_, '_> {
    /// The action against the payload.
    pub(super) fn action(&mut self) {
        let Some(sent) = &self.options.soap_action else { return };
        let sent = sent.trim().trim_matches('"').to_owned();
        let payload = child(self.document.root(), "Body").and_then(|body| body.children().next());
        let Some(payload) = payload else { return };
        let Some((expected, certainty)) = expected_action(payload) else {
            let operation = payload.local_name().trim_end_matches("Request");
            let last = sent.rsplit([':', '/', '#']).next().unwrap_or_default();
            if !last.eq_ignore_ascii_case(operation) && !last.eq_ignore_ascii_case(payload.local_name()) {
                let expected = format!("an action of {}", shown::name(payload.local_name()));
                self.tell_action(payload, expected, &sent, Possible);
            }
            return;
        };
        if sent != expected {
            self.tell_action(payload, expected, &sent, certainty);
        }
    }

    fn tell_action(&mut self, payload: Element<'_>, expected: String, sent: &str, certainty: Certainty) {
        let found = shown::name(sent);
        let cause = Cause::SoapAction { expected: expected.clone(), found: found.clone() };
        let place = self.report.at(payload);
        self.report.add(cause, certainty, place, expected, format!("{found:?}"));
    }

    /// Claims of a token request that occur twice.
    pub(super) fn claims(&mut self) {
        let mut seen = HashSet::new();
        let document = self.document;
        let body = child(document.root(), "Body");
        let claims =
            body.into_iter().flat_map(Element::descendants).filter(|e| e.local_name() == "ClaimType");
        let mut repeated = Vec::new();
        for claim in claims {
            if let Some(uri) = claim.attribute("", "Uri")
                && !seen.insert(uri)
            {
                repeated.push((uri, claim));
            }
        }
        for (uri, claim) in repeated.into_iter().take(4) {
            let uri = shown::name(uri);
            let place = self.report.at(claim);
            let cause = Cause::RepeatedClaim { uri: uri.clone() };
            self.report.add(cause, Proven, place, "each claim once", format!("{uri} once more"));
        }
    }
}

/// The action of a payload, as the documents give it, or as the pattern of its service makes it.
fn expected_action(payload: Element<'_>) -> Option<(String, Certainty)> {
    let (namespace, name) = (payload.namespace(), payload.local_name());
    let known = |operation: Operation| Some((operation.action.to_owned(), Proven));
    match (namespace, name) {
        (names::TEST_CONNECTION, "sendTestMessageRequest") => return known(Operation::SEND_TEST_MESSAGE),
        (names::WS_TRUST, "RequestSecurityToken") => return known(Operation::REQUEST_SECURITY_TOKEN),
        (names::WS_TRUST, "RequestSecurityTokenResponse") => return known(Operation::CHALLENGE),
        (names::INTEGRATION_TEST, _) => {
            let test = IntegrationTest::ALL.into_iter().find(|test| test.request_name() == name)?;
            return Some((test.operation().action.to_owned(), Possible));
        }
        _ => {}
    }
    let service = namespace.strip_prefix("http://kszbcss.fgov.be/intf/")?.split('/').next()?;
    let operation = name.strip_suffix("Request")?;
    Some((format!("http://kszbcss.fgov.be/{service}/{operation}"), Likely))
}
