use ksz_pki::Hasher;

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
