//! What an adversary can send, tried with every parser: `cargo xtask fuzz`.
//!
//! A target is a program of libFuzzer in `targets/`, with seeds in `corpus/` under its name. None is content with the
//! absence of a crash: each compares with another implementation, or with what must hold whatever the input.
//!
//! To add one: a file in `targets/`, its `[[bin]]` in `Cargo.toml`, its name in `xtask/src/fuzz.rs`, and a few seeds. An
//! input that was a fault goes into `corpus/` and stays there.
//!
//! `make-fixtures` writes the certificates, the signed messages and the seeds made of them. The keys it signs with are
//! thrown away. The private keys in `corpus/keys` and `corpus/key-store` are nobody's: they are there to be read.

pub mod edit;
pub mod fixture;
#[cfg(feature = "libxml2")]
pub mod libxml2;
pub mod outline;

/// The input without its first octet, which chooses what is done with it.
#[must_use]
pub fn choice(data: &[u8]) -> Option<(u8, &[u8])> {
    data.split_first().map(|(choice, rest)| (*choice, rest))
}
