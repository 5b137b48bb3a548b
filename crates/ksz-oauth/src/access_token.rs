use crate::client_assertion::{accept_lifetime, client_id};
use crate::jws::{self, Jws, accept_jwt_id};
use crate::token_response::require;
use crate::validity::{Validity, numeric_date};
use crate::{ClientId, Error, Issuer, KeyHint, Scope};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use ksz_error::excerpt;
use ksz_pki::{PublicKey, SigningKey};
use serde_json::json;
use std::time::{Duration, SystemTime};

const TYPE: &str = "at+jwt";
const DEFAULT_LIFETIME: Duration = Duration::from_secs(600);
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// An access token to issue, as a JWT (RFC 9068 section 2), for a client that acts for itself.
#[derive(Clone, Debug)]
pub struct JwtAccessToken {
    issuer: Issuer,
    audience: String,
    client_id: ClientId,
    scope: Scope,
    lifetime: Duration,
}

impl JwtAccessToken {
    /// A token of an issuer for one resource server and one client, without scope, which lives ten minutes.
    #[must_use]
    pub fn new(issuer: Issuer, audience: impl Into<String>, client_id: ClientId) -> Self {
        let (scope, lifetime) = (Scope::default(), DEFAULT_LIFETIME);
        Self { issuer, audience: audience.into(), client_id, scope, lifetime }
    }

    /// Grants scopes.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Sets the lifetime, in whole seconds.
    ///
    /// # Errors
    ///
    /// [`Error::LifetimeNotAccepted`] outside 1 second to 24 hours.
    pub fn lifetime(mut self, lifetime: Duration) -> Result<Self, Error> {
        self.lifetime = accept_lifetime(lifetime, MAX_LIFETIME)?;
        Ok(self)
    }

    /// Makes the JWT. `sub` is the client (RFC 9068 section 2.2). The text is a secret.
    ///
    /// # Errors
    ///
    /// - [`Error::JwtIdNotAccepted`] if `jti` is not 1 to 256 visible ASCII characters.
    /// - [`Error::TimeNotRepresentable`] if `now` is outside 1970 to 9999.
    /// - [`Error::Key`] if the key cannot sign.
    pub fn sign(&self, key: &SigningKey, jti: &str, now: SystemTime) -> Result<String, Error> {
        let issued_at = numeric_date(now)?;
        let mut claims = json!({
            "iss": self.issuer.as_str(),
            "aud": self.audience,
            "sub": self.client_id.as_str(),
            "client_id": self.client_id.as_str(),
            "iat": issued_at,
            "exp": issued_at + self.lifetime.as_secs(),
            "jti": accept_jwt_id(jti)?,
        });
        if !self.scope.is_empty() {
            claims["scope"] = json!(self.scope.to_string());
        }
        jws::sign(TYPE, &KeyHint::None, &claims, key)
    }
}

/// A service that accepts access tokens of one issuer.
///
/// The issuer is compared as a text: the one of the social security writes itself without `https` in places.
#[derive(Clone, Debug)]
pub struct ResourceServer {
    issuer: String,
    audience: String,
    keys: Vec<PublicKey>,
}

