//! The side that issues: writing an assertion and the answer around it.

use crate::attribute::Attribute;
use crate::request::Lifetime;
use crate::vouched::{NameIdentifier, push_attribute};
use crate::{Error, names};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_pki::{Certificate, Digest, Identity};
use ksz_soap::format_date_time;
use ksz_xml::escape_text;
use ksz_xmldsig::names::DS;
use ksz_xmldsig::{Reference, Signature, Transforms};
use std::time::SystemTime;

/// An assertion to be issued for the holder of a key.
///
/// Its form is that of the eHealth platform's assertions: no prefix, Conditions, AuthenticationStatement,
/// AttributeStatement, and the Signature last (SAML 1.1 schema).
#[derive(Clone, Debug)]
pub struct NewAssertion {
    /// The `AssertionID`: an NCName that differs between assertions.
    pub id: String,
    /// The issuer.
    pub issuer: String,
    /// When it is issued.
    pub issue_instant: SystemTime,
    /// When it holds.
    pub validity: Lifetime,
    /// The certificate whose key is confirmed.
    pub holder: Certificate,
    /// What is said about the subject.
    pub attributes: Vec<Attribute>,
}

impl NewAssertion {
    /// Writes and signs the assertion. It is written in canonical form and never parsed.
    ///
    /// # Errors
    ///
    /// [`Error::AssertionShape`] if the identifier is none, [`Error::Signature`] if the key cannot sign.
    pub fn sign(&self, service: &Identity) -> Result<String, Error> {
        self.sign_about(&NameIdentifier::of_certificate(&self.holder), service)
    }

    /// The same about somebody else than the holder's certificate names: the holder vouches for its subject.
    ///
    /// # Errors
    ///
    /// Those of [`Self::sign`].
    pub fn sign_about(&self, subject: &NameIdentifier, service: &Identity) -> Result<String, Error> {
        if !ksz_xml::is_ncname(&self.id) {
            return Err(Error::AssertionShape { detail: "its AssertionID is no name" });
        }
        let unsigned = self.to_xml(&subject.to_xml())?;
        let digest = Digest::sha256(unsigned.as_bytes());
        let reference = Reference::new(&self.id, Transforms::Enveloped, None, digest);
        let key_info = format!("<ds:KeyInfo>{}</ds:KeyInfo>", x509_data(service.certificate()));
        let signature = Signature::new(vec![reference]).with_key_info(&key_info).sign(service.key())?;
        let end = "</Assertion>";
        let content = unsigned.strip_suffix(end).unwrap_or_default();
        Ok([content, &signature, end].concat())
    }

    fn to_xml(&self, subject: &str) -> Result<String, Error> {
        let issued = format_date_time(self.issue_instant)?;
        let mut xml = format!("<Assertion xmlns=\"{}\"", names::SAML_11);
        push_attribute("AssertionID", &self.id, &mut xml);
        push_attribute("IssueInstant", &issued, &mut xml);
        push_attribute("Issuer", &self.issuer, &mut xml);
        xml += " MajorVersion=\"1\" MinorVersion=\"1\"><Conditions";
        push_attribute("NotBefore", &format_date_time(self.validity.created)?, &mut xml);
        push_attribute("NotOnOrAfter", &format_date_time(self.validity.expires)?, &mut xml);
        xml += "></Conditions><AuthenticationStatement";
        push_attribute("AuthenticationInstant", &issued, &mut xml);
        push_attribute("AuthenticationMethod", names::X509_PKI, &mut xml);
        xml += &format!(
            "><Subject>{subject}<SubjectConfirmation><ConfirmationMethod>{}</ConfirmationMethod>\
             <ds:KeyInfo xmlns:ds=\"{DS}\">{}</ds:KeyInfo></SubjectConfirmation></Subject></AuthenticationStatement><AttributeStatement>\
             <Subject>{subject}</Subject>",
            names::HOLDER_OF_KEY,
            x509_data(&self.holder)
        );
        for attribute in &self.attributes {
            xml += "<Attribute";
            push_attribute("AttributeName", attribute.name(), &mut xml);
            push_attribute("AttributeNamespace", attribute.namespace(), &mut xml);
            xml += ">";
            for value in attribute.values() {
                xml += "<AttributeValue>";
                escape_text(value, &mut |piece| xml += piece);
                xml += "</AttributeValue>";
            }
            xml += "</Attribute>";
        }
        Ok(xml + "</AttributeStatement></Assertion>")
    }
}

/// The payload that answers a request with its token: a bare response, as the eHealth platform sends it.
#[must_use]
pub fn write_token_response(context: &str, assertion: &str) -> String {
    let mut xml = format!("<wst:RequestSecurityTokenResponse xmlns:wst=\"{}\"", names::WST);
    push_attribute("Context", context, &mut xml);
    xml += "><wst:RequestedSecurityToken>";
    xml += assertion;
    xml + "</wst:RequestedSecurityToken></wst:RequestSecurityTokenResponse>"
}

/// `ds:X509Data` with one certificate, inside an element that declares the prefix `ds`.
fn x509_data(certificate: &Certificate) -> String {
    let certificate = STANDARD.encode(certificate.der());
    format!("<ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>")
}
