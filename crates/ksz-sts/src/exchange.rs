use crate::Error;
use crate::assertion::VerifiedAssertion;
use crate::challenge::SignChallenge;
use crate::request::RequestSecurityToken;
use crate::response::{TokenResponse, verify_token};
use crate::trust::AssertionTrust;
use ksz_pki::Identity;
use ksz_soap::write_envelope;
use ksz_wss::{Ids, Policy, SigningOptions, sign_x509};
use ksz_xml::Document;
use std::time::SystemTime;

/// One request for a token and what follows, without the socket.
///
/// [`request`](Self::request) gives the first message; [`read`](Self::read) its answer: the token, or a challenge to
/// be answered with [`answer`](Self::answer) and read with [`read_last`](Self::read_last).
#[derive(Clone, Debug)]
pub struct TokenExchange {
    request: RequestSecurityToken,
}

/// What the service answered.
#[derive(Clone, Debug)]
pub enum Step {
    /// It wants proof that the holder has the key.
    Challenge(SignChallenge),
    /// The token.
    Token(Box<VerifiedAssertion>),
}

impl TokenExchange {
    /// An exchange for a request.
    #[must_use]
    pub const fn new(request: RequestSecurityToken) -> Self {
        Self { request }
    }

    /// The request.
    #[must_use]
    pub const fn token_request(&self) -> &RequestSecurityToken {
        &self.request
    }

    /// The first message, signed with the identification key. Its action is
    /// [`Operation::REQUEST_SECURITY_TOKEN`](ksz_soap::Operation::REQUEST_SECURITY_TOKEN).
    ///
    /// # Errors
    ///
    /// Those of [`RequestSecurityToken::examine`], whose warnings are passed over here, of
    /// [`RequestSecurityToken::to_xml`] and of [`sign_x509`].
    pub fn request(
        &self,
        identification: &Identity,
        ids: &Ids,
        now: SystemTime,
        options: &SigningOptions,
    ) -> Result<String, Error> {
        self.request.examine(identification.certificate(), now)?;
        let envelope = write_envelope(&self.request.to_xml()?);
        Ok(sign_x509(envelope.as_bytes(), identification, ids, now, options)?)
    }

    /// Reads the answer to the first message. A challenge belongs to this exchange, or it is refused like a token for
    /// another.
    ///
    /// # Errors
    ///
    /// Those of [`verify_token_response`](crate::verify_token_response).
    pub fn read(
        &self,
        answer: &[u8],
        trust: &AssertionTrust,
        policy: &Policy,
        now: SystemTime,
    ) -> Result<Step, Error> {
        let document = Document::parse(answer, &policy.limits)?;
        match TokenResponse::read(&document, Some(self.request.context()), policy)? {
            TokenResponse::Challenge(challenge) => Ok(Step::Challenge(challenge)),
            TokenResponse::Token(assertion) => {
                let holder = self.request.holder()?;
                let token = verify_token(&document, assertion, holder.as_ref(), trust, policy, now)?;
                Ok(Step::Token(Box::new(token)))
            }
        }
    }

    /// The answer to a challenge, signed with the holder-of-key key. Its action is
    /// [`Operation::CHALLENGE`](ksz_soap::Operation::CHALLENGE).
    ///
    /// # Errors
    ///
    /// Those of [`sign_x509`].
    pub fn answer(
        &self,
        challenge: &SignChallenge,
        holder: &Identity,
        ids: &Ids,
        now: SystemTime,
        options: &SigningOptions,
    ) -> Result<String, Error> {
        let envelope = write_envelope(&challenge.response().to_xml());
        Ok(sign_x509(envelope.as_bytes(), holder, ids, now, options)?)
    }

    /// Reads the answer to the answer: the token.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`], and [`Error::SecondChallenge`] if the service asks again.
    pub fn read_last(
        &self,
        answer: &[u8],
        trust: &AssertionTrust,
        policy: &Policy,
        now: SystemTime,
    ) -> Result<VerifiedAssertion, Error> {
        match self.read(answer, trust, policy, now)? {
            Step::Token(token) => Ok(*token),
            Step::Challenge(_) => Err(Error::SecondChallenge),
        }
    }
}
