use crate::json::Members;
use crate::jws::{self, Jws, accept_jwt_id};
use crate::validity::{Validity, numeric_date};
use crate::{ClientId, Error};
use ksz_error::excerpt;
use ksz_pki::{Digest, PublicKey, SigningKey};
use serde_json::json;
use std::time::{Duration, SystemTime};

pub(crate) const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);
pub(crate) const MAX_LIFETIME: Duration = Duration::from_secs(300);
/// What clients write; the last is the type that the successor of RFC 7523 gives them.
const TYPES: &[Option<&str>] = &[None, Some("jwt"), Some("client-authentication+jwt")];

/// The JWT with which a client authenticates at the token endpoint (RFC 7523 sections 2.2 and 3, RFC 7521
/// section 4.2, `private_key_jwt` of OpenID Connect Core section 9).
///
/// It says `typ: JWT` and, unless told otherwise, nothing of the key: the server finds the key by the client.
#[derive(Clone, Debug)]
pub struct ClientAssertion {
    client_id: ClientId,
    audience: String,
    lifetime: Duration,
    key_hint: KeyHint,
}

/// What the header says of the key (RFC 7515 sections 4.1.4 and 4.1.8).
///
/// A server refuses a `kid` that it does not know, so a guess is worse than nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyHint {
    /// Nothing: what the social security's server is documented with.
    #[default]
    None,
    /// `kid` with this text.
    Kid(String),
    /// `x5t#S256`, the SHA-256 over the certificate in DER.
    X5tS256(Digest),
}

impl ClientAssertion {
    /// An assertion of a client for one audience, which lives 60 seconds.
    #[must_use]
    pub fn new(client_id: ClientId, audience: impl Into<String>) -> Self {
        Self {
            client_id,
            audience: audience.into(),
            lifetime: DEFAULT_LIFETIME,
            key_hint: KeyHint::default(),
        }
    }

    /// Sets the lifetime, in whole seconds.
    ///
    /// # Errors
    ///
    /// [`Error::LifetimeNotAccepted`] outside 1 to 300 seconds; servers refuse more than five minutes.
    pub fn lifetime(mut self, lifetime: Duration) -> Result<Self, Error> {
        self.lifetime = accept_lifetime(lifetime, MAX_LIFETIME)?;
        Ok(self)
    }

    /// Says which key it is in the header.
    #[must_use]
    pub fn key_hint(mut self, hint: KeyHint) -> Self {
        self.key_hint = hint;
        self
    }

    /// Makes the JWT. Whoever has it can be the client until it ends: it is a secret.
    ///
    /// `jti` must differ each time, also when a request is made again: servers refuse an assertion that they saw.
    ///
    /// # Errors
    ///
    /// - [`Error::JwtIdNotAccepted`] if `jti` is not 1 to 256 visible ASCII characters.
    /// - [`Error::TimeNotRepresentable`] if `now` is outside 1970 to 9999.
    /// - [`Error::Key`] if the key cannot sign.
    pub fn sign(&self, key: &SigningKey, jti: &str, now: SystemTime) -> Result<String, Error> {
        let issued_at = numeric_date(now)?;
        let claims = json!({
            "iss": self.client_id.as_str(),
            "sub": self.client_id.as_str(),
            "aud": self.audience,
            "jti": accept_jwt_id(jti)?,
            "iat": issued_at,
            "exp": issued_at + self.lifetime.as_secs(),
        });
        jws::sign("JWT", &self.key_hint, &claims, key)
    }
}

/// A lifetime of 1 second to `limit`.
pub(crate) fn accept_lifetime(lifetime: Duration, limit: Duration) -> Result<Duration, Error> {
    let (seconds, limit) = (lifetime.as_secs(), limit.as_secs());
    if (1..=limit).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(Error::LifetimeNotAccepted { seconds, limit })
    }
}

/// A client assertion that its client signed, for us, and that is valid now: the service's side.
///
/// Whether it was used before, only a [`ReplayStore`](crate::ReplayStore) knows; ask it before acting.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedClientAssertion {
    client_id: ClientId,
    audience: String,
    jti: String,
    end: SystemTime,
}

