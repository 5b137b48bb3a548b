use super::result_summary::{ResultSummary, ResultSummaryStatus};
use super::{root, time, unwrap};
use crate::fault::{MOST_SHOWN, shown_ticket};
use crate::{Error, Fragment, PeerText, names};
use ksz_xml::{Document, Element, Limits};
use std::fmt;
use std::time::SystemTime;

/// `SSDNReply` to a request that was carried out.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SsdnReply {
    /// How it went: well, or with warnings.
    pub result: ResultSummary,
    /// The reference of the request.
    pub reference: Option<PeerText>,
    /// The ticket by which KSZ knows the request.
    pub ticket: Option<PeerText>,
    /// When the request was received.
    pub time_receive: Option<SystemTime>,
    /// When the answer was sent.
    pub time_response: Option<SystemTime>,
    /// The answers of the services, in their order.
    pub services: Vec<ServiceReply>,
}

/// `ServiceReply`: the answer of one service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServiceReply {
    result: ResultSummary,
    service_id: PeerText,
    version: PeerText,
    body: Option<Fragment>,
    ticket: Option<PeerText>,
}

/// What SSDN, or a service behind it, says when it did not do what was asked.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SsdnFault {
    /// Which service refused; none if SSDN itself did.
    pub service_id: Option<PeerText>,
    /// How it went, which is not well.
    pub result: ResultSummary,
    /// The ticket by which KSZ knows the request.
    pub ticket: Option<PeerText>,
}

impl SsdnReply {
    /// Reads the payload of a Body, whose document is held to `limits` of its own.
    ///
    /// # Errors
    ///
    /// - [`Error::Ssdn`] if the summary of the reply says `NO`. That of a service is asked by [`ServiceReply::body`].
    /// - [`Error::UnexpectedPayload`], [`Error::Xml`], [`Error::Value`].
    pub fn read(payload: Element<'_>, limits: &Limits) -> Result<Self, Error> {
        let text = unwrap(payload)?;
        let document = Document::parse(text.as_bytes(), limits)?;
        let reply = root(document.root(), "SSDNReply")?;
        let context = reply.only_child(names::SSDN_SERVICE, "ReplyContext")?;
        let message = context.optional_child(names::SSDN_SERVICE, "Message")?;
        let of_message = |name| {
            let child = message.map(|message| message.optional_child(names::SSDN_SERVICE, name));
            Ok::<_, Error>(
                child.transpose()?.flatten().map(|child| PeerText::from(child.whole_text().trim())),
            )
        };
        let result = ResultSummary::of(context)?;
        let ticket = of_message("Ticket")?;
        if result.ok == ResultSummaryStatus::No {
            return Err(SsdnFault { service_id: None, result, ticket }.into());
        }
        let instant = |name| of_message(name)?.map(|text| time::parse(name, text.as_str())).transpose();
        let services = reply.children().filter(|child| child.is(names::SSDN_SERVICE, "ServiceReply"));
        Ok(Self {
            result,
            reference: of_message("Reference")?,
            time_receive: instant("TimeReceive")?,
            time_response: instant("TimeResponse")?,
            services: services
                .map(|service| ServiceReply::read(service, &ticket))
                .collect::<Result<_, _>>()?,
            ticket,
        })
    }
}

impl ServiceReply {
    /// How it went.
    #[must_use]
    pub const fn result(&self) -> &ResultSummary {
        &self.result
    }

    /// The name of the service.
    #[must_use]
    pub fn service_id(&self) -> &str {
        self.service_id.as_str()
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> &str {
        self.version.as_str()
    }

    /// The body, a document of its own, if the service sent one.
    ///
    /// # Errors
    ///
    /// [`Error::Ssdn`] if the service did not do what was asked.
    pub fn body(&self) -> Result<Option<&Fragment>, Error> {
        if self.result.ok == ResultSummaryStatus::No {
            let (result, ticket) = (self.result.clone(), self.ticket.clone());
            return Err(SsdnFault { service_id: Some(self.service_id.clone()), result, ticket }.into());
        }
        Ok(self.body.as_ref())
    }

    fn read(reply: Element<'_>, ticket: &Option<PeerText>) -> Result<Self, Error> {
        let own =
            |name| reply.only_child(names::SSDN_SERVICE, name).map(|child| child.whole_text().trim().into());
        let bodies: Vec<_> = reply.only_children()?.into_iter().skip(3).collect();
        if bodies.len() > 1 {
            let parent = reply.qualified_name().into();
            return Err(ksz_xml::Error::Count { parent, child: "body".into(), found: bodies.len() }.into());
        }
        Ok(Self {
            result: ResultSummary::of(reply)?,
            service_id: own("ServiceId")?,
            version: own("Version")?,
            body: bodies.first().map(|body| Fragment::new(body.standalone_source())),
            ticket: ticket.clone(),
        })
    }
}

impl fmt::Display for SsdnFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.service_id {
            Some(service) => write!(f, "{service} refused with {}", self.result.return_code)?,
            None => write!(f, "SSDN refused with {}", self.result.return_code)?,
        }
        for detail in self.result.details.iter().take(MOST_SHOWN) {
            write!(f, "; {} {}", detail.reason_code, detail.diagnostic)?;
        }
        match &self.ticket {
            Some(ticket) => write!(f, " (ticket {})", shown_ticket(ticket.as_str())),
            None => Ok(()),
        }
    }
}

impl From<SsdnFault> for Error {
    fn from(fault: SsdnFault) -> Self {
        Self::Ssdn { fault: Box::new(fault) }
    }
}
