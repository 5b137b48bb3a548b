//! Messages with attachments: what is signed is the envelope with their base64 in its place (XOP section 6.1).

use crate::security::{Token, Unsigned, sign};
use crate::verify::{holder_of_key_message, x509_message};
use crate::{Error, Ids, Policy, Replay, SamlToken, SigningOptions, VerifiedMessage};
use ksz_pki::{
    Digest, DigestAlgorithm, Hasher, Identity, PublicKey, SigningKey, TrustStore, TrustedCertificate,
};
use ksz_soap::mtom::{
    ContentId, Include, Package, PartReader, PartSource, ReceivedPackage, ReceivedPart, includes,
};
use ksz_xml::{Document, Element, Limits, Reader};
use ksz_xmldsig::{CanonicalizationMethod, Expand, PrefixList};
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};
use std::time::SystemTime;

/// Signs the envelope of a package like [`sign_x509`](crate::sign_x509), and its attachments with it. Each attachment is
/// read once.
///
/// # Errors
///
/// Those of [`sign_x509`](crate::sign_x509), and [`Error::Signature`] if an attachment cannot be read.
pub fn sign_x509_package(
    package: Package,
    identity: &Identity,
    ids: &Ids,
    now: SystemTime,
    options: &SigningOptions,
) -> Result<Package, Error> {
    sign_package(package, &Token::certificate(identity, ids, options), identity.key(), ids, now, options)
}

/// Signs the envelope of a package like [`sign_holder_of_key`](crate::sign_holder_of_key), and its attachments with it.
/// Each attachment is read once.
///
/// # Errors
///
/// Those of [`sign_holder_of_key`](crate::sign_holder_of_key), and [`Error::Signature`] if an attachment cannot be read.
pub fn sign_holder_of_key_package(
    package: Package,
    assertion: &SamlToken,
    key: &SigningKey,
    ids: &Ids,
    now: SystemTime,
    options: &SigningOptions,
) -> Result<Package, Error> {
    sign_package(package, &Token::assertion(assertion, ids), key, ids, now, options)
}

fn sign_package(
    package: Package,
    token: &Token,
    key: &SigningKey,
    ids: &Ids,
    now: SystemTime,
    options: &SigningOptions,
) -> Result<Package, Error> {
    let found = includes(package.envelope().as_bytes(), &Limits::widest())?;
    if let Some(outside) = found.iter().find(|include| !include.is_in_body()) {
        return Err(Error::IncludeNotCovered { content_id: outside.content_id().to_string() });
    }
    let attachments = package.attachments().iter();
    let mut parts = Parts::new(attachments.map(|attachment| (attachment.content_id(), attachment.source())));
    let message = Unsigned { envelope: package.envelope().as_bytes(), expand: Some(&mut parts) };
    let signed = sign(message, token, key, ids, now, options)?;
    Ok(package.with_envelope(signed)?)
}

/// Verifies a package whose envelope is signed with a certificate, like [`verify_x509`](crate::verify_x509).
///
/// What is included outside of the Body, such as the token itself, is put in its place before the header is read. What
/// the Body includes is digested as base64 in its place, and handed out. A part that is included nowhere is handled as
/// [`Policy::unreferenced_parts`] says.
///
/// # Errors
///
/// Those of [`verify_x509`](crate::verify_x509), and:
///
/// - [`Error::Soap`] for a part that is missing, not included, or included where it must not be: those of
///   [`ReceivedPackage::unpack`].
/// - [`Error::Signature`] with [`NotExpanded`](ksz_xmldsig::Error::NotExpanded) if the signer digested `xop:Include` itself.
pub fn verify_x509_package<P: PartSource>(
    package: ReceivedPackage<P>,
    trust: &TrustStore,
    policy: &Policy,
    replay: Replay<'_>,
    now: SystemTime,
) -> Result<VerifiedPackage<TrustedCertificate, P>, Error> {
    let unpacked = package.unpack(&policy.limits, policy.unreferenced_parts)?;
    let attachments = named(unpacked.attachments);
    let mut parts = Parts::of(&attachments);
    let message = x509_message(&unpacked.envelope, Some(&mut parts), trust, policy, replay, now)?;
    Ok(VerifiedPackage { message, attachments })
}

