use ksz_error::{excerpt, mask_name};
use std::fmt;

/// How much of a text is looked at before an excerpt of it is made.
const LONGEST: usize = 4096;

/// A text that the other side wrote, kept whole.
///
/// Services put numbers of persons into the texts of their refusals. What prints is therefore an excerpt: at most 200
/// characters on one line, in which tokens and such numbers are masked. [`Self::as_str`] gives all of it.
///
/// ```
/// use ksz_soap::PeerText;
///
/// let text = PeerText::from("no data for 79.02.18-021.45");
/// assert_eq!(text.to_string(), "no data for *********45");
/// assert_eq!(text.as_str(), "no data for 79.02.18-021.45");
/// ```
#[derive(Clone, Default, Eq, Hash, PartialEq)]
pub struct PeerText(String);

impl PeerText {
    /// The text, numbers of persons and all.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn shown(&self) -> String {
        excerpt(&mask_name(&self.0[..self.0.floor_char_boundary(LONGEST)]))
    }
}

impl From<String> for PeerText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for PeerText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl PartialEq<str> for PeerText {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for PeerText {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for PeerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl fmt::Debug for PeerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_a_person_does_not_print_however_it_is_written() {
        for text in [
            "79021802145",
            "SSIN79021802145",
            "ssin=79.02.18-021.45",
            "79 02 18 021 45",
            "79/02/18-021.45",
            "x79021802145x",
        ] {
            let text = PeerText::from(format!("about {text} nothing is known"));
            for printed in [text.to_string(), format!("{text:?}"), format!("{text:#?}")] {
                assert!(!printed.contains("021") && printed.contains("nothing is known"), "{printed}");
            }
        }
    }

    #[test]
    fn what_helps_prints_on_one_short_line() {
        let text = "Attribute urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number\nmultiple times found.";
        assert_eq!(PeerText::from(text).to_string(), text.replace('\n', " "));
        assert_eq!(PeerText::from("a\u{9b}31m\u{202e}b").to_string(), "a 31m b");
        assert_eq!(PeerText::from("é ".repeat(5000)).to_string().chars().count(), 200);
    }
}
