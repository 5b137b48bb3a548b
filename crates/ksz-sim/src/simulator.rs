use crate::configuration::{
    self, API, CLIENT_ID, CONSUMER_TEST_PATH, RETIRED_STS_PATHS, STS_PATH, TEST_CONNECTION_PATH,
};
use crate::consumer_test::ConsumerTest;
use crate::journal::{Journal, Reception, Record, Service};
use crate::oauth::AuthorizationServer;
use crate::pki::Pki;
use crate::rest::{RestServices, scope_of};
use crate::server::{Frontage, Listening, bind, serve, tls};
use crate::sts::{PendingChallenges, TokenService};
use crate::test_connection::TestConnection;
use crate::token_keys::TokenKeys;
use crate::{Error, Options, soap};
use axum::Router;
use ksz_oauth::{ClientId, Issuer, ReplayStore, ResourceServer, Scope};
use ksz_pki::{Backend, Identity, PublicKey, SigningKey, TrustStore, certificates_from_pem};
use ksz_wss::MemoryReplayGuard;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How many messages and assertions are remembered, so that none is accepted twice.
const REMEMBERED: usize = 100_000;
/// A second REST service, for tokens that are good for the other only.
const OTHER_API: &str = "person";

/// The simulated remote services, listening on loopback until the value is dropped.
///
/// They have a PKI of their own, made at the start: nobody outside trusts it.
pub struct Simulator {
    pki: Arc<Pki>,
    addresses: Addresses,
    reception: Arc<Reception>,
    token_keys: Arc<TokenKeys>,
    issued_tokens: Arc<AtomicU64>,
    /// The listeners stop when this end of the channel is gone.
    _running: watch::Sender<()>,
}

/// Where the services listen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Addresses {
    /// KSZ SOAP services.
    pub ksz_soap: SocketAddr,
    /// KSZ REST services.
    pub ksz_rest: SocketAddr,
    /// The eHealth platform's consumer test and token service.
    pub ehealth: SocketAddr,
    /// The authorization server.
    pub oauth: SocketAddr,
}

impl Simulator {
    /// Makes a PKI and starts all services. It takes the tokio runtime it is called in; a runtime of one thread
    /// will do.
    ///
    /// # Errors
    ///
    /// - [`Error::PortBase`], [`Error::Listen`] if a port cannot be had.
    /// - [`Error::Pki`], [`Error::Tls`] if keys and certificates cannot be made or used.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let pki = Arc::new(made(|| Pki::generate(SystemTime::now())).await?);
        let token_keys = Arc::new(TokenKeys::new(&pki.sts)?);
        let issued_tokens = Arc::new(AtomicU64::new(0));
        let sockets = sockets(options.port_base).await?;
        let [ksz_soap, ksz_rest, ehealth, oauth] = sockets.each_ref().map(|(_, address)| *address);
        let addresses = Addresses { ksz_soap, ksz_rest, ehealth, oauth };
        let reception = Arc::new(Reception {
            clock: options.clock.clone(),
            interference: options.interference.clone(),
            journal: Journal::new(options.journal_capacity),
        });
        let routers = Routers { pki: &pki, addresses, reception: &reception, options: &options };
        let routers = [
            (Service::KszSoap, routers.ksz_soap()?),
            (Service::KszRest, routers.ksz_rest()?),
            (Service::Ehealth, routers.ehealth(&token_keys, &issued_tokens)?),
            (Service::Oauth, routers.oauth()?),
        ];
        let (running, stop) = watch::channel(());
        let frontage = Frontage { acceptor: tls(&pki)?, reception: reception.clone(), stop };
        for ((listener, _), (service, router)) in sockets.into_iter().zip(routers) {
            tokio::spawn(serve(Listening { service, listener, router }, frontage.clone()));
        }
        Ok(Self { pki, addresses, reception, token_keys, issued_tokens, _running: running })
    }

    /// Where the services listen.
    #[must_use]
    pub const fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// The configuration with which a client finds and trusts the services, as TOML with the PEM texts in it.
    ///
    /// It holds private keys, which are worth nothing elsewhere. The pinned certificates of the token service are those
    /// that are believed at present.
    #[must_use]
    pub fn configuration(&self) -> String {
        configuration::inline(&self.pki, &self.token_keys.certificates_pem(), self.addresses)
    }

    /// Writes the PKI as PEM files and a `ksz.toml` that names them by relative paths; gives the path of the
    /// latter. Only their owner can read them. Files of these names are replaced.
    ///
    /// # Errors
    ///
    /// [`Error::Write`].
    pub fn write_to(&self, directory: &Path) -> Result<PathBuf, Error> {
        configuration::write(&self.pki, &self.token_keys.certificates_pem(), self.addresses, directory)
    }

    /// Lets the token service sign with a key and a certificate that did not exist before, as it does when its
    /// certificate is about to end.
    ///
    /// The services believe the tokens of all keys so far, until [`Self::retire_token_keys`]. A client believes those of
    /// the new key once it is given [`Self::configuration`] anew, or pinned the certificate in another way.
    ///
    /// # Errors
    ///
    /// [`Error::Pki`] if the key cannot be made.
    pub async fn rotate_token_key(&self) -> Result<(), Error> {
        let pki = self.pki.clone();
        let next = made(move || pki.next_token_service()).await?;
        self.token_keys.rotate(&next)
    }

    /// Ends the belief in every key of the token service but the one that signs: their tokens are refused from here on,
    /// and cannot be renewed.
    pub fn retire_token_keys(&self) {
        self.token_keys.retire_previous();
    }

    /// How many tokens the token service issued or renewed.
    #[must_use]
    pub fn issued_tokens(&self) -> u64 {
        self.issued_tokens.load(Ordering::Relaxed)
    }

    /// What the services were asked for, oldest first: the last thousand requests, or as many as
    /// [`Options::journal_capacity`] says.
    #[must_use]
    pub fn journal(&self) -> Vec<Record> {
        self.reception.journal.read()
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

/// What is made on a thread of its own, because keys take their time.
async fn made<T: Send + 'static>(
    make: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let made = tokio::task::spawn_blocking(make).await;
    made.map_err(|error| Error::Pki { detail: error.to_string() })?
}

