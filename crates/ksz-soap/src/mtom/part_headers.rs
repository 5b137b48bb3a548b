use super::content_id::{ContentId, bounded};
use super::limits::MtomLimits;
use crate::Error;

/// The headers of a part that mean something in a package. Others are passed over.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PartHeaders {
    content_id: Option<ContentId>,
    content_type: Option<String>,
}

impl PartHeaders {
    /// The identifier, if it has one.
    #[must_use]
    pub const fn content_id(&self) -> Option<&ContentId> {
        self.content_id.as_ref()
    }

    /// The media type as it is written, if there is one.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Reads header fields, each with the CRLF at its end (RFC 5322 section 2.2). A field may go on in a line that
    /// begins with white space.
    pub(super) fn parse(block: &[u8], limits: &MtomLimits) -> Result<Self, Error> {
        let text = str::from_utf8(block).map_err(|_| malformed("not UTF-8"))?;
        let mut headers = Self::default();
        let mut transfer_encoding = None;
        let mut count = 0;
        let mut lines = text.split_terminator("\r\n").peekable();
        while let Some(line) = lines.next() {
            count += 1;
            if count > limits.header_fields {
                let limit = u64::try_from(limits.header_fields).unwrap_or(u64::MAX);
                return Err(Error::PackageLimit { what: "header fields of a part", limit });
            }
            let mut field = line.to_owned();
            while let Some(more) = lines.next_if(|next| next.starts_with([' ', '\t'])) {
                field += more;
            }
            let (name, value) = field.split_once(':').ok_or_else(|| malformed("a field has no colon"))?;
            if name.is_empty() || !name.bytes().all(|octet| octet.is_ascii_graphic()) {
                return Err(malformed("the name of a field is none"));
            }
            let value = value.trim_matches([' ', '\t']);
            if value.chars().any(|character| character.is_control() && character != '\t') {
                return Err(malformed("a field holds a control character"));
            }
            let once = || malformed("Content-ID, Content-Type or Content-Transfer-Encoding occurs twice");
            match name.to_ascii_lowercase().as_str() {
                "content-id" if headers.content_id.is_some() => return Err(once()),
                "content-id" => headers.content_id = Some(ContentId::from_header(value)?),
                "content-type" if headers.content_type.is_some() => return Err(once()),
                "content-type" => headers.content_type = Some(value.to_owned()),
                "content-transfer-encoding" if transfer_encoding.is_some() => return Err(once()),
                "content-transfer-encoding" => transfer_encoding = Some(value.to_owned()),
                _ => {}
            }
        }
        // Octets stay what they are in all three (RFC 2045 section 6.2); 7bit is what is not said.
        let is_identity = |encoding: &String| {
            ["binary", "8bit", "7bit"].iter().any(|identity| encoding.eq_ignore_ascii_case(identity))
        };
        match transfer_encoding.filter(|encoding| !is_identity(encoding)) {
            Some(encoding) => Err(Error::TransferEncodingNotAccepted { encoding: bounded(&encoding) }),
            None => Ok(headers),
        }
    }
}

const fn malformed(detail: &'static str) -> Error {
    Error::PartHeaders { detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(block: &str) -> Result<PartHeaders, Error> {
        PartHeaders::parse(block.as_bytes(), &MtomLimits::default())
    }

    #[test]
    fn fields_are_read_whatever_their_case_and_folding() {
        let headers = parse(
            "content-ID:\t<a@b>\r\nX-Other: 1\r\nX-Other: 2\r\nCONTENT-TYPE: text/plain;\r\n charset=x\r\n",
        )
        .unwrap();
        assert_eq!(headers.content_id().unwrap().as_str(), "a@b");
        assert_eq!(headers.content_type(), Some("text/plain; charset=x"));
        assert_eq!(parse("").unwrap(), PartHeaders::default());
    }

    #[test]
    fn a_transfer_encoding_that_changes_octets_is_refused() {
        for identity in ["binary", "Binary", "8BIT", "7bit"] {
            assert!(parse(&format!("Content-Transfer-Encoding: {identity}\r\n")).is_ok(), "{identity}");
        }
        for encoding in ["base64", "quoted-printable", ""] {
            let refused = Err(Error::TransferEncodingNotAccepted { encoding: encoding.into() });
            assert_eq!(parse(&format!("Content-Transfer-Encoding: {encoding}\r\n")), refused);
        }
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for bad in [
            "no colon\r\n",
            ": value\r\n",
            "Content-ID : <a>\r\n",
            " Content-ID: <a>\r\n",
            "Content-ID: <a>\r\nContent-Id: <b>\r\n",
            "Content-Type: a/b\r\ncontent-type: a/b\r\n",
            "X: a\nContent-ID: <b>\r\n",
            "X: a\0\r\n",
            "X: a\rb\r\n",
        ] {
            assert!(matches!(parse(bad), Err(Error::PartHeaders { .. })), "{bad:?}");
        }
        assert!(PartHeaders::parse(b"X: \xff\r\n", &MtomLimits::default()).is_err());
        let many = "X: 1\r\n".repeat(33);
        assert_eq!(parse(&many), Err(Error::PackageLimit { what: "header fields of a part", limit: 32 }));
    }
}
