use crate::Error;
use ksz_pki::{Backend, Certificate, PublicKey, TrustStore};
use std::time::{Duration, SystemTime};

/// Which assertions are believed: of one issuer, signed with a certificate that is pinned for its token service.
///
/// "Issued by the same authority" is not enough: every client has a certificate of that authority.
///
/// One value is for one environment, because the token services of test, acceptance and production sign with different
/// certificates and call themselves the same. Where a certificate tells its environment, the builder of a client compares it
/// with its own ([`Certificate::environment`]).
#[derive(Clone, Debug)]
pub struct AssertionTrust {
    issuer: String,
    certificates: TrustStore,
    pinned: Vec<Certificate>,
    keys: Vec<PublicKey>,
    audience: Option<String>,
    clock_skew: Duration,
}

impl AssertionTrust {
    /// Believes assertions of `issuer` (compared letter for letter) signed with one of these certificates.
    #[must_use]
    pub fn new(issuer: &str, pinned: Vec<Certificate>, backend: Backend) -> Self {
        Self {
            issuer: issuer.to_owned(),
            certificates: TrustStore::new(pinned.clone(), backend),
            pinned,
            keys: Vec::new(),
            audience: None,
            clock_skew: Duration::from_secs(60),
        }
    }

    /// Believes bare keys besides: they have no end, so take them out when the service rotates.
    #[must_use]
    pub fn with_keys(mut self, keys: Vec<PublicKey>) -> Self {
        self.keys = keys;
        self
    }

    /// Who we are, where an assertion says whom it is for. Without it, such an assertion is refused.
    #[must_use]
    pub fn with_audience(mut self, audience: &str) -> Self {
        self.audience = Some(audience.to_owned());
        self
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The pinned certificates.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.pinned
    }

    pub(crate) fn audience(&self) -> Option<&str> {
        self.audience.as_deref()
    }

    pub(crate) const fn clock_skew(&self) -> Duration {
        self.clock_skew
    }

    pub(crate) const fn backend(&self) -> Backend {
        self.certificates.backend()
    }

    /// The key of the certificate that the assertion's `KeyInfo` names, if it is pinned; without a certificate
    /// there, the key that is pinned alone.
    pub(crate) fn signer_key(
        &self,
        named: Option<&Certificate>,
        now: SystemTime,
    ) -> Result<PublicKey, Error> {
        match (named, self.pinned.as_slice(), self.keys.as_slice()) {
            (Some(named), pinned, _) if pinned.contains(named) => self.accepted(named, now),
            (Some(named), _, keys) => {
                let key = keys.iter().find(|key| key.spki_der() == named.spki_der());
                key.cloned().ok_or(Error::SignerNotPinned)
            }
            (None, [only], []) => self.accepted(only, now),
            (None, [], [only]) => Ok(only.clone()),
            (None, ..) => Err(Error::SignerNotPinned),
        }
    }

    fn accepted(&self, pinned: &Certificate, now: SystemTime) -> Result<PublicKey, Error> {
        Ok(self.certificates.accept(pinned, now)?.public_key().clone())
    }
}
