//! Calls to KSZ and the eHealth platform: the clock, the random source, the token cache and the connection, joined
//! with the protocol crates that have none of them.
//!
//! ```no_run
//! use ksz_client::{Client, Config};
//!
//! # async fn run() -> Result<(), ksz_client::Error> {
//! let client = Client::new(Config::load("ksz.toml".as_ref())?)?;
//! let answer = client.ksz().test_connection("hello cbss service").await?;
//! println!("{}", answer.echo);
//! # Ok(())
//! # }
//! ```
//!
//! # What it refuses
//!
//! Endpoints of another environment than the client's; answers that should be signed and are not; and to send a SOAP
//! message twice: a caller decides that, with a message that is signed afresh. A [`Session`] does so once where the
//! service said that it did not even authenticate the call.
//!
//! # Features
//!
//! - `cache-redis`: `RedisSessionStore`, for sessions that several machines share.

mod builder;
mod call;
mod client;
mod clock;
mod config;
pub mod doctor;
mod ehealth;
mod error;
mod ksz;
mod oauth;
mod password_variable;
mod problem;
mod random;
mod remedy;
mod replay_file;
mod rest;
mod session;
mod store;
mod token_request;

pub use builder::{ClientBuilder, OauthSettings};
pub use client::Client;
pub use clock::{Clock, SystemClock};
pub use config::Config;
pub use ehealth::Ehealth;
pub use error::Error;
pub use ksz::Ksz;
pub use password_variable::password_of_variable;
pub use problem::{Problem, ProblemKind};
pub use random::Random;
pub use remedy::remedy;
pub use replay_file::FileReplayGuard;
pub use rest::{Health, HealthStatus, Rest};
pub use session::{
    Answer, RemoteOperation, RenewWith, RenewalPoint, Session, SessionBuilder, SessionKey, SessionStatus,
    TokenFailure, TokenTimes,
};
pub use store::{
    FileSessionStore, MemorySessionStore, SessionLease, SessionStore, SessionStoreKey, StoreAnswer,
    StoredToken,
};
#[cfg(feature = "cache-redis")]
pub use store::{RedisSessionStore, RedisSessionStoreBuilder};
pub use token_request::{TokenProgress, TokenRequest};
