//! What is measured: each operation is one function that prepares it and answers with what one run does.

use crate::clock::Run;
use crate::error::Error;
use crate::fixture::{Folder, ids, instant, options, wide_limits};
use crate::{package, session};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_pki::{Backend, DigestAlgorithm, Hasher, TrustStore};
use ksz_soap::Envelope;
use ksz_sts::names::EHEALTH_ISSUER;
use ksz_sts::{AssertionTrust, VerifiedAssertion, verify_brokered};
use ksz_wss::{Policy, Replay, SamlToken, sign_x509, verify_x509};
use ksz_xml::{Document, Limits, Reader};
use ksz_xmldsig::{CanonicalizationMethod, PrefixList};
use std::time::{Duration, SystemTime};

/// One thing that is measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    RawRsaSign,
    RawRsaVerify,
    RawEcSign,
    RawEcVerify,
    RawSha256,
    SignRsa,
    SignEc,
    VerifyRsa,
    VerifyEc,
    VerifyRsaChain,
    VerifyEcChain,
    SignHokRsa,
    SignHokEc,
    VerifyHokRsa,
    VerifyHokEc,
    Saml,
    Scan,
    Parse,
    C14n,
    ParseC14n,
    StreamC14n,
    RawSha256Pieces,
    MtomSign,
    MtomVerify,
    SessionHit,
    SessionLookups,
    SessionMemory,
}

