//! Messages signed with a certificate.

use crate::pki::{Authority, EC, RSA, Signer};
use crate::program::{ENVELOPE, Folder, NOW, Run, ksz, ksz_with_input};
use ksz::pki::Digest;

/// An authority, a signer it issued, and the message it signed.
struct Case {
    folder: Folder,
    root: String,
    message: String,
}

impl Case {
    fn new() -> Self {
        let folder = Folder::new();
        let authority = Authority::root("Root");
        let root = folder.write("root.pem", authority.pem());
        folder.write("crl.pem", authority.revocation_list());
        let identity = folder.write("identity.pem", authority.signer("Hospital", EC).identity());
        let message = sign(&folder, &identity, &[]);
        Self { folder, root, message }
    }

    fn verify(&self, message: &str, more: &[&str]) -> Run {
        let file = self.folder.write("message.xml", message);
        let anchor: &[&str] = if more.contains(&"--anchor") { &[] } else { &["--anchor", &self.root] };
        let now: &[&str] = if more.contains(&"--now") { &[] } else { &["--now", NOW] };
        let flags = ["verify", "--profile", "x509", "--json", &file];
        ksz([&flags[..], anchor, now, more].concat())
    }
}

fn sign(folder: &Folder, identity: &str, more: &[&str]) -> String {
    let envelope = folder.write("envelope.xml", ENVELOPE);
    let flags = ["sign", "--profile", "x509", "--identity", identity, "--now", NOW, &envelope];
    ksz([&flags[..], more].concat()).output()
}

fn refused(class: &str, reason: &str) -> (String, String) {
    (class.into(), reason.into())
}

#[test]
fn what_is_signed_verifies_in_every_form() {
    let folder = Folder::new();
    let authority = Authority::root("Root");
    let root = folder.write("root.pem", authority.pem());
    for algorithm in [RSA, EC] {
        let signer = authority.signer("Hospital SSIN=79021802145", algorithm);
        let identity = folder.write("identity.pem", signer.identity());
        for layout in ["ehealth", "connector"] {
            for prefix_list in ["on", "off"] {
                let signed = sign(&folder, &identity, &["--layout", layout, "--prefix-list", prefix_list]);
                let file = folder.write("signed.xml", &signed);

                let run =
                    ksz(["verify", "--profile", "x509", "--anchor", &root, "--now", NOW, "--json", &file]);

                assert_eq!(signed.contains("PrefixList="), prefix_list == "on");
                assert_eq!(signed.find("Timestamp") < signed.find("Signature"), layout == "connector");
                assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
                let object = run.json();
                let names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
                assert_eq!(names, ["result", "body_sha256", "text", "signed", "signer"]);
                assert_eq!(object["result"], "accepted");
                assert_eq!(object["body_sha256"], body_digest(&signed));
                assert!(object["text"].as_str().unwrap().contains("\nHello World\n"));
                let parts: Vec<_> = (0..3).map(|at| object["signed"][at]["name"].clone()).collect();
                assert_eq!(parts, ["Timestamp", "Body", "BinarySecurityToken"]);
                assert_eq!(object["signer"]["subject"], "CN=Hospital SSIN=*********45");
                assert_eq!(object["signer"]["issuer"], "CN=Root");
                assert_eq!(object["signer"]["serial"], "00c0ffee");
                assert_eq!(object["signer"]["not_after"], "2030-01-02T00:00:00.000Z");
                assert_eq!(object["signer"]["sha256"].as_str().unwrap().len(), 64);
            }
        }
    }
}

/// The digest of the Body's canonical form, written here by hand but for the random identifier.
fn body_digest(signed: &str) -> String {
    let id = signed.split("<soapenv:Body").nth(1).unwrap().split('"').nth(3).unwrap();
    let body = format!(
        "<soapenv:Body xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\" \
         wsu:Id=\"{id}\"><a xmlns=\"urn:example:a\">Hello World</a></soapenv:Body>"
    );
    Digest::sha256(body.as_bytes()).to_hex()
}

