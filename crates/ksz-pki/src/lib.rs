//! Keys, certificates and trust: what a message is signed with, and who is believed.
//!
//! The crate does no IO. Bytes of PEM, DER or PKCS#12 files, their passwords and the time come in; an `Identity` to
//! sign with, or a [`TrustStore`] that turns a certificate into a [`TrustedCertificate`], comes out.
//!
//! ```
//! # #[cfg(all(feature = "aws-lc", feature = "x509"))] {
//! use ksz_pki::{Backend, Digest, Identity};
//! # let pem = {
//! #     let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
//! #     let certificate = rcgen::CertificateParams::new(vec![]).unwrap().self_signed(&key).unwrap();
//! #     format!("{}{}", certificate.pem(), key.serialize_pem())
//! # };
//! let identity = Identity::from_pem(pem.as_bytes(), Backend::default())?;
//! let digest = Digest::sha256(b"octets");
//! let signature = identity.key().sign_digest(&digest)?;
//! identity.certificate().public_key(Backend::default())?.verify_digest(&digest, &signature)?;
//! # }
//! # Ok::<(), ksz_pki::Error>(())
//! ```
//!
//! # What it refuses
//!
//! For messages, RSA keys outside 2048 to 4096 bits and curves other than P-256 ([`PublicKey`]); for documents of
//! others, RSA keys outside 2048 to 8192 bits and curves other than P-256, P-384 and P-521 ([`VerifyingKey`]);
//! certificates that do not lead to a configured anchor at the given time, that may not sign, or that a CRL names; key
//! files whose protection is outside a closed list, or would cost more work to open than any honest file asks for.
//! Secrets are wiped when dropped and never print.
//!
//! # Features
//!
//! - `aws-lc` (default): the backend built on AWS-LC. Without any backend the crate holds the types and traits, and
//!   only a [`DigestSigner`] of the caller's own can sign.
//! - `rustcrypto`: the backend built on the crates of RustCrypto, which needs no C compiler and is slower; read of its
//!   variant of [`Backend`] before signing with RSA.
//! - `encrypted-keys`: private keys under a password (PBES2, and the schemes of PKCS#12).
//! - `p12`: PKCS#12 stores, in DER or BER. Brings `encrypted-keys` and `x509`.
//! - `x509` (default): certificates, identities and trust. Whoever verifies with bare keys does without its tree.

mod algorithm;
#[cfg(feature = "aws-lc")]
mod aws_lc;
mod backend;
#[cfg(feature = "encrypted-keys")]
mod ber;
#[cfg(feature = "x509")]
mod certificate;
#[cfg(feature = "x509")]
mod chain;
mod curve;
mod der;
mod digest;
#[cfg(feature = "encrypted-keys")]
mod encrypted_key;
#[cfg(feature = "encrypted-keys")]
mod encryption;
#[cfg(feature = "x509")]
mod environment;
mod error;
#[cfg(feature = "x509")]
mod identifier;
#[cfg(feature = "x509")]
mod identity;
mod key;
#[cfg(feature = "x509")]
mod key_description;
mod key_file;
#[cfg(feature = "x509")]
mod key_store;
#[cfg(feature = "x509")]
mod number;
mod password;
#[cfg(feature = "x509")]
mod path_signature;
mod pem;
#[cfg(feature = "p12")]
mod pkcs12;
mod private_key_info;
mod public_key;
mod public_key_info;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;
#[cfg(feature = "x509")]
mod subject;
#[cfg(feature = "x509")]
mod trust;

pub use algorithm::{KeyAlgorithm, KeyKind, SignatureAlgorithm};
pub use backend::{Backend, DigestSigner, RandomSource};
#[cfg(feature = "x509")]
pub use certificate::Certificate;
pub use curve::Curve;
pub use digest::{Digest, DigestAlgorithm, Hasher};
#[cfg(feature = "x509")]
pub use environment::CertificateEnvironment;
pub use error::Error;
#[cfg(feature = "x509")]
pub use identifier::{CareOrganisation, Identifier, IdentifierKind, Number};
#[cfg(feature = "x509")]
pub use identity::Identity;
pub use key::SigningKey;
#[cfg(feature = "x509")]
pub use key_description::KeyDescription;
#[cfg(feature = "x509")]
pub use key_store::{Choice, ChoiceReason, KeyEntry, KeyStore, KeyStoreForm};
#[cfg(feature = "x509")]
pub use number::{CbeNumber, EhpNumber, Nihii, Ssin};
pub use password::Password;
#[cfg(feature = "x509")]
pub use pem::{certificates_from_pem, certificates_from_pem_or_der};
pub use public_key::{PublicKey, VerifyingKey};
#[cfg(feature = "x509")]
pub use subject::SubjectIdentifiers;
#[cfg(feature = "x509")]
pub use trust::{TrustStore, TrustedCertificate};
