//! Messages that the command signs, accepts or refuses, and connections that it examines, with keys made for each
//! test.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be set up fails the test")]

mod brokered;
mod doctor;
mod dsig;
mod files;
mod key_stores;
mod packages;
mod pki;
mod program;
mod replay;
mod signed;
mod sim;
mod tokens;
