/// How large and how complex a document may be.
///
/// The defaults suit messages: everything a service sends fits many times over, and the worst document within
/// them is read in a fraction of a second. A caller may set each, for instance for a batch file.
///
/// ```
/// let mut limits = ksz_xml::Limits::default();
/// limits.octets = 64 * 1024;
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// Octets of the document; at most [`Limits::LONGEST`] counts, whatever is set.
    pub octets: usize,
    /// Elements inside each other; at most [`Limits::DEEPEST`] counts, whatever is set.
    pub depth: usize,
    /// Attributes and namespace declarations of one element.
    pub attributes: usize,
    /// Namespace declarations in scope of one element, repeated ones counted again.
    pub namespaces: usize,
    /// Elements, runs of text, comments and processing instructions together.
    pub nodes: usize,
    /// Characters of one name, the names of namespaces included.
    pub name: usize,
    /// Octets of one tag.
    pub tag: usize,
    /// Attributes that name their element: those called `Id` in any case, or `AssertionID`.
    pub ids: usize,
}

impl Limits {
    /// The depth that no setting can exceed.
    pub const DEEPEST: usize = 1_000;
    /// The octets that no setting can exceed: 1 GiB.
    pub const LONGEST: usize = 1024 * 1024 * 1024;

    /// As wide as the reader goes: for a document of our own making, or one that was read within limits before.
    #[must_use]
    pub const fn widest() -> Self {
        Self {
            octets: Self::LONGEST,
            depth: Self::DEEPEST,
            attributes: usize::MAX,
            namespaces: usize::MAX,
            nodes: usize::MAX,
            name: usize::MAX,
            tag: usize::MAX,
            ids: usize::MAX,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            octets: 10 * 1024 * 1024,
            depth: 100,
            attributes: 256,
            namespaces: 256,
            nodes: 100_000,
            name: 1_000,
            tag: 1024 * 1024,
            ids: 2_000,
        }
    }
}

/// A place in a text or list, in as little room as it needs. None is beyond [`Limits::LONGEST`], which was checked before.
#[expect(
    clippy::cast_possible_truncation,
    reason = "no document has so many octets, and nothing in it is more numerous"
)]
#[inline(always)]
pub(crate) const fn place(index: usize) -> u32 {
    debug_assert!(index <= Limits::LONGEST);
    index as u32
}
