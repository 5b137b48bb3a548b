use crate::Error;
use ksz_wss::Ids;
use std::fmt::Write;

/// The random source: identifiers that nobody can guess and that never repeat.
#[derive(Clone, Copy, Debug, Default)]
pub struct Random;

impl Random {
    /// The identifiers of one message.
    ///
    /// # Errors
    ///
    /// [`Error::NoRandomness`] if the operating system has none.
    pub fn ids() -> Result<Ids, Error> {
        Ok(Ids::new(&Self::unique()?)?)
    }

    /// 32 hexadecimal digits: 128 random bits.
    ///
    /// # Errors
    ///
    /// [`Error::NoRandomness`] if the operating system has none.
    pub fn unique() -> Result<String, Error> {
        Ok(hex(&octets()?))
    }

    /// A UUID of version 4 (RFC 9562 section 5.4).
    ///
    /// # Errors
    ///
    /// [`Error::NoRandomness`] if the operating system has none.
    pub fn uuid() -> Result<String, Error> {
        let mut octets = octets()?;
        octets[6] = octets[6] & 0x0f | 0x40;
        octets[8] = octets[8] & 0x3f | 0x80;
        let hex = hex(&octets);
        Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
    }

    /// A share between 0 and 1, to spread what would otherwise happen at once; the middle where there is no randomness.
    pub(crate) fn share() -> f64 {
        getrandom::u32().map_or(0.5, |drawn| f64::from(drawn) / f64::from(u32::MAX))
    }
}

fn octets() -> Result<[u8; 16], Error> {
    let mut octets = [0; 16];
    getrandom::fill(&mut octets).map_err(|error| Error::NoRandomness { detail: error.to_string() })?;
    Ok(octets)
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_its_version_and_never_repeats() {
        let (one, two) = (Random::uuid().unwrap(), Random::uuid().unwrap());
        assert_ne!(one, two);
        assert_eq!((one.len(), &one[14..15]), (36, "4"));
        assert!(matches!(&one[19..20], "8" | "9" | "a" | "b"));
    }
}
