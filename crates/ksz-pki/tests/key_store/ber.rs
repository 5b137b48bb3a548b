//! Stores in BER, as some Java libraries write them: lengths that are not stated, octet strings in pieces.

use crate::fixture::{Authorities, PASSWORD, Store, assert_is, password};
use crate::programs::{Folder, installed};
use ksz_pki::{Backend, Identity};

/// The DER value at the beginning, in BER: constructed values end with a mark, octet strings come in two
/// pieces.
///
/// An octet string that holds values itself is changed within too, `within` times; that changes what a MAC
/// covers.
fn ber(der: &[u8], within: usize) -> (Vec<u8>, &[u8]) {
    let (tag, contents, rest) = value(der);
    if tag & 0x20 != 0 {
        let mut changed = vec![tag, 0x80];
        let mut values = contents;
        while !values.is_empty() {
            let (value, others) = ber(values, within);
            changed.extend(value);
            values = others;
        }
        changed.extend([0, 0]);
        return (changed, rest);
    }
    if ![0x04, 0x80].contains(&tag) {
        return (der[..der.len() - rest.len()].to_vec(), rest);
    }
    let contents = match contents.first() {
        Some(0x30) if within > 0 => ber(contents, within - 1).0,
        _ => contents.to_vec(),
    };
    let mut changed = vec![tag | 0x20, 0x80];
    for piece in contents.chunks(contents.len().div_ceil(2).max(1)) {
        let [high, low] = u16::try_from(piece.len()).unwrap().to_be_bytes();
        changed.extend([0x04, 0x82, high, low]);
        changed.extend(piece);
    }
    changed.extend([0, 0]);
    (changed, rest)
}

fn value(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let (length, begin) = match der[1] {
        0x81 => (usize::from(der[2]), 3),
        0x82 => (usize::from(u16::from_be_bytes([der[2], der[3]])), 4),
        short => (usize::from(short), 2),
    };
    (der[0], &der[begin..begin + length], &der[begin + length..])
}

#[test]
fn a_store_in_ber_opens() {
    let authorities = Authorities::new();
    let signer = authorities.signer("Hospital");
    let store = Store::new().with("mine", &signer, &authorities.pem()).write();
    let (store, rest) = ber(&store, 0);
    assert!(rest.is_empty());

    let identity = Identity::from_pkcs12(&store, &password(), Backend::default()).unwrap();

    assert_is(&identity, &signer);
    assert_eq!(identity.chain().len(), 3);
}

#[test]
fn a_store_in_ber_through_and_through_opens_as_in_openssl() {
    if !installed("openssl", "a store in BER") {
        return;
    }
    let (folder, signer) = (Folder::new(), Authorities::new().signer("Hospital"));
    folder.write_signer(&signer, "");
    let line = "pkcs12 -export -nomac -inkey @key.pem -in @certificate.pem -out @store.p12 -passout";
    folder.run("openssl", line, &[&format!("pass:{PASSWORD}")]);
    let (store, _) = ber(&folder.read("store.p12"), 2);
    folder.write("ber.p12", &store);

    let identity = Identity::from_pkcs12(&store, &password(), Backend::default()).unwrap();

    assert_is(&identity, &signer);
    let line = "pkcs12 -in @ber.p12 -nomacver -noenc -passin";
    let output = folder.run("openssl", line, &[&format!("pass:{PASSWORD}")]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("BEGIN PRIVATE KEY"));
}
