//! The `xmlsec1` command, built on libxml2 and OpenSSL, in both directions.
//!
//! xmlsec1 1.2 verifies only what its options name: which attributes are identifiers, which `Signature` is
//! meant, and whose key it must be. `KeyInfo` is kept out of it: no element there is a known key name.

use std::path::Path;
use std::process::Command;

use super::keys::{KeyKind, Keys};
use super::messages::{SOAP, changed, ensure, envelope, instant, told};
use super::{Judge, Report};
use crate::error::Error;
use crate::process;

pub(super) const JUDGE: Judge =
    Judge { name: "xmlsec1", needs: &[("xmlsec1", "xmlsec1"), ("openssl", "openssl")], run };

const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const X509_V3: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";
const BASE64: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";
const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// The one Signature that is meant: the child of Security in the header.
const SIGNATURE: &str = "/*/*[local-name()='Header']/*[local-name()='Security']/*[local-name()='Signature']";

/// What the X.509 profile signs, by an element whose first characters a change must spoil.
const SIGNED: [(&str, &str); 3] =
    [("Body", "Message"), ("Timestamp", "Created"), ("token", "BinarySecurityToken")];

#[derive(Clone, Copy, Debug)]
enum PrefixList {
    On,
    Off,
}

impl PrefixList {
    const ALL: [Self; 2] = [Self::On, Self::Off];

    const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }

    /// The `InclusiveNamespaces` of one transform, as the eHealth platform's samples write it.
    fn element(self, prefixes: &str) -> String {
        match self {
            Self::On => {
                format!("<ec:InclusiveNamespaces xmlns:ec=\"{EXC_C14N}\" PrefixList=\"{prefixes}\"/>")
            }
            Self::Off => String::new(),
        }
    }
}

fn run(ksz: &Path, folder: &Path, report: &mut Report) -> Result<(), Error> {
    let keys = Keys::make(folder)?;
    keys.write("envelope.xml", &envelope("", ""))?;
    for kind in KeyKind::ALL {
        for prefix_list in PrefixList::ALL {
            for layout in ["ehealth", "connector"] {
                judge_what_ksz_signs(ksz, &keys, kind, prefix_list, layout, report)?;
            }
            let signed = sign(&keys, kind, prefix_list)?;
            let case = format!("{}, prefix list {}", kind.name(), prefix_list.name());
            report.check(&format!("its own signature, {case}, verifies"), verify(&keys, kind, &signed)?);
            let_ksz_judge(ksz, &keys, &signed, &case, report)?;
        }
    }
    Ok(())
}

fn judge_what_ksz_signs(
    ksz: &Path,
    keys: &Keys,
    kind: KeyKind,
    prefix_list: PrefixList,
    layout: &str,
    report: &mut Report,
) -> Result<(), Error> {
    let case = format!("{}, prefix list {}, layout {layout}", kind.name(), prefix_list.name());
    let mut command = Command::new(ksz);
    command
        .args(["sign", "--profile", "x509", "--identity"])
        .arg(keys.path(&format!("{}.identity.pem", kind.name())));
    command.args(["--prefix-list", prefix_list.name(), "--layout", layout]).arg(keys.path("envelope.xml"));
    let output = process::output(&mut command)?;
    if !output.status.success() {
        report.check(&format!("ksz signs, {case}"), Err(told(&output)));
        return Ok(());
    }
    let signed = String::from_utf8_lossy(&output.stdout);
    report.check(&format!("what ksz signed, {case}, verifies"), verify(keys, kind, &signed)?);
    let listed = signed.contains("InclusiveNamespaces") == matches!(prefix_list, PrefixList::On);
    let ordered = (signed.find("Timestamp") < signed.find("Signature")) == (layout == "connector");
    let form = ensure(listed, "other prefix lists").and_then(|()| ensure(ordered, "another order"));
    report.check(&format!("what ksz signed, {case}, has the form asked for"), form);
    for (part, element) in SIGNED {
        let outcome = match changed(&signed, element) {
            Some(changed) => refusal(verify(keys, kind, &changed)?),
            None => Err(format!("no {element} to change")),
        };
        report.check(&format!("what ksz signed, {case}, is refused with another {part}"), outcome);
    }
    Ok(())
}

fn let_ksz_judge(
    ksz: &Path,
    keys: &Keys,
    signed: &str,
    case: &str,
    report: &mut Report,
) -> Result<(), Error> {
    let mut ask = |what: &str, message: &str, anchor: &str, expected: i32| -> Result<(), Error> {
        let file = keys.write("message.xml", message)?;
        let mut command = Command::new(ksz);
        command.args(["verify", "--profile", "x509", "--anchor"]).arg(keys.path(anchor));
        command.arg("--intermediates").arg(keys.path("issuing.pem")).arg(file);
        let output = process::output(&mut command)?;
        let outcome = ensure(output.status.code() == Some(expected), &told(&output));
        report.check(&format!("ksz {what}, {case}"), outcome);
        Ok(())
    };
    ask("accepts what xmlsec1 signed", signed, "root.pem", 0)?;
    ask("refuses what xmlsec1 signed under another root", signed, "stranger.pem", 3)?;
    for (part, element) in SIGNED {
        let changed = changed(signed, element).unwrap_or_default();
        ask(&format!("refuses what xmlsec1 signed with another {part}"), &changed, "root.pem", 3)?;
    }
    Ok(())
}

