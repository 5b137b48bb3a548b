//! A token service of throw-away keys: SAML 1.1 assertions that xmlsec1 signs.

use std::process::Command;

use super::keys::{KeyKind, Keys};
use super::messages::instant;
use crate::error::Error;
use crate::process;

/// The name of the token service's key and certificate among [`Keys`].
pub(super) const SERVICE: &str = "sts";

const SAML: &str = "urn:oasis:names:tc:SAML:1.0:assertion";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// The file of the assertion that confirms a key of this kind.
pub(super) fn file(kind: KeyKind) -> String {
    format!("{}.assertion.xml", kind.name())
}

/// Writes that file; it holds the element alone.
pub(super) fn make(keys: &Keys, kind: KeyKind) -> Result<(), Error> {
    sign(keys, SERVICE, KeyKind::Rsa2048, kind, &file(kind))
}

/// An assertion that confirms the key of a holder, signed with a key of a token service, in a file.
pub(super) fn sign(
    keys: &Keys,
    service: &str,
    kind: KeyKind,
    holder: KeyKind,
    signed: &str,
) -> Result<(), Error> {
    let template = unsigned(keys, holder)?.replace(END, &(signature(kind) + END));
    let template = keys.write("assertion.template.xml", &template)?;
    let path = |extension: &str| keys.path(&format!("{service}.{extension}")).display().to_string();
    let mut command = Command::new("xmlsec1");
    command.args(["--sign", "--id-attr:AssertionID", &format!("{SAML}:Assertion")]);
    command.args(["--privkey-pem", &format!("{},{}", path("key"), path("pem"))]);
    let output = process::stdout(command.arg(template))?;
    let start = output.find("<saml:Assertion").unwrap_or_default();
    keys.write(signed, output[start..].trim_end()).map(drop)
}

const END: &str = "</saml:Assertion>";

/// An assertion of the eHealth token service that confirms the key of a holder, without a signature.
pub(super) fn unsigned(keys: &Keys, holder: KeyKind) -> Result<String, Error> {
    let certificate = keys.base64(holder.name())?;
    let (from, until) = (instant("now - 60 seconds")?, instant("now + 1 hour")?);
    let subject = format!(
        "<saml:Subject><saml:NameIdentifier Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName\">\
         CN=holder,O=ksz interop,C=BE</saml:NameIdentifier><saml:SubjectConfirmation>\
         <saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:holder-of-key</saml:ConfirmationMethod>\
         <ds:KeyInfo xmlns:ds=\"{DS}\"><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate>\
         </ds:X509Data></ds:KeyInfo></saml:SubjectConfirmation></saml:Subject>"
    );
    Ok(format!(
        "<saml:Assertion xmlns:saml=\"{SAML}\" AssertionID=\"_interop-1\" MajorVersion=\"1\" MinorVersion=\"1\" \
         Issuer=\"urn:be:fgov:ehealth:sts:1_0\" IssueInstant=\"{from}\">\
         <saml:Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{until}\"/>\
         <saml:AuthenticationStatement AuthenticationInstant=\"{from}\" \
         AuthenticationMethod=\"urn:oasis:names:tc:SAML:1.0:am:X509-PKI\">{subject}</saml:AuthenticationStatement>\
         <saml:AttributeStatement>{subject}<saml:Attribute AttributeName=\"urn:interop:role\" \
         AttributeNamespace=\"urn:be:fgov:identification-namespace\"><saml:AttributeValue>judge</saml:AttributeValue>\
         </saml:Attribute></saml:AttributeStatement>{END}"
    ))
}

/// A signature whose values are left empty.
fn signature(kind: KeyKind) -> String {
    let method = match kind {
        KeyKind::Rsa2048 => "rsa-sha256",
        KeyKind::P256 => "ecdsa-sha256",
    };
    format!(
        "<ds:Signature xmlns:ds=\"{DS}\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{EXC_C14N}\"/>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#{method}\"/>\
         <ds:Reference URI=\"#_interop-1\"><ds:Transforms><ds:Transform Algorithm=\"{DS}enveloped-signature\"/>\
         <ds:Transform Algorithm=\"{EXC_C14N}\"/></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/></ds:Reference>\
         </ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data>\
         </ds:KeyInfo></ds:Signature>"
    )
}
