mod expand;

pub use expand::Expand;

use super::inherited::{Inherited, XML};
use super::{Algorithm, CanonicalizationMethod, PrefixList, Sink};
use ksz_xml::{Attribute, Binding, CanonicalCopy, Markup, Name, RawAttribute, Reader, escape_attribute};
use std::cmp::Ordering;
use std::ops::Range;

/// One run of the algorithm: what has been declared in the output so far, and buffers that are used again.
///
/// It goes over the document as it is written, so most text is copied and never decoded; its memory depends on the depth
/// of the document, not on its length.
pub(super) struct Walk<'w, 'd, S> {
    method: &'w CanonicalizationMethod,
    output: Output<'w, 'd, S>,
    /// Each declaration of the open elements, outermost first, with the depth of its element.
    rendered: Vec<(usize, Rendered<'d>)>,
    /// The depth of the first element.
    apex: usize,
    /// The declarations of one tag.
    declared: Vec<Rendered<'d>>,
    /// Which of the reader's bindings stand in [`Self::rendered`].
    is_rendered: Vec<bool>,
    indices: Vec<usize>,
    after_root: bool,
}

/// A declaration in the output: the prefix, the number that the reader knows the namespace name by, and which of its
/// bindings it is.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
struct Rendered<'d> {
    prefix: &'d str,
    identity: u32,
    binding: Option<usize>,
}

impl<'w, 'd, S: Sink> Walk<'w, 'd, S> {
    pub(super) fn new(method: &'w CanonicalizationMethod, sink: &'w mut S) -> Self {
        Self {
            method,
            output: Output::new(sink),
            rendered: Vec::new(),
            apex: 1,
            declared: Vec::new(),
            is_rendered: Vec::new(),
            indices: Vec::new(),
            after_root: false,
        }
    }

    /// Writes all that the reader meets, but for the element that begins at `omitted`.
    pub(super) fn run(
        mut self,
        mut reader: Reader<'d>,
        inherited: &Inherited<'_>,
        omitted: Option<usize>,
    ) -> Result<(), ksz_xml::Error> {
        self.output.source = reader.document();
        while let Some(markup) = reader.next()? {
            if markup == Markup::Start && omitted == Some(reader.range().start) {
                reader.pass_over()?;
            } else {
                self.meet(markup, &reader, inherited);
            }
            reader.copy_canonical(omitted, &mut self);
            if self.output.is_over() {
                return Ok(());
            }
        }
        self.output.flush();
        Ok(())
    }

    /// Writes the element that the reader has just begun, up to its end.
    pub(super) fn run_open(mut self, reader: &mut Reader<'d>) -> Result<(), ksz_xml::Error> {
        self.output.source = reader.document();
        self.apex = reader.depth();
        let (mut markup, inherited) = (Markup::Start, Inherited::default());
        loop {
            self.meet(markup, reader, &inherited);
            if self.output.is_over() {
                return Ok(());
            }
            if reader.depth() < self.apex {
                break;
            }
            reader.copy_canonical(None, &mut self);
            match reader.next()? {
                Some(next) => markup = next,
                None => break,
            }
        }
        self.output.flush();
        Ok(())
    }

    fn meet(&mut self, markup: Markup, reader: &Reader<'d>, inherited: &Inherited<'_>) {
        match markup {
            Markup::Start => self.start(reader, inherited),
            Markup::End => self.end(reader),
            Markup::Text => match reader.canonical_range(markup) {
                Some(range) => self.output.run(range),
                None => reader.text().canonicalize(&mut |piece| self.output.text(piece)),
            },
            Markup::Comment if !self.method.with_comments => {}
            Markup::Comment => self.own_line(reader, |output| {
                output.text("<!--");
                output.text(&reader.text().decode());
                output.text("-->");
            }),
            Markup::Instruction => self.own_line(reader, |output| {
                let data = reader.text().decode();
                output.text("<?");
                output.text(reader.name().text());
                output.text(if data.is_empty() { "" } else { " " });
                output.text(&data);
                output.text("?>");
            }),
            _ => {}
        }
    }

