use super::*;
use crate::Document;
use std::fmt::Write;

fn read(mut reader: Reader<'_>) -> Result<(), Error> {
    while reader.next()?.is_some() {}
    Ok(())
}

/// The refusal, which is one whether a tree is built or not.
fn refusal(input: &[u8]) -> Error {
    let limits = Limits::default();
    let of_tree = Document::parse(input, &limits).unwrap_err();
    let of_stream = Reader::new(input, &limits).and_then(read).unwrap_err();
    assert_eq!(of_tree, of_stream);
    of_tree
}

fn accepted(input: &str) {
    read(Reader::new(input.as_bytes(), &Limits::default()).unwrap()).unwrap();
    Document::parse(input.as_bytes(), &Limits::default()).unwrap();
}

#[test]
fn well_formed_documents_pass() {
    for good in [
        "<a/>",
        "\u{feff}<?xml version='1.0' encoding='utf-8' standalone=\"yes\" ?>\n<!-- c --><a>x</a>\n<!---->\n",
        "<p:a xmlns:p='urn:x' xmlns='' p:b=\"1 > 0\" c='\"'>&lt;&#x41;&#65;&quot;<![CDATA[<&]] >]]></p:a >",
        "<é xml:lang='nl'>\u{fffd}\u{10000}</é>",
        "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
    ] {
        accepted(good);
    }
}

#[test]
fn broken_documents_are_refused_with_their_place() {
    for (bad, column) in [
        ("", 1),
        ("x", 1),
        ("<a>", 4),
        ("<a", 3),
        ("<a></a>x", 8),
        ("<a/><b/>", 5),
        ("<:a/>", 2),
        ("<a:/>", 4),
        ("<a:b:c/>", 5),
        ("<a b/>", 5),
        ("<a b=1/>", 6),
        ("<a b='<'/>", 7),
        ("<a b='1'c='2'/>", 9),
        ("<a>&nbsp;</a>", 4),
        ("<a>&#0;</a>", 4),
        ("<a>&#xD800;</a>", 4),
        ("<a>&#xFFFE;</a>", 4),
        ("<a>&#65</a>", 4),
        ("<a>]]></a>", 4),
        ("<a>\u{1}</a>", 4),
        ("<a>\u{fffe}</a>", 4),
        ("<a><!-- -- --></a>", 11),
        ("<a><![CDATA[x</a>", 18),
        ("<a xmlns:p=''/>", 14),
        ("<a xml:xmlns='urn:x'/>", 21),
        ("<a p:xmlns='urn:x' xmlns:p='urn:p'/>", 19),
        ("<a xmlns='urn:a' xmlns='urn:b'/>", 33),
        ("<a xmlns='' xmlns=''/>", 23),
        ("<?xml\nversion='1.0'?><a/>", 6),
        ("<xml:a/>", 9),
        ("<a xmlns:xmlns='urn:x'/>", 23),
        ("<a xmlns:xml='urn:x'/>", 21),
        ("<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", 43),
    ] {
        match refusal(bad.as_bytes()) {
            Error::NotWellFormed { line: 1, column: found, .. } => assert_eq!(found, column, "{bad:?}"),
            other => panic!("{bad:?}: {other:?}"),
        }
    }
}

