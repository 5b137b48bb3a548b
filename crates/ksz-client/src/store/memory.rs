use super::{SessionLease, SessionStore, StoreAnswer, StoredToken};
use crate::SessionKey;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store in the memory of the process, for several clients in it. Copies share what they keep.
///
/// One client needs none: its sessions keep their tokens themselves.
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
            self.kept().tokens.insert(*key, token.clone());
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
