use crate::algorithm::SignatureMethod;
use crate::verified::VerifiedPart;
use ksz_pki::Digest;

/// What the signature of a document covers. Only verification makes one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedSignature {
    pub(crate) references: Vec<VerifiedReference>,
    pub(crate) method: SignatureMethod,
    pub(crate) signed_info: Digest,
}

impl VerifiedSignature {
    /// What each reference covers, in the order of the signature. There may be none: then nothing is signed.
    #[must_use]
    pub fn references(&self) -> &[VerifiedReference] {
        &self.references
    }

    /// How the signature was made.
    #[must_use]
    pub const fn method(&self) -> SignatureMethod {
        self.method
    }

    /// The digest of the canonical `SignedInfo`.
    #[must_use]
    pub const fn signed_info(&self) -> &Digest {
        &self.signed_info
    }
}

/// One part of a document that a signature covers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedReference {
    pub(crate) uri: String,
    pub(crate) namespace: String,
    pub(crate) local_name: String,
    pub(crate) covers: Covers,
    pub(crate) is_enveloped: bool,
    pub(crate) manifests: usize,
    pub(crate) part: VerifiedPart,
}

impl VerifiedReference {
    /// The reference as it is written.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Whether it covers the document or one element of it.
    #[must_use]
    pub const fn covers(&self) -> Covers {
        self.covers
    }

    /// The namespace name of the element it covers, or of the document element.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The name of that element without its prefix.
    #[must_use]
    pub fn local_name(&self) -> &str {
        &self.local_name
    }

    /// Whether the `Signature` itself stands in that element and is left out: its `KeyInfo` and what other
    /// objects it holds are not covered by this reference.
    #[must_use]
    pub const fn is_enveloped(&self) -> bool {
        self.is_enveloped
    }

    /// How many `Manifest` elements it covers. They are covered like any other element; the references that
    /// they hold themselves are not followed, so what those name is not verified (XML Signature 1.1 section
    /// 5.1).
    #[must_use]
    pub const fn manifests(&self) -> usize {
        self.manifests
    }

    /// The canonical octets that were digested.
    #[must_use]
    pub const fn part(&self) -> &VerifiedPart {
        &self.part
    }
}

/// How much of a document a reference covers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Covers {
    /// The document element and the processing instructions around it; comments too if the reference says so.
    Document,
    /// One element with everything in it. What stands around it is not covered.
    Element,
}
