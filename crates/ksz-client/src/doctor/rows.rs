//! The rows that ask what a caller asks.

use crate::doctor::{Doctor, Failure};
use crate::problem::ProblemKind;
use crate::rest::{HealthStatus, Rest};
use crate::{Error, Random};
use ksz_pki::{Identity, KeyAlgorithm};
use ksz_soap::{IntegrationTestResponse, SendTestMessageResponse};
use ksz_sts::VerifiedAssertion;

impl Doctor {
    pub(super) async fn ksz_connection(&self) -> Result<String, Failure> {
        let echo = fresh_text()?;
        let answer = self.client.ksz().test_connection(&echo).await?;
        ticket_of(&answer, &echo)
    }

    pub(super) async fn ksz_signed(&self) -> Result<String, Failure> {
        let echo = fresh_text()?;
        let answer = self.client.ksz().test_connection_signed(&echo).await?;
        Ok(format!("{}, answer verified", ticket_of(&answer, &echo)?))
    }

    pub(super) async fn ehealth_connection(&self) -> Result<String, Failure> {
        let message = fresh_text()?;
        let answer = self.client.ehealth().check_connection(&message).await?;
        require_echo(&answer.message, &message)?;
        Ok("message came back".into())
    }

    pub(super) async fn ehealth_access_rsa(&self) -> Result<String, Failure> {
        self.ehealth_access(self.identity_with(KeyAlgorithm::Rsa)?).await
    }

    pub(super) async fn ehealth_access_ecdsa(&self) -> Result<String, Failure> {
        self.ehealth_access(self.identity_with(KeyAlgorithm::EcdsaP256)?).await
    }

    async fn ehealth_access(&self, identity: &Identity) -> Result<String, Failure> {
        let message = fresh_text()?;
        let answer = self.client.ehealth().check_access_control_as(identity, &message).await?;
        consumer_of(&answer, &message)
    }

    pub(super) async fn ehealth_token(&self) -> Result<String, Failure> {
        let assertion = self.assertion().await?;
        let left = assertion.conditions().not_on_or_after().duration_since(self.client.now());
        let minutes = left.unwrap_or_default().as_secs() / 60;
        Ok(format!("{} attributes, valid {minutes} min", assertion.attributes().len()))
    }

    pub(super) async fn ehealth_brokered(&self) -> Result<String, Failure> {
        let assertion = self.assertion().await?;
        let message = fresh_text()?;
        let answer = self.client.ehealth().check_brokered_access_control(assertion, &message).await?;
        consumer_of(&answer, &message)
    }

    pub(super) async fn oauth_token(&self) -> Result<String, Failure> {
        let token = self.client.access_token().await?;
        let left = token.expires_at().duration_since(self.client.now()).unwrap_or_default();
        Ok(format!("valid {} s", left.as_secs()))
    }

    pub(super) async fn rest_health(&self) -> Result<String, Failure> {
        match self.rest()?.health().await?.status {
            HealthStatus::Up => Ok("UP".into()),
            HealthStatus::Degraded => Ok("DEGRADED".into()),
            HealthStatus::Down => Err(Failure::Down),
            HealthStatus::Other(word) => Ok(word),
        }
    }

    pub(super) async fn rest_no_token(&self) -> Result<String, Failure> {
        match self.rest()?.health_with(None).await {
            Err(Error::Problem { problem }) if problem.kind() == ProblemKind::NoAccessToken => {
                Ok(problem.problem_type)
            }
            Err(error) => Err(Failure::otherwise("noAccessToken", error)),
            Ok(_) => Err(Failure::NotRefused { what: "a request without an access token" }),
        }
    }

    /// The assertion of this run, asked for by the first row that needs it.
    pub(super) async fn assertion(&self) -> Result<&VerifiedAssertion, Failure> {
        let (ehealth, claims) = (self.client.ehealth(), self.settings.claims.clone());
        Ok(self.assertion.get_or_try_init(|| async move { ehealth.request_token(claims).await }).await?)
    }

    pub(super) fn rest(&self) -> Result<Rest<'_>, Failure> {
        let needed = "ksz.api";
        let api = self.settings.api.as_deref().ok_or(Error::NotConfigured { needed })?;
        Ok(self.client.rest(api))
    }

    /// The identity for eHealth with a key of this kind: the client's own, or the second one.
    fn identity_with(&self, algorithm: KeyAlgorithm) -> Result<&Identity, Failure> {
        let own = self.client.settings().ehealth_identity.as_ref();
        let needed = match algorithm {
            KeyAlgorithm::Rsa => "ehealth.identity with an RSA key",
            KeyAlgorithm::EcdsaP256 => "ehealth.identity_ec with a P-256 key",
        };
        own.into_iter()
            .chain(&self.settings.identity_ec)
            .find(|identity| identity.key().algorithm() == algorithm)
            .ok_or_else(|| Error::NotConfigured { needed }.into())
    }
}

/// A text that no other answer holds.
pub(super) fn fresh_text() -> Result<String, Error> {
    Ok(format!("ksz doctor {} <&>", Random::unique()?))
}

fn require_echo(found: &str, sent: &str) -> Result<(), Failure> {
    if found == sent { Ok(()) } else { Err(Failure::WrongAnswer { what: "another text came back" }) }
}

fn ticket_of(answer: &SendTestMessageResponse, echo: &str) -> Result<String, Failure> {
    require_echo(&answer.echo, echo)?;
    let information = answer.information_cbss.as_ref();
    Ok(information.map_or_else(|| "no ticket".into(), |found| format!("ticket {}", found.ticket())))
}

fn consumer_of(answer: &IntegrationTestResponse, message: &str) -> Result<String, Failure> {
    require_echo(&answer.message, message)?;
    match answer.authenticated_consumer {
        Some(_) => Ok("authenticated".into()),
        None => Err(Failure::WrongAnswer { what: "the answer names no authenticated consumer" }),
    }
}
