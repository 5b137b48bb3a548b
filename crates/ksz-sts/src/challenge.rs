//! The exchange that the eHealth platform puts between a request and its token: `SignChallenge`, answered by
//! `SignChallengeResponse` (a negotiation in the form of WS-Trust 1.3 section 8.1).

use crate::{Error, names};
use ksz_xml::{Element, escape_attribute, escape_text};
use std::fmt;

/// A challenge: whoever will hold the key is to prove that it does. It does not print.
#[derive(Clone, Eq, PartialEq)]
pub struct SignChallenge {
    context: String,
    challenge: String,
}

impl SignChallenge {
    /// A challenge for the request with this context.
    #[must_use]
    pub fn new(context: &str, challenge: &str) -> Self {
        Self { context: context.to_owned(), challenge: challenge.to_owned() }
    }

    /// The context of the request.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The challenge itself.
    #[must_use]
    pub fn challenge(&self) -> &str {
        &self.challenge
    }

    /// The answer to it: the same text, in a message that the holder-of-key key signs.
    #[must_use]
    pub fn response(&self) -> SignChallengeResponse {
        SignChallengeResponse(self.clone())
    }

    /// The payload of the Body, for the side that asks.
    #[must_use]
    pub fn to_xml(&self) -> String {
        self.wrapped("SignChallenge")
    }

    pub(crate) fn read(context: &str, element: Element<'_>) -> Result<Self, Error> {
        let challenge = element.only_child(names::WST, "Challenge")?.only_text()?;
        Ok(Self { context: context.to_owned(), challenge: challenge.into_owned() })
    }

    fn wrapped(&self, name: &str) -> String {
        let mut xml = format!("<wst:RequestSecurityTokenResponse xmlns:wst=\"{}\" Context=\"", names::WST);
        escape_attribute(&self.context, &mut |piece| xml += piece);
        xml += &format!("\"><wst:{name}><wst:Challenge>");
        escape_text(&self.challenge, &mut |piece| xml += piece);
        xml + &format!("</wst:Challenge></wst:{name}></wst:RequestSecurityTokenResponse>")
    }
}

impl fmt::Debug for SignChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignChallenge({:?}, …)", self.context)
    }
}

/// The answer to a challenge.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignChallengeResponse(SignChallenge);

impl SignChallengeResponse {
    /// The context of the request.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.0.context
    }

    /// The challenge that is answered.
    #[must_use]
    pub fn challenge(&self) -> &str {
        &self.0.challenge
    }

    /// The payload of the Body.
    #[must_use]
    pub fn to_xml(&self) -> String {
        self.0.wrapped("SignChallengeResponse")
    }

    /// Reads an answer, for the side that asked.
    ///
    /// # Errors
    ///
    /// [`Error::RequestNotAccepted`] if the Body holds something else, [`Error::Soap`] for its shape.
    pub fn read(payload: Element<'_>) -> Result<Self, Error> {
        if !payload.is(names::WST, "RequestSecurityTokenResponse") {
            return Err(Error::RequestNotAccepted { detail: "the Body holds no answer to a challenge" });
        }
        let context = payload.required_attribute("Context")?;
        let response = payload.only_child(names::WST, "SignChallengeResponse")?;
        SignChallenge::read(context, response).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::{Document, Limits};

    #[test]
    fn an_answer_repeats_context_and_challenge() {
        let challenge = SignChallenge::new("RC-<1>", "c3ludGg= & more");
        let xml = challenge.response().to_xml();
        let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
        let answer = SignChallengeResponse::read(document.root()).unwrap();
        assert_eq!((answer.context(), answer.challenge()), ("RC-<1>", "c3ludGg= & more"));
    }
}
