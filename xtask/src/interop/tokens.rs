//! SAML 1.1 assertions by themselves, in both directions: what the simulator's token service issues and renews over
//! its wire is verified by OpenSAML, Santuario and xmlsec1, and what they sign is verified by `ksz token saml show`.
//!
//! Nothing is installed here. An implementation that is absent is skipped, and says how it is had.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::assertion;
use super::keys::{KeyKind, Keys};
use super::messages::{changed, ensure, envelope, told};
use super::opensaml::OpenSaml;
use super::peer::Peer;
use super::{Judge, Report, exists, wss4j, xmlsec1};
use crate::error::Error;
use crate::process;

pub(super) const JUDGE: Judge = Judge { name: "tokens", needs: &[], run };

/// The first token of the simulator, and those that replaced it, by the request that brought them.
const TOKENS: [(&str, &str); 3] =
    [("issued", "issued.xml"), ("issued anew", "issue.xml"), ("renewed", "renew.xml")];
/// The certificate of the simulator's token service.
const STS: &str = "sim/sts.pem";
/// Where a token is written with another value of an attribute.
const CHANGED: &str = "changed.xml";
/// An assertion that is to be signed.
pub(super) const UNSIGNED: &str = "unsigned.xml";

/// Another maker and verifier of signed assertions.
pub(super) trait Implementation {
    /// Its name, and what it is part of.
    fn name(&self) -> &'static str;

    /// The words with which it refuses a signature that is not right, or not of a key that it believes.
    fn refusals(&self) -> &'static [&'static str];

    /// Whether the assertion of a file is signed with the key of a certificate; if not, what is said of it.
    fn verify(&mut self, keys: &Keys, file: &str, certificate: &Path) -> Result<Result<(), String>, Error>;

    /// Signs [`UNSIGNED`] with a key of [`Keys`]; if it cannot, why.
    fn sign(&mut self, keys: &Keys, key: (&str, KeyKind), signed: &str) -> Result<Result<(), String>, Error>;
}

fn run(ksz: &Path, folder: &Path, report: &mut Report) -> Result<(), Error> {
    if !exists("openssl") || !exists("xmlsec1") {
        report.skip("no openssl or xmlsec1: apt-get install openssl xmlsec1");
        return Ok(());
    }
    let keys = make_keys(folder)?;
    let _running = Simulator::start(ksz, folder)?;
    if !get_tokens(ksz, folder, report)? {
        return Ok(());
    }
    judge_all(ksz, &mut xmlsec1::Assertions, &keys, report)?;
    match OpenSaml::find() {
        Ok(mut opensaml) => {
            judge_all(ksz, &mut opensaml, &keys, report)?;
            let outcome = opensaml.knows_the_schema(&keys, TOKENS[0].1)?;
            report.check("OpenSAML refuses the simulator's token without its Issuer, by the schema", outcome);
        }
        Err(why) => report.skip(&why),
    }
    match wss4j::find(folder)? {
        Ok(peer) => {
            let mut santuario = Santuario(peer);
            judge_all(ksz, &mut santuario, &keys, report)?;
            judge_message(ksz, &mut santuario.0, &keys, report)?;
        }
        Err(why) => report.skip(&why),
    }
    Ok(())
}

/// Both directions with one implementation.
fn judge_all(
    ksz: &Path,
    implementation: &mut dyn Implementation,
    keys: &Keys,
    report: &mut Report,
) -> Result<(), Error> {
    for (what, file) in TOKENS {
        judge(implementation, keys, what, file, report)?;
    }
    for kind in KeyKind::ALL {
        let_ksz_judge(ksz, implementation, keys, kind, report)?;
    }
    Ok(())
}

/// Keys of a token service of our own, a holder for its assertions, and what it is to sign.
fn make_keys(folder: &Path) -> Result<Keys, Error> {
    let keys = Keys::make(folder)?;
    for (name, kind) in [service(KeyKind::Rsa2048), service(KeyKind::P256)] {
        keys.leaf(name, kind)?;
        keys.join(&[format!("{name}.pem")], &format!("{name}.crt"))?;
    }
    keys.write(UNSIGNED, &assertion::unsigned(&keys, KeyKind::Rsa2048)?)?;
    keys.write("envelope.xml", &envelope("", ""))?;
    Ok(keys)
}

