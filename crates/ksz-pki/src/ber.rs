//! The forms of BER (X.690 section 8) in which key stores come.
//!
//! Files of other programs are not always DER: some write lengths that are not known beforehand, and octet
//! strings in pieces. Nothing here recurses deeper than [`DEEPEST`], and no value reaches behind the octets
//! that hold it.

use std::borrow::Cow;

pub(crate) const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;

/// The bit of a tag that says that the contents are values.
const CONSTRUCTED: u8 = 0x20;
/// How deep values without a stated length, or pieces of octet strings, may lie in each other.
const DEEPEST: usize = 16;

/// Values that follow one another.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

/// One value: its tag and the octets within.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a> {
    pub(crate) tag: u8,
    pub(crate) contents: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next value.
    pub(crate) fn next(&mut self) -> Option<Value<'a>> {
        let (value, rest) = read(self.0, DEEPEST)?;
        self.0 = rest;
        Some(value)
    }

    /// The next value, which must have this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<Value<'a>> {
        self.next().filter(|value| value.tag == tag)
    }

    /// The next value if it has this tag; otherwise it stays the next.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Value<'a>> {
        let mut ahead = *self;
        let value = ahead.expect(tag)?;
        *self = ahead;
        Some(value)
    }

    /// The only value that is left.
    pub(crate) fn only(mut self, tag: u8) -> Option<Value<'a>> {
        self.expect(tag).filter(|_| self.is_empty())
    }
}

impl<'a> Reader<'a> {
    /// The octets of the next value, which must be an octet string.
    pub(crate) fn octets(&mut self) -> Option<Cow<'a, [u8]>> {
        self.next().filter(|value| value.tag & !CONSTRUCTED == OCTET_STRING)?.octets()
    }

    /// The octets of the only value that is left, which must be an octet string.
    pub(crate) fn only_octets(mut self) -> Option<Cow<'a, [u8]>> {
        self.octets().filter(|_| self.is_empty())
    }
}

impl<'a> Value<'a> {
    /// The values within.
    pub(crate) const fn values(self) -> Reader<'a> {
        Reader(self.contents)
    }

    /// The octets of an octet string, put together if they come in pieces.
    pub(crate) fn octets(self) -> Option<Cow<'a, [u8]>> {
        if self.tag & CONSTRUCTED == 0 {
            return Some(Cow::Borrowed(self.contents));
        }
        let mut whole = Vec::with_capacity(self.contents.len());
        join(self.contents, &mut whole, DEEPEST)?;
        Some(Cow::Owned(whole))
    }

    /// A number that is not negative and has at most 64 bits.
    pub(crate) fn unsigned(self) -> Option<u64> {
        let magnitude = match self.contents {
            [first, ..] if *first >= 0x80 => return None,
            [0, rest @ ..] => rest,
            other => other,
        };
        if self.contents.is_empty() || magnitude.len() > 8 {
            return None;
        }
        Some(magnitude.iter().fold(0, |number, octet| number << 8 | u64::from(*octet)))
    }
}

/// One value and what follows it.
fn read(octets: &[u8], depth: usize) -> Option<(Value<'_>, &[u8])> {
    let (&tag, rest) = octets.split_first()?;
    let (&first, rest) = rest.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    if first == 0x80 {
        let length = unstated_length(rest, depth)?;
        let (contents, rest) = rest.split_at(length);
        return (tag & CONSTRUCTED != 0).then_some((Value { tag, contents }, &rest[2..]));
    }
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        _ => {
            let count = usize::from(first & 0x7f);
            let (digits, rest) = rest.split_at_checked(count).filter(|_| count <= size_of::<u32>())?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((Value { tag, contents }, rest))
}

/// How many octets stand before the two that end a value without a stated length.
fn unstated_length(octets: &[u8], depth: usize) -> Option<usize> {
    let mut rest = octets;
    while !rest.starts_with(&[0, 0]) {
        (_, rest) = read(rest, depth.checked_sub(1)?)?;
    }
    Some(octets.len() - rest.len())
}

fn join(pieces: &[u8], whole: &mut Vec<u8>, depth: usize) -> Option<()> {
    let mut pieces = Reader(pieces);
    while !pieces.is_empty() {
        let piece = pieces.next()?;
        match piece.tag {
            OCTET_STRING => whole.extend_from_slice(piece.contents),
            tag if tag == OCTET_STRING | CONSTRUCTED => join(piece.contents, whole, depth.checked_sub(1)?)?,
            _ => return None,
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(octets: &[u8]) -> Option<(u8, &[u8])> {
        Reader::new(octets).next().map(|value| (value.tag, value.contents))
    }

    #[test]
    fn a_value_is_read_with_what_follows() {
        let mut reader = Reader::new(&[2, 1, 5, 0x30, 0x83, 0, 0, 2, 0x05, 0]);

        assert_eq!(reader.expect(INTEGER).and_then(Value::unsigned), Some(5));
        assert!(reader.optional(INTEGER).is_none());
        assert_eq!(reader.only(SEQUENCE).unwrap().contents, [5, 0]);
    }

    #[test]
    fn a_value_without_a_stated_length_ends_at_its_mark() {
        let inner = [0x30, 0x80, 0x04, 2, 0, 0, 0, 0];
        let outer = [&[0x30, 0x80][..], &inner, &[0, 0], b"rest"].concat();
        let mut reader = Reader::new(&outer);

        assert_eq!(reader.expect(SEQUENCE).unwrap().contents, inner);
        assert_eq!(reader.0, b"rest");
    }

    #[test]
    fn an_octet_string_in_pieces_is_put_together() {
        let pieces = [0x24, 0x80, 0x04, 1, b'a', 0x24, 3, 0x04, 1, b'b', 0x04, 0, 0, 0];

        assert_eq!(Reader::new(&pieces).only_octets().unwrap(), &b"ab"[..]);
        assert_eq!(Reader::new(&[0x04, 1, b'a']).only_octets().unwrap(), &b"a"[..]);
        for other in [&[0x24, 3, 0x02, 1, 5][..], &[0x02, 1, 5], &[0x04, 0, 0x04, 0]] {
            assert!(Reader::new(other).only_octets().is_none());
        }
    }

    #[test]
    fn truncated_and_foreign_values_give_nothing() {
        for octets in [
            &[][..],
            &[0x30],
            &[0x30, 1],
            &[0x30, 0x80],
            &[0x30, 0x80, 0],
            &[0x04, 0x80, 0, 0],
            &[0x1f, 1, 1],
            &[0x30, 0x82, 1],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x30, 0xff],
        ] {
            assert_eq!(first(octets), None, "{octets:?}");
        }
    }

    #[test]
    fn numbers_beyond_64_bits_and_below_zero_give_nothing() {
        let number = |contents: &[u8]| Value { tag: INTEGER, contents }.unsigned();

        assert_eq!(number(&[0, 0xff, 0xff]), Some(65_535));
        assert_eq!(number(&[0, 255, 255, 255, 255, 255, 255, 255, 255]), Some(u64::MAX));
        for contents in [&[][..], &[0x80], &[1, 0, 0, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(number(contents), None, "{contents:?}");
        }
    }

    #[test]
    fn nothing_is_followed_too_deep() {
        let nested = |levels: usize| [[0x30, 0x80].repeat(levels), vec![0; 2 * levels]].concat();

        assert!(first(&nested(DEEPEST)).is_some());
        assert_eq!(first(&nested(DEEPEST + 2)), None);
        assert_eq!(first(&[0x30, 0x80].repeat(100_000)), None);
    }
}
