use crate::ber::{INTEGER, OBJECT_IDENTIFIER, SEQUENCE, Value};
use crate::encryption::{Cost, MAC_KEY, PasswordForms, derive};
use crate::{Error, public_key_info::dotted};
use hmac::{Mac as _, SimpleHmac};
use sha1::Sha1;
use sha2::digest::core_api::BlockSizeUser;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// sha1, 1.3.14.3.2.26 (RFC 3279 section 2.1).
const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
/// What the hashes of the SHA-2 family have in common, 2.16.840.1.101.3.4.2.
const SHA2: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
/// PBMAC1, 1.2.840.113549.1.5.14 (RFC 9579).
const PBMAC1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0e];

/// MacData (RFC 7292 section 4): by which a store shows that it is whole, and the password right.
pub(super) struct Mac<'a> {
    hash: Hash,
    digest: Cow<'a, [u8]>,
    salt: Cow<'a, [u8]>,
    iterations: u32,
}

#[derive(Clone, Copy)]
enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl<'a> Mac<'a> {
    pub(super) fn read(value: Value<'a>) -> Result<Self, Error> {
        let malformed = || Error::EncryptionMalformed { part: "MacData" };
        let mut fields = value.values();
        let mut info = fields.expect(SEQUENCE).ok_or_else(malformed)?.values();
        let mut algorithm = info.expect(SEQUENCE).ok_or_else(malformed)?.values();
        let hash = Hash::read(algorithm.expect(OBJECT_IDENTIFIER).ok_or_else(malformed)?.contents)?;
        let digest = info.only_octets().ok_or_else(malformed)?;
        let salt = fields.octets().ok_or_else(malformed)?;
        let iterations = match fields.optional(INTEGER) {
            Some(count) => count.unsigned().filter(|count| *count > 0).ok_or_else(malformed)?,
            None => 1,
        };
        if !fields.is_empty() {
            return Err(malformed());
        }
        Ok(Self { hash, digest, salt, iterations: Cost::accept_iterations(iterations)? })
    }

    /// Whether the password made this digest of the contents.
    pub(super) fn verify(
        &self,
        password: &PasswordForms<'_>,
        contents: &[u8],
        cost: &mut Cost,
    ) -> Result<bool, Error> {
        cost.take_iterations(self.iterations, 1)?;
        let verify = match self.hash {
            Hash::Sha1 => Self::verify_with::<Sha1>,
            Hash::Sha224 => Self::verify_with::<Sha224>,
            Hash::Sha256 => Self::verify_with::<Sha256>,
            Hash::Sha384 => Self::verify_with::<Sha384>,
            Hash::Sha512 => Self::verify_with::<Sha512>,
        };
        Ok(verify(self, password, contents))
    }

    fn verify_with<H: Digest + BlockSizeUser>(&self, password: &PasswordForms<'_>, contents: &[u8]) -> bool {
        let mut key = Zeroizing::new(vec![0; <H as Digest>::output_size()]);
        derive::<H>(password.bmp(), &self.salt, MAC_KEY, self.iterations, &mut key);
        let mac = SimpleHmac::<H>::new_from_slice(&key).expect("a key of HMAC may have any length");
        mac.chain_update(contents).verify_slice(&self.digest).is_ok()
    }
}

impl Hash {
    fn read(identifier: &[u8]) -> Result<Self, Error> {
        let not_accepted = |algorithm: String| Err(Error::EncryptionNotAccepted { algorithm });
        match identifier {
            SHA1 => Ok(Self::Sha1),
            [family @ .., 1] if family == SHA2 => Ok(Self::Sha256),
            [family @ .., 2] if family == SHA2 => Ok(Self::Sha384),
            [family @ .., 3] if family == SHA2 => Ok(Self::Sha512),
            [family @ .., 4] if family == SHA2 => Ok(Self::Sha224),
            PBMAC1 => not_accepted("PBMAC1".into()),
            other => not_accepted(dotted(other)),
        }
    }
}
