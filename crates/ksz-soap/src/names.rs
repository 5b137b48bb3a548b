//! Namespaces of SOAP and of the services.

/// SOAP 1.1 envelopes.
pub const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// SOAP 1.2 envelopes.
pub const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
/// SystemError and BusinessError of the eHealth platform; their children are in no namespace.
pub const EHEALTH_ERRORS: &str = "urn:be:fgov:ehealth:errors:soa:v1";
/// The wrapper elements of KSZ TestConnectionService; their children are in no namespace.
pub const TEST_CONNECTION: &str = "http://kszbcss.fgov.be/intf/TestConnectionServiceService/v1";
/// The wrapper elements of eHealth PlatformIntegrationConsumerTest.
pub const INTEGRATION_TEST: &str = "urn:be:fgov:ehealth:platformintegrationconsumertest:v1";
/// The children of those wrappers.
pub const INTEGRATION_TEST_TYPES: &str = "urn:be:fgov:ehealth:platformintegrationconsumertest:types:v1";
/// WS-Trust 1.3, which also names the fault codes of a token service.
pub const WS_TRUST: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
/// The text in which a document travels to and from the SSDN services of KSZ.
pub const SSDN_CONNECTOR: &str = "http://ksz-bcss.fgov.be/connectors/WebServiceConnector";
/// The documents of SSDN.
pub const SSDN_SERVICE: &str = "http://www.ksz-bcss.fgov.be/XSD/SSDN/Service";
/// What the documents of SSDN have in common, such as how a request went.
pub const SSDN_COMMON: &str = "http://www.ksz-bcss.fgov.be/XSD/SSDN/Common";
/// XML-binary Optimized Packaging: `xop:Include`.
pub const XOP: &str = "http://www.w3.org/2004/08/xop/include";
