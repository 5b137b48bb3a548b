use crate::Error;
use crate::builder::{ClientBuilder, OauthSettings};
use crate::clock::{Clock, Moment};
use crate::config::Config;
use crate::ehealth::Ehealth;
use crate::ksz::Ksz;
use crate::oauth::TokenCache;
use crate::rest::Rest;
use crate::session::{Pool, StoreAccess};
use ksz_pki::{Identity, TrustStore};
use ksz_sts::AssertionTrust;
use ksz_transport::{Channel, Environment, HttpClient, ServerTrust, Service, endpoint};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;
use url::Url;

/// The joined client of one institution in one environment. Copies share connections and tokens.
#[derive(Clone)]
pub struct Client {
    settings: Arc<Settings>,
}

pub(crate) struct Settings {
    pub(crate) environment: Environment,
    pub(crate) channel: Channel,
    pub(crate) http: HttpClient,
    pub(crate) server_trust: ServerTrust,
    pub(crate) endpoints: HashMap<Service, Url>,
    pub(crate) application: Option<Identity>,
    pub(crate) answer_trust: Option<TrustStore>,
    pub(crate) ehealth_identity: Option<Identity>,
    pub(crate) assertion_trust: Option<AssertionTrust>,
    pub(crate) oauth: Option<OauthSettings>,
    pub(crate) tokens: TokenCache,
    pub(crate) sessions: Pool,
    pub(crate) session_store: Option<StoreAccess>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Client {
    /// A client as a configuration says.
    ///
    /// # Errors
    ///
    /// Those of [`ClientBuilder::build`].
    pub fn new(config: Config) -> Result<Self, Error> {
        config.into_builder().build()
    }

    /// A client of an environment, to be completed.
    #[must_use]
    pub fn builder(environment: Environment) -> ClientBuilder {
        ClientBuilder::new(environment)
    }

    pub(crate) fn from_settings(settings: Settings) -> Self {
        Self { settings: Arc::new(settings) }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The environment whose services it calls.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.settings.environment
    }

    /// The network through which it calls them.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.settings.channel
    }

    /// The services of KSZ.
    #[must_use]
    pub const fn ksz(&self) -> Ksz<'_> {
        Ksz::new(self)
    }

    /// The services of the eHealth platform.
    #[must_use]
    pub const fn ehealth(&self) -> Ehealth<'_> {
        Ehealth::new(self)
    }

    /// A REST service of KSZ, such as `socialStatus/v1`.
    #[must_use]
    pub fn rest(&self, api: &str) -> Rest<'_> {
        Rest::new(self, api)
    }

    /// The address of a service: the configured one, or the catalogue's for the environment and channel.
    ///
    /// # Errors
    ///
    /// [`ksz_transport::Error::EndpointNotGiven`] if no document gives it.
    pub fn endpoint(&self, service: Service) -> Result<Url, Error> {
        if let Some(url) = self.settings.endpoints.get(&service) {
            return Ok(url.clone());
        }
        let row = endpoint(service, self.settings.environment, self.settings.channel)?;
        row.url().ok_or(Error::NotConfigured { needed: "an https address of the service" })
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.settings.clock.now()
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment::read(&*self.settings.clock)
    }

    /// Whose assertions are believed.
    pub(crate) fn assertion_trust(&self) -> Result<&AssertionTrust, Error> {
        let needed = "ehealth.sts_certificates";
        self.settings.assertion_trust.as_ref().ok_or(Error::NotConfigured { needed })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({}, {})", self.environment(), self.channel())
    }
}
