//! The replacements of Canonical XML 1.0 section 2.3, which every reader of XML understands.

/// Appends character data: `&`, `<`, `>` and the carriage return are replaced.
pub fn escape_text(text: &str, output: &mut impl FnMut(&[u8])) {
    escape(text, output, |octet| match octet {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

/// Appends an attribute value: `&`, `<`, the double quote, tab, line feed and carriage return are replaced.
pub fn escape_attribute(value: &str, output: &mut impl FnMut(&[u8])) {
    escape(value, output, |octet| match octet {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'"' => Some("&quot;"),
        b'\t' => Some("&#x9;"),
        b'\n' => Some("&#xA;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

#[inline]
fn escape(text: &str, output: &mut impl FnMut(&[u8]), replacement: impl Fn(u8) -> Option<&'static str>) {
    let octets = text.as_bytes();
    let mut written = 0;
    for (index, &octet) in octets.iter().enumerate() {
        if let Some(replacement) = replacement(octet) {
            output(&octets[written..index]);
            output(replacement.as_bytes());
            written = index + 1;
        }
    }
    output(&octets[written..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_replace_what_canonical_xml_says() {
        let mut text = Vec::new();
        escape_text("a&<>\"'\t\n\rb", &mut |octets| text.extend_from_slice(octets));
        assert_eq!(text, b"a&amp;&lt;&gt;\"'\t\n&#xD;b");

        let mut value = Vec::new();
        escape_attribute("a&<>\"'\t\n\rb", &mut |octets| value.extend_from_slice(octets));
        assert_eq!(value, b"a&amp;&lt;>&quot;'&#x9;&#xA;&#xD;b");
    }
}
