//! What an adversary makes of a signed document, and of a key's owner who signs anything.

use super::world::{
    DIGEST_OF_NOTHING, WORLD, parse, reference, signature_over, signed_order, text, verify_by, with_object,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::Class;
use ksz::pki::Digest;
use ksz::xmldsig::{DocumentSigner, Error, SignatureMethod, names};
use ksz_tests::backend;
use ksz_tests::keys::Authority;

#[test]
fn only_the_key_that_signed_verifies() {
    let signed = signed_order();
    let stranger = Authority::new("Example Root").with_backend(backend!()).ec("two");
    assert_eq!(verify_by(&stranger, &signed), Err(Error::SignatureMismatch));
    assert_eq!(verify_by(&WORLD.rsa, &signed), Err(Error::AlgorithmNotForKey { uri: names::ECDSA_SHA256 }));
    let as_rsa = signed.replace(names::ECDSA_SHA256, names::RSA_SHA256);
    assert_eq!(verify_by(&WORLD.ec, &as_rsa), Err(Error::AlgorithmNotForKey { uri: names::RSA_SHA256 }));
    assert_eq!(verify_by(&WORLD.rsa, &as_rsa), Err(Error::SignatureMismatch));
}

#[test]
fn what_key_info_holds_is_not_looked_at() {
    let signed = signed_order();
    for key_info in [
        "<ds:KeyInfo></ds:KeyInfo>",
        "<ds:KeyInfo>text<x xmlns=\"urn:x\"><!-- any --></x></ds:KeyInfo>",
        "<ds:KeyInfo><ds:RetrievalMethod URI=\"http://127.0.0.1/key\"></ds:RetrievalMethod></ds:KeyInfo>",
    ] {
        let with = signed.replace("</ds:SignatureValue>", &format!("</ds:SignatureValue>{key_info}"));
        assert!(verify_by(&WORLD.ec, &with).is_ok(), "{key_info}");
    }
}

#[test]
fn a_forged_or_moved_part_is_refused_with_its_class() {
    let signed = signed_order();
    let swap = |from: &str, to: &str| {
        assert!(signed.contains(from), "{from}");
        signed.replacen(from, to, 1)
    };
    let signature = between(&signed, "<ds:Signature ", "</ds:Signature>");
    let signed_info = between(&signed, "<ds:SignedInfo>", "</ds:SignedInfo>");
    let reference = between(&signed, "<ds:Reference ", "</ds:Reference>");
    let transforms = between(&signed, "<ds:Transforms>", "</ds:Transforms>");
    let digest = between(&signed, "<ds:DigestValue>", "</ds:DigestValue>");
    let value = between(&signed, "<ds:SignatureValue>", "</ds:SignatureValue>");
    let line = between(&signed, "<line Id='line-1'", "</line>");
    let in_object =
        |content: &str| swap("</ds:Signature>", &format!("<ds:Object>{content}</ds:Object></ds:Signature>"));
    let other_value = |octets: &[u8]| {
        swap(value, &format!("<ds:SignatureValue>{}</ds:SignatureValue>", STANDARD.encode(octets)))
    };
    let genuine = STANDARD.decode(text_of(value)).unwrap();
    for (name, changed, class) in [
        ("a forged line before", swap(line, &format!("<line>forged</line>{line}")), Class::Digest),
        (
            "a forged line with the identifier",
            swap(line, &format!("<line ID='line-1'>forged</line>{line}")),
            Class::Id,
        ),
        ("and after it", swap(line, &format!("{line}<line id='line-1'>forged</line>")), Class::Id),
        ("and in an object", in_object("<line Id='line-1'>forged</line>"), Class::Id),
        (
            "an identifier in another guise",
            swap("<o:order ", "<o:order xmlns:w=\"urn:w\" w:ID='line-1' "),
            Class::Id,
        ),
        (
            "a document around the document",
            format!("<w>{}</w>", &signed[signed.find("<o:").unwrap()..signed.find("<?after").unwrap()]),
            Class::Digest,
        ),
        ("something after the end", swap("<?after?>", "<?after?><?more?>"), Class::Digest),
        ("another signature", swap(signature, &signature.repeat(2)), Class::Structure),
        ("a signature in an object", in_object(signature), Class::Structure),
        ("no signature", swap(signature, ""), Class::Structure),
        ("a signature in a comment", swap(signature, "<!-- -->"), Class::Structure),
        (
            "a signature of another namespace",
            swap("xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"", "xmlns:ds=\"urn:x\""),
            Class::Structure,
        ),
        ("two SignedInfo", swap(signed_info, &signed_info.repeat(2)), Class::Structure),
        (
            "SignedInfo behind its value",
            swap(&format!("{signed_info}{value}"), &format!("{value}{signed_info}")),
            Class::Structure,
        ),
        ("no reference", swap(reference, ""), Class::Structure),
        (
            "the reference outside SignedInfo",
            swap(reference, "")
                .replace("</ds:Signature>", &format!("<ds:Object>{reference}</ds:Object></ds:Signature>")),
            Class::Structure,
        ),
        (
            "a comment in DigestValue",
            swap("<ds:DigestValue>", "<ds:DigestValue><!-- x -->"),
            Class::Structure,
        ),
        (
            "an element in DigestValue",
            swap("</ds:DigestValue>", "<x></x></ds:DigestValue>"),
            Class::Structure,
        ),
        (
            "a comment in SignatureValue",
            swap("</ds:SignatureValue>", "<!-- x --></ds:SignatureValue>"),
            Class::Structure,
        ),
        ("two values", swap(value, &value.repeat(2)), Class::Structure),
        ("two digests", swap(digest, &digest.repeat(2)), Class::Structure),
        ("text in SignedInfo", swap("<ds:Reference ", "x<ds:Reference "), Class::Structure),
        ("an attribute of SignedInfo", swap("<ds:SignedInfo>", "<ds:SignedInfo a=\"\">"), Class::Structure),
        (
            "a digest of nothing",
            swap(text_of(digest), &STANDARD.encode(Digest::sha256(b"").as_bytes())),
            Class::Signature,
        ),
        ("a digest of another length", swap(text_of(digest), "AAAA"), Class::Structure),
        ("2000 references", swap(reference, &reference.repeat(2_000)), Class::Limit),
        (
            "1000 transforms",
            swap(
                transforms,
                &format!(
                    "<ds:Transforms>{}</ds:Transforms>",
                    format!("<ds:Transform Algorithm=\"{}\"></ds:Transform>", names::INCLUSIVE_C14N)
                        .repeat(1_000)
                ),
            ),
            Class::Limit,
        ),
        ("an empty value", other_value(b""), Class::Signature),
        ("a truncated value", other_value(&genuine[..63]), Class::Signature),
        ("a value with an octet more", other_value(&[&genuine[..], &[0]].concat()), Class::Signature),
        ("a value in DER", other_value(&der(&genuine)), Class::Signature),
        ("a value of zeros", other_value(&[0; 64]), Class::Signature),
        ("a value that is not base64", swap(text_of(value), "a.b"), Class::Structure),
        (
            "a relative namespace in SignedInfo",
            swap("<ds:SignedInfo>", "<ds:SignedInfo xmlns:r=\"relative\">"),
            Class::XmlMalformed,
        ),
        ("a DOCTYPE", format!("<!DOCTYPE order>{signed}"), Class::XmlForbidden),
        (
            "a DOCTYPE with an ID",
            format!("<!DOCTYPE order [<!ATTLIST line no ID #IMPLIED>]>{signed}"),
            Class::XmlForbidden,
        ),
        (
            "a huge canonical form",
            swap(line, &format!("<l:a xmlns:l=\"urn:{}\">{}</l:a>", "l".repeat(900), "<l:a/>".repeat(9_000))),
            Class::Digest,
        ),
    ] {
        let refused = verify_by(&WORLD.ec, &changed);
        assert_eq!(refused.map_err(|error| error.class()), Err(class), "{name}");
    }
}

/// References that the key's owner did sign.
#[test]
fn a_reference_to_what_nobody_can_have_signed_is_refused_by_name() {
    let whole = reference("", &[], DIGEST_OF_NOTHING);
    let enveloped = |uri: &str| reference(uri, &[names::ENVELOPED_SIGNATURE], DIGEST_OF_NOTHING);
    for (name, document, refused) in [
        ("the whole document with the signature", format!("<a>{}</a>", signature_over(&whole)), itself("")),
        (
            "an element around it",
            format!("<a Id=\"a\">{}</a>", signature_over(&reference("#a", &[], DIGEST_OF_NOTHING))),
            itself("#a"),
        ),
        ("the signature", signature_over(&reference("#sig", &[], DIGEST_OF_NOTHING)), itself("#sig")),
        (
            "SignedInfo",
            signature_over(&reference("#info", &[], DIGEST_OF_NOTHING))
                .replace("<ds:SignedInfo>", "<ds:SignedInfo Id=\"info\">"),
            itself("#info"),
        ),
        (
            "SignatureValue",
            signature_over(&reference("#value", &[], DIGEST_OF_NOTHING))
                .replace("<ds:SignatureValue>", "<ds:SignatureValue Id=\"value\">"),
            itself("#value"),
        ),
        ("the document without what is all of it", signature_over(&enveloped("")), elsewhere("")),
        ("the signature without itself", signature_over(&enveloped("#sig")), elsewhere("#sig")),
        (
            "an element beside it",
            format!("<a><b Id=\"b\"></b>{}</a>", signature_over(&enveloped("#b"))),
            elsewhere("#b"),
        ),
        (
            "an element in it",
            with_object(&signature_over(&enveloped("#b")), "<b Id=\"b\"></b>"),
            elsewhere("#b"),
        ),
        (
            "no element",
            signature_over(&reference("#b", &[], DIGEST_OF_NOTHING)),
            Error::NoTarget { uri: "#b".into() },
        ),
    ] {
        assert_eq!(verify_by(&WORLD.ec, &document), Err(refused), "{name}");
    }
    fn itself(uri: &str) -> Error {
        Error::CoversItself { uri: uri.into() }
    }
    fn elsewhere(uri: &str) -> Error {
        Error::NotEnveloped { uri: uri.into() }
    }
}

#[test]
fn an_empty_canonical_form_is_not_what_an_element_is_digested_by() {
    let document =
        format!("<a><b Id=\"b\"></b>{}</a>", signature_over(&reference("#b", &[], DIGEST_OF_NOTHING)));
    let refused = Error::DigestMismatch { uri: "#b".into(), part: "the element" };
    assert_eq!(verify_by(&WORLD.ec, &document), Err(refused));
}

#[test]
fn a_moved_element_is_what_is_handed_out_and_not_what_took_its_place() {
    let document = parse("<a><pay Id='p'>1</pay></a>");
    let pay = document.elements_by_id("p").next().unwrap();
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256);
    let signed = signer.sign_detached(&document, &[pay], WORLD.ec.key()).unwrap();
    let moved = with_object(&signed.replace("<pay Id='p'>1</pay>", "<pay>1000</pay>"), "<pay Id='p'>1</pay>");
    let verified = verify_by(&WORLD.ec, &moved).unwrap();
    let octets: Vec<_> =
        verified.references().iter().map(|reference| text(reference.part().octets())).collect();
    assert_eq!(octets, ["<pay Id=\"p\">1</pay>"]);
}

