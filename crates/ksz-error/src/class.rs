use std::fmt;

/// The family of verification rules that a message broke.
///
/// The names are part of the command's `--json` output and do not change. They are for the operator of a
/// receiving service; what a service may tell the sender is only "not authenticated" (`SOA-01001`), because
/// the difference between two classes helps whoever is forging.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Class {
    /// Not namespace-well-formed XML 1.0 in UTF-8.
    XmlMalformed,
    /// Well-formed, but with something a signed message never holds: a DOCTYPE, a processing instruction.
    XmlForbidden,
    /// Larger, deeper or more numerous than the limits allow.
    Limit,
    /// Elements missing, repeated, or in a place where they do not belong.
    Structure,
    /// An identifier that is absent or occurs twice.
    Id,
    /// A `Reference` that leads elsewhere than to the element it must cover.
    Reference,
    /// A part that must be signed and is not.
    Coverage,
    /// An algorithm outside the accepted list.
    Algorithm,
    /// A key that is missing, malformed, or of an unaccepted kind or size.
    Key,
    /// A certificate that does not lead to a configured anchor at the given time.
    Trust,
    /// A part that changed after it was signed.
    Digest,
    /// A signature value that was not made by the expected key.
    Signature,
    /// A `Timestamp` that is malformed, too long, expired or from the future.
    Timestamp,
    /// A SAML assertion whose issuer, conditions or statements are not accepted.
    Assertion,
    /// A message not signed by the holder that the assertion confirms.
    Hok,
    /// A message that was accepted before.
    Replay,
}

impl Class {
    /// The name in the command's JSON output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::XmlMalformed => "xml-malformed",
            Self::XmlForbidden => "xml-forbidden",
            Self::Limit => "limit",
            Self::Structure => "structure",
            Self::Id => "id",
            Self::Reference => "reference",
            Self::Coverage => "coverage",
            Self::Algorithm => "algorithm",
            Self::Key => "key",
            Self::Trust => "trust",
            Self::Digest => "digest",
            Self::Signature => "signature",
            Self::Timestamp => "timestamp",
            Self::Assertion => "assertion",
            Self::Hok => "hok",
            Self::Replay => "replay",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
