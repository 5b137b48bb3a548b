use super::cause::Cause;
use super::finding::{Certainty, Excerpt, Finding, Place};
use super::shown::{bounded, end_of, shown, word_end, word_start};
use ksz_xml::Element;
use std::ops::Range;

/// How many octets are shown on either side of a place.
const AROUND: usize = 32;
/// How many of the place itself.
const MARKED: usize = 64;
/// The longest path that is told.
const LONGEST_PATH: usize = 600;

/// The findings so far, and the text they are about.
pub(super) struct Report<'t> {
    text: &'t str,
    /// How many octets of the message stand before the text: a byte order mark.
    base: usize,
    findings: Vec<Finding>,
}

impl<'t> Report<'t> {
    pub(super) const fn new(text: &'t str, base: usize) -> Self {
        Self { text, base, findings: Vec::new() }
    }

    pub(super) const fn text(&self) -> &'t str {
        self.text
    }

    /// Adds a finding, unless its cause is there already.
    pub(super) fn add(
        &mut self,
        cause: Cause,
        certainty: Certainty,
        place: Option<Place>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        if self.findings.iter().any(|finding| finding.cause == cause) {
            return;
        }
        let (rule, remedy) = (cause.rule(), cause.remedy());
        let (expected, found) = (expected.into(), found.into());
        self.findings.push(Finding { cause, certainty, place, rule, expected, found, remedy });
    }

    pub(super) fn has(&self, is_it: impl Fn(&Cause) -> bool) -> bool {
        self.findings.iter().any(|finding| is_it(&finding.cause))
    }

    /// The findings, the likeliest first.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(|finding| (finding.certainty, finding.cause.rank()));
        self.findings
    }

    /// The place of some octets of the text.
    pub(super) fn place(&self, range: Range<usize>, path: &str) -> Place {
        let text = self.text;
        let start = text.floor_char_boundary(range.start.min(text.len()));
        let end = text.ceil_char_boundary(range.end.clamp(start, text.len()));
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place {
            line: before.bytes().filter(|octet| *octet == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            path: path.to_owned(),
            range: self.base + start..self.base + end,
            excerpt: self.excerpt(start, end),
        }
    }

    /// The first tag of an element.
    pub(super) fn at(&self, element: Element<'_>) -> Option<Place> {
        let range = element.range();
        let end = element.content_range().map_or(range.end, |content| content.start);
        Some(self.place(range.start..end, &path(element)))
    }

    fn excerpt(&self, start: usize, end: usize) -> Excerpt {
        let text = self.text;
        // A place inside a word is shown with the whole word behind it, so that the mask sees it whole.
        let from = text.floor_char_boundary(start.saturating_sub(AROUND));
        let from = word_start(text, from);
        let in_word = word_start(text, start) < start && word_end(text, start) > start;
        let start = if in_word { word_start(text, start) } else { start };
        let cut = text.ceil_char_boundary((start + MARKED).min(text.len()));
        let marked_end = word_end(text, end.min(cut)).max(start);
        let to = word_end(text, text.ceil_char_boundary((marked_end + AROUND).min(text.len())));
        Excerpt {
            before: end_of(&shown(text[from.min(start)..start].trim_start()), 2 * AROUND),
            marked: bounded(&shown(&text[start..marked_end]), MARKED),
            after: bounded(&shown(text[marked_end..to].trim_end()), 2 * AROUND),
        }
    }
}

/// The elements that lead to one, by their names as they are written. Where several siblings have the name, the place
/// among them is told.
pub(super) fn path(element: Element<'_>) -> String {
    let mut steps = Vec::new();
    let mut current = Some(element);
    while let Some(element) = current {
        let mut step = super::shown::name(element.qualified_name());
        if let Some(parent) = element.parent() {
            let alike: Vec<_> = parent
                .children()
                .take(1000)
                .filter(|child| child.qualified_name() == element.qualified_name())
                .collect();
            if alike.len() > 1
                && let Some(at) = alike.iter().position(|sibling| *sibling == element)
            {
                step += &format!("[{}]", at + 1);
            }
        }
        steps.push(step);
        current = element.parent();
    }
    let mut path = String::new();
    for step in steps.iter().rev() {
        path.push('/');
        path += step;
    }
    match path.char_indices().nth(LONGEST_PATH) {
        Some((end, _)) => format!("{}…", &path[..end]),
        None => path,
    }
}
