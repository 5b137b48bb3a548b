//! Writes `fixtures/` and the seeds that are made of them: `cargo run --bin make-fixtures` in this folder.
//!
//! The private keys are thrown away, so every run writes other files.

use ksz_pki::{Backend, Identity, SigningKey};
use ksz_soap::{parse_date_time, write_envelope};
use ksz_sts::names::{CERTIFIED, EHEALTH_ISSUER};
use ksz_sts::{
    Attribute, ClaimType, Claims, Lifetime, NewAssertion, RequestSecurityToken, write_token_response,
};
use ksz_wss::{Ids, PrefixLists, SamlToken, SigningOptions, sign_holder_of_key, sign_x509};
use ksz_xml::{Document, Limits};
use ksz_xmldsig::{DocumentSigner, SignatureMethod};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PKCS_RSA_SHA256, RsaKeySize, date_time_ymd,
};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

const SIGNED_AT: &str = "2026-03-01T10:00:00Z";
const ENVELOPE: &str = "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
    xmlns:a=\"urn:example:a\"><soapenv:Header/><soapenv:Body><a:request b='1 &amp; 2' a:c=\"3\">Hello<!-- c --> \
    W&#246;rld<d xmlns=\"urn:example:d\"/></a:request></soapenv:Body></soapenv:Envelope>";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (fixtures, corpus) = (folder.join("fixtures"), folder.join("corpus"));
    fs::create_dir_all(&fixtures)?;
    for target in ["answers", "document", "keys", "signature", "verify"] {
        fs::create_dir_all(corpus.join(target))?;
    }
    let now = parse_date_time("SIGNED_AT", SIGNED_AT)?;
    let ids = Ids::new("1")?;
    let mut options = SigningOptions::default();
    for name in ["rsa", "ec", "sts"] {
        let identity = made(name, &fixtures)?;
        fs::write(
            corpus.join("keys").join(format!("{name}-certificate")),
            seed(0, identity.certificate().der()),
        )?;
        fs::write(
            corpus.join("keys").join(format!("{name}-spki")),
            seed(5, identity.certificate().spki_der()),
        )?;
        if name == "sts" {
            let holder = made("holder", &fixtures)?;
            let assertion = NewAssertion {
                id: "_1".into(),
                issuer: EHEALTH_ISSUER.into(),
                issue_instant: now,
                validity: Lifetime { created: now, expires: now + Duration::from_secs(3_600) },
                holder: holder.certificate().clone(),
                attributes: vec![Attribute::new("urn:example:attribute", CERTIFIED, "a < b & \"c\"")],
            };
            let token = SamlToken::from_xml(&assertion.sign(&identity)?, &Limits::default())?;
            let message = sign_holder_of_key(ENVELOPE.as_bytes(), &token, holder.key(), &ids, now, &options)?;
            fs::write(fixtures.join("brokered.xml"), &message)?;
            fs::write(corpus.join("verify/brokered"), seed(3, message.as_bytes()))?;
            let answer = write_envelope(&write_token_response("1", token.as_xml()));
            fs::write(corpus.join("answers/token-response"), seed(1, answer.as_bytes()))?;
            let mut claims = Claims::default();
            claims.insert(ClaimType::asserted("urn:example:attribute", "1"))?;
            claims.insert(ClaimType::certified("urn:example:other"))?;
            let request = RequestSecurityToken::issue("1", claims, holder.certificate().clone());
            fs::write(corpus.join("answers/request"), seed(3, request.to_xml()?.as_bytes()))?;
            let renewal = RequestSecurityToken::renew("1", &token).to_xml()?;
            fs::write(corpus.join("answers/renewal"), seed(3, renewal.as_bytes()))?;
            continue;
        }
        let message = sign_x509(ENVELOPE.as_bytes(), &identity, &ids, now, &options)?;
        fs::write(fixtures.join(format!("{name}.xml")), &message)?;
        fs::write(corpus.join("verify").join(name), seed(3, message.as_bytes()))?;
        fs::write(corpus.join("document").join(format!("signed-{name}.xml")), &message)?;
        options.prefix_lists = PrefixLists::Written;
    }
    documents(made("document", &fixtures)?.key(), &fixtures, &corpus)
}

/// Documents that are signed in each layout.
fn documents(key: &SigningKey, fixtures: &Path, corpus: &Path) -> Result<(), Box<dyn Error>> {
    const TEXT: &str = "<a:order xmlns:a=\"urn:example:a\" xmlns:b='urn:b'><a:line Id=\"l1\" b:n='2'>x &lt; y</a:line>\
        <a:line Id=\"l2\"><!-- c --><b:c/></a:line></a:order>";
    let document = Document::parse(TEXT.as_bytes(), &Limits::default())?;
    let lines: Vec<_> = document.root().children().collect();
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256);
    for (name, signed) in [
        ("enveloped", signer.sign_enveloped(&document, key)?),
        ("detached", signer.sign_detached(&document, &lines, key)?),
        ("enveloping", signer.sign_enveloping(&document, "o", key)?),
    ] {
        fs::write(fixtures.join(format!("{name}.xml")), &signed)?;
        fs::write(corpus.join("signature").join(name), seed(3, signed.as_bytes()))?;
    }
    Ok(())
}

/// A new identity, of which the certificate is kept.
fn made(name: &str, fixtures: &Path) -> Result<Identity, Box<dyn Error>> {
    let key = match name {
        "rsa" => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?,
        _ => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?,
    };
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2049, 1, 1));
    let certificate = params.self_signed(&key)?.pem();
    if name != "holder" {
        fs::write(fixtures.join(format!("{name}.crt")), &certificate)?;
    }
    Ok(Identity::from_pem((certificate + &key.serialize_pem()).as_bytes(), Backend::default())?)
}

/// An input of a target whose first octet is a choice.
fn seed(choice: u8, content: &[u8]) -> Vec<u8> {
    [&[choice][..], content].concat()
}
