//! What an error or a log may show of a text that the other side wrote.

const MAX_CHARACTERS: usize = 200;
const MAX_OCTETS: usize = 4096;
const MASK: &str = "[…]";

/// The beginning of a text, at most 200 characters on one line, with a mask over what looks like a token or a person's
/// number.
///
/// More is read than is kept, so that the cut does not hide what a word at its edge is.
///
/// ```
/// assert_eq!(ksz_error::excerpt("token eyJhbGciOiJSUzI1NiJ9\nof 79.02.18-021.45"), "token […] of […]");
/// ```
#[must_use]
pub fn excerpt(text: &str) -> String {
    let text = mask_numbers(&text[..text.floor_char_boundary(MAX_OCTETS)], |_| MASK.to_owned());
    let mut output = String::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c| !in_token(c)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(run.max(first.len_utf8()));
        match first {
            _ if run > 0 => output.push_str(if is_secret(word) { MASK } else { word }),
            '…' => output.push(first),
            _ if first.is_ascii_graphic() || first.is_alphanumeric() => output.push(first),
            _ if output.ends_with(' ') => {}
            _ => output.push(' '),
        }
        rest = tail;
    }
    output.trim().chars().take(MAX_CHARACTERS).collect()
}

/// The same of octets that should be text.
#[must_use]
pub fn excerpt_of_octets(octets: &[u8]) -> String {
    excerpt(&String::from_utf8_lossy(&octets[..octets.len().min(MAX_OCTETS)]))
}

/// A text in which of every number of eleven digits (a national register or BIS number, with or without its points and
/// hyphens) only the last two are left.
///
/// ```
/// let subject = "CN=SSIN=79021802145, OU=CBE=0406798006";
/// assert_eq!(ksz_error::mask_person_numbers(subject), "CN=SSIN=*********45, OU=CBE=0406798006");
/// ```
#[must_use]
pub fn mask_person_numbers(text: &str) -> String {
    mask_numbers(text, |number| format!("*********{}", &number[number.len() - 2..]))
}

/// Replaces every run of digits, points, hyphens and slashes that begins and ends with a digit and has eleven of them.
///
/// A run that touches a letter belongs to something else, such as a UUID, which support asks for.
fn mask_numbers(text: &str, mask: impl Fn(&str) -> String) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let run = from.find(|c: char| !c.is_ascii_digit() && !".-/".contains(c)).unwrap_or(from.len());
        let run = from[..run].trim_end_matches(['.', '-', '/']);
        output.push_str(before);
        let behind = &from[run.len()..];
        let alone = !before.ends_with(char::is_alphanumeric) && !behind.starts_with(char::is_alphanumeric);
        if alone && run.bytes().filter(u8::is_ascii_digit).count() == 11 {
            output.push_str(&mask(run));
        } else {
            output.push_str(run);
        }
        rest = behind;
    }
    output + rest
}

/// The characters of base64url, UUID and hexadecimal runs. `/` and `.` are left out, so that a URL stays readable.
const fn in_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '~')
}

/// Long runs, runs of letters with digits, and the beginning of a JWT. Digits alone are what support asks for.
fn is_secret(word: &str) -> bool {
    let has_digit = word.contains(|c: char| c.is_ascii_digit());
    let has_letter = word.contains(|c: char| c.is_ascii_alphabetic());
    word.len() >= 40 || (word.len() >= 16 && has_digit && has_letter) || word.contains("eyJ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helps_stays_readable() {
        for text in [
            "invalid_client: aud must be https://services.socialsecurity.be/REST/oauth/v5/token (0406798006)",
            "<h1>Down</h1> since 2026-01-31, support id 1234567890123456789",
        ] {
            assert_eq!(excerpt(text), text);
            assert_eq!(mask_person_numbers(text), text);
        }
    }

    #[test]
    fn tokens_and_numbers_of_persons_are_masked() {
        for secret in [
            "79021802145",
            "79.02.18-021.45",
            "eyJhbGciOiJSUzI1NiJ9",
            "0b2f9a4e-8a2f-4c57-9f3e",
            "a8F3kQ9zL2xW7pQ1",
            "eyJ9",
        ] {
            assert_eq!(excerpt(&format!("got assertion={secret} from you")), "got assertion=[…] from you");
        }
        assert_eq!(excerpt("eyJhbGci.eyJpc3Mi.c2lnbmF0dXJl123456"), "[…].[…].[…]");
        assert_eq!(mask_person_numbers("(79.02.18-021.45)."), "(*********45).");
    }

    #[test]
    fn an_identifier_is_no_persons_number() {
        for identifier in [
            "1fa0d9b7-68da-4f12-8345-668bd92743d4",
            "ticket 12345678-1234-4123-8123-123456789012",
            "#id-4f1234567890a1b2",
            "x79021802145",
        ] {
            assert_eq!(mask_person_numbers(identifier), identifier);
        }
    }

    #[test]
    fn control_characters_go_and_the_length_is_bounded() {
        assert_eq!(excerpt_of_octets(b"<html>\r\n\x1b[31m\xff \0 no</html>"), "<html> [31m no</html>");
        assert_eq!(excerpt("a\u{202e}b"), "a b");
        assert_eq!(excerpt(&"é ".repeat(5000)).chars().count(), MAX_CHARACTERS);
    }
}
