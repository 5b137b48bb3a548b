//! Messages signed with keys of stores and of files under a password.

use crate::pki::{Authority, EC, RSA, Signer};
use crate::program::{ENVELOPE, Folder, NOW, Run, ksz, ksz_with_variable};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::process::Command;

const PASSWORD: &str = "correct horse";

/// An authority, a signer, and a message to sign.
struct Case {
    folder: Folder,
    root: String,
    signer: Signer,
    envelope: String,
}

impl Case {
    fn new(algorithm: &'static rcgen::SignatureAlgorithm) -> Self {
        let (folder, authority) = (Folder::new(), Authority::root("Root"));
        let signer = authority.signer("Hospital", algorithm);
        let root = folder.write("root.pem", authority.pem());
        folder.write("store.p12", signer.store("authentication", &authority.pem(), PASSWORD));
        folder.write("key.pem", &signer.key);
        folder.write("certificate.pem", &signer.certificate);
        let envelope = folder.write("envelope.xml", ENVELOPE);
        Self { folder, root, signer, envelope }
    }

    /// Signs with a file of the folder and the password of the variable `PASSWORD`.
    fn sign(&self, file: &str, more: &[&str]) -> Run {
        let file = self.folder.path(file);
        let flags = ["sign", "--profile", "x509", "--now", NOW, "--identity", &file, &self.envelope];
        ksz_with_variable([&flags[..], more].concat(), "PASSWORD", PASSWORD)
    }

    fn assert_accepted(&self, signed: Run) {
        let message = self.folder.write("signed.xml", signed.output());
        let run =
            ksz(["verify", "--profile", "x509", "--anchor", &self.root, "--now", NOW, "--json", &message]);
        assert_eq!((run.code, &run.json()["signer"]["subject"]), (Some(0), &"CN=Hospital".into()), "{run:?}");
    }

    fn assert_refused(&self, run: &Run, code: i32, message: &str) {
        assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{run:?}");
        assert_eq!(run.stderr, format!("ksz: {message}\n"));
        assert!(!run.stderr.contains(PASSWORD));
    }
}

#[test]
fn a_message_is_signed_with_the_key_of_a_store() {
    for algorithm in [RSA, EC] {
        let case = Case::new(algorithm);

        case.assert_accepted(case.sign("store.p12", &["--password-env", "PASSWORD"]));
        case.assert_accepted(
            case.sign("store.p12", &["--password-env", "PASSWORD", "--alias", "Authentication"]),
        );
    }
}

#[test]
fn a_key_and_its_certificate_may_be_two_files() {
    let case = Case::new(EC);
    let certificate = ksz::pki::certificates_from_pem(case.signer.certificate.as_bytes()).unwrap().remove(0);
    let der = case.folder.write("certificate.der", certificate.der());
    let pem = case.folder.path("certificate.pem");
    let key = rcgen::KeyPair::from_pem(&case.signer.key).unwrap();
    case.folder.write("key.der", key.serialized_der());

    let root = ksz::pki::certificates_from_pem(&std::fs::read(&case.root).unwrap()).unwrap().remove(0);
    case.folder.write("root.pem", root.der());
    case.assert_accepted(case.sign("key.pem", &["--certificate", &pem]));
    case.assert_accepted(case.sign("key.der", &["--certificate", &der]));

    let path = case.folder.path("key.der");
    case.assert_refused(
        &case.sign("key.der", &[]),
        2,
        &format!("{path}: holds no certificate of its private key"),
    );
    case.assert_refused(
        &case.sign("key.der", &["--certificate", &case.root]),
        2,
        &format!("{}: the certificate does not belong to the private key", case.root),
    );
}

#[test]
fn what_does_not_open_a_store_is_told_without_the_password() {
    let case = Case::new(EC);
    let path = case.folder.path("store.p12");

    case.assert_refused(
        &case.sign("store.p12", &[]),
        2,
        &format!("{path}: a password protects it; name the variable that holds it with --password-env"),
    );
    case.assert_refused(
        &case.sign("store.p12", &["--password-env", "KSZ_TEST_NOT_SET"]),
        2,
        "--password-env: the variable \"KSZ_TEST_NOT_SET\" is not set",
    );
    case.assert_refused(
        &case.sign("store.p12", &["--password-env", "PASSWORD", "--alias", "other"]),
        2,
        &format!("{path}: no entry is called \"other\"; there are authentication"),
    );
    let flags =
        ["sign", "--profile", "x509", "--identity", &path, &case.envelope, "--password-env", "PASSWORD"];
    let wrong = ksz_with_variable(flags, "PASSWORD", "wrong");
    case.assert_refused(&wrong, 2, &format!("{path}: wrong password, or the key store is damaged"));
    let unreadable = ksz_with_variable(flags, "PASSWORD", OsString::from_vec(b"s\xffcret".to_vec()));
    case.assert_refused(&unreadable, 2, "--password-env: the variable \"PASSWORD\" is not UTF-8");
}

