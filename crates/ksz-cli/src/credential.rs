//! Private keys named on the command line, and what opens them.

use crate::error::{Error, in_file};
use crate::input::{FileName, Inputs};
use ksz::client::password_of_variable;
use ksz::pki::{self, Backend, Identity, KeyEntry, KeyStore, SigningKey, certificates_from_pem_or_der};
use zeroize::Zeroizing;

/// A file of a private key, and what else is needed of it.
pub(crate) struct Credential<'a> {
    pub(crate) file: &'a FileName,
    pub(crate) certificate: Option<&'a FileName>,
    pub(crate) password_env: Option<&'a str>,
    pub(crate) alias: Option<&'a str>,
}

impl Credential<'_> {
    /// The key with its certificates.
    pub(crate) fn identity(&self, inputs: &Inputs) -> Result<Identity, Error> {
        let Some(certificate) = self.certificate else {
            return self.of_entry(inputs, KeyEntry::identity);
        };
        let key = self.key(inputs)?;
        let certificates =
            certificates_from_pem_or_der(&inputs.read(certificate)?).map_err(in_file(certificate))?;
        Identity::new(key, certificates, Backend::default()).map_err(in_file(certificate))
    }

    /// The key alone.
    pub(crate) fn key(&self, inputs: &Inputs) -> Result<SigningKey, Error> {
        self.of_entry(inputs, |entry| entry.key().cloned().map_err(Clone::clone))
    }

    fn of_entry<T>(
        &self,
        inputs: &Inputs,
        of: impl FnOnce(&KeyEntry) -> Result<T, pki::Error>,
    ) -> Result<T, Error> {
        let store = open(self.file, self.password_env, inputs)?;
        let entry = match self.alias {
            Some(alias) => store.entry(alias),
            None => store.choose().map(|choice| choice.entry),
        };
        entry.and_then(of).map_err(in_file(self.file))
    }
}

/// Opens a file of keys with the password of an environment variable.
pub(crate) fn open(file: &FileName, password_env: Option<&str>, inputs: &Inputs) -> Result<KeyStore, Error> {
    let password = password_env.map(password_of_variable).transpose();
    let password = password.map_err(|error| Error::PasswordVariable { error: Box::new(error) })?;
    let octets = Zeroizing::new(inputs.read(file)?);
    KeyStore::read(&octets, password.as_ref(), Backend::default()).map_err(|error| match error {
        pki::Error::PasswordNeeded => Error::PasswordNeeded { file: file.clone() },
        other => in_file(file)(other),
    })
}
