//! Reading as much of a message as can be read.

use super::cause::Cause;
use super::finding::Certainty;
use super::report::Report;
use ksz_xml::{Document, Error, Limits, to_utf8};
use std::borrow::Cow;

/// A message as text, from its document's first octet to its last.
pub(super) struct Readable<'m> {
    text: Cow<'m, str>,
    /// How many octets of the message stand before the text.
    pub(super) base: usize,
    limits: &'m Limits,
    refusal: Option<Error>,
    /// What stands before or behind the document.
    surplus: Option<std::ops::Range<usize>>,
}

impl<'m> Readable<'m> {
    pub(super) fn of(message: &'m [u8], limits: &'m Limits) -> Self {
        let base = if message.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let octets = &message[base..];
        let mut readable = match std::str::from_utf8(octets) {
            Ok(text) => Self { text: text.into(), base, limits, refusal: None, surplus: None },
            Err(error) => Self {
                text: decoded(octets),
                base,
                limits,
                refusal: Some(Error::NotUtf8 { offset: base + error.valid_up_to() }),
                surplus: None,
            },
        };
        if let Err(error) = Document::parse(readable.text.as_bytes(), limits) {
            readable.refusal.get_or_insert(error);
            readable.take_out_surplus();
        }
        readable
    }

    pub(super) fn text(&self) -> &str {
        let text = &self.text[..];
        match &self.surplus {
            Some(surplus) if surplus.start == 0 => &text[surplus.end..],
            Some(surplus) => &text[..surplus.start],
            None => text,
        }
    }

    /// How many octets of the message stand before [`Self::text`].
    pub(super) fn start(&self) -> usize {
        self.base
            + self.surplus.as_ref().filter(|surplus| surplus.start == 0).map_or(0, |surplus| surplus.end)
    }

    /// Looks for a document with something before or behind it.
    fn take_out_surplus(&mut self) {
        let is_document = |text: &str| Document::parse(text.as_bytes(), self.limits).is_ok();
        let text = &self.text[..];
        let leading = text.find('<').unwrap_or_default();
        if leading > 0 && is_document(&text[leading..]) {
            self.surplus = Some(0..leading);
            return;
        }
        let ends = text.rmatch_indices("Envelope>").take(2).map(|(at, end)| at + end.len());
        self.surplus = ends
            .into_iter()
            .find(|end| *end < text.len() && is_document(&text[..*end]))
            .map(|end| end..text.len());
    }

    /// The document, as far as it can be read.
    pub(super) fn document(&self) -> Option<Document<'_>> {
        let octets = self.text().as_bytes();
        match Document::parse(octets, self.limits) {
            Err(Error::ProcessingInstruction { .. }) => {
                Document::parse_with_instructions(octets, self.limits).ok()
            }
            document => document.ok(),
        }
    }

    /// Says why it cannot be read as it is.
    pub(super) fn tell(&self, report: &mut Report<'_>) {
        let expected = "one XML document in UTF-8";
        match (&self.refusal, &self.surplus) {
            (None, _) => {}
            (Some(_), Some(surplus)) => {
                let (side, at) =
                    if surplus.start == 0 { ("before", 0) } else { ("behind", report.text().len()) };
                let place = report.place(at.saturating_sub(1)..at, "");
                let found = format!("{} octets {side} the document", surplus.len());
                report.add(Cause::TrailingContent, Certainty::Proven, Some(place), expected, found);
            }
            (Some(error), None) => {
                let at = match error {
                    Error::NotWellFormed { line, column, .. }
                    | Error::DocumentType { line, column }
                    | Error::ProcessingInstruction { line, column }
                    | Error::RelativeNamespace { line, column } => offset(report.text(), *line, *column),
                    Error::NotUtf8 { offset } => Some(offset.saturating_sub(self.base)),
                    _ => None,
                };
                let place = at.map(|at| report.place(at..at, ""));
                let cause = Cause::Unreadable { error: error.clone() };
                report.add(cause, Certainty::Proven, place, expected, super::shown::name(&error.to_string()));
            }
        }
    }
}

/// Text in another encoding than UTF-8: UTF-16 where a mark says so, else ISO-8859-1, in which every octet is a character.
fn decoded(octets: &[u8]) -> Cow<'_, str> {
    match to_utf8(octets) {
        Ok(Cow::Owned(octets)) => String::from_utf8_lossy(&octets).into_owned().into(),
        _ => octets.iter().map(|octet| char::from(*octet)).collect::<String>().into(),
    }
}

/// The place of a line and character.
fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let in_line = text[start..].char_indices().nth(column.checked_sub(1)?);
    Some(in_line.map_or(text.len(), |(at, _)| start + at))
}
