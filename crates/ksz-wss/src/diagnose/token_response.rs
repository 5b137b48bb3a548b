//! What is wrong with a token service's answer.

use super::cause::Cause;
use super::examination::Examination;
use super::finding::Certainty::Proven;
use super::shown;
use super::signature::child;
use crate::verify::holds_another;
use ksz_xml::Element;

impl<'d> Examination<'_, 'd, '_> {
    /// The token of the answer, and whether it is the answer to the request.
    pub(super) fn token_response(&mut self) {
        let root = self.document.root();
        self.envelope(root);
        let payload = child(root, "Body").and_then(|body| body.children().next());
        let response = match payload {
            Some(collection) if collection.local_name() == "RequestSecurityTokenResponseCollection" => {
                collection.children().next()
            }
            other => other,
        };
        let Some(response) =
            response.filter(|response| response.local_name() == "RequestSecurityTokenResponse")
        else {
            let found = payload.map_or("nothing", Element::local_name);
            self.not_a_token(payload.unwrap_or(root), "one RequestSecurityTokenResponse", found);
            return;
        };
        if let Some(expected) = &self.options.context {
            let found = response.attribute("", "Context").unwrap_or_default();
            if found != expected {
                let expected = format!("the context {:?}", shown::name(expected));
                let found = format!("{:?}", shown::name(found));
                self.not_a_token(response, &expected, &found);
            }
        }
        let requested = child(response, "RequestedSecurityToken");
        let Some(assertion) = requested.and_then(|requested| child(requested, "Assertion")) else {
            let found = if child(response, "SignChallenge").is_some() { "a challenge" } else { "no token" };
            self.not_a_token(response, "one Assertion in RequestedSecurityToken", found);
            return;
        };
        if holds_another(assertion) {
            self.not_a_token(assertion, "one Assertion in RequestedSecurityToken", "one inside another");
        }
        let holder = self.assertion(Some(assertion));
        if let (Some(own), Some(holder)) = (self.options.certificates.first(), holder)
            && own.spki_der() != holder.spki_der()
        {
            let expected = format!("the key of {}", own.display_subject());
            let cause = Cause::HolderMismatch { holder: holder.display_subject() };
            let place = self.report.at(assertion);
            self.report.add(
                cause,
                Proven,
                place,
                expected,
                format!("the key of {}", holder.display_subject()),
            );
        }
    }

    fn not_a_token(&mut self, at: Element<'d>, expected: &str, found: &str) {
        let cause = Cause::TokenResponse { detail: shown::name(found) };
        let place = self.report.at(at);
        self.report.add(cause, Proven, place, expected, shown::name(found));
    }
}
