//! Messages signed by the holder of an assertion, and the token service's answers.

use crate::pki::{Authority, EC, RSA};
use crate::program::{ENVELOPE, Folder, NOW, Run, ksz, ksz_with_variable};
use ksz::pki::{Backend, Identity};
use ksz::soap::write_envelope;
use ksz::sts::names::{EHEALTH_ISSUER, IDENTIFICATION};
use ksz::sts::{Attribute, Lifetime, NewAssertion, write_token_response};
use std::time::{Duration, SystemTime};

const CONTEXT: &str = "urn:uuid:request-1";

/// A token service, a holder, and what the one says of the other.
struct Case {
    folder: Folder,
    root: String,
    assertion: String,
    answer: String,
}

impl Case {
    fn new() -> Self {
        Self::issued_by(EHEALTH_ISSUER)
    }

    fn issued_by(issuer: &str) -> Self {
        let folder = Folder::new();
        let authority = Authority::root("Root");
        let root = folder.write("root.pem", authority.pem());
        let (service, holder) = (authority.signer("STS", RSA), authority.signer("Hospital", EC));
        folder.write("sts.pem", &service.certificate);
        folder.write("sts-key.pem", &service.public_key);
        folder.write("holder.pem", holder.identity());
        folder.write("holder.p12", holder.store("authentication", "", "correct horse"));
        folder.write("own.pem", &holder.certificate);
        let other = authority.signer("Other hospital", EC);
        folder.write("other.pem", other.identity());

        let identity = Identity::from_pem(service.identity().as_bytes(), Backend::default()).unwrap();
        let holder = Identity::from_pem(holder.identity().as_bytes(), Backend::default()).unwrap();
        let now = instant(NOW);
        let validity =
            Lifetime { created: now - Duration::from_secs(300), expires: now + Duration::from_secs(3600) };
        let new = NewAssertion {
            id: "_a1".into(),
            issuer: issuer.into(),
            issue_instant: now,
            validity,
            holder: holder.certificate().clone(),
            attributes: vec![Attribute::new("urn:example:ssin", IDENTIFICATION, "79021802145")],
        };
        let assertion = new.sign(&identity).unwrap();
        let answer = write_envelope(&write_token_response(CONTEXT, &assertion));
        Self { folder, root, assertion, answer }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path(name)
    }

    /// The message as a holder signs it.
    fn signed_with(&self, identity: &str) -> String {
        let assertion = self.folder.write("assertion.xml", &self.assertion);
        let envelope = self.folder.write("envelope.xml", ENVELOPE);
        let flags = ["sign", "--profile", "saml-hok", "--assertion", &assertion, "--now", NOW];
        ksz([&flags[..], &["--identity", &self.path(identity), &envelope]].concat()).output()
    }

    fn verify(&self, message: &str, more: &[&str]) -> Run {
        let file = self.folder.write("message.xml", message);
        let flags = ["verify", "--profile", "saml-hok", "--now", NOW, "--json", &file];
        ksz([&flags[..], more].concat())
    }

    fn verify_answer(&self, answer: &str, more: &[&str]) -> Run {
        let file = self.folder.write("answer.xml", answer);
        let flags = ["verify", "--profile", "rstr", "--now", NOW, "--json", &file];
        ksz([&flags[..], more].concat())
    }
}

#[test]
fn the_holders_key_may_be_in_a_store() {
    let case = Case::new();
    let assertion = case.folder.write("assertion.xml", &case.assertion);
    let envelope = case.folder.write("envelope.xml", ENVELOPE);
    let flags = ["sign", "--profile", "saml-hok", "--assertion", &assertion, "--now", NOW, &envelope];
    let store = case.path("holder.p12");
    let opened = ["--identity", &store, "--password-env", "PASSWORD"];
    let certificate = ["--certificate", &case.path("own.pem")];

    let signed = ksz_with_variable([&flags[..], &opened].concat(), "PASSWORD", "correct horse");
    let anchors = ["--anchor", &case.root, "--sts-anchor", &case.path("sts.pem")];
    let run = case.verify(&signed.output(), &anchors);
    let misused =
        ksz_with_variable([&flags[..], &opened, &certificate].concat(), "PASSWORD", "correct horse");

    assert_eq!((run.code, &run.json()["result"]), (Some(0), &"accepted".into()), "{run:?}");
    assert_eq!(misused.stderr, "ksz: --certificate is not for --profile saml-hok\n");
    assert_eq!(misused.code, Some(2));
}

