use std::fmt;
use zeroize::Zeroizing;

/// What opens a key store or a token. It is wiped when dropped and never prints.
///
/// An empty password is one too: some stores of the eHealth platform have it.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The password of a text, which is not copied.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The password itself, for whatever it opens. It belongs in no log, message or error.
    #[must_use]
    pub fn reveal(&self) -> &str {
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
