mod base;
mod prefix_list;
mod sink;

pub use prefix_list::PrefixList;
pub(crate) use sink::LimitedBuffer;
pub use sink::Sink;

use crate::{Error, names};
use ksz_pki::{Digest, Sha256};
use ksz_xml::{Attribute, Document, Element, Event, Events, escape_attribute, escape_text};

/// One of the six ways to write XML so that equal documents have equal octets.
///
/// The octets go straight into a [`Sink`], such as a hash. Signed messages use exclusive canonicalization without
/// comments and nothing else; the others are for documents of other worlds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CanonicalizationMethod {
    algorithm: Algorithm,
    with_comments: bool,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Algorithm {
    Exclusive(PrefixList),
    Inclusive(Version),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Version {
    One,
    OneOne,
}

impl CanonicalizationMethod {
    /// Exclusive XML Canonicalization 1.0: a namespace is declared where an element or attribute visibly uses it, and
    /// not again below; prefixes of the list are treated as inclusive canonicalization treats all (section 3).
    #[must_use]
    pub const fn exclusive(prefixes: PrefixList) -> Self {
        Self { algorithm: Algorithm::Exclusive(prefixes), with_comments: false }
    }

    /// Canonical XML 1.0: every namespace in scope is declared, and an element taken out of its document inherits the
    /// attributes `xml:*` of its ancestors (section 2.4).
    #[must_use]
    pub const fn inclusive() -> Self {
        Self { algorithm: Algorithm::Inclusive(Version::One), with_comments: false }
    }

    /// Canonical XML 1.1: of those attributes, `xml:lang` and `xml:space` are inherited, `xml:base` is joined with
    /// those of the ancestors, and `xml:id` is not (section 2.4).
    #[must_use]
    pub const fn inclusive_11() -> Self {
        Self { algorithm: Algorithm::Inclusive(Version::OneOne), with_comments: false }
    }

    /// The same algorithm with comments.
    #[must_use]
    pub const fn with_comments(mut self) -> Self {
        self.with_comments = true;
        self
    }

    /// The method of an identifier; `prefixes` is the parameter of the exclusive ones.
    ///
    /// # Errors
    ///
    /// [`Error::AlgorithmNotAccepted`] for any other.
    pub fn from_uri(uri: &str, prefixes: PrefixList) -> Result<Self, Error> {
        match uri {
            names::EXCLUSIVE_C14N => Ok(Self::exclusive(prefixes)),
            names::EXCLUSIVE_C14N_WITH_COMMENTS => Ok(Self::exclusive(prefixes).with_comments()),
            names::INCLUSIVE_C14N => Ok(Self::inclusive()),
            names::INCLUSIVE_C14N_WITH_COMMENTS => Ok(Self::inclusive().with_comments()),
            names::INCLUSIVE_C14N_11 => Ok(Self::inclusive_11()),
            names::INCLUSIVE_C14N_11_WITH_COMMENTS => Ok(Self::inclusive_11().with_comments()),
            other => Err(Error::not_accepted("CanonicalizationMethod", other)),
        }
    }

    /// Whether it has the parameter `InclusiveNamespaces`.
    #[must_use]
    pub const fn takes_prefixes(&self) -> bool {
        matches!(self.algorithm, Algorithm::Exclusive(_))
    }

    /// Its identifier.
    #[must_use]
    pub const fn uri(&self) -> &'static str {
        match (&self.algorithm, self.with_comments) {
            (Algorithm::Exclusive(_), false) => names::EXCLUSIVE_C14N,
            (Algorithm::Exclusive(_), true) => names::EXCLUSIVE_C14N_WITH_COMMENTS,
            (Algorithm::Inclusive(Version::One), false) => names::INCLUSIVE_C14N,
            (Algorithm::Inclusive(Version::One), true) => names::INCLUSIVE_C14N_WITH_COMMENTS,
            (Algorithm::Inclusive(Version::OneOne), false) => names::INCLUSIVE_C14N_11,
            (Algorithm::Inclusive(Version::OneOne), true) => names::INCLUSIVE_C14N_11_WITH_COMMENTS,
        }
    }

    /// Writes an element and everything in it.
    pub fn canonicalize(&self, element: Element<'_>, sink: &mut impl Sink) {
        Walk::new(self, sink).run(element.events(), None);
    }

    /// Writes an element without one of its descendants: the enveloped signature transform (XML Signature 1.1
    /// section 6.6.4) followed by this algorithm.
    pub fn canonicalize_without(&self, element: Element<'_>, omitted: Element<'_>, sink: &mut impl Sink) {
        Walk::new(self, sink).run(element.events(), Some(omitted));
    }

    /// Writes a whole document: processing instructions and, with comments, comments outside the document
    /// element stand on lines of their own (Canonical XML 1.0 section 2.3).
    pub fn canonicalize_document(&self, document: &Document<'_>, sink: &mut impl Sink) {
        Walk::new(self, sink).run(document.events(), None);
    }

    /// SHA-256 over the octets of an element.
    #[must_use]
    pub fn digest(&self, element: Element<'_>) -> Digest {
        let mut hash = Sha256::new();
        self.canonicalize(element, &mut hash);
        hash.finish()
    }
}

