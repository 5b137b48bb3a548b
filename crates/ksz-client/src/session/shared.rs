//! What all handles of one session share: the token in use, and the one request that is under way.

use super::fetch::fetch;
use super::life::{Life, RenewalPoint, wait_after};
use super::order::TokenOrder;
use super::status::{SessionStatus, TokenFailure, TokenTimes};
use crate::client::Client;
use crate::clock::Moment;
use crate::random::Random;
use crate::{Error, SessionKey};
use arc_swap::ArcSwapOption;
use ksz_sts::VerifiedAssertion;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::timeout;

/// How often a caller waits for a request that is interrupted by the end of somebody else's runtime.
const TRIES: usize = 3;
/// For so long no other token is asked for because a service refused one: a service that refuses what others accept
/// must not keep the token service busy.
const BETWEEN_REPLACEMENTS: Duration = Duration::from_secs(300);
/// How long a request may take besides its two exchanges: the wait for the turn, and for the store.
const BESIDE_EXCHANGES: Duration = Duration::from_secs(90);

pub(crate) struct Shared {
    key: SessionKey,
    order: TokenOrder,
    point: RenewalPoint,
    present: ArcSwapOption<Held>,
    /// No renewal begins before, in nanoseconds of the clock that never goes back.
    next_renewal: AtomicU64,
    requests: AtomicU64,
    desk: Mutex<Desk>,
}

/// A token in use.
pub(crate) struct Held {
    pub(crate) assertion: Arc<VerifiedAssertion>,
    life: Life,
    /// Counts the tokens of the session.
    number: u64,
    /// Whether it took the place of one that a service refused.
    is_replacement: bool,
    /// Whether a service accepted it.
    is_accepted: AtomicBool,
}

impl Held {
    pub(crate) fn accepted(&self) {
        if !self.is_accepted.load(Ordering::Relaxed) {
            self.is_accepted.store(true, Ordering::Relaxed);
        }
    }

    /// Whether another token may help where this one was refused. One that replaced a refused token, and that nobody ever
    /// accepted, is not the reason.
    fn is_suspect(&self) -> bool {
        !self.is_replacement || self.is_accepted.load(Ordering::Relaxed)
    }

    /// Refuses to send it in its last seconds: signing takes time, and so does waiting for a place in the queue.
    pub(crate) fn require_usable(&self, now: Moment) -> Result<(), Error> {
        if self.life.is_usable(now) {
            return Ok(());
        }
        let ago = now.wall.duration_since(self.life.ends_at()).unwrap_or_default().as_secs();
        Err(ksz_sts::Error::AssertionExpired { ago }.into())
    }
}

/// What is only touched where a token is missing or due.
#[derive(Default)]
struct Desk {
    flight: Option<Flight>,
    flights: u64,
    tokens: u64,
    failures: u32,
    last_failure: Option<TokenFailure>,
    /// The token that a service refused last.
    refused: Option<String>,
    /// No token is replaced because a service refused it before, by the clock that never goes back.
    next_replacement: Duration,
    /// How often the session was told to forget its token.
    forgotten: u64,
}

/// A request under way.
struct Flight {
    number: u64,
    /// When it is given up, by the clock that never goes back: the runtime in which it is may stand still.
    late: Duration,
    outcome: watch::Receiver<Option<Outcome>>,
}

type Outcome = Result<Arc<Held>, Error>;

/// Why a token is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reason {
    /// There is none that can be sent.
    Missing,
    /// The present one has passed the middle of its life.
    Due,
    /// A service refused the present one.
    Refused,
    /// The caller wants another.
    Demanded,
}

/// What a token is asked for, and what is known of those before it.
pub(crate) struct Purpose {
    reason: Reason,
    present: Option<Arc<Held>>,
    refused: Option<String>,
    forgotten: u64,
}

impl Purpose {
    /// The token that was in use.
    pub(crate) fn present(&self) -> Option<&VerifiedAssertion> {
        self.present.as_ref().map(|held| &*held.assertion)
    }

    /// Whether it is the token that a service refused.
    fn is_of_refused(&self, token: &VerifiedAssertion) -> bool {
        self.refused.as_deref() == Some(token.assertion_id())
    }

