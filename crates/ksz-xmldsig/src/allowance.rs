use crate::Error;
use crate::c14n::LimitedBuffer;
use ksz_xml::Element;

/// How many times the document's octets a canonical form may have: an escaped character has up to six.
const GROWTH: usize = 6;
/// How many octets more, for declarations that a small part repeats.
const MORE: usize = 64 * 1024;

/// How many octets of canonical form may still be made of a document.
#[derive(Debug)]
pub(crate) struct Allowance {
    left: usize,
    limit: usize,
}

impl Allowance {
    /// For the document of this document element.
    pub(crate) fn of(document: Element<'_>) -> Self {
        let limit = GROWTH * document.range().len() + MORE;
        Self { left: limit, limit }
    }

    /// What `write` makes, taken from what is left; `expected` is about how many octets that is.
    pub(crate) fn take(
        &mut self,
        expected: usize,
        write: impl FnOnce(&mut LimitedBuffer) -> Result<(), ksz_xml::Error>,
    ) -> Result<Vec<u8>, Error> {
        let mut buffer = LimitedBuffer::new(expected + 256, self.left);
        write(&mut buffer)?;
        let octets = buffer
            .finish()
            .ok_or(Error::LimitExceeded { what: "octets of canonical form", limit: self.limit })?;
        self.left -= octets.len();
        Ok(octets)
    }
}