/// The namespace of the attributes that every element knows.
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// One run of the algorithm: what has been declared in the output so far, and buffers that are used again.
struct Walk<'w, 'd, S> {
    method: &'w CanonicalizationMethod,
    sink: &'w mut S,
    /// Prefix and name of each declaration of the open elements, outermost first.
    rendered: Vec<(&'d str, &'d str)>,
    /// The open elements: how many declarations there were before each, and its name.
    frames: Vec<(usize, &'d str)>,
    declared: Vec<(&'d str, &'d str)>,
    attributes: Vec<Attribute<'d>>,
    after_root: bool,
}

impl<'w, 'd, S: Sink> Walk<'w, 'd, S> {
    const fn new(method: &'w CanonicalizationMethod, sink: &'w mut S) -> Self {
        Self {
            method,
            sink,
            rendered: Vec::new(),
            frames: Vec::new(),
            declared: Vec::new(),
            attributes: Vec::new(),
            after_root: false,
        }
    }

    fn run(&mut self, mut events: Events<'d>, omitted: Option<Element<'d>>) {
        while let Some(event) = events.next() {
            if self.sink.is_full() {
                return;
            }
            match event {
                Event::Start(element) if Some(element) == omitted => events.pass_over(element),
                Event::Start(element) => self.start(element),
                Event::End(_) => self.end(),
                Event::Text(text) if !self.frames.is_empty() => {
                    escape_text(text, &mut |piece| self.sink.write(piece.as_bytes()));
                }
                Event::Comment(comment) if self.method.with_comments => {
                    self.own_line(|sink| {
                        sink.write(b"<!--");
                        write_lines(comment, sink);
                        sink.write(b"-->");
                    });
                }
                Event::ProcessingInstruction { target, data } => self.own_line(|sink| {
                    sink.write(b"<?");
                    sink.write(target.as_bytes());
                    if let Some(data) = data {
                        sink.write(b" ");
                        write_lines(data, sink);
                    }
                    sink.write(b"?>");
                }),
                _ => {}
            }
        }
    }

    fn start(&mut self, element: Element<'d>) {
        let name = element.qualified_name();
        self.frames.push((self.rendered.len(), name));
        self.sink.write(b"<");
        self.sink.write(name.as_bytes());
        self.declarations(element);

        let mut attributes = std::mem::take(&mut self.attributes);
        attributes.extend(element.attributes());
        let mut base = None;
        if self.frames.len() == 1
            && let Algorithm::Inclusive(version) = self.method.algorithm
        {
            base = inherit(element, version, &mut attributes);
        }
        if attributes.len() > 1 {
            attributes.sort_unstable_by_key(|attribute| (attribute.namespace(), attribute.local_name()));
        }
        for attribute in attributes.drain(..) {
            let joined = base.as_deref().filter(|_| is_xml(&attribute, "base"));
            self.sink.write(b" ");
            self.sink.write(attribute.qualified_name().as_bytes());
            self.sink.write(b"=\"");
            let value = joined.unwrap_or_else(|| attribute.value());
            escape_attribute(value, &mut |piece| self.sink.write(piece.as_bytes()));
            self.sink.write(b"\"");
        }
        self.attributes = attributes;
        self.sink.write(b">");
    }

