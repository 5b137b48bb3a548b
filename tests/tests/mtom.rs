//! Signed messages with attachments: what is signed is their base64 in the place of `xop:Include`.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::{Class, Kind};
use ksz::pki::{Identity, TrustStore, TrustedCertificate};
use ksz::soap::SoapVersion;
use ksz::soap::mtom::{
    Attachment, ContentId, MemoryStore, MtomLimits, Package, PackageReader, PartSource, ReceivedPackage,
    UnreferencedParts,
};
use ksz::sts::names::EHEALTH_ISSUER;
use ksz::sts::{AssertionTrust, VerifiedAssertion};
use ksz::wss::{
    self, Policy, PrefixLists, Replay, SamlToken, SigningOptions, VerifiedPackage,
    sign_holder_of_key_package, sign_x509, sign_x509_package, verify_holder_of_key_package, verify_x509,
    verify_x509_package,
};
use ksz::xml::{Document, Element, Limits};
use ksz::xmldsig::{CanonicalizationMethod, PrefixList, Reference, Signature, Transforms};
use ksz_tests::backend;
use ksz_tests::keys::{Authority, ids};
use ksz_tests::world::{new_assertion, read_token};
use std::sync::LazyLock;
use std::time::SystemTime;

static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// Who takes part, and the present.
struct World {
    authority: Authority,
    client: Identity,
    service: Identity,
    now: SystemTime,
}

impl World {
    fn new() -> Self {
        let authority = Authority::new("Example Root").with_backend(backend!());
        let (client, service) = (authority.ec("client"), authority.ec("token service"));
        Self { authority, client, service, now: SystemTime::now() }
    }

    fn trust(&self) -> TrustStore {
        TrustStore::new(vec![self.authority.certificate()], backend!())
    }

    fn signed(&self, attachments: &[(&str, &[u8])]) -> Wire {
        let package = package(attachments);
        let options = SigningOptions::default();
        Wire::of(&sign_x509_package(package, &self.client, &ids("1"), self.now, &options).unwrap())
    }

    fn verify_plain(&self, message: &str) -> Result<(), wss::Error> {
        let policy = Policy::default();
        verify_x509(message.as_bytes(), &self.trust(), &policy, Replay::NotChecked, self.now).map(drop)
    }
}

const SCAN: &[u8] = b"%PDF-1.7 \r\n--ksz\xff\0";

#[test]
fn a_signed_package_hands_out_its_body_and_the_parts_that_were_digested() {
    let wire = WORLD.signed(&[("scan@x", SCAN), ("empty@x", b""), ("long@x", &[7; 200_000])]);

    let verified = wire.verify().unwrap();

    let body = String::from_utf8(verified.message().body().octets().to_vec()).unwrap();
    assert!(body.starts_with("<soapenv:Body") && body.contains("href=\"cid:scan@x\""), "{body}");
    let parts: Vec<_> = verified
        .attachments()
        .iter()
        .map(|part| (part.content_id().as_str(), part.source().as_slice()))
        .collect();
    assert_eq!(parts, [("scan@x", SCAN), ("empty@x", b""), ("long@x", &[7; 200_000])]);
}

#[test]
fn the_signature_is_over_the_base64_that_another_encoder_makes() {
    for (length, prefix_lists) in [
        (0, PrefixLists::Omitted),
        (1, PrefixLists::Written),
        (2, PrefixLists::Omitted),
        (3, PrefixLists::Written),
        (48 * 1024, PrefixLists::Omitted),
        (48 * 1024 + 1, PrefixLists::Written),
        (300_000, PrefixLists::Omitted),
    ] {
        let mut options = SigningOptions::default();
        options.prefix_lists = prefix_lists;
        let octets: Vec<u8> = (0..length).map(|index| u8::try_from(index % 253).unwrap()).collect();
        let package = package(&[("a", &octets)]);
        let signed = sign_x509_package(package, &WORLD.client, &ids("1"), WORLD.now, &options).unwrap();

        let expanded = signed.envelope().replace(&include("a"), &STANDARD.encode(&octets));

        assert_eq!(WORLD.verify_plain(&expanded), Ok(()), "{length}");
    }
}