impl ResourceServer {
    /// A service by the name that tokens have in `aud`, with the issuer's keys.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, keys: Vec<PublicKey>) -> Self {
        Self { issuer: issuer.into(), audience: audience.into(), keys }
    }

    /// Verifies the bearer token of a request (RFC 6750 section 2.1). Only the header is read, no parameter.
    ///
    /// # Errors
    ///
    /// - [`Error::NoAccessToken`] if there is no `Authorization`, or one of another scheme.
    /// - [`Error::AuthorizationMalformed`] if it is repeated or not text.
    /// - Those of [`Self::verify`].
    pub fn verify_request(&self, headers: &HeaderMap, now: SystemTime) -> Result<VerifiedAccessToken, Error> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().ok_or(Error::NoAccessToken)?;
        if values.next().is_some() {
            return Err(Error::AuthorizationMalformed);
        }
        let text = value.to_str().map_err(|_| Error::AuthorizationMalformed)?;
        match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") => {
                self.verify(token.trim_start_matches(' '), now)
            }
            None if text.eq_ignore_ascii_case("Bearer") => Err(Error::AuthorizationMalformed),
            _ => Err(Error::NoAccessToken),
        }
    }

    /// Verifies an access token (RFC 9068 section 4). Clocks may differ by 60 seconds.
    ///
    /// That a token is over is only said of one that is right in every other way.
    ///
    /// # Errors
    ///
    /// - [`Error::NotJws`], [`Error::TooLarge`], [`Error::NotJson`], [`Error::RepeatedMember`],
    ///   [`Error::MemberMissing`], [`Error::MemberType`], [`Error::ScopeMalformed`] if it is not a JWT with the
    ///   claims that RFC 9068 requires.
    /// - [`Error::AlgorithmNotAccepted`], [`Error::HeaderNotAccepted`], [`Error::TypeNotAccepted`] for its header.
    /// - [`Error::Key`] if none of the issuer's keys signed it.
    /// - [`Error::IssuerMismatch`], [`Error::AudienceMismatch`] if it is of or for somebody else.
    /// - [`Error::BoundToken`] if it has `cnf`: to accept it without that proof would undo the binding.
    /// - [`Error::NotYetValid`], [`Error::Expired`].
    pub fn verify(&self, token: &str, now: SystemTime) -> Result<VerifiedAccessToken, Error> {
        let mut claims = Jws::parse(token, &[Some(TYPE)])?.verify(&self.keys)?;
        let issuer = claims.required_string("iss")?;
        if issuer != self.issuer {
            return Err(Error::IssuerMismatch { found: excerpt(&issuer) });
        }
        let audiences = claims.one_or_more("aud")?;
        if !audiences.contains(&self.audience) {
            return Err(Error::AudienceMismatch { found: excerpt(&audiences.join(" ")) });
        }
        if claims.has("cnf") {
            return Err(Error::BoundToken);
        }
        let client_id = client_id(&mut claims, "client_id")?;
        let subject = claims.required_string("sub")?;
        let scope = claims.string("scope")?.unwrap_or_default().parse()?;
        let jti = jws::jwt_id(&mut claims)?;
        if !claims.has("iat") {
            return Err(claims.missing("iat"));
        }
        let validity = Validity::read(&mut claims)?;
        validity.covers(now)?;
        Ok(VerifiedAccessToken { client_id, subject, scope, jti, expires_at: validity.expires_at() })
    }
}

/// An access token that its issuer signed, for us, and that is valid now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedAccessToken {
    client_id: ClientId,
    subject: String,
    scope: Scope,
    jti: String,
    expires_at: SystemTime,
}

impl VerifiedAccessToken {
    /// The client that the token was issued to.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// For whom the client acts; the client itself, if for nobody else.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What was granted.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The token's identifier, by which it can be revoked and logged.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// When it ends.
    #[must_use]
    pub const fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// Refuses a token without the given scopes.
    ///
    /// # Errors
    ///
    /// [`Error::ScopeNotGranted`] with those that are missing.
    pub fn require_scope(&self, required: &Scope) -> Result<(), Error> {
        require(required, &self.scope)
    }
}

/// What a REST service answers for a token that it does not accept: a problem type of the Belgif REST guide.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AccessTokenProblem {
    /// There is no token: status 401.
    Missing,
    /// The token is not acceptable: status 401.
    Invalid,
    /// The token was acceptable and is over: status 401, and a client gets another.
    Expired,
    /// The token lacks a scope: status 403.
    MissingScope,
}

impl AccessTokenProblem {
    /// The last part of the problem's `urn:problem-type:belgif:`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "noAccessToken",
            Self::Invalid => "invalidAccessToken",
            Self::Expired => "expiredAccessToken",
            Self::MissingScope => "missingScope",
        }
    }
}

impl From<&Error> for AccessTokenProblem {
    fn from(error: &Error) -> Self {
        match error {
            Error::NoAccessToken => Self::Missing,
            Error::Expired { .. } => Self::Expired,
            Error::ScopeNotGranted { .. } => Self::MissingScope,
            _ => Self::Invalid,
        }
    }
}

