use crate::{Backend, Error, Password, SigningKey, der, pem};

/// The form of a file of keys or certificates, told by how it begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// A store of RFC 7292.
    Pkcs12,
    /// A private key in DER.
    PrivateKey,
    /// An encrypted private key in DER.
    EncryptedKey,
    /// A certificate in DER.
    Certificate,
    /// A store of Java's own.
    JavaKeyStore,
    /// Anything else: a text of PEM blocks (RFC 7468), or nothing that is known.
    Pem,
}

impl Form {
    pub(crate) fn of(file: &[u8]) -> Self {
        match file {
            [0xfe, 0xed, 0xfe, 0xed, ..] | [0xce, 0xce, 0xce, 0xce, ..] => Self::JavaKeyStore,
            [der::SEQUENCE, rest @ ..] => Self::of_sequence(behind_length(rest)),
            _ => Self::Pem,
        }
    }

    /// By the first values of a SEQUENCE: a version, the kind of encryption, or what a certificate's issuer
    /// signed.
    fn of_sequence(contents: &[u8]) -> Self {
        match contents {
            [der::INTEGER, 1, 3, ..] => Self::Pkcs12,
            [der::INTEGER, 1, 0 | 1, ..] => Self::PrivateKey,
            [der::SEQUENCE, rest @ ..] => match behind_length(rest) {
                [der::OBJECT_IDENTIFIER, ..] => Self::EncryptedKey,
                _ => Self::Certificate,
            },
            _ => Self::Pem,
        }
    }
}

/// What follows the length of a value (X.690 section 8.1.3), as far as it is there.
fn behind_length(octets: &[u8]) -> &[u8] {
    let Some((&first, rest)) = octets.split_first() else { return &[] };
    let more = if first > 0x80 { usize::from(first & 0x7f) } else { 0 };
    rest.get(more..).unwrap_or_default()
}

impl SigningKey {
    /// The one private key of a file, whatever its form: PEM or DER, encrypted or not, or the key that
    /// [`KeyStore::choose`](crate::KeyStore::choose) finds in a PKCS#12 store.
    ///
    /// A password that the file does not need is not looked at.
    ///
    /// # Errors
    ///
    /// - [`Error::PasswordNeeded`], [`Error::WrongPassword`].
    /// - [`Error::EncryptionNotAccepted`], [`Error::EncryptionMalformed`], [`Error::KeyDerivationCost`] for
    ///   how it is protected; [`Error::EncryptedKey`], [`Error::Pkcs12`] where the build has no feature for
    ///   it.
    /// - [`Error::NoPrivateKey`] if the file is a certificate, [`Error::JavaKeyStore`] if it is a JKS store.
    /// - those of [`from_pem`](Self::from_pem), [`from_der`](Self::from_der) and
    ///   [`KeyStore::read`](crate::KeyStore::read).
    pub fn read(file: &[u8], password: Option<&Password>, backend: Backend) -> Result<Self, Error> {
        match Form::of(file) {
            Form::PrivateKey => Self::from_der(file, backend),
            Form::EncryptedKey => Self::from_encrypted_der(file, password, backend),
            Form::Certificate => Err(Error::NoPrivateKey),
            #[cfg(feature = "p12")]
            Form::Pkcs12 => {
                let store = crate::KeyStore::read(file, password, backend)?;
                store.choose()?.entry.key().cloned().map_err(Clone::clone)
            }
            _ => Self::from_blocks(&pem::blocks(file)?, password, backend),
        }
    }

    /// A private key in the form EncryptedPrivateKeyInfo (RFC 5958 section 3).
    #[cfg(feature = "encrypted-keys")]
    pub(crate) fn from_encrypted_der(
        der: &[u8],
        password: Option<&Password>,
        backend: Backend,
    ) -> Result<Self, Error> {
        use crate::encrypted_key::decrypt;
        use crate::encryption::{Cost, PasswordForms};
        let password = PasswordForms::of(password.ok_or(Error::PasswordNeeded)?);
        Self::from_der(&decrypt(der, &password, &mut Cost::new())?, backend)
    }

    #[cfg(not(feature = "encrypted-keys"))]
    pub(crate) fn from_encrypted_der(_: &[u8], _: Option<&Password>, _: Backend) -> Result<Self, Error> {
        Err(Error::EncryptedKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_told_by_how_it_begins() {
        for (begin, form) in [
            (&[0x30, 0x82, 0x0a, 0x00, 0x02, 0x01, 0x03][..], Form::Pkcs12),
            (&[0x30, 0x80, 0x02, 0x01, 0x03], Form::Pkcs12),
            (&[0x30, 0x82, 0x04, 0xbd, 0x02, 0x01, 0x00], Form::PrivateKey),
            (&[0x30, 0x77, 0x02, 0x01, 0x01], Form::PrivateKey),
            (&[0x30, 0x81, 0xec, 0x30, 0x57, 0x06, 0x09], Form::EncryptedKey),
            (&[0x30, 0x82, 0x01, 0x00, 0x30, 0x81, 0x90, 0x06, 0x09], Form::EncryptedKey),
            (&[0x30, 0x82, 0x03, 0x00, 0x30, 0x82, 0x02, 0x00, 0xa0], Form::Certificate),
            (&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2], Form::JavaKeyStore),
            (&[0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2], Form::JavaKeyStore),
            (b"-----BEGIN CERTIFICATE-----", Form::Pem),
            (b"0 text that begins with a digit", Form::Pem),
            (&[0x30], Form::Pem),
            (&[0x30, 0xff, 0x02], Form::Pem),
            (&[], Form::Pem),
        ] {
            assert_eq!(Form::of(begin), form, "{begin:02x?}");
        }
    }
}
