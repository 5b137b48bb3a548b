//! Documents that are no messages: signed in every form, and what an adversary makes of them.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

mod attacks;
mod changes;
mod forms;
mod references;
mod unsupported;
mod world;
