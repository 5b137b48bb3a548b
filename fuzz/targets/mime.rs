//! Packages with attachments: read in pieces and at once, beside a reader that has all octets and takes its time. The first
//! octet says how long the pieces are, and whether the first line is the Content-Type.

#![no_main]

use ksz_fuzz::choice;
use ksz_soap::Error;
use ksz_soap::mtom::{
    MemoryStore, MtomLimits, PackageEvent, PackageParser, PackageReader, PartHeaders, UnreferencedParts,
};
use libfuzzer_sys::fuzz_target;

const CONTENT_TYPE: &str =
    "multipart/related; type=\"application/xop+xml\"; boundary=b; start=\"<root>\"; start-info=\"text/xml\"";

fuzz_target!(|data: &[u8]| {
    let Some((kind, input)) = choice(data) else { return };
    let (content_type, message) = if kind & 0x80 == 0 {
        (CONTENT_TYPE, input)
    } else {
        let end = input.iter().position(|octet| *octet == b'\n').unwrap_or(input.len());
        let Ok(line) = std::str::from_utf8(&input[..end]) else { return };
        (line, input.get(end + 1..).unwrap_or_default())
    };
    let mut limits = MtomLimits::default();
    (limits.parts, limits.part_headers, limits.header_fields) = (10, 100, 5);
    let pieces = usize::from(kind & 0x7f) + 1;

    let whole = parts(content_type, message, usize::MAX, &limits);
    assert_eq!(parts(content_type, message, pieces, &limits), whole, "pieces of {pieces}");
    if let Ok(parts) = &whole
        && content_type == CONTENT_TYPE
    {
        let found: Vec<_> = parts.iter().map(|(_, octets)| octets.as_slice()).collect();
        assert_eq!(slowly(message), found);
    }

    let Ok(mut reader) = PackageReader::new(content_type, &limits, MemoryStore::new(&limits)) else { return };
    let Ok(package) = reader.push(message).and_then(|()| reader.finish()) else { return };
    let parts = whole.expect("what the reader accepts, the parser accepts");
    if let Ok(unpacked) = package.unpack(&ksz_xml::Limits::default(), UnreferencedParts::Dropped) {
        for attachment in &unpacked.attachments {
            let is_part = |(headers, octets): &(PartHeaders, Vec<u8>)| {
                headers == attachment.headers() && octets == attachment.source()
            };
            assert!(parts.iter().any(is_part), "an attachment is a part");
        }
    }
});

type Parts = Vec<(PartHeaders, Vec<u8>)>;

/// What the parser says of a message that comes in pieces.
fn parts(content_type: &str, message: &[u8], piece: usize, limits: &MtomLimits) -> Result<Parts, Error> {
    let mut parser = PackageParser::new(content_type, limits)?;
    let mut parts = Parts::new();
    for octets in message.chunks(piece) {
        parser.push(octets, &mut |event| {
            match event {
                PackageEvent::Begin(headers) => parts.push((headers, Vec::new())),
                PackageEvent::Data(octets) => {
                    let part = parts.last_mut().expect("data comes in a part");
                    part.1.extend_from_slice(octets);
                }
                _ => {}
            }
            Ok::<_, Error>(())
        })?;
    }
    parser.finish()?;
    Ok(parts)
}

/// The octets of each part of a message that is accepted, with the boundary `b`.
fn slowly(message: &[u8]) -> Vec<&[u8]> {
    let at = |octets: &[u8], mark: &[u8]| octets.windows(mark.len()).position(|window| window == mark);
    let mut found = Vec::new();
    // The first line may be a boundary.
    let mut rest = if message.starts_with(b"--b") { &message[3..] } else { behind(message, b"\r\n--b") };
    while !rest.starts_with(b"--") {
        let line_end = at(rest, b"\r\n").expect("the line of a boundary ends");
        let part = &rest[line_end..];
        // The empty line behind the headers; its end may be the beginning of the next boundary.
        let headers = at(part, b"\r\n\r\n").expect("headers end") + 2;
        let end = headers + at(&part[headers..], b"\r\n--b").expect("a part ends");
        found.push(part.get(headers + 2..end).unwrap_or_default());
        rest = &part[end + 5..];
    }
    found
}

fn behind<'o>(octets: &'o [u8], mark: &[u8]) -> &'o [u8] {
    let at = octets.windows(mark.len()).position(|window| window == mark);
    &octets[at.expect("an accepted message has a boundary") + mark.len()..]
}
