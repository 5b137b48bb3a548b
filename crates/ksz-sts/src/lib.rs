//! The token service: WS-Trust 1.3 requests, the challenge that the eHealth platform puts between, and SAML 1.1
//! assertions that are kept to the octet.
//!
//! Two keys take part. The *identification* key signs the request; the *holder-of-key* key, whose certificate the
//! request names, answers the challenge and later signs every call that carries the assertion. They may be one.
//!
//! The crate does no IO: the caller sends the messages that [`TokenExchange`] makes, and gives it the answers.
//!
//! ```
//! use ksz_sts::{AssertionTrust, ClaimType, Claims, RequestSecurityToken, Step, TokenExchange};
//! use ksz_wss::{Ids, Policy, SigningOptions};
//! # use ksz_pki::{Backend, Identity};
//! # use ksz_sts::{Lifetime, NewAssertion, write_token_response, names::EHEALTH_ISSUER};
//! # use std::time::{Duration, SystemTime};
//! # let made = || {
//! #     let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
//! #     let mut params = rcgen::CertificateParams::default();
//! #     params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
//! #     let pem = params.self_signed(&key).unwrap().pem() + &key.serialize_pem();
//! #     Identity::from_pem(pem.as_bytes(), Backend::default()).unwrap()
//! # };
//! # let (identity, service, now) = (made(), made(), SystemTime::now());
//! # let pinned = service.certificate().clone();
//! # let send = |_message: String| {
//! #     let validity = Lifetime { created: now, expires: now + Duration::from_secs(3_600) };
//! #     let (id, issuer) = ("_1".to_owned(), EHEALTH_ISSUER.to_owned());
//! #     let holder = identity.certificate().clone();
//! #     let assertion = NewAssertion { id, issuer, issue_instant: now, validity, holder, attributes: vec![] };
//! #     let payload = write_token_response("RC-1", &assertion.sign(&service).unwrap());
//! #     ksz_soap::write_envelope(&payload).into_bytes()
//! # };
//!
//! let mut claims = Claims::default();
//! claims.insert(ClaimType::asserted("urn:be:fgov:ehealth:1.0:hospital:nihii-number", "71089914"))?;
//! let request = RequestSecurityToken::issue("RC-1", claims, identity.certificate().clone());
//! let warnings = request.examine(identity.certificate(), now)?;
//! # assert_eq!(warnings, []);
//!
//! let exchange = TokenExchange::new(request);
//! let (ids, options, policy) = (Ids::new("1")?, SigningOptions::default(), Policy::default());
//! let trust = AssertionTrust::new("urn:be:fgov:ehealth:sts:1_0", vec![pinned], Backend::default());
//! let answer = send(exchange.request(&identity, &ids, now, &options)?);
//! let token = match exchange.read(&answer, &trust, &policy, now)? {
//!     Step::Token(token) => *token,
//!     Step::Challenge(challenge) => {
//!         let answer = send(exchange.answer(&challenge, &identity, &Ids::new("2")?, now, &options)?);
//!         exchange.read_last(&answer, &trust, &policy, now)?
//!     }
//! };
//! assert_eq!(token.holder(), identity.certificate());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`RequestSecurityToken::renew`] asks for another token in place of one, [`RequestSecurityToken::on_behalf_of`] for one about
//! somebody for whom the requester vouches. [`KnownClaim`] lists the claims that clients use.
//!
//! # What it refuses
//!
//! Before anything is sent: a claim that is named twice, which the eHealth platform refuses since release R2024.1; a
//! certificate that is not valid for all that is asked for; a lifetime out of order, or longer than the service gives.
//!
//! Of answers: those to another request, a second challenge, a response without a token, several responses, a fault beside a
//! token. Each has its own [`Error`]. A bare response and a collection of one are tolerated, white space, and any prefix.
//!
//! Of assertions: those that are not signed by a pinned certificate of the token service, come from another issuer, are
//! outside their conditions or hold one that is not understood, or confirm anything but the holder of one key. That holds for
//! one that was [kept as text](VerifiedAssertion::verify_text) too.
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
