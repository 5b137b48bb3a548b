//! Reading a document: the scan, the reader and the tree against each other, and against roxmltree.

#![no_main]

use ksz_fuzz::outline;
use ksz_xml::{Document, Limits, Reader, scan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let limits = Limits::default();
    let as_message = Document::parse(input, &limits);
    let as_document = Document::parse_with_instructions(input, &limits);

    if as_message.is_ok() {
        assert!(scan(input, &limits).is_ok(), "the scan refuses what is read");
        assert!(as_document.is_ok(), "a message is no document");
    }
    let streamed = Reader::with_instructions(input, &limits).and_then(outline::of_reader);
    match (&as_document, &streamed) {
        (Ok(document), Ok(streamed)) => compare(document, streamed),
        (Err(tree), Err(stream)) => {
            assert_eq!(tree, stream);
            #[cfg(feature = "libxml2")]
            not_too_strict(input, tree);
        }
        (tree, stream) => panic!("the tree says {:?}, the stream {:?}", tree.is_ok(), stream.is_ok()),
    }
});

/// What is accepted, roxmltree accepts, and it says the same there.
fn compare(document: &Document<'_>, streamed: &str) {
    let text = document.text();
    if has_bare_carriage_return(text) {
        // roxmltree drops or doubles the line end beside a reference; XML 1.0 section 2.11 knows it as one.
        return;
    }
    let other = roxmltree::Document::parse(text).expect("roxmltree refuses what we accept");
    assert_eq!(streamed, outline::of_roxmltree(&other));
    assert_eq!(outline::of_tree(document), outline::of_roxmltree_elements(&other));
}

fn has_bare_carriage_return(text: &str) -> bool {
    text.replace("\r\n", "").contains('\r')
}

/// What we call malformed, two others do not agree to accept. roxmltree alone does not look at every character.
#[cfg(feature = "libxml2")]
fn not_too_strict(input: &[u8], refusal: &ksz_xml::Error) {
    let ksz_xml::Error::NotWellFormed { detail, .. } = refusal else { return };
    let Ok(text) = std::str::from_utf8(input) else { return };
    assert!(
        roxmltree::Document::parse(text).is_err() || !ksz_fuzz::libxml2::accepts(text),
        "refused by nobody else: {detail}"
    );
}
