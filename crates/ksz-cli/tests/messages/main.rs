//! Messages that the command signs, and messages that it accepts or refuses, with keys made for each test.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be set up fails the test")]

mod brokered;
mod files;
mod pki;
mod program;
mod replay;
mod signed;
mod sim;