#[test]
fn what_was_signed_with_base64_in_place_verifies_as_a_package() {
    let envelope = ksz::soap::write_envelope(&format!("<a xmlns='urn:a'>{}</a>", STANDARD.encode(SCAN)));
    let signed =
        sign_x509(envelope.as_bytes(), &WORLD.client, &ids("1"), WORLD.now, &SigningOptions::default())
            .unwrap();
    let optimized = signed.replace(&STANDARD.encode(SCAN), &include("a"));

    let wire = Wire::from_parts(&optimized, &[("a", SCAN)]);

    assert_eq!(wire.verify().unwrap().attachments()[0].source(), SCAN);
    let digest = wire.verify().unwrap().body_digest().unwrap();
    let document = Document::parse(signed.as_bytes(), &Limits::default()).unwrap();
    let body = ksz::soap::Envelope::find(&document).unwrap().body();
    assert_eq!(digest, exclusive().digest(body).unwrap());
}

#[test]
fn a_token_that_comes_as_a_part_is_put_in_its_place() {
    let wire = WORLD.signed(&[("scan@x", SCAN)]);
    let certificate = STANDARD.encode(WORLD.client.certificate().der());
    let root = wire.root.replace(&format!(">{certificate}<"), &format!(">{}<", include("token")));
    assert_ne!(root, wire.root);
    let der = WORLD.client.certificate().der();

    let wire = Wire::from_parts(&root, &[("scan@x", SCAN), ("token", der)]);
    let verified = wire.verify().unwrap();

    assert_eq!(verified.message().signer().certificate(), WORLD.client.certificate());
    assert_eq!(verified.attachments().len(), 1, "the token is no attachment");
    let changed = Wire::from_parts(&root, &[("scan@x", SCAN), ("token", WORLD.service.certificate().der())]);
    assert_eq!(changed.refusal().class(), Class::Signature);
}

#[test]
fn an_include_is_never_signed_instead_of_its_octets() {
    let plain = package(&[("a", SCAN)]);
    let referred = plain.envelope().replace("/xop/include", "/xop&#x2F;include");
    assert_ne!(referred, plain.envelope());
    for envelope in [plain.envelope(), &referred] {
        let options = SigningOptions::default();
        let refused = sign_x509(envelope.as_bytes(), &WORLD.client, &ids("1"), WORLD.now, &options);
        assert_eq!(refused.unwrap_err(), wss::Error::IncludeNotExpanded);
    }
    assert_eq!(wss::Error::IncludeNotExpanded.kind(), Kind::Misuse);
}

#[test]
fn an_attachment_that_no_signature_would_cover_is_not_signed() {
    let header = format!("<soapenv:Header><h xmlns='urn:h'>{}</h></soapenv:Header>", include("a"));
    let envelope = ksz::soap::write_envelope("<b xmlns='urn:b'/>");
    let envelope =
        envelope.replace("<soapenv:Header/>", &header).replace("<soapenv:Header></soapenv:Header>", &header);
    let attachment = Attachment::new(ContentId::new("a").unwrap(), "application/pdf", SCAN.to_vec());
    let package = Package::new(envelope, vec![attachment.unwrap()], "1").unwrap();

    let options = SigningOptions::default();
    let refused = sign_x509_package(package, &WORLD.client, &ids("1"), WORLD.now, &options).unwrap_err();

    assert_eq!(refused, wss::Error::IncludeNotCovered { content_id: "a".into() });
    assert_eq!((refused.kind(), refused.class()), (Kind::Misuse, Class::Coverage));
}

#[test]
fn an_include_that_was_signed_as_it_was_sent_is_refused_by_name_as_a_package_and_alone() {
    let as_sent = signed_as_sent(&WORLD.signed(&[("a", SCAN)]).root);
    let refusal: wss::Error = ksz::xmldsig::Error::NotExpanded { part: "Body" }.into();

    assert_eq!(Wire::from_parts(&as_sent, &[("a", SCAN)]).refusal(), refusal);
    assert_eq!(Wire::from_parts(&as_sent, &[("a", b"other octets")]).refusal(), refusal);
    assert_eq!(WORLD.verify_plain(&as_sent), Err(refusal));
    let own_text = signed_as_sent(&WORLD.signed(&[]).root);
    assert_eq!(WORLD.verify_plain(&own_text), Ok(()), "what signs as sent signs rightly");
}

