//! The authorization server: its metadata (RFC 8414) and its token endpoint (RFC 6749 section 4.4) for clients
//! that authenticate with a signed assertion (RFC 7523).

use crate::configuration::TOKEN_PATH;
use crate::journal::{Reason, Reception, Service};
use crate::{body, fresh};
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, StatusCode};
use ksz_oauth::{ClientId, Issuer, JwtAccessToken, ReplayStore, Scope, VerifiedClientAssertion};
use ksz_pki::{PublicKey, SigningKey};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use url::form_urlencoded;

const METADATA_PATH: &str = "/.well-known/oauth-authorization-server";
const GRANT_TYPE: &str = "client_credentials";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Token requests are far smaller.
const LARGEST_FORM: usize = 64 * 1024;
/// How long a token is valid, in seconds.
const LIFETIME: u64 = 600;

/// One server with one client.
pub(crate) struct AuthorizationServer {
    pub(crate) issuer: Issuer,
    pub(crate) client_id: ClientId,
    pub(crate) client_keys: Vec<PublicKey>,
    pub(crate) key: SigningKey,
    /// The name of the REST services in `aud`.
    pub(crate) audience: String,
    /// What the client gets if it asks for nothing, and at most.
    pub(crate) scope: Scope,
    pub(crate) used: Mutex<ReplayStore>,
    pub(crate) reception: Arc<Reception>,
}

/// What the client is told (RFC 6749 section 5.2), and what only the journal keeps.
struct Refusal {
    error: &'static str,
    description: &'static str,
    reason: Reason,
}

/// Why a form is refused, before its assertion is looked at.
#[derive(Debug, thiserror::Error)]
enum Denied {
    #[error("the content type is not application/x-www-form-urlencoded")]
    ContentType,
    #[error("the form is larger than {limit} octets")]
    FormTooLarge { limit: usize },
    #[error("a parameter occurs twice")]
    RepeatedParameter,
    #[error("there is no grant_type")]
    NoGrantType,
    #[error("grant_type is not client_credentials")]
    GrantType,
    #[error("there is no client_assertion")]
    NoAssertion,
    #[error("client_assertion_type is missing or another")]
    AssertionType,
    #[error("client_id is another than that of the assertion")]
    ClientIdMismatch,
    #[error("a scope was asked for that the client does not have")]
    ScopeNotGranted,
}

impl Denied {
    fn told(self, error: &'static str, description: &'static str) -> Refusal {
        Refusal { error, description, reason: Reason::new(None, &self) }
    }
}

impl AuthorizationServer {
    /// The routes of the server.
    pub(crate) fn router(self) -> Router {
        let server = Arc::new(self);
        let token = server.clone();
        let metadata = get(move || {
            let server = server.clone();
            async move {
                let received_at = server.reception.now();
                server.reception.accepted(Service::Oauth, "metadata", received_at);
                as_json(StatusCode::OK, &server.metadata())
            }
        });
        let token = post(move |request: Request| {
            let server = token.clone();
            async move { server.respond(request).await }
        });
        Router::new().route(METADATA_PATH, metadata).route(TOKEN_PATH, token)
    }

    fn token_endpoint(&self) -> String {
        format!("{}{TOKEN_PATH}", self.issuer)
    }

    fn metadata(&self) -> Value {
        json!({
            "issuer": self.issuer.as_str(),
            "token_endpoint": self.token_endpoint(),
            "grant_types_supported": [GRANT_TYPE],
            "response_types_supported": [],
            "scopes_supported": self.scope.iter().collect::<Vec<_>>(),
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
        })
    }

