use crate::Error;
use crate::builder::require_certificate_of;
use crate::call::read_answer;
use crate::client::Client;
use crate::random::Random;
use crate::session::{RenewWith, SessionBuilder, TokenOrder};
use ksz_pki::Identity;
use ksz_soap::{IntegrationTest, IntegrationTestRequest, IntegrationTestResponse, write_envelope};
use ksz_sts::{Claims, VerifiedAssertion};
use ksz_transport::Service;
use ksz_wss::{SigningOptions, sign_holder_of_key, sign_x509};

/// The services of the eHealth platform.
#[derive(Clone, Copy, Debug)]
pub struct Ehealth<'c> {
    client: &'c Client,
}

impl<'c> Ehealth<'c> {
    pub(crate) const fn new(client: &'c Client) -> Self {
        Self { client }
    }

    /// `checkConnection`: whether TLS is in order. The message has no security header.
    ///
    /// # Errors
    ///
    /// [`Error::Transport`] if there is no answer, [`Error::Soap`] for a fault or an answer that is none.
    pub async fn check_connection(&self, message: &str) -> Result<IntegrationTestResponse, Error> {
        let test = IntegrationTest::Connection;
        self.check(test, self.test_envelope(test, message)?).await
    }

    /// `checkAccessControl`: whether a message signed with the identity's certificate is accepted.
    ///
    /// # Errors
    ///
    /// Those of [`Self::check_connection`]; [`Error::NotConfigured`] without an identity.
    pub async fn check_access_control(&self, message: &str) -> Result<IntegrationTestResponse, Error> {
        self.check_access_control_as(self.identity()?, message).await
    }

    /// The same with another identity than the client's own.
    ///
    /// # Errors
    ///
    /// Those of [`Self::check_connection`]; [`Error::CertificateEnvironment`] if the identity's certificate
    /// says that it is for another environment.
    pub async fn check_access_control_as(
        &self,
        identity: &Identity,
        message: &str,
    ) -> Result<IntegrationTestResponse, Error> {
        require_certificate_of(self.client.environment(), "identity", identity.certificate())?;
        let test = IntegrationTest::AccessControl;
        let envelope = self.test_envelope(test, message)?;
        let now = self.client.now();
        let options = SigningOptions::default();
        let signed = sign_x509(envelope.as_bytes(), identity, &Random::ids()?, now, &options)?;
        self.check(test, signed).await
    }

    /// Asks the token service for an assertion about the identity, answers its challenge, and verifies what comes
    /// against the pinned certificates.
    ///
    /// The identity takes both parts: it identifies, and it will hold the assertion.
    ///
    /// # Errors
    ///
    /// [`Error::Sts`] with the fault or the refusal; [`Error::NotConfigured`] without identity or pinned certificates.
    pub async fn request_token(&self, claims: Claims) -> Result<VerifiedAssertion, Error> {
        let identity = self.identity()?;
        let (holder, identification) = (identity.clone(), identity.clone());
        let renew_with = RenewWith::default();
        let order = TokenOrder { claims, identification, holder, lifetime: None, renew_with };
        self.client.fetch_token(&order, None, &mut |_| {}).await
    }

    /// A session: a token of the token service that is asked for once, shared, and renewed before it ends. `await` what
    /// this gives.
    pub fn session(&self, claims: Claims) -> SessionBuilder {
        SessionBuilder::new(self.client, claims)
    }

    /// `checkBrokeredAccessControl`: whether a message signed by the holder of the assertion is accepted.
    ///
    /// # Errors
    ///
    /// Those of [`Self::check_access_control`]; [`ksz_sts::Error::AssertionExpired`] if the assertion is over.
    pub async fn check_brokered_access_control(
        &self,
        assertion: &VerifiedAssertion,
        message: &str,
    ) -> Result<IntegrationTestResponse, Error> {
        if let Ok(ago) = self.client.now().duration_since(assertion.conditions().not_on_or_after()) {
            return Err(ksz_sts::Error::AssertionExpired { ago: ago.as_secs() }.into());
        }
        let test = IntegrationTest::BrokeredAccessControl;
        let signed = self.brokered_message(assertion, self.identity()?, message)?;
        self.check(test, signed).await
    }

    /// A message of that operation, signed with the key of any identity.
    pub(crate) fn brokered_message(
        &self,
        assertion: &VerifiedAssertion,
        signer: &Identity,
        message: &str,
    ) -> Result<String, Error> {
        let envelope = self.test_envelope(IntegrationTest::BrokeredAccessControl, message)?;
        let (ids, now, options) = (Random::ids()?, self.client.now(), SigningOptions::default());
        Ok(sign_holder_of_key(envelope.as_bytes(), assertion.token(), signer.key(), &ids, now, &options)?)
    }

    /// The identity that signs.
    pub(crate) fn identity(&self) -> Result<&'c Identity, Error> {
        let needed = "ehealth.identity";
        self.client.settings().ehealth_identity.as_ref().ok_or(Error::NotConfigured { needed })
    }

    pub(crate) fn test_envelope(&self, test: IntegrationTest, message: &str) -> Result<String, Error> {
        let request =
            IntegrationTestRequest { test, message: message.to_owned(), timestamp: self.client.now() };
        Ok(write_envelope(&request.to_xml()?))
    }

    /// Sends a message of one of the test operations, signed as it is.
    pub(crate) async fn check(
        &self,
        test: IntegrationTest,
        envelope: String,
    ) -> Result<IntegrationTestResponse, Error> {
        let answer = self.client.exchange(Service::EhealthConsumerTest, test.operation(), envelope).await?;
        read_answer(&answer, |payload| IntegrationTestResponse::read(test, payload))
    }
}
