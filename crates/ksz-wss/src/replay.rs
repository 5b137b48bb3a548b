use crate::Error;
use ksz_pki::Digest;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Remembers messages until they expire, so that none is accepted twice.
///
/// A message is known by the digest of its canonical `SignedInfo`: other white space around it, or the other of
/// the two ECDSA values, makes no other message.
pub trait ReplayGuard {
    /// Remembers a message until `until`, unless it is remembered already.
    ///
    /// # Errors
    ///
    /// - [`Error::Replayed`] if it is.
    /// - [`Error::ReplayGuardFull`], [`Error::ReplayGuardFailed`] if it cannot be: then it is not accepted.
    fn remember(&self, message: &Digest, until: SystemTime, now: SystemTime) -> Result<(), Error>;
}

/// Whether a receiver looks for repeated messages.
#[derive(Clone, Copy)]
pub enum Replay<'g> {
    /// With this guard.
    Guarded(&'g dyn ReplayGuard),
    /// Not: the message answers a request over the same connection, or was not received from anybody.
    NotChecked,
}

impl Replay<'_> {
    pub(crate) fn check(self, message: &Digest, until: SystemTime, now: SystemTime) -> Result<(), Error> {
        match self {
            Self::Guarded(guard) => guard.remember(message, until, now),
            Self::NotChecked => Ok(()),
        }
    }
}

impl fmt::Debug for Replay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guarded(_) => "Guarded(…)",
            Self::NotChecked => "NotChecked",
        })
    }
}

/// A guard in the memory of one process, of bounded size: when it is full of messages that have not expired, it
/// refuses.
#[derive(Debug)]
pub struct MemoryReplayGuard {
    capacity: usize,
    remembered: Mutex<HashMap<Digest, SystemTime>>,
}

impl MemoryReplayGuard {
    /// A guard that remembers at most `capacity` messages, some 100 octets each.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, remembered: Mutex::new(HashMap::new()) }
    }
}

impl ReplayGuard for MemoryReplayGuard {
    fn remember(&self, message: &Digest, until: SystemTime, now: SystemTime) -> Result<(), Error> {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.get(message).is_some_and(|until| *until > now) {
            return Err(Error::Replayed);
        }
        if remembered.len() >= self.capacity {
            remembered.retain(|_, until| *until > now);
        }
        if remembered.len() >= self.capacity {
            return Err(Error::ReplayGuardFull { capacity: self.capacity });
        }
        remembered.insert(*message, until);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn a_message_is_remembered_until_it_expires_and_no_longer() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let guard = MemoryReplayGuard::new(2);
        let [a, b, c] = [b"a", b"b", b"c"].map(|octets| Digest::sha256(octets));

        assert_eq!(guard.remember(&a, at(10), at(0)), Ok(()));
        assert_eq!(guard.remember(&a, at(10), at(9)), Err(Error::Replayed));
        assert_eq!(guard.remember(&b, at(20), at(9)), Ok(()));
        assert_eq!(guard.remember(&c, at(20), at(9)), Err(Error::ReplayGuardFull { capacity: 2 }));
        assert_eq!(guard.remember(&c, at(20), at(10)), Ok(()));
    }
}
