//! The linear scan before any tree: well-formedness of the characters, names, references and namespace
//! declarations, and the limits. It allocates nothing unless it refuses.
//!
//! A tree builder comes second and checks what needs memory: that tags match, attributes do not repeat and
//! prefixes are bound. Tree builders are quadratic and worse in the counts that are limited here.

use crate::limits::Limits;
use crate::{Error, name, position};

/// The namespace that the prefix `xml` is bound to, always.
const XML: &[u8] = b"http://www.w3.org/XML/1998/namespace";
/// The namespace that nothing may be bound to.
const XMLNS: &[u8] = b"http://www.w3.org/2000/xmlns/";

/// Whether the document may hold processing instructions.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Instructions {
    Refused,
    Allowed,
}

/// Checks a document and gives its text, without the byte order mark.
pub(crate) fn scan<'i>(
    input: &'i [u8],
    limits: &Limits,
    instructions: Instructions,
) -> Result<&'i str, Error> {
    if input.len() > limits.octets {
        return Err(Error::LimitExceeded { what: "octets", limit: limits.octets });
    }
    let input = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    let text = std::str::from_utf8(input).map_err(|error| Error::NotUtf8 { offset: error.valid_up_to() })?;
    let mut scan = Scan {
        text,
        input,
        at: 0,
        limits,
        instructions,
        depth: 0,
        nodes: 0,
        ids: 0,
        namespaces: [0; FRAMES],
        copied_namespaces: 0,
        compared_attributes: 0,
    };
    scan.document()?;
    Ok(text)
}

/// One frame for each open element, and one below them.
const FRAMES: usize = Limits::DEEPEST + 1;

struct Scan<'i> {
    text: &'i str,
    input: &'i [u8],
    at: usize,
    limits: &'i Limits,
    instructions: Instructions,
    depth: usize,
    nodes: usize,
    ids: usize,
    /// The namespace declarations in scope of each open element.
    namespaces: [u32; FRAMES],
    /// The same, added up over the elements that declare any: what a tree copies.
    copied_namespaces: usize,
    /// The pairs of attributes of one element, added up: what a tree compares.
    compared_attributes: usize,
}

/// What an element's tag has declared so far.
#[derive(Default)]
struct Tag {
    attributes: usize,
    declarations: u32,
    declares_default: bool,
    declares_xml: bool,
}

