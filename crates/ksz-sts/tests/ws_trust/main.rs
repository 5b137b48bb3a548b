//! WS-Trust messages as they are written and read, of both sides.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

mod answers;
mod assertions;
mod examination;
mod fixture;
mod requests;
