//! A public key as it is encoded, looked at without computing with it: a hostile key costs nothing.
//!
//! Only one encoding of each key is read, so keys are equal exactly if their octets are.

use crate::{Curve, Error, KeyKind, der};

/// rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017 appendix A.1).
pub(crate) const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480 section 2.1.1).
pub(crate) const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// The parameters that RFC 3279 section 2.3.1 wants of RSA keys.
pub(crate) const NULL: &[u8] = &[0x05, 0x00];
/// The most bits of an RSA public exponent. Both backends draw the line here too: verifying takes a squaring for each.
const LONGEST_EXPONENT: usize = 33;

/// The numbers of a public key of an accepted kind and size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PublicNumbers<'a> {
    /// Modulus and exponent, without leading zeros, and the RSAPublicKey that they stand in.
    Rsa { modulus: &'a [u8], exponent: &'a [u8], key: &'a [u8] },
    /// The point in uncompressed form (SEC 1 section 2.3.3). Whether it is on the curve is not known.
    Ec { curve: Curve, point: &'a [u8] },
}

impl<'a> PublicNumbers<'a> {
    /// Reads a SubjectPublicKeyInfo (RFC 5280 section 4.1) in DER.
    pub(crate) fn of_spki(spki: &'a [u8]) -> Result<Self, Error> {
        let (algorithm, parameters, key) =
            taken_apart(spki).ok_or(Error::NotPublicKey { detail: "no SubjectPublicKeyInfo" })?;
        match algorithm {
            RSA_ENCRYPTION if parameters == NULL => Self::of_rsa(key),
            RSA_ENCRYPTION => {
                Err(Error::NotPublicKey { detail: "the parameters of an RSA key are not NULL" })
            }
            EC_PUBLIC_KEY => Self::of_point(named_curve(parameters)?, key),
            other => Err(Error::KeyAlgorithmNotAccepted { algorithm: dotted(other) }),
        }
    }

    /// Reads an RSAPublicKey (RFC 8017 appendix A.1.1) of 2048 to 8192 bits in DER.
    pub(crate) fn of_rsa(key: &'a [u8]) -> Result<Self, Error> {
        let numbers = || {
            let (modulus, rest) = der::read(der::INTEGER, der::whole(der::SEQUENCE, key)?)?;
            Some((der::magnitude(modulus)?, der::magnitude(der::whole(der::INTEGER, rest)?)?))
        };
        let (modulus, exponent) = numbers().ok_or(Error::NotPublicKey { detail: "no RSAPublicKey" })?;
        accept_rsa(modulus, exponent)?;
        Ok(Self::Rsa { modulus, exponent, key })
    }

    /// Reads a point (RFC 5480 section 2.2).
    pub(crate) fn of_point(curve: Curve, point: &'a [u8]) -> Result<Self, Error> {
        if point.first() == Some(&4) && point.len() == 1 + 2 * curve.order().len() {
            Ok(Self::Ec { curve, point })
        } else {
            Err(Error::NotPublicKey { detail: "not a point of the curve in uncompressed form" })
        }
    }

    pub(crate) const fn kind(&self) -> KeyKind {
        match self {
            Self::Rsa { modulus, .. } => KeyKind::Rsa { bits: bits(modulus) },
            Self::Ec { curve, .. } => KeyKind::Ec(*curve),
        }
    }
}

/// Refuses numbers that no RSA key of an accepted size has.
pub(crate) fn accept_rsa(modulus: &[u8], exponent: &[u8]) -> Result<KeyKind, Error> {
    let size = bits(modulus);
    if !(2048..=8192).contains(&size) {
        return Err(Error::KeySize { bits: size });
    }
    if !is_odd(modulus) {
        return Err(Error::NotPublicKey { detail: "the modulus is even" });
    }
    if !is_odd(exponent) || !(2..=LONGEST_EXPONENT).contains(&bits(exponent)) {
        return Err(Error::PublicExponent);
    }
    Ok(KeyKind::Rsa { bits: size })
}

/// The curve that the parameters of an elliptic curve key name (RFC 5480 section 2.1.1).
pub(crate) fn named_curve(parameters: &[u8]) -> Result<Curve, Error> {
    let known = [Curve::P256, Curve::P384, Curve::P521];
    let curve = known.into_iter().find(|curve| curve.parameters() == parameters);
    curve.ok_or_else(|| Error::KeyAlgorithmNotAccepted { algorithm: "EC on another curve".into() })
}

/// Algorithm, parameters and key of a SubjectPublicKeyInfo.
fn taken_apart(spki: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (identifier, key) = der::read(der::SEQUENCE, der::whole(der::SEQUENCE, spki)?)?;
    let (algorithm, parameters) = der::read(der::OBJECT_IDENTIFIER, identifier)?;
    let key = der::whole(der::BIT_STRING, key)?.strip_prefix(&[0])?;
    Some((algorithm, parameters, key))
}

/// The length of a number without leading zeros.
const fn bits(number: &[u8]) -> usize {
    match number {
        [first, ..] => number.len() * 8 - first.leading_zeros() as usize,
        [] => 0,
    }
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|last| last % 2 == 1)
}

