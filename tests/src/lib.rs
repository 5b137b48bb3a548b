//! What the suites that cross crates share: throw-away keys, and where the reference material lies.
//!
//! Reference messages and vectors have licences of their own and are not part of the repository. They lie beside the
//! checkout in `../shared`, or where `KSZ_SHARED` points; without them a suite says that it is skipped.

pub mod keys;
pub mod world;

use ksz::pki::{Backend, Error};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder `path` of the reference material, or a line that says that `suite` is skipped.
#[must_use]
pub fn shared(suite: &str, path: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let root = std::env::var_os("KSZ_SHARED").map_or(beside, PathBuf::from);
    let folder = root.join(path);
    if folder.exists() {
        return Some(folder);
    }
    let line = format!("skipped: {suite} needs the reference material, {path} is not there");
    let written = writeln!(std::io::stderr(), "{line}");
    written.map_or(None, |()| None)
}

/// The backend of the test program that calls it: each suite is a program of its own on AWS-LC, and the program
/// `rustcrypto` holds them all on the other.
#[macro_export]
macro_rules! backend {
    () => {
        $crate::backend_of(env!("CARGO_CRATE_NAME"))
    };
}

/// The backend of a test program of this name.
#[must_use]
pub fn backend_of(program: &str) -> Backend {
    if program == "rustcrypto" { Backend::RustCrypto(random) } else { Backend::AwsLc }
}

/// The random source of the tests: the operating system's.
fn random(octets: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(octets).map_err(|_| Error::RandomSourceFailed)
}

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
