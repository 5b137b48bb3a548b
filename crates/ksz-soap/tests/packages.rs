//! Packages as they are received: what others write, what is refused by name, and what comes back of our own.

use ksz_soap::Error;
use ksz_soap::mtom::{
    Attachment, ContentId, MemoryStore, MtomLimits, Package, PackageParser, PackageReader, Store, Unpacked,
    UnreferencedParts,
};
use ksz_xml::Limits;
use proptest::prelude::*;

const CONTENT_TYPE: &str = "multipart/related; type=\"application/xop+xml\"; boundary=\"b\"; start=\"<root>\"; start-info=\"text/xml\"";

#[test]
fn parts_come_in_any_order_and_the_first_is_the_root_if_nothing_else_is_said() {
    let root = part("<root>", &envelope(&include("cid:1")));
    let other = part("<1>", "octets");
    for message in [[root.clone(), other.clone()], [other, root.clone()]] {
        let unpacked = receive(&message.concat(), CONTENT_TYPE).unwrap();
        assert_eq!(unpacked.attachments[0].source(), b"octets");
    }

    let without_start = "multipart/related; type=\"application/xop+xml\"; boundary=b";
    let nameless = format!("--b\r\n\r\n{}\r\n", envelope(&include("cid:1")));
    let unpacked = receive(&[nameless, part("<1>", "octets")].concat(), without_start).unwrap();
    assert_eq!(unpacked.attachments[0].headers().content_id().unwrap().as_str(), "1");

    let absent = receive(&part("<1>", "octets"), CONTENT_TYPE).unwrap_err();
    assert_eq!(absent, Error::NoRootPart { start: "root".into() });
}

#[test]
fn attachments_stand_in_the_order_of_the_body() {
    let body = format!("{}<c>{}</c>", include("cid:2"), include("cid:a%40b"));
    let message = [part("<a@b>", "first"), part("<root>", &envelope(&body)), part("<2>", "second")].concat();

    let unpacked = receive(&message, CONTENT_TYPE).unwrap();

    let octets: Vec<_> = unpacked.attachments.iter().map(|part| part.source().as_slice()).collect();
    assert_eq!(octets, [b"second".as_slice(), b"first"]);
    assert!(String::from_utf8(unpacked.envelope).unwrap().contains("href='cid:a%40b'"));
}

#[test]
fn what_is_included_outside_of_the_body_is_put_in_its_place() {
    let envelope = format!(
        "\u{feff}<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Header>{}</e:Header><e:Body>{}</e:Body>\
         </e:Envelope>",
        include("cid:token"),
        include("cid:1")
    );
    let message =
        [part("<root>", &envelope), part("<1>", "octets"), part("<token>", "token octets")].concat();

    let unpacked = receive(&message, CONTENT_TYPE).unwrap();

    assert_eq!(unpacked.attachments.len(), 1);
    let expected = envelope.replace(&include("cid:token"), "<a>dG9rZW4gb2N0ZXRz</a>");
    assert_eq!(String::from_utf8(unpacked.envelope).unwrap(), expected);

    let mut limits = MtomLimits::default();
    limits.outside_body = 11;
    let refused = receive_within(&message, CONTENT_TYPE, &limits, UnreferencedParts::Refused);
    let what = "octets of parts outside of the Body";
    assert_eq!(refused.unwrap_err(), Error::PackageLimit { what, limit: 11 });
}

#[test]
fn each_thing_that_is_wrong_with_the_parts_has_its_own_refusal() {
    let id = || "1".to_owned();
    let root = |body: &str| part("<root>", &envelope(body));
    let one = part("<1>", "x");
    for (message, refusal) in [
        (root(&include("cid:1")), Error::PartMissing { content_id: id() }),
        (root(&include("cid:root")), Error::RootIncluded),
        (
            [root(&format!("{}{}", include("cid:1"), include("cid:1"))), one.clone()].concat(),
            Error::RepeatedInclude { content_id: id() },
        ),
        (
            [root(&include("cid:1")), one.clone(), one.clone()].concat(),
            Error::RepeatedContentId { content_id: id() },
        ),
        ([root(""), part("<root>", "x")].concat(), Error::RepeatedContentId { content_id: "root".into() }),
        ([root(""), one.clone()].concat(), Error::PartNotIncluded { content_id: id() }),
        (
            [root(""), "--b\r\n\r\nx\r\n".to_owned()].concat(),
            Error::PartNotIncluded { content_id: String::new() },
        ),
        (root(&include("http://localhost/1")), Error::HrefNotContentId { href: "http://localhost/1".into() }),
        (root(&include("file:///1")), Error::HrefNotContentId { href: "file:///1".into() }),
        (
            format!("--b\r\nContent-ID: <root>\r\nContent-Type: text/xml\r\n\r\n{}\r\n", envelope("")),
            Error::RootType { content_type: "text/xml".into() },
        ),
    ] {
        assert_eq!(receive(&message, CONTENT_TYPE).unwrap_err(), refusal, "{message}");
    }
}

#[test]
fn parts_that_are_not_included_can_be_dropped() {
    let message = [part("<root>", &envelope(&include("cid:1"))), part("<1>", "x"), part("<2>", "y")].concat();
    let limits = MtomLimits::default();
    let unpacked = receive_within(&message, CONTENT_TYPE, &limits, UnreferencedParts::Dropped).unwrap();
    assert_eq!(unpacked.attachments.len(), 1);
}

