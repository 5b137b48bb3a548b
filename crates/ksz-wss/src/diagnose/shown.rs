//! What of a message may be shown: bounded, on one line, with a mask over tokens and numbers of persons.

use super::misprint;
use ksz_error::{excerpt, mask_name};

/// How many characters of a text are shown.
const SHOWN: usize = 160;
/// How far the text around a cut is read, so that the cut hides nothing from the mask.
const AROUND: usize = 200;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text of the message. White space stays visible: a line feed is `\n`, a tabulator `\t`, a carriage return `\r`.
pub(super) fn shown(text: &str) -> String {
    let mut output = String::new();
    // Before it is cut into words: a number may be written with spaces.
    let masked = mask_name(&text[..text.floor_char_boundary(4096)]);
    let mut rest = masked.as_str();
    while let Some(first) = rest.chars().next() {
        let parts = |c: char| c.is_whitespace() || c == BYTE_ORDER_MARK;
        let end = if parts(first) { first.len_utf8() } else { rest.find(parts).unwrap_or(rest.len()) };
        let (piece, tail) = rest.split_at(end);
        match first {
            '\n' => output += "\\n",
            '\r' => output += "\\r",
            '\t' => output += "\\t",
            _ if first.is_whitespace() => output.push(' '),
            BYTE_ORDER_MARK => output += "U+FEFF",
            _ => output += &of_word(piece),
        }
        rest = tail;
    }
    bounded(&output, SHOWN)
}

/// A word, in which the names of the standards stay readable.
fn of_word(word: &str) -> String {
    let mut output = String::new();
    for (index, piece) in word.split('"').enumerate() {
        if index > 0 {
            output.push('"');
        }
        if misprint::is_known(piece) { output += piece } else { output += &excerpt(piece) }
    }
    output
}

/// An identifier or name that people must recognise to find it.
pub(super) fn name(text: &str) -> String {
    let text: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    mask_name(&text)
}

/// At most so many characters at the end of a text that is masked already.
pub(super) fn end_of(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        text.to_owned()
    } else {
        std::iter::once('…').chain(text.chars().skip(count - most)).collect()
    }
}

/// At most so many characters of a text that is masked already.
pub(super) fn bounded(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The text from `start` to about `length` octets further, as it may be shown: no word is cut that the mask must see
/// whole.
pub(super) fn window(text: &str, start: usize, length: usize) -> String {
    let start = text.floor_char_boundary(start.min(text.len()));
    let end = text.ceil_char_boundary((start + length).min(text.len()));
    let (start, end) = (word_start(text, start), word_end(text, end));
    shown(&text[start..end])
}

/// Where the word begins that a place stands in.
pub(super) fn word_start(text: &str, at: usize) -> usize {
    let from = text.floor_char_boundary(at.saturating_sub(AROUND));
    text[from..at].rfind(|c| !in_word(c)).map_or(from, |found| {
        let at = from + found;
        at + text[at..].chars().next().map_or(0, char::len_utf8)
    })
}

/// Where the word ends that a place stands in.
pub(super) fn word_end(text: &str, at: usize) -> usize {
    let to = text.ceil_char_boundary((at + AROUND).min(text.len()));
    text[at..to].find(|c| !in_word(c)).map_or(to, |found| at + found)
}

const fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | '+' | '_' | '=' | '~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_stays_visible_and_numbers_of_persons_do_not() {
        assert_eq!(shown("<a>\r\n\t79021802145 </a>"), "<a>\\r\\n\\t*********45 </a>");
        assert_eq!(shown("\u{feff}<a"), "U+FEFF<a");
        assert_eq!(shown("xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\""), {
            "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\""
        });
    }

    #[test]
    fn a_number_of_a_person_does_not_print_however_it_is_written() {
        for text in ["79021802145", "SSIN79021802145", "79 02 18 021 45", "79/02/18-021.45", "x79021802145x"]
        {
            for printed in [shown(text), name(text)] {
                assert!(!printed.contains("7902") && !printed.contains("021 4"), "{text}: {printed}");
            }
        }
    }

    #[test]
    fn a_cut_hides_nothing_from_the_mask() {
        let text = "<n>79.02.18-021.45</n>";
        for start in 0..text.len() {
            for length in 0..text.len() {
                let window = window(text, start, length);
                assert!(!window.contains("021"), "{window}");
            }
        }
    }
}
