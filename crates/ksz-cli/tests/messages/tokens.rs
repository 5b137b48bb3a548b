//! SAML tokens from the simulator's token service, kept in files.

use crate::pki::{Authority, EC, Signer};
use crate::program::{Folder, Run, ksz, ksz_with_input, ksz_with_variable};
use ksz::pki::{Backend, Identity};
use ksz::soap::format_date_time;
use ksz::sts::names::{CERTIFIED, EHEALTH_ISSUER, IDENTIFICATION};
use ksz::sts::{Attribute, Lifetime, NewAssertion};
use ksz_sim::{Challenges, Options, Simulator};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use tokio::runtime::Runtime;

const NUMBER: &str = "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number";

/// A simulator, its configuration, and a place for a token.
struct Case {
    folder: Folder,
    config: String,
    token: String,
    simulator: Simulator,
    runtime: Runtime,
}

impl Case {
    fn new() -> Self {
        Self::with_options(Options::default())
    }

    fn with_options(options: Options) -> Self {
        let (folder, runtime) = (Folder::new(), Runtime::new().unwrap());
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        let config = simulator.write_to(folder.path("sim").as_ref()).unwrap();
        let config = config.into_os_string().into_string().unwrap();
        let token = folder.path("token.xml");
        Self { folder, config, token, simulator, runtime }
    }

    /// With a token that was issued.
    fn with_token() -> Self {
        let case = Self::new();
        let run = case.get(&[]);
        assert_eq!(run.code, Some(0), "{run:?}");
        case
    }

    fn get(&self, more: &[&str]) -> Run {
        self.get_to(&self.token, more)
    }

    fn get_to(&self, output: &str, more: &[&str]) -> Run {
        ksz([&["token", "saml", "get", "--config", &self.config, "--output", output], more].concat())
    }

    fn show(&self, more: &[&str]) -> Run {
        let flags = ["token", "saml", "show", "--config", &self.config, &self.token];
        ksz([&flags[..], more].concat())
    }

    fn renew(&self, more: &[&str]) -> Run {
        let flags = ["token", "saml", "renew", "--config", &self.config, &self.token];
        ksz([&flags[..], more].concat())
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.token).unwrap()
    }

    fn sim(&self, name: &str) -> String {
        self.folder.path(&format!("sim/{name}"))
    }

    /// How many messages the token service has had.
    fn asked(&self) -> usize {
        self.simulator.journal().len()
    }

    /// What lies in the folder of the token.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path("")).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// An instant so many hours from now, in RFC 3339.
fn in_hours(hours: i64) -> String {
    let distance = Duration::from_secs(hours.unsigned_abs() * 60 * 60);
    let now = SystemTime::now();
    format_date_time(if hours < 0 { now - distance } else { now + distance }).unwrap()
}

#[test]
fn a_token_is_got_looked_into_and_forgotten() {
    let case = Case::new();

    let got = case.get(&["--json"]);
    let shown = case.show(&["--json"]);
    let people = case.show(&[]).output();
    let raw = case.show(&["--raw"]).output();
    let octets = case.text().len();
    let forgotten = ksz(["token", "saml", "forget", &case.token]).output();

    assert_eq!((got.code, shown.code), (Some(0), Some(0)), "{got:?} {shown:?}");
    let steps: Vec<_> = got.stderr.lines().collect();
    assert!(steps[0].starts_with("ksz: asking https://127.0.0.1:") && steps[0].ends_with(": 2 claims"));
    assert_eq!(steps[1], "ksz: answering its challenge");
    assert!(steps[2].starts_with("ksz: a token until ") && steps[2].ends_with(" s from now"), "{got:?}");
    assert_eq!(steps.len(), 3);
    let (got, shown) = (got.json(), shown.json());
    for object in [&got, &shown] {
        assert_eq!((&object["result"], &object["file"]), (&"accepted".into(), &case.token.as_str().into()));
        assert!((3_400..=3_600).contains(&object["seconds_left"].as_u64().unwrap()));
        let attribute = &object["assertion"]["attributes"][0];
        assert_eq!(attribute["name"], NUMBER);
        assert_eq!(attribute["namespace"], "urn:be:fgov:identification-namespace");
        assert_eq!(attribute["values"], json!(["71089914"]));
    }
    assert_eq!(got["assertion"], shown["assertion"]);
    assert!(people.starts_with(&format!("{}: verified\n  time left:  [##################--] ", case.token)));
    assert!(people.contains(" of 1 h 5 min\n") && !people.contains("<Assertion"), "{people}");
    assert_eq!(raw.len(), octets);
    assert_eq!(forgotten, format!("{}: a token of {octets} octets, overwritten and removed\n", case.token));
    assert_eq!(case.files(), ["sim"]);
}

