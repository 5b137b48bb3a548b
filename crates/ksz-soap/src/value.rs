//! Values of a type that a schema narrows: what is not of it is refused, whoever wrote it.

use crate::Error;
use ksz_xml::Element;
use std::borrow::Cow;
use std::str::FromStr;

/// Refuses a value that our caller wants to write.
pub(crate) const fn require(
    is_valid: bool,
    element: &'static str,
    expected: &'static str,
) -> Result<(), Error> {
    if is_valid { Ok(()) } else { Err(Error::ValueNotAllowed { element, expected }) }
}

/// A text that was read, if it is one that could be written.
pub(crate) fn read_text(
    text: Cow<'_, str>,
    element: &str,
    expected: &'static str,
    is_valid: impl Fn(&str) -> bool,
) -> Result<String, Error> {
    if is_valid(&text) {
        Ok(text.into_owned())
    } else {
        Err(Error::Value { element: element.into(), expected })
    }
}

/// The number that an element holds; blanks around it do not count.
pub(crate) fn read_number<N: FromStr>(
    element: Element<'_>,
    expected: &'static str,
    is_valid: impl Fn(&N) -> bool,
) -> Result<N, Error> {
    let number = element.only_text()?.trim_matches(BLANKS).parse().ok().filter(is_valid);
    number.ok_or_else(|| Error::Value { element: element.local_name().into(), expected })
}

pub(crate) const TEXT: &str = "text that XML can hold";
pub(crate) const TEXT_16: &str = "text of at most 16 characters";
pub(crate) const TEXT_64: &str = "text of at most 64 characters";
pub(crate) const TEXT_256: &str = "text of at most 256 characters";

/// Whether a text has at most so many characters, all of which XML can hold.
pub(crate) fn is_text<const LONGEST: usize>(text: &str) -> bool {
    text.chars().count() <= LONGEST && is_xml(text)
}

/// Whether XML can hold a text: no escape helps the other characters (XML 1.0 production 2).
pub(crate) fn is_xml(text: &str) -> bool {
    text.chars()
        .all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..))
}

/// What XML calls white space (XML 1.0 production 3).
pub(crate) const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// Whether it is a UUID with its hyphens.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, octet)| match index {
            8 | 13 | 18 | 23 => octet == b'-',
            _ => octet.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_holds_what_xml_can_hold() {
        assert!(is_text::<5>("\t\r\né\u{10000}") && is_xml("\u{85}\u{d7ff}\u{e000}\u{fffd}\u{10ffff}"));
        assert!(!is_text::<4>("\t\r\né\u{10000}"));
        for bad in ["\0", "\u{1}", "\u{b}", "\u{1f}", "\u{fffe}", "\u{ffff}"] {
            assert!(!is_xml(bad) && !is_text::<9>(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_ticket_is_a_uuid() {
        assert!(is_uuid("00000000-0000-4000-8000-00000000000F"));
        assert!(!is_uuid("00000000-0000-4000-8000-00000000000g"));
        assert!(!is_uuid("00000000000040008000000000000001"));
        assert!(!is_uuid("00000000-0000-4000-8000-00000000000"));
    }
}
