use ksz_error::{Class, Kind};
use ksz_soap::Fault;

/// Why a token was refused, or not asked for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The message, or the answer's envelope, was refused; or the service answered with a fault.
    #[error(transparent)]
    Soap(#[from] ksz_soap::Error),

    /// The message's security was refused, or could not be made.
    #[error(transparent)]
    Wss(#[from] ksz_wss::Error),

    /// The assertion's signature was refused.
    #[error(transparent)]
    Signature(#[from] ksz_xmldsig::Error),

    /// A certificate or key was refused.
    #[error(transparent)]
    Pki(#[from] ksz_pki::Error),

    /// A claim is named twice; the eHealth platform refuses such requests since release R2024.1.
    #[error("claim {uri:?} is named twice")]
    RepeatedClaim {
        /// The claim.
        uri: String,
    },

    /// A claim's URI is none.
    #[error("claim {uri:?} is no absolute URI")]
    ClaimUri {
        /// What was given for it, less a person's number.
        uri: String,
    },

    /// The request, or its lifetime, cannot be written or is not as the profile says.
    #[error("the token request is not accepted: {detail}")]
    RequestNotAccepted {
        /// What is wrong with it.
        detail: &'static str,
    },

    /// A certificate of ours is not valid for all of the time that the token is asked for: nothing was sent.
    #[error(
        "the {role} certificate is valid from {not_before} to {not_after}, not for all that is asked for"
    )]
    CertificatePeriod {
        /// Which: `identification` or `holder-of-key`.
        role: &'static str,
        /// The start of its validity.
        not_before: String,
        /// The end of its validity.
        not_after: String,
    },

    /// The lifetime cannot be asked for: nothing was sent.
    #[error("the lifetime is not accepted: {detail}")]
    LifetimeNotAccepted {
        /// What is wrong with it.
        detail: &'static str,
    },

    /// The answer, a challenge or a token, belongs to another request.
    #[error("the answer is for context {found:?}, not for {expected:?}")]
    ContextMismatch {
        /// The context of the request.
        expected: String,
        /// The context of the answer.
        found: String,
    },

    /// The answer holds not exactly one token or one challenge.
    #[error("the answer holds {found}, it must hold one token or one challenge")]
    ResponseShape {
        /// What it holds.
        found: &'static str,
    },

    /// The answer to a request is no challenge, and there is no token in it.
    #[error("the answer holds no token")]
    NoToken,

    /// The Body holds a fault beside an answer, or in one: whichever a reader goes by, another goes by the other.
    #[error("the answer holds a fault beside something else: {fault}")]
    FaultBesideAnswer {
        /// The fault.
        fault: Box<Fault>,
    },

    /// There are several responses where one was asked for: in the Body, or in a collection.
    #[error("{parent} holds {found} responses")]
    SeveralResponses {
        /// What holds them: `Body` or `RequestSecurityTokenResponseCollection`.
        parent: &'static str,
        /// How many.
        found: usize,
    },

    /// The service asks for a second proof after the first.
    #[error("the service answered a challenge's answer with another challenge")]
    SecondChallenge,

    /// The element is no SAML 1.1 assertion as the profile knows it.
    #[error("the assertion is not accepted: {detail}")]
    AssertionShape {
        /// What is wrong with it.
        detail: &'static str,
    },

    /// The assertion was signed with a certificate that is not pinned for the token service.
    #[error("the assertion is not signed with a pinned certificate of the token service")]
    SignerNotPinned,

    /// The assertion is of another issuer.
    #[error("the assertion is of issuer {found:?}, not of {expected:?}")]
    IssuerNotAccepted {
        /// The configured issuer.
        expected: String,
        /// The assertion's issuer.
        found: String,
    },

    /// The assertion's conditions are not complete, or hold one that nobody here understands.
    #[error("the conditions of the assertion are not accepted: {detail}")]
    ConditionsNotAccepted {
        /// What is wrong with them.
        detail: &'static str,
    },

    /// The assertion is for other receivers.
    #[error("the assertion is for another audience")]
    AudienceNotAccepted,

    /// The assertion is not valid yet.
    #[error("the assertion is valid only in {ahead} s by this clock")]
    AssertionNotYetValid {
        /// How far ahead, in seconds.
        ahead: u64,
    },

    /// The assertion is no longer valid.
    #[error("the assertion expired {ago} s ago by this clock")]
    AssertionExpired {
        /// How long ago, in seconds.
        ago: u64,
    },

    /// The assertion is not confirmed by holding one key.
    #[error("the subject is not confirmed as the holder of one key: {detail}")]
    ConfirmationNotAccepted {
        /// What is there instead.
        detail: &'static str,
    },

    /// The assertion confirms another key than the one the request named.
    #[error("the assertion confirms another key than the request named")]
    HolderMismatch,
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Soap(error) => error.kind(),
            Self::Wss(error) => error.kind(),
            Self::Signature(error) => error.kind(),
            Self::Pki(error) => error.kind(),
            Self::RepeatedClaim { .. }
            | Self::ClaimUri { .. }
            | Self::CertificatePeriod { .. }
            | Self::LifetimeNotAccepted { .. } => Kind::Misuse,
            _ => Kind::Peer,
        }
    }

    /// The family of rules that was broken.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Soap(error) => error.class(),
            Self::Wss(error) => error.class(),
            Self::Signature(error) => error.class(),
            Self::Pki(error) => error.class(),
            Self::RepeatedClaim { .. }
            | Self::ClaimUri { .. }
            | Self::RequestNotAccepted { .. }
            | Self::LifetimeNotAccepted { .. }
            | Self::ContextMismatch { .. }
            | Self::ResponseShape { .. }
            | Self::NoToken
            | Self::FaultBesideAnswer { .. }
            | Self::SeveralResponses { .. }
            | Self::SecondChallenge => Class::Structure,
            Self::SignerNotPinned | Self::CertificatePeriod { .. } => Class::Trust,
            Self::AssertionShape { .. }
            | Self::IssuerNotAccepted { .. }
            | Self::ConditionsNotAccepted { .. }
            | Self::AudienceNotAccepted
            | Self::AssertionNotYetValid { .. }
            | Self::AssertionExpired { .. } => Class::Assertion,
            Self::ConfirmationNotAccepted { .. } | Self::HolderMismatch => Class::Hok,
        }
    }
}

impl From<ksz_xml::Error> for Error {
    fn from(error: ksz_xml::Error) -> Self {
        Self::Soap(error.into())
    }
}
