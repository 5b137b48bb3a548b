use super::{Reader, refused};
use crate::store::require_address;
use crate::{Error, FileSessionStore, SessionStore, SessionStoreKey, password_of_variable};
use ksz_pki::{Certificate, Password};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// Where the tokens of sessions are kept: a folder or an address of Redis, and how to read what is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sessions {
    store: String,
    key_env: String,
    password_env: Option<String>,
    #[serde(default)]
    roots: Vec<String>,
}

impl Sessions {
    /// The store, not opened: not even the variables are read.
    pub(super) fn settings(self, reader: &Reader<'_>) -> Result<StoreSettings, Error> {
        let refuse = |error: Error| reader.refuse(&format!("ehealth.sessions.store: {error}"));
        let place = if self.store.contains("://") {
            let no_address = |_| Error::SettingNotAccepted { setting: "the address", detail: "it is none" };
            let address = Url::parse(&self.store).map_err(no_address).map_err(refuse)?;
            require_address(&address, !self.roots.is_empty()).map_err(refuse)?;
            let (password_env, roots) = (self.password_env, reader.certificates(&self.roots)?);
            Place::Redis { address, password_env, roots }
        } else if self.password_env.is_none() && self.roots.is_empty() {
            Place::Folder(reader.path.parent().unwrap_or_else(|| Path::new(".")).join(&self.store))
        } else {
            let detail = "a folder has neither password nor roots";
            return Err(refuse(Error::SettingNotAccepted { setting: "the store", detail }));
        };
        Ok(StoreSettings { file: super::masked(reader.path), place, key_env: self.key_env })
    }
}

/// A store of a configuration, which is opened when a client is built.
#[derive(Clone)]
pub(crate) struct StoreSettings {
    /// The configuration, for errors.
    file: String,
    place: Place,
    key_env: String,
}

#[derive(Clone)]
enum Place {
    Folder(PathBuf),
    Redis { address: Url, password_env: Option<String>, roots: Vec<Certificate> },
}

impl StoreSettings {
    pub(crate) fn open(&self) -> Result<Arc<dyn SessionStore>, Error> {
        let refuse =
            |key: &str, error| refused(self.file.clone(), &format!("ehealth.sessions.{key}: {error}"));
        let key = SessionStoreKey::of_variable(&self.key_env).map_err(|error| refuse("key_env", error))?;
        let opened = match &self.place {
            Place::Folder(folder) => FileSessionStore::open(folder, &key).map(shared),
            Place::Redis { address, password_env, roots } => {
                let password = password_env.as_deref().map(password_of_variable).transpose();
                redis(address, password.map_err(|error| refuse("password_env", error))?, roots, &key)
            }
        };
        opened.map_err(|error| refuse("store", error))
    }
}

fn shared(store: impl SessionStore + 'static) -> Arc<dyn SessionStore> {
    Arc::new(store)
}

#[cfg(feature = "cache-redis")]
fn redis(
    address: &Url,
    password: Option<Password>,
    roots: &[Certificate],
    key: &SessionStoreKey,
) -> Result<Arc<dyn SessionStore>, Error> {
    let mut builder = crate::RedisSessionStore::builder(address.clone()).roots(roots.to_vec());
    if let Some(password) = password {
        builder = builder.password(password);
    }
    builder.build(key).map(shared)
}

#[cfg(not(feature = "cache-redis"))]
fn redis(
    _: &Url,
    _: Option<Password>,
    _: &[Certificate],
    _: &SessionStoreKey,
) -> Result<Arc<dyn SessionStore>, Error> {
    let detail = "this program was built without the feature cache-redis";
    Err(Error::SettingNotAccepted { setting: "the address", detail })
}

#[cfg(test)]
mod tests {
    use crate::doctor::Doctor;
    use crate::{Client, Config, Error, MemorySessionStore};
    use std::path::Path;
    use std::sync::Arc;

    /// A variable that is set wherever tests run, and that holds no key.
    const NO_KEY: &str = "CARGO_PKG_NAME";

