use ksz_error::{Class, Kind};

/// Why a message was refused or could not be signed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The signature, or an element of it, was refused.
    #[error(transparent)]
    Signature(#[from] ksz_xmldsig::Error),

    /// The message is no envelope.
    #[error(transparent)]
    Soap(#[from] ksz_soap::Error),

    /// The certificate or key of the token was refused.
    #[error(transparent)]
    Pki(#[from] ksz_pki::Error),

    /// The message that is to be signed has a security header already.
    #[error("the message has a wsse:Security header already")]
    AlreadySecured,

    /// The envelope that is to be signed includes attachments, and they were not given: what is signed is their base64, never
    /// `xop:Include`.
    #[error("the envelope holds xop:Include, whose attachment must be signed with it and is not given")]
    IncludeNotExpanded,

    /// A package that is to be signed includes an attachment outside of its Body, which no signature would cover.
    #[error("{content_id} is included outside of the Body, where no signature covers it")]
    IncludeNotCovered {
        /// The identifier of the attachment.
        content_id: String,
    },

    /// The time to live is not what the services accept.
    #[error("a message lives 1 to {longest} seconds, not {lifetime}")]
    LifetimeNotAllowed {
        /// What was asked for, in seconds.
        lifetime: u64,
        /// The longest, in seconds.
        longest: u64,
    },

    /// An identifier that cannot stand in a message.
    #[error("{value:?} cannot be part of an identifier")]
    IdNotAllowed {
        /// The identifier.
        value: String,
    },

    /// The text is no SAML 1.1 assertion with an `AssertionID`.
    #[error("not a SAML 1.1 assertion: {detail}")]
    NotAssertion {
        /// What is missing.
        detail: &'static str,
    },

    /// The assertion's signature lists a prefix that means nothing in it and something in the envelope: put there, it
    /// would no longer verify.
    #[error(
        "the assertion's PrefixList names {prefix:?}, which the envelope binds; choose another prefix there"
    )]
    PrefixTaken {
        /// The prefix.
        prefix: String,
    },

    /// The message has no security header, or more than one.
    #[error("the Header must hold one wsse:Security, found {found}")]
    SecurityCount {
        /// How many there are.
        found: usize,
    },

    /// The security header, or the assertion, has no signature.
    #[error("{holder} holds no signature")]
    NotSigned {
        /// What should hold one.
        holder: &'static str,
    },

    /// The security header holds something besides one signature, one timestamp and the profile's token.
    #[error("wsse:Security must hold one Signature, one Timestamp and one {token}, it holds {found}")]
    SecurityShape {
        /// The token of the profile.
        token: &'static str,
        /// The names of its elements.
        found: String,
    },

    /// The token is not a certificate in base64.
    #[error("the BinarySecurityToken is not accepted: {detail}")]
    BinaryToken {
        /// What is wrong with it.
        detail: &'static str,
    },

    /// `KeyInfo` is not one reference to the token of the header.
    #[error("KeyInfo must be one SecurityTokenReference to the token of the header: {detail}")]
    KeyInfo {
        /// What is there instead.
        detail: &'static str,
    },

    /// The security header has no timestamp.
    #[error("wsse:Security has no Timestamp")]
    NoTimestamp,

    /// The timestamp is not one Created and one Expires, in UTC.
    #[error("Timestamp is not accepted: {detail}")]
    TimestampMalformed {
        /// What is wrong with it.
        detail: &'static str,
    },

    /// The timestamp's lifetime is not positive, or longer than the policy allows.
    #[error("Timestamp spans {seconds} s, it must span 1 to {longest}")]
    TimestampLifetime {
        /// The lifetime in seconds; negative if it ends before it begins.
        seconds: i64,
        /// The longest, in seconds.
        longest: u64,
    },

    /// The message says it will be made in the future.
    #[error("the message was made {ahead} s ahead of this clock; {allowed} are allowed")]
    TimestampInFuture {
        /// How far, in seconds.
        ahead: u64,
        /// How far is allowed, in seconds.
        allowed: u64,
    },

    /// The message is too old.
    #[error("the message expired {ago} s ago by this clock")]
    TimestampExpired {
        /// How long ago, in seconds.
        ago: u64,
    },

    /// The answer does not repeat the signature value of the request: it may answer another one.
    #[error("the answer does not confirm the signature of the request")]
    NotConfirmed,

    /// The message's signature covers the assertion, which only its issuer may sign.
    #[error("the message's signature covers the assertion, which only its issuer may sign")]
    AssertionCovered,

    /// The message was not signed by the key that the assertion confirms.
    #[error("the message is not signed by the holder that the assertion confirms")]
    NotHolder,

    /// The message was accepted before.
    #[error("the message was accepted before")]
    Replayed,

    /// So many messages are remembered that another cannot be.
    #[error("the replay guard remembers {capacity} messages and is full")]
    ReplayGuardFull {
        /// How many it can remember.
        capacity: usize,
    },

    /// The replay guard cannot remember.
    #[error("the replay guard failed: {detail}")]
    ReplayGuardFailed {
        /// What went wrong.
        detail: String,
    },
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Signature(error) => error.kind(),
            Self::Soap(error) => error.kind(),
            Self::Pki(error) => error.kind(),
            Self::AlreadySecured
            | Self::IncludeNotExpanded
            | Self::IncludeNotCovered { .. }
            | Self::LifetimeNotAllowed { .. }
            | Self::IdNotAllowed { .. }
            | Self::PrefixTaken { .. }
            | Self::NotAssertion { .. } => Kind::Misuse,
            Self::ReplayGuardFailed { .. } => Kind::Transport,
            _ => Kind::Peer,
        }
    }

    /// The family of rules that was broken.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Signature(error) => error.class(),
            Self::Soap(error) => error.class(),
            Self::Pki(error) => error.class(),
            Self::IdNotAllowed { .. } => Class::Id,
            Self::AlreadySecured | Self::SecurityCount { .. } | Self::SecurityShape { .. } => {
                Class::Structure
            }
            Self::NotSigned { .. }
            | Self::IncludeNotExpanded
            | Self::IncludeNotCovered { .. }
            | Self::NotConfirmed => Class::Coverage,
            Self::BinaryToken { .. } | Self::KeyInfo { .. } => Class::Key,
            Self::LifetimeNotAllowed { .. }
            | Self::NoTimestamp
            | Self::TimestampMalformed { .. }
            | Self::TimestampLifetime { .. }
            | Self::TimestampInFuture { .. }
            | Self::TimestampExpired { .. } => Class::Timestamp,
            Self::NotAssertion { .. } | Self::PrefixTaken { .. } | Self::AssertionCovered => Class::Assertion,
            Self::NotHolder => Class::Hok,
            Self::Replayed | Self::ReplayGuardFull { .. } | Self::ReplayGuardFailed { .. } => Class::Replay,
        }
    }
}

impl From<ksz_xml::Error> for Error {
    fn from(error: ksz_xml::Error) -> Self {
        Self::Signature(error.into())
    }
}
