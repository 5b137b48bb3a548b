//! Hostile messages: each in a process of its own, so that its memory is seen too.

use serde_json::Value;
use std::process::Command;

use super::report::{Measure, Report};
use super::{Options, Place};
use crate::error::Error;
use crate::process;

pub(super) const NAME: &str = "attacks";

/// How many times the size of a message its refusal may take in memory, the message and the program included.
const MOST_MEMORY: f64 = 4.0;
/// The program's own memory, in kB, which weighs on small messages.
const OWN_MEMORY: f64 = 8.0 * 1024.0;

pub(super) fn measure(options: &Options, place: &Place, report: &mut Report) -> Result<(), Error> {
    if !options.wants(NAME) {
        return Ok(());
    }
    let listed = process::stdout(Command::new(&place.bench).arg("list"))?;
    for name in listed.lines().filter(|line| line.starts_with('P')) {
        let mut command = Command::new(&place.bench);
        command.arg("attack").arg(&place.folder).args([&options.rounds.to_string(), name]);
        let line = process::stdout(&mut command)?;
        let unreadable = |error: serde_json::Error| Error::Unreadable {
            what: "ksz-bench".into(),
            detail: error.to_string(),
        };
        let value: Value = serde_json::from_str(&line).map_err(unreadable)?;
        let number = |name: &str| value[name].as_f64().unwrap_or(f64::INFINITY);
        let class = value["class"].as_str().unwrap_or_default();
        // What is refused for another reason was not tried, however soon.
        let expected = value["expected"].as_array().is_some_and(|classes| classes.contains(&class.into()));
        let found = if expected { number("milliseconds") } else { f64::INFINITY };
        let name = format!("{name}: {class}");
        report.measure(Measure {
            name: name.clone(),
            found,
            at_most: number("limit_milliseconds"),
            unit: "ms",
        })?;
        let input = number("octets") / 1024.0;
        if input > OWN_MEMORY {
            let found = number("peak_kb") / input;
            report.measure(Measure { name, found, at_most: MOST_MEMORY, unit: "x memory" })?;
        }
    }
    Ok(())
}
