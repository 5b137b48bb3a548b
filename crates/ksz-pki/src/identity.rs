use crate::chain::Issuers;
#[cfg(feature = "p12")]
use crate::key_file::Form;
use crate::{Backend, Certificate, Digest, Error, KeyStore, Password, SigningKey, certificates_from_pem};

/// A private key with its certificate and the certificates above it: who we are.
#[derive(Clone, Debug)]
pub struct Identity {
    key: SigningKey,
    chain: Vec<Certificate>,
}

impl Identity {
    /// A key and its certificates, in whatever order. Those that are not in the chain are left out.
    ///
    /// # Errors
    ///
    /// - [`Error::NoCertificate`] if there are no certificates.
    /// - [`Error::NotAPair`] if none is of the key; the key signs once to find out.
    pub fn new(key: SigningKey, certificates: Vec<Certificate>, backend: Backend) -> Result<Self, Error> {
        if certificates.is_empty() {
            return Err(Error::NoCertificate);
        }
        let probe = Probe::sign(&key)?;
        let own = certificates.iter().find(|certificate| probe.is_of(certificate, backend));
        let own = own.ok_or(Error::NotAPair)?.clone();
        Ok(Self::of_pair(key, Issuers::among(certificates).chain_of(own)))
    }

    /// A key and a chain that begins with its certificate.
    pub(crate) const fn of_pair(key: SigningKey, chain: Vec<Certificate>) -> Self {
        Self { key, chain }
    }

    /// An identity from one PEM text with a private key (PKCS#8, PKCS#1 or SEC 1, not encrypted) and its
    /// certificates, in whatever order.
    ///
    /// # Errors
    ///
    /// Those of [`SigningKey::from_pem`], [`certificates_from_pem`] and [`Identity::new`].
    pub fn from_pem(pem: &[u8], backend: Backend) -> Result<Self, Error> {
        Self::new(SigningKey::from_pem(pem, backend)?, certificates_from_pem(pem)?, backend)
    }

    /// An identity from a file, whatever its form: the entry that [`KeyStore::choose`] finds in it. A
    /// password that the file does not need is not looked at.
    ///
    /// A key or a certificate in DER is half an identity: read the key with [`SigningKey::read`] and join the
    /// two with [`Identity::new`].
    ///
    /// # Errors
    ///
    /// Those of [`KeyStore::read`] and [`KeyStore::choose`]; [`Error::NoCertificate`] if none in the file is
    /// of the key.
    pub fn read(file: &[u8], password: Option<&Password>, backend: Backend) -> Result<Self, Error> {
        KeyStore::read(file, password, backend)?.choose()?.entry.identity()
    }

    /// An identity from a PKCS#12 store (RFC 7292): the entry that [`KeyStore::choose`] finds.
    ///
    /// # Errors
    ///
    /// [`Error::NotPkcs12`] if the file has another form, and those of [`Self::read`].
    #[cfg(feature = "p12")]
    pub fn from_pkcs12(store: &[u8], password: &Password, backend: Backend) -> Result<Self, Error> {
        match Form::of(store) {
            Form::Pkcs12 => Self::read(store, Some(password), backend),
            _ => Err(Error::NotPkcs12 { detail: "it does not begin like one" }),
        }
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

    /// The certificate and those above it, as far as they were given, each followed by its issuer.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }
}

/// A signature by which a key's own certificate is known.
pub(crate) struct Probe {
    digest: Digest,
    value: Vec<u8>,
    public_key: Option<Vec<u8>>,
}

impl Probe {
    pub(crate) fn sign(key: &SigningKey) -> Result<Self, Error> {
        let digest = Digest::sha256(b"ksz: do this key and this certificate belong together?");
        Ok(Self { digest, value: key.sign_digest(&digest)?, public_key: key.public_key() })
    }

    /// How long the signature is: of an RSA key, as long as its modulus.
    pub(crate) const fn length(&self) -> usize {
        self.value.len()
    }

    /// Whether the certificate is of the key that signed. One whose key is not accepted is of no key.
    ///
    /// Where the key tells its public half, which subjectPublicKeyInfo ends with, others are told apart without a
    /// signature.
    pub(crate) fn is_of(&self, certificate: &Certificate, backend: Backend) -> bool {
        if self.public_key.as_ref().is_some_and(|public_key| !certificate.spki_der().ends_with(public_key)) {
            return false;
        }
        let key = certificate.public_key(backend);
        key.is_ok_and(|key| key.verify_digest(&self.digest, &self.value).is_ok())
    }
}