    /// The declarations of one start tag, in the order of their prefixes.
    fn declarations(&mut self, element: Element<'d>) {
        let method = self.method;
        match &method.algorithm {
            Algorithm::Exclusive(prefixes) => {
                self.declare(element.prefix(), element.namespace());
                for attribute in element.attributes() {
                    let prefix = attribute.prefix();
                    if !prefix.is_empty() {
                        self.declare(prefix, attribute.namespace());
                    }
                }
                if !prefixes.is_empty() && (self.frames.len() == 1 || element.may_declare_namespaces()) {
                    if prefixes.contains("") {
                        self.declare("", element.lookup_namespace("").unwrap_or_default());
                    }
                    for (prefix, uri) in element.namespaces() {
                        if !prefix.is_empty() && prefixes.contains(prefix) {
                            self.declare(prefix, uri);
                        }
                    }
                }
            }
            Algorithm::Inclusive(_) => {
                self.declare("", element.lookup_namespace("").unwrap_or_default());
                for (prefix, uri) in element.namespaces().filter(|(prefix, _)| !prefix.is_empty()) {
                    self.declare(prefix, uri);
                }
            }
        }
        self.declared.sort_unstable();
        for (prefix, uri) in self.declared.drain(..) {
            self.sink.write(if prefix.is_empty() { b" xmlns" } else { b" xmlns:" });
            self.sink.write(prefix.as_bytes());
            self.sink.write(b"=\"");
            escape_attribute(uri, &mut |piece| self.sink.write(piece.as_bytes()));
            self.sink.write(b"\"");
            self.rendered.push((prefix, uri));
        }
    }

    /// Takes a declaration up unless the output has it already. The prefix `xml` is never declared, nor is the
    /// empty default namespace where none is in force.
    fn declare(&mut self, prefix: &'d str, uri: &'d str) {
        let in_force =
            self.rendered.iter().rev().find(|(found, _)| *found == prefix).map_or("", |(_, uri)| *uri);
        if prefix != "xml" && in_force != uri && !self.declared.contains(&(prefix, uri)) {
            self.declared.push((prefix, uri));
        }
    }

    fn end(&mut self) {
        if let Some((before, name)) = self.frames.pop() {
            self.sink.write(b"</");
            self.sink.write(name.as_bytes());
            self.sink.write(b">");
            self.rendered.truncate(before);
        }
        self.after_root = self.frames.is_empty();
    }

    /// Outside the document element, a line feed parts what is written from the element.
    fn own_line(&mut self, write: impl FnOnce(&mut S)) {
        let outside = self.frames.is_empty();
        if outside && self.after_root {
            self.sink.write(b"\n");
        }
        write(self.sink);
        if outside && !self.after_root {
            self.sink.write(b"\n");
        }
    }
}

/// Writes text whose line ends may be two characters, and are one (XML 1.0 section 2.11).
fn write_lines(text: &str, sink: &mut impl Sink) {
    let mut pieces = text.split("\r\n");
    sink.write(pieces.next().unwrap_or_default().as_bytes());
    for piece in pieces {
        sink.write(b"\n");
        sink.write(piece.as_bytes());
    }
}

/// Adds what an element taken out of its document inherits of its ancestors' attributes `xml:*` (Canonical XML 1.0 and
/// 1.1 section 2.4). Gives the value that `xml:base` has then, where it is joined.
fn inherit<'d>(apex: Element<'d>, version: Version, attributes: &mut Vec<Attribute<'d>>) -> Option<String> {
    let mut bases: Vec<&str> = Vec::new();
    bases.extend(attributes.iter().find(|attribute| is_xml(attribute, "base")).map(Attribute::value));
    let own = bases.len();
    let mut ancestor = apex.parent();
    while let Some(element) = ancestor {
        for attribute in element.attributes().filter(|attribute| attribute.namespace() == XML) {
            let inherited = match version {
                Version::One => true,
                Version::OneOne => matches!(attribute.local_name(), "lang" | "space" | "base"),
            };
            if is_xml(&attribute, "base") {
                bases.push(attribute.value());
            }
            if inherited && !attributes.iter().any(|present| is_xml(present, attribute.local_name())) {
                attributes.push(attribute);
            }
        }
        ancestor = element.parent();
    }
    if version == Version::One || bases.len() == own {
        return None;
    }
    bases.reverse();
    bases.into_iter().map(str::to_owned).reduce(|base, reference| base::join(&base, &reference))
}

