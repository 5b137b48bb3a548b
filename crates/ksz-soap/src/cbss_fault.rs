use crate::value::{TEXT, TEXT_16, TEXT_64, TEXT_256, is_text, is_xml, require};
use crate::writer::{attribute, element};
use crate::{Error, Information, InformationCbss, InformationCustomer, PeerText, StatusCode};
use ksz_xml::{Element, is_ncname};

/// A fault of a KSZ service (CommonV3 `CBSSFaultType`). Each service has an element of its own for it, such as
/// `retrieveTIGroupsFault`, in the namespace of its WSDL.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CbssFault {
    namespace: String,
    name: String,
    /// Who asked, as KSZ read it.
    pub information_customer: Option<InformationCustomer>,
    /// How KSZ knows the request.
    pub information_cbss: Option<InformationCbss>,
    /// What it says, the first message first.
    pub messages: Vec<CbssMessage>,
}

/// A message of a [`CbssFault`] (CommonV3 `MessageType`).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CbssMessage {
    /// How grave it is.
    pub severity: Severity,
    /// The code, often one of [`StatusCode`].
    pub reason_code: PeerText,
    /// The text.
    pub diagnostic: PeerText,
    /// Whose code it is.
    pub author_code: PeerText,
    /// The fields it is about.
    pub information: Vec<Information>,
}

/// How grave a message is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Severity {
    /// `INFORMATION`.
    Information,
    /// `WARNING`.
    Warning,
    /// `FATAL`.
    Fatal,
    /// A word that the schema does not list.
    Unlisted(PeerText),
}

impl Severity {
    /// The word as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Information => "INFORMATION",
            Self::Warning => "WARNING",
            Self::Fatal => "FATAL",
            Self::Unlisted(word) => word.as_str(),
        }
    }
}

impl From<&str> for Severity {
    fn from(word: &str) -> Self {
        let listed = [Self::Information, Self::Warning, Self::Fatal];
        listed.into_iter().find(|one| one.as_str() == word).unwrap_or_else(|| Self::Unlisted(word.into()))
    }
}

impl CbssMessage {
    /// A message whose code has at most 16 characters, whose text at most 256 and whose author at most 64.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if one is longer, or holds a character that XML cannot hold.
    pub fn new(
        severity: Severity,
        reason_code: &str,
        diagnostic: &str,
        author_code: &str,
    ) -> Result<Self, Error> {
        require(is_xml(severity.as_str()), "severity", TEXT)?;
        require(is_text::<16>(reason_code), "reasonCode", TEXT_16)?;
        require(is_text::<256>(diagnostic), "diagnostic", TEXT_256)?;
        require(is_text::<64>(author_code), "authorCode", TEXT_64)?;
        Ok(Self {
            severity,
            reason_code: reason_code.into(),
            diagnostic: diagnostic.into(),
            author_code: author_code.into(),
            information: Vec::new(),
        })
    }

    /// With one more field, of at most 15.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if there are 15 already.
    pub fn with_information(mut self, information: Information) -> Result<Self, Error> {
        require(self.information.len() < Information::MOST, "information", Information::COUNT)?;
        self.information.push(information);
        Ok(self)
    }

    /// The meaning of its code, if it is a known one.
    #[must_use]
    pub fn meaning(&self) -> Option<StatusCode> {
        StatusCode::find(self.reason_code.as_str())
    }

    /// Reads a message if it has a code. A text that is too long is still a text: a refusal must not be hidden by its
    /// form.
    fn read(element: Element<'_>) -> Option<Self> {
        let text = |name: &str| {
            let child = element.children().find(|child| child.is("", name));
            child.map(|child| PeerText::from(child.whole_text().trim()))
        };
        Some(Self {
            severity: Severity::from(text("severity").unwrap_or_default().as_str()),
            reason_code: text("reasonCode")?,
            diagnostic: text("diagnostic").unwrap_or_default(),
            author_code: text("authorCode").unwrap_or_default(),
            information: Information::read_all(element).unwrap_or_default(),
        })
    }

    fn write(&self, xml: &mut String) {
        xml.push_str("<detail>");
        element(xml, "severity", self.severity.as_str());
        element(xml, "reasonCode", self.reason_code.as_str());
        element(xml, "diagnostic", self.diagnostic.as_str());
        element(xml, "authorCode", self.author_code.as_str());
        for information in &self.information {
            information.write(xml);
        }
        xml.push_str("</detail>");
    }
}

impl CbssFault {
    /// A fault in the element of a service, with its first message.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if the name of the element is none.
    pub fn new(
        namespace: &str,
        name: &str,
        information_cbss: InformationCbss,
        message: CbssMessage,
    ) -> Result<Self, Error> {
        require(is_ncname(name) && is_xml(namespace), "the fault of a service", "name of an element")?;
        Ok(Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            information_customer: None,
            information_cbss: Some(information_cbss),
            messages: vec![message],
        })
    }

    /// The namespace of the element.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads the element if it is a fault of KSZ by what it holds, since its name is the service's: at least one `detail`
    /// with a reason, in no namespace. Blocks around it that cannot be read are passed over.
    pub(crate) fn read(element: Element<'_>) -> Option<Self> {
        let child = |name: &str| element.children().find(|child| child.is("", name));
        let messages: Vec<_> =
            element.children().filter(|child| child.is("", "detail")).filter_map(CbssMessage::read).collect();
        (!messages.is_empty()).then(|| Self {
            namespace: element.namespace().to_owned(),
            name: element.local_name().to_owned(),
            information_customer: child("informationCustomer")
                .and_then(|block| InformationCustomer::read(block).ok()),
            information_cbss: child("informationCBSS").and_then(|block| InformationCbss::read(block).ok()),
            messages,
        })
    }

    /// Writes the element; blocks whose instants cannot be written are left out.
    pub(crate) fn write(&self, xml: &mut String) {
        let (tag, declaration) = if self.namespace.is_empty() {
            (self.name.clone(), String::new())
        } else {
            (format!("fault:{}", self.name), attribute("xmlns:fault", &self.namespace))
        };
        xml.extend(["<", &tag, &declaration, ">"]);
        let customer = self.information_customer.as_ref().and_then(|block| block.to_xml().ok());
        let cbss = self.information_cbss.as_ref().and_then(|block| block.to_xml().ok());
        xml.extend(customer.into_iter().chain(cbss));
        for message in &self.messages {
            message.write(xml);
        }
        xml.extend(["</", &tag, ">"]);
    }
}
