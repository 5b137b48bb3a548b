//! Names of the standards that are printed wrongly in the published examples, or were broken on the way.

use super::cause::Cause;
use super::finding::Certainty;
use super::report::Report;
use super::shown;
use crate::names;
use ksz_soap::names as soap;
use ksz_xmldsig::names as ds;
use std::sync::LazyLock;

/// What signed messages are made of, letter for letter.
const KNOWN: [&str; 44] = [
    names::WSSE,
    names::WSU,
    names::WSSE_11,
    names::X509_V3,
    names::BASE64_BINARY,
    names::SAML_11_TOKEN,
    names::SAML_ASSERTION_ID,
    names::SAML_11,
    soap::SOAP_11,
    soap::SOAP_12,
    soap::WS_TRUST,
    soap::EHEALTH_ERRORS,
    soap::TEST_CONNECTION,
    soap::INTEGRATION_TEST,
    soap::INTEGRATION_TEST_TYPES,
    ds::DS,
    ds::EXCLUSIVE_C14N,
    ds::EXCLUSIVE_C14N_WITH_COMMENTS,
    ds::INCLUSIVE_C14N,
    ds::INCLUSIVE_C14N_WITH_COMMENTS,
    ds::INCLUSIVE_C14N_11,
    ds::ENVELOPED_SIGNATURE,
    ds::SHA256,
    ds::SHA384,
    ds::SHA512,
    ds::RSA_SHA256,
    ds::RSA_SHA384,
    ds::RSA_SHA512,
    ds::ECDSA_SHA256,
    ds::ECDSA_SHA384,
    ds::ECDSA_SHA512,
    SHA1,
    RSA_SHA1,
    "http://www.w3.org/2001/04/xmldsig-more#",
    "http://www.w3.org/2001/04/xmlenc#",
    "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue",
    "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Renew",
    "http://docs.oasis-open.org/wsfed/authorization/200706",
    "http://docs.oasis-open.org/wsfed/authorization/200706/authclaims",
    "urn:oasis:names:tc:SAML:1.0:cm:holder-of-key",
    "urn:be:fgov:ehealth:sts:1_0",
    "urn:be:fgov:identification-namespace",
    "urn:be:fgov:certified-namespace:ehealth",
    "http://www.w3.org/2001/XMLSchema-instance",
];

/// SHA-1 (XML Signature 1.1 section 6.2.1).
pub(super) const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
/// RSA PKCS#1 v1.5 with SHA-1 (XML Signature 1.1 section 6.4.2).
pub(super) const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";

/// Misprints that differ from the right value by more than a hyphen or a blank.
const OTHER: [(&str, &str); 9] = [
    ("http://www.w3.org/2001/04/xmldsig#sha256", ds::SHA256),
    ("http://www.w3.org/2000/09/xmldsig#sha256", ds::SHA256),
    ("http://www.w3.org/2001/04/xmldsig#rsa-sha256", ds::RSA_SHA256),
    ("http://www.w3.org/2000/09/xmldsig#rsa-sha256", ds::RSA_SHA256),
    ("http://www.w3.org/2000/09/xmldsig#ecdsa-sha256", ds::ECDSA_SHA256),
    ("urn:be:fgov:health:sts:1_0", "urn:be:fgov:ehealth:sts:1_0"),
    ("urn:be:fgov:ehhealth:sts:1_0", "urn:be:fgov:ehealth:sts:1_0"),
    ("urn:be:fgov:identification-namespaces", "urn:be:fgov:identification-namespace"),
    ("http://schemas.xmlsoap.org/soap/envelope", soap::SOAP_11),
];

