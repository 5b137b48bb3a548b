//! What is written as canonical XML writes it, looked at whole: the short way for most of what most messages hold. Anything
//! else is read the long way, which also says what is wrong.

use super::NameSpan;
use crate::block::{LENGTH, Mask};
use crate::character::{TEXT, VALUE, run};
use crate::limits::place;
use std::ops::Range;

/// The attributes and declarations of a start tag whose names, values and spaces are written as canonical XML writes them,
/// and that does not name its element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CanonicalTag {
    /// How many there are.
    pub(crate) number: usize,
    /// How many of them are declarations.
    pub(crate) declarations: usize,
    /// Whether it declares nothing and its attributes, all without prefix, are in canonical order: then it is canonical as
    /// it stands.
    pub(crate) is_simple: bool,
    /// The octet behind it.
    pub(crate) end: usize,
}

/// An attribute or declaration of such a tag, with one space before it. Its name is as short as a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CanonicalAttribute {
    start: u32,
    end: u32,
    length: u32,
    colon: u32,
    pub(crate) is_declaration: bool,
    /// Which binding its prefix has, where somebody has looked that up.
    pub(crate) binding: u32,
}

impl CanonicalAttribute {
    pub(crate) const NONE: Self =
        Self { start: 0, end: 0, length: 0, colon: 0, is_declaration: false, binding: Self::UNBOUND };
    /// The binding of an attribute without prefix.
    pub(crate) const UNBOUND: u32 = u32::MAX;

    /// Where it stands with the space before it.
    #[inline(always)]
    pub(crate) const fn range(&self) -> Range<usize> {
        self.start as usize - 1..self.end as usize
    }

    /// Where its prefix stands.
    #[inline(always)]
    pub(crate) const fn prefix(&self) -> Range<usize> {
        self.start as usize..self.start as usize + self.colon as usize
    }

    /// Where its name stands without the prefix; nowhere in the declaration of the default namespace.
    #[inline(always)]
    pub(crate) const fn local_name(&self) -> Range<usize> {
        let (start, end) = (self.start as usize, self.start as usize + self.length as usize);
        match (self.colon, self.is_declaration) {
            (0, true) => end..end,
            (0, false) => start..end,
            (colon, _) => start + colon as usize + 1..end,
        }
    }

    /// Where its value stands.
    #[inline(always)]
    pub(crate) const fn value(&self) -> Range<usize> {
        self.start as usize + self.length as usize + "=\"".len()..self.end as usize - 1
    }

    #[inline(always)]
    pub(crate) const fn has_prefix(&self) -> bool {
        self.colon > 0
    }
}

/// How many attributes and declarations such a tag has at most. More are read the long way.
pub(crate) const MOST_ATTRIBUTES: usize = 8;

const XMLNS: &[u8] = b"xmlns";

/// How many octets are looked at together: the begin of a tag and its name.
pub(crate) const WINDOW: usize = 2 * LENGTH;

/// The octets from a place on.
#[inline(always)]
pub(crate) fn window(octets: &[u8], at: usize) -> Option<&[u8; WINDOW]> {
    octets.get(at..)?.first_chunk()
}

/// The block of a window that begins at one of its first octets.
#[inline(always)]
pub(crate) fn block(window: &[u8; WINDOW], at: usize) -> &[u8; LENGTH] {
    window[at..].first_chunk().unwrap_or(&[0; LENGTH])
}

/// The octet behind the text that begins at `at`, if a tag or the like follows.
#[inline(always)]
pub(crate) fn text(octets: &[u8], window: &[u8; WINDOW], at: usize) -> Option<usize> {
    match Mask::stops::<TEXT>(block(window, 0)).first() {
        Some(length) if window[length % WINDOW] == b'<' => Some(at + length),
        _ => any_text(octets, at),
    }
}

#[inline(never)]
fn any_text(octets: &[u8], at: usize) -> Option<usize> {
    let end = at + run::<TEXT>(octets.get(at..)?);
    if octets.get(end) == Some(&b'<') { Some(end) } else { text_with_references(octets, end) }
}

fn text_with_references(octets: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    while octets.get(end)? != &b'<' {
        end += reference(&octets[end..], [b"&amp;", b"&lt;", b"&gt;"])?;
        end += run::<TEXT>(&octets[end..]);
    }
    Some(end)
}

