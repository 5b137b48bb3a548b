//! The implementations of others, on the same files.
//!
//! Each is a program that takes `OPERATION FILE KEYS SECONDS ROUNDS` and prints in one line, parted by tabs: runs per
//! CPU second, runs per second, octets, peak memory in kB. Those of other languages lie beside the checkout; without
//! them, or without what they need, a peer is skipped with a line that says so.

mod install;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::figure::{Ratio, best, median};
use super::report::{Comparison, Report};
use super::{Options, Place, input, ours};
use crate::error::Error;
use crate::process;

/// The clock seconds after which a peer is given up on one operation.
const LIMIT: &str = "300";
/// How often ours and a peer take turns, if the peer starts quickly.
const TURNS: usize = 8;
/// How many rounds one that is warm makes in its only turn: its own program takes their median.
const WARM_ROUNDS: usize = 5;
/// The CPU seconds that a Java machine needs before it is as fast as it gets.
const WARM_UP: f64 = 30.0;

const ALL_SIZES: &[&str] = &["300", "1k", "100k", "10m"];
const THREE_SIZES: &[&str] = &["1k", "100k", "10m"];
const ONE_SIZE: &[&str] = &["1k"];

/// Another implementation.
struct Kind {
    name: &'static str,
    language: Language,
    sizes: &'static [&'static str],
    /// Our operation, and those of the peer whose times together are the same work.
    operations: &'static [(&'static str, &'static [&'static str])],
}

/// What a peer is written in, which says how it is built and started.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Language {
    C,
    Rust,
    Java,
    Python,
    Node,
}

const SIGN_RSA: (&str, &[&str]) = ("sign-rsa", &["sign-rsa"]);
const SIGN_EC: (&str, &[&str]) = ("sign-ec", &["sign-ec"]);
const VERIFY_RSA: (&str, &[&str]) = ("verify-rsa", &["verify-rsa"]);
const VERIFY_EC: (&str, &[&str]) = ("verify-ec", &["verify-ec"]);
const SAML: (&str, &[&str]) = ("saml", &["saml"]);
const PARSE: (&str, &[&str]) = ("parse", &["parse"]);
const C14N: (&str, &[&str]) = ("c14n", &["c14n"]);
const PARSE_C14N: (&str, &[&str]) = ("parse-c14n", &["parse", "c14n"]);

const KINDS: [Kind; 9] = [
    Kind {
        name: "xmlsec",
        language: Language::C,
        sizes: ALL_SIZES,
        operations: &[SIGN_RSA, SIGN_EC, VERIFY_RSA, VERIFY_EC, SAML, PARSE, C14N, PARSE_C14N],
    },
    Kind {
        name: "bergshamra",
        language: Language::Rust,
        sizes: ALL_SIZES,
        operations: &[SIGN_RSA, SIGN_EC, VERIFY_RSA, VERIFY_EC, SAML, PARSE, C14N, PARSE_C14N],
    },
    Kind {
        name: "wss4j",
        language: Language::Java,
        sizes: THREE_SIZES,
        operations: &[SIGN_RSA, SIGN_EC, VERIFY_RSA, VERIFY_EC, SAML, C14N],
    },
    Kind {
        name: "stax",
        language: Language::Java,
        sizes: THREE_SIZES,
        operations: &[SIGN_RSA, SIGN_EC, VERIFY_RSA, VERIFY_EC],
    },
    Kind {
        name: "pyxmlsec",
        language: Language::Python,
        sizes: THREE_SIZES,
        operations: &[SIGN_RSA, SIGN_EC, VERIFY_RSA, VERIFY_EC, SAML, C14N],
    },
    Kind {
        name: "zeep",
        language: Language::Python,
        sizes: ONE_SIZE,
        operations: &[SIGN_RSA, SIGN_EC, VERIFY_RSA, VERIFY_EC],
    },
    Kind {
        name: "signxml",
        language: Language::Python,
        sizes: ONE_SIZE,
        operations: &[SIGN_RSA, SIGN_EC, VERIFY_RSA, VERIFY_EC, SAML],
    },
    Kind {
        name: "xml-crypto",
        language: Language::Node,
        sizes: ONE_SIZE,
        operations: &[SIGN_RSA, SIGN_EC, VERIFY_RSA, VERIFY_EC, SAML, C14N],
    },
    Kind { name: "node-soap", language: Language::Node, sizes: ONE_SIZE, operations: &[SIGN_RSA] },
];

/// The names of all peers.
pub(super) fn names() -> [&'static str; KINDS.len()] {
    KINDS.each_ref().map(|kind| kind.name)
}

/// Whether a peer is measured on this.
#[cfg(test)]
pub(super) fn measures(peer: &str, operation: &str, size: &str) -> bool {
    KINDS.iter().any(|kind| kind.name == peer && kind.work().contains(&(operation, size)))
}

impl Kind {
    /// Operations and sizes. Where the key's work disappears beside the message's, one kind of key tells enough.
    fn work(&self) -> Vec<(&'static str, &'static str)> {
        let mut work = Vec::new();
        for (operation, _) in self.operations {
            let measured_on = |size: &&&str| match *operation {
                "saml" => **size == super::ASSERTION_SIZE,
                "sign-ec" | "verify-ec" => ["300", "1k"].contains(size),
                _ => true,
            };
            work.extend(self.sizes.iter().filter(measured_on).map(|size| (*operation, *size)));
        }
        work
    }
}