/// The token service with a key of this kind.
const fn service(kind: KeyKind) -> (&'static str, KeyKind) {
    match kind {
        KeyKind::Rsa2048 => (assertion::SERVICE, kind),
        KeyKind::P256 => ("sts-ec", kind),
    }
}

/// Lets the command ask the simulator for a token, and renew copies of it.
fn get_tokens(ksz: &Path, folder: &Path, report: &mut Report) -> Result<bool, Error> {
    let [(_, issued), replaced @ ..] = TOKENS;
    let saml = |words: &[&str]| {
        let mut command = Command::new(ksz);
        command.current_dir(folder).args(["token", "saml"]).args(words);
        process::output(command.args(["--config", "sim/ksz.toml"]))
    };
    let got = saml(&["get", "--output", issued])?;
    report.check("ksz gets a token from the simulator", ensure(got.status.success(), &told(&got)));
    if !got.status.success() {
        return Ok(false);
    }
    for ((_, file), request) in replaced.into_iter().zip(["issue", "renew"]) {
        std::fs::copy(folder.join(issued), folder.join(file)).map_err(Error::io(file))?;
        let got = saml(&["renew", "--with", request, file])?;
        let what = format!("ksz renews a token at the simulator, with the request {request}");
        report.check(&what, ensure(got.status.success(), &told(&got)));
        if !got.status.success() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Lets an implementation judge a token of the simulator: as it is, with another value, under another key.
fn judge(
    implementation: &mut dyn Implementation,
    keys: &Keys,
    what: &str,
    file: &str,
    report: &mut Report,
) -> Result<(), Error> {
    let (name, certificate) = (implementation.name(), &keys.path(STS));
    let outcome = implementation.verify(keys, file, certificate)?;
    report.check(&format!("the token that the simulator {what} verifies in {name}"), outcome);
    let refusals = implementation.refusals();
    let refusal = |verdict: Result<(), String>| match verdict {
        Ok(()) => Err("accepted".to_owned()),
        Err(said) => ensure(refusals.iter().any(|refusal| said.contains(refusal)), &said),
    };
    write_changed(keys, file)?;
    let outcome = refusal(implementation.verify(keys, CHANGED, certificate)?);
    report.check(
        &format!("the token that the simulator {what} is refused by {name} with another value"),
        outcome,
    );
    let stranger = keys.path(&format!("{}.pem", assertion::SERVICE));
    let outcome = refusal(implementation.verify(keys, file, &stranger)?);
    report.check(
        &format!("the token that the simulator {what} is refused by {name} under another key"),
        outcome,
    );
    Ok(())
}

/// Lets the command judge an assertion that an implementation signs.
fn let_ksz_judge(
    ksz: &Path,
    implementation: &mut dyn Implementation,
    keys: &Keys,
    kind: KeyKind,
    report: &mut Report,
) -> Result<(), Error> {
    let (theirs, case) = ("theirs.xml", format!("{} signed, {}", implementation.name(), kind.name()));
    let (service, other) = (service(kind), service(kind.other()));
    if let Err(why) = implementation.sign(keys, service, theirs)? {
        report.check(&format!("an assertion that {case}"), Err(why));
        return Ok(());
    }
    write_changed(keys, theirs)?;
    for (what, file, (anchor, _), verdict) in [
        ("accepts", theirs, service, "accepted"),
        ("refuses, with another value,", CHANGED, service, "DigestMismatch"),
        ("refuses, under another key,", theirs, other, "SignerNotPinned"),
    ] {
        let mut command = Command::new(ksz);
        command.args(["token", "saml", "show", "--json", "--sts-anchor"]);
        let output = process::output(command.arg(keys.path(&format!("{anchor}.pem"))).arg(keys.path(file)))?;
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let found = match output.status.code() {
            Some(0) => said["result"].as_str(),
            Some(3) => said["reason"].as_str(),
            _ => None,
        };
        let outcome = ensure(found == Some(verdict), &told(&output));
        report.check(&format!("ksz {what} an assertion that {case}"), outcome);
    }
    Ok(())
}

/// Lets Santuario judge a message that is signed as the holder of the simulator's token.
fn judge_message(ksz: &Path, peer: &mut Peer, keys: &Keys, report: &mut Report) -> Result<(), Error> {
    let mut command = Command::new(ksz);
    command.args(["sign", "--profile", "saml-hok", "--identity"]).arg(keys.path("sim/client-rsa.pem"));
    command.arg("--assertion").arg(keys.path(TOKENS[0].1)).arg(keys.path("envelope.xml"));
    let signed = process::stdout(&mut command)?;
    let other = changed(&signed, "Message").unwrap_or_default();
    for (what, message, answer) in
        [("accepted", &signed, "OK"), ("refused by Santuario with another Body", &other, "message signature")]
    {
        keys.write("message.xml", message)?;
        let said = peer.ask(&["verify", "message.xml", STS])?;
        let outcome = ensure(said.contains(answer), &said);
        report.check(&format!("a message that ksz signs with the simulator's token is {what}"), outcome);
    }
    Ok(())
}

fn write_changed(keys: &Keys, file: &str) -> Result<(), Error> {
    let absent = || Error::Unreadable { what: file.into(), detail: "no AttributeValue to change".into() };
    let changed = changed(&keys.read(file)?, "AttributeValue").ok_or_else(absent)?;
    keys.write(CHANGED, &changed).map(drop)
}

/// Santuario, through the program that also answers for WSS4J.
struct Santuario(Peer);

impl Implementation for Santuario {
    fn name(&self) -> &'static str {
        "Santuario"
    }

    fn refusals(&self) -> &'static [&'static str] {
        &["assertion signature", "assertion issuer is not trusted"]
    }

    fn verify(&mut self, _keys: &Keys, file: &str, certificate: &Path) -> Result<Result<(), String>, Error> {
        let answer = self.0.ask(&["assertion", file, &certificate.display().to_string()])?;
        Ok(ensure(answer == "OK", &answer))
    }

    fn sign(
        &mut self,
        _keys: &Keys,
        (name, kind): (&str, KeyKind),
        signed: &str,
    ) -> Result<Result<(), String>, Error> {
        let answer = self.0.ask(&["issue", name, kind.name(), UNSIGNED, signed])?;
        Ok(ensure(answer == "OK", &answer))
    }
}

