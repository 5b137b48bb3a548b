//! What a document says, written down so that two readers can be compared.

use ksz_xml::{Document, Element, Error, Markup, Reader};
use std::fmt::Write;

/// Elements with their namespaces and attributes, texts in one piece, comments and instructions.
///
/// Attributes are sorted: their order says nothing.
#[derive(Default)]
struct Outline {
    written: String,
    text: String,
    /// Whether comments and instructions are left out, as canonicalization without them does.
    content_only: bool,
}

impl Outline {
    fn start<'a>(
        &mut self,
        namespace: &str,
        local_name: &str,
        attributes: impl Iterator<Item = (&'a str, &'a str, &'a str)>,
    ) {
        self.close_text();
        let mut attributes: Vec<_> = attributes.collect();
        attributes.sort_unstable();
        let _ = writeln!(self.written, "<{namespace:?} {local_name:?} {attributes:?}");
    }

    fn end(&mut self) {
        self.close_text();
        self.written += ">\n";
    }

    fn text(&mut self, text: &str) {
        self.text += text;
    }

    fn aside(&mut self, kind: &str, target: &str, content: &str) {
        if !self.content_only {
            self.close_text();
            let _ = writeln!(self.written, "{kind} {target:?} {content:?}");
        }
    }

    fn close_text(&mut self) {
        if !self.text.is_empty() {
            let _ = writeln!(self.written, "{:?}", self.text);
            self.text.clear();
        }
    }
}

/// What our reader meets.
///
/// # Errors
///
/// What it refuses.
pub fn of_reader(mut reader: Reader<'_>) -> Result<String, Error> {
    let mut outline = Outline::default();
    while let Some(markup) = reader.next()? {
        match markup {
            Markup::Start => {
                let uri = |index: Option<usize>| index.map_or("", |index| reader.bindings()[index].uri());
                let values: Vec<_> = reader
                    .attributes()
                    .iter()
                    .map(|attribute| {
                        (uri(attribute.namespace()), attribute.name(), attribute.value().decode())
                    })
                    .collect();
                let attributes =
                    values.iter().map(|(uri, name, value)| (*uri, name.local_name(), value.as_ref()));
                outline.start(uri(reader.namespace()), reader.name().local_name(), attributes);
            }
            Markup::End => outline.end(),
            Markup::Text => outline.text(&reader.text().decode()),
            Markup::Comment => outline.aside("comment", "", &reader.text().decode()),
            Markup::Instruction => {
                outline.aside("instruction", reader.name().text(), &reader.text().decode());
            }
            other => panic!("{other:?} is not known here"),
        }
    }
    Ok(outline.written)
}

/// The elements of our tree with their attributes and all text in each, and the same as a reader of each gives it.
#[must_use]
pub fn of_tree(document: &Document<'_>) -> String {
    let mut written = String::new();
    for element in document.root().descendants() {
        let _ = writeln!(written, "{} {:?}", start_of(element), element.whole_text());
    }
    written
}

fn start_of(element: Element<'_>) -> String {
    let mut outline = Outline::default();
    let attributes: Vec<_> = element.attributes().collect();
    let attributes = attributes.iter().map(|found| (found.namespace(), found.local_name(), found.value()));
    outline.start(element.namespace(), element.local_name(), attributes);
    outline.written
}

/// What roxmltree makes of the text; the elements in the form of [`of_tree`].
#[must_use]
pub fn of_roxmltree_elements(document: &roxmltree::Document<'_>) -> String {
    let mut written = String::new();
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let mut outline = Outline::default();
        start_of_roxmltree(node, &mut outline);
        let texts = node.descendants().filter(roxmltree::Node::is_text);
        let text: String = texts.filter_map(|text| text.text()).collect();
        let _ = writeln!(written, "{} {text:?}", outline.written);
    }
    written
}

/// What roxmltree meets, in the form of [`of_reader`].
#[must_use]
pub fn of_roxmltree(document: &roxmltree::Document<'_>) -> String {
    walk(document, false)
}

/// The same without comments and instructions.
#[must_use]
pub fn content_of_roxmltree(document: &roxmltree::Document<'_>) -> String {
    walk(document, true)
}

fn walk(document: &roxmltree::Document<'_>, content_only: bool) -> String {
    let mut outline = Outline { content_only, ..Outline::default() };
    visit(document.root(), &mut outline);
    outline.written
}

/// The depth is that of a document within our limits.
fn visit(parent: roxmltree::Node<'_, '_>, outline: &mut Outline) {
    for node in parent.children() {
        let text = node.text().unwrap_or_default();
        match node.node_type() {
            roxmltree::NodeType::Element => {
                start_of_roxmltree(node, outline);
                visit(node, outline);
                outline.end();
            }
            roxmltree::NodeType::Text => outline.text(text),
            // It leaves the line ends of comments and instructions as they are written (XML 1.0 section 2.11).
            roxmltree::NodeType::Comment => outline.aside("comment", "", &text.replace("\r\n", "\n")),
            roxmltree::NodeType::PI => {
                let instruction = node.pi().map(|pi| (pi.target, pi.value.unwrap_or_default()));
                let (target, value) = instruction.unwrap_or_default();
                outline.aside("instruction", target, &value.replace("\r\n", "\n"));
            }
            roxmltree::NodeType::Root => {}
        }
    }
}

fn start_of_roxmltree(node: roxmltree::Node<'_, '_>, outline: &mut Outline) {
    let attributes =
        node.attributes().map(|found| (found.namespace().unwrap_or_default(), found.name(), found.value()));
    outline.start(node.tag_name().namespace().unwrap_or_default(), node.tag_name().name(), attributes);
}
