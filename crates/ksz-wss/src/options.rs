use ksz_soap::SoapVersion;
use std::time::Duration;

/// The order of the elements in the header; receivers accept any (WS-SecurityPolicy layout "Lax").
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Layout {
    /// Token, signature, timestamp: the published examples of the eHealth platform.
    #[default]
    Ehealth,
    /// Timestamp, token, signature: the platform's own connector.
    Connector,
}

/// Whether canonicalization gets `InclusiveNamespaces` parameters.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PrefixLists {
    /// None, like the platform's own connector.
    #[default]
    Omitted,
    /// The prefixes in scope, like the published examples.
    Written,
}

/// Whether the header says that its receiver must understand it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum MustUnderstand {
    /// `mustUnderstand="1"` (`"true"` in SOAP 1.2), like the platform's own connector.
    #[default]
    Stated,
    /// Nothing, like the published examples.
    Omitted,
}

/// How a header is written. Receivers accept every combination.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SigningOptions {
    /// The order of its elements.
    pub layout: Layout,
    /// Whether there are prefix lists.
    pub prefix_lists: PrefixLists,
    /// Whether it must be understood.
    pub must_understand: MustUnderstand,
    /// Of which versions of SOAP the envelope may be: SOAP 1.1 alone, unless the caller says otherwise.
    pub soap_versions: &'static [SoapVersion],
    /// How long the message is valid, in whole seconds: at most [`SigningOptions::LONGEST`].
    pub lifetime: Duration,
}

impl SigningOptions {
    /// The longest life of a message that the eHealth platform accepts.
    pub const LONGEST: Duration = Duration::from_secs(300);
}

impl Default for SigningOptions {
    fn default() -> Self {
        Self {
            layout: Layout::default(),
            prefix_lists: PrefixLists::default(),
            must_understand: MustUnderstand::default(),
            soap_versions: &SoapVersion::DEFAULT,
            lifetime: Duration::from_secs(60),
        }
    }
}
