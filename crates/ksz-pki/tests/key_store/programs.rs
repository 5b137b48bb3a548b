//! Other programs that write key stores.

use crate::fixture::Signer;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder for the files of one test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Writes a signer's key and certificate, and the certificates above it.
    pub(crate) fn write_signer(&self, signer: &Signer, above: &str) {
        self.write("key.pem", signer.key.serialize_pem());
        self.write("certificate.pem", &signer.certificate);
        self.write("above.pem", above);
    }

    /// Runs a program here; a word of the line that begins with `@` is a file of the folder.
    pub(crate) fn run(&self, program: &str, line: &str, last: &[&str]) -> Output {
        let words = line.split_whitespace().chain(last.iter().copied());
        let arguments = words.map(|word| match word.strip_prefix('@') {
            Some(file) => self.path(file).into_os_string(),
            None => word.into(),
        });
        let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {line}: {error}");
        output
    }
}

/// Whether a program is installed; a line says so if it is not.
pub(crate) fn installed(program: &str, test: &str) -> bool {
    let is_there = |folder: PathBuf| Path::new(&folder).join(program).is_file();
    let found = std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(is_there));
    if !found {
        let _ = writeln!(std::io::stderr(), "skipped: {test} needs {program}, which is not installed");
    }
    found
}
