use crate::chain::Issuers;
use crate::identity::Probe;
use crate::key_file::Form;
use crate::{
    Backend, Certificate, Curve, Error, Identity, KeyAlgorithm, KeyDescription, KeyKind, Password,
    SigningKey, pem,
};
use ksz_error::mask_name;
use std::fmt;

/// The alias that the eHealth platform gives the key that signs.
const AUTHENTICATION: &str = "authentication";

/// The most certificates of one file of keys. Those of the services have four.
pub(crate) const MOST_CERTIFICATES: usize = 64;

/// Everything of use in a file of keys and certificates: PEM, DER or PKCS#12.
///
/// [`Identity::read`] does for whoever wants to sign. This says what there is to choose from, and why one is
/// chosen.
#[derive(Debug)]
pub struct KeyStore {
    form: KeyStoreForm,
    entries: Vec<KeyEntry>,
    certificates: Vec<Certificate>,
}

/// How a file holds keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyStoreForm {
    /// A text of PEM blocks (RFC 7468).
    Pem,
    /// One key (RFC 5958, RFC 8017, RFC 5915) or one certificate (RFC 5280) in DER.
    Der,
    /// A PKCS#12 store (RFC 7292).
    Pkcs12,
}

impl KeyStoreForm {
    /// The name in the command's output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pem => "PEM",
            Self::Der => "DER",
            Self::Pkcs12 => "PKCS#12",
        }
    }
}

/// An entry that was chosen, and why.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Choice<'s> {
    /// The entry.
    pub entry: &'s KeyEntry,
    /// Why it, of all entries.
    pub reason: ChoiceReason,
}

/// Why an entry is chosen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ChoiceReason {
    /// Its alias is `authentication`, as in the stores of the eHealth platform.
    Alias,
    /// There is no other key.
    OnlyKey,
    /// The certificates of all other keys state a KeyUsage without digitalSignature.
    OnlySigningKey,
}

impl KeyStore {
    /// Opens a file, whatever its form. A password that it does not need is not looked at.
    ///
    /// # Errors
    ///
    /// - [`Error::PasswordNeeded`], [`Error::WrongPassword`].
    /// - [`Error::NotPkcs12`] if a store is truncated or malformed, or larger than any honest one.
    /// - [`Error::EncryptionNotAccepted`], [`Error::EncryptionMalformed`], [`Error::KeyDerivationCost`] for
    ///   how it is protected; [`Error::EncryptedKey`], [`Error::Pkcs12`] where the build has no feature for
    ///   it.
    /// - [`Error::JavaKeyStore`] if it is a JKS store.
    /// - [`Error::NotPem`], [`Error::PemCount`] if a text holds neither key nor certificate, or several keys.
    /// - [`Error::TooManyCertificates`] if there are more than 64.
    /// - [`Error::NotCertificate`], [`Error::NotPrivateKey`] for what is in it. A key of a PKCS#12 store that
    ///   cannot be used is an entry all the same.
    pub fn read(file: &[u8], password: Option<&Password>, backend: Backend) -> Result<Self, Error> {
        let der = |key, certificates| Ok(Self::of_one(KeyStoreForm::Der, key, certificates, backend));
        match Form::of(file) {
            Form::Certificate => der(None, vec![Certificate::from_der(file)?]),
            Form::PrivateKey | Form::EncryptedKey => {
                der(Some(SigningKey::read(file, password, backend)?), Vec::new())
            }
            #[cfg(feature = "p12")]
            Form::Pkcs12 => Ok(Self::of_bags(crate::pkcs12::open(file, password)?, backend)),
            _ => Self::of_pem(file, password, backend),
        }
    }

    fn of_pem(file: &[u8], password: Option<&Password>, backend: Backend) -> Result<Self, Error> {
        let blocks = pem::blocks(file)?;
        if blocks.iter().filter(|block| block.label == "CERTIFICATE").count() > MOST_CERTIFICATES {
            return Err(Error::TooManyCertificates { limit: MOST_CERTIFICATES });
        }
        let key = match SigningKey::from_blocks(&blocks, password, backend) {
            Err(Error::PemCount { found: 0, .. }) => None,
            key => Some(key?),
        };
        let certificates = match pem::certificates(&blocks) {
            Err(Error::PemCount { .. }) if key.is_some() => Vec::new(),
            certificates => certificates?,
        };
        Ok(Self::of_one(KeyStoreForm::Pem, key, certificates, backend))
    }