#[cfg(test)]
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod tests {
    use super::*;
    use crate::jws::CLAIMS;
    use crate::test_key::{self, TestKey};
    use serde_json::Value;
    use std::time::UNIX_EPOCH;

    const ISSUER: &str = "https://as.example";
    const API: &str = "https://api.example/person/v1";
    const CLIENT: &str = "example:client:confidential";

    #[test]
    fn an_issued_token_is_verified_by_its_service() {
        for key in test_key::everywhere() {
            let token = token("a b", &key);

            let verified = server(&key).verify_request(&bearer("bearer ", &token), now()).unwrap();

            assert_eq!((verified.client_id().as_str(), verified.subject()), (CLIENT, CLIENT));
            assert_eq!((verified.jti(), verified.scope().to_string().as_str()), ("j", "a b"));
            assert_eq!(verified.expires_at(), now() + Duration::from_secs(600));
            assert_eq!(verified.require_scope(&"b".parse().unwrap()), Ok(()));
            let missing = verified.require_scope(&"b c".parse().unwrap()).unwrap_err();
            assert_eq!(missing, Error::ScopeNotGranted { missing: "c".into() });
            assert_eq!(AccessTokenProblem::from(&missing).as_str(), "missingScope");
        }
    }

    #[test]
    fn missing_invalid_and_expired_are_told_apart() {
        let key = test_key::p256();
        let server = server(&key);
        let token = token("", &key);
        let problem = |headers: &HeaderMap, now| {
            AccessTokenProblem::from(&server.verify_request(headers, now).unwrap_err()).as_str()
        };
        let later = now() + Duration::from_secs(660);
        let mut twice = bearer("Bearer ", &token);
        twice.append(AUTHORIZATION, twice[AUTHORIZATION].clone());

        assert_eq!(problem(&HeaderMap::new(), now()), "noAccessToken");
        assert_eq!(problem(&bearer("Basic ", "eDp5"), now()), "noAccessToken");
        assert_eq!(problem(&bearer("Bearer", ""), now()), "invalidAccessToken");
        assert_eq!(problem(&bearer("Bearer ", "opaque"), now()), "invalidAccessToken");
        assert_eq!(problem(&twice, now()), "invalidAccessToken");
        assert_eq!(problem(&bearer("Bearer ", &token), later), "expiredAccessToken");
        let foreign = self::token("", &test_key::p256());
        assert_eq!(problem(&bearer("Bearer ", &foreign), later), "invalidAccessToken");
    }

    #[test]
    fn claims_changed_in_one_place_are_refused() {
        let wrong = |member, expected| Error::MemberType { document: CLAIMS, member, expected };
        let key = test_key::p256();
        let cases = [
            (
                "iss",
                json!("https://as.example/"),
                Error::IssuerMismatch { found: "https://as.example/".into() },
            ),
            ("aud", json!("x"), Error::AudienceMismatch { found: "x".into() }),
            ("aud", json!(["x", "y"]), Error::AudienceMismatch { found: "x y".into() }),
            ("aud", json!([API, 7]), wrong("aud", "an array of strings")),
            ("exp", json!("1900000000"), wrong("exp", "a number of seconds")),
            ("iat", json!("1800000000"), wrong("iat", "a number of seconds")),
            ("nbf", json!(1_800_000_061), Error::NotYetValid { claim: "nbf", seconds: 61 }),
            ("scope", json!(["a"]), wrong("scope", "a string")),
            ("client_id", json!(""), wrong("client_id", "a client id")),
            ("cnf", json!({ "x5t#S256": "x" }), Error::BoundToken),
        ];

        for (claim, value, expected) in cases {
            assert_eq!(verify(&key, "at+jwt", claim, Some(value)), Err(expected), "{claim}");
        }
        for claim in ["iss", "aud", "sub", "client_id", "iat", "exp", "jti"] {
            assert_eq!(
                verify(&key, "at+jwt", claim, None),
                Err(Error::MemberMissing { document: CLAIMS, member: claim })
            );
        }
        assert!(verify(&key, "application/at+jwt", "aud", Some(json!(["x", API]))).is_ok());
    }

    #[test]
    fn another_kind_of_jwt_is_no_access_token() {
        let key = test_key::p256();
        assert_eq!(
            verify(&key, "JWT", "aud", Some(json!(API))),
            Err(Error::TypeNotAccepted { typ: "JWT".into() })
        );
    }

    #[test]
    fn a_refused_token_is_not_printed() {
        let key = test_key::p256();
        let token = token("a", &key);
        for refused in [token.as_str(), &token[..token.len() - 3], &token.replace('.', "/")] {
            let error = server(&test_key::p256()).verify(refused, now()).unwrap_err();
            let printed = format!("{error} {error:?}");
            assert!(token.split('.').all(|part| !printed.contains(part)), "{printed}");
        }
    }

    fn token(scope: &str, key: &TestKey) -> String {
        JwtAccessToken::new(Issuer::new(ISSUER).unwrap(), API, ClientId::new(CLIENT).unwrap())
            .scope(scope.parse().unwrap())
            .sign(&key.signing, "j", now())
            .unwrap()
    }

    fn verify(
        key: &TestKey,
        typ: &str,
        claim: &str,
        value: Option<Value>,
    ) -> Result<VerifiedAccessToken, Error> {
        let mut claims = json!({ "iss": ISSUER, "aud": API, "sub": CLIENT, "client_id": CLIENT,
            "iat": 1_800_000_000, "exp": 1_800_000_600, "jti": "j" });
        let members = claims.as_object_mut().unwrap();
        match value {
            Some(value) => drop(members.insert(claim.into(), value)),
            None => drop(members.remove(claim)),
        }
        server(key).verify(&jws::sign(typ, &KeyHint::None, &claims, &key.signing).unwrap(), now())
    }

    fn server(key: &TestKey) -> ResourceServer {
        ResourceServer::new(ISSUER, API, key.public.clone())
    }

    fn bearer(scheme: &str, token: &str) -> HeaderMap {
        let value = format!("{scheme}{token}").parse().unwrap();
        HeaderMap::from_iter([(AUTHORIZATION, value)])
    }

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }
}
