use std::fmt;

/// The `PrefixList` of an `InclusiveNamespaces` element (Exclusive XML Canonicalization 1.0 section 4).
///
/// Repeated entries count once, prefixes that are not in scope have no effect, and `#default` stands for the
/// default namespace. It prints as it was written; the default value stands for the absence of that element.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PrefixList {
    written: Option<String>,
    /// The prefixes in order, each once, the empty one for `#default`.
    sorted: Vec<String>,
}

impl PrefixList {
    /// No such element.
    pub(crate) const NONE: Self = Self { written: None, sorted: Vec::new() };

    /// A list from prefixes parted by white space.
    #[must_use]
    pub fn parse(list: &str) -> Self {
        let entries = list.split_ascii_whitespace();
        let mut sorted: Vec<_> =
            entries.map(|entry| if entry == "#default" { String::new() } else { entry.to_owned() }).collect();
        sorted.sort_unstable();
        sorted.dedup();
        Self { written: Some(list.to_owned()), sorted }
    }

    /// The prefixes, each once, the empty string for `#default`.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.sorted.iter().map(String::as_str)
    }

    /// Whether a prefix is listed, the empty string for `#default`.
    #[must_use]
    pub fn contains(&self, prefix: &str) -> bool {
        self.sorted.binary_search_by(|listed| listed.as_str().cmp(prefix)).is_ok()
    }

    /// Whether it stands in an element, be it with nothing in it.
    pub(crate) const fn is_written(&self) -> bool {
        self.written.is_some()
    }

    /// The list with `#default` in it.
    pub(crate) fn and_default(&self) -> Self {
        Self::parse(&format!("{self} #default"))
    }

    /// Whether no prefix is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }
}

impl fmt::Display for PrefixList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.written.as_deref().unwrap_or_default())
    }
}
