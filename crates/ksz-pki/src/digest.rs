use sha2::Digest as _;
use std::fmt;

/// A SHA-256 digest (FIPS 180-4): what keys sign and what references compare.
///
/// Keys work on digests instead of messages, so that a canonicalizer can stream into the hash, and a key that
/// lives in a token or behind a service receives 32 octets instead of a document.
#[derive(Clone, Copy, Eq, PartialEq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `octets`.
    #[must_use]
    pub fn sha256(octets: &[u8]) -> Self {
        Self(sha2::Sha256::digest(octets).into())
    }

    /// The 32 octets.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest in lower-case hexadecimal.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|octet| format!("{octet:02x}")).collect()
    }
}

impl From<[u8; 32]> for Digest {
    fn from(octets: [u8; 32]) -> Self {
        Self(octets)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.to_hex())
    }
}

/// A SHA-256 computation in progress: octets go in piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Sha256(sha2::Sha256);

impl Sha256 {
    /// A computation over nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds octets.
    pub fn update(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    /// The digest of all octets added.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one-block and empty examples of FIPS 180-4's companion test values.
    #[test]
    fn the_published_examples_come_out() {
        assert_eq!(
            Digest::sha256(b"abc").to_hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            Sha256::new().finish().to_hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn pieces_give_the_digest_of_the_whole() {
        let mut pieces = Sha256::new();
        pieces.update(b"a");
        pieces.update(b"bc");
        assert_eq!(pieces.finish(), Digest::sha256(b"abc"));
    }
}
