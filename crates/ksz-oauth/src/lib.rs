//! OAuth 2.0 client credentials with a signed assertion, as a client and as a service.
//!
//! The crate does no IO. Keys, the time and a fresh identifier come in; an [`http::Request`] goes out, and its
//! [`http::Response`] becomes an [`AccessToken`]. The other half is for services: it verifies client
//! assertions and access tokens, and issues the latter.
//!
//! ```
//! # #[cfg(feature = "aws-lc")] {
//! use ksz_oauth::{AccessToken, ClientId, TokenRequest};
//! use ksz_pki::{Backend, SigningKey};
//! use std::time::{Duration, UNIX_EPOCH};
//! # let pem = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem();
//! let key = SigningKey::from_pem(pem.as_bytes(), Backend::default())?;
//! let endpoint = url::Url::parse("https://services-acpt.socialsecurity.be/REST/oauth/v5/token")?;
//! let request = TokenRequest::new(ClientId::new("example:client:confidential")?, endpoint)?;
//!
//! let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
//! let sent = request.to_http(&key, "3f0c7a52", now)?;
//! assert_eq!(sent.method(), "POST");
//!
//! let answer = http::Response::new(br#"{"access_token":"x","token_type":"Bearer","expires_in":600}"#.to_vec());
//! let token = AccessToken::parse(answer, &request, now)?;
//! assert_eq!(token.expires_at(), now + Duration::from_secs(600));
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it refuses
//!
//! - Addresses that are not `https`, loopback included, and metadata that names another issuer.
//! - An audience from the network: the assertion names one, and it was configured.
//! - Assertions that live longer than five minutes.
//! - JWS with an algorithm other than the key's (`none`, `HS256`), with a header that brings a key (`jwk`,
//!   `jku`, `x5u`, `x5c`) or a critical extension, with repeated members, or with claims of another type.
//! - Access tokens bound to a key (`cnf`), which this version cannot check.
//! - Token types other than `Bearer`, and answers beyond 64 KiB.
//!
//! A secret, a token or an assertion never prints; what a server says in an error is shortened, and what looks
//! like a token or a person's number in it is masked.
//!
//! # Features
//!
//! - `aws-lc` (default): the backend of [`ksz_pki`] built on AWS-LC. Without any only a
//!   [`DigestSigner`](ksz_pki::DigestSigner) of the caller's own can sign.
//! - `rustcrypto`: its second backend, without C.

mod access_token;
mod client;
mod client_assertion;
mod error;
mod issuer;
mod json;
mod jws;
mod metadata;
mod replay;
mod response;
mod scope;
#[cfg(test)]
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod test_key;
mod token_request;
mod token_response;
mod validity;

pub use access_token::{AccessTokenProblem, JwtAccessToken, ResourceServer, VerifiedAccessToken};
pub use client::{AudiencePolicy, ClientId};
pub use client_assertion::{ClientAssertion, KeyHint, VerifiedClientAssertion};
pub use error::Error;
pub use issuer::Issuer;
pub use metadata::ServerMetadata;
pub use replay::ReplayStore;
pub use scope::Scope;
pub use token_request::TokenRequest;
pub use token_response::AccessToken;
