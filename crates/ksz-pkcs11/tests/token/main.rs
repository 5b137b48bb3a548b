//! Keys in a token, tried with SoftHSM.
//!
//! A module is a thing of its whole process, and finds its tokens through the environment. So each test makes
//! a token, then runs itself again in a process of its own.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be set up fails the test")]

mod fixture;
mod keys;
mod login;
