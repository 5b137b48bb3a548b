//! What references and methods mean where the standard leaves something unsaid in the document.

use super::world::{
    DIGEST_OF_NOTHING, WORLD, canonical, reference, signature, signature_over, signed_info, signed_order,
    text, verify_by, with_object,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::Kind;
use ksz::pki::Digest;
use ksz::xml::{Document, Limits};
use ksz::xmldsig::{Covers, DocumentSignature, Error, SignatureLimits, SignatureMethod, names};

/// XML Signature 1.1 sections 4.4.3.2 and 4.4.3.3. The octets are written out here, so that they are their
/// own witness.
#[test]
fn a_reference_without_canonicalization_is_canonical_xml_without_comments() {
    let content = "<b Id=\"b\" xml:space=\"preserve\">1<!-- c -->2</b>";
    let taken_out =
        "<b xmlns=\"urn:d\" xmlns:p=\"urn:p\" Id=\"b\" xml:lang=\"nl\" xml:space=\"preserve\">1#2</b>";
    let (without, with) = (taken_out.replace('#', ""), taken_out.replace('#', "<!-- c -->"));
    let with_comments = names::INCLUSIVE_C14N_WITH_COMMENTS;
    for (uri, transforms, octets) in [
        ("#b", &[][..], &without),
        ("#b", &[names::INCLUSIVE_C14N], &without),
        ("#b", &[with_comments], &without),
        ("#xpointer(id('b'))", &[with_comments], &with),
        ("#xpointer(id('b'))", &[], &without),
    ] {
        let digest = STANDARD.encode(Digest::sha256(octets.as_bytes()).as_bytes());
        let signature = signature_over(&reference(uri, transforms, &digest));
        let document =
            format!("<a xmlns=\"urn:d\" xmlns:p=\"urn:p\" xml:lang=\"nl\">{content}{signature}</a>");
        let verified =
            verify_by(&WORLD.ec, &document).unwrap_or_else(|error| panic!("{uri}, {transforms:?}: {error}"));
        assert_eq!(text(verified.references()[0].part().octets()), *octets);
        let other_comment = document.replace("<!-- c -->", "<!-- d -->");
        assert_eq!(verify_by(&WORLD.ec, &other_comment).is_ok(), octets == &without, "{uri}, {transforms:?}");
    }
    let whole = "<!-- outside -->\n<a>1<!-- c --></a>";
    let digest = STANDARD.encode(Digest::sha256(whole.as_bytes()).as_bytes());
    let transforms = [names::ENVELOPED_SIGNATURE, with_comments];
    let signature = signature_over(&reference("#xpointer(/)", &transforms, &digest));
    let document = whole.replace("</a>", &format!("{signature}</a>"));
    assert_eq!(verify_by(&WORLD.ec, &document).unwrap().references()[0].covers(), Covers::Document);
}

#[test]
fn the_references_of_a_manifest_are_not_followed_and_it_is_said() {
    let manifest =
        format!("<ds:Manifest Id=\"m\">{}</ds:Manifest>", reference("#elsewhere", &[], DIGEST_OF_NOTHING));
    let octets = manifest.replacen("<ds:Manifest", &format!("<ds:Manifest xmlns:ds=\"{}\"", names::DS), 1);
    let digest = STANDARD.encode(Digest::sha256(octets.as_bytes()).as_bytes());
    let signature =
        with_object(&signature_over(&reference("#m", &[names::EXCLUSIVE_C14N], &digest)), &manifest);
    let verified = verify_by(&WORLD.ec, &signature).unwrap();
    assert_eq!(verified.references()[0].manifests(), 1);

    let plain = verify_by(&WORLD.ec, &signed_order()).unwrap();
    assert_eq!(plain.references()[0].manifests(), 0);
}

#[test]
fn rsa_pss_has_two_names_and_one_meaning() {
    let content = "<o Id=\"o\"></o>";
    let references = reference(
        "#o",
        &[names::EXCLUSIVE_C14N],
        &STANDARD.encode(Digest::sha256(content.as_bytes()).as_bytes()),
    );
    let salted = |parameters: &str, uri: &str| {
        let method = format!("<ds:SignatureMethod Algorithm=\"{uri}\">{parameters}</ds:SignatureMethod>");
        let info = signed_info(&method, &references);
        let digest = Digest::sha256(canonical(&info).as_bytes());
        let value =
            WORLD.rsa.key().sign_digest_with(SignatureMethod::RsaPssSha256.algorithm(), &digest).unwrap();
        with_object(&signature(&info, &value), content)
    };
    let parameters = format!(
        "<p:RSAPSSParams xmlns:p=\"{}\"><p:SaltLength>32</p:SaltLength></p:RSAPSSParams>",
        names::DSIG_MORE_2007
    );
    for document in
        [salted("", names::RSA_PSS_SHA256), salted("", names::RSA_PSS), salted(&parameters, names::RSA_PSS)]
    {
        assert_eq!(verify_by(&WORLD.rsa, &document).unwrap().method(), SignatureMethod::RsaPssSha256);
        let as_pkcs1 = document.replace(names::RSA_PSS_SHA256, names::RSA_SHA256);
        if as_pkcs1 != document {
            assert_eq!(verify_by(&WORLD.rsa, &as_pkcs1), Err(Error::SignatureMismatch));
        }
    }
    for document in
        [salted(&parameters, names::RSA_PSS_SHA256), salted(&parameters.replace("32", "20"), names::RSA_PSS)]
    {
        assert_eq!(verify_by(&WORLD.rsa, &document).unwrap_err().kind(), Kind::Unsupported);
    }
}

/// In an outline not all can be found: what a reference names may stand where nobody looks.
#[test]
fn an_outline_is_not_judged() {
    let signed = signed_order().replace("<?before?>", "").replace("<?after?>", "");
    let opaque = |name: &'static str| {
        let outline = Document::parse_outline(signed.as_bytes(), &Limits::default(), |element| {
            element.name().local_name() == name
        });
        let outline = outline.unwrap();
        DocumentSignature::only(&outline, &SignatureLimits::documents()).map(|_| ())
    };
    assert_eq!(opaque("nothing"), Ok(()));
    assert!(
        matches!(opaque("line"), Err(Error::Xml(ksz::xml::Error::Unexpected { parent, .. })) if parent == "line")
    );
}
