//! The replacements of Canonical XML 1.0 section 2.3, which every reader of XML understands.

use crate::character::{TEXT, VALUE, run};

/// Gives character data piece by piece: `&`, `<`, `>` and the carriage return are replaced.
pub fn escape_text(text: &str, output: &mut impl FnMut(&str)) {
    escape::<TEXT>(text, output, |octet| match octet {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

/// Gives an attribute value piece by piece: `&`, `<`, the double quote, tab, line feed and carriage return are replaced.
pub fn escape_attribute(value: &str, output: &mut impl FnMut(&str)) {
    escape::<VALUE>(value, output, |octet| match octet {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'"' => Some("&quot;"),
        b'\t' => Some("&#x9;"),
        b'\n' => Some("&#xA;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

/// Replaces ASCII octets of a class, not necessarily all; `replacement` answers for no other octet.
#[inline]
fn escape<const CLASS: u8>(
    text: &str,
    output: &mut impl FnMut(&str),
    replacement: impl Fn(u8) -> Option<&'static str>,
) {
    let octets = text.as_bytes();
    let (mut written, mut at) = (0, 0);
    loop {
        at += run::<CLASS>(&octets[at..]);
        let Some(octet) = octets.get(at) else { break };
        if let Some(replacement) = replacement(*octet) {
            output(&text[written..at]);
            output(replacement);
            written = at + 1;
        }
        at += 1;
    }
    if written < octets.len() {
        output(&text[written..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_replace_what_canonical_xml_says() {
        let mut text = String::new();
        escape_text("a&<>\"'\t\n\rb", &mut |piece| text += piece);
        assert_eq!(text, "a&amp;&lt;&gt;\"'\t\n&#xD;b");

        let mut value = String::new();
        escape_attribute("a&<>\"'\t\n\rb", &mut |piece| value += piece);
        assert_eq!(value, "a&amp;&lt;>&quot;'&#x9;&#xA;&#xD;b");
    }

    #[test]
    fn every_character_is_replaced_wherever_it_stands() {
        let text = |c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".into(),
            '>' => "&gt;".into(),
            '\r' => "&#xD;".into(),
            _ => String::from(c),
        };
        let value = |c| match c {
            '>' => ">".to_owned(),
            '"' => "&quot;".into(),
            '\t' => "&#x9;".into(),
            '\n' => "&#xA;".into(),
            _ => text(c),
        };
        for c in ('\0'..'\u{180}').chain(['\u{feff}', '\u{ffff}', '\u{1f600}']) {
            for (before, behind) in [(0, 0), (1, 0), (0, 1), (15, 40), (16, 15), (40, 3)] {
                let around = |c: &str| format!("{}{c}{}{c}", "a".repeat(before), "b".repeat(behind));
                let input = around(c.encode_utf8(&mut [0; 4]));
                let mut escaped = String::new();
                escape_text(&input, &mut |piece| escaped += piece);
                assert_eq!(escaped, around(&text(c)));
                escaped.clear();
                escape_attribute(&input, &mut |piece| escaped += piece);
                assert_eq!(escaped, around(&value(c)));
            }
        }
    }
}
