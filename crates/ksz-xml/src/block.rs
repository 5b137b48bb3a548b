//! Sixteen octets judged at once: which of them end a name, a value, text or a comment.
//!
//! A loop that ends at an octet makes another number of rounds each time, which costs a processor more than all the
//! comparisons of a block. [`CLASS`](crate::character::CLASS) says the same octet by octet.

use judge::{bits_of, different, names};

/// How many octets are judged at once.
pub(crate) const LENGTH: usize = 16;

/// A name in the octets of a block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ShortName {
    pub(crate) length: usize,
    /// The place of the colon, or 0.
    pub(crate) colon: usize,
}

/// Some octets of a block, or of two that stand behind each other: a bit for each, the first octet lowest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Mask(u32);

impl Mask {
    /// The octets of a class that may not pass without a look.
    #[inline(always)]
    pub(crate) fn stops<const CLASS: u8>(block: &[u8; LENGTH]) -> Self {
        Self(bits_of::<CLASS>(block))
    }

    /// The octets of a class in two blocks that stand behind each other.
    #[inline(always)]
    pub(crate) fn stops_in_both<const CLASS: u8>(blocks: &[u8; 2 * LENGTH]) -> Self {
        let (first, second) = blocks.split_at(LENGTH);
        let bits = |block: &[u8]| block.first_chunk().map_or(0, bits_of::<CLASS>);
        Self(bits(first) | bits(second) << LENGTH)
    }

    /// The ASCII name with which a block begins, if another octet follows it there; that may be one beyond ASCII.
    #[inline(always)]
    pub(crate) fn name(block: &[u8; LENGTH]) -> Option<ShortName> {
        let (ends, colons, starts) = names(block);
        let length = Self(ends).first()?;
        let colons = Self(colons).before(Self(ends));
        let begin = 1 | colons.0 << 1;
        let is_name = begin & !starts == 0 && colons.is_single();
        is_name.then(|| ShortName { length, colon: colons.first().unwrap_or(0) })
    }

    /// Where two blocks differ.
    #[inline(always)]
    pub(crate) fn differences(one: &[u8; LENGTH], other: &[u8; LENGTH]) -> Self {
        Self(different(one, other))
    }

    /// The place of the first.
    #[inline(always)]
    pub(crate) const fn first(self) -> Option<usize> {
        if self.0 == 0 { None } else { Some(self.0.trailing_zeros() as usize) }
    }

    /// Those from a place on, counted from there.
    #[inline(always)]
    pub(crate) const fn behind(self, at: usize) -> Self {
        Self(self.0 >> at)
    }

    /// Those that stand before the first of `other`.
    #[inline(always)]
    pub(crate) const fn before(self, other: Self) -> Self {
        Self(self.0 & !other.0 & other.0.wrapping_sub(1))
    }

    /// Whether there is one at most.
    #[inline(always)]
    pub(crate) const fn is_single(self) -> bool {
        self.0 & self.0.wrapping_sub(1) == 0
    }
}

/// By the vector instructions that every processor of this architecture has.
#[cfg(target_arch = "x86_64")]
mod judge {
    use super::LENGTH;
    use crate::character::{TEXT, VALUE};
    use safe_arch::{
        bitandnot_m128i, cmp_eq_mask_i8_m128i, load_unaligned_m128i, m128i, min_u8_m128i, move_mask_i8_m128i,
        set_splat_i8_m128i, sub_i8_m128i,
    };

    #[inline(always)]
    pub(super) fn bits_of<const CLASS: u8>(block: &[u8; LENGTH]) -> u32 {
        let octets = load_unaligned_m128i(block);
        let is = |octet| equal(octets, octet);
        let is_control = is_between(octets, 0, 0x1f);
        bits(match CLASS {
            TEXT => {
                let is_control = bitandnot_m128i(is(b'\t') | is(b'\n'), is_control);
                // One bit is all that parts < from >.
                let is_angle = equal(octets | all(b'<' ^ b'>'), b'>');
                is_control | is_angle | is(b'&') | is(b']') | is(0xef)
            }
            VALUE => {
                // One bit is all that parts & from '.
                let is_quoted = equal(octets | all(b'&' ^ b'\''), b'\'');
                is_control | is_quoted | is(b'"') | is(b'<') | is(0xef)
            }
            _ => {
                let is_control = bitandnot_m128i(is(b'\t') | is(b'\n') | is(b'\r'), is_control);
                is_control | is(b'-') | is(b'?') | is(b']') | is(0xef)
            }
        })
    }

    #[inline(always)]
    pub(super) fn names(block: &[u8; LENGTH]) -> (u32, u32, u32) {
        let octets = load_unaligned_m128i(block);
        let begins = is_between(octets | all(0x20), b'a', b'z') | equal(octets, b'_');
        // Of the octets from - to :, all but the slash stand in names.
        let is_other = bitandnot_m128i(equal(octets, b'/'), is_between(octets, b'-', b':'));
        (bits(begins | is_other) ^ 0xffff, bits(equal(octets, b':')), bits(begins))
    }

