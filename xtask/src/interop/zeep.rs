//! zeep, and python-xmlsec below it, in both directions.
//!
//! zeep signs Body and Timestamp and never the token, which the X.509 profile asks for: that is a refusal
//! with this name. With the token signed as well, by python-xmlsec, the same header is accepted.

use std::path::Path;
use std::process::Command;

use super::keys::{KeyKind, Keys};
use super::ksz::{self, Ksz, Profile};
use super::messages::{ensure, envelope};
use super::peer::Peer;
use super::{Judge, Report};
use crate::error::Error;
use crate::process;

pub(super) const JUDGE: Judge = Judge {
    name: "zeep",
    needs: &[
        ("/usr/bin/python3 -c 'import zeep'", "python3-zeep"),
        ("/usr/bin/python3 -c 'import xmlsec'", "python3-xmlsec"),
        ("openssl", "openssl"),
    ],
    run,
};

/// The Python that Debian installs modules for, which need not be the first one on the path.
const PYTHON: &str = "/usr/bin/python3";
const PROGRAM: &str = include_str!("zeep_peer.py");
/// The program beside the checkout that it builds on.
const KIT: &str = "zeep_verify.py";
/// The seconds after which the program is given up.
const LIMIT: &str = "300";

/// How a signature is refused that is not right.
const REFUSAL: &str = "SignatureVerificationFailed";

/// A message that zeep signed.
const THEIRS: &str = "theirs.xml";

fn run(ksz: &Path, folder: &Path, report: &mut Report) -> Result<(), Error> {
    let sources = process::shared().join("peers");
    if !sources.join(KIT).exists() {
        report.skip(&format!("no {}", sources.join(KIT).display()));
        return Ok(());
    }
    let keys = Keys::make(folder)?;
    let ksz =
        Ksz { program: ksz, folder, keys, in_body: "Message", layouts: &ksz::LAYOUTS, refusals: &[REFUSAL] };
    ksz.keys.write(ksz::ENVELOPE, &envelope("", ""))?;
    ksz.keys.write("zeep_peer.py", PROGRAM)?;
    let mut python = Command::new("timeout");
    python.args([LIMIT, PYTHON, "-B", "zeep_peer.py"]).env("PYTHONPATH", sources);
    let mut peer = Peer::start(python.current_dir(folder))?;
    for kind in KeyKind::ALL {
        ksz.keys.leaf("stranger-leaf", kind)?;
        let certificate = format!("{}.pem", kind.name());
        ksz.is_judged(Profile::X509, kind, report, &mut |file| peer.ask(&["verify", file, &certificate]))?;
        let answer = peer.ask(&["verify", ksz::SIGNED, "stranger-leaf.pem"])?;
        report.check(
            &format!("what ksz signed, {}, is refused with another certificate", kind.name()),
            ensure(answer.contains(REFUSAL), &answer),
        );
        judge_theirs(&ksz, &mut peer, kind, report)?;
    }
    Ok(())
}

fn judge_theirs(ksz: &Ksz<'_>, peer: &mut Peer, kind: KeyKind, report: &mut Report) -> Result<(), Error> {
    let name = kind.name();
    let answer = peer.ask(&["sign", name, ksz::ENVELOPE, THEIRS])?;
    if answer != "OK" {
        report.check(&format!("zeep signs, {name}"), Err(answer));
        return Ok(());
    }
    let case = format!("what zeep signed, {name}");
    let outcome = ksz.judges(Profile::X509, ksz::OURS, THEIRS, "NotCovered")?;
    report.check(&format!("ksz refuses {case}, because the token is not covered"), outcome);
    ksz.judges_signature(name, THEIRS, &case, report)?;

    let answer = peer.ask(&["sign", name, ksz::ENVELOPE, THEIRS, "token"])?;
    if answer != "OK" {
        report.check(&format!("python-xmlsec signs, {name}"), Err(answer));
        return Ok(());
    }
    ksz.judges_signed(Profile::X509, THEIRS, &format!("{case}, with the token covered"), report)
}
