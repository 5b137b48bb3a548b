//! libxml2, which shares no line with us.

use libxml::error::StructuredError;
use libxml::parser::{Parser, ParserOptions};
use libxml::tree::Document;
use libxml::tree::c14n::CanonicalizationOptions;
use libxml::xpath::Context;

/// Whether it reads the text and has nothing to say about it.
#[must_use]
pub fn accepts(text: &str) -> bool {
    parse(text).is_some_and(|(_, complaints)| complaints.is_empty())
}

/// Its canonical form of the whole document (0) or of the element with this number in document order, if it reads the
/// document and does not fail. A number beyond the last means the document element.
#[must_use]
pub fn canonicalize(text: &str, options: CanonicalizationOptions, apex: usize) -> Option<String> {
    let (document, _) = parse(text)?;
    let Some(index) = apex.checked_sub(1) else { return document.canonicalize(options, None).ok() };
    let elements = Context::new(&document).ok()?.evaluate("//*").ok()?.get_nodes_as_vec();
    let element = elements.into_iter().nth(index).or_else(|| document.get_root_element());
    element?.canonicalize(options).ok()
}

/// The document, and what it reports of it without refusing it: broken namespaces above all.
fn parse(text: &str) -> Option<(Document, Vec<StructuredError>)> {
    let options = ParserOptions { recover: false, no_net: true, huge: true, ..ParserOptions::default() };
    Parser::default().parse_string_with_diagnostics(text, options).ok()
}
