use crate::error::Error;
use crate::event::{Event, Events};
use crate::limits::Limits;
use crate::position;
use crate::scan::{Instructions, scan};
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

/// A document that was read within its limits.
#[derive(Debug)]
pub struct Document<'i> {
    tree: roxmltree::Document<'i>,
    /// The answer to [`Document::require_unique_ids`], which several signatures of one document ask for.
    unique_ids: OnceLock<Result<(), Error>>,
}

impl<'i> Document<'i> {
    /// Reads a message: processing instructions are refused (SOAP 1.1 section 3).
    ///
    /// # Errors
    ///
    /// [`Error::NotWellFormed`] and its neighbours, each with the place; [`Error::LimitExceeded`].
    pub fn parse(input: &'i [u8], limits: &Limits) -> Result<Self, Error> {
        Self::read(input, limits, Instructions::Refused)
    }

    /// Reads a document that is no message and may hold processing instructions.
    ///
    /// # Errors
    ///
    /// Those of [`Self::parse`] but for [`Error::ProcessingInstruction`].
    pub fn parse_with_instructions(input: &'i [u8], limits: &Limits) -> Result<Self, Error> {
        Self::read(input, limits, Instructions::Allowed)
    }

    fn read(input: &'i [u8], limits: &Limits, instructions: Instructions) -> Result<Self, Error> {
        let text = scan(input, limits, instructions)?;
        let options = roxmltree::ParsingOptions {
            nodes_limit: u32::try_from(limits.nodes).unwrap_or(u32::MAX).saturating_add(1),
            ..roxmltree::ParsingOptions::default()
        };
        let tree = roxmltree::Document::parse_with_options(text, options).map_err(|error| {
            let place = error.pos();
            Error::NotWellFormed {
                line: place.row as usize,
                column: place.col as usize,
                detail: without_place(&error.to_string()),
            }
        })?;
        Ok(Self { tree, unique_ids: OnceLock::new() })
    }

    /// The text of the document without the byte order mark; ranges count in it.
    #[must_use]
    pub fn text(&self) -> &'i str {
        self.tree.input_text()
    }

    /// The document element.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        Element::new(self.tree.root_element())
    }

    /// A walk over everything, comments and processing instructions outside the document element included.
    #[must_use]
    pub fn events(&self) -> Events<'_> {
        Events::over(self.tree.root())
    }

    /// Refuses a document in which two attributes that name their element have one value.
    ///
    /// Every attribute whose local name is `Id` in any case, or `AssertionID`, counts, in any namespace: what
    /// one reader takes for an identifier, another must not find elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::RepeatedId`] with the value.
    pub fn require_unique_ids(&self) -> Result<(), Error> {
        self.unique_ids.get_or_init(|| self.check_unique_ids()).clone()
    }

    fn check_unique_ids(&self) -> Result<(), Error> {
        let mut seen = HashSet::new();
        for event in self.events() {
            let Event::Start(element) = event else { continue };
            for attribute in element.attributes().filter(Attribute::is_id) {
                if !seen.insert(attribute.value()) {
                    return Err(Error::RepeatedId { value: attribute.value().chars().take(100).collect() });
                }
            }
        }
        Ok(())
    }

    /// Every element with the identifier `id`, under the rule of [`Self::require_unique_ids`].
    pub fn elements_by_id<'d>(&'d self, id: &'d str) -> impl Iterator<Item = Element<'d>> {
        self.events().filter_map(move |event| match event {
            Event::Start(element)
                if element.attributes().any(|attribute| attribute.is_id() && attribute.value() == id) =>
            {
                Some(element)
            }
            _ => None,
        })
    }
}

/// One element of a [`Document`].
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
        let end = tag.find([' ', '\t', '\r', '\n', '/', '>']).unwrap_or(tag.len());
        &tag[..end]
    }

    /// The prefix as it is written, or the empty string.
    #[must_use]
    pub fn prefix(self) -> &'d str {
        self.qualified_name().split_once(':').map_or("", |(prefix, _)| prefix)
    }

    /// The element's text in the document, from its first `<` to its last `>`.
    #[must_use]
    pub fn source(self) -> &'d str {
        &self.0.document().input_text()[self.0.range()]
    }

    /// The place of [`Self::source`] in [`Document::text`].
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.0.range()
    }

    /// The place of what stands between its tags in [`Document::text`]; an empty-element tag has none.
    #[must_use]
    pub fn content_range(self) -> Option<Range<usize>> {
        let source = self.source();
        let mut quote = None;
        let start = source.bytes().position(|octet| {
            match (quote, octet) {
                (None, b'>') => return true,
                (None, b'"' | b'\'') => quote = Some(octet),
                (Some(open), octet) if open == octet => quote = None,
                _ => {}
            }
            false
        })?;
        let begins = self.range().start;
        let end = source.rfind("</")?;
        (end > start).then(|| begins + start + 1..begins + end)
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
        self.qualified_name().split_once(':').map_or("", |(prefix, _)| prefix)
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

impl fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attribute({})", self.qualified_name())
    }
}

/// The library ends its messages with the place, which stands in the error by itself.
fn without_place(message: &str) -> String {
    message.split_once(" at ").map_or(message, |(detail, _)| detail).chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn what_needs_memory_is_refused_by_the_tree() {
        for bad in ["<a></b>", "<a b='1' b='2'/>", "<p:a/>", "<a xmlns:p='u:x' xmlns:q='u:x' p:b='' q:b=''/>"]
        {
            assert!(
                matches!(
                    Document::parse(bad.as_bytes(), &Limits::default()),
                    Err(Error::NotWellFormed { .. })
                ),
                "{bad}"
            );
        }
    }

    #[test]
    fn one_identifier_in_two_guises_is_refused() {
        for twice in [
            "<a Id='x'><b ID='x'/></a>",
            "<a xmlns:w='urn:w' w:Id='x'><b AssertionID='x'/></a>",
            "<a xml:id='x' id='x'/>",
        ] {
            assert_eq!(
                parse(twice).require_unique_ids(),
                Err(Error::RepeatedId { value: "x".into() }),
                "{twice}"
            );
        }
        assert_eq!(parse("<a Id='x'><b ID='y' Idx='x'/></a>").require_unique_ids(), Ok(()));
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

    #[test]
    fn a_walk_meets_everything_once_and_skips_what_is_skipped() {
        let document = parse("<!--0--><a>1<b>2</b><c/>3</a>");
        let mut met = String::new();
        let mut events = document.events();
        while let Some(event) = events.next() {
            match event {
                Event::Start(element) if element.local_name() == "b" => events.pass_over(element),
                Event::Start(element) => met += &format!("<{}", element.local_name()),
                Event::End(element) => met += &format!("{}>", element.local_name()),
                Event::Text(text) | Event::Comment(text) => met += text,
                Event::ProcessingInstruction { .. } => unreachable!("there is none"),
            }
        }
        assert_eq!(met, "0<a1<cc>3a>");
    }
}
