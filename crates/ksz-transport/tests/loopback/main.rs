//! Whole exchanges with a small TLS server on the loopback interface.

#![expect(clippy::unwrap_used, reason = "a server that cannot be set up fails the test")]

mod exchange;
mod handshake;
mod pki;
mod server;
