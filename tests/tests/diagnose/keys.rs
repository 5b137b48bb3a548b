//! Algorithms, keys, certificates, and the clock.

use crate::case::Case;
use crate::world::{
    Maker, WORLD, between, envelope, redigested, resigned, signed_info, swap, value, with_value,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::pki::{Backend, CertificateEnvironment, TrustStore};
use ksz::wss::{Certainty, SigningOptions, sign_x509};
use ksz_tests::keys::ids;
use rcgen::{DnType, KeyUsagePurpose};
use std::time::{Duration, SystemTime};

pub(crate) fn cases() -> Vec<Case> {
    [algorithms(), keys(), certificates(), clocks()].into_iter().flatten().collect()
}

fn algorithms() -> Vec<Case> {
    let message = WORLD.message();
    let ec = WORLD.signed_by(&WORLD.ec);
    let raw = between(&ec, "<ds:SignatureValue>", "</ds:SignatureValue>").split(['<', '>']).nth(2).unwrap();
    let raw = STANDARD.decode(raw).unwrap();
    let exclusive = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">";
    vec![
        Case::x509("sha1-left-on", "for the signature", {
            swap(
                &message,
                "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            )
        }),
        Case::x509("sha1-left-on", "for a digest", {
            resigned(
                &swap(
                    &message,
                    "http://www.w3.org/2001/04/xmlenc#sha256",
                    "http://www.w3.org/2000/09/xmldsig#sha1",
                ),
                &WORLD.rsa,
            )
        }),
        Case::x509(
            "algorithm-not-accepted",
            "HMAC",
            message.replace("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"),
        ),
        Case::x509("algorithm-not-accepted", "XPath", {
            let xpath = exclusive.replace("2001/10/xml-exc-c14n#", "TR/1999/REC-xpath-19991116");
            resigned(&swap(&message, exclusive, &xpath), &WORLD.rsa)
        }),
        Case::x509("algorithm-not-accepted", "inclusive canonicalization", {
            let inclusive = "<ds:Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\">";
            let message = swap(&message, exclusive, inclusive);
            let octets =
                crate::world::canonical(&message, "TS-1", &ksz::xmldsig::CanonicalizationMethod::inclusive());
            resigned(&redigested(&message, "TS-1", octets.as_bytes()), &WORLD.rsa)
        }),
        Case::x509("algorithm-not-for-key", "ECDSA with an RSA certificate", {
            message.replace("xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256")
        }),
        Case::x509("ecdsa-in-der", "as OpenSSL gives it", with_value(&ec, &der(&raw)))
            .being(Certainty::Proven),
    ]
}

/// An ECDSA value as a DER sequence of two integers.
fn der(raw: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let start = number.iter().position(|octet| *octet != 0).unwrap();
        let mut contents = number[start..].to_vec();
        if contents[0] >= 0x80 {
            contents.insert(0, 0);
        }
        [&[2, u8::try_from(contents.len()).unwrap()][..], &contents].concat()
    };
    let contents = [integer(&raw[..32]), integer(&raw[32..])].concat();
    [&[0x30, u8::try_from(contents.len()).unwrap()][..], &contents].concat()
}

fn keys() -> Vec<Case> {
    let message = WORLD.message();
    let by_other = |octets: &[u8]| with_value(&message, &value(octets, &WORLD.other_rsa));
    let ec = WORLD.signed_by(&WORLD.ec);
    let info = signed_info(&message);
    vec![
        Case::x509("signed-by-another-key", "of a certificate that is known", by_other(&info))
            .knowing(|options| options.certificates.push(WORLD.other_rsa.certificate().clone()))
            .being(Certainty::Proven),
        Case::x509("key-and-certificate-not-a-pair", "RSA", by_other(&info)).being(Certainty::Proven),
        Case::x509("key-and-certificate-not-a-pair", "P-256", {
            with_value(&ec, &value(&signed_info(&ec), &WORLD.other))
        })
        .being(Certainty::Likely),
        Case::x509("signed-info-changed", "a digest computed anew", {
            let changed = swap(&message, "Hello", "Hullo");
            let octets = crate::world::canonical(&changed, "id-1", &crate::world::exclusive());
            redigested(&changed, "id-1", octets.as_bytes())
        })
        .being(Certainty::Proven),
        Case::x509("token-malformed", "no base64", {
            let token = between(&message, "Id=\"X509-1\">", "<").to_owned();
            swap(&message, &token, "Id=\"X509-1\">!<")
        }),
        Case::x509("key-not-accepted", "P-384", {
            let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
            let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
            let (token, other) =
                (between(&ec, "Id=\"X509-1\">", "<").to_owned(), STANDARD.encode(certificate.der()));
            let message = swap(&ec, &token, &format!("Id=\"X509-1\">{other}<"));
            let octets = crate::world::canonical(&message, "X509-1", &crate::world::exclusive());
            resigned(&redigested(&message, "X509-1", octets.as_bytes()), &WORLD.ec)
        }),
    ]
}

fn certificates() -> Vec<Case> {
    let root = Maker::root("Example Root 2");
    let between = root.below("Example Issuer");
    let trusting = |case: Case| {
        let anchor = root.certificate.clone();
        case.knowing(move |options| options.trust = Some(TrustStore::new(vec![anchor], Backend::AwsLc)))
    };
    let year = rcgen::date_time_ymd;
    let issuer = "ZetesConfidens Private Trust PKI - eHealth issuing CA 001";
    let production = Maker::root(issuer);
    vec![
        trusting(Case::x509("certificate-expired", "in 2020", {
            WORLD.with_certificate(
                |p| (p.not_before, p.not_after) = (year(2019, 1, 1), year(2020, 1, 1)),
                &root,
            )
        })),
        trusting(Case::x509("certificate-not-yet-valid", "before 2090", {
            WORLD.with_certificate(
                |p| (p.not_before, p.not_after) = (year(2090, 1, 1), year(2091, 1, 1)),
                &root,
            )
        })),
        trusting(Case::x509("chain-incomplete", "the authority between is missing", {
            WORLD.with_certificate(|_| (), &between)
        })),
        trusting(Case::x509("certificate-not-accepted", "not for signing", {
            WORLD.with_certificate(|p| p.key_usages = vec![KeyUsagePurpose::KeyEncipherment], &root)
        })),
        trusting(Case::x509("certificate-not-accepted", "by another authority of the name", {
            WORLD.with_certificate(|_| (), &Maker::root("Example Root 2"))
        })),
        Case::x509(
            "other-environment",
            "a certificate of production",
            WORLD.with_certificate(|_| (), &production),
        )
        .knowing(|options| {
            options.trust = Some(TrustStore::new(vec![production.certificate.clone()], Backend::AwsLc));
            options.environment = Some(CertificateEnvironment::NotProduction);
        }),
        Case::x509("other-environment", "an answer of production", WORLD.message()).knowing(|options| {
            options.environment = Some(CertificateEnvironment::NotProduction);
            options.fault = Some(crate::outside::fault("SOA-01001", "Production").into_bytes());
        }),
        Case::x509("other-environment", "a certificate with the unit of production", {
            WORLD.with_certificate(
                |p| p.distinguished_name.push(DnType::OrganizationalUnitName, "PRD"),
                &production,
            )
        })
        .knowing(|options| {
            options.trust = Some(TrustStore::new(vec![production.certificate.clone()], Backend::AwsLc));
            options.environment = Some(CertificateEnvironment::Simulator);
        }),
    ]
}

fn clocks() -> Vec<Case> {
    let at = |now: SystemTime| {
        sign_x509(envelope().as_bytes(), &WORLD.rsa, &ids("1"), now, &SigningOptions::default()).unwrap()
    };
    let hour = Duration::from_secs(3_600);
    let message = WORLD.message();
    let created = between(&message, "<wsu:Created>", "</wsu:Created>").to_owned();
    let retimed = |to: &str| {
        let timestamp = between(&message, "<wsu:Timestamp", "</wsu:Timestamp>").to_owned();
        let expires = between(&message, "<wsu:Expires>", "</wsu:Expires>").to_owned();
        let message = swap(&message, &timestamp, &timestamp.replace(&expires, to));
        let octets = crate::world::canonical(&message, "TS-1", &crate::world::exclusive());
        resigned(&redigested(&message, "TS-1", octets.as_bytes()), &WORLD.rsa)
    };
    let later = ksz::soap::format_date_time(WORLD.now + Duration::from_secs(3_000)).unwrap();
    let soon = ksz::soap::format_date_time(WORLD.now + Duration::from_secs(60)).unwrap();
    vec![
        Case::x509("clock-skew", "an hour ahead", at(WORLD.now + hour)).being(Certainty::Proven),
        Case::x509("timestamp-expired", "an hour ago", at(WORLD.now - hour)),
        Case::x509(
            "timestamp-too-long",
            "fifty minutes",
            retimed(&format!("<wsu:Expires>{later}</wsu:Expires>")),
        ),
        Case::x509("timestamp-malformed", "an offset instead of Z", {
            retimed(&format!("<wsu:Expires>{}+00:00</wsu:Expires>", soon.trim_end_matches('Z')))
        }),
        Case::x509("timestamp-malformed", "no Expires", retimed("")),
        Case::x509("timestamp-malformed", "Created twice", retimed(&created)),
    ]
}

#[test]
fn whole_hours_are_told_as_local_time() {
    let now = WORLD.now + Duration::from_secs(2 * 3_600);
    let message =
        sign_x509(envelope().as_bytes(), &WORLD.rsa, &ids("1"), now, &SigningOptions::default()).unwrap();
    let found = ksz::wss::diagnose(message.as_bytes(), &WORLD.x509()).findings;
    assert!(found[0].found.contains("2 whole hours: local time"), "{}", found[0].found);
}
