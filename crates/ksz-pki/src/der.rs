//! The few forms of DER (X.690) that stand around a public key.

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
#[cfg(feature = "x509")]
pub(crate) const SET: u8 = 0x31;

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
