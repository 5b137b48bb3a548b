use crate::character::is_space;
use crate::document::Document;
use crate::error::Error;
use crate::lexer::Instructions;
use crate::name::Name;
use crate::position;
use crate::raw::RawText;
use crate::reader::Reader;
use crate::scope::XML;
use crate::tree::{AttributeData, ElementData, Kind, Node, Tree};
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// One element of a [`Document`](crate::Document).
#[derive(Clone, Copy)]
pub struct Element<'d> {
    document: &'d Document<'d>,
    /// Where it stands in the list of nodes.
    index: u32,
    /// Where it stands in the list of elements.
    element: u32,
}

impl<'d> Element<'d> {
    /// The element at this place in the list of nodes, if one is there.
    pub(crate) fn at(document: &'d Document<'d>, index: u32) -> Option<Self> {
        match document.tree().nodes.get(index as usize)?.kind {
            Kind::Element(element) => Some(Self { document, index, element }),
            _ => None,
        }
    }

    /// The document element; the reader accepts no document without one.
    pub(crate) const fn root_of(document: &'d Document<'d>) -> Self {
        Self { document, index: document.tree().root, element: 0 }
    }

    fn other(self, index: u32) -> Option<Self> {
        Self::at(self.document, index)
    }

    const fn tree(self) -> &'d Tree<'d> {
        self.document.tree()
    }

