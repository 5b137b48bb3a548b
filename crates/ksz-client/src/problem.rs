use serde_json::{Map, Value};
use std::fmt;

/// A problem of a REST service (RFC 9457, and the Belgif problem types).
///
/// Programs decide by [`kind`](Self::kind); title and detail are for people and vary.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// Its type, `about:blank` if it has none.
    pub problem_type: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// A title for people.
    pub title: Option<String>,
    /// What happened, for people.
    pub detail: Option<String>,
    /// By what the service desk finds it.
    pub instance: Option<String>,
    /// Everything else it says, in order.
    pub members: Map<String, Value>,
}

/// The problem types that Belgif standardises.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The request is not valid; `issues` says where.
    BadRequest,
    /// The request has no access token.
    NoAccessToken,
    /// The access token is not valid.
    InvalidAccessToken,
    /// The access token has expired.
    ExpiredAccessToken,
    /// The access token lacks a scope.
    MissingScope,
    /// The client has no permission.
    MissingPermission,
    /// There is no such resource.
    ResourceNotFound,
    /// The request is too large.
    PayloadTooLarge,
    /// The client asks too often.
    TooManyRequests,
    /// The client fails too often.
    TooManyFailedRequests,
    /// The service failed.
    InternalServerError,
    /// A service behind it failed.
    BadGateway,
    /// The service is not available.
    ServiceUnavailable,
    /// A type of the service itself, or one that is not known here.
    Other,
}

const BELGIF: &str = "urn:problem-type:belgif:";

impl Problem {
    /// Reads a problem document. The status of the answer counts, whatever the document says.
    ///
    /// Gives nothing if the body is no JSON object; members of a wrong type count as absent.
    #[must_use]
    pub fn read(status: u16, body: &[u8]) -> Option<Self> {
        let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else { return None };
        let mut text = |name: &str| match members.shift_remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let problem_type = text("type").unwrap_or_else(|| "about:blank".into());
        let (title, detail, instance) = (text("title"), text("detail"), text("instance"));
        members.shift_remove("status");
        Some(Self { problem_type, status, title, detail, instance, members })
    }

    /// Which of the standardised types it is.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        match self.problem_type.strip_prefix(BELGIF) {
            Some("badRequest") => ProblemKind::BadRequest,
            Some("noAccessToken") => ProblemKind::NoAccessToken,
            Some("invalidAccessToken") => ProblemKind::InvalidAccessToken,
            Some("expiredAccessToken") => ProblemKind::ExpiredAccessToken,
            Some("missingScope") => ProblemKind::MissingScope,
            Some("missingPermission") => ProblemKind::MissingPermission,
            Some("resourceNotFound") => ProblemKind::ResourceNotFound,
            Some("payloadTooLarge") => ProblemKind::PayloadTooLarge,
            Some("tooManyRequests") => ProblemKind::TooManyRequests,
            Some("tooManyFailedRequests") => ProblemKind::TooManyFailedRequests,
            Some("internalServerError") => ProblemKind::InternalServerError,
            Some("badGateway") => ProblemKind::BadGateway,
            Some("serviceUnavailable") => ProblemKind::ServiceUnavailable,
            _ => ProblemKind::Other,
        }
    }

    /// Whether a fresh token may help.
    #[must_use]
    pub fn wants_fresh_token(&self) -> bool {
        matches!(self.kind(), ProblemKind::InvalidAccessToken | ProblemKind::ExpiredAccessToken)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "problem {} (status {})", self.problem_type, self.status)?;
        if let Some(text) = self.detail.as_ref().or(self.title.as_ref()) {
            let text: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
            write!(f, ": {text}")?;
        }
        match &self.instance {
            Some(instance) => write!(f, " [{instance}]"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_typed_and_keeps_what_it_says_besides() {
        let body = br#"{"type":"urn:problem-type:belgif:missingScope","status":200,"title":"t","requiredScopes":["a"]}"#;
        let problem = Problem::read(403, body).unwrap();
        assert_eq!((problem.kind(), problem.status), (ProblemKind::MissingScope, 403));
        assert_eq!(problem.members["requiredScopes"][0], "a");
        assert!(!problem.wants_fresh_token());
    }

    #[test]
    fn an_unknown_or_broken_problem_is_still_one() {
        assert_eq!(Problem::read(500, b"{}").unwrap().problem_type, "about:blank");
        let own = br#"{"type":"urn:problem-type:cbss:socialStatus:tooWide","title":7}"#;
        assert_eq!(Problem::read(400, own).unwrap().kind(), ProblemKind::Other);
        assert_eq!(Problem::read(500, b"<html>"), None);
    }
}
