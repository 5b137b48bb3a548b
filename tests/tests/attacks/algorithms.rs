//! Algorithms outside the closed lists, each in a signature that is as good as its algorithm allows.

use super::world::{
    BODY, Bait, KEY_INFO, Profile, SIGNATURE, Scene, canonical_signed_info, hok_scenes, part, resign, scenes,
    swap, with_value,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::{Class, Kind};
use ksz::pki::{Digest, KeyAlgorithm};
use ksz::xmldsig::names::{
    ECDSA_SHA256, EXCLUSIVE_C14N, EXCLUSIVE_C14N_WITH_COMMENTS, INCLUSIVE_C14N, INCLUSIVE_C14N_11,
    INCLUSIVE_C14N_WITH_COMMENTS, RSA_SHA256, SHA256,
};
use ksz_tests::world::between;

const HMAC_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
const HMAC_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#hmac-sha1";

#[test]
fn p25_a_keyed_hash_with_what_everybody_knows_is_refused() {
    for scene in scenes() {
        let certificate = scene.signer.certificate();
        let pem = |label: &str, der: &[u8]| {
            format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der)).into_bytes()
        };
        let keyed = with_method(scene, HMAC_SHA256, "");
        for key in [
            certificate.spki_der().to_vec(),
            pem("PUBLIC KEY", certificate.spki_der()),
            certificate.der().to_vec(),
            pem("CERTIFICATE", certificate.der()),
            Vec::new(),
        ] {
            let forged = with_value(&keyed, &hmac(&key, &canonical_signed_info(&keyed)));
            refused_algorithm(scene, &forged, "SignatureMethod", HMAC_SHA256);
        }
    }
}

#[test]
fn p26_a_keyed_hash_cut_short_is_refused() {
    for scene in scenes() {
        for (bits, octets) in [(0, 0), (8, 1)] {
            let length = format!("<ds:HMACOutputLength>{bits}</ds:HMACOutputLength>");
            for method in [HMAC_SHA256, HMAC_SHA1] {
                let keyed = with_method(scene, method, &length);
                let value = hmac(&[], &canonical_signed_info(&keyed));
                refused_algorithm(scene, &with_value(&keyed, &value[..octets]), "SignatureMethod", method);
            }
            let parameter = resign(&with_method(scene, own_method(scene), &length), scene.signer.key());
            refused_algorithm(scene, &parameter, "SignatureMethod parameter", "HMACOutputLength");
        }
    }
}

#[test]
fn p27_sha_1_and_md5_are_refused() {
    for scene in scenes() {
        for method in [
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
            "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        ] {
            let signed = resign(&with_method(scene, method, ""), scene.signer.key());
            refused_algorithm(scene, &signed, "SignatureMethod", method);
        }
        for method in ["http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmldsig-more#md5"]
        {
            let other = swap(scene.reference(BODY), SHA256, method);
            let signed = resign(&scene.with_in_signature(scene.reference(BODY), &other), scene.signer.key());
            refused_algorithm(scene, &signed, "DigestMethod", method);
        }
    }
    for scene in hok_scenes() {
        let method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
        let assertion = scene.assertion_with(|assertion| swap(assertion, RSA_SHA256, method));
        refused_algorithm(scene, &scene.carrying(&assertion), "SignatureMethod", method);
    }
}

#[test]
fn p28_a_signature_by_no_known_algorithm_is_refused() {
    for scene in scenes() {
        let attribute = format!(" Algorithm=\"{}\"", own_method(scene));
        let absent = resign(&scene.with_in_signature(&attribute, ""), scene.signer.key());
        refused_algorithm(scene, &absent, "SignatureMethod", "");
        for method in ["", "none", "urn:unknown", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 "] {
            for signed in [
                resign(&with_method(scene, method, ""), scene.signer.key()),
                with_value(&with_method(scene, method, ""), b""),
            ] {
                refused_algorithm(scene, &signed, "SignatureMethod", method);
            }
            let other = swap(scene.reference(BODY), SHA256, method);
            let signed = resign(&scene.with_in_signature(scene.reference(BODY), &other), scene.signer.key());
            refused_algorithm(scene, &signed, "DigestMethod", method);
        }
    }
}

