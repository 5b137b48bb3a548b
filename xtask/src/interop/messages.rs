//! What judges of messages share: the message, and a change in it.

use std::process::{Command, Output};

use crate::error::Error;
use crate::process;

pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// `CheckAccessControlRequest` of the eHealth platform's PlatformIntegrationConsumerTest, in SOAP 1.1.
pub(super) fn envelope(header: &str, body_attributes: &str) -> String {
    format!(
        "<soapenv:Envelope xmlns:soapenv=\"{SOAP}\" xmlns:urn=\"urn:be:fgov:ehealth:platformintegrationconsumertest:v1\" \
         xmlns:urn1=\"urn:be:fgov:ehealth:platformintegrationconsumertest:types:v1\">\n   \
         <soapenv:Header>{header}</soapenv:Header>\n   <soapenv:Body{body_attributes}>\n      \
         <urn:CheckAccessControlRequest>\n         <urn1:Message>Hello World</urn1:Message>\n         \
         <urn1:Timestamp>2014-12-30T15:29:03.157+01:00</urn1:Timestamp>\n      \
         </urn:CheckAccessControlRequest>\n   </soapenv:Body>\n</soapenv:Envelope>\n"
    )
}

/// The message with the first character of an element's text replaced by another of its kind.
pub(super) fn changed(message: &str, element: &str) -> Option<String> {
    let tag = [":", "<"].iter().find_map(|before| message.find(&format!("{before}{element}")))?;
    let text = tag + message[tag..].find('>')? + 1;
    let at = text + message[text..].find(|c: char| !c.is_whitespace())?;
    let other = match message[at..].chars().next()? {
        '9' => '0',
        'z' => 'a',
        'Z' => 'A',
        c if c.is_ascii_alphanumeric() => char::from(u8::try_from(c).ok()? + 1),
        _ => return None,
    };
    Some(format!("{}{other}{}", &message[..at], &message[at + 1..]))
}

/// An instant in the form of `wsu:Created`; the machine's clock is asked by the command `date`.
pub(super) fn instant(when: &str) -> Result<String, Error> {
    let date = process::stdout(Command::new("date").args(["--utc", "--date", when, "+%Y-%m-%dT%H:%M:%SZ"]))?;
    Ok(date.trim_end().into())
}

pub(super) fn ensure(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

pub(super) fn told(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    format!("{}\n{}", output.status, text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_character_of_the_text_changes() {
        let message = "<a:Message x=\"1\">\n Hello</a:Message><b:Created>9</b:Created>";

        assert_eq!(changed(message, "Message").unwrap(), message.replace("Hello", "Iello"));
        assert_eq!(changed(message, "Created").unwrap(), message.replace("9<", "0<"));
        assert_eq!(changed("<echo>a</echo>", "echo").unwrap(), "<echo>b</echo>");
        assert_eq!(changed(message, "BinarySecurityToken"), None);
    }
}
