//! Texts of the other side, made fit for errors and logs.

const MAX_CHARACTERS: usize = 200;
const MAX_OCTETS: usize = 4096;
const MASK: &str = "[…]";

/// The beginning of a text: no control characters, and a mask over what looks like a token or a person's number.
pub(crate) fn excerpt(text: &str) -> String {
    let mut output = String::new();
    let mut rest = &text[..text.floor_char_boundary(MAX_OCTETS)];
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c| !in_token(c)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(run.max(first.len_utf8()));
        match first {
            _ if run > 0 => output.push_str(if is_secret(word) { MASK } else { word }),
            _ if first.is_ascii_graphic() || first.is_alphanumeric() => output.push(first),
            _ if output.ends_with(' ') => {}
            _ => output.push(' '),
        }
        rest = tail;
    }
    output.trim().chars().take(MAX_CHARACTERS).collect()
}

/// The same of a body that should be text.
pub(crate) fn body_excerpt(body: &[u8]) -> String {
    excerpt(&String::from_utf8_lossy(&body[..body.len().min(MAX_OCTETS)]))
}

/// The characters of base64url, UUID and hexadecimal runs. `/` and `.` are left out, so that a URL stays readable.
const fn in_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '~')
}

/// Long runs, runs of letters with digits, the beginning of a JWT, and numbers of eleven digits or more.
fn is_secret(word: &str) -> bool {
    let has_digit = word.contains(|c: char| c.is_ascii_digit());
    let has_letter = word.contains(|c: char| c.is_ascii_alphabetic());
    word.len() >= 40
        || (word.len() >= 16 && has_digit && has_letter)
        || (word.len() >= 11 && has_digit && !has_letter)
        || word.contains("eyJ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helps_stays_readable() {
        let text =
            "invalid_client: aud must be https://services.socialsecurity.be/REST/oauth/v5/token (0406798006)";
        assert_eq!(excerpt(text), text);
    }

    #[test]
    fn tokens_and_numbers_of_persons_are_masked() {
        for secret in
            ["79021802145", "eyJhbGciOiJSUzI1NiJ9", "0b2f9a4e-8a2f-4c57-9f3e", "a8F3kQ9zL2xW7pQ1", "eyJ9"]
        {
            assert_eq!(excerpt(&format!("got assertion={secret} from you")), "got assertion=[…] from you");
        }
        assert_eq!(excerpt("eyJhbGci.eyJpc3Mi.c2lnbmF0dXJl123456"), "[…].[…].[…]");
    }

    #[test]
    fn control_characters_go_and_the_length_is_bounded() {
        assert_eq!(body_excerpt(b"<html>\r\n\x1b[31m\xff \0 no</html>"), "<html> [31m no</html>");
        assert_eq!(excerpt("a\u{202e}b"), "a b");
        assert_eq!(excerpt(&"é ".repeat(5000)).chars().count(), MAX_CHARACTERS);
    }
}
