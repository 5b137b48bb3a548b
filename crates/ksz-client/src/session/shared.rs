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

/// How often a caller waits for a request that is interrupted by the end of somebody else's runtime.
const TRIES: usize = 3;

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
}

/// What is only touched where a token is missing or due.
#[derive(Default)]
struct Desk {
    flight: Option<Flight>,
    flights: u64,
    tokens: u64,
    failures: u32,
    last_failure: Option<TokenFailure>,
    /// The token that was dropped because a service refused it.
    refused: Option<Refused>,
}

struct Refused {
    number: u64,
    assertion_id: String,
    /// Whether asking for another failed.
    is_given_up: bool,
}

/// A request under way.
struct Flight {
    number: u64,
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
}

impl Purpose {
    /// The token that was in use.
    pub(crate) fn present(&self) -> Option<&VerifiedAssertion> {
        self.present.as_ref().map(|held| &*held.assertion)
    }

    /// Whether it is the token that a service refused.
    pub(crate) fn is_of_refused(&self, token: &VerifiedAssertion) -> bool {
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
        Life::new(now, token.conditions().not_on_or_after(), self.point, 0.5).is_usable(now)
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
            _ => self.begin(client, desk, Reason::Missing).map(Next::Wait),
        })
        .await
    }

    /// Another token at once, whatever the present one is worth.
    pub(crate) async fn renewed(self: &Arc<Self>, client: &Client) -> Outcome {
        self.fetched(client, |desk| self.begin(client, desk, Reason::Demanded).map(Next::Wait)).await
    }

    /// Another token for one that a service refused; nothing if another would not help, or could not be had.
    pub(crate) async fn replacement(self: &Arc<Self>, client: &Client, refused: &Held) -> Option<Outcome> {
        if !refused.is_suspect() {
            return None;
        }
        self.drop_refused(refused)?;
        let fetched = self.fetched(client, |desk| match self.present.load_full() {
            Some(held) if held.life.is_usable(client.moment()) => Ok(Next::Have(held)),
            _ => self.begin(client, desk, Reason::Refused).map(Next::Wait),
        });
        Some(fetched.await)
    }

    /// Drops a token that was refused, if it is still the one in use; nothing if asking for another has failed already.
    fn drop_refused(&self, refused: &Held) -> Option<()> {
        let mut desk = self.desk();
        match self.present.load_full() {
            Some(present) if present.number == refused.number => {
                let assertion_id = refused.assertion.assertion_id().to_owned();
                desk.refused = Some(Refused { number: refused.number, assertion_id, is_given_up: false });
                self.present.store(None);
                tracing::info!("a token was refused that should hold; it is dropped");
                Some(())
            }
            Some(_) => Some(()),
            None => {
                let last = desk.refused.as_ref();
                (!last.is_some_and(|last| last.number >= refused.number && last.is_given_up)).then_some(())
            }
        }
    }

    /// Drops the token.
    pub(crate) fn forget(&self) {
        let _desk = self.desk();
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
        for _ in 0..TRIES {
            let waiting = next(&mut self.desk())?;
            let mut outcome = match waiting {
                Next::Have(held) => return Ok(held),
                Next::Wait(outcome) => outcome,
            };
            // The other end is gone without an answer where the runtime ended in which the request was under way.
            let answered = outcome.wait_for(Option::is_some).await.ok().and_then(|answer| answer.clone());
            let Some(answered) = answered else { continue };
            let held = answered?;
            let now = client.moment();
            if held.life.is_usable(now) {
                return Ok(held);
            }
            let ago = now.wall.duration_since(held.life.ends_at()).unwrap_or_default().as_secs();
            return Err(ksz_sts::Error::AssertionExpired { ago }.into());
        }
        Err(Error::TokenRequestInterrupted)
    }

    /// Begins to ask for the next token, unless somebody does already. Nobody waits for it.
    fn renew(self: &Arc<Self>, client: &Client) {
        let Ok(mut desk) = self.desk.try_lock() else { return };
        self.next_renewal.store(u64::MAX, Ordering::Relaxed);
        if self.begin(client, &mut desk, Reason::Due).is_err() {
            self.next_renewal.store(0, Ordering::Relaxed);
        }
    }

    /// The request under way, begun if there is none: in a task of its own, so that it survives whoever waits for it.
    fn begin(
        self: &Arc<Self>,
        client: &Client,
        desk: &mut Desk,
        reason: Reason,
    ) -> Result<watch::Receiver<Option<Outcome>>, Error> {
        if let Some(flight) = &desk.flight {
            return Ok(flight.outcome.clone());
        }
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let (sender, outcome) = watch::channel(None);
        desk.flights += 1;
        desk.flight = Some(Flight { number: desk.flights, outcome: outcome.clone() });
        let purpose = Purpose {
            reason,
            present: self.present.load_full(),
            refused: desk.refused.as_ref().map(|refused| refused.assertion_id.clone()),
        };
        let landing = Landing { session: Arc::clone(self), flight: desk.flights, sender };
        let client = client.clone();
        runtime.spawn(async move {
            let fetched = fetch(&client, &landing.session, &purpose).await;
            landing.land(&client, reason, fetched);
        });
        Ok(outcome)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the next token comes from.
enum Next {
    Have(Arc<Held>),
    Wait(watch::Receiver<Option<Outcome>>),
}

/// Ends a request, also one whose task is given up.
struct Landing {
    session: Arc<Shared>,
    flight: u64,
    sender: watch::Sender<Option<Outcome>>,
}

impl Landing {
    fn land(self, client: &Client, reason: Reason, fetched: Result<VerifiedAssertion, Error>) {
        let (session, now) = (&self.session, client.moment());
        let mut desk = session.desk();
        let outcome = match fetched {
            Ok(assertion) => {
                desk.tokens += 1;
                desk.failures = 0;
                desk.last_failure = None;
                let ends_at = assertion.conditions().not_on_or_after();
                let held = Arc::new(Held {
                    life: Life::new(now, ends_at, session.point, Random::share()),
                    assertion: Arc::new(assertion),
                    number: desk.tokens,
                    is_replacement: reason == Reason::Refused,
                    is_accepted: AtomicBool::new(false),
                });
                session.present.store(Some(Arc::clone(&held)));
                session.next_renewal.store(0, Ordering::Relaxed);
                Ok(held)
            }
            Err(error) => {
                desk.failures = desk.failures.saturating_add(1);
                let wait = wait_after(desk.failures, Random::share());
                let next = nanoseconds(now.monotonic.saturating_add(wait));
                session.next_renewal.store(next, Ordering::Relaxed);
                report(&error, desk.failures, wait, session.is_usable(now));
                desk.last_failure = Some(TokenFailure { at: now.wall, error: error.clone() });
                if let Some(refused) = &mut desk.refused {
                    refused.is_given_up = true;
                }
                Err(error)
            }
        };
        desk.flight = None;
        drop(desk);
        // Nobody may be waiting any more.
        let _ = self.sender.send(Some(outcome));
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut desk = self.session.desk();
        if desk.flight.as_ref().is_some_and(|flight| flight.number == self.flight) {
            desk.flight = None;
            self.session.next_renewal.store(0, Ordering::Relaxed);
        }
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
