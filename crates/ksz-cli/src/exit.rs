use ksz::error::Kind;
use std::process::ExitCode;

/// How the command ends. Programs are built on the numbers, so they do not change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, or accepted.
    Done = 0,
    /// Failed in transport or in reading and writing, or a row of the doctor failed.
    Failed = 1,
    /// Asked for something that cannot be.
    Misuse = 2,
    /// Refused, or invalid.
    Refused = 3,
    /// Known, and not supported.
    Unsupported = 4,
}

impl Exit {
    /// The end that belongs to a failure.
    pub(crate) const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Misuse => Self::Misuse,
            Kind::Peer | Kind::Refused => Self::Refused,
            Kind::Transport => Self::Failed,
            Kind::Unsupported => Self::Unsupported,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
