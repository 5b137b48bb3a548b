use crate::leading::Leading;
use crate::limits::place;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// The namespace that the prefix `xml` is bound to, always.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// A prefix and the namespace name that it is bound to.
#[derive(Clone, Debug)]
pub struct Binding<'i> {
    prefix: &'i str,
    leading: Leading,
    uri: Cow<'i, str>,
    /// The last octets of the namespace name, if it has so many: most names differ there, while they begin alike.
    uri_end: Option<[u8; 8]>,
    identity: u32,
    /// The binding that its prefix has around it.
    overrides: Option<usize>,
    /// Where its declaration stands in the document with one space before it, if canonical XML writes it so.
    written: Option<(u32, u32)>,
}

impl<'i> Binding<'i> {
    /// The prefix, or the empty string for the default namespace.
    #[must_use]
    pub const fn prefix(&self) -> &'i str {
        self.prefix
    }

    /// The namespace name; empty where the default namespace is taken back.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// A number that two bindings in scope have in common if and only if they have their namespace name in common; 0 is
    /// the empty name. Names may be long, numbers are compared at once.
    #[must_use]
    pub const fn identity(&self) -> u32 {
        self.identity
    }

    #[inline]
    pub(crate) fn written(&self) -> Option<Range<usize>> {
        self.written.map(|(start, end)| start as usize..end as usize)
    }

    pub(crate) const fn uri_text(&self) -> &Cow<'i, str> {
        &self.uri
    }
}

/// Up to so many bindings are looked through one by one; more are looked up, so that a document with many costs no more
/// for each name than any other.
const FEW: usize = 16;

/// How many bindings a message has in scope, or a few more.
const USUAL: usize = 8;

/// The namespaces in scope, innermost last; those that are overridden stay.
#[derive(Clone, Debug)]
pub(crate) struct Scope<'i> {
    bindings: Vec<Binding<'i>>,
    /// Where the binding of each prefix stands, once there are many.
    by_prefix: HashMap<&'i [u8], usize>,
    /// The last number that a namespace name was given.
    last: u32,
}

impl<'i> Scope<'i> {
    /// What is in scope of every document: the prefix `xml`.
    pub(crate) fn new() -> Self {
        let mut scope = Self { bindings: Vec::with_capacity(USUAL), by_prefix: HashMap::new(), last: 0 };
        scope.bind("xml", Cow::Borrowed(XML));
        scope
    }

    pub(crate) fn bindings(&self) -> &[Binding<'i>] {
        &self.bindings
    }

    /// How many bindings there are, overridden ones included.
    pub(crate) const fn len(&self) -> usize {
        self.bindings.len()
    }

    /// Forgets all bindings but the first.
    pub(crate) fn truncate(&mut self, length: usize) {
        if self.bindings.len() > FEW {
            for binding in self.bindings.drain(length.max(FEW)..).rev() {
                match binding.overrides {
                    Some(overridden) => self.by_prefix.insert(binding.prefix.as_bytes(), overridden),
                    None => self.by_prefix.remove(binding.prefix.as_bytes()),
                };
            }
            if length <= FEW {
                self.by_prefix.clear();
            }
        }
        self.bindings.truncate(length);
    }

    /// Puts a binding in scope.
    pub(crate) fn bind(&mut self, prefix: &'i str, uri: Cow<'i, str>) {
        self.bind_written(prefix, uri, None);
    }

    /// The same, where the declaration stands in the document as canonical XML writes it.
    pub(crate) fn bind_written(&mut self, prefix: &'i str, uri: Cow<'i, str>, written: Option<Range<usize>>) {
        let (leading, uri_end) = (Leading::of(prefix.as_bytes()), uri.as_bytes().last_chunk().copied());
        let same = self.bindings.iter().find(|binding| binding.uri_end == uri_end && binding.uri == uri);
        let identity = match same {
            Some(binding) => binding.identity,
            None if uri.is_empty() => 0,
            None => {
                self.last += 1;
                self.last
            }
        };
        let overrides = self.find(leading, prefix.as_bytes());
        let index = self.bindings.len();
        let written = written.map(|found| (place(found.start), place(found.end)));
        self.bindings.push(Binding { prefix, leading, uri, uri_end, identity, overrides, written });
        if index > FEW {
            self.by_prefix.insert(prefix.as_bytes(), index);
        } else if index == FEW {
            let places =
                self.bindings.iter().enumerate().map(|(index, binding)| (binding.prefix.as_bytes(), index));
            self.by_prefix.extend(places);
        }
    }

