use std::fmt;
use std::str::FromStr;

/// One check of the doctor. Its name is stable; programs may name it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Check {
    /// KSZ `sendTestMessage` over mutual TLS.
    KszConnection,
    /// The same with a signed message and a signed answer.
    KszSigned,
    /// eHealth `checkConnection`.
    EhealthConnection,
    /// eHealth `checkAccessControl`, RSA.
    EhealthAccessRsa,
    /// eHealth `checkAccessControl`, ECDSA.
    EhealthAccessEcdsa,
    /// An assertion of the eHealth token service.
    EhealthToken,
    /// eHealth `checkBrokeredAccessControl` with that assertion.
    EhealthBrokered,
    /// An OAuth access token.
    OauthToken,
    /// KSZ REST `GET /health` with that token.
    RestHealth,
    /// The same without a token: it must be refused.
    RestNoToken,
    /// A Body changed after signing must be refused.
    RefusedBody,
    /// A repeated claim must be refused, by us and by the service.
    RefusedClaim,
    /// A client without a certificate, or with a foreign one, must not get past TLS.
    RefusedStranger,
    /// An assertion used by another than its holder must be refused.
    RefusedHolder,
    /// An access token that another key signed must be refused.
    RefusedToken,
}

impl Check {
    /// Every check, in the order in which they run.
    pub const ALL: [Self; 15] = [
        Self::KszConnection,
        Self::KszSigned,
        Self::EhealthConnection,
        Self::EhealthAccessRsa,
        Self::EhealthAccessEcdsa,
        Self::EhealthToken,
        Self::EhealthBrokered,
        Self::OauthToken,
        Self::RestHealth,
        Self::RestNoToken,
        Self::RefusedBody,
        Self::RefusedClaim,
        Self::RefusedStranger,
        Self::RefusedHolder,
        Self::RefusedToken,
    ];

    /// Its name on the command line and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.texts().0
    }

    /// What it does, in a few words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.texts().1
    }

    const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::KszConnection => ("ksz-connection", "KSZ sendTestMessage"),
            Self::KszSigned => ("ksz-signed", "KSZ sendTestMessage, signed both ways"),
            Self::EhealthConnection => ("ehealth-connection", "eHealth checkConnection"),
            Self::EhealthAccessRsa => ("ehealth-access-rsa", "eHealth checkAccessControl, RSA-SHA256"),
            Self::EhealthAccessEcdsa => ("ehealth-access-ecdsa", "eHealth checkAccessControl, ECDSA-SHA256"),
            Self::EhealthToken => ("ehealth-token", "eHealth token service, with its challenge"),
            Self::EhealthBrokered => ("ehealth-brokered", "eHealth checkBrokeredAccessControl"),
            Self::OauthToken => ("oauth-token", "OAuth token, private_key_jwt"),
            Self::RestHealth => ("rest-health", "KSZ REST health, with the token"),
            Self::RestNoToken => ("rest-no-token", "KSZ REST health, without a token"),
            Self::RefusedBody => ("refused-body", "refused: a Body changed after signing"),
            Self::RefusedClaim => ("refused-claim", "refused: a repeated claim"),
            Self::RefusedStranger => ("refused-stranger", "refused: no certificate, a foreign one"),
            Self::RefusedHolder => ("refused-holder", "refused: an assertion of another holder"),
            Self::RefusedToken => ("refused-token", "refused: an access token of another key"),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Check {
    type Err = String;

    /// The check of a name.
    ///
    /// # Errors
    ///
    /// A sentence with the names that there are.
    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|check| check.name() == name).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|check| check.name()).collect();
            format!("there is no check {name:?}; there are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_found_by_its_name() {
        for check in Check::ALL {
            assert_eq!(check.name().parse(), Ok(check));
        }
        assert!("ksz".parse::<Check>().unwrap_err().contains("ksz-connection"));
    }
}
