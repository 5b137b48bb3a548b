//! What an RSA value tells of its maker: opened with the public key, only a value by its private key is a block of
//! PKCS#1 (RFC 8017 section 9.2), and the block holds the digest that was signed.
//!
//! Nothing is accepted by what is computed here; it tells a wrong key from a changed `SignedInfo`.

use ksz_pki::{KeyAlgorithm, PublicKey};
use std::fmt::Write as _;

/// The longest modulus, in words: 4096 bits.
const LONGEST: usize = 64;

/// What a value tells.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Opening {
    /// The key made it, over something with this digest.
    ByThisKey { digest: String },
    /// The key did not make it.
    BySomeOtherKey,
    /// Nothing: it is not by RSA.
    Unknown,
}

impl Opening {
    pub(super) fn of(key: &PublicKey, value: &[u8]) -> Self {
        if key.algorithm() != KeyAlgorithm::Rsa {
            return Self::Unknown;
        }
        let Some((modulus, exponent)) = numbers(key.spki_der()) else { return Self::Unknown };
        match power(modulus, exponent, value) {
            Some(block) => Self::of_block(&block),
            None => Self::BySomeOtherKey,
        }
    }

    /// The digest is the last octet string of the block.
    fn of_block(block: &[u8]) -> Self {
        let Some(padded) = block.strip_prefix(&[0, 1]) else { return Self::BySomeOtherKey };
        let padding = padded.iter().take_while(|octet| **octet == 0xff).count();
        if padding < 8 || padded.get(padding) != Some(&0) {
            return Self::BySomeOtherKey;
        }
        let info = &padded[padding + 1..];
        let digest = [64, 48, 32, 20].into_iter().find_map(|length| {
            let (before, digest) = info.split_at_checked(info.len().checked_sub(length)?)?;
            before.ends_with(&[4, u8::try_from(length).ok()?]).then_some(digest)
        });
        let mut hex = String::new();
        for octet in digest.unwrap_or(info) {
            let _ = write!(hex, "{octet:02x}");
        }
        Self::ByThisKey { digest: hex }
    }

    pub(super) const fn is_possible_for_this_key(&self) -> bool {
        !matches!(self, Self::BySomeOtherKey)
    }

    pub(super) const fn is_possible_for_another_key(&self) -> bool {
        !matches!(self, Self::ByThisKey { .. })
    }
}

/// Modulus and exponent of a SubjectPublicKeyInfo (RFC 3279 section 2.3.1).
fn numbers(spki: &[u8]) -> Option<(&[u8], &[u8])> {
    let (info, _) = contents(spki, 0x30)?;
    let (_, bits) = contents(info, 0x30)?;
    let (bits, _) = contents(bits, 0x03)?;
    let (key, _) = contents(bits.strip_prefix(&[0])?, 0x30)?;
    let (modulus, rest) = contents(key, 0x02)?;
    let (exponent, _) = contents(rest, 0x02)?;
    Some((modulus.strip_prefix(&[0]).unwrap_or(modulus), exponent))
}

/// The contents of the DER element with which some octets begin, and what stands behind it.
fn contents(octets: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = octets.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if octets.len() > 4 {
            return None;
        }
        (octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)), rest)
    };
    (*found == tag).then_some(())?;
    rest.split_at_checked(length)
}

/// `value` to the power of `exponent`, as long as the modulus; nothing if it is not below the modulus, or the modulus is
/// none.
fn power(modulus: &[u8], exponent: &[u8], value: &[u8]) -> Option<Vec<u8>> {
    let n = words(modulus);
    if value.len() != modulus.len() || n.len() > LONGEST || exponent.len() > 8 || n.first()? % 2 == 0 {
        return None;
    }
    let mut base = words(value);
    if !is_less(&base, &n) {
        return None;
    }
    let exponent = exponent.iter().fold(0_u64, |number, octet| number << 8 | u64::from(*octet));
    let montgomery = Montgomery::new(&n);
    base = montgomery.times(&base, &montgomery.square);
    let mut result = base.clone();
    let bits = 64 - exponent.leading_zeros();
    for bit in (0..bits.checked_sub(1)?).rev() {
        result = montgomery.times(&result, &result);
        if exponent >> bit & 1 == 1 {
            result = montgomery.times(&result, &base);
        }
    }
    let mut one = vec![0; n.len()];
    one[0] = 1;
    let result = montgomery.times(&result, &one);
    let octets: Vec<u8> = result.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
    Some(octets[octets.len() - modulus.len()..].to_vec())
}

