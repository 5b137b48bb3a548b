use crate::{Fault, SoapVersion, SsdnFault};
use ksz_error::{Class, Kind};
use std::io;

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

    /// The Content-Type is not that of an MTOM package.
    #[error("{content_type:?} is not multipart/related of application/xop+xml")]
    NotPackage {
        /// What it is.
        content_type: String,
    },

    /// A media type cannot be read.
    #[error("the media type is malformed: {detail}")]
    ContentTypeMalformed {
        /// What is wrong with it.
        detail: &'static str,
    },

    /// A package, or a part of it, is larger or more numerous than its limits allow.
    #[error("more than {limit} {what}")]
    PackageLimit {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: u64,
    },

    /// The line of a boundary goes on.
    #[error("behind a boundary stands neither the end of the line nor that of the package")]
    BoundaryMalformed,

    /// The octets end before the closing boundary.
    #[error("the package ends before its closing boundary")]
    PackageCutOff,

    /// The headers of a part cannot be read.
    #[error("the headers of a part are malformed: {detail}")]
    PartHeaders {
        /// What is wrong with them.
        detail: &'static str,
    },

    /// A part is encoded for transfer, which no part over HTTP is.
    #[error("the transfer encoding {encoding:?} is not accepted, binary is")]
    TransferEncodingNotAccepted {
        /// The encoding.
        encoding: String,
    },

    /// A `Content-ID` is not one identifier in angle brackets.
    #[error("{value:?} is no Content-ID")]
    ContentIdMalformed {
        /// What is there.
        value: String,
    },

    /// An identifier has characters that receivers read differently.
    #[error("{value:?} cannot be a Content-ID: it must be letters, digits, points, hyphens and @")]
    ContentIdNotAllowed {
        /// The identifier.
        value: String,
    },

    /// What would become a boundary has characters that it may not have.
    #[error("{value:?} cannot be part of a boundary")]
    BoundaryNotAllowed {
        /// The text.
        value: String,
    },

    /// Two parts have one `Content-ID`.
    #[error("two parts have the Content-ID {content_id:?}")]
    RepeatedContentId {
        /// The identifier.
        content_id: String,
    },

    /// No part is the root.
    #[error("no part is the root {start:?}")]
    NoRootPart {
        /// What the package says it is; empty if it says nothing.
        start: String,
    },

    /// The root part is of another type than the package says.
    #[error("the root part is {content_type:?}, not what the package says")]
    RootType {
        /// Its type.
        content_type: String,
    },

    /// An `xop:Include` names no part: nothing else than a part is ever read.
    #[error("{href:?} of an xop:Include is no cid: URL")]
    HrefNotContentId {
        /// What it names; empty if nothing.
        href: String,
    },

    /// An `xop:Include` has an attribute besides `href`.
    #[error("xop:Include has the attribute {name}")]
    IncludeAttribute {
        /// The attribute.
        name: String,
    },

    /// An `xop:Include` is not the only child of its element (XOP section 3.2).
    #[error("xop:Include is not the only child of an element")]
    IncludeNotAlone,

    /// An `xop:Include` holds something.
    #[error("xop:Include is not empty")]
    IncludeNotEmpty,

    /// An `xop:Include` names a part that is not there.
    #[error("no part has the Content-ID {content_id:?}, which is included")]
    PartMissing {
        /// The identifier.
        content_id: String,
    },

    /// An `xop:Include` names the root part, in which it stands.
    #[error("the root part is included in itself")]
    RootIncluded,

    /// A part is included twice. XOP allows it, and a small package could become a huge message.
    #[error("the part {content_id:?} is included twice")]
    RepeatedInclude {
        /// The identifier.
        content_id: String,
    },

    /// A part is included nowhere, so no signature can cover it.
    #[error("the part {content_id:?} is not included")]
    PartNotIncluded {
        /// The identifier; empty if it has none.
        content_id: String,
    },

    /// A part that comes cannot be kept.
    #[error("a part cannot be kept: {why}")]
    PartNotKept {
        /// What the store says.
        why: io::ErrorKind,
    },

    /// A part cannot be read.
    #[error("a part cannot be read: {why}")]
    PartUnreadable {
        /// What its source says.
        why: io::ErrorKind,
    },
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Xml(error) => error.kind(),
            Self::Fault { .. } | Self::Ssdn { .. } => Kind::Refused,
            Self::ValueNotAllowed { .. }
            | Self::ContentIdNotAllowed { .. }
            | Self::BoundaryNotAllowed { .. } => Kind::Misuse,
            Self::PartNotKept { .. } | Self::PartUnreadable { .. } => Kind::Transport,
            _ => Kind::Peer,
        }
    }

    /// The family of rules that was broken.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Xml(error) => error.class(),
            Self::PackageLimit { .. } => Class::Limit,
            Self::ContentIdMalformed { .. }
            | Self::ContentIdNotAllowed { .. }
            | Self::RepeatedContentId { .. } => Class::Id,
            Self::HrefNotContentId { .. }
            | Self::PartMissing { .. }
            | Self::RootIncluded
            | Self::RepeatedInclude { .. } => Class::Reference,
            Self::PartNotIncluded { .. } => Class::Coverage,
            _ => Class::Structure,
        }
    }
}
