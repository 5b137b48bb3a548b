use super::Reader;
use crate::{Error, FileSessionStore, SessionStore, SessionStoreKey};
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;

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
    pub(super) fn open(&self, reader: &Reader<'_>) -> Result<Arc<dyn SessionStore>, Error> {
        let key = SessionStoreKey::of_variable(&self.key_env)
            .map_err(|error| reader.refuse(&format!("ehealth.sessions.key_env: {error}")))?;
        let opened =
            if self.store.contains("://") { self.redis(reader, &key) } else { self.folder(reader, &key) };
        opened.map_err(|error| reader.refuse(&format!("ehealth.sessions.store: {error}")))
    }

    fn folder(&self, reader: &Reader<'_>, key: &SessionStoreKey) -> Result<Arc<dyn SessionStore>, Error> {
        if self.password_env.is_some() || !self.roots.is_empty() {
            let detail = "a folder has neither password nor roots";
            return Err(Error::SettingNotAccepted { setting: "the store", detail });
        }
        let folder = reader.path.parent().unwrap_or_else(|| Path::new(".")).join(&self.store);
        Ok(Arc::new(FileSessionStore::open(&folder, key)?))
    }

    #[cfg(feature = "cache-redis")]
    fn redis(&self, reader: &Reader<'_>, key: &SessionStoreKey) -> Result<Arc<dyn SessionStore>, Error> {
        use crate::{RedisSessionStore, password_of_variable};
        use url::Url;

        let refuse = |_| Error::SettingNotAccepted { setting: "the address", detail: "it is none" };
        let mut builder = RedisSessionStore::builder(Url::parse(&self.store).map_err(refuse)?);
        if let Some(name) = &self.password_env {
            builder = builder.password(password_of_variable(name)?);
        }
        Ok(Arc::new(builder.roots(reader.certificates(&self.roots)?).build(key)?))
    }

    #[cfg(not(feature = "cache-redis"))]
    fn redis(&self, _: &Reader<'_>, _: &SessionStoreKey) -> Result<Arc<dyn SessionStore>, Error> {
        let detail = "this program was built without the feature cache-redis";
        Err(Error::SettingNotAccepted { setting: "the address", detail })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Config, Error};
    use std::path::Path;

    /// A variable that is set wherever tests run, and that holds no key.
    const NO_KEY: &str = "CARGO_PKG_NAME";

    fn refusal(sessions: &str) -> String {
        let text = format!("environment = 'sim'\n[ehealth.sessions]\n{sessions}");
        match Config::from_toml(&text, Path::new("folder/ksz.toml")) {
            Ok(_) => panic!("accepted {sessions:?}"),
            Err(error @ Error::Configuration { .. }) => error.to_string(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_store_without_its_key_is_refused() {
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
        assert_eq!(refusal("store = 'sessions'"), "folder/ksz.toml: line 2: missing field `key_env`");
    }
}
