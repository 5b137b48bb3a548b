//! Password-based encryption: PBES2 (RFC 8018 section 6.2), and two of the schemes of PKCS#12 (RFC 7292
//! appendix C).
//!
//! A file says how much work its key derivation is. The work is held against a [`Cost`] before any of it is
//! done.

mod cost;
mod pkcs12_derivation;

pub(crate) use cost::{Cost, ScryptParameters};
#[cfg(feature = "p12")]
pub(crate) use pkcs12_derivation::MAC_KEY;
pub(crate) use pkcs12_derivation::derive;

use crate::ber::{INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE, Value};
use crate::{Error, Password, public_key_info::dotted};
use cbc::cipher::{BlockCipher, BlockDecryptMut, KeyInit, KeyIvInit, block_padding::Pkcs7};
use pbkdf2::pbkdf2_hmac;
use pkcs12_derivation::{ENCRYPTION_KEY, INITIALIZATION_VECTOR};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// PBES2, 1.2.840.113549.1.5.13.
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
/// PBKDF2, 1.2.840.113549.1.5.12.
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
/// scrypt, 1.3.6.1.4.1.11591.4.11 (RFC 7914 section 7).
const SCRYPT: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];
/// What the schemes of PKCS#12 have in common, 1.2.840.113549.1.12.1.
const PKCS12_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];
/// What the pseudo-random functions of PBKDF2 have in common, 1.2.840.113549.2 (RFC 8018 appendix B.1).
const HMAC_WITH: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02];
/// What the modes of AES have in common, 2.16.840.1.101.3.4.1.
const AES: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01];
/// Triple DES with three keys in CBC mode, 1.2.840.113549.3.7.
const DES_EDE3_CBC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07];

/// The longest key and the longest initialization vector.
const LONGEST_KEY: usize = 32;
const LONGEST_VECTOR: usize = 16;

/// A password in the two forms in which it is hashed.
pub(crate) struct PasswordForms<'p> {
    text: &'p str,
    /// A BMPString with its end mark (RFC 7292 appendix B.1).
    bmp: Zeroizing<Vec<u8>>,
}

impl<'p> PasswordForms<'p> {
    pub(crate) fn of(password: &'p Password) -> Self {
        let text = password.reveal();
        let mut bmp = Zeroizing::new(Vec::with_capacity(2 * text.len() + 2));
        for unit in text.encode_utf16().chain([0]) {
            bmp.extend_from_slice(&unit.to_be_bytes());
        }
        Self { text, bmp }
    }

    /// The empty password as some programs take it: without even the end mark.
    #[cfg(feature = "p12")]
    pub(crate) fn nothing() -> Self {
        Self { text: "", bmp: Zeroizing::new(Vec::new()) }
    }

    #[cfg(feature = "p12")]
    pub(crate) const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    #[cfg(feature = "p12")]
    pub(crate) fn bmp(&self) -> &[u8] {
        &self.bmp
    }
}

/// How octets were encrypted under a password: an AlgorithmIdentifier with its parameters.
pub(crate) struct Scheme<'a> {
    derivation: Derivation<'a>,
    cipher: Cipher,
    /// Where the vector is not derived too.
    vector: Option<Cow<'a, [u8]>>,
}

