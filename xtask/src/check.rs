use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::tally::Tally;
use crate::{process, test, tidy};

/// One step of the gate: a command that can also be typed alone.
struct Step {
    name: String,
    cargo: Vec<String>,
    rustdocflags: Option<&'static str>,
}

/// Runs the whole gate and stops at the first step that fails.
pub(crate) fn run() -> Result<(), Error> {
    let mut times = Vec::new();
    let mut tally = Tally::default();
    for step in steps()? {
        println!("\n== {}", step.name);
        let start = Instant::now();
        let outcome = step.run(&mut tally);
        times.push((step.name.clone(), start.elapsed()));
        if let Err(source) = outcome {
            print_times(&times);
            let repeat = process::line(&step.command());
            return Err(Error::Step { name: step.name, repeat, source: Box::new(source) });
        }
    }
    print_times(&times);
    println!("{tally}");
    Ok(())
}

fn steps() -> Result<Vec<Step>, Error> {
    let has_xmlsec = process::succeeds(Command::new("pkg-config").args(["--exists", "xmlsec1-openssl"]));
    let features = if has_xmlsec { "--all-features".into() } else { features_without_xmlsec()? };
    let mut steps = vec![
        Step::new("format", "fmt --all --check"),
        Step::new("format: fuzz", "fmt --manifest-path fuzz/Cargo.toml --check"),
        Step::new("format: peers", "fmt --manifest-path tests/peers/Cargo.toml --check"),
        // A dependency of a core is one of the fuzz targets too, and their lock file does not follow by itself.
        Step::new("lock file: fuzz", "tree --locked --depth 0 --manifest-path fuzz/Cargo.toml"),
        Step::new("tidy", "xtask tidy"),
        Step::new("clippy", &format!("clippy --workspace --all-targets {features} --locked -- -D warnings")),
        Step::new("tests and doc tests", "xtask test"),
        Step {
            rustdocflags: Some("-D warnings"),
            ..Step::new("documentation", "doc --workspace --no-deps --locked")
        },
    ];
    for name in crates()? {
        let line = format!("check --package {name} --no-default-features --locked");
        steps.push(Step::new(&format!("features off: {name}"), &line));
    }
    let alone = "test --package ksz-pki --no-default-features --features rustcrypto,x509 --locked";
    steps.push(Step::new("RustCrypto alone", alone));
    if has_xmlsec {
        let suites = "test --package ksz-xmldsig --package ksz-tests --features xmlsec --test second_opinion";
        steps.push(Step::new("second opinion", &format!("{suites} --locked")));
    } else {
        println!("SKIPPED: the second opinion, and clippy on it: pkg-config finds no xmlsec1-openssl");
    }
    if process::succeeds(&mut process::cargo(["deny", "--version"])) {
        // Advisories need a network; a nightly run asks for them.
        steps.push(Step::new("licences and sources", "deny --offline check bans licenses sources"));
    } else {
        println!("SKIPPED: licences and sources: cargo-deny is not installed");
    }
    Ok(steps)
}

/// All features of the workspace but `xmlsec`, which does not compile without the headers of libxmlsec1.
fn features_without_xmlsec() -> Result<String, Error> {
    let mut features = Vec::new();
    for package in process::metadata()?["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let own = package["features"].as_object().into_iter().flat_map(|features| features.keys());
        features.extend(own.filter(|own| *own != "xmlsec").map(|own| format!("{name}/{own}")));
    }
    Ok(format!("--features {}", features.join(",")))
}

/// The names of the crates in `crates/`, which are also their folders.
fn crates() -> Result<Vec<String>, Error> {
    let entries = fs::read_dir(process::root().join("crates")).map_err(Error::io("crates"))?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

impl Step {
    fn new(name: &str, line: &str) -> Self {
        Self { name: name.into(), cargo: line.split(' ').map(Into::into).collect(), rustdocflags: None }
    }

    fn command(&self) -> Command {
        let mut command = process::cargo(&self.cargo);
        command.envs(self.rustdocflags.map(|flags| ("RUSTDOCFLAGS", flags)));
        command
    }

    fn run(&self, tally: &mut Tally) -> Result<(), Error> {
        match self.cargo.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["xtask", "tidy"] => tidy::run(),
            ["xtask", "test"] => test::run().map(|counted| *tally = counted),
            ["test", ..] => test::counted(self.command()).map(|counted| *tally += counted),
            _ => process::run(&mut self.command()),
        }
    }
}

fn print_times(times: &[(String, Duration)]) {
    println!("\n{:<32} seconds", "step");
    for (name, time) in times {
        println!("{name:<32} {:>7.1}", time.as_secs_f64());
    }
    println!("{:<32} {:>7.1}", "together", times.iter().map(|(_, time)| time.as_secs_f64()).sum::<f64>());
}
