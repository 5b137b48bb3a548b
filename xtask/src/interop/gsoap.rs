//! A service built with gSOAP and its plug-in `wsseapi`: it is called over HTTP, verifies, and signs its
//! answer.
//!
//! What it cannot judge is noted, and judged with the one thing rewritten that it stumbles over.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::keys::{KeyKind, Keys};
use super::ksz::{self, Ksz, Profile};
use super::messages::{SOAP, ensure};
use super::{Judge, Report};
use crate::error::Error;
use crate::process;

pub(super) const JUDGE: Judge = Judge {
    name: "gsoap",
    needs: &[
        ("soapcpp2", "gsoap"),
        ("ls /usr/lib/*/libgsoapssl.a", "libgsoap-dev"),
        ("test -e /usr/include/openssl/ssl.h", "libssl-dev"),
        ("test -e /usr/include/zlib.h", "zlib1g-dev"),
        ("gcc", "gcc"),
        ("openssl", "openssl"),
    ],
    run,
};

/// The script beside the checkout that builds the service.
const BUILD: &str = "build_gsoap.sh";
/// How long the service may think.
const LIMIT: Duration = Duration::from_secs(60);

/// How it refuses a signature that is not right.
const REFUSAL: &str = "The signature or decryption was invalid";
/// How it refuses a certificate that leads to another root.
const STRANGER: &str = "Referenced security token could not be retrieved";
/// How it refuses a message of which it counts the Body twice.
const COUNTED_TWICE: &str = "Message body not signed";

/// The answer of the service.
const ANSWER: &str = "answer.xml";

fn run(ksz: &Path, folder: &Path, report: &mut Report) -> Result<(), Error> {
    let script = process::shared().join("interop/soap").join(BUILD);
    if !script.exists() {
        report.skip(&format!("no {}", script.display()));
        return Ok(());
    }
    process::stdout(Command::new("sh").arg(script).arg(folder.join("service")))?;
    let keys = Keys::make(folder)?;
    keys.join(&["root.pem", "issuing.pem"], "authorities.pem")?;
    keys.write(ksz::ENVELOPE, &envelope())?;
    let ksz =
        Ksz { program: ksz, folder, keys, in_body: "echo", layouts: &["connector"], refusals: &[REFUSAL] };
    let service = Service::start(folder, "authorities.pem", &[])?;
    ksz.is_judged(Profile::X509, KeyKind::Rsa2048, report, &mut |file| service.ask(&ksz, file))?;
    service.ask(&ksz, ksz::SIGNED)?;
    ksz.judges_signed(Profile::X509, ANSWER, "the answer that gSOAP signed, rsa", report)?;

    let answer = Service::start(folder, "stranger.pem", &[])?.ask(&ksz, ksz::SIGNED)?;
    let outcome = ensure(answer.contains(STRANGER), &answer);
    report.check("what ksz signed, x509, rsa, is refused under another root", outcome);

    judge_ehealth_layout(&ksz, &service, report)?;
    judge_ecdsa(&ksz, &service, report)?;
    judge_package(folder, report)
}

/// A message with an attachment, unsigned: gSOAP signs what it sends, with the `xop:Include` in place of the octets, and
/// verifies likewise. It takes our package apart and sends the attachment back in one of its own.
fn judge_package(folder: &Path, report: &mut Report) -> Result<(), Error> {
    let service = Service::start(folder, "authorities.pem", &["nosec"])?;
    let example = |word: &str| {
        let words =
            ["run", "--quiet", "--package", "ksz-tests", "--example", "mtom_package", "--locked", "--"];
        process::output(process::cargo(words).arg(word).arg(folder))
    };
    let failed = |what: &str| Error::io(what.to_owned());
    example("write")?;
    let content_type = fs::read_to_string(folder.join("request.type")).map_err(failed("request.type"))?;
    let message = fs::read(folder.join("request.bin")).map_err(failed("request.bin"))?;
    let answer = service.call(&content_type, &message).map_err(failed("calling gSOAP"))?;
    let (head, body) = answer.split_at(answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or_default());
    let head = String::from_utf8_lossy(head);
    let header = head.lines().find_map(|line| line.strip_prefix("Content-Type: ")).unwrap_or_default();
    fs::write(folder.join("answer.type"), header).map_err(failed("answer.type"))?;
    fs::write(folder.join("answer.bin"), body.get(4..).unwrap_or_default()).map_err(failed("answer.bin"))?;
    let read = example("read")?;
    let outcome = ensure(read.status.success(), &String::from_utf8_lossy(&read.stderr));
    report.check("an attachment that ksz packed comes back in a package of gSOAP, which ksz reads", outcome);
    Ok(())
}

