//! Sessions that several processes share: through Redis, with a real `redis-server`, and through a folder.
//!
//! The processes are this program, started again for the one test that started them, with another part to play.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

mod processes;
mod server;
mod store;
mod worker;
