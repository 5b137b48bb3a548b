//! What the suites that cross crates share: throw-away keys, and where the reference material lies.
//!
//! Reference messages and vectors have licences of their own and are not part of the repository. They lie beside the
//! checkout in `../shared`, or where `KSZ_SHARED` points; without them a suite says that it is skipped.

pub mod keys;

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

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
