use crate::verified::{TIMESTAMP, WSU_ID};
use crate::{
    Error, Policy, Replay, Timestamp, VerifiedMessage, binary_token, confirmation, names, token_reference,
};
use ksz_pki::{PublicKey, TrustStore, TrustedCertificate};
use ksz_soap::Envelope;
use ksz_soap::mtom::holds_include;
use ksz_xml::{Document, Element, Limits};
use ksz_xmldsig::{BoundSignature, Expand, Part, UnverifiedSignature, Verified};
use std::time::SystemTime;

/// Verifies a message that is signed with a certificate (X.509 Token Profile 1.1).
///
/// The order of the work: limits, shape, algorithms, trust in the certificate, the signature over `SignedInfo`,
/// the digests, the time, and replay last. It stops at the first failure. The signature must cover Timestamp, Body
/// and token, and nothing else; the key is the one of the certificate that the header's token holds.
///
/// # Errors
///
/// One variant of [`Error`] for each refusal; a message that includes attachments is refused here, see
/// [`verify_x509_package`](crate::verify_x509_package). Whoever answers a sender says only that the call was not
/// authenticated: which rule was broken helps a forger.
pub fn verify_x509(
    message: &[u8],
    trust: &TrustStore,
    policy: &Policy,
    replay: Replay<'_>,
    now: SystemTime,
) -> Result<VerifiedMessage<TrustedCertificate>, Error> {
    x509_message(message, None, trust, policy, replay, now)
}

/// [`verify_x509`], where elements of the Body may stand for the octets that `expand` gives.
pub(crate) fn x509_message(
    message: &[u8],
    expand: Option<&mut dyn Expand>,
    trust: &TrustStore,
    policy: &Policy,
    replay: Replay<'_>,
    now: SystemTime,
) -> Result<VerifiedMessage<TrustedCertificate>, Error> {
    let document = Document::parse_outline(message, &policy.limits, Envelope::is_body)?;
    let header = SecurityHeader::find(&document, Profile::X509, policy)?;
    let read = if policy.str_transform {
        UnverifiedSignature::read_with_str_transform
    } else {
        UnverifiedSignature::read
    };
    let signature = read(&document, header.signature, &policy.signature_limits)?;
    let token = Part::new("BinarySecurityToken", header.token, WSU_ID.0, WSU_ID.1);
    let token_id = header.token.attribute(WSU_ID.0, WSU_ID.1).unwrap_or_default();
    let reference = token_reference::require_direct(signature.key_info(), token_id)?;
    let token = if policy.str_transform { token.with_token_reference(reference) } else { token };
    let bound = signature.bind(&header.parts(Some(token)))?;

    let der = binary_token::read(header.token, policy.signature_limits.base64)?;
    let certificate = trust.certificate(&der)?;
    let signer = trust.accept(&certificate, now)?;
    let verified = verify_parts(bound, signer.public_key(), expand)?;
    Timestamp::read(header.timestamp)?;
    accept(verified, signer, policy, replay, now)
}

/// Verifies a message that is signed by the holder of a SAML 1.1 assertion (SAML Token Profile 1.1 section 3.5.1).
///
/// `confirm` verifies the assertion it is given, with all that belongs to it, and answers with what it learnt and
/// the key that the assertion confirms; the message must be signed with that key, over Timestamp and Body and
/// nothing else. Otherwise the work is that of [`verify_x509`]; `confirm` stands where it trusts a certificate, so an
/// assertion's conditions are judged before the message's signature.
///
/// # Errors
///
/// One variant of [`Error`] for each refusal, and whatever `confirm` refuses.
pub fn verify_holder_of_key<S, E: From<Error>>(
    message: &[u8],
    policy: &Policy,
    replay: Replay<'_>,
    now: SystemTime,
    confirm: impl FnOnce(&Document<'_>, Element<'_>) -> Result<(S, PublicKey), E>,
) -> Result<VerifiedMessage<S>, E> {
    holder_of_key_message(message, None, policy, replay, now, confirm)
}

/// [`verify_holder_of_key`], where elements of the Body may stand for the octets that `expand` gives.
pub(crate) fn holder_of_key_message<S, E: From<Error>>(
    message: &[u8],
    expand: Option<&mut dyn Expand>,
    policy: &Policy,
    replay: Replay<'_>,
    now: SystemTime,
    confirm: impl FnOnce(&Document<'_>, Element<'_>) -> Result<(S, PublicKey), E>,
) -> Result<VerifiedMessage<S>, E> {
    let document =
        Document::parse_outline(message, &policy.limits, Envelope::is_body).map_err(Error::from)?;
    let header = SecurityHeader::find(&document, Profile::HolderOfKey, policy)?;
    let signature = UnverifiedSignature::read(&document, header.signature, &policy.signature_limits)
        .map_err(Error::from)?;
    let assertion_id = header.token.attribute("", "AssertionID").unwrap_or_default();
    if signature.refers_to(assertion_id) {
        return Err(Error::AssertionCovered.into());
    }
    token_reference::require_assertion_id(signature.key_info(), assertion_id)?;
    let bound = signature.bind(&header.parts(None)).map_err(Error::from)?;

    let (signer, holder) = confirm(&document, header.token)?;
    let by_some_key = bound.has_possible_value();
    let verified = verify_parts(bound, &holder, expand).map_err(|error| match error {
        ksz_xmldsig::Error::SignatureMismatch | ksz_xmldsig::Error::AlgorithmNotForKey { .. }
            if by_some_key =>
        {
            Error::NotHolder
        }
        other => other.into(),
    })?;
    Timestamp::read(header.timestamp)?;
    Ok(accept(verified, signer, policy, replay, now)?)
}

