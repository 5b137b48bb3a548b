use super::{Open, Reader, XMLNS, is_absolute};
use crate::block::{LENGTH, Mask};
use crate::leading::Leading;
use crate::lexer::NameSpan;
use crate::lexer::canonical::{self, CanonicalAttribute, CanonicalTag, MOST_ATTRIBUTES, WINDOW};
use crate::limits::place;
use crate::scope::{Binding, XML};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

/// A copy of a document in canonical form (Canonical XML 1.0 and 1.1 section 2, Exclusive XML Canonicalization 1.0 section
/// 3), as far as [`Reader::copy_canonical`] can make it: what it takes, and which of the reader's
/// [bindings](Reader::bindings) it declares.
pub trait CanonicalCopy<'i> {
    /// Takes what stands there in [`Reader::document`], behind all that was taken before.
    fn take(&mut self, piece: Range<usize>);

    /// Whether it declares a binding where the reader is, or need not declare any.
    fn has(&self, binding: usize) -> bool;

    /// Whether it declares what is used, and only that, where it is used: as exclusive canonical XML does without a list of
    /// prefixes.
    fn declares_by_need(&self) -> bool;

    /// Whether it declares that prefix where the reader is, with whatever meaning.
    fn has_prefix(&self, prefix: &str) -> bool;

    /// Learns that it declares a binding from the element on that began at this depth. The declaration was taken.
    fn declare(&mut self, depth: usize, index: usize, binding: &Binding<'i>);

    /// Learns that an element has ended, and at which depth the reader is behind it.
    fn leave(&mut self, depth: usize);
}

/// The copy that nobody wants to have.
pub(super) struct NoCopy;

impl CanonicalCopy<'_> for NoCopy {
    fn take(&mut self, _: Range<usize>) {}

    fn has(&self, _: usize) -> bool {
        true
    }

    fn declares_by_need(&self) -> bool {
        true
    }

    fn has_prefix(&self, _: &str) -> bool {
        false
    }

    fn declare(&mut self, _: usize, _: usize, _: &Binding<'_>) {}

    fn leave(&mut self, _: usize) {}
}

/// A start tag of which the name was read.
struct Tag {
    start: usize,
    name: NameSpan,
    /// The namespace of the element around, if the tag has its prefix.
    namespace: Option<Option<usize>>,
    /// How many bindings are in scope where the copy began.
    in_scope: usize,
}

/// A start tag that was copied.
struct Taken {
    namespace: Option<usize>,
    /// The octet behind it.
    end: usize,
    /// From where on the document was not taken yet.
    from: usize,
}