    /// A file of at most one key.
    fn of_one(
        form: KeyStoreForm,
        key: Option<SigningKey>,
        certificates: Vec<Certificate>,
        backend: Backend,
    ) -> Self {
        let entries: Vec<_> = key
            .map(|key| {
                let own = Probe::sign(&key).ok().and_then(|probe| {
                    certificates.iter().find(|certificate| probe.is_of(certificate, backend)).cloned()
                });
                let chain = own.map(|own| Issuers::among(certificates.clone()).chain_of(own));
                let chain = chain.unwrap_or_default();
                KeyEntry { alias: None, key: Ok(key), chain }
            })
            .into_iter()
            .collect();
        Self { form, certificates: outside(&entries, certificates), entries }
    }

    #[cfg(feature = "p12")]
    fn of_bags(bags: crate::pkcs12::Bags, backend: Backend) -> Self {
        let issuers = Issuers::among(bags.certificates.iter().map(|bag| bag.certificate.clone()).collect());
        let entry = |key| KeyEntry::of_bag(key, &bags.certificates, &issuers, backend);
        let entries: Vec<_> = bags.keys.iter().map(entry).collect();
        let certificates = bags.certificates.into_iter().map(|bag| bag.certificate).collect();
        Self { form: KeyStoreForm::Pkcs12, certificates: outside(&entries, certificates), entries }
    }

    /// The form of the file.
    #[must_use]
    pub const fn form(&self) -> KeyStoreForm {
        self.form
    }

    /// The private keys with their certificates, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[KeyEntry] {
        &self.entries
    }

    /// The certificates that are in the chain of no entry.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The entry to sign with: the one with the alias `authentication` in whatever case, else the only one,
    /// else the only one whose certificate may sign. A certificate without KeyUsage may (RFC 5280 section
    /// 4.2.1.3).
    ///
    /// # Errors
    ///
    /// - [`Error::NoPrivateKey`] if there is no entry.
    /// - [`Error::SeveralKeys`] if two are as good; [`Self::entry`] finds one by its alias.
    /// - [`Error::NoSigningKey`] if there are several and none may sign.
    pub fn choose(&self) -> Result<Choice<'_>, Error> {
        let named: Vec<_> = self.called(AUTHENTICATION).collect();
        if let Some(entry) = sole(&named)? {
            return Ok(Choice { entry, reason: ChoiceReason::Alias });
        }
        match self.entries.as_slice() {
            [] => Err(Error::NoPrivateKey),
            [entry] => Ok(Choice { entry, reason: ChoiceReason::OnlyKey }),
            several => {
                let signing: Vec<_> = several.iter().filter(|entry| entry.may_sign()).collect();
                let entry = sole(&signing)?.ok_or_else(|| Error::NoSigningKey { aliases: self.names() })?;
                Ok(Choice { entry, reason: ChoiceReason::OnlySigningKey })
            }
        }
    }

    /// The entry of this alias, in whatever case.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchAlias`], or [`Error::SeveralKeys`] if two are called so.
    pub fn entry(&self, alias: &str) -> Result<&KeyEntry, Error> {
        let called: Vec<_> = self.called(alias).collect();
        sole(&called)?.ok_or_else(|| Error::NoSuchAlias { alias: mask_name(alias), aliases: self.names() })
    }

    fn called(&self, alias: &str) -> impl Iterator<Item = &KeyEntry> {
        let alias = alias.to_lowercase();
        self.entries
            .iter()
            .filter(move |entry| entry.alias().is_some_and(|other| other.to_lowercase() == alias))
    }

    fn names(&self) -> Vec<String> {
        self.entries.iter().map(KeyEntry::display_name).collect()
    }
}

/// The one of a list, or none of an empty one.
fn sole<'s>(entries: &[&'s KeyEntry]) -> Result<Option<&'s KeyEntry>, Error> {
    match entries {
        [] => Ok(None),
        [entry] => Ok(Some(entry)),
        several => {
            Err(Error::SeveralKeys { aliases: several.iter().map(|entry| entry.display_name()).collect() })
        }
    }
}