    /// Whether one that another process asked for will do.
    pub(crate) fn takes_stored(&self) -> bool {
        self.reason != Reason::Demanded
    }

    /// Whether a token is worth more than the one in use.
    pub(crate) fn prefers(&self, token: &VerifiedAssertion) -> bool {
        if self.is_of_refused(token) {
            return false;
        }
        let Some(present) = self.present() else { return true };
        let end = |assertion: &VerifiedAssertion| assertion.conditions().not_on_or_after();
        token.assertion_id() != present.assertion_id()
            && (self.reason == Reason::Refused || end(token) > end(present))
    }
}

impl Shared {
    pub(crate) fn new(key: SessionKey, order: TokenOrder, point: RenewalPoint) -> Self {
        Self {
            key,
            order,
            point,
            present: ArcSwapOption::empty(),
            next_renewal: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            desk: Mutex::default(),
        }
    }

    pub(crate) const fn key(&self) -> &SessionKey {
        &self.key
    }

    pub(crate) const fn order(&self) -> &TokenOrder {
        &self.order
    }

    pub(crate) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether there is a token that can be sent.
    pub(crate) fn is_usable(&self, now: Moment) -> bool {
        self.present.load().as_ref().is_some_and(|held| held.life.is_usable(now))
    }

    /// Whether a token that came from a store would be of use.
    pub(crate) fn would_use(&self, token: &VerifiedAssertion, now: Moment) -> bool {
        Life::new(now, token, self.point, 0.5).is_usable(now)
    }

    /// Whether nobody wanted the token forgotten since it was asked for.
    pub(crate) fn still_wants(&self, purpose: &Purpose) -> bool {
        self.desk().forgotten == purpose.forgotten
    }

    /// Whether this is the first request of the session.
    pub(crate) fn asks_first(&self) -> bool {
        self.requests.load(Ordering::Relaxed) <= 1
    }

    /// The token to send.
    ///
    /// Where there is one that holds, this takes no lock and waits for nothing: it is a load, two readings of the clock and
    /// two comparisons.
    pub(crate) async fn held(self: &Arc<Self>, client: &Client) -> Outcome {
        let now = client.moment();
        if let Some(held) = self.present.load().as_ref().filter(|held| held.life.is_usable(now)) {
            if held.life.is_due(now)
                && nanoseconds(now.monotonic) >= self.next_renewal.load(Ordering::Relaxed)
            {
                self.renew(client);
            }
            return Ok(Arc::clone(held));
        }
        self.fetched(client, |desk| match self.present.load_full() {
            // Another came between.
            Some(held) if held.life.is_usable(client.moment()) => Ok(Next::Have(held)),
            _ => self.begin(client, desk, Reason::Missing),
        })
        .await
    }

    /// Another token at once, whatever the present one is worth.
    pub(crate) async fn renewed(self: &Arc<Self>, client: &Client) -> Outcome {
        self.fetched(client, |desk| self.begin(client, desk, Reason::Demanded)).await
    }

    /// Another token for one that a service refused; nothing if another would not help.
    ///
    /// The refused one stays in use until the other is there: it may not be the reason, and other services may take it.
    pub(crate) async fn replacement(self: &Arc<Self>, client: &Client, refused: &Held) -> Option<Outcome> {
        if !refused.is_suspect() {
            return None;
        }
        let now = client.moment().monotonic;
        let next = |desk: &mut Desk| match self.present.load_full() {
            Some(held) if held.number > refused.number => Ok(Next::Have(held)),
            _ => self.begin(client, desk, Reason::Refused),
        };
        let first = {
            let mut desk = self.desk();
            let is_replaced = self.present.load().as_ref().is_some_and(|held| held.number > refused.number);
            if !is_replaced && desk.flight.is_none() {
                if now < desk.next_replacement {
                    return None;
                }
                desk.next_replacement = now.saturating_add(BETWEEN_REPLACEMENTS);
                desk.refused = Some(refused.assertion.assertion_id().to_owned());
            }
            next(&mut desk)
        };
        Some(self.waited(client, first, next).await)
    }