    #[inline(always)]
    pub(super) fn different(one: &[u8; LENGTH], other: &[u8; LENGTH]) -> u32 {
        bits(cmp_eq_mask_i8_m128i(load_unaligned_m128i(one), load_unaligned_m128i(other))) ^ 0xffff
    }

    #[inline(always)]
    fn all(octet: u8) -> m128i {
        set_splat_i8_m128i(octet.cast_signed())
    }

    #[inline(always)]
    fn equal(octets: m128i, octet: u8) -> m128i {
        cmp_eq_mask_i8_m128i(octets, all(octet))
    }

    #[inline(always)]
    fn is_between(octets: m128i, first: u8, last: u8) -> m128i {
        let above = sub_i8_m128i(octets, all(first));
        cmp_eq_mask_i8_m128i(min_u8_m128i(above, all(last - first)), above)
    }

    #[inline(always)]
    fn bits(mask: m128i) -> u32 {
        move_mask_i8_m128i(mask).cast_unsigned()
    }
}

/// By the table, where no vector instructions are known.
#[cfg(not(target_arch = "x86_64"))]
mod judge {
    use super::LENGTH;
    use crate::character::{CLASS, NAME, NAME_START};

    pub(super) fn bits_of<const CLASSES: u8>(block: &[u8; LENGTH]) -> u32 {
        bits(block, |octet| CLASS[octet as usize] & CLASSES != 0)
    }

    pub(super) fn names(block: &[u8; LENGTH]) -> (u32, u32, u32) {
        let colons = bits(block, |octet| octet == b':');
        let ends = bits(block, |octet| CLASS[octet as usize] & NAME == 0) & !colons;
        (ends, colons, bits(block, |octet| CLASS[octet as usize] & NAME_START != 0))
    }

    pub(super) fn different(one: &[u8; LENGTH], other: &[u8; LENGTH]) -> u32 {
        one.iter().zip(other).rev().fold(0, |bits, (one, other)| bits << 1 | u32::from(one != other))
    }

    fn bits(block: &[u8; LENGTH], is: impl Fn(u8) -> bool) -> u32 {
        block.iter().rev().fold(0, |bits, octet| bits << 1 | u32::from(is(*octet)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::character::{CLASS, ENDS, NAME, NAME_START, TEXT, VALUE};

    #[test]
    fn a_block_is_judged_as_the_table_says() {
        for at in 0..LENGTH {
            for octet in 0..=u8::MAX {
                let mut block = [b'a'; LENGTH];
                block[at] = octet;
                let expected = |is: bool| Mask(u32::from(is) << at);
                let of_class = |class: u8| expected(CLASS[octet as usize] & class != 0);
                assert_eq!(Mask::stops::<TEXT>(&block), of_class(TEXT), "{octet} at {at}");
                assert_eq!(Mask::stops::<VALUE>(&block), of_class(VALUE), "{octet} at {at}");
                assert_eq!(Mask::stops::<ENDS>(&block), of_class(ENDS), "{octet} at {at}");
                let is = |class: u8| CLASS[octet as usize] & class != 0;
                let expected = if octet == b':' || is(NAME) {
                    None
                } else {
                    (at > 0).then_some(ShortName { length: at, colon: 0 })
                };
                assert_eq!(Mask::name(&block), expected, "{octet} at {at}");
                block[LENGTH - 1] = b' ';
                let expected = match at {
                    0 if octet == b':' || !is(NAME_START) => None,
                    _ if at == LENGTH - 1 => None,
                    _ if octet == b':' => {
                        (at < LENGTH - 2).then_some(ShortName { length: LENGTH - 1, colon: at })
                    }
                    _ if is(NAME) => Some(ShortName { length: LENGTH - 1, colon: 0 }),
                    _ => Some(ShortName { length: at, colon: 0 }),
                };
                if at < LENGTH - 1 {
                    assert_eq!(Mask::name(&block), expected, "{octet} at {at} before the end");
                }
            }
        }
    }

    #[test]
    fn two_blocks_are_judged_as_one_after_the_other() {
        for one in 0..2 * LENGTH {
            for other in one..2 * LENGTH {
                let mut blocks = [b'a'; 2 * LENGTH];
                (blocks[one], blocks[other]) = (b'<', b'<');
                let stops = Mask::stops_in_both::<VALUE>(&blocks);
                assert_eq!(stops.first(), Some(one));
                assert_eq!(stops.behind(one).first(), Some(0));
                if one < other {
                    assert_eq!(stops.behind(one + 1).first(), Some(other - one - 1));
                }
                assert_eq!(Mask::stops_in_both::<TEXT>(&blocks), stops);
            }
        }
    }
}
