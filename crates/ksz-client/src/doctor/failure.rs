use crate::{Error, remedy};

/// Why a row failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The call failed.
    #[error(transparent)]
    Call(#[from] Error),

    /// The answer is not the one that the request must have.
    #[error("{what}")]
    WrongAnswer {
        /// What is wrong with it.
        what: &'static str,
    },

    /// The service says of itself that it does not work.
    #[error("the service says that it is DOWN")]
    Down,

    /// Something that must be refused was accepted.
    #[error("accepted: {what}")]
    NotRefused {
        /// What was accepted.
        what: &'static str,
    },

    /// It was refused, but not in the way it must be.
    #[error("refused in another way than with {expected}: {error}")]
    RefusedOtherwise {
        /// How it must be refused.
        expected: &'static str,
        /// How it was refused.
        error: Box<Error>,
    },

    /// The row sends something wrong on purpose, which only the simulator is for.
    #[error("sends something wrong on purpose: only against the simulator")]
    SimulatorOnly,
}

impl Failure {
    /// The name of what happened: an error's variant.
    #[must_use]
    pub fn reason(&self) -> String {
        ksz_error::reason(self)
    }

    /// A refusal of another kind than the one that must come; a call that got no answer says nothing about refusals.
    pub(super) fn otherwise(expected: &'static str, error: Error) -> Self {
        match error {
            Error::Transport(_) | Error::NotConfigured { .. } => Self::Call(error),
            error => Self::RefusedOtherwise { expected, error: Box::new(error) },
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Call(error) => remedy(error),
            Self::WrongAnswer { .. } => {
                "the answer may be of another service: compare the address with `ksz endpoints`".into()
            }
            Self::NotRefused { .. } => "the service does not protect its callers: tell its operator".into(),
            Self::RefusedOtherwise { error, .. } => remedy(error),
            Self::Down => "try again later; the service knows that it does not work".into(),
            Self::SimulatorOnly => "run `ksz doctor` without a configuration".into(),
        }
    }
}

macro_rules! from_call {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::Call(error.into())
            }
        })*
    };
}

from_call!(ksz_soap::Error, ksz_sts::Error, ksz_wss::Error, ksz_oauth::Error, ksz_transport::Error);
