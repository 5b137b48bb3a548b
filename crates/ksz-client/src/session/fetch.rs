//! Getting a token: from the store if another process put a good one there, else from the token service.

use super::shared::{Purpose, Shared};
use crate::client::Client;
use crate::random::Random;
use crate::token_request::TokenProgress;
use crate::{Error, SessionKey, SessionLease, SessionStore, StoredToken};
use ksz_sts::VerifiedAssertion;
use ksz_wss::Policy;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout};

/// How long others may take who have the lease, before we ask for ourselves.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often we look whether they are done: at first, and at last.
const FIRST_LOOK: Duration = Duration::from_millis(40);
const LAST_LOOK: Duration = Duration::from_millis(400);
/// How often the holder of a lease says that it is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);
/// How long a store may take for one answer.
const STORE_PATIENCE: Duration = Duration::from_secs(10);

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
        self.in_time(self.store.forget(key)).await
    }

    /// What a store answers, if it does in time.
    async fn in_time<T>(&self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let late =
            || Error::SessionStoreFailed { store: self.store.name(), detail: "no answer in time".into() };
        Handle::try_current().map_err(|_| Error::NoRuntime)?;
        timeout(STORE_PATIENCE, answer).await.unwrap_or_else(|_| Err(late()))
    }

    /// What a store answers, after its failure was written down.
    async fn asked<T>(&self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Unavailable> {
        self.in_time(answer).await.map_err(|error| {
            if !self.is_failing.swap(true, Ordering::Relaxed) {
                let store = self.store.name();
                tracing::warn!(store, %error, "the session store fails; sessions go on without it");
            }
            Unavailable
        })
    }

    /// Works under a lease, which is extended until that is done.
    async fn extending<T>(&self, lease: Option<&dyn SessionLease>, work: impl Future<Output = T>) -> T {
        let extending = async {
            let Some(lease) = lease else { return pending().await };
            loop {
                sleep(SIGN_OF_LIFE).await;
                let _ = self.asked(lease.extend()).await;
            }
        };
        let (mut extending, mut work) = (pin!(extending), pin!(work));
        poll_fn(|context| {
            let _: Poll<()> = extending.as_mut().poll(context);
            work.as_mut().poll(context)
        })
        .await
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
    let fetch = Fetch { client, session, purpose, has_complained: AtomicBool::new(false) };
    match &client.settings().session_store {
        Some(access) => fetch.through(access).await,
        None => fetch.ask().await,
    }
}

struct Fetch<'f> {
    client: &'f Client,
    session: &'f Shared,
    purpose: &'f Purpose,
    /// Whether it was written down that the stored token is not accepted.
    has_complained: AtomicBool,
}