#[test]
fn forbidden_things_are_refused_by_name() {
    assert_eq!(refusal(b"<!DOCTYPE a><a/>"), Error::DocumentType { line: 1, column: 1 });
    assert_eq!(refusal(b"<a><?x?></a>"), Error::ProcessingInstruction { line: 1, column: 4 });
    assert_eq!(refusal(b" <?xml version='1.0'?><a/>"), Error::ProcessingInstruction { line: 1, column: 2 });
    assert_eq!(refusal(b"<?xml version='1.1'?><a/>"), Error::VersionNotAccepted { version: "1.1".into() });
    assert_eq!(
        refusal(b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>"),
        Error::EncodingNotAccepted { encoding: "ISO-8859-1".into() }
    );
    assert_eq!(refusal(b"<a>\xc0\xaf</a>"), Error::NotUtf8 { offset: 3 });
    assert_eq!(refusal(b"\xff\xfe<\0a\0/\0>\0"), Error::NotUtf8 { offset: 0 });
    for relative in ["a", "../a", "#a", "1a:b", "&#117;rn:x"] {
        let document = format!("<a xmlns='{relative}'/>");
        assert!(matches!(refusal(document.as_bytes()), Error::RelativeNamespace { .. }), "{relative}");
    }
}

#[test]
fn what_is_not_utf_8_is_found_where_the_standard_library_finds_it() {
    let broken: [&[u8]; 8] = [
        b"\x80",
        b"\xc0\xaf",
        b"\xc3",
        b"\xe0\x80\xaf",
        b"\xed\xa0\x80",
        b"\xe2\x82",
        b"\xf4\x90\x80\x80",
        b"\xff",
    ];
    for filling in ["a", "\u{e9}", "\u{20ac}", "\u{1f600}"] {
        for broken in broken {
            for before in 0..80 {
                for behind in [0, 1, 31, 64] {
                    let input =
                        [filling.repeat(before).as_bytes(), broken, filling.repeat(behind).as_bytes()]
                            .concat();
                    let offset = std::str::from_utf8(&input).unwrap_err().valid_up_to();
                    assert_eq!(refusal(&input), Error::NotUtf8 { offset }, "{input:x?}");
                }
            }
        }
    }
}

#[test]
fn processing_instructions_pass_where_they_are_allowed() {
    let allowed =
        |input: &str| Document::parse_with_instructions(input.as_bytes(), &Limits::default()).is_ok();
    assert!(allowed("<?p?><a><?p d?></a><?q ? ?>"));
    assert!(!allowed("<a><?xml version='1.0'?></a>"));
    assert!(!allowed("<a><?p"));
}

#[test]
fn an_attribute_is_added_where_it_cannot_be_mistaken() {
    let input = b"<p:a xmlns:p='urn:p' xmlns:q='urn:q' q:Id='1'/>";
    let limits = Limits::default();
    let begun = || {
        let mut reader = Reader::new(input, &limits).unwrap();
        reader.next().unwrap();
        reader
    };
    for (uri, name, value) in [("urn:q", "q:Other", "i-1"), ("urn:r", "r:Id", "i-1"), ("urn:p", "p:Id", "i")]
    {
        let mut reader = begun();
        reader.add_attribute(uri, name, value).unwrap();
        let added = reader.attributes().last().unwrap();
        let namespace = added.namespace().map(|binding| reader.bindings()[binding].uri());
        assert_eq!((added.name().text(), &*added.value().decode(), namespace), (name, value, Some(uri)));
    }
    for (uri, name, value) in [
        ("urn:q", "q:Id", "i"),
        ("urn:r", "p:Id", "i"),
        ("urn:r", "q:Other", "i"),
        ("", "Id", "i"),
        ("urn:r", "r:Id", "\""),
        ("urn:r", ":Id", "i"),
        ("urn:r", "r:", "i"),
    ] {
        let refused = begun().add_attribute(uri, name, value);
        assert!(matches!(refused, Err(Error::Unexpected { .. })), "{name}");
    }
}

#[test]
fn a_reader_asked_again_after_a_refusal_does_not_panic() {
    for input in ["<a></b></a><c></c>", "<a></b></a></a></a><c><d/></c>", "<a><b></a></b>", "</a></a>"] {
        let mut reader = Reader::new(input.as_bytes(), &Limits::default()).unwrap();
        assert!((0..20).map(|_| reader.next()).any(|met| met.is_err()), "{input}");
    }
}

#[test]
fn each_limit_holds() {
    let depth = "<a>".repeat(100_000);
    let attributes = (0..60_000).fold("<a".to_owned(), |mut tag, i| {
        write!(tag, " a{i}=''").unwrap();
        tag
    });
    let namespaces = (0..90).fold(String::new(), |mut all, i| {
        write!(all, "<a xmlns:a{i}='urn:a' xmlns:b{i}='urn:b' xmlns:c{i}='urn:c'>").unwrap();
        all
    });
    for (input, what) in [
        (" ".repeat(10 * 1024 * 1024 + 1), "octets"),
        (depth, "elements inside each other"),
        (attributes, "attributes of an element"),
        (namespaces, "namespace declarations in scope"),
        (format!("<a>{}</a>", "<b/>".repeat(100_000)), "nodes"),
        (format!("<{}/>", "a".repeat(1_001)), "characters in a name"),
        (format!("<a xmlns='urn:{}'/>", "a".repeat(1_000)), "characters in a name"),
        (format!("<a b='{}'/>", "x".repeat(1024 * 1024)), "octets in a tag"),
        (format!("<a>{}</a>", "<b iD='x'/>".repeat(2_001)), "identifiers"),
    ] {
        match refusal(input.as_bytes()) {
            Error::LimitExceeded { what: found, .. } => assert_eq!(found, what),
            other => panic!("{what}: {other:?}"),
        }
    }
}