enum Derivation<'a> {
    Pbkdf2 { function: Function, salt: Cow<'a, [u8]>, iterations: u32 },
    Scrypt { parameters: ScryptParameters, salt: Cow<'a, [u8]> },
    Pkcs12 { salt: Cow<'a, [u8]>, iterations: u32 },
}

#[derive(Clone, Copy)]
enum Function {
    HmacSha1,
    HmacSha224,
    HmacSha256,
    HmacSha384,
    HmacSha512,
}

#[derive(Clone, Copy)]
enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
    Rc2With40Bits,
}

impl<'a> Scheme<'a> {
    /// Reads an AlgorithmIdentifier.
    pub(crate) fn read(identifier: Value<'a>) -> Result<Self, Error> {
        let mut fields = identifier.values();
        let algorithm = object_identifier(&mut fields)?;
        match algorithm {
            PBES2 => Self::pbes2(fields),
            [family @ .., 3] if family == PKCS12_PBE => Self::pkcs12(fields, Cipher::TripleDes),
            [family @ .., 6] if family == PKCS12_PBE => Self::pkcs12(fields, Cipher::Rc2With40Bits),
            [family @ .., 5] if family == PKCS12_PBE => Err(not_accepted("RC2-128")),
            [family @ .., 1 | 2] if family == PKCS12_PBE => Err(not_accepted("RC4")),
            other => Err(not_accepted(&dotted(other))),
        }
    }

    /// PBES2-params (RFC 8018 appendix A.4).
    fn pbes2(fields: Reader<'a>) -> Result<Self, Error> {
        let malformed = || malformed("PBES2-params");
        let mut parameters = fields.only(SEQUENCE).ok_or_else(malformed)?.values();
        let derivation = parameters.expect(SEQUENCE).ok_or_else(malformed)?;
        let encryption = parameters.only(SEQUENCE).ok_or_else(malformed)?;
        let (cipher, vector) = Cipher::read(encryption.values())?;
        let derivation = Derivation::read(derivation.values(), cipher.key_length())?;
        Ok(Self { derivation, cipher, vector: Some(vector) })
    }

    /// pkcs-12PbeParams (RFC 7292 appendix C).
    fn pkcs12(fields: Reader<'a>, cipher: Cipher) -> Result<Self, Error> {
        let mut parameters = fields.only(SEQUENCE).ok_or_else(|| malformed("pkcs-12PbeParams"))?.values();
        let (salt, iterations) = salt_and_iterations(&mut parameters)?;
        Ok(Self { derivation: Derivation::Pkcs12 { salt, iterations }, cipher, vector: None })
    }

    /// The octets in clear.
    ///
    /// A password that is not the right one gives nothing, or, once in 256 times, octets without meaning.
    pub(crate) fn decrypt(
        &self,
        password: &PasswordForms<'_>,
        encrypted: &[u8],
        cost: &mut Cost,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let mut key = Zeroizing::new([0; LONGEST_KEY]);
        let mut derived_vector = Zeroizing::new([0; LONGEST_VECTOR]);
        let key = &mut key[..self.cipher.key_length()];
        let block = &mut derived_vector[..self.cipher.block_length()];
        self.derivation.key(password, key, block, cost)?;
        let vector = self.vector.as_deref().unwrap_or(block);
        let mut octets = Zeroizing::new(encrypted.to_vec());
        Ok(self.cipher.decrypt(key, vector, &mut octets).map(|length| {
            octets.truncate(length);
            octets
        }))
    }
}

impl<'a> Derivation<'a> {
    /// The keyDerivationFunc of PBES2-params, for a key of this length.
    fn read(mut fields: Reader<'a>, key_length: usize) -> Result<Self, Error> {
        let algorithm = object_identifier(&mut fields)?;
        let parameters = fields.only(SEQUENCE).ok_or_else(|| malformed("keyDerivationFunc"))?.values();
        match algorithm {
            PBKDF2 => Self::pbkdf2(parameters, key_length),
            SCRYPT => Self::scrypt(parameters, key_length),
            other => Err(not_accepted(&dotted(other))),
        }
    }

    /// PBKDF2-params (RFC 8018 appendix A.2).
    fn pbkdf2(mut fields: Reader<'a>, key_length: usize) -> Result<Self, Error> {
        let (salt, iterations) = salt_and_iterations(&mut fields)?;
        require_length(&mut fields, key_length)?;
        let function = match fields.optional(SEQUENCE) {
            Some(identifier) => Function::read(identifier.values())?,
            None => Function::HmacSha1,
        };
        if !fields.is_empty() {
            return Err(malformed("PBKDF2-params"));
        }
        Ok(Self::Pbkdf2 { function, salt, iterations })
    }

    /// scrypt-params (RFC 7914 section 7.1).
    fn scrypt(mut fields: Reader<'a>, key_length: usize) -> Result<Self, Error> {
        let malformed = || malformed("scrypt-params");
        let salt = fields.octets().ok_or_else(malformed)?;
        let mut number = || fields.expect(INTEGER).and_then(Value::unsigned).ok_or_else(malformed);
        let (cost, block_size, parallelization) = (number()?, number()?, number()?);
        require_length(&mut fields, key_length)?;
        if !cost.is_power_of_two() || block_size == 0 || parallelization == 0 || !fields.is_empty() {
            return Err(malformed());
        }
        let parameters = ScryptParameters { log_cost: cost.ilog2(), block_size, parallelization };
        Ok(Self::Scrypt { parameters, salt })
    }

    /// Fills `key`, and in the schemes of PKCS#12 `vector` too.
    fn key(
        &self,
        password: &PasswordForms<'_>,
        key: &mut [u8],
        vector: &mut [u8],
        cost: &mut Cost,
    ) -> Result<(), Error> {
        let text = password.text.as_bytes();
        match self {
            Self::Pbkdf2 { function, salt, iterations } => {
                cost.take_iterations(*iterations, key.len().div_ceil(function.output_length()))?;
                let derive = match function {
                    Function::HmacSha1 => pbkdf2_hmac::<Sha1>,
                    Function::HmacSha224 => pbkdf2_hmac::<Sha224>,
                    Function::HmacSha256 => pbkdf2_hmac::<Sha256>,
                    Function::HmacSha384 => pbkdf2_hmac::<Sha384>,
                    Function::HmacSha512 => pbkdf2_hmac::<Sha512>,
                };
                derive(text, salt, *iterations, key);
            }
            Self::Scrypt { parameters, salt } => {
                let parameters = cost.take_scrypt(parameters)?;
                scrypt::scrypt(text, salt, &parameters, key).map_err(|_| malformed("scrypt-params"))?;
            }
            Self::Pkcs12 { salt, iterations } => {
                cost.take_iterations(*iterations, key.len().div_ceil(SHA1_LENGTH) + 1)?;
                derive::<Sha1>(&password.bmp, salt, ENCRYPTION_KEY, *iterations, key);
                derive::<Sha1>(&password.bmp, salt, INITIALIZATION_VECTOR, *iterations, vector);
            }
        }
        Ok(())
    }
}

const SHA1_LENGTH: usize = 20;

impl Function {
    fn read(mut fields: Reader<'_>) -> Result<Self, Error> {
        match object_identifier(&mut fields)? {
            [family @ .., 7] if family == HMAC_WITH => Ok(Self::HmacSha1),
            [family @ .., 8] if family == HMAC_WITH => Ok(Self::HmacSha224),
            [family @ .., 9] if family == HMAC_WITH => Ok(Self::HmacSha256),
            [family @ .., 10] if family == HMAC_WITH => Ok(Self::HmacSha384),
            [family @ .., 11] if family == HMAC_WITH => Ok(Self::HmacSha512),
            other => Err(not_accepted(&dotted(other))),
        }
    }

    const fn output_length(self) -> usize {
        match self {
            Self::HmacSha1 => SHA1_LENGTH,
            Self::HmacSha224 => 28,
            Self::HmacSha256 => 32,
            Self::HmacSha384 => 48,
            Self::HmacSha512 => 64,
        }
    }
}

impl Cipher {
    /// The encryptionScheme of PBES2-params, with its initialization vector.
    fn read(mut fields: Reader<'_>) -> Result<(Self, Cow<'_, [u8]>), Error> {
        let cipher = match object_identifier(&mut fields)? {
            [family @ .., 2] if family == AES => Self::Aes128,
            [family @ .., 22] if family == AES => Self::Aes192,
            [family @ .., 42] if family == AES => Self::Aes256,
            DES_EDE3_CBC => Self::TripleDes,
            other => return Err(not_accepted(&dotted(other))),
        };
        let vector = fields.only_octets();
        match vector.filter(|vector| vector.len() == cipher.block_length()) {
            Some(vector) => Ok((cipher, vector)),
            None => Err(malformed("initialization vector")),
        }
    }

    const fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
            Self::Rc2With40Bits => 5,
        }
    }

    const fn block_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::TripleDes | Self::Rc2With40Bits => 8,
        }
    }

    /// Decrypts in place, and tells how many octets are in clear then.
    fn decrypt(self, key: &[u8], vector: &[u8], octets: &mut [u8]) -> Option<usize> {
        match self {
            Self::Aes128 => in_cbc_mode::<aes::Aes128>(key, vector, octets),
            Self::Aes192 => in_cbc_mode::<aes::Aes192>(key, vector, octets),
            Self::Aes256 => in_cbc_mode::<aes::Aes256>(key, vector, octets),
            Self::TripleDes => in_cbc_mode::<des::TdesEde3>(key, vector, octets),
            Self::Rc2With40Bits => in_cbc_mode::<rc2::Rc2>(key, vector, octets),
        }
    }
}

