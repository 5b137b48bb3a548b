//! Apache WSS4J 1.6, with Santuario below it, in both directions and both profiles.
//!
//! Debian builds WSS4J without SAML: there its parts sign as the holder of an assertion, and Santuario
//! verifies. The assertion itself is signed by xmlsec1.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::assertion;
use super::keys::{KeyKind, Keys};
use super::ksz::{self, Ksz, Profile};
use super::messages::{ensure, envelope};
use super::peer::Peer;
use super::{Judge, Report, exists};
use crate::error::Error;
use crate::process;

pub(super) const JUDGE: Judge = Judge {
    name: "wss4j",
    needs: &[JAVA[0], JAVA[1], JAVA[2], ("xmlsec1", "xmlsec1"), ("openssl", "openssl")],
    run,
};

/// What the program needs, and the Debian packages that bring it.
const JAVA: [(&str, &str); 3] = [
    ("javac", "default-jdk-headless"),
    ("test -e /usr/share/java/wss4j.jar", "libwss4j-java"),
    ("test -e /usr/share/java/xmlsec.jar", "libxml-security-java"),
];

const PROGRAM: &str = include_str!("Wss4jPeer.java");
/// The programs beside the checkout that it builds on.
const KIT: [&str; 2] = ["Wss4jKit.java", "Wss4jVerify.java"];
/// The class path, as Debian names the archives.
const ARCHIVES: [&str; 6] = ["wss4j", "xmlsec", "slf4j-api", "slf4j-nop", "commons-logging", "commons-codec"];
/// [`ksz::ENVELOPE`] with a default namespace that nothing in it uses.
const IN_DEFAULT_NAMESPACE: &str = "default-namespace.xml";
/// The seconds after which the Java machine is given up.
const LIMIT: &str = "300";

/// How a changed message is refused: by WSS4J, and by Santuario.
const CHANGED: [&str; 2] = ["The signature or decryption was invalid", "message signature"];
/// How a certificate or an assertion is refused that a stranger issued.
const STRANGER: [&str; 2] =
    ["The security token could not be authenticated or authorized", "assertion issuer is not trusted"];

fn run(ksz: &Path, folder: &Path, report: &mut Report) -> Result<(), Error> {
    let keys = make_keys(folder)?;
    let mut peer = match find(folder)? {
        Ok(peer) => peer,
        Err(why) => {
            report.skip(&why);
            return Ok(());
        }
    };
    let ksz =
        Ksz { program: ksz, folder, keys, in_body: "Message", layouts: &ksz::LAYOUTS, refusals: &CHANGED };
    for kind in KeyKind::ALL {
        for profile in Profile::ALL {
            judge(&ksz, &mut peer, kind, profile, report)?;
        }
        ksz_judges_str_transform(&ksz, &mut peer, kind, report)?;
    }
    Ok(())
}

