use crate::value::{TEXT, TEXT_16, TEXT_64, TEXT_256, is_text, is_xml, read_text, require};
use crate::writer::{element, optional};
use crate::{Error, PeerText, StatusCode};
use ksz_xml::Element;

/// `status`: how KSZ judges the answer as a whole (CommonV3 `StatusType`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Status {
    value: StatusValue,
    code: PeerText,
    description: Option<PeerText>,
    information: Vec<Information>,
}

/// The value of a [`Status`]. Services answer with more than the schema lists, such as `INCOMPLETE_DATA`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StatusValue {
    /// `DATA_FOUND`.
    DataFound,
    /// `NO_DATA_FOUND`.
    NoDataFound,
    /// `NO_RESULT`: the request was not carried out; the code says why.
    NoResult,
    /// A value that the schema does not list.
    Unlisted(PeerText),
}

/// A field with its value, by which a status or fault says more (CommonV3 `InformationType`). `newSSIN` is one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Information {
    name: PeerText,
    value: Option<PeerText>,
}

impl StatusValue {
    /// The value as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::DataFound => "DATA_FOUND",
            Self::NoDataFound => "NO_DATA_FOUND",
            Self::NoResult => "NO_RESULT",
            Self::Unlisted(value) => value.as_str(),
        }
    }
}

impl From<&str> for StatusValue {
    fn from(value: &str) -> Self {
        let listed = [Self::DataFound, Self::NoDataFound, Self::NoResult];
        listed.into_iter().find(|one| one.as_str() == value).unwrap_or_else(|| Self::Unlisted(value.into()))
    }
}

impl Status {
    /// A status with a code of at most 16 characters.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if the code is longer, or XML cannot hold one of the two.
    pub fn new(value: StatusValue, code: &str) -> Result<Self, Error> {
        require(is_xml(value.as_str()), "value", TEXT)?;
        require(is_text::<16>(code), "code", TEXT_16)?;
        Ok(Self { value, code: code.into(), description: None, information: Vec::new() })
    }

    /// With a text of at most 256 characters.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if it is longer.
    pub fn with_description(mut self, description: &str) -> Result<Self, Error> {
        require(is_text::<256>(description), "description", TEXT_256)?;
        self.description = Some(description.into());
        Ok(self)
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

    /// Its value.
    #[must_use]
    pub const fn value(&self) -> &StatusValue {
        &self.value
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        self.code.as_str()
    }

    /// Its text.
    #[must_use]
    pub const fn description(&self) -> Option<&PeerText> {
        self.description.as_ref()
    }

    /// Its fields.
    #[must_use]
    pub fn information(&self) -> &[Information] {
        &self.information
    }

    /// The meaning of its code, if it is a known one.
    #[must_use]
    pub fn meaning(&self) -> Option<StatusCode> {
        StatusCode::find(self.code())
    }

    /// The element. It is in no namespace, and must stand where no default namespace is in force.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut xml = "<status>".to_owned();
        element(&mut xml, "value", self.value.as_str());
        element(&mut xml, "code", self.code());
        optional(&mut xml, "description", self.description.as_ref().map(PeerText::as_str));
        for information in &self.information {
            information.write(&mut xml);
        }
        xml + "</status>"
    }

    /// Reads the element, whatever its name is.
    ///
    /// # Errors
    ///
    /// [`Error::Xml`], and [`Error::Value`] for what the schema does not allow. A value that it does not list is kept.
    pub fn read(element: Element<'_>) -> Result<Self, Error> {
        let description = element.optional_child("", "description")?.map(Element::only_text).transpose()?;
        let code = element.only_child("", "code")?.only_text()?;
        let text = |text, element, expected, is_valid: fn(&str) -> bool| {
            read_text(text, element, expected, is_valid).map(PeerText::from)
        };
        Ok(Self {
            value: StatusValue::from(element.only_child("", "value")?.only_text()?.as_ref()),
            code: text(code, "code", TEXT_16, is_text::<16>)?,
            description: description
                .map(|found| text(found, "description", TEXT_256, is_text::<256>))
                .transpose()?,
            information: Information::read_all(element)?,
        })
    }
}

impl Information {
    /// The most that one status or fault message holds.
    pub(crate) const MOST: usize = 15;
    pub(crate) const COUNT: &str = "list of at most 15";