    fn start(&mut self, reader: &Reader<'d>, inherited: &Inherited<'_>) {
        let is_apex = reader.depth() == self.apex;
        let name = reader.name();
        let attributes = reader.attributes();
        self.find_declarations(name, reader, is_apex);
        let inherits = is_apex && (!inherited.attributes.is_empty() || inherited.base.is_some());
        if self.declared.is_empty()
            && !inherits
            && attributes
                .is_sorted_by(|one, other| order(sort_key(one, reader), sort_key(other, reader)).is_le())
            && let Some(range) = reader.canonical_range(Markup::Start)
        {
            return self.output.run(range);
        }
        self.output.text("<");
        self.output.text(name.text());
        self.declarations(reader);
        match attributes {
            [] if !inherits => {}
            [attribute] if !inherits => self.attribute(attribute),
            _ if inherits => self.attributes(attributes, reader, inherited),
            _ => self.attributes(attributes, reader, &Inherited::default()),
        }
        self.output.text(">");
    }

    fn end(&mut self, reader: &Reader<'d>) {
        match reader.canonical_range(Markup::End) {
            Some(range) => self.output.run(range),
            None => {
                self.output.text("</");
                self.output.text(reader.name().text());
                self.output.text(">");
            }
        }
        self.leave(reader.depth());
        self.after_root = reader.depth() < self.apex;
    }

    /// Which namespaces one start tag must declare.
    fn find_declarations(&mut self, name: Name<'d>, reader: &Reader<'d>, is_apex: bool) {
        match &self.method.algorithm {
            Algorithm::Exclusive(prefixes) => {
                self.declare(name.prefix(), reader.namespace(), reader);
                for attribute in reader.attributes() {
                    if attribute.namespace().is_some() {
                        self.declare(attribute.name().prefix(), attribute.namespace(), reader);
                    }
                }
                if !prefixes.is_empty() {
                    self.declare_all(reader, is_apex, Some(prefixes));
                }
            }
            Algorithm::Inclusive(_) => self.declare_all(reader, is_apex, None),
        }
    }

    /// Writes those declarations, in the order of their prefixes.
    fn declarations(&mut self, reader: &Reader<'d>) {
        if self.declared.len() > 1 {
            self.declared.sort_unstable();
        }
        for rendered in self.declared.drain(..) {
            self.output.text(if rendered.prefix.is_empty() { " xmlns" } else { " xmlns:" });
            self.output.text(rendered.prefix);
            self.output.text("=\"");
            let uri = rendered.binding.map_or("", |binding| reader.bindings()[binding].uri());
            escape_attribute(uri, &mut |piece| self.output.text(piece));
            self.output.text("\"");
            note(rendered, reader.depth(), &mut self.is_rendered, &mut self.rendered);
        }
    }

    /// Takes up what is in scope and listed, or all that is. Below the first element, the output has what the elements
    /// around have in scope, so the tag's own declarations are enough.
    fn declare_all(&mut self, reader: &Reader<'d>, is_apex: bool, listed: Option<&PrefixList>) {
        let candidates = if is_apex { 0..reader.bindings().len() } else { reader.declared() };
        for binding in candidates {
            let prefix = reader.bindings()[binding].prefix();
            if listed.is_none_or(|list| list.contains(prefix))
                && (!is_apex || reader.lookup(prefix) == Some(binding))
            {
                self.declare(prefix, Some(binding), reader);
            }
        }
    }

    /// Takes a declaration up unless the output has it already. The prefix `xml` is never declared, nor is the
    /// empty default namespace where none is in force.
    #[inline]
    fn declare(&mut self, prefix: &'d str, binding: Option<usize>, reader: &Reader<'d>) {
        // A binding that was rendered is in force wherever it is the one that a prefix has: it outlives the element that
        // rendered it, so its flag is cleared before its place is used again; and whatever was rendered nearer for that
        // prefix is of an element that has ended, or that prefix would have another binding here.
        if binding.is_none_or(|binding| !self.is_rendered.get(binding).is_some_and(|rendered| *rendered)) {
            self.declare_unless_equal(prefix, binding, reader);
        }
    }

    fn declare_unless_equal(&mut self, prefix: &'d str, binding: Option<usize>, reader: &Reader<'d>) {
        let identity = binding.map_or(0, |binding| reader.bindings()[binding].identity());
        let in_force = self.rendered.iter().rev().find(|(_, rendered)| rendered.prefix == prefix);
        if in_force.map_or(0, |(_, rendered)| rendered.identity) == identity || prefix == "xml" {
            return;
        }
        let rendered = Rendered { prefix, identity, binding };
        if !self.declared.contains(&rendered) {
            self.declared.push(rendered);
        }
    }

