use super::cause::Cause;
use ksz_error::Class;
use std::ops::Range;

/// One thing that is wrong with a message, and what to do about it.
///
/// All texts are for people and logs: tokens and the numbers of persons in them are masked.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// What is wrong.
    pub cause: Cause,
    /// How sure that is.
    pub certainty: Certainty,
    /// Where in the message.
    pub place: Option<Place>,
    /// Which rule is broken, and where it stands.
    pub rule: &'static str,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    /// The family of rules that is broken, as [`verify_x509`](crate::verify_x509) and its neighbours name it.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.cause.class()
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Certainty {
    /// The message cannot be as it is without it: a value was read or computed that shows it.
    Proven,
    /// Nothing else that was looked for explains the message.
    Likely,
    /// It would explain the message, and so would other things.
    Possible,
}

impl Certainty {
    /// The name in the command's output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }
}

/// A place in a message.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Place {
    /// The line, counted from 1.
    pub line: usize,
    /// The character in the line, counted from 1.
    pub column: usize,
    /// The elements that lead there, by their names as they are written.
    pub path: String,
    /// The octets of the message; of one in another encoding than UTF-8, those of its text in UTF-8.
    pub range: Range<usize>,
    /// The text of the place.
    pub excerpt: Excerpt,
}

/// The text of a place on one line, masked: what stands there, and what stands around it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Excerpt {
    /// What stands before it.
    pub before: String,
    /// What stands there; empty if the place is between two characters.
    pub marked: String,
    /// What stands behind it.
    pub after: String,
}
