use super::address::{refusal, require_address};
use super::seal::{LARGEST, Sealer, Unusable};
use super::{SessionLease, SessionStore, SessionStoreKey, StoreAnswer, StoredToken};
use crate::random::Random;
use crate::{Error, SessionKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_pki::{Certificate, Password};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, TlsCertificates};
use rustls::crypto::CryptoProvider;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;
use zeroize::Zeroizing;

/// The longest that Redis may take to connect, and to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long nobody tries to connect after an attempt that failed.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a lease lasts that nobody extends.
const LEASE: Duration = Duration::from_secs(30);
/// Takes a lease that nobody else has, in one step. Who has it already has it still: where an answer was lost, the question
/// is repeated.
const TAKE: &str = "local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1";
/// Deletes a lease if it is still ours, in one step.
const RELEASE: &str =
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";

/// Lets a lease that is still ours last as long again from here on, in one step.
const EXTEND: &str = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) \
                      else return 0 end";

/// A store in Redis, for processes on several machines.
///
/// Entries are encrypted before they leave the process, and their names are digests under the same key: whoever reads
/// Redis learns how many sessions there are and when their tokens end. Each entry ends with its token. A lease is a key
/// that only one can set, with a random value, so that nobody releases the lease of another. Takes Redis with scripts (`EVAL`).
///
/// ```
/// use ksz_client::{RedisSessionStore, SessionStoreKey};
///
/// # let key = SessionStoreKey::new([1; 32]);
/// let address = "rediss://cache.hospital.be:6379/0".parse().unwrap();
/// let store = RedisSessionStore::builder(address).password("correct horse".to_owned().into()).build(&key)?;
/// # let _ = store;
/// # Ok::<(), ksz_client::Error>(())
/// ```
#[derive(Clone)]
pub struct RedisSessionStore {
    shared: Arc<Shared>,
    lease: Duration,
}

impl RedisSessionStore {
    /// The store at an address: `redis://host:port/database`, or `rediss://…` for TLS.
    #[must_use]
    pub const fn builder(address: Url) -> RedisSessionStoreBuilder {
        RedisSessionStoreBuilder { address, password: None, roots: Vec::new(), lease: LEASE }
    }
}

/// A store in Redis that is to be made.
#[derive(Clone)]
pub struct RedisSessionStoreBuilder {
    address: Url,
    password: Option<Password>,
    roots: Vec<Certificate>,
    lease: Duration,
}

impl RedisSessionStoreBuilder {
    /// The password of Redis, which does not belong into an address.
    #[must_use]
    pub fn password(mut self, password: Password) -> Self {
        self.password = Some(password);
        self
    }

    /// Believes a server with TLS below these roots instead of those of the operating system.
    #[must_use]
    pub fn roots(mut self, roots: Vec<Certificate>) -> Self {
        self.roots = roots;
        self
    }

    /// How long a lease lasts unless it is [extended](SessionLease::extend) or released; half a minute unless said otherwise.
    /// Others wait as long for a holder that died, and a request that takes longer without saying so may be made twice.
    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// The store. Nothing is connected yet.
    ///
    /// TLS comes from the provider that the process has chosen, or else from AWS-LC, which is chosen then.
    ///
    /// # Errors
    ///
    /// [`Error::SettingNotAccepted`] if it is no address of Redis, or one with a password or a fragment, or the roots cannot
    /// be used: without TLS they say nothing.
    pub fn build(self, key: &SessionStoreKey) -> Result<RedisSessionStore, Error> {
        require_address(&self.address, !self.roots.is_empty())?;
        let is_tls = self.address.scheme() == "rediss";
        let mut address = self.address;
        if let Some(password) = &self.password {
            let set = address.set_password(Some(password.reveal()));
            set.map_err(|()| refusal("it has no place for a password"))?;
        }
        let address = Zeroizing::new(String::from(address));
        let client = if is_tls {
            choose_provider();
            let root_cert = (!self.roots.is_empty()).then(|| pem(&self.roots));
            Client::build_with_tls(address.as_str(), TlsCertificates { client_tls: None, root_cert })
        } else {
            Client::open(address.as_str())
        };
        let client = client.map_err(|_| refusal("it cannot be read, or its roots cannot"))?;
        let shared = Shared { client, sealer: Sealer::new(key)?, link: Mutex::default() };
        Ok(RedisSessionStore { shared: Arc::new(shared), lease: self.lease })
    }
}