/// A message signed by xmlsec1, created now.
fn sign(keys: &Keys, kind: KeyKind, prefix_list: PrefixList) -> Result<String, Error> {
    let name = kind.name();
    let certificate = keys.base64(name)?;
    let created = instant("now")?;
    let expires = instant("now + 60 seconds")?;
    let security = format!(
        "<wsse:Security xmlns:wsse=\"{WSSE}\" xmlns:wsu=\"{WSU}\">\
         <wsse:BinarySecurityToken EncodingType=\"{BASE64}\" ValueType=\"{X509_V3}\" wsu:Id=\"X509-1\">{certificate}\
         </wsse:BinarySecurityToken>{}\
         <wsu:Timestamp wsu:Id=\"TS-1\"><wsu:Created>{created}</wsu:Created><wsu:Expires>{expires}</wsu:Expires>\
         </wsu:Timestamp></wsse:Security>",
        signature_template(kind, prefix_list)
    );
    let template = envelope(&security, &format!(" xmlns:wsu=\"{WSU}\" wsu:Id=\"id-1\""));
    let template = keys.write("template.xml", &template)?;
    let pair = format!(
        "{},{}",
        keys.path(&format!("{name}.key")).display(),
        keys.path(&format!("{name}.pem")).display()
    );
    process::stdout(xmlsec1("--sign").args(["--privkey-pem", &pair]).arg(template))
}

/// A Signature over the token, the Timestamp and the Body, its values left empty.
fn signature_template(kind: KeyKind, prefix_list: PrefixList) -> String {
    let method = match kind {
        KeyKind::Rsa2048 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        KeyKind::P256 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    };
    let reference = |id: &str, prefixes: &str| {
        format!(
            "<ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{EXC_C14N}\">{}</ds:Transform>\
             </ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/>\
             </ds:Reference>",
            prefix_list.element(prefixes)
        )
    };
    format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
         <ds:CanonicalizationMethod Algorithm=\"{EXC_C14N}\">{}</ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{method}\"/>{}{}{}</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo>\
         <wsse:SecurityTokenReference><wsse:Reference URI=\"#X509-1\" ValueType=\"{X509_V3}\"/>\
         </wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>",
        prefix_list.element("soapenv urn urn1"),
        reference("X509-1", ""),
        reference("TS-1", "wsse soapenv urn urn1"),
        reference("id-1", "urn urn1"),
    )
}

/// xmlsec1's verdict on a message: accepted only with all three references.
fn verify(keys: &Keys, kind: KeyKind, message: &str) -> Result<Result<(), String>, Error> {
    let file = keys.write("judged.xml", message)?;
    let certificate = keys.path(&format!("{}.pem", kind.name()));
    let output = process::output(xmlsec1("--verify").arg("--pubkey-cert-pem").arg(certificate).arg(file))?;
    let all = String::from_utf8_lossy(&output.stderr).contains("SignedInfo References (ok/all): 3/3");
    Ok(ensure(output.status.success() && all, &told(&output)))
}

/// What both directions have in common.
fn xmlsec1(action: &str) -> Command {
    let mut command = Command::new("xmlsec1");
    command.args([action, "--enabled-reference-uris", "same-doc", "--enabled-key-data", "key-name"]);
    for element in [format!("{WSU}:Timestamp"), format!("{SOAP}:Body"), format!("{WSSE}:BinarySecurityToken")]
    {
        command.args(["--id-attr:Id", &element]);
    }
    command.args(["--node-xpath", SIGNATURE]);
    command
}

/// Assertions that stand alone.
pub(super) struct Assertions;

impl Assertions {
    /// xmlsec1's verdict on the assertion of a file, by the key of a certificate.
    pub(super) fn verify(file: &Path, certificate: &Path) -> Result<Result<(), String>, Error> {
        let mut command = Command::new("xmlsec1");
        command.args(["--verify", "--enabled-reference-uris", "same-doc", "--enabled-key-data", "key-name"]);
        command.args(["--id-attr:AssertionID", "urn:oasis:names:tc:SAML:1.0:assertion:Assertion"]);
        command.args(["--node-xpath", "/*/*[local-name()='Signature']", "--pubkey-cert-pem"]);
        let output = process::output(command.arg(certificate).arg(file))?;
        let all = String::from_utf8_lossy(&output.stderr).contains("SignedInfo References (ok/all): 1/1");
        Ok(ensure(output.status.success() && all, &told(&output)))
    }
}

/// A verdict that must be the refusal of a signature, not a complaint about anything else.
fn refusal(verdict: Result<(), String>) -> Result<(), String> {
    match verdict {
        Err(told) if told.lines().any(|line| line == "FAIL") => Ok(()),
        Err(told) => Err(told),
        Ok(()) => Err("accepted".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_signature_that_fails_is_a_refusal() {
        assert_eq!(refusal(Err("exit status: 1\nFAIL\nSignedInfo References (ok/all): 2/3".into())), Ok(()));
        assert!(refusal(Err("exit status: 1\nfile not found".into())).is_err());
        assert!(refusal(Ok(())).is_err());
    }
}
