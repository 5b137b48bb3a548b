use crate::date_time::{format_date_time, parse_date_time};
use crate::value::{is_text, read_number, read_text, require};
use crate::writer::{element, optional};
use crate::{Error, PeerText};
use ksz_xml::Element;
use std::time::SystemTime;

/// `informationCustomer`: who asks KSZ, and by which reference (CommonV3 `InformationCustomerType`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InformationCustomer {
    ticket: Option<PeerText>,
    timestamp_sent: Option<SystemTime>,
    customer: OrganizationIdentification,
}

impl InformationCustomer {
    /// The block of a customer, without ticket and instant.
    #[must_use]
    pub const fn new(customer: OrganizationIdentification) -> Self {
        Self { ticket: None, timestamp_sent: None, customer }
    }

    /// With a reference of the customer's own, of at most 36 characters. Unless it is a UUID, KSZ keeps the first 32.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if it is longer.
    pub fn with_ticket(mut self, ticket: &str) -> Result<Self, Error> {
        require(is_text::<36>(ticket), "ticket", TICKET)?;
        self.ticket = Some(ticket.into());
        Ok(self)
    }

    /// With the instant at which the request is sent.
    #[must_use]
    pub const fn sent_at(mut self, instant: SystemTime) -> Self {
        self.timestamp_sent = Some(instant);
        self
    }

    /// The customer's reference.
    #[must_use]
    pub fn ticket(&self) -> Option<&str> {
        self.ticket.as_ref().map(PeerText::as_str)
    }

    /// When the request was sent.
    #[must_use]
    pub const fn timestamp_sent(&self) -> Option<SystemTime> {
        self.timestamp_sent
    }

    /// Who asks.
    #[must_use]
    pub const fn customer(&self) -> &OrganizationIdentification {
        &self.customer
    }

    /// The element. It is in no namespace, and must stand where no default namespace is in force.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if the instant cannot be written.
    pub fn to_xml(&self) -> Result<String, Error> {
        let mut xml = "<informationCustomer>".to_owned();
        optional(&mut xml, "ticket", self.ticket());
        if let Some(instant) = self.timestamp_sent {
            element(&mut xml, "timestampSent", &format_date_time(instant)?);
        }
        self.customer.write(&mut xml);
        Ok(xml + "</informationCustomer>")
    }

    /// Reads the element, whatever its name is.
    ///
    /// # Errors
    ///
    /// [`Error::Xml`], and [`Error::Value`] for what the schema does not allow.
    pub fn read(element: Element<'_>) -> Result<Self, Error> {
        let text = |name| element.optional_child("", name)?.map(Element::only_text).transpose();
        let ticket =
            text("ticket")?.map(|ticket| read_text(ticket, "ticket", TICKET, is_text::<36>)).transpose()?;
        let instant =
            text("timestampSent")?.map(|text| parse_date_time("timestampSent", text.trim())).transpose()?;
        Ok(Self {
            ticket: ticket.map(PeerText::from),
            timestamp_sent: instant,
            customer: OrganizationIdentification::read(element.only_child("", "customerIdentification")?)?,
        })
    }
}

const TICKET: &str = "text of at most 36 characters";

/// An organisation: by its enterprise number, or by its place in the network of social security (CommonV3
/// `OrganizationIdentificationType`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OrganizationIdentification(Identification);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Identification {
    CbeNumber(String),
    Institution { sector: u16, institution: u16 },
}

impl OrganizationIdentification {
    /// By the number of an enterprise or business unit, ten digits. Its check digits are not looked at here.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] for anything else.
    pub fn by_cbe_number(number: &str) -> Result<Self, Error> {
        require(is_cbe_number(number), "cbeNumber", CBE_NUMBER)?;
        Ok(Self(Identification::CbeNumber(number.to_owned())))
    }

    /// By sector and institution, each from 0 to 999.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if one is greater.
    pub fn by_institution(sector: u16, institution: u16) -> Result<Self, Error> {
        require(sector <= 999, "sector", MATRIX_NUMBER)?;
        require(institution <= 999, "institution", MATRIX_NUMBER)?;
        Ok(Self(Identification::Institution { sector, institution }))
    }

