use crate::{Curve, KeyKind, der};
use std::fmt;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

/// rsaEncryption (RFC 8017 appendix A.1).
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// id-ecPublicKey (RFC 5480 section 2.1.1), and its named curves (section 2.1.1.1).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const SECP521R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// What kind of key a certificate states, whether such a key is accepted or not.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyDescription {
    /// RSA of any size, or a curve that we know.
    Known(KeyKind),
    /// Anything else.
    Other {
        /// The object identifier of the algorithm or curve.
        algorithm: String,
    },
}

impl KeyDescription {
    pub(crate) fn of(info: &SubjectPublicKeyInfoOwned) -> Self {
        let algorithm = &info.algorithm;
        match algorithm.oid {
            RSA_ENCRYPTION => {
                let bits = info.subject_public_key.as_bytes().and_then(modulus_bits).unwrap_or_default();
                Self::Known(KeyKind::Rsa { bits })
            }
            EC_PUBLIC_KEY => match algorithm.parameters.as_ref().and_then(|curve| curve.decode_as().ok()) {
                Some(SECP256R1) => Self::Known(KeyKind::Ec(Curve::P256)),
                Some(SECP384R1) => Self::Known(KeyKind::Ec(Curve::P384)),
                Some(SECP521R1) => Self::Known(KeyKind::Ec(Curve::P521)),
                curve => Self::Other { algorithm: curve.unwrap_or(EC_PUBLIC_KEY).to_string() },
            },
            other => Self::Other { algorithm: other.to_string() },
        }
    }
}

impl fmt::Display for KeyDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(KeyKind::Rsa { bits }) => write!(f, "RSA {bits}"),
            Self::Known(KeyKind::Ec(curve)) => write!(f, "EC {curve}"),
            Self::Other { algorithm } => f.write_str(algorithm),
        }
    }
}

/// The length of the modulus of an RSAPublicKey (RFC 8017 appendix A.1.1).
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let (numbers, _) = der::read(der::SEQUENCE, key)?;
    let (modulus, _) = der::read(der::INTEGER, numbers)?;
    let start = modulus.iter().position(|octet| *octet != 0)?;
    Some((modulus.len() - start) * 8 - modulus[start].leading_zeros() as usize)
}
