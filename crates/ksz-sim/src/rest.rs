//! KSZ REST services behind an access token, with the problems and headers of the Belgif REST guide.

use crate::fresh;
use crate::journal::{Reason, Reception, Service};
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use ksz_oauth::{AccessTokenProblem, ResourceServer};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::SystemTime;

const TRACE_ID: HeaderName = HeaderName::from_static("belgov-trace-id");
const RELATED_TRACE_ID: HeaderName = HeaderName::from_static("belgov-related-trace-id");
/// The longest trace identifier that the guide allows.
const LONGEST_TRACE_ID: usize = 36;
const HEALTH: &str = "health";
const REALM: &str = "Bearer realm=\"ksz-sim\"";

/// The services, each with its health.
pub(crate) struct RestServices {
    pub(crate) tokens: ResourceServer,
    /// The services by the first part of their path.
    pub(crate) apis: Vec<&'static str>,
    pub(crate) reception: Arc<Reception>,
}

/// The scope that a service requires of its callers.
pub(crate) fn scope_of(api: &str) -> String {
    format!("scope:cbss:api:{api}:consult")
}

/// A problem document (RFC 9457) with what goes into its headers.
struct Problem {
    name: &'static str,
    status: StatusCode,
    title: &'static str,
    detail: String,
    challenge: Option<String>,
    required_scope: Option<String>,
}

/// What was asked for and is not there.
#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("there is no such resource")]
    ResourceNotFound,
    #[error("the method is not GET")]
    MethodNotAllowed,
}

impl RestServices {
    /// The routes of the services.
    pub(crate) fn router(self) -> Router {
        let services = Arc::new(self);
        Router::new().fallback(move |request: Request| {
            let services = services.clone();
            async move { services.respond(request.method(), request.uri().path(), request.headers()) }
        })
    }

    fn respond(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        let received_at = self.reception.now();
        let Ok(trace) = fresh::uuid() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
        let refused = |operation, answer: &str, reason| {
            self.reception.refused(Service::KszRest, operation, received_at, answer, reason);
        };
        let mut response = match self.api(path) {
            None => {
                refused("unknown", "resourceNotFound", Reason::new(None, &Unanswered::ResourceNotFound));
                not_found(path).response(&trace)
            }
            Some(_) if method != Method::GET => {
                refused(HEALTH, "405", Reason::new(None, &Unanswered::MethodNotAllowed));
                (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET")]).into_response()
            }
            Some(api) => match self.health(api, headers, received_at) {
                Ok(health) => {
                    self.reception.accepted(Service::KszRest, HEALTH, received_at);
                    ([(CONTENT_TYPE, "application/json")], health.to_string()).into_response()
                }
                Err(error) => {
                    let problem = refused_token(&error, api);
                    refused(HEALTH, problem.name, Reason::new(None, &error));
                    problem.response(&trace)
                }
            },
        };
        if let Ok(trace) = HeaderValue::try_from(trace) {
            response.headers_mut().insert(TRACE_ID, trace);
        }
        if let Some(related) = headers.get(TRACE_ID).filter(|value| is_trace_id(value)) {
            response.headers_mut().insert(RELATED_TRACE_ID, related.clone());
        }
        response
    }

    /// The service whose health a path is: `/{api}/v1/health`.
    fn api(&self, path: &str) -> Option<&'static str> {
        let api = path.strip_prefix('/')?.strip_suffix("/v1/health")?;
        self.apis.iter().copied().find(|known| *known == api)
    }

    fn health(&self, api: &str, headers: &HeaderMap, now: SystemTime) -> Result<Value, ksz_oauth::Error> {
        let token = self.tokens.verify_request(headers, now)?;
        token.require_scope(&scope_of(api).parse()?)?;
        Ok(json!({ "status": "UP" }))
    }
}

fn is_trace_id(value: &HeaderValue) -> bool {
    (1..=LONGEST_TRACE_ID).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic)
}

fn refused_token(error: &ksz_oauth::Error, api: &str) -> Problem {
    let problem = AccessTokenProblem::from(error);
    let (status, title, detail, challenge) = match problem {
        AccessTokenProblem::Missing => {
            (StatusCode::UNAUTHORIZED, "No Access Token", "the request carries no bearer token", "")
        }
        AccessTokenProblem::Expired => (
            StatusCode::UNAUTHORIZED,
            "Expired Access Token",
            "the bearer token is over",
            ", error=\"invalid_token\", error_description=\"the token expired\"",
        ),
        AccessTokenProblem::MissingScope => (
            StatusCode::FORBIDDEN,
            "Missing Scope",
            "the bearer token lacks a scope",
            ", error=\"insufficient_scope\"",
        ),
        _ => (
            StatusCode::UNAUTHORIZED,
            "Invalid Access Token",
            "the bearer token is not accepted",
            ", error=\"invalid_token\"",
        ),
    };
    let required_scope = (problem == AccessTokenProblem::MissingScope).then(|| scope_of(api));
    let scope = required_scope.iter().map(|scope| format!(", scope=\"{scope}\"")).collect::<String>();
    Problem {
        name: problem.as_str(),
        status,
        title,
        detail: detail.into(),
        challenge: Some(format!("{REALM}{challenge}{scope}")),
        required_scope,
    }
}

fn not_found(path: &str) -> Problem {
    let path: String = path.chars().take(200).collect();
    Problem {
        name: "resourceNotFound",
        status: StatusCode::NOT_FOUND,
        title: "Resource Not Found",
        detail: format!("no resource {path} found"),
        challenge: None,
        required_scope: None,
    }
}

impl Problem {
    fn response(&self, trace: &str) -> Response {
        let name = self.name;
        let mut document = json!({
            "type": format!("urn:problem-type:belgif:{name}"),
            "href": format!("https://www.belgif.be/specification/rest/api-guide/problems/{name}.html"),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "instance": format!("urn:uuid:{trace}"),
        });
        if let Some(scope) = &self.required_scope {
            document["requiredScopes"] = json!([scope]);
        }
        let media_type = [(CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, media_type, document.to_string()).into_response();
        if let Some(challenge) = self.challenge.as_ref().and_then(|text| HeaderValue::from_str(text).ok()) {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