#[test]
fn the_stores_and_keys_of_openssl_sign() {
    let case = Case::new(RSA);
    if !case.openssl("version") {
        let _ =
            writeln!(std::io::stderr(), "skipped: stores of openssl need openssl, which is not installed");
        return;
    }
    assert!(case.openssl("pkcs8 -topk8 -in key.pem -out encrypted.pem -passout pass:correct\u{a0}horse"));
    assert!(case.openssl(
        "pkcs8 -topk8 -in key.pem -outform DER -out encrypted.der -passout pass:correct\u{a0}horse"
    ));
    let export = "pkcs12 -export -inkey key.pem -in certificate.pem -passout pass:correct\u{a0}horse -out";
    assert!(case.openssl(&format!("{export} legacy.p12 -legacy")));
    assert!(case.openssl(&format!("{export} rc2.p12 -legacy -certpbe PBE-SHA1-RC2-128")));
    let certificate = case.folder.path("certificate.pem");
    let password = ["--password-env", "PASSWORD"];

    case.assert_accepted(case.sign("legacy.p12", &password));
    for file in ["encrypted.pem", "encrypted.der"] {
        case.assert_accepted(case.sign(file, &[&password[..], &["--certificate", &certificate]].concat()));
    }
    let path = case.folder.path("rc2.p12");
    case.assert_refused(
        &case.sign("rc2.p12", &password),
        4,
        &format!(
            "{path}: protected with RC2-128, which is not accepted; write it as PEM first, a store with openssl pkcs12 \
             -legacy -in STORE -noenc -out FILE.pem, a key with openssl pkey"
        ),
    );
}

#[test]
fn what_a_store_holds_is_told_to_programs_without_numbers_of_persons() {
    let store = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cmd/identity.in/two.p12");
    let flags = ["identity", "show", "--json", store, "--password-env", "PASSWORD", "--now", NOW];

    let run = ksz_with_variable(flags, "PASSWORD", "changeit");

    let object = run.json();
    assert_eq!(
        (run.code, &object["chosen"], &object["reason"]),
        (Some(3), &Value::Null, &"SeveralKeys".into())
    );
    let entry = &object["entries"][0];
    assert_eq!((&entry["key"], &entry["chosen"]), (&"EC P-256".into(), &false.into()));
    let certificate = &entry["certificate"];
    let identifier = json!({ "type": "SSIN", "value": "*********61", "valid": true });
    assert_eq!(certificate["identifiers"], json!([identifier]));
    assert_eq!(certificate["environment"], "test or acceptance");
    assert_eq!(certificate["key_usage"], json!(["digitalSignature", "nonRepudiation"]));
    assert_eq!((&certificate["days_left"], &entry["chain_complete"]), (&1036.into(), &false.into()));
    assert_eq!(object["entries"][1]["certificate"]["identifiers"][0]["valid"], false);
    let codes = object["entries"][1]["warnings"].as_array().unwrap().iter().map(|warning| &warning["code"]);
    assert_eq!(codes.collect::<Vec<_>>(), ["not-production", "wrong-number"]);
    for number in ["93051822361", "10012379"] {
        assert!(!run.stdout.contains(number) && !run.stderr.contains(number), "{run:?}");
    }
}

#[test]
fn an_expired_certificate_still_signs_with_a_warning() {
    let case = Case::new(EC);
    let file = case.folder.path("store.p12");
    let flags = ["identity", "show", "--json", &file, "--password-env", "PASSWORD", "--now"];
    let codes = |now: &'static str| {
        let run = ksz_with_variable([&flags[..], &[now]].concat(), "PASSWORD", PASSWORD);
        assert_eq!((run.code, &run.json()["chosen"]["reason"]), (Some(0), &"alias".into()), "{run:?}");
        run.json()["entries"][0]["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|warning| warning["code"].clone())
            .collect()
    };

    for (now, code) in [
        (NOW, None),
        ("2029-12-10T00:00:00Z", Some("expires-soon")),
        ("2030-01-03T00:00:00Z", Some("expired")),
        ("1974-01-01T00:00:00Z", Some("not-yet-valid")),
    ] {
        let found: Vec<Value> = codes(now);
        assert_eq!(found, code.into_iter().collect::<Vec<_>>(), "{now}");
    }
}

#[test]
fn a_configuration_names_the_variable_of_a_password() {
    let case = Case::new(EC);
    case.folder.write("key.der", rcgen::KeyPair::from_pem(&case.signer.key).unwrap().serialized_der());
    let examined = |identity: &str, password: &str| {
        let text = format!(
            "environment = 'sim'\n[tls]\nroots = ['root.pem']\nidentity = {identity}\n[ksz]\n\
             test_connection = 'https://127.0.0.1:1/test'"
        );
        let config = case.folder.write("ksz.toml", text);
        let flags = ["doctor", "--json", "--only", "ksz-connection", "--config", &config];
        ksz_with_variable(flags, "PASSWORD", password)
    };

    for identity in [
        "{ file = 'store.p12', password_env = 'PASSWORD' }",
        "{ file = 'store.p12', password_env = 'PASSWORD', alias = 'authentication' }",
        "{ file = 'key.der', certificates = ['certificate.pem', 'root.pem'] }",
    ] {
        let run = examined(identity, PASSWORD);
        assert_eq!((run.code, &run.json()["rows"][0]["reason"]), (Some(1), &"Connect".into()), "{run:?}");
    }
    let store = case.folder.path("store.p12");
    let refused = |identity, password, message: &str| {
        case.assert_refused(&examined(identity, password), 2, &format!("{store}: {message}"));
    };
    refused("'store.p12'", PASSWORD, "a password protects it, and none is given");
    let named = "{ file = 'store.p12', password_env = 'PASSWORD' }";
    refused(named, "wrong", "wrong password, or the key store is damaged");
}

impl Case {
    /// Runs openssl in the folder; words are parted by spaces, a no-break space stands for one within a word.
    fn openssl(&self, line: &str) -> bool {
        let words = line.split(' ').map(|word| word.replace('\u{a0}', " "));
        let run = Command::new("openssl").args(words).current_dir(self.folder.path(".")).output();
        run.is_ok_and(|output| output.status.success())
    }
}
