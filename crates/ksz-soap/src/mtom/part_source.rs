use std::io::{self, Read};

/// Octets of a known length that can be read as often as needed: once to be digested, once to be sent.
///
/// They must not change between two readings: a signature of what has changed is refused by its receiver, and what
/// changes after it was verified is no longer what was verified.
pub trait PartSource: Send + Sync {
    /// How many octets there are.
    fn length(&self) -> u64;

    /// Reads octets from `offset` on into `buffer`, and answers with how many: none only behind the last, or into
    /// no room.
    ///
    /// # Errors
    ///
    /// Those of whatever holds the octets.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

impl PartSource for Vec<u8> {
    fn length(&self) -> u64 {
        self.as_slice().length()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buffer)
    }
}

impl PartSource for [u8] {
    fn length(&self) -> u64 {
        u64::try_from(self.len()).unwrap_or(u64::MAX)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl<S: PartSource + ?Sized> PartSource for &S {
    fn length(&self) -> u64 {
        (**self).length()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buffer)
    }
}

impl<S: PartSource + ?Sized> PartSource for Box<S> {
    fn length(&self) -> u64 {
        (**self).length()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buffer)
    }
}

/// Reads a source from its beginning: exactly as many octets as it has said.
///
/// A source that ends earlier is an error; what it has beyond is not read.
#[derive(Clone, Debug)]
pub struct PartReader<S> {
    source: S,
    offset: u64,
    length: u64,
}

impl<S: PartSource> PartReader<S> {
    /// A reader at the beginning of a source.
    pub fn new(source: S) -> Self {
        let length = source.length();
        Self { source, offset: 0, length }
    }
}

impl<S: PartSource> Read for PartReader<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length - self.offset).unwrap_or(usize::MAX);
        let room = buffer.len().min(left);
        let count = self.source.read_at(self.offset, &mut buffer[..room])?;
        if count == 0 && room > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.offset += u64::try_from(count).unwrap_or(u64::MAX);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_in_memory_are_read_from_anywhere() {
        let mut buffer = [0; 4];
        let source = b"abcdef".to_vec();
        assert_eq!((source.read_at(4, &mut buffer).unwrap(), &buffer[..2]), (2, &b"ef"[..]));
        assert_eq!(source.read_at(7, &mut buffer).unwrap(), 0);
        assert_eq!(source.read_at(u64::MAX, &mut buffer).unwrap(), 0);
    }

    #[test]
    fn a_source_that_ends_early_is_an_error_and_one_that_has_grown_is_cut() {
        struct Lying(u64);
        impl PartSource for Lying {
            fn length(&self) -> u64 {
                self.0
            }
            fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
                b"abc".as_slice().read_at(offset, buffer)
            }
        }
        let read = |length| {
            let mut octets = Vec::new();
            PartReader::new(Lying(length)).read_to_end(&mut octets).map(|_| octets)
        };
        assert_eq!(read(3).unwrap(), b"abc");
        assert_eq!(read(2).unwrap(), b"ab");
        assert_eq!(read(4).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