impl Implementation for xmlsec1::Assertions {
    fn name(&self) -> &'static str {
        "xmlsec1"
    }

    fn refusals(&self) -> &'static [&'static str] {
        &["\nFAIL\n"]
    }

    fn verify(&mut self, keys: &Keys, file: &str, certificate: &Path) -> Result<Result<(), String>, Error> {
        Self::verify(&keys.path(file), certificate)
    }

    fn sign(
        &mut self,
        keys: &Keys,
        (name, kind): (&str, KeyKind),
        signed: &str,
    ) -> Result<Result<(), String>, Error> {
        assertion::sign(keys, name, kind, KeyKind::Rsa2048, signed).map(Ok)
    }
}

/// The simulator in a process of its own, as long as it is needed.
struct Simulator(Child);

impl Simulator {
    fn start(ksz: &Path, folder: &Path) -> Result<Self, Error> {
        let mut command = Command::new(ksz);
        command
            .current_dir(folder)
            .args(["sim", "--dir", "sim"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let line = process::line(&command);
        let mut child = command.spawn().map_err(Error::io(line.clone()))?;
        let output = child.stdout.take().map(BufReader::new);
        let running = Self(child);
        // It is ready when it has said where its configuration is.
        let ready = |said: &str| said.starts_with("configuration: ");
        let lines = output.into_iter().flat_map(BufRead::lines).map_while(Result::ok);
        if lines.into_iter().any(|said| ready(&said)) {
            Ok(running)
        } else {
            Err(Error::Command { line, ended: "it ended before it was ready".into() })
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // A process that has ended by itself is gone all the same.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
