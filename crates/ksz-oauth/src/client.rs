use crate::{Error, Issuer};
use std::fmt;
use url::Url;

const MAX_LENGTH: usize = 256;

/// The identifier that the authorization server gave to a client (RFC 6749 section 2.2).
///
/// Colons are usual in it. Nothing but visible ASCII is accepted: RFC 6749 would allow spaces, and no server
/// gives them out.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ClientId(String);

impl ClientId {
    /// An identifier of 1 to 256 visible ASCII characters.
    ///
    /// # Errors
    ///
    /// [`Error::ClientIdNotAccepted`] if it is something else.
    pub fn new(text: &str) -> Result<Self, Error> {
        if is_visible(text, MAX_LENGTH) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::ClientIdNotAccepted { limit: MAX_LENGTH })
        }
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whom a client assertion is for: the one value of its `aud`.
///
/// The value is one string, never an array, and never comes from the network. Servers disagree on what it must
/// be: the social security's server is documented with the address of its token endpoint, while FAPI 2.0
/// section 5.3.2.1 and the successor of RFC 7523 demand the issuer. An assertion for a value that metadata chose
/// could be used at a server that somebody else put there.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AudiencePolicy {
    /// The configured token endpoint, as [`Url`] writes it: what the social security's server wants.
    #[default]
    TokenEndpoint,
    /// The configured issuer, as it was written.
    Issuer,
    /// This text: for instance the internet address of a token endpoint that is reached through the extranet.
    Exact(String),
}

impl AudiencePolicy {
    /// The audience for a server as configured.
    ///
    /// # Errors
    ///
    /// - [`Error::IssuerNotConfigured`] if it is to be the issuer, and there is none.
    /// - [`Error::AudienceEmpty`] if it is to be the empty text.
    pub fn audience(&self, token_endpoint: &Url, issuer: Option<&Issuer>) -> Result<String, Error> {
        match self {
            Self::TokenEndpoint => Ok(token_endpoint.to_string()),
            Self::Issuer => issuer.map(Issuer::to_string).ok_or(Error::IssuerNotConfigured),
            Self::Exact(text) if text.is_empty() => Err(Error::AudienceEmpty),
            Self::Exact(text) => Ok(text.clone()),
        }
    }
}

/// Whether a text has 1 to `limit` visible ASCII characters.
pub(crate) fn is_visible(text: &str, limit: usize) -> bool {
    (1..=limit).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_may_have_colons() {
        let text = "partenaire:federal:service:bus:client:confidential";
        assert_eq!(ClientId::new(text).unwrap().as_str(), text);
    }

    #[test]
    fn an_identifier_of_something_else_is_refused() {
        for text in ["", "a b", "a\n", "é", "a\0", &"a".repeat(257)] {
            assert_eq!(ClientId::new(text), Err(Error::ClientIdNotAccepted { limit: 256 }));
        }
    }

    #[test]
    fn the_audience_is_what_was_configured() {
        let endpoint = Url::parse("https://services.example/REST/oauth/v5/token").unwrap();
        let issuer = Issuer::new("https://oauth-v5.example").unwrap();
        let audience = |policy: AudiencePolicy, issuer| policy.audience(&endpoint, issuer);

        assert_eq!(
            audience(AudiencePolicy::default(), Some(&issuer)).as_deref(),
            Ok("https://services.example/REST/oauth/v5/token")
        );
        assert_eq!(
            audience(AudiencePolicy::Issuer, Some(&issuer)).as_deref(),
            Ok("https://oauth-v5.example")
        );
        assert_eq!(audience(AudiencePolicy::Exact("x".into()), None).as_deref(), Ok("x"));
        assert_eq!(audience(AudiencePolicy::Issuer, None), Err(Error::IssuerNotConfigured));
        assert_eq!(audience(AudiencePolicy::Exact(String::new()), None), Err(Error::AudienceEmpty));
    }
}
