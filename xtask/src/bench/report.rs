use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::figure::{Figure, Figures, Ratio};
use crate::error::Error;

/// Everything that was found: a JSON line each as soon as it is known, and a table in the end.
pub(super) struct Report {
    json: Option<File>,
    rows: Vec<[String; 7]>,
    peers: Vec<Comparison>,
    measures: Vec<Measure>,
    verdicts: Vec<Verdict>,
}

/// What a peer needs for the same work.
pub(super) struct Comparison {
    pub(super) peer: &'static str,
    pub(super) operation: &'static str,
    pub(super) size: &'static str,
    pub(super) per_cpu_second: f64,
    /// How many times as fast ours is.
    pub(super) times: Ratio,
    pub(super) peak_kilobytes: f64,
}

/// A quantity that must stay small.
pub(super) struct Measure {
    pub(super) name: String,
    pub(super) found: f64,
    pub(super) at_most: f64,
    pub(super) unit: &'static str,
}

/// A ratio that must be large.
pub(super) struct Verdict {
    pub(super) subject: String,
    pub(super) against: String,
    pub(super) at_least: f64,
    /// None if it could not be measured.
    pub(super) found: Option<Ratio>,
}

impl Measure {
    fn met(&self) -> bool {
        self.found <= self.at_most
    }
}

impl Verdict {
    fn met(&self) -> bool {
        self.found.is_some_and(|found| found.best >= self.at_least)
    }
}

impl Report {
    pub(super) fn new(json: Option<&Path>) -> Result<Self, Error> {
        let json = json.map(|path| File::create(path).map_err(Error::io(path.display().to_string())));
        let json = json.transpose()?;
        Ok(Self { json, rows: Vec::new(), peers: Vec::new(), measures: Vec::new(), verdicts: Vec::new() })
    }

    /// A figure of ours; what was measured before it says how near the limit it is.
    pub(super) fn figure(&mut self, figure: &Figure, before: &Figures) -> Result<(), Error> {
        let of_limit = of_limit(figure, before);
        self.line(&json!({
            "tool": "ksz",
            "operation": figure.operation,
            "size": figure.size,
            "octets": figure.octets,
            "per_cpu_second": figure.rate(),
            "median_per_cpu_second": figure.median_rate(),
            "median_per_second": super::figure::median(&figure.per_second),
            "megabytes_per_second": figure.megabytes_per_second(),
            "nanoseconds_per_octet": figure.nanoseconds_per_octet(),
            "of_limit": of_limit,
        }))?;
        self.rows.push([
            figure.operation.clone(),
            figure.size.clone(),
            format!("{:.0}", figure.octets),
            significant(figure.rate()),
            significant(figure.megabytes_per_second()),
            significant(figure.nanoseconds_per_octet()),
            of_limit.map_or_else(String::new, |of_limit| format!("{of_limit:.2}")),
        ]);
        Ok(())
    }

    pub(super) fn comparison(&mut self, comparison: Comparison) -> Result<(), Error> {
        self.line(&json!({
            "tool": comparison.peer,
            "operation": comparison.operation,
            "size": comparison.size,
            "per_cpu_second": comparison.per_cpu_second,
            "peak_kb": comparison.peak_kilobytes,
            "ksz_is_times_as_fast": comparison.times.best,
            "median": comparison.times.median,
        }))?;
        self.peers.push(comparison);
        Ok(())
    }

    pub(super) fn measure(&mut self, measure: Measure) -> Result<(), Error> {
        let Measure { name, found, at_most, unit } = &measure;
        self.line(&json!({
            "measure": name, "found": found, "at_most": at_most, "unit": unit, "met": measure.met(),
        }))?;
        self.measures.push(measure);
        Ok(())
    }

    pub(super) fn verdict(&mut self, verdict: Verdict) -> Result<(), Error> {
        let Verdict { subject, against, at_least, found } = &verdict;
        self.line(&json!({
            "requirement": subject, "against": against, "at_least": at_least,
            "found": found.map(|found| found.best), "median": found.map(|found| found.median),
            "met": verdict.met(),
        }))?;
        self.verdicts.push(verdict);
        Ok(())
    }

    /// How many times as fast as a peer we were.
    pub(super) fn times(&self, peer: &str, operation: &str, size: &str) -> Option<Ratio> {
        let same =
            |found: &&Comparison| found.peer == peer && found.operation == operation && found.size == size;
        self.peers.iter().find(same).map(|comparison| comparison.times)
    }

