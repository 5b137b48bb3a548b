use crate::Error;
use sha2::Digest as _;
use std::fmt;

/// A hash function of the SHA-2 family (FIPS 180-4).
///
/// Messages are digested with SHA-256 alone; the longer ones occur in documents of others.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestAlgorithm {
    /// How many octets its digests have.
    #[must_use]
    pub const fn digest_length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// A digest and how it was made (FIPS 180-4): what keys sign and what references compare.
///
/// Keys work on digests instead of messages, so that a canonicalizer can stream into the hash, and a key that
/// lives in a token or behind a service receives some octets instead of a document.
#[derive(Clone, Copy, Eq, PartialEq, Hash)]
pub struct Digest(Octets);

/// The length belongs to the algorithm, so that no digest has another.
#[derive(Clone, Copy, Eq, PartialEq, Hash)]
enum Octets {
    Sha256([u8; 32]),
    Sha384([u8; 48]),
    Sha512([u8; 64]),
}

impl Digest {
    /// The SHA-256 digest of `octets`.
    #[must_use]
    pub fn sha256(octets: &[u8]) -> Self {
        Self(Octets::Sha256(sha2::Sha256::digest(octets).into()))
    }

    /// The digest of `octets` by any of the algorithms.
    #[must_use]
    pub fn of(algorithm: DigestAlgorithm, octets: &[u8]) -> Self {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(octets);
        hasher.finish()
    }

    /// A digest that was computed elsewhere, or stands in a document.
    ///
    /// # Errors
    ///
    /// [`Error::DigestLength`] if `octets` are not as many as the algorithm makes.
    pub fn from_octets(algorithm: DigestAlgorithm, octets: &[u8]) -> Result<Self, Error> {
        let digest = match algorithm {
            DigestAlgorithm::Sha256 => octets.try_into().map(Octets::Sha256),
            DigestAlgorithm::Sha384 => octets.try_into().map(Octets::Sha384),
            DigestAlgorithm::Sha512 => octets.try_into().map(Octets::Sha512),
        };
        digest.map(Self).map_err(|_| Error::DigestLength { algorithm, found: octets.len() })
    }

    /// How it was made.
    #[must_use]
    pub const fn algorithm(&self) -> DigestAlgorithm {
        match self.0 {
            Octets::Sha256(_) => DigestAlgorithm::Sha256,
            Octets::Sha384(_) => DigestAlgorithm::Sha384,
            Octets::Sha512(_) => DigestAlgorithm::Sha512,
        }
    }

    /// Refuses a digest that was made in another way, where only one is right.
    ///
    /// # Errors
    ///
    /// [`Error::DigestAlgorithm`] if it was.
    pub fn require(&self, expected: DigestAlgorithm) -> Result<(), Error> {
        let found = self.algorithm();
        if expected == found { Ok(()) } else { Err(Error::DigestAlgorithm { expected, found }) }
    }

    /// Its octets, as many as [`DigestAlgorithm::digest_length`] says.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Octets::Sha256(octets) => octets,
            Octets::Sha384(octets) => octets,
            Octets::Sha512(octets) => octets,
        }
    }

    /// The digest in lower-case hexadecimal.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.as_bytes().iter().map(|octet| format!("{octet:02x}")).collect()
    }
}

impl From<[u8; 32]> for Digest {
    /// A SHA-256 digest that was computed elsewhere.
    fn from(octets: [u8; 32]) -> Self {
        Self(Octets::Sha256(octets))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({}, {})", self.algorithm(), self.to_hex())
    }
}

/// The computation of a digest in progress: octets go in piece by piece.
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// A computation over nothing yet.
    #[must_use]
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        Self(match algorithm {
            DigestAlgorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
            DigestAlgorithm::Sha384 => State::Sha384(sha2::Sha384::new()),
            DigestAlgorithm::Sha512 => State::Sha512(sha2::Sha512::new()),
        })
    }

    /// Adds octets.
    #[inline]
    pub fn update(&mut self, octets: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(octets),
            State::Sha384(state) => state.update(octets),
            State::Sha512(state) => state.update(octets),
        }
    }

    /// The digest of all octets added.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(match self.0 {
            State::Sha256(state) => Octets::Sha256(state.finalize().into()),
            State::Sha384(state) => Octets::Sha384(state.finalize().into()),
            State::Sha512(state) => Octets::Sha512(state.finalize().into()),
        })
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Sha256(_) => "Hasher(SHA-256, …)",
            State::Sha384(_) => "Hasher(SHA-384, …)",
            State::Sha512(_) => "Hasher(SHA-512, …)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [DigestAlgorithm; 3] =
        [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512];

    /// The one-block examples that NIST publishes for FIPS 180-4.
    #[test]
    fn the_published_examples_come_out() {
        let published = [
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d\
             4423643ce80e2a9ac94fa54ca49f",
        ];
        for (algorithm, published) in ALL.into_iter().zip(published) {
            assert_eq!(Digest::of(algorithm, b"abc").to_hex(), published);
        }
        assert_eq!(Digest::sha256(b"abc").to_hex(), published[0]);
        assert_eq!(
            Hasher::new(DigestAlgorithm::Sha256).finish().to_hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn pieces_give_the_digest_of_the_whole() {
        for algorithm in ALL {
            let mut pieces = Hasher::new(algorithm);
            pieces.update(b"a");
            pieces.update(b"bc");
            assert_eq!(pieces.finish(), Digest::of(algorithm, b"abc"));
        }
    }

    #[test]
    fn a_digest_has_the_length_of_its_algorithm() {
        for algorithm in ALL {
            let digest = Digest::of(algorithm, b"abc");
            let length = algorithm.digest_length();
            assert_eq!(digest.as_bytes().len(), length);
            assert_eq!(Digest::from_octets(algorithm, digest.as_bytes()), Ok(digest));
            assert_eq!(digest.algorithm(), algorithm);
            for found in [0, length - 1, length + 1] {
                let refused = Digest::from_octets(algorithm, &vec![0; found]);
                assert_eq!(refused, Err(Error::DigestLength { algorithm, found }));
            }
        }
    }
}
