use super::Reader;
use crate::{Error, password_of_variable};
use ksz_pki::{Backend, Certificate, Identity, KeyEntry, KeyStore, Password, SigningKey};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;

/// A private key with its certificates: a file or a text in place, or a table that says how to open it.
pub(super) struct Credential {
    file: String,
    password_env: Option<String>,
    alias: Option<String>,
    certificates: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    file: String,
    password_env: Option<String>,
    alias: Option<String>,
    #[serde(default)]
    certificates: Vec<String>,
}

impl Credential {
    pub(super) fn identity(&self, reader: &Reader<'_>) -> Result<Identity, Error> {
        let certificates = self.certificates(reader)?;
        self.open(reader, |entry| match certificates {
            Some(certificates) => {
                Identity::new(entry.key().cloned().map_err(Clone::clone)?, certificates, Backend::default())
            }
            None => entry.identity(),
        })
    }

    pub(super) fn key(&self, reader: &Reader<'_>) -> Result<SigningKey, Error> {
        self.open(reader, |entry| entry.key().cloned().map_err(Clone::clone))
    }

    /// The certificates that stand outside the file.
    fn certificates(&self, reader: &Reader<'_>) -> Result<Option<Vec<Certificate>>, Error> {
        (!self.certificates.is_empty()).then(|| reader.certificates(&self.certificates)).transpose()
    }

    fn open<T>(
        &self,
        reader: &Reader<'_>,
        of_entry: impl FnOnce(&KeyEntry) -> Result<T, ksz_pki::Error>,
    ) -> Result<T, Error> {
        let password = self.password(reader)?;
        let (file, octets) = reader.octets(&self.file)?;
        let open = || {
            let store = KeyStore::read(&octets, password.as_ref(), Backend::default())?;
            match &self.alias {
                Some(alias) => of_entry(store.entry(alias)?),
                None => of_entry(store.choose()?.entry),
            }
        };
        open().map_err(|source| Error::Credential { file, source })
    }

    fn password(&self, reader: &Reader<'_>) -> Result<Option<Password>, Error> {
        let password = self.password_env.as_deref().map(password_of_variable).transpose();
        password.map_err(|error| reader.refuse(&format!("password_env: {error}")))
    }
}

impl<'de> Deserialize<'de> for Credential {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FileOrTable)
    }
}

struct FileOrTable;

impl<'de> Visitor<'de> for FileOrTable {
    type Value = Credential;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file, or a table with `file`")
    }

    fn visit_str<E>(self, file: &str) -> Result<Credential, E> {
        let file = file.to_owned();
        Ok(Credential { file, password_env: None, alias: None, certificates: Vec::new() })
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Credential, M::Error> {
        let Table { file, password_env, alias, certificates } =
            Table::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Credential { file, password_env, alias, certificates })
    }
}
