//! Our verdicts and those of the other Rust library, side by side, on the vectors that lie beside the checkout.
//!
//! It is no judge: it is younger than the standards' other implementations, and its verdicts are compared with what
//! the vectors say, like ours.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Report;
use crate::error::Error;
use crate::process;

const SUITES: [&str; 5] =
    ["aleksey-xmldsig-01", "xmldsig11-interop-2012", "signxml-interop", "wss-made", "c14n-edge"];
/// The exit code of `ksz` for a command line that it does not know.
const MISUSE: i32 = 2;
/// The exit code of `ksz` for a document that it does not judge, and says why.
const UNSUPPORTED: i32 = 4;

/// What a tool made of a vector, against what the vector says.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Verdict {
    Right,
    /// It accepts, with algorithms that are outside of our scope.
    Beyond,
    /// It says by name what it does not support.
    NotSupported,
    /// It has no way to be asked.
    NotAsked,
    Wrong,
}

impl Verdict {
    /// A verdict on a signature.
    fn of(vector: &Value, accepted: bool) -> Self {
        let text = |name: &str| vector[name].as_str().unwrap_or_default();
        let legacy = vector["needs_legacy_opt_in"] == true;
        match (accepted, text("expected") == "valid" && !legacy) {
            (true, true) | (false, false) => Self::Right,
            (true, false) if text("core_validation") == "valid" => Self::Beyond,
            _ => Self::Wrong,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Right => "as expected",
            Self::Beyond => "accepts more",
            Self::NotSupported => "not supported",
            Self::NotAsked => "cannot be asked",
            Self::Wrong => "otherwise",
        }
    }
}

/// Compares on every suite; what we judge otherwise than the vector is a failure.
pub(super) fn run(ksz: &Path, target: &Path, report: &mut Report) -> Result<(), Error> {
    report.judge = "bergshamra";
    let vectors = process::shared().join("vectors");
    if !vectors.is_dir() {
        report.skip(&format!("no {}", vectors.display()));
        return Ok(());
    }
    let peer = build(&target.join("bench/peers/rust"))?;
    for suite in SUITES {
        let folder = vectors.join(suite);
        let manifest = folder.join("manifest.json");
        let text = fs::read(&manifest).map_err(Error::io(manifest.display().to_string()))?;
        let manifest: Value = serde_json::from_slice(&text).map_err(|error| Error::Unreadable {
            what: manifest.display().to_string(),
            detail: error.to_string(),
        })?;
        let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
        let mut wrong = Vec::new();
        for vector in manifest["vectors"].as_array().into_iter().flatten() {
            let id = vector["id"].as_str().unwrap_or_default();
            let case = Case { folder: &folder, vector };
            let (verdict, why) = case.ask_ksz(ksz)?;
            if verdict == Verdict::Wrong {
                wrong.push(format!("{id}: {why}"));
            }
            *ours.entry(verdict).or_insert(0) += 1;
            let (verdict, why) = case.ask_bergshamra(&peer)?;
            if verdict == Verdict::Wrong {
                println!("         bergshamra judges {id} otherwise: {why}");
            }
            *theirs.entry(verdict).or_insert(0) += 1;
        }
        println!("         {suite}: bergshamra {}; ksz {}", told(&theirs), told(&ours));
        if ours.keys().all(|verdict| *verdict == Verdict::NotAsked) {
            report.skip(&format!("{suite}: the command offers nothing that could judge it"));
            continue;
        }
        let outcome = if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) };
        report.check(&format!("ksz judges {suite} as it says, as far as it can be asked"), outcome);
    }
    Ok(())
}

/// Builds its program in this folder. It has a workspace of its own, because its dependencies cannot be resolved
/// together with ours.
pub(crate) fn build(target: &Path) -> Result<PathBuf, Error> {
    let mut cargo = process::cargo(["build", "--release", "--locked", "--target-dir"]);
    process::run(cargo.arg(target).current_dir(process::root().join("tests/peers")))?;
    Ok(target.join("release/ksz-peers"))
}

struct Case<'v> {
    folder: &'v Path,
    vector: &'v Value,
}

