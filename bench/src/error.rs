use std::fmt;
use std::io;

/// Why nothing could be measured.
#[derive(Debug)]
pub(crate) enum Error {
    /// The command line is not one we know.
    Usage(String),
    /// A file could not be read or written.
    Io { what: String, source: io::Error },
    /// What must succeed was refused.
    Refused { what: &'static str, why: String },
}

impl Error {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        |source| Self::Io { what, source }
    }

    pub(crate) fn refused<E: fmt::Display>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Refused { what, why: error.to_string() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) => f.write_str(text),
            Self::Io { what, source } => write!(f, "{what}: {source}"),
            Self::Refused { what, why } => write!(f, "{what}: {why}"),
        }
    }
}