    async fn respond(&self, request: Request) -> Response {
        let received_at = self.reception.now();
        let refused = |answer: &str, reason| {
            self.reception.refused(Service::Oauth, "token", received_at, answer, reason);
        };
        let (parts, form) = match body::read(request).await {
            Ok(read) => read,
            Err(unread) => {
                refused(unread.status().as_str(), Reason::new(None, &unread));
                return unread.status().into_response();
            }
        };
        let mut response = match self.grant(&parts.headers, &form, received_at) {
            Ok(token) => {
                self.reception.accepted(Service::Oauth, "token", received_at);
                as_json(StatusCode::OK, &token)
            }
            Err(Refusal { error, description, reason }) => {
                refused(error, reason);
                refusal(error, description)
            }
        };
        // RFC 6749 section 5.1.
        response.headers_mut().insert(CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
        response.headers_mut().insert(PRAGMA, http::HeaderValue::from_static("no-cache"));
        response
    }

    /// The answer to a token request.
    fn grant(&self, headers: &HeaderMap, form: &[u8], now: SystemTime) -> Result<Value, Refusal> {
        let parameters = parameters(headers, form)?;
        let parameter = |name: &str| parameters.get(name).map(String::as_str);
        match parameter("grant_type") {
            Some(GRANT_TYPE) => {}
            Some(_) => return Err(Denied::GrantType.told("unsupported_grant_type", "use client_credentials")),
            None => return Err(Denied::NoGrantType.told("invalid_request", "grant_type is missing")),
        }
        let client = self.authenticate(&parameter, now)?;
        let scope = self.scope(parameter("scope"))?;
        let failed = |reason| Refusal { error: "server_error", description: "no token can be made", reason };
        let jti = fresh::uuid().map_err(|error| failed(Reason::new(None, &error)))?;
        let token = JwtAccessToken::new(self.issuer.clone(), &*self.audience, client)
            .scope(scope.clone())
            .lifetime(std::time::Duration::from_secs(LIFETIME))
            .and_then(|token| token.sign(&self.key, &jti, now))
            .map_err(|error| failed(Reason::new(None, &error)))?;
        Ok(json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "scope": scope.to_string(),
        }))
    }

    /// Accepts the client by its assertion, each of which counts once.
    fn authenticate<'p>(
        &self,
        parameter: &impl Fn(&str) -> Option<&'p str>,
        now: SystemTime,
    ) -> Result<ClientId, Refusal> {
        let told = |denied: Denied| denied.told("invalid_client", "the client did not authenticate");
        let assertion = parameter("client_assertion").ok_or_else(|| told(Denied::NoAssertion))?;
        if parameter("client_assertion_type") != Some(ASSERTION_TYPE) {
            return Err(told(Denied::AssertionType));
        }
        let keys = |client: &ClientId| {
            if *client == self.client_id { self.client_keys.as_slice() } else { &[] }
        };
        let audiences = [&*self.token_endpoint(), self.issuer.as_str()];
        let verified =
            VerifiedClientAssertion::verify(assertion, keys, &audiences, now).and_then(|verified| {
                let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
                used.accept(&verified, now).map(|()| verified)
            });
        let verified = verified.map_err(|error| Refusal {
            error: "invalid_client",
            description: "the client did not authenticate",
            reason: Reason::new(None, &error),
        })?;
        if parameter("client_id").is_some_and(|client| client != verified.client_id().as_str()) {
            return Err(told(Denied::ClientIdMismatch));
        }
        Ok(verified.client_id().clone())
    }

    fn scope(&self, asked_for: Option<&str>) -> Result<Scope, Refusal> {
        let Some(text) = asked_for else { return Ok(self.scope.clone()) };
        let told =
            |reason| Refusal { error: "invalid_scope", description: "the scope is not granted", reason };
        let scope: Scope = text.parse().map_err(|error| told(Reason::new(None, &error)))?;
        if scope.missing_in(&self.scope).is_empty() {
            Ok(scope)
        } else {
            Err(told(Reason::new(None, &Denied::ScopeNotGranted)))
        }
    }
}

/// The parameters of a form; those without a value count as absent (RFC 6749 section 3.2).
fn parameters(headers: &HeaderMap, form: &[u8]) -> Result<HashMap<String, String>, Refusal> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Denied::ContentType.told("invalid_request", "send a form"));
    }
    if form.len() > LARGEST_FORM {
        let denied = Denied::FormTooLarge { limit: LARGEST_FORM };
        return Err(denied.told("invalid_request", "the form is too large"));
    }
    let mut parameters = HashMap::new();
    for (name, value) in form_urlencoded::parse(form) {
        if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Denied::RepeatedParameter.told("invalid_request", "a parameter occurs twice"));
        }
    }
    parameters.retain(|_, value| !value.is_empty());
    Ok(parameters)
}

/// The answer to a request that is refused. A status 401 names a challenge (RFC 9110 section 15.5.2), though no
/// scheme is registered for assertions.
fn refusal(error: &'static str, description: &'static str) -> Response {
    const CHALLENGE: (HeaderName, &str) = (WWW_AUTHENTICATE, "Bearer realm=\"token\"");
    let document = json!({ "error": error, "error_description": description });
    match error {
        "invalid_client" => {
            let mut response = as_json(StatusCode::UNAUTHORIZED, &document);
            response.headers_mut().insert(CHALLENGE.0, http::HeaderValue::from_static(CHALLENGE.1));
            response
        }
        "server_error" => as_json(StatusCode::INTERNAL_SERVER_ERROR, &document),
        _ => as_json(StatusCode::BAD_REQUEST, &document),
    }
}

fn as_json(status: StatusCode, document: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], document.to_string()).into_response()
}
