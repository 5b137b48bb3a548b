use crate::message::{WSSE, WSU, context};
use crate::{Failure, read};
use bergshamra::KeysManager;
use bergshamra::dsig::sign::sign_owned;
use bergshamra::keys::loader::load_pem_auto;

/// The header that the library fills in, and the key for it, which is loaded once.
pub(crate) struct Template {
    context: bergshamra::DsigContext,
    header: String,
}

impl Template {
    pub(crate) fn read(folder: &str, name: &str) -> Result<Self, Failure> {
        let mut keys = KeysManager::new();
        let key = load_pem_auto(read(&format!("{folder}/{name}.key"))?.as_bytes(), None);
        keys.add_key(key.map_err(|error| error.to_string())?);
        let pem = read(&format!("{folder}/{name}.crt"))?;
        let token: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        Ok(Self { context: context(keys), header: header(&token, name) })
    }

    /// Puts the header in and an identifier on the Body, by their text, and lets the library sign.
    pub(crate) fn sign(&self, envelope: &str) -> Result<String, Failure> {
        let body = format!("<soapenv:Body xmlns:wsu=\"{WSU}\" wsu:Id=\"id-1\">");
        let (before, after) = envelope.split_once("</soapenv:Header>").ok_or("no Header")?;
        let (between, content) = after.split_once("<soapenv:Body>").ok_or("no Body")?;
        let message = [before, &self.header, "</soapenv:Header>", between, &body, content].concat();
        sign_owned(&self.context, message).map_err(|error| error.to_string())
    }
}

fn header(token: &str, key: &str) -> String {
    const OASIS: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-";
    const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let method = if key == "ec" { "ecdsa-sha256" } else { "rsa-sha256" };
    let references: String = ["TS-1", "id-1", "X509-1"]
        .map(|id| {
            format!(
                "<ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{EXCLUSIVE}\"/></ds:Transforms>\
                 <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/></ds:Reference>"
            )
        })
        .concat();
    format!(
        "<wsse:Security xmlns:wsse=\"{WSSE}\" xmlns:wsu=\"{WSU}\" soapenv:mustUnderstand=\"1\">\
         <wsse:BinarySecurityToken EncodingType=\"{OASIS}soap-message-security-1.0#Base64Binary\" \
         ValueType=\"{OASIS}x509-token-profile-1.0#X509v3\" wsu:Id=\"X509-1\">{token}</wsse:BinarySecurityToken>\
         <wsu:Timestamp wsu:Id=\"TS-1\"><wsu:Created>2026-03-01T10:00:00.000Z</wsu:Created>\
         <wsu:Expires>2026-03-01T10:05:00.000Z</wsu:Expires></wsu:Timestamp>\
         <ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
         <ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/><ds:SignatureMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#{method}\"/>{references}</ds:SignedInfo>\
         <ds:SignatureValue/><ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI=\"#X509-1\" \
         ValueType=\"{OASIS}x509-token-profile-1.0#X509v3\"/></wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>\
         </wsse:Security>"
    )
}
