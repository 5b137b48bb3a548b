/// How much a signature may hold. The limits of the document itself are [`ksz_xml::Limits`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SignatureLimits {
    /// `Reference` elements.
    pub references: usize,
    /// `Transform` elements of one reference.
    pub transforms: usize,
    /// Characters of one `PrefixList`.
    pub prefix_list: usize,
    /// Characters of one base64 value.
    pub base64: usize,
}

impl SignatureLimits {
    /// What the signature of a document of others may hold. Such documents have more parts than messages.
    #[must_use]
    pub fn documents() -> Self {
        Self { references: 100, transforms: 10, ..Self::default() }
    }
}

impl Default for SignatureLimits {
    /// What the signature of a message may hold.
    fn default() -> Self {
        Self { references: 10, transforms: 2, prefix_list: 4_096, base64: 64 * 1024 }
    }
}
