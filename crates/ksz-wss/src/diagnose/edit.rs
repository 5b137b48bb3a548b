//! What happens to canonical octets between signer and receiver, undone.
//!
//! Canonical form has one way to write each thing, so it is taken apart here by its angle brackets.

/// A piece of canonical form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Piece<'t> {
    Start(&'t str),
    End(&'t str),
    Text(&'t str),
    /// A comment or processing instruction.
    Other(&'t str),
}

impl<'t> Piece<'t> {
    pub(super) const fn source(self) -> &'t str {
        match self {
            Self::Start(text) | Self::End(text) | Self::Text(text) | Self::Other(text) => text,
        }
    }
}

/// The pieces of canonical form, in order.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, tail) = rest.split_at(length(rest));
        rest = tail;
        Some(match piece.as_bytes() {
            [b'<', b'!' | b'?', ..] => Piece::Other(piece),
            [b'<', b'/', ..] => Piece::End(piece),
            [b'<', ..] => Piece::Start(piece),
            _ => Piece::Text(piece),
        })
    })
}

/// How long the first piece is.
fn length(text: &str) -> usize {
    let behind = |end: &str| text.find(end).map_or(text.len(), |at| at + end.len());
    if !text.starts_with('<') {
        return text.find('<').unwrap_or(text.len());
    }
    if text.starts_with("<!--") {
        return behind("-->");
    }
    let mut quoted = false;
    for (at, octet) in text.bytes().enumerate() {
        match octet {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The carriage return of canonical form.
pub(super) const CARRIAGE_RETURN: &str = "&#xD;";

/// Whether a text of canonical form is white space.
pub(super) fn is_space(text: &str) -> bool {
    text.replace(CARRIAGE_RETURN, "").bytes().all(|octet| matches!(octet, b' ' | b'\t' | b'\n'))
}

/// How much white space is taken out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Spaces {
    /// That between elements.
    BetweenElements,
    /// Also that which is the only content of an element.
    AllOfTexts,
    /// Also that around the values.
    AroundValues,
}

/// Without the white space of a printer.
pub(super) fn without_indentation(text: &str, spaces: Spaces) -> String {
    let mut output = String::with_capacity(text.len());
    let mut pieces = pieces(text).peekable();
    let mut before = None;
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Text(text) if is_space(text) => {
                let is_value =
                    matches!((before, pieces.peek()), (Some(Piece::Start(_)), Some(Piece::End(_))));
                if is_value && spaces == Spaces::BetweenElements {
                    output += text;
                }
            }
            Piece::Text(text) if spaces == Spaces::AroundValues => output += trimmed(text),
            other => output += other.source(),
        }
        before = Some(piece);
    }
    output
}

/// A text without white space at either end.
pub(super) fn trimmed(text: &str) -> &str {
    let mut text = trimmed_end(text);
    loop {
        let shorter = text.trim_start_matches([' ', '\t', '\n']);
        let shorter = shorter.strip_prefix(CARRIAGE_RETURN).unwrap_or(shorter);
        if shorter.len() == text.len() {
            return text;
        }
        text = shorter;
    }
}

/// A text without white space at its end.
pub(super) fn trimmed_end(mut text: &str) -> &str {
    loop {
        let shorter = text.trim_end_matches([' ', '\t', '\n']);
        let shorter = shorter.strip_suffix(CARRIAGE_RETURN).unwrap_or(shorter);
        if shorter.len() == text.len() {
            return text;
        }
        text = shorter;
    }
}

/// How a printer indents.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printer<'u> {
    pub(super) unit: &'u str,
    pub(super) line_end: &'u str,
    /// The level of the element itself.
    pub(super) depth: usize,
    /// How many levels it left as they were: a payload may have been printed before it was put into the Body.
    pub(super) outer: usize,
}

impl Printer<'_> {
    /// The text as it prints it; nothing if that is longer than `longest`.
    pub(super) fn print(self, text: &str, longest: usize) -> Option<String> {
        let mut output = String::with_capacity(text.len() * 2);
        let (mut level, mut before) = (0_usize, None);
        for piece in pieces(text) {
            match piece {
                Piece::Start(_) => {
                    // What stands around the first element that is printed was not printed with it.
                    if level > self.outer && !matches!(before, None | Some(Piece::Text(_))) {
                        self.line(level, &mut output);
                    }
                    level += 1;
                }
                Piece::End(_) => {
                    level = level.saturating_sub(1);
                    if matches!(before, Some(Piece::End(_))) {
                        self.line(level, &mut output);
                    }
                }
                _ => {}
            }
            output += piece.source();
            if output.len() > longest {
                return None;
            }
            before = Some(piece);
        }
        Some(output)
    }

    /// Begins a line for a tag of this level.
    fn line(self, level: usize, output: &mut String) {
        let Some(inside) = level.checked_sub(self.outer) else { return };
        *output += self.line_end;
        (0..self.depth + inside).for_each(|_| *output += self.unit);
    }
}

/// Changes every text.
pub(super) fn with_texts(text: &str, change: impl Fn(&str) -> String) -> String {
    let mut output = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => output += &change(text),
            other => output += other.source(),
        }
    }
    output
}

/// Text whose octets were taken for ISO-8859-1 and encoded once more: as it was before.
pub(super) fn encoded_once_less(text: &str) -> Option<String> {
    String::from_utf8(in_latin1(text)?).ok()
}

