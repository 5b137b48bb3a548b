use super::shown;
use ksz_soap::{Advice, Envelope, Error, Fault, PeerText, SoaCode};
use ksz_xml::{Document, Limits};

/// What a fault says, explained.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FaultExplanation {
    /// The code, such as `SOA-01001`.
    pub code: String,
    /// The text of the service.
    pub text: String,
    /// What the code means, if it is known.
    pub meaning: Option<&'static str>,
    /// What can be done about it, if that is known.
    pub advice: Option<Advice>,
    /// The ticket by which the service desk finds the call.
    pub ticket: Option<String>,
    /// The environment that answered.
    pub environment: Option<String>,
}

impl FaultExplanation {
    /// Explains an envelope with a fault, or a fault alone; nothing else is one.
    pub(super) fn of(answer: &[u8], limits: &Limits) -> Option<Self> {
        let document = Document::parse(answer, limits).ok()?;
        let fault = match Envelope::find(&document).map(Envelope::payload) {
            Ok(Err(Error::Fault { fault })) => *fault,
            _ if document.root().local_name() == "Fault" => Fault::read(document.root()).ok()?,
            _ => return None,
        };
        let mut code = fault.service_code().to_owned();
        // Code and text come glued together: "SOA-01001: Service call not authenticated."
        if fault.soa_error.is_none()
            && let Some((glued, _)) =
                fault.text().split_once(':').filter(|(code, _)| code.starts_with("SOA-"))
        {
            code = glued.trim().to_owned();
        }
        let soa = fault.soa_error.as_ref();
        let message = soa.and_then(|error| error.messages.first()).map(|message| message.text.as_str());
        let row = SoaCode::find(code.trim());
        Some(Self {
            code: shown::name(code.trim()),
            text: shown::shown(message.unwrap_or(fault.text())),
            meaning: row.map_or_else(|| fault.meaning(), |row| Some(row.meaning)),
            advice: fault.meaning().map(|_| fault.advice()).or_else(|| row.map(|row| row.advice)),
            ticket: fault.ticket().map(shown::name),
            environment: soa
                .and_then(|error| error.environment.as_ref())
                .map(PeerText::as_str)
                .map(shown::name),
        })
    }
}
