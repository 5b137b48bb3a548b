use crate::element::{Attribute, Element};
use crate::error::Error;
use crate::event::{Event, Events};
use crate::limits::Limits;
use crate::scan::{Instructions, scan};
use std::collections::HashSet;
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
}