    /// Several attributes, or those of the first element, in the order of their namespaces and names.
    fn attributes(&mut self, own: &[RawAttribute<'d>], reader: &Reader<'d>, inherited: &Inherited<'_>) {
        let mut indices = std::mem::take(&mut self.indices);
        indices.extend(0..own.len() + inherited.attributes.len());
        let name = |&index: &usize| match own.get(index) {
            Some(attribute) => sort_key(attribute, reader),
            None => (XML, inherited.attributes[index - own.len()].local_name()),
        };
        indices.sort_unstable_by(|one, other| order(name(one), name(other)));
        for index in indices.drain(..) {
            let joined = inherited.base.as_deref().filter(|_| name(&index) == (XML, "base"));
            match (own.get(index), joined) {
                // A base that leads nowhere is not written (Canonical XML 1.1 section 2.4).
                (_, Some("")) => {}
                (Some(attribute), None) => self.attribute(attribute),
                (Some(attribute), Some(base)) => self.value(attribute.name().text(), base),
                (None, base) => {
                    let attribute: &Attribute<'_> = &inherited.attributes[index - own.len()];
                    self.value(attribute.qualified_name(), base.unwrap_or_else(|| attribute.value()));
                }
            }
        }
        self.indices = indices;
    }

    #[inline]
    fn attribute(&mut self, attribute: &RawAttribute<'d>) {
        if let Some(range) = attribute.canonical_range() {
            return self.output.run(range);
        }
        self.output.text(" ");
        self.output.text(attribute.name().text());
        self.output.text("=\"");
        attribute.value().canonicalize(&mut |piece| self.output.text(piece));
        self.output.text("\"");
    }

    fn value(&mut self, name: &str, value: &str) {
        self.output.text(" ");
        self.output.text(name);
        self.output.text("=\"");
        escape_attribute(value, &mut |piece| self.output.text(piece));
        self.output.text("\"");
    }

    /// Outside the document element, a line feed parts what is written from the element.
    fn own_line(&mut self, reader: &Reader<'d>, write: impl FnOnce(&mut Output<'w, 'd, S>)) {
        let outside = reader.depth() < self.apex;
        if outside && self.after_root {
            self.output.text("\n");
        }
        write(&mut self.output);
        if outside && !self.after_root {
            self.output.text("\n");
        }
    }
}

/// Notes that a declaration stands in the output from the element at this depth on.
fn note<'d>(
    rendered: Rendered<'d>,
    depth: usize,
    is_rendered: &mut Vec<bool>,
    all: &mut Vec<(usize, Rendered<'d>)>,
) {
    if let Some(binding) = rendered.binding {
        is_rendered.resize(is_rendered.len().max(binding + 1), false);
        is_rendered[binding] = true;
    }
    all.push((depth, rendered));
}

impl<'d, S: Sink> CanonicalCopy<'d> for Walk<'_, 'd, S> {
    #[inline]
    fn take(&mut self, piece: Range<usize>) {
        self.output.run(piece);
    }

    #[inline]
    fn has(&self, binding: usize) -> bool {
        self.is_rendered.get(binding).is_some_and(|rendered| *rendered)
    }

    #[inline]
    fn declares_by_need(&self) -> bool {
        matches!(&self.method.algorithm, Algorithm::Exclusive(prefixes) if prefixes.is_empty())
    }

    #[inline]
    fn has_prefix(&self, prefix: &str) -> bool {
        // Short texts: see `order`.
        self.rendered.iter().any(|(_, rendered)| rendered.prefix.bytes().eq(prefix.bytes()))
    }

    fn declare(&mut self, depth: usize, index: usize, binding: &Binding<'d>) {
        let rendered =
            Rendered { prefix: binding.prefix(), identity: binding.identity(), binding: Some(index) };
        note(rendered, depth, &mut self.is_rendered, &mut self.rendered);
    }

