//! The `ksz` command: examine a connection, canonicalize, sign and verify messages, look up endpoints, run the
//! simulator.
//!
//! Each command reads its arguments ([`args`]) and its files ([`input`]), calls the libraries, and ends with an
//! [`exit::Exit`]. What goes wrong is one line on standard error that names the file and the place.

mod args;
mod commands;
mod credential;
mod error;
mod exit;
mod input;
mod output;

use crate::args::Arguments;
use crate::exit::Exit;
use std::process::ExitCode;

fn main() -> ExitCode {
    let exit = match Arguments::read() {
        Ok(arguments) => commands::run(&arguments).unwrap_or_else(|error| {
            output::failure(&error.to_string());
            Exit::of(error.kind())
        }),
        Err(exit) => exit,
    };
    exit.into()
}