#[test]
fn a_holder_signs_attachments_too() {
    let case = Case::new();
    let assertion = case.folder.write("assertion.xml", &case.assertion);
    let include =
        "<x:Include xmlns:x='http://www.w3.org/2004/08/xop/include' href='cid:1'/></a></soapenv:Body>";
    let envelope = ENVELOPE.replace("Hello World</a></soapenv:Body>", include);
    let envelope = case.folder.write("envelope.xml", envelope);
    let attach = format!("1={}", case.folder.write("scan.bin", "octets"));
    let signer = ["--identity", &case.path("holder.pem"), "--assertion", &assertion, "--attach", &attach];
    let signed = ksz([&["sign", "--profile", "saml-hok", "--now", NOW, &envelope], &signer[..]].concat());
    let content_type = signed.stderr.trim_end().strip_prefix("ksz: Content-Type: ").unwrap().to_owned();
    let flags = ["--sts-anchor", &case.path("sts.pem"), "--content-type", &content_type];

    let run = case.verify(&signed.stdout, &flags);
    assert_eq!((run.code, &run.json()["attachments"][0]["octets"]), (Some(0), &6.into()), "{run:?}");
    let changed = case.verify(&signed.stdout.replace("\r\noctets", "\r\nOctets"), &flags);
    assert_eq!(changed.refusal(), refused("digest", "DigestMismatch"));
    let answer = case.verify_answer(&signed.stdout, &flags);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""), "{answer:?}");
}

fn instant(text: &str) -> SystemTime {
    ksz::soap::parse_date_time("NOW", text).unwrap()
}

fn refused(class: &str, reason: &str) -> (String, String) {
    (class.into(), reason.into())
}

#[test]
fn a_message_of_the_holder_is_accepted_and_numbers_of_persons_are_masked() {
    let case = Case::new();
    let message = case.signed_with("holder.pem");
    assert!(message.contains(&case.assertion), "the assertion is there octet for octet");

    for sts_anchor in ["sts.pem", "sts-key.pem"] {
        let anchors = ["--anchor", &case.root, "--sts-anchor", &case.path(sts_anchor)];
        let run = case.verify(&message, &anchors);

        assert_eq!(run.code, Some(0), "{run:?}");
        let object = run.json();
        assert!(object["text"].as_str().unwrap().contains("\nHello World\n"));
        assert_eq!(object["body_sha256"].as_str().unwrap().len(), 64);
        assert_eq!(object["signed"][0]["name"], "Timestamp");
        assert_eq!(object["signed"][1]["name"], "Body");
        assert_eq!(object["signed"].as_array().unwrap().len(), 2);
        let signer = &object["signer"];
        assert_eq!(signer["assertion_id"], "_a1");
        assert_eq!(signer["issuer"], EHEALTH_ISSUER);
        assert_eq!(signer["holder"]["subject"], "CN=Hospital");
        assert_eq!(signer["conditions"]["not_on_or_after"], "2026-03-01T11:00:00.000Z");
        assert_eq!(signer["attributes"][0]["name"], "urn:example:ssin");
        assert_eq!(signer["attributes"][0]["values"][0], "*********45");
        assert!(!signer.to_string().contains("79021802145"), "of the signer, numbers of persons are masked");
        assert!(object["text"].as_str().unwrap().contains("79021802145"), "text is what was signed");
    }
}

#[test]
fn what_people_read_masks_numbers_of_persons_too() {
    let case = Case::new();
    let file = case.folder.write("message.xml", case.signed_with("holder.pem"));

    let flags = ["verify", "--profile", "saml-hok", "--now", NOW, "--sts-anchor", &case.path("sts.pem")];
    let text = ksz([&flags[..], &[&file]].concat()).output();

    assert!(text.contains("\n    values: *********45") && !text.contains("79021802145"), "{text}");
}

#[test]
fn only_the_holder_may_sign() {
    let case = Case::new();
    let message = case.signed_with("other.pem");

    let run = case.verify(&message, &["--sts-anchor", &case.path("sts.pem")]);

    assert_eq!(run.refusal(), refused("hok", "NotHolder"));
}

