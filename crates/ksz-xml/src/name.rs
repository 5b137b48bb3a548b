//! Names of XML 1.0 (fifth edition) section 2.3 and Namespaces in XML 1.0 section 4.

use std::fmt;

/// A qualified name as it is written, with its prefix.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Name<'i> {
    text: &'i str,
    /// The place of the colon; a name cannot begin with one, so 0 means that there is none.
    colon: usize,
}

impl<'i> Name<'i> {
    pub(crate) const fn new(text: &'i str, colon: usize) -> Self {
        Self { text, colon }
    }

    /// The whole name.
    #[must_use]
    pub const fn text(self) -> &'i str {
        self.text
    }

    /// The prefix, or the empty string.
    #[must_use]
    pub fn prefix(self) -> &'i str {
        &self.text[..self.colon]
    }

    /// The name without its prefix.
    #[must_use]
    pub fn local_name(self) -> &'i str {
        if self.colon == 0 { self.text } else { &self.text[self.colon + 1..] }
    }

    pub(crate) const fn colon(self) -> usize {
        self.colon
    }

    /// What an attribute of this name is for.
    #[inline(always)]
    pub(crate) fn role(self) -> Role<'i> {
        match self.declared_prefix() {
            Some(prefix) => Role::Declares(prefix),
            None if self.is_id() => Role::Identifies,
            None => Role::Other,
        }
    }

    /// The prefix that an attribute of this name declares, if it is a declaration.
    #[inline]
    pub(crate) fn declared_prefix(self) -> Option<&'i str> {
        match self.text.strip_prefix("xmlns")? {
            "" => Some(""),
            rest => rest.strip_prefix(':'),
        }
    }

    /// Whether an attribute of this name names its element: local name `Id` in any case, or `AssertionID`. A declaration
    /// of the prefix `id` does not.
    #[inline]
    pub(crate) fn is_id(self) -> bool {
        let local_name = self.local_name();
        match local_name.len() {
            2 => local_name.eq_ignore_ascii_case("id") && self.declared_prefix().is_none(),
            11 => local_name == "AssertionID" && self.declared_prefix().is_none(),
            _ => false,
        }
    }
}

/// What an attribute is for, by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role<'i> {
    /// It declares this prefix.
    Declares(&'i str),
    /// It names its element.
    Identifies,
    Other,
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

/// Whether `text` is an NCName: a name without a colon, as identifiers and prefixes must be.
#[must_use]
pub fn is_ncname(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_start) && characters.all(is_part)
}

/// NameStartChar without the colon.
pub(crate) const fn is_start(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
        | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}'
        | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// NameChar without the colon.
pub(crate) const fn is_part(c: char) -> bool {
    is_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::is_ncname;

    #[test]
    fn identifiers_are_ncnames() {
        for good in ["a", "_0", "id-1.2", "é"] {
            assert!(is_ncname(good), "{good:?}");
        }
        for bad in ["", "1a", "a:b", ":a", "a b", "-a", "a\u{0}"] {
            assert!(!is_ncname(bad), "{bad:?}");
        }
    }
}
