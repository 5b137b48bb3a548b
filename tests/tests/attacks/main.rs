//! The attacks of the plan on the verifier, each by its number: whole messages of both profiles, with RSA and P-256. Those
//! on attachments are in the suite `mtom`.
//!
//! What an adversary could sign is signed here: where a row speaks of a genuine signature, its digests and its value are
//! good, so a refusal is due to the rule. Each test begins with the acceptance of the message that it changes.
//!
//! Rows that bound time or memory are held to what a test can see: the refusal is the limit's, and where it can, it comes
//! from the scan, which allocates nothing and comes before all else. `bench/src/attack.rs` measures the times.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

mod algorithms;
mod assertions;
mod certificates;
mod coverage;
mod keys;
mod plan;
mod profiles;
mod references;
mod rsa_keys;
mod values;
mod world;
mod wrapping;
mod xml;
