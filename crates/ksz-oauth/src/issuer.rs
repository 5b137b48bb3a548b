use crate::Error;
use std::fmt;
use url::Url;

const HTTPS: &str = "an https URL without user or fragment";

/// The issuer identifier of an authorization server (RFC 8414 section 2): an `https` URL without query or
/// fragment, kept as it was written, because it is compared octet by octet.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Issuer {
    text: String,
    url: Url,
}

impl Issuer {
    /// An issuer from the configuration.
    ///
    /// # Errors
    ///
    /// [`Error::UrlNotAccepted`] if it is no `https` URL or has a user, a query or a fragment.
    pub fn new(text: &str) -> Result<Self, Error> {
        let expected = "an https URL without user, query or fragment";
        let refused = || Error::UrlNotAccepted { role: "issuer", expected };
        let url = Url::parse(text).map_err(|_| refused())?;
        if url.query().is_none() && is_https(&well_known(&url)) {
            Ok(Self { text: text.to_owned(), url })
        } else {
            Err(refused())
        }
    }

    /// The identifier as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where the server's metadata are: the well-known segment goes between host and path (RFC 8414 section 3).
    #[must_use]
    pub fn metadata_url(&self) -> Url {
        well_known(&self.url)
    }

    /// Whether a URL is on the same host.
    pub(crate) fn is_host_of(&self, url: &Url) -> bool {
        self.url.host() == url.host()
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn well_known(issuer: &Url) -> Url {
    let path = issuer.path().strip_suffix('/').unwrap_or(issuer.path());
    let mut url = issuer.clone();
    url.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    url
}

/// An endpoint from the configuration: `https`, without user or fragment (RFC 6749 section 3.2).
pub(crate) fn accept_endpoint(role: &'static str, url: Url) -> Result<Url, Error> {
    if is_https(&url) { Ok(url) } else { Err(Error::UrlNotAccepted { role, expected: HTTPS }) }
}

/// Loopback has no exemption: a simulator serves `https` too.
pub(crate) fn is_https(url: &Url) -> bool {
    url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && url.as_str().parse::<http::Uri>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_segment_goes_between_host_and_path() {
        let url = |issuer: &str| Issuer::new(issuer).unwrap().metadata_url().to_string();

        assert_eq!(
            url("https://as.example:8443"),
            "https://as.example:8443/.well-known/oauth-authorization-server"
        );
        assert_eq!(url("https://as.example/"), "https://as.example/.well-known/oauth-authorization-server");
        assert_eq!(
            url("https://as.example/issuer1/"),
            "https://as.example/.well-known/oauth-authorization-server/issuer1"
        );
    }

    #[test]
    fn the_text_is_kept_as_written() {
        assert_eq!(Issuer::new("https://as.example").unwrap().to_string(), "https://as.example");
        assert_ne!(Issuer::new("https://as.example").unwrap(), Issuer::new("https://as.example/").unwrap());
    }

    #[test]
    fn other_addresses_are_refused_and_not_quoted() {
        for text in [
            "http://as.example",
            "http://127.0.0.1:8080",
            "https://me:canary@as.example",
            "https://as.example/?tenant=1",
            "https://as.example/#x",
            "as.example",
            &format!("https://as.example/{}", "a".repeat(65_500)),
            "",
        ] {
            let error = Issuer::new(text).unwrap_err();
            assert!(matches!(error, Error::UrlNotAccepted { role: "issuer", .. }), "{text}");
            assert!(!format!("{error:?}").contains("canary"));
        }
        let endpoint = Url::parse("http://localhost/token").unwrap();
        assert_eq!(
            accept_endpoint("token endpoint", endpoint),
            Err(Error::UrlNotAccepted { role: "token endpoint", expected: HTTPS })
        );
    }
}