/// Four sockets: on ports from the base on, or on free ones.
async fn sockets(base: Option<u16>) -> Result<[(TcpListener, SocketAddr); 4], Error> {
    const NEEDED: u16 = 4;
    if let Some(base) = base
        && base.checked_add(NEEDED - 1).is_none()
    {
        return Err(Error::PortBase { base, needed: NEEDED });
    }
    let port = |offset| base.map(|base| base + offset);
    Ok([bind(port(0)).await?, bind(port(1)).await?, bind(port(2)).await?, bind(port(3)).await?])
}

/// What the services are made of.
struct Routers<'r> {
    pki: &'r Pki,
    addresses: Addresses,
    reception: &'r Arc<Reception>,
    options: &'r Options,
}

impl Routers<'_> {
    fn ksz_soap(&self) -> Result<Router, Error> {
        let service = TestConnection {
            trust: self.trust()?,
            guard: MemoryReplayGuard::new(REMEMBERED),
            identity: Identity::from_pem(self.pki.ksz.as_bytes(), Backend::default())?,
        };
        Ok(Router::new().route(TEST_CONNECTION_PATH, self.soap(service)))
    }

    fn ehealth(&self, keys: &Arc<TokenKeys>, issued: &Arc<AtomicU64>) -> Result<Router, Error> {
        let consumer_test = ConsumerTest {
            trust: self.trust()?,
            token_keys: keys.clone(),
            guard: MemoryReplayGuard::new(REMEMBERED),
        };
        let token_service = TokenService {
            trust: self.trust()?,
            guard: MemoryReplayGuard::new(REMEMBERED),
            keys: keys.clone(),
            issued: issued.clone(),
            challenges: self.options.challenges,
            pending: Mutex::new(PendingChallenges::new(REMEMBERED)),
        };
        let [retired, legacy] = RETIRED_STS_PATHS;
        Ok(Router::new()
            .route(CONSUMER_TEST_PATH, self.soap(consumer_test))
            .route(STS_PATH, self.soap(token_service))
            .route(retired, soap::retired_route(self.reception.clone()))
            .route(legacy, soap::retired_route(self.reception.clone())))
    }

    fn ksz_rest(&self) -> Result<Router, Error> {
        let key = PublicKey::from_pem(self.pki.oauth_public_key.as_bytes(), Backend::default())?;
        let tokens = ResourceServer::new(self.issuer(), self.audience(), vec![key]);
        let services = RestServices { tokens, apis: vec![API, OTHER_API], reception: self.reception.clone() };
        Ok(services.router())
    }

    fn oauth(&self) -> Result<Router, Error> {
        let scope: Scope = format!("{} {}", scope_of(API), scope_of(OTHER_API)).parse()?;
        let server = AuthorizationServer {
            issuer: Issuer::new(&self.issuer())?,
            client_id: ClientId::new(CLIENT_ID)?,
            client_keys: vec![public_key(&self.pki.client_rsa)?, public_key(&self.pki.client_ec)?],
            key: SigningKey::from_pem(self.pki.oauth_key.as_bytes(), Backend::default())?,
            audience: self.audience(),
            scope,
            used: Mutex::new(ReplayStore::new(REMEMBERED)),
            reception: self.reception.clone(),
        };
        Ok(server.router())
    }

    fn soap<S: soap::SoapService>(&self, service: S) -> axum::routing::MethodRouter {
        soap::route(service, self.reception.clone(), self.options.soap_actions)
    }

    /// Whose messages are believed: those of certificates of the simulator's root.
    fn trust(&self) -> Result<TrustStore, Error> {
        let anchors = certificates_from_pem(self.pki.root.as_bytes())?;
        let intermediates = certificates_from_pem(self.pki.issuing.as_bytes())?;
        Ok(TrustStore::new(anchors, Backend::default()).with_intermediates(intermediates))
    }

    fn issuer(&self) -> String {
        format!("https://{}", self.addresses.oauth)
    }

    /// The name of the REST services in the tokens for them.
    fn audience(&self) -> String {
        format!("https://{}/", self.addresses.ksz_rest)
    }
}

/// The key of an identity's certificate.
fn public_key(identity: &str) -> Result<PublicKey, Error> {
    let identity = Identity::from_pem(identity.as_bytes(), Backend::default())?;
    Ok(identity.certificate().public_key(Backend::default())?)
}
