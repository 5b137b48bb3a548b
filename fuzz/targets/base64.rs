//! base64 in a signature, against the plainest decoder that can be written (RFC 4648 section 4).

#![no_main]

use ksz_xml::{Document, Limits};
use ksz_xmldsig::{Error, SignatureLimits, UnverifiedSignature};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Ok(value) = std::str::from_utf8(input) else { return };
    if value.contains(['<', '&', '>', '\r']) {
        return;
    }
    let signature = format!(
        "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignedInfo><CanonicalizationMethod \
         Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/><SignatureMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/><Reference URI=\"#a\"><Transforms><Transform \
         Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></Transforms><DigestMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><DigestValue>{DIGEST}</DigestValue></Reference>\
         </SignedInfo><SignatureValue>{value}</SignatureValue><KeyInfo><KeyName>k</KeyName></KeyInfo></Signature>"
    );
    let Ok(document) = Document::parse(signature.as_bytes(), &Limits::default()) else { return };

    match UnverifiedSignature::read(&document, document.root(), &SignatureLimits::default()) {
        Ok(_) => assert!(decode(value).is_some(), "accepted"),
        Err(Error::Value { .. }) => assert!(decode(value).is_none(), "refused"),
        Err(Error::LimitExceeded { .. }) => {}
        Err(other) => panic!("{other:?}"),
    }
});

const DIGEST: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Groups of four characters, the last one padded, white space anywhere, no bits left over.
fn decode(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text: Vec<u8> = text.bytes().filter(|octet| !b" \t\r\n".contains(octet)).collect();
    let (mut octets, groups) = (Vec::new(), text.chunks(4).collect::<Vec<_>>());
    for (index, group) in groups.iter().enumerate() {
        let padding = group.iter().rev().take_while(|octet| **octet == b'=').count();
        if group.len() != 4 || padding > 2 || (padding > 0 && index + 1 < groups.len()) {
            return None;
        }
        let mut bits = 0_u32;
        for octet in &group[..4 - padding] {
            bits = bits << 6 | u32::try_from(ALPHABET.iter().position(|letter| letter == octet)?).ok()?;
        }
        bits <<= 6 * padding;
        let [_, three @ ..] = bits.to_be_bytes();
        let (kept, left) = three.split_at(3 - padding);
        if left.iter().any(|octet| *octet != 0) {
            return None;
        }
        octets.extend(kept);
    }
    Some(octets)
}