    /// A field whose name has at most 64 characters and whose value at most 256.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if one is longer.
    pub fn new(name: &str, value: Option<&str>) -> Result<Self, Error> {
        require(is_text::<64>(name), "fieldName", TEXT_64)?;
        require(value.is_none_or(is_text::<256>), "fieldValue", TEXT_256)?;
        Ok(Self { name: name.into(), value: value.map(PeerText::from) })
    }

    /// The name of the field.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Its value, which may be the number of a person.
    #[must_use]
    pub const fn value(&self) -> Option<&PeerText> {
        self.value.as_ref()
    }

    pub(crate) fn write(&self, xml: &mut String) {
        xml.push_str("<information>");
        element(xml, "fieldName", self.name());
        optional(xml, "fieldValue", self.value.as_ref().map(PeerText::as_str));
        xml.push_str("</information>");
    }

    /// The fields in a status or message.
    pub(crate) fn read_all(parent: Element<'_>) -> Result<Vec<Self>, Error> {
        let fields: Vec<_> = parent
            .children()
            .filter(|child| child.is("", "information"))
            .map(Self::read)
            .collect::<Result<_, _>>()?;
        if fields.len() > Self::MOST {
            return Err(Error::Value { element: "information".into(), expected: Self::COUNT });
        }
        Ok(fields)
    }

    fn read(element: Element<'_>) -> Result<Self, Error> {
        let value = element.optional_child("", "fieldValue")?.map(Element::only_text).transpose()?;
        let value =
            value.map(|value| read_text(value, "fieldValue", TEXT_256, is_text::<256>)).transpose()?;
        let name = element.only_child("", "fieldName")?.only_text()?;
        let name = read_text(name, "fieldName", TEXT_64, is_text::<64>)?;
        Ok(Self { name: name.into(), value: value.map(PeerText::from) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::{Document, Limits};

    fn read(xml: &str) -> Result<Status, Error> {
        Status::read(Document::parse(xml.as_bytes(), &Limits::default()).unwrap().root())
    }

    fn replaced() -> Status {
        Status::new(StatusValue::NoResult, "MSG00006")
            .and_then(|status| status.with_description("The SSIN given in request is replaced"))
            .and_then(|status| status.with_information(Information::new("newSSIN", Some("79021802145"))?))
            .and_then(|status| status.with_information(Information::new("note", None)?))
            .unwrap()
    }

    #[test]
    fn a_status_reads_as_it_is_written() {
        let status = replaced();

        assert_eq!(read(&status.to_xml()).unwrap(), status);
        assert_eq!(status.meaning().unwrap().advice, crate::Advice::Mend);
        assert_eq!(status.information()[0].value().unwrap().as_str(), "79021802145");
    }

    #[test]
    fn a_value_and_a_code_that_are_not_listed_are_kept() {
        let status = read("<status><value>INCOMPLETE_DATA</value><code>XYZ1</code></status>").unwrap();

        assert_eq!(status.value(), &StatusValue::Unlisted("INCOMPLETE_DATA".into()));
        assert_eq!((status.code(), status.meaning(), status.description()), ("XYZ1", None, None));
    }

    #[test]
    fn what_is_longer_than_the_schema_allows_is_neither_written_nor_read() {
        assert!(Status::new(StatusValue::DataFound, &"x".repeat(17)).is_err());
        assert!(replaced().with_description(&"x".repeat(257)).is_err());
        assert!(Information::new(&"x".repeat(65), None).is_err());
        assert!(Information::new("x", Some(&"x".repeat(257))).is_err());
        let full =
            (2..15).try_fold(replaced(), |status, _| status.with_information(Information::new("x", None)?));
        assert!(full.unwrap().with_information(Information::new("x", None).unwrap()).is_err());

        let information = "<information><fieldName>x</fieldName></information>".repeat(16);
        for bad in [
            "<code>1</code>".to_owned(),
            "<value>NO_RESULT</value>".to_owned(),
            format!("<value>NO_RESULT</value><code>{}</code>", "x".repeat(17)),
            format!("<value>NO_RESULT</value><code>1</code>{information}"),
        ] {
            assert!(read(&format!("<status>{bad}</status>")).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_number_of_a_person_does_not_print() {
        let printed = format!("{:?}", replaced());
        assert!(printed.contains("newSSIN") && !printed.contains("79021802145"), "{printed}");
    }
}
