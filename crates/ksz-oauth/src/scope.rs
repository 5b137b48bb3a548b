use crate::Error;
use ksz_error::excerpt;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A set of scopes (RFC 6749 section 3.3), sorted, so that equal sets are written alike.
///
/// ```
/// let scope: ksz_oauth::Scope = "scope:cbss:api:person:consult read".parse()?;
/// assert_eq!(scope.to_string(), "read scope:cbss:api:person:consult");
/// # Ok::<(), ksz_oauth::Error>(())
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Scope(BTreeSet<String>);

impl Scope {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one scope is in the set. Scopes are compared octet by octet.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// The scopes, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The scopes that `granted` lacks.
    #[must_use]
    pub fn missing_in(&self, granted: &Self) -> Self {
        Self(self.0.difference(&granted.0).cloned().collect())
    }
}

impl FromStr for Scope {
    type Err = Error;

    /// Reads scope tokens with one space between them. The empty text is the empty set.
    ///
    /// # Errors
    ///
    /// [`Error::ScopeMalformed`] if the text is something else.
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_token = |token: &str| {
            !token.is_empty() && token.bytes().all(|c| c.is_ascii_graphic() && c != b'"' && c != b'\\')
        };
        if text.is_empty() {
            Ok(Self::default())
        } else if text.split(' ').all(is_token) {
            Ok(Self(text.split(' ').map(str::to_owned).collect()))
        } else {
            Err(Error::ScopeMalformed { text: excerpt(text) })
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            write!(f, "{}{scope}", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_sorted_and_without_repetition() {
        let scope: Scope = "b a b".parse().unwrap();

        assert_eq!(scope.to_string(), "a b");
        assert!(scope.contains("a") && !scope.contains("A"));
        assert_eq!(scope.missing_in(&"a".parse().unwrap()).to_string(), "b");
        assert!("".parse::<Scope>().unwrap().is_empty());
    }

    #[test]
    fn texts_outside_the_grammar_are_refused() {
        for text in [" ", "a  b", "a ", "a\tb", "a\"b", "a\\b", "é"] {
            assert!(matches!(text.parse::<Scope>(), Err(Error::ScopeMalformed { .. })), "{text:?}");
        }
    }
}
