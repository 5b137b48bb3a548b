//! What `ksz` is measured by. `cargo xtask bench` builds this program, runs it and judges its figures.
//!
//! ```text
//! ksz-bench prepare FOLDER SIZE...                            keys, envelopes, signed messages, an assertion
//! ksz-bench measure FOLDER SECONDS ROUNDS OPERATION/SIZE...   one JSON line per operation
//! ksz-bench attack  FOLDER ROUNDS [NAME...]                   one JSON line per hostile message
//! ksz-bench list                                              the operations and the attacks
//! ```
//!
//! A size is that of the Body: `300`, `1k`, `100k`, `10m`. The operations that are given together are measured in turn,
//! round by round, so that on a machine that is not idle each has rounds in which it was disturbed little.
//!
//! Why a loop of our own and not `criterion`: what counts here are ratios between programs (some of them in C and
//! Java) by the CPU time of a process, with a peak of memory beside each. `criterion` measures by the clock, one
//! function after the other.

mod attack;
mod clock;
mod envelope;
mod error;
mod fixture;
mod hostile_key;
mod operation;
mod package;
mod session;

use crate::attack::Attack;
use crate::error::Error;
use crate::fixture::Folder;
use crate::operation::Operation;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<(), Error> {
    match words {
        ["prepare", folder, sizes @ ..] => Folder::new(folder).prepare(sizes),
        ["measure", folder, seconds, rounds, operations @ ..] if !operations.is_empty() => {
            let (seconds, rounds) = (number("seconds", seconds)?, number("rounds", rounds)?);
            measure(&Folder::new(folder), seconds, rounds, operations)
        }
        ["attack", folder, rounds, names @ ..] => {
            attack(&Folder::new(folder), number("rounds", rounds)?, names)
        }
        ["list"] => {
            Operation::ALL.iter().for_each(|operation| println!("{}", operation.name()));
            Attack::ALL.iter().for_each(|attack| println!("{}", attack.name));
            Ok(())
        }
        _ => Err(Error::Usage("ksz-bench prepare|measure|attack|list: see its documentation".into())),
    }
}

fn measure(folder: &Folder, seconds: f64, rounds: usize, operations: &[&str]) -> Result<(), Error> {
    let mut subjects = Vec::new();
    for text in operations {
        let (name, size) = text.split_once('/').ok_or_else(|| Error::Usage(format!("{text}: no size")))?;
        let operation = Operation::named(name).ok_or_else(|| Error::Usage(format!("{name}: unknown")))?;
        match operation.prepare(folder, size).and_then(clock::Subject::new) {
            Ok(subject) => subjects.push((name, size, subject)),
            // One operation that its limits forbid does not keep the others from being measured.
            Err(error) => {
                println!(
                    "{}",
                    serde_json::json!({"operation": name, "size": size, "failed": error.to_string()})
                );
            }
        }
    }
    for (_, _, subject) in &mut subjects {
        subject.warm_up(seconds / 2.0)?;
    }
    for _ in 0..rounds {
        for (_, _, subject) in &mut subjects {
            subject.round(seconds)?;
        }
    }
    let peak = clock::peak_kilobytes();
    for (name, size, subject) in &subjects {
        println!(
            "{}",
            serde_json::json!({
                "operation": name,
                "size": size,
                "octets": subject.octets(),
                "per_cpu_second": subject.per_cpu_second(),
                "per_second": subject.per_second(),
                "peak_kb": peak,
            })
        );
    }
    Ok(())
}

fn attack(folder: &Folder, rounds: usize, names: &[&str]) -> Result<(), Error> {
    for attack in Attack::ALL.iter().filter(|attack| names.is_empty() || names.contains(&attack.name)) {
        let outcome = attack.run(folder, rounds)?;
        println!(
            "{}",
            serde_json::json!({
                "attack": attack.name,
                "octets": outcome.octets,
                "milliseconds": outcome.milliseconds,
                "limit_milliseconds": attack.milliseconds,
                "class": outcome.class.map_or("accepted", ksz_error::Class::as_str),
                "expected": attack.classes.iter().map(|class| class.as_str()).collect::<Vec<_>>(),
                "peak_kb": clock::peak_kilobytes(),
            })
        );
    }
    Ok(())
}

fn number<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Usage(format!("{what}: {text:?} is no number")))
}
