mod prefix_list;
mod sink;

pub use prefix_list::PrefixList;
pub use sink::Sink;

use crate::names;
use ksz_pki::{Digest, Sha256};
use ksz_xml::{Attribute, Document, Element, Event, Events, escape_attribute, escape_text};

/// Exclusive XML Canonicalization 1.0, with or without comments.
///
/// A namespace is declared where an element or attribute visibly uses it, and not again below; prefixes of the
/// [`PrefixList`] are treated as inclusive canonicalization treats all (section 3). The octets go straight into
/// a [`Sink`], such as a hash.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ExclusiveC14n {
    prefixes: PrefixList,
    with_comments: bool,
}

impl ExclusiveC14n {
    /// The algorithm without comments.
    #[must_use]
    pub const fn new(prefixes: PrefixList) -> Self {
        Self { prefixes, with_comments: false }
    }

    /// The algorithm with comments. No signature that we accept uses it.
    #[must_use]
    pub const fn with_comments(prefixes: PrefixList) -> Self {
        Self { prefixes, with_comments: true }
    }

    /// Its identifier.
    #[must_use]
    pub const fn uri(&self) -> &'static str {
        if self.with_comments { names::EXCLUSIVE_C14N_WITH_COMMENTS } else { names::EXCLUSIVE_C14N }
    }

    /// Writes an element and everything in it.
    pub fn canonicalize(&self, element: Element<'_>, sink: &mut impl Sink) {
        Walk::new(self, sink).run(element.events(), None);
    }

    /// Writes an element without one of its descendants: the enveloped signature transform (XML Signature 1.1
    /// section 6.6.4) followed by this algorithm.
    pub fn canonicalize_without(&self, element: Element<'_>, omitted: Element<'_>, sink: &mut impl Sink) {
        Walk::new(self, sink).run(element.events(), Some(omitted));
    }

    /// Writes a whole document: processing instructions and, with comments, comments outside the document
    /// element stand on lines of their own (Canonical XML 1.0 section 2.3).
    pub fn canonicalize_document(&self, document: &Document<'_>, sink: &mut impl Sink) {
        Walk::new(self, sink).run(document.events(), None);
    }

    /// SHA-256 over the octets of an element.
    #[must_use]
    pub fn digest(&self, element: Element<'_>) -> Digest {
        let mut hash = Sha256::new();
        self.canonicalize(element, &mut hash);
        hash.finish()
    }
}

/// One run of the algorithm: what has been declared in the output so far, and buffers that are used again.
struct Walk<'w, 'd, S> {
    method: &'w ExclusiveC14n,
    sink: &'w mut S,
    /// Prefix and name of each declaration of the open elements, outermost first.
    rendered: Vec<(&'d str, &'d str)>,
    /// How many declarations there were before each open element.
    frames: Vec<usize>,
    declared: Vec<(&'d str, &'d str)>,
    attributes: Vec<Attribute<'d>>,
    after_root: bool,
}

impl<'w, 'd, S: Sink> Walk<'w, 'd, S> {
    const fn new(method: &'w ExclusiveC14n, sink: &'w mut S) -> Self {
        Self {
            method,
            sink,
            rendered: Vec::new(),
            frames: Vec::new(),
            declared: Vec::new(),
            attributes: Vec::new(),
            after_root: false,
        }
    }

    fn run(&mut self, mut events: Events<'d>, omitted: Option<Element<'d>>) {
        while let Some(event) = events.next() {
            match event {
                Event::Start(element) if Some(element) == omitted => events.pass_over(element),
                Event::Start(element) => self.start(element),
                Event::End(element) => self.end(element),
                Event::Text(text) if !self.frames.is_empty() => {
                    escape_text(text, &mut |piece| self.sink.write(piece.as_bytes()));
                }
                Event::Comment(comment) if self.method.with_comments => {
                    self.own_line(|sink| {
                        sink.write(b"<!--");
                        sink.write(comment.as_bytes());
                        sink.write(b"-->");
                    });
                }
                Event::ProcessingInstruction { target, data } => self.own_line(|sink| {
                    sink.write(b"<?");
                    sink.write(target.as_bytes());
                    if let Some(data) = data {
                        sink.write(b" ");
                        sink.write(data.as_bytes());
                    }
                    sink.write(b"?>");
                }),
                _ => {}
            }
        }
    }

    fn start(&mut self, element: Element<'d>) {
        self.frames.push(self.rendered.len());
        self.sink.write(b"<");
        self.sink.write(element.qualified_name().as_bytes());
        self.declarations(element);

        let mut attributes = std::mem::take(&mut self.attributes);
        attributes.extend(element.attributes());
        attributes.sort_unstable_by_key(|attribute| (attribute.namespace(), attribute.local_name()));
        for attribute in attributes.drain(..) {
            self.sink.write(b" ");
            self.sink.write(attribute.qualified_name().as_bytes());
            self.sink.write(b"=\"");
            escape_attribute(attribute.value(), &mut |piece| self.sink.write(piece.as_bytes()));
            self.sink.write(b"\"");
        }
        self.attributes = attributes;
        self.sink.write(b">");
    }