    #[inline]
    fn leave(&mut self, depth: usize) {
        while let Some((_, ended)) = self.rendered.pop_if(|(declared, _)| *declared > depth) {
            if let Some(binding) = ended.binding {
                self.is_rendered[binding] = false;
            }
        }
    }
}

/// What attributes are sorted by: the name of their namespace, then their own.
fn sort_key<'r>(attribute: &RawAttribute<'r>, reader: &'r Reader<'_>) -> (&'r str, &'r str) {
    let uri = attribute.namespace().map_or("", |binding| reader.bindings()[binding].uri());
    (uri, attribute.name().local_name())
}

/// The order of two such keys. Most differ in an octet near their beginning, so calling out would cost more.
#[inline]
fn order(one: (&str, &str), other: (&str, &str)) -> Ordering {
    one.0.bytes().cmp(other.0.bytes()).then_with(|| one.1.bytes().cmp(other.1.bytes()))
}

/// Gathers octets for the sink, and copies what stands in the document as it is in one run.
struct Output<'w, 'd, S> {
    source: &'d str,
    /// What of the source is due next.
    run: Range<usize>,
    /// Room for a piece and what a copy may write behind it.
    gathered: Vec<u8>,
    filled: usize,
    sink: &'w mut S,
}

/// How many octets the sink gets at once: a hash takes blocks faster than crumbs.
const PIECE: usize = 512;

/// How many octets are copied at once: more than are due, because a copy of a fixed length costs much less than one of any
/// other.
const COPIED: usize = 64;

/// A run that is so long goes to the sink as it stands.
const LONG: usize = 1024;

impl<'w, 'd, S: Sink> Output<'w, 'd, S> {
    fn new(sink: &'w mut S) -> Self {
        Self { source: "", run: 0..0, gathered: vec![0; PIECE + COPIED], filled: 0, sink }
    }

    /// Takes up a piece of the source.
    #[inline]
    fn run(&mut self, piece: Range<usize>) {
        if piece.start == self.run.end {
            self.run.end = piece.end;
        } else {
            self.end_run();
            self.run = piece;
        }
        if self.run.len() >= PIECE {
            self.end_run();
        }
    }

    /// Copies what is due of the source.
    #[inline]
    fn end_run(&mut self) {
        if self.run.len() > COPIED || !self.copy_some() {
            self.end_long_run();
        }
    }

    #[inline(never)]
    fn end_long_run(&mut self) {
        while !self.run.is_empty() {
            if self.run.len() >= LONG || !self.copy_some() {
                let run = std::mem::take(&mut self.run);
                self.gather(&self.source.as_bytes()[run]);
            }
        }
    }

    /// Copies the next octets that are due, unless the source ends so soon behind them that they cannot be copied at once.
    #[inline(always)]
    fn copy_some(&mut self) -> bool {
        let room = self.gathered.get_mut(self.filled..).and_then(<[u8]>::first_chunk_mut::<COPIED>);
        let due = self.source.as_bytes().get(self.run.start..).and_then(<[u8]>::first_chunk);
        let (Some(room), Some(due)) = (room, due) else { return false };
        *room = *due;
        let copied = self.run.len().min(COPIED);
        self.filled += copied;
        self.run.start += copied;
        if self.filled >= PIECE {
            self.hand_on();
        }
        true
    }

    #[inline]
    fn text(&mut self, text: &str) {
        if !self.run.is_empty() {
            self.end_run();
        }
        self.gather(text.as_bytes());
    }

    /// Takes up octets of any length.
    fn gather(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            if self.filled == 0 && octets.len() >= LONG {
                let (whole, rest) = octets.split_at(octets.len() - octets.len() % PIECE);
                self.sink.write(whole);
                octets = rest;
            }
            let (now, rest) = octets.split_at(octets.len().min(PIECE - self.filled));
            self.gathered[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            octets = rest;
            if self.filled >= PIECE {
                self.hand_on();
            }
        }
    }

    /// Gives the sink a whole piece.
    fn hand_on(&mut self) {
        self.sink.write(&self.gathered[..PIECE]);
        self.gathered.copy_within(PIECE.., 0);
        self.filled -= PIECE;
    }

    fn flush(&mut self) {
        self.end_run();
        self.sink.write(&self.gathered[..self.filled]);
        self.filled = 0;
    }

    /// Whether no more octets are wanted.
    fn is_over(&self) -> bool {
        self.sink.is_full()
    }
}