    fn node(self) -> &'d Node {
        &self.tree().nodes[self.index as usize]
    }

    fn data(self) -> &'d ElementData {
        &self.tree().elements[self.element as usize]
    }

    fn name(self) -> Name<'d> {
        self.tree().element_name(self.data())
    }

    /// The namespace name, or the empty string.
    #[must_use]
    pub fn namespace(self) -> &'d str {
        self.tree().uri(self.data().namespace)
    }

    /// The name without its prefix.
    #[must_use]
    pub fn local_name(self) -> &'d str {
        self.name().local_name()
    }

    /// Whether it is the element of this namespace and name; the prefix is decoration.
    #[must_use]
    pub fn is(self, namespace: &str, local_name: &str) -> bool {
        self.local_name() == local_name && self.namespace() == namespace
    }

    /// The name as it is written, with its prefix.
    #[must_use]
    pub fn qualified_name(self) -> &'d str {
        self.name().text()
    }

    /// The prefix as it is written, or the empty string.
    #[must_use]
    pub fn prefix(self) -> &'d str {
        self.name().prefix()
    }

    /// The element's text in the document, from its first `<` to its last `>`.
    #[must_use]
    pub fn source(self) -> &'d str {
        self.node().span.of(self.tree().text)
    }

    /// The place of [`Self::source`] in [`Document::text`](crate::Document::text).
    #[must_use]
    pub fn range(self) -> Range<usize> {
        let span = self.node().span;
        span.start as usize..span.end as usize
    }

    /// The place of what stands between its tags in [`Document::text`](crate::Document::text); an empty-element tag has none.
    #[must_use]
    pub fn content_range(self) -> Option<Range<usize>> {
        let (range, content) = (self.range(), self.data().tag_end as usize);
        (content < range.end).then(|| {
            let end = self.source().rfind("</").map_or(range.end, |end| range.start + end);
            content..end
        })
    }

    /// The line and character where it begins, both counted from 1.
    #[must_use]
    pub fn position(self) -> (usize, usize) {
        position::of(self.tree().text, self.range().start)
    }

    /// The attributes, without namespace declarations.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'d>> {
        let (tree, span) = (self.tree(), self.data().attributes);
        let attributes = &tree.attributes[span.start as usize..span.end as usize];
        attributes.iter().map(move |data| Attribute { tree, data })
    }

    /// The value of an attribute; the empty namespace means none.
    #[must_use]
    pub fn attribute(self, namespace: &str, local_name: &str) -> Option<&'d str> {
        self.attributes()
            .find(|attribute| attribute.local_name() == local_name && attribute.namespace() == namespace)
            .map(|attribute| attribute.value())
    }

    /// The value of an attribute without a namespace that must be there.
    ///
    /// # Errors
    ///
    /// [`Error::NoAttribute`].
    pub fn required_attribute(self, local_name: &'static str) -> Result<&'d str, Error> {
        self.attribute("", local_name).ok_or_else(|| Error::NoAttribute {
            element: self.qualified_name().into(),
            attribute: local_name,
        })
    }

    /// The namespaces that its own tag declares, as written: prefix (empty for the default) and name.
    pub(crate) fn declared(self) -> impl DoubleEndedIterator<Item = &'d (&'d str, Cow<'d, str>)> {
        let span = self.data().declared;
        self.tree().namespaces[span.start as usize..span.end as usize].iter()
    }

    /// The namespaces in scope: prefix (empty for the default) and name, without the prefix `xml`. Its own come first,
    /// then those of the elements around it, each as written.
    pub fn namespaces(self) -> impl Iterator<Item = (&'d str, &'d str)> {
        let mut found: Vec<(&str, &str)> = Vec::new();
        let mut element = Some(self);
        while let Some(current) = element {
            for (prefix, uri) in current.declared() {
                if *prefix != "xml" && !found.iter().any(|(nearer, _)| nearer == prefix) {
                    found.push((prefix, uri));
                }
            }
            element = current.parent();
        }
        found.into_iter()
    }

    /// The document element of its document.
    #[must_use]
    pub const fn document_element(self) -> Self {
        self.document.root()
    }

    /// The namespace name that a prefix (empty for the default) is bound to here.
    #[must_use]
    pub fn lookup_namespace(self, prefix: &str) -> Option<&'d str> {
        if prefix == "xml" {
            return Some(XML);
        }
        let mut element = Some(self);
        while let Some(current) = element {
            if let Some((_, uri)) = current.declared().find(|(declared, _)| *declared == prefix) {
                return Some(uri).filter(|uri| !uri.is_empty()).map(Cow::as_ref);
            }
            element = current.parent();
        }
        None
    }

    /// Whether it stands inside another element of the same document, at whatever depth.
    #[must_use]
    pub fn is_inside(self, other: Self) -> bool {
        std::ptr::eq(self.document, other.document)
            && other.index < self.index
            && self.index < other.node().next
    }

    /// The element around it.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        self.other(self.node().parent)
    }

    /// The nodes directly inside.
    fn inside(self) -> impl Iterator<Item = (u32, &'d Node)> {
        let (nodes, end) = (&self.tree().nodes, self.node().next);
        let first = Some(self.index + 1).filter(|&index| index < end);
        let following = move |&index: &u32| Some(nodes[index as usize].next).filter(|&next| next < end);
        std::iter::successors(first, following).map(|index| (index, &nodes[index as usize]))
    }

    /// The elements directly inside; text and comments are passed over.
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.inside().filter_map(move |(index, _)| self.other(index))
    }

    /// The element itself and all elements in it, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Self> {
        (self.index..self.node().next).filter_map(move |index| self.other(index))
    }

    /// Refuses an element whose content is not in the tree.
    pub(crate) fn require_content(self) -> Result<(), Error> {
        if self.data().is_opaque {
            return Err(Error::Unexpected {
                parent: self.qualified_name().into(),
                found: "content that was passed over".into(),
            });
        }
        Ok(())
    }

    /// The elements directly inside, where nothing else but white space may stand.
    ///
    /// # Errors
    ///
    /// [`Error::Unexpected`] for text or a comment.
    pub fn only_children(self) -> Result<Vec<Self>, Error> {
        self.require_content()?;
        let mut children = Vec::new();
        for (index, node) in self.inside() {
            if let Some(element) = self.other(index) {
                children.push(element);
                continue;
            }
            let text = self.tree().text(node).map(RawText::decode);
            let found = match (node.kind, text) {
                (_, Some(text)) if text.bytes().all(is_space) => continue,
                (Kind::Comment, _) => "a comment",
                (Kind::Instruction, _) => "a processing instruction",
                _ => "text",
            };
            return Err(Error::Unexpected { parent: self.qualified_name().into(), found: found.into() });
        }
        Ok(children)
    }

    /// The one child of this name; other children are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Count`] if it is missing or repeated.
    pub fn only_child(self, namespace: &str, local_name: &str) -> Result<Self, Error> {
        self.require_content()?;
        let mut found = self.children().filter(|child| child.is(namespace, local_name));
        match (found.next(), found.next()) {
            (Some(child), None) => Ok(child),
            (first, second) => Err(Error::Count {
                parent: self.qualified_name().into(),
                child: local_name.into(),
                found: usize::from(first.is_some()) + usize::from(second.is_some()) + found.count(),
            }),
        }
    }

    /// The child of this name, if there is one; other children are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Count`] if it is repeated.
    pub fn optional_child(self, namespace: &str, local_name: &str) -> Result<Option<Self>, Error> {
        match self.only_child(namespace, local_name) {
            Err(Error::Count { found: 0, .. }) => Ok(None),
            found => found.map(Some),
        }
    }

    /// The text of an element that holds text alone.
    ///
    /// # Errors
    ///
    /// [`Error::Unexpected`] if it holds an element or a comment: what cuts a text in two for one reader may
    /// hide half of it from another.
    pub fn only_text(self) -> Result<Cow<'d, str>, Error> {
        self.require_content()?;
        let mut text = Cow::Borrowed("");
        for (_, node) in self.inside() {
            let Some(piece) = self.tree().text(node) else {
                let found = if matches!(node.kind, Kind::Comment) { "a comment" } else { "an element" };
                return Err(Error::Unexpected { parent: self.qualified_name().into(), found: found.into() });
            };
            text += piece.decode();
        }
        Ok(text)
    }

    /// All text inside, in document order.
    #[must_use]
    pub fn whole_text(self) -> String {
        let nodes = &self.tree().nodes[self.index as usize..self.node().next as usize];
        nodes.iter().filter_map(|node| self.tree().text(node)).map(RawText::decode).collect()
    }

    /// Reads the element and everything in it again, in the scope that it stands in.
    #[must_use]
    pub fn reader(self) -> Reader<'d> {
        // What a message may not hold was refused when the document was read.
        let mut reader = Reader::of(self.source(), Instructions::Allowed);
        let mut around = Vec::new();
        let mut ancestor = self.parent();
        while let Some(element) = ancestor {
            around.extend(element.declared().rev());
            ancestor = element.parent();
        }
        for (prefix, uri) in around.into_iter().rev() {
            reader.inherit(prefix, uri.clone());
        }
        reader
    }
}

