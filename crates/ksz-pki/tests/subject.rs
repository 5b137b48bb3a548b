//! Whom certificates name, and for which environment they are.
//!
//! The certificates were made by `openssl` with the subjects that the services ask for; their keys are thrown
//! away.

#![cfg(feature = "x509")]
#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz_pki::{
    CareOrganisation, Certificate, CertificateEnvironment, Error, IdentifierKind, Number,
    certificates_from_pem,
};
use rcgen::string::BmpString;
use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue, KeyPair};

macro_rules! certificate {
    ($name:literal) => {
        read(include_bytes!(concat!("subjects/", $name, ".pem")))
    };
}

fn read(pem: &[u8]) -> Certificate {
    certificates_from_pem(pem).unwrap().remove(0)
}

/// The identifiers as they print, the application and the organisation.
fn named(certificate: &Certificate) -> (Vec<String>, Option<String>, Option<String>) {
    let named = certificate.identifiers();
    let identifiers = named.identifiers().iter().map(ToString::to_string).collect();
    (identifiers, named.application().map(str::to_owned), named.organisation().map(str::to_owned))
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn the_ehealth_platform_names_identifier_application_and_organisation() {
    let partner = certificate!("platform-partner");
    let hospital = certificate!("platform-hospital");

    assert_eq!(
        named(&partner),
        (
            vec!["EHP=1990001916".to_owned()],
            text("VITALINKGATEWAY"),
            text("VLAAMS AGENTSCHAP ZORG EN GEZONDHEID")
        )
    );
    assert_eq!(partner.environment(), Some(CertificateEnvironment::Production));
    assert_eq!(named(&hospital), (vec!["NIHII-HOSPITAL=71089914".to_owned()], None, text("EXAMPLE")));
    assert_eq!(hospital.environment(), Some(CertificateEnvironment::NotProduction));
    let identifiers = hospital.identifiers();
    let identifier = &identifiers.identifiers()[0];
    assert_eq!(identifier.kind(), &IdentifierKind::CareOrganisation(CareOrganisation::Hospital));
    assert!(matches!(identifier.number(), Ok(Number::Nihii(number)) if number.unmasked() == "71089914"));
}

#[test]
fn a_persons_number_is_masked_wherever_the_certificate_holds_it() {
    for certificate in [certificate!("platform-person"), certificate!("identity-card")] {
        let named = certificate.identifiers();
        let identifier = &named.identifiers()[0];

        assert_eq!(identifier.to_string(), "SSIN=*********61");
        assert!(matches!(identifier.number(), Ok(Number::Ssin(ssin)) if ssin.unmasked() == "93051822361"));
        let printed = format!("{named:?} {certificate:?} {}", certificate.display_subject());
        assert!(!printed.contains("93051822361"), "{printed}");
    }
}

#[test]
fn a_care_providers_short_number_is_masked_too() {
    let certificate = certificate!("platform-provider");
    let named = certificate.identifiers();

    assert_eq!(named.identifiers()[0].to_string(), "NIHII=******78");
    for printed in
        [format!("{named:?} {certificate:?}"), certificate.display_subject(), certificate.display_issuer()]
    {
        assert!(printed.contains("******78") && !printed.contains("10012378"), "{printed}");
    }
}

#[test]
fn social_security_names_the_enterprise_and_the_environment() {
    let certificate = certificate!("social-security");

    assert_eq!(named(&certificate), (vec!["CBE=0406798006".to_owned()], None, text("Voorbeeld")));
    assert_eq!(certificate.environment(), Some(CertificateEnvironment::NotProduction));
}

#[test]
fn a_web_authority_names_the_enterprise_and_no_environment() {
    let certificate = certificate!("web-authority");

    assert_eq!(named(&certificate), (vec!["CBE=0406798006".to_owned()], None, text("Voorbeeld")));
    assert_eq!(certificate.environment(), None);
}

#[test]
fn what_looks_like_an_attribute_inside_another_is_none() {
    let certificate = certificate!("deceptive");
    let subject = "Voorbeeld, OU=eHealth-platform Belgium, OU=CBE=0406798006";

    assert_eq!(named(&certificate), (vec![], None, text(subject)));
    assert_eq!(certificate.environment(), None);
}

#[test]
fn wrong_and_unknown_identifiers_are_kept_and_told() {
    let certificate = certificate!("platform-wrong");
    let found = certificate.identifiers();

    assert_eq!(
        named(&certificate),
        (vec!["CBE=0406798007".into(), "NEW_KIND-2=12".into()], text("cbe=0406798006"), text("CBE="))
    );
    let numbers: Vec<_> = found.identifiers().iter().map(|identifier| identifier.number()).collect();
    assert_eq!(numbers, [Err(Error::CheckDigits { kind: "CBE" }), Ok(Number::Unchecked)]);
    assert_eq!(found.identifiers()[1].kind(), &IdentifierKind::Unknown("NEW_KIND-2".into()));
}

#[test]
fn no_form_and_no_place_of_a_persons_number_prints_it() {
    let plain = |text: &str| DnValue::Utf8String(text.to_owned());
    // The library that makes certificates keeps one value of each type: the second unit goes by its number.
    let unit = || DnType::CustomDnType(vec![2, 5, 4, 11]);
    let platform = || (DnType::OrganizationalUnitName, plain("eHealth-platform Belgium"));
    let uid = || DnType::CustomDnType(vec![0, 9, 2342, 19_200_300, 100, 1, 1]);
    let organisation_identifier = DnType::CustomDnType(vec![2, 5, 4, 97]);
    let bmp = |text: &str| DnValue::BmpString(BmpString::try_from(text).unwrap());
    for (name, shown) in [
        (vec![platform(), (unit(), plain("93051822361"))], "OU=*********61"),
        (vec![platform(), (unit(), plain("Dr 71089914730"))], "OU=Dr *********30"),
        (vec![(DnType::OrganizationName, plain("93 05 18 223 61"))], "O=*********61"),
        (vec![(DnType::CommonName, bmp("SSIN=93051822361"))], "CN=SSIN=*********61"),
        (vec![(uid(), plain("RRN93051822361"))], "UID=RRN*********61"),
        (vec![(organisation_identifier, plain("NTRBE+93.05.18-223.61"))], "=NTRBE\\+*********61"),
        (vec![(unit(), plain("NIHII=71089914"))], "OU=NIHII=******14"),
        (
            vec![(unit(), plain("NIHII11=71089914730")), (DnType::CommonName, plain("Dr 71089914, A"))],
            "CN=Dr ******14\\, A",
        ),
    ] {
        let certificate = named_so(name);
        let found = certificate.identifiers();

        let subject = certificate.display_subject();
        assert!(subject.contains(shown) && subject == certificate.display_issuer(), "{subject}");
        let printed = format!(
            "{subject} {certificate:?} {found:?} {:?} {:?}",
            found.display_application(),
            found.display_organisation()
        );
        for secret in ["9305182", "22361", "223 61", "223.61", "710899", "0039003300300035"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}

#[test]
fn a_value_that_is_no_text_is_not_shown() {
    const UTF8_STRING: u8 = 0x0c;
    const OCTET_STRING: u8 = 0x04;
    let text = DnValue::Utf8String("93051822361".to_owned());
    let mut der = named_so(vec![(DnType::CommonName, text)]).der().to_vec();
    for at in 0..der.len() {
        if der[at..].starts_with(b"\x0c\x0b93051822361") {
            assert_eq!(std::mem::replace(&mut der[at], OCTET_STRING), UTF8_STRING);
        }
    }

    assert_eq!(Certificate::from_der(&der).unwrap().display_subject(), "CN=#…");
}

/// A certificate that names itself so.
fn named_so(attributes: Vec<(DnType, DnValue)>) -> Certificate {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in attributes {
        params.distinguished_name.push(kind, value);
    }
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    Certificate::from_der(certificate.der()).unwrap()
}
