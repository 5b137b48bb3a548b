use ksz_pki::Hasher;
use std::io;

/// Where canonical octets go.
pub trait Sink {
    /// Takes the next octets.
    fn write(&mut self, octets: &[u8]);

    /// Whether no more octets are wanted: then nothing more is written, and what there is is worthless.
    fn is_full(&self) -> bool {
        false
    }
}

impl Sink for Vec<u8> {
    fn write(&mut self, octets: &[u8]) {
        self.extend_from_slice(octets);
    }
}

impl Sink for Hasher {
    fn write(&mut self, octets: &[u8]) {
        self.update(octets);
    }
}

/// Canonical octets on their way to a writer. The writer's first error ends the work; ask for it with
/// [`finish`](Self::finish).
///
/// ```
/// use ksz_xml::{Document, Limits};
/// use ksz_xmldsig::{CanonicalizationMethod, PrefixList, WriterSink};
///
/// let document = Document::parse(b"<a/>", &Limits::default())?;
/// let mut sink = WriterSink::new(std::io::sink());
/// CanonicalizationMethod::exclusive(PrefixList::default()).canonicalize(document.root(), &mut sink)?;
/// assert!(sink.finish().is_ok());
/// # Ok::<(), ksz_xml::Error>(())
/// ```
#[derive(Debug)]
pub struct WriterSink<W> {
    writer: W,
    failure: Option<io::Error>,
}

impl<W: io::Write> WriterSink<W> {
    /// A sink that writes to `writer`, in pieces of some hundred octets: one that asks the system each time wants a buffer
    /// before it.
    pub const fn new(writer: W) -> Self {
        Self { writer, failure: None }
    }

    /// The writer, if it took everything.
    ///
    /// # Errors
    ///
    /// The writer's first error.
    pub fn finish(self) -> io::Result<W> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.writer),
        }
    }
}

impl<W: io::Write> Sink for WriterSink<W> {
    fn write(&mut self, octets: &[u8]) {
        if self.failure.is_none() {
            self.failure = self.writer.write_all(octets).err();
        }
    }

    fn is_full(&self) -> bool {
        self.failure.is_some()
    }
}

/// Octets up to a limit.
///
/// Canonical form repeats declarations, so a small document can have a huge one; the limit is for documents of others.
#[derive(Debug)]
pub(crate) struct LimitedBuffer {
    octets: Vec<u8>,
    limit: usize,
    is_full: bool,
}

impl LimitedBuffer {
    pub(crate) fn new(expected: usize, limit: usize) -> Self {
        Self { octets: Vec::with_capacity(expected.min(limit)), limit, is_full: false }
    }

    /// The octets, if the limit was kept.
    pub(crate) fn finish(self) -> Option<Vec<u8>> {
        (!self.is_full).then_some(self.octets)
    }
}

impl Sink for LimitedBuffer {
    fn write(&mut self, octets: &[u8]) {
        if octets.len() > self.limit - self.octets.len() {
            self.is_full = true;
        }
        if !self.is_full {
            self.octets.extend_from_slice(octets);
        }
    }

    fn is_full(&self) -> bool {
        self.is_full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_that_fails_is_left_alone() {
        let mut room = [0; 4];
        let mut sink = WriterSink::new(&mut room[..]);
        sink.write(b"abc");
        assert!(!sink.is_full());
        sink.write(b"de");
        assert!(sink.is_full());
        assert_eq!(sink.finish().unwrap_err().kind(), io::ErrorKind::WriteZero);
    }

    #[test]
    fn a_limited_buffer_keeps_all_or_nothing() {
        let mut buffer = LimitedBuffer::new(100, 4);
        buffer.write(b"abc");
        buffer.write(b"d");
        assert_eq!(buffer.finish(), Some(b"abcd".to_vec()));
        let mut buffer = LimitedBuffer::new(0, 4);
        buffer.write(b"abcde");
        assert!(buffer.is_full());
        buffer.write(b"f");
        assert_eq!(buffer.finish(), None);
    }
}
