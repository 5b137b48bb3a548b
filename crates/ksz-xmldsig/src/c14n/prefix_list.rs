use std::fmt;

/// The `PrefixList` of an `InclusiveNamespaces` element (Exclusive XML Canonicalization 1.0 section 4).
///
/// Repeated entries count once, prefixes that are not in scope have no effect, and `#default` stands for the
/// default namespace. It prints as it was written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PrefixList {
    written: String,
}

impl PrefixList {
    /// A list from prefixes parted by white space.
    #[must_use]
    pub fn parse(list: &str) -> Self {
        Self { written: list.to_owned() }
    }

    /// The prefixes, the empty string for `#default`.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.written.split_ascii_whitespace().map(|entry| if entry == "#default" { "" } else { entry })
    }
}

impl fmt::Display for PrefixList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}
