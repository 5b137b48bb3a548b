//! Character data as it is written, and what it means.

use crate::escape::{escape_attribute, escape_text};
use std::borrow::Cow;

/// Text as it is written: a run of character data, a CDATA section, or what is in a comment or processing instruction.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RawText<'i> {
    raw: &'i str,
    form: Form,
}

/// How text is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// It means itself, and is its own canonical form.
    Plain,
    /// It may hold references, carriage returns and `>`.
    Written,
    /// Nothing in it is a reference: a CDATA section, comment or processing instruction.
    Section,
}

impl<'i> RawText<'i> {
    pub(crate) const fn of_form(raw: &'i str, form: Form) -> Self {
        Self { raw, form }
    }

    pub(crate) const fn raw(self) -> &'i str {
        self.raw
    }

    pub(crate) const fn form(self) -> Form {
        self.form
    }

    /// The characters: references resolved, line ends normalized (XML 1.0 sections 2.11 and 4.1).
    #[must_use]
    pub fn decode(self) -> Cow<'i, str> {
        match self.form {
            Form::Plain => Cow::Borrowed(self.raw),
            Form::Section => normalized_lines(self.raw),
            Form::Written => decoded(self.raw, is_special_in_text, "\n"),
        }
    }

    /// Gives the canonical form piece by piece (Canonical XML 1.0 section 2.3).
    #[inline]
    pub fn canonicalize(self, output: &mut impl FnMut(&str)) {
        match self.form {
            Form::Plain => output(self.raw),
            Form::Section => escape_text(&normalized_lines(self.raw), output),
            Form::Written => each_piece(self.raw, is_special_in_text, &mut |piece| match piece {
                Piece::Literal(text) => escape_text(text, output),
                Piece::Character(c) => escape_text(c.encode_utf8(&mut [0; 4]), output),
                Piece::Space => output("\n"),
            }),
        }
    }
}

/// An attribute value as it is written, without its quotes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RawValue<'i> {
    raw: &'i str,
    /// It means itself, and is its own canonical form.
    is_plain: bool,
}

impl<'i> RawValue<'i> {
    pub(crate) const fn new(raw: &'i str, is_plain: bool) -> Self {
        Self { raw, is_plain }
    }

    pub(crate) const fn raw(self) -> &'i str {
        self.raw
    }

    /// The value: references resolved, white space normalized (XML 1.0 section 3.3.3).
    #[must_use]
    pub fn decode(self) -> Cow<'i, str> {
        if self.is_plain { Cow::Borrowed(self.raw) } else { decoded(self.raw, is_special_in_value, " ") }
    }

    /// Gives the canonical form piece by piece (Canonical XML 1.0 section 2.3).
    #[inline]
    pub fn canonicalize(self, output: &mut impl FnMut(&str)) {
        if self.is_plain {
            return output(self.raw);
        }
        each_piece(self.raw, is_special_in_value, &mut |piece| match piece {
            Piece::Literal(text) => escape_attribute(text, output),
            Piece::Character(c) => escape_attribute(c.encode_utf8(&mut [0; 4]), output),
            Piece::Space => output(" "),
        });
    }
}

/// A line end may be written as a carriage return, with or without a line feed, and is one line feed (XML 1.0 section
/// 2.11).
fn normalized_lines(raw: &str) -> Cow<'_, str> {
    if raw.contains('\r') {
        Cow::Owned(raw.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(raw)
    }
}

/// A run that means itself, or a special octet and what belongs to it.
enum Piece<'r> {
    Literal(&'r str),
    /// A character that a reference names: whatever it is, it stays.
    Character(char),
    /// A line end in text; any white space in a value.
    Space,
}

const fn is_special_in_text(octet: u8) -> bool {
    matches!(octet, b'&' | b'\r')
}

const fn is_special_in_value(octet: u8) -> bool {
    matches!(octet, b'&' | b'\r' | b'\n' | b'\t')
}

fn decoded<'r>(raw: &'r str, is_special: fn(u8) -> bool, space: &str) -> Cow<'r, str> {
    let mut text = String::with_capacity(raw.len());
    each_piece(raw, is_special, &mut |piece| match piece {
        Piece::Literal(literal) => text += literal,
        Piece::Character(c) => text.push(c),
        Piece::Space => text += space,
    });
    Cow::Owned(text)
}

fn each_piece<'r>(raw: &'r str, is_special: fn(u8) -> bool, output: &mut impl FnMut(Piece<'r>)) {
    let mut rest = raw;
    while let Some(at) = rest.bytes().position(is_special) {
        if at > 0 {
            output(Piece::Literal(&rest[..at]));
        }
        rest = &rest[at..];
        let length = match (rest.strip_prefix('&').and_then(referenced), rest.strip_prefix("\r\n")) {
            (Some((c, length)), _) => {
                output(Piece::Character(c));
                1 + length
            }
            (None, line_end) => {
                output(Piece::Space);
                if line_end.is_some() { 2 } else { 1 }
            }
        };
        rest = &rest[length..];
    }
    if !rest.is_empty() {
        output(Piece::Literal(rest));
    }
}

/// The character that a reference names, and how long the reference is behind its `&`.
///
/// The lexer has let none pass that names no character.
fn referenced(behind: &str) -> Option<(char, usize)> {
    let end = behind.bytes().position(|octet| octet == b';')?;
    let name = &behind[..end];
    let c = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => {
            let digits = name.strip_prefix('#')?;
            let value = match digits.strip_prefix('x') {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => digits.parse(),
            };
            char::from_u32(value.ok()?)?
        }
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_means_what_xml_says() {
        let raw = "a\r\nb\rc\n&#13;&#xD;&lt;&#233;&quot;>";
        let text = RawText::of_form(raw, Form::Written);
        assert_eq!(text.decode(), "a\nb\nc\n\r\r<é\">");
        let mut canonical = String::new();
        text.canonicalize(&mut |piece| canonical += piece);
        assert_eq!(canonical, "a\nb\nc\n&#xD;&#xD;&lt;é\"&gt;");

        let section = RawText::of_form("&lt;\r\n\r>", Form::Section);
        assert_eq!(section.decode(), "&lt;\n\n>");
        let mut canonical = String::new();
        section.canonicalize(&mut |piece| canonical += piece);
        assert_eq!(canonical, "&amp;lt;\n\n&gt;");
    }

    #[test]
    fn white_space_of_a_value_is_a_space_unless_it_is_referred_to() {
        let value = RawValue::new("a\t\r\n\n\r&#9;&#xA;&#13;'\"&apos;>", false);
        assert_eq!(value.decode(), "a    \t\n\r'\"'>");
        let mut canonical = String::new();
        value.canonicalize(&mut |piece| canonical += piece);
        assert_eq!(canonical, "a    &#x9;&#xA;&#xD;'&quot;'>");
    }
}
