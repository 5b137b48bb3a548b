//! The keys of the token service: the one that signs, and those that signed before it. They change while it runs.

use crate::Error;
use crate::pki::first_certificate;
use ksz_pki::{Backend, Identity};
use ksz_sts::AssertionTrust;
use ksz_sts::names::EHEALTH_ISSUER;
use std::mem;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// The keys.
pub(crate) struct TokenKeys(RwLock<Keys>);

struct Keys {
    signing: TokenKey,
    /// Believed as well, the newest first.
    previous: Vec<TokenKey>,
}

struct TokenKey {
    identity: Identity,
    certificate_pem: String,
}

impl TokenKeys {
    /// One key, from the PEM of an identity.
    pub(crate) fn new(identity: &str) -> Result<Self, Error> {
        Ok(Self(RwLock::new(Keys { signing: TokenKey::read(identity)?, previous: Vec::new() })))
    }

    /// Signs with another key from here on. Those before it are believed as well.
    pub(crate) fn rotate(&self, identity: &str) -> Result<(), Error> {
        let next = TokenKey::read(identity)?;
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let last = mem::replace(&mut keys.signing, next);
        keys.previous.insert(0, last);
        Ok(())
    }

    /// Believes the signing key alone.
    pub(crate) fn retire_previous(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).previous.clear();
    }

    /// What signs.
    pub(crate) fn signing(&self) -> Identity {
        self.read().signing.identity.clone()
    }

    /// Whoever believes them all.
    pub(crate) fn trust(&self) -> AssertionTrust {
        let certificates = self.read().all().map(|key| key.identity.certificate().clone()).collect();
        AssertionTrust::new(EHEALTH_ISSUER, certificates, Backend::default())
    }

    /// Their certificates in PEM, for a configuration.
    pub(crate) fn certificates_pem(&self) -> String {
        self.read().all().map(|key| key.certificate_pem.as_str()).collect()
    }

    fn read(&self) -> RwLockReadGuard<'_, Keys> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    fn all(&self) -> impl Iterator<Item = &TokenKey> {
        std::iter::once(&self.signing).chain(&self.previous)
    }
}

impl TokenKey {
    fn read(identity: &str) -> Result<Self, Error> {
        let certificate_pem = first_certificate(identity);
        Ok(Self { identity: Identity::from_pem(identity.as_bytes(), Backend::default())?, certificate_pem })
    }
}
