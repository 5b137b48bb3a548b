//! Documents that are no messages, signed and verified with keys made for each test.

use crate::pki::{Authority, EC, RSA};
use crate::program::{Folder, Run, ksz, ksz_with_input};
use serde_json::Value;

const ORDER: &str = "\u{feff}<?xml version='1.0'?>\n<order xmlns='urn:example:shop' Id='order'><line Id='line-1'>tea</line>\
    <line Id='line-2'/></order>\n<!-- end -->";

#[test]
fn every_form_is_verified_with_the_key_in_every_form() {
    let folder = Folder::new();
    let order = folder.write("order.xml", ORDER);
    let authority = Authority::root("Root");
    for (algorithm, methods) in [
        (RSA, &["rsa-sha256", "rsa-sha384", "rsa-sha512", "rsa-pss-sha256"][..]),
        (EC, &["ecdsa-sha256", "ecdsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"]),
    ] {
        let signer = authority.signer("Shop", algorithm);
        let key = folder.write("key.pem", signer.identity());
        let files = [
            key.clone(),
            folder.write("public.pem", &signer.public_key),
            folder.write("certificate.pem", &signer.certificate),
            folder.write("private.pem", &signer.key),
        ];
        for method in methods {
            for form in [
                &["--type", "enveloped"][..],
                &["--reference", "line-2", "--digest", "sha512"],
                &["--type", "detached", "--reference", "line-1", "--reference", "line-2", "--x509"],
                &["--type", "enveloping", "--object-id", "document", "--id", "signature"],
            ] {
                let arguments =
                    [&["dsig", "sign", "--key", &key, "--algorithm", method][..], form, &[&order]];
                let signed = ksz(arguments.concat()).output();
                for file in &files {
                    let run = verify(file, &signed);
                    assert_eq!(run.json()["result"], "valid", "{method} {form:?} {file}: {run:?}");
                    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
                }
                let changed = verify(&key, &signed.replace("<line Id='line-2'", "<line Id='line-2' a=''"));
                assert_eq!(refusal(&changed, 3, "invalid"), ("digest".into(), "DigestMismatch".into()));
            }
        }
    }
}

#[test]
fn what_is_covered_is_said_and_written() {
    let folder = Folder::new();
    let order = folder.write("order.xml", ORDER);
    let key = folder.write("key.pem", Authority::root("Root").signer("Shop", EC).identity());
    let sign = ["dsig", "sign", "--key", &key, "--type", "detached", "--reference", "line-1", &order];
    let signed = folder.write("signed.xml", ksz(sign).output());
    let octets = "<line xmlns=\"urn:example:shop\" Id=\"line-1\">tea</line>";

    let into = folder.path("covered");
    let run = ksz(["dsig", "verify", "--key", &key, "--json", "--output", &into, &signed]);

    let object = run.json();
    let [reference] = object["references"].as_array().unwrap().as_slice() else { panic!("{object}") };
    let file = reference["file"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(file).unwrap(), octets);
    assert_eq!(reference["octets"], octets.len());
    for (name, value) in
        [("uri", "#line-1"), ("covers", "element"), ("element", "line"), ("namespace", "urn:example:shop")]
    {
        assert_eq!(reference[name], value);
    }
    assert_eq!(object["key"]["kind"], "P-256");
    let again = ksz(["dsig", "verify", "--key", &key, "--output", &into, &signed]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(2), ""), "{again:?}");
    let told = ksz(["dsig", "verify", "--key", &key, &signed]).output();
    assert!(
        told.contains("not covered: whatever stands around what is covered")
            && told.contains("not checked: whose key")
    );
}

#[test]
fn only_the_key_that_is_named_counts() {
    let folder = Folder::new();
    let order = folder.write("order.xml", ORDER);
    let authority = Authority::root("Root");
    let key = folder.write("key.pem", authority.signer("Shop", EC).identity());
    let other = folder.write("other.pem", authority.signer("Shop", EC).certificate);
    let rsa = folder.write("rsa.pem", authority.signer("Shop", RSA).certificate);
    let signed = ksz(["dsig", "sign", "--key", &key, "--x509", &order]).output();

    let by_other = verify(&other, &signed);
    assert_eq!(refusal(&by_other, 3, "invalid"), ("signature".into(), "SignatureMismatch".into()));
    let by_rsa = verify(&rsa, &signed);
    assert_eq!(refusal(&by_rsa, 3, "invalid"), ("algorithm".into(), "AlgorithmNotForKey".into()));
}

