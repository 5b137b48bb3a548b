//! The tree of a document: flat lists in document order, whose entries are places in the document's text.

use crate::Error;
use crate::limits::place;
use crate::name::Name;
use crate::raw::{Form, RawText};
use crate::reader::{Markup, RawAttribute, Reader};
use crate::scope::XML;
use std::borrow::Cow;

/// Everything a document holds. Places have 32 bits, because no document is longer; so the tree of a message is about
/// twice its text, and at worst, all attributes, eight times.
#[derive(Debug)]
pub(crate) struct Tree<'i> {
    pub(crate) text: &'i str,
    pub(crate) nodes: Vec<Node>,
    pub(crate) elements: Vec<ElementData>,
    pub(crate) attributes: Vec<AttributeData>,
    /// Every declaration, and the prefix `xml` first.
    pub(crate) namespaces: Vec<(&'i str, Cow<'i, str>)>,
    /// The document element in the list of nodes; comments may stand before it.
    pub(crate) root: u32,
    /// Attribute values that are not written as what they mean, one after the other.
    decoded: String,
}

/// A piece of the document's text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn of(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}

/// One node. Its first child, if it has any, is the next one in the list.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Of text, the characters; of an element, everything.
    pub(crate) span: Span,
    pub(crate) parent: u32,
    /// The first node behind all that is inside.
    pub(crate) next: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Where it stands in the list of elements.
    Element(u32),
    Text(Form),
    Comment,
    Instruction,
}

#[derive(Debug)]
pub(crate) struct ElementData {
    name: CompactName,
    /// Behind its first tag.
    pub(crate) tag_end: u32,
    /// The declaration of its name's prefix.
    pub(crate) namespace: Option<u32>,
    pub(crate) attributes: Span,
    pub(crate) declared: Span,
    /// What is inside is not in the tree.
    pub(crate) is_opaque: bool,
}

#[derive(Debug)]
pub(crate) struct AttributeData {
    name: CompactName,
    pub(crate) namespace: Option<u32>,
    value: Span,
    is_decoded: bool,
}

#[derive(Clone, Copy, Debug)]
struct CompactName {
    span: Span,
    colon: u32,
}

