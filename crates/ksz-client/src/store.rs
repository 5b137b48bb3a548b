//! Where tokens of sessions are kept beyond a process.

mod address;
mod file;
mod memory;
#[cfg(feature = "cache-redis")]
mod redis;
mod seal;

#[cfg(feature = "cache-redis")]
pub use self::redis::{RedisSessionStore, RedisSessionStoreBuilder};
pub(crate) use address::require_address;
pub use file::FileSessionStore;
pub use memory::MemorySessionStore;
pub use seal::SessionStoreKey;

use crate::{Error, SessionKey};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;
use zeroize::Zeroizing;

/// What a store answers with, some time.
pub type StoreAnswer<'s, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 's>>;

/// Where sessions keep their tokens, so that processes share them and a restart finds them again.
///
/// A store is not believed: what comes from it is verified as if the token service had just sent it. It may fail as
/// well: calls then go on with tokens that the process asks for itself.
///
/// A store that cannot lease lets everybody ask: then each process makes its own request.
pub trait SessionStore: Send + Sync {
    /// The word for it in logs: `folder`, `redis`.
    fn name(&self) -> &'static str;

    /// The token of a session, if one is kept. An entry that is damaged is none.
    ///
    /// # Errors
    ///
    /// [`Error::SessionStoreFailed`] if nobody can tell.
    fn load<'s>(&'s self, key: &'s SessionKey) -> StoreAnswer<'s, Option<StoredToken>>;

    /// Keeps a token in the place of whatever was kept for the session, until the token ends.
    ///
    /// # Errors
    ///
    /// [`Error::SessionStoreFailed`] if it is not kept.
    fn save<'s>(&'s self, key: &'s SessionKey, token: &'s StoredToken) -> StoreAnswer<'s, ()>;

    /// Keeps nothing for the session any more.
    ///
    /// # Errors
    ///
    /// [`Error::SessionStoreFailed`] if something may still be kept.
    fn forget<'s>(&'s self, key: &'s SessionKey) -> StoreAnswer<'s, ()>;

    /// The right to ask for the session's token, which one process has at a time; nothing while another has it.
    ///
    /// It ends with its release, and by itself some time after its holder died.
    ///
    /// # Errors
    ///
    /// [`Error::SessionStoreFailed`] if nobody can tell who has it.
    fn lease<'s>(&'s self, key: &'s SessionKey) -> StoreAnswer<'s, Option<Box<dyn SessionLease>>>;
}

/// The right to ask for a token, until it is released.
pub trait SessionLease: Send + Sync {
    /// Keeps the lease from ending by itself, and says whether it is still ours. Where a token may take longer than a lease
    /// lasts, its holder says every few seconds that it is alive; after `false` another may ask as well.
    ///
    /// A lease that ends only with its holder, as a lock on a file does, needs none of this: so does the default.
    ///
    /// # Errors
    ///
    /// [`Error::SessionStoreFailed`] if nobody can tell; the lease may end by itself.
    fn extend(&self) -> StoreAnswer<'_, bool> {
        Box::pin(async { Ok(true) })
    }

    /// Lets the next one ask.
    ///
    /// # Errors
    ///
    /// [`Error::SessionStoreFailed`]; the lease then ends by itself.
    fn release(self: Box<Self>) -> StoreAnswer<'static, ()>;
}

/// A token as a store keeps it. It is wiped when dropped and never prints.
#[derive(Clone, Eq, PartialEq)]
pub struct StoredToken {
    text: Zeroizing<String>,
    until: SystemTime,
}

impl StoredToken {
    /// The text of an assertion, and its `NotOnOrAfter`.
    #[must_use]
    pub fn new(text: String, until: SystemTime) -> Self {
        Self { text: Zeroizing::new(text), until }
    }

    /// The text, octet for octet.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// From when on nobody needs it.
    #[must_use]
    pub const fn until(&self) -> SystemTime {
        self.until
    }
}

impl fmt::Debug for StoredToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredToken(…)")
    }
}
