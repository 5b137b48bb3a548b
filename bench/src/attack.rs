//! Messages that cost whoever reads them carelessly. Each must be refused, for the right reason and in time.
//!
//! The names are those of the plan of attacks that the verifier is written against.

use crate::clock::cpu_seconds;
use crate::error::Error;
use crate::fixture::{Folder, instant};
use crate::hostile_key;
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_error::Class;
use ksz_pki::{Backend, TrustStore};
use ksz_wss::{Policy, Replay, verify_x509};
use std::fmt::Write;

/// The stack on which messages are read: what is recursive does not fit.
const STACK: usize = 512 * 1024;

/// One hostile message.
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    /// Why it may be refused.
    pub(crate) classes: &'static [Class],
    /// The most CPU time that refusing it may take.
    pub(crate) milliseconds: f64,
    message: fn(&Folder) -> Result<String, Error>,
}

/// What became of one.
pub(crate) struct Outcome {
    pub(crate) octets: usize,
    /// The median of the rounds.
    pub(crate) milliseconds: f64,
    /// Why it was refused; none if it was accepted.
    pub(crate) class: Option<Class>,
}

impl Attack {
    pub(crate) const ALL: [Self; 12] = [
        Self::new("P24-costly-key", &[Class::Key], 50.0, costly_key),
        Self::new("P34-transforms", &[Class::Limit], 50.0, many_transforms),
        Self::new("P34-references", &[Class::Limit], 50.0, many_references),
        Self::new("P45-laughs", &[Class::XmlForbidden], 50.0, billion_laughs),
        Self::new("P45-quadratic", &[Class::XmlForbidden], 50.0, quadratic_entity),
        Self::new("P48-levels", &[Class::Limit], 100.0, many_levels),
        Self::new("P48-open", &[Class::Limit], 100.0, many_open_tags),
        Self::new("P49-attributes", &[Class::Limit], 100.0, many_attributes),
        Self::new("P49-namespaces", &[Class::Limit], 100.0, many_namespaces),
        Self::new("P50-elements", &[Class::Limit], 100.0, many_elements),
        Self::new("P50-comments", &[Class::Limit], 100.0, many_comments),
        Self::new("P50-text", &[Class::Limit], 100.0, much_text),
    ];

    const fn new(
        name: &'static str,
        classes: &'static [Class],
        milliseconds: f64,
        message: fn(&Folder) -> Result<String, Error>,
    ) -> Self {
        Self { name, classes, milliseconds, message }
    }

    /// Verifies the message as often as there are rounds.
    pub(crate) fn run(&self, folder: &Folder, rounds: usize) -> Result<Outcome, Error> {
        let genuine = folder.read("signed_rsa_1k.xml")?;
        let now = instant(&genuine, "Created>")?;
        let trust = TrustStore::new(vec![folder.certificate("ca")?], Backend::default());
        let message = (self.message)(folder)?;
        let policy = Policy::default();
        let judge = || {
            let mut times = Vec::new();
            let mut class = None;
            for _ in 0..rounds.max(1) {
                let start = cpu_seconds();
                let verified = verify_x509(message.as_bytes(), &trust, &policy, Replay::NotChecked, now);
                times.push((cpu_seconds() - start) * 1e3);
                class = verified.err().map(|error| error.class());
            }
            times.sort_by(f64::total_cmp);
            Outcome { octets: message.len(), milliseconds: times[times.len() / 2], class }
        };
        std::thread::scope(|scope| {
            let reader = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, judge);
            let joined = reader.map_err(Error::io("a thread"))?.join();
            joined.map_err(|_| Error::Refused { what: self.name, why: "the verifier panicked".into() })
        })
    }
}

fn costly_key(folder: &Folder) -> Result<String, Error> {
    let token = STANDARD.encode(hostile_key::certificate());
    let message = folder.read("signed_rsa_1k.xml")?;
    let start = after(&message, "<wsse:BinarySecurityToken", '>')?;
    let end = start + message[start..].find('<').unwrap_or_default();
    Ok(format!("{}{token}{}", &message[..start], &message[end..]))
}

fn many_transforms(folder: &Folder) -> Result<String, Error> {
    let message = folder.read("signed_rsa_1k.xml")?;
    let at = after(&message, "<ds:Transforms", '>')?;
    let transform = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>";
    Ok(format!("{}{}{}", &message[..at], transform.repeat(1_000), &message[at..]))
}

fn many_references(folder: &Folder) -> Result<String, Error> {
    let message = folder.read("signed_rsa_100k.xml")?;
    let at = after(&message, "</ds:Reference", '>')?;
    let start = message.find("<ds:Reference").unwrap_or_default();
    Ok(format!("{}{}{}", &message[..at], message[start..at].repeat(2_000), &message[at..]))
}

fn billion_laughs(_: &Folder) -> Result<String, Error> {
    let mut declarations = String::from("<!ENTITY l0 \"laugh\">");
    for level in 1..=9 {
        let below = format!("&l{};", level - 1).repeat(10);
        let _ = write!(declarations, "<!ENTITY l{level} \"{below}\">");
    }
    Ok(format!("<!DOCTYPE Envelope [{declarations}]>{}", in_body("&l9;")))
}

fn quadratic_entity(_: &Folder) -> Result<String, Error> {
    let long = "a".repeat(50_000);
    Ok(format!("<!DOCTYPE Envelope [<!ENTITY a \"{long}\">]>{}", in_body(&"&a;".repeat(50_000))))
}

fn many_levels(_: &Folder) -> Result<String, Error> {
    Ok(in_body(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000))))
}

fn many_open_tags(_: &Folder) -> Result<String, Error> {
    Ok("<a>".repeat(1_000_000))
}

fn many_attributes(_: &Folder) -> Result<String, Error> {
    let mut element = String::from("<a");
    for number in 0..60_000 {
        let _ = write!(element, " a{number}=\"\"");
    }
    Ok(in_body(&(element + "/>")))
}

fn many_namespaces(_: &Folder) -> Result<String, Error> {
    let mut elements = String::new();
    for number in 0..8_000 {
        let _ = write!(elements, "<a xmlns:n{number}=\"urn:n{number}\">");
    }
    Ok(in_body(&(elements + &"</a>".repeat(8_000))))
}

fn many_elements(_: &Folder) -> Result<String, Error> {
    Ok(in_body(&"<a/>".repeat(500_000)))
}

fn many_comments(_: &Folder) -> Result<String, Error> {
    Ok(in_body(&"<!---->".repeat(300_000)))
}

fn much_text(_: &Folder) -> Result<String, Error> {
    Ok(in_body(&"text ".repeat(12_000_000 / 5)))
}

/// The place behind the tag that begins like this.
fn after(message: &str, tag: &'static str, end: char) -> Result<usize, Error> {
    let place = message.find(tag).and_then(|start| Some(start + message[start..].find(end)? + 1));
    place.ok_or_else(|| Error::Refused { what: tag, why: "not in the message".into() })
}

fn in_body(content: &str) -> String {
    const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
    let around =
        ["<e:Envelope xmlns:e=\"", SOAP, "\"><e:Header/><e:Body>", content, "</e:Body></e:Envelope>"];
    around.concat()
}
