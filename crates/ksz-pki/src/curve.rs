use crate::{Digest, DigestAlgorithm};
use std::borrow::Cow;
use std::fmt;

/// A prime curve of NIST (SP 800-186 section 3.2.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Curve {
    /// P-256, also called secp256r1 and prime256v1.
    P256,
    /// P-384, also called secp384r1.
    P384,
    /// P-521, also called secp521r1.
    P521,
}

const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
const P384_ORDER: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a,
    0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];
const P521_ORDER: [u8; 66] = [
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfa,
    0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b,
    0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09,
];

impl Curve {
    /// Whether a value can be an ECDSA signature on this curve: r and s, each as long as an element of the field, above
    /// zero and below the order of the base point (FIPS 186-5 section 6.4.2, step 1). Any other was no signer's.
    #[must_use]
    pub fn is_possible_value(self, value: &[u8]) -> bool {
        let order = self.order();
        let in_range = |number: &[u8]| number.iter().any(|octet| *octet != 0) && number < order;
        value.len() == 2 * order.len() && value.chunks(order.len()).all(in_range)
    }

    /// The order of the base point, as long as an element of the field.
    pub(crate) const fn order(self) -> &'static [u8] {
        match self {
            Self::P256 => &P256_ORDER,
            Self::P384 => &P384_ORDER,
            Self::P521 => &P521_ORDER,
        }
    }

    /// The named curve's object identifier (RFC 5480 section 2.1.1.1), as it is encoded.
    pub(crate) const fn parameters(self) -> &'static [u8] {
        match self {
            Self::P256 => &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
            Self::P384 => &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
            Self::P521 => &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23],
        }
    }

    /// The digest that fits the curve: the longest of which all bits count.
    pub(crate) const fn digest(self) -> DigestAlgorithm {
        match self {
            Self::P256 => DigestAlgorithm::Sha256,
            Self::P384 => DigestAlgorithm::Sha384,
            Self::P521 => DigestAlgorithm::Sha512,
        }
    }

    /// The number that ECDSA takes of a digest (FIPS 186-5 section 6.4.1, step 2), in 32, 48 or 64 octets: of a longer
    /// digest the leftmost, of a shorter one all, with zeros before them.
    ///
    /// It is for implementations of [`DigestSigner`](crate::DigestSigner), whose keys may want the number and no digest.
    #[must_use]
    pub fn number_of(self, digest: &Digest) -> Cow<'_, [u8]> {
        let length = self.digest().digest_length();
        let octets = digest.as_bytes();
        match length.checked_sub(octets.len()) {
            None => Cow::Borrowed(&octets[..length]),
            Some(0) => Cow::Borrowed(octets),
            Some(missing) => Cow::Owned([&vec![0; missing], octets].concat()),
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Curve; 3] = [Curve::P256, Curve::P384, Curve::P521];

    #[test]
    fn a_value_is_two_numbers_in_range() {
        for curve in ALL {
            let order = curve.order();
            let one = [&vec![0; order.len() - 1][..], &[1]].concat();
            let greatest = [&order[..order.len() - 1], &[order[order.len() - 1] - 1]].concat();
            let zero = vec![0; order.len()];
            for good in [[&one[..], &one], [&one, &greatest], [&greatest, &one]] {
                assert!(curve.is_possible_value(&good.concat()), "{curve}");
            }
            for bad in [&zero[..], order, &vec![0xff; order.len()]] {
                assert!(!curve.is_possible_value(&[bad, &one].concat()), "{curve}: r");
                assert!(!curve.is_possible_value(&[&one, bad].concat()), "{curve}: s");
            }
            let value = one.repeat(2);
            assert!(!curve.is_possible_value(&value[1..]), "{curve}: shorter");
            assert!(!curve.is_possible_value(&[&[0], &value[..]].concat()), "{curve}: longer");
            assert!(!curve.is_possible_value(&[]), "{curve}: empty");
        }
    }

    #[test]
    fn a_digest_is_cut_on_the_right_and_filled_on_the_left() {
        let digest = Digest::of(DigestAlgorithm::Sha384, b"octets");
        let octets = digest.as_bytes();
        assert_eq!(*Curve::P256.number_of(&digest), octets[..32]);
        assert_eq!(*Curve::P384.number_of(&digest), *octets);
        assert_eq!(*Curve::P521.number_of(&digest), [&[0; 16], octets].concat());
    }
}