/// A peer that can be run.
pub(super) struct Peer {
    kind: &'static Kind,
    /// The program and the words that stand before the operation.
    program: Vec<PathBuf>,
    environment: Option<(&'static str, PathBuf)>,
}

/// Builds what is asked for and can be built, and lets xmlsec sign the messages that all verify: they must live for a
/// day, longer than a service would accept and than we sign.
pub(super) fn prepare(options: &Options, place: &Place) -> Result<Vec<Peer>, Error> {
    let wanted: Vec<&'static Kind> = KINDS.iter().filter(|kind| options.wants_peer(kind.name)).collect();
    let Some(_) = wanted.first() else { return Ok(Vec::new()) };
    let workshop = install::Workshop::new(&place.folder);
    if options.install {
        workshop.install();
    }
    let signer = workshop.build(Language::C);
    match &signer {
        Ok(program) => emit(program, place)?,
        Err(why) => println!("SKIPPED  what peers verify, because xmlsec cannot sign it: {why}"),
    }
    let mut peers = Vec::new();
    for kind in wanted {
        match workshop.build(kind.language) {
            Ok(mut program) => {
                let shares_program =
                    matches!(kind.language, Language::Java | Language::Python | Language::Node);
                program.extend(shares_program.then(|| kind.name.into()));
                let environment =
                    (kind.language == Language::Node).then(|| ("PEER_MODULES", workshop.node()));
                peers.push(Peer { kind, program, environment });
            }
            Err(why) => println!("SKIPPED  {}: {why}", kind.name),
        }
    }
    Ok(peers)
}

fn emit(program: &[PathBuf], place: &Place) -> Result<(), Error> {
    for size in ALL_SIZES {
        for key in ["rsa", "ec"] {
            let mut command = command(program);
            command.arg(format!("emit-{key}")).arg(input(&place.folder, "sign-rsa", size)).arg(&place.folder);
            command.arg(input(&place.folder, &format!("verify-{key}"), size));
            process::stdout(&mut command)?;
        }
    }
    Ok(())
}

impl Peer {
    /// Measures everything that this peer does, ours before or after it in turn.
    pub(super) fn measure(&self, options: &Options, place: &Place, report: &mut Report) -> Result<(), Error> {
        for (operation, theirs) in self.kind.operations.iter().filter(|(ours, _)| options.wants(ours)) {
            let sizes = self.kind.work().into_iter().filter(|(name, _)| name == operation);
            for (_, size) in sizes {
                match self.compare(options, place, operation, theirs, size) {
                    Ok(comparison) => report.comparison(comparison)?,
                    Err(error) => println!("FAILED   {}: {operation}/{size}: {error}", self.kind.name),
                }
            }
        }
        Ok(())
    }

    fn compare(
        &self,
        options: &Options,
        place: &Place,
        operation: &'static str,
        theirs: &[&str],
        size: &'static str,
    ) -> Result<Comparison, Error> {
        let warm = matches!(self.kind.language, Language::Java | Language::Node);
        let (turns, rounds) =
            if warm { (1, options.rounds.min(WARM_ROUNDS)) } else { (options.rounds.min(TURNS), 1) };
        // The median of our rounds, as a peer's program takes it of its own.
        let own_rate = || {
            let figures = ours(place, options.seconds, rounds, size, &[operation])?;
            let failed =
                || Error::Unreadable { what: "ksz-bench".into(), detail: "ours was not measured".into() };
            figures.first().map(super::Figure::median_rate).ok_or_else(failed)
        };
        let (mut own, mut parts, mut times) = (Vec::new(), vec![Vec::new(); theirs.len()], Vec::new());
        let mut peak = 0.0_f64;
        for _ in 0..turns {
            let before = own_rate()?;
            let mut seconds = 0.0;
            for (operation, rates) in theirs.iter().zip(&mut parts) {
                let (rate, kilobytes) = self.run(options, place, operation, size, rounds)?;
                seconds += 1.0 / rate;
                rates.push(rate);
                peak = peak.max(kilobytes);
            }
            let after = own_rate()?;
            times.push(f64::midpoint(before, after) * seconds);
            // As many as theirs: the fastest of more would be faster.
            own.push(before);
        }
        let rate = 1.0 / parts.iter().map(|rates| 1.0 / best(rates)).sum::<f64>();
        Ok(Comparison {
            peer: self.kind.name,
            operation,
            size,
            per_cpu_second: rate,
            times: Ratio { best: best(&own) / rate, median: median(&times) },
            peak_kilobytes: peak,
        })
    }

    /// Runs per CPU second and peak memory of one of its operations.
    fn run(
        &self,
        options: &Options,
        place: &Place,
        operation: &str,
        size: &str,
        rounds: usize,
    ) -> Result<(f64, f64), Error> {
        let mut words = vec![LIMIT.into()];
        words.extend(self.program.iter().cloned());
        let mut command = Command::new("timeout");
        command.args(words).arg(operation).arg(input(&place.folder, operation, size)).arg(&place.folder);
        // The clock of a Java machine goes in steps of ten milliseconds.
        let seconds =
            if self.kind.language == Language::Java { options.seconds.max(0.5) } else { options.seconds };
        command.args([seconds.to_string(), rounds.to_string()]);
        match self.kind.language {
            Language::Java => drop(command.arg(WARM_UP.to_string())),
            Language::Node => drop(command.arg((WARM_UP / 4.0).to_string())),
            Language::C | Language::Rust | Language::Python => {}
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let line = process::stdout(&mut command)?;
        let columns: Vec<f64> = line.split('\t').filter_map(|column| column.trim().parse().ok()).collect();
        match columns.as_slice() {
            &[rate, _, _, peak] if rate > 0.0 => Ok((rate, peak)),
            _ => Err(Error::Unreadable { what: self.kind.name.into(), detail: line }),
        }
    }
}

fn command(program: &[PathBuf]) -> Command {
    let mut command = Command::new(program.first().map_or(Path::new("false"), PathBuf::as_path));
    command.args(program.iter().skip(1));
    command
}
