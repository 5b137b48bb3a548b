use crate::soa::SoaCode;
use crate::{Error, names};
use ksz_xml::{Element, escape_attribute, escape_text};
use std::fmt;

/// A SOAP 1.1 fault (section 4.4), with the detail that the eHealth platform puts in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The fault code, its prefix resolved.
    pub code: FaultCode,
    /// The text for people.
    pub string: String,
    /// The platform's error, if the detail holds one.
    pub soa_error: Option<SoaError>,
    /// The detail as it came.
    pub detail: Option<String>,
}

/// A qualified fault code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FaultCode {
    /// The namespace, empty if the code has no prefix, or one that nobody declares.
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// Whether the platform or the business service refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SoaErrorKind {
    /// `SystemError`.
    System,
    /// `BusinessError`.
    Business,
}

/// A `SystemError` or `BusinessError` of the eHealth platform (schema `ehealth-errors-schema-soa-1_1`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SoaError {
    /// Which of the two.
    pub kind: SoaErrorKind,
    /// The ticket by which the service desk finds the call.
    pub id: String,
    /// Who caused it, in the platform's view.
    pub origin: String,
    /// The code, such as `SOA-01001` or `wst:InvalidRequest`.
    pub code: String,
    /// The texts.
    pub messages: Vec<Message>,
    /// Whether the platform advises to try again.
    pub retry: Option<bool>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// Which environment answered; `Acceptation` is spelt so.
    pub environment: Option<String>,
}

/// One text of an error.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// Its language.
    pub language: Option<String>,
    /// The text.
    pub text: String,
}

impl Fault {
    /// Reads a `Fault` element.
    ///
    /// # Errors
    ///
    /// [`Error::Xml`] if faultcode or faultstring is missing or repeated. What stands in the detail is never an
    /// error: an answer that cannot be understood must not hide that the call was refused.
    pub fn read(fault: Element<'_>) -> Result<Self, Error> {
        let code = fault.only_child("", "faultcode")?;
        let text = code.only_text()?;
        let (prefix, name) = text.trim().split_once(':').unwrap_or(("", text.trim()));
        let namespace = if prefix.is_empty() { None } else { code.lookup_namespace(prefix) };
        let detail = fault.optional_child("", "detail")?;
        Ok(Self {
            code: FaultCode { namespace: namespace.unwrap_or_default().into(), name: name.into() },
            string: fault.only_child("", "faultstring")?.whole_text().trim().to_owned(),
            soa_error: detail.and_then(|detail| detail.children().find_map(SoaError::read)),
            detail: detail.map(|detail| detail.source().to_owned()),
        })
    }

    /// The platform's code if the detail has one, else the name of the fault code.
    #[must_use]
    pub fn service_code(&self) -> &str {
        self.soa_error.as_ref().map_or(&self.code.name, |error| &error.code)
    }

    /// Whether it is this code of WS-Trust 1.3 section 11, such as `InvalidRequest`.
    #[must_use]
    pub fn is_ws_trust(&self, name: &str) -> bool {
        self.code.namespace == names::WS_TRUST && self.code.name == name
    }

    /// The fault as the payload of a Body.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let (declaration, prefix) = match self.code.namespace.as_str() {
            "" => (String::new(), ""),
            names::SOAP_11 => (String::new(), "soapenv:"),
            // Nothing but the prefix xml may be bound to this name, and it is bound already.
            "http://www.w3.org/XML/1998/namespace" => (String::new(), "xml:"),
            other => (declaration("code", other), "code:"),
        };
        let mut xml = format!("<soapenv:Fault xmlns:soapenv=\"{}\">", names::SOAP_11);
        xml += &format!("<faultcode{declaration}>{prefix}");
        escape_text(&self.code.name, &mut |piece| xml += piece);
        xml += "</faultcode><faultstring>";
        escape_text(&self.string, &mut |piece| xml += piece);
        xml += "</faultstring>";
        if let Some(error) = &self.soa_error {
            xml += "<detail>";
            error.write(&mut xml);
            xml += "</detail>";
        }
        xml + "</soapenv:Fault>"
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {}: {}", self.service_code(), self.string.replace(['\r', '\n'], " "))?;
        if let Some(error) = &self.soa_error {
            for message in error.messages.iter().filter(|message| !self.string.contains(&message.text)) {
                write!(f, "; {}", message.text.replace(['\r', '\n'], " "))?;
            }
            write!(f, " (ticket {})", error.id)?;
        }
        Ok(())
    }
}

impl SoaError {
    /// The meaning of its code, if the platform documents it.
    #[must_use]
    pub fn meaning(&self) -> Option<SoaCode> {
        SoaCode::find(&self.code)
    }