/// An object identifier's octets in dotted form, as far as they can be read.
pub(crate) fn dotted(octets: &[u8]) -> String {
    let mut arcs = Vec::new();
    let mut arc: u64 = 0;
    for octet in octets.iter().take(32) {
        arc = arc.wrapping_shl(7) | u64::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    if let Some(first) = arcs.first().copied() {
        let root = (first / 40).min(2);
        arcs.splice(0..1, [root, first - root * 40]);
    }
    arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::written;

    #[test]
    fn an_object_identifier_reads_dotted() {
        assert_eq!(dotted(RSA_ENCRYPTION), "1.2.840.113549.1.1.1");
        assert_eq!(dotted(&[0x2b, 0x65, 0x70]), "1.3.101.112");
    }

    #[test]
    fn a_key_that_is_none_or_of_another_kind_is_refused() {
        let ed25519 = spki(&[0x06, 0x03, 0x2b, 0x65, 0x70], &[7; 32]);
        assert_eq!(PublicNumbers::of_spki(&ed25519), Err(not_accepted("1.3.101.112")));
        let secp256k1 = spki(&[&ec()[..], &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a]].concat(), &point(32));
        assert_eq!(PublicNumbers::of_spki(&secp256k1), Err(not_accepted("EC on another curve")));
        for octets in [b"".as_slice(), b"\x30", b"\x30\x84\xff\xff\xff\xff", &ed25519[..40]] {
            assert_eq!(PublicNumbers::of_spki(octets), Err(refused("no SubjectPublicKeyInfo")));
        }
    }

    #[test]
    fn the_modulus_counts_its_bits() {
        let kind = |octets: usize, first: u8| {
            let key = rsa_key(&[&[first][..], &vec![0x5b; octets - 1]].concat(), &[1, 0, 1]);
            PublicNumbers::of_rsa(&key).map(|numbers| numbers.kind())
        };
        for (octets, first, bits) in [(256, 0x80, 2048), (257, 0x01, 2049), (1024, 0xff, 8192)] {
            assert_eq!(kind(octets, first), Ok(KeyKind::Rsa { bits }));
        }
        for (octets, first, bits) in
            [(256, 0x7f, 2047), (128, 0xff, 1024), (1025, 0x01, 8193), (2048, 0xff, 16_384)]
        {
            assert_eq!(kind(octets, first), Err(Error::KeySize { bits }));
        }
    }

    #[test]
    fn numbers_that_no_rsa_key_has_are_refused() {
        let odd = [0x81; 256];
        let numbers = |modulus: &[u8], exponent: &[u8]| {
            PublicNumbers::of_rsa(&rsa_key(modulus, exponent)).map(|numbers| numbers.kind())
        };
        let even = [&odd[..255], &[0x82]].concat();
        assert_eq!(numbers(&even, &[3]), Err(refused("the modulus is even")));
        for accepted in [&[3][..], &[1, 0, 1], &[0xff; 4], &[1, 0, 0, 0, 1]] {
            assert_eq!(numbers(&odd, accepted), Ok(KeyKind::Rsa { bits: 2048 }), "{accepted:?}");
        }
        for exponent in [&[1][..], &[2], &[1, 0, 0], &[2, 0, 0, 0, 1], &[0x81; 256], &[0x81; 2048]] {
            assert_eq!(numbers(&odd, exponent), Err(Error::PublicExponent), "{} octets", exponent.len());
        }
    }

    #[test]
    fn an_encoding_with_anything_too_much_is_refused() {
        let modulus = [0x81; 256];
        let good = rsa_key(&modulus, &[3]);
        assert!(PublicNumbers::of_rsa(&good).is_ok());
        let padded = sequence(&[integer(&[&[0, 0][..], &modulus].concat()), integer(&[3])].concat());
        let negative = sequence(&[integer(&modulus), integer(&[3])].concat());
        let third =
            sequence(&[integer(&[&[0][..], &modulus].concat()), integer(&[3]), integer(&[3])].concat());
        let behind = [&good[..], &[0]].concat();
        let zero = sequence(&[integer(&[&[0][..], &modulus].concat()), integer(&[0])].concat());
        for key in [padded, negative, third, behind, zero, sequence(&[])] {
            assert_eq!(PublicNumbers::of_rsa(&key), Err(refused("no RSAPublicKey")));
        }
        let rsa = [&[0x06, 0x09][..], RSA_ENCRYPTION].concat();
        let numbers = PublicNumbers::of_rsa(&good).unwrap();
        assert_eq!(PublicNumbers::of_spki(&spki(&[&rsa[..], NULL].concat(), &good)), Ok(numbers));
        for parameters in [&[][..], &[0x05, 0x00, 0x00]] {
            let refusal = refused("the parameters of an RSA key are not NULL");
            let key = spki(&[&rsa[..], parameters].concat(), &good);
            assert_eq!(PublicNumbers::of_spki(&key), Err(refusal));
        }
    }

    #[test]
    fn a_point_has_the_one_form_and_length_of_its_curve() {
        for (curve, length) in [(Curve::P256, 32), (Curve::P384, 48), (Curve::P521, 66)] {
            let key = |point: &[u8]| spki(&[&ec()[..], curve.parameters()].concat(), point);
            let good = point(length);
            let numbers = PublicNumbers::Ec { curve, point: &good };
            assert_eq!(PublicNumbers::of_spki(&key(&good)), Ok(numbers));
            assert_eq!(numbers.kind(), KeyKind::Ec(curve));
            let compressed = [&[2][..], &good[1..=length]].concat();
            let hybrid = [&[6][..], &good[1..]].concat();
            for bad in [&compressed, &hybrid, &good[1..], &[&good[..], &[0]].concat(), &[0], &[]] {
                let refusal = refused("not a point of the curve in uncompressed form");
                assert_eq!(PublicNumbers::of_spki(&key(bad)), Err(refusal));
            }
        }
    }

    fn not_accepted(algorithm: &str) -> Error {
        Error::KeyAlgorithmNotAccepted { algorithm: algorithm.into() }
    }

    fn refused(detail: &'static str) -> Error {
        Error::NotPublicKey { detail }
    }

    fn ec() -> Vec<u8> {
        [&[0x06, 0x07][..], EC_PUBLIC_KEY].concat()
    }

    fn point(length: usize) -> Vec<u8> {
        [&[4][..], &vec![7; 2 * length]].concat()
    }

    fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
        let positive =
            |number: &[u8]| if number[0] < 0x80 { number.to_vec() } else { [&[0], number].concat() };
        sequence(&[integer(&positive(modulus)), integer(&positive(exponent))].concat())
    }

    fn spki(identifier: &[u8], key: &[u8]) -> Vec<u8> {
        sequence(&[sequence(identifier), written(der::BIT_STRING, &[&[0], key].concat())].concat())
    }

    fn integer(contents: &[u8]) -> Vec<u8> {
        written(der::INTEGER, contents)
    }

    fn sequence(contents: &[u8]) -> Vec<u8> {
        written(der::SEQUENCE, contents)
    }
}
