//! Fuzzing: what an adversary can send, tried with every parser.
//!
//! The targets are in `fuzz/`, a workspace of its own. They are built here as `cargo-fuzz` builds them, with the address
//! sanitizer and coverage of the stable compiler, so that no other tool and no other compiler is needed. What is found
//! interesting is kept in the folder that cargo builds in; the seeds of the repository are only read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;
use crate::tally::Tally;

/// The targets, each with the dictionary that helps it.
const TARGETS: [(&str, Option<&str>); 12] = [
    ("document", Some("xml")),
    ("canonicalize", Some("xml")),
    ("verify", Some("xml")),
    ("timestamp", Some("xml")),
    ("diagnose", Some("xml")),
    ("signature", Some("xml")),
    ("keys", Some("keys")),
    ("key-store", Some("keys")),
    ("base64", None),
    ("answers", Some("xml")),
    ("tokens", Some("tokens")),
    ("mime", Some("mime")),
];

/// What libFuzzer needs of the compiler: counters and comparisons of every branch, and errors of memory in the parts
/// that are not written in Rust.
const RUSTFLAGS: [&str; 7] = [
    "-Zsanitizer=address",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];

/// The sanitizer must not reach the programs that run during the build, so the platform is named.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// What the second opinion on canonical XML needs, as Debian calls it.
const LIBXML2: [(&str, &str); 2] = [
    ("pkg-config --exists libxml-2.0", "libxml2-dev"),
    ("ls /usr/lib/llvm-*/lib/libclang.so", "libclang-dev"),
];

/// What the command line asks for.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Options {
    seconds: u32,
    /// Targets; all if there are none.
    only: Vec<String>,
    /// Installs what is needed for the second opinion.
    install: bool,
    /// Runs one input and nothing else.
    replay: Option<PathBuf>,
}

impl Options {
    pub(crate) fn parse(words: &[&str]) -> Result<Self, Error> {
        let mut options = Self { seconds: 60, only: Vec::new(), install: false, replay: None };
        let mut words = words.iter().copied().peekable();
        while let Some(word) = words.next() {
            match word {
                "--install" => options.install = true,
                "--seconds" => {
                    let seconds = words.next().and_then(|word| word.parse().ok());
                    options.seconds = seconds.ok_or_else(|| usage("--seconds: a number is missing"))?;
                }
                "--only" => {
                    while let Some(name) = words.next_if(|word| !word.starts_with("--")) {
                        options.only.push(name.into());
                    }
                }
                "--replay" => {
                    let file = words.next().ok_or_else(|| usage("--replay: a file is missing"))?;
                    options.replay = Some(file.into());
                }
                other => return Err(usage(&format!("{other}: unknown"))),
            }
        }
        let known = |name: &String| TARGETS.iter().any(|(target, _)| target == name);
        if let Some(unknown) = options.only.iter().find(|name| !known(name)) {
            let names = TARGETS.map(|(name, _)| name).join(", ");
            return Err(usage(&format!("{unknown}: the targets are {names}")));
        }
        if options.replay.is_some() && options.only.len() != 1 {
            return Err(usage("--replay: needs one target, by --only"));
        }
        Ok(options)
    }

    fn wants(&self, target: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == target)
    }
}

fn usage(detail: &str) -> Error {
    Error::Usage(format!("fuzz: {detail}"))
}

/// Builds the targets and runs each for the time that is asked for. A fault ends its target, not the others.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let target = process::target()?.join("fuzz");
    let mut tally = Tally::default();
    let second_opinion = second_opinion(options);
    if let Err(absent) = &second_opinion {
        println!("SKIPPED  libxml2 as a second opinion on canonical XML: no {absent} (--install)");
        tally.skipped += 1;
    }
    build(&target, second_opinion.is_ok())?;
    for (name, dictionary) in TARGETS.iter().filter(|(name, _)| options.wants(name)) {
        let place = Place::new(&target, name)?;
        let output = process::output(&mut place.command(options, *dictionary))?;
        let told = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            println!("passed   {name}: {}", figures(&told));
            tally.passed += 1;
        } else {
            println!(
                "FAILED   {name}: {}\n{told}\n         the input is in {}",
                output.status,
                place.faults.display()
            );
            tally.failed += 1;
        }
    }
    println!("{tally}");
    if tally.failed == 0 { Ok(()) } else { Err(Error::Fuzz(tally.failed)) }
}