    /// Section 3: the declarations of one start tag, in the order of their prefixes.
    fn declarations(&mut self, element: Element<'d>) {
        self.declare(element.prefix(), element.namespace());
        for attribute in element.attributes() {
            let prefix = attribute.prefix();
            if !prefix.is_empty() {
                self.declare(prefix, attribute.namespace());
            }
        }
        for prefix in self.method.prefixes.iter() {
            if let Some((prefix, uri)) = element.namespaces().find(|(found, _)| *found == prefix) {
                self.declare(prefix, uri);
            } else if prefix.is_empty() {
                self.declare("", "");
            }
        }
        self.declared.sort_unstable();
        for (prefix, uri) in self.declared.drain(..) {
            self.sink.write(if prefix.is_empty() { b" xmlns" } else { b" xmlns:" });
            self.sink.write(prefix.as_bytes());
            self.sink.write(b"=\"");
            escape_attribute(uri, &mut |piece| self.sink.write(piece.as_bytes()));
            self.sink.write(b"\"");
            self.rendered.push((prefix, uri));
        }
    }

    /// Takes a declaration up unless the output has it already. The prefix `xml` is never declared, nor is the
    /// empty default namespace where none is in force.
    fn declare(&mut self, prefix: &'d str, uri: &'d str) {
        let in_force =
            self.rendered.iter().rev().find(|(found, _)| *found == prefix).map_or("", |(_, uri)| *uri);
        if prefix != "xml" && in_force != uri && !self.declared.contains(&(prefix, uri)) {
            self.declared.push((prefix, uri));
        }
    }

    fn end(&mut self, element: Element<'d>) {
        self.sink.write(b"</");
        self.sink.write(element.qualified_name().as_bytes());
        self.sink.write(b">");
        if let Some(before) = self.frames.pop() {
            self.rendered.truncate(before);
        }
        self.after_root = self.frames.is_empty();
    }

    /// Outside the document element, a line feed parts what is written from the element.
    fn own_line(&mut self, write: impl FnOnce(&mut S)) {
        let outside = self.frames.is_empty();
        if outside && self.after_root {
            self.sink.write(b"\n");
        }
        write(self.sink);
        if outside && !self.after_root {
            self.sink.write(b"\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::Limits;

    fn canonical(input: &str, prefixes: &str) -> String {
        let document = Document::parse_with_instructions(input.as_bytes(), &Limits::default()).unwrap();
        let mut octets = Vec::new();
        ExclusiveC14n::new(PrefixList::parse(prefixes)).canonicalize_document(&document, &mut octets);
        String::from_utf8(octets).unwrap()
    }

    #[test]
    fn a_namespace_is_declared_where_it_is_used() {
        assert_eq!(
            canonical("<a xmlns:p='urn:p' xmlns:q='urn:q'><p:b q:c='1'><p:d/></p:b><p:e/></a>", ""),
            "<a><p:b xmlns:p=\"urn:p\" xmlns:q=\"urn:q\" q:c=\"1\"><p:d></p:d></p:b>\
             <p:e xmlns:p=\"urn:p\"></p:e></a>"
        );
    }

    #[test]
    fn a_listed_prefix_is_declared_where_it_is_in_scope() {
        let input = "<a xmlns='urn:d' xmlns:p='urn:p' xmlns:q='urn:q'><b xmlns=''/></a>";
        assert_eq!(
            canonical(input, "p q p unknown"),
            "<a xmlns=\"urn:d\" xmlns:p=\"urn:p\" xmlns:q=\"urn:q\"><b xmlns=\"\"></b></a>"
        );
        assert_eq!(canonical("<p:a xmlns='urn:d' xmlns:p='urn:p'/>", "#default"), {
            "<p:a xmlns=\"urn:d\" xmlns:p=\"urn:p\"></p:a>"
        });
    }

    #[test]
    fn what_stands_outside_the_document_element_has_lines_of_its_own() {
        assert_eq!(canonical("<?p d?><!-- c --><a/><?q?>", ""), "<?p d?>\n<a></a>\n<?q?>");
    }

    #[test]
    fn an_omitted_descendant_leaves_no_trace() {
        let document = Document::parse(b"<a>1<b>2</b>3</a>", &Limits::default()).unwrap();
        let b = document.root().only_child("", "b").unwrap();
        let mut octets = Vec::new();
        ExclusiveC14n::default().canonicalize_without(document.root(), b, &mut octets);
        assert_eq!(octets, b"<a>13</a>");
    }
}