#[test]
fn a_narrow_terminal_gets_no_bar() {
    let case = Case::with_token();
    let flags = ["token", "saml", "show", "--config", &case.config, &case.token];
    let line = |columns: &str| {
        let told = ksz_with_variable(flags, "COLUMNS", columns).output();
        told.lines().nth(1).unwrap().to_owned()
    };

    assert!(line("100").starts_with("  time left:  [##################--] "));
    assert!(line("60").starts_with("  time left:  [############--] "));
    assert!(line("40").starts_with("  time left:  59 min ") && line("40").len() <= 42);
    assert!(line("wide").starts_with("  time left:  [##################--] "));
}

#[test]
fn the_token_is_kept_octet_for_octet_and_for_its_owner_alone() {
    let case = Case::with_token();

    assert_eq!(case.show(&["--raw"]).output(), case.text());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&case.token).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn claims_come_from_flags_a_file_or_the_configuration() {
    let case = Case::new();
    let file =
        case.folder.write("claims.toml", format!("[[claims]]\nuri = '{NUMBER}'\nvalue = '71089914'\n"));
    let names = |run: &Run| attributes(&run.json()).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let certified = "urn:be:fgov:person:ssin:doctor:boolean";

    let flag = case.get(&["--json", "--claim", certified]);
    let both = case.get(&["--json", "--claims", &file, "--claim", certified]);
    let repeated = case.get(&["--claims", &file, "--claim", NUMBER]);
    let other = case.get(&["--claim", &format!("{NUMBER}=71089915"), "--json"]);

    assert_eq!(names(&flag), [certified]);
    assert_eq!(names(&both), [NUMBER, certified]);
    assert_eq!(
        (repeated.code, repeated.stderr),
        (Some(2), format!("ksz: claim \"{NUMBER}\" is named twice\n"))
    );
    let object = other.json();
    assert_eq!(
        (other.code, &object["result"], &object["code"]),
        (Some(3), &"refused".into(), &"wst:InvalidRequest".into())
    );
    assert!(object["ticket"].as_str().unwrap().starts_with('_') && !object["remedy"].is_null());
    assert_eq!(case.asked(), 5, "a repetition is not sent");
}

#[test]
fn a_doubtful_claim_is_told_before_it_is_asked_for() {
    let case = Case::new();

    let run = case.get(&["--claim", &format!("{NUMBER}=71089915")]);

    let lines: Vec<_> = run.stderr.lines().collect();
    let warning =
        format!("ksz: warning: claim \"{NUMBER}\" asserts another NIHII-HOSPITAL than the certificate holds");
    assert_eq!((run.code, lines[0]), (Some(3), warning.as_str()), "{run:?}");
    assert!(lines[1].starts_with("ksz: asking "), "{run:?}");
}

#[test]
fn the_length_of_its_life_may_be_asked_for() {
    let case = Case::new();

    let run = case.get(&["--lifetime", "8h", "--json"]);

    assert!((28_700..=28_800).contains(&run.json()["seconds_left"].as_u64().unwrap()), "{run:?}");
    assert!(run.stderr.lines().next().unwrap().ends_with(": 2 claims, for 8 h"), "{run:?}");
}

