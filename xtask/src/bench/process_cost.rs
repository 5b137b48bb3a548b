//! What a whole process costs: its start, and the memory of one operation alone.

use std::fs;
use std::process::Command;
use std::time::Instant;

use super::figure::median;
use super::report::{Measure, Report};
use super::{Options, PACKAGE_SIZE, Place, ours};
use crate::error::Error;
use crate::process;

pub(super) const MEMORY: &str = "memory";
pub(super) const COLD_START: &str = "cold-start";

/// The most memory that an operation on 10 MB may take, in MB.
const MOST_MEMORY: f64 = 60.0;
/// The most memory that a message with an attachment of 100 MB may take, in MiB above a process that does next to
/// nothing.
const MOST_MEMORY_OF_PACKAGES: f64 = 32.0;
/// The longest that a cold command may take, in milliseconds.
const LONGEST_START: f64 = 10.0;
/// How many starts are timed.
const STARTS: usize = 21;

pub(super) fn measure(options: &Options, place: &Place, report: &mut Report) -> Result<(), Error> {
    if options.wants(MEMORY) {
        for operation in ["sign-rsa", "verify-rsa", "sign-hok-ec", "verify-hok-ec", "parse", "stream-c14n"] {
            // One run in a process that does nothing else.
            for figure in ours(place, 0.0, 1, "10m", &[operation])? {
                let name = format!("{MEMORY}: {operation}/10m");
                let megabytes = figure.peak_kilobytes / 1024.0;
                report.measure(Measure { name, found: megabytes, at_most: MOST_MEMORY, unit: "MB" })?;
            }
        }
    }
    for operation in ["mtom-sign", "mtom-verify"] {
        if options.wants(MEMORY) || (options.wants(operation) && !options.only.is_empty()) {
            let peak = |size: &str, operation: &str| -> Result<f64, Error> {
                let figures = ours(place, 0.0, 1, size, &[operation])?;
                Ok(figures.first().map_or(f64::NAN, |figure| figure.peak_kilobytes / 1024.0))
            };
            let found = peak(PACKAGE_SIZE, operation)? - peak("1k", "raw-ec-sign")?;
            let name = format!("{MEMORY}: {operation}/{PACKAGE_SIZE} above an idle process");
            report.measure(Measure { name, found, at_most: MOST_MEMORY_OF_PACKAGES, unit: "MiB" })?;
        }
    }
    if options.wants(COLD_START) {
        let found = cold_start(place)?;
        let name = format!("{COLD_START}: ksz verify of 10 kB");
        report.measure(Measure { name, found, at_most: LONGEST_START, unit: "ms" })?;
    }
    Ok(())
}

/// The median by the clock: a process that waits costs its user as much as one that computes.
fn cold_start(place: &Place) -> Result<f64, Error> {
    let message = place.folder.join("signed_rsa_10k.xml");
    let text = fs::read_to_string(&message).map_err(Error::io(message.display().to_string()))?;
    let created =
        text.split_once("Created>").map_or("", |(_, rest)| rest).split('<').next().unwrap_or_default();
    let mut command = Command::new(&place.ksz);
    command.args(["verify", "--profile", "x509", "--now", created, "--anchor"]);
    command.arg(place.folder.join("ca.crt")).arg(&message);
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let start = Instant::now();
        process::stdout(&mut command)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(&times))
}
