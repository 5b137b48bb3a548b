//! Independent implementations judge what `ksz` signs, and sign what it verifies.
//!
//! A judge that shares code with the defendant passes a common mistake; these share none.

mod assertion;
pub(crate) mod bergshamra;
mod documents;
mod gsoap;
mod keys;
mod ksz;
mod messages;
mod mtom;
mod opensaml;
mod peer;
mod schemas;
mod tokens;
mod wss4j;
mod xmllint;
mod xmlsec1;
mod zeep;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;
use crate::tally::Tally;

/// An independent implementation.
struct Judge {
    name: &'static str,
    /// The commands it needs, and the Debian packages that bring them. One with a space is run to see whether it works.
    needs: &'static [(&'static str, &'static str)],
    run: fn(&Path, &Path, &mut Report) -> Result<(), Error>,
}

const JUDGES: [Judge; 9] = [
    xmlsec1::JUDGE,
    documents::JUDGE,
    xmllint::JUDGE,
    schemas::JUDGE,
    mtom::JUDGE,
    wss4j::JUDGE,
    tokens::JUDGE,
    zeep::JUDGE,
    gsoap::JUDGE,
];

/// What the command line asks for.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Options {
    only: Option<String>,
    allow_skip: bool,
    /// Whether the vectors are judged beside the other Rust library, and nothing else is done.
    bergshamra: bool,
}

impl Options {
    pub(crate) fn parse(words: &[&str]) -> Result<Self, Error> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match (*word, words.as_slice()) {
                ("--allow-skip", _) => options.allow_skip = true,
                ("--bergshamra", _) => options.bergshamra = true,
                ("--only", [name, ..]) if JUDGES.iter().any(|judge| judge.name == *name) => {
                    options.only = Some((*name).into());
                    words.next();
                }
                _ => {
                    let names = JUDGES.map(|judge| judge.name).join(", ");
                    return Err(Error::Usage(format!("interop: {word}: the judges are {names}")));
                }
            }
        }
        Ok(options)
    }
}

/// What the judges found, printed as they go.
#[derive(Debug, Default)]
struct Report {
    judge: &'static str,
    tally: Tally,
}

impl Report {
    /// A failed check is reported and counted; the others still run.
    fn check(&mut self, what: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => {
                self.tally.passed += 1;
                println!("passed   {}: {what}", self.judge);
            }
            Err(why) => {
                self.tally.failed += 1;
                println!("FAILED   {}: {what}\n         {}", self.judge, why.replace('\n', "\n         "));
            }
        }
    }

    /// Tells what a judge cannot judge, and why. It counts as nothing.
    fn note(&self, what: &str) {
        println!("NOTE     {}: {what}", self.judge);
    }

    fn skip(&mut self, why: &str) {
        self.tally.skipped += 1;
        println!("SKIPPED  {}: {why}", self.judge);
    }

    fn close(&self, options: &Options) -> Result<(), Error> {
        println!("{}", self.tally);
        let Tally { failed, skipped, .. } = self.tally;
        if failed > 0 || (skipped > 0 && !options.allow_skip) {
            return Err(Error::Interop { failed, skipped });
        }
        Ok(())
    }
}

/// Asks every judge, or the one that is named.
pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let (ksz, target) = build()?;
    let mut report = Report::default();
    if options.bergshamra {
        bergshamra::run(&ksz, &target, &mut report)?;
        return report.close(options);
    }
    for judge in JUDGES.iter().filter(|judge| options.only.as_deref().is_none_or(|only| only == judge.name)) {
        report.judge = judge.name;
        if let Err(why) = install(judge.needs) {
            report.skip(&why);
            continue;
        }
        let folder = target.join("interop").join(judge.name);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Error::io(folder.display().to_string()))?;
        }
        fs::create_dir_all(&folder).map_err(Error::io(folder.display().to_string()))?;
        (judge.run)(&ksz, &folder, &mut report)?;
    }
    report.close(options)
}

/// Builds the command and answers where it is, and the folder it was built in.
fn build() -> Result<(PathBuf, PathBuf), Error> {
    process::run(&mut process::cargo(["build", "--package", "ksz-cli", "--locked"]))?;
    let target = process::target()?;
    Ok((target.join("debug/ksz"), target))
}

/// Installs the Debian packages of absent commands; why not, if that is impossible.
fn install(needs: &[(&str, &str)]) -> Result<(), String> {
    let absent: Vec<_> =
        needs.iter().filter(|(command, _)| !exists(command)).map(|(_, package)| *package).collect();
    if absent.is_empty() {
        return Ok(());
    }
    let packages = absent.join(" ");
    let root = process::stdout(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root {
        return Err(format!("absent, and only root can install it: apt-get install {packages}"));
    }
    let options = ["install", "--yes", "--no-install-recommends"];
    let mut install = Command::new("apt-get");
    install.args(options).args(&absent).env("DEBIAN_FRONTEND", "noninteractive");
    process::run(Command::new("apt-get").args(["-qq", "update"]))
        .and_then(|()| process::run(&mut install))
        .map_err(|error| format!("{packages}: {error}"))
}

fn exists(command: &str) -> bool {
    let probe = if command.contains(' ') { command.into() } else { format!("command -v {command}") };
    process::succeeds(Command::new("sh").args(["-c", &probe]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_a_closed_list() {
        let only = Options { only: Some("xmlsec1".into()), allow_skip: true, bergshamra: false };

        assert_eq!(Options::parse(&["--only", "xmlsec1", "--allow-skip"]).unwrap(), only);
        assert_eq!(Options::parse(&[]).unwrap(), Options::default());
        assert!(matches!(Options::parse(&["--only", "nobody"]), Err(Error::Usage(_))));
        assert!(matches!(Options::parse(&["--only"]), Err(Error::Usage(_))));
        assert!(matches!(Options::parse(&["--fast"]), Err(Error::Usage(_))));
    }

    #[test]
    fn a_failed_check_is_counted_and_the_others_still_run() {
        let mut report = Report::default();

        report.check("a", Ok(()));
        report.check("b", Err("why".into()));
        report.skip("c");

        assert_eq!(report.tally, Tally { passed: 1, failed: 1, skipped: 1 });
    }
}
