use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

use crate::error::Error;
use crate::process;
use crate::tally::Tally;

/// A test that cannot run says so in one line on standard error that begins with this, and returns.
///
/// It writes with `writeln!(std::io::stderr(), …)`: the harness captures what `eprintln!` prints.
const SKIPPED: &str = "skipped:";

/// Runs every test and doc test of the workspace and sums them up.
pub(crate) fn run() -> Result<Tally, Error> {
    let missing = missing_shared();
    if let Some(notice) = &missing {
        println!("{notice}");
    }
    let tally = counted(process::cargo(["test", "--workspace", "--locked", "--no-fail-fast"]));
    if let Some(notice) = &missing {
        println!("{notice}");
    }
    tally
}

/// Runs a `cargo test`, whose output passes through, and sums its tests up.
pub(crate) fn counted(mut command: Command) -> Result<Tally, Error> {
    println!("$ {}", process::line(&command));
    let io = || Error::io(process::line(&process::cargo(["test"])));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(io())?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (results, complaints) = thread::scope(|scope| {
        let complaints = scope.spawn(|| count(stderr, io::stderr()));
        (count(stdout, io::stdout()), complaints.join())
    });
    let status = child.wait().map_err(io())?;
    let complaints = complaints.unwrap_or_else(|_| Err(io::Error::other("its output could not be read")));
    let tally = sum(results.map_err(io())?, complaints.map_err(io())?);
    println!("{tally}");
    if status.success() {
        Ok(tally)
    } else {
        Err(Error::Command { line: process::line(&command), ended: status.to_string() })
    }
}

/// What is announced if the folder with reference messages and vectors, beside the checkout, is absent.
fn missing_shared() -> Option<String> {
    let folder = process::shared();
    (!folder.is_dir()).then(|| {
        format!("NOTICE: no {} (KSZ_SHARED): the tests that need it skip themselves", folder.display())
    })
}

/// Passes lines on and counts those that report results.
fn count(from: Option<impl Read>, mut to: impl Write) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let Some(from) = from else { return Ok(tally) };
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        add_line(&mut tally, &String::from_utf8_lossy(&line));
        line.clear();
    }
    to.flush()?;
    Ok(tally)
}

/// Adds `test result: ok. 3 passed; 0 failed; 1 ignored; …` and announced skips.
fn add_line(tally: &mut Tally, line: &str) {
    if line.starts_with(SKIPPED) {
        tally.skipped += 1;
    }
    let Some(result) = line.strip_prefix("test result: ") else { return };
    let counts = result.split_once(". ").map_or("", |(_, counts)| counts);
    for part in counts.split(';') {
        match part.trim().split_once(' ').map(|(count, what)| (count.parse::<usize>(), what)) {
            Some((Ok(count), "passed")) => tally.passed += count,
            Some((Ok(count), "failed")) => tally.failed += count,
            Some((Ok(count), "ignored")) => tally.skipped += count,
            _ => {}
        }
    }
}

/// A test that announced its skip returned, so the harness counted it as passed.
fn sum(results: Tally, complaints: Tally) -> Tally {
    Tally {
        passed: results.passed.saturating_sub(complaints.skipped),
        failed: results.failed,
        skipped: results.skipped + complaints.skipped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_suites_add_up() {
        let output = "running 2 tests\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 3 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.2s\n";

        let tally = count(Some(output.as_bytes()), io::sink()).unwrap();

        assert_eq!(tally, Tally { passed: 5, failed: 4, skipped: 1 });
    }

    #[test]
    fn a_test_that_skipped_itself_is_not_counted_as_passed() {
        let results = Tally { passed: 5, failed: 0, skipped: 0 };
        let complaints = count(Some("   Compiling a\nskipped: no vectors\n".as_bytes()), io::sink()).unwrap();

        assert_eq!(sum(results, complaints), Tally { passed: 4, failed: 0, skipped: 1 });
    }
}
