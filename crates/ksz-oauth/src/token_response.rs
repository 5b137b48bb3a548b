use crate::client::is_visible;
use crate::json::Members;
use crate::response::{object, retry_after, unexpected};
use crate::{Error, Scope, TokenRequest};
use http::{HeaderValue, StatusCode};
use ksz_error::excerpt;
use serde_json::Value;
use std::fmt;
use std::time::{Duration, SystemTime};
use zeroize::Zeroizing;

const DOCUMENT: &str = "token response";
/// How long a token is used if the server does not say.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);
/// How long a token is used at most, whatever the server says.
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A bearer token (RFC 6750) and what is known of it. The token is opaque to a client: nothing in it is read.
///
/// It is wiped when dropped and does not print.
#[derive(Clone)]
pub struct AccessToken {
    value: Zeroizing<String>,
    expires_at: SystemTime,
    scope: Option<Scope>,
}

impl AccessToken {
    /// Reads the answer to a token request (RFC 6749 sections 5.1 and 5.2).
    ///
    /// `requested_at` is the time before the request was sent; the lifetime counts from it, so that the token
    /// ends here before it ends there. Without `expires_in` it is used for 60 seconds; a lifetime beyond 24 hours
    /// is cut to 24 hours, and one of zero or less is refused. Members with `null` count as absent.
    ///
    /// # Errors
    ///
    /// - [`Error::Refused`] if the server answers with an OAuth error; for `invalid_client` the message names the
    ///   audience that was sent.
    /// - [`Error::UnexpectedResponse`] if the answer is neither a token nor an OAuth error.
    /// - [`Error::TooLarge`] beyond 64 KiB, [`Error::RepeatedMember`], [`Error::MemberMissing`],
    ///   [`Error::MemberType`], [`Error::ScopeMalformed`] if a member is not as it should be.
    /// - [`Error::TokenTypeNotAccepted`] if the token is no bearer token.
    /// - [`Error::TimeNotRepresentable`] if `requested_at` is at the end of time.
    pub fn parse(
        response: http::Response<Vec<u8>>,
        request: &TokenRequest,
        requested_at: SystemTime,
    ) -> Result<Self, Error> {
        let response = response.map(Zeroizing::new);
        match (response.status(), object(DOCUMENT, response.body())) {
            (_, Ok(members)) if members.has("error") => Err(refused(&response, members, request)?),
            (StatusCode::OK, Ok(members)) => granted(members, request, requested_at),
            (StatusCode::OK, Err(error @ (Error::TooLarge { .. } | Error::RepeatedMember { .. }))) => {
                Err(error)
            }
            _ => Err(unexpected(DOCUMENT, &response)),
        }
    }

    /// The value of the `Authorization` header (RFC 6750 section 2.1), marked as sensitive. It is the only way in
    /// which the token may be sent.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "a token is only made of visible ASCII")]
    pub fn authorization(&self) -> HeaderValue {
        let text = Zeroizing::new(format!("Bearer {}", *self.value));
        let mut value = HeaderValue::from_str(&text).expect("a token is only made of visible ASCII");
        value.set_sensitive(true);
        value
    }

