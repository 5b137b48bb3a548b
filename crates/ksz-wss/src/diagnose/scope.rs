//! A part as if other namespaces were declared around it.

use super::hypothesis::{Suspect, canonical};
use crate::names;
use ksz_soap::names::{INTEGRATION_TEST, INTEGRATION_TEST_TYPES, SOAP_11, TEST_CONNECTION, WS_TRUST};
use ksz_xml::{Document, Element, Limits, escape_attribute};
use ksz_xmldsig::names::DS;

/// How many namespaces of the message are tried for a prefix that means nothing any more.
const TRIED: usize = 16;

/// What a prefix may have meant around an element: what it means inside; else what it means elsewhere in the message;
/// else the namespaces that it could have been declared for.
pub(super) fn candidates<'d>(element: Element<'d>, prefix: &str) -> impl Iterator<Item = &'d str> + use<'d> {
    let meaning = if prefix == "#default" { "" } else { prefix };
    if element.lookup_namespace(meaning).is_some() {
        return Vec::new().into_iter();
    }
    let mut found = Vec::new();
    let mut anywhere: Vec<&str> = Vec::new();
    for other in element.document_element().descendants().take(10_000) {
        if other.prefix() == meaning && !other.namespace().is_empty() && !found.contains(&other.namespace()) {
            found.push(other.namespace());
        }
        if anywhere.len() < TRIED && !other.namespace().is_empty() && !anywhere.contains(&other.namespace()) {
            anywhere.push(other.namespace());
        }
    }
    if found.is_empty() {
        found = anywhere;
        let known = [
            SOAP_11,
            names::WSSE,
            names::WSU,
            DS,
            INTEGRATION_TEST,
            INTEGRATION_TEST_TYPES,
            TEST_CONNECTION,
            WS_TRUST,
        ];
        found.extend(known);
        found.dedup();
    }
    found.truncate(TRIED + 8);
    found.into_iter()
}

/// The canonical form of the part where these prefixes are declared around it besides.
pub(super) fn canonical_with(suspect: &Suspect<'_, '_>, added: &[(&str, &str)]) -> Option<Vec<u8>> {
    let element = suspect.element;
    let mut text = "<scope".to_owned();
    let mut declare = |prefix: &str, uri: &str| {
        text += if prefix.is_empty() { " xmlns" } else { " xmlns:" };
        text += prefix;
        text += "=\"";
        escape_attribute(uri, &mut |piece| text += piece);
        text += "\"";
    };
    let around: Vec<_> = element.parent().into_iter().flat_map(Element::namespaces).collect();
    for (prefix, uri) in &around {
        let is_added =
            |(added, _): &(&str, &str)| added == prefix || (*added == "#default" && prefix.is_empty());
        if !uri.is_empty() && !added.iter().any(is_added) {
            declare(prefix, uri);
        }
    }
    for (prefix, uri) in added {
        declare(if *prefix == "#default" { "" } else { prefix }, uri);
    }
    text += ">";
    let start = text.len();
    text += element.source();
    text += "</scope>";
    let document = Document::parse_with_instructions(text.as_bytes(), &Limits::widest()).ok()?;
    let copy = document.root().children().next()?;
    let omitted = match suspect.omitted {
        None => None,
        Some(omitted) => {
            let at = start + omitted.range().start - element.range().start;
            Some(copy.descendants().find(|inside| inside.range().start == at)?)
        }
    };
    canonical(&Suspect { element: copy, omitted, ..*suspect }, suspect.method)
}
