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
}

/// The authority and the token service of [`Keys`].
pub(super) const OURS: (&str, &str) = ("root.pem", "sts.pem");

/// What `ksz verify` says of a message that it accepts.
pub(super) const ACCEPTED: &str = "accepted";

/// The element whose text a judge changes.
pub(super) const IN_BODY: &str = "Message";

/// What is signed.
pub(super) const ENVELOPE: &str = "envelope.xml";
/// Where what `ksz` signed last is written for a judge.
pub(super) const SIGNED: &str = "signed.xml";
/// Where a message is written with another Body.
const CHANGED: &str = "changed.xml";

/// Asks a judge about a file: `OK`, or `FAULT` and why.
pub(super) type Ask<'a> = &'a mut dyn FnMut(&str) -> Result<String, Error>;

impl Ksz<'_> {
    /// Lets a judge say of everything that can be signed with this key whether it accepts it, and that it refuses it
    /// for the signature's sake, with one of these words, when the Body is changed.
    pub(super) fn is_judged(
        &self,
        profile: Profile,
        kind: KeyKind,
        refusals: &[&str],
        report: &mut Report,
        ask: Ask<'_>,
    ) -> Result<(), Error> {
        for prefix_list in ["on", "off"] {
            for layout in ["ehealth", "connector"] {
                let case = format!(
                    "{}, {}, prefix list {prefix_list}, layout {layout}",
                    profile.name(),
                    kind.name()
                );
                let signed =
                    match self.sign(profile, kind, &["--prefix-list", prefix_list, "--layout", layout])? {
                        Ok(signed) => signed,
                        Err(why) => {
                            report.check(&format!("ksz signs, {case}"), Err(why));
                            continue;
                        }
                    };
                self.keys.write(SIGNED, &signed)?;
                let answer = ask(SIGNED)?;
                report.check(&format!("what ksz signed, {case}, verifies"), ensure(answer == "OK", &answer));
                self.write_changed(&signed)?;
                let answer = ask(CHANGED)?;
                let refused = refusals.iter().any(|refusal| answer.contains(refusal));
                let outcome = ensure(answer.starts_with("FAULT") && refused, &answer);
                report.check(&format!("what ksz signed, {case}, is refused with another Body"), outcome);
            }
        }
        Ok(())
    }

    /// `envelope.xml` signed.
    pub(super) fn sign(
        &self,
        profile: Profile,
        kind: KeyKind,
        options: &[&str],
    ) -> Result<Result<String, String>, Error> {
        let mut command = self.command(&["sign", "--profile", profile.name(), "--identity"]);
        command.arg(format!("{}.identity.pem", kind.name())).args(options);
        if profile == Profile::HolderOfKey {
            command.args(["--assertion", &assertion::file(kind)]);
        }
        let output = process::output(command.arg(ENVELOPE))?;
        Ok(if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(told(&output))
        })
    }

    /// Whether `ksz verify` gives this verdict on a file: [`ACCEPTED`], or the name of the rule that was broken.
    ///
    /// `root` is the authority that is believed, `service` the token service.
    pub(super) fn judges(
        &self,
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
        let output = process::output(command.arg(file))?;
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
        let absent = || Error::Unreadable { what: IN_BODY.into(), detail: "no text to change".into() };
        self.keys.write(CHANGED, &changed(message, IN_BODY).ok_or_else(absent)?).map(drop)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command.current_dir(self.folder).args(words);
        command
    }
}
