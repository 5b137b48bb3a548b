use ksz_error::{Class, Kind};
use std::fmt;
use std::io;

/// Why a signature was refused or could not be made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The document, or an element of the signature, is not as it must be.
    #[error(transparent)]
    Xml(#[from] ksz_xml::Error),

    /// The key could not sign, or is none that we accept.
    #[error(transparent)]
    Key(#[from] ksz_pki::Error),

    /// The document names an algorithm outside the accepted list.
    #[error("{role} {uri:?} is not accepted")]
    AlgorithmNotAccepted {
        /// The element that names it.
        role: &'static str,
        /// The identifier.
        uri: String,
    },

    /// The algorithm is for another kind of key than the one expected.
    #[error("SignatureMethod {uri:?} is not for the signer's kind of key")]
    AlgorithmNotForKey {
        /// The identifier.
        uri: &'static str,
    },

    /// There are more elements or characters than a signature may hold.
    #[error("more than {limit} {what}")]
    LimitExceeded {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },

    /// The signature has no `KeyInfo`.
    #[error("the signature has no KeyInfo")]
    NoKeyInfo,

    /// A `Reference` is no `#id`, or leads to an element that nobody expects to be signed.
    #[error("reference {uri:?} leads to no element that must be signed")]
    ReferenceTarget {
        /// The reference.
        uri: String,
    },

    /// A `Reference` leads out of the document, or into it in a form that is not read.
    #[error("reference {uri:?} is not supported, only those into the same document are")]
    ReferenceNotSupported {
        /// The reference.
        uri: String,
    },

    /// A `Reference` without `URI`: what it covers only its signer and its reader know.
    #[error("a reference without URI is not supported")]
    ReferenceWithoutUri,

    /// A `Reference` leads to no element of the document.
    #[error("reference {uri:?} leads to no element")]
    NoTarget {
        /// The reference.
        uri: String,
    },

    /// A `Reference` leads to what holds its own digest, or to the signature value.
    #[error("reference {uri:?} leads to a part of its own signature, or to what holds it")]
    CoversItself {
        /// The reference.
        uri: String,
    },

    /// The enveloped signature transform stands in a `Reference` that leads to no element around the
    /// signature.
    #[error(
        "reference {uri:?} has the enveloped signature transform, and leads to nothing around the signature"
    )]
    NotEnveloped {
        /// The reference.
        uri: String,
    },

    /// Two `Reference` elements lead to one element.
    #[error("reference {uri:?} occurs twice")]
    RepeatedReference {
        /// The reference.
        uri: String,
    },

    /// The transforms of a reference are not those of the element it covers.
    #[error("the transforms of reference {uri:?} are not {expected}")]
    Transforms {
        /// The reference.
        uri: String,
        /// What they must be.
        expected: &'static str,
    },

    /// The transforms of a reference are known, and not in this order or number.
    #[error(
        "the transforms of reference {uri:?} are not supported, an enveloped signature and then a canonicalization are"
    )]
    TransformsNotSupported {
        /// The reference.
        uri: String,
    },

    /// A document that must hold one signature holds none or several.
    #[error("{found} signatures in the document, where one is meant")]
    SignatureCount {
        /// How many there are.
        found: usize,
    },

    /// No signature of the document has the identifier.
    #[error("no signature has the identifier {id:?}")]
    NoSignature {
        /// The identifier.
        id: String,
    },

    /// An identifier that is to be written is none.
    #[error("{id:?} is no identifier, a name without a colon is")]
    IdNotAllowed {
        /// The identifier.
        id: String,
    },

    /// An element that is to be signed has no identifier to be referred to by.
    #[error("element {element:?} has no identifier to be referred to by")]
    NoId {
        /// The element.
        element: String,
    },

    /// A part that must be signed has no `Reference`, or no identifier to be referred to by.
    #[error("{part} is not signed")]
    NotCovered {
        /// The part.
        part: &'static str,
    },

    /// The signature covers another element of the part's name, and not the part.
    #[error("the {part} that is signed stands elsewhere")]
    Moved {
        /// The part.
        part: &'static str,
    },

    /// A value is not base64, or has not the length it must have.
    #[error("{element} is not base64 of {expected}")]
    Value {
        /// The element.
        element: &'static str,
        /// What it must hold.
        expected: &'static str,
    },

    /// A referenced element changed after it was signed.
    #[error("digest of reference {uri:?} does not match: {part} changed after it was signed")]
    DigestMismatch {
        /// The reference.
        uri: String,
        /// The part it covers.
        part: &'static str,
    },

    /// A signer covered an element as it was sent, and not the octets for which it stands: those could be exchanged.
    #[error("{part} is signed with elements that stand for octets, and not with the octets")]
    NotExpanded {
        /// The part.
        part: &'static str,
    },

    /// The octets for which an element stands cannot be read.
    #[error("octets that an element stands for cannot be read: {why}")]
    OctetsUnreadable {
        /// What their source says.
        why: io::ErrorKind,
    },

    /// `SignatureValue` was not made with the expected key over this `SignedInfo`.
    #[error("signature value does not match the key")]
    SignatureMismatch,

    /// One implementation refuses a signature that the other accepts. Only where a second opinion is asked for.
    #[error("{refused_by} refuses the signature, and the other implementation accepts it")]
    Disagreement {
        /// The implementation that refuses it.
        refused_by: Implementation,
        /// The family of rules that it finds broken. libxmlsec1 does not say, and counts as [`Class::Signature`].
        class: Class,
    },

    /// A second opinion is asked for, and libxmlsec1 cannot give one, or must not be asked. The signature may be genuine.
    #[error("no second opinion: {why}")]
    NoSecondOpinion {
        /// What is in the way.
        why: &'static str,
    },
}

