use std::fmt;
use std::io;

/// Why a check ended without success.
#[derive(Debug)]
pub(crate) enum Error {
    /// The command line is not one we know.
    Usage(String),
    /// A file or a process could not be used.
    Io { what: String, source: io::Error },
    /// A manifest, or what cargo says about the workspace, cannot be read.
    Unreadable { what: String, detail: String },
    /// A command ended with another status than 0.
    Command { line: String, ended: String },
    /// Tidy found this many violations.
    Violations(usize),
    /// Fuzzing found faults in this many targets.
    Fuzz(usize),
    /// Interop ended with failures, or with judges that could not be asked.
    Interop { failed: usize, skipped: usize },
    /// A step of the gate failed; `repeat` runs it alone.
    Step { name: String, repeat: String, source: Box<Self> },
}

impl Error {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        |source| Self::Io { what, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) => f.write_str(text),
            Self::Io { what, source } => write!(f, "{what}: {source}"),
            Self::Unreadable { what, detail } => write!(f, "{what}: {detail}"),
            Self::Command { line, ended } => write!(f, "{line}: {ended}"),
            Self::Violations(1) => f.write_str("tidy found 1 violation"),
            Self::Violations(count) => write!(f, "tidy found {count} violations"),
            Self::Fuzz(count) => write!(f, "fuzz: {count} failed"),
            Self::Interop { failed: 0, skipped } => {
                write!(f, "interop skipped {skipped} (--allow-skip accepts that)")
            }
            Self::Interop { failed, .. } => write!(f, "interop: {failed} failed"),
            Self::Step { name, repeat, source } => {
                write!(f, "{source}\nthe step {name:?} failed; repeat it with: {repeat}")
            }
        }
    }
}
