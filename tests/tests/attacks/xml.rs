//! Documents that cost their reader much, or that two readers read differently.

use super::world::{Bait, Scene, hok_scenes, scenes, swap, with_block};
use ksz::error::{Class, reason};
use ksz::wss::Replay;
use ksz::xml::{Limits, scan};
use std::thread;

/// The stack on which deep and wide messages are read: what is recursive does not fit.
const STACK: usize = 512 * 1024;

#[test]
fn p43_a_comment_does_not_cut_a_signed_text() {
    for scene in scenes() {
        assert_eq!(scene.accepts(&scene.message).body_text(), "Hello");
        for cut in ["<!-- x -->", "<!---->", "<![CDATA[]]>"] {
            let message = scene.with("Hello", &format!("He{cut}llo"));
            assert_eq!(scene.accepts(&message).body_text(), "Hello", "inserted in a signed message");
            assert_eq!(scene.accepts(scene.sealed(&message)).body_text(), "Hello", "signed with it");
        }
        let hidden = scene.with("Hello", "He<!-- x -->l<![CDATA[lo]]>");
        assert_eq!(scene.accepts(&hidden).body_text(), "Hello");
        scene.refuses(scene.with("Hello", "He<!--llo-->"), Class::Digest, "DigestMismatch");
    }
    for scene in hok_scenes() {
        let name = scene.signer.certificate().subject();
        let assertion = |message: &str| scene.accepts(message).assertion.unwrap();
        assert_eq!(assertion(&scene.message).subject_name(), name);
        let cut_name = format!("{}<!-- x -->{}", &name[..2], &name[2..]);
        let message = scene.message.replace(&format!(">{name}<"), &format!(">{cut_name}<"));
        assert_ne!(message, scene.message);
        assert_eq!(assertion(&message).subject_name(), name);
        let message = scene.with("71089914", "7108<!-- -->9914");
        assert_eq!(assertion(&message).attributes()[0].values(), ["71089914"]);
    }
}

#[test]
fn p44_a_document_type_is_refused_and_nothing_of_it_fetched() {
    let bait = Bait::new();
    for scene in scenes() {
        for declaration in [
            "<!DOCTYPE x>".to_owned(),
            "<!DOCTYPE x []>".to_owned(),
            "<!DOCTYPE x [<!ATTLIST w id ID #IMPLIED>]>".to_owned(),
            "<!DOCTYPE x [<!ENTITY e \"Hello\">]>".to_owned(),
            format!("<!DOCTYPE x [<!ENTITY e SYSTEM \"{}\">]>", bait.url()),
            "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>".to_owned(),
            format!("<!DOCTYPE x SYSTEM \"{}\">", bait.url()),
            format!(
                "<!DOCTYPE x PUBLIC \"-//X//EN\" \"{}\" [<!ENTITY % p SYSTEM \"{}\">%p;]>",
                bait.url(),
                bait.url()
            ),
        ] {
            for start in ["", "<?xml version=\"1.0\"?>\n", "<!-- -->", "\u{feff}"] {
                let document = format!("{start}{declaration}{}", scene.message);
                scene.refuses(&document, Class::XmlForbidden, "DocumentType");
            }
            let with_entity = format!("{declaration}{}", scene.with("Hello", "&e;"));
            scene.refuses(&with_entity, Class::XmlForbidden, "DocumentType");
        }
    }
    bait.is_untouched();
}

#[test]
fn p45_entities_that_grow_are_refused_before_they_do() {
    let laughs: String = (1..=9)
        .map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10)))
        .collect();
    for scene in scenes() {
        for (declarations, text) in [
            (format!("<!ENTITY l0 \"laugh\">{laughs}"), "&l9;".to_owned()),
            (format!("<!ENTITY a \"{}\">", "a".repeat(50_000)), "&a;".repeat(50_000)),
        ] {
            let message = format!("<!DOCTYPE x [{declarations}]>{}", scene.with("Hello", &text));
            scene.refuses(&message, Class::XmlForbidden, "DocumentType");
            scan_refuses(&message, Class::XmlForbidden, "DocumentType");
        }
    }
}

