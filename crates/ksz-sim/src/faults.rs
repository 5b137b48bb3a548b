//! The faults with which the services refuse.

use crate::fresh;
use ksz_soap::{Fault, FaultCode, Message, PeerText, SoaError, SoaErrorKind, SoapVersion, names};

/// A refusal of the platform itself, by its documented codes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Soa {
    Failed,
    NotAuthenticated,
    Malformed,
    NotSoap,
    NoBody,
    NotWsI,
    NotWsdl,
    NotSchema,
    /// A service that is out of use; which code the platform gives then was not seen.
    Retired,
}

impl Soa {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Failed => "SOA-00001",
            Self::NotAuthenticated => "SOA-01001",
            Self::Malformed => "SOA-03001",
            Self::NotSoap => "SOA-03002",
            Self::NoBody => "SOA-03003",
            Self::NotWsI => "SOA-03004",
            Self::NotWsdl => "SOA-03005",
            Self::NotSchema => "SOA-03006",
            Self::Retired => "SOA-02001",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Failed => "Service error",
            Self::NotAuthenticated => "Service call not authenticated.",
            Self::Malformed => "Malformed message",
            Self::NotSoap => "Message must be SOAP",
            Self::NoBody => "Message must contain SOAP body",
            Self::NotWsI => "WS-I compliance failure",
            Self::NotWsdl => "WSDL compliance failure",
            Self::NotSchema => "XSD compliance failure",
            Self::Retired => "Service not available. Please contact service desk",
        }
    }

    /// What to do, where it helps nobody but the caller.
    const fn hint(self) -> Option<&'static str> {
        match self {
            Self::Retired => Some(
                "Saml11TokenService is out of use since October 2023. Use the WS-Trust token service, \
                 /IAM/SecurityTokenService/v1.",
            ),
            _ => None,
        }
    }

    /// The fault: nothing in it but the code and its text, whatever the true reason is.
    pub(crate) fn fault(self) -> Fault {
        let (code, origin) = match self {
            Self::Failed | Self::Retired => ("Server", "Provider"),
            _ => ("Client", "Consumer"),
        };
        let text = format!("{}: {}", self.code(), self.text());
        let code = FaultCode::new(names::SOAP_11, code);
        Fault::new(SoapVersion::Soap11, code, &text).with_soa_error(SoaError {
            kind: SoaErrorKind::System,
            id: ticket(),
            origin: origin.into(),
            code: self.code().into(),
            messages: std::iter::once(self.text()).chain(self.hint()).map(english).collect(),
            retry: None,
            contact: None,
            environment: environment(),
        })
    }
}

/// A refusal of the token service, by the codes of WS-Trust 1.3 section 11.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum WsTrust {
    InvalidRequest,
    FailedAuthentication,
    InvalidTimeRange,
    RequestFailed,
    ExpiredData,
    RenewNeeded,
    UnableToRenew,
}

impl WsTrust {
    const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "InvalidRequest",
            Self::FailedAuthentication => "FailedAuthentication",
            Self::InvalidTimeRange => "InvalidTimeRange",
            Self::RequestFailed => "RequestFailed",
            Self::ExpiredData => "ExpiredData",
            Self::RenewNeeded => "RenewNeeded",
            Self::UnableToRenew => "UnableToRenew",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request was invalid or malformed",
            Self::FailedAuthentication => "Authentication failed",
            Self::InvalidTimeRange => "The requested time range is invalid or unsupported",
            Self::RequestFailed => "The specified request failed",
            Self::ExpiredData => "The request data is out-of-date",
            Self::RenewNeeded => "A renewable security token has expired",
            Self::UnableToRenew => "The requested renewal failed",
        }
    }

    /// The fault in the form of the eHealth platform, with texts for people.
    pub(crate) fn fault(self, messages: &[&str]) -> Fault {
        let code = FaultCode::new(names::WS_TRUST, self.name());
        Fault::new(SoapVersion::Soap11, code, self.text()).with_soa_error(SoaError {
            kind: SoaErrorKind::Business,
            id: ticket(),
            origin: "Client".into(),
            code: format!("wst:{}", self.name()).into(),
            messages: messages.iter().map(|text| english(text)).collect(),
            retry: None,
            contact: None,
            environment: environment(),
        })
    }
}

fn english(text: &str) -> Message {
    Message { language: Some("en".into()), text: text.into() }
}

/// The spelling of the schema's enumeration.
fn environment() -> Option<PeerText> {
    Some("Simulation".into())
}

/// A fault without a ticket is still better than none.
fn ticket() -> PeerText {
    fresh::uuid().map(|uuid| format!("_{}", uuid.replace('-', "")).into()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_soap::SoaCode;

    #[test]
    fn a_fault_has_a_documented_code_and_nothing_else_to_say() {
        for soa in [Soa::Failed, Soa::NotAuthenticated, Soa::Malformed, Soa::NotSoap, Soa::NoBody] {
            assert!(SoaCode::find(soa.code()).is_some(), "{soa:?}");
        }
        let fault = Soa::NotAuthenticated.fault();
        let error = fault.soa_error.as_ref().unwrap();

        assert_eq!(fault.text(), "SOA-01001: Service call not authenticated.");
        assert_eq!((error.origin.as_str(), error.code.as_str()), ("Consumer", "SOA-01001"));
        assert_eq!(error.environment.as_ref().unwrap(), &"Simulation");
    }
}
