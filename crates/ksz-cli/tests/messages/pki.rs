//! Throw-away authorities, keys and certificates.

use ksz::pki::certificates_from_pem;
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType, IsCa,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};

pub(crate) const EC: &rcgen::SignatureAlgorithm = &rcgen::PKCS_ECDSA_P256_SHA256;
pub(crate) const RSA: &rcgen::SignatureAlgorithm = &rcgen::PKCS_RSA_SHA256;

/// A certification authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn root(name: &str) -> Self {
        Self(CertifiedIssuer::self_signed(authority(name), key(EC)).unwrap())
    }

    pub(crate) fn issuing(&self, name: &str) -> Self {
        Self(CertifiedIssuer::signed_by(authority(name), key(EC), &self.0).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A key and its certificate.
    pub(crate) fn signer(&self, name: &str, algorithm: &'static rcgen::SignatureAlgorithm) -> Signer {
        let key = key(algorithm);
        let certificate = leaf(name).signed_by(&key, &self.0).unwrap().pem();
        Signer { key: key.serialize_pem(), certificate, public_key: key.public_key_pem() }
    }

    /// A list that revokes the certificates of all signers made here.
    pub(crate) fn revocation_list(&self) -> String {
        let revoked = RevokedCertParams {
            serial_number: SerialNumber::from(SERIAL),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 1, 1),
            next_update: date_time_ymd(2027, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![revoked],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.0).unwrap().pem().unwrap()
    }
}

/// PEM texts of a key.
pub(crate) struct Signer {
    pub(crate) key: String,
    pub(crate) certificate: String,
    pub(crate) public_key: String,
}

impl Signer {
    pub(crate) fn identity(&self) -> String {
        format!("{}{}", self.certificate, self.key)
    }

    /// A PKCS#12 store with the key under this alias, its certificate, and `above` in PEM.
    pub(crate) fn store(&self, alias: &str, above: &str, password: &str) -> Vec<u8> {
        let certificates = certificates_from_pem((self.certificate.clone() + above).as_bytes()).unwrap();
        let certificates =
            certificates.iter().map(|certificate| Certificate::from_der(certificate.der()).unwrap());
        let key = PrivateKey::from_der(KeyPair::from_pem(&self.key).unwrap().serialized_der()).unwrap();
        let mut store = KeyStore::new();
        let entry = PrivateKeyChain::new(alias, key, certificates);
        store.add_entry(alias, KeyStoreEntry::PrivateKeyChain(entry));
        store.writer(password).encryption_iterations(100).mac_iterations(100).write().unwrap()
    }

    /// One whose certificate no authority issued.
    pub(crate) fn self_signed(name: &str) -> Self {
        let key = key(EC);
        let certificate = leaf(name).self_signed(&key).unwrap().pem();
        Self { key: key.serialize_pem(), certificate, public_key: key.public_key_pem() }
    }
}

const SERIAL: u64 = 0x00c0_ffee;

fn key(algorithm: &'static rcgen::SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(algorithm).unwrap()
}

fn authority(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.serial_number = Some(SerialNumber::from(SERIAL));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.not_after = date_time_ymd(2030, 1, 2);
    params
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
