//! Every row of the doctor against the simulator, and what the doctor says when something is wrong.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz::client::ClientBuilder;
use ksz::client::doctor::{Check, Doctor, Failure, Outcome, Report};
use ksz::{Client, Config, Environment, Identity};
use ksz_sim::{Options, Simulator};
use ksz_tests::keys::Authority;
use std::path::Path;
use std::time::{Duration, SystemTime};

#[tokio::test]
async fn every_row_passes_against_the_simulator() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let report = examine(&simulator.configuration(), &Check::ALL).await;

    assert_eq!(failures(&report), Vec::<String>::new());
    assert_eq!(report.counts(), (Check::ALL.len(), 0, 0));
    assert_eq!(report.environment, Environment::Simulator);
}

#[tokio::test]
async fn what_was_refused_was_refused_for_the_right_reason() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let checks = [Check::RefusedBody, Check::RefusedClaim, Check::RefusedHolder];
    examine(&simulator.configuration(), &checks).await;

    let refusals: Vec<_> = simulator
        .journal()
        .iter()
        .filter_map(|record| Some(record.refusal.as_ref()?.reason.clone()))
        .collect();
    assert_eq!(refusals, ["DigestMismatch", "RepeatedClaim", "NotHolder"]);
}

#[tokio::test]
async fn a_row_that_needs_a_token_asks_for_it_itself() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    for check in [Check::EhealthBrokered, Check::RestHealth, Check::RefusedToken] {
        let report = examine(&simulator.configuration(), &[check]).await;
        assert_eq!(failures(&report), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_configuration_that_lacks_something_skips_the_rows_that_need_it() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let configuration = simulator.configuration();
    let without = |table: &str| {
        let from = configuration.find(&format!("[{table}]")).unwrap();
        let to = configuration[from + 1..].find("\n[").map_or(configuration.len(), |end| from + 1 + end);
        [&configuration[..from], &configuration[to..]].concat()
    };
    let report =
        examine(&without("oauth"), &[Check::OauthToken, Check::RestHealth, Check::RestNoToken]).await;
    assert_eq!(report.counts(), (1, 0, 2));

    let report = examine(&without("ehealth"), &[Check::EhealthToken]).await;
    let expected = Outcome::Skipped { why: "ehealth.sts_certificates is not set".into() };
    assert_eq!(report.rows[0].outcome, expected);
}

#[tokio::test]
async fn a_dead_server_fails_each_row_with_reason_and_remedy() {
    let configuration = {
        let simulator = Simulator::start(Options::default()).await.unwrap();
        simulator.configuration()
    };
    let report =
        examine(&configuration, &[Check::KszConnection, Check::EhealthToken, Check::OauthToken]).await;
    assert_eq!(report.counts(), (0, 3, 0));
    for row in &report.rows {
        let Outcome::Failed(failure) = &row.outcome else { panic!("{row:?}") };
        assert!(matches!(failure.reason().as_str(), "Connect" | "ConnectionClosed"), "{failure:?}");
        assert!(!failure.remedy().is_empty());
    }
}

#[tokio::test]
async fn a_wrong_anchor_fails_with_the_rule_that_it_breaks() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let (configuration, other) =
        (simulator.configuration(), Simulator::start(Options::default()).await.unwrap().configuration());
    let swapped = |key: &str| {
        let value = |text: &str| {
            let from = text.find(&format!("\n{key} = [")).unwrap();
            let to = text[from..].find(']').unwrap();
            text[from..from + to].to_owned()
        };
        configuration.replace(&value(&configuration), &value(&other))
    };
    for (key, check, reason) in [
        ("roots", Check::KszConnection, "ServerNotTrusted"),
        ("answer_anchors", Check::KszSigned, "UnknownIssuer"),
        ("sts_certificates", Check::EhealthToken, "SignerNotPinned"),
    ] {
        let report = examine(&swapped(key), &[check]).await;
        let Outcome::Failed(failure) = &report.rows[0].outcome else { panic!("{key}: {:?}", report.rows) };
        assert_eq!(failure.reason(), reason, "{key}: {failure}");
    }
}

#[tokio::test]
async fn a_wrong_clock_is_refused_on_the_other_side_and_by_us() {
    let ahead = || SystemTime::now() + Duration::from_secs(3_600);
    let simulator = Simulator::start(Options::default().clock(ahead)).await.unwrap();
    let checks = [Check::EhealthAccessRsa, Check::KszConnection];
    let report = examine(&simulator.configuration(), &checks).await;
    let Outcome::Failed(failure) = &report.rows[0].outcome else { panic!("{:?}", report.rows) };
    assert!(failure.to_string().contains("SOA-01001"), "{failure}");
    assert!(failure.remedy().contains("clock"), "{}", failure.remedy());
    assert!(matches!(report.rows[1].outcome, Outcome::Passed { .. }));
}

