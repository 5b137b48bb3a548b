use std::fmt;

/// What the caller of a service can do about a code.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Advice {
    /// There is nothing to mend: the code tells what the answer holds.
    Nothing,
    /// The request must be mended: the same one will be refused again.
    Mend,
    /// An access right must be asked for.
    AskAccess,
    /// The same request may succeed later.
    TryLater,
    /// The code does not say; the service desk knows more by the ticket.
    AskServiceDesk,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing needs to be done",
            Self::Mend => "mend the request, the same one will be refused again",
            Self::AskAccess => "ask for access to this operation",
            Self::TryLater => "try again later",
            Self::AskServiceDesk => "give the ticket to the service desk",
        })
    }
}