#[test]
fn another_key_may_sign_the_request() {
    let case = Case::new();

    let run = case.get(&["--identification", &case.sim("client-ec.pem"), "--json"]);
    let stranger = case.get(&["--identification", &case.sim("stranger.pem"), "--json"]);

    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!((stranger.code, &stranger.json()["code"]), (Some(3), &"SOA-01001".into()));
    let holder = &run.json()["assertion"]["holder"]["sha256"];
    let shown = ksz(["identity", "show", "--json", &case.sim("client-rsa.pem")]).json();
    assert_eq!(holder, &shown["entries"][0]["certificate"]["sha256"]);
}

#[test]
fn standard_output_may_take_the_token_and_nothing_else() {
    let case = Case::new();

    let piped = case.get_to("-", &[]);
    let both = case.get_to("-", &["--json"]);

    assert!(piped.stdout.starts_with("<Assertion ") && piped.stdout.ends_with("</Assertion>"));
    assert_eq!(piped.stderr.lines().count(), 3);
    assert_eq!((both.code, both.stdout.as_str()), (Some(2), ""));
    assert_eq!(both.stderr, "ksz: --json and --output - both write to standard output\n");
}

#[test]
fn standard_input_may_give_one_file() {
    let case = Case::new();
    let flags = ["token", "saml", "get", "--config", "-", "--output", &case.token];
    let bare = b"environment = 'sim'\n[ehealth]\nsts = 'https://127.0.0.1:1/'\n";

    let once = ksz_with_input([&flags[..], &["--claim", "urn:a"]].concat(), bare);
    let twice = ksz_with_input([&flags[..], &["--claims", "-"]].concat(), bare);

    assert!(once.stderr.starts_with("ksz: ehealth.identity is not set; "), "{once:?}");
    assert_eq!(
        (twice.code, twice.stderr.as_str()),
        (Some(2), "ksz: standard input: named twice, it can be read once\n")
    );
}

#[test]
fn a_token_is_renewed_in_place() {
    let case = Case::with_token();
    let (old, facts) = (case.text(), case.show(&["--json"]).json());

    let run = case.renew(&["--json"]);
    let shown = case.show(&["--json"]).json();

    assert_eq!(run.code, Some(0), "{run:?}");
    assert_ne!(case.text(), old);
    assert_eq!(shown["assertion"]["attributes"], facts["assertion"]["attributes"]);
    assert_eq!(shown["assertion"]["holder"], facts["assertion"]["holder"]);
    assert_eq!(case.files(), ["sim", "token.xml"]);
}

#[test]
fn the_token_service_may_be_given_the_token_to_renew() {
    let case = Case::with_token();
    let (old, facts) = (case.text(), case.show(&["--json"]).json());

    let run = case.renew(&["--with", "renew", "--json"]);

    assert_eq!(run.code, Some(0), "{run:?}");
    assert_ne!(case.text(), old);
    assert_eq!(run.json()["assertion"]["attributes"], facts["assertion"]["attributes"]);
}

#[test]
fn a_token_that_is_over_or_not_valid_yet_is_told_so() {
    let case = Case::with_token();
    let later = in_hours(2);

    let shown = case.show(&["--now", &later]);
    let json = case.show(&["--now", &later, "--json"]).json();
    let early = case.show(&["--now", &in_hours(-1), "--json"]).json();

    assert_eq!(shown.code, Some(3));
    assert!(shown.stderr.contains(": the assertion expired ") && shown.stderr.ends_with(" [assertion]\n"));
    assert!(shown.stdout.contains("[--------------------] 0 s of 1 h 5 min"), "{shown:?}");
    assert!(shown.stdout.starts_with(&format!("{}: does not hold: ", case.token)));
    assert_eq!((&json["result"], &json["reason"]), (&"rejected".into(), &"AssertionExpired".into()));
    assert_eq!(json["seconds_left"], 0);
    assert_eq!(json["assertion"]["attributes"][0]["name"], NUMBER);
    assert_eq!((&early["result"], &early["reason"]), (&"rejected".into(), &"AssertionNotYetValid".into()));
}

