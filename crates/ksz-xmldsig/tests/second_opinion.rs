//! The second opinion: which signature libxmlsec1 is shown, and what never reaches it.
//!
//! Where something must not reach libxmlsec1, the same document is also given to it directly, to show that it would have
//! mattered.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_pki::{Backend, Digest, SigningKey, VerifyingKey};
use ksz_xml::{Document, Limits};
use ksz_xmldsig::{
    DocumentSignature, DocumentSigner, Error, SignatureLimits, SignatureMethod, VerifiedSignature, names,
};
use libxml::parser::Parser;
use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use xmlsec::{XmlSecKey, XmlSecKeyFormat, XmlSecSignatureContext};

const ORDER: &str = "<order><line Id='line-1'>one</line><line ID='line-2'>two</line><empty/></order>";

#[test]
fn both_accept_every_form_and_refuse_it_changed() {
    let (document, key) = (parse(ORDER), &KEY.signing);
    let line = |id| document.elements_by_id(id).next().unwrap();
    let empty = document.root().children().last().unwrap();
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256).with_second_opinion(KEY.verifying.clone());
    for signed in [
        signer.sign_enveloped(&document, key),
        signer.sign_enveloped_in(&document, line("line-2"), key),
        signer.sign_detached(&document, &[line("line-1"), line("line-2")], key),
        signer.sign_enveloping(&document, "object", key),
    ] {
        let signed = signed.unwrap();
        assert_eq!(judge(&signed), verify(&signed));
        assert!(verify(&signed).is_ok());
        let changed = signed.replace("two", "2");
        assert!(matches!(judge(&changed), Err(Error::DigestMismatch { .. })), "{changed}");
        let other = signed.replace("<ds:DigestMethod", "<ds:DigestMethod ");
        assert!(verify(&other).is_ok(), "{other}");
        let forged = signed.replacen("<ds:SignedInfo>", "<ds:SignedInfo Id=\"forged\">", 1);
        assert_eq!(judge(&forged), Err(Error::SignatureMismatch));
    }
    assert!(matches!(signer.sign_enveloped_in(&document, empty, key), Err(Error::NoId { .. })));
}

#[test]
fn what_is_signed_is_the_same_with_and_without_a_second_opinion() {
    let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
    let key = SigningKey::from_pem(pair.serialize_pem().as_bytes(), Backend::default()).unwrap();
    let public = VerifyingKey::from_pem(pair.public_key_pem().as_bytes(), Backend::default()).unwrap();
    let signer = DocumentSigner::new(SignatureMethod::RsaSha512);
    let alone = signer.sign_enveloped(&parse(ORDER), &key).unwrap();
    assert_eq!(signer.clone().with_second_opinion(public).sign_enveloped(&parse(ORDER), &key), Ok(alone));
    let stranger = signer.with_second_opinion(KEY.verifying.clone());
    let refused = Error::AlgorithmNotForKey { uri: names::RSA_SHA512 };
    assert_eq!(stranger.sign_enveloped(&parse(ORDER), &key), Err(refused));
}

#[test]
fn libxmlsec1_is_shown_the_signature_that_is_meant_and_not_the_first() {
    let digest = STANDARD.encode(Digest::sha256(b"another").as_bytes());
    let decoy = signature(&reference("", &[], &digest));
    let document = ORDER.replace("<order>", &format!("<order>{decoy}"));
    let document = parse(&document);
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256).with_id("meant");
    let signed = signer.with_second_opinion(KEY.verifying.clone()).sign_enveloped(&document, &KEY.signing);
    let signed = signed.unwrap();
    assert_eq!(directly(&signed), Ok(false), "the binding takes the first signature");
    let document = parse(&signed);
    let meant = DocumentSignature::with_id(&document, "meant", &SignatureLimits::documents()).unwrap();
    assert!(meant.verify_with_second_opinion(&KEY.verifying).is_ok());
}

#[test]
fn a_reference_to_a_file_never_reaches_libxmlsec1() {
    let file = format!("{}/second-opinion.txt", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&file, "octets").unwrap();
    let uri = format!("file://{file}");
    let digest = STANDARD.encode(Digest::sha256(b"octets").as_bytes());
    let signed = format!("<a>{}</a>", signature(&reference(&uri, &[], &digest)));
    assert_eq!(directly(&signed), Ok(true), "libxmlsec1 opens the file");
    assert_eq!(judge(&signed), Err(Error::ReferenceNotSupported { uri }));
}

#[test]
fn an_xslt_transform_never_reaches_libxmlsec1() {
    let transform = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\">\
        <xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\">\
        <xsl:output method=\"text\"></xsl:output><xsl:template match=\"/\">made</xsl:template></xsl:stylesheet></ds:Transform>";
    let digest = STANDARD.encode(Digest::sha256(b"made").as_bytes());
    let signed = format!("<a>{}</a>", signature(&reference("", &[transform], &digest)));
    assert_eq!(directly(&signed), Ok(true), "libxmlsec1 runs the program");
    let uri = "http://www.w3.org/TR/1999/REC-xslt-19991116".into();
    assert_eq!(judge(&signed), Err(Error::AlgorithmNotAccepted { role: "Transform", uri }));
}

#[test]
fn a_document_type_declaration_never_reaches_libxmlsec1() {
    let signed = signed_order().replacen("<order>", "<!DOCTYPE order [<!ENTITY e 'one'>]><order>", 1);
    assert_eq!(directly(&signed), Ok(true), "libxml2 reads it");
    assert!(matches!(
        Document::parse_with_instructions(signed.as_bytes(), &Limits::default()),
        Err(ksz_xml::Error::DocumentType { .. })
    ));
}

