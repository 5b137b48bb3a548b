use crate::Error;

/// The identifiers of one message, given by the caller so that every output can be repeated to the byte: one for each
/// element that may be written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ids {
    pub(crate) token: String,
    pub(crate) signature: String,
    pub(crate) key_info: String,
    pub(crate) token_reference: String,
    pub(crate) timestamp: String,
    pub(crate) body: String,
}

impl Ids {
    /// Identifiers that end in `unique`, which must differ between messages: a random value, for instance.
    ///
    /// # Errors
    ///
    /// [`Error::IdNotAllowed`] if `unique` is not one to a hundred letters, digits, hyphens, points or underscores.
    pub fn new(unique: &str) -> Result<Self, Error> {
        let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"-._".contains(&octet);
        if !(1..=100).contains(&unique.len()) || !unique.bytes().all(allowed) {
            return Err(Error::IdNotAllowed { value: unique.chars().take(100).collect() });
        }
        let id = |kind| [kind, "-", unique].concat();
        Ok(Self {
            token: id("X509"),
            signature: id("SIG"),
            key_info: id("KI"),
            token_reference: id("STR"),
            timestamp: id("TS"),
            body: id("id"),
        })
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
