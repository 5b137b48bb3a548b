//! Cutting a document into tokens, and checking every character of it on the way: names, references, values and
//! comments are what XML 1.0 allows, and nothing is here that messages may not hold.
//!
//! What needs memory is checked a layer above: that tags match, attributes do not repeat and prefixes are bound.
//! The scan, the tree and the stream all read tokens from here, so they cannot disagree on what a document says.

pub(crate) mod canonical;

use crate::character::{CLASS, ENDS, NAME, NAME_START, TEXT, VALUE, is_character, is_space, run};
use crate::name::{self, Name};
use crate::raw::{Form, RawText, RawValue};
use crate::{Error, position};
use std::ops::Range;

/// Whether the document may hold processing instructions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Instructions {
    Refused,
    Allowed,
}

/// What was read last; the lexer tells the rest.
///
/// A token is one octet and a refusal one pointer, because a pair of registers is returned many times faster than an
/// enumeration of references.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Token {
    /// `<` and [`Lexer::name`]; [`Lexer::next_in_tag`] reads on.
    Open,
    /// The end tag of [`Lexer::name`].
    Close,
    /// [`Lexer::text`].
    Text,
    /// [`Lexer::text`] is its content.
    Comment,
    /// [`Lexer::name`] is its target, [`Lexer::text`] its data.
    Instruction,
    /// The end of a document that has one element.
    End,
}

/// What was read last in a start tag.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TagToken {
    /// [`Lexer::name`] and [`Lexer::value`].
    Attribute,
    End,
    /// The tag ends, and the element with it.
    EmptyEnd,
}

/// The octets of a document without its byte order mark, as text.
pub(crate) fn text_of(input: &[u8]) -> Result<&str, Error> {
    let input = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    simdutf8::compat::from_utf8(input).map_err(|error| Error::NotUtf8 { offset: error.valid_up_to() })
}

/// Reads tokens from a text. It allocates nothing unless it refuses.
#[derive(Clone, Debug)]
pub(crate) struct Lexer<'i> {
    document: &'i str,
    at: usize,
    name: NameSpan,
    value: Span,
    value_is_plain: bool,
    /// Whether one space stands before the attribute, and it is written as canonical XML writes it.
    attribute_is_canonical: bool,
    text: Span,
    form: Form,
    /// Where the last token begins.
    token: usize,
    /// Where the last tag begins.
    tag: usize,
    /// Whether it is written as canonical XML writes tags, but for declarations and the order of attributes.
    tag_is_canonical: bool,
    /// How many elements are open.
    depth: usize,
    state: State,
    instructions: Instructions,
}

/// Where a name stands. What it says is read when somebody asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NameSpan {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// As that of [`Name`].
    pub(crate) colon: usize,
}

impl NameSpan {
    pub(crate) const NONE: Self = Self { start: 0, end: 0, colon: 0 };

    #[inline(always)]
    pub(crate) const fn length(self) -> usize {
        self.end - self.start
    }
}

/// Octets of the document. What they say is read when somebody asks.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    end: usize,
}

impl Span {
    #[inline(always)]
    fn of(self, document: &str) -> &str {
        &document[self.start..self.end]
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Start,
    BeforeElement,
    InElement,
    AfterElement,
}

impl<'i> Lexer<'i> {
    pub(crate) const fn new(text: &'i str, instructions: Instructions) -> Self {
        Self {
            document: text,
            at: 0,
            name: NameSpan::NONE,
            value: Span { start: 0, end: 0 },
            value_is_plain: true,
            attribute_is_canonical: false,
            text: Span { start: 0, end: 0 },
            form: Form::Plain,
            token: 0,
            tag: 0,
            tag_is_canonical: false,
            depth: 0,
            state: State::Start,
            instructions,
        }
    }

    /// Reads the text that comes next, if it is text that comes.
    #[inline(always)]
    pub(crate) fn next_is_text(&mut self) -> Result<bool, Box<Error>> {
        if self.state != State::InElement || matches!(self.peek(), None | Some(b'<')) {
            return Ok(false);
        }
        self.token = self.at;
        self.character_data()?;
        Ok(true)
    }

    /// Reads the beginning of the start tag that comes next, if it is one that comes.
    #[inline(always)]
    pub(crate) fn next_is_open(&mut self) -> Result<bool, Box<Error>> {
        let begins = |octet: &u8| CLASS[*octet as usize] & NAME_START != 0;
        if self.state != State::InElement || !self.octets().get(self.at + 1).is_some_and(begins) {
            return Ok(false);
        }
        self.token = self.at;
        self.open()?;
        Ok(true)
    }

