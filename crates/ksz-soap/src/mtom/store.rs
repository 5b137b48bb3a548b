use super::limits::MtomLimits;
use super::part_source::PartSource;
use std::fmt;
use std::io;

/// Where the parts of a package go while it is received, one after the other.
///
/// The core opens no files: [`MemoryStore`] keeps everything in memory, and `ksz_transport::Spool` goes on in temporary
/// files beyond a limit.
pub trait Store {
    /// What a part becomes.
    type Source: PartSource;

    /// Takes the next octets of the part that is being received.
    ///
    /// # Errors
    ///
    /// If they cannot be kept; the package is refused then.
    fn write(&mut self, octets: &[u8]) -> io::Result<()>;

    /// Ends that part, which may have no octets. The next octets are of another.
    ///
    /// # Errors
    ///
    /// If it cannot be kept.
    fn end(&mut self) -> io::Result<Self::Source>;
}

/// Keeps parts in memory, and refuses what is beyond [`MtomLimits::in_memory`].
#[derive(Clone)]
pub struct MemoryStore {
    octets: Vec<u8>,
    left: usize,
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryStore({} octets left)", self.left)
    }
}

impl MemoryStore {
    /// A store for one package.
    #[must_use]
    pub const fn new(limits: &MtomLimits) -> Self {
        Self { octets: Vec::new(), left: limits.in_memory }
    }
}

impl Store for MemoryStore {
    type Source = Vec<u8>;

    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.left = self.left.checked_sub(octets.len()).ok_or(io::ErrorKind::OutOfMemory)?;
        self.octets.extend_from_slice(octets);
        Ok(())
    }

    fn end(&mut self) -> io::Result<Self::Source> {
        Ok(std::mem::take(&mut self.octets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_for_all_parts_together() {
        let limits = MtomLimits { in_memory: 5, ..MtomLimits::default() };
        let mut store = MemoryStore::new(&limits);
        store.write(b"abc").unwrap();
        assert_eq!(store.end().unwrap(), b"abc");
        store.write(b"de").unwrap();
        assert_eq!(store.write(b"f").unwrap_err().kind(), io::ErrorKind::OutOfMemory);
    }
}
