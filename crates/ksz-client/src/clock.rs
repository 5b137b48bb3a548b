use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

/// The source of time of a client: what is below has none, and tests bring their own.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> SystemTime;

    /// The time that has passed since some instant of the past. It never goes back, whatever happens to the clock on the
    /// wall; two of its values tell how long something took.
    ///
    /// A clock of one's own may leave it as it is: it is this machine's then.
    fn monotonic(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// Both readings of a clock at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Moment {
    pub(crate) wall: SystemTime,
    pub(crate) monotonic: Duration,
}

impl Moment {
    pub(crate) fn read(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), monotonic: clock.monotonic() }
    }

    /// This much later by both readings.
    pub(crate) fn after(self, time: Duration) -> Self {
        Self { wall: self.wall + time, monotonic: self.monotonic.saturating_add(time) }
    }

    /// Whether either reading says that `other` is here or past.
    pub(crate) fn reached(self, other: Self) -> bool {
        self.wall >= other.wall || self.monotonic >= other.monotonic
    }
}