    /// Which binding a prefix (empty for the default namespace) has.
    #[inline]
    pub(crate) fn lookup(&self, prefix: &str) -> Option<usize> {
        self.find(Leading::of(prefix.as_bytes()), prefix.as_bytes())
    }

    /// The same, where the prefix is known by its number too.
    #[inline]
    pub(crate) fn find(&self, leading: Leading, prefix: &[u8]) -> Option<usize> {
        if self.bindings.len() > FEW {
            return self.by_prefix.get(prefix).copied();
        }
        let is_short = prefix.len() < Leading::LENGTH;
        self.bindings.iter().rposition(|binding| {
            binding.leading == leading
                && binding.prefix.len() == prefix.len()
                && (is_short || binding.prefix.as_bytes() == prefix)
        })
    }

    /// The number of the namespace name of a binding, or of none.
    #[inline]
    pub(crate) fn identity(&self, binding: Option<usize>) -> u32 {
        binding.map_or(0, |binding| self.bindings[binding].identity)
    }
}

/// Whether two short texts are equal. Calling out to compare them would cost more.
#[inline(always)]
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_one_number_while_it_is_in_scope() {
        let mut scope = Scope::new();
        for (prefix, uri) in [("p", "urn:a"), ("", "urn:b"), ("q", "urn:a"), ("", "")] {
            scope.bind(prefix, Cow::Borrowed(uri));
        }

        let numbers = |prefixes: [&str; 3]| prefixes.map(|prefix| scope.identity(scope.lookup(prefix)));
        let [p, q, default] = numbers(["p", "q", ""]);
        assert_eq!((p, default), (q, 0));
        assert_ne!(p, scope.identity(scope.lookup("xml")));
        assert_eq!(scope.lookup("r"), None);

        // Whatever the number of bindings, each prefix has the innermost.
        let prefixes: Vec<String> = (0..40).map(|n| format!("n{}", n % 23)).collect();
        for (place, prefix) in prefixes.iter().enumerate() {
            assert_eq!(scope.len(), 5 + place);
            scope.bind(prefix, Cow::Borrowed("urn:n"));
        }
        for length in (5..=45).rev() {
            scope.truncate(length);
            for prefix in prefixes.iter().map(String::as_str).chain(["p", "q", "", "xml", "unknown"]) {
                let innermost = scope.bindings().iter().rposition(|binding| binding.prefix == prefix);
                assert_eq!(scope.lookup(prefix), innermost, "{prefix} of {length}");
            }
        }

        scope.truncate(3);
        assert_eq!(scope.bindings()[scope.lookup("").unwrap()].uri(), "urn:b");
    }

    #[test]
    fn prefixes_that_begin_alike_are_told_apart() {
        let prefixes = ["abcdefg", "abcdefgh", "abcdefghi", "abcdefghj", "abcdefghijklmnopqr"];
        for first in 0..prefixes.len() {
            let mut scope = Scope::new();
            let in_turn = || (1..).zip(prefixes.iter().cycle().skip(first).take(prefixes.len()));
            for (place, prefix) in in_turn() {
                assert_eq!(scope.lookup(prefix), None, "{prefix}");
                scope.bind(prefix, Cow::Borrowed("urn:x"));
                assert_eq!(scope.lookup(prefix), Some(place), "{prefix}");
            }
            for (place, prefix) in in_turn() {
                assert_eq!(scope.lookup(prefix), Some(place), "{prefix}");
            }
            for unknown in ["abcdef", "abcdefghk", "abcdefghijklmnopq", "abcdefg\0", "\0", "xml\0"] {
                assert_eq!(scope.lookup(unknown), None, "{unknown}");
            }
        }
    }
}
