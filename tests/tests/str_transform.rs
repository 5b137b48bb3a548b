//! Tokens that are signed through the STR-Transform (WS-Security: SOAP Message Security 1.1 section 8.3).

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::{Class, reason};
use ksz::pki::{Digest, Identity};
use ksz::soap::mtom::{ContentId, MemoryStore, MtomLimits, PackageReader, ReceivedPackage};
use ksz::sts::verify_brokered;
use ksz::wss::{
    DiagnosisOptions, DiagnosisProfile, Error, Policy, Replay, SigningOptions, VerifiedMessage, diagnose,
    names, sign_x509, verify_x509, verify_x509_package,
};
use ksz::xml::{Document, Limits};
use ksz::xmldsig::names::{
    DS, EXCLUSIVE_C14N, EXCLUSIVE_C14N_WITH_COMMENTS, INCLUSIVE_C14N, SHA256, STR_TRANSFORM,
};
use ksz::xmldsig::{CanonicalizationMethod, Part, PrefixList, SignatureLimits, UnverifiedSignature};
use ksz_tests::backend;
use ksz_tests::keys::ids;
use ksz_tests::world::{World, between, swap};
use std::sync::LazyLock;

static WORLD: LazyLock<World> = LazyLock::new(|| World::new(backend!()));

const TOKEN: &str = "X509-1";
const BODY: &str = "id-1";
/// The SecurityTokenReference in KeyInfo.
const REFERENCE: &str = "STR-1";

#[test]
fn a_token_signed_through_its_reference_is_accepted_where_the_policy_allows_it() {
    for signer in [&WORLD.rsa, &WORLD.ec] {
        let message = genuine(signer);
        let verified = verify(&message, &allowing()).unwrap();
        let token = verified.parts().iter().find(|part| part.name() == "BinarySecurityToken").unwrap();
        assert_eq!(token.octets(), octets(&message, " xmlns=\"\"", "").as_bytes());
        assert_eq!(token.id(), REFERENCE);

        assert_eq!(refusal(&message, &Policy::default()), (Class::Algorithm, "AlgorithmNotAccepted".into()));
    }
}

#[test]
fn a_token_signed_by_itself_stays_accepted() {
    for policy in [allowing(), Policy::default()] {
        assert!(verify(&WORLD.x509_message(&WORLD.ec, WORLD.now), &policy).is_ok());
    }
}

#[test]
fn the_default_namespace_around_the_token_is_signed_with_it() {
    let around = |security: &str| {
        let message = WORLD.x509_message(&WORLD.ec, WORLD.now);
        let message = swap(&message, "<soapenv:Envelope ", "<soapenv:Envelope xmlns=\"urn:d\" ");
        swap(&message, "<wsse:Security ", &format!("<wsse:Security{security} "))
    };
    for (security, declared, other) in
        [("", " xmlns=\"urn:d\"", " xmlns=\"\""), (" xmlns=\"\"", " xmlns=\"\"", " xmlns=\"urn:d\"")]
    {
        let message = around(security);
        let signed = |octets: &str| signed_with(&message, &WORLD.ec, &by_str_transform(octets));
        assert!(verify(&signed(&octets(&message, declared, "")), &allowing()).is_ok());
        for wrong in [other, ""] {
            let refused = refusal(&signed(&octets(&message, wrong, "")), &allowing());
            assert_eq!(refused, (Class::Digest, "DigestMismatch".into()));
        }
    }
}