impl<'i> Reader<'i> {
    /// Copies what comes next inside the open element, as far as that is simple: names, values and text are written as
    /// canonical XML writes them, and whatever is to be declared was declared so around. Attributes and declarations may
    /// stand in another order than canonical XML has, which the copy gets.
    ///
    /// It is the short way for whoever copies: all is checked and counted as by [`Self::next`], but not met one by one.
    /// Elements that begin there end there, or are open then; none that was open before ends. It stops before a start tag
    /// at `except`, before anything that is not so simple, and before what is refused: that is for [`Self::next`].
    pub fn copy_canonical<C: CanonicalCopy<'i>>(&mut self, except: Option<usize>, copy: &mut C) {
        let (start, outer, in_scope) = (self.lexer.token_end(), self.open.len(), self.scope.len());
        let bounds = self.meter.as_ref().map_or(Bounds::NONE, |meter| meter.bounds(outer));
        let Some(open) = self.open.last().filter(|_| !self.is_empty && bounds.allow_short()) else { return };
        let octets = self.lexer.document().as_bytes();
        let except = except.unwrap_or(usize::MAX);
        let mut listed = [CanonicalAttribute::NONE; MOST_ATTRIBUTES];
        let (mut around, mut at, mut from, mut nodes) = (open.name, start, start, 0);
        while let Some(window) = canonical::window(octets, at) {
            if window[0] != b'<' {
                let Some(end) = canonical::text(octets, window, at).filter(|_| nodes < bounds.nodes) else {
                    break;
                };
                nodes += 1;
                at = end;
            } else if window[1] == b'/' {
                let Some(end) = canonical::end_tag(octets, window, at, around) else { break };
                if self.open.len() == outer {
                    break;
                }
                at = end;
                let Some(ended) = self.open.pop() else { break };
                if ended.bindings < self.scope.len() {
                    self.scope.truncate(ended.bindings);
                }
                copy.leave(self.open.len());
                let Some(open) = self.open.last() else { break };
                around = open.name;
            } else {
                let block = canonical::block(window, 1);
                let Some(short) = Mask::name(block) else { break };
                let name = NameSpan { start: at + 1, end: at + 1 + short.length, colon: short.colon };
                if at == except || nodes >= bounds.nodes || self.open.len() >= bounds.depth {
                    break;
                }
                let bindings = self.scope.len();
                let as_around = around.colon == name.colon
                    && canonical::begins_with(block, octets, around.start, name.colon);
                let namespace = if as_around { self.open.last().map(|open| open.namespace) } else { None };
                let namespace = match (window[(1 + short.length) % WINDOW], namespace) {
                    (b'>', Some(namespace)) => {
                        at = name.end + 1;
                        namespace
                    }
                    _ => {
                        let tag = Tag { start: at, name, namespace, in_scope };
                        let Some(taken) = self.take_tag(&tag, &mut listed, &bounds, from, copy) else {
                            self.scope.truncate(bindings);
                            break;
                        };
                        (at, from) = (taken.end, taken.from);
                        taken.namespace
                    }
                };
                around = name;
                self.open.push(Open { name, namespace, bindings });
                nodes += 1;
            }
        }
        if from < at {
            copy.take(from..at);
        }
        if let Some(meter) = &mut self.meter {
            let after = self.open[outer..].iter().skip(1).map(|open| open.bindings).chain([self.scope.len()]);
            meter.count_passed(nodes, outer..self.open.len(), after.map(|bindings| bindings - in_scope));
        }
        self.lexer.go_to(at, self.open.len());
    }

    /// Copies a start tag in canonical form, if that is simple. What it puts in scope stays there also where it is not.
    #[inline(always)]
    fn take_tag(
        &mut self,
        tag: &Tag,
        listed: &mut [CanonicalAttribute; MOST_ATTRIBUTES],
        bounds: &Bounds,
        from: usize,
        copy: &mut impl CanonicalCopy<'i>,
    ) -> Option<Taken> {
        let octets = self.lexer.document().as_bytes();
        let read = CanonicalTag::read(octets, tag.name.end, listed)?;
        if read.end - tag.start > bounds.tag {
            return None;
        }
        if let Some(namespace) = tag.namespace.filter(|_| read.is_simple) {
            return Some(Taken { namespace, end: read.end, from });
        }
        if read.declarations > 0 {
            let declared = self.scope.len() - tag.in_scope + read.declarations;
            if declared > bounds.namespaces || read.end - tag.start > bounds.name {
                return None;
            }
            self.declare_simple(&listed[..read.number], copy)?;
        }
        let namespace = match tag.namespace {
            Some(namespace) if read.declarations == 0 => namespace,
            _ => Some(self.simple_namespace(tag.name)?),
        };
        self.take_in_order(tag.name, (listed, read.number), namespace, from, copy)?;
        Some(Taken { namespace, end: read.end, from: read.end - 1 })
    }

    /// Puts in scope what a tag declares, if each prefix has one meaning that needs no second look.
    #[inline]
    fn declare_simple(&mut self, listed: &[CanonicalAttribute], copy: &impl CanonicalCopy<'i>) -> Option<()> {
        let (document, outer) = (self.lexer.document(), self.scope.len());
        for attribute in listed.iter().filter(|attribute| attribute.is_declaration) {
            let (prefix, uri) = (&document[attribute.local_name()], &document[attribute.value()]);
            let declaration = &document[attribute.range()];
            let is_simple = copy.declares_by_need()
                && (declaration == self.declared_last || declares_simply(prefix, uri))
                && self.bindings()[outer..].iter().all(|binding| binding.prefix() != prefix);
            if !is_simple {
                return None;
            }
            self.declared_last = declaration;
            self.scope.bind_written(prefix, Cow::Borrowed(uri), Some(attribute.range()));
        }
        Some(())
    }

    /// Which binding a name has whose prefix is bound and not that of XML.
    #[inline]
    fn simple_namespace(&self, name: NameSpan) -> Option<usize> {
        let prefix = name.start..name.start + name.colon;
        self.binding_at(prefix).filter(|binding| *binding != Self::XML)
    }

    /// Which binding the prefix has that stands there.
    #[inline]
    fn binding_at(&self, prefix: Range<usize>) -> Option<usize> {
        let octets = self.lexer.document().as_bytes();
        self.scope.find(Leading::at(octets, prefix.start, prefix.len()), &octets[prefix])
    }

    /// The binding of the prefix `xml`.
    const XML: usize = 0;

    /// Takes a tag with its declarations and attributes in canonical order, but for the octet that ends it.
    #[inline]
    fn take_in_order(
        &self,
        name: NameSpan,
        (listed, attributes): (&mut [CanonicalAttribute; MOST_ATTRIBUTES], usize),
        namespace: Option<usize>,
        from: usize,
        copy: &mut impl CanonicalCopy<'i>,
    ) -> Option<()> {
        let octets = self.lexer.document().as_bytes();
        let (mut needed, mut number) = ([0; MOST_DECLARED], 0);
        if let Some(binding) = namespace.filter(|binding| !copy.has(*binding)) {
            needed[0] = binding;
            number = 1;
        }
        for attribute in listed[..attributes]
            .iter_mut()
            .filter(|attribute| attribute.has_prefix() && !attribute.is_declaration)
        {
            let (prefix, local_name) = (attribute.prefix(), attribute.local_name());
            let is_xml = &octets[prefix.clone()] == b"xml";
            let binding = if is_xml { Some(Self::XML) } else { self.binding_at(prefix) };
            let binding = binding.filter(|_| &octets[local_name] != b"xmlns")?;
            attribute.binding = place(binding);
            if binding != Self::XML && !copy.has(binding) && !needed[..number].contains(&binding) {
                *needed.get_mut(number)? = binding;
                number += 1;
            }
        }
        let binding = |index: usize| &self.bindings()[index];
        let may_declare = |index: &usize| {
            let binding = binding(*index);
            copy.declares_by_need() && binding.written().is_some() && !copy.has_prefix(binding.prefix())
        };
        // What has no namespace comes first; one namespace may have several prefixes.
        let by_namespace = |one: u32, other: u32| match (one, other) {
            _ if one == other => Ordering::Equal,
            (CanonicalAttribute::UNBOUND, _) => Ordering::Less,
            (_, CanonicalAttribute::UNBOUND) => Ordering::Greater,
            _ => binding(one as usize).uri().cmp(binding(other as usize).uri()),
        };
        let needed = &mut needed[..number];
        // Places are sorted and not what stands there: what was just written in parts is slow to read whole.
        let mut order: [u8; MOST_ATTRIBUTES] = [0, 1, 2, 3, 4, 5, 6, 7];
        let order = &mut order[..attributes];
        let is_simple = needed.iter().all(may_declare)
            && sort_few(needed, |one, other| binding(*one).prefix().cmp(binding(*other).prefix()))
            && sort_few(order, |one, other| {
                let (one, other) =
                    (&listed[*one as usize % MOST_ATTRIBUTES], &listed[*other as usize % MOST_ATTRIBUTES]);
                by_namespace(one.binding, other.binding)
                    .then_with(|| cmp_names(octets, one.local_name(), other.local_name()))
            });
        if !is_simple {
            return None;
        }
        copy.take(from..name.end);
        for index in &*needed {
            if let Some(declaration) = binding(*index).written() {
                copy.take(declaration);
            }
            copy.declare(self.open.len() + 1, *index, binding(*index));
        }
        for place in order {
            let attribute = &listed[*place as usize % MOST_ATTRIBUTES];
            if !attribute.is_declaration {
                copy.take(attribute.range());
            }
        }
        Some(())
    }
}

