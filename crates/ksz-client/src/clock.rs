use std::time::SystemTime;

/// The source of time: the one place of the house that reads a clock.
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
