//! `wsse:SecurityTokenReference` in `ds:KeyInfo`: which token of the header holds the key.

use crate::{Error, names};
use ksz_xml::{Element, escape_text};

/// `KeyInfo` that names a BinarySecurityToken (X.509 Token Profile 1.1 section 3.2.1).
pub(crate) fn write_direct(token: &str, key_info: &str, reference: &str) -> String {
    format!(
        "<ds:KeyInfo Id=\"{key_info}\"><wsse:SecurityTokenReference wsu:Id=\"{reference}\">\
         <wsse:Reference URI=\"#{token}\" ValueType=\"{}\"></wsse:Reference>\
         </wsse:SecurityTokenReference></ds:KeyInfo>",
        names::X509_V3
    )
}

/// `KeyInfo` that names an assertion (SAML Token Profile 1.1 section 3.4.1).
pub(crate) fn write_assertion_id(assertion: &str, key_info: &str, reference: &str) -> String {
    let mut xml = format!(
        "<ds:KeyInfo Id=\"{key_info}\"><wsse:SecurityTokenReference xmlns:wsse11=\"{}\" \
         wsse11:TokenType=\"{}\" wsu:Id=\"{reference}\"><wsse:KeyIdentifier ValueType=\"{}\">",
        names::WSSE_11,
        names::SAML_11_TOKEN,
        names::SAML_ASSERTION_ID
    );
    escape_text(assertion, &mut |piece| xml += piece);
    xml + "</wsse:KeyIdentifier></wsse:SecurityTokenReference></ds:KeyInfo>"
}

/// Requires `KeyInfo` to be a direct reference to the token with this identifier, and gives its SecurityTokenReference.
pub(crate) fn require_direct<'d>(key_info: Element<'d>, token: &str) -> Result<Element<'d>, Error> {
    let (token_reference, reference) = only_reference(key_info)?;
    if !reference.is(names::WSSE, "Reference") {
        return Err(Error::KeyInfo { detail: "no direct reference" });
    }
    if reference.attribute("", "URI").and_then(|uri| uri.strip_prefix('#')) != Some(token) {
        return Err(Error::KeyInfo { detail: "the reference leads elsewhere" });
    }
    if reference.attribute("", "ValueType").is_some_and(|value_type| value_type != names::X509_V3) {
        return Err(Error::KeyInfo { detail: "the ValueType is not X509v3" });
    }
    require_no_children(reference)?;
    Ok(token_reference)
}

/// Requires `KeyInfo` to name the assertion with this identifier.
pub(crate) fn require_assertion_id(key_info: Element<'_>, assertion: &str) -> Result<(), Error> {
    let (_, identifier) = only_reference(key_info)?;
    if !identifier.is(names::WSSE, "KeyIdentifier") {
        return Err(Error::KeyInfo { detail: "no key identifier" });
    }
    if identifier.attribute("", "ValueType") != Some(names::SAML_ASSERTION_ID) {
        return Err(Error::KeyInfo { detail: "the key identifier is no AssertionID" });
    }
    let text =
        identifier.only_text().map_err(|_| Error::KeyInfo { detail: "the identifier is cut in two" })?;
    if text.trim() != assertion {
        return Err(Error::KeyInfo { detail: "the identifier is of another assertion" });
    }
    Ok(())
}

/// The one SecurityTokenReference and its one child.
fn only_reference(key_info: Element<'_>) -> Result<(Element<'_>, Element<'_>), Error> {
    let refuse = |_| Error::KeyInfo { detail: "text or a comment" };
    let &[reference] = key_info.only_children().map_err(refuse)?.as_slice() else {
        return Err(Error::KeyInfo { detail: "not exactly one element" });
    };
    if !reference.is(names::WSSE, "SecurityTokenReference") {
        return Err(Error::KeyInfo { detail: "another element, whose key proves nothing" });
    }
    match reference.only_children().map_err(refuse)?.as_slice() {
        &[child] => Ok((reference, child)),
        _ => Err(Error::KeyInfo { detail: "not exactly one reference in SecurityTokenReference" }),
    }
}

fn require_no_children(element: Element<'_>) -> Result<(), Error> {
    match element.only_children() {
        Ok(children) if children.is_empty() => Ok(()),
        _ => Err(Error::KeyInfo { detail: "the reference holds something" }),
    }
}
