use std::fmt;

/// A piece of XML as it came, octet for octet.
///
/// It may hold whatever a service knows of a person, so it does not print.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Fragment(String);

impl Fragment {
    pub(crate) const fn new(source: String) -> Self {
        Self(source)
    }

    /// Its octets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fragment(… {} octets)", self.0.len())
    }
}
