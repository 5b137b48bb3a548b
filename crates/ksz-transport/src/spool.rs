use ksz_soap::mtom::{MtomLimits, PartSource, Store};
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Keeps the parts of a package that is received: in memory up to a limit for all together, then in temporary files.
///
/// A temporary file has no name, only this user can read it (mode 0600), and it is gone when its part is dropped or the
/// process ends. A full disk is an error, and the package is refused.
pub struct Spool {
    folder: PathBuf,
    in_memory: usize,
    open: Open,
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spool({} octets of memory left)", self.in_memory)
    }
}

/// The part that is being received.
enum Open {
    Memory(Vec<u8>),
    File(File, u64),
}

impl Spool {
    /// A spool for one package, whose files lie in the system's folder for temporary files. Where that folder is memory,
    /// [`Self::in_folder`] names another.
    #[must_use]
    pub fn new(limits: &MtomLimits) -> Self {
        Self::in_folder(std::env::temp_dir(), limits)
    }

    /// A spool for one package, whose files lie in `folder`.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>, limits: &MtomLimits) -> Self {
        Self { folder: folder.into(), in_memory: limits.in_memory, open: Open::Memory(Vec::new()) }
    }
}

impl Store for Spool {
    type Source = SpooledPart;

    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        if let Open::Memory(memory) = &mut self.open {
            if let Some(left) = self.in_memory.checked_sub(octets.len()) {
                self.in_memory = left;
                memory.extend_from_slice(octets);
                return Ok(());
            }
            let mut file = tempfile::tempfile_in(&self.folder)?;
            file.write_all(memory)?;
            self.in_memory += memory.len();
            self.open = Open::File(file, memory.as_slice().length());
        }
        if let Open::File(file, length) = &mut self.open {
            file.write_all(octets)?;
            *length += octets.length();
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<Self::Source> {
        Ok(SpooledPart(match std::mem::replace(&mut self.open, Open::Memory(Vec::new())) {
            Open::Memory(octets) => Kept::Memory(octets),
            Open::File(file, length) => Kept::File(FileSource { file: Mutex::new(file), length }),
        }))
    }
}

/// A part that a [`Spool`] has kept.
pub struct SpooledPart(Kept);

enum Kept {
    Memory(Vec<u8>),
    File(FileSource),
}

impl PartSource for SpooledPart {
    fn length(&self) -> u64 {
        match &self.0 {
            Kept::Memory(octets) => octets.length(),
            Kept::File(file) => file.length(),
        }
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.0 {
            Kept::Memory(octets) => octets.read_at(offset, buffer),
            Kept::File(file) => file.read_at(offset, buffer),
        }
    }
}

impl fmt::Debug for SpooledPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpooledPart({} octets)", self.length())
    }
}

/// A file as an attachment that is to be sent. It stays open, and must not change until it is sent.
#[derive(Debug)]
pub struct FileSource {
    file: Mutex<File>,
    length: u64,
}

impl FileSource {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, or is none whose length is known, such as a pipe.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(Self { file: Mutex::new(file), length: metadata.len() })
    }
}

impl PartSource for FileSource {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        file.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_soap::mtom::PartReader;

    fn spool(folder: &Path, in_memory: usize) -> Spool {
        let mut limits = MtomLimits::default();
        limits.in_memory = in_memory;
        Spool::in_folder(folder, &limits)
    }

    fn octets_of(part: &SpooledPart) -> Vec<u8> {
        let mut octets = Vec::new();
        PartReader::new(part).read_to_end(&mut octets).unwrap();
        octets
    }

    #[test]
    fn what_does_not_fit_in_memory_goes_to_a_file_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = spool(folder.path(), 6);

        let mut parts = Vec::new();
        for pieces in [&[b"abc".as_slice()][..], &[b"de", b"fgh", b"", b"ij"], &[b"klm"], &[], &[b"n"]] {
            pieces.iter().for_each(|piece| spool.write(piece).unwrap());
            parts.push(spool.end().unwrap());
        }

        let kinds: Vec<_> = parts.iter().map(|part| matches!(part.0, Kept::File(_))).collect();
        assert_eq!(kinds, [false, true, false, false, true]);
        let octets: Vec<_> = parts.iter().map(octets_of).collect();
        assert_eq!(octets, [b"abc".as_slice(), b"defghij", b"klm", b"", b"n"]);
        assert_eq!(octets_of(&parts[1]), b"defghij", "it can be read again");
    }

    #[test]
    fn a_temporary_file_has_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = spool(folder.path(), 0);
        spool.write(b"abc").unwrap();
        let part = spool.end().unwrap();

        assert!(matches!(part.0, Kept::File(_)));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_is_not_there_and_a_full_disk_are_errors() {
        let mut absent = spool(Path::new("/nonexistent"), 0);
        assert_eq!(absent.write(b"a").unwrap_err().kind(), io::ErrorKind::NotFound);

        let Ok(full) = File::options().write(true).open("/dev/full") else {
            let _ = writeln!(io::stderr(), "skipped: there is no /dev/full to write to");
            return;
        };
        let mut spool = spool(Path::new("/nonexistent"), 0);
        spool.open = Open::File(full, 0);
        assert_eq!(spool.write(b"a").unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn a_file_is_a_source_and_a_folder_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"abcdef").unwrap();
        let source = FileSource::open(&path).unwrap();
        let mut buffer = [0; 4];
        assert_eq!((source.length(), source.read_at(4, &mut buffer).unwrap()), (6, 2));
        assert_eq!(&buffer[..2], b"ef");
        assert_eq!(FileSource::open(folder.path()).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