#[test]
fn a_token_that_is_over_can_be_renewed() {
    let ago = Arc::new(AtomicU64::new(2 * 60 * 60));
    let clock = ago.clone();
    let options = Options::default()
        .clock(move || SystemTime::now() - Duration::from_secs(clock.load(Ordering::Relaxed)));
    let case = Case::with_options(options);
    assert_eq!(case.get(&["--now", &in_hours(-2)]).code, Some(0));
    assert_eq!(case.show(&[]).code, Some(3));

    ago.store(0, Ordering::Relaxed);
    let old = case.text();
    let by_renew = case.renew(&["--with", "renew"]);
    fs::write(&case.token, old).unwrap();
    let run = case.renew(&[]);

    assert_eq!(by_renew.code, Some(0), "what is over is asked for anew: {by_renew:?}");

    assert_eq!(run.code, Some(0), "{run:?}");
    let first = run.stderr.lines().next().unwrap();
    assert!(first.starts_with(&format!("ksz: {}: the assertion expired ", case.token)), "{run:?}");
    assert_eq!(case.show(&[]).code, Some(0));
}

#[test]
fn what_is_not_verified_is_not_shown() {
    let case = Case::with_token();
    let changed = case.text().replace("71089914</AttributeValue>", "71089915</AttributeValue>");
    let root = case.folder.write("root.pem", Authority::root("Root").pem());
    let show = |flags: &[&str]| ksz([&["token", "saml", "show", "--json"], flags].concat());

    let without = show(&[&case.token]);
    let other = show(&["--sts-anchor", &root, &case.token]);
    let file = case.folder.write("changed.xml", changed);
    let changed = show(&["--sts-anchor", &case.sim("sts.pem"), &file]);
    let garbage = case.folder.write("garbage.xml", b"\xff<Assertion>");
    let garbage = show(&["--sts-anchor", &case.sim("sts.pem"), &garbage]);
    let envelope = case.folder.write("envelope.xml", "<a/>");
    let envelope = show(&["--sts-anchor", &case.sim("sts.pem"), &envelope]);

    for (run, class, reason) in [
        (without, "trust", "NoAnchor"),
        (other, "trust", "SignerNotPinned"),
        (changed, "digest", "DigestMismatch"),
        (garbage, "xml-malformed", "NotUtf8"),
        (envelope, "assertion", "AssertionShape"),
    ] {
        assert_eq!(run.refusal(), (class.to_owned(), reason.to_owned()));
        assert!(run.stderr.contains(": not verified: "), "{run:?}");
        assert!(!run.stdout.contains("71089"), "{run:?}");
    }
}

#[test]
fn a_token_of_another_environment_is_neither_shown_nor_renewed() {
    let (case, other) = (Case::with_token(), Case::with_token());
    fs::copy(&other.token, &case.token).unwrap();
    let before = case.text();

    let (shown, renewed) = (case.show(&["--json"]), case.renew(&[]));

    assert_eq!(shown.refusal(), ("trust".into(), "SignerNotPinned".into()));
    assert!(shown.stderr.contains(": it may be of another environment"), "{shown:?}");
    assert_eq!((renewed.code, renewed.stdout.as_str()), (Some(3), ""));
    assert!(renewed.stderr.contains(": not verified: "), "{renewed:?}");
    assert_eq!((case.text(), case.asked()), (before, 2));
}

#[test]
fn a_token_of_another_holder_is_not_renewed() {
    let case = Case::with_token();
    let text = fs::read_to_string(&case.config).unwrap();
    let other = text.replacen("identity = \"client-rsa.pem\"", "identity = \"client-ec.pem\"", 2);
    fs::write(&case.config, other).unwrap();

    let run = case.renew(&[]);

    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains(": the token's holder is CN="), "{run:?}");
    assert_eq!(case.asked(), 2);
}

