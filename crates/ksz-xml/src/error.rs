use ksz_error::{Class, Kind};

/// Why a document was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The octets are not UTF-8.
    #[error("not UTF-8 at octet {offset}")]
    NotUtf8 {
        /// How many octets are good.
        offset: usize,
    },

    /// Not well-formed (XML 1.0, Namespaces in XML 1.0).
    #[error("not well-formed at {line}:{column}: {detail}")]
    NotWellFormed {
        /// The line, counted from 1.
        line: usize,
        /// The character in the line, counted from 1.
        column: usize,
        /// Which rule is broken.
        detail: String,
    },

    /// The document declares a version other than 1.0.
    #[error("XML version {version:?} is not accepted")]
    VersionNotAccepted {
        /// The declared version.
        version: String,
    },

    /// The document declares an encoding other than UTF-8.
    #[error("encoding {encoding:?} is not accepted")]
    EncodingNotAccepted {
        /// The declared encoding.
        encoding: String,
    },

    /// The document holds a document type declaration.
    #[error("document type declaration at {line}:{column}")]
    DocumentType {
        /// The line, counted from 1.
        line: usize,
        /// The character in the line, counted from 1.
        column: usize,
    },

    /// A message holds a processing instruction (SOAP 1.1 section 3).
    #[error("processing instruction at {line}:{column}")]
    ProcessingInstruction {
        /// The line, counted from 1.
        line: usize,
        /// The character in the line, counted from 1.
        column: usize,
    },

    /// A namespace name is not absolute; Canonical XML 1.0 section 1.3 demands failure.
    #[error("relative namespace name at {line}:{column}")]
    RelativeNamespace {
        /// The line, counted from 1.
        line: usize,
        /// The character in the line, counted from 1.
        column: usize,
    },

    /// A limit is exceeded.
    #[error("more than {limit} {what}")]
    LimitExceeded {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },

    /// An identifier occurs twice.
    #[error("identifier {value:?} occurs twice")]
    RepeatedId {
        /// The identifier.
        value: String,
    },

    /// An element that must occur exactly once is missing or repeated.
    #[error("{parent} must hold one {child}, found {found}")]
    Count {
        /// The element that holds it.
        parent: String,
        /// The element.
        child: String,
        /// How often it is there.
        found: usize,
    },

    /// An element, text or comment stands where it does not belong.
    #[error("{parent} holds {found}, which does not belong there")]
    Unexpected {
        /// The element that holds it.
        parent: String,
        /// What it is.
        found: String,
    },

    /// An attribute that must be there is missing.
    #[error("{element} has no attribute {attribute}")]
    NoAttribute {
        /// The element.
        element: String,
        /// The attribute.
        attribute: &'static str,
    },
}

impl Error {
    /// Whose fault it is: always of whoever wrote the document.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        Kind::Peer
    }

    /// The family of rules that was broken.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::NotUtf8 { .. } | Self::NotWellFormed { .. } | Self::RelativeNamespace { .. } => {
                Class::XmlMalformed
            }
            Self::VersionNotAccepted { .. }
            | Self::EncodingNotAccepted { .. }
            | Self::DocumentType { .. }
            | Self::ProcessingInstruction { .. } => Class::XmlForbidden,
            Self::LimitExceeded { .. } => Class::Limit,
            Self::RepeatedId { .. } => Class::Id,
            Self::Count { .. } | Self::Unexpected { .. } | Self::NoAttribute { .. } => Class::Structure,
        }
    }
}
