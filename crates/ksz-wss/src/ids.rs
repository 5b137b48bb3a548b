use crate::Error;

/// The identifiers of one message, given by the caller so that every output can be repeated to the byte.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ids {
    unique: String,
}

impl Ids {
    /// Identifiers that end in `unique`, which must differ between messages: a random value, for instance.
    ///
    /// # Errors
    ///
    /// [`Error::IdNotAllowed`] if `unique` is not one to a hundred letters, digits, hyphens, points or underscores.
    pub fn new(unique: &str) -> Result<Self, Error> {
        let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"-._".contains(&octet);
        if (1..=100).contains(&unique.len()) && unique.bytes().all(allowed) {
            Ok(Self { unique: unique.to_owned() })
        } else {
            Err(Error::IdNotAllowed { value: unique.chars().take(100).collect() })
        }
    }

    pub(crate) fn token(&self) -> String {
        self.prefixed("X509")
    }

    pub(crate) fn signature(&self) -> String {
        self.prefixed("SIG")
    }

    pub(crate) fn key_info(&self) -> String {
        self.prefixed("KI")
    }

    pub(crate) fn token_reference(&self) -> String {
        self.prefixed("STR")
    }

    pub(crate) fn timestamp(&self) -> String {
        self.prefixed("TS")
    }

    pub(crate) fn body(&self) -> String {
        self.prefixed("id")
    }

    fn prefixed(&self, kind: &str) -> String {
        format!("{kind}-{}", self.unique)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_cannot_enter_through_an_identifier() {
        assert!(Ids::new("FC77E2C7-1._").is_ok());
        for bad in ["", "a b", "a\"b", "<", "é", &"a".repeat(101)] {
            assert!(matches!(Ids::new(bad), Err(Error::IdNotAllowed { .. })), "{bad:?}");
        }
    }
}