#[test]
fn a_key_that_is_not_accepted_leaves_the_signature_unjudged() {
    let folder = Folder::new();
    let order = folder.write("order.xml", ORDER);
    let key = folder.write("key.pem", Authority::root("Root").signer("Shop", RSA).identity());
    let signed = ksz(["dsig", "sign", "--key", &key, &order]).output();
    let (short, edwards) = (folder.write("short.pem", RSA_1024), folder.write("edwards.pem", ED25519));

    let by_short = verify(&short, &signed);
    assert_eq!(refusal(&by_short, 4, "unsupported"), ("key".into(), "KeySize".into()));
    let by_edwards = verify(&edwards, &signed);
    assert_eq!(refusal(&by_edwards, 4, "unsupported"), ("key".into(), "KeyAlgorithmNotAccepted".into()));

    let hmac = signed.replace("#rsa-sha256", "#hmac-sha256");
    for key in [&short, &edwards, &folder.write("secret.bin", "secret")] {
        let told = verify(key, &hmac);
        let named = ("algorithm".into(), "AlgorithmNotAccepted".into());
        assert_eq!(refusal(&told, 4, "unsupported"), named, "what the document names comes first");
    }
}

#[test]
fn a_document_of_another_encoding_is_signed_in_utf_8() {
    let folder = Folder::new();
    let latin1 = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>caf\xe9</a>";
    let order = folder.write("order.xml", latin1);
    let key = folder.write("key.pem", Authority::root("Root").signer("Shop", EC).identity());
    let signed = ksz(["dsig", "sign", "--key", &key, &order]).output();
    assert!(signed.trim_start().starts_with("<a>caf\u{e9}<ds:Signature"));
    assert_eq!(verify(&key, &signed).json()["result"], "valid");
}

#[test]
fn what_cannot_be_signed_is_named() {
    let folder = Folder::new();
    let order = folder.write("order.xml", ORDER);
    let key = folder.write("key.pem", Authority::root("Root").signer("Shop", EC).identity());
    let sign = |flags: &[&str]| ksz([&["dsig", "sign", "--key", &key, &order], flags].concat());
    for (flags, code, told) in [
        (&["--type", "detached", "--reference", "order"][..], 2, "to a part of its own signature"),
        (&["--reference", "line-3"], 3, "0 elements have the identifier \"line-3\""),
        (&["--id", "line-1"], 3, "identifier \"line-1\" occurs twice"),
        (&["--id", "1"], 2, "\"1\" is no identifier"),
        (&["--type", "enveloping", "--object-id", "a b"], 2, "\"a b\" is no identifier"),
        (&["--algorithm", "rsa-sha256"], 2, "for another kind of key"),
    ] {
        let run = sign(flags);
        assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{flags:?}: {run:?}");
        assert!(run.stderr.contains(told), "{flags:?}: {run:?}");
    }
}

/// OpenSSL made them: `openssl genrsa 1024 | openssl rsa -pubout`, `openssl genpkey -algorithm ed25519`.
const RSA_1024: &str = include_str!("../keys/rsa-1024.public.pem");
const ED25519: &str = include_str!("../keys/ed25519.public.pem");

fn verify(key: &str, document: &str) -> Run {
    ksz_with_input(["dsig", "verify", "--json", "--key", key, "-"], document.as_bytes())
}

/// The class and reason of a document that is not valid. It must say both ways what was wrong.
fn refusal(run: &Run, code: i32, result: &str) -> (String, String) {
    let object = run.json();
    assert_eq!((run.code, &object["result"]), (Some(code), &Value::from(result)), "{run:?}");
    let text = |name: &str| object[name].as_str().unwrap().to_owned();
    let line = format!("ksz: standard input: {result}: {} [{}]\n", text("message"), text("error"));
    assert_eq!(run.stderr, line);
    (text("error"), text("reason"))
}