impl Fetch<'_> {
    async fn ask(&self) -> Result<VerifiedAssertion, Error> {
        let renewed = self.session.order().renewable(self.purpose.present(), self.client.now());
        match self.ask_with(renewed).await {
            // What the service does not renew it may still issue.
            Err(error) if renewed.is_some() && error.fault().is_some() => self.ask_with(None).await,
            asked => asked,
        }
    }

    async fn ask_with(&self, renewed: Option<&VerifiedAssertion>) -> Result<VerifiedAssertion, Error> {
        self.session.count_request();
        let is_first = self.session.asks_first();
        let tell = &mut |progress| {
            if let TokenProgress::Doubtful(warning) = progress
                && is_first
            {
                tracing::warn!(%warning, "a token request may be wrong; it is sent all the same");
            }
        };
        self.client.fetch_token(self.session.order(), renewed, tell).await
    }

    async fn through(&self, access: &StoreAccess) -> Result<VerifiedAssertion, Error> {
        let lease = match self.wait_for_turn(access).await {
            Ok(Turn::Found(token)) => return Ok(*token),
            Ok(Turn::Ours(lease)) => Some(lease),
            Ok(Turn::Tired) | Err(Unavailable) => None,
        };
        let asked = access.extending(lease.as_deref(), self.ask()).await;
        if let Ok(token) = &asked {
            let until = token.conditions().not_on_or_after();
            let stored = StoredToken::new(token.token().as_xml().to_owned(), until);
            // Not kept is not lost: this process has it.
            if self.session.still_wants(self.purpose)
                && access.asked(access.store.save(self.session.key(), &stored)).await.is_ok()
            {
                access.works();
            }
            if !self.session.still_wants(self.purpose) {
                let _ = access.asked(access.store.forget(self.session.key())).await;
            }
        }
        if let Some(lease) = lease {
            let _ = access.asked(lease.release()).await;
        }
        asked
    }

    /// Waits until the store holds a token that is of use, or until it is our turn to ask for one.
    async fn wait_for_turn(&self, access: &StoreAccess) -> Result<Turn, Unavailable> {
        let (start, mut look) = (Instant::now(), FIRST_LOOK);
        loop {
            if let Some(token) = self.found(access).await? {
                return Ok(Turn::Found(token));
            }
            if let Some(lease) = access.asked(access.store.lease(self.session.key())).await? {
                // Whoever had it before may just have left a token.
                let Some(token) = self.found(access).await? else { return Ok(Turn::Ours(lease)) };
                let _ = access.asked(lease.release()).await;
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
        let Some(stored) = access.asked(access.store.load(self.session.key())).await? else {
            return Ok(None);
        };
        let reason = match self.verified(&stored) {
            Ok(token) if !self.is_for_claims(&token) => "OtherClaims".into(),
            Ok(token) => return Ok(self.of_use(token, access)),
            Err(Error::Sts(ksz_sts::Error::AssertionExpired { .. })) => return Ok(None),
            Err(error) => ksz_error::reason(&error),
        };
        if !self.has_complained.swap(true, Ordering::Relaxed) {
            let store = access.store.name();
            tracing::warn!(store, reason, "a token in the session store is not accepted");
        }
        Ok(None)
    }

    /// Whether an assertion says what this session asserts: a store that mixes up sessions must not make somebody another.
    fn is_for_claims(&self, token: &VerifiedAssertion) -> bool {
        let asserted =
            self.session.order().claims.iter().filter_map(|claim| Some((claim.uri(), claim.value()?)));
        asserted.into_iter().all(|(uri, value)| {
            let said = token.attributes().iter().filter(|attribute| attribute.name() == uri);
            said.flat_map(|attribute| attribute.values()).any(|said| said == value)
        })
    }

    /// A token of the store, if it is worth more than the one we have.
    fn of_use(&self, token: VerifiedAssertion, access: &StoreAccess) -> Option<Box<VerifiedAssertion>> {
        access.works();
        let is_of_use = self.purpose.prefers(&token) && self.session.would_use(&token, self.client.moment());
        is_of_use.then(|| Box::new(token))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemorySessionStore, StoreAnswer};
    use std::sync::atomic::AtomicUsize;

    #[tokio::test(start_paused = true)]
    async fn a_store_that_never_answers_has_failed_after_a_while() {
        let access = StoreAccess::new(Arc::new(MemorySessionStore::default()));

        let answer = access.in_time(pending::<Result<(), Error>>()).await;

        assert!(matches!(answer, Err(Error::SessionStoreFailed { store: "memory", .. })), "{answer:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_is_extended_while_the_work_under_it_takes_its_time() {
        let access = StoreAccess::new(Arc::new(MemorySessionStore::default()));
        let lease = Counted(AtomicUsize::new(0));

        let done = access.extending(Some(&lease), async {
            sleep(Duration::from_secs(35)).await;
            "done"
        });

        assert_eq!((done.await, lease.0.load(Ordering::Relaxed)), ("done", 3));
        assert_eq!(access.extending(None, async { 7 }).await, 7);
    }

    struct Counted(AtomicUsize);

    impl SessionLease for Counted {
        fn extend(&self) -> StoreAnswer<'_, bool> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Ok(true) })
        }

        fn release(self: Box<Self>) -> StoreAnswer<'static, ()> {
            Box::pin(async { Ok(()) })
        }
    }
}
