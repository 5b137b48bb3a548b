//! Where a client takes its assertions from, and whose it believes: never those of another environment.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz_client::{Client, Error};
use ksz_pki::{Backend, Certificate, CertificateEnvironment};
use ksz_sts::AssertionTrust;
use ksz_sts::names::EHEALTH_ISSUER;
use ksz_transport::Environment;
use rcgen::{CertificateParams, DnType, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256};

#[test]
fn a_pinned_certificate_of_another_environment_is_refused() {
    let acceptance = "TEST-ZetesConfidens-eHealth acceptance test-issuing CA 001";
    let build = |environment, issuer| {
        let trust = AssertionTrust::new(EHEALTH_ISSUER, vec![certificate_of(issuer)], Backend::default());
        Client::builder(environment).assertion_trust(trust).build().map(|_| ())
    };

    assert_eq!(build(Environment::Acceptance, acceptance), Ok(()));
    assert_eq!(build(Environment::Production, "An authority that tells nothing"), Ok(()));
    let refusal = build(Environment::Production, acceptance).unwrap_err();
    let Error::CertificateEnvironment { setting, found, environment, .. } = refusal else {
        panic!("{refusal}")
    };
    assert_eq!(setting, "ehealth.sts_certificates");
    assert_eq!(found, CertificateEnvironment::NotProduction);
    assert_eq!(environment, Environment::Production);
}

fn certificate_of(issuer: &str) -> Certificate {
    let key = || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, issuer);
    let authority = Issuer::new(authority, key());
    let certificate = CertificateParams::default().signed_by(&key(), &authority).unwrap();
    Certificate::from_der(certificate.der()).unwrap()
}