#[test]
fn a_message_may_speak_of_includes() {
    let text = "<a xmlns='urn:a'>http://www.w3.org/2004/08/xop/include<Include/></a>";
    let envelope = ksz::soap::write_envelope(text);
    let signed =
        sign_x509(envelope.as_bytes(), &WORLD.client, &ids("1"), WORLD.now, &SigningOptions::default())
            .unwrap();
    assert_eq!(WORLD.verify_plain(&signed), Ok(()));
}

#[test]
fn a_holder_of_key_signs_packages_too_and_another_key_is_refused() {
    let token = token();
    let sign = |key: &Identity| {
        let options = SigningOptions::default();
        let package = package(&[("a", SCAN)]);
        let signed =
            sign_holder_of_key_package(package, &token, key.key(), &ids("1"), WORLD.now, &options).unwrap();
        Wire::of(&signed)
    };

    let verified = brokered(&sign(&WORLD.client)).unwrap();
    assert_eq!(verified.attachments()[0].source(), SCAN);
    assert!(sign(&WORLD.client).root.contains(token.as_xml()), "the assertion is carried octet for octet");

    assert_eq!(brokered(&sign(&WORLD.service)).unwrap_err().class(), Class::Hok);
    let changed = Wire::from_parts(&sign(&WORLD.client).root, &[("a", b"other")]);
    assert_eq!(brokered(&changed).unwrap_err().class(), Class::Digest);
}

#[test]
fn a_package_of_soap_1_2_is_signed_and_verified_where_a_caller_allows_it() {
    let (old, new) = (SoapVersion::Soap11.namespace(), SoapVersion::Soap12.namespace());
    let attachment = Attachment::new(ContentId::new("a").unwrap(), "a/b", SCAN.to_vec()).unwrap();
    let package = Package::new(envelope(&["a"]).replace(old, new), vec![attachment], "1").unwrap();
    let (mut options, mut policy) = (SigningOptions::default(), Policy::default());
    options.soap_versions = &SoapVersion::ALL;
    let signed = sign_x509_package(package, &WORLD.client, &ids("1"), WORLD.now, &options).unwrap();
    let wire = Wire::of(&signed);

    let not_allowed = ksz::soap::Error::VersionNotAllowed { version: SoapVersion::Soap12 };
    assert_eq!(wire.refusal(), wss::Error::Soap(not_allowed));
    policy.soap_versions = &SoapVersion::ALL;
    let verified =
        verify_x509_package(wire.received(), &WORLD.trust(), &policy, Replay::NotChecked, WORLD.now).unwrap();
    assert_eq!(verified.attachments()[0].source(), SCAN);
}

#[test]
fn p63_a_part_that_is_missing_doubled_elsewhere_or_changed_is_refused() {
    let genuine = WORLD.signed(&[("a", SCAN), ("b", b"b")]);
    let both: [(&str, &[u8]); 2] = [("a", SCAN), ("b", b"b")];
    assert!(Wire::from_parts(&genuine.root, &both).verify().is_ok());

    let refused = |root: &str, parts: &[(&str, &[u8])]| Wire::from_parts(root, parts).refusal();
    let renamed = |href: &str| genuine.root.replace("href=\"cid:a\"", &format!("href=\"{href}\""));
    let id = |content_id: &str| content_id.to_owned();

    for (found, expected) in [
        (refused(&genuine.root, &both[1..]), ksz::soap::Error::PartMissing { content_id: id("a") }),
        (
            refused(&genuine.root, &[both[0], both[1], ("a", b"other")]),
            ksz::soap::Error::RepeatedContentId { content_id: id("a") },
        ),
        (
            refused(&genuine.root, &[("a", b"other"), both[0], both[1]]),
            ksz::soap::Error::RepeatedContentId { content_id: id("a") },
        ),
        (
            refused(&renamed("http://127.0.0.1:9/a"), &both),
            ksz::soap::Error::HrefNotContentId { href: id("http://127.0.0.1:9/a") },
        ),
        (
            refused(&renamed("file:///etc/hostname"), &both),
            ksz::soap::Error::HrefNotContentId { href: id("file:///etc/hostname") },
        ),
        (refused(&renamed("cid:b"), &both[1..]), ksz::soap::Error::RepeatedInclude { content_id: id("b") }),
        (
            refused(&genuine.root, &[both[0], both[1], ("c", b"c")]),
            ksz::soap::Error::PartNotIncluded { content_id: id("c") },
        ),
    ] {
        assert_eq!(found, wss::Error::Soap(expected));
    }
    for changed in [&b"other"[..], &SCAN[1..], b"", &[SCAN, b"\n"].concat()] {
        assert_eq!(refused(&genuine.root, &[("a", changed), both[1]]).class(), Class::Digest);
    }
    assert_eq!(refused(&genuine.root, &[("a", b"b"), ("b", SCAN)]).class(), Class::Digest, "exchanged");
}