#[test]
fn p46_text_in_another_encoding_or_of_other_characters_is_refused() {
    for scene in scenes() {
        for encoding in ["UTF-16", "UTF-7", "ISO-8859-1", "US-ASCII", "utf8"] {
            let declared = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{}", scene.message);
            scene.refuses(declared, Class::XmlForbidden, "EncodingNotAccepted");
        }
        let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{}", scene.message);
        scene.accepts(declared);

        let units: Vec<u16> = "\u{feff}".encode_utf16().chain(scene.message.encode_utf16()).collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for utf_16 in [&little, &big] {
            scene.refuses(utf_16, Class::XmlMalformed, "NotUtf8");
            scene.refuses(&utf_16[2..], Class::XmlMalformed, "NotWellFormed");
        }
        for octets in
            [&b"\xc0\xbc"[..], b"\xe0\x80\xbc", b"\xf0\x80\x80\xbc", b"\xed\xa0\x80", b"\xe9", b"\xff"]
        {
            scene.refuses(with_octets(scene, octets), Class::XmlMalformed, "NotUtf8");
        }
        for octets in [
            &b"\0"[..],
            b"\x01",
            "\u{fffe}".as_bytes(),
            "\u{ffff}".as_bytes(),
            b"&#0;",
            b"&#x0;",
            b"&#xD800;",
            b"&#xDFFF;",
            b"&#xFFFE;",
            b"&#x110000;",
            b"&#99999999999;",
            b"&nbsp;",
        ] {
            scene.refuses(with_octets(scene, octets), Class::XmlMalformed, "NotWellFormed");
        }
    }
}

#[test]
fn a_processing_instruction_and_xml_1_1_are_refused() {
    for scene in scenes() {
        for start in ["<?x?>", "<?xml version=\"1.0\"?><?x y?>"] {
            let message = format!("{start}{}", scene.message);
            scene.refuses(message, Class::XmlForbidden, "ProcessingInstruction");
        }
        let inside = scene.sealed(&scene.with("Hello", "Hello<!-- x -->"));
        scene.refuses(swap(&inside, "<!-- x -->", "<?x?>"), Class::XmlForbidden, "ProcessingInstruction");
        let version = format!("<?xml version=\"1.1\"?>{}", scene.message);
        scene.refuses(version, Class::XmlForbidden, "VersionNotAccepted");
    }
}

#[test]
fn p47_names_that_are_not_well_formed_are_refused() {
    for scene in scenes() {
        scene.accepts(with_block(
            &scene.message,
            "<w xmlns:p=\"urn:p\" xmlns:q=\"urn:q\" p:a=\"\" q:a=\"\"/>",
        ));
        for bad in [
            "<w xmlns:p=\"urn:p\" xmlns:q=\"urn:p\" p:a=\"\" q:a=\"\"/>",
            "<w a=\"\" a=\"\"/>",
            "<w xmlns=\"urn:a\" xmlns=\"urn:b\"/>",
            "<p:w/>",
            "<w p:a=\"\"/>",
            "<w xmlns:p=\"\"/>",
            "<w xmlns:p=\"urn:p\"><p:w xmlns:p=\"\"/></w>",
            "<w xmlns:xml=\"urn:x\"/>",
            "<w xmlns:p=\"http://www.w3.org/XML/1998/namespace\"/>",
            "<w xmlns=\"http://www.w3.org/XML/1998/namespace\"/>",
            "<w xmlns:xmlns=\"urn:x\"/>",
            "<w xmlns:xmlns=\"http://www.w3.org/2000/xmlns/\"/>",
            "<w xmlns:p=\"http://www.w3.org/2000/xmlns/\"/>",
            "<w xmlns=\"http://www.w3.org/2000/xmlns/\"/>",
            "<xmlns:w/>",
            "<w xml:xmlns=\"urn:x\"/>",
            "<:w/>",
            "<w:/>",
            "<a:b:w xmlns:a=\"urn:a\"/>",
        ] {
            scene.refuses(with_block(&scene.message, bad), Class::XmlMalformed, "NotWellFormed");
            scene.refuses(scene.with("Hello", bad), Class::XmlMalformed, "NotWellFormed");
        }
    }
}

