use crate::Error;
use crate::call::{read_answer, read_signed_answer};
use crate::client::Client;
use crate::random::Random;
use ksz_soap::{Operation, SendTestMessageRequest, SendTestMessageResponse, write_envelope};
use ksz_transport::Service;
use ksz_wss::{SigningOptions, sign_x509};

/// The SOAP services of KSZ.
#[derive(Clone, Copy, Debug)]
pub struct Ksz<'c> {
    client: &'c Client,
}

impl<'c> Ksz<'c> {
    pub(crate) const fn new(client: &'c Client) -> Self {
        Self { client }
    }

    /// `TestConnectionService.sendTestMessage`: whether the line and the TLS certificates are in order.
    ///
    /// # Errors
    ///
    /// [`Error::Transport`] if there is no answer, [`Error::Soap`] for a fault or an answer that is none.
    pub async fn test_connection(&self, echo: &str) -> Result<SendTestMessageResponse, Error> {
        let envelope = write_envelope(&SendTestMessageRequest { echo: echo.to_owned() }.to_xml());
        let answer = self.send(envelope).await?;
        read_answer(&answer, SendTestMessageResponse::read)
    }

    /// The same, signed with the application certificate; the answer must be signed too and is verified.
    ///
    /// # Errors
    ///
    /// Those of [`Self::test_connection`]; [`Error::NotConfigured`] without an application certificate or anchors for
    /// the answer; [`Error::Wss`] if the answer's signature is refused.
    pub async fn test_connection_signed(&self, echo: &str) -> Result<SendTestMessageResponse, Error> {
        let settings = self.client.settings();
        let needed = "ksz.application";
        let application = settings.application.as_ref().ok_or(Error::NotConfigured { needed })?;
        let needed = "ksz.answer_anchors";
        let trust = settings.answer_trust.as_ref().ok_or(Error::NotConfigured { needed })?;

        let envelope = write_envelope(&SendTestMessageRequest { echo: echo.to_owned() }.to_xml());
        let options = SigningOptions::default();
        let now = self.client.now();
        let message = sign_x509(envelope.as_bytes(), application, &Random::ids()?, now, &options)?;
        let answer = self.send(message.clone()).await?;
        read_signed_answer(self.client, message.as_bytes(), &answer, trust, SendTestMessageResponse::read)
    }

    async fn send(&self, envelope: String) -> Result<Vec<u8>, Error> {
        self.client.exchange(Service::KszTestConnection, Operation::SEND_TEST_MESSAGE, envelope).await
    }
}
