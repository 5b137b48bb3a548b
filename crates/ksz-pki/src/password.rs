use std::fmt;
use zeroize::Zeroizing;

/// What opens a key store. It is wiped when dropped and never prints.
///
/// An empty password is one too: some stores of the eHealth platform have it.
#[derive(Clone)]
pub struct Password(
    #[cfg_attr(
        not(feature = "encrypted-keys"),
        expect(dead_code, reason = "where nothing is decrypted, it is only wiped")
    )]
    Zeroizing<String>,
);

impl Password {
    /// The password of a text, which is not copied.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    #[cfg(feature = "encrypted-keys")]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_does_not_print() {
        assert_eq!(format!("{:?}", Password::new("correct horse".into())), "Password(…)");
    }
}
