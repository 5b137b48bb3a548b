//! Private keys under a password: EncryptedPrivateKeyInfo (RFC 5958 section 3).

use crate::Error;
use crate::ber::{INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE};
use crate::encryption::{Cost, PasswordForms, Scheme};
use zeroize::Zeroizing;

/// The private key in clear, a PrivateKeyInfo in DER.
pub(crate) fn decrypt(
    info: &[u8],
    password: &PasswordForms<'_>,
    cost: &mut Cost,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let malformed = || Error::EncryptionMalformed { part: "EncryptedPrivateKeyInfo" };
    let mut fields = Reader::new(info).only(SEQUENCE).ok_or_else(malformed)?.values();
    let scheme = Scheme::read(fields.expect(SEQUENCE).ok_or_else(malformed)?)?;
    let encrypted = fields.octets().ok_or_else(malformed)?;
    if !fields.is_empty() {
        return Err(malformed());
    }
    let clear = scheme.decrypt(password, &encrypted, cost)?;
    clear.filter(|octets| is_private_key_info(octets)).ok_or(Error::WrongPassword { what: "private key" })
}

/// Whether octets begin like a PrivateKeyInfo, which those that a wrong password gives hardly ever do.
fn is_private_key_info(octets: &[u8]) -> bool {
    let begin = || {
        let mut fields = Reader::new(octets).only(SEQUENCE)?.values();
        let version = fields.expect(INTEGER)?.unsigned()?;
        fields.expect(SEQUENCE)?.values().expect(OBJECT_IDENTIFIER)?;
        Some(version)
    };
    matches!(begin(), Some(0 | 1))
}
