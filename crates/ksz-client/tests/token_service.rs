//! Where a client takes its assertions from, and whose it believes: never those of another environment.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz_client::{Client, Error};
use ksz_pki::{Backend, Certificate, CertificateEnvironment};
use ksz_sts::AssertionTrust;
use ksz_sts::names::EHEALTH_ISSUER;
use ksz_transport::{Environment, Service};
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

#[test]
fn the_address_of_the_old_token_service_is_refused_with_what_took_its_place() {
    let build = |service, url: &str| {
        Client::builder(Environment::Production).endpoint(service, url.parse().unwrap()).build().map(|_| ())
    };
    let sts = Service::EhealthSts;
    let host = "https://services.ehealth.fgov.be/IAM";

    for url in [
        format!("{host}/Saml11TokenService/v1"),
        format!("{host}/Saml11TokenService/v1/"),
        format!("{host}/Saml11TokenService/Legacy/v1"),
        format!("{host}/saml11tokenservice/v1?wsdl"),
        "https://gateway.hospital.example/ehealth/Saml11TokenService/v1".to_owned(),
    ] {
        let refusal = build(sts, &url).unwrap_err();
        let Error::Transport(ksz_transport::Error::ServiceRetired { service, hint }) = &refusal else {
            panic!("{url}: {refusal}")
        };
        assert_eq!(*service, Service::EhealthSaml11TokenService, "{url}");
        assert!(hint.contains("October 2023") && hint.contains("ehealth-sts"), "{hint}");
        assert!(refusal.to_string().contains(hint), "{refusal}");
    }
    assert!(build(Service::EhealthSaml11TokenService, &format!("{host}/x")).is_err());
    for url in [format!("{host}/SecurityTokenService/v1"), format!("{host}/Saml11TokenService/v10")] {
        assert_eq!(build(sts, &url), Ok(()), "{url}");
    }
}

fn certificate_of(issuer: &str) -> Certificate {
    let key = || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, issuer);
    let authority = Issuer::new(authority, key());
    let certificate = CertificateParams::default().signed_by(&key(), &authority).unwrap();
    Certificate::from_der(certificate.der()).unwrap()
}
