/// How large a package may be.
///
/// What is inside the envelope is limited by [`ksz_xml::Limits`] besides.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MtomLimits {
    /// Octets of the whole message, with what stands around its parts: 1 GiB.
    pub total: u64,
    /// Octets of the root part, which is kept in memory: 16 MiB.
    pub root: usize,
    /// Parts, the root included: 100.
    pub parts: usize,
    /// Octets of the headers of one part: 16 KiB.
    pub part_headers: usize,
    /// Header fields of one part: 32.
    pub header_fields: usize,
    /// Octets of all parts together that are kept in memory: 1 MiB. Beyond, a [`Store`](super::Store) writes them to a file
    /// or refuses them.
    pub in_memory: usize,
    /// Octets of all parts together that are put in their places outside of the Body, such as a certificate: 64 KiB.
    pub outside_body: u64,
}

impl Default for MtomLimits {
    fn default() -> Self {
        Self {
            total: 1024 * 1024 * 1024,
            root: 16 * 1024 * 1024,
            parts: 100,
            part_headers: 16 * 1024,
            header_fields: 32,
            in_memory: 1024 * 1024,
            outside_body: 64 * 1024,
        }
    }
}