#[test]
fn a_prefix_list_within_its_limit_is_followed() {
    let message = WORLD.x509_message(&WORLD.ec, WORLD.now);
    let soapenv = " xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"";
    let signed = |list: &str, octets: &str| {
        let prefixes =
            format!("<ec:InclusiveNamespaces xmlns:ec=\"{EXCLUSIVE_C14N}\" PrefixList=\"{list}\"/>");
        let transform = str_transform(&parameters(EXCLUSIVE_C14N, &prefixes));
        signed_with(&message, &WORLD.ec, &reference(REFERENCE, &transform, octets))
    };
    let with_soapenv = octets(&message, " xmlns=\"\"", soapenv);
    assert!(verify(&signed("soapenv", &with_soapenv), &allowing()).is_ok());
    assert!(verify(&signed("soapenv #default unknown", &with_soapenv), &allowing()).is_ok());
    let long = refusal(&signed(&"a ".repeat(2_049), &with_soapenv), &allowing());
    assert_eq!(long, (Class::Limit, "LimitExceeded".into()));
}

#[test]
fn a_changed_token_is_refused_by_its_digest() {
    let message = genuine(&WORLD.rsa);
    let base64 = between(&message, "#Base64Binary\"", "</wsse:BinarySecurityToken>");
    let changed = swap(&message, base64, &base64.replace("</", "\n</"));

    let found = verify(&changed, &allowing()).unwrap_err();

    let (uri, part) = ("#STR-1".to_owned(), "BinarySecurityToken");
    assert_eq!(found, Error::Signature(ksz::xmldsig::Error::DigestMismatch { uri, part }));
}

#[test]
fn the_transform_stands_alone_and_on_the_reference_in_key_info_alone() {
    let message = WORLD.x509_message(&WORLD.ec, WORLD.now);
    let octets = octets(&message, " xmlns=\"\"", "");
    let transform = str_transform(&parameters(EXCLUSIVE_C14N, ""));
    let exclusive = format!("<ds:Transform Algorithm=\"{EXCLUSIVE_C14N}\"/>");
    let refused = |references: &str, class: Class, variant: &str| {
        let found = refusal(&signed_with(&message, &WORLD.ec, references), &allowing());
        assert_eq!(found, (class, variant.to_owned()), "{references}");
    };
    let through = |transforms: &str| reference(REFERENCE, transforms, &octets);
    let own = between(&message, &format!("<ds:Reference URI=\"#{TOKEN}\""), "</ds:Reference>");

    refused(&reference(TOKEN, &transform, &octets), Class::Algorithm, "Transforms");
    refused(&through(&exclusive), Class::Algorithm, "Transforms");
    refused(&through(&format!("{transform}{exclusive}")), Class::Algorithm, "Transforms");
    refused(&through(&format!("{exclusive}{transform}")), Class::Algorithm, "Transforms");
    refused(&through(&format!("{transform}{transform}")), Class::Algorithm, "Transforms");
    refused(&format!("{own}{}", through(&transform)), Class::Reference, "RepeatedReference");
    refused(&through(&transform).repeat(2), Class::Reference, "RepeatedReference");
    refused(&format!("{own}{}", reference("KI-1", &transform, &octets)), Class::Reference, "ReferenceTarget");
    refused(&reference("KI-1", &transform, &octets), Class::Coverage, "NotCovered");
}

#[test]
fn the_transform_on_the_body_is_refused() {
    let message = genuine(&WORLD.ec);
    let body = between(&message, &format!("<ds:Reference URI=\"#{BODY}\""), "</ds:Reference>");
    let transform = str_transform(&parameters(EXCLUSIVE_C14N, ""));
    let other = swap(body, between(body, "<ds:Transform ", "</ds:Transform>"), &transform);

    let found = refusal(&resigned(&swap(&message, body, &other), &WORLD.ec), &allowing());

    assert_eq!(found, (Class::Algorithm, "Transforms".into()));
}