/// A token of a service whose certificate the configuration pins beside the simulator's.
fn foreign_token(case: &Case, attributes: &[Attribute]) -> (Signer, String) {
    let service = Authority::root("Root").signer("STS", EC);
    case.folder.write("sim/own.pem", &service.certificate);
    let text = fs::read_to_string(&case.config).unwrap();
    fs::write(&case.config, text.replace("[\"sts.pem\"]", "[\"own.pem\", \"sts.pem\"]")).unwrap();
    let identity = |pem: &str| Identity::from_pem(pem.as_bytes(), Backend::default()).unwrap();
    let now = SystemTime::now();
    let new = NewAssertion {
        id: "_a1".into(),
        issuer: EHEALTH_ISSUER.into(),
        issue_instant: now,
        validity: Lifetime { created: now, expires: now + Duration::from_secs(600) },
        holder: identity(&fs::read_to_string(case.sim("client-rsa.pem")).unwrap()).certificate().clone(),
        attributes: attributes.into(),
    };
    let token = new.sign(&identity(&service.identity())).unwrap();
    (service, token)
}

/// The names and values of the attributes in a report.
fn attributes(report: &Value) -> Vec<(String, Value)> {
    let attributes = report["assertion"]["attributes"].as_array().unwrap().iter();
    let pair =
        |attribute: &Value| (attribute["name"].as_str().unwrap().to_owned(), attribute["values"].clone());
    attributes.map(pair).collect()
}

/// The service may give one URI in both namespaces, and refuses a request that names one twice.
#[test]
fn one_uri_in_two_namespaces_is_asked_for_once() {
    let case = Case::new();
    let certified = "urn:be:fgov:person:ssin:doctor:boolean";
    let listed =
        [(NUMBER, CERTIFIED, "71089914"), (NUMBER, IDENTIFICATION, "71089914"), (certified, CERTIFIED, "x")];
    let listed = listed.map(|(name, namespace, value)| Attribute::new(name, namespace, value));
    fs::write(&case.token, foreign_token(&case, &listed).1).unwrap();

    let run = case.renew(&["--json"]);

    let object = run.json();
    let expected = [(NUMBER.to_owned(), json!(["71089914"])), (certified.to_owned(), json!(["true"]))];
    assert_eq!((run.code, attributes(&object)), (Some(0), expected.into()), "{run:?}");
    assert!((500..=600).contains(&object["seconds_left"].as_u64().unwrap()), "{run:?}");
}

#[test]
fn several_values_are_asserted_as_one() {
    let case = Case::new();
    let (service, token) = foreign_token(&case, &[Attribute::new("urn:example:many", IDENTIFICATION, "a")]);
    let (before, after) = token.split_once("<ds:Signature ").unwrap();
    let (_, after) = after.split_once("</ds:Signature>").unwrap();
    let several = format!("{before}{after}").replace(">a<", ">a</AttributeValue><AttributeValue>b<");
    let (several, key) =
        (case.folder.write("several.xml", several), case.folder.write("key.pem", service.identity()));
    let signed = ksz(["dsig", "sign", "--x509", "--key", &key, "--reference", "_a1", &several]).output();
    fs::write(&case.token, signed).unwrap();
    let old = case.show(&["--json"]);

    let renewed = case.renew(&["--json"]);

    assert_eq!(attributes(&old.json()), [("urn:example:many".to_owned(), json!(["a", "b"]))], "{old:?}");
    assert_eq!(attributes(&renewed.json()), [("urn:example:many".to_owned(), json!(["a;b"]))], "{renewed:?}");
}

#[test]
fn a_wrong_clock_is_refused_by_the_service() {
    let case = Case::new();

    let run = case.get(&["--now", &in_hours(-2), "--json"]);

    let object = run.json();
    assert_eq!((run.code, &object["code"]), (Some(3), &"SOA-01001".into()), "{run:?}");
    assert!(object["remedy"].as_str().unwrap().contains("clock"));
    assert_eq!(case.files(), ["sim"]);
}

