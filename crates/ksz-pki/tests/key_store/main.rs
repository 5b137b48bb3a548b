//! Key stores and encrypted keys as other programs write them, and what is refused of them.
//!
//! Stores are made at test time: by another library in this process, so that something always runs, and by
//! `openssl` and `keytool` where they are installed.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be set up fails the test")]

mod ber;
mod choice;
mod encrypted_keys;
mod fixture;
mod hostile;
mod openssl;
mod pkcs12;
mod programs;
