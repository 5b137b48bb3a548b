mod canonical;
#[cfg(test)]
mod tests;

pub(crate) use canonical::Bounds;
pub use canonical::CanonicalCopy;

use crate::Error;
use crate::lexer::{Instructions, Lexer, NameSpan, TagToken, Token};
use crate::limits::{Limits, place};
use crate::name::{Name, Role, is_ncname};
use crate::raw::{RawText, RawValue};
use crate::scan::{Meter, text_within};
use crate::scope::{Binding, Scope, XML, is_same};
use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

/// How many elements of a message are open at once, or a few more.
const USUAL_DEPTH: usize = 8;

/// The namespace that nothing may be bound to.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// Reads a document piece by piece, in document order, without building a tree.
///
/// It checks all that a [`Document`](crate::Document) checks and needs memory for the open elements and the namespaces
/// in scope alone, however long the document is.
///
/// ```
/// use ksz_xml::{Limits, Markup, Reader};
///
/// let mut reader = Reader::new(b"<a><b>1</b><b>2</b></a>", &Limits::default())?;
/// let mut text = String::new();
/// while let Some(markup) = reader.next()? {
///     if markup == Markup::Text {
///         text += &reader.text().decode();
///     }
/// }
/// assert_eq!(text, "12");
/// # Ok::<(), ksz_xml::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader<'i> {
    lexer: Lexer<'i>,
    /// Counts what nobody has counted before.
    meter: Option<Box<Meter>>,
    scope: Scope<'i>,
    open: Vec<Open>,
    name: NameSpan,
    /// What the tag that began last holds.
    attributes: Vec<RawAttribute<'i>>,
    declared_from: usize,
    /// The declaration that was copied last, to know it when it comes again.
    declared_last: &'i str,
    namespace: Option<usize>,
    start: usize,
    /// It was an empty-element tag, whose end comes next.
    is_empty: bool,
    /// It was given an attribute that is not written.
    is_edited: bool,
    ids: Option<Ids<'i>>,
}

/// The identifiers so far, where somebody asked for them.
#[derive(Clone, Debug, Default)]
struct Ids<'i> {
    seen: HashSet<Cow<'i, str>>,
    /// The first that occurred twice.
    repeated: Option<String>,
}

/// An open element.
#[derive(Clone, Copy, Debug)]
struct Open {
    name: NameSpan,
    namespace: Option<usize>,
    /// How many bindings there are around it.
    bindings: usize,
}

/// What a [`Reader`] meets. The reader itself tells the rest, until it goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Markup {
    /// An element begins: [`Reader::name`], [`Reader::attributes`] and their neighbours.
    Start,
    /// An element ends: [`Reader::name`].
    End,
    /// Character data: [`Reader::text`]. What one reader calls a text may come in several pieces.
    Text,
    /// A comment: [`Reader::text`].
    Comment,
    /// A processing instruction: [`Reader::name`] is its target, [`Reader::text`] its data.
    Instruction,
}

/// An attribute as it is written, which declares no namespace.
#[derive(Clone, Copy, Debug)]
pub struct RawAttribute<'i> {
    name: Name<'i>,
    value: RawValue<'i>,
    namespace: Option<usize>,
    /// Where it stands with the space before it, if canonical XML writes it so.
    canonical: Option<(u32, u32)>,
}

impl<'i> RawAttribute<'i> {
    /// Where in [`Reader::document`] it stands with one space before it, if that is as canonical XML writes it.
    #[must_use]
    #[inline]
    pub fn canonical_range(&self) -> Option<Range<usize>> {
        self.canonical.map(|(start, end)| start as usize..end as usize)
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> Name<'i> {
        self.name
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> RawValue<'i> {
        self.value
    }

    /// Which of [`Reader::bindings`] its prefix has; an attribute without prefix is in no namespace.
    #[must_use]
    pub const fn namespace(&self) -> Option<usize> {
        self.namespace
    }
}

impl<'i> Reader<'i> {
    /// Reads a message: processing instructions are refused (SOAP 1.1 section 3).
    ///
    /// # Errors
    ///
    /// [`Error::LimitExceeded`] if it is too long, [`Error::NotUtf8`].
    pub fn new(input: &'i [u8], limits: &Limits) -> Result<Self, Error> {
        Self::within(input, limits, Instructions::Refused)
    }