#[test]
fn another_canonicalization_or_parameter_is_refused() {
    let message = WORLD.x509_message(&WORLD.ec, WORLD.now);
    let octets = octets(&message, " xmlns=\"\"", "");
    let refused = |content: &str| {
        let reference = reference(REFERENCE, &str_transform(content), &octets);
        refusal(&signed_with(&message, &WORLD.ec, &reference), &allowing())
    };
    for method in [INCLUSIVE_C14N, EXCLUSIVE_C14N_WITH_COMMENTS, STR_TRANSFORM, "urn:unknown", ""] {
        let expected = (Class::Algorithm, "AlgorithmNotAccepted".into());
        assert_eq!(refused(&parameters(method, "")), expected, "{method}");
    }
    let method = |prefix: &str| format!("<{prefix}:CanonicalizationMethod Algorithm=\"{EXCLUSIVE_C14N}\"/>");
    let once = parameters(EXCLUSIVE_C14N, "");
    for content in [
        String::new(),
        "text".into(),
        method("ds"),
        once.repeat(2),
        once.replace(&method("ds"), ""),
        once.replace(&method("ds"), &method("ds").repeat(2)),
        once.replace(&method("ds"), &method("wsse")),
        once.replace("wsse:T", "ds:T"),
        parameters(EXCLUSIVE_C14N, "<ds:Object/>"),
    ] {
        assert_eq!(refused(&content).0, Class::Structure, "{content}");
    }
}

#[test]
fn a_reference_that_leads_elsewhere_or_has_no_identifier_is_refused() {
    let message = genuine(&WORLD.ec);
    let key_info = between(&message, "<ds:KeyInfo", "</ds:KeyInfo>");
    let with_key_info =
        |from: &str, to: &str| refusal(&swap(&message, key_info, &swap(key_info, from, to)), &allowing());

    for elsewhere in [BODY, "TS-1", REFERENCE, "unknown"] {
        let found = with_key_info(&format!("\"#{TOKEN}\""), &format!("\"#{elsewhere}\""));
        assert_eq!(found, (Class::Key, "KeyInfo".into()), "{elsewhere}");
    }
    let expected = (Class::Coverage, "NotCovered".into());
    assert_eq!(with_key_info(" wsu:Id=\"STR-1\"", ""), expected);
    assert_eq!(with_key_info(" wsu:Id=\"STR-1\"", " Id=\"STR-1\""), expected);
}

#[test]
fn another_reference_to_the_token_does_not_take_the_place_of_the_one_in_key_info() {
    let message = genuine(&WORLD.ec);
    let key_info = between(&message, "<ds:KeyInfo", "</ds:KeyInfo>");
    let reference = between(key_info, "<wsse:SecurityTokenReference", "</wsse:SecurityTokenReference>");
    let block = format!("<w xmlns:wsu=\"{}\" xmlns:wsse=\"{}\">{reference}</w>", names::WSU, names::WSSE);
    let moved = swap(&message, key_info, &swap(key_info, REFERENCE, "STR-2"));
    let moved = swap(&moved, "<soapenv:Header>", &format!("<soapenv:Header>{block}"));

    assert_eq!(refusal(&moved, &allowing()), (Class::Coverage, "NotCovered".into()));
}

#[test]
fn an_assertion_is_never_reached_through_its_reference() {
    let message = WORLD.hok_message(&WORLD.token(&WORLD.ec), &WORLD.ec, WORLD.now);
    let body = between(&message, &format!("<ds:Reference URI=\"#{BODY}\""), "</ds:Reference>");
    let more = reference(REFERENCE, &str_transform(&parameters(EXCLUSIVE_C14N, "")), "");
    let message = resigned(&swap(&message, body, &format!("{body}{more}")), &WORLD.ec);

    let trust = WORLD.assertion_trust();
    let found = verify_brokered(message.as_bytes(), &trust, &allowing(), Replay::NotChecked, WORLD.now);

    let error = found.unwrap_err();
    assert_eq!((error.class(), reason(&error)), (Class::Algorithm, "AlgorithmNotAccepted".into()));
}

