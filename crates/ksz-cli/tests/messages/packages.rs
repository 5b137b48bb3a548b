//! Messages with attachments, as MTOM packages.

use crate::pki::{Authority, EC};
use crate::program::{Folder, NOW, Run, ksz, ksz_with_input};
use ksz::pki::Digest;

const SCAN: &str = "%PDF-1.7 a scan, of more than a few octets";
const ENVELOPE: &str = "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\
    <a xmlns=\"urn:example:a\"><name>scan.pdf</name><data><xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" \
    href=\"cid:scan-1@example.be\"/></data></a></soapenv:Body></soapenv:Envelope>";

/// A signer, its authority, and a package.
struct Case {
    folder: Folder,
    root: String,
    content_type: String,
    package: String,
}

impl Case {
    fn new() -> Self {
        let folder = Folder::new();
        let authority = Authority::root("Root");
        let root = folder.write("root.pem", authority.pem());
        folder.write("identity.pem", authority.signer("Hospital", EC).identity());
        folder.write("scan.pdf", SCAN);
        let run = sign(&folder, ENVELOPE, "scan-1@example.be");
        let told = run.stderr.strip_prefix("ksz: Content-Type: ").and_then(|told| told.strip_suffix('\n'));
        let content_type = told.unwrap_or_else(|| panic!("{run:?}")).to_owned();
        Self { folder, root, content_type, package: run.stdout }
    }

    fn verify(&self, package: &str) -> Run {
        let file = self.folder.write("package", package);
        let flags = ["verify", "--profile", "x509", "--anchor", &self.root, "--now", NOW];
        ksz([&flags[..], &["--content-type", &self.content_type, "--json", &file]].concat())
    }
}

fn sign(folder: &Folder, envelope: &str, content_id: &str) -> Run {
    let (envelope, identity) = (folder.write("envelope.xml", envelope), folder.path("identity.pem"));
    let attach = format!("{content_id}={}", folder.path("scan.pdf"));
    let flags = ["sign", "--profile", "x509", "--identity", &identity, "--now", NOW];
    ksz([&flags[..], &["--attach", &attach, &envelope]].concat())
}

#[test]
fn what_is_signed_with_attachments_verifies() {
    let case = Case::new();
    let attached = "\r\nContent-ID: <scan-1@example.be>\r\n\r\n%PDF-1.7 a scan";
    assert!(case.package.contains(attached), "{}", case.package);

    let run = case.verify(&case.package);

    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let object = run.json();
    let names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["result", "body_sha256", "text", "signed", "signer", "attachments"]);
    assert_eq!(object["body_sha256"], body_digest(&case.package));
    assert!(object["text"].as_str().unwrap().contains("scan.pdf"));
    let attachment = &object["attachments"][0];
    assert_eq!(attachment["content_id"], "scan-1@example.be");
    assert_eq!(attachment["octets"], SCAN.len());
    assert_eq!(attachment["sha256"], Digest::sha256(SCAN.as_bytes()).to_hex());
}

/// The digest of the Body's canonical form with the base64 that `base64(1)` makes of the attachment, written here by
/// hand but for the random identifier.
fn body_digest(package: &str) -> String {
    let id = package.split("<soapenv:Body").nth(1).unwrap().split('"').nth(3).unwrap();
    let body = format!(
        "<soapenv:Body xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\" \
         wsu:Id=\"{id}\"><a xmlns=\"urn:example:a\"><name>scan.pdf</name>\
         <data>JVBERi0xLjcgYSBzY2FuLCBvZiBtb3JlIHRoYW4gYSBmZXcgb2N0ZXRz</data></a></soapenv:Body>"
    );
    Digest::sha256(body.as_bytes()).to_hex()
}

#[test]
fn what_people_read_names_the_attachments() {
    let case = Case::new();
    let flags = ["verify", "--profile", "x509", "--anchor", &case.root, "--now", NOW, "-", "--content-type"];

    let run = ksz_with_input([&flags[..], &[&case.content_type]].concat(), case.package.as_bytes());

    let said = "\nattachment:\n  content id: scan-1@example.be\n  octets: 42\n  sha256: ";
    assert!(run.code == Some(0) && run.stdout.contains(said), "{run:?}");
}

#[test]
fn a_package_that_was_changed_is_refused_by_name() {
    let case = Case::new();
    let refusal = |package: &str| case.verify(package).refusal();
    let refused = |class: &str, reason: &str| (class.to_owned(), reason.to_owned());

    assert_eq!(refusal(&case.package.replace("a scan", "A scan")), refused("digest", "DigestMismatch"));
    let renamed = case.package.replace("<scan-1@example.be>", "<scan-2@example.be>");
    assert_eq!(refusal(&renamed), refused("reference", "PartMissing"));
    let elsewhere = case.package.replace("cid:scan-1@example.be", "http://127.0.0.1:9/");
    assert_eq!(refusal(&elsewhere), refused("reference", "HrefNotContentId"));
    let cut = &case.package[..case.package.len() - 5];
    assert_eq!(refusal(cut), refused("structure", "PackageCutOff"));
}

#[test]
fn media_types_that_are_no_package_are_told_apart() {
    let case = Case::new();
    let verify = |content_type: &str| {
        let other = Case { content_type: content_type.to_owned(), ..Case::new() };
        other.verify(&case.package)
    };

    let unsupported = verify("multipart/related; type=\"text/xml\"; boundary=b");
    assert_eq!((unsupported.code, unsupported.stdout.as_str()), (Some(4), ""));
    let malformed = verify("multipart/related; type=\"application/xop+xml\"");
    assert_eq!(malformed.refusal(), ("structure".into(), "ContentTypeMalformed".into()));
}

#[test]
fn an_envelope_and_its_attachments_belong_together() {
    let case = Case::new();
    let without = case.folder.write("envelope.xml", ENVELOPE);
    let identity = case.folder.path("identity.pem");

    let run = ksz(["sign", "--profile", "x509", "--identity", &identity, &without]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
    assert!(run.stderr.contains("xop:Include"), "{run:?}");

    let other = sign(&case.folder, ENVELOPE, "another@example.be");
    assert_eq!((other.code, other.stdout.as_str()), (Some(3), ""), "{other:?}");
    let odd = sign(&case.folder, ENVELOPE, "a+b");
    assert_eq!((odd.code, odd.stdout.as_str()), (Some(2), ""), "{odd:?}");
}
