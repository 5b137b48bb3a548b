use crate::Advice;

/// A fault code of WS-Trust 1.3 section 11; all are in the namespace [`names::WS_TRUST`](crate::names::WS_TRUST).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct WsTrustCode {
    /// The name, without a prefix.
    pub name: &'static str,
    /// What it means, by the words of the standard.
    pub meaning: &'static str,
    /// What to do.
    pub advice: Advice,
}

impl WsTrustCode {
    /// Every code of the standard. Of the eHealth platform's token service only `InvalidRequest` was seen.
    pub const ALL: [Self; 11] = [
        row("InvalidRequest", "the request was invalid or malformed", Advice::Mend),
        row("FailedAuthentication", "authentication failed", Advice::Mend),
        row("RequestFailed", "the specified request failed", Advice::AskServiceDesk),
        row("InvalidSecurityToken", "the security token has been revoked", Advice::Mend),
        row("AuthenticationBadElements", "insufficient digest elements", Advice::Mend),
        row("BadRequest", "the specified RequestSecurityToken is not understood", Advice::Mend),
        row("ExpiredData", "the request data is out of date", Advice::Mend),
        row("InvalidTimeRange", "the requested time range is invalid or unsupported", Advice::Mend),
        row("InvalidScope", "the request scope is invalid or unsupported", Advice::Mend),
        row("RenewNeeded", "a renewable security token has expired", Advice::Mend),
        row("UnableToRenew", "the requested renewal failed", Advice::Mend),
    ];

    /// The row of a name; an unknown one is no error.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|row| row.name == name)
    }
}

const fn row(name: &'static str, meaning: &'static str, advice: Advice) -> WsTrustCode {
    WsTrustCode { name, meaning, advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_once() {
        for (index, row) in WsTrustCode::ALL.iter().enumerate() {
            assert_eq!(WsTrustCode::find(row.name), Some(*row));
            assert!(WsTrustCode::ALL[..index].iter().all(|before| before.name != row.name), "{}", row.name);
        }
        for unknown in ["", "wst:InvalidRequest", "invalidrequest", "Client"] {
            assert_eq!(WsTrustCode::find(unknown), None, "{unknown}");
        }
    }
}