/// The signature and the digests. Where nothing is expanded, nothing signed may stand for something else: whoever expanded
/// it afterwards would read what nobody signed.
fn verify_parts(
    bound: BoundSignature<'_>,
    key: &PublicKey,
    expand: Option<&mut dyn Expand>,
) -> Result<Verified, ksz_xmldsig::Error> {
    if let Some(expand) = expand {
        return bound.verify_expanding(key, expand);
    }
    let verified = bound.verify(key)?;
    for part in verified.parts() {
        if holds_include(part.octets(), &Limits::widest())? {
            return Err(ksz_xmldsig::Error::NotExpanded { part: part.name() });
        }
    }
    Ok(verified)
}

/// The last checks, on the octets that were digested: the time, and replay.
///
/// Canonical form drops comments. Another reader may find less than the whole instant in front of one, so the caller has
/// held the Timestamp as it came to the same shape; nothing is taken from there.
fn accept<S>(
    verified: Verified,
    signer: S,
    policy: &Policy,
    replay: Replay<'_>,
    now: SystemTime,
) -> Result<VerifiedMessage<S>, Error> {
    let timestamp = {
        let document = verified.parts()[TIMESTAMP].document()?;
        Timestamp::read(document.root())?
    };
    timestamp.check(now, policy)?;
    let until = timestamp.expires().checked_add(policy.clock_skew).unwrap_or(timestamp.expires());
    replay.check(verified.signed_info(), until, now)?;
    Ok(VerifiedMessage { verified, timestamp, signer })
}

/// Which token the header must hold.
#[derive(Clone, Copy)]
enum Profile {
    X509,
    HolderOfKey,
}

impl Profile {
    const fn token(self) -> (&'static str, &'static str) {
        match self {
            Self::X509 => (names::WSSE, "BinarySecurityToken"),
            Self::HolderOfKey => (names::SAML_11, "Assertion"),
        }
    }
}

/// The parts of a message, each found by its fixed path.
struct SecurityHeader<'d> {
    signature: Element<'d>,
    timestamp: Element<'d>,
    token: Element<'d>,
    body: Element<'d>,
    confirmation: Option<Element<'d>>,
}

impl<'d> SecurityHeader<'d> {
    /// Envelope, Header, one Security, and in it one Signature, one Timestamp, one token, and a confirmation if the policy
    /// allows it, in any order.
    fn find(document: &'d Document<'_>, profile: Profile, policy: &Policy) -> Result<Self, Error> {
        document.require_unique_ids()?;
        let envelope = Envelope::find_as(document, policy.soap_versions)?;
        let headers: Vec<_> = envelope
            .header()
            .into_iter()
            .flat_map(Element::children)
            .filter(|child| child.is(names::WSSE, "Security"))
            .collect();
        let &[security] = headers.as_slice() else {
            return Err(Error::SecurityCount { found: headers.len() });
        };
        if !security.children().any(|child| child.is(ksz_xmldsig::names::DS, "Signature")) {
            return Err(Error::NotSigned { holder: "wsse:Security" });
        }
        let (confirmations, children): (Vec<_>, Vec<_>) =
            security.only_children()?.into_iter().partition(|child| confirmation::is_allowed(*child, policy));
        let only = |namespace, name| {
            let mut found = children.iter().filter(|child| child.is(namespace, name));
            found.next().filter(|_| found.next().is_none()).copied()
        };
        if !children.iter().any(|child| child.is(names::WSU, "Timestamp")) {
            return Err(Error::NoTimestamp);
        }
        let (namespace, name) = profile.token();
        match (
            only(ksz_xmldsig::names::DS, "Signature"),
            only(names::WSU, "Timestamp"),
            only(namespace, name),
            children.len(),
            confirmations.as_slice(),
        ) {
            (Some(_), Some(_), Some(token), 3, _) if holds_another(token) => {
                Err(Error::SecurityShape { token: name, found: format!("one {name} inside another") })
            }
            (Some(signature), Some(timestamp), Some(token), 3, [] | [_]) => {
                let confirmation = confirmations.first().copied();
                Ok(Self { signature, timestamp, token, body: envelope.body(), confirmation })
            }
            _ => {
                let found: Vec<_> = children
                    .iter()
                    .chain(&confirmations)
                    .take(6)
                    .map(|child| child.qualified_name())
                    .collect();
                Err(Error::SecurityShape { token: name, found: found.join(", ") })
            }
        }
    }

    /// What the signature must cover, in the order of [`TIMESTAMP`] and [`BODY`](crate::verified::BODY).
    fn parts(&self, token: Option<Part<'d>>) -> Vec<Part<'d>> {
        let timestamp = Part::new("Timestamp", self.timestamp, WSU_ID.0, WSU_ID.1);
        let body = Part::new("Body", self.body, WSU_ID.0, WSU_ID.1);
        let confirmation = self.confirmation.map(confirmation::part);
        [timestamp, body].into_iter().chain(token).chain(confirmation).collect()
    }
}

/// Whether a token holds another of its name, which a reader could take for it.
pub(crate) fn holds_another(token: Element<'_>) -> bool {
    token.descendants().skip(1).any(|element| element.is(token.namespace(), token.local_name()))
}