#[test]
fn p48_a_message_without_bottom_is_refused_on_a_small_stack() {
    for scene in scenes() {
        let levels = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        for message in
            [scene.with("Hello", &levels), with_block(&scene.message, &levels), "<a>".repeat(1_000_000)]
        {
            let refused = refused_on_small_stack(scene, &message);
            assert_eq!(refused, (Class::Limit, "LimitExceeded".to_owned()));
            scan_refuses(&message, Class::Limit, "LimitExceeded");
        }
        let deepest = format!("{}{}", "<a>".repeat(96), "</a>".repeat(96));
        scene.accepts(scene.sealed(&scene.with("Hello", &deepest)));
        let deeper = scene.sealed(&scene.with("Hello", &format!("<a>{deepest}</a>")));
        scene.refuses(deeper, Class::Limit, "LimitExceeded");
    }
}

#[test]
fn p49_more_attributes_and_namespaces_than_a_message_needs_are_refused() {
    let attributes: String = (0..60_000).map(|number| format!(" a{number}=\"\"")).collect();
    let declarations: String = (0..60_000).map(|number| format!(" xmlns:n{number}=\"urn:n\"")).collect();
    let nested: String = (0..8_000).map(|number| format!("<a xmlns:n{number}=\"urn:n{number}\">")).collect();
    for scene in scenes() {
        for content in [
            format!("<a{attributes}/>"),
            format!("<a{declarations}/>"),
            format!("{nested}{}", "</a>".repeat(8_000)),
        ] {
            for message in [scene.with("Hello", &content), with_block(&scene.message, &content)] {
                assert_eq!(
                    refused_on_small_stack(scene, &message),
                    (Class::Limit, "LimitExceeded".to_owned())
                );
                scan_refuses(&message, Class::Limit, "LimitExceeded");
            }
        }
    }
}

#[test]
fn p50_more_content_than_a_message_needs_is_refused() {
    for scene in scenes() {
        for (content, limit) in [
            ("<a/>".repeat(500_000), "more than 100000 nodes"),
            ("<!---->".repeat(300_000), "more than 100000 nodes"),
            ("text ".repeat(12_000_000 / 5), "more than 10485760 octets"),
        ] {
            let message = scene.with("Hello", &content);
            let error = scene.refuses(&message, Class::Limit, "LimitExceeded");
            assert_eq!(error.to_string(), limit);
            scan_refuses(&message, Class::Limit, "LimitExceeded");
        }
    }
}

/// Within the limits of the document, and yet a hundred times longer in canonical form.
#[test]
fn a_canonical_form_many_times_longer_than_the_message_is_refused() {
    for scene in scenes() {
        let namespace = "l".repeat(900);
        let long = format!("<urn1:Message xmlns:l=\"urn:{namespace}\">{}", "<l:a/>".repeat(90_000));
        scene.refuses(scene.with("<urn1:Message>", &long), Class::Limit, "LimitExceeded");
    }
}

#[test]
fn many_elements_under_many_namespaces_are_digested_like_any_others() {
    for scene in scenes() {
        let declarations: String = (0..240).map(|number| format!(" xmlns:n{number}=\"urn:n\"")).collect();
        let many = format!("<urn1:Message{declarations}>{}", "<b xmlns:q=\"urn:q\"/>".repeat(99_000));
        scene.refuses(scene.with("<urn1:Message>", &many), Class::Digest, "DigestMismatch");
    }
}

/// What the receiver says of a message that it reads on a small stack.
fn refused_on_small_stack(scene: &Scene, message: &str) -> (Class, String) {
    thread::scope(|scope| {
        let judge = || {
            let error = scene.verify(message.as_bytes(), Replay::NotChecked).unwrap_err();
            (error.class(), reason(&error))
        };
        thread::Builder::new().stack_size(STACK).spawn_scoped(scope, judge).unwrap().join().unwrap()
    })
}

/// Requires that the scan refuses, which comes before all else and allocates nothing.
#[track_caller]
fn scan_refuses(message: &str, class: Class, variant: &str) {
    let error = scan(message.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!((error.class(), reason(&error)), (class, variant.to_owned()), "{error}");
}

/// The message with octets in its text.
fn with_octets(scene: &Scene, octets: &[u8]) -> Vec<u8> {
    let (before, after) = scene.message.split_once("Hello").unwrap();
    [before.as_bytes(), octets, after.as_bytes()].concat()
}