#[test]
fn a_token_file_outlives_a_service_that_is_gone() {
    let case = Case::with_token();
    let before = case.text();
    let Case { folder, config, token, simulator, runtime } = case;
    drop(simulator);
    runtime.shutdown_background();

    for words in [&["renew", &token][..], &["get", "--json", "--output", &token]] {
        let run = ksz([&["token", "saml"], words, &["--config", &config]].concat());

        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
        let last = run.stderr.lines().last().unwrap();
        assert!(last.starts_with("ksz: ") && last.contains("; nothing answers there"), "{run:?}");
        assert_eq!(fs::read_to_string(&token).unwrap(), before);
    }
    drop(folder);
}

#[test]
fn a_full_disk_leaves_the_old_token() {
    let case = Case::with_token();
    let before = case.text();

    // No file may grow beyond one block of 512 octets; the signal for it is ignored, so that writing fails.
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
    let program = env!("CARGO_BIN_EXE_ksz");
    let output = Command::new("sh")
        .args(["-c", script, "sh", program, "token", "saml", "renew", "--config", &case.config, &case.token])
        .output()
        .unwrap();

    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"".as_slice()), "{told}");
    assert_eq!(told.lines().last().unwrap(), format!("ksz: {}: file too large", case.token));
    assert_eq!((case.text(), case.files()), (before, vec!["sim".to_owned(), "token.xml".to_owned()]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_to_is_told_before_anybody_is_asked() {
    let case = Case::new();

    let run = case.get_to("/sys/token.xml", &[]);

    assert_eq!((run.code, run.stdout.as_str(), case.asked()), (Some(1), "", 0), "{run:?}");
    assert!(run.stderr.starts_with("ksz: /sys/token.xml: ") && run.stderr.lines().count() == 1, "{run:?}");
}

#[test]
fn a_service_that_asks_for_no_proof_is_told_nothing_more() {
    let case = Case::with_options(Options::default().challenges(Challenges::UnlessProven));

    let run = case.get(&[]);

    assert_eq!((run.code, run.stderr.lines().count(), case.asked()), (Some(0), 2, 1), "{run:?}");
}

#[test]
fn a_file_that_is_no_token_is_kept_and_nobody_is_asked() {
    let case = Case::new();
    let thesis = case.folder.write("thesis.txt", "thesis");
    let line = format!("ksz: {thesis}: it holds no SAML assertion; it is left as it is\n");

    for words in [
        &["get", "--config", &case.config, "--output", &thesis][..],
        &["renew", "--config", &case.config, &thesis],
        &["forget", &thesis],
    ] {
        let run = ksz([&["token", "saml"], words].concat());

        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(2), "", line.as_str()));
        assert_eq!(fs::read_to_string(&thesis).unwrap(), "thesis");
    }
    assert_eq!(case.asked(), 0);
}

#[test]
fn a_file_that_is_too_large_is_no_token() {
    let case = Case::new();
    let large = case.folder.path("large.xml");
    fs::File::create(&large).unwrap().set_len(1024 * 1024 + 1).unwrap();

    let show = ksz(["token", "saml", "show", "--sts-anchor", &case.sim("sts.pem"), &large]);
    let forget = ksz(["token", "saml", "forget", &large]);

    assert_eq!((show.code, show.stderr), (Some(2), format!("ksz: {large}: more than 1048576 octets\n")));
    assert_eq!(forget.code, Some(2));
    assert!(fs::exists(&large).unwrap());
}

#[test]
fn numbers_of_persons_are_masked() {
    let case = Case::new();

    let asked = case.get(&["--claim", "urn:be:fgov:person:ssin=79021802145"]);
    let file = case.folder.write("claims.toml", "claims = [{ uri = 'urn:a', value = 79021802145 }]");
    let mistaken = case.get(&["--claims", &file]);
    let uri = case.get(&["--claim", "79021802145"]);

    for run in [asked, mistaken, uri] {
        assert!(matches!(run.code, Some(2 | 3)), "{run:?}");
        assert!(!format!("{run:?}").contains("79021802145"), "{run:?}");
    }
}

