//! Whole exchanges with the simulator over loopback, by the client's transport.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be set up fails the test")]

mod fixture;
mod oauth;
mod renewal;
mod rest;
mod soap;
mod start;
mod sts;
mod tls;
