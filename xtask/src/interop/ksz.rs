//! The command under judgement, as the judges of messages use it.

use std::path::Path;
use std::process::Command;

use super::Report;
use super::assertion;
use super::keys::{KeyKind, Keys};
use super::messages::{changed, ensure, told};
use crate::error::Error;
use crate::process;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Profile {
    X509,
    HolderOfKey,
}

impl Profile {
    pub(super) const ALL: [Self; 2] = [Self::X509, Self::HolderOfKey];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::X509 => "x509",
            Self::HolderOfKey => "saml-hok",
        }
    }
}

/// `ksz` in a folder with [`Keys`] and [`ENVELOPE`], and for holders of assertions what [`assertion`] makes.
pub(super) struct Ksz<'p> {
    pub(super) program: &'p Path,
    pub(super) folder: &'p Path,
    pub(super) keys: Keys,
    /// The element whose text is changed.
    pub(super) in_body: &'static str,
    /// The orders of the header's elements that the judge is asked about.
    pub(super) layouts: &'static [&'static str],
    /// The words with which the judge refuses a signature that is not right.
    pub(super) refusals: &'static [&'static str],
}

pub(super) const LAYOUTS: [&str; 2] = ["ehealth", "connector"];

/// The authority and the token service of [`Keys`].
pub(super) const OURS: (&str, &str) = ("root.pem", "sts.pem");

/// What `ksz verify` says of a message that it accepts.
pub(super) const ACCEPTED: &str = "accepted";

/// What is signed.
pub(super) const ENVELOPE: &str = "envelope.xml";
/// Where what `ksz` signed last is written for a judge.
pub(super) const SIGNED: &str = "signed.xml";
/// Where a message is written with another Body.
const CHANGED: &str = "changed.xml";

/// Asks a judge about a file: `OK`, or `FAULT` and why.
pub(super) type Ask<'a> = &'a mut dyn FnMut(&str) -> Result<String, Error>;