#[tokio::test]
async fn nothing_wrong_is_sent_to_a_real_environment() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let complete = simulator.configuration().replace("environment = \"sim\"", "environment = \"test\"");
    let checks = [
        Check::RefusedBody,
        Check::RefusedClaim,
        Check::RefusedStranger,
        Check::RefusedHolder,
        Check::RefusedToken,
    ];
    let report = examine(&complete, &checks).await;
    assert_eq!(report.environment, Environment::Test);
    for row in &report.rows {
        assert_eq!(row.outcome, Outcome::Skipped { why: Failure::SimulatorOnly.to_string() });
    }
    assert_eq!(simulator.journal(), []);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_accused_of_nothing() {
    let configuration = {
        let simulator = Simulator::start(Options::default()).await.unwrap();
        simulator.configuration()
    };
    for row in
        examine(&configuration, &[Check::RestNoToken, Check::RefusedBody, Check::RefusedStranger]).await.rows
    {
        let Outcome::Failed(failure) = row.outcome else { panic!("{:?}", row.check) };
        assert!(matches!(failure, Failure::Call(_)), "{failure:?}");
        assert!(!failure.remedy().contains("protect"), "{}", failure.remedy());
    }
}

#[tokio::test]
async fn a_setting_that_cannot_be_used_fails_and_is_not_skipped() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let spoilt = simulator.configuration().replace("socialStatus/v1", "social status/v1");
    let report = examine(&spoilt, &[Check::RestHealth]).await;
    let Outcome::Failed(failure) = &report.rows[0].outcome else { panic!("{:?}", report.rows) };
    assert_eq!(failure.reason(), "SettingNotAccepted");
}

#[test]
fn an_address_of_another_environment_is_refused_before_connecting() {
    let text = "environment = 'production'\n[ksz]\n\
                test_connection = 'https://b2b-acpt.ksz-bcss.fgov.be:4520/TestConnectionServiceService/sendTestMessage'";
    let config = Config::from_toml(text, Path::new("ksz.toml")).unwrap();
    let error = Doctor::new(config).map(|_| ()).unwrap_err();
    assert_eq!(ksz::error::reason(&error), "WrongEnvironment");
}

#[tokio::test]
async fn an_issuer_of_another_environment_is_refused_before_connecting() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let configuration = simulator.configuration();
    let line = configuration.lines().find(|line| line.starts_with("issuer = ")).unwrap();
    for issuer in ["https://oauth-v5.socialsecurity.be", "https://oauth-v5.socialsecurity.be."] {
        let other = configuration
            .replace(line, &format!("issuer = '{issuer}'"))
            .replace("environment = \"sim\"", "environment = \"acceptance\"");
        let config = Config::from_toml(&other, Path::new("ksz.toml")).unwrap();
        let error = Doctor::new(config).map(|_| ()).unwrap_err();
        assert_eq!(ksz::error::reason(&error), "WrongEnvironment", "{issuer}");
    }
}

#[test]
fn a_certificate_of_another_environment_is_refused_before_connecting() {
    let issued_by = |name: &str| Authority::new(name).ec("Hospital");
    let acceptance = issued_by("TEST-ZetesConfidens-eHealth acceptance test-issuing CA 001");
    let production = issued_by("ZetesConfidens Private Trust PKI - eHealth issuing CA 002");
    let silent = issued_by("Some web authority");
    let built = |environment, identity: &Identity| {
        let with = |builder: ClientBuilder| builder.build().map(drop);
        let builder = || Client::builder(environment);
        let tls = with(builder().identity(identity.clone()));
        assert_eq!(tls.is_ok(), with(builder().application(identity.clone())).is_ok());
        assert_eq!(tls.is_ok(), with(builder().ehealth_identity(identity.clone())).is_ok());
        tls.map_err(|error| error.to_string())
    };

    let refused = |environment: Environment, found: &str| {
        Err(format!("tls.identity: certificate \"C=BE,CN=Hospital\" is for {found}, not for {environment}"))
    };
    for (environment, acceptable) in [
        (Environment::Simulator, &acceptance),
        (Environment::Test, &acceptance),
        (Environment::Acceptance, &acceptance),
        (Environment::Production, &production),
    ] {
        assert_eq!(built(environment, acceptable), Ok(()));
        assert_eq!(built(environment, &silent), Ok(()));
        let (other, found) = match environment {
            Environment::Production => (&acceptance, "test or acceptance"),
            _ => (&production, "production"),
        };
        assert_eq!(built(environment, other), refused(environment, found));
    }
}

#[tokio::test]
async fn the_simulators_certificates_are_not_for_production() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let configuration = simulator.configuration();
    let addressless: String = configuration
        .lines()
        .filter(|line| !line.contains("https://"))
        .map(|line| format!("{line}\n"))
        .collect();
    let production = addressless.replace("environment = \"sim\"", "environment = \"production\"");
    let config = Config::from_toml(&production, Path::new("ksz.toml")).unwrap();

    let error = Doctor::new(config).map(|_| ()).unwrap_err();

    assert_eq!(ksz::error::reason(&error), "CertificateEnvironment", "{error}");
    assert_eq!(simulator.journal(), []);
}

async fn examine(configuration: &str, checks: &[Check]) -> Report {
    let config = Config::from_toml(configuration, Path::new("simulator")).unwrap();
    Doctor::new(config).unwrap().run(checks, |_| ()).await
}

fn failures(report: &Report) -> Vec<String> {
    let failed = report.rows.iter().filter_map(|row| match &row.outcome {
        Outcome::Failed(failure) => Some(format!("{}: {} {failure}", row.check, failure.reason())),
        Outcome::Skipped { why } => Some(format!("{}: skipped, {why}", row.check)),
        Outcome::Passed { .. } => None,
    });
    failed.collect()
}