#[test]
fn the_references_of_a_manifest_are_not_followed() {
    let trap = Trap::set();
    let manifest = reference(&format!("http://{}/manifest", trap.address), &[], "AAAA");
    let object = format!("<ds:Object><ds:Manifest>{manifest}</ds:Manifest></ds:Object></ds:Signature>");
    let signed = signed_order().replace("</ds:Signature>", &object);
    assert!(verify(&signed).is_ok());
    assert!(matches!(judge(&signed), Err(Error::NoSecondOpinion { .. })));
    assert_eq!(trap.visits(), 0);
    assert_eq!(directly(&signed), Ok(true));
    assert_eq!(trap.visits(), 1, "libxmlsec1 follows it");
}

#[test]
fn a_key_is_not_fetched_for_either() {
    let trap = Trap::set();
    let uri = format!("http://{}/key", trap.address);
    let key_info =
        format!("<ds:KeyInfo><ds:RetrievalMethod URI=\"{uri}\"></ds:RetrievalMethod></ds:KeyInfo>");
    let signed = signed_order().replace("</ds:SignatureValue>", &format!("</ds:SignatureValue>{key_info}"));
    assert!(judge(&signed).is_ok());
    assert_eq!(trap.visits(), 0);
}

#[test]
fn an_element_with_two_identifiers_of_one_name_gets_no_second_opinion() {
    let document = "<a xmlns:w='urn:w'><b Id='one' w:Id='two'>text</b></a>";
    let (document, signer) = (parse(document), DocumentSigner::new(SignatureMethod::EcdsaSha256));
    let b = document.elements_by_id("two").next().unwrap();
    let signed = signer.sign_detached(&document, &[b], &KEY.signing).unwrap();
    assert!(verify(&signed).is_ok());
    assert!(matches!(judge(&signed), Err(Error::NoSecondOpinion { .. })));
    let other_name = signed.replace(" w:Id='two'", "");
    assert_eq!(judge(&other_name), verify(&other_name));
}

#[test]
fn opinions_are_given_on_several_threads() {
    let signed = signed_order();
    let changed = signed.replace("two", "2");
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..5).all(|_| judge(&signed).is_ok() && judge(&changed).is_err())))
            .collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    });
}

struct Key {
    signing: SigningKey,
    verifying: VerifyingKey,
}

static KEY: LazyLock<Key> = LazyLock::new(|| {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let signing = SigningKey::from_pem(pair.serialize_pem().as_bytes(), Backend::default()).unwrap();
    let verifying = VerifyingKey::from_pem(pair.public_key_pem().as_bytes(), Backend::default()).unwrap();
    Key { signing, verifying }
});

fn parse(input: &str) -> Document<'_> {
    Document::parse_with_instructions(input.as_bytes(), &Limits::default()).unwrap()
}

fn signed_order() -> String {
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256);
    signer.sign_enveloped(&parse(ORDER), &KEY.signing).unwrap()
}

fn verify(input: &str) -> Result<VerifiedSignature, Error> {
    let document = parse(input);
    DocumentSignature::only(&document, &SignatureLimits::documents())?.verify(&KEY.verifying)
}

/// The verdict of both.
fn judge(input: &str) -> Result<VerifiedSignature, Error> {
    let document = parse(input);
    let signature = DocumentSignature::only(&document, &SignatureLimits::documents())?;
    signature.verify_with_second_opinion(&KEY.verifying)
}

/// What libxmlsec1 says of a document that nobody looked at before, if it says anything.
fn directly(input: &str) -> Result<bool, ()> {
    let document = Parser::default().parse_string(input).unwrap();
    let mut context = XmlSecSignatureContext::new();
    let key = XmlSecKey::from_memory(KEY.verifying.spki_der(), XmlSecKeyFormat::Der, None);
    context.insert_key(key.unwrap());
    context.verify_document(&document).map_err(drop)
}

/// A genuine signature over any references at all.
fn signature(references: &str) -> String {
    let info = |declared: &str| {
        format!(
            "<ds:SignedInfo{declared}><ds:CanonicalizationMethod Algorithm=\"{}\"></ds:CanonicalizationMethod>\
             <ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod>{references}</ds:SignedInfo>",
            names::EXCLUSIVE_C14N,
            names::ECDSA_SHA256
        )
    };
    let canonical = info(&format!(" xmlns:ds=\"{}\"", names::DS));
    let value = KEY.signing.sign_digest(&Digest::sha256(canonical.as_bytes())).unwrap();
    format!(
        "<ds:Signature xmlns:ds=\"{}\">{}<ds:SignatureValue>{}</ds:SignatureValue></ds:Signature>",
        names::DS,
        info(""),
        STANDARD.encode(value)
    )
}

/// A `Reference` in canonical form.
fn reference(uri: &str, transforms: &[&str], digest: &str) -> String {
    let transforms = match transforms {
        [] => String::new(),
        transforms => format!("<ds:Transforms>{}</ds:Transforms>", transforms.concat()),
    };
    format!(
        "<ds:Reference URI=\"{uri}\">{transforms}<ds:DigestMethod Algorithm=\"{}\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>",
        names::SHA256
    )
}

/// A server that counts who comes, and closes.
struct Trap {
    address: SocketAddr,
    counted: Arc<AtomicUsize>,
}

impl Trap {
    fn set() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, counted) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&counted);
        thread::spawn(move || {
            for visitor in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                drop(visitor);
            }
        });
        Self { address, counted }
    }

    /// How many came since it was last asked. It comes itself, behind all others, and waits to be counted.
    fn visits(&self) -> usize {
        let mut own = TcpStream::connect(self.address).unwrap();
        let _ = own.read(&mut [0]);
        self.counted.swap(0, Ordering::SeqCst) - 1
    }
}