/// The order of two names in the document.
#[inline]
fn cmp_names(octets: &[u8], one: Range<usize>, other: Range<usize>) -> Ordering {
    let leading = |name: &Range<usize>| Leading::at(octets, name.start, name.len());
    leading(&one).cmp(&leading(&other)).then_with(|| octets[one].cmp(&octets[other]))
}

/// How many declarations one tag gets at most in a copy. More are made the long way.
const MOST_DECLARED: usize = 4;

/// Whether a declaration is right, and means what is written.
fn declares_simply(prefix: &str, uri: &str) -> bool {
    !matches!(prefix, "xml" | "xmlns")
        && !matches!(uri, XML | XMLNS)
        && is_absolute(uri)
        && !uri.contains('&')
}

/// Sorts few values; says no if two are equal.
#[inline]
fn sort_few<T>(values: &mut [T], order: impl Fn(&T, &T) -> Ordering) -> bool {
    for place in 1..values.len() {
        for at in (1..=place).rev() {
            match order(&values[at - 1], &values[at]) {
                Ordering::Less => break,
                Ordering::Equal => return false,
                Ordering::Greater => values.swap(at - 1, at),
            }
        }
    }
    true
}

/// What the limits still allow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) nodes: usize,
    pub(crate) depth: usize,
    pub(crate) attributes: usize,
    pub(crate) name: usize,
    pub(crate) tag: usize,
    /// Declarations inside the open element.
    pub(crate) namespaces: usize,
}