    /// Reads a document that is no message and may hold processing instructions.
    ///
    /// # Errors
    ///
    /// Those of [`Self::new`].
    pub fn with_instructions(input: &'i [u8], limits: &Limits) -> Result<Self, Error> {
        Self::within(input, limits, Instructions::Allowed)
    }

    pub(crate) fn within(
        input: &'i [u8],
        limits: &Limits,
        instructions: Instructions,
    ) -> Result<Self, Error> {
        let mut reader = Self::of(text_within(input, limits)?, instructions);
        reader.meter = Some(Box::new(Meter::new(limits)));
        Ok(reader)
    }

    /// Reads a text whose limits were checked.
    pub(crate) fn of(text: &'i str, instructions: Instructions) -> Self {
        Self {
            lexer: Lexer::new(text, instructions),
            meter: None,
            scope: Scope::new(),
            open: Vec::with_capacity(USUAL_DEPTH),
            name: NameSpan::NONE,
            attributes: Vec::new(),
            declared_from: 1,
            declared_last: "",
            namespace: None,
            start: 0,
            is_empty: false,
            is_edited: false,
            ids: None,
        }
    }

    /// Puts a namespace in scope of the whole text, which was taken out of a document.
    pub(crate) fn inherit(&mut self, prefix: &'i str, uri: Cow<'i, str>) {
        self.scope.bind(prefix, uri);
        self.declared_from = self.scope.len();
    }

    /// Remembers identifiers from here on: see [`Self::require_unique_ids`].
    #[must_use]
    pub fn with_ids(mut self) -> Self {
        self.ids = Some(Ids::default());
        self
    }

    /// Refuses what was read if two attributes that name their element have one value: see
    /// [`Document::require_unique_ids`](crate::Document::require_unique_ids). Identifiers that were read before
    /// [`Self::with_ids`] are not known.
    ///
    /// # Errors
    ///
    /// [`Error::RepeatedId`] with the value.
    pub fn require_unique_ids(&self) -> Result<(), Error> {
        match self.ids.as_ref().and_then(|ids| ids.repeated.clone()) {
            Some(value) => Err(Error::RepeatedId { value }),
            None => Ok(()),
        }
    }

    /// What comes next; nothing behind the end of the document.
    ///
    /// # Errors
    ///
    /// [`Error::NotWellFormed`] and its neighbours, each with the place; [`Error::LimitExceeded`]. The reader is of no
    /// further use then.
    #[expect(clippy::should_implement_trait, reason = "an iterator would have to own what it gives")]
    #[inline(always)]
    pub fn next(&mut self) -> Result<Option<Markup>, Error> {
        self.advance().map_err(|refusal| *refusal)
    }

    #[inline(always)]
    fn advance(&mut self) -> Result<Option<Markup>, Box<Error>> {
        if self.is_empty {
            self.is_empty = false;
            self.start = self.lexer.token_end();
            self.end();
            return Ok(Some(Markup::End));
        }
        if let Some(open) = self.open.last()
            && self.lexer.next_is_plain_end_of(open.name)
        {
            self.start = self.lexer.token_start();
            self.end();
            return Ok(Some(Markup::End));
        }
        // What comes most often is asked for first: a chain of guesses is predicted better than a jump.
        if self.lexer.next_is_text()? {
            self.start = self.lexer.token_start();
            self.count(Meter::node)?;
            return Ok(Some(Markup::Text));
        }
        if self.lexer.next_is_open()? {
            self.start = self.lexer.token_start();
            self.begin()?;
            return Ok(Some(Markup::Start));
        }
        let token = self.lexer.next()?;
        self.start = self.lexer.token_start();
        Ok(Some(match token {
            Token::Text => {
                self.count(Meter::node)?;
                Markup::Text
            }
            Token::Open => {
                self.begin()?;
                Markup::Start
            }
            Token::Close => {
                let due = self.open.last().map(|open| self.lexer.name_at(open.name));
                if due.is_none_or(|due| due.text() != self.lexer.name().text()) {
                    return self.other_end();
                }
                self.end();
                Markup::End
            }
            Token::Comment => {
                self.count(Meter::node)?;
                Markup::Comment
            }
            Token::Instruction => {
                self.count_in(Meter::instruction)?;
                self.name = self.lexer.name_span();
                Markup::Instruction
            }
            Token::End => return Ok(None),
        }))
    }

