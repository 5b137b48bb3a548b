//! The vocabulary in which every crate of the house says why it refused.
//!
//! Each crate has an `Error` of its own, with a variant for each refusal. What all of them share is the answer to two
//! questions: whose fault is it ([`Kind`]), and which family of rules was broken ([`Class`]). The exit codes of the
//! command are built on those answers alone. And none may show a token or a person's number: [`excerpt`] is how a text
//! of the other side gets into an error.
//!
//! ```
//! use ksz_error::{Class, Kind};
//!
//! assert_eq!(Class::Digest.as_str(), "digest");
//! assert_ne!(Kind::Transport, Kind::Refused);
//! ```

mod class;
mod excerpt;
mod kind;
mod name_mask;
mod reason;

pub use class::Class;
pub use excerpt::{excerpt, excerpt_of_octets, mask_person_numbers};
pub use kind::Kind;
pub use name_mask::{NameMask, mask_name};
pub use reason::reason;