/// Text whose octets are taken for ISO-8859-1 and encoded once more.
pub(super) fn encoded_once_more(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

/// The octets in ISO-8859-1, if it has all the characters.
pub(super) fn in_latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// With another prefix wherever one stands in a name; the empty one is the default namespace. Nothing if the result
/// could mean something else.
pub(super) fn with_prefix(text: &str, from: &str, to: &str) -> Option<String> {
    let is_taken = format!(" xmlns{}=\"", if to.is_empty() { String::new() } else { format!(":{to}") });
    if text.contains(&is_taken) || (from.is_empty() && text.contains(" xmlns=\"\"")) {
        return None;
    }
    let mut output = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Start(tag) => tag_with_prefix(tag, from, to, &mut output)?,
            Piece::End(tag) => {
                output += "</";
                output += &renamed(tag.strip_prefix("</")?.strip_suffix('>')?, from, to);
                output += ">";
            }
            other => output += other.source(),
        }
    }
    Some(output)
}

/// Writes one start tag; declarations come in the order of their prefixes.
fn tag_with_prefix(tag: &str, from: &str, to: &str, output: &mut String) -> Option<()> {
    let (name, attributes) = split_tag(tag)?;
    let (mut declarations, mut others) = (Vec::new(), String::new());
    for (attribute, value) in attributes {
        let declared = if attribute == "xmlns" { Some("") } else { attribute.strip_prefix("xmlns:") };
        match declared {
            Some(prefix) => declarations.push((if prefix == from { to } else { prefix }, value)),
            None => {
                // An attribute without prefix is in no namespace, so none loses its prefix or gets one.
                let prefix = attribute.split_once(':').map_or("", |(prefix, _)| prefix);
                let is_renamed = !prefix.is_empty() && prefix == from;
                if is_renamed && to.is_empty() {
                    return None;
                }
                let name = if is_renamed { renamed(attribute, from, to) } else { attribute.to_owned() };
                others += &format!(" {name}=\"{value}\"");
            }
        }
    }
    declarations.sort_unstable();
    *output += "<";
    *output += &renamed(name, from, to);
    for (prefix, value) in declarations {
        let colon = if prefix.is_empty() { "" } else { ":" };
        *output += &format!(" xmlns{colon}{prefix}=\"{value}\"");
    }
    *output += &others;
    *output += ">";
    Some(())
}

/// The name of a start tag, and the names and values of its attributes as they are written.
pub(super) fn split_tag(tag: &str) -> Option<(&str, Vec<(&str, &str)>)> {
    let inside = tag.strip_prefix('<')?.strip_suffix('>')?;
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    let mut attributes = Vec::new();
    while !rest.is_empty() {
        let (attribute, behind) = rest.split_once("=\"")?;
        let (value, behind) = behind.split_once('"')?;
        attributes.push((attribute.trim_start(), value));
        rest = behind;
    }
    Some((name, attributes))
}

fn renamed(name: &str, from: &str, to: &str) -> String {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    match (prefix == from, to) {
        (false, _) => name.to_owned(),
        (true, "") => local.to_owned(),
        (true, to) => format!("{to}:{local}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "<a b=\">\"><c> </c><d>x </d></a>";
    const PRINTED: &str = "<a b=\">\">\n  <c> </c>&#xD;\n  <d>x </d>\n</a>";

    #[test]
    fn what_a_printer_puts_in_is_taken_out() {
        assert_eq!(without_indentation(PRINTED, Spaces::BetweenElements), PLAIN);
        assert_eq!(without_indentation(PRINTED, Spaces::AllOfTexts), "<a b=\">\"><c></c><d>x </d></a>");
        assert_eq!(without_indentation(PRINTED, Spaces::AroundValues), "<a b=\">\"><c></c><d>x</d></a>");
        assert_eq!(without_indentation("<a> <!-- c --> </a>", Spaces::BetweenElements), "<a><!-- c --></a>");
    }

    #[test]
    fn what_a_printer_puts_in_is_put_in() {
        let printed = "<a b=\">\">\n    <c> </c>\n    <d>x </d>\n  </a>";
        let printer = Printer { unit: "  ", line_end: "\n", depth: 1, outer: 0 };
        assert_eq!(printer.print(PLAIN, 1000).as_deref(), Some(printed));
        assert_eq!(printer.print(PLAIN, 20), None);
        let payload = Printer { depth: 0, outer: 1, ..printer };
        let body = "<b><p><v>1</v><v>2</v></p></b>";
        let printed = "<b><p>\n  <v>1</v>\n  <v>2</v>\n</p></b>";
        assert_eq!(payload.print(body, 1000).as_deref(), Some(printed));
    }

    #[test]
    fn a_prefix_is_another_wherever_it_stands() {
        let text = "<p:a xmlns:p=\"urn:p\" xmlns:x=\"urn:x\" p:b=\"1\"><c x:d=\"p:\"></c></p:a>";
        assert_eq!(
            with_prefix(text, "p", "z").as_deref(),
            Some("<z:a xmlns:x=\"urn:x\" xmlns:z=\"urn:p\" z:b=\"1\"><c x:d=\"p:\"></c></z:a>")
        );
        assert_eq!(with_prefix(text, "p", "x"), None);
        assert_eq!(with_prefix(text, "p", ""), None);
        assert_eq!(
            with_prefix("<a xmlns=\"urn:a\"></a>", "", "p").as_deref(),
            Some("<p:a xmlns:p=\"urn:a\"></p:a>")
        );
    }

    #[test]
    fn an_encoding_too_many_is_undone() {
        assert_eq!(encoded_once_less(&encoded_once_more("é€")).as_deref(), Some("é€"));
        assert_eq!(encoded_once_less("é"), None);
        assert_eq!(in_latin1("é€"), None);
    }

    #[test]
    fn any_text_can_be_taken_apart() {
        for text in ["<", "<!--", "<a b=\"", "a<b", "</", "<!", "<a b", "<a b=\"\" c>", ""] {
            let joined: String = pieces(text).map(Piece::source).collect();
            assert_eq!(joined, text);
            let _ = split_tag(text);
        }
    }
}
