use ksz_pki::{Certificate, DigestAlgorithm, Hasher};
use ksz_sts::Claims;
use ksz_transport::Environment;
use std::fmt;
use std::time::Duration;
use url::Url;

/// By what a session is known: two sessions that agree in all of it share one token.
///
/// It is a digest, of 32 octets, of the environment, the address of the token service, both certificates, the claims and
/// the lifetime. Claims are a set: their order does not count. A person's number among few can be guessed from
/// a digest, so it does not print.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SessionKey([u8; 32]);

/// What is digested.
pub(crate) struct KeyParts<'p> {
    pub(crate) environment: Environment,
    pub(crate) token_service: &'p Url,
    pub(crate) holder: &'p Certificate,
    /// None where it is the holder's.
    pub(crate) identification: Option<&'p Certificate>,
    pub(crate) claims: &'p Claims,
    pub(crate) lifetime: Option<Duration>,
}

impl SessionKey {
    /// The digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn of(parts: &KeyParts<'_>) -> Self {
        let mut hash = Fields(Hasher::new(DigestAlgorithm::Sha256));
        hash.field(b"ksz session 1");
        hash.field(parts.environment.as_str().as_bytes());
        hash.field(parts.token_service.as_str().as_bytes());
        let holder = parts.holder.fingerprint();
        hash.field(holder.as_bytes());
        match parts.identification {
            Some(other) => hash.field(other.fingerprint().as_bytes()),
            None => hash.field(holder.as_bytes()),
        }
        match parts.lifetime {
            Some(lifetime) => hash.field(&lifetime.as_nanos().to_be_bytes()),
            None => hash.field(b"the service decides"),
        }
        let mut claims: Vec<_> = parts.claims.iter().collect();
        claims.sort_by_key(|claim| claim.uri());
        for claim in claims {
            hash.field(claim.uri().as_bytes());
            match claim.value() {
                Some(value) => {
                    hash.field(b"asserted");
                    hash.field(value.as_bytes());
                }
                None => hash.field(b"certified"),
            }
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(hash.0.finish().as_bytes());
        Self(digest)
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}

/// Fields with their lengths before them, so that no two lists of fields give the same octets.
struct Fields(Hasher);

impl Fields {
    fn field(&mut self, octets: &[u8]) {
        // Of the same width on every machine: they may share a store.
        self.0.update(&u64::try_from(octets.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(octets);
    }
}
