//! Canonical XML and XML signatures, for messages and documents that an adversary may have written.
//!
//! A signature is read where its caller says it stands, judged with a key that the caller chose, and nothing
//! of the document is handed out but the canonical octets that were digested: what was not verified is not
//! readable.
//!
//! ```
//! # #[cfg(feature = "aws-lc")] {
//! # use ksz_pki::{Backend, SigningKey};
//! # use ksz_xmldsig::{DocumentSigner, SignatureMethod};
//! # let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
//! # let signer = SigningKey::from_pem(pair.serialize_pem().as_bytes(), Backend::default())?;
//! # let order = ksz_xml::Document::parse(b"<order><line count='2'/></order>", &Default::default())?;
//! # let signed = DocumentSigner::new(SignatureMethod::EcdsaSha256).sign_enveloped(&order, &signer)?;
//! # let (file, key_file) = (signed.as_bytes(), pair.public_key_pem());
//! use ksz_pki::VerifyingKey;
//! use ksz_xml::{Document, Limits};
//! use ksz_xmldsig::{DocumentSignature, SignatureLimits};
//!
//! let document = Document::parse(file, &Limits::default())?;
//! let key = VerifyingKey::from_pem(key_file.as_bytes(), Backend::default())?;
//! let verified = DocumentSignature::only(&document, &SignatureLimits::documents())?.verify(&key)?;
//! let order = verified.references()[0].part();
//! assert_eq!(order.octets(), b"<order><line count=\"2\"></line></order>");
//! # }
//! # Ok::<(), ksz_xmldsig::Error>(())
//! ```
//!
//! # Messages and documents
//!
//! | | a message | a document of others |
//! | --- | --- | --- |
//! | read by | [`UnverifiedSignature`], then bound to the parts that must be signed | [`DocumentSignature`], which says afterwards what is signed |
//! | verified with | [`PublicKey`](ksz_pki::PublicKey): RSA of 2048 to 4096 bits, P-256 | [`VerifyingKey`](ksz_pki::VerifyingKey): RSA to 8192 bits, P-256, P-384, P-521 |
//! | may name | [`AllowList::Messages`] | [`AllowList::Documents`] |
//! | signed by | [`Signature`] | [`DocumentSigner`]: enveloped, enveloping, detached in the same document |
//!
//! There is no switch between the two, so no message is judged by what documents may hold.
//! [`CanonicalizationMethod`] and [`WrittenElement`] serve both.
//!
//! # What it refuses
//!
//! In messages, every algorithm but exclusive canonicalization without comments, SHA-256, RSA-SHA256 and
//! ECDSA-SHA256 on P-256, and the STR-Transform unless the caller reads with it; references that are not `#id` of an element the caller expects; parts that are not
//! covered, covered twice or not asked for.
//!
//! In documents, by name and as not supported:
//!
//! - SHA-1, MD5 and DSA, because forgers can afford them; SHA-224 and EdDSA, because nobody asked for them;
//! - HMAC, because a verifier that knows it can be made to use a public key as its secret;
//! - XPath, XSLT and every transform but the enveloped signature and the six canonicalizations, because they
//!   are programs that the document brings along;
//! - references out of the document: nothing is fetched or opened because a signature names it.
//!
//! And as wrong: a key of another kind than the method names; an identifier that occurs twice; references to
//! what holds its own digest; two `SignedInfo`; values with elements or comments in them; comments between
//! the elements of a signature. `KeyInfo` is never a source of trust, and the references of a `Manifest` are
//! not followed. Each refusal is a variant of [`Error`]; [`Error::kind`] tells what is wrong from what is
//! only not supported.
//!
//! # Features
//!
//! - `aws-lc` (default): the crypto backend of `ksz-pki`.
//! - `rustcrypto`: its second backend, without C.
//! - `xmlsec`: a second opinion on documents, by libxmlsec1: `DocumentSignature::verify_with_second_opinion` and
//!   `DocumentSigner::with_second_opinion` accept what both implementations accept.

mod algorithm;
mod allow_list;
mod allowance;
mod base64_text;
mod c14n;
mod document_signature;
mod document_signer;
mod error;
mod key_info;
mod limits;
pub mod names;
mod reading;
mod reference;
mod rsa_pss;
#[cfg(feature = "xmlsec")]
mod second_opinion;
mod sign;
mod signed_info;
mod target;
mod transforms;
mod verified;
mod verified_signature;
mod verify;
mod written;

pub use algorithm::{DigestMethod, SignatureMethod};
pub use allow_list::AllowList;
pub use base64_text::decode_base64;
pub use c14n::{CanonicalizationMethod, Expand, PrefixList, Sink, WriterSink};
pub use document_signature::DocumentSignature;
pub use document_signer::DocumentSigner;
pub use error::{Error, Implementation};
pub use key_info::KeyInfo;
pub use limits::SignatureLimits;
pub use reference::Reference;
pub use sign::Signature;
pub use transforms::Transforms;
pub use verified::{Verified, VerifiedPart};
pub use verified_signature::{Covers, VerifiedReference, VerifiedSignature};
pub use verify::{BoundSignature, Part, UnverifiedSignature};
pub use written::WrittenElement;
