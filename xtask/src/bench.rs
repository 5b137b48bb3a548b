//! How fast `ksz` is, and how fast it must be: ratios within one run, by CPU time, on one thread.
//!
//! The work itself is in the program `ksz-bench`; here it is run, beside the implementations of others if that is
//! asked for, and judged by [`requirement`]. A figure that misses its requirement is printed and breaks no build:
//! the machine may be busy, and a gate that is red by chance is soon ignored.

mod attack;
mod figure;
mod options;
mod peer;
mod process_cost;
mod report;
mod requirement;
mod session;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;
use figure::{Figure, Figures};
pub(crate) use options::Options;
use report::Report;

/// The sizes of the Body. The message is larger by a header of 3 to 4 kB.
const SIZES: [&str; 6] = ["300", "1k", "10k", "100k", "1m", "10m"];

/// What is measured together at each size, with the bare cryptography that it is compared with beside it.
const OPERATIONS: [&str; 20] = [
    "raw-rsa-sign",
    "sign-rsa",
    "raw-ec-sign",
    "sign-ec",
    "raw-rsa-verify",
    "verify-rsa",
    "verify-rsa-chain",
    "raw-ec-verify",
    "verify-ec",
    "verify-ec-chain",
    "sign-hok-rsa",
    "sign-hok-ec",
    "verify-hok-rsa",
    "verify-hok-ec",
    "raw-sha256",
    "stream-c14n",
    "scan",
    "parse",
    "c14n",
    "parse-c14n",
];

/// The assertion has one size of its own.
const ASSERTION: [&str; 3] = ["raw-rsa-verify", "saml", "raw-sha256"];
/// What the assertion's size is called.
const ASSERTION_SIZE: &str = "1k";

/// Packages have one size of their own, which is that of their attachment.
const PACKAGE: [&str; 3] = ["raw-sha256-pieces", "mtom-sign", "mtom-verify"];
/// What that size is called.
const PACKAGE_SIZE: &str = "100m";

/// Where everything is.
struct Place {
    /// The program that measures.
    bench: PathBuf,
    /// The command.
    ksz: PathBuf,
    /// Keys and messages.
    folder: PathBuf,
}

/// Builds, measures, prints a table, and judges.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let place = build()?;
    process::run(Command::new(&place.bench).arg("prepare").arg(&place.folder).args(SIZES))?;
    let peers = peer::prepare(options, &place)?;
    let mut report = Report::new(options.json.as_deref())?;

    let figures = measure(options, &place, &mut report)?;
    process_cost::measure(options, &place, &mut report)?;
    session::measure(options, &place, &mut report)?;
    attack::measure(options, &place, &mut report)?;
    for peer in &peers {
        peer.measure(options, &place, &mut report)?;
    }
    requirement::judge(options, &figures, &mut report)?;
    report.print();
    Ok(())
}

fn build() -> Result<Place, Error> {
    let packages = ["--package", "ksz-bench", "--package", "ksz-cli"];
    process::run(process::cargo(["build", "--release", "--locked"]).args(packages))?;
    let target = process::target()?;
    let release = target.join("release");
    Ok(Place { bench: release.join("ksz-bench"), ksz: release.join("ksz"), folder: target.join("bench") })
}

/// Our own operations, all of one size in one process.
fn measure(options: &Options, place: &Place, report: &mut Report) -> Result<Figures, Error> {
    let mut figures = Figures::default();
    let mut batches: Vec<(&str, &[&str])> = SIZES.iter().map(|size| (*size, &OPERATIONS[..])).collect();
    batches.push((ASSERTION_SIZE, &ASSERTION));
    batches.push((PACKAGE_SIZE, &PACKAGE));
    for (size, operations) in batches {
        let wanted: Vec<&str> = operations.iter().copied().filter(|name| options.wants(name)).collect();
        // The bare operations say nothing alone.
        if wanted.iter().all(|name| name.starts_with("raw-")) && !options.only.is_empty() {
            continue;
        }
        let needed: Vec<&str> = operations
            .iter()
            .copied()
            .filter(|name| name.starts_with("raw-") || wanted.contains(name))
            .collect();
        let found = ours(place, options.seconds, options.rounds, size, &needed)?;
        let first = figures.len();
        figures.extend(found);
        for figure in figures.after(first) {
            report.figure(figure, &figures)?;
        }
    }
    Ok(figures)
}

/// Measures some of our operations in a process of their own.
fn ours(
    place: &Place,
    seconds: f64,
    rounds: usize,
    size: &str,
    operations: &[&str],
) -> Result<Vec<Figure>, Error> {
    let mut command = Command::new(&place.bench);
    command.arg("measure").arg(&place.folder).args([seconds.to_string(), rounds.to_string()]);
    command.args(operations.iter().map(|name| format!("{name}/{size}")));
    let output = process::stdout(&mut command)?;
    let mut figures = Vec::new();
    for line in output.lines() {
        match Figure::read(line)? {
            Ok(figure) => figures.push(figure),
            Err(why) => println!("FAILED   {why}"),
        }
    }
    Ok(figures)
}

/// The file of a message or envelope of this size, as the operation needs it.
fn input(folder: &Path, operation: &str, size: &str) -> PathBuf {
    let file = match operation {
        "verify-rsa" => format!("signed_rsa_{size}.xml"),
        "verify-ec" => format!("signed_ec_{size}.xml"),
        "saml" => "assertion.xml".into(),
        _ => format!("env_{size}.xml"),
    };
    folder.join(file)
}