#[test]
fn p64_headers_parts_and_octets_without_end_are_refused() {
    let receive = |octets: &[u8]| {
        let limits = MtomLimits::default();
        let content_type = "multipart/related; type=\"application/xop+xml\"; boundary=b";
        let mut reader = PackageReader::new(content_type, &limits, MemoryStore::new(&limits)).unwrap();
        reader.push(octets).and_then(|()| reader.finish()).map(drop).unwrap_err()
    };
    let root = "--b\r\n\r\n<a/>\r\n";
    let headers = format!("{root}--b\r\n{}\r\nx\r\n--b--", "X: y\r\n".repeat(20_000));
    let parts = format!("{root}{}--b--", "--b\r\n\r\nx\r\n".repeat(20_000));
    let endless = format!("{root}--b\r\n\r\n{}", "x".repeat(1_000_000));

    assert_eq!(receive(headers.as_bytes()).class(), Class::Limit);
    assert_eq!(receive(parts.as_bytes()), ksz::soap::Error::PackageLimit { what: "parts", limit: 100 });
    assert_eq!(receive(endless.as_bytes()), ksz::soap::Error::PackageCutOff);
    assert_eq!(ksz::soap::Error::PackageCutOff.class(), Class::Structure);
}

#[test]
fn parts_that_no_signature_covers_can_be_dropped_and_are_never_handed_out() {
    let wire = WORLD.signed(&[("a", SCAN)]);
    let more = Wire::from_parts(&wire.root, &[("a", SCAN), ("c", b"unsigned")]);
    let mut policy = Policy::default();
    policy.unreferenced_parts = UnreferencedParts::Dropped;

    let verified =
        verify_x509_package(more.received(), &WORLD.trust(), &policy, Replay::NotChecked, WORLD.now).unwrap();

    assert_eq!(verified.attachments().len(), 1);
}

#[test]
fn an_attachment_that_cannot_be_read_signs_nothing() {
    struct Gone;
    impl PartSource for Gone {
        fn length(&self) -> u64 {
            3
        }
        fn read_at(&self, _: u64, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::PermissionDenied.into())
        }
    }
    let gone = Attachment::new(ContentId::new("a").unwrap(), "a/b", Gone).unwrap();
    let package = Package::new(envelope(&["a"]), vec![gone], "1").unwrap();
    let refused = sign_x509_package(package, &WORLD.client, &ids("1"), WORLD.now, &SigningOptions::default());
    let why = std::io::ErrorKind::PermissionDenied;
    assert_eq!(refused.unwrap_err(), ksz::xmldsig::Error::OctetsUnreadable { why }.into());
}

/// A package as it goes over the wire.
struct Wire {
    root: String,
    content_type: String,
    octets: Vec<u8>,
}

impl Wire {
    fn of(package: &Package) -> Self {
        let mut octets = Vec::new();
        package.write_to(&mut octets).unwrap();
        Self { root: package.envelope().to_owned(), content_type: package.content_type(), octets }
    }