    /// Reads the next token outside tags.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> Result<Token, Box<Error>> {
        self.token = self.at;
        if self.state == State::InElement { self.content() } else { self.outside() }
    }

    /// Reads on in the start tag that was opened.
    #[inline(always)]
    pub(crate) fn next_in_tag(&mut self) -> Result<TagToken, Box<Error>> {
        let before = self.at;
        self.spaces();
        let space = &self.octets()[before..self.at];
        match self.peek() {
            Some(b'>') => {
                self.tag_is_canonical &= space.is_empty();
                self.at += 1;
                self.depth += 1;
                self.state = State::InElement;
                Ok(TagToken::End)
            }
            Some(b'/') => {
                self.tag_is_canonical = false;
                self.expect("/>", "> is missing after /")?;
                self.leave();
                Ok(TagToken::EmptyEnd)
            }
            Some(_) if space.is_empty() => self.malformed("white space is missing"),
            Some(_) => {
                self.tag_is_canonical &= space == b" ";
                self.attribute()?;
                Ok(TagToken::Attribute)
            }
            None => self.malformed("a tag is not closed"),
        }
    }

    /// Reads the end tag of the element that is open, if it comes next and is written without space.
    ///
    /// Most end tags are, and comparing a name costs less than reading one.
    #[inline(always)]
    pub(crate) fn next_is_plain_end_of(&mut self, name: NameSpan) -> bool {
        let octets = self.octets();
        let window = canonical::window(octets, self.at).filter(|window| window.starts_with(b"</"));
        let end = window.and_then(|window| canonical::end_tag(octets, window, self.at, name));
        let Some(end) = end else { return false };
        self.token = self.at;
        self.at = end;
        self.tag_is_canonical = true;
        self.depth = self.depth.saturating_sub(1);
        self.leave();
        true
    }

    /// Goes on from a place inside an element, at which so many are open.
    pub(crate) const fn go_to(&mut self, at: usize, depth: usize) {
        self.at = at;
        self.depth = depth;
    }

