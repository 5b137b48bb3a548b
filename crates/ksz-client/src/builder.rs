use crate::client::{Client, Settings};
use crate::clock::{Clock, SystemClock};
use crate::config::StoreSettings;
use crate::session::{Pool, StoreAccess};
use crate::store::SessionStore;
use crate::{Error, oauth::TokenCache};
use ksz_oauth::{AudiencePolicy, ClientId, Issuer};
use ksz_pki::{Certificate, CertificateEnvironment, Identity, SigningKey, TrustStore};
use ksz_sts::AssertionTrust;
use ksz_transport::{Channel, Environment, HttpClient, ServerTrust, Service, require_environment};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How a [`Client`] comes to be: where it belongs, who it is, whom it believes.
#[derive(Clone)]
pub struct ClientBuilder {
    pub(crate) environment: Environment,
    channel: Channel,
    identity: Option<Identity>,
    server_trust: ServerTrust,
    endpoints: HashMap<Service, Url>,
    timeout: Option<Duration>,
    application: Option<Identity>,
    answer_trust: Option<TrustStore>,
    ehealth_identity: Option<Identity>,
    pub(crate) assertion_trust: Option<AssertionTrust>,
    oauth: Option<OauthSettings>,
    clock: Arc<dyn Clock>,
    session_store: Option<StoreSource>,
}

/// A store, or how to open it.
#[derive(Clone)]
enum StoreSource {
    Store(Arc<dyn SessionStore>),
    Settings(StoreSettings),
}

/// How a client shows itself to the OAuth server.
#[derive(Clone, Debug)]
pub struct OauthSettings {
    /// The identifier that was registered.
    pub client_id: ClientId,
    /// The key whose certificate was registered.
    pub key: SigningKey,
    /// The server's issuer; absent means the catalogue's.
    pub issuer: Option<Issuer>,
    /// Which audience the assertion names.
    pub audience: AudiencePolicy,
}

impl ClientBuilder {
    pub(crate) fn new(environment: Environment) -> Self {
        Self {
            environment,
            channel: Channel::Extranet,
            identity: None,
            server_trust: ServerTrust::default(),
            endpoints: HashMap::new(),
            timeout: None,
            application: None,
            answer_trust: None,
            ehealth_identity: None,
            assertion_trust: None,
            oauth: None,
            clock: Arc::new(SystemClock),
            session_store: None,
        }
    }

    /// Through which network the services are reached; the extranet unless said otherwise.
    #[must_use]
    pub const fn channel(mut self, channel: Channel) -> Self {
        self.channel = channel;
        self
    }

    /// The TLS client identity. It also signs for the eHealth platform unless
    /// [another](Self::ehealth_identity) is given.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Believes servers below these roots instead of those of the operating system.
    #[must_use]
    pub fn server_roots(mut self, roots: Vec<Certificate>) -> Self {
        self.server_trust = ServerTrust::Roots(roots);
        self
    }

    /// Another address than the catalogue's. It must not belong to another environment.
    #[must_use]
    pub fn endpoint(mut self, service: Service, url: Url) -> Self {
        self.endpoints.insert(service, url);
        self
    }

    /// The longest a call may take, connection and answer included; a minute unless said otherwise.
    #[must_use]
    pub const fn timeout(mut self, longest: Duration) -> Self {
        self.timeout = Some(longest);
        self
    }

    /// The application certificate with which messages to KSZ are signed.
    #[must_use]
    pub fn application(mut self, identity: Identity) -> Self {
        self.application = Some(identity);
        self
    }

    /// Whom to believe when KSZ signs its answers.
    #[must_use]
    pub fn answer_trust(mut self, trust: TrustStore) -> Self {
        self.answer_trust = Some(trust);
        self
    }

    /// The identity that signs messages to the eHealth platform, where it is not the TLS identity.
    #[must_use]
    pub fn ehealth_identity(mut self, identity: Identity) -> Self {
        self.ehealth_identity = Some(identity);
        self
    }

    /// Whose assertions to believe. Its certificates must not say that they are for another environment.
    #[must_use]
    pub fn assertion_trust(mut self, trust: AssertionTrust) -> Self {
        self.assertion_trust = Some(trust);
        self
    }

    /// How to ask for access tokens.
    #[must_use]
    pub fn oauth(mut self, settings: OauthSettings) -> Self {
        self.oauth = Some(settings);
        self
    }

    /// Another source of time, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where the tokens of sessions are kept beside the client, to be shared with other processes or found again after a
    /// restart; they are in its memory alone unless one is given.
    #[must_use]
    pub fn session_store(mut self, store: Arc<dyn SessionStore>) -> Self {
        self.session_store = Some(StoreSource::Store(store));
        self
    }

