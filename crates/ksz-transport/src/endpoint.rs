use crate::catalogue::{PRINTED_IPS, catalogue};
use crate::{Channel, Environment, Error, Service};
use std::net::Ipv4Addr;
use url::Url;

/// Where a service is reached, and how we know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Endpoint {
    service: Service,
    environment: Environment,
    channel: Option<Channel>,
    address: &'static str,
    certainty: Certainty,
    source: Source,
}

/// The document that gives an endpoint.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Source {
    /// Its title or description.
    pub document: &'static str,
    /// Where in it, and what was made of it.
    pub note: &'static str,
}

/// How an address follows from its [`Source`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Certainty {
    /// The document prints it.
    Printed,
    /// The document prints another one, which is shown to be a mistake by the rest of it, or by its siblings.
    Corrected,
    /// No document prints it; it follows from a rule that holds for its siblings.
    ByConvention,
}

impl Certainty {
    /// The name in tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Printed => "printed",
            Self::Corrected => "corrected",
            Self::ByConvention => "by-convention",
        }
    }
}

impl Endpoint {
    pub(crate) const fn new(
        service: Service,
        environment: Environment,
        channel: Option<Channel>,
        address: &'static str,
        certainty: Certainty,
        source: Source,
    ) -> Self {
        Self { service, environment, channel, address, certainty, source }
    }

    /// The service.
    #[must_use]
    pub const fn service(&self) -> Service {
        self.service
    }

    /// The environment.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// The channel, or nothing if the document does not tell channels apart.
    #[must_use]
    pub const fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// The URL as text, or host and port for SFTP.
    #[must_use]
    pub const fn address(&self) -> &'static str {
        self.address
    }

    /// The URL, or nothing for SFTP. A base ends in a slash, so that [`Url::join`] adds to it.
    #[must_use]
    pub fn url(&self) -> Option<Url> {
        Url::parse(self.address).ok().filter(|url| url.scheme() == "https")
    }

    /// The host and the port: what a firewall must let through.
    #[must_use]
    pub fn host_and_port(&self) -> (&'static str, u16) {
        let authority = self.address.strip_prefix("https://").unwrap_or(self.address);
        let authority = authority.split('/').next().unwrap_or(authority);
        match authority.split_once(':') {
            Some((host, port)) => (host, port.parse().unwrap_or(443)),
            None => (authority, 443),
        }
    }

    /// The address that the firewall forms print for the host. Connections are made by name all the same.
    #[must_use]
    pub fn printed_ip(&self) -> Option<Ipv4Addr> {
        PRINTED_IPS.iter().find(|(host, _)| *host == self.host_and_port().0).map(|(_, ip)| *ip)
    }

    /// How the address follows from the source.
    #[must_use]
    pub const fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// The document that gives it.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }
}

/// The endpoint of a service in an environment, over a channel.
///
/// ```
/// use ksz_transport::{Channel, Environment, Error, Service, endpoint};
///
/// let token = endpoint(Service::OauthToken, Environment::Production, Channel::Internet)?;
/// assert_eq!(token.address(), "https://services.socialsecurity.be/REST/oauth/v5/token");
///
/// let refusal = endpoint(Service::KszSoap, Environment::Production, Channel::Internet).unwrap_err();
/// assert!(matches!(refusal, Error::EndpointNotGiven { .. }));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
///
/// - [`Error::EndpointNotGiven`] if no document gives it. There is no guess and no falling back to another
///   environment; the simulator's endpoints come from its configuration.
/// - [`Error::ServiceRetired`] if the service is out of use.
pub fn endpoint(
    service: Service,
    environment: Environment,
    channel: Channel,
) -> Result<&'static Endpoint, Error> {
    if let Some(hint) = service.retired() {
        return Err(Error::ServiceRetired { service, hint });
    }
    catalogue()
        .iter()
        .find(|row| {
            row.service == service
                && row.environment == environment
                && row.channel.is_none_or(|given| given == channel)
        })
        .ok_or(Error::EndpointNotGiven { service, environment, channel })
}

/// The row of the catalogue that an address belongs to: same host and port, and its path begins the address's.
///
/// It recognises retired services too. The longest row wins.
#[must_use]
pub fn recognise(url: &Url) -> Option<&'static Endpoint> {
    catalogue()
        .iter()
        .filter(|row| {
            row.url().is_some_and(|base| base.origin() == url.origin() && leads(base.path(), url.path()))
        })
        .max_by_key(|row| row.address.len())
}