impl Bounds {
    const NONE: Self = Self {
        nodes: usize::MAX,
        depth: usize::MAX,
        attributes: usize::MAX,
        name: usize::MAX,
        tag: usize::MAX,
        namespaces: usize::MAX,
    };

    /// Whether they allow all names, and numbers of attributes, that are read the short way.
    const fn allow_short(&self) -> bool {
        self.name >= LENGTH && self.attributes >= MOST_ATTRIBUTES && self.tag >= WINDOW
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, Limits, Markup};

    const DOCUMENTS: [&str; 3] = [
        "<p:a xmlns:p=\"urn:p\" xmlns=\"urn:d\"><p:b x=\"1\" y=\"&amp;'\">text &lt; more</p:b>\n  <c i=\"2\"><c/> &#65;<p:d \
         ></p:d></c><q:e xmlns:q=\"urn:q\"><p:f>]] é</p:f><q:g></q:g></q:e>]<p:h b=\"\" a=\"\"></p:h></p:a>",
        "<a><b Id=\"i\">1</b><b Id='i'>2</b><b xmlns=\"\"></b><b a=\"&gt;\"></b><!-- c --><![CDATA[x]]>y</a>",
        "<longer-than-a-block:and-more xmlns:longer-than-a-block=\"urn:l\"><b>0123456789abcdef0123456789abcdef0123</b>\
         <bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb></bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb></longer-than-a-block:and-more>",
    ];

    /// Takes note of what a copy would hold.
    struct Pieces {
        pieces: Vec<Range<usize>>,
        has: fn(usize) -> bool,
        by_need: bool,
        declared: Vec<(usize, usize)>,
    }

    impl Pieces {
        fn new(has: fn(usize) -> bool, by_need: bool) -> Self {
            Self { pieces: Vec::new(), has, by_need, declared: Vec::new() }
        }
    }

    impl CanonicalCopy<'_> for Pieces {
        fn take(&mut self, piece: Range<usize>) {
            self.pieces.push(piece);
        }

        fn has(&self, binding: usize) -> bool {
            (self.has)(binding) || self.declared.iter().any(|(_, declared)| *declared == binding)
        }

        fn declares_by_need(&self) -> bool {
            self.by_need
        }

