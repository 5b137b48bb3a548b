use std::time::SystemTime;

/// How a session stands. It holds no token.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SessionStatus {
    /// The token in use, if there is one that can be sent.
    pub token: Option<TokenTimes>,
    /// How often in a row no token could be had: 0 after a success.
    pub failures: u32,
    /// Why the last attempt failed, unless a later one succeeded.
    pub last_failure: Option<TokenFailure>,
    /// How often this session asked the token service, whatever came of it.
    pub requests: u64,
    /// Whether it is asking at the moment.
    pub is_asking: bool,
}

/// When a token holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TokenTimes {
    /// `NotBefore` of its conditions.
    pub not_before: SystemTime,
    /// `NotOnOrAfter` of its conditions.
    pub not_on_or_after: SystemTime,
    /// From when on a call asks for the next one, while it goes on with this.
    pub renewal_at: SystemTime,
}

/// Why no token could be had.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TokenFailure {
    /// When.
    pub at: SystemTime,
    /// The error.
    pub error: crate::Error,
}