/// Whether `path` is `base` or lies below it.
fn leads(base: &str, path: &str) -> bool {
    path.strip_prefix(base.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Refuses a host that the catalogue knows to belong to another environment.
///
/// A host that the catalogue does not know passes: an institution may put a gateway of its own between.
///
/// # Errors
///
/// [`Error::WrongEnvironment`], before anything is connected.
pub fn require_environment(url: &Url, environment: Environment) -> Result<(), Error> {
    let Some(host) = url.host_str().map(|host| host.trim_end_matches('.')) else { return Ok(()) };
    let mut known = catalogue().iter().filter(|row| row.host_and_port().0 == host).peekable();
    let Some(first) = known.peek() else { return Ok(()) };
    let found = first.environment;
    if known.any(|row| row.environment == environment) {
        Ok(())
    } else {
        Err(Error::WrongEnvironment { host: host.into(), found, expected: environment })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_server_is_host_and_port() {
        let row = endpoint(Service::KszSftp, Environment::Production, Channel::Extranet).unwrap();

        assert_eq!(row.host_and_port(), ("stransferv2.extranetssz.be", 22));
        assert_eq!((row.url(), row.printed_ip()), (None, None));
    }

    #[test]
    fn the_production_rest_hosts_are_corrected() {
        let host = |channel| {
            let row = endpoint(Service::KszRest, Environment::Production, channel).unwrap();
            (row.address(), row.certainty())
        };
        let extranet = ("https://b2b.ksz-bcss.fgov.be:4543/", Certainty::Corrected);

        assert_eq!(host(Channel::Extranet), extranet);
        assert_eq!(host(Channel::Internet), ("https://api.ksz-bcss.fgov.be/", Certainty::Corrected));
    }

    #[test]
    fn what_the_documents_do_not_give_is_said() {
        for (service, environment, channel) in [
            (Service::KszSoap, Environment::Production, Channel::Internet),
            (Service::KszSftp, Environment::Test, Channel::Internet),
            (Service::OauthToken, Environment::Simulator, Channel::Internet),
        ] {
            assert_eq!(
                endpoint(service, environment, channel),
                Err(Error::EndpointNotGiven { service, environment, channel })
            );
        }
    }

    #[test]
    fn the_old_token_service_is_recognised_and_refused() {
        let service = Service::EhealthSaml11TokenService;
        let url = Url::parse("https://services.ehealth.fgov.be/IAM/Saml11TokenService/v1").unwrap();

        assert_eq!(recognise(&url).map(Endpoint::service), Some(service));
        assert!(matches!(
            endpoint(service, Environment::Production, Channel::Internet),
            Err(Error::ServiceRetired { .. })
        ));
    }

    #[test]
    fn an_address_is_recognised_by_whole_path_segments() {
        let recognised = |url: &str| recognise(&Url::parse(url).unwrap()).map(Endpoint::service);
        let base = "https://b2b-test.ksz-bcss.fgov.be:4520";

        assert_eq!(recognised(&format!("{base}/Other/v1/get")), Some(Service::KszSoap));
        assert_eq!(
            recognised(&format!("{base}/TestConnectionServiceService/sendTestMessage")),
            Some(Service::KszTestConnection)
        );
        assert_eq!(recognised("https://services.ehealth.fgov.be/IAM/Saml11TokenService/v10"), None);
        assert_eq!(recognised("https://example.be/"), None);
    }

    #[test]
    fn a_host_of_another_environment_is_refused() {
        let check = |url: &str, environment| require_environment(&Url::parse(url).unwrap(), environment);
        let acceptance = "https://b2b-acpt.ksz-bcss.fgov.be:4543/socialStatus/v1";

        assert_eq!(check(acceptance, Environment::Acceptance), Ok(()));
        assert_eq!(check("https://gateway.hospital.example/", Environment::Production), Ok(()));
        for expected in [Environment::Production, Environment::Simulator] {
            assert_eq!(
                check(acceptance, expected),
                Err(Error::WrongEnvironment {
                    host: "b2b-acpt.ksz-bcss.fgov.be".into(),
                    found: Environment::Acceptance,
                    expected
                })
            );
        }
    }
}
