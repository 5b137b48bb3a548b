//! The remote services of KSZ, the eHealth platform and the social security, simulated on loopback: real TCP, mutual
//! TLS, real signatures and real refusals.
//!
//! A client is tried against them before a line to the true services is open, and tests call them. They have a PKI of
//! their own, made at the start.
//!
//! ```
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # runtime.block_on(async {
//! use ksz_sim::{Options, Simulator};
//!
//! let simulator = Simulator::start(Options::default()).await?;
//! let configuration = simulator.configuration();
//! assert!(configuration.contains("[ehealth]"));
//! assert_eq!(simulator.journal(), []);
//! # Ok::<(), ksz_sim::Error>(())
//! # }).unwrap();
//! ```
//!
//! | service | what it does |
//! | --- | --- |
//! | KSZ SOAP | `TestConnectionService`, unsigned or signed; signed messages get signed answers |
//! | KSZ REST | the health of a service behind a bearer token, with Belgif problems |
//! | eHealth | the three operations of `PlatformIntegrationConsumerTest`, and the token service: Issue, Renew, on behalf of others |
//! | OAuth | metadata, and access tokens for a signed assertion |
//!
//! # What it refuses
//!
//! What the true services refuse, in their words: every message that [`ksz_wss`], [`ksz_sts`] or [`ksz_oauth`] does not
//! accept. A sender learns no more than from them, `SOA-01001: Service call not authenticated.`; the true reason is in
//! [`Simulator::journal`]. TLS clients without a certificate of its root do not get that far.
//!
//! The key that signs tokens can [change](Simulator::rotate_token_key) while the services run. The token service of the SAML
//! protocol, out of use since October 2023, is there to say so.
//!
//! Where the documents of a service are silent, the simulator is one reading of them: the actions and answers of
//! `PlatformIntegrationConsumerTest`, how a token service answers a wrong challenge or renewal, whom a token names that is asked
//! for on behalf of somebody (here: that person, held by who vouches), what KSZ answers to a message that
//! is no SOAP.

mod body;
mod configuration;
mod consumer_test;
mod error;
mod faults;
mod fresh;
mod holder;
mod journal;
mod oauth;
mod options;
mod pki;
mod rest;
mod server;
mod simulator;
mod soap;
mod sts;
mod test_connection;
mod token_keys;

pub use error::Error;
pub use journal::{Reason, Record, Service};
pub use options::{Challenges, Options, SoapActions, Treatment};
pub use simulator::{Addresses, Simulator};
