//! `wsse11:SignatureConfirmation`: an answer repeats the signature value of its request, so that nobody can answer another
//! one (WS-Security: SOAP Message Security 1.1 section 7).

use crate::verified::WSU_ID;
use crate::{Error, Policy, names};
use ksz_soap::Envelope;
use ksz_xml::{Document, Element};
use ksz_xmldsig::{Part, VerifiedPart};

/// What the part is called in errors and in [`VerifiedMessage::parts`](crate::VerifiedMessage::parts).
const PART: &str = "SignatureConfirmation";

/// Whether a child of the security header is a confirmation that the policy allows.
pub(crate) fn is_allowed(element: Element<'_>, policy: &Policy) -> bool {
    policy.signature_confirmation && element.is(names::WSSE_11, PART)
}

/// The part that the signature must cover.
pub(crate) const fn part(confirmation: Element<'_>) -> Part<'_> {
    Part::new(PART, confirmation, WSU_ID.0, WSU_ID.1)
}

/// Whether one of these parts is a confirmation.
pub(crate) fn is_among(parts: &[VerifiedPart]) -> bool {
    parts.iter().any(|part| part.name() == PART)
}

/// Requires one of these parts to repeat the signature value of our request.
pub(crate) fn require(parts: &[VerifiedPart], request: &[u8], policy: &Policy) -> Result<(), Error> {
    let ours = signature_value(request, policy)?;
    let Some(part) = parts.iter().find(|part| part.name() == PART) else { return Err(Error::NotConfirmed) };
    let document = part.document()?;
    let confirmation = document.root();
    let is_shaped = confirmation.only_children()?.is_empty();
    let theirs = confirmation.attribute("", "Value").map(without_space);
    if is_shaped && theirs.is_some_and(|theirs| theirs == ours) { Ok(()) } else { Err(Error::NotConfirmed) }
}

/// The value of the one signature in the header of a message of ours, without white space.
fn signature_value(message: &[u8], policy: &Policy) -> Result<String, Error> {
    let document = Document::parse_outline(message, &policy.limits, Envelope::is_body)?;
    let envelope = Envelope::find_as(&document, policy.soap_versions)?;
    let header = envelope.header().ok_or(Error::SecurityCount { found: 0 })?;
    let security = header.only_child(names::WSSE, "Security")?;
    let signature = security.only_child(ksz_xmldsig::names::DS, "Signature")?;
    let value = signature.only_child(ksz_xmldsig::names::DS, "SignatureValue")?;
    Ok(without_space(&value.only_text()?))
}

fn without_space(base64: &str) -> String {
    base64.chars().filter(|c| !c.is_ascii_whitespace()).collect()
}
