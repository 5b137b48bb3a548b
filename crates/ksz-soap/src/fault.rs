//! Faults of both versions, and what the services say in them.

mod code;
mod read;
mod write;

pub use code::FaultCode;

use crate::{
    Advice, CbssFault, CbssMessage, Error, Fragment, Message, PeerText, SoaError, SoapVersion, StatusCode,
    WsTrustCode, names,
};
use ksz_xml::Element;
use std::fmt;

/// A fault: SOAP 1.1 section 4.4, SOAP 1.2 part 1 section 5.4, with what the eHealth platform or KSZ put in its detail.
///
/// What it says may name a person, so what prints of it is masked; the fields have all of it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Fault {
    /// The version of SOAP that it is written in.
    pub version: SoapVersion,
    /// The code: `faultcode`, or the outermost `Value`. Empty if the fault has none.
    pub code: FaultCode,
    /// The codes of SOAP 1.2 that say more, each more than the one before it.
    pub subcodes: Vec<FaultCode>,
    /// The texts for people: `faultstring`, or each `Text` of the `Reason`.
    pub texts: Vec<Message>,
    /// Who caused it on the way of the message: `faultactor`, or `Node`.
    pub node: Option<PeerText>,
    /// In which role that was; SOAP 1.2 alone says it.
    pub role: Option<PeerText>,
    /// The eHealth platform's error, if the detail holds one.
    pub soa_error: Option<SoaError>,
    /// The fault of a KSZ service, if the detail holds one.
    pub cbss_fault: Option<CbssFault>,
    /// The detail, octet for octet as it came; its prefixes may be declared around it.
    pub detail: Option<Fragment>,
}

impl Fault {
    /// A fault with one text in English and no detail.
    ///
    /// SOAP 1.2 has no codes of others in the first place: there, a code of another namespace becomes the subcode of
    /// `Sender`.
    #[must_use]
    pub fn new(version: SoapVersion, code: FaultCode, text: &str) -> Self {
        let sender = || FaultCode::new(version.namespace(), version.sender());
        let (code, subcodes) = match version {
            SoapVersion::Soap12 if code.namespace != names::SOAP_12 => (sender(), vec![code]),
            _ => (code, Vec::new()),
        };
        // A faultstring has no language, as far as its schema goes.
        let language = (version == SoapVersion::Soap12).then(|| "en".to_owned());
        Self {
            version,
            code,
            subcodes,
            texts: vec![Message { language, text: text.into() }],
            node: None,
            role: None,
            soa_error: None,
            cbss_fault: None,
            detail: None,
        }
    }

    /// With an error of the eHealth platform as its detail.
    #[must_use]
    pub fn with_soa_error(mut self, error: SoaError) -> Self {
        self.soa_error = Some(error);
        self
    }

    /// With the fault of a KSZ service as its detail.
    #[must_use]
    pub fn with_cbss_fault(mut self, fault: CbssFault) -> Self {
        self.cbss_fault = Some(fault);
        self
    }

    /// Whether an element is a `Fault` of either version.
    #[must_use]
    pub fn is(element: Element<'_>) -> bool {
        element.local_name() == "Fault" && SoapVersion::of_namespace(element.namespace()).is_some()
    }

    /// Reads a `Fault` element of either version.
    ///
    /// # Errors
    ///
    /// - [`Error::UnexpectedPayload`] if it is another element.
    /// - [`Error::Xml`] if code, reason or detail is repeated. What is missing or unknown is no error, and neither is
    ///   anything in the detail: an answer that cannot be understood must not hide that the call was refused.
    pub fn read(fault: Element<'_>) -> Result<Self, Error> {
        read::fault(fault)
    }

    /// The fault as the payload of a Body of its version. Of the detail, the errors that have a type are written.
    #[must_use]
    pub fn to_xml(&self) -> String {
        write::fault(self)
    }

    /// The first text, whole; empty if there is none.
    #[must_use]
    pub fn text(&self) -> &str {
        self.texts.first().map_or("", |message| message.text.as_str())
    }

    /// The code that says most: the platform's or KSZ's in the detail, else the last subcode, else the code.
    #[must_use]
    pub fn service_code(&self) -> &str {
        let of_cbss = || self.reason().map(|message| &message.reason_code);
        let of_detail = self.soa_error.as_ref().map(|error| &error.code).or_else(of_cbss);
        of_detail.unwrap_or_else(|| &self.codes().next_back().unwrap_or(&self.code).name).as_str()
    }