    fn line(&mut self, value: &Value) -> Result<(), Error> {
        match &mut self.json {
            Some(file) => writeln!(file, "{value}").map_err(Error::io("the JSON lines")),
            None => {
                println!("{value}");
                Ok(())
            }
        }
    }

    pub(super) fn print(&self) {
        if !self.rows.is_empty() {
            println!(
                "\n{:<17} {:>5} {:>9} {:>14} {:>8} {:>9} {:>8}",
                "operation", "body", "octets", "per CPU second", "MB/s", "ns/octet", "of limit"
            );
        }
        for [operation, size, octets, rate, megabytes, nanoseconds, of_limit] in &self.rows {
            println!(
                "{operation:<17} {size:>5} {octets:>9} {rate:>14} {megabytes:>8} {nanoseconds:>9} {of_limit:>8}"
            );
        }
        if !self.peers.is_empty() {
            println!(
                "\n{:<11} {:<11} {:>5} {:>14} {:>8} {:>12} {:>8}",
                "peer", "operation", "body", "per CPU second", "peak MB", "ksz is times", "median"
            );
        }
        for found in &self.peers {
            let (peer, operation, size) = (found.peer, found.operation, found.size);
            let (rate, peak) = (significant(found.per_cpu_second), found.peak_kilobytes / 1024.0);
            let Ratio { best, median } = found.times;
            println!(
                "{peer:<11} {operation:<11} {size:>5} {rate:>14} {peak:>8.0} {best:>12.2} {median:>8.2}"
            );
        }
        println!("\n{:<52} {:>10} {:>10} {:>10}", "required", "bound", "found", "median");
        for measure in &self.measures {
            let name = format!("{} [{}]", measure.name, measure.unit);
            let bound = format!("<= {}", measure.at_most);
            let found = significant(measure.found);
            println!("{name:<52} {bound:>10} {found:>10} {:>10} {}", "", verdict(measure.met()));
        }
        for ratio in &self.verdicts {
            let name = format!("{} against {}", ratio.subject, ratio.against);
            let bound = format!(">= {}", significant(ratio.at_least));
            let shown =
                |of: fn(Ratio) -> f64| ratio.found.map_or_else(|| "-".into(), |found| significant(of(found)));
            let (found, median) = (shown(|found| found.best), shown(|found| found.median));
            println!("{name:<52} {bound:>10} {found:>10} {median:>10} {}", verdict(ratio.met()));
        }
        let met = self.measures.iter().filter(|measure| measure.met()).count()
            + self.verdicts.iter().filter(|ratio| ratio.met()).count();
        println!("{met} of {} requirements met", self.measures.len() + self.verdicts.len());
    }
}

const fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "NOT MET" }
}

/// The time of the cryptography that nobody can avoid over the time taken: 1 is the limit of the machine.
fn of_limit(figure: &Figure, before: &Figures) -> Option<f64> {
    let bare = match figure.operation.as_str() {
        "sign-rsa" | "sign-hok-rsa" => Some("raw-rsa-sign"),
        "sign-ec" | "sign-hok-ec" => Some("raw-ec-sign"),
        "verify-rsa" | "verify-rsa-chain" | "saml" => Some("raw-rsa-verify"),
        "verify-ec" | "verify-ec-chain" => Some("raw-ec-verify"),
        "stream-c14n" => None,
        _ => return None,
    };
    let key = bare.map(|bare| before.get(bare, &figure.size).map(|bare| 1.0 / bare.rate()));
    let key = key.unwrap_or(Some(0.0))?;
    let hash = before.get("raw-sha256", &figure.size)?.nanoseconds_per_octet() * figure.octets / 1e9;
    Some((key + hash) * figure.rate())
}

/// Three digits that count.
fn significant(figure: f64) -> String {
    let decimals = match figure.abs() {
        large if large >= 100.0 => 0,
        middle if middle >= 10.0 => 1,
        small if small >= 1.0 => 2,
        _ => 3,
    };
    format!("{figure:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_with_the_digits_that_count() {
        let shown = [3_812.4, 64.49, 1.5, 0.3333].map(significant);

        assert_eq!(shown, ["3812", "64.5", "1.50", "0.333"]);
    }
}