fn is_xml(attribute: &Attribute<'_>, local_name: &str) -> bool {
    attribute.namespace() == XML && attribute.local_name() == local_name
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::Limits;

    fn canonical(input: &str, prefixes: &str) -> String {
        let document = Document::parse_with_instructions(input.as_bytes(), &Limits::default()).unwrap();
        let mut octets = Vec::new();
        CanonicalizationMethod::exclusive(PrefixList::parse(prefixes))
            .canonicalize_document(&document, &mut octets);
        String::from_utf8(octets).unwrap()
    }

    #[test]
    fn a_namespace_is_declared_where_it_is_used() {
        assert_eq!(
            canonical("<a xmlns:p='urn:p' xmlns:q='urn:q'><p:b q:c='1'><p:d/></p:b><p:e/></a>", ""),
            "<a><p:b xmlns:p=\"urn:p\" xmlns:q=\"urn:q\" q:c=\"1\"><p:d></p:d></p:b>\
             <p:e xmlns:p=\"urn:p\"></p:e></a>"
        );
    }

    #[test]
    fn a_listed_prefix_is_declared_where_it_is_in_scope() {
        let input = "<a xmlns='urn:d' xmlns:p='urn:p' xmlns:q='urn:q'><b xmlns=''/></a>";
        assert_eq!(
            canonical(input, "p q p unknown"),
            "<a xmlns=\"urn:d\" xmlns:p=\"urn:p\" xmlns:q=\"urn:q\"><b xmlns=\"\"></b></a>"
        );
        assert_eq!(canonical("<p:a xmlns='urn:d' xmlns:p='urn:p'/>", "#default"), {
            "<p:a xmlns=\"urn:d\" xmlns:p=\"urn:p\"></p:a>"
        });
    }

    #[test]
    fn a_line_end_is_a_line_feed_wherever_it_stands() {
        assert_eq!(
            canonical("<a>x\r\n&#65;\r\n<?p d\r\ne?><![CDATA[\r\n]]>&#xD;</a>", ""),
            "<a>x\nA\n<?p d\ne?>\n&#xD;</a>"
        );
    }

    #[test]
    fn what_stands_outside_the_document_element_has_lines_of_its_own() {
        assert_eq!(canonical("<?p d?><!-- c --><a/><?q?>", ""), "<?p d?>\n<a></a>\n<?q?>");
    }

    #[test]
    fn an_element_taken_out_inherits_what_its_version_says() {
        let input = "<a xmlns='urn:d' xmlns:p='urn:p' xml:lang='nl' xml:id='i' xml:base='http://x/y/z' xml:other='o'>\
                     <b xml:base='../w'><c xml:space='preserve'><d xmlns=''/></c></b></a>";
        let document = Document::parse(input.as_bytes(), &Limits::default()).unwrap();
        let c = document.root().children().next().unwrap().children().next().unwrap();
        let canonical = |method: CanonicalizationMethod| {
            let mut octets = Vec::new();
            method.canonicalize(c, &mut octets);
            String::from_utf8(octets).unwrap()
        };
        assert_eq!(
            canonical(CanonicalizationMethod::inclusive()),
            "<c xmlns=\"urn:d\" xmlns:p=\"urn:p\" xml:base=\"../w\" xml:id=\"i\" xml:lang=\"nl\" xml:other=\"o\" \
             xml:space=\"preserve\"><d xmlns=\"\"></d></c>"
        );
        assert_eq!(
            canonical(CanonicalizationMethod::inclusive_11()),
            "<c xmlns=\"urn:d\" xmlns:p=\"urn:p\" xml:base=\"http://x/w\" xml:lang=\"nl\" xml:space=\"preserve\">\
             <d xmlns=\"\"></d></c>"
        );
    }

    #[test]
    fn every_method_is_found_by_its_identifier() {
        for uri in [
            names::EXCLUSIVE_C14N,
            names::EXCLUSIVE_C14N_WITH_COMMENTS,
            names::INCLUSIVE_C14N,
            names::INCLUSIVE_C14N_WITH_COMMENTS,
            names::INCLUSIVE_C14N_11,
            names::INCLUSIVE_C14N_11_WITH_COMMENTS,
        ] {
            assert_eq!(CanonicalizationMethod::from_uri(uri, PrefixList::default()).unwrap().uri(), uri);
        }
        assert!(CanonicalizationMethod::from_uri("", PrefixList::default()).is_err());
    }

    #[test]
    fn an_omitted_descendant_leaves_no_trace() {
        let document = Document::parse(b"<a>1<b>2</b>3</a>", &Limits::default()).unwrap();
        let b = document.root().only_child("", "b").unwrap();
        let mut octets = Vec::new();
        CanonicalizationMethod::exclusive(PrefixList::default()).canonicalize_without(
            document.root(),
            b,
            &mut octets,
        );
        assert_eq!(octets, b"<a>13</a>");
    }
}