impl VerifiedClientAssertion {
    /// Verifies an assertion (RFC 7523 section 3).
    ///
    /// `keys` gives the registered keys of a client, none if it is not known. The key is never taken from the
    /// JWT. `audiences` are the names by which this server is known; the assertion must hold one of them, alone.
    /// `jti` is required, `iat` is not. Clocks may differ by 60 seconds.
    ///
    /// # Errors
    ///
    /// - [`Error::NotJws`], [`Error::TooLarge`], [`Error::NotJson`], [`Error::RepeatedMember`],
    ///   [`Error::MemberMissing`], [`Error::MemberType`] if it is not a JWT with the claims it needs.
    /// - [`Error::AlgorithmNotAccepted`], [`Error::HeaderNotAccepted`], [`Error::TypeNotAccepted`] for its header.
    /// - [`Error::ClientUnknown`] if the client has no key, [`Error::Key`] if none of its keys signed.
    /// - [`Error::IssuerNotSubject`], [`Error::AudienceCount`], [`Error::AudienceMismatch`] for its claims.
    /// - [`Error::Expired`], [`Error::NotYetValid`], or [`Error::LifetimeTooLong`] beyond 300 seconds.
    pub fn verify<'k>(
        assertion: &str,
        keys: impl FnOnce(&ClientId) -> &'k [PublicKey],
        audiences: &[&str],
        now: SystemTime,
    ) -> Result<Self, Error> {
        let jws = Jws::parse(assertion, TYPES)?;
        let client_id = client_id(&mut jws.unverified_claims(), "sub")?;
        let keys = keys(&client_id);
        if keys.is_empty() {
            return Err(Error::ClientUnknown { client_id: excerpt(client_id.as_str()) });
        }
        let mut claims = jws.verify(keys)?;
        if claims.required_string("iss")? != client_id.as_str() {
            return Err(Error::IssuerNotSubject);
        }
        let audience = match <[String; 1]>::try_from(claims.one_or_more("aud")?) {
            Ok([audience]) if audiences.contains(&audience.as_str()) => audience,
            Ok([audience]) => return Err(Error::AudienceMismatch { found: excerpt(&audience) }),
            Err(several) => return Err(Error::AudienceCount { found: several.len() }),
        };
        let validity = Validity::read(&mut claims)?;
        validity.covers(now)?;
        validity.is_shorter_than(MAX_LIFETIME, now)?;
        Ok(Self { client_id, audience, jti: jws::jwt_id(&mut claims)?, end: validity.end() })
    }

    /// The client that authenticated.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Which of the accepted audiences it names.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Its identifier, which must not come again from this client before [`end`](Self::end).
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// When it can no longer be accepted: `exp` and the difference that clocks may have.
    #[must_use]
    pub const fn end(&self) -> SystemTime {
        self.end
    }
}

/// The client that a claim names.
pub(crate) fn client_id(claims: &mut Members, claim: &'static str) -> Result<ClientId, Error> {
    ClientId::new(&claims.required_string(claim)?).map_err(|_| claims.wrong(claim, "a client id"))
}

