use ksz_error::Kind;

/// Why the simulator could not be started, or could not write its files.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A port is taken, or the system gives no free one.
    #[error("cannot listen on {address}: {detail}")]
    Listen {
        /// Where the simulator wanted to listen.
        address: String,
        /// What the system answered.
        detail: String,
    },

    /// The ports that follow the base would go past the last one.
    #[error("port base {base} leaves no room for {needed} ports")]
    PortBase {
        /// The first port.
        base: u16,
        /// How many are needed.
        needed: u16,
    },

    /// The throw-away PKI could not be made.
    #[error("the throw-away PKI could not be made: {detail}")]
    Pki {
        /// What failed.
        detail: String,
    },

    /// TLS could not be set up with that PKI.
    #[error("TLS could not be set up: {detail}")]
    Tls {
        /// What failed.
        detail: String,
    },

    /// The system's random source failed.
    #[error("the system gives no random octets")]
    Random,

    /// A file could not be written.
    #[error("cannot write {path}: {detail}")]
    Write {
        /// The file.
        path: String,
        /// What the system answered.
        detail: String,
    },
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::PortBase { .. } => Kind::Misuse,
            _ => Kind::Transport,
        }
    }
}

impl From<rcgen::Error> for Error {
    fn from(error: rcgen::Error) -> Self {
        Self::Pki { detail: error.to_string() }
    }
}

impl From<ksz_pki::Error> for Error {
    fn from(error: ksz_pki::Error) -> Self {
        Self::Pki { detail: error.to_string() }
    }
}

impl From<ksz_oauth::Error> for Error {
    fn from(error: ksz_oauth::Error) -> Self {
        Self::Pki { detail: error.to_string() }
    }
}