impl PartialEq for Element<'_> {
    /// Whether it is the same element of the same document.
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && std::ptr::eq(self.document, other.document)
    }
}

impl Eq for Element<'_> {}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({})", self.qualified_name())
    }
}

/// One attribute of an [`Element`].
#[derive(Clone, Copy)]
pub struct Attribute<'d> {
    tree: &'d Tree<'d>,
    data: &'d AttributeData,
}

impl<'d> Attribute<'d> {
    fn name(&self) -> Name<'d> {
        self.tree.attribute_name(self.data)
    }

    /// The namespace name, or the empty string.
    #[must_use]
    pub fn namespace(&self) -> &'d str {
        self.tree.uri(self.data.namespace)
    }

    /// The name without its prefix.
    #[must_use]
    pub fn local_name(&self) -> &'d str {
        self.name().local_name()
    }

    /// The name as it is written, with its prefix.
    #[must_use]
    pub fn qualified_name(&self) -> &'d str {
        self.name().text()
    }

    /// The prefix as it is written, or the empty string.
    #[must_use]
    pub fn prefix(&self) -> &'d str {
        self.name().prefix()
    }

    /// The value after normalization (XML 1.0 section 3.3.3).
    #[must_use]
    pub fn value(&self) -> &'d str {
        self.tree.value(self.data)
    }

    /// Whether it names its element: local name `Id` in any case, or `AssertionID`.
    #[must_use]
    pub fn is_id(&self) -> bool {
        self.name().is_id()
    }
}

impl fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attribute({})", self.qualified_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, Limits};

    fn parse(input: &str) -> Document<'_> {
        Document::parse(input.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn names_keep_the_prefix_that_is_written() {
        let document = parse("<p:a xmlns:p='urn:x' xmlns:q='urn:x'\n><q:b q:c='1'/></p:a>");
        let a = document.root();
        let b = a.only_child("urn:x", "b").unwrap();

        assert_eq!((a.qualified_name(), a.prefix()), ("p:a", "p"));
        assert_eq!((b.qualified_name(), b.prefix(), b.source()), ("q:b", "q", "<q:b q:c='1'/>"));
        assert_eq!(b.attributes().next().unwrap().qualified_name(), "q:c");
    }

    #[test]
    fn content_begins_behind_the_first_tag() {
        let document = parse("<a b='>' c='\">'>x<d/></a>");
        let text = document.text();
        assert_eq!(&text[document.root().content_range().unwrap()], "x<d/>");
        assert_eq!(document.root().only_child("", "d").unwrap().content_range(), None);
        assert_eq!(parse("<a></a>").root().content_range(), Some(3..3));
    }

    #[test]
    fn text_is_whole_or_refused() {
        let document = parse("<a>1<!-- c -->2<![CDATA[3]]>4</a>");
        assert_eq!(document.root().whole_text(), "1234");
        assert!(matches!(document.root().only_text(), Err(Error::Unexpected { .. })));
        assert_eq!(parse("<a>2<![CDATA[3]]>&#52;\r\n</a>").root().only_text().unwrap(), "234\n");
    }

    #[test]
    fn a_child_that_must_be_alone_is_counted() {
        let document = parse("<a><b/><c/><b/></a>");
        assert_eq!(
            document.root().only_child("", "b").unwrap_err(),
            Error::Count { parent: "a".into(), child: "b".into(), found: 2 }
        );
        assert_eq!(document.root().optional_child("", "d").unwrap(), None);
        assert!(document.root().optional_child("", "c").unwrap().is_some());
    }

    #[test]
    fn structure_holds_no_text_and_no_comments() {
        assert_eq!(parse("<a> <b/>\n</a>").root().only_children().unwrap().len(), 1);
        for bad in ["<a>x<b/></a>", "<a><!-- --><b/></a>"] {
            assert!(matches!(parse(bad).root().only_children(), Err(Error::Unexpected { .. })), "{bad}");
        }
    }
}
