//! The token service: WS-Trust 1.3 requests, the challenge that the eHealth platform puts between, and SAML 1.1
//! assertions that are kept to the octet.
//!
//! Two keys take part. The *identification* key signs the request; the *holder-of-key* key, whose certificate the
//! request names, answers the challenge and later signs every call that carries the assertion. They may be one.
//!
//! ```
//! use ksz_sts::{ClaimType, Claims};
//!
//! let mut claims = Claims::default();
//! claims.insert(ClaimType::asserted("urn:be:fgov:ehealth:1.0:hospital:nihii-number", "71089914"))?;
//! let again = ClaimType::certified("urn:be:fgov:ehealth:1.0:hospital:nihii-number");
//! assert!(claims.insert(again).is_err(), "the service refuses a claim that is named twice, and so do we");
//! # Ok::<(), ksz_sts::Error>(())
//! ```
//!
//! # What it refuses
//!
//! Repeated claims, before anything is sent; answers to another request; assertions that are not signed by a pinned
//! certificate of the token service, come from another issuer, are outside their conditions, or confirm anything but
//! the holder of one key.
//!
//! # Features
//!
//! - `aws-lc` (default): the crypto backend of `ksz-pki`.
//! - `rustcrypto`: its second backend, without C.

mod assertion;
mod attribute;
mod brokered;
mod challenge;
mod claims;
mod conditions;
mod error;
mod examination;
mod exchange;
mod issue;
mod known_claim;
pub mod names;
mod profile;
mod request;
mod response;
mod subject;
mod trust;
mod vouched;

pub use assertion::VerifiedAssertion;
pub use attribute::Attribute;
pub use brokered::verify_brokered;
pub use challenge::{SignChallenge, SignChallengeResponse};
pub use claims::{ClaimType, Claims};
pub use conditions::Conditions;
pub use error::Error;
pub use examination::Warning;
pub use exchange::{Step, TokenExchange};
pub use issue::{NewAssertion, write_token_response};
pub use known_claim::{ClaimKind, KnownClaim};
pub use profile::{Dialect, KeyType, TokenProfile};
pub use request::{Lifetime, Purpose, RequestSecurityToken};
pub use response::verify_token_response;
pub use trust::AssertionTrust;
pub use vouched::{NameIdentifier, VouchedSubject};
