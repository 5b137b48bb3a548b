//! The few forms of DER (X.690) that stand around keys and signature values.

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
#[cfg(feature = "x509")]
pub(crate) const SET: u8 = 0x31;
/// The fields that a structure numbers 0 and 1, around their own values.
pub(crate) const EXPLICIT_0: u8 = 0xa0;
pub(crate) const EXPLICIT_1: u8 = 0xa1;

/// Reads one value with the given tag: its contents, and what follows it.
///
/// Lengths must have their shortest form (X.690 section 10.1); anything else gives nothing.
pub(crate) fn read(tag: u8, input: &[u8]) -> Option<(&[u8], &[u8])> {
    next(input).and_then(|(found, contents, rest)| (found == tag).then_some((contents, rest)))
}

/// Reads one value: its tag, its contents, and what follows it.
pub(crate) fn next(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&found, input) = input.split_first()?;
    let (&first, input) = input.split_first()?;
    let (length, input) = match first {
        0..=0x7f => (usize::from(first), input),
        0x81 => (usize::from(*input.first()?), &input[1..]),
        0x82 => (usize::from(u16::from_be_bytes([*input.first()?, *input.get(1)?])), &input[2..]),
        _ => return None,
    };
    let shortest = match first {
        0x81 => length > 0x7f,
        0x82 => length > 0xff,
        _ => true,
    };
    (shortest && length <= input.len()).then(|| {
        let (contents, rest) = input.split_at(length);
        (found, contents, rest)
    })
}

/// The contents of a value with nothing behind it.
pub(crate) fn whole(tag: u8, input: &[u8]) -> Option<&[u8]> {
    read(tag, input).and_then(|(contents, rest)| rest.is_empty().then_some(contents))
}

/// The octets of a positive INTEGER (X.690 section 8.3) in its shortest form, without the zero that makes it positive.
pub(crate) fn magnitude(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [0, magnitude @ ..] if magnitude.first().is_some_and(|first| *first >= 0x80) => Some(magnitude),
        [1..0x80, ..] => Some(integer),
        _ => None,
    }
}

/// A value as it is read above.
pub(crate) fn written(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let zeros = length.iter().take_while(|octet| **octet == 0).count();
    let length = match &length[zeros..] {
        [] => vec![0],
        &[short @ 0..0x80] => vec![short],
        long => long.iter().fold(vec![0x80], |mut written, octet| {
            written[0] += 1;
            written.push(*octet);
            written
        }),
    };
    [&[tag][..], &length, contents].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_with_what_follows() {
        assert_eq!(read(INTEGER, &[2, 1, 5, 9]), Some((&[5][..], &[9][..])));
        let long = [&[2, 0x81, 0x80][..], &[7; 128]].concat();
        assert_eq!(read(INTEGER, &long), Some((&[7; 128][..], &[][..])));
    }

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff] {
            let contents = vec![7; length];
            assert_eq!(whole(SEQUENCE, &written(SEQUENCE, &contents)), Some(&contents[..]), "{length}");
        }
    }

    #[test]
    fn a_whole_value_has_nothing_behind_it() {
        assert_eq!(whole(INTEGER, &[2, 1, 5]), Some(&[5][..]));
        assert_eq!(whole(INTEGER, &[2, 1, 5, 9]), None);
    }

    #[test]
    fn a_positive_number_is_read_in_its_shortest_form_only() {
        let positive = [(&[5][..], &[5][..]), (&[0x7f, 0], &[0x7f, 0]), (&[0, 0x80], &[0x80])];
        for (integer, number) in positive {
            assert_eq!(magnitude(integer), Some(number));
        }
        for integer in [&[][..], &[0], &[0, 0, 0x80], &[0, 5], &[0x80]] {
            assert_eq!(magnitude(integer), None, "{integer:?}");
        }
    }

    #[test]
    fn truncated_padded_and_foreign_values_give_nothing() {
        for input in [
            &[][..],
            &[2],
            &[2, 1],
            &[3, 1, 5],
            &[2, 0x81, 1, 5],
            &[2, 0x82, 0, 1, 5],
            &[2, 0x80],
            &[2, 0x82, 1],
        ] {
            assert_eq!(read(INTEGER, input), None, "{input:?}");
        }
    }
}
