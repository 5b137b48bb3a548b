//! What the standard knows and we do not do, or not in a message.

use super::world::{
    DIGEST_OF_NOTHING, WORLD, parse, reference, signature_over, signers, verify_by, with_object,
};
use ksz::error::{Class, Kind};
use ksz::xmldsig::{Error, KeyInfo, SignatureLimits, UnverifiedSignature, names};

#[test]
fn what_is_not_supported_is_named_and_nothing_of_it_is_done() {
    let good = signature_over(&reference("#o", &[], DIGEST_OF_NOTHING));
    let good = with_object(&good, "<o Id=\"o\"></o>");
    let transform = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let with_transform =
        with_object(&signature_over(&reference("#o", &[transform], DIGEST_OF_NOTHING)), "<o Id=\"o\"></o>");
    let cases = [
        (
            "SignatureMethod",
            &good,
            names::ECDSA_SHA256,
            &[
                "",
                "none",
                "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
                "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
                "http://www.w3.org/2009/xmldsig11#dsa-sha256",
                "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
                "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
                "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512",
                "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
                "http://www.w3.org/2001/04/xmldsig-more#rsa-sha224",
                "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
                "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
                "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
            ][..],
        ),
        (
            "DigestMethod",
            &good,
            names::SHA256,
            &[
                "",
                "http://www.w3.org/2000/09/xmldsig#sha1",
                "http://www.w3.org/2001/04/xmldsig-more#sha224",
                "http://www.w3.org/2001/04/xmldsig-more#md5",
                "http://www.w3.org/2007/05/xmldsig-more#sha3-256",
            ],
        ),
        (
            "CanonicalizationMethod",
            &good,
            names::EXCLUSIVE_C14N,
            &[
                "",
                "http://www.w3.org/2010/xml-c14n2",
                "http://www.w3.org/TR/1999/REC-xpath-19991116",
                names::ENVELOPED_SIGNATURE,
            ],
        ),
        (
            "Transform",
            &with_transform,
            "Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#",
            &[
                "",
                "http://www.w3.org/TR/1999/REC-xpath-19991116",
                "http://www.w3.org/2002/06/xmldsig-filter2",
                "http://www.w3.org/TR/1999/REC-xslt-19991116",
                "http://www.w3.org/2000/09/xmldsig#base64",
                "http://www.w3.org/2002/07/decrypt#XML",
                "http://www.w3.org/2001/04/xmldsig-more/xptr",
                "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform",
            ],
        ),
    ];
    for (role, document, from, uris) in cases {
        for uri in uris {
            let to = if role == "Transform" { format!("Transform Algorithm=\"{uri}") } else { (*uri).into() };
            let refused = verify_by(&WORLD.ec, &document.replacen(from, &to, 1)).unwrap_err();
            assert_eq!(refused, Error::AlgorithmNotAccepted { role, uri: (*uri).into() });
            assert_eq!((refused.kind(), refused.class()), (Kind::Unsupported, Class::Algorithm));
        }
    }
    let truncated = good.replace(
        "sha256\"></ds:SignatureMethod>",
        "sha256\"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>",
    );
    assert_eq!(verify_by(&WORLD.ec, &truncated).unwrap_err().kind(), Kind::Unsupported);
}

#[test]
fn a_reference_out_of_the_document_is_named_and_not_followed() {
    for uri in [
        "http://127.0.0.1:9/x",
        "file:///etc/hostname",
        "cid:part",
        "other.xml#a",
        "#",
        "#xpointer(//a)",
        "#xpointer(id('a')/b)",
        "#element(/1)",
        "#a%2Db",
    ] {
        let refused =
            verify_by(&WORLD.ec, &signature_over(&reference(uri, &[], DIGEST_OF_NOTHING))).unwrap_err();
        assert_eq!(refused, Error::ReferenceNotSupported { uri: uri.into() });
        assert_eq!((refused.kind(), refused.class()), (Kind::Unsupported, Class::Reference));
    }
    let without = signature_over(&reference("", &[], DIGEST_OF_NOTHING).replace(" URI=\"\"", ""));
    assert_eq!(verify_by(&WORLD.ec, &without), Err(Error::ReferenceWithoutUri));
}

