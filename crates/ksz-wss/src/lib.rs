//! WS-Security headers as the KSZ and eHealth platforms want them: signed with a certificate, or by the holder
//! of a SAML assertion.
//!
//! Signing takes a finished envelope and splices a header into it; no other octet is touched but for the
//! identifier on the Body. Verifying follows one fixed path and yields a [`VerifiedMessage`], made from the
//! octets that were digested.
//!
//! ```
//! # #[cfg(feature = "aws-lc")] {
//! # use ksz_pki::{Backend, Identity, TrustStore};
//! # use std::time::SystemTime;
//! # let pem = {
//! #     let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
//! #     let certificate = rcgen::CertificateParams::new(vec![]).unwrap().self_signed(&key).unwrap();
//! #     format!("{}{}", certificate.pem(), key.serialize_pem())
//! # };
//! use ksz_wss::{Ids, Policy, Replay, SigningOptions, sign_x509, verify_x509};
//!
//! let identity = Identity::from_pem(pem.as_bytes(), Backend::default()).unwrap();
//! let envelope = ksz_soap::write_envelope("<a xmlns='urn:a'/>");
//! let now = SystemTime::now();
//! let message = sign_x509(envelope.as_bytes(), &identity, &Ids::new("1")?, now, &SigningOptions::default())?;
//!
//! let trust = TrustStore::new(vec![identity.certificate().clone()], Backend::default());
//! let verified = verify_x509(message.as_bytes(), &trust, &Policy::default(), Replay::NotChecked, now)?;
//! assert!(verified.body().octets().starts_with(b"<soapenv:Body"));
//! # }
//! # Ok::<(), ksz_wss::Error>(())
//! ```
//!
//! A message with attachments is a package of [`ksz_soap::mtom`]: [`sign_x509_package`], [`verify_x509_package`] and
//! their neighbours sign and verify the base64 of the attachments in the place of `xop:Include`.
//!
//! # What it refuses
//!
//! Headers of another shape than one Signature, one Timestamp and one token; signatures that cover more or less
//! than the profile says; keys that the named token does not hold; timestamps longer than five minutes, expired
//! or from the future; and messages seen before. The variants of [`Error`] name each.
//!
//! # Features
//!
//! - `aws-lc` (default): the crypto backend of `ksz-pki`.
//! - `rustcrypto`: its second backend, without C.

mod attachments;
mod binary_token;
mod confirmation;
mod diagnose;
mod error;
mod ids;
pub mod names;
mod options;
mod outline;
mod policy;
mod replay;
mod saml_token;
mod security;
mod timestamp;
mod token_reference;
mod verified;
mod verify;

pub use attachments::{
    VerifiedAttachment, VerifiedPackage, sign_holder_of_key_package, sign_x509_package,
    verify_holder_of_key_package, verify_x509_package,
};
pub use diagnose::{
    Cause, Certainty, Diagnosis, DiagnosisOptions, DiagnosisProfile, Excerpt, FaultExplanation, Finding,
    Place, Refusal, TokenIssuer, diagnose,
};
pub use error::Error;
pub use ids::Ids;
pub use options::{Layout, MustUnderstand, PrefixLists, SigningOptions};
pub use policy::Policy;
pub use replay::{MemoryReplayGuard, Replay, ReplayGuard};
pub use saml_token::SamlToken;
pub use security::{sign_holder_of_key, sign_x509};
pub use timestamp::Timestamp;
pub use verified::VerifiedMessage;
pub use verify::{verify_holder_of_key, verify_x509};
