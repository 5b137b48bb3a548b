use super::{SessionLease, SessionStore, StoreAnswer, StoredToken};
use crate::SessionKey;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// A store in the memory of the process, for several clients in it. Copies share what they keep.
///
/// One client needs none: its sessions keep their tokens themselves. What has ended is removed when something is saved.
#[derive(Clone, Default)]
pub struct MemorySessionStore(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    tokens: HashMap<SessionKey, StoredToken>,
    leased: HashSet<SessionKey>,
}

impl MemorySessionStore {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for MemorySessionStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn load<'s>(&'s self, key: &'s SessionKey) -> StoreAnswer<'s, Option<StoredToken>> {
        Box::pin(async { Ok(self.kept().tokens.get(key).cloned()) })
    }

    fn save<'s>(&'s self, key: &'s SessionKey, token: &'s StoredToken) -> StoreAnswer<'s, ()> {
        Box::pin(async {
            let (mut kept, now) = (self.kept(), SystemTime::now());
            kept.tokens.retain(|_, token| token.until() > now);
            kept.tokens.insert(*key, token.clone());
            Ok(())
        })
    }

    fn forget<'s>(&'s self, key: &'s SessionKey) -> StoreAnswer<'s, ()> {
        Box::pin(async {
            self.kept().tokens.remove(key);
            Ok(())
        })
    }

    fn lease<'s>(&'s self, key: &'s SessionKey) -> StoreAnswer<'s, Option<Box<dyn SessionLease>>> {
        Box::pin(async {
            let is_ours = self.kept().leased.insert(*key);
            let lease = is_ours.then(|| MemoryLease { store: self.clone(), key: *key });
            Ok(lease.map(|lease| Box::new(lease) as Box<dyn SessionLease>))
        })
    }
}

impl fmt::Debug for MemorySessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemorySessionStore(…)")
    }
}

struct MemoryLease {
    store: MemorySessionStore,
    key: SessionKey,
}

impl SessionLease for MemoryLease {
    fn release(self: Box<Self>) -> StoreAnswer<'static, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl Drop for MemoryLease {
    fn drop(&mut self) {
        self.store.kept().leased.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::super::seal::tests::token;
    use super::*;
    use crate::session::tests::session_key;

    #[tokio::test]
    async fn what_has_ended_is_not_kept_for_ever() {
        let store = MemorySessionStore::default();
        let over = StoredToken::new("over".into(), SystemTime::UNIX_EPOCH);
        store.save(&session_key("over"), &over).await.unwrap();

        store.save(&session_key("a"), &token()).await.unwrap();
        store.save(&session_key("b"), &token()).await.unwrap();

        assert_eq!(store.kept().tokens.len(), 2);
        assert_eq!(store.load(&session_key("a")).await.unwrap(), Some(token()));
        assert_eq!(store.load(&session_key("over")).await.unwrap(), None);
    }
}
