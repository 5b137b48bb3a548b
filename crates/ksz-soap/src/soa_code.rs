use crate::Advice;
use std::fmt;

/// What a code of the SOA layer is about. The second digit group of the code says it too, but only the table is documented.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SoaClass {
    /// The service itself failed.
    Service,
    /// Signature, certificate, timestamp or token.
    Authentication,
    /// The access rule of the operation.
    Authorization,
    /// Whether the service can be reached.
    Availability,
    /// The message and what it holds.
    Message,
}

impl fmt::Display for SoaClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "service",
            Self::Authentication => "authentication",
            Self::Authorization => "authorization",
            Self::Availability => "availability",
            Self::Message => "message",
        })
    }
}

/// A code of the eHealth platform's SOA layer, with its meaning. The texts of the services vary; the codes do not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SoaCode {
    /// The code.
    pub code: &'static str,
    /// The platform's text; one of its catalogues swaps those of `SOA-02001` and `SOA-02002`.
    pub text: &'static str,
    /// What it means for the caller.
    pub meaning: &'static str,
    /// What it is about.
    pub class: SoaClass,
    /// What to do.
    pub advice: Advice,
}

impl SoaCode {
    /// Every code that the platform documents.
    pub const ALL: [Self; 12] = [
        row("SOA-00001", "Service error", "the service failed", SoaClass::Service, Advice::AskServiceDesk),
        row(
            Self::NOT_AUTHENTICATED,
            "Service call not authenticated",
            "the signature, certificate, timestamp or token was not accepted",
            SoaClass::Authentication,
            Advice::Mend,
        ),
        row(
            Self::NOT_AUTHORIZED,
            "Service call not authorized",
            "the caller has no access to this operation",
            SoaClass::Authorization,
            Advice::AskAccess,
        ),
        row(
            "SOA-02001",
            "Service not available. Please contact service desk",
            "the service is not available",
            SoaClass::Availability,
            Advice::AskServiceDesk,
        ),
        row(
            "SOA-02002",
            "Service temporarily not available. Please try later",
            "the service is not available for the moment",
            SoaClass::Availability,
            Advice::TryLater,
        ),
        message("SOA-03001", "Malformed message", "the message is malformed"),
        message("SOA-03002", "Message must be SOAP", "the message is not SOAP"),
        message("SOA-03003", "Message must contain SOAP body", "the message has no SOAP body"),
        message(
            "SOA-03004",
            "WS-I compliance failure",
            "the message breaks WS-I: often a wrong SOAPAction or namespace",
        ),
        message("SOA-03005", "WSDL compliance failure", "the message is not as the WSDL says"),
        message("SOA-03006", "XSD compliance failure", "the message is not as the schema says"),
        message("SOA-03007", "Message content validation failure", "the content of the message is not valid"),
    ];

    /// The call was not authenticated: all that a sender is told of any refusal of a signed message.
    pub const NOT_AUTHENTICATED: &'static str = "SOA-01001";

    /// The call was authenticated, and the caller has no access.
    pub const NOT_AUTHORIZED: &'static str = "SOA-01002";

    /// The row of a code; an unknown one is no error.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|row| row.code == code)
    }
}

const fn row(
    code: &'static str,
    text: &'static str,
    meaning: &'static str,
    class: SoaClass,
    advice: Advice,
) -> SoaCode {
    SoaCode { code, text, meaning, class, advice }
}

const fn message(code: &'static str, text: &'static str, meaning: &'static str) -> SoaCode {
    row(code, text, meaning, SoaClass::Message, Advice::Mend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_once_and_says_its_class() {
        for (index, row) in SoaCode::ALL.iter().enumerate() {
            assert_eq!(SoaCode::find(row.code), Some(*row));
            assert!(SoaCode::ALL[..index].iter().all(|before| before.code < row.code), "{}", row.code);
            let group = match row.class {
                SoaClass::Service => "SOA-00",
                SoaClass::Authentication | SoaClass::Authorization => "SOA-01",
                SoaClass::Availability => "SOA-02",
                SoaClass::Message => "SOA-03",
            };
            assert!(row.code.starts_with(group), "{}", row.code);
        }
        for unknown in ["", "SOA-01001.", "soa-01001", "SOA-99999"] {
            assert_eq!(SoaCode::find(unknown), None, "{unknown}");
        }
    }
}
