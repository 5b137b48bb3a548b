use ksz_pki::Digest;
use ksz_xml::{Document, Limits};
use std::fmt;
use zeroize::Zeroize;

/// What a verified signature covers. Only verification makes one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verified {
    pub(crate) parts: Vec<VerifiedPart>,
    pub(crate) signed_info: Digest,
}

impl Verified {
    /// The parts, in the order in which the caller named them.
    #[must_use]
    pub fn parts(&self) -> &[VerifiedPart] {
        &self.parts
    }

    /// The parts themselves.
    #[must_use]
    pub fn into_parts(self) -> Vec<VerifiedPart> {
        self.parts
    }

    /// The digest of the canonical `SignedInfo`, by which a replay is recognised. It is not taken over the
    /// signature value: ECDSA has two values for one message.
    #[must_use]
    pub const fn signed_info(&self) -> &Digest {
        &self.signed_info
    }
}

/// An element as it was signed: its canonical octets, which are the very octets that were digested.
///
/// Read the octets, not the document they came from.
///
/// They may hold anything, so they do not print.
#[derive(Clone, Eq, PartialEq)]
pub struct VerifiedPart {
    pub(crate) name: &'static str,
    pub(crate) id: String,
    pub(crate) octets: Vec<u8>,
}

impl VerifiedPart {
    /// What the part is: as the caller named it, or `document` or `element` in a document of others.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The identifier by which the signature refers to it; empty for a whole document.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The canonical octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Overwrites the octets, of which nothing is left: for a part that is a secret, by its owner, before it is dropped.
    pub fn wipe(&mut self) {
        self.octets.zeroize();
    }

    /// The octets, to be read as a document of their own.
    ///
    /// The limits of the message were checked on the message. Canonical form may exceed them, because escaped
    /// characters and repeated declarations take room, so only the depth is limited here.
    ///
    /// # Errors
    ///
    /// None that is known: canonical octets of a document that was read can be read.
    pub fn document(&self) -> Result<Document<'_>, ksz_xml::Error> {
        Document::parse_with_instructions(&self.octets, &Limits::widest())
    }
}

impl fmt::Debug for VerifiedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifiedPart({}, {:?}, {} octets)", self.name, self.id, self.octets.len())
    }
}
