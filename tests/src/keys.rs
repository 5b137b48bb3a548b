//! Throw-away keys and certificates.

use ksz::pki::{Backend, Certificate, Identity, certificates_from_pem};
use ksz::wss::Ids;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize,
};

/// An authority that issues certificates for signing.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    backend: Backend,
}

impl Authority {
    /// A fresh authority of this name.
    ///
    /// # Panics
    ///
    /// If no key can be made.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a P-256 key can be made");
        let mut params = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let pem = params.self_signed(&key).expect("the parameters are complete").pem();
        Self { issuer: Issuer::new(params, key), pem, backend: Backend::default() }
    }

    /// The same authority, whose identities sign with `backend`.
    #[must_use]
    pub const fn with_backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Its certificate.
    ///
    /// # Panics
    ///
    /// If it cannot be read.
    #[must_use]
    pub fn certificate(&self) -> Certificate {
        certificates_from_pem(self.pem.as_bytes()).expect("rcgen writes certificates").remove(0)
    }

    /// An identity with an RSA key of 2048 bits.
    ///
    /// # Panics
    ///
    /// If no key can be made.
    #[must_use]
    pub fn rsa(&self, name: &str) -> Identity {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048);
        self.identity(name, &key.expect("an RSA key can be made"))
    }

    /// An identity with a P-256 key.
    ///
    /// # Panics
    ///
    /// If no key can be made.
    #[must_use]
    pub fn ec(&self, name: &str) -> Identity {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a P-256 key can be made");
        self.identity(name, &key)
    }

    fn identity(&self, name: &str, key: &KeyPair) -> Identity {
        let mut params = named(name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(key, &self.issuer).expect("the parameters are complete");
        let pem = format!("{}{}", certificate.pem(), key.serialize_pem());
        Identity::from_pem(pem.as_bytes(), self.backend).expect("rcgen writes identities")
    }
}

/// The identifiers of one message.
///
/// # Panics
///
/// If `unique` is no identifier.
#[must_use]
pub fn ids(unique: &str) -> Ids {
    Ids::new(unique).expect("the caller gives an identifier")
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::CountryName, "BE");
    params
}