/// The token before the signature, and the Timestamp last. gSOAP searches on behind a signed element that is
/// the last of the header, and counts the Body twice. With an element of no meaning behind it, all the rest
/// of the message is judged.
fn judge_ehealth_layout(ksz: &Ksz<'_>, service: &Service, report: &mut Report) -> Result<(), Error> {
    let case = "what ksz signed, x509, rsa, layout ehealth";
    let answer = sign_and_ask(ksz, service, KeyKind::Rsa2048, "ehealth")?;
    if !answer.contains(COUNTED_TWICE) {
        report.check(&format!("{case}, verifies"), ensure(answer == "OK", &answer));
        return Ok(());
    }
    report.note(&format!(
        "{case}: not judged as it is. gSOAP 2.8 counts the Body twice where a signed element is the last of the \
         header"
    ));
    let end = "</wsse:Security>";
    let followed = ksz.keys.read(ksz::SIGNED)?.replace(end, &format!("<last xmlns=\"urn:last\"/>{end}"));
    judge_rewritten(ksz, service, &followed, (case, "an element behind the last", "SecurityShape"), report)
}

/// gSOAP hands an ECDSA value to OpenSSL as it is, which reads DER; XML Signature 1.1, section 6.4.3, has r
/// and s side by side. With that one value rewritten it verifies, so all the rest of the message is judged.
fn judge_ecdsa(ksz: &Ksz<'_>, service: &Service, report: &mut Report) -> Result<(), Error> {
    let case = "what ksz signed, x509, ec";
    let answer = sign_and_ask(ksz, service, KeyKind::P256, "connector")?;
    if !answer.contains(REFUSAL) {
        report.check(&format!("{case}, verifies"), ensure(answer == "OK", &answer));
        return Ok(());
    }
    report.note(&format!("{case}: not judged as it is. gSOAP 2.8 takes a value of ECDSA for DER"));
    let signed = ksz.keys.read(ksz::SIGNED)?;
    let value = between(&signed, "<ds:SignatureValue>", "</ds:SignatureValue>");
    let rewritten = signed.replace(value, &in_der(ksz, value)?);
    judge_rewritten(ksz, service, &rewritten, (case, "its value in DER", "SignatureMismatch"), report)
}

/// A message in which nothing but what gSOAP stumbles over was changed, by which we refuse it.
fn judge_rewritten(
    ksz: &Ksz<'_>,
    service: &Service,
    message: &str,
    (case, what, reason): (&str, &str, &str),
    report: &mut Report,
) -> Result<(), Error> {
    ksz.keys.write(ksz::SIGNED, message)?;
    let answer = service.ask(ksz, ksz::SIGNED)?;
    report.check(&format!("{case}, verifies with {what}"), ensure(answer == "OK", &answer));
    let answer = ksz.ask_changed(&mut |file| service.ask(ksz, file))?;
    let outcome = ensure(answer.contains(REFUSAL), &answer);
    report.check(&format!("{case}, is refused with {what} and another Body"), outcome);
    let outcome = ksz.judges(Profile::X509, ksz::OURS, ksz::SIGNED, reason)?;
    report.check(&format!("ksz refuses {case}, with {what}"), outcome);
    Ok(())
}

fn sign_and_ask(ksz: &Ksz<'_>, service: &Service, kind: KeyKind, layout: &str) -> Result<String, Error> {
    match ksz.sign(Profile::X509, kind, &["--layout", layout])? {
        Ok(()) => service.ask(ksz, ksz::SIGNED),
        Err(why) => Ok(why),
    }
}

/// `sendTestMessage` of KSZ's TestConnectionService, in SOAP 1.1.
fn envelope() -> String {
    format!(
        "<soapenv:Envelope xmlns:soapenv=\"{SOAP}\"><soapenv:Header/><soapenv:Body>\n  <v1:sendTestMessageRequest \
         xmlns:v1=\"http://kszbcss.fgov.be/intf/TestConnectionServiceService/v1\"><echo>hello</echo>\
         </v1:sendTestMessageRequest>\n</soapenv:Body></soapenv:Envelope>"
    )
}