        fn has_prefix(&self, _: &str) -> bool {
            false
        }

        fn declare(&mut self, depth: usize, index: usize, _: &Binding<'_>) {
            self.declared.push((depth, index));
        }

        fn leave(&mut self, depth: usize) {
            while self.declared.pop_if(|(declared, _)| *declared > depth).is_some() {}
        }
    }

    /// The end of reading, and how many octets were passed over on the way.
    fn read(input: &[u8], limits: &Limits, passes: bool) -> (Result<(), Error>, usize) {
        let mut passed = 0;
        let mut read = || {
            let mut reader = Reader::new(input, limits)?.with_ids();
            while reader.next()?.is_some() {
                let before = reader.range().end;
                if passes {
                    reader.copy_canonical(None, &mut NoCopy);
                }
                passed += reader.range().end - before;
            }
            reader.require_unique_ids()
        };
        (read(), passed)
    }

    /// Whether a document is refused, and why and where, does not depend on what is passed over.
    fn assert_same(input: &[u8], limits: &Limits) {
        let shown = || String::from_utf8_lossy(input).into_owned();
        assert_eq!(read(input, limits, true).0, read(input, limits, false).0, "{}", shown());
    }

    #[test]
    fn what_is_passed_over_is_checked_and_counted_as_what_is_met() {
        let limits = Limits::default();
        assert_same(b"<a>1<xml:b></xml:b>0123456789abcdef0123456789abcdef</a>", &limits);
        for document in DOCUMENTS {
            assert!(read(document.as_bytes(), &limits, true).1 > 0, "{document}");
            for at in 0..document.len() {
                assert_same(&document.as_bytes()[..at], &limits);
                for octet in b"<>/&;\"' =:ax-]\t\r\x01\xc3\xef" {
                    let mut changed = document.as_bytes().to_vec();
                    changed[at] = *octet;
                    assert_same(&changed, &limits);
                    changed.insert(at, document.as_bytes()[at]);
                    assert_same(&changed, &limits);
                }
            }
        }
    }

    #[test]
    fn each_limit_holds_for_what_is_passed_over() {
        for document in DOCUMENTS {
            for most in 0..50 {
                for set in [
                    |limits: &mut Limits, most| limits.nodes = most,
                    |limits, most| limits.depth = most,
                    |limits, most| limits.attributes = most,
                    |limits, most| limits.name = most,
                    |limits, most| limits.tag = most,
                    |limits, most| limits.namespaces = most,
                    |limits, most| limits.ids = most,
                ] as [fn(&mut Limits, usize); 7]
                {
                    let mut limits = Limits::default();
                    set(&mut limits, most);
                    assert_same(document.as_bytes(), &limits);
                }
            }
        }
    }

    /// What is copied of the content of the first element.
    fn copied(input: &str, except: Option<usize>, mut copy: Pieces) -> String {
        // What stands within a window of the end is met, wherever it could be copied.
        let padded = format!("{input}{}", " ".repeat(WINDOW));
        let mut reader = Reader::new(padded.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(reader.next(), Ok(Some(Markup::Start)));
        reader.copy_canonical(except, &mut copy);
        copy.pieces.into_iter().map(|piece| &padded[piece]).collect()
    }

    #[test]
    fn a_copy_is_canonical_or_ends() {
        let all = |input: &str| copied(input, None, Pieces::new(|_| true, true));
        for (input, expected) in [
            ("<a>1<b x=\"1\" y=\"2\">&lt;</b><b>2</b></a>", "1<b x=\"1\" y=\"2\">&lt;</b><b>2</b>"),
            ("<a>1>2</a>", ""),
            ("<a>1<b/></a>", "1"),
            ("<a>1<b ></b></a>", "1"),
            ("<a>1<b  x=\"1\"></b></a>", "1"),
            ("<a>1<b x='1'></b></a>", "1"),
            ("<a>1<b x=\"&gt;\"></b></a>", "1"),
            ("<a>1<b y=\"1\" x=\"2\"></b></a>", "1<b x=\"2\" y=\"1\"></b>"),
            ("<a>1<b xml:x=\"2\" y=\"1\"></b></a>", "1<b y=\"1\" xml:x=\"2\"></b>"),
            ("<a>1<b x=\"2\" x=\"1\"></b></a>", "1"),
            ("<a>1<b q:x=\"2\"></b></a>", "1"),
            ("<a>1<b xmlns=\"\"></b></a>", "1"),
            ("<a>1<b xmlns=\"b\"></b></a>", "1"),
            ("<a>1<b xmlns:xml=\"urn:x\"></b></a>", "1"),
            ("<a>1<b xmlns:p=\"urn:p\" xmlns:p=\"urn:p\"></b></a>", "1"),
            ("<a>1<b xml:xmlns=\"\"></b></a>", "1"),
            ("<a>1<xml:b></xml:b></a>", "1"),
            ("<a>1<b Id=\"1\"></b></a>", "1"),
            ("<a>1<b xml:id=\"1\"></b></a>", "1"),
            ("<a>1<b></b ></a>", "1<b>"),
            ("<a>1<!-- c --></a>", "1"),
            ("<a>1<b>\r</b></a>", "1<b>"),
            ("<a>1<b>&#xD;</b></a>", "1<b>"),
            ("<a>1<b xmlns:p=\"urn:p\"></b></a>", "1"),
            ("<a xmlns=\"urn:d\">1<b xmlns:p=\"urn:p\"></b></a>", "1<b></b>"),
        ] {
            assert_eq!(all(input), expected, "{input}");
        }
    }

    #[test]
    fn a_copy_declares_what_it_needs_where_it_may() {
        let by_need = |input: &str| copied(input, None, Pieces::new(|binding| binding < 2, true));
        let two = "<p:a xmlns:p=\"urn:p\" xmlns:q=\"urn:q\">1<q:b>2</q:b></p:a>";
        assert_eq!(copied(two, None, Pieces::new(|_| true, false)), "1<q:b>2</q:b>");
        assert_eq!(copied(two, None, Pieces::new(|_| false, false)), "1");
        assert_eq!(copied(two, two.find("<q:b>"), Pieces::new(|_| true, true)), "1");
        assert_eq!(by_need(two), "1<q:b xmlns:q=\"urn:q\">2</q:b>");

        let around = "<p:a xmlns:p=\"urn:p\" xmlns:q=\"urn:q\" xmlns:r='urn:r'>1";
        for (content, expected) in [
            // Twice beside each other, once inside each other.
            (
                "<q:b><q:c></q:c></q:b><q:d></q:d>",
                "<q:b xmlns:q=\"urn:q\"><q:c></q:c></q:b><q:d xmlns:q=\"urn:q\"></q:d>",
            ),
            // In the order of prefixes, before all attributes, and only if used.
            (
                "<z:b q:y=\"1\" xmlns:z=\"urn:z\" x=\"2\" xmlns:u=\"urn:u\"></z:b>",
                "<z:b xmlns:q=\"urn:q\" xmlns:z=\"urn:z\" x=\"2\" q:y=\"1\"></z:b>",
            ),
            // Attributes by the names of their namespaces, not by their prefixes.
            (
                "<p:b a:x=\"1\" z:x=\"2\" xmlns:a=\"urn:2\" xmlns:z=\"urn:1\"></p:b>",
                "<p:b xmlns:a=\"urn:2\" xmlns:z=\"urn:1\" z:x=\"2\" a:x=\"1\"></p:b>",
            ),
            // One attribute with two prefixes.
            ("<p:b a:x=\"1\" z:x=\"2\" xmlns:a=\"urn:1\" xmlns:z=\"urn:1\"></p:b>", ""),
            // The declaration is not written as canonical XML writes it.
            ("<r:b></r:b>", ""),
        ] {
            assert_eq!(by_need(&format!("{around}{content}</p:a>")), format!("1{expected}"), "{content}");
        }
    }
}