/// The words of a number, the least first.
fn words(octets: &[u8]) -> Vec<u64> {
    octets.rchunks(8).map(|chunk| chunk.iter().fold(0, |word, octet| word << 8 | u64::from(*octet))).collect()
}

fn is_less(one: &[u64], other: &[u64]) -> bool {
    one.iter().rev().lt(other.iter().rev())
}

/// Multiplication modulo an odd number, by the method of Montgomery (Handbook of Applied Cryptography, algorithm 14.36).
struct Montgomery<'n> {
    modulus: &'n [u64],
    /// The negative inverse of the lowest word.
    inverse: u64,
    /// The square of 2 to the power of the modulus's length in bits.
    square: Vec<u64>,
}

impl<'n> Montgomery<'n> {
    fn new(modulus: &'n [u64]) -> Self {
        let lowest = modulus[0];
        // Each step doubles the number of right bits, of which an odd number has three to begin with.
        let inverse = (0..5).fold(lowest, |inverse, _| {
            inverse.wrapping_mul(2_u64.wrapping_sub(lowest.wrapping_mul(inverse)))
        });
        let mut square = vec![0; modulus.len()];
        square[0] = 1;
        for _ in 0..2 * 64 * modulus.len() {
            double(&mut square, modulus);
        }
        Self { modulus, inverse: inverse.wrapping_neg(), square }
    }

    fn times(&self, one: &[u64], other: &[u64]) -> Vec<u64> {
        let length = self.modulus.len();
        let mut sum = vec![0_u64; length + 2];
        for word in one {
            add_product(&mut sum, other, *word);
            let factor = sum[0].wrapping_mul(self.inverse);
            add_product(&mut sum, self.modulus, factor);
            sum.remove(0);
            sum.push(0);
        }
        let over = sum[length] != 0;
        sum.truncate(length);
        if over || !is_less(&sum, self.modulus) {
            subtract(&mut sum, self.modulus);
        }
        sum
    }
}

/// Adds `number` times `word`.
fn add_product(sum: &mut [u64], number: &[u64], word: u64) {
    let mut carry = 0_u128;
    for (index, place) in sum.iter_mut().enumerate() {
        let product = u128::from(number.get(index).copied().unwrap_or_default()) * u128::from(word);
        let total = u128::from(*place) + product + carry;
        *place = low(total);
        carry = total >> 64;
    }
}

fn double(number: &mut [u64], modulus: &[u64]) {
    let mut carry = 0;
    for word in number.iter_mut() {
        let next = *word >> 63;
        *word = *word << 1 | carry;
        carry = next;
    }
    if carry == 1 || !is_less(number, modulus) {
        subtract(number, modulus);
    }
}

fn subtract(number: &mut [u64], other: &[u64]) {
    let mut borrow = false;
    for (word, other) in number.iter_mut().zip(other) {
        let (difference, first) = word.overflowing_sub(*other);
        let (difference, second) = difference.overflowing_sub(u64::from(borrow));
        (*word, borrow) = (difference, first || second);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
const fn low(number: u128) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_those_of_arithmetic() {
        for (modulus, exponent, value) in
            [(3_233_u64, 17_u64, 65_u64), (0xffff_ffff_ffff_ffc5, 65_537, 12_345), (9, 3, 2)]
        {
            let expected =
                (0..exponent).fold(1_u128, |product, _| product * u128::from(value) % u128::from(modulus));
            let octets = |number: u64| number.to_be_bytes().to_vec();
            let found = power(&octets(modulus), &exponent.to_be_bytes(), &octets(value)).unwrap();
            assert_eq!(found, octets(u64::try_from(expected).unwrap()), "{value}^{exponent} mod {modulus}");
        }
        assert_eq!(power(&[0x0c; 8], &[3], &[1; 8]), None, "an even modulus");
        assert_eq!(power(&[0x0b; 8], &[3], &[0x0b; 8]), None, "not below the modulus");
        assert_eq!(power(&[0x0b; 8], &[3], &[1; 7]), None, "another length");
    }

    #[test]
    fn a_block_holds_the_digest_or_is_none() {
        let block = |info: &[u8]| [&[0, 1][..], &[0xff; 8], &[0], info].concat();
        let info = [&[0x30, 0x31, 4, 32][..], &[0xab; 32]].concat();
        assert_eq!(Opening::of_block(&block(&info)), Opening::ByThisKey { digest: "ab".repeat(32) });
        for none in [&[][..], &[0, 2], &[0, 1, 0xff, 0], &[7; 64]] {
            assert_eq!(Opening::of_block(none), Opening::BySomeOtherKey, "{none:?}");
        }
    }
}
