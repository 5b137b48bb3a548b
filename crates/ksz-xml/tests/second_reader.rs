//! Another reader of XML, roxmltree, as a witness: what we accept it accepts, and it finds the same in it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ksz_xml::{Document, Element, Limits, Markup, Reader};
use proptest::prelude::*;
use std::fmt::Write;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_document_says_to_us_what_it_says_to_another_reader(input in document()) {
        judge(&input)?;
    }

    #[test]
    fn a_changed_document_is_refused_or_says_the_same_to_both(
        input in document(),
        at in any::<prop::sample::Index>(),
        removed in 0_usize..4,
        piece in prop::sample::select(PIECES),
    ) {
        let characters: Vec<char> = input.chars().collect();
        let at = at.index(characters.len());
        let (head, tail) = (&characters[..at], &characters[(at + removed).min(characters.len())..]);
        let changed: String = head.iter().copied().chain(piece.chars()).chain(tail.iter().copied()).collect();
        judge(&changed)?;
    }
}

#[test]
fn the_generated_documents_are_not_all_refused() {
    judge("<p:a xmlns:p='urn:p' xmlns='urn:d'>&lt;<b z=\"1&#10;2\n3\" p:y=''/><![CDATA[<&]]>\r\n<!-- c --></p:a>").unwrap();
    assert!(ours("<p:a xmlns:p='urn:p'/>").is_some());
}

/// What a change may put in.
const PIECES: &[&str] = &[
    "",
    "<",
    ">",
    "/",
    "&",
    "&#x41;",
    "&#0;",
    "\"",
    "'",
    "=",
    " ",
    ":",
    "p:",
    "xmlns='urn:e'",
    " xmlns:q=''",
    "]]>",
    "--",
    "<!-- -->",
    "<![CDATA[",
    "<c/>",
    "</c>",
    "é",
    "\u{fffe}",
    "\u{1}",
    " a='1' a='2'",
    " p:b='' q:b=''",
    "<?x?>",
    "<!DOCTYPE a>",
];

fn judge(input: &str) -> Result<(), TestCaseError> {
    let Some(ours) = ours(input) else { return Ok(()) };
    prop_assert_eq!(&ours, &streamed(input).unwrap(), "with a tree and without: {:?}", input);
    // It takes a lone carriage return beside a reference for none (XML 1.0 section 2.11 says a line feed).
    if input.replace("\r\n", "").contains('\r') {
        return Ok(());
    }
    let theirs = roxmltree::Document::parse(input);
    prop_assert!(theirs.is_ok(), "we accept what another reader refuses: {:?}: {:?}", input, theirs.err());
    let mut told = String::new();
    tell_theirs(theirs.unwrap().root_element(), &mut told);
    prop_assert_eq!(ours, told, "{:?}", input);
    Ok(())
}

/// What the document holds, in one line: names with their namespaces, sorted attributes, joined text.
fn ours(input: &str) -> Option<String> {
    let document = Document::parse(input.as_bytes(), &Limits::default()).ok()?;
    let mut told = String::new();
    tell_ours(document.root(), &mut told);
    Some(told)
}

fn tell_ours(element: Element<'_>, told: &mut String) {
    let attributes = element.attributes().map(|a| (a.namespace(), a.local_name(), a.value()));
    let mut attributes: Vec<_> = attributes.collect();
    attributes.sort_unstable();
    let mut namespaces: Vec<_> = element.namespaces().filter(|(_, uri)| !uri.is_empty()).collect();
    namespaces.sort_unstable();
    let text = element.whole_text();
    write!(
        told,
        "<{{{}}}{} {attributes:?} {namespaces:?} {text:?}",
        element.namespace(),
        element.local_name()
    )
    .unwrap();
    element.children().for_each(|child| tell_ours(child, told));
    told.push('>');
}