#[test]
fn a_package_may_include_such_a_token_and_its_body() {
    let (scan, certificate) = (b"%PDF-1.7", WORLD.ec.certificate().der());
    let envelope = ksz::soap::write_envelope(&format!("<a xmlns='urn:a'>{}</a>", STANDARD.encode(scan)));
    let options = SigningOptions::default();
    let plain = sign_x509(envelope.as_bytes(), &WORLD.ec, &ids("1"), WORLD.now, &options).unwrap();
    let signed = signed_with(&plain, &WORLD.ec, &by_str_transform(&octets(&plain, " xmlns=\"\"", "")));
    let include = |text: &str, octets: &[u8], id: &str| {
        swap(text, &STANDARD.encode(octets), &ContentId::new(id).unwrap().to_include())
    };
    let root = include(&include(&signed, scan, "scan"), certificate, "token");
    let verify = |policy: &Policy| {
        let package = received(&root, &[("scan", scan), ("token", certificate)]);
        let verified = verify_x509_package(package, &WORLD.trust(), policy, Replay::NotChecked, WORLD.now)?;
        Ok::<_, Error>(verified.attachments()[0].source().clone())
    };

    assert_eq!(verify(&allowing()).unwrap(), scan);
    assert_eq!(verify(&Policy::default()).unwrap_err().class(), Class::Algorithm);
}

#[test]
fn a_diagnosis_finds_what_verification_refuses_and_nothing_else() {
    let message = genuine(&WORLD.ec);
    let changed = swap(&message, "</wsse:BinarySecurityToken>", "\n</wsse:BinarySecurityToken>");
    let causes = |message: &str, policy: Policy| {
        let mut options = DiagnosisOptions::new(DiagnosisProfile::X509, backend!(), WORLD.now);
        (options.trust, options.policy) = (Some(WORLD.trust()), policy);
        let findings = diagnose(message.as_bytes(), &options).findings;
        findings.iter().map(|finding| finding.cause.class()).collect::<Vec<_>>()
    };

    assert_eq!(causes(&message, allowing()), []);
    assert_eq!(causes(&changed, allowing()), [Class::Digest]);
    assert!(causes(&message, Policy::default()).contains(&Class::Algorithm));
}

#[test]
fn who_reads_the_transform_must_still_name_the_reference_of_the_part() {
    let message = genuine(&WORLD.ec);
    let document = Document::parse(message.as_bytes(), &Limits::default()).unwrap();
    let part = |id, name| Part::new(name, document.elements_by_id(id).next().unwrap(), names::WSU, "Id");
    let parts = [part("TS-1", "Timestamp"), part(BODY, "Body"), part(TOKEN, "token")];
    let named = parts[2].with_token_reference(document.elements_by_id(REFERENCE).next().unwrap());
    let bind = |token: Part<'_>| {
        let signature = document.elements_by_id("SIG-1").next().unwrap();
        let limits = SignatureLimits::default();
        let read = UnverifiedSignature::read_with_str_transform(&document, signature, &limits).unwrap();
        read.bind(&[parts[0], parts[1], token]).map(drop)
    };

    assert_eq!(bind(named), Ok(()));
    assert_eq!(bind(parts[2]), Err(ksz::xmldsig::Error::NotCovered { part: "token" }));
}

fn allowing() -> Policy {
    let mut policy = Policy::default();
    policy.str_transform = true;
    policy
}

fn verify(message: &str, policy: &Policy) -> Result<VerifiedMessage<ksz::pki::TrustedCertificate>, Error> {
    verify_x509(message.as_bytes(), &WORLD.trust(), policy, Replay::NotChecked, WORLD.now)
}

#[track_caller]
fn refusal(message: &str, policy: &Policy) -> (Class, String) {
    let error = verify(message, policy).unwrap_err();
    (error.class(), reason(&error))
}

/// A message whose token is signed through its reference, as WSS4J does it.
fn genuine(signer: &Identity) -> String {
    let message = WORLD.x509_message(signer, WORLD.now);
    signed_with(&message, signer, &by_str_transform(&octets(&message, " xmlns=\"\"", "")))
}

