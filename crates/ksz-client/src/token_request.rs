use crate::builder::require_certificate_of;
use crate::session::{RenewWith, TokenOrder};
use crate::{Client, Error};
use ksz_pki::Identity;
use ksz_sts::{Claims, VerifiedAssertion, Warning};
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
    renewed: Option<&'c VerifiedAssertion>,
}

/// How far a [`TokenRequest`] is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TokenProgress {
    /// Something in the request may be wrong. It is sent all the same.
    Doubtful(Warning),
    /// The request is being sent.
    Asking,
    /// A challenge has come, and its answer is being sent.
    AnsweringChallenge,
}

impl<'c> TokenRequest<'c> {
    /// A request for claims about the client's own eHealth identity, which will hold the assertion.
    #[must_use]
    pub const fn new(client: &'c Client, claims: Claims) -> Self {
        Self { client, claims, identification: None, lifetime: None, renewed: None }
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

    /// Has this token renewed ([`RenewWith::Renew`]), whatever the claims are, unless it is over.
    #[must_use]
    pub const fn renewing(mut self, present: &'c VerifiedAssertion) -> Self {
        self.renewed = Some(present);
        self
    }

    /// Asks, answers the challenge if there is one, and verifies what comes against the pinned certificates.
    ///
    /// # Errors
    ///
    /// - Those of [`Ehealth::request_token`](crate::Ehealth::request_token).
    /// - [`Error::CertificateEnvironment`] if the certificate of the other identity says that it is for another
    ///   environment.
    pub async fn send(
        self,
        mut on_progress: impl FnMut(TokenProgress) + Send,
    ) -> Result<VerifiedAssertion, Error> {
        let holder = self.client.ehealth().identity()?.clone();
        let identification = match self.identification {
            Some(identity) => {
                let certificate = identity.certificate();
                require_certificate_of(self.client.environment(), "identification", certificate)?;
                identity.clone()
            }
            None => holder.clone(),
        };
        let (claims, lifetime) = (self.claims, self.lifetime);
        let renew_with = if self.renewed.is_some() { RenewWith::Renew } else { RenewWith::Issue };
        let order = TokenOrder { claims, identification, holder, lifetime, renew_with };
        let renewed = order.renewable(self.renewed, self.client.now());
        self.client.fetch_token(&order, renewed, &mut on_progress).await
    }
}