#[test]
fn only_the_pinned_token_service_is_believed() {
    let case = Case::new();
    let message = case.signed_with("holder.pem");

    for other in ["root.pem", "own.pem"] {
        let run = case.verify(&message, &["--anchor", &case.root, "--sts-anchor", &case.path(other)]);

        assert_eq!(run.refusal(), refused("trust", "SignerNotPinned"), "{other}");
    }
}

#[test]
fn the_holder_must_lead_to_an_anchor_if_one_is_named() {
    let case = Case::new();
    let message = case.signed_with("holder.pem");
    let other = case.folder.write("stranger.pem", Authority::root("Root").pem());

    let run = case.verify(&message, &["--anchor", &other, "--sts-anchor", &case.path("sts.pem")]);

    assert_eq!(run.refusal(), refused("trust", "UnknownIssuer"));
}

#[test]
fn another_issuer_is_refused() {
    let case = Case::issued_by("urn:be:fgov:ehealth:sts:1_0 ");
    let message = case.signed_with("holder.pem");

    let run = case.verify(&message, &["--sts-anchor", &case.path("sts.pem")]);

    assert_eq!(run.refusal(), refused("assertion", "IssuerNotAccepted"));
}

#[test]
fn a_changed_assertion_is_refused() {
    let case = Case::new();
    let message = case.signed_with("holder.pem").replace("79021802145", "79021802146");

    let run = case.verify(&message, &["--sts-anchor", &case.path("sts.pem")]);

    assert_eq!(run.refusal(), refused("digest", "DigestMismatch"));
}

#[test]
fn a_message_of_a_holder_is_accepted_once() {
    let case = Case::new();
    let message = case.signed_with("holder.pem");
    let flags = ["--sts-anchor", &case.path("sts.pem"), "--replay-cache", &case.path("replay")];

    assert_eq!(case.verify(&message, &flags).code, Some(0));
    assert_eq!(case.verify(&message, &flags).refusal(), refused("replay", "Replayed"));
}

#[test]
fn a_file_that_is_no_assertion_cannot_be_sent_along() {
    let case = Case::new();
    let assertion = case.folder.write("assertion.xml", ENVELOPE);
    let flags = ["sign", "--profile", "saml-hok", "--assertion", &assertion];

    let run = ksz([&flags[..], &["--identity", &case.path("holder.pem"), &case.path("none.xml")]].concat());

    assert_eq!(run.code, Some(2));
    assert_eq!(run.stderr, format!("ksz: {assertion}: not a SAML 1.1 assertion: the element is another\n"));
}

#[test]
fn the_token_of_an_answer_is_read_and_nothing_else_of_it() {
    let case = Case::new();
    let (sts, own) = (case.path("sts.pem"), case.path("own.pem"));
    let flags = ["--sts-anchor", &sts];
    let all = [&flags[..], &["--context", CONTEXT, "--own-cert", &own]].concat();

    let run = case.verify_answer(&case.answer, &all);

    assert_eq!(run.code, Some(0), "{run:?}");
    let object = run.json();
    let names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["result", "text", "signed", "signer"]);
    assert_eq!(object["signed"][0]["id"], "_a1");
    assert_eq!(object["signer"]["holder"]["subject"], "CN=Hospital");
    assert!(!object["signer"].to_string().contains("79021802145") && !run.stdout.contains(CONTEXT));
    assert_eq!(case.verify_answer(&case.answer, &flags).code, Some(0));
    assert_eq!(case.verify_answer(&case.answer, &["--anchor", &sts]).code, Some(0));
}

#[test]
fn an_answer_to_another_request_is_refused() {
    let case = Case::new();
    let verify = |more: &[&str]| {
        let flags = ["--sts-anchor", &case.path("sts-key.pem")];
        case.verify_answer(&case.answer, &[&flags[..], more].concat()).refusal()
    };

    assert_eq!(verify(&["--context", "urn:uuid:request-2"]), refused("structure", "ContextMismatch"));
    assert_eq!(verify(&["--own-cert", &case.path("other.pem")]), refused("hok", "HolderMismatch"));
}

#[test]
fn an_answer_of_a_client_of_the_same_authority_is_refused() {
    let case = Case::new();
    let run = case.verify_answer(&case.answer, &["--sts-anchor", &case.root]);

    assert_eq!(run.refusal(), refused("trust", "SignerNotPinned"));
}