    /// Drops the token, and what a request under way may bring.
    pub(crate) fn forget(&self) {
        let mut desk = self.desk();
        desk.forgotten += 1;
        desk.flight = None;
        self.next_renewal.store(0, Ordering::Relaxed);
        self.present.store(None);
    }

    pub(crate) fn status(&self, now: Moment) -> SessionStatus {
        let desk = self.desk();
        let present = self.present.load();
        let token = present.as_ref().filter(|held| held.life.is_usable(now)).map(|held| TokenTimes {
            not_before: held.assertion.conditions().not_before(),
            not_on_or_after: held.life.ends_at(),
            renewal_at: held.life.renewal(),
        });
        SessionStatus {
            token,
            failures: desk.failures,
            last_failure: desk.last_failure.clone(),
            requests: self.requests.load(Ordering::Relaxed),
            is_asking: desk.flight.is_some(),
        }
    }

    /// Waits for a token of which `next` says where it comes from.
    async fn fetched(&self, client: &Client, next: impl Fn(&mut Desk) -> Result<Next, Error>) -> Outcome {
        let first = next(&mut self.desk());
        self.waited(client, first, next).await
    }

    /// Waits for a token that comes from `first`, or else from where `next` says.
    async fn waited(
        &self,
        client: &Client,
        first: Result<Next, Error>,
        next: impl Fn(&mut Desk) -> Result<Next, Error>,
    ) -> Outcome {
        let mut coming = first?;
        for _ in 0..TRIES {
            let (mut outcome, late) = match coming {
                Next::Have(held) => return Ok(held),
                Next::Wait { outcome, late, launch } => {
                    // Not before the desk is free: a runtime that ends drops what it is given at once.
                    launch.into_iter().for_each(Launch::go);
                    (outcome, late)
                }
            };
            let patience = late.saturating_sub(client.moment().monotonic);
            let answer = timeout(patience, outcome.wait_for(Option::is_some)).await;
            // The other end is gone without an answer where the runtime ended in which the request was under way, and
            // silent where nobody drives it.
            if let Some(answered) = answer.ok().and_then(Result::ok).and_then(|answer| answer.clone()) {
                let held = answered?;
                held.require_usable(client.moment())?;
                return Ok(held);
            }
            coming = next(&mut self.desk())?;
        }
        Err(Error::TokenRequestInterrupted)
    }

    /// Begins to ask for the next token, unless somebody does already. Nobody waits for it.
    fn renew(self: &Arc<Self>, client: &Client) {
        let Ok(mut desk) = self.desk.try_lock() else { return };
        let now = client.moment();
        // Another may have come since the caller looked.
        let is_due = self.present.load().as_ref().is_some_and(|held| held.life.is_due(now));
        if !is_due || nanoseconds(now.monotonic) < self.next_renewal.load(Ordering::Relaxed) {
            return;
        }
        let Ok(Next::Wait { launch, late, .. }) = self.begin(client, &mut desk, Reason::Due) else { return };
        self.next_renewal.store(nanoseconds(late), Ordering::Relaxed);
        drop(desk);
        launch.into_iter().for_each(Launch::go);
    }

    /// The request under way, made ready if there is none: for a task of its own, so that it survives whoever waits for
    /// it.
    fn begin(self: &Arc<Self>, client: &Client, desk: &mut Desk, reason: Reason) -> Result<Next, Error> {
        let now = client.moment().monotonic;
        if let Some(flight) = desk.flight.as_ref().filter(|flight| now < flight.late) {
            return Ok(Next::Wait { outcome: flight.outcome.clone(), late: flight.late, launch: None });
        }
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let (sender, outcome) = watch::channel(None);
        let exchanges = client.settings().http.timeout().saturating_mul(2);
        let late = now.saturating_add(exchanges).saturating_add(BESIDE_EXCHANGES);
        desk.flights += 1;
        desk.flight = Some(Flight { number: desk.flights, late, outcome: outcome.clone() });
        let purpose = Purpose {
            reason,
            present: self.present.load_full(),
            refused: desk.refused.clone(),
            forgotten: desk.forgotten,
        };
        let (session, client) = (Arc::clone(self), client.clone());
        let landing = Landing { session, client, flight: desk.flights, sender };
        Ok(Next::Wait { outcome, late, launch: Some(Launch { runtime, purpose, landing }) })
    }