#[test]
fn a_root_beyond_its_limit_and_parts_beyond_memory_are_refused() {
    let message = [part("<root>", &envelope(&include("cid:1"))), part("<1>", "12345678")].concat();
    let mut limits = MtomLimits::default();
    limits.root = 10;
    let refused = receive_within(&message, CONTENT_TYPE, &limits, UnreferencedParts::Refused).unwrap_err();
    assert_eq!(refused, Error::PackageLimit { what: "octets of the root part", limit: 10 });

    let mut limits = MtomLimits::default();
    limits.in_memory = 7;
    let refused = receive_within(&message, CONTENT_TYPE, &limits, UnreferencedParts::Refused).unwrap_err();
    assert_eq!(refused, Error::PartNotKept { why: std::io::ErrorKind::OutOfMemory });
}

#[test]
fn octets_of_a_package_do_not_print() {
    let message = [part("<root>", &envelope(&include("cid:1"))), part("<1>", "canary")].concat();
    let limits = MtomLimits::default();
    let mut reader = PackageReader::new(CONTENT_TYPE, &limits, MemoryStore::new(&limits)).unwrap();
    let mut printed = String::new();
    for piece in message.as_bytes().chunks(5).chain([&b"--b--"[..]]) {
        reader.push(piece).unwrap();
        printed += &format!("{reader:?}");
    }
    let package = reader.finish().unwrap();
    printed += &format!("{package:?}");
    let unpacked = package.unpack(&Limits::default(), UnreferencedParts::Refused).unwrap();
    printed += &format!("{unpacked:?}");
    let mut parser = PackageParser::new(CONTENT_TYPE, &limits).unwrap();
    parser
        .push(message.as_bytes(), &mut |event| {
            printed += &format!("{event:?}");
            Ok::<_, Error>(())
        })
        .unwrap();
    let mut store = MemoryStore::new(&limits);
    store.write(b"canary").unwrap();
    printed += &format!("{parser:?} {store:?}");

    let octets = "canary".bytes().map(|octet| octet.to_string()).collect::<Vec<_>>().join(", ");
    for canary in ["canary", octets.as_str(), "<body>"] {
        assert!(!printed.contains(canary), "{printed}");
    }
    assert!(printed.contains("Data(4 octets)"), "what may begin a boundary is not given out: {printed}");
}

proptest! {
    #[test]
    fn what_is_written_comes_back_however_it_is_cut(
        parts in proptest::collection::vec(any::<Vec<u8>>(), 0..4),
        mean in proptest::collection::vec(prop_oneof![
            Just("\r\n--ksz-1"), Just("\r\n--ksz-"), Just("\r"), Just("\n--"), Just("-"), Just("\r\n")
        ], 0..6),
        piece in 1_usize..200,
    ) {
        // What looks like the boundary is there, and the boundary itself is not.
        let mut parts = parts;
        parts.push(mean.concat().replace("\r\n--ksz-1", "\r\n--ksz-2").into_bytes());
        let ids: Vec<_> = (0..parts.len()).map(|index| ContentId::new(&format!("{index}@x")).unwrap()).collect();
        let body: String = ids.iter().map(|id| format!("<a>{}</a>", id.to_include())).collect();
        let attachments = ids.iter().zip(&parts)
            .map(|(id, octets)| Attachment::new(id.clone(), "a/b", octets.clone()).unwrap()).collect();
        let package = Package::new(ksz_soap::write_envelope(&format!("<b>{body}</b>")), attachments, "1").unwrap();
        let mut octets = Vec::new();
        package.write_to(&mut octets).unwrap();

        let limits = MtomLimits::default();
        let mut reader =
            PackageReader::new(&package.content_type(), &limits, MemoryStore::new(&limits)).unwrap();
        for piece in octets.chunks(piece) {
            reader.push(piece).unwrap();
        }
        let unpacked = reader.finish().unwrap().unpack(&Limits::default(), UnreferencedParts::Refused).unwrap();

        prop_assert_eq!(unpacked.envelope, package.envelope().as_bytes());
        let received: Vec<_> = unpacked.attachments.iter().map(|part| part.source().clone()).collect();
        prop_assert_eq!(received, parts);
    }
}

fn receive(parts: &str, content_type: &str) -> Result<Unpacked<Vec<u8>>, Error> {
    receive_within(parts, content_type, &MtomLimits::default(), UnreferencedParts::Refused)
}

fn receive_within(
    parts: &str,
    content_type: &str,
    limits: &MtomLimits,
    unreferenced: UnreferencedParts,
) -> Result<Unpacked<Vec<u8>>, Error> {
    let mut reader = PackageReader::new(content_type, limits, MemoryStore::new(limits))?;
    reader.push(parts.as_bytes())?;
    reader.push(b"--b--")?;
    reader.finish()?.unpack(&Limits::default(), unreferenced)
}

fn part(id: &str, octets: &str) -> String {
    format!("--b\r\nContent-ID: {id}\r\n\r\n{octets}\r\n")
}

fn include(href: &str) -> String {
    format!("<a><x:Include xmlns:x='http://www.w3.org/2004/08/xop/include' href='{href}'/></a>")
}

fn envelope(body: &str) -> String {
    ksz_soap::write_envelope(&format!("<body>{body}</body>"))
}
