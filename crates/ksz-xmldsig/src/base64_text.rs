use base64::{Engine, engine::general_purpose::STANDARD};
use std::borrow::Cow;

/// The octets that an element's text holds in base64 (XML Schema Part 2 section 3.2.16), if it holds that alone. White space
/// may stand anywhere in it, as where others fold their lines. It takes text of any length: whoever reads what others wrote
/// bounds it before.
#[must_use]
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let is_space = |octet: u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n');
    let compact: Cow<'_, [u8]> = if text.bytes().any(is_space) {
        text.bytes().filter(|octet| !is_space(*octet)).collect()
    } else {
        text.as_bytes().into()
    };
    STANDARD.decode(compact).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_may_stand_anywhere_and_nothing_else_foreign() {
        for text in ["AAEC/w==", " AAEC/w==", "AA\r\nEC\t/ w=\n= "] {
            assert_eq!(decode_base64(text).as_deref(), Some(&[0, 1, 2, 0xff][..]), "{text}");
        }
        assert_eq!(decode_base64(""), Some(Vec::new()));
        for text in ["AAEC/w", "AAEC_w==", "AAEC/x==", "AAEC/w==AAEC", "AAEC\u{c}/w==", "AAEC\u{a0}/w=="] {
            assert_eq!(decode_base64(text), None, "{text}");
        }
    }
}
