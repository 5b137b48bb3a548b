//! The rows that send something wrong on purpose: a service that accepts it protects nobody.

use crate::call::send_envelope;
use crate::doctor::rows::fresh_text;
use crate::doctor::{Doctor, Failure};
use crate::problem::ProblemKind;
use crate::{Error, Random};
use http::HeaderValue;
use ksz_oauth::{Issuer, JwtAccessToken};
use ksz_pki::{Identity, SigningKey};
use ksz_soap::{IntegrationTest, IntegrationTestResponse, Operation, SoaCode, write_envelope};
use ksz_sts::{ClaimType, Claims, RequestSecurityToken};
use ksz_transport::{Environment, HttpClient, Service};
use ksz_wss::{SigningOptions, sign_x509};

impl Doctor {
    pub(super) async fn refused_body(&self) -> Result<String, Failure> {
        self.require_simulator()?;
        let ehealth = self.client.ehealth();
        let text = fresh_text()?.replace([' ', '<', '&', '>'], "-");
        let envelope = ehealth.test_envelope(IntegrationTest::AccessControl, &text)?;
        let signed = self.signed(&envelope, ehealth.identity()?)?;
        let changed = signed.replace(&text, &text.replace("doctor", "forger"));
        require_not_authenticated(
            "a Body that was changed after signing",
            ehealth.check(IntegrationTest::AccessControl, changed).await,
        )
    }

    pub(super) async fn refused_claim(&self) -> Result<String, Failure> {
        self.require_simulator()?;
        let claim = ClaimType::certified("urn:be:fgov:person:ssin");
        let mut claims = Claims::default();
        claims.insert(claim.clone())?;
        if claims.insert(claim).is_ok() {
            return Err(Failure::NotRefused { what: "a repeated claim, before sending" });
        }

        let identity = self.client.ehealth().identity()?;
        let request = RequestSecurityToken::issue("RC-refused", claims, identity.certificate().clone());
        let element = "<auth:ClaimType Uri=\"urn:be:fgov:person:ssin\"></auth:ClaimType>";
        let twice = request.to_xml()?.replace(element, &element.repeat(2));
        let message = self.signed(&write_envelope(&twice), identity)?;
        let operation = Operation::REQUEST_SECURITY_TOKEN;
        let answer = self.client.exchange(Service::EhealthSts, operation, message).await?;
        match crate::call::read_answer(&answer, |_| Ok(())) {
            Err(error) if error.fault().is_some_and(|fault| fault.is_ws_trust("InvalidRequest")) => {
                Ok("locally, and by wst:InvalidRequest".into())
            }
            Err(error) => Err(Failure::otherwise("wst:InvalidRequest", error)),
            Ok(()) => Err(Failure::NotRefused { what: "a repeated claim" }),
        }
    }

    pub(super) async fn refused_stranger(&self) -> Result<String, Failure> {
        self.require_simulator()?;
        let needed = "simulator.stranger";
        let stranger = self.settings.stranger.clone().ok_or(Error::NotConfigured { needed })?;
        let trust = self.client.settings().server_trust.clone();
        let nobody = HttpClient::builder().server_trust(trust.clone()).build()?;
        let foreign = HttpClient::builder().server_trust(trust).identity(stranger).build()?;

        match self.stopped_by_tls(&nobody).await? {
            ksz_transport::Error::ClientCertificateRequired { .. } => {}
            error => return Err(Failure::Call(error.into())),
        }
        match self.stopped_by_tls(&foreign).await? {
            ksz_transport::Error::ClientCertificateRefused { .. } => Ok("by TLS".into()),
            error => Err(Failure::Call(error.into())),
        }
    }

    pub(super) async fn refused_holder(&self) -> Result<String, Failure> {
        self.require_simulator()?;
        let needed = "ksz.application, which plays the other holder,";
        let other = self.client.settings().application.as_ref().ok_or(Error::NotConfigured { needed })?;
        let assertion = self.assertion().await?;
        let ehealth = self.client.ehealth();
        let message = ehealth.brokered_message(assertion, other, &fresh_text()?)?;
        require_not_authenticated(
            "an assertion used by another than its holder",
            ehealth.check(IntegrationTest::BrokeredAccessControl, message).await,
        )
    }

    pub(super) async fn refused_token(&self) -> Result<String, Failure> {
        self.require_simulator()?;
        let needed = "simulator.other_key";
        let key = self.settings.other_key.as_ref().ok_or(Error::NotConfigured { needed })?;
        let forged = self.forged_token(key).await?;
        match self.rest()?.health_with(Some(forged)).await {
            Err(Error::Problem { problem }) if problem.kind() == ProblemKind::InvalidAccessToken => {
                Ok(problem.problem_type)
            }
            Err(error) => Err(Failure::otherwise("invalidAccessToken", error)),
            Ok(_) => Err(Failure::NotRefused { what: "an access token that another key signed" }),
        }
    }

    /// A token that says all that a good one says, signed with another key.
    async fn forged_token(&self, key: &SigningKey) -> Result<HeaderValue, Failure> {
        let issuer: Issuer = self.client.oauth_metadata().await?.issuer().clone();
        let audience = self.client.endpoint(Service::KszRest)?.to_string();
        let client = self.client.oauth_settings()?.client_id.clone();
        let token =
            JwtAccessToken::new(issuer, audience, client).sign(key, &Random::uuid()?, self.client.now())?;
        let header = HeaderValue::from_str(&format!("Bearer {token}"));
        header.map_err(|_| Failure::WrongAnswer { what: "a token that fits no header" })
    }

    /// The TLS failure of a test message over this connection.
    async fn stopped_by_tls(&self, http: &HttpClient) -> Result<ksz_transport::Error, Failure> {
        let url = self.client.endpoint(Service::KszTestConnection)?;
        let envelope = write_envelope("<a xmlns=\"urn:nobody\"></a>");
        match send_envelope(http, url, Operation::SEND_TEST_MESSAGE, envelope).await {
            Err(Error::Transport(error)) => Ok(error),
            Err(error) => Err(Failure::otherwise("a TLS alert", error)),
            Ok(_) => Err(Failure::NotRefused { what: "a connection without an accepted certificate" }),
        }
    }

    fn signed(&self, envelope: &str, identity: &Identity) -> Result<String, Failure> {
        let (now, options) = (self.client.now(), SigningOptions::default());
        Ok(sign_x509(envelope.as_bytes(), identity, &Random::ids()?, now, &options)?)
    }

    fn require_simulator(&self) -> Result<(), Failure> {
        if self.environment() == Environment::Simulator { Ok(()) } else { Err(Failure::SimulatorOnly) }
    }
}

/// Requires the one refusal that a sender is told of.
fn require_not_authenticated(
    what: &'static str,
    answer: Result<IntegrationTestResponse, Error>,
) -> Result<String, Failure> {
    let expected = SoaCode::NOT_AUTHENTICATED;
    match answer {
        Ok(_) => Err(Failure::NotRefused { what }),
        Err(error) if error.fault().is_some_and(|fault| fault.service_code() == expected) => {
            Ok(expected.into())
        }
        Err(error) => Err(Failure::otherwise(expected, error)),
    }
}