/// Who judges a signature.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Implementation {
    /// This library.
    Ksz,
    /// The library libxmlsec1, on libxml2 and OpenSSL.
    Libxmlsec1,
}

impl fmt::Display for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ksz => "ksz",
            Self::Libxmlsec1 => "libxmlsec1",
        })
    }
}

impl Error {
    pub(crate) fn not_accepted(role: &'static str, uri: &str) -> Self {
        Self::AlgorithmNotAccepted { role, uri: uri.chars().take(200).collect() }
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Xml(error) => error.kind(),
            Self::Key(error) => error.kind(),
            Self::AlgorithmNotAccepted { .. }
            | Self::ReferenceNotSupported { .. }
            | Self::ReferenceWithoutUri
            | Self::TransformsNotSupported { .. }
            | Self::NoSecondOpinion { .. } => Kind::Unsupported,
            Self::IdNotAllowed { .. } | Self::NoId { .. } => Kind::Misuse,
            Self::OctetsUnreadable { .. } => Kind::Transport,
            _ => Kind::Peer,
        }
    }

    /// The family of rules that was broken.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Xml(error) => error.class(),
            Self::Key(error) => error.class(),
            Self::AlgorithmNotAccepted { .. }
            | Self::AlgorithmNotForKey { .. }
            | Self::Transforms { .. }
            | Self::TransformsNotSupported { .. } => Class::Algorithm,
            Self::LimitExceeded { .. } => Class::Limit,
            Self::NoKeyInfo => Class::Key,
            Self::IdNotAllowed { .. } | Self::NoId { .. } => Class::Id,
            Self::ReferenceTarget { .. }
            | Self::ReferenceNotSupported { .. }
            | Self::ReferenceWithoutUri
            | Self::NoTarget { .. }
            | Self::CoversItself { .. }
            | Self::NotEnveloped { .. }
            | Self::RepeatedReference { .. } => Class::Reference,
            Self::NotCovered { .. } => Class::Coverage,
            Self::Moved { .. }
            | Self::SignatureCount { .. }
            | Self::NoSignature { .. }
            | Self::Value { .. } => Class::Structure,
            Self::DigestMismatch { .. } | Self::NotExpanded { .. } | Self::OctetsUnreadable { .. } => {
                Class::Digest
            }
            Self::SignatureMismatch | Self::NoSecondOpinion { .. } => Class::Signature,
            Self::Disagreement { class, .. } => *class,
        }
    }
}
