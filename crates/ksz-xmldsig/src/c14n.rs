mod base;
mod inherited;
mod prefix_list;
mod sink;
mod walk;

pub use prefix_list::PrefixList;
pub(crate) use sink::LimitedBuffer;
pub use sink::{Sink, WriterSink};
pub use walk::Expand;

use crate::written::WrittenElement;
use crate::{Error, names};
use inherited::Inherited;
use ksz_pki::{Digest, DigestAlgorithm, Hasher};
use ksz_xml::{Document, Element, Reader};
use walk::Walk;

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

    /// The same algorithm without comments.
    pub(crate) const fn without_comments(mut self) -> Self {
        self.with_comments = false;
        self
    }

    /// The same algorithm, which also declares the default namespace of its first element: that of an exclusive one
    /// has the prefix `#default`.
    pub(crate) fn and_default_namespace(self) -> Self {
        match self.algorithm {
            Algorithm::Exclusive(prefixes) => {
                Self { algorithm: Algorithm::Exclusive(prefixes.and_default()), ..self }
            }
            Algorithm::Inclusive(_) => self,
        }
    }

    /// Its parameter `InclusiveNamespaces`, if it stands in an element.
    pub(crate) fn written_prefixes(&self) -> Option<&PrefixList> {
        match &self.algorithm {
            Algorithm::Exclusive(prefixes) => Some(prefixes).filter(|prefixes| prefixes.is_written()),
            Algorithm::Inclusive(_) => None,
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
    ///
    /// # Errors
    ///
    /// None that is known for an element of a document that was read; it is no empty output in any case.
    pub fn canonicalize(&self, element: Element<'_>, sink: &mut impl Sink) -> Result<(), ksz_xml::Error> {
        Walk::new(self, sink).run(element.reader(), &self.inherited(element)?, None)
    }

    /// Writes an element without one of its descendants: the enveloped signature transform (XML Signature 1.1
    /// section 6.6.4) followed by this algorithm.
    ///
    /// # Errors
    ///
    /// Those of [`Self::canonicalize`].
    pub fn canonicalize_without(
        &self,
        element: Element<'_>,
        omitted: Element<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), ksz_xml::Error> {
        require_inside(omitted, element)?;
        let place = omitted.range().start - element.range().start;
        Walk::new(self, sink).run(element.reader(), &self.inherited(element)?, Some(place))
    }

    /// Writes a whole document: processing instructions and, with comments, comments outside the document
    /// element stand on lines of their own (Canonical XML 1.0 section 2.3).
    ///
    /// # Errors
    ///
    /// Those of [`Self::canonicalize`].
    pub fn canonicalize_document(
        &self,
        document: &Document<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), ksz_xml::Error> {
        self.canonicalize_stream(document.reader(), sink)
    }

    /// Writes a whole document without one element below the document element: the enveloped signature
    /// transform followed by this algorithm.
    ///
    /// # Errors
    ///
    /// Those of [`Self::canonicalize`].
    pub fn canonicalize_document_without(
        &self,
        document: &Document<'_>,
        omitted: Element<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), ksz_xml::Error> {
        require_inside(omitted, document.root())?;
        Walk::new(self, sink).run(document.reader(), &Inherited::default(), Some(omitted.range().start))
    }

    /// Writes a whole document as it is read, without a tree: the same octets as [`Self::canonicalize_document`] gives,
    /// with memory for the open elements alone.
    ///
    /// ```
    /// use ksz_xml::{Limits, Reader};
    /// use ksz_xmldsig::{CanonicalizationMethod, PrefixList};
    ///
    /// let reader = Reader::new(b"<a b = 'c'/>", &Limits::default())?;
    /// let mut octets = Vec::new();
    /// CanonicalizationMethod::exclusive(PrefixList::default()).canonicalize_stream(reader, &mut octets)?;
    /// assert_eq!(octets, b"<a b=\"c\"></a>");
    /// # Ok::<(), ksz_xml::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Reader::next`]; what was written until then is worthless.
    pub fn canonicalize_stream(
        &self,
        reader: Reader<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), ksz_xml::Error> {
        Walk::new(self, sink).run(reader, &Inherited::default(), None)
    }

    /// Writes the element that a reader has just begun, and leaves the reader behind its end. With an inclusive algorithm,
    /// nothing is inherited of the attributes `xml:*` around it.
    ///
    /// # Errors
    ///
    /// Those of [`Self::canonicalize_stream`].
    pub fn canonicalize_open(
        &self,
        reader: &mut Reader<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), ksz_xml::Error> {
        Walk::new(self, sink).run_open(reader)
    }

    /// SHA-256 over the octets of an element.
    ///
    /// # Errors
    ///
    /// Those of [`Self::canonicalize`].
    pub fn digest(&self, element: Element<'_>) -> Result<Digest, ksz_xml::Error> {
        self.digest_by(DigestAlgorithm::Sha256, element)
    }

    /// The digest of the octets of an element by any of the hash functions.
    ///
    /// # Errors
    ///
    /// Those of [`Self::canonicalize`].
    pub fn digest_by(
        &self,
        algorithm: DigestAlgorithm,
        element: Element<'_>,
    ) -> Result<Digest, ksz_xml::Error> {
        let mut hash = Hasher::new(algorithm);
        self.canonicalize(element, &mut hash)?;
        Ok(hash.finish())
    }

    /// The canonical form of an element of ours that will stand in `around`, or alone.
    pub(crate) fn canonical(
        &self,
        written: &WrittenElement,
        around: Option<Element<'_>>,
    ) -> Result<String, ksz_xml::Error> {
        let scope: Vec<_> = around.into_iter().flat_map(Element::namespaces).collect();
        match &self.algorithm {
            Algorithm::Exclusive(prefixes) => Ok(written.canonical(prefixes, &scope)),
            Algorithm::Inclusive(version) => {
                Ok(written.canonical_inclusive(&scope, Inherited::inside(around, *version)?.named()))
            }
        }
    }

    /// What an element brings along from around it.
    fn inherited<'d>(&self, element: Element<'d>) -> Result<Inherited<'d>, ksz_xml::Error> {
        match self.algorithm {
            Algorithm::Exclusive(_) => Ok(Inherited::default()),
            Algorithm::Inclusive(version) => Inherited::by(element, version),
        }
    }
}