impl Operation {
    pub(crate) const ALL: [Self; 27] = [
        Self::RawRsaSign,
        Self::RawRsaVerify,
        Self::RawEcSign,
        Self::RawEcVerify,
        Self::RawSha256,
        Self::SignRsa,
        Self::SignEc,
        Self::VerifyRsa,
        Self::VerifyEc,
        Self::VerifyRsaChain,
        Self::VerifyEcChain,
        Self::SignHokRsa,
        Self::SignHokEc,
        Self::VerifyHokRsa,
        Self::VerifyHokEc,
        Self::Saml,
        Self::Scan,
        Self::Parse,
        Self::C14n,
        Self::ParseC14n,
        Self::StreamC14n,
        Self::RawSha256Pieces,
        Self::MtomSign,
        Self::MtomVerify,
        Self::SessionHit,
        Self::SessionLookups,
        Self::SessionMemory,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::RawRsaSign => "raw-rsa-sign",
            Self::RawRsaVerify => "raw-rsa-verify",
            Self::RawEcSign => "raw-ec-sign",
            Self::RawEcVerify => "raw-ec-verify",
            Self::RawSha256 => "raw-sha256",
            Self::SignRsa => "sign-rsa",
            Self::SignEc => "sign-ec",
            Self::VerifyRsa => "verify-rsa",
            Self::VerifyEc => "verify-ec",
            Self::VerifyRsaChain => "verify-rsa-chain",
            Self::VerifyEcChain => "verify-ec-chain",
            Self::SignHokRsa => "sign-hok-rsa",
            Self::SignHokEc => "sign-hok-ec",
            Self::VerifyHokRsa => "verify-hok-rsa",
            Self::VerifyHokEc => "verify-hok-ec",
            Self::Saml => "saml",
            Self::Scan => "scan",
            Self::Parse => "parse",
            Self::C14n => "c14n",
            Self::ParseC14n => "parse-c14n",
            Self::StreamC14n => "stream-c14n",
            Self::RawSha256Pieces => "raw-sha256-pieces",
            Self::MtomSign => "mtom-sign",
            Self::MtomVerify => "mtom-verify",
            Self::SessionHit => "session-hit",
            Self::SessionLookups => "session-lookups",
            Self::SessionMemory => "session-memory",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// Reads the files it needs, so that only its own work is measured.
    pub(crate) fn prepare(self, folder: &Folder, size: &str) -> Result<Run, Error> {
        let envelope = || folder.read(&format!("env_{size}.xml"));
        let signed = |key| folder.read(&format!("signed_{key}_{size}.xml"));
        match self {
            Self::RawRsaSign => raw_rsa_sign(folder),
            Self::RawRsaVerify => raw_rsa_verify(folder),
            Self::RawEcSign => raw_ec_sign(folder),
            Self::RawEcVerify => raw_ec_verify(folder),
            Self::RawSha256 => Ok(raw_sha256(envelope()?)),
            Self::SignRsa => sign(folder, "rsa", envelope()?),
            Self::SignEc => sign(folder, "ec", envelope()?),
            Self::VerifyRsa => verify(folder, "rsa", signed("rsa")?),
            Self::VerifyEc => verify(folder, "ec", signed("ec")?),
            Self::VerifyRsaChain => verify(folder, "ca", signed("rsa")?),
            Self::VerifyEcChain => verify(folder, "ca", signed("ec")?),
            Self::SignHokRsa => sign_holder_of_key(folder, "rsa", envelope()?),
            Self::SignHokEc => sign_holder_of_key(folder, "ec", envelope()?),
            Self::VerifyHokRsa => verify_holder_of_key(folder, "rsa", &envelope()?),
            Self::VerifyHokEc => verify_holder_of_key(folder, "ec", &envelope()?),
            Self::Saml => saml(folder),
            Self::Scan => Ok(scan(envelope()?)),
            Self::Parse => Ok(parse(envelope()?)),
            Self::C14n => c14n(envelope()?),
            Self::ParseC14n => Ok(parse_c14n(envelope()?)),
            Self::StreamC14n => Ok(stream_c14n(envelope()?)),
            Self::RawSha256Pieces => Ok(package::raw_sha256(size)),
            Self::MtomSign => package::sign(folder.clone(), size),
            Self::MtomVerify => package::verify(folder.clone(), size),
            Self::SessionHit => session::hit(folder),
            Self::SessionLookups => session::lookups(folder),
            Self::SessionMemory => session::many(folder.clone(), size),
        }
    }
}

/// Parse the envelope, write the header with token, timestamp and signature over three parts.
fn sign(folder: &Folder, key: &str, envelope: String) -> Result<Run, Error> {
    let (identity, ids, options) = (folder.identity(key)?, ids()?, options());
    let now = SystemTime::now();
    Ok(Box::new(move || {
        sign_x509(envelope.as_bytes(), &identity, &ids, now, &options)
            .map(|message| message.len())
            .map_err(Error::refused("sign"))
    }))
}

/// Parse the message, accept the token's certificate against `anchor` (the signer's own is pinned, an authority
/// means a path), check three references, the signature, and the timestamp.
fn verify(folder: &Folder, anchor: &str, message: String) -> Result<Run, Error> {
    let trust = TrustStore::new(vec![folder.certificate(anchor)?], Backend::default());
    let now = instant(&message, "Created>")?;
    let mut policy = Policy::default();
    policy.limits = wide_limits();
    // Messages that others wrote for the bench live for a day.
    policy.longest_lifetime = Duration::from_secs(2 * 86_400);
    Ok(Box::new(move || {
        verify_x509(message.as_bytes(), &trust, &policy, Replay::NotChecked, now)
            .map(|_| message.len())
            .map_err(Error::refused("verify"))
    }))
}

/// Parse the envelope, write the header with the assertion, a timestamp and the holder's signature over two parts.
fn sign_holder_of_key(folder: &Folder, key: &str, envelope: String) -> Result<Run, Error> {
    let (identity, ids, options) = (folder.identity(key)?, ids()?, options());
    let now = SystemTime::now();
    let token = SamlToken::from_xml(&folder.new_assertion(key, now)?, &Limits::default())
        .map_err(Error::refused("the assertion"))?;
    Ok(Box::new(move || {
        ksz_wss::sign_holder_of_key(envelope.as_bytes(), &token, identity.key(), &ids, now, &options)
            .map(|message| message.len())
            .map_err(Error::refused("sign"))
    }))
}

/// Parse the message, verify the assertion with the pinned certificate of its issuer, check two references and the
/// signature of the holder, and the timestamp.
fn verify_holder_of_key(folder: &Folder, key: &str, envelope: &str) -> Result<Run, Error> {
    let (identity, now) = (folder.identity(key)?, SystemTime::now());
    let token = SamlToken::from_xml(&folder.new_assertion(key, now)?, &Limits::default())
        .map_err(Error::refused("the assertion"))?;
    let (envelope, key) = (envelope.as_bytes(), identity.key());
    let message = ksz_wss::sign_holder_of_key(envelope, &token, key, &ids()?, now, &options())
        .map_err(Error::refused("sign"))?;
    let trust = AssertionTrust::new(EHEALTH_ISSUER, vec![folder.certificate("sts")?], Backend::default());
    let mut policy = Policy::default();
    policy.limits = wide_limits();
    Ok(Box::new(move || {
        verify_brokered(message.as_bytes(), &trust, &policy, Replay::NotChecked, now)
            .map(|_| message.len())
            .map_err(Error::refused("verify"))
    }))
}

/// Parse the assertion, verify its signature with the pinned certificate, read what it says.
fn saml(folder: &Folder) -> Result<Run, Error> {
    let assertion = folder.read("assertion.xml")?;
    let now = instant(&assertion, "IssueInstant=\"")?;
    let trust = AssertionTrust::new(EHEALTH_ISSUER, vec![folder.certificate("sts")?], Backend::default());
    let policy = Policy::default();
    Ok(Box::new(move || {
        let document =
            Document::parse(assertion.as_bytes(), &policy.limits).map_err(Error::refused("saml"))?;
        VerifiedAssertion::verify(&document, document.root(), &trust, &policy, now)
            .map(|_| assertion.len())
            .map_err(Error::refused("saml"))
    }))
}

/// The limit scan alone.
fn scan(envelope: String) -> Run {
    let limits = wide_limits();
    Box::new(move || {
        ksz_xml::scan(envelope.as_bytes(), &limits).map(|_| envelope.len()).map_err(Error::refused("scan"))
    })
}

/// The limit scan and the tree.
fn parse(envelope: String) -> Run {
    let limits = wide_limits();
    Box::new(move || read(&envelope, &limits).map(|document| document.text().len()))
}

/// Exclusive canonicalization of the Body of a document that is parsed already.
///
/// A document borrows its text, and both must outlive the closure: they are leaked, once per process.
fn c14n(envelope: String) -> Result<Run, Error> {
    let envelope: &'static str = String::leak(envelope);
    let document: &'static Document<'static> = Box::leak(Box::new(read(envelope, &wide_limits())?));
    Ok(Box::new(move || canonical_body(document).map(|octets| octets.len())))
}

/// Both of these.
fn parse_c14n(envelope: String) -> Run {
    let limits = wide_limits();
    Box::new(move || canonical_body(&read(&envelope, &limits)?).map(|_| envelope.len()))
}

/// From the octets of a message to the digest of its canonical form, without a tree.
fn stream_c14n(envelope: String) -> Run {
    let limits = wide_limits();
    Box::new(move || {
        let reader = Reader::new(envelope.as_bytes(), &limits).map_err(Error::refused("parse"))?;
        let mut hash = Hasher::new(DigestAlgorithm::Sha256);
        exclusive().canonicalize_stream(reader, &mut hash).map_err(Error::refused("canonicalize"))?;
        std::hint::black_box(hash.finish());
        Ok(envelope.len())
    })
}

fn read<'i>(text: &'i str, limits: &Limits) -> Result<Document<'i>, Error> {
    Document::parse(text.as_bytes(), limits).map_err(Error::refused("parse"))
}

