use crate::client_assertion::{DEFAULT_LIFETIME, MAX_LIFETIME, accept_lifetime};
use crate::issuer::accept_endpoint;
use crate::{AudiencePolicy, ClientAssertion, ClientId, Error, Issuer, KeyHint, Scope};
use http::header::{ACCEPT, CONTENT_TYPE};
use ksz_pki::SigningKey;
use std::time::{Duration, SystemTime};
use url::Url;
use url::form_urlencoded::Serializer;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A request for an access token by the client credentials grant (RFC 6749 section 4.4), authenticated with a
/// [`ClientAssertion`].
///
/// Everything in it was configured: nothing of [`ServerMetadata`](crate::ServerMetadata) enters, neither as an
/// address nor as an audience.
///
/// Redirects of the token endpoint must not be followed: whoever receives the assertion can use it.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    client_id: ClientId,
    token_endpoint: Url,
    issuer: Option<Issuer>,
    policy: AudiencePolicy,
    lifetime: Duration,
    key_hint: KeyHint,
    scope: Scope,
}

impl TokenRequest {
    /// A request to the configured token endpoint, for the client's default scopes.
    ///
    /// # Errors
    ///
    /// [`Error::UrlNotAccepted`] if the endpoint is no `https` URL, or has a user or a fragment.
    pub fn new(client_id: ClientId, token_endpoint: Url) -> Result<Self, Error> {
        Ok(Self {
            client_id,
            token_endpoint: accept_endpoint("token endpoint", token_endpoint)?,
            issuer: None,
            policy: AudiencePolicy::default(),
            lifetime: DEFAULT_LIFETIME,
            key_hint: KeyHint::default(),
            scope: Scope::default(),
        })
    }