#[cfg(test)]
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod tests {
    use super::*;
    use crate::jws::CLAIMS;
    use crate::test_key::{self, TestKey};
    use serde_json::Value;
    use std::time::UNIX_EPOCH;

    const CLIENT: &str = "example:client:confidential";
    const ENDPOINT: &str = "https://as.example/token";
    const ISSUER: &str = "https://as.example";

    #[test]
    fn an_assertion_is_verified_by_its_server() {
        for key in test_key::everywhere() {
            let jwt = assertion().sign(&key.signing, "j-1", now()).unwrap();

            let verified = verify(&jwt, &key).unwrap();

            assert_eq!(verified.client_id().as_str(), CLIENT);
            assert_eq!((verified.jti(), verified.audience()), ("j-1", ENDPOINT));
            assert_eq!(verified.end(), now() + Duration::from_secs(60 + 60));
        }
    }

    #[test]
    fn an_assertion_ends_within_five_minutes() {
        assert!(assertion().lifetime(Duration::from_secs(300)).is_ok());
        for seconds in [0, 301, 864_000] {
            assert_eq!(
                assertion().lifetime(Duration::from_secs(seconds)).unwrap_err(),
                Error::LifetimeNotAccepted { seconds, limit: 300 }
            );
        }
    }

    #[test]
    fn an_identifier_or_a_time_that_cannot_be_written_is_refused() {
        let key = test_key::p256().signing;

        for jti in ["", "a b", "é", &"a".repeat(257)] {
            assert_eq!(assertion().sign(&key, jti, now()), Err(Error::JwtIdNotAccepted { limit: 256 }));
        }
        assert_eq!(
            assertion().sign(&key, "j", UNIX_EPOCH - Duration::from_secs(1)),
            Err(Error::TimeNotRepresentable)
        );
    }

    #[test]
    fn an_assertion_outside_its_time_is_refused() {
        let key = test_key::p256();
        let jwt = assertion().sign(&key.signing, "j", now()).unwrap();
        let at = |now| {
            VerifiedClientAssertion::verify(&jwt, |_| &key.public, &[ENDPOINT], now).map(drop).unwrap_err()
        };

        assert_eq!(at(now() + Duration::from_secs(120)), Error::Expired { seconds: 60 });
        assert_eq!(at(now() - Duration::from_secs(61)), Error::NotYetValid { claim: "iat", seconds: 61 });
    }

    #[test]
    fn an_unknown_client_or_another_key_is_refused() {
        let key = test_key::p256();
        let jwt = assertion().sign(&key.signing, "j", now()).unwrap();

        assert_eq!(
            VerifiedClientAssertion::verify(&jwt, |_| &[], &[ENDPOINT], now()),
            Err(Error::ClientUnknown { client_id: CLIENT.into() })
        );
        assert_eq!(verify(&jwt, &test_key::p256()), Err(Error::Key(ksz_pki::Error::SignatureMismatch)));
    }

    #[test]
    fn claims_changed_in_one_place_are_refused() {
        let mismatch = |found: &str| Error::AudienceMismatch { found: found.into() };
        let wrong = |member, expected| Error::MemberType { document: CLAIMS, member, expected };
        let cases = [
            ("iss", json!("another"), Error::IssuerNotSubject),
            ("sub", json!("a b"), wrong("sub", "a client id")),
            ("sub", json!(7), wrong("sub", "a string")),
            ("aud", json!("https://other.example/token"), mismatch("https://other.example/token")),
            ("aud", json!([ENDPOINT, ISSUER]), Error::AudienceCount { found: 2 }),
            ("aud", json!([]), Error::AudienceCount { found: 0 }),
            ("exp", json!("1800000060"), wrong("exp", "a number of seconds")),
            ("nbf", json!("1800000000"), wrong("nbf", "a number of seconds")),
            ("exp", json!(1_800_000_301), Error::LifetimeTooLong { seconds: 301, limit: 300 }),
            ("jti", json!(7), wrong("jti", "a string")),
            ("jti", json!("a".repeat(257)), wrong("jti", "a short visible text")),
        ];
        let key = test_key::p256();

        for (claim, value, expected) in cases {
            assert_eq!(verify(&with(&key, claim, Some(value)), &key), Err(expected), "{claim}");
        }
        for claim in ["iss", "sub", "aud", "exp", "jti"] {
            assert_eq!(
                verify(&with(&key, claim, None), &key),
                Err(Error::MemberMissing { document: CLAIMS, member: claim })
            );
        }
        assert!(verify(&with(&key, "aud", Some(json!([ISSUER]))), &key).is_ok());
        assert!(verify(&with(&key, "iat", None), &key).is_ok());
    }

    #[test]
    fn an_access_token_is_no_assertion() {
        let key = test_key::p256();
        let jwt = jws::sign("at+jwt", &KeyHint::None, &claims(), &key.signing).unwrap();

        assert_eq!(verify(&jwt, &key), Err(Error::TypeNotAccepted { typ: "at+jwt".into() }));
    }

    fn assertion() -> ClientAssertion {
        ClientAssertion::new(ClientId::new(CLIENT).unwrap(), ENDPOINT)
    }

    fn claims() -> Value {
        json!({ "iss": CLIENT, "sub": CLIENT, "aud": ENDPOINT, "jti": "j",
            "iat": 1_800_000_000, "exp": 1_800_000_060 })
    }

    fn with(key: &TestKey, claim: &str, value: Option<Value>) -> String {
        let mut claims = claims();
        let members = claims.as_object_mut().unwrap();
        match value {
            Some(value) => drop(members.insert(claim.into(), value)),
            None => drop(members.remove(claim)),
        }
        jws::sign("JWT", &KeyHint::None, &claims, &key.signing).unwrap()
    }

    fn verify(jwt: &str, key: &TestKey) -> Result<VerifiedClientAssertion, Error> {
        VerifiedClientAssertion::verify(jwt, |_| &key.public, &[ENDPOINT, ISSUER], now())
    }

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }
}
