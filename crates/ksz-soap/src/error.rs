use crate::{Fault, SoapVersion, SsdnFault};
use ksz_error::{Class, Kind};

/// Why a message was refused, or what the service refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The message is not XML, or not of the shape it must have.
    #[error(transparent)]
    Xml(#[from] ksz_xml::Error),

    /// The service answered with a fault.
    #[error("{fault}")]
    Fault {
        /// What it said.
        fault: Box<Fault>,
    },

    /// A service behind SSDN answered that it did not do what was asked.
    #[error("{fault}")]
    Ssdn {
        /// What it said.
        fault: Box<SsdnFault>,
    },

    /// The document element is no SOAP Envelope.
    #[error("the document element is {{{namespace}}}{name}, not a SOAP Envelope")]
    NotEnvelope {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },

    /// The envelope is of a version that is not allowed here.
    #[error("an envelope of {version} is not allowed here")]
    VersionNotAllowed {
        /// Its version.
        version: SoapVersion,
    },

    /// The envelope holds something besides one Header and one Body.
    #[error("the Envelope holds {found}, it must hold at most one Header, then one Body")]
    EnvelopeShape {
        /// The names of its elements.
        found: String,
    },

    /// The Body answers with another element than the one that belongs to the operation.
    #[error("the Body holds {found}, expected {expected}")]
    UnexpectedPayload {
        /// The element that is there.
        found: String,
        /// The element that belongs there.
        expected: &'static str,
    },

    /// A value is not of its type.
    #[error("{element} holds no {expected}")]
    Value {
        /// The element.
        element: String,
        /// The type it must have.
        expected: &'static str,
    },

    /// Our caller wants to write a value that is not of its type.
    #[error("the value for {element} is no {expected}")]
    ValueNotAllowed {
        /// The element.
        element: &'static str,
        /// The type it must have.
        expected: &'static str,
    },
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Xml(error) => error.kind(),
            Self::Fault { .. } | Self::Ssdn { .. } => Kind::Refused,
            Self::ValueNotAllowed { .. } => Kind::Misuse,
            _ => Kind::Peer,
        }
    }

    /// The family of rules that was broken.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Xml(error) => error.class(),
            _ => Class::Structure,
        }
    }
}
