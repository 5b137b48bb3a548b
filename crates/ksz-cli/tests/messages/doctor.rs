//! Connections that are examined: to the embedded simulator, to nothing, and with too little to go on.

use crate::program::{Folder, Run, ksz, ksz_with_input};
use ksz_sim::{Options, Simulator};
use serde_json::Value;

const NOTHING_BUT_A_NAME: &str = "environment = \"sim\"\n";

/// The configuration of a simulator, with addresses where nothing listens.
fn dead_configuration() -> String {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let simulator = runtime.block_on(Simulator::start(Options::default())).unwrap();
    let addresses = simulator.addresses();
    [addresses.ksz_soap, addresses.ksz_rest, addresses.ehealth, addresses.oauth]
        .iter()
        .fold(simulator.configuration(), |text, address| text.replace(&address.to_string(), "127.0.0.1:1"))
}

fn rows(run: &Run) -> Vec<Value> {
    run.json()["rows"].as_array().unwrap().clone()
}

fn names(object: &Value) -> Vec<String> {
    object.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn without_a_configuration_every_row_passes_against_the_embedded_simulator() {
    let run = ksz(["doctor", "--json"]);

    assert_eq!((run.code, run.stderr.as_str(), run.stdout.matches('\n').count()), (Some(0), "", 1));
    let object = run.json();
    assert_eq!(names(&object), ["environment", "channel", "passed", "failed", "skipped", "rows"]);
    assert_eq!((&object["environment"], &object["channel"]), (&"sim".into(), &"extranet".into()));
    assert_eq!(
        (&object["passed"], &object["failed"], &object["skipped"]),
        (&15.into(), &0.into(), &0.into())
    );
    assert_eq!(rows(&run).len(), 15);
    for row in rows(&run) {
        assert_eq!(names(&row), ["name", "title", "result", "detail", "milliseconds"]);
        assert_eq!(row["result"], "passed", "{row}");
        assert!(row["milliseconds"].is_number());
    }
}

#[test]
fn rows_may_be_asked_for_by_name() {
    let text = ksz(["doctor", "--only", "ksz-connection"]).output();
    let two = ksz(["doctor", "--env", "sim", "--json", "--only", "refused-claim,oauth-token"]);

    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines[0], lines.len()), ("ksz doctor: the embedded simulator", 5), "{text}");
    assert!(lines[2].starts_with("  ok      KSZ sendTestMessage "), "{text}");
    assert!(lines[4].starts_with("1 passed, 0 failed, 0 skipped in "), "{text}");
    let asked: Vec<_> = rows(&two).iter().map(|row| row["name"].clone()).collect();
    assert_eq!((two.code, asked), (Some(0), vec!["refused-claim".into(), "oauth-token".into()]));
}

#[test]
fn where_nothing_answers_every_row_fails_with_reason_and_remedy() {
    let folder = Folder::new();
    let file = folder.write("ksz.toml", dead_configuration());

    let run = ksz(["doctor", "--json", "--config", &file]);

    assert_eq!((run.code, run.stderr.as_str(), run.json()["failed"].clone()), (Some(1), "", 15.into()));
    assert_eq!(rows(&run)[0]["reason"], "Connect");
    for row in rows(&run) {
        assert_eq!(names(&row), ["name", "title", "result", "reason", "message", "remedy", "milliseconds"]);
        assert_eq!(row["result"], "failed");
        assert!(["reason", "message", "remedy"].iter().all(|name| row[name] != ""), "{row}");
    }
}

#[test]
fn a_row_that_failed_says_what_to_do_and_how_to_ask_again() {
    let folder = Folder::new();
    let file = folder.write("it's mine.toml", dead_configuration());
    let flags = ["doctor", "--config", &file, "--env", "sim", "--channel", "internet"];

    let run = ksz([&flags[..], &["--only", "ksz-connection"]].concat());

    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[0], "ksz doctor: sim, internet");
    assert!(lines[2].starts_with("  FAILED  KSZ sendTestMessage "), "{run:?}");
    assert!(
        lines[3].starts_with("          reason: ") && lines[4].starts_with("          remedy: "),
        "{run:?}"
    );
    let file = file.replace('\'', r"'\''");
    let again = format!("ksz doctor --config '{file}' --env sim --channel internet --only ksz-connection");
    assert_eq!(lines[5], format!("          again:  {again}"));
    assert!(lines[7].starts_with("0 passed, 1 failed, 0 skipped in "), "{run:?}");
}

#[test]
fn a_configuration_may_come_from_standard_input() {
    let flags = ["doctor", "--config", "-", "--only", "rest-no-token"];

    let run = ksz_with_input(flags, dead_configuration().as_bytes());
    let broken = ksz_with_input(flags, b"environment = \"moon\"\n");

    assert!(
        run.stdout.contains("\n          again:  ksz doctor --config - --only rest-no-token\n"),
        "{run:?}"
    );
    assert_eq!((broken.code, broken.stdout.as_str()), (Some(2), ""));
    assert!(broken.stderr.starts_with("ksz: standard input: "), "{broken:?}");
}

#[test]
fn a_configuration_over_a_mebibyte_is_not_read() {
    let folder = Folder::new();
    let file = folder.write("ksz.toml", "#".repeat(1024 * 1024 + 1));

    let run = ksz(["doctor", "--json", "--config", &file]);

    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert_eq!(run.stderr, format!("ksz: {file}: more than 1048576 octets\n"));
}

#[test]
fn a_row_that_lacks_a_setting_is_skipped() {
    let folder = Folder::new();
    let file = folder.write("ksz.toml", NOTHING_BUT_A_NAME);

    let run = ksz(["doctor", "--json", "--config", &file]);

    assert_eq!((run.code, run.json()["skipped"].clone()), (Some(0), 15.into()), "{run:?}");
    for row in rows(&run) {
        assert_eq!(names(&row), ["name", "title", "result", "why", "milliseconds"]);
        assert_eq!(row["result"], "skipped");
    }
}

#[test]
fn rows_that_were_asked_for_and_all_skipped_are_no_success() {
    let folder = Folder::new();
    let file = folder.write("ksz.toml", NOTHING_BUT_A_NAME);
    let flags = ["doctor", "--config", &file, "--only", "ehealth-token,refused-token"];

    let text = ksz(flags);
    let json = ksz([&flags[..], &["--json"]].concat());

    assert_eq!((text.code, json.code), (Some(2), Some(2)));
    assert_eq!(text.stdout.matches("\n  skipped ").count(), 2, "{text:?}");
    assert_eq!(json.stdout, "");
    assert_eq!(text.stderr, json.stderr);
    assert!(json.stderr.starts_with("ksz: nothing was examined: ehealth-token: "), "{json:?}");
    assert!(json.stderr.ends_with("; refused-token: simulator.other_key is not set\n"), "{json:?}");
    assert_eq!(json.stderr.matches('\n').count(), 1);
}
