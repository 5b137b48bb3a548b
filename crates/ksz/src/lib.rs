//! Calls to the Crossroads Bank for Social Security (KSZ-BCSS), the eHealth platform and social security's OAuth
//! server: mutual TLS, signed SOAP messages, WS-Trust tokens, OAuth assertions.
//!
//! You have a certificate, a deadline, and an answer that says `SOA-01001: Service call not authenticated`. Describe
//! your certificates in a [configuration file](Config), then:
//!
//! ```no_run
//! use ksz::{Client, Config};
//!
//! # async fn run() -> Result<(), ksz::Error> {
//! let client = Client::new(Config::load("ksz.toml".as_ref())?)?;
//! let answer = client.ksz().test_connection("hello cbss service").await?;
//! println!("{}", answer.echo);
//! # Ok(())
//! # }
//! ```
//!
//! Or without a file, with [`Client::builder`]. `ksz sim --dir DIR` starts every service on your own machine and writes
//! a configuration for it; `ksz doctor` examines a whole connection.
//!
//! # The crates
//!
//! | module | what it does |
//! | --- | --- |
//! | [`client`] | calls, tokens, the doctor; clock and random source |
//! | [`transport`] | mutual TLS, HTTP, the endpoint catalogue |
//! | [`sts`] | WS-Trust requests, SAML 1.1 assertions |
//! | [`oauth`] | client credentials with a signed assertion, access tokens |
//! | [`wss`] | WS-Security headers: sign and verify |
//! | [`soap`] | envelopes, faults, typed operations |
//! | [`xmldsig`] | canonical XML and signatures |
//! | [`pki`] | keys, certificates, trust |
//! | [`xml`] | reading XML within limits |
//! | [`error`] | whose fault a refusal is, and which rule it belongs to |
//!
//! All but the first two do no IO and need no runtime; take one alone if it is all you need.
//!
//! # Features
//!
//! - `rustcrypto`: a second crypto backend, `pki::Backend::RustCrypto`, beside the one that is always there.
//! - `cache-redis`: `client::RedisSessionStore`, for sessions that several machines share.
//! - `encrypted-keys` (default): private keys under a password.
//! - `p12` (default): PKCS#12 stores.
//! - `pkcs11`: the module `pkcs11`, for keys in tokens: identity cards, hardware security modules.
//! - `xmlsec`: a second opinion on signed documents by libxmlsec1, which must be installed with its headers.
//!
//! # What it refuses
//!
//! To read what was not verified; algorithms, shapes and sizes outside its closed lists; to mix environments; to send a
//! SOAP message twice by itself, but for a call of a session that the service did not even authenticate.

pub use ksz_client as client;
pub use ksz_error as error;
pub use ksz_oauth as oauth;
#[cfg(feature = "pkcs11")]
pub use ksz_pkcs11 as pkcs11;
pub use ksz_pki as pki;
pub use ksz_soap as soap;
pub use ksz_sts as sts;
pub use ksz_transport as transport;
pub use ksz_wss as wss;
pub use ksz_xml as xml;
pub use ksz_xmldsig as xmldsig;

pub use ksz_client::{Client, Config, Error};
pub use ksz_pki::Identity;
pub use ksz_transport::{Channel, Environment};
