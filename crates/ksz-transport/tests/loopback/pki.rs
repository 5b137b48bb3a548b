use ksz_pki::{Backend, Certificate, Identity};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, SignatureAlgorithm, date_time_ymd,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

pub(crate) type Chain = Vec<CertificateDer<'static>>;

/// An authority of one test.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = params(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self(CertifiedIssuer::self_signed(params, key(&PKCS_ECDSA_P256_SHA256)).unwrap())
    }

    pub(crate) fn certificate(&self) -> Certificate {
        Certificate::from_der(self.0.der()).unwrap()
    }

    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    pub(crate) fn rsa_client(&self) -> Identity {
        self.client(&PKCS_RSA_SHA256)
    }

    pub(crate) fn p256_client(&self) -> Identity {
        self.client(&PKCS_ECDSA_P256_SHA256)
    }

    fn client(&self, algorithm: &'static SignatureAlgorithm) -> Identity {
        let key = key(algorithm);
        let certificate = params("client", &[]).signed_by(&key, &self.0).unwrap();
        let pem = certificate.pem() + &key.serialize_pem();
        Identity::from_pem(pem.as_bytes(), Backend::default()).unwrap()
    }

    pub(crate) fn server(&self, names: &[&str]) -> (Chain, PrivateKeyDer<'static>) {
        self.server_with(params("server", names))
    }

    pub(crate) fn server_of_years(&self, from: i32, to: i32) -> (Chain, PrivateKeyDer<'static>) {
        let mut params = params("server", &["127.0.0.1"]);
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        self.server_with(params)
    }

    fn server_with(&self, params: CertificateParams) -> (Chain, PrivateKeyDer<'static>) {
        let key = key(&PKCS_ECDSA_P256_SHA256);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }
}

fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(algorithm).unwrap()
}

fn params(name: &str, names: &[&str]) -> CertificateParams {
    let mut params =
        CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
