//! `wsse:BinarySecurityToken` with one certificate (X.509 Token Profile 1.1 section 3.1).

use crate::{Error, names};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_pki::Certificate;
use ksz_xml::Element;
use ksz_xmldsig::{WrittenElement, decode_base64};

pub(crate) fn write(certificate: &Certificate, id: &str) -> WrittenElement {
    WrittenElement::new("wsse:BinarySecurityToken", &[("wsse", names::WSSE), ("wsu", names::WSU)])
        .with_attribute("EncodingType", names::BASE64_BINARY)
        .with_attribute("ValueType", names::X509_V3)
        .with_attribute("wsu:Id", id)
        .with_content(STANDARD.encode(certificate.der()))
}

/// The octets of the certificate. Base64 is the encoding where none is stated (SOAP Message Security 1.1 section 6.3), and
/// may hold white space; a path of certificates is another value type, refused.
pub(crate) fn read(element: Element<'_>, longest: usize) -> Result<Vec<u8>, Error> {
    let refuse = |detail| Error::BinaryToken { detail };
    if element.attribute("", "ValueType") != Some(names::X509_V3) {
        return Err(refuse("its ValueType is not X509v3"));
    }
    if element.attribute("", "EncodingType").is_some_and(|encoding| encoding != names::BASE64_BINARY) {
        return Err(refuse("its EncodingType is not Base64Binary"));
    }
    let text = element.only_text().map_err(|_| refuse("it holds an element or comment"))?;
    if text.len() > longest {
        return Err(refuse("it is too long"));
    }
    decode_base64(&text).ok_or_else(|| refuse("it is not base64"))
}
