use std::time::SystemTime;

/// The source of time of a client: what is below has none, and tests bring their own.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> SystemTime;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