/// Verifies a package whose envelope is signed by the holder of an assertion, like
/// [`verify_holder_of_key`](crate::verify_holder_of_key).
///
/// # Errors
///
/// Those of [`verify_holder_of_key`](crate::verify_holder_of_key) and of [`verify_x509_package`].
pub fn verify_holder_of_key_package<S, P: PartSource, E: From<Error>>(
    package: ReceivedPackage<P>,
    policy: &Policy,
    replay: Replay<'_>,
    now: SystemTime,
    confirm: impl FnOnce(&Document<'_>, Element<'_>) -> Result<(S, PublicKey), E>,
) -> Result<VerifiedPackage<S, P>, E> {
    let unpacked = package.unpack(&policy.limits, policy.unreferenced_parts).map_err(Error::from)?;
    let attachments = named(unpacked.attachments);
    let mut parts = Parts::of(&attachments);
    let message = holder_of_key_message(&unpacked.envelope, Some(&mut parts), policy, replay, now, confirm)?;
    Ok(VerifiedPackage { message, attachments })
}

/// A package whose signature, signer and time were accepted. Only verification makes one.
///
/// It holds what was digested: the parts of the envelope, in whose Body each `xop:Include` stands for one of the
/// attachments, and these.
#[derive(Debug)]
pub struct VerifiedPackage<S, P> {
    message: VerifiedMessage<S>,
    attachments: Vec<VerifiedAttachment<P>>,
}

impl<S, P> VerifiedPackage<S, P> {
    /// The message. In its Body, each `xop:Include` stands for the attachment of the same position.
    #[must_use]
    pub const fn message(&self) -> &VerifiedMessage<S> {
        &self.message
    }

    /// The attachments, in the order of the Body.
    #[must_use]
    pub fn attachments(&self) -> &[VerifiedAttachment<P>] {
        &self.attachments
    }

    /// The message and its attachments.
    #[must_use]
    pub fn into_parts(self) -> (VerifiedMessage<S>, Vec<VerifiedAttachment<P>>) {
        (self.message, self.attachments)
    }
}

impl<S, P: PartSource> VerifiedPackage<S, P> {
    /// SHA-256 over the Body in exclusive canonical form, whatever prefix list the signer used, with the base64 of the
    /// attachments in its place. Each is read once more.
    ///
    /// # Errors
    ///
    /// [`Error::Signature`] if an attachment cannot be read.
    pub fn body_digest(&self) -> Result<Digest, Error> {
        let document = self.message.body().document()?;
        let mut hash = Hasher::new(DigestAlgorithm::Sha256);
        CanonicalizationMethod::exclusive(PrefixList::default()).canonicalize_expanding(
            document.root(),
            &mut Parts::of(&self.attachments),
            &mut hash,
        )?;
        Ok(hash.finish())
    }
}

/// An attachment that was digested. Its media type is in no signature, so it is not here.
#[derive(Clone)]
pub struct VerifiedAttachment<P> {
    content_id: ContentId,
    source: P,
}

impl<P> VerifiedAttachment<P> {
    /// The identifier by which the Body includes it.
    #[must_use]
    pub const fn content_id(&self) -> &ContentId {
        &self.content_id
    }

    /// Its octets.
    #[must_use]
    pub const fn source(&self) -> &P {
        &self.source
    }

    /// Its octets alone.
    #[must_use]
    pub fn into_source(self) -> P {
        self.source
    }
}

impl<P> fmt::Debug for VerifiedAttachment<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifiedAttachment({})", self.content_id)
    }
}

/// The parts that are included: each has an identifier, or it could not be.
fn named<P>(parts: Vec<ReceivedPart<P>>) -> Vec<VerifiedAttachment<P>> {
    let named = |part: ReceivedPart<P>| {
        let content_id = part.headers().content_id().cloned()?;
        Some(VerifiedAttachment { content_id, source: part.into_source() })
    };
    parts.into_iter().filter_map(named).collect()
}

/// The octets that each `xop:Include` stands for.
struct Parts<'p>(HashMap<&'p ContentId, &'p dyn PartSource>);

impl<'p> Parts<'p> {
    fn new(parts: impl Iterator<Item = (&'p ContentId, &'p dyn PartSource)>) -> Self {
        Self(parts.collect())
    }

    fn of<P: PartSource>(attachments: &'p [VerifiedAttachment<P>]) -> Self {
        Self::new(attachments.iter().map(|part| (&part.content_id, &part.source as &dyn PartSource)))
    }
}

impl Expand for Parts<'_> {
    fn octets(&mut self, reader: &Reader<'_>) -> io::Result<Option<Box<dyn Read + '_>>> {
        if !Include::is_begun(reader) {
            return Ok(None);
        }
        let target = Include::target(reader).map_err(|_| io::ErrorKind::InvalidData)?;
        let source = self.0.get(&target).ok_or(io::ErrorKind::NotFound)?;
        Ok(Some(Box::new(PartReader::new(*source))))
    }
}
