//! Every form in which a document is signed, and what verification says of it.

use super::world::{ORDER, WORLD, key, parse, signers, text, verify_by};
use ksz::error::{Class, Kind};
use ksz::pki::Identity;
use ksz::xmldsig::{
    Covers, DocumentSignature, DocumentSigner, Error, KeyInfo, SignatureLimits, SignatureMethod,
};

#[test]
fn every_form_that_is_written_is_verified_and_any_change_in_it_refused() {
    for (method, signer) in signers() {
        let signer = signer.with_id("sig");
        for (form, signed) in in_every_form(&signer, WORLD.signer(method)) {
            let verified = verify_by(WORLD.signer(method), &signed);
            let verified = verified.unwrap_or_else(|error| panic!("{form}, {signer:?}: {error}\n{signed}"));
            assert_eq!(verified.method(), method);
            for (from, to) in [("caf\u{e9}", "cafe"), ("count='2'", "count='3'"), (" two ", " two")] {
                let refused = verify_by(WORLD.signer(method), &signed.replacen(from, to, 1));
                assert_eq!(refused.unwrap_err().class(), Class::Digest, "{form}, {signer:?}: {to}");
            }
        }
    }
}

#[test]
fn a_signature_by_rsa_without_salt_is_the_same_each_time() {
    let sign = || {
        let signer = DocumentSigner::new(SignatureMethod::RsaSha384)
            .with_key_info(KeyInfo::x509_data([WORLD.rsa.certificate().der()]));
        signer.sign_enveloped(&parse(ORDER), WORLD.rsa.key()).unwrap()
    };
    assert_eq!(sign(), sign());
}

#[test]
fn the_octets_around_a_signature_stay_as_they_are() {
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256);
    let signed = signer.sign_enveloped(&parse(ORDER), WORLD.ec.key()).unwrap();
    let (before, rest) = signed.split_once("<ds:Signature ").unwrap();
    let (_, after) = rest.split_once("</ds:Signature>").unwrap();
    assert_eq!(format!("{before}{after}"), ORDER);

    let document = parse(ORDER);
    let empty = document.elements_by_id("line-3").next().unwrap();
    let signed = signer.sign_enveloped_in(&document, empty, WORLD.ec.key()).unwrap();
    assert!(signed.contains("<empty AssertionID='line-3'><ds:Signature "));
    assert!(signed.ends_with("</ds:Signature></empty></o:order><?after?>"));
    assert!(verify_by(&WORLD.ec, &signed).is_ok());
}

#[test]
fn a_verified_signature_says_what_it_covers() {
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256);
    let document = parse(ORDER);
    let whole = verify_by(&WORLD.ec, &signer.sign_enveloped(&document, WORLD.ec.key()).unwrap()).unwrap();
    let [reference] = whole.references() else { panic!("{whole:?}") };
    assert_eq!((reference.uri(), reference.covers(), reference.is_enveloped()), ("", Covers::Document, true));
    assert_eq!((reference.namespace(), reference.local_name()), ("urn:order", "order"));
    let octets = text(reference.part().octets());
    assert!(
        octets.starts_with("<?before?>\n<o:order ") && octets.ends_with("</o:order>\n<?after?>"),
        "{octets}"
    );
    assert!(!octets.contains("<!--") && !octets.contains("Signature"));
    assert_eq!(reference.part().document().unwrap().root().local_name(), "order");

    let line = document.elements_by_id("line-2").next().unwrap();
    let one =
        verify_by(&WORLD.ec, &signer.sign_detached(&document, &[line], WORLD.ec.key()).unwrap()).unwrap();
    let [reference] = one.references() else { panic!("{one:?}") };
    assert_eq!(
        (reference.uri(), reference.covers(), reference.is_enveloped()),
        ("#line-2", Covers::Element, false)
    );
    let expected = "<line xmlns=\"urn:d\" xml:id=\"line-2\" xml:space=\"preserve\"> two </line>";
    assert_eq!(text(reference.part().octets()), expected);
}

