//! How often something can be done in a second of CPU time.

use crate::error::Error;
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::time::Instant;

/// What is measured: done once per call, answering with the octets it worked on.
pub(crate) type Run = Box<dyn FnMut() -> Result<usize, Error>>;

/// One operation and what was found of it.
pub(crate) struct Subject {
    run: Run,
    octets: usize,
    /// How many runs lie between two looks at the clock: a look costs as much as a small operation.
    batch: u32,
    per_cpu_second: Vec<f64>,
    per_second: Vec<f64>,
}

impl Subject {
    /// Runs it once, so that what cannot be done is known before anything is measured.
    pub(crate) fn new(mut run: Run) -> Result<Self, Error> {
        let octets = run()?;
        Ok(Self { run, octets, batch: 1, per_cpu_second: Vec::new(), per_second: Vec::new() })
    }

    /// Fills caches, and finds how many runs take about a millisecond.
    pub(crate) fn warm_up(&mut self, seconds: f64) -> Result<(), Error> {
        let start = cpu_seconds();
        let mut runs = 0_u32;
        while cpu_seconds() - start < seconds {
            black_box((self.run)()?);
            runs += 1;
        }
        let milliseconds = (seconds * 1_000.0).max(1.0);
        self.batch =
            (1..=1_000).rev().find(|batch| f64::from(*batch) * milliseconds <= f64::from(runs)).unwrap_or(1);
        Ok(())
    }

    /// Runs it for this long, and at least once.
    pub(crate) fn round(&mut self, seconds: f64) -> Result<(), Error> {
        let (cpu, wall) = (cpu_seconds(), Instant::now());
        let mut runs = 0_u32;
        let spent = loop {
            for _ in 0..self.batch {
                black_box((self.run)()?);
            }
            runs += self.batch;
            let spent = cpu_seconds() - cpu;
            if spent >= seconds {
                break spent;
            }
        };
        self.per_cpu_second.push(f64::from(runs) / spent);
        self.per_second.push(f64::from(runs) / wall.elapsed().as_secs_f64());
        Ok(())
    }

    pub(crate) const fn octets(&self) -> usize {
        self.octets
    }

    /// One figure per round.
    pub(crate) fn per_cpu_second(&self) -> &[f64] {
        &self.per_cpu_second
    }

    /// The same by the clock.
    pub(crate) fn per_second(&self) -> &[f64] {
        &self.per_second
    }
}

/// The CPU time of this process so far.
pub(crate) fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    #[expect(
        clippy::cast_precision_loss,
        reason = "a process runs for less than 2^52 seconds and nanoseconds"
    )]
    let (seconds, nanoseconds) = (time.tv_sec as f64, time.tv_nsec as f64);
    seconds + nanoseconds / 1e9
}

/// The largest memory that this process had (`VmHWM` of proc(5)), 0 where the system does not say.
pub(crate) fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok()).unwrap_or(0)
}
