use crate::names;
use std::time::Duration;

/// How claims are written: which dialect, and in which namespace. It differs between token services.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Dialect {
    /// The dialect's URI.
    pub uri: &'static str,
    /// The namespace of its elements.
    pub namespace: &'static str,
}

impl Dialect {
    /// The eHealth platform: WS-Federation of June 2007.
    pub const EHEALTH: Self = Self { uri: names::AUTHORIZATION_CLAIMS, namespace: names::AUTHORIZATION };

    /// The social security: the draft of December 2006.
    pub const NSSO: Self =
        Self { uri: names::AUTHORIZATION_CLAIMS_2006, namespace: names::AUTHORIZATION_2006 };
}

/// How the kind of key is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyType {
    /// Without the hyphen in `ws-trust`, as every client of the eHealth platform writes it.
    Ehealth,
    /// As the standard writes it (WS-Trust 1.3 section 9.2).
    Standard,
}

impl KeyType {
    /// Its URI.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Ehealth => names::PUBLIC_KEY_EHEALTH,
            Self::Standard => names::PUBLIC_KEY,
        }
    }

    /// The spelling that a URI is, if it is one.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        [Self::Ehealth, Self::Standard].into_iter().find(|spelling| spelling.uri() == uri)
    }
}

/// What differs between the token services: how requests are written, and how long a token may be asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenProfile {
    dialect: Dialect,
    key_type: KeyType,
    longest_lifetime: Duration,
}

impl TokenProfile {
    /// The eHealth platform's. A day is what its own connector asks for; no document gives a limit.
    pub const EHEALTH: Self = Self {
        dialect: Dialect::EHEALTH,
        key_type: KeyType::Ehealth,
        longest_lifetime: Duration::from_secs(24 * 60 * 60),
    };

    /// The social security's. Its dialect was seen in the test client for senders; the rest is the standard's, and the
    /// limit that of the eHealth platform.
    pub const NSSO: Self = Self {
        dialect: Dialect::NSSO,
        key_type: KeyType::Standard,
        longest_lifetime: Self::EHEALTH.longest_lifetime,
    };

    /// The same profile with another spelling of the kind of key.
    #[must_use]
    pub const fn with_key_type(mut self, key_type: KeyType) -> Self {
        self.key_type = key_type;
        self
    }

    /// How claims are written.
    #[must_use]
    pub const fn dialect(self) -> Dialect {
        self.dialect
    }

    /// How the kind of key is written.
    #[must_use]
    pub const fn key_type(self) -> KeyType {
        self.key_type
    }

    /// The longest lifetime that can be asked for.
    #[must_use]
    pub const fn longest_lifetime(self) -> Duration {
        self.longest_lifetime
    }
}

impl Default for TokenProfile {
    /// The eHealth platform's.
    fn default() -> Self {
        Self::EHEALTH
    }
}