fn in_cbc_mode<C: BlockCipher + BlockDecryptMut + KeyInit>(
    key: &[u8],
    vector: &[u8],
    octets: &mut [u8],
) -> Option<usize> {
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, vector).ok()?;
    cipher.decrypt_padded_mut::<Pkcs7>(octets).ok().map(<[u8]>::len)
}

fn object_identifier<'a>(fields: &mut Reader<'a>) -> Result<&'a [u8], Error> {
    let identifier = fields.expect(OBJECT_IDENTIFIER).ok_or_else(|| malformed("AlgorithmIdentifier"))?;
    Ok(identifier.contents)
}

/// The salt and the count with which the parameters of PBKDF2 and of the schemes of PKCS#12 begin.
fn salt_and_iterations<'a>(fields: &mut Reader<'a>) -> Result<(Cow<'a, [u8]>, u32), Error> {
    let salt = fields.octets().ok_or_else(|| malformed("salt"))?;
    let count = fields.expect(INTEGER).and_then(Value::unsigned).filter(|count| *count > 0);
    let count = count.ok_or_else(|| malformed("iteration count"))?;
    Ok((salt, Cost::accept_iterations(count)?))
}

/// The length of the key, which the cipher gives, and may be stated once more.
fn require_length(fields: &mut Reader<'_>, key_length: usize) -> Result<(), Error> {
    match fields.optional(INTEGER).map(Value::unsigned) {
        Some(stated) if stated != u64::try_from(key_length).ok() => Err(malformed("keyLength")),
        _ => Ok(()),
    }
}

fn not_accepted(algorithm: &str) -> Error {
    Error::EncryptionNotAccepted { algorithm: algorithm.to_owned() }
}

const fn malformed(part: &'static str) -> Error {
    Error::EncryptionMalformed { part }
}
