use super::{Open, Reader};
use crate::lexer::canonical::{self, CanonicalStart};
use std::ops::Range;

impl Reader<'_> {
    /// Goes over what comes next inside the open element, as far as it is written as canonical XML writes it and no element
    /// of it declares a namespace; says where in [`Self::document`] that stands. Each element there has the prefix of the
    /// element around it, or one of the [`Self::bindings`] that `is_known`.
    ///
    /// It is the short way for whoever copies: all is checked and counted as by [`Self::next`], but not met one by one.
    /// Elements that begin there end there, or are open then; none that was open before ends. It stops before a start tag
    /// at `except`, before anything that is not so simple, and before what is refused: that is for [`Self::next`].
    pub fn pass_canonical(
        &mut self,
        except: Option<usize>,
        is_known: impl Fn(usize) -> bool,
    ) -> Range<usize> {
        let start = self.lexer.token_end();
        let Some(open) = self.open.last().filter(|_| !self.is_empty) else { return start..start };
        let octets = self.lexer.document().as_bytes();
        let (outer, except) = (self.open.len(), except.unwrap_or(usize::MAX));
        let bounds = self.meter.as_ref().map_or(Bounds::NONE, |meter| meter.bounds());
        let (mut around, mut at, mut nodes) = (open.name, start, 0);
        while let Some([first, second]) = octets.get(at..).and_then(<[u8]>::first_chunk) {
            if *first != b'<' {
                let Some(end) = canonical::text(octets, at).filter(|_| nodes < bounds.nodes) else { break };
                nodes += 1;
                at = end;
            } else if *second == b'/' {
                if self.open.len() == outer {
                    break;
                }
                let Some(end) = canonical::end_tag(octets, at, around) else { break };
                at = end;
                self.open.pop();
                let Some(open) = self.open.last() else { break };
                around = open.name;
            } else {
                let Some(tag) = canonical::start_tag(octets, at) else { break };
                if at == except || nodes >= bounds.nodes || !bounds.allow(&tag, at, self.open.len()) {
                    break;
                }
                let has_same_prefix = around.colon == tag.name.colon
                    && canonical::are_same(octets, around.start, tag.name.start, around.colon);
                let namespace = if has_same_prefix {
                    self.open.last().and_then(|open| open.namespace)
                } else {
                    let prefix = self.lexer.name_at(tag.name).prefix();
                    let binding = self.scope.lookup(prefix).filter(|binding| is_known(*binding));
                    if binding.is_none() || prefix == "xml" {
                        break;
                    }
                    binding
                };
                around = tag.name;
                self.open.push(Open { name: around, namespace, bindings: self.scope.len() });
                nodes += 1;
                at = tag.end;
            }
        }
        if let Some(meter) = &mut self.meter {
            meter.count_passed(nodes, outer..self.open.len());
        }
        self.lexer.go_to(at, self.open.len());
        start..at
    }
}

/// What the limits still allow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) nodes: usize,
    pub(crate) depth: usize,
    pub(crate) attributes: usize,
    pub(crate) name: usize,
    pub(crate) tag: usize,
}

impl Bounds {
    const NONE: Self = Self {
        nodes: usize::MAX,
        depth: usize::MAX,
        attributes: usize::MAX,
        name: usize::MAX,
        tag: usize::MAX,
    };

    #[inline(always)]
    const fn allow(&self, tag: &CanonicalStart, at: usize, depth: usize) -> bool {
        depth < self.depth
            && tag.attributes <= self.attributes
            && tag.longest_name <= self.name
            && tag.end - at <= self.tag
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

    /// The end of reading, and how many octets were passed over on the way.
    fn read(input: &[u8], limits: &Limits, passes: bool) -> (Result<(), Error>, usize) {
        let mut passed = 0;
        let mut read = || {
            let mut reader = Reader::new(input, limits)?.with_ids();
            while reader.next()?.is_some() {
                let range = if passes { reader.pass_canonical(None, |_| true) } else { 0..0 };
                passed += range.len();
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

    #[test]
    fn nothing_is_passed_over_that_a_copy_must_change() {
        let passed = |input: &str, except, is_known: fn(usize) -> bool| {
            // What stands within a block of the end is met, wherever it could be passed over.
            let padded = format!("{input}{}", " ".repeat(16));
            let mut reader = Reader::new(padded.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(reader.next(), Ok(Some(Markup::Start)));
            let range = reader.pass_canonical(except, is_known);
            input[range].to_owned()
        };
        let all = |input: &str| passed(input, None, |_| true);
        assert_eq!(
            all("<a>1<b x=\"1\" y=\"2\">&lt;</b><b>2</b></a>"),
            "1<b x=\"1\" y=\"2\">&lt;</b><b>2</b>"
        );
        for (input, expected) in [
            ("<a>1>2</a>", ""),
            ("<a>1<b/></a>", "1"),
            ("<a>1<b ></b></a>", "1"),
            ("<a>1<b  x=\"1\"></b></a>", "1"),
            ("<a>1<b x='1'></b></a>", "1"),
            ("<a>1<b x=\"&gt;\"></b></a>", "1"),
            ("<a>1<b y=\"1\" x=\"2\"></b></a>", "1"),
            ("<a>1<b xml:x=\"2\"></b></a>", "1"),
            ("<a>1<b xmlns=\"\"></b></a>", "1"),
            ("<a>1<xml:b></xml:b></a>", "1"),
            ("<a>1<b xmlns:p=\"urn:p\"></b></a>", "1"),
            ("<a>1<b Id=\"1\"></b></a>", "1"),
            ("<a>1<b></b ></a>", "1<b>"),
            ("<a>1<!-- c --></a>", "1"),
            ("<a>1<b>\r</b></a>", "1<b>"),
            ("<a>1<b>&#xD;</b></a>", "1<b>"),
        ] {
            assert_eq!(all(input), expected, "{input}");
        }

        let two = "<p:a xmlns:p=\"urn:p\" xmlns:q=\"urn:q\">1<q:b>2</q:b></p:a>";
        assert_eq!(passed(two, None, |_| true), "1<q:b>2</q:b>");
        assert_eq!(passed(two, None, |_| false), "1");
        assert_eq!(passed(two, two.find("<q:b>"), |_| true), "1");
    }
}
