use super::shared::Shared;
use crate::SessionKey;
use crate::clock::Moment;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// So many parts, each under a lock of its own, that tasks which look up different sessions rarely meet.
const SHARDS: usize = 16;
/// A shard with fewer sessions is not worth looking through.
const FEW: usize = 64;

/// The sessions of a client by their keys. It keeps them while their tokens are of use, so that a caller who opens the same
/// session for each call still has one token.
#[derive(Default)]
pub(crate) struct Pool([RwLock<Shard>; SHARDS]);

#[derive(Default)]
struct Shard {
    sessions: HashMap<SessionKey, Arc<Shared>>,
    next_sweep: usize,
}

impl Pool {
    /// The session of this key, if there is one.
    pub(crate) fn find(&self, key: &SessionKey) -> Option<Arc<Shared>> {
        let shard = self.shard(key).read().unwrap_or_else(PoisonError::into_inner);
        shard.sessions.get(key).map(Arc::clone)
    }

    /// Keeps a session, and gives it; or the one of its key that came first.
    pub(crate) fn keep(&self, session: Shared, now: Moment) -> Arc<Shared> {
        let mut shard = self.shard(session.key()).write().unwrap_or_else(PoisonError::into_inner);
        if shard.sessions.len() >= shard.next_sweep.max(FEW) {
            shard.sessions.retain(|_, session| Arc::strong_count(session) > 1 || session.is_usable(now));
            shard.next_sweep = shard.sessions.len() * 2;
        }
        Arc::clone(shard.sessions.entry(*session.key()).or_insert_with(|| Arc::new(session)))
    }

    fn shard(&self, key: &SessionKey) -> &RwLock<Shard> {
        &self.0[usize::from(key.as_bytes()[0]) % SHARDS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::tests::{holder, session_key};
    use crate::session::{RenewWith, RenewalPoint, TokenOrder};
    use ksz_sts::Claims;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn sessions_that_nobody_holds_and_that_have_no_token_make_room() {
        let pool = Pool::default();
        let held: Vec<_> = (0..100).map(|number| pool.keep(session(number), now())).collect();
        for number in 100..20_000 {
            pool.keep(session(number), now());
        }

        let kept = pool.0.iter().map(|shard| shard.read().unwrap().sessions.len()).sum::<usize>();
        assert!(kept <= SHARDS * 2 * FEW, "{kept}");
        for session in &held {
            assert!(Arc::ptr_eq(&pool.find(session.key()).unwrap(), session));
        }
    }

    #[test]
    fn the_first_session_of_a_key_stays() {
        let pool = Pool::default();
        let first = pool.keep(session(1), now());

        assert!(Arc::ptr_eq(&pool.keep(session(1), now()), &first));
        assert!(pool.find(session(2).key()).is_none());
    }

    fn session(number: usize) -> Shared {
        let (holder, identification) = (holder().clone(), holder().clone());
        let (claims, renew_with) = (Claims::default(), RenewWith::default());
        let order = TokenOrder { claims, identification, holder, lifetime: None, renew_with };
        Shared::new(session_key(&number.to_string()), order, RenewalPoint::default())
    }

    fn now() -> Moment {
        Moment { wall: UNIX_EPOCH, monotonic: Duration::ZERO }
    }
}
