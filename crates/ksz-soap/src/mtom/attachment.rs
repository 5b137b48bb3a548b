use super::content_id::{ContentId, bounded};
use super::content_type::MediaType;
use super::part_source::PartSource;
use crate::Error;
use std::fmt;

/// An attachment that is to be sent.
pub struct Attachment {
    content_id: ContentId,
    media_type: String,
    source: Box<dyn PartSource>,
}

impl Attachment {
    /// An attachment for the `xop:Include` that [`ContentId::to_include`] writes.
    ///
    /// # Errors
    ///
    /// [`Error::ContentTypeMalformed`] if `media_type` is none.
    pub fn new(
        content_id: ContentId,
        media_type: &str,
        source: impl PartSource + 'static,
    ) -> Result<Self, Error> {
        MediaType::parse(media_type)?;
        Ok(Self { content_id, media_type: media_type.to_owned(), source: Box::new(source) })
    }

    /// The identifier.
    #[must_use]
    pub const fn content_id(&self) -> &ContentId {
        &self.content_id
    }

    /// The octets.
    #[must_use]
    pub fn source(&self) -> &dyn PartSource {
        &*self.source
    }

    /// The headers of its part, with the empty line behind them.
    pub(super) fn headers(&self) -> String {
        part_headers(&self.media_type, &self.content_id)
    }
}

/// The headers of a part, with the empty line behind them.
pub(super) fn part_headers(media_type: &str, content_id: &ContentId) -> String {
    format!(
        "Content-Type: {media_type}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{content_id}>\r\n\r\n"
    )
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, kind) = (&self.content_id, bounded(&self.media_type));
        write!(f, "Attachment({id}, {kind}, {} octets)", self.source.length())
    }
}
