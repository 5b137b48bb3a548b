//! Messages with attachments, beside lxml: it rebuilds the message as XOP says, and signs and verifies that.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::keys::{KeyKind, Keys};
use super::{Judge, Report};
use crate::error::Error;
use crate::process;

/// Debian installs lxml for its own Python, which need not be the first one on the path.
const PYTHON: &str = "/usr/bin/python3";

pub(super) const JUDGE: Judge = Judge {
    name: "mtom",
    needs: &[("/usr/bin/python3 -c 'import lxml.etree'", "python3-lxml"), ("openssl", "openssl")],
    run,
};

const SCRIPT: &str = include_str!("mtom_peer.py");

const ENVELOPE: &str = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:unused=\"urn:unused\">\n  \
    <s:Body>\n    <up:upload xmlns:up=\"urn:upload\">\n      <scan><xop:Include \
    xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:scan-1@ksz\"/></scan>\n      \
    <none><i:Include xmlns:i=\"http://www.w3.org/2004/08/xop/include\" href='cid:none'></i:Include></none>\n    \
    </up:upload>\n  </s:Body>\n</s:Envelope>\n";

fn run(ksz: &Path, folder: &Path, report: &mut Report) -> Result<(), Error> {
    let place = Place { ksz, folder, keys: Keys::make(folder)? };
    place.keys.write("peer.py", SCRIPT)?;
    place.keys.write("envelope.xml", ENVELOPE)?;
    // Every octet, what looks like a line of a boundary, and a length that leaves padding.
    let octets: Vec<u8> =
        (0..=u8::MAX).cycle().take(200_000).chain(*b"\r\n--ksz-\r\n--==peer/+=\r\n").collect();
    place.write("scan.bin", &octets)?;
    place.write("none.bin", b"")?;
    for kind in KeyKind::ALL {
        for prefix_list in ["on", "off"] {
            place.peer_judges(kind, prefix_list, report)?;
        }
        place.ksz_judges(kind, report)?;
    }
    Ok(())
}

struct Place<'p> {
    ksz: &'p Path,
    folder: &'p Path,
    keys: Keys,
}

impl Place<'_> {
    fn peer_judges(&self, kind: KeyKind, prefix_list: &str, report: &mut Report) -> Result<(), Error> {
        let case = format!("{}, prefix list {prefix_list}", kind.name());
        let mut command = Command::new(self.ksz);
        command.current_dir(self.folder).args(["sign", "--profile", "x509", "--prefix-list", prefix_list]);
        command.args(["--attach", "scan-1@ksz=scan.bin", "--attach", "none=none.bin", "--identity"]);
        let signed =
            process::output(command.arg(format!("{}.identity.pem", kind.name())).arg("envelope.xml"))?;
        let told = String::from_utf8_lossy(&signed.stderr);
        let Some(content_type) = told.trim_end().strip_prefix("ksz: Content-Type: ") else {
            report.check(&format!("ksz signs, {case}"), Err(self::told(&signed)));
            return Ok(());
        };
        let certificate = format!("{}.pem", kind.name());
        let mut ask = |what: &str, package: &[u8], verdict: &str| -> Result<(), Error> {
            self.write("signed.bin", package)?;
            let output = self.peer(&["verify", content_type, "signed.bin", &certificate])?;
            let said = String::from_utf8_lossy(&output.stdout);
            report
                .check(&format!("{what}, {case}"), ensure(said.trim_end() == verdict, &self::told(&output)));
            Ok(())
        };
        ask("what ksz signed verifies with base64 in place and not as sent", &signed.stdout, GOOD)?;
        ask("what ksz signed is refused with another attachment", &changed(&signed.stdout), BAD)
    }

    fn ksz_judges(&self, kind: KeyKind, report: &mut Report) -> Result<(), Error> {
        for (mode, what, verdict) in [
            ("rebuilt", "accepts what the peer signed", (0, "\"accepted\"")),
            ("token", "accepts a certificate that came as a part", (0, "\"accepted\"")),
            ("as-sent", "refuses by name an Include that was signed as sent", (3, "\"NotExpanded\"")),
        ] {
            let name = kind.name();
            let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
            let signed = self.peer(&["sign", mode, &key, &certificate, "scan.bin", "peer.bin"])?;
            let content_type = String::from_utf8_lossy(&signed.stdout).trim_end().to_owned();
            let case = format!("{name}, {mode}");
            if !signed.status.success() {
                report.check(&format!("the peer signs, {case}"), Err(told(&signed)));
                continue;
            }
            report.check(&format!("ksz {what}, {case}"), self.verdict("peer.bin", &content_type, verdict)?);
            let package = fs::read(self.folder.join("peer.bin")).map_err(Error::io("peer.bin"))?;
            self.write("changed.bin", &changed(&package))?;
            let refused = if mode == "as-sent" { verdict } else { (3, "\"DigestMismatch\"") };
            let outcome = self.verdict("changed.bin", &content_type, refused)?;
            report.check(&format!("ksz refuses another attachment of the peer, {case}"), outcome);
        }
        Ok(())
    }

    /// Whether ksz ends with this code and says this.
    fn verdict(
        &self,
        package: &str,
        content_type: &str,
        (code, said): (i32, &str),
    ) -> Result<Result<(), String>, Error> {
        let mut command = Command::new(self.ksz);
        command.current_dir(self.folder).args(["verify", "--profile", "x509", "--anchor", "root.pem"]);
        command.args(["--intermediates", "issuing.pem", "--content-type", content_type, "--json", package]);
        let output = process::output(&mut command)?;
        let is_it =
            output.status.code() == Some(code) && String::from_utf8_lossy(&output.stdout).contains(said);
        Ok(ensure(is_it, &told(&output)))
    }

    fn peer(&self, words: &[&str]) -> Result<Output, Error> {
        process::output(Command::new(PYTHON).current_dir(self.folder).arg("peer.py").args(words))
    }

    fn write(&self, file: &str, octets: &[u8]) -> Result<(), Error> {
        fs::write(self.folder.join(file), octets).map_err(Error::io(file))
    }
}

/// What the peer says of a package whose signature covers the base64 of its attachments.
const GOOD: &str = "rebuilt=good as-sent=bad";
/// What it says of one that was changed.
const BAD: &str = "rebuilt=bad as-sent=bad";

/// The package with one octet of its attachment changed, which is found by what it ends with.
fn changed(package: &[u8]) -> Vec<u8> {
    let mut changed = package.to_vec();
    let end = b"\r\n--==peer/+=\r\n";
    if let Some(at) = package.windows(end.len()).position(|window| window == end) {
        changed[at - 20] ^= 1;
    }
    changed
}

fn ensure(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

fn told(output: &Output) -> String {
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let shown: String = said.chars().take(300).collect();
    format!("{}\n{shown}\n{}", output.status, complained.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_octet_of_the_attachment_changes() {
        let package = [&[7; 30][..], b"\r\n--==peer/+=\r\nx"].concat();
        let differing = package.iter().zip(changed(&package)).filter(|(one, other)| **one != *other).count();
        assert_eq!(differing, 1);
    }
}