fn canonical_body(document: &Document<'_>) -> Result<Vec<u8>, Error> {
    let body = Envelope::find(document).map_err(Error::refused("an envelope"))?.body();
    let mut octets = Vec::new();
    exclusive().canonicalize(body, &mut octets).map_err(Error::refused("canonicalize"))?;
    Ok(octets)
}

fn exclusive() -> CanonicalizationMethod {
    CanonicalizationMethod::exclusive(PrefixList::default())
}

/// What the raw operations sign: 32 octets, as `SignedInfo` comes down to.
fn raw_digest() -> aws_lc_rs::digest::Digest {
    digest(&SHA256, b"what is signed")
}

fn raw_rsa_sign(folder: &Folder) -> Result<Run, Error> {
    let (key, digest) = (rsa_key(folder)?, raw_digest());
    Ok(Box::new(move || {
        let mut value = vec![0; key.public_modulus_len()];
        key.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut value).map_err(Error::refused("raw RSA"))?;
        Ok(value.len())
    }))
}

fn raw_rsa_verify(folder: &Folder) -> Result<Run, Error> {
    let (signer, digest) = (rsa_key(folder)?, raw_digest());
    let mut value = vec![0; signer.public_modulus_len()];
    signer.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut value).map_err(Error::refused("raw RSA"))?;
    let identity = folder.certificate("rsa")?;
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, identity.spki_der())
        .map_err(Error::refused("raw RSA"))?;
    Ok(Box::new(move || {
        key.verify_digest_sig(&digest, &value).map(|()| value.len()).map_err(Error::refused("raw RSA"))
    }))
}

fn raw_ec_sign(folder: &Folder) -> Result<Run, Error> {
    let (key, digest) = (ec_key(folder)?, raw_digest());
    Ok(Box::new(move || {
        key.sign_digest(&digest).map(|value| value.as_ref().len()).map_err(Error::refused("raw P-256"))
    }))
}

fn raw_ec_verify(folder: &Folder) -> Result<Run, Error> {
    let digest = raw_digest();
    let value = ec_key(folder)?.sign_digest(&digest).map_err(Error::refused("raw P-256"))?;
    let certificate = folder.certificate("ec")?;
    let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, certificate.spki_der())
        .map_err(Error::refused("raw P-256"))?;
    Ok(Box::new(move || {
        key.verify_digest_sig(&digest, value.as_ref()).map(|()| 64).map_err(Error::refused("raw P-256"))
    }))
}

fn raw_sha256(input: String) -> Run {
    Box::new(move || {
        std::hint::black_box(digest(&SHA256, input.as_bytes()));
        Ok(input.len())
    })
}

fn rsa_key(folder: &Folder) -> Result<RsaKeyPair, Error> {
    RsaKeyPair::from_pkcs8(&key_der(folder, "rsa")?).map_err(Error::refused("raw RSA"))
}

fn ec_key(folder: &Folder) -> Result<EcdsaKeyPair, Error> {
    EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, &key_der(folder, "ec")?)
        .map_err(Error::refused("raw P-256"))
}

/// The octets of a key in PEM.
fn key_der(folder: &Folder, name: &str) -> Result<Vec<u8>, Error> {
    let pem = folder.read(&format!("{name}.key"))?;
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(base64).map_err(Error::refused("a key"))
}
