//! A private key as it is encoded, looked at without computing with it.

use crate::public_key_info::{EC_PUBLIC_KEY, NULL, RSA_ENCRYPTION, accept_rsa, dotted, named_curve};
use crate::{Curve, Error, KeyKind, der};

/// A private key of a kind and size with which messages are signed, in the encoding of its kind.
#[derive(Clone, Copy)]
pub(crate) enum PrivateKeyInfo<'a> {
    /// An RSAPrivateKey of two primes (RFC 8017 appendix A.1.2).
    Rsa(&'a [u8]),
    /// An ECPrivateKey on P-256 (RFC 5915 section 3).
    EcP256(&'a [u8]),
}

impl<'a> PrivateKeyInfo<'a> {
    /// Reads PKCS#8 (RFC 5958), whose attributes are passed over, or what stands in it alone: PKCS#1 or SEC 1.
    pub(crate) fn read(input: &'a [u8]) -> Result<Self, Error> {
        let fields = der::whole(der::SEQUENCE, input).and_then(|fields| der::read(der::INTEGER, fields));
        let second = fields.and_then(|(_, rest)| der::next(rest));
        match second.ok_or_else(|| refused("neither PKCS#8, PKCS#1 nor SEC 1"))? {
            (der::INTEGER, ..) => Self::of_rsa(input),
            (der::OCTET_STRING, ..) => Self::of_ec(input, None),
            (der::SEQUENCE, identifier, key) => Self::of_pkcs8(identifier, key),
            _ => Err(refused("neither PKCS#8, PKCS#1 nor SEC 1")),
        }
    }

    fn of_pkcs8(identifier: &'a [u8], key: &'a [u8]) -> Result<Self, Error> {
        let algorithm = der::read(der::OBJECT_IDENTIFIER, identifier);
        let parts = algorithm.and_then(|algorithm| Some((algorithm, der::read(der::OCTET_STRING, key)?.0)));
        let ((algorithm, parameters), key) = parts.ok_or_else(|| refused("no PKCS#8"))?;
        match algorithm {
            RSA_ENCRYPTION if parameters == NULL => Self::of_rsa(key),
            RSA_ENCRYPTION => Err(refused("the parameters of an RSA key are not NULL")),
            EC_PUBLIC_KEY => Self::of_ec(key, Some(parameters)),
            other => Err(Error::KeyAlgorithmNotAccepted { algorithm: dotted(other) }),
        }
    }

    fn of_rsa(key: &'a [u8]) -> Result<Self, Error> {
        let numbers = || {
            let (version, rest) = der::read(der::INTEGER, der::whole(der::SEQUENCE, key)?)?;
            let (modulus, rest) = der::read(der::INTEGER, rest)?;
            let (exponent, _) = der::read(der::INTEGER, rest)?;
            (version == [0]).then_some((der::magnitude(modulus)?, der::magnitude(exponent)?))
        };
        let (modulus, exponent) = numbers().ok_or_else(|| refused("no RSAPrivateKey of two primes"))?;
        accept_rsa(modulus, exponent)?.for_messages()?;
        Ok(Self::Rsa(key))
    }

    /// The curve is named around the key, in it, or in both places alike.
    fn of_ec(key: &'a [u8], outer: Option<&[u8]>) -> Result<Self, Error> {
        let inner = || {
            let (version, rest) = der::read(der::INTEGER, der::whole(der::SEQUENCE, key)?)?;
            let (_, rest) = der::read(der::OCTET_STRING, rest)?;
            (version == [1]).then_some(der::read(der::EXPLICIT_0, rest).map(|(parameters, _)| parameters))
        };
        let inner = inner().ok_or_else(|| refused("no ECPrivateKey"))?;
        let parameters = outer.or(inner).ok_or_else(|| refused("it names no curve"))?;
        if inner.is_some_and(|inner| inner != parameters) {
            return Err(refused("it names two curves"));
        }
        KeyKind::Ec(named_curve(parameters)?).for_messages()?;
        Ok(Self::EcP256(key))
    }

    /// The SubjectPublicKeyInfo in DER. An RSA key holds its public half, and an elliptic curve key may.
    ///
    /// Whether the halves belong together is not known.
    pub(crate) fn spki(self) -> Result<Vec<u8>, Error> {
        let public = match self {
            Self::Rsa(key) => {
                rsa_public_key(key).map(|public| ([&oid(RSA_ENCRYPTION), NULL].concat(), public))
            }
            Self::EcP256(key) => {
                ec_point(key).map(|point| ([&oid(EC_PUBLIC_KEY), Curve::P256.parameters()].concat(), point))
            }
        };
        let (algorithm, key) = public.ok_or_else(|| refused("it does not hold its public key"))?;
        let key = der::written(der::BIT_STRING, &[&[0], &key[..]].concat());
        Ok(der::written(der::SEQUENCE, &[der::written(der::SEQUENCE, &algorithm), key].concat()))
    }
}

fn oid(contents: &[u8]) -> Vec<u8> {
    der::written(der::OBJECT_IDENTIFIER, contents)
}

/// The RSAPublicKey of an RSAPrivateKey.
fn rsa_public_key(key: &[u8]) -> Option<Vec<u8>> {
    let (_, rest) = der::read(der::INTEGER, der::whole(der::SEQUENCE, key)?)?;
    let (modulus, rest) = der::read(der::INTEGER, rest)?;
    let (exponent, _) = der::read(der::INTEGER, rest)?;
    let numbers = [modulus, exponent].map(|number| der::written(der::INTEGER, number));
    Some(der::written(der::SEQUENCE, &numbers.concat()))
}

/// The point of an ECPrivateKey, if it is there.
fn ec_point(key: &[u8]) -> Option<Vec<u8>> {
    let (_, rest) = der::read(der::INTEGER, der::whole(der::SEQUENCE, key)?)?;
    let (_, rest) = der::read(der::OCTET_STRING, rest)?;
    let rest = der::read(der::EXPLICIT_0, rest).map_or(rest, |(_, rest)| rest);
    let (point, _) = der::read(der::EXPLICIT_1, rest)?;
    der::whole(der::BIT_STRING, point)?.strip_prefix(&[0]).map(<[u8]>::to_vec)
}

fn refused(detail: &str) -> Error {
    Error::NotPrivateKey { detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::written;

    const SECP256K1: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a];

    #[test]
    fn an_rsa_key_is_found_alone_and_in_pkcs8() {
        let key = rsa(2048, 0, 3);
        for (input, alone) in [(key.clone(), true), (pkcs8(&rsa_algorithm(NULL), &key), false)] {
            let Ok(PrivateKeyInfo::Rsa(found)) = PrivateKeyInfo::read(&input) else { panic!("{alone}") };
            assert_eq!(found, key);
        }
    }

    #[test]
    fn an_rsa_key_that_cannot_sign_messages_is_refused_before_arithmetic() {
        for bits in [1024, 2040, 4104, 8192, 16_384] {
            assert_eq!(refusal(&rsa(bits, 0, 3)), Error::KeySize { bits });
        }
        assert_eq!(refusal(&rsa(2048, 0, 4)), Error::PublicExponent);
        assert_eq!(refusal(&rsa(2048, 1, 3)), refused("no RSAPrivateKey of two primes"));
        assert_eq!(
            refusal(&pkcs8(&rsa_algorithm(&[]), &rsa(2048, 0, 3))),
            refused("the parameters of an RSA key are not NULL")
        );
    }

    #[test]
    fn a_key_on_p_256_is_found_alone_and_in_pkcs8() {
        let p256 = Curve::P256.parameters();
        let (bare, named) = (ec(1, &[]), ec(1, p256));
        for (input, key) in [
            (named.clone(), &named),
            (pkcs8(&ec_algorithm(p256), &bare), &bare),
            (pkcs8(&ec_algorithm(p256), &named), &named),
        ] {
            let Ok(PrivateKeyInfo::EcP256(found)) = PrivateKeyInfo::read(&input) else { panic!("{input:?}") };
            assert_eq!(found, key);
        }
    }

    #[test]
    fn a_key_on_another_curve_or_on_two_is_refused() {
        let (p256, p384) = (Curve::P256.parameters(), Curve::P384.parameters());
        let not_accepted = |algorithm: &str| Error::KeyAlgorithmNotAccepted { algorithm: algorithm.into() };
        assert_eq!(refusal(&ec(1, p384)), not_accepted("P-384"));
        assert_eq!(refusal(&ec(1, SECP256K1)), not_accepted("EC on another curve"));
        assert_eq!(refusal(&pkcs8(&ec_algorithm(p384), &ec(1, &[]))), not_accepted("P-384"));
        assert_eq!(refusal(&ec(1, &[])), refused("it names no curve"));
        let two = refused("it names two curves");
        for (outer, inner) in [(p256, p384), (p384, p256), (p256, SECP256K1)] {
            assert_eq!(refusal(&pkcs8(&ec_algorithm(outer), &ec(1, inner))), two);
        }
        assert_eq!(refusal(&ec(2, p256)), refused("no ECPrivateKey"));
    }

    #[test]
    fn what_is_no_private_key_or_one_of_another_kind_is_refused() {
        let ed25519 = pkcs8(&[0x06, 0x03, 0x2b, 0x65, 0x70], &[4, 32]);
        assert_eq!(refusal(&ed25519), Error::KeyAlgorithmNotAccepted { algorithm: "1.3.101.112".into() });
        let key = rsa(2048, 0, 3);
        let behind = [&key[..], &[0]].concat();
        for input in [&[][..], &[0x30, 0], &key[..200], &behind, b"not DER", &[0x30, 5, 2, 1, 0, 5, 0]] {
            assert_eq!(refusal(input), refused("neither PKCS#8, PKCS#1 nor SEC 1"));
        }
        let no_key = written(der::SEQUENCE, &[&[2, 1, 0][..], &written(der::SEQUENCE, &[])].concat());
        assert_eq!(refusal(&no_key), refused("no PKCS#8"));
    }

    #[test]
    fn a_key_without_its_public_half_gives_none() {
        let bare = pkcs8(&ec_algorithm(Curve::P256.parameters()), &ec(1, &[]));
        let public = PrivateKeyInfo::read(&bare).and_then(PrivateKeyInfo::spki);
        assert_eq!(public, Err(refused("it does not hold its public key")));
    }

    fn refusal(input: &[u8]) -> Error {
        PrivateKeyInfo::read(input).err().unwrap()
    }

    /// The beginning of an RSAPrivateKey, as far as it is looked at.
    fn rsa(bits: usize, version: u8, exponent: u8) -> Vec<u8> {
        let modulus = written(der::INTEGER, &[&[0][..], &vec![0x81; bits / 8]].concat());
        written(der::SEQUENCE, &[&[2, 1, version][..], &modulus, &[2, 1, exponent]].concat())
    }

    fn ec(version: u8, parameters: &[u8]) -> Vec<u8> {
        let parameters = if parameters.is_empty() { vec![] } else { written(der::EXPLICIT_0, parameters) };
        written(der::SEQUENCE, &[&[2, 1, version, 4, 32][..], &[7; 32], &parameters].concat())
    }

    fn rsa_algorithm(parameters: &[u8]) -> Vec<u8> {
        [&written(der::OBJECT_IDENTIFIER, RSA_ENCRYPTION)[..], parameters].concat()
    }

    fn ec_algorithm(parameters: &[u8]) -> Vec<u8> {
        [&written(der::OBJECT_IDENTIFIER, EC_PUBLIC_KEY)[..], parameters].concat()
    }

    fn pkcs8(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
        let fields = [&[2, 1, 0][..], &written(der::SEQUENCE, algorithm), &written(der::OCTET_STRING, key)];
        written(der::SEQUENCE, &fields.concat())
    }
}
