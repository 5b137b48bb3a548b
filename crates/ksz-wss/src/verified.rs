use crate::{Error, Policy, Timestamp, confirmation, names};
use ksz_xmldsig::{Verified, VerifiedPart};

/// A message whose signature, signer and time were accepted. Only verification makes one.
///
/// `S` is who signed: a trusted certificate, or a verified assertion. Read the parts given here; the document they
/// came from may hold anything besides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedMessage<S> {
    pub(crate) verified: Verified,
    pub(crate) timestamp: Timestamp,
    pub(crate) signer: S,
}

impl<S> VerifiedMessage<S> {
    /// The Body.
    #[must_use]
    pub fn body(&self) -> &VerifiedPart {
        self.part(BODY)
    }

    /// All parts that are signed: Timestamp, Body, the token in the X.509 profile, and the confirmation of a request's
    /// signature if there is one.
    #[must_use]
    pub fn parts(&self) -> &[VerifiedPart] {
        self.verified.parts()
    }

    /// When the message was made and how long it lives.
    #[must_use]
    pub const fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// Who signed.
    #[must_use]
    pub const fn signer(&self) -> &S {
        &self.signer
    }

    /// The digest by which the message is known to replay guards.
    #[must_use]
    pub const fn signed_info(&self) -> &ksz_pki::Digest {
        self.verified.signed_info()
    }

    /// Whether it has a part that confirms the signature of a request, of whichever one.
    #[must_use]
    pub fn has_confirmation(&self) -> bool {
        confirmation::is_among(self.parts())
    }

    /// Requires the answer to confirm the signature of the `request` that it answers (WS-Security: SOAP Message Security
    /// 1.1 section 7). Only messages that were verified with [`Policy::of_answers`] can.
    ///
    /// # Errors
    ///
    /// [`Error::NotConfirmed`]; what is wrong with the request if it is no signed message.
    pub fn require_confirmation(&self, request: &[u8], policy: &Policy) -> Result<(), Error> {
        confirmation::require(self.parts(), request, policy)
    }

    fn part(&self, index: usize) -> &VerifiedPart {
        &self.verified.parts()[index]
    }
}

/// The place of each part in the order in which verification names them.
pub(crate) const TIMESTAMP: usize = 0;
pub(crate) const BODY: usize = 1;

/// Where identifiers of signed parts stand.
pub(crate) const WSU_ID: (&str, &str) = (names::WSU, "Id");
