use crate::writer::{XML, attribute, element, element_with, optional};
use crate::{PeerText, SoaCode, names};
use ksz_xml::Element;

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
    /// The ticket by which the service desk finds the call; empty if there is none.
    pub id: PeerText,
    /// Who caused it, in the platform's view: `Consumer`, `Client`, `Provider` or another.
    pub origin: PeerText,
    /// The code, such as `SOA-01001` or `wst:InvalidRequest`.
    pub code: PeerText,
    /// The texts.
    pub messages: Vec<Message>,
    /// Whether the platform advises to try again.
    pub retry: Option<bool>,
    /// Whom to ask.
    pub contact: Option<PeerText>,
    /// Which environment answered; `Acceptation` is spelt so.
    pub environment: Option<PeerText>,
}

/// One text of a fault or error.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// Its language.
    pub language: Option<String>,
    /// The text.
    pub text: PeerText,
}

impl Message {
    /// The text of an element, with the language that the element itself names.
    pub(crate) fn read(element: Element<'_>) -> Self {
        Self {
            language: element.attribute(XML, "lang").map(str::to_owned),
            text: element.whole_text().trim().into(),
        }
    }

    /// The attribute that names the language.
    pub(crate) fn attribute(&self) -> String {
        self.language.as_ref().map(|language| attribute("xml:lang", language)).unwrap_or_default()
    }
}

impl SoaError {
    /// The meaning of its code, if the platform documents it.
    #[must_use]
    pub fn meaning(&self) -> Option<SoaCode> {
        SoaCode::find(self.code.as_str())
    }

    /// Reads the element if it is one of the two. Children are in no namespace but for Environment; a service that
    /// qualifies them all is understood too. An element without a code is none.
    pub(crate) fn read(element: Element<'_>) -> Option<Self> {
        let kind = match element.local_name() {
            "SystemError" => SoaErrorKind::System,
            "BusinessError" => SoaErrorKind::Business,
            _ => return None,
        };
        if element.namespace() != names::EHEALTH_ERRORS {
            return None;
        }
        let all = |name: &'static str| {
            element
                .children()
                .filter(move |child| child.is("", name) || child.is(names::EHEALTH_ERRORS, name))
        };
        let text = |name| all(name).next().map(|child| PeerText::from(child.whole_text().trim()));
        Some(Self {
            kind,
            id: element.attribute("", "Id").unwrap_or_default().into(),
            origin: text("Origin").unwrap_or_default(),
            code: text("Code")?,
            messages: all("Message").map(Message::read).collect(),
            retry: text("Retry").and_then(|retry| match retry.as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            }),
            contact: text("Contact"),
            environment: text("Environment"),
        })
    }

    pub(crate) fn write(&self, xml: &mut String) {
        let name = match self.kind {
            SoaErrorKind::System => "urn:SystemError",
            SoaErrorKind::Business => "urn:BusinessError",
        };
        let declaration = attribute("xmlns:urn", names::EHEALTH_ERRORS);
        xml.extend(["<", name, &declaration, &attribute("Id", self.id.as_str()), ">"]);
        element(xml, "Origin", self.origin.as_str());
        element(xml, "Code", self.code.as_str());
        for message in &self.messages {
            element_with(xml, "Message", &message.attribute(), message.text.as_str());
        }
        optional(xml, "Retry", self.retry.map(|retry| if retry { "true" } else { "false" }));
        optional(xml, "Contact", self.contact.as_ref().map(PeerText::as_str));
        optional(xml, "urn:Environment", self.environment.as_ref().map(PeerText::as_str));
        xml.extend(["</", name, ">"]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::{Document, Limits};

    fn read(content: &str) -> Option<SoaError> {
        let xml = format!(
            "<u:SystemError Id='1' xmlns:u='{}' xmlns:o='urn:o'>{content}</u:SystemError>",
            names::EHEALTH_ERRORS
        );
        let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
        SoaError::read(document.root())
    }

    #[test]
    fn children_are_read_qualified_or_not() {
        for prefix in ["", "u:"] {
            let content = "<P:Origin>Consumer</P:Origin><P:Code> SOA-03006 </P:Code><P:Message xml:lang='nl'>een</P:Message>\
                           <P:Message>two</P:Message><P:Retry>1</P:Retry><P:Contact>desk</P:Contact>\
                           <u:Environment>Acceptation</u:Environment>"
                .replace("P:", prefix);
            let error = read(&content).unwrap();
            let texts: Vec<_> = error
                .messages
                .iter()
                .map(|message| (message.language.as_deref(), message.text.as_str()))
                .collect();

            assert_eq!(texts, [(Some("nl"), "een"), (None, "two")]);
            assert_eq!((error.code.as_str(), error.retry), ("SOA-03006", Some(true)));
            assert_eq!(error.environment.unwrap(), "Acceptation");
            assert_eq!(error.contact.unwrap(), "desk");
        }
    }

    #[test]
    fn what_is_absent_or_unknown_is_no_error() {
        let error = read("<Code>XYZ</Code><Retry>perhaps</Retry>").unwrap();

        assert_eq!((error.code.as_str(), error.retry, error.meaning()), ("XYZ", None, None));
        assert_eq!((error.origin.as_str(), error.messages.len(), error.environment), ("", 0, None));
        for none in ["", "<Origin/>", "<o:Code>SOA-01001</o:Code>"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
