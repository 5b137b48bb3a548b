use crate::builder::require_certificate_of;
use crate::{Client, Error, Random};
use ksz_pki::Identity;
use ksz_soap::Operation;
use ksz_sts::{Claims, Lifetime, RequestSecurityToken, Step, TokenExchange, VerifiedAssertion};
use ksz_transport::Service;
use ksz_wss::{Policy, SigningOptions};
use std::time::Duration;

/// A request for one assertion, step by step: for whoever asks the token service by hand.
///
/// Without options it asks what [`Ehealth::request_token`](crate::Ehealth::request_token) asks.
#[derive(Debug)]
pub struct TokenRequest<'c> {
    client: &'c Client,
    claims: Claims,
    identification: Option<&'c Identity>,
    lifetime: Option<Duration>,
}

/// How far a [`TokenRequest`] is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TokenProgress {
    /// The request is being sent.
    Asking,
    /// A challenge has come, and its answer is being sent.
    AnsweringChallenge,
}

impl<'c> TokenRequest<'c> {
    /// A request for claims about the client's own eHealth identity, which will hold the assertion.
    #[must_use]
    pub const fn new(client: &'c Client, claims: Claims) -> Self {
        Self { client, claims, identification: None, lifetime: None }
    }

    /// Another identity signs the request; the client's own answers the challenge and holds the assertion.
    #[must_use]
    pub const fn identification(mut self, identity: &'c Identity) -> Self {
        self.identification = Some(identity);
        self
    }

    /// For how long the assertion is to hold, from the moment of the request. Without it the service decides.
    #[must_use]
    pub const fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Asks, answers the challenge if there is one, and verifies what comes against the pinned certificates.
    ///
    /// # Errors
    ///
    /// - Those of [`Ehealth::request_token`](crate::Ehealth::request_token).
    /// - [`Error::CertificateEnvironment`] if the certificate of the other identity says that it is for another
    ///   environment.
    pub async fn send(self, mut on_progress: impl FnMut(TokenProgress)) -> Result<VerifiedAssertion, Error> {
        let client = self.client;
        let holder = client.ehealth().identity()?;
        let identification = self.identification.unwrap_or(holder);
        require_certificate_of(client.environment(), "identification", identification.certificate())?;
        let needed = "ehealth.sts_certificates";
        let trust = client.settings().assertion_trust.as_ref().ok_or(Error::NotConfigured { needed })?;
        let (policy, options) = (Policy::default(), SigningOptions::default());
        let exchange = TokenExchange::new(self.request(holder)?);

        let request = exchange.request(identification, &Random::ids()?, client.now(), &options)?;
        on_progress(TokenProgress::Asking);
        let answer = client.exchange(Service::EhealthSts, Operation::REQUEST_SECURITY_TOKEN, request).await?;
        let challenge = match exchange.read(&answer, trust, &policy, client.now())? {
            Step::Token(token) => return Ok(*token),
            Step::Challenge(challenge) => challenge,
        };
        let proof = exchange.answer(&challenge, holder, &Random::ids()?, client.now(), &options)?;
        on_progress(TokenProgress::AnsweringChallenge);
        let answer = client.exchange(Service::EhealthSts, Operation::CHALLENGE, proof).await?;
        Ok(exchange.read_last(&answer, trust, &policy, client.now())?)
    }

    fn request(&self, holder: &Identity) -> Result<RequestSecurityToken, Error> {
        let context = format!("RC-{}", Random::uuid()?);
        let request =
            RequestSecurityToken::issue(&context, self.claims.clone(), holder.certificate().clone());
        let Some(lifetime) = self.lifetime else { return Ok(request) };
        let created = self.client.now();
        Ok(request.with_lifetime(Lifetime { created, expires: created + lifetime }))
    }
}
