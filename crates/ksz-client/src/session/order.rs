use crate::Error;
use crate::client::Client;
use crate::random::Random;
use crate::token_request::TokenProgress;
use ksz_pki::Identity;
use ksz_soap::Operation;
use ksz_sts::{Claims, Lifetime, RequestSecurityToken, Step, TokenExchange, VerifiedAssertion};
use ksz_transport::Service;
use ksz_wss::{Policy, SigningOptions};
use std::time::{Duration, SystemTime};

/// By which request of WS-Trust a session gets its next token.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum RenewWith {
    /// Issue: the request of the first token again. It needs no token that still holds, and the service looks at the claims
    /// anew.
    #[default]
    Issue,
    /// Renew, which carries the present token (WS-Trust 1.3 section 5): the service says again what it said before. It
    /// renews no token that is over, so for the first token and after such a one it is Issue.
    Renew,
}

/// What a session asks the token service for, and with which keys.
pub(crate) struct TokenOrder {
    pub(crate) claims: Claims,
    /// Signs the request.
    pub(crate) identification: Identity,
    /// Answers the challenge, and signs the calls.
    pub(crate) holder: Identity,
    pub(crate) lifetime: Option<Duration>,
    pub(crate) renew_with: RenewWith,
}

impl TokenOrder {
    /// The present token, if the next one is asked for by renewing it: the session renews, and the token is not over.
    pub(crate) fn renewable<'t>(
        &self,
        present: Option<&'t VerifiedAssertion>,
        now: SystemTime,
    ) -> Option<&'t VerifiedAssertion> {
        let renews = self.renew_with == RenewWith::Renew;
        present.filter(|present| renews && now < present.conditions().not_on_or_after())
    }

    /// The request for the first token, or for the next.
    fn request(
        &self,
        context: &str,
        renewed: Option<&VerifiedAssertion>,
        now: SystemTime,
    ) -> Result<RequestSecurityToken, Error> {
        let request = match renewed {
            Some(renewed) => RequestSecurityToken::renew(context, renewed.token()),
            None => {
                RequestSecurityToken::issue(context, self.claims.clone(), self.holder.certificate().clone())
            }
        };
        let Some(lifetime) = self.lifetime else { return Ok(request) };
        let expires = now.checked_add(lifetime);
        let expires = expires.ok_or(ksz_sts::Error::LifetimeNotAccepted { detail: "it never ends" })?;
        Ok(request.with_lifetime(Lifetime { created: now, expires }))
    }
}

impl Client {
    /// Asks the token service for what is ordered, by renewing a token if one is given, answers its challenge, and verifies
    /// what comes. Tells how far it is.
    pub(crate) async fn fetch_token(
        &self,
        order: &TokenOrder,
        renewed: Option<&VerifiedAssertion>,
        on_progress: &mut (dyn FnMut(TokenProgress) + Send),
    ) -> Result<VerifiedAssertion, Error> {
        let (trust, policy, options) =
            (self.assertion_trust()?, Policy::default(), SigningOptions::default());
        let context = format!("RC-{}", Random::uuid()?);
        let exchange = TokenExchange::new(order.request(&context, renewed, self.now())?);

        let certificate = order.identification.certificate();
        for warning in exchange.token_request().examine(certificate, self.now())? {
            on_progress(TokenProgress::Doubtful(warning));
        }
        let request = exchange.request(&order.identification, &Random::ids()?, self.now(), &options)?;
        on_progress(TokenProgress::Asking);
        let answer = self.exchange(Service::EhealthSts, Operation::REQUEST_SECURITY_TOKEN, request).await?;
        let challenge = match exchange.read(&answer, trust, &policy, self.now())? {
            Step::Token(token) => return Ok(*token),
            Step::Challenge(challenge) => challenge,
        };
        on_progress(TokenProgress::AnsweringChallenge);
        let proof = exchange.answer(&challenge, &order.holder, &Random::ids()?, self.now(), &options)?;
        let answer = self.exchange(Service::EhealthSts, Operation::CHALLENGE, proof).await?;
        Ok(exchange.read_last(&answer, trust, &policy, self.now())?)
    }
}