    /// The token itself, for whoever must hand it to another program.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.value
    }

    /// When it ends.
    #[must_use]
    pub const fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// What was granted: what the server says, or what was asked for. `None` if both are silent, which means the
    /// client's default scopes.
    #[must_use]
    pub const fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// Refuses a token without the given scopes: a server may grant fewer than were asked for.
    ///
    /// # Errors
    ///
    /// [`Error::ScopeNotGranted`] with those that are missing, or with all of them if the grant is not known.
    pub fn require_scope(&self, required: &Scope) -> Result<(), Error> {
        require(required, self.scope.as_ref().unwrap_or(&Scope::default()))
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("expires_at", &self.expires_at)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

pub(crate) fn require(required: &Scope, granted: &Scope) -> Result<(), Error> {
    let missing = required.missing_in(granted);
    if missing.is_empty() { Ok(()) } else { Err(Error::ScopeNotGranted { missing: missing.to_string() }) }
}

fn granted(
    mut members: Members,
    request: &TokenRequest,
    requested_at: SystemTime,
) -> Result<AccessToken, Error> {
    let token_type = members.required_string("token_type")?;
    if !token_type.eq_ignore_ascii_case("Bearer") {
        return Err(Error::TokenTypeNotAccepted { token_type: excerpt(&token_type) });
    }
    let value = Zeroizing::new(members.required_string("access_token")?);
    if !is_visible(&value, usize::MAX) {
        return Err(members.wrong("access_token", "visible ASCII"));
    }
    let requested = (!request.requested_scope().is_empty()).then(|| request.requested_scope().clone());
    let scope = members.string("scope")?.map(|scope| scope.parse()).transpose()?.or(requested);
    let expires_at = requested_at.checked_add(lifetime(&mut members)?).ok_or(Error::TimeNotRepresentable)?;
    Ok(AccessToken { value, expires_at, scope })
}

/// Reads `expires_in`, which some servers write as a string.
fn lifetime(members: &mut Members) -> Result<Duration, Error> {
    let seconds = match members.take("expires_in") {
        None => return Ok(DEFAULT_LIFETIME),
        Some(Value::Number(number)) => match number.as_f64().map(Duration::try_from_secs_f64) {
            Some(Ok(lifetime)) => lifetime.as_secs(),
            _ => 0,
        },
        Some(Value::String(text)) if text.bytes().all(|c| c.is_ascii_digit()) && !text.is_empty() => {
            text.parse().unwrap_or(u64::MAX)
        }
        Some(_) => 0,
    };
    match seconds {
        0 => Err(members.wrong("expires_in", "a positive number of seconds")),
        seconds => Ok(Duration::from_secs(seconds).min(MAX_LIFETIME)),
    }
}

fn refused<B>(
    response: &http::Response<B>,
    mut members: Members,
    request: &TokenRequest,
) -> Result<Error, Error> {
    let mut text = |member| Ok::<_, Error>(members.string(member)?.map(|text| excerpt(&text)));
    Ok(Error::Refused {
        status: response.status().as_u16(),
        error: text("error")?.unwrap_or_default(),
        error_description: text("error_description")?,
        error_uri: text("error_uri")?,
        audience: request.audience()?,
        retry_after: retry_after(response),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClientId;
    use std::time::UNIX_EPOCH;

    const CANARY: &str = "canary-0123456789-canary";

    #[test]
    fn a_bearer_token_is_read() {
        let token =
            answer(200, r#"{"access_token":"a.b-c","token_type":"bearer","expires_in":600,"error":null}"#);

        let token = token.unwrap();
        assert_eq!(token.expose_secret(), "a.b-c");
        assert_eq!(token.expires_at(), now() + Duration::from_secs(600));
        assert_eq!(token.scope(), None);
        assert_eq!(token.authorization(), "Bearer a.b-c");
    }

    #[test]
    fn a_lifetime_is_safe_or_refused() {
        let seconds = |expires_in: &str| {
            let body = format!(r#"{{"access_token":"t","token_type":"Bearer"{expires_in}}}"#);
            answer(200, &body).map(|token| token.expires_at().duration_since(now()).unwrap().as_secs())
        };

        for (expires_in, expected) in [
            ("", 60),
            (r#","expires_in":null"#, 60),
            (r#","expires_in":"600""#, 600),
            (r#","expires_in":600.5"#, 600),
            (r#","expires_in":1000000000000000000"#, 86_400),
            (r#","expires_in":"99999999999999999999999""#, 86_400),
        ] {
            assert_eq!(seconds(expires_in), Ok(expected), "{expires_in}");
        }
        for expires_in in ["0", "-1", "1e300", "\"\"", "\"-5\"", "\"1e3\"", "[]", "true"] {
            assert_eq!(
                seconds(&format!(r#","expires_in":{expires_in}"#)),
                Err(wrong("expires_in", "a positive number of seconds")),
                "{expires_in}"
            );
        }
    }

    #[test]
    fn what_is_no_bearer_token_is_refused() {
        for (body, expected) in [
            (
                r#"{"access_token":"t","token_type":"mac"}"#,
                Error::TokenTypeNotAccepted { token_type: "mac".into() },
            ),
            (r#"{"access_token":"t"}"#, Error::MemberMissing { document: DOCUMENT, member: "token_type" }),
            (
                r#"{"token_type":"Bearer"}"#,
                Error::MemberMissing { document: DOCUMENT, member: "access_token" },
            ),
            (r#"{"access_token":7,"token_type":"Bearer"}"#, wrong("access_token", "a string")),
            (r#"{"access_token":"","token_type":"Bearer"}"#, wrong("access_token", "visible ASCII")),
            (r#"{"access_token":"a\r\nb: c","token_type":"Bearer"}"#, wrong("access_token", "visible ASCII")),
            (
                r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#,
                Error::RepeatedMember { document: DOCUMENT, member: "access_token".into() },
            ),
        ] {
            assert_eq!(answer(200, body).map(drop).unwrap_err(), expected);
        }
        assert_eq!(
            answer(200, &"x".repeat(5_000_000)).map(drop).unwrap_err(),
            Error::TooLarge { document: DOCUMENT, limit: 64 * 1024 }
        );
    }

    #[test]
    fn the_scope_is_what_the_server_says_or_what_was_asked_for() {
        let asked = request().scope("a b".parse().unwrap());
        let granted = |scope: &str| {
            let body = format!(r#"{{"access_token":"t","token_type":"Bearer"{scope}}}"#);
            AccessToken::parse(http::Response::new(body.into()), &asked, now()).unwrap()
        };
        let required = "a b".parse().unwrap();

        assert_eq!(granted("").require_scope(&required), Ok(()));
        assert_eq!(
            granted(r#","scope":"a""#).require_scope(&required),
            Err(Error::ScopeNotGranted { missing: "b".into() })
        );
    }

    #[test]
    fn a_refusal_keeps_its_words_and_the_audience() {
        let body = r#"{"error":"invalid_client","error_description":"bad aud","error_uri":null}"#;

        let error = answer(401, body).map(drop).unwrap_err();

        assert_eq!(
            error,
            Error::Refused {
                status: 401,
                error: "invalid_client".into(),
                error_description: Some("bad aud".into()),
                error_uri: None,
                audience: "https://as.example/token".into(),
                retry_after: None,
            }
        );
        assert!(error.to_string().contains("audience \"https://as.example/token\""));
    }

    #[test]
    fn a_page_of_a_gateway_keeps_its_status() {
        let unavailable = http::Response::builder().status(503).header("retry-after", "30");
        let response = unavailable.body(b"<h1>Service\x07 Unavailable</h1>".to_vec()).unwrap();
        assert_eq!(
            AccessToken::parse(response, &request(), now()).map(drop).unwrap_err(),
            Error::UnexpectedResponse {
                document: DOCUMENT,
                status: 503,
                excerpt: "<h1>Service Unavailable</h1>".into(),
                retry_after: Some(Duration::from_secs(30)),
            }
        );
        for (status, body) in
            [(307, ""), (200, "<html>"), (200, "[]"), (201, "{}"), (500, "{}"), (403, "null")]
        {
            let error = answer(status, body).map(drop).unwrap_err();
            assert!(matches!(error, Error::UnexpectedResponse { status: found, .. } if found == status));
        }
    }

    #[test]
    fn no_token_is_printed() {
        let body = format!(r#"{{"access_token":"{CANARY}","token_type":"Bearer"}}"#);
        let token = answer(200, &body).unwrap();
        assert!(!format!("{token:?} {:?} {:#?}", token.authorization(), token.clone()).contains("canary"));

        for (status, body) in [
            (200, format!(r#"{{"access_token":"{CANARY} {CANARY}","token_type":"Bearer"}}"#)),
            (200, format!(r#"{{"access_token":"{CANARY}","token_type":"{CANARY}"}}"#)),
            (
                200,
                format!(
                    r#"{{"access_token":"{CANARY}","token_type":"Bearer","scope":"{CANARY} {CANARY} "}}"#
                ),
            ),
            (200, format!("{CANARY} <html>")),
            (400, format!(r#"{{"error":"{CANARY}","error_description":"{CANARY}","error_uri":"{CANARY}"}}"#)),
            (500, format!(r#"{{"access_token":"{CANARY}"}}"#)),
        ] {
            let error = answer(status, &body).map(drop).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        }
    }

    fn request() -> TokenRequest {
        let endpoint = url::Url::parse("https://as.example/token").unwrap();
        TokenRequest::new(ClientId::new("c").unwrap(), endpoint).unwrap()
    }

    fn answer(status: u16, body: &str) -> Result<AccessToken, Error> {
        let response = http::Response::builder().status(status).body(body.into()).unwrap();
        AccessToken::parse(response, &request(), now())
    }

    fn wrong(member: &'static str, expected: &'static str) -> Error {
        Error::MemberType { document: DOCUMENT, member, expected }
    }

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }
}
