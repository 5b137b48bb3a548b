use crate::assertion::VerifiedAssertion;
use crate::challenge::SignChallenge;
use crate::trust::AssertionTrust;
use crate::{Error, names};
use ksz_pki::Certificate;
use ksz_soap::Envelope;
use ksz_wss::Policy;
use ksz_xml::{Document, Element};
use std::time::SystemTime;

/// Verifies the token of a `RequestSecurityTokenResponse` in an envelope.
///
/// `context` is that of the request, `holder` the certificate it named; each is checked if given. The answer itself
/// is not signed: of all it holds, only the assertion is believed.
///
/// # Errors
///
/// - [`Error::Soap`] with the fault, if the service refused.
/// - [`Error::ContextMismatch`], [`Error::HolderMismatch`] if it is for another request.
/// - [`Error::ResponseShape`] if it holds not exactly one token.
/// - Those of [`VerifiedAssertion::verify`].
pub fn verify_token_response(
    answer: &[u8],
    context: Option<&str>,
    holder: Option<&Certificate>,
    trust: &AssertionTrust,
    policy: &Policy,
    now: SystemTime,
) -> Result<VerifiedAssertion, Error> {
    let document = Document::parse(answer, &policy.limits)?;
    match TokenResponse::read(&document, context, policy)? {
        TokenResponse::Challenge(_) => Err(Error::ResponseShape { found: "a challenge" }),
        TokenResponse::Token(assertion) => verify_token(&document, assertion, holder, trust, policy, now),
    }
}

pub(crate) fn verify_token(
    document: &Document<'_>,
    assertion: Element<'_>,
    holder: Option<&Certificate>,
    trust: &AssertionTrust,
    policy: &Policy,
    now: SystemTime,
) -> Result<VerifiedAssertion, Error> {
    let verified = VerifiedAssertion::verify(document, assertion, trust, policy, now)?;
    match holder {
        Some(holder) if holder.spki_der() != verified.holder_key().spki_der() => Err(Error::HolderMismatch),
        _ => Ok(verified),
    }
}

/// What a service answers besides a fault.
pub(crate) enum TokenResponse<'d> {
    Challenge(SignChallenge),
    Token(Element<'d>),
}

impl<'d> TokenResponse<'d> {
    /// Reads the answer by its fixed path: in the Body one `RequestSecurityTokenResponse`, bare as the eHealth
    /// platform sends it, or in a collection (WS-Trust 1.3 section 4.3) alone.
    pub(crate) fn read(
        document: &'d Document<'_>,
        context: Option<&str>,
        policy: &Policy,
    ) -> Result<Self, Error> {
        let payload = Envelope::find_as(document, policy.soap_versions)?.payload()?;
        let response = if payload.is(names::WST, "RequestSecurityTokenResponseCollection") {
            match payload.only_children()?.as_slice() {
                &[only] => only,
                _ => return Err(Error::ResponseShape { found: "several responses" }),
            }
        } else {
            payload
        };
        if !response.is(names::WST, "RequestSecurityTokenResponse") {
            return Err(Error::ResponseShape { found: "no RequestSecurityTokenResponse" });
        }
        let found = response.attribute("", "Context").unwrap_or_default();
        if let Some(expected) = context
            && found != expected
        {
            let bounded = |text: &str| text.chars().take(200).collect();
            return Err(Error::ContextMismatch { expected: bounded(expected), found: bounded(found) });
        }
        let challenge = response.optional_child(names::WST, "SignChallenge")?;
        let token = response.optional_child(names::WST, "RequestedSecurityToken")?;
        match (challenge, token) {
            (Some(challenge), None) => Ok(Self::Challenge(SignChallenge::read(found, challenge)?)),
            (None, Some(token)) => match token.only_children()?.as_slice() {
                [] => Err(Error::ResponseShape { found: "an empty token" }),
                &[token] if !is_assertion(token) => {
                    Err(Error::ResponseShape { found: "a token that is no SAML 1.1 assertion" })
                }
                &[token] if token.descendants().skip(1).any(is_assertion) => {
                    Err(Error::ResponseShape { found: "one token inside another" })
                }
                &[assertion] => Ok(Self::Token(assertion)),
                _ => Err(Error::ResponseShape { found: "several tokens" }),
            },
            (Some(_), Some(_)) => Err(Error::ResponseShape { found: "both a challenge and a token" }),
            (None, None) => Err(Error::ResponseShape { found: "neither a token nor a challenge" }),
        }
    }
}

fn is_assertion(element: Element<'_>) -> bool {
    element.is(names::SAML_11, "Assertion")
}