#[test]
fn p29_a_method_for_another_kind_of_key_is_refused() {
    for scene in scenes() {
        let other = match scene.algorithm() {
            KeyAlgorithm::Rsa => ECDSA_SHA256,
            KeyAlgorithm::EcdsaP256 => RSA_SHA256,
        };
        let signed = resign(&with_method(scene, other, ""), scene.signer.key());
        scene.refuses(&signed, Class::Algorithm, "AlgorithmNotForKey");
    }
}

/// Each transform leaves the part as it is, or gives what its reference says: a reader that executed it would accept.
#[test]
fn p33_a_transform_that_is_a_program_is_refused_and_not_executed() {
    let bait = Bait::new();
    let xslt = format!(
        "<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\">\
         <xsl:variable name=\"called\" select=\"document('{}')\"/>\
         <xsl:template match=\"@*|node()\"><xsl:copy><xsl:apply-templates select=\"@*|node()\"/></xsl:copy>\
         </xsl:template></xsl:stylesheet>",
        bait.url()
    );
    let xpath = format!("<ds:XPath>true() or document('{}')</ds:XPath>", bait.url());
    let filter =
        "<f:XPath xmlns:f=\"http://www.w3.org/2002/06/xmldsig-filter2\" Filter=\"intersect\">/</f:XPath>";
    for scene in scenes() {
        for (transform, parameter) in [
            ("http://www.w3.org/TR/1999/REC-xslt-19991116", xslt.as_str()),
            ("http://www.w3.org/TR/1999/REC-xpath-19991116", &xpath),
            ("http://www.w3.org/2002/06/xmldsig-filter2", filter),
        ] {
            let first =
                format!("<ds:Transforms><ds:Transform Algorithm=\"{transform}\">{parameter}</ds:Transform>");
            let signed = with_reference(scene, BODY, |body| swap(body, "<ds:Transforms>", &first));
            refused_algorithm(scene, &signed, "Transform", transform);
            let alone = with_reference(scene, BODY, |body| {
                let transforms = between(body, "<ds:Transforms>", "</ds:Transforms>");
                swap(body, transforms, &format!("{first}</ds:Transforms>"))
            });
            refused_algorithm(scene, &alone, "Transform", transform);
        }
        base64_transform_is_refused(scene);
        if scene.profile == Profile::X509 {
            str_transform_is_refused(scene);
        }
    }
    bait.is_untouched();
}

/// The Body holds base64, and its digest is over the decoded octets.
fn base64_transform_is_refused(scene: &Scene) {
    const BASE64: &str = "http://www.w3.org/2000/09/xmldsig#base64";
    let decoded = STANDARD.encode(Digest::sha256(b"octets").as_bytes());
    let signed = with_reference(scene, BODY, |body| {
        let digest = between(body, "<ds:DigestValue>", "</ds:DigestValue>");
        let other = format!("<ds:DigestValue>{decoded}</ds:DigestValue>");
        swap(&swap(body, digest, &other), EXCLUSIVE_C14N, BASE64)
    });
    let request = between(&signed, "<urn:CheckAccessControlRequest", "</urn:CheckAccessControlRequest>");
    refused_algorithm(scene, &swap(&signed, request, &STANDARD.encode("octets")), "Transform", BASE64);
}

