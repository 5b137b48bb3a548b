//! Namespaces and identifiers of WS-Trust 1.3 and SAML 1.1.

/// WS-Trust 1.3.
pub const WST: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
/// The request to issue a token (WS-Trust 1.3 section 4.1).
pub const ISSUE: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue";
/// The request to renew a token (WS-Trust 1.3 section 5).
pub const RENEW: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Renew";
/// Claims of WS-Federation 1.2 section 9.
pub const AUTHORIZATION: &str = "http://docs.oasis-open.org/wsfed/authorization/200706";
/// The dialect of such claims.
pub const AUTHORIZATION_CLAIMS: &str = "http://docs.oasis-open.org/wsfed/authorization/200706/authclaims";
/// Claims of the draft of WS-Federation of December 2006.
pub const AUTHORIZATION_2006: &str = "http://schemas.xmlsoap.org/ws/2006/12/authorization";
/// The dialect of such claims.
pub const AUTHORIZATION_CLAIMS_2006: &str = "http://schemas.xmlsoap.org/ws/2006/12/authorization/authclaims";
/// A public key, as the standard writes it (WS-Trust 1.3 section 9.2).
pub const PUBLIC_KEY: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/PublicKey";
/// A public key, as the clients of the eHealth platform write it: without the hyphen in `ws-trust`.
pub const PUBLIC_KEY_EHEALTH: &str = "http://docs.oasis-open.org/ws-sx/wstrust/200512/PublicKey";
/// Addresses of WS-Addressing 1.0.
pub const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
/// SAML 1.1 assertions.
pub const SAML_11: &str = "urn:oasis:names:tc:SAML:1.0:assertion";
/// The subject proves that it holds a key (SAML Token Profile 1.1 section 3.5.1).
pub const HOLDER_OF_KEY: &str = "urn:oasis:names:tc:SAML:1.0:cm:holder-of-key";
/// The subject was authenticated with a certificate (SAML 1.1 core section 7.1.5).
pub const X509_PKI: &str = "urn:oasis:names:tc:SAML:1.0:am:X509-PKI";
/// A name that is the subject of a certificate (SAML 1.1 core section 7.3.3).
pub const X509_SUBJECT_NAME: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName";
/// Attributes that identify: asserted by the caller, checked against its certificate.
pub const IDENTIFICATION: &str = "urn:be:fgov:identification-namespace";
/// Attributes that the eHealth platform certifies from authentic sources.
pub const CERTIFIED: &str = "urn:be:fgov:certified-namespace:ehealth";
/// The issuer of the eHealth platform's assertions.
pub const EHEALTH_ISSUER: &str = "urn:be:fgov:ehealth:sts:1_0";
