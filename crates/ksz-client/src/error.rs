use crate::problem::Problem;
use ksz_error::Kind;
use ksz_pki::CertificateEnvironment;
use ksz_transport::Environment;
use std::io;

/// Why a call failed or was not made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection failed, or the answer was no answer of the protocol.
    #[error(transparent)]
    Transport(#[from] ksz_transport::Error),

    /// The answer was a fault, or not of the shape it must have.
    #[error(transparent)]
    Soap(#[from] ksz_soap::Error),

    /// The message could not be signed, or the answer's signature was refused.
    #[error(transparent)]
    Wss(#[from] ksz_wss::Error),

    /// The token service refused, or its assertion was refused.
    #[error(transparent)]
    Sts(#[from] ksz_sts::Error),

    /// The OAuth server refused, or its answer was refused.
    #[error(transparent)]
    Oauth(#[from] ksz_oauth::Error),

    /// A key or certificate was refused.
    #[error(transparent)]
    Pki(#[from] ksz_pki::Error),

    /// A service refused a call as not authenticated with a token that should hold, and another token did not help, or was
    /// not to be had.
    #[error("{then}; refused before: {first}")]
    TokenRefused {
        /// The first refusal.
        first: Box<Self>,
        /// What came of the second attempt.
        then: Box<Self>,
    },

    /// The task that asked for a token ended before the answer, with the runtime it was in.
    #[error("the request for a token was interrupted")]
    TokenRequestInterrupted,

    /// A session has to ask for a token, which takes a tokio runtime.
    #[error("there is no tokio runtime here")]
    NoRuntime,

    /// The text that should be the key of a session store is none. It is not repeated.
    #[error("the key of a session store is 64 hexadecimal digits: 32 random octets")]
    SessionStoreKey,

    /// A session store was written with another key. It is left as it is.
    #[error("session store {store}: written with another key")]
    SessionStoreKeyMismatch {
        /// Which.
        store: &'static str,
    },

    /// The store of sessions cannot be read or written. Calls do not need it.
    #[error("session store {store}: {detail}")]
    SessionStoreFailed {
        /// Which.
        store: &'static str,
        /// What it said.
        detail: String,
    },

    /// A REST service answered with a problem.
    #[error("{problem}")]
    Problem {
        /// What it said.
        problem: Box<Problem>,
    },

    /// A REST service answered with something else than its contract says.
    #[error("unexpected answer with status {status}: {detail}")]
    UnexpectedAnswer {
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        detail: &'static str,
    },

    /// The environment variable that should hold a password cannot be read. What it holds is not told.
    #[error("the variable {name:?} is {detail}")]
    PasswordVariable {
        /// The variable.
        name: String,
        /// What is wrong with it.
        detail: &'static str,
    },

    /// No environment variable has the name that was given for one with a password, and that is no name: it may be the
    /// password itself.
    #[error("no such variable is set; this takes the name of a variable, not the password")]
    NoPasswordVariable,

    /// The file that should remember messages cannot be written.
    #[error("{file}: {why}")]
    ReplayFile {
        /// The file; numbers of persons in its name are masked.
        file: String,
        /// What the system said.
        why: io::ErrorKind,
    },

    /// The file that should remember messages is another one. It is left as it is.
    #[error("{file}: no replay file: {detail}")]
    NotReplayFile {
        /// The file; numbers of persons in its name are masked.
        file: String,
        /// What is wrong with it.
        detail: String,
    },

    /// The call needs a setting that the client was not given.
    #[error("{needed} is not set")]
    NotConfigured {
        /// The setting, by its key in the configuration file.
        needed: &'static str,
    },

    /// A setting cannot be used.
    #[error("{setting} is not accepted: {detail}")]
    SettingNotAccepted {
        /// The setting, by its key in the configuration file.
        setting: &'static str,
        /// What is wrong with it.
        detail: &'static str,
    },

    /// A certificate says that it is for another environment than the client's.
    #[error("{setting}: certificate {subject:?} is for {found}, not for {environment}")]
    CertificateEnvironment {
        /// The setting, by its key in the configuration file.
        setting: &'static str,
        /// Whose certificate, person numbers masked.
        subject: String,
        /// What it is for.
        found: CertificateEnvironment,
        /// The client's environment.
        environment: Environment,
    },

    /// The configuration file is not as it must be.
    #[error("{file}: {detail}")]
    Configuration {
        /// The file.
        file: String,
        /// The place and what is wrong there.
        detail: String,
    },

    /// A key or certificate that the configuration names was refused.
    #[error("{file}: {source}")]
    Credential {
        /// The file, or the setting that holds it.
        file: String,
        /// What is wrong with it.
        source: ksz_pki::Error,
    },

    /// The operating system gives no random numbers.
    #[error("no random numbers: {detail}")]
    NoRandomness {
        /// What it says.
        detail: String,
    },
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Transport(error) => error.kind(),
            Self::Soap(error) => error.kind(),
            Self::Wss(error) => error.kind(),
            Self::Sts(error) => error.kind(),
            Self::Oauth(error) => error.kind(),
            Self::Pki(error) => error.kind(),
            Self::TokenRefused { then, .. } => then.kind(),
            Self::NoRuntime | Self::SessionStoreKey | Self::SessionStoreKeyMismatch { .. } => Kind::Misuse,
            Self::TokenRequestInterrupted | Self::SessionStoreFailed { .. } => Kind::Transport,
            Self::Problem { .. } => Kind::Refused,
            Self::UnexpectedAnswer { .. } => Kind::Peer,
            Self::ReplayFile { why: io::ErrorKind::NotFound, .. } => Kind::Misuse,
            Self::ReplayFile { .. } => Kind::Transport,
            Self::PasswordVariable { .. }
            | Self::NoPasswordVariable
            | Self::NotReplayFile { .. }
            | Self::NotConfigured { .. }
            | Self::SettingNotAccepted { .. }
            | Self::CertificateEnvironment { .. }
            | Self::Configuration { .. } => Kind::Misuse,
            Self::Credential { source, .. } => match source.kind() {
                Kind::Unsupported => Kind::Unsupported,
                _ => Kind::Misuse,
            },
            Self::NoRandomness { .. } => Kind::Transport,
        }
    }

    /// The fault with which a SOAP service refused, if that is what happened: the last, if there were two.
    #[must_use]
    pub fn fault(&self) -> Option<&ksz_soap::Fault> {
        match self {
            Self::Sts(ksz_sts::Error::FaultBesideAnswer { fault })
            | Self::Soap(ksz_soap::Error::Fault { fault })
            | Self::Sts(ksz_sts::Error::Soap(ksz_soap::Error::Fault { fault })) => Some(fault),
            Self::TokenRefused { first, then } => then.fault().or_else(|| first.fault()),
            _ => None,
        }
    }
}

impl From<ksz_xml::Error> for Error {
    fn from(error: ksz_xml::Error) -> Self {
        Self::Soap(error.into())
    }
}
