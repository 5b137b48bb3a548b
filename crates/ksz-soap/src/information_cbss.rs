use crate::Error;
use crate::date_time::{format_date_time, parse_date_time};
use crate::value::{is_uuid, read_text, require};
use crate::writer::element;
use ksz_xml::Element;
use std::time::SystemTime;

/// `informationCBSS`: how KSZ knows a request (CommonV3 `InformationCBSSType`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InformationCbss {
    ticket: String,
    timestamp_receive: SystemTime,
    timestamp_reply: SystemTime,
}

impl InformationCbss {
    /// A block with the ticket that KSZ gives.
    ///
    /// # Errors
    ///
    /// [`Error::ValueNotAllowed`] if the ticket is no UUID.
    pub fn new(
        ticket: &str,
        timestamp_receive: SystemTime,
        timestamp_reply: SystemTime,
    ) -> Result<Self, Error> {
        require(is_uuid(ticket), "ticketCBSS", TICKET)?;
        Ok(Self { ticket: ticket.to_owned(), timestamp_receive, timestamp_reply })
    }

    /// The ticket, a UUID; support asks for it.
    #[must_use]
    pub fn ticket(&self) -> &str {
        &self.ticket
    }

    /// When the request was received.
    #[must_use]
    pub const fn timestamp_receive(&self) -> SystemTime {
        self.timestamp_receive
    }

    /// When the answer was sent.
    #[must_use]
    pub const fn timestamp_reply(&self) -> SystemTime {
        self.timestamp_reply
    }

    /// The element. It is in no namespace, and must stand where no default namespace is in force.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if an instant cannot be written.
    pub fn to_xml(&self) -> Result<String, Error> {
        let mut xml = "<informationCBSS>".to_owned();
        element(&mut xml, "ticketCBSS", &self.ticket);
        element(&mut xml, "timestampReceive", &format_date_time(self.timestamp_receive)?);
        element(&mut xml, "timestampReply", &format_date_time(self.timestamp_reply)?);
        Ok(xml + "</informationCBSS>")
    }

    /// Reads the element, whatever its name is.
    ///
    /// # Errors
    ///
    /// [`Error::Xml`], and [`Error::Value`] for a ticket or instant that is none.
    pub fn read(element: Element<'_>) -> Result<Self, Error> {
        let text = |name| element.only_child("", name).and_then(Element::only_text);
        let instant = |name| parse_date_time(name, text(name)?.trim());
        Ok(Self {
            ticket: read_text(text("ticketCBSS")?, "ticketCBSS", TICKET, is_uuid)?,
            timestamp_receive: instant("timestampReceive")?,
            timestamp_reply: instant("timestampReply")?,
        })
    }
}

const TICKET: &str = "UUID";

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::{Document, Limits};
    use std::time::{Duration, UNIX_EPOCH};

    const TICKET: &str = "00000000-0000-4000-8000-000000000001";

    #[test]
    fn a_block_reads_as_it_is_written_and_its_ticket_is_a_uuid() {
        let block =
            InformationCbss::new(TICKET, UNIX_EPOCH, UNIX_EPOCH + Duration::from_millis(120)).unwrap();
        let xml = block.to_xml().unwrap();
        let read = |xml: &str| {
            InformationCbss::read(Document::parse(xml.as_bytes(), &Limits::default()).unwrap().root())
        };

        assert_eq!(read(&xml).unwrap(), block);
        assert!(read(&xml.replace(TICKET, "7")).is_err());
        assert!(read(&xml.replace("1970-", "70-")).is_err());
        let refused = Error::ValueNotAllowed { element: "ticketCBSS", expected: "UUID" };
        assert_eq!(InformationCbss::new("7", UNIX_EPOCH, UNIX_EPOCH), Err(refused));
    }
}
