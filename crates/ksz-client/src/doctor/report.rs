use crate::doctor::{Check, Failure};
use ksz_transport::{Channel, Environment};
use std::time::Duration;

/// What the doctor found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The environment that was examined.
    pub environment: Environment,
    /// The network through which it was examined.
    pub channel: Channel,
    /// A row for each check, in the order in which they ran.
    pub rows: Vec<Row>,
}

/// One check and what came of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Row {
    /// The check.
    pub check: Check,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It passed.
    Passed {
        /// What was seen, in a few words.
        detail: String,
    },
    /// It failed.
    Failed(Failure),
    /// It was not run.
    Skipped {
        /// Why not.
        why: String,
    },
}

impl Report {
    /// How many rows passed, failed and were skipped.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        self.rows.iter().fold((0, 0, 0), |(passed, failed, skipped), row| match row.outcome {
            Outcome::Passed { .. } => (passed + 1, failed, skipped),
            Outcome::Failed(_) => (passed, failed + 1, skipped),
            Outcome::Skipped { .. } => (passed, failed, skipped + 1),
        })
    }
}