/// The names as they are compared.
static FOLDED: LazyLock<Vec<(String, &'static str)>> =
    LazyLock::new(|| KNOWN.into_iter().map(|known| (folded(known), known)).collect());

/// How many values of a message are looked at.
const MOST: usize = 20_000;

/// The longest text that is compared.
const LONGEST: usize = 160;

/// Whether a text is a name of the standards, letter for letter.
pub(super) fn is_known(text: &str) -> bool {
    KNOWN.contains(&text)
}

/// The name that a text was meant to be, if it is nearly one: with a hyphen or a letter's case lost, or blanks in it.
pub(super) fn meant(text: &str) -> Option<&'static str> {
    let begins = text.trim_start().starts_with(['h', 'H', 'u', 'U']);
    if !begins || text.len() > LONGEST || is_known(text) {
        return None;
    }
    let other = OTHER.iter().find(|(printed, _)| *printed == text.trim()).map(|(_, right)| *right);
    let folded = folded(text);
    other.or_else(|| FOLDED.iter().find(|(known, _)| *known == folded).map(|(_, right)| *right))
}

/// A name without what gets lost in print.
fn folded(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect()
}

/// Looks through all attribute values and texts, whether the message can be read as XML or not.
pub(super) fn look_for(text: &str, report: &mut Report<'_>) {
    let mut found: Vec<&str> = Vec::new();
    for (start, value) in values(text).take(MOST) {
        let Some(right) = meant(value) else { continue };
        if found.contains(&value) {
            continue;
        }
        found.push(value);
        if found.len() > 8 {
            return;
        }
        let printed = value.split_whitespace().collect::<Vec<_>>().join(" ");
        let cause = Cause::MisprintedName { printed: shown::name(&printed), right };
        let place = report.place(start..start + value.len(), "");
        report.add(
            cause,
            Certainty::Proven,
            Some(place),
            right.to_owned(),
            format!("{:?}", shown::name(value)),
        );
    }
}

/// Attribute values, and texts that begin like a URI, with their places. What is not XML has none or some.
fn values(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let found = at + text.get(at..)?.find(['=', '>'])?;
            at = found + 1;
            let rest = &text[at..];
            if text.as_bytes()[found] == b'=' {
                let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
                let Some(length) = rest[1..].find(quote) else { continue };
                let start = at + 1;
                at = start + length + 1;
                return Some((start, &text[start..start + length]));
            }
            let value = rest.trim_start();
            if value.starts_with("http") || value.starts_with("urn:") {
                let start = at + rest.len() - value.len();
                let value = &value[..value.floor_char_boundary(LONGEST)];
                return Some((start, value[..value.find('<').unwrap_or(0)].trim_end()));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_misprints_of_the_published_examples_are_known() {
        for (printed, right) in [
            (" http : // docs.oasis-open.org/ws-sx/ws-trust/200512", soap::WS_TRUST),
            ("http://docs.oasis-open.org/ws-sx/wstrust/200512", soap::WS_TRUST),
            (&format!("{} ", names::WSSE), names::WSSE),
            (&names::WSU.replace("oasis-open", "oasisopen"), names::WSU),
            (&names::WSU.replace("wss-wssecurity-utility-1.0", "wsswssecurity-\n utility - 1.0"), names::WSU),
            ("http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile1.1#SAMLV1.1", names::SAML_11_TOKEN),
            ("http://www.w3.org/2001/10/xml-excc14n#", ds::EXCLUSIVE_C14N),
            ("http://www.w3.org/2000/09/xmldsig#envelopedsignature", ds::ENVELOPED_SIGNATURE),
            ("http://www.w3.org/2001/04/xmldsig#sha256", ds::SHA256),
            ("urn:oasis:names:tc:SAML:1.0:cm:holder-ofkey", "urn:oasis:names:tc:SAML:1.0:cm:holder-of-key"),
            ("urn:be:fgov:health:sts:1_0", "urn:be:fgov:ehealth:sts:1_0"),
        ] {
            assert_eq!(meant(printed), Some(right), "{printed}");
        }
    }

    #[test]
    fn what_is_right_or_something_else_is_no_misprint() {
        for known in KNOWN {
            assert_eq!(meant(known), None, "{known}");
        }
        for other in [
            "",
            "urn:x",
            "http://docs.oasis-open.org/ws-sx/wstrust/200512/PublicKey",
            "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText",
        ] {
            assert_eq!(meant(other), None, "{other}");
        }
    }
}
