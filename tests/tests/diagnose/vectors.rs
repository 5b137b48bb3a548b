//! Messages of others: what independent implementations refuse is explained.

use ksz::error::Class;
use ksz::pki::{Backend, PublicKey, TrustStore, certificates_from_pem};
use ksz::soap::parse_date_time;
use ksz::sts::names::EHEALTH_ISSUER;
use ksz::wss::{Cause, Certainty, DiagnosisOptions, DiagnosisProfile, Finding, TokenIssuer, diagnose};
use ksz_tests::shared;
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn samples_that_were_printed_prettily_after_signing_are_told_so() {
    let Some(folder) = shared("the re-indented samples", "reference/ehealth/samples") else { return };
    for (name, profile, now) in [
        ("wss4j-mycarenet-ehealth-common.xml", DiagnosisProfile::HolderOfKey, "2023-12-12T06:29:00Z"),
        ("wss4j-mycarenet-ehealth-saml-sts.xml", DiagnosisProfile::X509, "2023-12-12T06:59:00Z"),
        ("wss4j-mycarenet-ws.xml", DiagnosisProfile::X509, "2023-12-12T07:24:00Z"),
    ] {
        let message = std::fs::read(folder.join(name)).unwrap();
        for profile in [profile, DiagnosisProfile::X509, DiagnosisProfile::HolderOfKey] {
            let now = parse_date_time("now", now).unwrap();
            let found = diagnose(&message, &DiagnosisOptions::new(profile, Backend::AwsLc, now)).findings;
            let first = &found[0];
            assert_eq!((first.cause.name(), first.certainty), ("reindented", Certainty::Proven), "{name}");
            let Cause::Reindented { parts } = &first.cause else { panic!("{first:?}") };
            assert!(parts.contains(&"Timestamp") && parts.contains(&"Body"), "{name}: {parts:?}");
            let place = first.place.as_ref().unwrap();
            assert!(place.path.starts_with("/SOAP-ENV:Envelope/"), "{place:?}");
            assert!(first.found.contains("\\n ") && !first.expected.contains("\\n"), "{first:?}");
        }
    }
}

#[test]
fn vectors_of_another_implementation_get_a_finding_of_their_class() {
    let Some(folder) = shared("wss-made", "vectors/wss-made") else { return };
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let classes = BTreeMap::from([
        ("wss-made/tampered-body", Class::Digest),
        ("wss-made/tampered-timestamp", Class::Digest),
        ("wss-made/xsw-wrapped-body", Class::Structure),
        ("wss-made/xsw-duplicate-id", Class::Id),
        ("wss-made/body-not-signed", Class::Coverage),
        ("wss-made/sha1-signature", Class::Algorithm),
        ("wss-made/saml-hok-assertion-tampered", Class::Digest),
    ]);
    let mut judged = 0;
    for vector in manifest["vectors"].as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap();
        let now = parse_date_time("verify_at", text("verify_at")).unwrap();
        let profile = match text("profile") {
            "x509" => DiagnosisProfile::X509,
            _ => DiagnosisProfile::HolderOfKey,
        };
        let mut options = DiagnosisOptions::new(profile, Backend::AwsLc, now);
        if profile == DiagnosisProfile::X509 {
            let anchor = std::fs::read(folder.join(vector["key"]["cert"].as_str().unwrap())).unwrap();
            options.trust = Some(TrustStore::new(certificates_from_pem(&anchor).unwrap(), Backend::AwsLc));
        } else {
            let key = std::fs::read(folder.join(text("sts_key"))).unwrap();
            let key = PublicKey::from_pem(&key, Backend::AwsLc).unwrap();
            options.issuer = Some(TokenIssuer::new(EHEALTH_ISSUER, vec![], vec![key]));
        }
        let found = diagnose(&std::fs::read(folder.join(text("file"))).unwrap(), &options).findings;
        let first = found.first().map(Finding::class);
        assert_eq!(first.as_ref(), classes.get(text("id")), "{}: {found:#?}", text("id"));
        judged += 1;
    }
    assert_eq!(judged, 10);
}
