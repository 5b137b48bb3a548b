use crate::Error;
use crate::value::{TEXT_64, is_text, read_text, require};
use crate::writer::element;
use ksz_xml::Element;

/// `legalContext`: under which law a request is made (CommonV3 `LegalContextType`). KSZ tells each customer which
/// values are its.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LegalContext(String);

impl LegalContext {
    /// A text of at most 64 characters.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if it is longer.
    pub fn new(text: &str) -> Result<Self, Error> {
        require(is_text::<64>(text), "legalContext", TEXT_64)?;
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The element. It is in no namespace, and must stand where no default namespace is in force.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut xml = String::new();
        element(&mut xml, "legalContext", &self.0);
        xml
    }

    /// Reads the element, whatever its name is.
    ///
    /// # Errors
    ///
    /// [`Error::Xml`], and [`Error::Value`] if the text is longer.
    pub fn read(element: Element<'_>) -> Result<Self, Error> {
        Ok(Self(read_text(element.only_text()?, "legalContext", TEXT_64, is_text::<64>)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::{Document, Limits};

    #[test]
    fn a_context_of_64_characters_reads_as_it_is_written_and_a_longer_one_is_refused() {
        let read = |xml: &str| {
            LegalContext::read(Document::parse(xml.as_bytes(), &Limits::default()).unwrap().root())
        };
        let context = LegalContext::new(&"é&".repeat(32)).unwrap();

        assert_eq!(read(&context.to_xml()).unwrap(), context);
        assert!(LegalContext::new(&"x".repeat(65)).is_err() && LegalContext::new("\0").is_err());
        assert!(read(&format!("<legalContext>{}</legalContext>", "x".repeat(65))).is_err());
    }
}