    /// Keeps the tokens of sessions in the memory of the client alone, whatever the configuration says. A program that opens
    /// no session needs neither the store nor its key then.
    #[must_use]
    pub fn without_session_store(mut self) -> Self {
        self.session_store = None;
        self
    }

    /// The store that a configuration describes.
    pub(crate) fn session_store_settings(mut self, settings: StoreSettings) -> Self {
        self.session_store = Some(StoreSource::Settings(settings));
        self
    }

    /// The identity that signs messages to the eHealth platform.
    pub(crate) fn ehealth_signer(&self) -> Option<&Identity> {
        self.ehealth_identity.as_ref().or(self.identity.as_ref())
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// - [`ksz_transport::Error::WrongEnvironment`] if an address belongs to another environment.
    /// - [`Error::CertificateEnvironment`] if a certificate says that it is for another environment: nothing
    ///   was connected to or signed then. Most certificates do not say; see
    ///   [`Certificate::environment`](ksz_pki::Certificate::environment).
    /// - [`ksz_transport::Error::ServiceRetired`] if an address is that of the eHealth platform's old token service,
    ///   which speaks another protocol and is out of use, whatever its host.
    /// - [`Error::Transport`] if the TLS configuration cannot be made.
    /// - [`Error::Configuration`] if the store of sessions that the configuration names cannot be opened: the variable of its
    ///   key is not set, the folder was written with another key, or Redis takes the feature `cache-redis`.
    pub fn build(self) -> Result<Client, Error> {
        let issuer = self.oauth.as_ref().and_then(|settings| settings.issuer.as_ref());
        for url in self.endpoints.values().cloned().chain(issuer.map(Issuer::metadata_url)) {
            require_environment(&url, self.environment)?;
        }
        for (service, url) in &self.endpoints {
            require_in_use(*service, url)?;
        }
        for (setting, identity) in [
            ("tls.identity", &self.identity),
            ("ksz.application", &self.application),
            ("ehealth.identity", &self.ehealth_identity),
        ] {
            if let Some(identity) = identity {
                require_certificate_of(self.environment, setting, identity.certificate())?;
            }
        }
        for pinned in self.assertion_trust.iter().flat_map(AssertionTrust::certificates) {
            require_certificate_of(self.environment, "ehealth.sts_certificates", pinned)?;
        }
        let mut http = HttpClient::builder().server_trust(self.server_trust.clone());
        if let Some(identity) = &self.identity {
            http = http.identity(identity.clone());
        }
        if let Some(longest) = self.timeout {
            http = http.timeout(longest);
        }
        let http = http.build()?;
        let session_store = match self.session_store {
            None => None,
            Some(StoreSource::Store(store)) => Some(store),
            Some(StoreSource::Settings(settings)) => Some(settings.open()?),
        };
        Ok(Client::from_settings(Settings {
            environment: self.environment,
            channel: self.channel,
            http,
            server_trust: self.server_trust,
            endpoints: self.endpoints,
            application: self.application,
            answer_trust: self.answer_trust,
            ehealth_identity: self.ehealth_identity.or(self.identity),
            assertion_trust: self.assertion_trust,
            oauth: self.oauth,
            tokens: TokenCache::default(),
            sessions: Pool::default(),
            session_store: session_store.map(StoreAccess::new),
            clock: self.clock,
        }))
    }
}

/// Refuses a service that is out of use, and its address in the place of another's: it would fail with a fault that tells
/// nothing.
fn require_in_use(service: Service, url: &Url) -> Result<(), Error> {
    let path = url.path().trim_end_matches('/').to_ascii_lowercase();
    let is_old = ["/saml11tokenservice/v1", "/legacy/v1"].iter().any(|end| path.ends_with(end));
    let service =
        if service == Service::EhealthSts && is_old { Service::EhealthSaml11TokenService } else { service };
    match service.retired() {
        Some(hint) => Err(ksz_transport::Error::ServiceRetired { service, hint }.into()),
        None => Ok(()),
    }
}

/// Refuses a certificate of production elsewhere, and any other in production, where the certificate says
/// which it is.
///
/// Those of test, acceptance and the simulator may stand in for each other: their issuers do not tell the
/// first two apart, and a simulator may be set up as either.
pub(crate) fn require_certificate_of(
    environment: Environment,
    setting: &'static str,
    certificate: &Certificate,
) -> Result<(), Error> {
    let Some(found) = certificate.environment() else { return Ok(()) };
    if (found == CertificateEnvironment::Production) == (environment == Environment::Production) {
        return Ok(());
    }
    let subject = certificate.display_subject();
    Err(Error::CertificateEnvironment { setting, subject, found, environment })
}