    /// Reads the element if it is one of the two. Children are in no namespace but for Environment; a service
    /// that qualifies them all is understood too.
    fn read(element: Element<'_>) -> Option<Self> {
        let kind = match element.local_name() {
            "SystemError" => SoaErrorKind::System,
            "BusinessError" => SoaErrorKind::Business,
            _ => return None,
        };
        if element.namespace() != names::EHEALTH_ERRORS {
            return None;
        }
        let all = |name: &'static str| element.children().filter(move |child| child.local_name() == name);
        let text = |name| all(name).next().map(|child| child.whole_text().trim().to_owned());
        let message = |child: Element<'_>| Message {
            language: child.attribute("http://www.w3.org/XML/1998/namespace", "lang").map(str::to_owned),
            text: child.whole_text().trim().to_owned(),
        };
        Some(Self {
            kind,
            id: element.attribute("", "Id").unwrap_or_default().to_owned(),
            origin: text("Origin").unwrap_or_default(),
            code: text("Code")?,
            messages: all("Message").map(message).collect(),
            retry: text("Retry").and_then(|retry| match retry.as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            }),
            contact: text("Contact"),
            environment: text("Environment"),
        })
    }

    fn write(&self, xml: &mut String) {
        let name = match self.kind {
            SoaErrorKind::System => "SystemError",
            SoaErrorKind::Business => "BusinessError",
        };
        *xml += &format!("<urn:{name}{} Id=\"", declaration("urn", names::EHEALTH_ERRORS));
        escape_attribute(&self.id, &mut |piece| *xml += piece);
        *xml += "\">";
        write_text("Origin", "", &self.origin, xml);
        write_text("Code", "", &self.code, xml);
        for message in &self.messages {
            let mut language = String::new();
            if let Some(code) = &message.language {
                language += " xml:lang=\"";
                escape_attribute(code, &mut |piece| language += piece);
                language += "\"";
            }
            write_text("Message", &language, &message.text, xml);
        }
        if let Some(retry) = self.retry {
            write_text("Retry", "", if retry { "true" } else { "false" }, xml);
        }
        if let Some(contact) = &self.contact {
            write_text("Contact", "", contact, xml);
        }
        if let Some(environment) = &self.environment {
            write_text("urn:Environment", "", environment, xml);
        }
        *xml += &format!("</urn:{name}>");
    }
}

fn declaration(prefix: &str, namespace: &str) -> String {
    let mut declaration = format!(" xmlns:{prefix}=\"");
    escape_attribute(namespace, &mut |piece| declaration += piece);
    declaration + "\""
}

fn write_text(name: &str, attributes: &str, text: &str, xml: &mut String) {
    *xml += &format!("<{name}{attributes}>");
    escape_text(text, &mut |piece| *xml += piece);
    *xml += &format!("</{name}>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::{Document, Limits};

    fn read(xml: &str) -> Fault {
        let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
        Fault::read(document.root()).unwrap()
    }

    fn sample() -> Fault {
        Fault {
            code: FaultCode { namespace: names::WS_TRUST.into(), name: "InvalidRequest".into() },
            string: "The request was invalid or malformed".into(),
            soa_error: Some(SoaError {
                kind: SoaErrorKind::Business,
                id: "_1".into(),
                origin: "Client".into(),
                code: "wst:InvalidRequest".into(),
                messages: vec![
                    Message { language: Some("en".into()), text: "a < b".into() },
                    Message { language: None, text: "two\nlines".into() },
                ],
                retry: None,
                contact: None,
                environment: Some("Acceptation".into()),
            }),
            detail: None,
        }
    }

    #[test]
    fn a_code_that_is_no_name_stays_one_text_when_it_is_written() {
        let written = format!(
            "<s:Fault xmlns:s='{}'><faultcode>s:a&lt;/faultcode&gt;&amp;</faultcode><faultstring>t</faultstring></s:Fault>",
            names::SOAP_11
        );
        let fault = read(&written);
        assert_eq!(read(&fault.to_xml()), fault);
    }

    #[test]
    fn a_fault_reads_as_it_is_written() {
        let mut fault = read(&sample().to_xml());
        assert!(fault.detail.take().is_some_and(|detail| detail.contains("BusinessError")));
        assert_eq!(fault, sample());
        assert!(fault.is_ws_trust("InvalidRequest"));
    }

    #[test]
    fn a_code_is_compared_by_its_namespace() {
        let fault = |prefix: &str, uri: &str| {
            format!(
                "<s:Fault xmlns:s='{}' xmlns:{prefix}='{uri}'><faultcode>{prefix}:InvalidRequest</faultcode>\
                 <faultstring/></s:Fault>",
                names::SOAP_11
            )
        };
        assert!(read(&fault("q", names::WS_TRUST)).is_ws_trust("InvalidRequest"));
        assert!(!read(&fault("wst", "urn:other")).is_ws_trust("InvalidRequest"));
    }

    #[test]
    fn an_unknown_detail_is_kept() {
        let xml = format!(
            "<s:Fault xmlns:s='{}'><faultcode>s:Server</faultcode><faultstring>no</faultstring>\
             <detail><x/></detail></s:Fault>",
            names::SOAP_11
        );
        let fault = read(&xml);
        assert_eq!((fault.soa_error.clone(), fault.detail.as_deref()), (None, Some("<detail><x/></detail>")));
        assert_eq!(fault.to_string(), "fault Server: no");
    }
}
