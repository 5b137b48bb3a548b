use crate::element::{Attribute, Element};
use crate::error::Error;
use crate::lexer::Instructions;
use crate::limits::Limits;
use crate::reader::Reader;
use crate::tree::Tree;
use std::collections::HashSet;
use std::sync::OnceLock;

/// A document that was read within its limits.
#[derive(Debug)]
pub struct Document<'i> {
    tree: Tree<'i>,
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

    /// Reads a message all of which is checked, but of which the content of some elements stays out of the tree: those
    /// that `is_opaque` picks when the reader has just begun them.
    ///
    /// Such an element has its name, attributes, namespaces and source, and can be canonicalized. It has no children, and
    /// whoever asks it for its only child or text is refused. So a large Body costs no tree, and nobody reads in it before
    /// it is verified.
    ///
    /// # Errors
    ///
    /// Those of [`Self::parse`].
    pub fn parse_outline(
        input: &'i [u8],
        limits: &Limits,
        is_opaque: impl Fn(&Reader<'i>) -> bool,
    ) -> Result<Self, Error> {
        let mut reader = Reader::within(input, limits, Instructions::Refused)?.with_ids();
        let tree = Tree::build(&mut reader, is_opaque)?;
        Ok(Self { tree, unique_ids: OnceLock::from(reader.require_unique_ids()) })
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
        let tree = Tree::build(&mut Reader::within(input, limits, instructions)?, |_| false)?;
        Ok(Self { tree, unique_ids: OnceLock::new() })
    }

    /// The text of the document without the byte order mark; ranges count in it.
    #[must_use]
    pub const fn text(&self) -> &'i str {
        self.tree.text
    }

    /// The document element.
    #[must_use]
    pub const fn root(&self) -> Element<'_> {
        Element::root_of(self)
    }

    /// Reads the whole document again, comments and processing instructions outside the document element included.
    #[must_use]
    pub fn reader(&self) -> Reader<'i> {
        Reader::of(self.tree.text, Instructions::Allowed)
    }

    /// Refuses a document of which some content is not in the tree, for whoever must be able to find everything: see
    /// [`Self::parse_outline`].
    ///
    /// # Errors
    ///
    /// [`Error::Unexpected`] with the element whose content was passed over.
    pub fn require_whole(&self) -> Result<(), Error> {
        self.root().descendants().try_for_each(Element::require_content)
    }

    pub(crate) const fn tree(&self) -> &Tree<'i> {
        &self.tree
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
        for attribute in &self.tree.attributes {
            let value = self.tree.value(attribute);
            if self.tree.attribute_name(attribute).is_id() && !seen.insert(value) {
                return Err(Error::RepeatedId { value: value.chars().take(100).collect() });
            }
        }
        Ok(())
    }

    /// Every element with the identifier `id`, under the rule of [`Self::require_unique_ids`].
    pub fn elements_by_id<'d>(&'d self, id: &'d str) -> impl Iterator<Item = Element<'d>> {
        let has_id = move |attribute: &Attribute<'_>| attribute.is_id() && attribute.value() == id;
        self.root().descendants().filter(move |element| element.attributes().any(|a| has_id(&a)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(input: &str) -> Document<'_> {
        Document::parse(input.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn what_needs_memory_is_refused_with_its_place() {
        for (bad, column) in [
            ("<a></b>", 8),
            ("<a><b></a></b>", 11),
            ("<p:a xmlns:p='u:x' xmlns:q='u:x'></q:a>", 40),
            ("<a b='1' b='2'/>", 17),
            ("<p:a/>", 7),
            ("<a p:b=''/>", 12),
            ("<b><c xmlns:p='u:x'/><p:a/></b>", 28),
            ("<a xmlns:p='u:x' xmlns:q='u:x' p:b='' q:b=''/>", 47),
            ("<a xmlns='urn:a' xmlns='urn:b'/>", 33),
            ("<a xmlns:p='u:x' xmlns:p='u:x'/>", 33),
            ("<a 1='' c='' b='' d='' e='' f='' g='' h='' i='' j='' k='' b=''/>", 4),
            ("<a l='' c='' b='' d='' e='' f='' g='' h='' i='' j='' k='' b=''/>", 65),
        ] {
            match Document::parse(bad.as_bytes(), &Limits::default()) {
                Err(Error::NotWellFormed { line: 1, column: found, .. }) => {
                    assert_eq!(found, column, "{bad}")
                }
                other => panic!("{bad}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_prefix_called_id_is_no_identifier() {
        let twice = b"<e><b><k xmlns:id='urn:k'/><k xmlns:id='urn:k'/></b></e>";
        let outline =
            Document::parse_outline(twice, &Limits::default(), |reader| reader.depth() == 2).unwrap();
        assert_eq!(outline.require_unique_ids(), Ok(()));
        assert_eq!(parse("<e xmlns:id='urn:k' id='urn:k'/>").require_unique_ids(), Ok(()));
    }

    #[test]
    fn what_stays_out_of_the_tree_is_checked_and_cannot_be_read() {
        let limits = Limits::default();
        let is_opaque = |reader: &Reader<'_>| reader.depth() == 2;
        let input = b"<e xmlns:p='urn:p'><b a='1'>text<p:c/></b><d/></e>";
        let outline = Document::parse_outline(input, &limits, is_opaque).unwrap();

        assert!(matches!(outline.require_whole(), Err(Error::Unexpected { parent, .. }) if parent == "b"));
        assert_eq!(parse("<a><b/></a>").require_whole(), Ok(()));
        let children: Vec<_> = outline.root().children().collect();
        let [b, d] = children[..] else { panic!("{children:?}") };
        assert_eq!((b.attribute("", "a"), b.source()), (Some("1"), "<b a='1'>text<p:c/></b>"));
        assert_eq!((b.children().count(), b.whole_text()), (0, String::new()));
        assert!(b.only_text().is_err() && b.only_children().is_err() && d.only_text().is_err());
        assert!(Document::parse(b.standalone_source().as_bytes(), &limits).is_ok());

        let twice = b"<e id='x'><b><c id='x'/></b></e>";
        let outline = Document::parse_outline(twice, &limits, is_opaque).unwrap();
        assert_eq!(outline.require_unique_ids(), Err(Error::RepeatedId { value: "x".into() }));
        assert!(Document::parse_outline(b"<e><b><c></b></e>", &limits, is_opaque).is_err());
    }

    #[test]
    fn what_looks_like_many_tags_reserves_no_more_than_the_limit() {
        let input = format!("<a><![CDATA[{}]]></a>", "<".repeat(1_000_000));
        let document = Document::parse(input.as_bytes(), &Limits::default()).unwrap();
        assert!(document.tree.nodes.capacity() <= Limits::default().nodes);
        assert_eq!(document.root().only_text().unwrap().len(), 1_000_000);
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
}
