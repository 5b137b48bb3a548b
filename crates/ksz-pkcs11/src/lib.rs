//! Signing with keys that live in a PKCS#11 token: an identity card, a hardware security module.
//!
//! A [`Module`] is the library of the token's maker, a [`Token`] what is in one of its slots. Opened with its
//! PIN it gives a [`SigningKey`](ksz_pki::SigningKey) or an [`Identity`](ksz_pki::Identity) like those of
//! files: messages, JWTs and TLS sign with them in the same way, and from several threads at once.
//!
//! ```no_run
//! use ksz_pkcs11::{KeyName, Module};
//! use ksz_pki::{Backend, Password};
//!
//! # fn ask() -> Option<Password> { None }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let module = Module::load("/usr/lib/x86_64-linux-gnu/libbeidpkcs11.so.0".as_ref())?;
//! let card = module.only_token()?.open(|_| ask())?;
//! let identity = card.identity(&KeyName::Label("Authentication".into()), Backend::default())?;
//! # Ok(()) }
//! ```
//!
//! # What it refuses
//!
//! To guess: which token, if there are several; which key, if several bear the name. To try a PIN twice: the
//! card locks itself. Keys that may not sign, that want their PIN for every signature, and those of a kind or
//! size that [`ksz_pki`] does not accept.
//!
//! # What it believes
//!
//! The module is code of somebody else's in this process: who names it decides what runs.

mod error;
mod key;
mod module;
mod pool;
mod token;

pub use error::Error;
pub use key::KeyName;
pub use module::Module;
pub use token::{OpenToken, PinRequest, Token};
