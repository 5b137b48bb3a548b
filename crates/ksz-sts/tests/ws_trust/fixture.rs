//! Throw-away identities, and an assertion that a token service of this process signed.

use ksz_pki::{Backend, Identity};
use ksz_sts::names::{CERTIFIED, EHEALTH_ISSUER, IDENTIFICATION};
use ksz_sts::{AssertionTrust, Attribute, Lifetime, NewAssertion};
use ksz_wss::SamlToken;
use ksz_xml::{Document, Element, Limits};
use rcgen::{CertificateParams, DnType, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, date_time_ymd};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) const HOSPITAL: &str = "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number";
pub(crate) const RECOGNISED: &str =
    "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number:recognisedhospital:boolean";

/// Who holds the key.
pub(crate) static HOLDER: LazyLock<Identity> = LazyLock::new(|| identity(&["NIHII-HOSPITAL=71089914"]));
/// The token service.
pub(crate) static SERVICE: LazyLock<Identity> = LazyLock::new(|| identity(&[]));

/// [`assertion`], signed: once, because two signatures by one key differ.
pub(crate) static TOKEN: LazyLock<SamlToken> =
    LazyLock::new(|| SamlToken::from_xml(&assertion().sign(&SERVICE).unwrap(), &Limits::default()).unwrap());

/// An identity whose certificate, valid in 2026, holds these units in the form of the eHealth platform.
pub(crate) fn identity(units: &[&str]) -> Identity {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = CertificateParams::default();
    (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    if let [unit] = units {
        params.distinguished_name.push(DnType::OrganizationalUnitName, "eHealth-platform Belgium");
        // The same attribute under its object identifier: the library keeps one value for each type.
        params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 11]), *unit);
    }
    let pem = params.self_signed(&key).unwrap().pem() + &key.serialize_pem();
    Identity::from_pem(pem.as_bytes(), Backend::default()).unwrap()
}

/// Noon on the first of June 2026, and so many seconds.
pub(crate) fn noon(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_780_315_200 + seconds)
}

pub(crate) fn trust() -> AssertionTrust {
    AssertionTrust::new(EHEALTH_ISSUER, vec![SERVICE.certificate().clone()], Backend::default())
}

/// An assertion for the holder, an hour long from noon on.
pub(crate) fn assertion() -> NewAssertion {
    NewAssertion {
        id: "_4d2f2572befc1c6a70493a35d3618c66".into(),
        issuer: EHEALTH_ISSUER.into(),
        issue_instant: noon(0),
        validity: Lifetime { created: noon(0) - Duration::from_secs(300), expires: noon(3_600) },
        holder: HOLDER.certificate().clone(),
        attributes: vec![
            Attribute::new(HOSPITAL, IDENTIFICATION, "71089914"),
            Attribute::new(RECOGNISED, CERTIFIED, "true"),
        ],
    }
}

/// Reads the document element.
#[track_caller]
pub(crate) fn root<T>(xml: &str, read: impl FnOnce(Element<'_>) -> T) -> T {
    let document = Document::parse(xml.as_bytes(), &Limits::default());
    read(document.unwrap_or_else(|error| panic!("{error}\n{xml}")).root())
}

/// The text with its only `from` replaced.
#[track_caller]
pub(crate) fn swap(text: &str, from: &str, to: &str) -> String {
    let found = text.matches(from).count();
    assert_eq!(found, 1, "{from} in {text}");
    text.replacen(from, to, 1)
}
