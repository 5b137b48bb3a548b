/// An operation of a service: what is asked, and the action that says so outside the envelope.
///
/// Both the payload and the `SOAPAction` are taken from one operation, so that they cannot differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Operation {
    /// Its name in the WSDL.
    pub name: &'static str,
    /// The value of the `SOAPAction` header, without its quotes (WS-I Basic Profile 1.1 R2744).
    pub action: &'static str,
}

impl Operation {
    /// KSZ `TestConnectionService.sendTestMessage`.
    pub const SEND_TEST_MESSAGE: Self = Self {
        name: "sendTestMessage",
        action: "http://kszbcss.fgov.be/TestConnectionServiceService/sendTestMessage",
    };

    /// `sendXML` of the historical SSDN services of KSZ, whatever the document in it asks.
    pub const SEND_XML: Self =
        Self { name: "sendXML", action: "http://ksz-bcss.fgov.be/connectors/WebServiceConnector/sendXML" };

    /// The token service's `RequestSecurityToken`.
    pub const REQUEST_SECURITY_TOKEN: Self = Self {
        name: "RequestSecurityToken",
        action: "urn:be:fgov:ehealth:sts:protocol:v1:RequestSecurityToken",
    };

    /// The token service's `Challenge`, with which a challenge is answered.
    pub const CHALLENGE: Self =
        Self { name: "Challenge", action: "urn:be:fgov:ehealth:sts:protocol:v1:Challenge" };
}
