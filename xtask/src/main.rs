//! The checks of the `ksz` workspace: `cargo xtask <command>`.

mod bench;
mod check;
mod error;
mod fuzz;
mod interop;
mod process;
mod tally;
mod test;
mod tidy;

use std::env;
use std::process::ExitCode;

use crate::error::Error;

const USAGE: &str = "\
The checks of the ksz workspace.

Usage: cargo xtask <command>

Commands:
  check      the whole gate: format, tidy, clippy, tests, documentation, features off
  test       every test and doc test, and one line that sums them up
  tidy       arrows between crates, cores without IO, style, links
  interop    independent implementations judge what ksz signs and verifies
             [--only NAME]   one judge instead of all
             [--allow-skip]  a judge that cannot be installed is no failure
             [--bergshamra]  only the vectors, beside the verdicts of that library
  bench      how fast it is, against what is required
             [--only NAME…]   some operations or peers instead of all
             [--seconds N] [--rounds N]  how long
             [--json FILE]    where the JSON lines go instead of standard output
             [--peers]        the implementations of others beside ours
             [--install]      what they need is installed first, as root on Debian
  fuzz       every parser against what an adversary can send, some time each
             [--seconds N]    how long each, 60 if it is not said
             [--only NAME…]   some targets instead of all
             [--install]      what the comparison with libxml2 needs, as root on Debian
             [--replay FILE]  one input, with the target that is named
  help       this text

Exit codes: 0 done, 1 a check failed, 2 misuse.";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            if matches!(error, Error::Usage(_)) { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Error> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["help" | "-h" | "--help"] | [_, "-h" | "--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        ["check"] => check::run(),
        ["test"] => test::run().map(drop),
        ["tidy"] => tidy::run(),
        ["bench", options @ ..] => bench::run(&bench::Options::parse(options)?),
        ["fuzz", options @ ..] => fuzz::run(&fuzz::Options::parse(options)?),
        ["interop", options @ ..] => interop::run(&interop::Options::parse(options)?),
        [] => Err(Error::Usage(format!("no command\n\n{USAGE}"))),
        other => Err(Error::Usage(format!("unknown command: {}\n\n{USAGE}", other.join(" ")))),
    }
}
