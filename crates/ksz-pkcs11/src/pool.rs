use crate::Error;
use cryptoki::context::Pkcs11;
use cryptoki::error::{Error as ModuleError, RvError};
use cryptoki::session::Session;
use cryptoki::slot::Slot;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The most sessions that are open at once, whatever the token would bear.
const MOST_SESSIONS: usize = 64;

/// The sessions of a token that is logged in. A session does one thing at a time; threads take turns, or open
/// another.
///
/// All sessions of a process with a token share its login, which ends with the last of them.
pub(crate) struct Pool {
    context: Pkcs11,
    slot: Slot,
    sessions: Mutex<Sessions>,
    given_back: Condvar,
}

struct Sessions {
    /// Does no work, so that the login does not end when every other session has failed.
    anchor: Option<Session>,
    idle: Vec<Session>,
    /// How many work, or are idle.
    open: usize,
    most: usize,
}

impl Pool {
    /// A pool that begins with the session that logged in, of a token that has `most` of them.
    pub(crate) fn new(context: Pkcs11, slot: Slot, session: Session, most: Option<usize>) -> Self {
        let most = most.map_or(MOST_SESSIONS, |most| most.saturating_sub(1).min(MOST_SESSIONS));
        let sessions = Mutex::new(Sessions { anchor: Some(session), idle: Vec::new(), open: 0, most });
        Self { context, slot, sessions, given_back: Condvar::new() }
    }

    /// Does something with a session of its own. One in which something failed is not used again: an
    /// operation may still be going on in it.
    pub(crate) fn with_session<T>(
        &self,
        work: impl FnOnce(&Session) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let lent = Lent { pool: self, session: Some(self.take()?) };
        let result = work(lent.session());
        if !result.as_ref().is_err_and(Error::ends_session) {
            lent.give_back();
        }
        result
    }

    fn take(&self) -> Result<Session, Error> {
        let mut sessions = self.sessions();
        loop {
            if let Some(session) = sessions.idle.pop() {
                return Ok(session);
            }
            if sessions.open < sessions.most {
                match self.context.open_ro_session(self.slot) {
                    Ok(session) => {
                        sessions.open += 1;
                        return Ok(session);
                    }
                    // The token has fewer than it said: those that are open must do.
                    Err(ModuleError::Pkcs11(RvError::SessionCount, _)) => sessions.most = sessions.open,
                    Err(error) => return Err(error.into()),
                }
            }
            if sessions.open == 0 {
                // A token of one session: the one that logged in must work too.
                let Some(anchor) = sessions.anchor.take() else { return Err(Error::TokenRemoved) };
                sessions.open = 1;
                return Ok(anchor);
            }
            sessions = self.given_back.wait(sessions).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Nothing that is done while the lock is held leaves the sessions half changed.
    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session that is lent to a thread, and closed if that thread panics or fails.
struct Lent<'p> {
    pool: &'p Pool,
    session: Option<Session>,
}

impl Lent<'_> {
    fn session(&self) -> &Session {
        self.session.as_ref().expect("it is there until it is given back")
    }

    fn give_back(mut self) {
        let session = self.session.take();
        self.pool.sessions().idle.extend(session);
        self.pool.given_back.notify_one();
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            drop(session);
            self.pool.sessions().open -= 1;
            self.pool.given_back.notify_one();
        }
    }
}