    #[cold]
    fn other_end<T>(&self) -> Result<T, Box<Error>> {
        let short = |name: Name<'_>| name.text().chars().take(40).collect::<String>();
        let due = self.open.last().map(|open| short(self.lexer.name_at(open.name))).unwrap_or_default();
        self.lexer.malformed(&format!("</{}> where </{due}> is due", short(self.lexer.name())))
    }

    /// The name of the element that has just begun or ended, or the target of a processing instruction.
    #[must_use]
    #[inline]
    pub fn name(&self) -> Name<'i> {
        self.lexer.name_at(self.name)
    }

    /// The text that was met, or what is in a comment or processing instruction.
    #[must_use]
    pub fn text(&self) -> RawText<'i> {
        self.lexer.text()
    }

    /// How many nodes its limits allow.
    pub(crate) fn most_nodes(&self) -> usize {
        self.meter.as_ref().map_or(usize::MAX, |meter| meter.most_nodes())
    }

    /// Goes to the end of the element that has just begun: nothing inside it is met.
    ///
    /// # Errors
    ///
    /// Those of [`Self::next`].
    pub fn pass_over(&mut self) -> Result<(), Error> {
        let depth = self.depth();
        while self.depth() >= depth {
            self.copy_canonical(None, &mut canonical::NoCopy);
            if self.next()?.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// How many elements are open.
    #[must_use]
    pub const fn depth(&self) -> usize {
        self.open.len()
    }

    /// Where in [`Self::document`] stands what was met last: a tag, text, comment or processing instruction. The end of an
    /// element that is written as one tag has no octets.
    #[must_use]
    pub const fn range(&self) -> Range<usize> {
        self.start..self.lexer.token_end()
    }

    /// The attributes of the element that has just begun, without namespace declarations.
    #[must_use]
    pub fn attributes(&self) -> &[RawAttribute<'i>] {
        &self.attributes
    }

    /// The namespaces in scope of the element that has just begun, innermost last. An earlier one of the same prefix is
    /// overridden.
    #[must_use]
    pub fn bindings(&self) -> &[Binding<'i>] {
        self.scope.bindings()
    }

    /// Which of [`Self::bindings`] the element that has just begun declares itself.
    #[must_use]
    pub fn declared(&self) -> Range<usize> {
        self.declared_from..self.scope.len()
    }

    /// Which of [`Self::bindings`] the name of the element that has just begun has.
    #[must_use]
    pub const fn namespace(&self) -> Option<usize> {
        self.namespace
    }

    /// The namespaces in scope of the element that has just begun: see [`Element::namespaces`](crate::Element::namespaces).
    #[must_use]
    pub fn namespaces(&self) -> Vec<(&'i str, &str)> {
        let mut found: Vec<(&str, &str)> = Vec::new();
        let mut end = self.scope.len();
        for start in self.open.iter().rev().map(|open| open.bindings).chain([0]) {
            for binding in &self.bindings()[start..end] {
                let prefix = binding.prefix();
                if prefix != "xml" && !found.iter().any(|(nearer, _)| *nearer == prefix) {
                    found.push((prefix, binding.uri()));
                }
            }
            end = start;
        }
        found
    }

    /// Whether an identifier was read, since [`Self::with_ids`].
    #[must_use]
    pub fn has_id(&self, id: &str) -> bool {
        self.ids.as_ref().is_some_and(|ids| ids.seen.contains(id))
    }

    /// Gives the element that has just begun an attribute that is not written in its tag, and declares the prefix of its
    /// qualified name there unless it has that meaning already. The value is an NCName, such as an identifier.
    ///
    /// # Errors
    ///
    /// [`Error::Unexpected`] if the name has no prefix or the value is another, if the element uses the prefix with
    /// another meaning, or has such an attribute.
    pub fn add_attribute(
        &mut self,
        uri: &'i str,
        qualified_name: &'i str,
        value: &'i str,
    ) -> Result<(), Error> {
        let name = qualified_name.split_once(':').filter(|(prefix, local_name)| {
            *prefix != "xml" && is_ncname(prefix) && is_ncname(local_name) && is_ncname(value)
        });
        let used = |prefix: &str| {
            let attributes = self.attributes.iter().map(|attribute| attribute.name.prefix());
            self.bindings()[self.declared()]
                .iter()
                .map(Binding::prefix)
                .chain(attributes)
                .chain([self.name().prefix()])
                .any(|found| found == prefix)
        };
        let means_it = |prefix: &str| self.lookup(prefix).is_some_and(|b| self.bindings()[b].uri() == uri);
        let is_there = |local_name: &str| {
            self.attributes.iter().any(|attribute| {
                let namespace = attribute.namespace.map(|binding| self.bindings()[binding].uri());
                attribute.name.local_name() == local_name && namespace == Some(uri)
            })
        };
        let Some((prefix, _)) =
            name.filter(|(prefix, local_name)| (means_it(prefix) || !used(prefix)) && !is_there(local_name))
        else {
            return Err(Error::Unexpected {
                parent: self.name().text().into(),
                found: format!("attribute {}", qualified_name.chars().take(100).collect::<String>()),
            });
        };
        let known = self.lookup(prefix).filter(|binding| self.bindings()[*binding].uri() == uri);
        let namespace = known.unwrap_or_else(|| {
            self.scope.bind(prefix, Cow::Borrowed(uri));
            self.scope.len() - 1
        });
        let name = Name::new(qualified_name, prefix.len());
        self.attributes.push(RawAttribute {
            name,
            value: RawValue::new(value, true),
            namespace: Some(namespace),
            canonical: None,
        });
        self.is_edited = true;
        Ok(())
    }

    /// Which of [`Self::bindings`] a prefix (empty for the default namespace) has.
    #[must_use]
    #[inline]
    pub fn lookup(&self, prefix: &str) -> Option<usize> {
        self.scope.lookup(prefix)
    }

    /// Where in [`Self::document`] the tag or text stands that was met last, if it is written as canonical XML writes it.
    ///
    /// Of a start tag, that holds if its attributes are in canonical order and nothing is to be declared on it; a tag
    /// with declarations of its own has no such place, nor has an element without a tag for its end.
    #[must_use]
    #[inline]
    pub fn canonical_range(&self, markup: Markup) -> Option<Range<usize>> {
        let is_canonical = match markup {
            Markup::Start => self.lexer.tag_is_canonical() && self.declared().is_empty() && !self.is_edited,
            Markup::End => self.lexer.tag_is_canonical(),
            Markup::Text => self.lexer.text_is_plain(),
            Markup::Comment | Markup::Instruction => false,
        };
        is_canonical.then(|| self.range())
    }

    /// The whole text, without the byte order mark.
    #[must_use]
    pub const fn document(&self) -> &'i str {
        self.lexer.document()
    }

    #[inline]
    fn count(&mut self, count: impl FnOnce(&mut Meter) -> Result<(), Box<Error>>) -> Result<(), Box<Error>> {
        self.meter.as_mut().map_or(Ok(()), |meter| count(meter))
    }

    #[inline]
    fn count_in(
        &mut self,
        count: impl FnOnce(&mut Meter, &Lexer<'i>) -> Result<(), Box<Error>>,
    ) -> Result<(), Box<Error>> {
        self.meter.as_mut().map_or(Ok(()), |meter| count(meter, &self.lexer))
    }

    #[inline]
    fn begin(&mut self) -> Result<(), Box<Error>> {
        self.count_in(Meter::open)?;
        self.name = self.lexer.name_span();
        self.is_edited = false;
        self.declared_from = self.scope.len();
        self.attributes.clear();
        loop {
            match self.lexer.next_in_tag()? {
                TagToken::Attribute => self.attribute()?,
                end => {
                    self.count_in(|meter, lexer| meter.tag_end(end, lexer))?;
                    self.is_empty = end == TagToken::EmptyEnd;
                    break;
                }
            }
        }
        if self.declared().len() > 1 {
            let prefixes = self.bindings()[self.declared_from..].iter().map(|binding| (0, binding.prefix()));
            self.require_different(prefixes, "a namespace is declared twice")?;
        }
        let prefix = self.name().prefix();
        if prefix == "xml" {
            return self.lexer.malformed("an element with the prefix xml, which not all readers accept");
        }
        self.namespace = match self.open.last() {
            // Most elements have the prefix of the element around them.
            Some(open)
                if self.declared().is_empty() && is_same(self.lexer.name_at(open.name).prefix(), prefix) =>
            {
                open.namespace
            }
            _ => self.resolve(prefix)?,
        };
        for index in 0..self.attributes.len() {
            let prefix = self.attributes[index].name.prefix();
            if !prefix.is_empty() {
                self.attributes[index].namespace = self.resolve(prefix)?;
            }
        }
        if self.attributes.len() > 1 {
            let names = self
                .attributes
                .iter()
                .map(|attribute| (self.scope.identity(attribute.namespace), attribute.name.local_name()));
            self.require_different(names, "an attribute occurs twice")?;
        }
        self.open.push(Open { name: self.name, namespace: self.namespace, bindings: self.declared_from });
        Ok(())
    }

    fn attribute(&mut self) -> Result<(), Box<Error>> {
        let (name, value) = (self.lexer.name(), self.lexer.value());
        let role = name.role();
        self.count_in(|meter, lexer| meter.attribute(name, role, lexer))?;
        match role {
            Role::Declares(prefix) => return self.declare(prefix, value),
            Role::Identifies => {
                if let Some(ids) = &mut self.ids
                    && !ids.seen.insert(value.decode())
                {
                    ids.repeated.get_or_insert_with(|| value.decode().chars().take(100).collect());
                }
            }
            Role::Other if name.local_name() == "xmlns" => {
                return self.lexer.malformed("an attribute that is called xmlns and declares nothing");
            }
            Role::Other => {}
        }
        let canonical = self.lexer.canonical_attribute().map(|found| (place(found.start), place(found.end)));
        self.attributes.push(RawAttribute { name, value, namespace: None, canonical });
        Ok(())
    }

    #[inline]
    fn end(&mut self) {
        if let Some(open) = self.open.pop() {
            self.name = open.name;
            self.scope.truncate(open.bindings);
            self.declared_from = open.bindings;
        }
    }

    /// Namespaces in XML 1.0 section 3, and the absolute names that canonicalization needs.
    fn declare(&mut self, prefix: &'i str, value: RawValue<'i>) -> Result<(), Box<Error>> {
        let uri = value.decode();
        match (prefix, uri.as_ref()) {
            ("xmlns", _) => self.lexer.malformed("the prefix xmlns is declared"),
            ("xml", uri) if uri != XML => self.lexer.malformed("the prefix xml is bound to another name"),
            ("xml", _) | ("", "") => {
                self.scope.bind(prefix, uri);
                Ok(())
            }
            (_, "") => self.lexer.malformed("a prefix is bound to the empty name"),
            (_, XML | XMLNS) => self.lexer.malformed("a reserved namespace name is declared"),
            _ if is_absolute(value.raw()) => {
                let written = self.lexer.canonical_attribute();
                self.scope.bind_written(prefix, uri, written);
                Ok(())
            }
            _ => {
                let (line, column) = self.lexer.position();
                Err(Box::new(Error::RelativeNamespace { line, column }))
            }
        }
    }

    #[inline]
    fn resolve(&self, prefix: &str) -> Result<Option<usize>, Box<Error>> {
        match self.lookup(prefix) {
            None if !prefix.is_empty() => self.unbound(prefix),
            binding => Ok(binding),
        }
    }

    #[cold]
    fn unbound<T>(&self, prefix: &str) -> Result<T, Box<Error>> {
        let short: String = prefix.chars().take(40).collect();
        self.lexer.malformed(&format!("no namespace is bound to the prefix {short}"))
    }

    /// Refuses a repetition. Few names are compared in pairs, many are sorted.
    fn require_different<'n>(
        &self,
        names: impl ExactSizeIterator<Item = (u32, &'n str)> + Clone,
        detail: &str,
    ) -> Result<(), Box<Error>> {
        let repeats = if names.len() <= 8 {
            let mut rest = names;
            loop {
                let Some(name) = rest.next() else { break false };
                if rest.clone().any(|other| other.0 == name.0 && is_same(other.1, name.1)) {
                    break true;
                }
            }
        } else {
            let mut sorted: Vec<_> = names.collect();
            sorted.sort_unstable();
            sorted.windows(2).any(|pair| pair[0] == pair[1])
        };
        if repeats { self.lexer.malformed(detail) } else { Ok(()) }
    }
}

/// Whether a namespace name begins with a scheme (RFC 3986 section 3.1), written without references.
fn is_absolute(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
    })
}
