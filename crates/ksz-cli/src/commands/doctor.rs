use super::configuration;
use crate::args::DoctorArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::Inputs;
use crate::output::{self, shell_word};
use ksz::client::doctor::{Check, Doctor, Outcome, Report, Row};
use ksz::error::mask_person_numbers;
use ksz::{Config, Environment};
use ksz_sim::{Options, Simulator};
use serde_json::{Map, Value, json};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Instant;

/// Examines a whole connection: the one of a configuration, or one to the embedded simulator.
pub(crate) async fn run(args: &DoctorArgs, inputs: &Inputs) -> Result<Exit, Error> {
    let started = Instant::now();
    let (config, simulator) = configured(args, inputs).await?;
    let config = args.channel.into_iter().fold(config, Config::through);
    let doctor = Doctor::new(config)?;
    let checks = if args.only.is_empty() { Check::ALL.to_vec() } else { args.only.clone() };

    let people = People::new(&checks, again(args));
    if !args.json {
        output::text(&people.headline(&doctor, simulator.is_some()))?;
    }
    let mut printed = Ok(());
    let report = doctor
        .run(&checks, |row| {
            if !args.json && printed.is_ok() {
                printed = output::text(&people.row(row));
            }
        })
        .await;
    printed?;

    let (_, failed, skipped) = report.counts();
    if !args.only.is_empty() && skipped == report.rows.len() {
        return Err(Error::NothingExamined { why: why_skipped(&report) });
    }
    if args.json {
        output::json(&as_json(&report))?;
    } else {
        output::text(&people.sum(&report, started))?;
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Failed })
}

/// The configuration to examine. Without a file and for the simulator, one is started and lives as long as the answer.
async fn configured(args: &DoctorArgs, inputs: &Inputs) -> Result<(Config, Option<Simulator>), Error> {
    match (&args.config, args.env) {
        (Some(file), wanted) => {
            let config = configuration::read(file, inputs)?;
            match wanted {
                Some(wanted) if wanted != config.environment() => {
                    Err(Error::OtherEnvironment { file: file.clone(), found: config.environment(), wanted })
                }
                _ => Ok((config, None)),
            }
        }
        (None, None | Some(Environment::Simulator)) => {
            let simulator = Simulator::start(Options::default()).await?;
            let config =
                Config::from_toml(&simulator.configuration(), Path::new("the simulator's configuration"))?;
            Ok((config, Some(simulator)))
        }
        (None, Some(environment)) => Ok((Config::of(environment), None)),
    }
}

/// The command that examines the same connection, without its rows.
fn again(args: &DoctorArgs) -> String {
    let mut command = String::from("ksz doctor");
    if let Some(file) = &args.config {
        let path = file.path().map_or("-".into(), Path::to_string_lossy);
        command += &format!(" --config {}", shell_word(&path));
    }
    command.extend(args.env.map(|environment| format!(" --env {environment}")));
    command.extend(args.channel.map(|channel| format!(" --channel {channel}")));
    command
}

/// What each row that was skipped lacks.
fn why_skipped(report: &Report) -> String {
    let rows = report.rows.iter().filter_map(|row| match &row.outcome {
        Outcome::Skipped { why } => Some(format!("{}: {}", row.check, mask_person_numbers(why))),
        _ => None,
    });
    rows.collect::<Vec<_>>().join("; ")
}

/// The report as people read it: a line for each row, as soon as it is known.
struct People {
    colour: bool,
    title: usize,
    again: String,
}

impl People {
    fn new(checks: &[Check], again: String) -> Self {
        let title = checks.iter().map(|check| check.title().chars().count()).max().unwrap_or_default();
        let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { colour, title, again }
    }

    fn headline(&self, doctor: &Doctor, embedded: bool) -> String {
        let place = if embedded {
            "the embedded simulator".to_owned()
        } else {
            format!("{}, {}", doctor.environment(), doctor.channel())
        };
        self.painted("1", &format!("ksz doctor: {place}\n"))
    }

    fn row(&self, row: &Row) -> String {
        let (colour, mark, detail) = match &row.outcome {
            Outcome::Passed { detail } => ("32", "ok", detail.clone()),
            Outcome::Failed(failure) => ("31", "FAILED", failure.reason()),
            Outcome::Skipped { why } => ("33", "skipped", why.clone()),
        };
        let mark = self.painted(colour, &format!("{mark:7}"));
        let milliseconds = row.took.as_secs_f64() * 1000.0;
        let title = row.check.title();
        let detail = output::one_line(&mask_person_numbers(&detail));
        let mut line = format!("  {mark} {title:width$} {milliseconds:7.1} ms  {detail}", width = self.title);
        if let Outcome::Failed(failure) = &row.outcome {
            let message = output::one_line(&mask_person_numbers(&failure.to_string()));
            let (remedy, again) = (failure.remedy(), output::one_line(&self.again));
            line +=
                &format!("\n          reason: {message}\n          remedy: {}", output::one_line(&remedy));
            line += &format!("\n          again:  {again} --only {}", row.check);
        }
        line
    }

    fn sum(&self, report: &Report, started: Instant) -> String {
        let (passed, failed, skipped) = report.counts();
        let colour = if failed == 0 { "32" } else { "31" };
        let sum = format!("{passed} passed, {failed} failed, {skipped} skipped");
        format!("\n{} in {:.2} s", self.painted(colour, &sum), started.elapsed().as_secs_f64())
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn as_json(report: &Report) -> Value {
    let (passed, failed, skipped) = report.counts();
    let rows: Vec<_> = report.rows.iter().map(row_as_json).collect();
    json!({
        "environment": report.environment.as_str(),
        "channel": report.channel.as_str(),
        "passed": passed,
        "failed": failed,
        "skipped": skipped,
        "rows": rows,
    })
}

fn row_as_json(row: &Row) -> Value {
    let mut object = Map::new();
    object.insert("name".into(), row.check.name().into());
    object.insert("title".into(), row.check.title().into());
    let mut text = |name: &str, text: &str| object.insert(name.into(), mask_person_numbers(text).into());
    match &row.outcome {
        Outcome::Passed { detail } => {
            text("result", "passed");
            text("detail", detail);
        }
        Outcome::Failed(failure) => {
            text("result", "failed");
            text("reason", &failure.reason());
            text("message", &failure.to_string());
            text("remedy", &failure.remedy());
        }
        Outcome::Skipped { why } => {
            text("result", "skipped");
            text("why", why);
        }
    }
    object.insert("milliseconds".into(), (row.took.as_secs_f64() * 1000.0).into());
    Value::Object(object)
}