    /// A package of our own making, which may be as wrong as it likes.
    fn from_parts(root: &str, parts: &[(&str, &[u8])]) -> Self {
        let mut octets = format!("--b\r\nContent-ID: <root>\r\n\r\n{root}").into_bytes();
        for (id, part) in parts {
            octets.extend_from_slice(format!("\r\n--b\r\nContent-ID: <{id}>\r\n\r\n").as_bytes());
            octets.extend_from_slice(part);
        }
        octets.extend_from_slice(b"\r\n--b--");
        let content_type = "multipart/related; type=\"application/xop+xml\"; boundary=b; start=\"<root>\"";
        Self { root: root.to_owned(), content_type: content_type.to_owned(), octets }
    }

    fn receive(&self) -> Result<ReceivedPackage<Vec<u8>>, ksz::soap::Error> {
        let limits = MtomLimits::default();
        let mut reader = PackageReader::new(&self.content_type, &limits, MemoryStore::new(&limits))?;
        reader.push(&self.octets)?;
        reader.finish()
    }

    fn received(&self) -> ReceivedPackage<Vec<u8>> {
        self.receive().unwrap()
    }

    fn verify(&self) -> Result<VerifiedPackage<TrustedCertificate, Vec<u8>>, wss::Error> {
        let (trust, policy) = (WORLD.trust(), Policy::default());
        verify_x509_package(self.receive()?, &trust, &policy, Replay::NotChecked, WORLD.now)
    }

    fn refusal(&self) -> wss::Error {
        self.verify().unwrap_err()
    }
}

fn brokered(wire: &Wire) -> Result<VerifiedPackage<VerifiedAssertion, Vec<u8>>, ksz::sts::Error> {
    let policy = Policy::default();
    let trust = AssertionTrust::new(EHEALTH_ISSUER, vec![WORLD.service.certificate().clone()], backend!());
    let confirm = |document: &Document<'_>, element: Element<'_>| {
        let assertion = VerifiedAssertion::verify(document, element, &trust, &policy, WORLD.now)?;
        let key = assertion.holder_key().clone();
        Ok::<_, ksz::sts::Error>((assertion, key))
    };
    verify_holder_of_key_package(wire.received(), &policy, Replay::NotChecked, WORLD.now, confirm)
}

fn token() -> SamlToken {
    read_token(&new_assertion(&WORLD.client, WORLD.now).sign(&WORLD.service).unwrap())
}

/// The message signed again by its signer, over the elements as they stand there.
fn signed_as_sent(message: &str) -> String {
    let document = Document::parse(message.as_bytes(), &Limits::default()).unwrap();
    let security = document.root().children().next().unwrap().children().next().unwrap();
    let child = |name: &str| security.children().find(|child| child.local_name() == name).unwrap();
    let body = ksz::soap::Envelope::find(&document).unwrap().body();
    let reference = |element: Element<'_>| {
        let id = element.attribute(wss::names::WSU, "Id").unwrap();
        Reference::new(id, Transforms::Exclusive, None, exclusive().digest(element).unwrap())
    };
    let references = [child("Timestamp"), body, child("BinarySecurityToken")].map(reference);
    let old = child("Signature");
    let key_info = old.children().find(|child| child.local_name() == "KeyInfo").unwrap().source();
    let signature =
        Signature::new(references.to_vec()).with_key_info(key_info).sign(WORLD.client.key()).unwrap();
    message.replace(old.source(), &signature)
}

fn exclusive() -> CanonicalizationMethod {
    CanonicalizationMethod::exclusive(PrefixList::default())
}

fn package(attachments: &[(&str, &[u8])]) -> Package {
    let names: Vec<_> = attachments.iter().map(|(id, _)| *id).collect();
    let attachments = attachments
        .iter()
        .map(|(id, octets)| {
            Attachment::new(ContentId::new(id).unwrap(), "application/pdf", octets.to_vec()).unwrap()
        })
        .collect();
    Package::new(envelope(&names), attachments, "1").unwrap()
}

fn envelope(ids: &[&str]) -> String {
    let included: String = ids.iter().map(|id| format!("<data>{}</data>", include(id))).collect();
    ksz::soap::write_envelope(&format!("<v1:upload xmlns:v1='urn:upload'>{included}</v1:upload>")).replacen(
        "<soapenv:Envelope",
        "<soapenv:Envelope xmlns:unused='urn:unused' xmlns='urn:default'",
        1,
    )
}

fn include(id: &str) -> String {
    ContentId::new(id).unwrap().to_include()
}
