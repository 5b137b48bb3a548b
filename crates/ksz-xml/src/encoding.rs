use crate::Error;
use std::borrow::Cow;

/// A document that is no message, in UTF-8: UTF-16 with a byte order mark and declared ISO-8859-1 are decoded (XML 1.0
/// section 4.3.3).
///
/// The XML declaration of a document that was decoded names its encoding, so spaces take its place. Messages are read in
/// UTF-8 alone, as they are, and do not come here.
///
/// # Errors
///
/// [`Error::NotUtf8`] if the octets are UTF-16 with half a surrogate pair, or an odd number.
pub fn to_utf8(octets: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    let text = match octets {
        [0xfe, 0xff, rest @ ..] => without_declaration(from_utf16(rest, u16::from_be_bytes)?),
        [0xff, 0xfe, rest @ ..] => without_declaration(from_utf16(rest, u16::from_le_bytes)?),
        _ if declares_latin1(octets) => {
            without_declaration(octets.iter().map(|&octet| char::from(octet)).collect())
        }
        _ => return Ok(Cow::Borrowed(octets)),
    };
    Ok(Cow::Owned(text.into_bytes()))
}

/// Spaces in place of the XML declaration of version 1.0; another version is left for the reader to refuse.
fn without_declaration(mut text: String) -> String {
    if let Some(rest) = text.strip_prefix("<?xml")
        && rest.starts_with([' ', '\t', '\r', '\n'])
        && let Some(end) = text.find("?>")
        && ["\"1.0\"", "'1.0'"].iter().any(|version| text[..end].contains(version))
    {
        let blank: String =
            text[..end + 2].chars().map(|c| if matches!(c, '\r' | '\n') { c } else { ' ' }).collect();
        text.replace_range(..end + 2, &blank);
    }
    text
}

fn from_utf16(octets: &[u8], decode: fn([u8; 2]) -> u16) -> Result<String, Error> {
    let (pairs, rest) = octets.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Error::NotUtf8 { offset: octets.len() + 1 });
    }
    let units = pairs.iter().map(|pair| decode(*pair));
    let decoded: Result<String, _> = char::decode_utf16(units).collect();
    decoded.map_err(|error| {
        let half = error.unpaired_surrogate();
        let index = pairs.iter().position(|pair| decode(*pair) == half).unwrap_or_default();
        Error::NotUtf8 { offset: 2 + 2 * index }
    })
}

/// Whether the XML declaration, which is ASCII, names ISO-8859-1.
fn declares_latin1(octets: &[u8]) -> bool {
    let Some(end) = octets.windows(2).position(|pair| pair == b"?>").filter(|_| octets.starts_with(b"<?xml"))
    else {
        return false;
    };
    let declaration = String::from_utf8_lossy(&octets[..end]).to_ascii_lowercase();
    ["\"iso-8859-1\"", "'iso-8859-1'"].iter().any(|name| declaration.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, encode: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let marked = format!("\u{feff}{text}");
        marked.encode_utf16().flat_map(encode).collect()
    }

    #[test]
    fn both_orders_of_octets_are_decoded() {
        for encode in [u16::to_be_bytes as fn(u16) -> [u8; 2], u16::to_le_bytes] {
            let octets = utf16("<?xml version='1.0'\nencoding='UTF-16'?><é>\u{10000}</é>", encode);
            let expected = format!("{}\n{}<é>\u{10000}</é>", " ".repeat(19), " ".repeat(19));
            assert_eq!(to_utf8(&octets).unwrap(), expected.as_bytes());
        }
        let latin1 = to_utf8(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>").unwrap().into_owned();
        assert_eq!(String::from_utf8(latin1).unwrap().trim_start(), "<a>\u{e9}</a>");
        assert_eq!(to_utf8(b"<a/>").unwrap(), Cow::Borrowed(b"<a/>"));
    }

    #[test]
    fn only_the_declaration_of_version_1_0_is_taken_out() {
        for kept in ["<?xml-stylesheet href='1.0'?><a/>", "<?xml version='1.1'?><a/>"] {
            assert_eq!(to_utf8(&utf16(kept, u16::to_be_bytes)).unwrap(), kept.as_bytes());
        }
    }

    #[test]
    fn half_a_character_is_refused() {
        assert_eq!(to_utf8(&[0xff, 0xfe, b'<']), Err(Error::NotUtf8 { offset: 2 }));
        assert_eq!(to_utf8(&[0xfe, 0xff, 0xd8, 0x00]), Err(Error::NotUtf8 { offset: 2 }));
    }
}