    /// The ticket by which a service desk finds the call.
    #[must_use]
    pub fn ticket(&self) -> Option<&str> {
        let of_soa = self.soa_error.as_ref().map(|error| error.id.as_str()).filter(|id| !id.is_empty());
        let of_cbss = || self.cbss_fault.as_ref()?.information_cbss.as_ref().map(|block| block.ticket());
        of_soa.or_else(of_cbss)
    }

    /// Whether it is this code of WS-Trust 1.3 section 11, such as `InvalidRequest`.
    #[must_use]
    pub fn is_ws_trust(&self, name: &str) -> bool {
        self.codes().any(|code| code.is(names::WS_TRUST, name))
    }

    /// Its code of WS-Trust 1.3, if it has one that the standard knows.
    #[must_use]
    pub fn ws_trust_code(&self) -> Option<WsTrustCode> {
        let mut names = self.codes().filter(|code| code.namespace == names::WS_TRUST);
        names.find_map(|code| WsTrustCode::find(code.name.as_str()))
    }

    /// What its code means, if that is documented.
    #[must_use]
    pub fn meaning(&self) -> Option<&'static str> {
        let of_soa = || self.soa_error.as_ref()?.meaning().map(|row| row.meaning);
        let of_cbss = || self.status_code().map(|row| row.meaning);
        of_soa().or_else(of_cbss).or_else(|| self.ws_trust_code().map(|row| row.meaning))
    }

    /// What the caller can do: what the platform says of a retry, else what is documented of the code, else whether the
    /// code blames the sender.
    #[must_use]
    pub fn advice(&self) -> Advice {
        if self.soa_error.as_ref().is_some_and(|error| error.retry == Some(true)) {
            return Advice::TryLater;
        }
        let of_soa = || self.soa_error.as_ref()?.meaning().map(|row| row.advice);
        let of_cbss = || self.status_code().map(|row| row.advice);
        let documented = of_soa().or_else(of_cbss).or_else(|| self.ws_trust_code().map(|row| row.advice));
        let has_detail = self.soa_error.is_some() || self.cbss_fault.is_some();
        documented.unwrap_or(if self.blames_sender() && !has_detail {
            Advice::Mend
        } else {
            Advice::AskServiceDesk
        })
    }

    /// Whether the code is SOAP's own for what the sender must mend: `Client`, with or without more behind a point (SOAP
    /// 1.1 section 4.4.1), or `Sender`.
    #[must_use]
    pub fn blames_sender(&self) -> bool {
        let name = self.code.name.as_str();
        let first = name.split_once('.').map_or(name, |(first, _)| first);
        self.code.namespace == self.version.namespace() && first == self.version.sender()
    }

    /// The code and its subcodes.
    fn codes(&self) -> impl DoubleEndedIterator<Item = &FaultCode> {
        std::iter::once(&self.code).chain(&self.subcodes)
    }

    /// The first message of KSZ's fault.
    fn reason(&self) -> Option<&CbssMessage> {
        self.cbss_fault.as_ref()?.messages.first()
    }

    fn status_code(&self) -> Option<StatusCode> {
        self.reason()?.meaning()
    }
}

/// How many texts of a fault, or details of a refusal, print.
pub(crate) const MOST_SHOWN: usize = 10;

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {}: ", PeerText::from(self.service_code()))?;
        let of_soa = self.soa_error.iter().flat_map(|error| &error.messages).map(|message| &message.text);
        let of_cbss =
            self.cbss_fault.iter().flat_map(|fault| &fault.messages).map(|message| &message.diagnostic);
        let texts = self.texts.iter().map(|message| &message.text).chain(of_soa).chain(of_cbss);
        let mut said: Vec<&str> = Vec::new();
        for text in texts.take(MOST_SHOWN) {
            if text.as_str().is_empty() || said.iter().any(|before| before.contains(text.as_str())) {
                continue;
            }
            write!(f, "{}{text}", if said.is_empty() { "" } else { "; " })?;
            said.push(text.as_str());
        }
        self.ticket().map_or(Ok(()), |ticket| write!(f, " (ticket {})", shown_ticket(ticket)))
    }
}

/// A ticket looks like a token to an excerpt, and is what support asks for: only the number of a person is masked in it.
pub(crate) fn shown_ticket(ticket: &str) -> String {
    let word: String = ticket.chars().filter(char::is_ascii_graphic).take(64).collect();
    ksz_error::mask_person_numbers(&word)
}

#[cfg(test)]
mod tests;