/// The token's octets: with the declarations of the default namespace and of listed prefixes on its tag.
fn octets(message: &str, default: &str, listed: &str) -> String {
    let token = between(message, "<wsse:BinarySecurityToken", "</wsse:BinarySecurityToken>");
    let (wsse, wsu) = (names::WSSE, names::WSU);
    let name = "<wsse:BinarySecurityToken";
    swap(token, name, &format!("{name}{default}{listed} xmlns:wsse=\"{wsse}\" xmlns:wsu=\"{wsu}\""))
}

fn by_str_transform(octets: &str) -> String {
    reference(REFERENCE, &str_transform(&parameters(EXCLUSIVE_C14N, "")), octets)
}

fn str_transform(content: &str) -> String {
    format!("<ds:Transform Algorithm=\"{STR_TRANSFORM}\">{content}</ds:Transform>")
}

fn parameters(method: &str, content: &str) -> String {
    let method = match content {
        "" => format!("<ds:CanonicalizationMethod Algorithm=\"{method}\"/>"),
        _ => {
            format!("<ds:CanonicalizationMethod Algorithm=\"{method}\">{content}</ds:CanonicalizationMethod>")
        }
    };
    format!("<wsse:TransformationParameters>{method}</wsse:TransformationParameters>")
}

fn reference(id: &str, transforms: &str, octets: &str) -> String {
    let digest = STANDARD.encode(Digest::sha256(octets.as_bytes()).as_bytes());
    format!(
        "<ds:Reference URI=\"#{id}\"><ds:Transforms>{transforms}</ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{SHA256}\"/><ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
    )
}

/// The message with these references in the place of that to the token, signed.
fn signed_with(message: &str, signer: &Identity, references: &str) -> String {
    let own = between(message, &format!("<ds:Reference URI=\"#{TOKEN}\""), "</ds:Reference>");
    resigned(&swap(message, own, references), signer)
}

/// The message with the signature value renewed.
fn resigned(message: &str, signer: &Identity) -> String {
    let document = Document::parse(message.as_bytes(), &Limits::default()).unwrap();
    let mut elements = document.root().descendants();
    let signature =
        elements.find(|e| e.is(DS, "Signature") && e.attribute("", "Id") == Some("SIG-1")).unwrap();
    let signed_info = signature.only_child(DS, "SignedInfo").unwrap();
    let method = signed_info.only_child(DS, "CanonicalizationMethod").unwrap();
    let list = method.descendants().find_map(|element| element.attribute("", "PrefixList"));
    let prefixes = list.map(PrefixList::parse).unwrap_or_default();
    let digest = CanonicalizationMethod::exclusive(prefixes).digest(signed_info).unwrap();
    let value = STANDARD.encode(signer.key().sign_digest(&digest).unwrap());
    let place = signature.only_child(DS, "SignatureValue").unwrap().content_range().unwrap();
    format!("{}{value}{}", &message[..place.start], &message[place.end..])
}

/// A package of this envelope and these parts, as it is read.
fn received(root: &str, parts: &[(&str, &[u8])]) -> ReceivedPackage<Vec<u8>> {
    let mut octets = format!("--b\r\nContent-ID: <root>\r\n\r\n{root}").into_bytes();
    for (id, part) in parts {
        octets.extend_from_slice(format!("\r\n--b\r\nContent-ID: <{id}>\r\n\r\n").as_bytes());
        octets.extend_from_slice(part);
    }
    octets.extend_from_slice(b"\r\n--b--");
    let content_type = "multipart/related; type=\"application/xop+xml\"; boundary=b; start=\"<root>\"";
    let limits = MtomLimits::default();
    let mut reader = PackageReader::new(content_type, &limits, MemoryStore::new(&limits)).unwrap();
    reader.push(&octets).unwrap();
    reader.finish().unwrap()
}
