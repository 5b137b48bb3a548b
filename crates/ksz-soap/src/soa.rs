/// What the caller of a service can do about a code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Advice {
    /// The request must be mended: the same one will be refused again.
    Mend,
    /// An access right must be asked for.
    AskAccess,
    /// The same request may succeed later.
    TryLater,
    /// The code does not say; the service desk knows more by the ticket.
    AskServiceDesk,
}

/// A code of the eHealth platform's SOA layer, with its meaning. The texts of the services vary; the codes do not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SoaCode {
    /// The code.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do.
    pub advice: Advice,
}

/// Every code that the platform documents.
const CODES: [SoaCode; 12] = [
    row("SOA-00001", "the service failed", Advice::AskServiceDesk),
    row("SOA-01001", "the signature, certificate, timestamp or token was not accepted", Advice::Mend),
    row("SOA-01002", "the caller has no access to this operation", Advice::AskAccess),
    row("SOA-02001", "the service is not available", Advice::AskServiceDesk),
    row("SOA-02002", "the service is not available for the moment", Advice::TryLater),
    row("SOA-03001", "the message is malformed", Advice::Mend),
    row("SOA-03002", "the message is not SOAP", Advice::Mend),
    row("SOA-03003", "the message has no SOAP body", Advice::Mend),
    row("SOA-03004", "the message breaks WS-I: often a wrong SOAPAction or namespace", Advice::Mend),
    row("SOA-03005", "the message is not as the WSDL says", Advice::Mend),
    row("SOA-03006", "the message is not as the schema says", Advice::Mend),
    row("SOA-03007", "the content of the message is not valid", Advice::Mend),
];

const fn row(code: &'static str, meaning: &'static str, advice: Advice) -> SoaCode {
    SoaCode { code, meaning, advice }
}

impl SoaCode {
    /// The call was not authenticated: all that a sender is told of any refusal of a signed message.
    pub const NOT_AUTHENTICATED: &'static str = "SOA-01001";

    /// The row of a code; an unknown one is no error.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        CODES.into_iter().find(|row| row.code == code)
    }
}