    /// The enterprise number, if it is identified by that.
    #[must_use]
    pub fn cbe_number(&self) -> Option<&str> {
        match &self.0 {
            Identification::CbeNumber(number) => Some(number),
            Identification::Institution { .. } => None,
        }
    }

    /// Sector and institution, if it is identified by those.
    #[must_use]
    pub const fn institution(&self) -> Option<(u16, u16)> {
        match self.0 {
            Identification::CbeNumber(_) => None,
            Identification::Institution { sector, institution } => Some((sector, institution)),
        }
    }

    fn write(&self, xml: &mut String) {
        xml.push_str("<customerIdentification>");
        match &self.0 {
            Identification::CbeNumber(number) => element(xml, "cbeNumber", number),
            Identification::Institution { sector, institution } => {
                element(xml, "sector", &sector.to_string());
                element(xml, "institution", &institution.to_string());
            }
        }
        xml.push_str("</customerIdentification>");
    }

    fn read(element: Element<'_>) -> Result<Self, Error> {
        let children = element.only_children()?;
        match children.as_slice() {
            [number] if number.is("", "cbeNumber") => {
                let number = read_text(number.only_text()?, "cbeNumber", CBE_NUMBER, is_cbe_number)?;
                Ok(Self(Identification::CbeNumber(number)))
            }
            [sector, institution] if sector.is("", "sector") && institution.is("", "institution") => {
                Ok(Self(Identification::Institution {
                    sector: read_number(*sector, MATRIX_NUMBER, |number| *number <= 999)?,
                    institution: read_number(*institution, MATRIX_NUMBER, |number| *number <= 999)?,
                }))
            }
            _ => Err(Error::Xml(ksz_xml::Error::Unexpected {
                parent: element.qualified_name().into(),
                found: "neither cbeNumber nor sector and institution".into(),
            })),
        }
    }
}

const CBE_NUMBER: &str = "number of ten digits";
const MATRIX_NUMBER: &str = "number from 0 to 999";

fn is_cbe_number(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|octet| octet.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::{Document, Limits};
    use std::time::{Duration, UNIX_EPOCH};

    fn read(xml: &str) -> Result<InformationCustomer, Error> {
        InformationCustomer::read(Document::parse(xml.as_bytes(), &Limits::default()).unwrap().root())
    }

    #[test]
    fn a_block_reads_as_it_is_written() {
        let enterprise = OrganizationIdentification::by_cbe_number("0406798006").unwrap();
        let institution = OrganizationIdentification::by_institution(17, 1).unwrap();
        for block in [
            InformationCustomer::new(enterprise)
                .with_ticket("é".repeat(36).as_str())
                .unwrap()
                .sent_at(UNIX_EPOCH + Duration::from_millis(1_671_175_350_803)),
            InformationCustomer::new(institution),
        ] {
            assert_eq!(read(&block.to_xml().unwrap()).unwrap(), block);
        }
    }

    #[test]
    fn what_the_schema_does_not_allow_is_neither_written_nor_read() {
        let organization = || OrganizationIdentification::by_institution(0, 999).unwrap();
        assert!(InformationCustomer::new(organization()).with_ticket(&"x".repeat(37)).is_err());
        for number in ["", "040679800", "04067980066", "0406.798.006", "040679800٦"] {
            assert!(OrganizationIdentification::by_cbe_number(number).is_err(), "{number}");
        }
        assert!(OrganizationIdentification::by_institution(1000, 0).is_err());
        assert!(OrganizationIdentification::by_institution(0, 1000).is_err());

        for bad in [
            "",
            "<customerIdentification/>",
            "<customerIdentification><cbeNumber>123456789</cbeNumber></customerIdentification>",
            "<customerIdentification><sector>1</sector></customerIdentification>",
            "<customerIdentification><institution>1</institution><sector>1</sector></customerIdentification>",
            "<customerIdentification><sector>1000</sector><institution>1</institution></customerIdentification>",
            "<customerIdentification><sector>-1</sector><institution>1</institution></customerIdentification>",
        ] {
            assert!(read(&format!("<informationCustomer>{bad}</informationCustomer>")).is_err(), "{bad}");
        }
    }
}