/// The program in a folder, where it can be compiled and started; why not, otherwise.
pub(super) fn find(folder: &Path) -> Result<Result<Peer, String>, Error> {
    let sources = process::shared().join("peers");
    if let Some(absent) = KIT.map(|name| sources.join(name)).iter().find(|source| !source.exists()) {
        return Ok(Err(format!("no {}", absent.display())));
    }
    if let Some((absent, package)) = JAVA.iter().find(|(command, _)| !exists(command)) {
        return Ok(Err(format!("no Santuario ({absent}): apt-get install {package}")));
    }
    let mut machine = Command::new("timeout");
    machine
        .args([LIMIT, "java", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-cp"])
        .arg(compile(&sources, folder)?)
        .arg("Wss4jPeer");
    Peer::start(machine.current_dir(folder)).map(Ok)
}

fn judge(
    ksz: &Ksz<'_>,
    peer: &mut Peer,
    kind: KeyKind,
    profile: Profile,
    report: &mut Report,
) -> Result<(), Error> {
    // Whom WSS4J believes: authorities, or the token service itself.
    let trust = match profile {
        Profile::X509 => "authorities.pem",
        Profile::HolderOfKey => "sts.pem",
    };
    ksz.is_judged(profile, kind, report, &mut |file| peer.ask(&["verify", file, trust]))?;
    let answer = peer.ask(&["verify", ksz::SIGNED, "stranger.pem"])?;
    let refused = STRANGER.iter().any(|refusal| answer.contains(refusal));
    let case = format!("{}, {}", profile.name(), kind.name());
    report
        .check(&format!("what ksz signed, {case}, is refused under another root"), ensure(refused, &answer));

    let (theirs, assertion) = ("theirs.xml", assertion::file(kind));
    let mut sign =
        |kind: KeyKind| peer.ask(&[profile.name(), kind.name(), ".", ksz::ENVELOPE, theirs, &assertion]);
    let answer = sign(kind)?;
    if answer != "OK" {
        report.check(&format!("WSS4J signs, {case}"), Err(answer));
        return Ok(());
    }
    let case = format!("what WSS4J signed, {case}");
    ksz.judges_signed(profile, theirs, &case, report)?;
    if profile == Profile::HolderOfKey {
        sign(kind.other())?;
        let outcome = ksz.judges(profile, ksz::OURS, theirs, "NotHolder")?;
        report.check(&format!("ksz refuses {case}, with a key that is not confirmed"), outcome);
    }
    Ok(())
}

/// WSS4J signs the token with its part `STRTransform`, around which a default namespace is declared or not.
fn ksz_judges_str_transform(
    ksz: &Ksz<'_>,
    peer: &mut Peer,
    kind: KeyKind,
    report: &mut Report,
) -> Result<(), Error> {
    let theirs = "theirs.xml";
    for (what, file) in [("none", ksz::ENVELOPE), ("one", IN_DEFAULT_NAMESPACE)] {
        let case = format!("STR-Transform, {}, {what} as default namespace", kind.name());
        let answer = peer.ask(&["x509-str", kind.name(), ".", file, theirs])?;
        if answer != "OK" {
            report.check(&format!("WSS4J signs, {case}"), Err(answer));
            continue;
        }
        let case = format!("what WSS4J signed, {case}");
        let outcome = ksz.judges(Profile::X509, ksz::OURS, theirs, "AlgorithmNotAccepted")?;
        report.check(&format!("ksz refuses {case}, unless it is allowed"), outcome);
        let outcome = ksz.judges_str_transform(theirs, ksz::ACCEPTED)?;
        report.check(&format!("ksz accepts {case}, where it is allowed"), outcome);
        // Line ends in the base64 leave the certificate as it is, and not its octets.
        let end = "</wsse:BinarySecurityToken>";
        let changed = ksz.keys.read(theirs)?.replace(end, &format!("\n{end}"));
        ksz.keys.write(theirs, &changed)?;
        let outcome = ksz.judges_str_transform(theirs, "DigestMismatch")?;
        report.check(&format!("ksz refuses {case}, with another token"), outcome);
    }
    Ok(())
}

/// The keys under the names that the kit expects, and an assertion for each holder.
fn make_keys(folder: &Path) -> Result<Keys, Error> {
    let keys = Keys::make(folder)?;
    keys.join(&["root.pem", "issuing.pem"], "authorities.pem")?;
    keys.leaf(assertion::SERVICE, KeyKind::Rsa2048)?;
    for kind in KeyKind::ALL {
        keys.join(&[format!("{}.pem", kind.name())], &format!("{}.crt", kind.name()))?;
        assertion::make(&keys, kind)?;
    }
    keys.write(ksz::ENVELOPE, &envelope("", ""))?;
    let in_default_namespace = envelope("", "").replacen(":Envelope", ":Envelope xmlns=\"urn:d\"", 1);
    keys.write(IN_DEFAULT_NAMESPACE, &in_default_namespace)?;
    Ok(keys)
}

/// Compiles the peer and answers its class path.
fn compile(sources: &Path, folder: &Path) -> Result<PathBuf, Error> {
    let program = folder.join("Wss4jPeer.java");
    fs::write(&program, PROGRAM).map_err(Error::io(program.display().to_string()))?;
    let classes = folder.join("classes");
    let archives = ARCHIVES.map(|name| Path::new("/usr/share/java").join(format!("{name}.jar")));
    let path = env::join_paths([classes.clone()].iter().chain(&archives))
        .map_err(|error| Error::Unreadable { what: "class path".into(), detail: error.to_string() })?;
    let mut compiler = Command::new("javac");
    compiler.args(["-nowarn", "-cp"]).arg(&path).arg("-d").arg(&classes).arg(program);
    process::stdout(compiler.args(KIT.map(|name| sources.join(name))))?;
    Ok(path.into())
}
