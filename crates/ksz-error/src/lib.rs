//! The vocabulary in which every crate of the house says why it refused.
//!
//! Each crate has an `Error` of its own, with a variant for each refusal. What all of them share is the
//! answer to two questions: whose fault is it ([`Kind`]), and which family of rules was broken ([`Class`]).
//! The exit codes of the command and the retries of the client are built on those answers alone.
//!
//! ```
//! use ksz_error::{Class, Kind};
//!
//! assert_eq!(Class::Digest.as_str(), "digest");
//! assert!(Kind::Transport.may_be_tried_again());
//! assert!(!Kind::Refused.may_be_tried_again());
//! ```

mod class;
mod kind;
mod reason;

pub use class::Class;
pub use kind::Kind;
pub use reason::reason;