/// The reference leads to the SecurityTokenReference, and its digest is over the token (SOAP Message Security 1.1 section
/// 8.3).
fn str_transform_is_refused(scene: &Scene) {
    const STR_TRANSFORM: &str =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform";
    let token = part(&scene.message, scene.token_id());
    let canonical = token.replacen(
        "<wsse:BinarySecurityToken",
        &format!(
            "<wsse:BinarySecurityToken xmlns=\"\" xmlns:wsse=\"{}\" xmlns:wsu=\"{}\"",
            ksz::wss::names::WSSE,
            ksz::wss::names::WSU
        ),
        1,
    );
    let digest = STANDARD.encode(Digest::sha256(canonical.as_bytes()).as_bytes());
    let parameters = format!(
        "<wsse:TransformationParameters><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE_C14N}\"/>\
         </wsse:TransformationParameters>"
    );
    let signed = with_reference(scene, scene.token_id(), |reference| {
        let old = between(reference, "<ds:DigestValue>", "</ds:DigestValue>");
        let reference = swap(reference, old, &format!("<ds:DigestValue>{digest}</ds:DigestValue>"));
        let transform = between(&reference, "<ds:Transform ", "</ds:Transform>");
        let other = format!("<ds:Transform Algorithm=\"{STR_TRANSFORM}\">{parameters}</ds:Transform>");
        swap(&swap(&reference, transform, &other), "#X509-1", "#STR-1")
    });
    assert!(part(&signed, KEY_INFO).contains("wsu:Id=\"STR-1\""));
    refused_algorithm(scene, &signed, "Transform", STR_TRANSFORM);
}

#[test]
fn p35_a_weak_canonicalization_is_refused() {
    for scene in scenes() {
        for method in [
            INCLUSIVE_C14N,
            INCLUSIVE_C14N_WITH_COMMENTS,
            INCLUSIVE_C14N_11,
            EXCLUSIVE_C14N_WITH_COMMENTS,
            "urn:unknown",
            "",
        ] {
            let of_info = format!("<ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE_C14N}\"");
            let other = swap(&of_info, EXCLUSIVE_C14N, method);
            let signed = resign(&scene.with_in_signature(&of_info, &other), scene.signer.key());
            refused_algorithm(scene, &signed, "CanonicalizationMethod", method);
            let signed = with_reference(scene, BODY, |body| swap(body, EXCLUSIVE_C14N, method));
            refused_algorithm(scene, &signed, "Transform", method);
        }
    }
}

#[track_caller]
fn refused_algorithm(scene: &Scene, message: &str, role: &str, uri: &str) {
    let error = scene.refuses(message, Class::Algorithm, "AlgorithmNotAccepted");
    assert_eq!(error.to_string(), format!("{role} {uri:?} is not accepted"));
    assert_eq!(error.kind(), Kind::Unsupported);
}

/// The message with another reference to a part, signed again; its digest is what the change left.
fn with_reference(scene: &Scene, id: &str, change: impl FnOnce(&str) -> String) -> String {
    let reference = scene.reference(id);
    resign(&scene.with_in_signature(reference, &change(reference)), scene.signer.key())
}

fn own_method(scene: &Scene) -> &'static str {
    match scene.algorithm() {
        KeyAlgorithm::Rsa => RSA_SHA256,
        KeyAlgorithm::EcdsaP256 => ECDSA_SHA256,
    }
}

/// The message with another signature method, not signed again.
fn with_method(scene: &Scene, uri: &str, parameter: &str) -> String {
    let method = between(scene.part(SIGNATURE), "<ds:SignatureMethod ", "</ds:SignatureMethod>");
    let other = format!("<ds:SignatureMethod Algorithm=\"{uri}\">{parameter}</ds:SignatureMethod>");
    scene.with_in_signature(method, &other)
}

/// HMAC with SHA-256 (RFC 2104).
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let sha256 = |octets: &[u8]| Digest::sha256(octets).as_bytes().to_vec();
    let mut block = if key.len() > 64 { sha256(key) } else { key.to_vec() };
    block.resize(64, 0);
    let keyed = |pad: u8, text: &[u8]| {
        let start: Vec<u8> = block.iter().map(|octet| octet ^ pad).collect();
        sha256(&[&start, text].concat())
    };
    keyed(0x5c, &keyed(0x36, text))
}