fn tell_theirs(node: roxmltree::Node<'_, '_>, told: &mut String) {
    let attributes = node.attributes().map(|a| (a.namespace().unwrap_or_default(), a.name(), a.value()));
    let mut attributes: Vec<_> = attributes.collect();
    attributes.sort_unstable();
    let mut namespaces: Vec<_> = node
        .namespaces()
        .map(|n| (n.name().unwrap_or_default(), n.uri()))
        .filter(|(prefix, uri)| *prefix != "xml" && !uri.is_empty())
        .collect();
    namespaces.sort_unstable();
    let text: String = node.descendants().filter(roxmltree::Node::is_text).filter_map(|n| n.text()).collect();
    let tag = node.tag_name();
    write!(
        told,
        "<{{{}}}{} {attributes:?} {namespaces:?} {text:?}",
        tag.namespace().unwrap_or_default(),
        tag.name()
    )
    .unwrap();
    node.children().filter(roxmltree::Node::is_element).for_each(|child| tell_theirs(child, told));
    told.push('>');
}

/// The same as [`ours`], told by a reader that builds no tree.
fn streamed(input: &str) -> Result<String, ksz_xml::Error> {
    let mut reader = Reader::new(input.as_bytes(), &Limits::default())?;
    let mut open: Vec<(String, String, String)> = vec![Default::default()];
    while let Some(markup) = reader.next()? {
        match markup {
            Markup::Start => {
                let uri = |binding: Option<usize>| binding.map_or("", |b| reader.bindings()[b].uri());
                let mut attributes: Vec<_> = reader
                    .attributes()
                    .iter()
                    .map(|a| (uri(a.namespace()), a.name().local_name(), a.value().decode()))
                    .collect();
                attributes.sort_unstable();
                let mut namespaces: Vec<_> = reader
                    .bindings()
                    .iter()
                    .enumerate()
                    .filter(|(index, b)| reader.lookup(b.prefix()) == Some(*index))
                    .map(|(_, b)| (b.prefix(), b.uri()))
                    .filter(|(prefix, uri)| *prefix != "xml" && !uri.is_empty())
                    .collect();
                namespaces.sort_unstable();
                let head = format!(
                    "<{{{}}}{} {attributes:?} {namespaces:?}",
                    uri(reader.namespace()),
                    reader.name().local_name()
                );
                open.push((head, String::new(), String::new()));
            }
            Markup::Text => {
                let text = reader.text().decode();
                open.iter_mut().for_each(|(_, whole, _)| whole.push_str(&text));
            }
            Markup::End => {
                let (head, whole, inside) = open.pop().unwrap();
                let told = format!("{head} {whole:?}{inside}>");
                open.last_mut().unwrap().2.push_str(&told);
            }
            _ => {}
        }
    }
    Ok(open.remove(0).2)
}

fn document() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "text",
        "&lt;&#xD;&#233;]] >",
        "<![CDATA[<&]]>",
        "<!-- c -->",
        "\r\n\t",
        "<p:a xmlns:p='urn:other' p:b=''/>",
        "<a xml:lang=' nl '/>",
        "<é é='&quot;'/>",
    ]);
    let declarations = prop::sample::subsequence(
        vec!["xmlns=''", "xmlns:p='urn:p'", "xmlns:q='urn:q'", "xmlns:r='urn:q'", "xmlns:s='a:&amp;\t'"],
        0..=5,
    );
    leaf.prop_map(str::to_owned)
        .prop_recursive(4, 32, 4, move |inner| {
            let name = prop::sample::select(vec!["a", "p:b", "q:c"]);
            let value = prop::sample::select(vec!["", "1", "&quot;&#9;&#10;", "\t \n", "x\r\ny"]);
            (name, declarations.clone(), value, prop::collection::vec(inner, 0..4)).prop_map(
                |(name, declarations, value, children)| {
                    let (declarations, children) = (declarations.join(" "), children.concat());
                    format!("<{name} {declarations} z='{value}' q:z=\"{value}\" y = ''>{children}</{name} >")
                },
            )
        })
        .prop_map(|inner| {
            format!("<?xml version='1.0'?>\n<p:root xmlns:p='urn:p' xmlns:q='urn:q' xmlns='urn:d'>{inner}</p:root>\n")
        })
}
