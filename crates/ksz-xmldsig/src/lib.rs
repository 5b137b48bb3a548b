//! Canonical XML and XML signatures, for messages that an adversary may have written.
//!
//! The crate signs and verifies elements that its caller names by a fixed path; it never searches a document
//! for a signature, follows a reference out of it, or takes a key from it. What was not verified is not
//! readable: verification hands out the canonical octets that were digested, and nothing else.
//!
//! ```
//! use ksz_xml::{Document, Limits};
//! use ksz_xmldsig::{CanonicalizationMethod, PrefixList};
//!
//! let document = Document::parse(b"<a:x xmlns:a='urn:a' xmlns:b='urn:b' z='1' b='2'/>", &Limits::default())?;
//! let mut octets = Vec::new();
//! CanonicalizationMethod::exclusive(PrefixList::default()).canonicalize(document.root(), &mut octets)?;
//! assert_eq!(octets, br#"<a:x xmlns:a="urn:a" b="2" z="1"></a:x>"#);
//! # Ok::<(), ksz_xml::Error>(())
//! ```
//!
//! # What it refuses
//!
//! Every algorithm but exclusive canonicalization without comments, SHA-256, RSA-SHA256 and ECDSA-SHA256 on
//! P-256; references that are not `#id` of an element the caller expects; parts that are not covered, covered
//! twice or not asked for; values with elements or comments in them. Each refusal is a variant of [`Error`].
//!
//! # Features
//!
//! - `aws-lc` (default): the crypto backend of `ksz-pki`.
//! - `rustcrypto`: its second backend, without C.

mod algorithm;
mod c14n;
mod error;
mod limits;
pub mod names;
mod reference;
mod sign;
mod signed_info;
mod verified;
mod verify;
mod written;

pub use algorithm::{DigestMethod, SignatureMethod};
pub use c14n::{CanonicalizationMethod, PrefixList, Sink, WriterSink};
pub use error::Error;
pub use limits::SignatureLimits;
pub use reference::{Reference, Transforms};
pub use sign::Signature;
pub use signed_info::SignedInfo;
pub use verified::{Verified, VerifiedPart};
pub use verify::{BoundSignature, Part, UnverifiedSignature};
pub use written::WrittenElement;
