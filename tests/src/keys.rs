//! Throw-away keys and certificates.

use ksz::pki::{Backend, Certificate, Identity, certificates_from_pem};
use ksz::wss::Ids;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256,
    PublicKeyData, RevokedCertParams, RsaKeySize, SerialNumber, date_time_ymd,
};

/// An authority that issues certificates for signing.
#[derive(Debug)]
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
        self.identity_with(name, key, |_| ())
    }

    /// An identity with a given key and a change in its certificate.
    ///
    /// # Panics
    ///
    /// If the key is none that signs messages.
    pub fn identity_with(
        &self,
        name: &str,
        key: &KeyPair,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Identity {
        let certificate = self.issue(name, key, change).pem();
        let pem = format!("{certificate}{}", key.serialize_pem());
        Identity::from_pem(pem.as_bytes(), self.backend).expect("rcgen writes identities")
    }

    /// A certificate for any public key, whoever has the private one.
    ///
    /// # Panics
    ///
    /// If it cannot be read.
    pub fn certify(&self, name: &str, key: &impl PublicKeyData) -> Certificate {
        Certificate::from_der(self.issue(name, key, |_| ()).der()).expect("rcgen writes certificates")
    }

    fn issue(
        &self,
        name: &str,
        key: &impl PublicKeyData,
        change: impl FnOnce(&mut CertificateParams),
    ) -> rcgen::Certificate {
        let mut params = named(name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        params.signed_by(key, &self.issuer).expect("the parameters are complete")
    }

    /// A certificate below this authority whose owner issues certificates too, whether it may or not.
    ///
    /// # Panics
    ///
    /// If no key can be made.
    pub fn below(&self, name: &str, is_ca: IsCa) -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a P-256 key can be made");
        let mut params = named(name);
        params.is_ca = is_ca;
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let pem = params.signed_by(&key, &self.issuer).expect("the parameters are complete").pem();
        Self { issuer: Issuer::new(params, key), pem, backend: self.backend }
    }

    /// A revocation list that names a certificate, as PEM.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    #[must_use]
    pub fn revocation_list(&self, revoked: &Certificate) -> String {
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2020, 1, 1),
            next_update: date_time_ymd(4000, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: SerialNumber::from_slice(revoked.serial_number()),
                revocation_time: date_time_ymd(2020, 1, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&self.issuer).expect("the authority signs lists");
        list.pem().expect("the list can be written")
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
