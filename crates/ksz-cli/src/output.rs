use crate::error::Error;
use ksz::soap::format_date_time;
use serde_json::Value;
use std::borrow::Cow;
use std::env;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

/// Writes octets to standard output as they are. A reader that has gone away is no failure: it has what it wanted.
pub(crate) fn octets(octets: &[u8]) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(octets).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Output { why: error.kind() }),
        _ => Ok(()),
    }
}

/// Writes text for people, or one JSON object, and a line feed.
pub(crate) fn text(text: &impl fmt::Display) -> Result<(), Error> {
    octets(format!("{text}\n").as_bytes())
}

/// Writes one JSON object on one line.
pub(crate) fn json(object: &Value) -> Result<(), Error> {
    text(object)
}

/// Writes octets into a file that is not there yet.
pub(crate) fn new_file(path: &Path, octets: &[u8]) -> Result<(), Error> {
    let written = File::create_new(path).and_then(|mut file| file.write_all(octets));
    written.map_err(|error| Error::Unwritable { file: path.as_os_str().to_owned().into(), why: error.kind() })
}

/// How wide lines may be, if the environment says so (`COLUMNS`, POSIX.1-2017 section 8.3).
pub(crate) fn columns() -> Option<usize> {
    env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0)
}

/// Says on standard error what went wrong: one line, whatever a file's name or a message holds.
pub(crate) fn failure(message: &str) {
    let line = one_line(message);
    // Where not even this can be written, the exit code is all that is left.
    let _ = writeln!(io::stderr(), "ksz: {line}");
}

/// Says on standard error how far the work is.
pub(crate) fn progress(message: &str) {
    failure(message);
}

/// Control characters escaped, so that nothing that was read writes lines, moves the cursor or turns the text around.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if is_layout(character) {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

/// Control characters, the separators of lines and paragraphs, and the marks that change the direction of a text
/// (Unicode Bidirectional Algorithm, UAX 9 section 2).
fn is_layout(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// An instant as `xs:dateTime`.
pub(crate) fn instant(instant: SystemTime) -> String {
    format_date_time(instant).unwrap_or_else(|_| "an instant out of range".into())
}

/// A word of a command line, in quotes if a shell reads anything into it.
pub(crate) fn shell_word(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

/// Rows of text in aligned columns, the first row being the headings.
#[derive(Debug)]
pub(crate) struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table with headings only.
    pub(crate) fn new(headings: [&str; COLUMNS]) -> Self {
        Self { rows: vec![headings.map(str::to_owned)] }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: [String; COLUMNS]) {
        self.rows.push(row.map(|cell| one_line(&cell)));
    }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max();
        let widths: Vec<_> = (0..COLUMNS).map(|column| width(column).unwrap_or_default()).collect();
        for (index, row) in self.rows.iter().enumerate() {
            let line: String =
                row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}  ")).collect();
            let end = if index + 1 < self.rows.len() { "\n" } else { "" };
            write!(f, "{}{end}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_read_writes_a_second_line() {
        assert_eq!(one_line("a\nb\u{1b}[31mé"), "a\\nb\\u{1b}[31mé");
        assert_eq!(one_line("a\u{2028}b\u{2029}c"), "a\\u{2028}b\\u{2029}c");
    }

    #[test]
    fn nothing_that_was_read_turns_a_text_around() {
        for mark in "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}".chars() {
            assert_eq!(one_line(&format!("a{mark}b")), format!("a{}b", mark.escape_default()));
        }
        assert_eq!(one_line("naïve « ça » \u{200d} \u{2030}"), "naïve « ça » \u{200d} \u{2030}");
    }

    #[test]
    fn a_shell_reads_nothing_into_a_word() {
        assert_eq!(shell_word("../a-b_c/é.toml"), "../a-b_c/é.toml");
        assert_eq!(shell_word("my file"), "'my file'");
        assert_eq!(shell_word("$(it's)"), r"'$(it'\''s)'");
        assert_eq!(shell_word("~/ksz.toml"), "'~/ksz.toml'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn columns_are_aligned_and_lines_end_with_text() {
        let mut table = Table::new(["A", "B"]);
        table.push(["long".into(), String::new()]);
        table.push(["é".into(), "x".into()]);

        assert_eq!(table.to_string(), "A     B\nlong\né     x");
    }
}