#[test]
fn transforms_in_another_order_or_number_are_not_supported() {
    let (enveloped, exclusive) = (names::ENVELOPED_SIGNATURE, names::EXCLUSIVE_C14N);
    for transforms in [
        &[exclusive, enveloped][..],
        &[exclusive, exclusive],
        &[enveloped, enveloped],
        &[enveloped, exclusive, names::INCLUSIVE_C14N],
    ] {
        let signature = signature_over(&reference("", transforms, DIGEST_OF_NOTHING));
        let refused = verify_by(&WORLD.ec, &format!("<a>{signature}</a>")).unwrap_err();
        assert_eq!(refused, Error::TransformsNotSupported { uri: String::new() }, "{transforms:?}");
        assert_eq!((refused.kind(), refused.class()), (Kind::Unsupported, Class::Algorithm));
    }
}

#[test]
fn what_is_not_supported_wins_over_what_is_wrong() {
    let xpath = "http://www.w3.org/TR/1999/REC-xpath-19991116";
    let last = reference("#o", &[xpath], DIGEST_OF_NOTHING);
    let not_supported = Error::AlgorithmNotAccepted { role: "Transform", uri: xpath.into() };
    for (name, first) in [
        ("a digest of another length", reference("#o", &[], "AAAA")),
        ("no element", reference("#nowhere", &[], DIGEST_OF_NOTHING)),
        (
            "an element that does not belong there",
            format!("<x></x>{}", reference("#o", &[], DIGEST_OF_NOTHING)),
        ),
    ] {
        let document = with_object(&signature_over(&format!("{first}{last}")), "<o Id=\"o\"></o>");
        assert_eq!(verify_by(&WORLD.ec, &document), Err(not_supported.clone()), "{name}");
        let repeated = document.replace("<o Id=\"o\">", "<o Id=\"o\"><p Id=\"o\"></p>");
        assert_eq!(
            verify_by(&WORLD.ec, &repeated),
            Err(not_supported.clone()),
            "{name}, an identifier twice"
        );
        let other_value = document.replace("<ds:SignatureValue>", "<ds:SignatureValue>AAAA");
        assert_eq!(verify_by(&WORLD.ec, &other_value), Err(not_supported.clone()), "{name}, another value");
    }
}

/// Good signatures, of which a message may have four.
#[test]
fn a_message_is_not_judged_by_what_documents_may_hold() {
    let document = parse("<a><b Id='b'/></a>");
    let b = document.elements_by_id("b").next().unwrap();
    let read_as_message = |signed: &str| {
        let message = parse(signed);
        let signature =
            message.root().descendants().find(|element| element.is(names::DS, "Signature")).unwrap();
        let read = UnverifiedSignature::read(&message, signature, &SignatureLimits::default());
        read.map(drop).map_err(|error| error.class())
    };
    let mut accepted = 0;
    for (method, signer) in signers() {
        let signer = signer.with_key_info(KeyInfo::x509_data([]));
        let key = WORLD.signer(method).key();
        let detached = signer.sign_detached(&document, &[b], key).unwrap();
        let whole = signer.sign_enveloped(&document, key).unwrap();

        assert!(verify_by(WORLD.signer(method), &detached).is_ok());
        let read = read_as_message(&detached);
        assert!(matches!(read, Ok(()) | Err(Class::Algorithm)), "{signer:?}: {read:?}");
        assert!(read_as_message(&whole).is_err(), "{signer:?}");
        accepted += usize::from(read.is_ok());
    }
    assert_eq!(accepted, 4, "RSA and ECDSA with SHA-256, that digest said once more, and a list of prefixes");
}