    /// The whole text.
    pub(crate) const fn document(&self) -> &'i str {
        self.document
    }

    /// The name of a tag, attribute or instruction.
    #[inline(always)]
    pub(crate) fn name(&self) -> Name<'i> {
        self.name_at(self.name)
    }

    /// Where that name stands.
    #[inline(always)]
    pub(crate) const fn name_span(&self) -> NameSpan {
        self.name
    }

    #[inline(always)]
    pub(crate) fn name_at(&self, span: NameSpan) -> Name<'i> {
        Name::new(&self.document[span.start..span.end], span.colon)
    }

    /// The value of an attribute.
    #[inline(always)]
    pub(crate) fn value(&self) -> RawValue<'i> {
        RawValue::new(self.value.of(self.document), self.value_is_plain)
    }

    /// Where the attribute stands with the space before it, if canonical XML writes it so.
    #[inline(always)]
    pub(crate) fn canonical_attribute(&self) -> Option<Range<usize>> {
        let start = self.name.start - 1;
        let is_canonical = self.attribute_is_canonical && self.octets()[start] == b' ';
        is_canonical.then_some(start..self.at)
    }

    /// Text, or the content of a comment or instruction.
    #[inline(always)]
    pub(crate) fn text(&self) -> RawText<'i> {
        RawText::of_form(self.text.of(self.document), self.form)
    }

    /// Whether it means itself, and is its own canonical form.
    #[inline(always)]
    pub(crate) const fn text_is_plain(&self) -> bool {
        matches!(self.form, Form::Plain)
    }

    /// The octet at which the last token begins.
    pub(crate) const fn token_start(&self) -> usize {
        self.token
    }

    /// The octet behind the last token.
    pub(crate) const fn token_end(&self) -> usize {
        self.at
    }

    /// The octets that the last tag has so far.
    pub(crate) const fn tag_length(&self) -> usize {
        self.at - self.tag
    }

    /// Whether the last tag is written as canonical XML writes tags, but for declarations and the order of attributes.
    pub(crate) const fn tag_is_canonical(&self) -> bool {
        self.tag_is_canonical
    }

    /// How many elements are open.
    pub(crate) const fn depth(&self) -> usize {
        self.depth
    }

    /// A refusal of what stands at the end of the last token.
    #[cold]
    pub(crate) fn malformed<T>(&self, detail: &str) -> Result<T, Box<Error>> {
        let (line, column) = self.position();
        Err(Box::new(Error::NotWellFormed { line, column, detail: detail.to_owned() }))
    }

    /// The line and character behind the last token.
    pub(crate) fn position(&self) -> (usize, usize) {
        position::of(self.document, self.at)
    }

    /// Section 2.8: `<?xml version="1.0" encoding="…" standalone="…"?>`, if there.
    fn xml_declaration(&mut self) -> Result<(), Box<Error>> {
        if !self.starts_with("<?xml") || !self.octets().get(5).copied().is_some_and(is_space) {
            return Ok(());
        }
        self.at = 5;
        if self.peek() != Some(b' ') {
            return self.malformed("the XML declaration must have a space here");
        }
        let Some(version) = self.pseudo_attribute("version")? else {
            return self.malformed("the XML declaration has no version");
        };
        if version != "1.0" {
            return Err(Box::new(Error::VersionNotAccepted { version: bounded(version) }));
        }
        if let Some(encoding) = self.pseudo_attribute("encoding")?
            && !encoding.eq_ignore_ascii_case("utf-8")
        {
            return Err(Box::new(Error::EncodingNotAccepted { encoding: bounded(encoding) }));
        }
        if let Some(standalone) = self.pseudo_attribute("standalone")?
            && !matches!(standalone, "yes" | "no")
        {
            return self.malformed("standalone is neither yes nor no");
        }
        self.spaces();
        self.expect("?>", "the XML declaration is not closed")
    }

    fn pseudo_attribute(&mut self, name: &str) -> Result<Option<&'i str>, Box<Error>> {
        let start = self.at;
        self.spaces();
        if self.at == start || !self.starts_with(name) {
            self.at = start;
            return Ok(None);
        }
        self.at += name.len();
        self.spaces();
        self.expect("=", "= is missing")?;
        self.spaces();
        let quote = self.quote()?;
        let value = self.at;
        while self.peek().is_some_and(|octet| octet != quote && octet != b'<') {
            self.at += 1;
        }
        let end = self.at;
        if self.peek() != Some(quote) {
            return self.malformed("a quote is missing");
        }
        self.at += 1;
        Ok(Some(&self.document[value..end]))
    }

    /// Comments, processing instructions and space outside the document element, and its beginning.
    #[inline(never)]
    fn outside(&mut self) -> Result<Token, Box<Error>> {
        if self.state == State::Start {
            self.xml_declaration()?;
            self.state = State::BeforeElement;
        }
        self.spaces();
        self.token = self.at;
        if self.starts_with("<!--") {
            return self.comment();
        }
        if self.starts_with("<?") {
            return self.instruction();
        }
        if self.starts_with("<!DOCTYPE") {
            return self.document_type();
        }
        match (self.state, self.peek()) {
            (State::AfterElement, None) => Ok(Token::End),
            (State::AfterElement, Some(_)) => self.malformed("something follows the last element"),
            (_, Some(b'<')) => self.open(),
            _ => self.malformed("the document has no element"),
        }
    }

    /// One piece of an element's content.
    #[inline(always)]
    fn content(&mut self) -> Result<Token, Box<Error>> {
        match self.peek() {
            Some(b'<') => match self.octets().get(self.at + 1) {
                Some(b'/') => self.close(),
                Some(b'!') => self.declaration(),
                Some(b'?') => self.instruction(),
                _ => self.open(),
            },
            Some(_) => self.character_data(),
            None => self.malformed("an element is not closed"),
        }
    }

    fn declaration(&mut self) -> Result<Token, Box<Error>> {
        if self.starts_with("<!--") {
            self.comment()
        } else if self.starts_with("<![CDATA[") {
            self.cdata()
        } else if self.starts_with("<!DOCTYPE") {
            self.document_type()
        } else {
            self.at += 1;
            self.malformed("a name is missing")
        }
    }

    fn document_type<T>(&self) -> Result<T, Box<Error>> {
        let (line, column) = self.position();
        Err(Box::new(Error::DocumentType { line, column }))
    }

    #[inline(always)]
    fn open(&mut self) -> Result<Token, Box<Error>> {
        self.tag = self.at;
        self.tag_is_canonical = true;
        self.at += 1;
        self.qualified_name()?;
        Ok(Token::Open)
    }

    /// Goes on behind an element.
    #[inline(always)]
    const fn leave(&mut self) {
        self.state = if self.depth == 0 { State::AfterElement } else { State::InElement };
    }

    #[inline(always)]
    fn close(&mut self) -> Result<Token, Box<Error>> {
        self.at += 2;
        self.qualified_name()?;
        self.tag_is_canonical = self.peek() == Some(b'>');
        self.spaces();
        self.expect(">", "> is missing")?;
        // A reader that is asked again after it refused an end tag may have none open.
        self.depth = self.depth.saturating_sub(1);
        self.leave();
        Ok(Token::Close)
    }

    #[inline(always)]
    fn attribute(&mut self) -> Result<(), Box<Error>> {
        self.qualified_name()?;
        let name_end = self.at;
        self.spaces();
        self.expect("=", "= is missing")?;
        self.spaces();
        let quote = self.quote()?;
        let start = self.at;
        let mut plain = true;
        loop {
            self.at += run::<VALUE>(&self.octets()[self.at..]);
            match self.peek() {
                Some(octet) if octet == quote => break,
                Some(b'<') => return self.malformed("< in an attribute value"),
                Some(b'&') => {
                    plain = false;
                    self.reference()?;
                }
                Some(b'"' | b'\t' | b'\n' | b'\r') => {
                    plain = false;
                    self.at += 1;
                }
                Some(b'\'') => self.at += 1,
                Some(_) => self.rare_character()?,
                None => return self.malformed("an attribute value is not closed"),
            }
        }
        self.attribute_is_canonical = plain && quote == b'"' && start - name_end == "=\"".len();
        self.tag_is_canonical &= self.attribute_is_canonical;
        self.value = Span { start, end: self.at };
        self.value_is_plain = plain;
        self.at += 1;
        Ok(())
    }

    #[inline(always)]
    fn character_data(&mut self) -> Result<Token, Box<Error>> {
        let start = self.at;
        let mut plain = true;
        loop {
            self.at += run::<TEXT>(&self.octets()[self.at..]);
            match self.peek() {
                None | Some(b'<') => break,
                Some(b'&') => {
                    plain = false;
                    self.reference()?;
                }
                Some(b'>' | b'\r') => {
                    plain = false;
                    self.at += 1;
                }
                Some(b']') if self.starts_with("]]>") => return self.malformed("]]> in text"),
                Some(b']') => self.at += 1,
                Some(_) => self.rare_character()?,
            }
        }
        self.text = Span { start, end: self.at };
        self.form = if plain { Form::Plain } else { Form::Written };
        Ok(Token::Text)
    }

    fn cdata(&mut self) -> Result<Token, Box<Error>> {
        self.at += "<![CDATA[".len();
        self.section("]]>", "a CDATA section is not closed")?;
        Ok(Token::Text)
    }

    fn comment(&mut self) -> Result<Token, Box<Error>> {
        self.at += "<!--".len();
        self.section("--", "a comment is not closed")?;
        self.expect(">", "-- in a comment")?;
        Ok(Token::Comment)
    }

    fn instruction(&mut self) -> Result<Token, Box<Error>> {
        if self.instructions == Instructions::Refused {
            let (line, column) = self.position();
            return Err(Box::new(Error::ProcessingInstruction { line, column }));
        }
        self.at += 2;
        self.qualified_name()?;
        if self.name.colon > 0 {
            return self.malformed("a colon in a target");
        }
        if self.name().text().eq_ignore_ascii_case("xml") {
            return self.malformed("an XML declaration that is not at the start");
        }
        if !self.starts_with("?>") && !self.peek().is_some_and(is_space) {
            return self.malformed("white space is missing");
        }
        self.spaces();
        self.section("?>", "a processing instruction is not closed")?;
        Ok(Token::Instruction)
    }

    /// Takes what stands before the next `end` for the text, whose characters are checked; goes behind it.
    fn section(&mut self, end: &str, unclosed: &str) -> Result<(), Box<Error>> {
        let start = self.at;
        loop {
            self.at += run::<ENDS>(&self.octets()[self.at..]);
            match self.peek() {
                None => return self.malformed(unclosed),
                Some(_) if self.starts_with(end) => break,
                Some(b'-' | b'?' | b']') => self.at += 1,
                Some(_) => self.rare_character()?,
            }
        }
        self.text = Span { start, end: self.at };
        self.form = Form::Section;
        self.at += end.len();
        Ok(())
    }

    /// A QName. Most are short and ASCII, so that one block shows where they end.
    #[inline(always)]
    fn qualified_name(&mut self) -> Result<(), Box<Error>> {
        match canonical::name(self.octets(), self.at) {
            Some(name) => {
                self.at = name.end;
                self.name = name;
                Ok(())
            }
            None => self.any_qualified_name(),
        }
    }

    #[inline(never)]
    fn any_qualified_name(&mut self) -> Result<(), Box<Error>> {
        let start = self.at;
        let mut end = self.name_part(start)?;
        let mut colon = 0;
        if self.octets().get(end) == Some(&b':') && end > start {
            colon = end - start;
            let local = end + 1;
            end = self.name_part(local)?;
            if end == local && self.octets().get(end) != Some(&b':') {
                self.at = end;
                return self.malformed("a name ends with a colon");
            }
        }
        self.at = end;
        if self.octets().get(end) == Some(&b':') {
            return self.malformed("a colon out of place");
        }
        if end == start {
            return self.malformed("a name is missing");
        }
        self.name = NameSpan { start, end, colon };
        Ok(())
    }

    /// The end of the NCName that begins at `start`; `start` itself if there is none.
    #[inline]
    fn name_part(&mut self, start: usize) -> Result<usize, Box<Error>> {
        let octets = self.octets();
        let classes = &CLASS;
        let is =
            |at: usize, class: u8| octets.get(at).is_some_and(|&octet| classes[octet as usize] & class != 0);
        let mut at = start;
        if is(at, NAME_START) {
            at += 1;
            while is(at, NAME) {
                at += 1;
            }
        }
        if octets.get(at).is_some_and(|octet| *octet >= 0x80) {
            self.wide_name_part(start, at)
        } else {
            Ok(at)
        }
    }

    /// The same where characters that are not ASCII stand in it.
    #[cold]
    fn wide_name_part(&mut self, start: usize, at: usize) -> Result<usize, Box<Error>> {
        let mut at = at;
        for c in self.document[at..].chars() {
            let belongs = if at == start { name::is_start(c) } else { name::is_part(c) };
            if !belongs {
                if c.is_ascii() {
                    break;
                }
                self.at = at;
                return self.malformed("a character that a name does not allow");
            }
            at += c.len_utf8();
        }
        Ok(at)
    }

    /// Section 4.1: a character reference or one of the five predefined entities.
    fn reference(&mut self) -> Result<(), Box<Error>> {
        let rest = &self.octets()[self.at..];
        for predefined in [&b"&lt;"[..], b"&gt;", b"&amp;", b"&apos;", b"&quot;"] {
            if rest.starts_with(predefined) {
                self.at += predefined.len();
                return Ok(());
            }
        }
        let (radix, digits) = match rest {
            [b'&', b'#', b'x', ..] => (16, self.at + 3),
            [b'&', b'#', ..] => (10, self.at + 2),
            _ => return self.malformed("an undeclared entity, or & alone"),
        };
        let mut end = digits;
        let mut value: u32 = 0;
        while let Some(digit) = self.octets().get(end).and_then(|&octet| (octet as char).to_digit(radix)) {
            value = value.saturating_mul(radix).saturating_add(digit);
            end += 1;
        }
        if end == digits || self.octets().get(end) != Some(&b';') {
            return self.malformed("a character reference is not closed");
        }
        if !char::from_u32(value).is_some_and(is_character) {
            return self.malformed("a reference to a character that XML does not allow");
        }
        self.at = end + 1;
        Ok(())
    }

    /// One character that the class table does not let pass: a control character, or one whose encoding begins like
    /// that of U+FFFE and U+FFFF.
    #[cold]
    fn rare_character(&mut self) -> Result<(), Box<Error>> {
        match self.document[self.at..].chars().next() {
            Some(c) if is_character(c) => {
                self.at += c.len_utf8();
                Ok(())
            }
            Some(c) if c.is_ascii() => self.malformed("a control character"),
            _ => self.malformed("a character that XML does not allow"),
        }
    }

    fn quote(&mut self) -> Result<u8, Box<Error>> {
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => {
                self.at += 1;
                Ok(quote)
            }
            _ => self.malformed("a quote is missing"),
        }
    }

    #[inline(always)]
    fn spaces(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    #[inline(always)]
    fn expect(&mut self, expected: &str, detail: &str) -> Result<(), Box<Error>> {
        if !self.starts_with(expected) {
            return self.malformed(detail);
        }
        self.at += expected.len();
        Ok(())
    }

    #[inline(always)]
    fn starts_with(&self, expected: &str) -> bool {
        self.octets()[self.at..].starts_with(expected.as_bytes())
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.octets().get(self.at).copied()
    }

    #[inline]
    const fn octets(&self) -> &'i [u8] {
        self.document.as_bytes()
    }
}

/// A declared value short enough for an error message.
fn bounded(value: &str) -> String {
    value.chars().take(40).collect()
}