#[test]
fn a_token_may_come_from_standard_input_to_be_shown() {
    let case = Case::with_token();
    let anchor = case.sim("sts.pem");

    let run = ksz_with_input(["token", "saml", "show", "--sts-anchor", &anchor, "-"], case.text().as_bytes());

    assert!(run.output().starts_with("standard input: verified\n"));
}

#[test]
fn a_token_that_was_got_signs_a_message_that_is_accepted() {
    let case = Case::with_token();
    let envelope = case.folder.write("envelope.xml", crate::program::ENVELOPE);
    let identity = case.sim("client-rsa.pem");
    let flags = ["sign", "--profile", "saml-hok", "--identity", &identity, "--assertion", &case.token];
    let signed = ksz([&flags[..], &[&envelope]].concat()).output();
    let file = case.folder.write("signed.xml", signed);

    let run = ksz(["verify", "--profile", "saml-hok", "--sts-anchor", &case.sim("sts.pem"), &file]);

    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn a_configuration_without_what_it_takes_says_which() {
    let folder = Folder::new();
    let config = folder.write("ksz.toml", "environment = 'sim'\n[ehealth]\nsts = 'https://127.0.0.1:1/'\n");
    let output = folder.path("token.xml");
    let get = |more: &[&str]| {
        ksz([&["token", "saml", "get", "--config", &config, "--output", &output], more].concat())
    };
    let identity = folder.write("id.pem", Authority::root("Root").signer("Hospital", EC).identity());

    let bare = get(&[]);
    let claimed = get(&["--claim", "urn:a"]);
    let shown = ksz(["token", "saml", "show", "--config", &config, &identity]);

    let no_claims =
        "ksz: no claims to ask for: name them with --claim or --claims, or under [ehealth] claims of";
    assert_eq!((bare.code, bare.stderr), (Some(2), format!("{no_claims} {config}\n")));
    assert_eq!(claimed.code, Some(2));
    assert!(claimed.stderr.starts_with("ksz: ehealth.identity is not set; "), "{claimed:?}");
    assert_eq!((shown.code, shown.stderr.as_str()), (Some(2), "ksz: ehealth.sts_certificates is not set\n"));
}

#[test]
fn a_store_of_sessions_is_not_opened_by_commands_that_open_no_session() {
    let case = Case::new();
    let written = fs::read_to_string(&case.config).unwrap();
    for store in ["sessions", "redis://localhost"] {
        let sessions = format!("[ehealth.sessions]\nstore = '{store}'\nkey_env = 'KSZ_TEST_NOT_SET'\n");
        fs::write(&case.config, format!("{written}\n{sessions}")).unwrap();

        for run in [
            case.get(&[]),
            case.show(&[]),
            ksz(["doctor", "--config", &case.config, "--only", "refused-claim"]),
        ] {
            assert_eq!(run.code, Some(0), "{run:?}");
        }

        assert!(!fs::exists(case.folder.path("sim/sessions")).unwrap());
    }
}

#[test]
fn a_terminal_gets_no_token_unless_it_is_asked_for() {
    let Ok(found) = Command::new("script").arg("--version").output() else {
        eprintln!("skipped: no `script`, which gives a program a terminal");
        return;
    };
    assert!(found.status.success());
    let case = Case::new();
    let program = env!("CARGO_BIN_EXE_ksz");
    let on_terminal = |more: &str| {
        let line = format!("{program} token saml get --config {} --output -{more}", case.config);
        Command::new("script")
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .output()
            .unwrap()
    };

    let refused = on_terminal("");
    let raw = on_terminal(" --raw");

    let told = String::from_utf8_lossy(&refused.stdout);
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("standard output is a terminal") && !told.contains("<Assertion"), "{told}");
    assert!(String::from_utf8_lossy(&raw.stdout).contains("<Assertion "));
}