impl<'i> Tree<'i> {
    /// Builds the tree of what a reader reads. The reader counts: nothing beyond the limits enters a list. What is inside
    /// of an element that `is_opaque` picks is read and stays out of the tree.
    pub(crate) fn build(
        reader: &mut Reader<'i>,
        is_opaque: impl Fn(&Reader<'i>) -> bool,
    ) -> Result<Self, Error> {
        let text = reader.document();
        // A list that must grow is copied, and that costs more than counting tags: mostly, each element has two, and a text
        // behind both. What looks like a tag may be none, so nothing is reserved beyond the limit.
        let most = reader.most_nodes();
        let tags_of = |octets: &[u8]| octets.iter().map(|octet| u8::from(*octet == b'<')).sum::<u8>();
        let tags: usize = text.as_bytes().chunks(255).map(|octets| usize::from(tags_of(octets))).sum();
        let mut tree = Self {
            text,
            nodes: Vec::with_capacity((tags + tags / 2).min(most)),
            elements: Vec::with_capacity((tags / 2 + 1).min(most)),
            attributes: Vec::with_capacity((tags / 4).min(most)),
            namespaces: vec![("xml", Cow::Borrowed(XML))],
            root: NONE,
            decoded: String::new(),
        };
        // The reader's bindings in scope, as they stand in the list of all.
        let mut scope = vec![0];
        let mut open = NONE;
        let mut opaque = false;
        while let Some(markup) = reader.next()? {
            let range = reader.range();
            let mut span = Span { start: place(range.start), end: place(range.end) };
            let kind = match markup {
                Markup::Start => {
                    opaque = is_opaque(reader);
                    Kind::Element(tree.element(reader, &mut scope, opaque))
                }
                Markup::End => {
                    open = tree.end(open, span.end);
                    continue;
                }
                Markup::Text => {
                    span = tree.span_of(reader.text().raw());
                    Kind::Text(reader.text().form())
                }
                Markup::Comment => Kind::Comment,
                Markup::Instruction => Kind::Instruction,
            };
            let index = place(tree.nodes.len());
            tree.nodes.push(Node { kind, span, parent: open, next: index + 1 });
            if let Kind::Element(_) = kind {
                tree.root = tree.root.min(index);
                open = index;
            }
            if std::mem::take(&mut opaque) {
                reader.pass_over()?;
                open = tree.end(open, place(reader.range().end));
            }
        }
        Ok(tree)
    }

    fn element(&mut self, reader: &Reader<'i>, scope: &mut Vec<u32>, is_opaque: bool) -> u32 {
        scope.truncate(reader.declared().start);
        let declared = place(self.namespaces.len());
        for binding in &reader.bindings()[reader.declared()] {
            scope.push(place(self.namespaces.len()));
            self.namespaces.push((binding.prefix(), binding.uri_text().clone()));
        }
        let first = place(self.attributes.len());
        for attribute in reader.attributes() {
            self.attribute(attribute, scope);
        }
        self.elements.push(ElementData {
            name: self.compact(reader.name()),
            tag_end: place(reader.range().end),
            namespace: reader.namespace().map(|binding| scope[binding]),
            attributes: Span { start: first, end: place(self.attributes.len()) },
            declared: Span { start: declared, end: place(self.namespaces.len()) },
            is_opaque,
        });
        place(self.elements.len() - 1)
    }

    fn attribute(&mut self, attribute: &RawAttribute<'i>, scope: &[u32]) {
        let (value, is_decoded) = match attribute.value().decode() {
            Cow::Borrowed(value) => (self.span_of(value), false),
            Cow::Owned(value) => {
                let start = place(self.decoded.len());
                self.decoded += &value;
                (Span { start, end: place(self.decoded.len()) }, true)
            }
        };
        self.attributes.push(AttributeData {
            name: self.compact(attribute.name()),
            namespace: attribute.namespace().map(|binding| scope[binding]),
            value,
            is_decoded,
        });
    }

    /// Closes an element and gives the one around it.
    fn end(&mut self, index: u32, end: u32) -> u32 {
        let next = place(self.nodes.len());
        let node = &mut self.nodes[index as usize];
        node.next = next;
        node.span.end = end;
        node.parent
    }

    /// The name of an element.
    pub(crate) fn element_name(&self, element: &ElementData) -> Name<'i> {
        self.name(element.name)
    }

    /// The name of an attribute.
    pub(crate) fn attribute_name(&self, attribute: &AttributeData) -> Name<'i> {
        self.name(attribute.name)
    }

    /// The value of an attribute.
    pub(crate) fn value(&self, attribute: &AttributeData) -> &str {
        attribute.value.of(if attribute.is_decoded { &self.decoded } else { self.text })
    }

    /// The text of a node, if it has one.
    pub(crate) fn text(&self, node: &Node) -> Option<RawText<'i>> {
        match node.kind {
            Kind::Text(form) => Some(RawText::of_form(node.span.of(self.text), form)),
            _ => None,
        }
    }

    /// The namespace name of a declaration.
    pub(crate) fn uri(&self, declaration: Option<u32>) -> &str {
        declaration.map_or("", |index| &self.namespaces[index as usize].1)
    }

    fn name(&self, name: CompactName) -> Name<'i> {
        Name::new(name.span.of(self.text), name.colon as usize)
    }

    fn compact(&self, name: Name<'_>) -> CompactName {
        CompactName { span: self.span_of(name.text()), colon: place(name.colon()) }
    }

    /// Where a piece of the text stands in it.
    fn span_of(&self, piece: &str) -> Span {
        let start = place(piece.as_ptr().addr() - self.text.as_ptr().addr());
        Span { start, end: start + place(piece.len()) }
    }
}

/// The parent of what stands outside the document element.
const NONE: u32 = u32::MAX;
