//! What is written as canonical XML writes it, looked at whole: the short way for most of what most messages hold. Anything
//! else is read the long way, which also says what is wrong.

use super::NameSpan;
use crate::block::{LENGTH, Mask};
use crate::character::{CLASS, NAME_START, TEXT, VALUE, run};

/// A start tag that is written as canonical XML writes it, has attributes without prefix alone, declares nothing and does
/// not name its element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CanonicalStart {
    pub(crate) name: NameSpan,
    pub(crate) attributes: usize,
    /// The octets of its longest name.
    pub(crate) longest_name: usize,
    /// The octet behind it.
    pub(crate) end: usize,
}

/// The octet behind the text that begins at `at`, if a tag or the like follows.
#[inline(always)]
pub(crate) fn text(octets: &[u8], at: usize) -> Option<usize> {
    let end = at + run::<TEXT>(octets.get(at..)?);
    if octets.get(end) == Some(&b'<') { Some(end) } else { text_with_references(octets, end) }
}

#[inline(never)]
fn text_with_references(octets: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    while octets.get(end)? != &b'<' {
        end += reference(&octets[end..], [b"&amp;", b"&lt;", b"&gt;"])?;
        end += run::<TEXT>(&octets[end..]);
    }
    Some(end)
}

/// The octet behind the quote that ends the value at `at`.
#[inline(always)]
fn value(octets: &[u8], at: usize) -> Option<usize> {
    let end = at + run::<VALUE>(octets.get(at..)?);
    if octets.get(end) == Some(&b'"') { Some(end + 1) } else { value_with_references(octets, end) }
}

#[inline(never)]
fn value_with_references(octets: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    while octets.get(end)? != &b'"' {
        end +=
            if octets[end] == b'\'' { 1 } else { reference(&octets[end..], [b"&amp;", b"&lt;", b"&quot;"])? };
        end += run::<VALUE>(&octets[end..]);
    }
    Some(end + 1)
}

/// How long the reference is that comes first, if it is one of those that canonical XML writes.
fn reference(octets: &[u8], canonical: [&[u8]; 3]) -> Option<usize> {
    canonical.into_iter().find(|reference| octets.starts_with(reference)).map(<[u8]>::len)
}

/// The octet behind the end tag at `at`, if it is that of `name`.
#[inline(always)]
pub(crate) fn end_tag(octets: &[u8], at: usize, name: NameSpan) -> Option<usize> {
    let start = at + "</".len();
    let end = start + name.length();
    let is_whole = octets.get(end) == Some(&b'>') && are_same(octets, start, name.start, name.length());
    is_whole.then_some(end + 1)
}

/// The start tag at `at`.
#[inline(always)]
pub(crate) fn start_tag(octets: &[u8], at: usize) -> Option<CanonicalStart> {
    let name = name(octets, at + 1)?;
    let tag = CanonicalStart { name, attributes: 0, longest_name: name.length(), end: name.end + 1 };
    if octets.get(name.end) == Some(&b'>') { Some(tag) } else { attributes(octets, tag) }
}

#[inline(always)]
fn attributes(octets: &[u8], mut tag: CanonicalStart) -> Option<CanonicalStart> {
    let (mut at, mut last) = (tag.name.end, &b""[..]);
    while octets.get(at) == Some(&b' ') {
        let name = name(octets, at + 1)?;
        let text = &octets[name.start..name.end];
        // In canonical order, none occurs twice.
        let is_simple = name.colon == 0 && last.iter().lt(text) && !is_special(text);
        if !is_simple || octets.get(name.end..name.end + 2) != Some(b"=\"") {
            return None;
        }
        last = text;
        tag.attributes += 1;
        tag.longest_name = tag.longest_name.max(text.len());
        at = value(octets, name.end + 2)?;
    }
    tag.end = at + 1;
    (octets.get(at) == Some(&b'>')).then_some(tag)
}

/// Whether an attribute of that name, without prefix, declares a namespace or names its element, or may.
#[inline(always)]
fn is_special(name: &[u8]) -> bool {
    match name.len() {
        2 => name.eq_ignore_ascii_case(b"id"),
        5 => name == b"xmlns",
        11 => name == b"AssertionID",
        _ => false,
    }
}

/// The ASCII name that begins at `start`, if one block shows all of it.
#[inline(always)]
pub(crate) fn name(octets: &[u8], start: usize) -> Option<NameSpan> {
    let block: &[u8; LENGTH] = octets.get(start..)?.first_chunk()?;
    let begins = |at: usize| CLASS[block[at % LENGTH] as usize] & NAME_START != 0;
    let (ends, colons) = Mask::ends_and_colons(block);
    let length = ends.first()?;
    let colons = colons.before(ends);
    let colon = colons.first().unwrap_or(0);
    let is_name = begins(0)
        && block[length % LENGTH] < 0x80
        && (colon == 0 || (colons.is_single() && begins(colon + 1)));
    is_name.then_some(NameSpan { start, end: start + length, colon })
}

/// Whether the octets at two places are the same. Few are compared at once.
#[inline(always)]
pub(crate) fn are_same(octets: &[u8], one: usize, other: usize, length: usize) -> bool {
    let block = |at: usize| octets.get(at..).and_then(<[u8]>::first_chunk);
    match (block(one), block(other)) {
        (Some(one), Some(other)) if length <= LENGTH => {
            Mask::differences(one, other).first().is_none_or(|at| at >= length)
        }
        _ => octets[one..one + length] == octets[other..other + length],
    }
}