    /// Counts a failure; gives how long no renewal is tried.
    fn failed(&self, desk: &mut Desk, now: Moment) -> Duration {
        desk.failures = desk.failures.saturating_add(1);
        let wait = wait_after(desk.failures, Random::share());
        self.next_renewal.store(nanoseconds(now.monotonic.saturating_add(wait)), Ordering::Relaxed);
        wait
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the next token comes from.
enum Next {
    Have(Arc<Held>),
    Wait {
        outcome: watch::Receiver<Option<Outcome>>,
        /// When nobody waits any longer, by the clock that never goes back.
        late: Duration,
        /// What is to be begun once the desk is free.
        launch: Option<Launch>,
    },
}

/// A request that is ready to begin.
struct Launch {
    runtime: Handle,
    purpose: Purpose,
    landing: Landing,
}

impl Launch {
    fn go(self) {
        let Self { runtime, purpose, landing } = self;
        runtime.spawn(async move {
            let fetched = fetch(&landing.client, &landing.session, &purpose).await;
            landing.land(&purpose, fetched);
        });
    }
}

/// Ends a request, also one whose task is given up.
struct Landing {
    session: Arc<Shared>,
    client: Client,
    flight: u64,
    sender: watch::Sender<Option<Outcome>>,
}

impl Landing {
    fn land(self, purpose: &Purpose, fetched: Result<VerifiedAssertion, Error>) {
        let (session, now) = (&self.session, self.client.moment());
        let mut desk = session.desk();
        // What was asked for before somebody forgot is for those who wait, and for nobody else.
        let is_wanted = desk.forgotten == purpose.forgotten;
        let (outcome, failure) = match fetched {
            Ok(assertion) => {
                desk.tokens += 1;
                let held = Arc::new(Held {
                    life: Life::new(now, &assertion, session.point, Random::share()),
                    assertion: Arc::new(assertion),
                    number: desk.tokens,
                    is_replacement: purpose.reason == Reason::Refused,
                    is_accepted: AtomicBool::new(false),
                });
                if is_wanted {
                    desk.failures = 0;
                    desk.last_failure = None;
                    session.present.store(Some(Arc::clone(&held)));
                    session.next_renewal.store(0, Ordering::Relaxed);
                }
                (Ok(held), None)
            }
            Err(error) => {
                let wait = session.failed(&mut desk, now);
                desk.last_failure = Some(TokenFailure { at: now.wall, error: error.clone() });
                (Err(error), Some((desk.failures, wait)))
            }
        };
        desk.clear(self.flight);
        drop(desk);
        if let (Err(error), Some((failures, wait))) = (&outcome, failure) {
            report(error, failures, wait, session.is_usable(now));
        }
        // Nobody may be waiting any more.
        let _ = self.sender.send(Some(outcome));
    }
}

impl Drop for Landing {
    /// A request that ends without landing was given up with its runtime, or panicked in somebody's store.
    fn drop(&mut self) {
        let mut desk = self.session.desk();
        if desk.clear(self.flight) {
            self.session.failed(&mut desk, self.client.moment());
        }
    }
}

impl Desk {
    /// Takes a request off, if it is the one under way.
    fn clear(&mut self, flight: u64) -> bool {
        self.flight.take_if(|present| present.number == flight).is_some()
    }
}

/// Writes a failure down: codes and numbers, nothing of what a service or a token said.
fn report(error: &Error, failures: u32, wait: Duration, is_usable: bool) {
    let (reason, code) = (ksz_error::reason(error), error.fault().map(ksz_soap::Fault::service_code));
    let wait = wait.as_secs_f64();
    if is_usable {
        tracing::warn!(reason, code, failures, wait, "no new token; the present one stays in use");
    } else {
        tracing::warn!(reason, code, failures, "no token");
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
