//! Where two canonical forms differ, and which place of the message that is.

use super::edit::{Piece, pieces};
use super::finding::Place;
use super::hypothesis::Suspect;
use super::report::{Report, path};
use super::shown;
use ksz_xml::{Element, Markup};
use std::ops::Range;

/// How many octets of either form are shown.
const SHOWN: usize = 40;

/// The first octet in which what was signed and what was found differ.
pub(super) struct Difference {
    /// What was signed, from a little before that octet.
    pub(super) expected: String,
    /// What was found there.
    pub(super) found: String,
    pub(super) place: Option<Place>,
}

impl Difference {
    pub(super) fn between(
        found: &[u8],
        signed: &[u8],
        suspect: &Suspect<'_, '_>,
        report: &Report<'_>,
    ) -> Self {
        let equal = found.iter().zip(signed).take_while(|(one, other)| one == other).count();
        let told = |octets: &[u8]| {
            let text = String::from_utf8_lossy(octets);
            if equal >= octets.len() {
                return format!("octet {equal} of the canonical form: its end");
            }
            let at = text.floor_char_boundary(equal);
            format!(
                "octet {equal} of the canonical form: {}",
                shown::window(&text, at.saturating_sub(8), SHOWN)
            )
        };
        let place = std::str::from_utf8(found).ok().map(|found| {
            let range = place_of(found, equal.min(found.len()), suspect);
            let inside = innermost(suspect.element, range.start);
            report.place(range, &path(inside))
        });
        Self { expected: told(signed), found: told(found), place }
    }
}

/// The place in the document of an octet of the canonical form.
fn place_of(canonical: &str, octet: usize, suspect: &Suspect<'_, '_>) -> Range<usize> {
    let mut tags = 0;
    let mut at = 0;
    let mut in_tag = false;
    for piece in pieces(canonical) {
        let end = at + piece.source().len();
        let is_tag = matches!(piece, Piece::Start(_) | Piece::End(_));
        if octet < end {
            in_tag = is_tag;
            break;
        }
        if is_tag {
            tags += 1;
        }
        at = end;
    }
    let behind = &canonical.as_bytes()[at.min(canonical.len())..octet.max(at).min(canonical.len())];
    let base = suspect.element.range().start;
    let source = suspect.element.source();
    let tag = tag_of(suspect, tags, in_tag);
    if in_tag {
        return base + tag.start..base + tag.end;
    }
    // Text is mostly written as it is in canonical form; where it is not, the place is where it begins.
    let text = &source[tag.end..];
    let same = text.bytes().zip(behind).take_while(|(one, other)| one == *other).count();
    let start = source.floor_char_boundary(tag.end + if same == behind.len() { same } else { 0 });
    let length = source[start..].find('<').unwrap_or_default();
    base + start..base + start + length
}

/// The tag before which so many stand, if that is wanted, or the last of those.
fn tag_of(suspect: &Suspect<'_, '_>, tags: usize, next: bool) -> Range<usize> {
    let wanted = if next { tags + 1 } else { tags };
    let omitted = suspect.omitted.map(|omitted| omitted.range().start - suspect.element.range().start);
    let mut reader = suspect.element.reader();
    let mut counted = 0;
    let mut last = 0..0;
    while counted < wanted
        && let Ok(Some(markup)) = reader.next()
    {
        match markup {
            Markup::Start if omitted == Some(reader.range().start) => {
                let _ = reader.pass_over();
                continue;
            }
            Markup::Start | Markup::End => {
                counted += 1;
                last = reader.range();
            }
            _ => {}
        }
    }
    last
}

/// The innermost element around a place.
fn innermost(element: Element<'_>, at: usize) -> Element<'_> {
    let mut element = element;
    while let Some(child) = element.children().find(|child| {
        let range = child.range();
        range.start < at && at < range.end
    }) {
        element = child;
    }
    element
}