#[test]
fn what_cannot_be_referred_to_is_not_signed() {
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256);
    let document = parse(ORDER);
    let key = WORLD.ec.key();
    let nameless = signer.sign_enveloped_in(&document, document.root(), key);
    assert_eq!(nameless, Err(Error::NoId { element: "o:order".into() }));

    let named = parse("<a Id='a'><b Id='b'/></a>");
    let around = signer.sign_detached(&named, &[named.root()], key);
    assert_eq!(around, Err(Error::CoversItself { uri: "#a".into() }));

    let repeated = ksz::xml::Error::RepeatedId { value: "b".into() };
    assert_eq!(signer.clone().with_id("b").sign_enveloped(&named, key), Err(Error::Xml(repeated.clone())));
    assert_eq!(signer.sign_enveloping(&named, "b", key), Err(Error::Xml(repeated.clone())));
    assert_eq!(signer.sign_enveloped(&parse("<a Id='b'><b ID='b'/></a>"), key), Err(Error::Xml(repeated)));
    for id in ["", "1", "a\" x=\"", "a:b"] {
        let refused = signer.clone().with_id(id).sign_enveloped(&named, key);
        assert_eq!(refused, Err(Error::IdNotAllowed { id: id.into() }));
    }
    let other_kind = DocumentSigner::new(SignatureMethod::RsaSha256).sign_enveloped(&named, key);
    assert_eq!(other_kind.unwrap_err().kind(), Kind::Misuse);
}

#[test]
fn one_of_several_signatures_is_named_by_its_identifier() {
    let document = parse("<a><b Id='b'/><c Id='c'/></a>");
    let element = |id| document.elements_by_id(id).next().unwrap();
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha256).with_id("first");
    let once = signer.sign_detached(&document, &[element("b")], WORLD.ec.key()).unwrap();
    let once = parse(&once);
    let c = once.elements_by_id("c").next().unwrap();
    let signer = DocumentSigner::new(SignatureMethod::EcdsaSha384).with_id("second");
    let twice = signer.sign_detached(&once, &[c], WORLD.ec.key()).unwrap();
    let twice = parse(&twice);

    let limits = SignatureLimits::documents();
    assert_eq!(DocumentSignature::only(&twice, &limits).unwrap_err(), Error::SignatureCount { found: 2 });
    for (id, uri) in [("first", "#b"), ("second", "#c")] {
        let verified =
            DocumentSignature::with_id(&twice, id, &limits).unwrap().verify(&key(&WORLD.ec)).unwrap();
        assert_eq!(verified.references()[0].uri(), uri);
    }
    for other in ["b", "third"] {
        let refused = DocumentSignature::with_id(&twice, other, &limits).unwrap_err();
        assert_eq!(refused, Error::NoSignature { id: other.into() });
    }
    let foreign = DocumentSignature::at(&twice, once.root().children().last().unwrap(), &limits);
    assert_eq!(foreign.unwrap_err(), Error::SignatureCount { found: 0 });
}

/// The order, signed whole, in two elements, beside them and inside an object.
fn in_every_form(signer: &DocumentSigner, identity: &Identity) -> Vec<(&'static str, String)> {
    let (key, document) = (identity.key(), parse(ORDER));
    let element = |id| document.elements_by_id(id).next().unwrap();
    let lines = [element("line-1"), element("line-2")];
    let wrapped = ORDER.replace("<o:order ", "<o:order Id='order' ");
    let wrapped = parse(&wrapped);
    vec![
        ("enveloped", signer.sign_enveloped(&document, key).unwrap()),
        ("enveloped in an element", signer.sign_enveloped_in(&wrapped, wrapped.root(), key).unwrap()),
        ("detached", signer.sign_detached(&document, &lines, key).unwrap()),
        ("enveloping", signer.sign_enveloping(&document, "object", key).unwrap()),
    ]
}
