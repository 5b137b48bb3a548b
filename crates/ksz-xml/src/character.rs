//! What each octet and character may be, judged by a table and in blocks.

use crate::block::{self, Mask};
use crate::name;

/// A letter or underscore that may begin a name.
pub(crate) const NAME_START: u8 = 1;
/// A character that may stand in a name.
pub(crate) const NAME: u8 = 2;
/// What may not pass in text without a look.
pub(crate) const TEXT: u8 = 4;
/// What may not pass in an attribute value without a look.
pub(crate) const VALUE: u8 = 8;

/// What may not pass in a comment, CDATA section or processing instruction without a look.
pub(crate) const ENDS: u8 = 16;

/// What each octet may be.
pub(crate) static CLASS: [u8; 256] = {
    let mut classes = [0; 256];
    let mut octet: u8 = 0;
    loop {
        let c = octet as char;
        let mut class = 0;
        if octet < 0x80 && name::is_start(c) {
            class |= NAME_START;
        }
        if octet < 0x80 && name::is_part(c) {
            class |= NAME;
        }
        let is_control = octet < 0x20 && c != '\t' && c != '\n';
        if is_control || matches!(c, '<' | '&' | '>' | ']' | '\u{ef}') {
            class |= TEXT;
        }
        if (is_control && c != '\r') || matches!(c, '-' | '?' | ']' | '\u{ef}') {
            class |= ENDS;
        }
        if octet < 0x20 || matches!(c, '<' | '&' | '"' | '\'' | '\u{ef}') {
            class |= VALUE;
        }
        classes[octet as usize] = class;
        if octet == u8::MAX {
            break;
        }
        octet += 1;
    }
    classes
};

/// How many octets at the beginning pass without a look: short runs by one block, long ones by several at a time.
#[inline]
pub(crate) fn run<const CLASSES: u8>(octets: &[u8]) -> usize {
    if let Some(first) = octets.first_chunk()
        && let Some(stop) = Mask::stops::<CLASSES>(first).first()
    {
        return stop;
    }
    long_run::<CLASSES>(octets)
}

#[inline(never)]
fn long_run<const CLASSES: u8>(octets: &[u8]) -> usize {
    const TOGETHER: usize = 2 * block::LENGTH;
    let mut at = 0;
    while let Some(together) = octets[at..].first_chunk::<TOGETHER>() {
        let suspicious = together.iter().fold(false, |found, &octet| found | may_stop::<CLASSES>(octet));
        if suspicious && let Some(stop) = Mask::stops_in_both::<CLASSES>(together).first() {
            return at + stop;
        }
        at += TOGETHER;
    }
    let is_stop = |octet: &u8| CLASS[*octet as usize] & CLASSES != 0;
    octets[at..].iter().position(is_stop).map_or(octets.len(), |stop| at + stop)
}

/// Whether an octet may be of the classes: comparisons alone, so that a block is judged at once.
#[inline]
const fn may_stop<const CLASSES: u8>(octet: u8) -> bool {
    let in_all = (octet < 0x20) | (octet == 0xef);
    in_all
        | match CLASSES {
            TEXT => (octet == b'<') | (octet == b'&') | (octet == b'>') | (octet == b']'),
            VALUE => (octet == b'<') | (octet == b'&') | (octet == b'"') | (octet == b'\''),
            _ => (octet == b'-') | (octet == b'?') | (octet == b']'),
        }
}

pub(crate) const fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

/// Section 2.2.
pub(crate) const fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of the first octet that stops, one octet at a time.
    fn first_stop(octets: &[u8], class: u8) -> usize {
        octets.iter().position(|octet| CLASS[*octet as usize] & class != 0).unwrap_or(octets.len())
    }

    #[test]
    fn a_run_ends_where_the_table_says_wherever_that_is() {
        for length in [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 200] {
            for at in 0..=length {
                for stop in 0..=u8::MAX {
                    let mut octets = vec![b'a'; length];
                    if let Some(octet) = octets.get_mut(at) {
                        *octet = stop;
                    }
                    assert_eq!(run::<TEXT>(&octets), first_stop(&octets, TEXT), "{stop} at {at} of {length}");
                    assert_eq!(
                        run::<VALUE>(&octets),
                        first_stop(&octets, VALUE),
                        "{stop} at {at} of {length}"
                    );
                    assert_eq!(run::<ENDS>(&octets), first_stop(&octets, ENDS), "{stop} at {at} of {length}");
                }
            }
        }
    }
}
