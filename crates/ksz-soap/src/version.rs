use crate::names;
use std::fmt;

/// A version of SOAP: its namespace, its media type, and the words in which the two versions differ.
///
/// Every service of KSZ and of the eHealth platform speaks SOAP 1.1, which is the default everywhere. SOAP 1.2 is read,
/// written, signed and verified where a caller allows it.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum SoapVersion {
    /// SOAP 1.1 (W3C Note of 8 May 2000).
    #[default]
    Soap11,
    /// SOAP 1.2 (W3C Recommendation of 27 April 2007).
    Soap12,
}

impl SoapVersion {
    /// Both versions, for a caller that allows either.
    pub const ALL: [Self; 2] = [Self::Soap11, Self::Soap12];

    /// What is allowed where nobody says otherwise: SOAP 1.1 alone.
    pub const DEFAULT: [Self; 1] = [Self::Soap11];

    /// The version whose envelopes are in this namespace.
    #[must_use]
    pub fn of_namespace(namespace: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.namespace() == namespace)
    }

    /// The namespace of Envelope, Header, Body and Fault.
    #[must_use]
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Soap11 => names::SOAP_11,
            Self::Soap12 => names::SOAP_12,
        }
    }

    /// The media type of a message in HTTP: SOAP 1.1 section 6, RFC 3902 for SOAP 1.2.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Soap11 => "text/xml",
            Self::Soap12 => "application/soap+xml",
        }
    }

    /// The `Content-Type` of a message in UTF-8 that asks for an operation with this action.
    ///
    /// SOAP 1.2 names the action here (RFC 3902); SOAP 1.1 does not, but in the header `SOAPAction`. The action is one of
    /// [`Operation`](crate::Operation): an action that holds a quote or a backslash is none.
    #[must_use]
    pub fn content_type(self, action: &str) -> String {
        let media_type = self.media_type();
        match self {
            Self::Soap11 => format!("{media_type}; charset=utf-8"),
            Self::Soap12 => format!("{media_type}; charset=utf-8; action=\"{action}\""),
        }
    }

    /// The attribute by which a block of the Header names whom it is for: `actor` (SOAP 1.1 section 4.2.2) or `role`
    /// (SOAP 1.2 part 1 section 5.2.2).
    #[must_use]
    pub const fn role_attribute(self) -> &'static str {
        match self {
            Self::Soap11 => "actor",
            Self::Soap12 => "role",
        }
    }

    /// The value of `mustUnderstand` that says yes: `1` (SOAP 1.1 section 4.2.3), or the `true` of SOAP 1.2.
    #[must_use]
    pub const fn must_understand(self) -> &'static str {
        match self {
            Self::Soap11 => "1",
            Self::Soap12 => "true",
        }
    }

    /// The code of a fault that the sender of the message must mend: `Client` or `Sender`.
    #[must_use]
    pub const fn sender(self) -> &'static str {
        match self {
            Self::Soap11 => "Client",
            Self::Soap12 => "Sender",
        }
    }

    /// The code of a fault that is the service's own: `Server` or `Receiver`.
    #[must_use]
    pub const fn receiver(self) -> &'static str {
        match self {
            Self::Soap11 => "Server",
            Self::Soap12 => "Receiver",
        }
    }
}

impl fmt::Display for SoapVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Soap11 => "SOAP 1.1",
            Self::Soap12 => "SOAP 1.2",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_known_by_its_namespace_alone() {
        for version in SoapVersion::ALL {
            assert_eq!(SoapVersion::of_namespace(version.namespace()), Some(version));
        }
        for other in
            ["", "http://schemas.xmlsoap.org/soap/envelope", "http://www.w3.org/2002/12/soap-envelope"]
        {
            assert_eq!(SoapVersion::of_namespace(other), None, "{other}");
        }
    }

    #[test]
    fn the_action_stands_in_the_content_type_of_soap_1_2_alone() {
        assert_eq!(SoapVersion::Soap11.content_type("urn:a"), "text/xml; charset=utf-8");
        assert_eq!(
            SoapVersion::Soap12.content_type("urn:a"),
            "application/soap+xml; charset=utf-8; action=\"urn:a\""
        );
    }
}
