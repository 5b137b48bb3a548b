//! Getting a token: from the store if another process put a good one there, else from the token service.

use super::shared::{Purpose, Shared};
use crate::client::Client;
use crate::random::Random;
use crate::{Error, SessionKey, SessionLease, SessionStore, StoredToken};
use ksz_sts::VerifiedAssertion;
use ksz_wss::Policy;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long others may take who have the lease, before we ask for ourselves.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often we look whether they are done: at first, and at last.
const FIRST_LOOK: Duration = Duration::from_millis(40);
const LAST_LOOK: Duration = Duration::from_millis(400);

/// The store of a client, and whether it failed the last time: of a store that stays away one line in the log is enough.
pub(crate) struct StoreAccess {
    store: Arc<dyn SessionStore>,
    is_failing: AtomicBool,
}

/// A store that failed. Why was written down, and nobody waits for it.
struct Unavailable;

impl StoreAccess {
    pub(crate) fn new(store: Arc<dyn SessionStore>) -> Self {
        Self { store, is_failing: AtomicBool::new(false) }
    }

    /// Keeps nothing for a session any more.
    pub(crate) async fn forget(&self, key: &SessionKey) -> Result<(), Error> {
        self.store.forget(key).await
    }

    /// What a store answered, after its failure was written down.
    fn noted<T>(&self, answer: Result<T, Error>) -> Result<T, Unavailable> {
        answer.map_err(|error| {
            if !self.is_failing.swap(true, Ordering::Relaxed) {
                let store = self.store.name();
                tracing::warn!(store, %error, "the session store fails; sessions go on without it");
            }
            Unavailable
        })
    }

    /// It kept a token, or had one. That it has none is no sign of life: a folder that is gone has none either.
    fn works(&self) {
        if self.is_failing.swap(false, Ordering::Relaxed) {
            tracing::info!(store = self.store.name(), "the session store works again");
        }
    }
}

/// A token for the session, by one request at most.
pub(crate) async fn fetch(
    client: &Client,
    session: &Shared,
    purpose: &Purpose,
) -> Result<VerifiedAssertion, Error> {
    let fetch = Fetch { client, session, purpose };
    match &client.settings().session_store {
        Some(access) => fetch.through(access).await,
        None => fetch.ask().await,
    }
}

struct Fetch<'f> {
    client: &'f Client,
    session: &'f Shared,
    purpose: &'f Purpose,
}

impl Fetch<'_> {
    async fn ask(&self) -> Result<VerifiedAssertion, Error> {
        self.session.count_request();
        self.client.fetch_token(self.session.order(), self.purpose.present(), &mut |_| {}).await
    }

    async fn through(&self, access: &StoreAccess) -> Result<VerifiedAssertion, Error> {
        let lease = match self.wait_for_turn(access).await {
            Ok(Turn::Found(token)) => return Ok(*token),
            Ok(Turn::Ours(lease)) => Some(lease),
            Ok(Turn::Tired) | Err(Unavailable) => None,
        };
        let asked = self.ask().await;
        if let Ok(token) = &asked {
            let until = token.conditions().not_on_or_after();
            let stored = StoredToken::new(token.token().as_xml().to_owned(), until);
            // Not kept is not lost: this process has it.
            if access.noted(access.store.save(self.session.key(), &stored).await).is_ok() {
                access.works();
            }
        }
        if let Some(lease) = lease {
            if asked.is_err() {
                self.withdraw(access).await;
            }
            let _ = access.noted(lease.release().await);
        }
        asked
    }

    /// Takes a token that a service refused out of the store, where no other takes its place.
    async fn withdraw(&self, access: &StoreAccess) {
        let Ok(Some(stored)) = access.noted(access.store.load(self.session.key()).await) else { return };
        if self.verified(&stored).is_ok_and(|token| self.purpose.is_of_refused(&token)) {
            let _ = access.noted(access.store.forget(self.session.key()).await);
        }
    }

    /// Waits until the store holds a token that is of use, or until it is our turn to ask for one.
    async fn wait_for_turn(&self, access: &StoreAccess) -> Result<Turn, Unavailable> {
        let (start, mut look) = (Instant::now(), FIRST_LOOK);
        loop {
            if let Some(token) = self.found(access).await? {
                return Ok(Turn::Found(token));
            }
            if let Some(lease) = access.noted(access.store.lease(self.session.key()).await)? {
                // Whoever had it before may just have left a token.
                let Some(token) = self.found(access).await? else { return Ok(Turn::Ours(lease)) };
                let _ = access.noted(lease.release().await);
                return Ok(Turn::Found(token));
            }
            if start.elapsed() > PATIENCE {
                return Ok(Turn::Tired);
            }
            sleep(look.mul_f64(0.5 + Random::share())).await;
            look = (look * 2).min(LAST_LOOK);
        }
    }

    /// The token in the store, if it is worth more than the one we have. It is verified as if it came from the service.
    async fn found(&self, access: &StoreAccess) -> Result<Option<Box<VerifiedAssertion>>, Unavailable> {
        if !self.purpose.takes_stored() {
            return Ok(None);
        }
        let Some(stored) = access.noted(access.store.load(self.session.key()).await)? else {
            return Ok(None);
        };
        let token = match self.verified(&stored) {
            Ok(token) => token,
            Err(Error::Sts(ksz_sts::Error::AssertionExpired { .. })) => return Ok(None),
            Err(error) => {
                let (store, reason) = (access.store.name(), ksz_error::reason(&error));
                tracing::warn!(store, reason, "a token in the session store is not accepted");
                return Ok(None);
            }
        };
        access.works();
        let is_of_use = self.purpose.prefers(&token) && self.session.would_use(&token, self.client.moment());
        Ok(is_of_use.then(|| Box::new(token)))
    }

    fn verified(&self, stored: &StoredToken) -> Result<VerifiedAssertion, Error> {
        let trust = self.client.assertion_trust()?;
        let token =
            VerifiedAssertion::verify_text(stored.text(), trust, &Policy::default(), self.client.now())?;
        if token.holder() == self.session.order().holder.certificate() {
            Ok(token)
        } else {
            Err(ksz_sts::Error::HolderMismatch.into())
        }
    }
}

/// What waiting for a turn came to.
enum Turn {
    /// A token that another process asked for.
    Found(Box<VerifiedAssertion>),
    /// Ours: nobody else asks while we have it.
    Ours(Box<dyn SessionLease>),
    /// Others took too long.
    Tired,
}