/// What stands between two texts.
fn between<'d>(document: &'d str, start: &str, end: &str) -> &'d str {
    let behind = document.split_once(start).map_or("", |(_, rest)| rest);
    behind.split_once(end).map_or("", |(content, _)| content)
}

/// The value r and s in the form `ECDSA-Sig-Value` of RFC 3279, section 2.2.3, both as base64.
fn in_der(ksz: &Ksz<'_>, value: &str) -> Result<String, Error> {
    ksz.keys.write("value.base64", &format!("{value}\n"))?;
    let openssl = |words: &[&str]| {
        process::output(Command::new("openssl").current_dir(ksz.folder).args(["base64", "-A"]).args(words))
    };
    let octets = openssl(&["-d", "-in", "value.base64"])?.stdout;
    let (r, s) = octets.split_at(octets.len() / 2);
    let integers = [integer(r), integer(s)].concat();
    let der = [&[0x30, length(&integers)], integers.as_slice()].concat();
    fs::write(ksz.folder.join("value.der"), der).map_err(Error::io("value.der"))?;
    Ok(String::from_utf8_lossy(&openssl(&["-in", "value.der"])?.stdout).trim_end().into())
}

/// An unsigned number as INTEGER of DER.
fn integer(octets: &[u8]) -> Vec<u8> {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let octets = &octets[zeros..];
    let sign = octets.first().is_none_or(|first| *first >= 0x80);
    let content = [&[0][..usize::from(sign)], octets].concat();
    [&[0x02, length(&content)], content.as_slice()].concat()
}

/// The length of a short content; longer ones do not occur in values of P-256.
fn length(content: &[u8]) -> u8 {
    u8::try_from(content.len()).ok().filter(|length| *length < 0x80).unwrap_or_default()
}

/// The running service.
struct Service {
    child: Child,
    port: u16,
}

impl Service {
    /// Starts it with the authorities it believes and more words, on a port that is free.
    fn start(folder: &Path, authorities: &str, more: &[&str]) -> Result<Self, Error> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let port = port.map_err(Error::io("127.0.0.1"))?.port();
        let mut command = Command::new(folder.join("service/gsoap_peer"));
        command
            .current_dir(folder)
            .arg(port.to_string())
            .args([authorities, "rsa.pem", "rsa.key"])
            .args(more);
        let line = process::line(&command);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut service = Self { child: child.map_err(Error::io(line.clone()))?, port };
        let mut said = String::new();
        if let Some(output) = service.child.stdout.take() {
            BufReader::new(output).read_line(&mut said).map_err(Error::io(line.clone()))?;
        }
        if said.trim_end() == "ready" {
            Ok(service)
        } else {
            Err(Error::Command { line, ended: "it does not listen".into() })
        }
    }

    /// Calls it with a file and keeps what it answers: `OK`, or `FAULT` and what it complains of.
    fn ask(&self, ksz: &Ksz<'_>, file: &str) -> Result<String, Error> {
        let message = ksz.keys.read(file)?;
        let answer =
            self.call("text/xml; charset=utf-8", message.as_bytes()).map_err(Error::io("calling gSOAP"))?;
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        ksz.keys.write(ANSWER, body)?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        if status == "200" && body.contains("<echo>") {
            return Ok("OK".into());
        }
        let fault = between(body, "<faultstring>", "</faultstring>");
        Ok(format!("FAULT {status} {fault} {}", between(body, "<detail>", "</detail>")))
    }

    fn call(&self, content_type: &str, message: &[u8]) -> Result<Vec<u8>, io::Error> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        connection.set_read_timeout(Some(LIMIT))?;
        connection.set_write_timeout(Some(LIMIT))?;
        write!(
            connection,
            "POST / HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\nSOAPAction: \"\"\r\n\
             Content-Length: {}\r\n\r\n",
            message.len()
        )?;
        connection.write_all(message)?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It never ends by itself; that it may have ended already is no failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_in_der() {
        assert_eq!(integer(&[0, 0, 1]), [2, 1, 1]);
        assert_eq!(integer(&[0x80, 5]), [2, 3, 0, 0x80, 5]);
        assert_eq!(integer(&[0, 0x7f, 5]), [2, 2, 0x7f, 5]);
        assert_eq!(integer(&[0, 0]), [2, 1, 0]);
    }

    #[test]
    fn a_text_is_found_between_others() {
        assert_eq!(between("<a>1</a><a>2</a>", "<a>", "</a>"), "1");
        assert_eq!(between("<a>1", "<a>", "</a>"), "");
    }
}
