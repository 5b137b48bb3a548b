use crate::error::Error;
use serde_json::Value;
use std::fmt;
use std::io::{self, Write};

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

/// Control characters escaped, so that nothing that was read writes lines or moves the cursor.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
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
    }

    #[test]
    fn columns_are_aligned_and_lines_end_with_text() {
        let mut table = Table::new(["A", "B"]);
        table.push(["long".into(), String::new()]);
        table.push(["é".into(), "x".into()]);

        assert_eq!(table.to_string(), "A     B\nlong\né     x");
    }
}