#[test]
fn what_is_added_to_an_enveloped_signature_is_not_covered() {
    let signed = signed_order();
    let covered = |document: &str| verify_by(&WORLD.ec, document).unwrap().references().to_vec();
    let second = between(&signed, "<ds:SignedInfo>", "</ds:SignedInfo>");
    for added in ["<pay>1000</pay>", second] {
        assert_eq!(covered(&with_object(&signed, added)), covered(&signed));
    }
}

#[test]
fn all_references_together_may_cover_a_document_a_few_times() {
    let content = format!("<o Id=\"o\">{}</o>", "text ".repeat(20_000));
    let digest = STANDARD.encode(Digest::sha256(content.as_bytes()).as_bytes());
    let covered = |times: usize| {
        let references = reference("#o", &[names::EXCLUSIVE_C14N], &digest).repeat(times);
        verify_by(&WORLD.ec, &with_object(&signature_over(&references), &content))
    };
    assert_eq!(covered(5).unwrap().references().len(), 5);
    assert_eq!(covered(50).unwrap_err().class(), Class::Limit);
}

/// r and s as a SEQUENCE of INTEGERs.
fn der(value: &[u8]) -> Vec<u8> {
    let integers: Vec<u8> = value
        .chunks(32)
        .flat_map(|number| {
            let padded = [&[0], number].concat();
            [vec![2, u8::try_from(padded.len()).unwrap()], padded].concat()
        })
        .collect();
    [vec![0x30, u8::try_from(integers.len()).unwrap()], integers].concat()
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let from = text.find(start).unwrap_or_else(|| panic!("{start} in {text}"));
    let to = from + text[from..].find(end).unwrap() + end.len();
    &text[from..to]
}

/// The text between the tags of an element that holds nothing else.
fn text_of(element: &str) -> &str {
    element.split(['<', '>']).nth(2).unwrap()
}
