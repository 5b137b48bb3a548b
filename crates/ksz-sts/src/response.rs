use crate::assertion::VerifiedAssertion;
use crate::challenge::SignChallenge;
use crate::trust::AssertionTrust;
use crate::{Error, names};
use ksz_pki::Certificate;
use ksz_soap::{Envelope, Fault};
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
/// - [`Error::Soap`] with the fault, if the service refused; [`Error::FaultBesideAnswer`] if it did that and more.
/// - [`Error::ContextMismatch`], [`Error::HolderMismatch`] if it is for another request.
/// - [`Error::SeveralResponses`] if it answers several, be it in a collection. One response in a collection is
///   taken for a bare one.
/// - [`Error::NoToken`], [`Error::ResponseShape`] if it holds not exactly one token.
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
        let response = only_response(Envelope::find_as(document, policy.soap_versions)?)?;
        let found = response.attribute("", "Context").unwrap_or_default();
        if let Some(expected) = context
            && found != expected
        {
            let bounded = |text: &str| text.chars().take(200).collect();
            return Err(Error::ContextMismatch { expected: bounded(expected), found: bounded(found) });
        }
        require_no_fault(response.children())?;
        let (challenge, token) =
            (only(response, "SignChallenge")?, only(response, "RequestedSecurityToken")?);
        match (challenge, token) {
            (Some(challenge), None) => Ok(Self::Challenge(SignChallenge::read(found, challenge)?)),
            (None, Some(token)) => assertion_in(token).map(Self::Token),
            (Some(_), Some(_)) => Err(Error::ResponseShape { found: "both a challenge and a token" }),
            (None, None) => Err(Error::NoToken),
        }
    }
}

/// The one response in the Body, or in the collection that is alone there.
fn only_response(envelope: Envelope<'_>) -> Result<Element<'_>, Error> {
    let children = envelope.body().only_children()?;
    if children.len() > 1 {
        require_no_fault(children.iter().copied())?;
        if children.iter().copied().all(|child| is_response(child) || is_collection(child)) {
            return Err(Error::SeveralResponses { parent: "Body", found: children.len() });
        }
    }
    let payload = envelope.payload()?;
    let response = if is_collection(payload) {
        match payload.only_children()?.as_slice() {
            &[only] => only,
            [] => return Err(Error::ResponseShape { found: "an empty collection" }),
            several => {
                let parent = "RequestSecurityTokenResponseCollection";
                return Err(Error::SeveralResponses { parent, found: several.len() });
            }
        }
    } else {
        payload
    };
    if is_response(response) {
        Ok(response)
    } else {
        Err(Error::ResponseShape { found: "no RequestSecurityTokenResponse" })
    }
}

/// A fault is alone in its Body: beside an answer, or in it, nobody knows which of the two holds.
fn require_no_fault<'d>(mut beside: impl Iterator<Item = Element<'d>>) -> Result<(), Error> {
    match beside.find(|child| Fault::is(*child)) {
        Some(fault) => Err(Error::FaultBesideAnswer { fault: Box::new(Fault::read(fault)?) }),
        None => Ok(()),
    }
}

/// The child of this name, if there is one.
fn only<'d>(response: Element<'d>, name: &'static str) -> Result<Option<Element<'d>>, Error> {
    let children: Vec<_> = response.children().filter(|child| child.is(names::WST, name)).collect();
    match *children.as_slice() {
        [] => Ok(None),
        [child] => Ok(Some(child)),
        _ if name == "SignChallenge" => Err(Error::ResponseShape { found: "several challenges" }),
        _ => Err(Error::ResponseShape { found: "several tokens" }),
    }
}

/// The assertion that is the token.
fn assertion_in(token: Element<'_>) -> Result<Element<'_>, Error> {
    let refuse = |found| Err(Error::ResponseShape { found });
    match token.only_children()?.as_slice() {
        [] => refuse("an empty token"),
        &[token] if !is_assertion(token) => refuse("a token that is no SAML 1.1 assertion"),
        &[token] if token.descendants().skip(1).any(is_assertion) => refuse("one token inside another"),
        &[assertion] => Ok(assertion),
        _ => refuse("several tokens"),
    }
}

fn is_response(element: Element<'_>) -> bool {
    element.is(names::WST, "RequestSecurityTokenResponse")
}

fn is_collection(element: Element<'_>) -> bool {
    element.is(names::WST, "RequestSecurityTokenResponseCollection")
}

fn is_assertion(element: Element<'_>) -> bool {
    element.is(names::SAML_11, "Assertion")
}
