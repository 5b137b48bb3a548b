use ksz_pki::{Digest, Sha256};

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

impl Sink for Sha256 {
    fn write(&mut self, octets: &[u8]) {
        self.update(octets);
    }
}

/// A hash that takes a limited number of octets.
///
/// Canonical form repeats declarations, so a small document can have a huge one; the limit is for documents of others.
#[derive(Debug)]
pub(crate) struct LimitedHash {
    hash: Sha256,
    left: Option<usize>,
}

impl LimitedHash {
    pub(crate) fn new(limit: usize) -> Self {
        Self { hash: Sha256::new(), left: Some(limit) }
    }

    /// The digest, if the limit was kept.
    pub(crate) fn finish(self) -> Option<Digest> {
        self.left.map(|_| self.hash.finish())
    }
}

impl Sink for LimitedHash {
    fn write(&mut self, octets: &[u8]) {
        self.left = self.left.and_then(|left| left.checked_sub(octets.len()));
        if self.left.is_some() {
            self.hash.update(octets);
        }
    }

    fn is_full(&self) -> bool {
        self.left.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limited_hash_is_a_hash_until_it_is_full() {
        let mut hash = LimitedHash::new(4);
        hash.write(b"abc");
        assert_eq!(hash.finish(), Some(Digest::sha256(b"abc")));
        let mut hash = LimitedHash::new(4);
        hash.write(b"abcde");
        hash.write(b"f");
        assert!(hash.is_full());
        assert_eq!(hash.finish(), None);
    }
}
