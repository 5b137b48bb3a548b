//! The replacements of Canonical XML 1.0 section 2.3, which every reader of XML understands.

/// Gives character data piece by piece: `&`, `<`, `>` and the carriage return are replaced.
pub fn escape_text(text: &str, output: &mut impl FnMut(&str)) {
    escape(text, output, |octet| match octet {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

/// Gives an attribute value piece by piece: `&`, `<`, the double quote, tab, line feed and carriage return are replaced.
pub fn escape_attribute(value: &str, output: &mut impl FnMut(&str)) {
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
fn escape(text: &str, output: &mut impl FnMut(&str), replacement: impl Fn(u8) -> Option<&'static str>) {
    let mut rest = text;
    while let Some(index) = rest.bytes().position(|octet| replacement(octet).is_some()) {
        output(&rest[..index]);
        output(replacement(rest.as_bytes()[index]).unwrap_or_default());
        rest = &rest[index + 1..];
    }
    if !rest.is_empty() {
        output(rest);
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
}