/// The octet behind the quote that ends the value at `at`.
#[inline(never)]
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

/// The octet behind the end tag at `at`, which the window shows, if it is that of `name`.
#[inline(always)]
pub(crate) fn end_tag(octets: &[u8], window: &[u8; WINDOW], at: usize, name: NameSpan) -> Option<usize> {
    let length = name.length();
    let start = at + "</".len();
    let end = start + length;
    let is_whole = if length <= LENGTH {
        window[(end - at) % WINDOW] == b'>' && begins_with(block(window, 2), octets, name.start, length)
    } else {
        octets.get(end) == Some(&b'>') && octets[start..end] == octets[name.start..name.end]
    };
    is_whole.then_some(end + 1)
}

/// Whether a block begins with so many of the octets at a place.
#[inline(always)]
pub(crate) fn begins_with(block: &[u8; LENGTH], octets: &[u8], start: usize, length: usize) -> bool {
    let due = octets.get(start..).and_then(<[u8]>::first_chunk);
    due.is_some_and(|due| Mask::differences(block, due).first().is_none_or(|at| at >= length))
}

impl CanonicalTag {
    /// The rest of the start tag whose name ends at `at`; its attributes are the first in the list.
    #[inline(always)]
    pub(crate) fn read(
        octets: &[u8],
        mut at: usize,
        listed: &mut [CanonicalAttribute; MOST_ATTRIBUTES],
    ) -> Option<Self> {
        let mut tag = Self { number: 0, declarations: 0, is_simple: true, end: 0 };
        let mut last = &b""[..];
        while octets.get(at) == Some(&b' ') {
            let start = at + 1;
            let window = window(octets, start)?;
            let block = block(window, 0);
            let short = Mask::name(block)?;
            let quoted = short.length + "=\"".len();
            let stops = Mask::stops_in_both::<VALUE>(window).behind(quoted % WINDOW);
            let is_assigned = window[short.length % WINDOW] == b'=' && window[(quoted - 1) % WINDOW] == b'"';
            let text = &block[..short.length % LENGTH];
            if !is_assigned || names_element(text, short.colon) {
                return None;
            }
            at = match stops.first() {
                Some(length) if window[(quoted + length) % WINDOW] == b'"' => start + quoted + length + 1,
                _ => value(octets, start + quoted)?,
            };
            let is_declaration = block[0] == b'x' && declares(text, short.colon);
            let attribute = CanonicalAttribute {
                start: place(start),
                end: place(at),
                length: place(short.length),
                colon: place(short.colon),
                is_declaration,
                binding: CanonicalAttribute::UNBOUND,
            };
            *listed.get_mut(tag.number)? = attribute;
            tag.number += 1;
            tag.declarations += usize::from(is_declaration);
            // In canonical order, none occurs twice.
            tag.is_simple = tag.is_simple && short.colon == 0 && last.iter().lt(text);
            last = text;
        }
        tag.is_simple &= tag.declarations == 0;
        tag.end = at + 1;
        (octets.get(at) == Some(&b'>')).then_some(tag)
    }
}

/// Whether an attribute of that name declares a namespace.
#[inline]
fn declares(name: &[u8], colon: usize) -> bool {
    name.starts_with(XMLNS) && (name.len() == XMLNS.len() || colon == XMLNS.len())
}

/// Whether an attribute of that name names its element, or may.
#[inline(always)]
fn names_element(name: &[u8], colon: usize) -> bool {
    match name.len() - colon {
        2 | 3 => name[name.len() - 2..].eq_ignore_ascii_case(b"id"),
        11 | 12 => name.ends_with(b"AssertionID"),
        _ => false,
    }
}

/// The ASCII name that begins at `start`, if one block shows all of it.
#[inline(always)]
pub(crate) fn name(octets: &[u8], start: usize) -> Option<NameSpan> {
    let block: &[u8; LENGTH] = octets.get(start..)?.first_chunk()?;
    let name = Mask::name(block)?;
    let is_whole = block[name.length % LENGTH] < 0x80;
    is_whole.then_some(NameSpan { start, end: start + name.length, colon: name.colon })
}
