//! bergshamra, the other Rust library for XML signatures, on the same work as ours and with the same backend.
//!
//! ```text
//! ksz-peers OPERATION FILE KEYS SECONDS ROUNDS     "runs per CPU second, runs per second, octets, peak kB", by tabs
//! ksz-peers verdict FILE KEY...                    "valid", or why not, of every signature in the file
//! ksz-peers canonicalize FILE ALGORITHM PREFIXES [id ID]     the octets
//! ```
//!
//! OPERATION is `sign-rsa`, `sign-ec`, `verify-rsa`, `verify-ec`, `saml`, `parse` or `c14n`; `cargo xtask bench --peers` and `cargo xtask interop
//! --bergshamra` run it. It does for a message what a careful user of the library must do himself: find the parts by
//! their path, pin the certificate of the token, and check that the references lead to the parts.

mod judge;
mod message;
mod template;

use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

/// Why something was refused or could not be done, in the library's words.
type Failure = String;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["verdict", file, keys @ ..] => judge::verdict(file, keys).map(|verdict| println!("{verdict}")),
        ["canonicalize", file, algorithm, prefixes, apex @ ..] => {
            judge::canonicalize(file, algorithm, prefixes, apex)
        }
        [operation, file, keys, seconds, rounds] => measure(operation, file, keys, seconds, rounds),
        _ => Err("ksz-peers OPERATION FILE KEYS SECONDS ROUNDS | verdict … | canonicalize …".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn measure(operation: &str, file: &str, keys: &str, seconds: &str, rounds: &str) -> Result<(), Failure> {
    let seconds: f64 = seconds.parse().map_err(|_| "seconds: no number")?;
    let rounds: usize = rounds.parse().map_err(|_| "rounds: no number")?;
    let input = read(file)?;
    match operation {
        "sign-rsa" | "sign-ec" => {
            let template = template::Template::read(keys, operation.trim_start_matches("sign-"))?;
            loops(seconds, rounds, || template.sign(&input).map(|message| message.len()))
        }
        "verify-rsa" | "verify-ec" => {
            let signer = message::Signer::read(keys, operation.trim_start_matches("verify-"))?;
            loops(seconds, rounds, || signer.verify(&input).map(|()| input.len()))
        }
        "saml" => {
            let issuer = message::Signer::read(keys, "sts")?;
            loops(seconds, rounds, || issuer.verify_assertion(&input).map(|()| input.len()))
        }
        "parse" => {
            loops(seconds, rounds, || message::parse(&input).map(|document| document.input_text().len()))
        }
        "c14n" => {
            let document = message::parse(&input)?;
            loops(seconds, rounds, || message::canonical_body(&document).map(|octets| octets.len()))
        }
        other => Err(format!("{other}: unknown")),
    }
}

/// Runs it for half a round to be warm, then round by round, and prints the medians.
fn loops(
    seconds: f64,
    rounds: usize,
    mut run: impl FnMut() -> Result<usize, Failure>,
) -> Result<(), Failure> {
    let octets = run()?;
    let start = cpu_seconds();
    while cpu_seconds() - start < seconds / 2.0 {
        black_box(run()?);
    }
    let (mut by_cpu, mut by_clock) = (Vec::new(), Vec::new());
    for _ in 0..rounds.max(1) {
        let (cpu, wall) = (cpu_seconds(), Instant::now());
        let mut runs = 0.0;
        let spent = loop {
            black_box(run()?);
            runs += 1.0;
            let spent = cpu_seconds() - cpu;
            if spent >= seconds {
                break spent;
            }
        };
        by_cpu.push(runs / spent);
        by_clock.push(runs / wall.elapsed().as_secs_f64());
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    let peak = peak.trim().trim_end_matches(" kB");
    println!("{:.6}\t{:.6}\t{octets}\t{peak}", median(by_cpu), median(by_clock));
    Ok(())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn read(file: &str) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))
}
