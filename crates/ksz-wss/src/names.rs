//! Namespaces and identifiers of WS-Security.

/// WS-Security 1.0, the security header.
pub const WSSE: &str = ksz_xmldsig::names::WSSE;
/// WS-Security 1.0, identifiers and timestamps.
pub const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/// WS-Security 1.1, `TokenType`.
pub const WSSE_11: &str = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd";
/// A single certificate (X.509 Token Profile section 3.1).
pub const X509_V3: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";
/// Base64 (SOAP Message Security section 6.3).
pub const BASE64_BINARY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";
/// The type of a SAML 1.1 assertion (SAML Token Profile 1.1 section 3.4).
pub const SAML_11_TOKEN: &str = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1";
/// A key identifier that is an `AssertionID` (SAML Token Profile 1.0 section 3.4).
pub const SAML_ASSERTION_ID: &str =
    "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID";
/// SAML 1.1 assertions.
pub const SAML_11: &str = "urn:oasis:names:tc:SAML:1.0:assertion";
