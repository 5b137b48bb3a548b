//! Writing elements and attributes around texts that may hold anything.

use ksz_xml::{escape_attribute, escape_text};

/// The namespace that the prefix `xml` is bound to everywhere.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Writes an element that holds a text alone.
pub(crate) fn element(xml: &mut String, name: &str, text: &str) {
    element_with(xml, name, "", text);
}

/// The same with attributes, which begin with a space if there are any.
pub(crate) fn element_with(xml: &mut String, name: &str, attributes: &str, text: &str) {
    xml.extend(["<", name, attributes, ">"]);
    escape_text(text, &mut |piece| xml.push_str(piece));
    xml.extend(["</", name, ">"]);
}

/// Writes an element if there is a text for it.
pub(crate) fn optional(xml: &mut String, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        element(xml, name, text);
    }
}

/// An attribute with the space before it.
pub(crate) fn attribute(name: &str, value: &str) -> String {
    let mut attribute = format!(" {name}=\"");
    escape_attribute(value, &mut |piece| attribute.push_str(piece));
    attribute + "\""
}
