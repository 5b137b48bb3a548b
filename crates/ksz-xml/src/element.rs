use crate::error::Error;
use crate::event::{Event, Events};
use crate::position;
use std::fmt;
use std::ops::Range;

/// One element of a [`Document`](crate::Document).
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Element<'d>(roxmltree::Node<'d, 'd>);

impl<'d> Element<'d> {
    pub(crate) const fn new(node: roxmltree::Node<'d, 'd>) -> Self {
        Self(node)
    }

    pub(crate) const fn node(self) -> roxmltree::Node<'d, 'd> {
        self.0
    }

    /// The namespace name, or the empty string.
    #[must_use]
    pub fn namespace(self) -> &'d str {
        self.0.tag_name().namespace().unwrap_or_default()
    }

    /// The name without its prefix.
    #[must_use]
    pub fn local_name(self) -> &'d str {
        self.0.tag_name().name()
    }

    /// Whether it is the element of this namespace and name; the prefix is decoration.
    #[must_use]
    pub fn is(self, namespace: &str, local_name: &str) -> bool {
        self.local_name() == local_name && self.namespace() == namespace
    }

    /// The name as it is written, with its prefix.
    #[must_use]
    pub fn qualified_name(self) -> &'d str {
        let tag = &self.source()[1..];
        let ends = |octet: u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n' | b'/' | b'>');
        let end = tag.bytes().position(ends).unwrap_or(tag.len());
        &tag[..end]
    }

    /// The prefix as it is written, or the empty string.
    #[must_use]
    pub fn prefix(self) -> &'d str {
        prefix_of(self.qualified_name())
    }

    /// The element's text in the document, from its first `<` to its last `>`.
    #[must_use]
    pub fn source(self) -> &'d str {
        &self.0.document().input_text()[self.0.range()]
    }

    /// The place of [`Self::source`] in [`Document::text`](crate::Document::text).
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.0.range()
    }

    /// The place of what stands between its tags in [`Document::text`](crate::Document::text); an empty-element tag has none.
    #[must_use]
    pub fn content_range(self) -> Option<Range<usize>> {
        let (source, begins) = (self.source(), self.range().start);
        let start = self.tag_length();
        let end = source.rfind("</")?;
        (end >= start).then(|| begins + start..begins + end)
    }

    /// The octets of its first tag.
    pub(crate) fn tag_length(self) -> usize {
        let mut quote = None;
        let end = self.source().bytes().position(|octet| {
            match (quote, octet) {
                (None, b'>') => return true,
                (None, b'"' | b'\'') => quote = Some(octet),
                (Some(open), octet) if open == octet => quote = None,
                _ => {}
            }
            false
        });
        end.map_or(self.source().len(), |end| end + 1)
    }

    /// The line and character where it begins, both counted from 1.
    #[must_use]
    pub fn position(self) -> (usize, usize) {
        position::of(self.0.document().input_text(), self.0.range().start)
    }

    /// The attributes, without namespace declarations.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'d>> {
        let text = self.0.document().input_text();
        self.0.attributes().map(move |attribute| Attribute { attribute, text })
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

    /// The namespaces in scope: prefix (empty for the default) and name, without the prefix `xml`.
    pub fn namespaces(self) -> impl Iterator<Item = (&'d str, &'d str)> {
        self.0
            .namespaces()
            .map(|namespace| (namespace.name().unwrap_or_default(), namespace.uri()))
            .filter(|(prefix, _)| *prefix != "xml")
    }

    /// Whether its first tag may declare a namespace: one that holds no `xmlns` has its parent's namespaces in scope.
    #[must_use]
    pub fn may_declare_namespaces(self) -> bool {
        self.source()[..self.tag_length()].contains("xmlns")
    }

    /// The document element of its document.
    #[must_use]
    pub fn document_element(self) -> Self {
        Self(self.0.document().root_element())
    }

    /// The namespace name that a prefix (empty for the default) is bound to here.
    #[must_use]
    pub fn lookup_namespace(self, prefix: &str) -> Option<&'d str> {
        let prefix = (!prefix.is_empty()).then_some(prefix);
        self.0.lookup_namespace_uri(prefix)
    }

    /// The element around it.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        self.0.parent_element().map(Self)
    }

    /// The elements directly inside; text and comments are passed over.
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.0.children().filter(roxmltree::Node::is_element).map(Self)
    }

    /// The elements directly inside, where nothing else but white space may stand.
    ///
    /// # Errors
    ///
    /// [`Error::Unexpected`] for text or a comment.
    pub fn only_children(self) -> Result<Vec<Self>, Error> {
        let mut children = Vec::new();
        for node in self.0.children() {
            let found = match node.node_type() {
                roxmltree::NodeType::Element => {
                    children.push(Self(node));
                    continue;
                }
                roxmltree::NodeType::Text
                    if node.text().unwrap_or_default().bytes().all(|b| b" \t\r\n".contains(&b)) =>
                {
                    continue;
                }
                roxmltree::NodeType::Text => "text",
                roxmltree::NodeType::Comment => "a comment",
                _ => "a processing instruction",
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
    pub fn only_text(self) -> Result<String, Error> {
        let mut text = String::new();
        for node in self.0.children() {
            match node.text() {
                Some(piece) if node.is_text() => text.push_str(piece),
                _ => {
                    let found = if node.is_comment() { "a comment" } else { "an element" };
                    return Err(Error::Unexpected {
                        parent: self.qualified_name().into(),
                        found: found.into(),
                    });
                }
            }
        }
        Ok(text)
    }

    /// All text inside, in document order.
    #[must_use]
    pub fn whole_text(self) -> String {
        self.events()
            .filter_map(|event| match event {
                Event::Text(text) => Some(text),
                _ => None,
            })
            .collect()
    }

    /// A walk over the element and everything in it.
    #[must_use]
    pub fn events(self) -> Events<'d> {
        Events::over(self.0)
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({})", self.qualified_name())
    }
}

/// One attribute of an [`Element`].
#[derive(Clone, Copy)]
pub struct Attribute<'d> {
    attribute: roxmltree::Attribute<'d, 'd>,
    text: &'d str,
}

impl<'d> Attribute<'d> {
    /// The namespace name, or the empty string.
    #[must_use]
    pub fn namespace(&self) -> &'d str {
        self.attribute.namespace().unwrap_or_default()
    }

    /// The name without its prefix.
    #[must_use]
    pub fn local_name(&self) -> &'d str {
        self.attribute.name()
    }

    /// The name as it is written, with its prefix.
    #[must_use]
    pub fn qualified_name(&self) -> &'d str {
        &self.text[self.attribute.range_qname()]
    }

    /// The prefix as it is written, or the empty string.
    #[must_use]
    pub fn prefix(&self) -> &'d str {
        prefix_of(self.qualified_name())
    }

    /// The value after normalization (XML 1.0 section 3.3.3).
    #[must_use]
    pub fn value(&self) -> &'d str {
        self.attribute.value()
    }

    /// Whether it names its element: local name `Id` in any case, or `AssertionID`.
    #[must_use]
    pub fn is_id(&self) -> bool {
        self.local_name().eq_ignore_ascii_case("id") || self.local_name() == "AssertionID"
    }
}

/// The part of a qualified name before its colon, or the empty string.
fn prefix_of(name: &str) -> &str {
    name.bytes().position(|octet| octet == b':').map_or("", |colon| &name[..colon])
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
