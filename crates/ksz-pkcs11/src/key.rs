use crate::Error;
use crate::pool::Pool;
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use ksz_pki::{
    Curve, Digest, DigestAlgorithm, DigestSigner, Error as PkiError, KeyAlgorithm, SignatureAlgorithm,
};
use std::fmt;
use std::sync::Arc;

/// What stands before a digest in the encoded block of PKCS#1 v1.5: the beginning of a DigestInfo (RFC 8017 section 9.2
/// note 1), whose lengths and last arc tell the hash functions apart.
const fn digest_info(algorithm: DigestAlgorithm) -> [u8; 19] {
    let (arc, length) = match algorithm {
        DigestAlgorithm::Sha256 => (1, 32),
        DigestAlgorithm::Sha384 => (2, 48),
        DigestAlgorithm::Sha512 => (3, 64),
    };
    let all = 17 + length;
    [0x30, all, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, arc, 5, 0, 4, length]
}
/// The named curve secp256r1 (RFC 5480 section 2.1.1.1), as CKA_EC_PARAMS holds it.
const P256_PARAMETERS: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// By what a private key of a token is found.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyName {
    /// Its label (CKA_LABEL). The Belgian identity card calls the key that authenticates `Authentication`.
    Label(String),
    /// Its identifier (CKA_ID).
    Id(Vec<u8>),
}

impl KeyName {
    fn attribute(&self) -> Attribute {
        match self {
            Self::Label(label) => Attribute::Label(label.as_bytes().to_vec()),
            Self::Id(id) => Attribute::Id(id.clone()),
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => write!(f, "{label:?}"),
            Self::Id(id) => {
                f.write_str("with the identifier ")?;
                id.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
            }
        }
    }
}

/// A private key in a token.
pub(crate) struct TokenKey {
    pool: Arc<Pool>,
    object: ObjectHandle,
    algorithm: KeyAlgorithm,
    /// How long its signatures are.
    signature_length: usize,
}

/// Looks for a key that may sign.
pub(crate) fn find(pool: &Arc<Pool>, name: &KeyName) -> Result<TokenKey, Error> {
    pool.with_session(|session| {
        let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), name.attribute()];
        let key = || name.to_string();
        let object = match session.find_objects(&wanted)?.as_slice() {
            [] => return Err(Error::NoSuchKey { key: key() }),
            [object] => *object,
            several => return Err(Error::SeveralKeys { key: key(), found: several.len() }),
        };
        let properties = Properties::read(session, object)?;
        if properties.may_sign == Some(false) {
            return Err(Error::KeyMayNotSign { key: key() });
        }
        if properties.pin_for_each == Some(true) {
            return Err(Error::PinForEachSignature { key: key() });
        }
        let (algorithm, signature_length) = properties.accepted()?;
        Ok(TokenKey { pool: Arc::clone(pool), object, algorithm, signature_length })
    })
}

/// What a token tells of a private key.
#[derive(Default)]
struct Properties {
    kind: Option<KeyType>,
    modulus: Vec<u8>,
    curve: Vec<u8>,
    may_sign: Option<bool>,
    pin_for_each: Option<bool>,
}

impl Properties {
    fn read(session: &Session, key: ObjectHandle) -> Result<Self, Error> {
        let wanted = [
            AttributeType::KeyType,
            AttributeType::Modulus,
            AttributeType::EcParams,
            AttributeType::Sign,
            AttributeType::AlwaysAuthenticate,
        ];
        let mut properties = Self::default();
        for attribute in session.get_attributes(key, &wanted)? {
            match attribute {
                Attribute::KeyType(kind) => properties.kind = Some(kind),
                Attribute::Modulus(modulus) => properties.modulus = modulus,
                Attribute::EcParams(curve) => properties.curve = curve,
                Attribute::Sign(may_sign) => properties.may_sign = Some(may_sign),
                Attribute::AlwaysAuthenticate(each) => properties.pin_for_each = Some(each),
                _ => {}
            }
        }
        Ok(properties)
    }

    /// The kind of key and the length of its signatures, if it is accepted.
    fn accepted(&self) -> Result<(KeyAlgorithm, usize), PkiError> {
        let refuse =
            |algorithm: &str| Err(PkiError::KeyAlgorithmNotAccepted { algorithm: algorithm.to_owned() });
        match self.kind {
            Some(KeyType::RSA) => {
                let start = self.modulus.iter().take_while(|octet| **octet == 0).count();
                let modulus = &self.modulus[start..];
                let bits =
                    modulus.first().map_or(0, |first| modulus.len() * 8 - first.leading_zeros() as usize);
                match bits {
                    2048..=4096 => Ok((KeyAlgorithm::Rsa, modulus.len())),
                    _ => Err(PkiError::KeySize { bits }),
                }
            }
            Some(KeyType::EC) if self.curve == P256_PARAMETERS => Ok((KeyAlgorithm::EcdsaP256, 64)),
            Some(KeyType::EC) => refuse("EC on another curve"),
            Some(other) => refuse(&other.to_string()),
            None => refuse("of a kind that the token does not tell"),
        }
    }
}

impl DigestSigner for TokenKey {
    fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    fn sign_digest(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, PkiError> {
        let refuse = |detail: String| PkiError::SigningFailed { detail };
        let octets = digest.as_bytes();
        let (mechanism, data) = match (algorithm, self.algorithm) {
            (
                SignatureAlgorithm::RsaPkcs1Sha256
                | SignatureAlgorithm::RsaPkcs1Sha384
                | SignatureAlgorithm::RsaPkcs1Sha512,
                KeyAlgorithm::Rsa,
            ) => (Mechanism::RsaPkcs, [&digest_info(digest.algorithm())[..], octets].concat()),
            (SignatureAlgorithm::RsaPssSha256, KeyAlgorithm::Rsa) => {
                let parameters = PkcsPssParams {
                    hash_alg: MechanismType::SHA256,
                    mgf: PkcsMgfType::MGF1_SHA256,
                    s_len: 32.into(),
                };
                (Mechanism::RsaPkcsPss(parameters), octets.to_vec())
            }
            (
                SignatureAlgorithm::EcdsaSha256
                | SignatureAlgorithm::EcdsaSha384
                | SignatureAlgorithm::EcdsaSha512,
                KeyAlgorithm::EcdsaP256,
            ) => (Mechanism::Ecdsa, Curve::P256.number_of(digest).into_owned()),
            _ => return Err(refuse("the signature algorithm is for another kind of key".into())),
        };
        let signed = self.pool.with_session(|session| Ok(session.sign(&mechanism, self.object, &data)?));
        let value = signed.map_err(|error| refuse(error.to_string()))?;
        if value.len() != self.signature_length {
            let (found, length) = (value.len(), self.signature_length);
            return Err(refuse(format!("the token gave {found} octets instead of {length}")));
        }
        Ok(value)
    }
}