    /// Asks for these scopes only. The social security advises to ask for none, which gives the client's own.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Names the configured issuer, which [`AudiencePolicy::Issuer`] needs.
    #[must_use]
    pub fn issuer(mut self, issuer: Issuer) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// Chooses whom the assertion is for.
    #[must_use]
    pub fn audience_policy(mut self, policy: AudiencePolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Says which key it is in the assertion's header.
    #[must_use]
    pub fn key_hint(mut self, hint: KeyHint) -> Self {
        self.key_hint = hint;
        self
    }

    /// Sets the lifetime of the assertion, as [`ClientAssertion::lifetime`] does.
    ///
    /// # Errors
    ///
    /// [`Error::LifetimeNotAccepted`] outside 1 to 300 seconds.
    pub fn assertion_lifetime(mut self, lifetime: Duration) -> Result<Self, Error> {
        self.lifetime = accept_lifetime(lifetime, MAX_LIFETIME)?;
        Ok(self)
    }

    /// The audience of the assertion.
    ///
    /// # Errors
    ///
    /// Those of [`AudiencePolicy::audience`].
    pub fn audience(&self) -> Result<String, Error> {
        self.policy.audience(&self.token_endpoint, self.issuer.as_ref())
    }

    /// The scopes that are asked for; empty for the client's own.
    #[must_use]
    pub const fn requested_scope(&self) -> &Scope {
        &self.scope
    }

    /// The request to send, with a fresh assertion.
    ///
    /// Each attempt needs its own `jti`: call it again instead of sending the same request twice.
    ///
    /// # Errors
    ///
    /// Those of [`Self::audience`] and [`ClientAssertion::sign`].
    #[expect(clippy::missing_panics_doc, reason = "the address was accepted as a URI")]
    pub fn to_http(
        &self,
        key: &SigningKey,
        jti: &str,
        now: SystemTime,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        let assertion = ClientAssertion::new(self.client_id.clone(), self.audience()?)
            .lifetime(self.lifetime)?
            .key_hint(self.key_hint.clone());
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials")
            .append_pair("client_assertion_type", ASSERTION_TYPE)
            .append_pair("client_assertion", &assertion.sign(key, jti, now)?);
        if !self.scope.is_empty() {
            form.append_pair("scope", &self.scope.to_string());
        }
        Ok(http::Request::post(self.token_endpoint.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(form.finish().into_bytes())
            .expect("the address was accepted as a URI, the headers are constants"))
    }
}

#[cfg(test)]
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod tests {
    use super::*;
    use crate::test_key;
    use crate::{ServerMetadata, VerifiedClientAssertion};
    use std::time::UNIX_EPOCH;

    const ENDPOINT: &str = "https://services.example/REST/oauth/v5/token";

    #[test]
    fn each_parameter_is_sent_once() {
        let key = test_key::p256();

        let sent = request().scope("b a:e".parse().unwrap()).to_http(&key.signing, "j", now()).unwrap();

        assert_eq!((sent.method().as_str(), sent.uri().to_string().as_str()), ("POST", ENDPOINT));
        assert_eq!(sent.headers()["content-type"], "application/x-www-form-urlencoded");
        assert_eq!(sent.headers()["accept"], "application/json");
        let form = form(&sent);
        let names: Vec<_> = form.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["grant_type", "client_assertion_type", "client_assertion", "scope"]);
        assert_eq!(form[0].1, "client_credentials");
        assert_eq!(form[1].1, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        assert_eq!(form[3].1, "a:e b");
        assert!(String::from_utf8(sent.into_body()).unwrap().ends_with("&scope=a%3Ae+b"));
    }

    #[test]
    fn the_default_scopes_are_asked_for_with_no_parameter() {
        let sent = request().to_http(&test_key::p256().signing, "j", now()).unwrap();
        assert_eq!(form(&sent).len(), 3);
    }

    #[test]
    fn the_audience_is_configured_and_never_from_metadata() {
        let key = test_key::p256();
        let issuer = Issuer::new("https://as.example").unwrap();
        let answer = r#"{"issuer":"https://as.example","token_endpoint":"https://evil.example/token"}"#;
        let metadata = ServerMetadata::parse(http::Response::new(answer.into()), &issuer).unwrap();
        assert_eq!(metadata.token_endpoint().host_str(), Some("evil.example"));

        for (policy, audience) in [
            (AudiencePolicy::TokenEndpoint, ENDPOINT),
            (AudiencePolicy::Issuer, "https://as.example"),
            (
                AudiencePolicy::Exact("https://internet.example/token".into()),
                "https://internet.example/token",
            ),
        ] {
            let request = request().issuer(issuer.clone()).audience_policy(policy);
            let sent = request.to_http(&key.signing, "j", now()).unwrap();
            let verified =
                VerifiedClientAssertion::verify(&form(&sent)[2].1, |_| &key.public, &[audience], now());
            assert_eq!(verified.unwrap().audience(), audience);
            assert_eq!(sent.uri().host(), Some("services.example"));
        }
        let without = request().audience_policy(AudiencePolicy::Issuer);
        assert_eq!(without.to_http(&key.signing, "j", now()).unwrap_err(), Error::IssuerNotConfigured);
    }

    #[test]
    fn two_requests_have_two_assertions_that_end_soon() {
        let key = test_key::p256();
        let request = request();
        let [first, second] = ["j-1", "j-2"].map(|jti| {
            let sent = request.to_http(&key.signing, jti, now()).unwrap();
            let assertion = &form(&sent)[2].1;
            VerifiedClientAssertion::verify(assertion, |_| &key.public, &[ENDPOINT], now()).unwrap()
        });

        assert_ne!(first.jti(), second.jti());
        assert_eq!(first.end(), now() + Duration::from_secs(60) + Duration::from_secs(60));
    }

    #[test]
    fn an_endpoint_without_tls_and_a_long_assertion_are_refused() {
        for endpoint in ["http://services.example/token", "http://127.0.0.1/token", "https://u:p@h/token"] {
            let refused = TokenRequest::new(ClientId::new("c").unwrap(), Url::parse(endpoint).unwrap());
            assert!(matches!(refused, Err(Error::UrlNotAccepted { role: "token endpoint", .. })));
        }
        assert_eq!(
            request().assertion_lifetime(Duration::from_secs(301)).unwrap_err(),
            Error::LifetimeNotAccepted { seconds: 301, limit: 300 }
        );
    }

    fn request() -> TokenRequest {
        TokenRequest::new(ClientId::new("a:b:c").unwrap(), Url::parse(ENDPOINT).unwrap()).unwrap()
    }

    fn form(sent: &http::Request<Vec<u8>>) -> Vec<(String, String)> {
        url::form_urlencoded::parse(sent.body()).into_owned().collect()
    }

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }
}