/// Whether libxml2 can be asked; else what is absent, as a package.
fn second_opinion(options: &Options) -> Result<(), String> {
    let absent = || {
        let shell = |command: &str| process::succeeds(Command::new("sh").args(["-c", command]));
        LIBXML2
            .iter()
            .filter(move |(command, _)| !shell(command))
            .map(|(_, package)| *package)
            .collect::<Vec<_>>()
    };
    if options.install && !absent().is_empty() {
        let mut install = Command::new("apt-get");
        install.args(["install", "--yes", "--no-install-recommends"]).args(absent());
        let installed = process::run(Command::new("apt-get").args(["-qq", "update"]))
            .and_then(|()| process::run(install.env("DEBIAN_FRONTEND", "noninteractive")));
        if let Err(error) = installed {
            println!("FAILED   {error}");
        }
    }
    let absent = absent();
    if absent.is_empty() { Ok(()) } else { Err(absent.join(", ")) }
}

/// Builds the targets, and runs the tests of what they share.
fn build(target: &Path, with_libxml2: bool) -> Result<(), Error> {
    let targets = TARGETS.iter().flat_map(|(name, _)| ["--bin", *name]).collect();
    for (command, what) in [("build", targets), ("test", vec!["--lib"])] {
        let mut cargo = process::cargo([command, "--release", "--locked", "--target", PLATFORM]);
        cargo.arg("--target-dir").arg(target).args(what).current_dir(process::root().join("fuzz"));
        if with_libxml2 {
            cargo.args(["--features", "libxml2"]);
        }
        // The sanitizer is not stable, but the compiler that has it is the one that builds everything else.
        cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", RUSTFLAGS.join(" "));
        process::run(&mut cargo)?;
    }
    Ok(())
}

/// Where a target is and what it reads and writes.
struct Place {
    program: PathBuf,
    /// What was found interesting, here.
    corpus: PathBuf,
    /// The seeds of the repository.
    seeds: PathBuf,
    faults: PathBuf,
}

impl Place {
    fn new(target: &Path, name: &str) -> Result<Self, Error> {
        let place = Self {
            program: target.join(PLATFORM).join("release").join(name),
            corpus: target.join("corpus").join(name),
            seeds: process::root().join("fuzz/corpus").join(name),
            faults: target.join("faults").join(name),
        };
        for folder in [&place.corpus, &place.faults] {
            fs::create_dir_all(folder).map_err(Error::io(folder.display().to_string()))?;
        }
        Ok(place)
    }

    fn command(&self, options: &Options, dictionary: Option<&str>) -> Command {
        let mut command = Command::new(&self.program);
        command.env("RUST_BACKTRACE", "0");
        if let Some(input) = &options.replay {
            command.arg(input);
            return command;
        }
        command.arg(format!("-max_total_time={}", options.seconds));
        command.args(["-max_len=8192", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
        command.args(["-print_funcs=0", "-verbosity=0"]);
        command.arg(format!("-artifact_prefix={}/", self.faults.display()));
        if let Some(dictionary) = dictionary {
            let file = process::root().join("fuzz/dictionaries").join(dictionary);
            command.arg(format!("-dict={}", file.display()));
        }
        command.arg(&self.corpus).arg(&self.seeds);
        command
    }
}

/// What libFuzzer says of a run in the end.
fn figures(told: &str) -> String {
    let figure = |name: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
        line.map_or("some", |rest| rest.trim_start_matches(':').trim()).to_owned()
    };
    format!("{} inputs, {} of them new", figure("number_of_executed_units"), figure("new_units_added"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_a_closed_list() {
        let options = Options::parse(&["--seconds", "5", "--only", "keys", "--replay", "file"]).unwrap();

        assert_eq!((options.seconds, options.replay), (5, Some("file".into())));
        assert_eq!(options.only, ["keys"]);
        for bad in [&["--seconds"][..], &["--only", "nothing"], &["--replay", "file"], &["--fast"]] {
            assert!(matches!(Options::parse(bad), Err(Error::Usage(_))), "{bad:?}");
        }
    }

    #[test]
    fn each_target_has_its_file_and_its_seeds() {
        for (name, dictionary) in TARGETS {
            let fuzz = process::root().join("fuzz");
            assert!(fuzz.join(format!("targets/{}.rs", name.replace('-', "_"))).is_file(), "{name}");
            assert!(fs::read_dir(fuzz.join("corpus").join(name)).unwrap().count() > 0, "{name}");
            assert!(dictionary.is_none_or(|file| fuzz.join("dictionaries").join(file).is_file()), "{name}");
        }
    }
}