/// An address may hold a password, which is refused only later.
impl fmt::Debug for RedisSessionStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisSessionStoreBuilder(…)")
    }
}

/// The library for Redis takes the provider of the process, and panics where that is not clear.
fn choose_provider() {
    if CryptoProvider::get_default().is_none() {
        // Another thread may be faster, and then it is clear as well.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}

/// Certificates in PEM (RFC 7468).
fn pem(certificates: &[Certificate]) -> Vec<u8> {
    let mut text = String::new();
    for certificate in certificates {
        text += "-----BEGIN CERTIFICATE-----\n";
        let base64 = STANDARD.encode(certificate.der());
        for (place, character) in base64.char_indices() {
            if place > 0 && place % 64 == 0 {
                text.push('\n');
            }
            text.push(character);
        }
        text += "\n-----END CERTIFICATE-----\n";
    }
    text.into_bytes()
}

struct Shared {
    client: Client,
    sealer: Sealer,
    link: Mutex<Link>,
}

/// The connection, if there is one, and from when on another attempt is worth its time.
#[derive(Default)]
struct Link {
    connection: Option<MultiplexedConnection>,
    next_attempt: Option<Instant>,
}

impl SessionStore for RedisSessionStore {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn load<'s>(&'s self, key: &'s SessionKey) -> StoreAnswer<'s, Option<StoredToken>> {
        Box::pin(async {
            let mut get = redis::cmd("GETRANGE");
            // One octet more than the largest entry has, the end included, tells what is too large.
            get.arg(self.shared.entry(key)).arg(0).arg(LARGEST);
            let entry: Vec<u8> = self.shared.ask(&get).await?;
            // There is none where it is empty: `GETRANGE` does not tell these apart.
            if entry.is_empty() {
                return Ok(None);
            }
            let read = if entry.len() > LARGEST {
                Err(Unusable::Damaged)
            } else {
                self.shared.sealer.unseal(key, &entry)
            };
            if let Err(unusable) = read {
                tracing::warn!(store = "redis", "an entry is {}; it counts as none", unusable.as_str());
            }
            Ok(read.ok())
        })
    }

    fn save<'s>(&'s self, key: &'s SessionKey, token: &'s StoredToken) -> StoreAnswer<'s, ()> {
        Box::pin(async {
            let Ok(left) = token.until().duration_since(SystemTime::now()) else { return Ok(()) };
            let entry = self.shared.sealer.seal(key, token)?;
            let mut set = redis::cmd("SET");
            set.arg(self.shared.entry(key)).arg(entry).arg("PX").arg(milliseconds(left));
            self.shared.ask(&set).await
        })
    }

    fn forget<'s>(&'s self, key: &'s SessionKey) -> StoreAnswer<'s, ()> {
        Box::pin(async { self.shared.ask(redis::cmd("DEL").arg(self.shared.entry(key))).await })
    }

    fn lease<'s>(&'s self, key: &'s SessionKey) -> StoreAnswer<'s, Option<Box<dyn SessionLease>>> {
        Box::pin(async {
            let (name, value) = (self.shared.lease(key), Random::unique()?);
            let mut take = redis::cmd("EVAL");
            take.arg(TAKE).arg(1).arg(&name).arg(&value).arg(milliseconds(self.lease));
            let is_ours: bool = self.shared.ask(&take).await?;
            let shared = Arc::clone(&self.shared);
            let lease = is_ours.then(|| RedisLease { shared, name, value, lasts: self.lease });
            Ok(lease.map(|lease| Box::new(lease) as Box<dyn SessionLease>))
        })
    }
}

impl fmt::Debug for RedisSessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisSessionStore(…)")
    }
}

struct RedisLease {
    shared: Arc<Shared>,
    name: String,
    value: String,
    lasts: Duration,
}

