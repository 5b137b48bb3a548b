//! What a session that has its token costs: by the call, for tasks that look it up at once, and in memory.

use super::report::{Measure, Report};
use super::{Options, Place, ours};
use crate::error::Error;

/// What is measured; the token has a size of its own.
pub(super) const OPERATIONS: [&str; 3] = ["session-hit", "session-lookups", "session-memory"];
const SIZE: &str = "1k";
/// How many sessions there are at once, in words of a size.
const MANY: &str = "10k";

/// The longest that a hit may take, in nanoseconds.
const LONGEST_HIT: f64 = 1_000.0;
/// The longest that a lookup may take by the clock, in microseconds, with eight tasks at it: 100 000 in a second.
const LONGEST_LOOKUP: f64 = 10.0;
/// The most memory of a session with a token of 7 kB, in KiB.
const MOST_MEMORY: f64 = 40.0;

pub(super) fn measure(options: &Options, place: &Place, report: &mut Report) -> Result<(), Error> {
    let [hit, lookups, memory] = OPERATIONS;
    if options.wants(hit) {
        for figure in ours(place, options.seconds, options.rounds, SIZE, &[hit])? {
            let name = format!("{hit}: a token without a request");
            report.measure(Measure { name, found: 1e9 / figure.rate(), at_most: LONGEST_HIT, unit: "ns" })?;
        }
    }
    if options.wants(lookups) {
        for figure in ours(place, options.seconds, options.rounds, SIZE, &[lookups])? {
            let name = format!("{lookups}: one of eight tasks at once");
            let found = 1e6 / (super::figure::median(&figure.per_second) * figure.octets);
            report.measure(Measure { name, found, at_most: LONGEST_LOOKUP, unit: "µs" })?;
        }
    }
    if options.wants(memory) {
        let peak = |operation: &str, size: &str| -> Result<(f64, f64), Error> {
            let figures = ours(place, 0.0, 1, size, &[operation])?;
            Ok(figures.first().map_or((f64::NAN, 1.0), |figure| (figure.peak_kilobytes, figure.octets)))
        };
        let ((all, sessions), (idle, _)) = (peak(memory, MANY)?, peak(hit, SIZE)?);
        let name = format!("{memory}: each of {sessions} sessions");
        report.measure(Measure {
            name,
            found: (all - idle) / sessions,
            at_most: MOST_MEMORY,
            unit: "KiB",
        })?;
    }
    Ok(())
}
