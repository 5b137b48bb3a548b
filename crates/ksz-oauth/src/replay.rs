use crate::{Error, VerifiedClientAssertion};
use ksz_pki::Digest;
use std::collections::HashMap;
use std::time::SystemTime;

/// The client assertions that were accepted and could still be sent again (RFC 7523 section 3, item 7).
///
/// It remembers a digest for each, so its memory depends on the capacity alone. A full store refuses: forgetting
/// an assertion that is still valid would allow its replay.
#[derive(Clone, Debug)]
pub struct ReplayStore {
    capacity: usize,
    ends: HashMap<Digest, SystemTime>,
}

impl ReplayStore {
    /// An empty store for that many assertions. A server needs room for those of about seven minutes.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, ends: HashMap::new() }
    }

    /// Accepts an assertion for the first and only time.
    ///
    /// # Errors
    ///
    /// - [`Error::Replayed`] if this client used this `jti` before.
    /// - [`Error::ReplayStoreFull`] if as many as fit are still valid.
    pub fn accept(&mut self, assertion: &VerifiedClientAssertion, now: SystemTime) -> Result<(), Error> {
        let entry = format!("{} {}", assertion.client_id(), assertion.jti());
        let digest = Digest::sha256(entry.as_bytes());
        if self.ends.contains_key(&digest) {
            return Err(Error::Replayed);
        }
        if self.ends.len() >= self.capacity {
            self.ends.retain(|_, end| *end > now);
        }
        if self.ends.len() >= self.capacity {
            return Err(Error::ReplayStoreFull { capacity: self.capacity });
        }
        self.ends.insert(digest, assertion.end());
        Ok(())
    }
}

#[cfg(test)]
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod tests {
    use super::*;
    use crate::test_key::{self, TestKey};
    use crate::{ClientAssertion, ClientId};
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn an_assertion_is_accepted_once_per_client() {
        let key = test_key::p256();
        let mut store = ReplayStore::new(10);

        assert_eq!(store.accept(&verified(&key, "a", "1", now()), now()), Ok(()));
        assert_eq!(store.accept(&verified(&key, "a", "2", now()), now()), Ok(()));
        assert_eq!(store.accept(&verified(&key, "b", "1", now()), now()), Ok(()));
        assert_eq!(store.accept(&verified(&key, "a", "1", now()), now()), Err(Error::Replayed));
    }

    #[test]
    fn a_full_store_refuses_until_something_ended() {
        let key = test_key::p256();
        let mut store = ReplayStore::new(1);
        store.accept(&verified(&key, "a", "1", now()), now()).unwrap();

        let full = Error::ReplayStoreFull { capacity: 1 };
        assert_eq!(store.accept(&verified(&key, "a", "2", now()), now()), Err(full));

        let later = now() + Duration::from_secs(120);
        assert_eq!(store.accept(&verified(&key, "a", "2", later), later), Ok(()));
    }

    fn verified(key: &TestKey, client: &str, jti: &str, now: SystemTime) -> VerifiedClientAssertion {
        let jwt = ClientAssertion::new(ClientId::new(client).unwrap(), "x").sign(&key.signing, jti, now);
        VerifiedClientAssertion::verify(&jwt.unwrap(), |_| &key.public, &["x"], now).unwrap()
    }

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }
}