/// Refuses to leave out what is not inside: nothing would be left of an element without itself.
fn require_inside(omitted: Element<'_>, element: Element<'_>) -> Result<(), ksz_xml::Error> {
    if omitted.is_inside(element) {
        return Ok(());
    }
    Err(ksz_xml::Error::Count {
        parent: element.qualified_name().into(),
        child: omitted.qualified_name().into(),
        found: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::Limits;

    fn canonical(input: &str, prefixes: &str) -> String {
        let document = Document::parse_with_instructions(input.as_bytes(), &Limits::default()).unwrap();
        let mut octets = Vec::new();
        CanonicalizationMethod::exclusive(PrefixList::parse(prefixes))
            .canonicalize_document(&document, &mut octets)
            .unwrap();
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
            canonical("<a>x\r\n&#65;\r\n<?p d\r\ne?><![CDATA[\r\n\r]]>\r&#xD;</a>", ""),
            "<a>x\nA\n<?p d\ne?>\n\n\n&#xD;</a>"
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
            method.canonicalize(c, &mut octets).unwrap();
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
    fn the_apex_own_base_is_joined_too() {
        for (input, expected) in [
            ("<a xml:base='http://x/y/z'><b xml:base='../w'/></a>", "<b xml:base=\"http://x/w\"></b>"),
            ("<a xml:base='foo/bar'><b xml:base='..'/></a>", "<b></b>"),
            ("<a xml:base=''><b/></a>", "<b></b>"),
            (
                "<a xml:base='..' xml:lang='nl'><b xml:base='b'/></a>",
                "<b xml:base=\"../b\" xml:lang=\"nl\"></b>",
            ),
        ] {
            let document = Document::parse(input.as_bytes(), &Limits::default()).unwrap();
            let mut octets = Vec::new();
            let b = document.root().children().next().unwrap();
            CanonicalizationMethod::inclusive_11().canonicalize(b, &mut octets).unwrap();
            assert_eq!(String::from_utf8(octets).unwrap(), expected, "{input}");
        }
    }

    #[test]
    fn what_is_not_inside_cannot_be_left_out() {
        let document = Document::parse(b"<a><b/></a>", &Limits::default()).unwrap();
        let stranger = Document::parse(b"<a><b/></a>", &Limits::default()).unwrap();
        let (root, b) = (document.root(), stranger.root().only_child("", "b").unwrap());
        let method = CanonicalizationMethod::exclusive(PrefixList::default());
        for (element, omitted) in [(root, root), (root, b), (root.only_child("", "b").unwrap(), root)] {
            assert!(method.canonicalize_without(element, omitted, &mut Vec::new()).is_err());
        }
        assert!(method.canonicalize_document_without(&document, root, &mut Vec::new()).is_err());
    }

    #[test]
    fn an_omitted_descendant_leaves_no_trace() {
        let document = Document::parse(b"<a>1<b>2</b>3</a>", &Limits::default()).unwrap();
        let b = document.root().only_child("", "b").unwrap();
        let mut octets = Vec::new();
        let method = CanonicalizationMethod::exclusive(PrefixList::default());
        method.canonicalize_without(document.root(), b, &mut octets).unwrap();
        assert_eq!(octets, b"<a>13</a>");
    }
}
