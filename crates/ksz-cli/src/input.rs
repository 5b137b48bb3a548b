use crate::error::Error;
use ksz::error::mask_name;
use ksz::xml::{Document, Element, Limits};
use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest file that is read, in octets.
pub(crate) const LARGEST: usize = 64 * 1024 * 1024;

/// A file named on the command line; `-` is standard input.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct FileName(PathBuf);

impl FileName {
    /// The path, unless it is standard input.
    pub(crate) fn path(&self) -> Option<&Path> {
        (self.0.as_os_str() != OsStr::new("-")).then_some(&self.0)
    }

    /// The one element of the document in this file that has an identifier.
    pub(crate) fn only_element<'d>(
        &self,
        document: &'d Document<'_>,
        id: &'d str,
    ) -> Result<Element<'d>, Error> {
        let found: Vec<_> = document.elements_by_id(id).collect();
        match found.as_slice() {
            &[element] => Ok(element),
            others => Err(Error::ElementCount { file: self.clone(), id: id.into(), found: others.len() }),
        }
    }
}

/// For a document that our caller names and that is no message: it may be as large as a file may be, and as
/// deep as the reader goes.
pub(crate) fn document_limits() -> Limits {
    let mut limits = Limits::default();
    limits.octets = LARGEST;
    limits.depth = Limits::DEEPEST;
    limits.nodes = 4_000_000;
    limits.ids = limits.nodes;
    limits
}

impl From<OsString> for FileName {
    fn from(name: OsString) -> Self {
        Self(name.into())
    }
}

/// For people and logs: files bear the names of certificates, and those the numbers of persons.
impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path() {
            None => f.write_str("standard input"),
            Some(path) => f.write_str(&masked(path)),
        }
    }
}

/// A path for people and logs.
pub(crate) fn masked(path: &Path) -> String {
    mask_name(&path.to_string_lossy())
}

/// The files of one run. Standard input can be read once.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    standard_input_is_read: Cell<bool>,
}

impl Inputs {
    /// The octets of a file of at most [`LARGEST`] octets.
    pub(crate) fn read(&self, file: &FileName) -> Result<Vec<u8>, Error> {
        self.read_up_to(file, LARGEST)
    }

    /// The octets of the message or document itself. One that is too large is refused, like one that is too
    /// deep.
    pub(crate) fn read_message(&self, file: &FileName) -> Result<Vec<u8>, Error> {
        self.read(file).map_err(|error| match error {
            Error::TooLarge { file, limit } => {
                Error::Xml { file, error: ksz::xml::Error::LimitExceeded { what: "octets", limit } }
            }
            other => other,
        })
    }

    /// A file of any size, to be read piece by piece.
    pub(crate) fn open(&self, file: &FileName) -> Result<Box<dyn Read>, Error> {
        match file.path() {
            None if self.standard_input_is_read.replace(true) => Err(Error::StandardInputTwice),
            None => Ok(Box::new(io::stdin().lock())),
            Some(path) => match File::open(path) {
                Ok(opened) => Ok(Box::new(opened)),
                Err(error) => Err(Error::Unreadable { file: file.clone(), why: error.kind() }),
            },
        }
    }

    /// The octets of a file of at most `limit` octets; no more are read of a larger one.
    pub(crate) fn read_up_to(&self, file: &FileName, limit: usize) -> Result<Vec<u8>, Error> {
        let octets = match file.path() {
            None if self.standard_input_is_read.replace(true) => return Err(Error::StandardInputTwice),
            None => read_at_most(io::stdin().lock(), 0, limit),
            Some(path) => File::open(path).and_then(|opened| {
                let length = opened.metadata()?.len();
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                if length > limit { Ok(None) } else { read_at_most(opened, length, limit) }
            }),
        };
        octets
            .map_err(|error| Error::Unreadable { file: file.clone(), why: error.kind() })?
            .ok_or_else(|| Error::TooLarge { file: file.clone(), limit })
    }
}

/// All octets, or nothing if there are more than `limit`.
fn read_at_most(reader: impl Read, expected: usize, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut octets = Vec::with_capacity(expected.saturating_add(1));
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(most).read_to_end(&mut octets)?;
    Ok((octets.len() <= limit).then_some(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_input_is_refused_after_its_limit() {
        assert_eq!(read_at_most(io::repeat(b'a'), 0, 10).unwrap(), None);
        assert_eq!(read_at_most(io::repeat(b'a').take(10), 0, 10).unwrap(), Some(vec![b'a'; 10]));
    }

    #[test]
    fn a_hyphen_is_standard_input() {
        assert_eq!(FileName::from(OsString::from("-")).to_string(), "standard input");
        assert_eq!(FileName::from(OsString::from("./-")).to_string(), "./-");
    }

    #[test]
    fn a_persons_number_in_the_name_of_a_file_is_masked() {
        for (name, shown) in [
            ("SSIN=93051822361 20260101.p12", "SSIN=*********61 20260101.p12"),
            ("keys/93051822361-20260101", "keys/*********61-20260101"),
            ("SSIN93051822361.p12", "SSIN*********61.p12"),
            ("NIHII=10012378 20260101.p12", "NIHII=******78 20260101.p12"),
            ("/srv/2026/11/22/123/CBE=0406798006.p12", "/srv/2026/11/22/123/CBE=0406798006.p12"),
        ] {
            assert_eq!(FileName::from(OsString::from(name)).to_string(), shown);
        }
    }
}
