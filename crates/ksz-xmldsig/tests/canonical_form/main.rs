//! Canonical octets of generated documents, held against a second canonicalizer that is simple and slow.
//!
//! Ours copies what is canonical already in pieces of the document. The [witness] knows no such way: it follows
//! the sentences of the recommendations, over the tree of another reader.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod generated;
mod witness;

use ksz_xml::{Document, Limits, Markup, Reader};
use ksz_xmldsig::{CanonicalizationMethod, PrefixList};
use proptest::prelude::*;
use witness::{Algorithm, Around, Witness};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn the_octets_are_those_of_a_second_canonicalizer(
        input in generated::document(),
        prefixes in prop::sample::select(vec!["p", "#default", "q #default", "p pp q r s unknown #default"]),
        element in any::<prop::sample::Index>(),
        omitted in any::<prop::sample::Index>(),
    ) {
        judge(&input, prefixes, element, omitted)?;
    }
}

fn judge(
    input: &str,
    prefixes: &'static str,
    element: prop::sample::Index,
    omitted: prop::sample::Index,
) -> Result<(), TestCaseError> {
    let ours = Document::parse_with_instructions(input.as_bytes(), &Limits::default()).unwrap();
    let theirs = roxmltree::Document::parse(input).unwrap();
    let elements: Vec<_> = ours.root().descendants().collect();
    let nodes: Vec<_> = theirs.descendants().filter(roxmltree::Node::is_element).collect();
    prop_assert_eq!(elements.len(), nodes.len(), "{}", input);
    let (place, omitted) = (element.index(elements.len()), omitted.index(elements.len()));
    let (element, node) = (elements[place], nodes[place]);

    for (algorithm, with_comments) in methods(prefixes) {
        let witness = Witness::new(algorithm, with_comments);
        let method = method(algorithm, with_comments);
        let said = |what: &str| format!("{what}, {algorithm:?}, comments {with_comments}: {input}");

        let stream = Reader::with_instructions(input.as_bytes(), &Limits::default()).unwrap();
        let octets = octets(|sink| method.canonicalize_stream(stream, sink));
        prop_assert_eq!(octets, witness.octets(theirs.root(), Around::Attributes), "{}", said("stream"));

        let octets = self::octets(|sink| method.canonicalize(ours.root(), sink));
        let root = witness.octets(theirs.root_element(), Around::Attributes);
        prop_assert_eq!(octets, root, "{}", said("root of a tree"));

        let octets = self::octets(|sink| method.canonicalize(element, sink));
        prop_assert_eq!(octets, witness.octets(node, Around::Attributes), "{}", said("element of a tree"));

        let mut reader = Reader::with_instructions(input.as_bytes(), &Limits::default()).unwrap();
        begin(&mut reader, place);
        let octets = self::octets(|sink| method.canonicalize_open(&mut reader, sink));
        prop_assert_eq!(octets, witness.octets(node, Around::Namespaces), "{}", said("element of a stream"));

        if omitted > 0 {
            let octets =
                self::octets(|sink| method.canonicalize_document_without(&ours, elements[omitted], sink));
            let without = witness.without(nodes[omitted]).octets(theirs.root(), Around::Attributes);
            prop_assert_eq!(octets, without, "{}", said("document without an element"));
        }
    }
    Ok(())
}

/// Each algorithm, without comments and with them.
fn methods(prefixes: &'static str) -> impl Iterator<Item = (Algorithm, bool)> {
    let algorithms = [
        Algorithm::Exclusive(""),
        Algorithm::Exclusive(prefixes),
        Algorithm::Inclusive,
        Algorithm::Inclusive11,
    ];
    algorithms.into_iter().flat_map(|algorithm| [(algorithm, false), (algorithm, true)])
}

fn method(algorithm: Algorithm, with_comments: bool) -> CanonicalizationMethod {
    let method = match algorithm {
        Algorithm::Exclusive("") => CanonicalizationMethod::exclusive(PrefixList::default()),
        Algorithm::Exclusive(prefixes) => CanonicalizationMethod::exclusive(PrefixList::parse(prefixes)),
        Algorithm::Inclusive => CanonicalizationMethod::inclusive(),
        Algorithm::Inclusive11 => CanonicalizationMethod::inclusive_11(),
    };
    if with_comments { method.with_comments() } else { method }
}

fn octets(write: impl FnOnce(&mut Vec<u8>) -> Result<(), ksz_xml::Error>) -> String {
    let mut octets = Vec::new();
    write(&mut octets).unwrap();
    String::from_utf8(octets).unwrap()
}

/// Reads on until the element at a place has begun, counted from the document element on.
fn begin(reader: &mut Reader<'_>, place: usize) {
    let mut starts = 0;
    while let Some(markup) = reader.next().unwrap() {
        if markup == Markup::Start {
            if starts == place {
                return;
            }
            starts += 1;
        }
    }
}

/// The example of Exclusive XML Canonicalization 1.0 section 2.2: the same element in two surroundings.
#[test]
fn the_witness_agrees_with_the_recommendation() {
    let first = "<n0:local xmlns:n0=\"foo:bar\" xmlns:n3=\"ftp://example.org\">\
                 <n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\"/>\
                 </n1:elem2></n0:local>";
    let second = "<n2:pdu xmlns:n1=\"http://example.com\" xmlns:n2=\"http://foo.example\" xml:lang=\"fr\" \
                  xml:space=\"retain\"><n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">\
                  <n3:stuff xmlns:n3=\"ftp://example.org\"/></n1:elem2></n2:pdu>";
    let exclusive = "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">\
                     <n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>";
    let octets = |input: &str, algorithm| {
        let document = roxmltree::Document::parse(input).unwrap();
        let element = document.root_element().first_element_child().unwrap();
        Witness::new(algorithm, false).octets(element, Around::Attributes)
    };
    for input in [first, second] {
        assert_eq!(octets(input, Algorithm::Exclusive("")), exclusive);
    }
    assert_eq!(
        octets(first, Algorithm::Inclusive),
        "<n1:elem2 xmlns:n0=\"foo:bar\" xmlns:n1=\"http://example.net\" xmlns:n3=\"ftp://example.org\" \
         xml:lang=\"en\"><n3:stuff></n3:stuff></n1:elem2>"
    );
    assert_eq!(
        octets(second, Algorithm::Inclusive),
        "<n1:elem2 xmlns:n1=\"http://example.net\" xmlns:n2=\"http://foo.example\" xml:lang=\"en\" \
         xml:space=\"retain\"><n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>"
    );
}
