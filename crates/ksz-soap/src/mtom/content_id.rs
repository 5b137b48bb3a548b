use crate::{Error, names};
use std::fmt;

/// The `Content-ID` of a part, without its angle brackets (RFC 2045 section 7).
///
/// Two are equal if their octets are.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ContentId(String);

impl ContentId {
    /// The longest that is read or written, in octets.
    pub const LONGEST: usize = 255;

    /// An identifier to be written: letters, digits, `.`, `@` and `-` alone. Receivers disagree on how others are
    /// escaped in a URL, so none are written.
    ///
    /// # Errors
    ///
    /// [`Error::ContentIdNotAllowed`] for other characters, none, or more than [`Self::LONGEST`].
    pub fn new(text: &str) -> Result<Self, Error> {
        let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b".@-".contains(&octet);
        if (1..=Self::LONGEST).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::ContentIdNotAllowed { value: bounded(text) })
        }
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The element that stands for the part in an envelope (XOP section 2.1).
    #[must_use]
    pub fn to_include(&self) -> String {
        let url = percent_encoded(&self.0);
        format!("<xop:Include xmlns:xop=\"{}\" href=\"cid:{url}\"></xop:Include>", names::XOP)
    }

    /// The value of a header: any visible ASCII characters in angle brackets.
    pub(crate) fn from_header(value: &str) -> Result<Self, Error> {
        let inner = value.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
        inner.and_then(Self::from_others).ok_or_else(|| Error::ContentIdMalformed { value: bounded(value) })
    }

    /// The parameter `start` of a package: with angle brackets (RFC 2387 section 3.2), or without, as some write it.
    pub(crate) fn from_start(value: &str) -> Result<Self, Error> {
        let inner = value.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(value);
        Self::from_others(inner).ok_or_else(|| Error::ContentIdMalformed { value: bounded(value) })
    }

    /// The `href` of an `xop:Include` (RFC 2392 section 2): decoded once, and a `+` is a `+`.
    pub(crate) fn from_href(href: &str) -> Result<Self, Error> {
        let refused = || Error::HrefNotContentId { href: bounded(href) };
        let (scheme, encoded) = href.split_once(':').ok_or_else(refused)?;
        if !scheme.eq_ignore_ascii_case("cid") {
            return Err(refused());
        }
        let decoded = percent_decoded(encoded).ok_or_else(refused)?;
        Self::from_others(&decoded).ok_or_else(refused)
    }

    fn from_others(text: &str) -> Option<Self> {
        let visible = text.bytes().all(|octet| octet.is_ascii_graphic() && !b"<>".contains(&octet));
        (visible && (1..=Self::LONGEST).contains(&text.len())).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an error shows of a value that others wrote.
pub(crate) fn bounded(text: &str) -> String {
    text.chars().take(100).collect()
}

/// Everything but unreserved characters (RFC 3986 section 2.3) and `@` as `%XX`.
fn percent_encoded(text: &str) -> String {
    let mut url = String::with_capacity(text.len());
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~@".contains(&octet) {
            url.push(char::from(octet));
        } else {
            url += &format!("%{octet:02X}");
        }
    }
    url
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&octet, behind)) = rest.split_first() {
        rest = behind;
        if octet != b'%' {
            octets.push(octet);
            continue;
        }
        let (&[high, low], behind) = rest.split_first_chunk()?;
        let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        octets.push(digit(high)? << 4 | digit(low)?);
        rest = behind;
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_every_receiver_reads_alike_is_written() {
        for good in ["a", "id2", "part-1.0@ksz"] {
            assert_eq!(ContentId::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "a b", "a+b", "a%40b", "a/b", "é", "<a>", "a\r\nb", &"a".repeat(256)] {
            assert_eq!(ContentId::new(bad), Err(Error::ContentIdNotAllowed { value: bounded(bad) }));
        }
    }

    #[test]
    fn an_href_is_decoded_once_and_a_plus_stays() {
        for (href, id) in [
            ("cid:a@b", "a@b"),
            ("cid:a%40b", "a@b"),
            ("CID:a%40b", "a@b"),
            ("cid:a%2540b", "a%40b"),
            ("cid:a+b", "a+b"),
            ("cid:http%3A%2F%2Fexample.org%2f1", "http://example.org/1"),
        ] {
            assert_eq!(ContentId::from_href(href).unwrap().as_str(), id, "{href}");
        }
    }

    #[test]
    fn an_href_that_is_no_content_id_is_refused() {
        for bad in [
            "",
            "a@b",
            "http://example.org/a",
            "file:///etc/passwd",
            "cid:",
            "cid:%4",
            "cid:%",
            "cid:%zz",
            "cid:%+4",
            "cid:%C3",
            "cid:%0D%0A",
            "cid:a b",
            " cid:a",
        ] {
            assert_eq!(ContentId::from_href(bad), Err(Error::HrefNotContentId { href: bad.into() }));
        }
    }

    #[test]
    fn a_header_has_angle_brackets() {
        assert_eq!(ContentId::from_header("<id2>").unwrap().as_str(), "id2");
        for bad in ["id2", "<>", "<a", "<a b>", "<<a>>", "<é>"] {
            assert!(matches!(ContentId::from_header(bad), Err(Error::ContentIdMalformed { .. })), "{bad}");
        }
        assert_eq!(ContentId::from_start("id2").unwrap(), ContentId::from_start("<id2>").unwrap());
    }

    #[test]
    fn an_include_leads_back_to_its_part() {
        let id = ContentId::from_header("<http://example.org/a+b%>").unwrap();
        let include = id.to_include();
        let href = include.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(ContentId::from_href(href).unwrap(), id);
    }
}
