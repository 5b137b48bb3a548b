//! Sessions against the simulator, over TLS: how often the token service is asked, and what callers see of it.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

mod clocks;
mod refusals;
mod requests;
mod stores;
mod trouble;
mod world;