impl Scan<'_> {
    fn document(&mut self) -> Result<(), Error> {
        self.xml_declaration()?;
        self.miscellaneous()?;
        if self.peek() != Some(b'<') {
            return self.malformed("the document has no element");
        }
        self.start_tag()?;
        while self.depth > 0 {
            self.content()?;
        }
        self.miscellaneous()?;
        match self.peek() {
            None => Ok(()),
            Some(_) => self.malformed("something follows the last element"),
        }
    }

    /// Section 2.8: `<?xml version="1.0" encoding="…" standalone="…"?>`, if there.
    fn xml_declaration(&mut self) -> Result<(), Error> {
        if !self.starts_with(b"<?xml") || !self.input.get(5).copied().is_some_and(is_space) {
            return Ok(());
        }
        if self.input[5] != b' ' {
            self.at = 5;
            return self.malformed("the XML declaration must have a space here");
        }
        self.at = 5;
        let Some(version) = self.pseudo_attribute(b"version")? else {
            return self.malformed("the XML declaration has no version");
        };
        if version != "1.0" {
            return Err(Error::VersionNotAccepted { version: bounded(version) });
        }
        if let Some(encoding) = self.pseudo_attribute(b"encoding")?
            && !encoding.eq_ignore_ascii_case("utf-8")
        {
            return Err(Error::EncodingNotAccepted { encoding: bounded(encoding) });
        }
        if let Some(standalone) = self.pseudo_attribute(b"standalone")?
            && !matches!(standalone, "yes" | "no")
        {
            return self.malformed("standalone is neither yes nor no");
        }
        self.spaces();
        self.expect(b"?>", "the XML declaration is not closed")
    }

    fn pseudo_attribute(&mut self, name: &[u8]) -> Result<Option<&str>, Error> {
        let start = self.at;
        self.spaces();
        if self.at == start || !self.starts_with(name) {
            self.at = start;
            return Ok(None);
        }
        self.at += name.len();
        self.spaces();
        self.expect(b"=", "= is missing")?;
        self.spaces();
        let quote = self.quote()?;
        let value = self.at;
        while self.peek().is_some_and(|octet| octet != quote && octet != b'<') {
            self.at += 1;
        }
        let end = self.at;
        self.expect(&[quote], "a quote is missing")?;
        Ok(Some(&self.text[value..end]))
    }

    /// Comments, processing instructions and space outside the document element.
    fn miscellaneous(&mut self) -> Result<(), Error> {
        loop {
            self.spaces();
            if self.starts_with(b"<!--") {
                self.comment()?;
            } else if self.starts_with(b"<?") {
                self.instruction()?;
            } else if self.starts_with(b"<!DOCTYPE") {
                let (line, column) = position::of(self.text, self.at);
                return Err(Error::DocumentType { line, column });
            } else {
                return Ok(());
            }
        }
    }

    /// One piece of an element's content.
    fn content(&mut self) -> Result<(), Error> {
        match self.peek() {
            None => self.malformed("an element is not closed"),
            Some(b'<') => match self.input.get(self.at + 1) {
                Some(b'/') => self.end_tag(),
                Some(b'!') if self.starts_with(b"<!--") => self.comment(),
                Some(b'!') if self.starts_with(b"<![CDATA[") => self.cdata(),
                Some(b'!') if self.starts_with(b"<!DOCTYPE") => {
                    let (line, column) = position::of(self.text, self.at);
                    Err(Error::DocumentType { line, column })
                }
                Some(b'?') => self.instruction(),
                _ => self.start_tag(),
            },
            Some(_) => self.character_data(),
        }
    }

    fn start_tag(&mut self) -> Result<(), Error> {
        let start = self.at;
        self.count_node()?;
        self.at += 1;
        self.qualified_name()?;
        let mut tag = Tag::default();
        let empty = loop {
            let before = self.at;
            self.spaces();
            match self.peek() {
                Some(b'>') => {
                    self.at += 1;
                    break false;
                }
                Some(b'/') => {
                    self.expect(b"/>", "> is missing after /")?;
                    break true;
                }
                Some(_) if self.at == before => return self.malformed("white space is missing"),
                Some(_) => self.attribute(&mut tag)?,
                None => return self.malformed("a tag is not closed"),
            }
            self.limit(self.at - start, self.limits.tag, "octets in a tag")?;
        };
        self.limit(self.at - start, self.limits.tag, "octets in a tag")?;

        let in_scope = self.namespaces[self.depth].saturating_add(tag.declarations);
        self.limit(in_scope as usize, self.limits.namespaces, "namespace declarations in scope")?;
        if tag.declarations > 0 {
            self.copied_namespaces += in_scope as usize;
            let copied = self.copied_namespaces;
            self.limit(copied, self.limits.namespaces_together, "namespace declarations in scope, together")?;
        }
        self.compared_attributes += tag.attributes * tag.attributes;
        let compared = self.compared_attributes;
        self.limit(compared, self.limits.attribute_pairs, "pairs of attributes of one element, together")?;
        self.limit(self.depth + 1, self.limits.depth.min(Limits::DEEPEST), "elements inside each other")?;
        if !empty {
            self.depth += 1;
            self.namespaces[self.depth] = in_scope;
        }
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), Error> {
        self.at += 2;
        self.qualified_name()?;
        self.spaces();
        self.expect(b">", "> is missing")?;
        self.depth -= 1;
        Ok(())
    }

    fn attribute(&mut self, tag: &mut Tag) -> Result<(), Error> {
        tag.attributes += 1;
        self.limit(tag.attributes, self.limits.attributes, "attributes of an element")?;
        let start = self.at;
        let colon = self.qualified_name()?;
        let end = self.at;
        self.spaces();
        self.expect(b"=", "= is missing")?;
        self.spaces();
        let quote = self.quote()?;
        let value = self.at;
        loop {
            match self.peek() {
                Some(octet) if octet == quote => break,
                Some(b'<') => return self.malformed("< in an attribute value"),
                Some(b'&') => self.reference()?,
                Some(_) => self.character()?,
                None => return self.malformed("an attribute value is not closed"),
            }
        }
        let input = self.input;
        let (prefix, local) = match colon {
            Some(colon) => (&input[start..colon], &input[colon + 1..end]),
            None => (&[][..], &input[start..end]),
        };
        if prefix == b"xmlns" || (prefix.is_empty() && local == b"xmlns") {
            tag.declarations += 1;
            let declared = if prefix.is_empty() { &b""[..] } else { local };
            let again = match declared {
                b"" => std::mem::replace(&mut tag.declares_default, true),
                b"xml" => std::mem::replace(&mut tag.declares_xml, true),
                _ => false,
            };
            if again {
                return self.malformed("a namespace is declared twice");
            }
            self.declaration(declared, &input[value..self.at])?;
        } else if local == b"xmlns" {
            return self.malformed("an attribute that is called xmlns and declares nothing");
        } else if local.eq_ignore_ascii_case(b"id") || local == b"AssertionID" {
            self.ids += 1;
            self.limit(self.ids, self.limits.ids, "identifiers")?;
        }
        self.at += 1;
        Ok(())
    }

    /// Namespaces in XML 1.0 section 3, and the absolute names that canonicalization needs.
    fn declaration(&self, prefix: &[u8], uri: &[u8]) -> Result<(), Error> {
        match (prefix, uri) {
            (b"xmlns", _) => self.malformed("the prefix xmlns is declared"),
            (b"xml", uri) if uri != XML => self.malformed("the prefix xml is bound to another name"),
            (b"xml", _) | (b"", b"") => Ok(()),
            (_, b"") => self.malformed("a prefix is bound to the empty name"),
            (_, XML | XMLNS) => self.malformed("a reserved namespace name is declared"),
            (_, uri) if is_absolute(uri) => Ok(()),
            _ => {
                let (line, column) = position::of(self.text, self.at);
                Err(Error::RelativeNamespace { line, column })
            }
        }
    }

    fn character_data(&mut self) -> Result<(), Error> {
        self.count_node()?;
        loop {
            match self.peek() {
                None | Some(b'<') => return Ok(()),
                Some(b'&') => self.reference()?,
                Some(b']') if self.starts_with(b"]]>") => return self.malformed("]]> in text"),
                Some(_) => self.character()?,
            }
        }
    }

    fn cdata(&mut self) -> Result<(), Error> {
        self.count_node()?;
        self.at += b"<![CDATA[".len();
        self.until(b"]]>", "a CDATA section is not closed")
    }

    fn comment(&mut self) -> Result<(), Error> {
        self.count_node()?;
        self.at += b"<!--".len();
        self.until(b"--", "a comment is not closed")?;
        self.expect(b">", "-- in a comment")
    }

    fn instruction(&mut self) -> Result<(), Error> {
        if self.instructions == Instructions::Refused {
            let (line, column) = position::of(self.text, self.at);
            return Err(Error::ProcessingInstruction { line, column });
        }
        self.count_node()?;
        self.at += 2;
        let target = self.at;
        if self.qualified_name()?.is_some() {
            return self.malformed("a colon in a target");
        }
        if self.input[target..self.at].eq_ignore_ascii_case(b"xml") {
            return self.malformed("an XML declaration that is not at the start");
        }
        if !self.starts_with(b"?>") && !self.peek().is_some_and(is_space) {
            return self.malformed("white space is missing");
        }
        self.until(b"?>", "a processing instruction is not closed")
    }

    /// Goes behind the next `end`, checking the characters before it.
    fn until(&mut self, end: &[u8], unclosed: &str) -> Result<(), Error> {
        loop {
            match self.peek() {
                None => return self.malformed(unclosed),
                Some(octet) if octet == end[0] && self.starts_with(end) => {
                    self.at += end.len();
                    return Ok(());
                }
                Some(_) => self.character()?,
            }
        }
    }

    /// A QName; gives the place of its colon.
    fn qualified_name(&mut self) -> Result<Option<usize>, Error> {
        let start = self.at;
        let mut colon = None;
        let mut characters = 0;
        let mut part_begins = true;
        while let Some(octet) = self.peek() {
            let (c, width) = match octet {
                b':' if part_begins || colon.is_some() => return self.malformed("a colon out of place"),
                b':' => {
                    colon = Some(self.at);
                    part_begins = true;
                    self.at += 1;
                    continue;
                }
                0..=0x7f => (octet as char, 1),
                _ => self.wide_character(),
            };
            let belongs = if part_begins { name::is_start(c) } else { name::is_part(c) };
            if !belongs {
                break;
            }
            part_begins = false;
            characters += 1;
            self.at += width;
            self.limit(characters, self.limits.name, "characters in a name")?;
        }
        if part_begins {
            return self.malformed(if self.at == start {
                "a name is missing"
            } else {
                "a name ends with a colon"
            });
        }
        Ok(colon)
    }

    /// Section 4.1: a character reference or one of the five predefined entities.
    fn reference(&mut self) -> Result<(), Error> {
        for predefined in [&b"&lt;"[..], b"&gt;", b"&amp;", b"&apos;", b"&quot;"] {
            if self.starts_with(predefined) {
                self.at += predefined.len();
                return Ok(());
            }
        }
        let (radix, digits) = if self.starts_with(b"&#x") {
            (16, self.at + 3)
        } else if self.starts_with(b"&#") {
            (10, self.at + 2)
        } else {
            return self.malformed("an undeclared entity, or & alone");
        };
        let mut end = digits;
        let mut value: u32 = 0;
        while let Some(digit) = self.input.get(end).and_then(|&octet| (octet as char).to_digit(radix)) {
            value = value.saturating_mul(radix).saturating_add(digit);
            end += 1;
        }
        if end == digits || self.input.get(end) != Some(&b';') {
            return self.malformed("a character reference is not closed");
        }
        if !char::from_u32(value).is_some_and(is_character) {
            return self.malformed("a reference to a character that XML does not allow");
        }
        self.at = end + 1;
        Ok(())
    }

    /// Section 2.2: one character of text, comments or values.
    fn character(&mut self) -> Result<(), Error> {
        match self.input[self.at] {
            b'\r' if self.input.get(self.at + 1) != Some(&b'\n') => {
                let (line, column) = position::of(self.text, self.at);
                return Err(Error::BareCarriageReturn { line, column });
            }
            0x20..=0x7f | b'\t' | b'\n' | b'\r' => self.at += 1,
            0x00..=0x1f => return self.malformed("a control character"),
            0x80..=0xff => {
                let (c, width) = self.wide_character();
                if !is_character(c) {
                    return self.malformed("a character that XML does not allow");
                }
                self.at += width;
            }
        }
        Ok(())
    }

    /// The character at this place, which is not ASCII, and its octets.
    fn wide_character(&self) -> (char, usize) {
        self.text[self.at..].chars().next().map_or(('\u{fffe}', 1), |c| (c, c.len_utf8()))
    }

    fn quote(&mut self) -> Result<u8, Error> {
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => {
                self.at += 1;
                Ok(quote)
            }
            _ => self.malformed("a quote is missing"),
        }
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    fn expect(&mut self, expected: &[u8], detail: &str) -> Result<(), Error> {
        if !self.starts_with(expected) {
            return self.malformed(detail);
        }
        self.at += expected.len();
        Ok(())
    }

    fn starts_with(&self, expected: &[u8]) -> bool {
        self.input[self.at..].starts_with(expected)
    }

    fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    fn count_node(&mut self) -> Result<(), Error> {
        self.nodes += 1;
        self.limit(self.nodes, self.limits.nodes, "nodes")
    }

    fn limit(&self, found: usize, limit: usize, what: &'static str) -> Result<(), Error> {
        if found > limit { Err(Error::LimitExceeded { what, limit }) } else { Ok(()) }
    }

    fn malformed<T>(&self, detail: &str) -> Result<T, Error> {
        let (line, column) = position::of(self.text, self.at);
        Err(Error::NotWellFormed { line, column, detail: detail.to_owned() })
    }
}

const fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

const fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a namespace name begins with a scheme (RFC 3986 section 3.1), written without references.
fn is_absolute(uri: &[u8]) -> bool {
    let Some(colon) = uri.iter().position(|&octet| octet == b':') else { return false };
    matches!(uri[..colon], [first, ref rest @ ..]
        if first.is_ascii_alphabetic()
            && rest.iter().all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(octet)))
}

/// A declared value short enough for an error message.
fn bounded(value: &str) -> String {
    value.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    fn refusal(input: &[u8]) -> Error {
        scan(input, &Limits::default(), Instructions::Refused).unwrap_err()
    }

    fn accepted(input: &str) {
        scan(input.as_bytes(), &Limits::default(), Instructions::Refused).unwrap();
    }

    #[test]
    fn well_formed_documents_pass() {
        for good in [
            "<a/>",
            "\u{feff}<?xml version='1.0' encoding='utf-8' standalone=\"yes\" ?>\n<!-- c --><a>x</a>\n<!---->\n",
            "<p:a xmlns:p='urn:x' xmlns='' p:b=\"1 > 0\" c='\"'>&lt;&#x41;&#65;&quot;<![CDATA[<&]] >]]></p:a >",
            "<é xml:lang='nl'>\u{fffd}\u{10000}</é>",
            "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
        ] {
            accepted(good);
        }
    }

    #[test]
    fn broken_documents_are_refused_with_their_place() {
        for (bad, column) in [
            ("", 1),
            ("x", 1),
            ("<a>", 4),
            ("<a", 3),
            ("<a></a>x", 8),
            ("<a/><b/>", 5),
            ("<:a/>", 2),
            ("<a:/>", 4),
            ("<a:b:c/>", 5),
            ("<a b/>", 5),
            ("<a b=1/>", 6),
            ("<a b='<'/>", 7),
            ("<a b='1'c='2'/>", 9),
            ("<a>&nbsp;</a>", 4),
            ("<a>&#0;</a>", 4),
            ("<a>&#xD800;</a>", 4),
            ("<a>&#xFFFE;</a>", 4),
            ("<a>&#65</a>", 4),
            ("<a>]]></a>", 4),
            ("<a>\u{1}</a>", 4),
            ("<a>\u{fffe}</a>", 4),
            ("<a><!-- -- --></a>", 11),
            ("<a><![CDATA[x</a>", 18),
            ("<a xmlns:p=''/>", 13),
            ("<a xml:xmlns='urn:x'/>", 20),
            ("<a p:xmlns='urn:x' xmlns:p='urn:p'/>", 18),
            ("<a xmlns='urn:a' xmlns='urn:b'/>", 30),
            ("<a xmlns='' xmlns=''/>", 20),
            ("<?xml\nversion='1.0'?><a/>", 6),
            ("<a xmlns:xmlns='urn:x'/>", 22),
            ("<a xmlns:xml='urn:x'/>", 20),
            ("<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", 42),
        ] {
            match refusal(bad.as_bytes()) {
                Error::NotWellFormed { line: 1, column: found, .. } => assert_eq!(found, column, "{bad:?}"),
                other => panic!("{bad:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn forbidden_things_are_refused_by_name() {
        assert_eq!(refusal(b"<!DOCTYPE a><a/>"), Error::DocumentType { line: 1, column: 1 });
        assert_eq!(refusal(b"<a><?x?></a>"), Error::ProcessingInstruction { line: 1, column: 4 });
        assert_eq!(
            refusal(b" <?xml version='1.0'?><a/>"),
            Error::ProcessingInstruction { line: 1, column: 2 }
        );
        assert_eq!(
            refusal(b"<?xml version='1.1'?><a/>"),
            Error::VersionNotAccepted { version: "1.1".into() }
        );
        assert_eq!(
            refusal(b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>"),
            Error::EncodingNotAccepted { encoding: "ISO-8859-1".into() }
        );
        assert_eq!(refusal(b"<a>\xc0\xaf</a>"), Error::NotUtf8 { offset: 3 });
        assert_eq!(refusal(b"\xff\xfe<\0a\0/\0>\0"), Error::NotUtf8 { offset: 0 });
        for relative in ["a", "../a", "#a", "1a:b", "&#117;rn:x"] {
            let document = format!("<a xmlns='{relative}'/>");
            assert!(matches!(refusal(document.as_bytes()), Error::RelativeNamespace { .. }), "{relative}");
        }
    }

    #[test]
    fn a_carriage_return_is_the_first_half_of_a_line_end_or_refused() {
        accepted("<a b='\r\n'>\r\n<!--\r\n--></a>");
        for bare in ["<a>\r</a>", "<a>\r\r\n</a>", "<a b='\r'/>", "<a><!--\r--></a>", "<a><![CDATA[\r]]></a>"]
        {
            assert!(matches!(refusal(bare.as_bytes()), Error::BareCarriageReturn { .. }), "{bare:?}");
        }
    }

    #[test]
    fn processing_instructions_pass_where_they_are_allowed() {
        let allowed = |input: &str| scan(input.as_bytes(), &Limits::default(), Instructions::Allowed).is_ok();
        assert!(allowed("<?p?><a><?p d?></a><?q ? ?>"));
        assert!(!allowed("<a><?xml version='1.0'?></a>"));
        assert!(!allowed("<a><?p"));
    }

    #[test]
    fn each_limit_holds() {
        let depth = "<a>".repeat(100_000);
        let attributes = (0..60_000).fold("<a".to_owned(), |mut tag, i| {
            write!(tag, " a{i}=''").unwrap();
            tag
        });
        let copied = (0..250).fold("<a".to_owned(), |mut tag, i| {
            write!(tag, " xmlns:p{i}='urn:p'").unwrap();
            tag
        });
        let compared = (0..250).fold("<a".to_owned(), |mut tag, i| {
            write!(tag, " a{i}=''").unwrap();
            tag
        });
        let namespaces = (0..90).fold(String::new(), |mut all, i| {
            write!(all, "<a xmlns:a{i}='urn:a' xmlns:b{i}='urn:b' xmlns:c{i}='urn:c'>").unwrap();
            all
        });
        for (input, what) in [
            (" ".repeat(10 * 1024 * 1024 + 1), "octets"),
            (depth, "elements inside each other"),
            (attributes, "attributes of an element"),
            (namespaces, "namespace declarations in scope"),
            (
                format!("{copied}>{}", "<b xmlns:q='urn:q'/>".repeat(500)),
                "namespace declarations in scope, together",
            ),
            (
                format!("<x>{}", format!("{compared}/>").repeat(500)),
                "pairs of attributes of one element, together",
            ),
            (format!("<a>{}</a>", "<b/>".repeat(100_000)), "nodes"),
            (format!("<{}/>", "a".repeat(1_001)), "characters in a name"),
            (format!("<a b='{}'/>", "x".repeat(1024 * 1024)), "octets in a tag"),
            (format!("<a>{}</a>", "<b iD='x'/>".repeat(2_001)), "identifiers"),
        ] {
            match refusal(input.as_bytes()) {
                Error::LimitExceeded { what: found, .. } => assert_eq!(found, what),
                other => panic!("{what}: {other:?}"),
            }
        }
    }
}