impl Case<'_> {
    fn text(&self, name: &str) -> &str {
        self.vector[name].as_str().unwrap_or_default()
    }

    fn file(&self, value: &Value) -> PathBuf {
        self.folder.join(value.as_str().unwrap_or_default())
    }

    fn input(&self) -> PathBuf {
        self.file(&self.vector["file"])
    }

    fn ask_ksz(&self, ksz: &Path) -> Result<(Verdict, String), Error> {
        let mut command = Command::new(ksz);
        let key = &self.vector["key"];
        match (self.text("kind"), self.text("profile")) {
            ("c14n", _) => {
                command.args(["c14n", "--algorithm", self.text("algorithm")]);
                command.args(["--prefixes", self.text("inclusive_prefixes")]);
                command.args(self.vector["apex_id"].as_str().map(|id| ["--id", id]).into_iter().flatten());
                return self.compare_octets(command.arg(self.input()));
            }
            ("wss", "x509") => {
                command.args(["verify", "--profile", "x509", "--now", self.text("verify_at"), "--anchor"]);
                command.arg(self.file(&key["cert"]));
            }
            ("wss", _) => {
                command.args(["verify", "--profile", "saml-hok", "--now", self.text("verify_at")]);
                command.arg("--sts-anchor").arg(self.file(&self.vector["sts_key"]));
            }
            _ => {
                command.args(["dsig", "verify", "--key"]).arg(self.file(&key["file"]));
            }
        }
        let output = process::output(command.arg(self.input()))?;
        let why = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
        if output.status.code() == Some(MISUSE) {
            return Ok((Verdict::NotAsked, why));
        }
        if output.status.code() == Some(UNSUPPORTED) && self.text("expected") == "valid" {
            return Ok((Verdict::NotSupported, why));
        }
        Ok((Verdict::of(self.vector, output.status.success()), why))
    }

    fn ask_bergshamra(&self, peer: &Path) -> Result<(Verdict, String), Error> {
        let mut command = Command::new(peer);
        if self.text("kind") == "c14n" {
            command.arg("canonicalize").arg(self.input());
            command.args([self.text("algorithm"), self.text("inclusive_prefixes")]);
            command.args(self.vector["apex_id"].as_str().map(|id| ["id", id]).into_iter().flatten());
            return self.compare_octets(&mut command);
        }
        command.arg("verdict").arg(self.input());
        let key = &self.vector["key"]["file"];
        let keys: Vec<_> = [key, &self.vector["sts_key"]].into_iter().filter(|key| key.is_string()).collect();
        let told = process::stdout(command.args(keys.into_iter().map(|key| self.file(key))))?;
        let told = told.trim_end().to_owned();
        Ok((Verdict::of(self.vector, told == "valid"), told))
    }

    /// Whether the octets are the expected ones, or the document is refused where it must be or may be.
    fn compare_octets(&self, command: &mut Command) -> Result<(Verdict, String), Error> {
        let output = process::output(command)?;
        let why = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
        if !output.status.success() {
            let may_refuse = self.text("expected") == "reject" || self.vector["dtd"] == true;
            return Ok((if may_refuse { Verdict::Right } else { Verdict::Wrong }, why));
        }
        if self.text("expected") == "reject" {
            return Ok((Verdict::Wrong, "it is accepted".into()));
        }
        let file = self.file(&self.vector["expected_file"]);
        let expected = fs::read(&file).map_err(Error::io(file.display().to_string()))?;
        Ok(if output.stdout == expected {
            (Verdict::Right, why)
        } else {
            (Verdict::Wrong, "other octets".into())
        })
    }
}

fn told(counts: &BTreeMap<Verdict, usize>) -> String {
    let told: Vec<_> = counts.iter().map(|(verdict, count)| format!("{count} {}", verdict.name())).collect();
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_verdict_is_right_wrong_or_of_a_wider_scope() {
        let vector = |expected: &str, core: &str, legacy: bool| json!({"expected": expected, "core_validation": core, "needs_legacy_opt_in": legacy});

        assert_eq!(Verdict::of(&vector("valid", "valid", false), true), Verdict::Right);
        assert_eq!(Verdict::of(&vector("valid", "valid", false), false), Verdict::Wrong);
        assert_eq!(Verdict::of(&vector("valid", "valid", true), false), Verdict::Right);
        assert_eq!(Verdict::of(&vector("unsupported", "valid", false), true), Verdict::Beyond);
        assert_eq!(Verdict::of(&vector("invalid", "invalid", false), true), Verdict::Wrong);
    }
}