#[test]
fn what_people_read_says_the_same() {
    let case = Case::new();
    let file = case.folder.write("message.xml", &case.message);

    let text = ksz(["verify", "--profile", "x509", "--anchor", &case.root, "--now", NOW, &file]).output();

    assert!(text.starts_with("accepted\nbody sha256: "), "{text}");
    assert!(text.contains("\nsigned:\n  Timestamp #TS-"), "{text}");
    assert!(text.contains("\nsigner:\n  subject: CN=Hospital\n  sha256: "), "{text}");
}

#[test]
fn identifiers_differ_between_messages() {
    let case = Case::new();

    assert_ne!(case.message, sign(&case.folder, &case.folder.path("identity.pem"), &[]));
}

#[test]
fn a_changed_body_is_refused() {
    let case = Case::new();

    let run = case.verify(&case.message.replace("World", "Mallory"), &[]);

    assert_eq!(run.refusal(), refused("digest", "DigestMismatch"));
}

#[test]
fn a_message_is_valid_while_it_lives() {
    let case = Case::new();
    for (now, verdict) in [
        ("2026-03-01T10:00:59Z", None),
        ("2026-03-01T11:00:59+01:00", None),
        ("2026-03-01T10:01:00Z", Some("TimestampExpired")),
        ("2026-03-01T09:59:00Z", None),
        ("2026-03-01T09:58:59Z", Some("TimestampInFuture")),
    ] {
        let run = case.verify(&case.message, &["--now", now]);
        match verdict {
            None => assert_eq!(run.code, Some(0), "{now}: {run:?}"),
            Some(reason) => assert_eq!(run.refusal(), refused("timestamp", reason), "{now}"),
        }
    }
    let long = sign(&case.folder, &case.folder.path("identity.pem"), &["--ttl", "300"]);
    assert_eq!(case.verify(&long, &["--now", "2026-03-01T10:04:59Z"]).code, Some(0));
}