    fn config(sessions: &str) -> Result<Config, Error> {
        let text = format!("environment = 'sim'\n[ehealth.sessions]\n{sessions}");
        Config::from_toml(&text, Path::new("folder/ksz.toml"))
    }

    fn refusal<T>(result: Result<T, Error>) -> String {
        match result {
            Ok(_) => panic!("accepted"),
            Err(error @ Error::Configuration { .. }) => error.to_string(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_client_whose_store_has_no_key_is_refused() {
        let refusal = |sessions: &str| refusal(Client::new(config(sessions).unwrap()));
        assert_eq!(
            refusal("store = 'sessions'\nkey_env = 'KSZ_TEST_NOT_SET'"),
            "folder/ksz.toml: ehealth.sessions.key_env: the variable \"KSZ_TEST_NOT_SET\" is not set"
        );
        assert_eq!(
            refusal(&format!("store = 'sessions'\nkey_env = '{NO_KEY}'")),
            "folder/ksz.toml: ehealth.sessions.key_env: the key of a session store is 64 hexadecimal digits: 32 \
             random octets"
        );
        assert_eq!(
            refusal("store = 'sessions'\nkey_env = 'geheim'"),
            "folder/ksz.toml: ehealth.sessions.key_env: no such variable is set; this takes the name of a variable, \
             not the password"
        );
    }

    #[test]
    fn reading_a_configuration_opens_no_store_and_what_uses_no_session_needs_none() {
        let folder = tempfile::tempdir().unwrap();
        let read = |store: &str| {
            let sessions = format!("[ehealth.sessions]\nstore = '{store}'\nkey_env = 'KSZ_TEST_NOT_SET'");
            let text = format!("environment = 'sim'\n{sessions}");
            Config::from_toml(&text, &folder.path().join("ksz.toml")).unwrap()
        };

        for store in ["sessions", "redis://localhost", "rediss://localhost:6380/1"] {
            let config = read(store);
            assert!(config.clone().into_builder().without_session_store().build().is_ok(), "{store}");
            assert!(Doctor::new(config.clone()).is_ok(), "{store}");
            let given = config.clone().into_builder().session_store(Arc::new(MemorySessionStore::default()));
            assert!(given.build().is_ok(), "{store}");
            assert!(refusal(Client::new(config)).contains("KSZ_TEST_NOT_SET"), "{store}");
        }

        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
    }

    #[test]
    fn a_store_that_cannot_be_meant_is_refused_by_reading_it() {
        let refusal = |sessions: &str| refusal(config(&format!("key_env = 'KSZ_TEST_NOT_SET'\n{sessions}")));
        let of_address = |detail: &str| {
            format!("folder/ksz.toml: ehealth.sessions.store: the address of Redis is not accepted: {detail}")
        };

        assert_eq!(
            refusal("store = 'redis://:geheim@localhost'"),
            of_address("a password does not belong into it")
        );
        assert_eq!(
            refusal("store = 'rediss://localhost/#insecure'"),
            of_address("it has no place for a fragment")
        );
        assert_eq!(
            refusal("store = 'redis://localhost'\nroots = ['roots.pem']"),
            of_address("roots are of use with rediss:// alone")
        );
        assert_eq!(
            refusal("store = 'https://localhost'"),
            of_address("it begins with redis:// or rediss://")
        );
        assert_eq!(
            refusal("store = '://'"),
            "folder/ksz.toml: ehealth.sessions.store: the address is not accepted: it is none"
        );
        assert_eq!(
            refusal("store = 'sessions'\npassword_env = 'REDIS_PASSWORD'"),
            "folder/ksz.toml: ehealth.sessions.store: the store is not accepted: a folder has neither password nor roots"
        );
        assert!(
            refusal("store = 'rediss://localhost'\nroots = ['absent.pem']")
                .starts_with("folder/absent.pem: ")
        );
        assert_eq!(
            super::super::tests::refusal("environment = 'sim'\n[ehealth.sessions]\nstore = 'sessions'"),
            "folder/ksz.toml: line 2: missing field `key_env`"
        );
    }
}
