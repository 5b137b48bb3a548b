//! Throw-away authorities, keys and stores.

use ksz_pki::{Backend, Certificate, Digest, Identity, Password, certificates_from_pem};
use p12_keystore::{EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey, PrivateKeyChain};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SignatureAlgorithm,
};

pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) fn password() -> Password {
    Password::new(PASSWORD.into())
}

/// A root, an authority below it, and what they issue.
pub(crate) struct Authorities {
    pub(crate) root: CertifiedIssuer<'static, KeyPair>,
    pub(crate) issuing: CertifiedIssuer<'static, KeyPair>,
}

impl Authorities {
    pub(crate) fn new() -> Self {
        let root = CertifiedIssuer::self_signed(authority("Root"), ec()).unwrap();
        let issuing = CertifiedIssuer::signed_by(authority("Issuing"), ec(), &root).unwrap();
        Self { root, issuing }
    }

    /// A key that may sign, and its certificate.
    pub(crate) fn signer(&self, name: &str) -> Signer {
        self.issue(name, ec(), vec![KeyUsagePurpose::DigitalSignature])
    }

    /// A key to decrypt with.
    pub(crate) fn decrypter(&self, name: &str) -> Signer {
        self.issue(name, ec(), vec![KeyUsagePurpose::KeyEncipherment])
    }

    pub(crate) fn issue(&self, name: &str, key: KeyPair, usages: Vec<KeyUsagePurpose>) -> Signer {
        let mut params = named(name);
        params.key_usages = usages;
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuing).unwrap().pem();
        Signer { key, certificate }
    }

    /// Both certificates, the root first.
    pub(crate) fn pem(&self) -> String {
        self.root.pem() + &self.issuing.pem()
    }
}

/// A key and its certificate in PEM.
pub(crate) struct Signer {
    pub(crate) key: KeyPair,
    pub(crate) certificate: String,
}

impl Signer {
    pub(crate) fn certificate(&self) -> Certificate {
        certificates(&self.certificate).remove(0)
    }
}

pub(crate) fn ec() -> KeyPair {
    key(&PKCS_ECDSA_P256_SHA256)
}

pub(crate) fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(algorithm).unwrap()
}

pub(crate) fn certificates(pem: &str) -> Vec<Certificate> {
    certificates_from_pem(pem.as_bytes()).unwrap()
}

fn authority(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.use_authority_key_identifier_extension = true;
    params
}

pub(crate) fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// A store that is written by another library.
pub(crate) struct Store {
    entries: KeyStore,
    encryption: EncryptionAlgorithm,
    mac: MacAlgorithm,
    iterations: u32,
    password: &'static str,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self {
            entries: KeyStore::new(),
            encryption: EncryptionAlgorithm::PbeWithHmacSha256AndAes256,
            mac: MacAlgorithm::HmacSha256,
            iterations: 10,
            password: PASSWORD,
        }
    }

    /// Adds an entry; `chain` is written in the order given.
    pub(crate) fn with(mut self, alias: &str, signer: &Signer, chain: &str) -> Self {
        let key = PrivateKey::from_der(signer.key.serialized_der()).unwrap();
        let chain = format!("{}{chain}", signer.certificate);
        let chain = certificates(&chain)
            .into_iter()
            .map(|certificate| p12_keystore::Certificate::from_der(certificate.der()).unwrap());
        let entry = PrivateKeyChain::new(alias, key, chain);
        self.entries.add_entry(alias, KeyStoreEntry::PrivateKeyChain(entry));
        self
    }

    /// Adds a certificate without a key.
    pub(crate) fn with_certificate(mut self, alias: &str, certificate: &str) -> Self {
        let certificate = certificates(certificate).remove(0);
        let certificate = p12_keystore::Certificate::from_der(certificate.der()).unwrap();
        self.entries.add_entry(alias, KeyStoreEntry::Certificate(certificate));
        self
    }

    pub(crate) fn encryption(mut self, algorithm: EncryptionAlgorithm) -> Self {
        self.encryption = algorithm;
        self
    }

    pub(crate) fn mac(mut self, algorithm: MacAlgorithm) -> Self {
        self.mac = algorithm;
        self
    }

    pub(crate) fn iterations(mut self, iterations: u32) -> Self {
        self.iterations = iterations;
        self
    }

    pub(crate) fn password(mut self, password: &'static str) -> Self {
        self.password = password;
        self
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let writer = self.entries.writer(self.password).encryption_algorithm(self.encryption);
        let writer = writer.encryption_iterations(self.iterations);
        writer.mac_algorithm(self.mac).mac_iterations(self.iterations).write().unwrap()
    }
}

/// The identity signs, and its certificate is the signer's.
pub(crate) fn assert_is(identity: &Identity, signer: &Signer) {
    assert_eq!(identity.certificate(), &signer.certificate());
    let digest = Digest::sha256(b"octets");
    let value = identity.key().sign_digest(&digest).unwrap();
    signer.certificate().public_key(Backend::default()).unwrap().verify_digest(&digest, &value).unwrap();
}