#[test]
fn without_an_instant_the_clock_counts() {
    let case = Case::new();
    let flags = ["sign", "--profile", "x509", "--identity"];
    let identity = case.folder.path("identity.pem");
    let signed = ksz([&flags[..], &[&identity, &case.folder.path("envelope.xml")]].concat()).output();
    let file = case.folder.write("signed.xml", signed);

    let run = ksz(["verify", "--profile", "x509", "--anchor", &case.root, &file]);

    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn another_anchor_is_not_trusted() {
    let case = Case::new();
    let other = case.folder.write("other.pem", Authority::root("Root").pem());

    let run = case.verify(&case.message, &["--anchor", &other]);

    assert_eq!(run.refusal(), refused("trust", "UnknownIssuer"));
}

#[test]
fn a_file_may_hold_several_anchors_and_several_files_may_be_named() {
    let case = Case::new();
    let other = Authority::root("Other").pem();
    let other_file = case.folder.write("other.pem", &other);
    let root = std::fs::read_to_string(&case.root).unwrap();
    let both = case.folder.write("both.pem", other + &root);

    assert_eq!(case.verify(&case.message, &["--anchor", &both]).code, Some(0));
    assert_eq!(case.verify(&case.message, &["--anchor", &other_file, "--anchor", &case.root]).code, Some(0));
}

#[test]
fn authorities_between_must_be_given() {
    let folder = Folder::new();
    let root = Authority::root("Root");
    let issuing = root.issuing("Issuing");
    let identity = folder.write("identity.pem", issuing.signer("Hospital", EC).identity());
    let message = sign(&folder, &identity, &[]);
    let root = folder.write("root.pem", root.pem());
    let issuing = folder.write("issuing.pem", issuing.pem());
    let case = Case { folder, root, message };

    assert_eq!(case.verify(&case.message, &["--intermediates", &issuing]).code, Some(0));
    assert_eq!(case.verify(&case.message, &[]).refusal(), refused("trust", "UnknownIssuer"));
}

#[test]
fn a_signers_own_certificate_may_be_pinned_and_its_number_is_masked() {
    let folder = Folder::new();
    let signer = Signer::self_signed("SSIN=79021802145");
    let identity = folder.write("identity.pem", signer.identity());
    let message = sign(&folder, &identity, &[]);
    let pinned = folder.write("pinned.pem", signer.certificate);
    let other = folder.write("other.pem", Authority::root("Root").pem());
    let case = Case { folder, root: pinned, message };

    let accepted = case.verify(&case.message, &[]);
    let refusal = case.verify(&case.message, &["--anchor", &other]);

    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    assert_eq!(refusal.refusal(), refused("trust", "UnknownIssuer"));
    for run in [accepted, refusal] {
        assert!(!run.stdout.contains("79021802145") && !run.stderr.contains("79021802145"), "{run:?}");
    }
}

#[test]
fn a_revoked_certificate_is_refused() {
    let case = Case::new();

    let run = case.verify(&case.message, &["--crl", &case.folder.path("crl.pem")]);

    assert_eq!(run.refusal(), refused("trust", "Revoked"));
}

#[test]
fn a_pinned_certificate_that_its_issuer_revoked_is_refused() {
    let case = Case::new();
    let identity = std::fs::read_to_string(case.folder.path("identity.pem")).unwrap();
    let (certificate, _) = identity.split_once("-----BEGIN PRIVATE KEY").unwrap();
    let pinned = case.folder.write("pinned.pem", certificate);
    let anchors = ["--anchor", &pinned, "--anchor", &case.root];

    assert_eq!(case.verify(&case.message, &anchors).code, Some(0));
    let list = case.folder.path("crl.pem");
    let with_list = [&anchors[..], &["--crl", &list]].concat();
    assert_eq!(case.verify(&case.message, &with_list).refusal(), refused("trust", "Revoked"));
}

#[test]
fn a_message_of_the_other_profile_is_refused() {
    let case = Case::new();
    let file = case.folder.write("message.xml", &case.message);

    let run = ksz(["verify", "--profile", "saml-hok", "--sts-anchor", &case.root, "--json", &file]);

    assert_eq!(run.refusal(), refused("structure", "SecurityShape"));
}

#[test]
fn an_unsigned_or_malformed_message_is_refused() {
    let case = Case::new();

    assert_eq!(case.verify(ENVELOPE, &[]).refusal(), refused("structure", "SecurityCount"));
    assert_eq!(case.verify("<a>", &[]).refusal(), refused("xml-malformed", "NotWellFormed"));
    assert_eq!(case.verify("<!DOCTYPE a><a/>", &[]).refusal(), refused("xml-forbidden", "DocumentType"));
    assert_eq!(
        case.verify(&case.message, &["--content-type", "text/xml; charset=utf-16"]).refusal(),
        refused("xml-forbidden", "EncodingNotAccepted")
    );
}

#[test]
fn an_algorithm_outside_the_list_is_a_refusal_of_the_message() {
    let case = Case::new();

    let run = case.verify(&case.message.replace("ecdsa-sha256", "ecdsa-sha1"), &[]);

    assert_eq!(run.refusal(), refused("algorithm", "AlgorithmNotAccepted"));
}

#[test]
fn packages_with_attachments_are_not_supported() {
    let case = Case::new();

    let run = case.verify(&case.message, &["--content-type", "multipart/related; type=\"text/xml\""]);

    assert_eq!((run.code, run.stdout.as_str()), (Some(4), ""));
    assert!(run.stderr.contains("multipart/related"), "{run:?}");
}

#[test]
fn a_message_with_a_header_is_not_signed_again() {
    let case = Case::new();
    let file = case.folder.write("signed.xml", &case.message);

    let run = ksz(["sign", "--profile", "x509", "--identity", &case.folder.path("identity.pem"), &file]);

    assert_eq!(run.code, Some(2));
    assert_eq!(run.stderr, format!("ksz: {file}: the message has a wsse:Security header already\n"));
}

#[test]
fn standard_input_is_read_once() {
    let case = Case::new();
    let identity = std::fs::read(case.folder.path("identity.pem")).unwrap();
    let verify = ["verify", "--profile", "x509", "--anchor", &case.root, "--now", NOW, "-"];

    assert_eq!(ksz_with_input(verify, case.message.as_bytes()).code, Some(0));
    let twice = ksz_with_input(["sign", "--profile", "x509", "--identity", "-", "-"], &identity);
    assert_eq!(twice.code, Some(2));
    assert_eq!(twice.stderr, "ksz: standard input: named twice, it can be read once\n");
}