impl Ksz<'_> {
    /// Lets a judge say of everything that can be signed with this key whether it accepts it, and that it
    /// refuses it for the signature's sake when the Body is changed.
    pub(super) fn is_judged(
        &self,
        profile: Profile,
        kind: KeyKind,
        report: &mut Report,
        ask: Ask<'_>,
    ) -> Result<(), Error> {
        for prefix_list in ["on", "off"] {
            for layout in self.layouts {
                let key = kind.name();
                let case = format!("{}, {key}, prefix list {prefix_list}, layout {layout}", profile.name());
                let options = ["--prefix-list", prefix_list, "--layout", layout];
                if let Err(why) = self.sign(profile, kind, &options)? {
                    report.check(&format!("ksz signs, {case}"), Err(why));
                    continue;
                }
                let answer = ask(SIGNED)?;
                report.check(&format!("what ksz signed, {case}, verifies"), ensure(answer == "OK", &answer));
                let answer = self.ask_changed(ask)?;
                let refused = self.refusals.iter().any(|refusal| answer.contains(refusal));
                let outcome = ensure(answer.starts_with("FAULT") && refused, &answer);
                report.check(&format!("what ksz signed, {case}, is refused with another Body"), outcome);
            }
        }
        Ok(())
    }

    /// What a judge says of [`SIGNED`] with another Body.
    pub(super) fn ask_changed(&self, ask: Ask<'_>) -> Result<String, Error> {
        self.write_changed(&self.keys.read(SIGNED)?)?;
        ask(CHANGED)
    }

    /// Signs [`ENVELOPE`] to [`SIGNED`].
    pub(super) fn sign(
        &self,
        profile: Profile,
        kind: KeyKind,
        options: &[&str],
    ) -> Result<Result<(), String>, Error> {
        let mut command = self.command(&["sign", "--profile", profile.name(), "--identity"]);
        command.arg(format!("{}.identity.pem", kind.name())).args(options);
        if profile == Profile::HolderOfKey {
            command.args(["--assertion", &assertion::file(kind)]);
        }
        let output = process::output(command.arg(ENVELOPE))?;
        if !output.status.success() {
            return Ok(Err(told(&output)));
        }
        self.keys.write(SIGNED, &String::from_utf8_lossy(&output.stdout))?;
        Ok(Ok(()))
    }

    /// Whether `ksz verify` gives this verdict on a file: [`ACCEPTED`], or the name of the rule that was
    /// broken.
    ///
    /// `root` is the authority that is believed, `service` the token service.
    pub(super) fn judges(
        &self,
        profile: Profile,
        (root, service): (&str, &str),
        file: &str,
        verdict: &str,
    ) -> Result<Result<(), String>, Error> {
        self.judges_with(&[], profile, (root, service), file, verdict)
    }

    /// The same of a message signed with a certificate, whose token may be signed with the STR-Transform.
    pub(super) fn judges_str_transform(
        &self,
        file: &str,
        verdict: &str,
    ) -> Result<Result<(), String>, Error> {
        self.judges_with(&["--str-transform"], Profile::X509, OURS, file, verdict)
    }

    fn judges_with(
        &self,
        options: &[&str],
        profile: Profile,
        (root, service): (&str, &str),
        file: &str,
        verdict: &str,
    ) -> Result<Result<(), String>, Error> {
        let mut command = self.command(&["verify", "--json", "--profile", profile.name(), "--anchor", root]);
        command.args(["--intermediates", "issuing.pem"]);
        if profile == Profile::HolderOfKey {
            command.args(["--sts-anchor", service]);
        }
        let output = process::output(command.args(options).arg(file))?;
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let found = match output.status.code() {
            Some(0) => said["result"].as_str(),
            Some(3) => said["reason"].as_str(),
            _ => None,
        };
        Ok(ensure(found == Some(verdict), &told(&output)))
    }

    /// Judges a signed file of a peer, which is accepted as it is, and refused under another root or changed.
    pub(super) fn judges_signed(
        &self,
        profile: Profile,
        file: &str,
        case: &str,
        report: &mut Report,
    ) -> Result<(), Error> {
        let signed = self.keys.read(file)?;
        report.check(&format!("ksz accepts {case}"), self.judges(profile, OURS, file, ACCEPTED)?);
        let (trust, verdict) = match profile {
            Profile::X509 => (("stranger.pem", OURS.1), "UnknownIssuer"),
            Profile::HolderOfKey => ((OURS.0, "stranger.pem"), "SignerNotPinned"),
        };
        let outcome = self.judges(profile, trust, file, verdict)?;
        report.check(&format!("ksz refuses {case}, under another root"), outcome);
        self.write_changed(&signed)?;
        let outcome = self.judges(profile, OURS, CHANGED, "DigestMismatch")?;
        report.check(&format!("ksz refuses {case}, with another Body"), outcome);
        Ok(())
    }

    /// Judges the signature in a file by itself, whatever it covers: right as it is, wrong with another Body.
    pub(super) fn judges_signature(
        &self,
        key: &str,
        file: &str,
        case: &str,
        report: &mut Report,
    ) -> Result<(), Error> {
        self.write_changed(&self.keys.read(file)?)?;
        for (file, code, what) in [
            (file, 0, "accepts the signature alone"),
            (CHANGED, 3, "refuses the signature alone, with another Body"),
        ] {
            let mut command = self.command(&["dsig", "verify", "--key", &format!("{key}.pem"), file]);
            let output = process::output(&mut command)?;
            let outcome = ensure(output.status.code() == Some(code), &told(&output));
            report.check(&format!("ksz {what}: {case}"), outcome);
        }
        Ok(())
    }

    /// The message with another Body.
    fn write_changed(&self, message: &str) -> Result<(), Error> {
        let absent = || Error::Unreadable { what: self.in_body.into(), detail: "no text to change".into() };
        self.keys.write(CHANGED, &changed(message, self.in_body).ok_or_else(absent)?).map(drop)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command.current_dir(self.folder).args(words);
        command
    }
}
