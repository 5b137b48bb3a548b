use crate::pem::blocks;
use crate::{Backend, Certificate, Digest, Error, SigningKey};

/// A private key with its certificate and the certificates above it: who we are.
#[derive(Clone, Debug)]
pub struct Identity {
    key: SigningKey,
    chain: Vec<Certificate>,
}

impl Identity {
    /// A key and its chain, the key's own certificate first.
    ///
    /// # Errors
    ///
    /// - [`Error::PemCount`] if the chain is empty.
    /// - [`Error::NotAPair`] if the first certificate is of another key; the key signs once to find out.
    pub fn new(key: SigningKey, chain: Vec<Certificate>, backend: Backend) -> Result<Self, Error> {
        let Some(certificate) = chain.first() else {
            return Err(Error::PemCount { label: "CERTIFICATE", found: 0 });
        };
        let probe = Digest::sha256(b"ksz: do this key and this certificate belong together?");
        let value = key.sign_digest(&probe)?;
        certificate.public_key(backend)?.verify_digest(&probe, &value).map_err(|_| Error::NotAPair)?;
        Ok(Self { key, chain })
    }

    /// An identity from one PEM text with a private key (PKCS#8, PKCS#1 or SEC 1, not encrypted) and its
    /// certificates, the key's own first. The key may stand anywhere.
    ///
    /// # Errors
    ///
    /// Those of [`SigningKey::from_pem`], [`certificates_from_pem`](crate::certificates_from_pem) and
    /// [`Identity::new`].
    pub fn from_pem(pem: &[u8], backend: Backend) -> Result<Self, Error> {
        let key = SigningKey::from_blocks(&blocks(pem)?, backend)?;
        Self::new(key, crate::certificates_from_pem(pem)?, backend)
    }

    /// The private key.
    #[must_use]
    pub const fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The key's own certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.chain[0]
    }

    /// The certificate and those above it, as far as they were given.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }
}