impl SessionLease for RedisLease {
    fn extend(&self) -> StoreAnswer<'_, bool> {
        Box::pin(async {
            let mut extend = redis::cmd("EVAL");
            extend.arg(EXTEND).arg(1).arg(&self.name).arg(&self.value).arg(milliseconds(self.lasts));
            self.shared.ask(&extend).await
        })
    }

    fn release(self: Box<Self>) -> StoreAnswer<'static, ()> {
        Box::pin(async move {
            let mut release = redis::cmd("EVAL");
            release.arg(RELEASE).arg(1).arg(&self.name).arg(&self.value);
            self.shared.ask(&release).await
        })
    }
}

impl Shared {
    fn entry(&self, key: &SessionKey) -> String {
        format!("ksz:session:{}", self.sealer.name(key))
    }

    fn lease(&self, key: &SessionKey) -> String {
        format!("ksz:lease:{}", self.sealer.name(key))
    }

    /// Sends a command; once more over a new connection if the one that was there turns out to be gone. Redis may have obeyed
    /// the first time, so each command means the same if it comes twice.
    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Error> {
        Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let (mut connection, is_new) = self.connection().await?;
        let error = match command.query_async(&mut connection).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if !is_broken(&error) {
            return Err(failed(&error));
        }
        self.link.lock().await.connection = None;
        if is_new {
            return Err(failed(&error));
        }
        let (mut connection, _) = self.connection().await?;
        command.query_async(&mut connection).await.map_err(|error| failed(&error))
    }

    /// The connection, and whether it was made just now. Where Redis is away, thousands of sessions do not wait in turn for
    /// as many attempts to reach it.
    async fn connection(&self) -> Result<(MultiplexedConnection, bool), Error> {
        let mut link = self.link.lock().await;
        if let Some(connection) = &link.connection {
            return Ok((connection.clone(), false));
        }
        if link.next_attempt.is_some_and(|next| Instant::now() < next) {
            return Err(Error::SessionStoreFailed { store: "redis", detail: "away a moment ago".into() });
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        match self.client.get_multiplexed_async_connection_with_config(&config).await {
            Ok(connection) => {
                link.connection = Some(connection.clone());
                Ok((connection, true))
            }
            Err(error) => {
                link.next_attempt = Some(Instant::now() + PAUSE);
                Err(failed(&error))
            }
        }
    }
}

/// Whether another connection may do better.
fn is_broken(error: &RedisError) -> bool {
    error.is_io_error() || error.is_connection_dropped() || error.is_unrecoverable_error()
}

/// What went wrong, without what Redis said: it may repeat what it was sent.
fn failed(error: &RedisError) -> Error {
    let detail = match error.code() {
        Some(code) => format!("{} ({code})", error.category()),
        None => error.category().to_owned(),
    };
    Error::SessionStoreFailed { store: "redis", detail }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_redis_is_taken() {
        let store = |address: &str| {
            RedisSessionStore::builder(address.parse().unwrap()).build(&SessionStoreKey::new([1; 32]))
        };

        assert!(store("redis://localhost:6379/0").is_ok());
        assert!(store("rediss://localhost:6379/0").is_ok());
        for bad in ["https://localhost", "redis://localhost/database", "file:///sessions"] {
            assert!(matches!(store(bad), Err(Error::SettingNotAccepted { .. })), "{bad}");
        }
    }

    #[test]
    fn what_is_to_be_a_store_does_not_print_its_password() {
        for address in ["redis://localhost", "redis://:geheim@localhost"] {
            let builder = RedisSessionStore::builder(address.parse().unwrap());
            let builder = builder.password(String::from("geheim").into());
            assert!(!format!("{builder:?}").contains("geheim"), "{address}");
        }
    }

    #[test]
    fn what_does_not_belong_into_an_address_is_refused_also_where_the_password_stands_beside_it() {
        for bad in ["redis://:geheim@localhost", "rediss://localhost/#insecure"] {
            let builder = RedisSessionStore::builder(bad.parse().unwrap());
            let builder = builder.password(String::from("geheim").into());
            let error = builder.build(&SessionStoreKey::new([1; 32])).unwrap_err();
            assert!(matches!(error, Error::SettingNotAccepted { .. }), "{error:?}");
            assert!(!format!("{error} {error:?}").contains("geheim"), "{error:?}");
        }
    }
}