/// The certificates that are in no entry's chain.
fn outside(entries: &[KeyEntry], mut certificates: Vec<Certificate>) -> Vec<Certificate> {
    certificates.retain(|certificate| !entries.iter().any(|entry| entry.chain.contains(certificate)));
    certificates
}

/// A private key of a [`KeyStore`] and what belongs to it.
///
/// Which certificate belongs to the key is found out by signing with it, not believed to the file.
#[derive(Clone)]
pub struct KeyEntry {
    alias: Option<String>,
    key: Result<SigningKey, Error>,
    chain: Vec<Certificate>,
}

impl KeyEntry {
    #[cfg(feature = "p12")]
    fn of_bag(
        bag: &crate::pkcs12::KeyBag,
        certificates: &[crate::pkcs12::CertificateBag],
        issuers: &Issuers,
        backend: Backend,
    ) -> Self {
        let key = SigningKey::from_der(&bag.info, backend);
        let probe = key.as_ref().ok().and_then(|key| Probe::sign(key).ok());
        let named = |other: &crate::pkcs12::CertificateBag| {
            bag.attributes.local_key_id.is_some()
                && other.attributes.local_key_id == bag.attributes.local_key_id
        };
        let own: Vec<_> = certificates
            .iter()
            .filter(|other| match &probe {
                Some(probe) => probe.is_of(&other.certificate, backend),
                None => named(other),
            })
            .collect();
        // One key may have several certificates, if one was renewed: the store's own link decides then.
        let own = own.iter().find(|other| named(other)).or(own.first());
        let alias = bag.attributes.friendly_name.as_ref();
        let alias = alias.or_else(|| own.and_then(|own| own.attributes.friendly_name.as_ref()));
        let chain = own.map(|own| issuers.chain_of(own.certificate.clone())).unwrap_or_default();
        Self { alias: alias.cloned(), key, chain }
    }

    /// The name in the store. It may hold a person's number: see [`display_name`](Self::display_name) for
    /// output.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        self.alias.as_deref()
    }

    /// The alias for people and logs, or without one the subject; of a person's number only the last two
    /// digits are left.
    #[must_use]
    pub fn display_name(&self) -> String {
        match (&self.alias, self.certificate()) {
            (Some(alias), Some(certificate)) => certificate.identifiers().mask(alias),
            (Some(alias), None) => mask_name(alias),
            (None, Some(certificate)) => certificate.display_subject(),
            (None, None) => "a key without name and certificate".into(),
        }
    }

    /// The key.
    ///
    /// # Errors
    ///
    /// What [`SigningKey::from_der`] said, if it is a key of another kind or size.
    pub const fn key(&self) -> Result<&SigningKey, &Error> {
        self.key.as_ref()
    }

    /// The kind and size of the key, if they can be told.
    #[must_use]
    pub fn key_description(&self) -> Option<KeyDescription> {
        if let Some(certificate) = self.certificate() {
            return Some(certificate.key_description());
        }
        let key = self.key.as_ref().ok()?;
        match key.algorithm() {
            KeyAlgorithm::EcdsaP256 => Some(KeyDescription::Known(KeyKind::Ec(Curve::P256))),
            KeyAlgorithm::Rsa => {
                Some(KeyDescription::Known(KeyKind::Rsa { bits: 8 * Probe::sign(key).ok()?.length() }))
            }
        }
    }

    /// The key's own certificate.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.chain.first()
    }

    /// The certificate and those above it, as far as they are in the store, each followed by its issuer.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// The identity to sign with.
    ///
    /// # Errors
    ///
    /// [`Error::NoCertificate`], and those of [`Self::key`].
    pub fn identity(&self) -> Result<Identity, Error> {
        let key = self.key.clone()?;
        if self.chain.is_empty() {
            return Err(Error::NoCertificate);
        }
        Ok(Identity::of_pair(key, self.chain.clone()))
    }

    /// Whether the certificate allows signing. A key without certificate is not known to be for something
    /// else.
    fn may_sign(&self) -> bool {
        self.certificate().is_none_or(|certificate| certificate.require_digital_signature().is_ok())
    }
}

impl fmt::Debug for KeyEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyEntry")
            .field("name", &self.display_name())
            .field("key", &self.key)
            .field("chain", &self.chain)
            .finish()
    }
}
