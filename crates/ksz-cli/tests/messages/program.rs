//! Running the command.

use serde_json::Value;
use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Stdio};

pub(crate) const NOW: &str = "2026-03-01T10:00:00Z";
pub(crate) const ENVELOPE: &str = "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
    xmlns:unused=\"urn:example:unused\"><soapenv:Body><a xmlns=\"urn:example:a\">Hello World</a></soapenv:Body>\
    </soapenv:Envelope>";

/// How a run of the command ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What was written, of a run that succeeded.
    pub(crate) fn output(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.stdout
    }

    /// The class and reason of a refusal. It must say both ways what was wrong, and nothing of the message.
    pub(crate) fn refusal(&self) -> (String, String) {
        let object = self.json();
        assert_eq!((self.code, &object["result"]), (Some(3), &Value::from("rejected")), "{self:?}");
        let names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["result", "error", "reason", "message"]);
        let text = |name: &str| object[name].as_str().unwrap().to_owned();
        let line = format!(": {} [{}]\n", text("message"), text("error"));
        assert!(self.stderr.ends_with(&line) && self.stderr.matches('\n').count() == 1, "{self:?}");
        (text("error"), text("reason"))
    }
}

pub(crate) fn ksz<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    ksz_with_input(arguments, b"")
}

pub(crate) fn ksz_with_input<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>, input: &[u8]) -> Run {
    run(command(arguments), input)
}

/// Runs the command with a variable in its environment.
pub(crate) fn ksz_with_variable<A: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = A>,
    name: &str,
    value: impl AsRef<OsStr>,
) -> Run {
    let mut command = command(arguments);
    command.env(name, value);
    run(command, b"")
}

fn run(mut command: Command, input: &[u8]) -> Run {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A command that refuses early does not read to the end.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

pub(crate) fn command<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ksz"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A folder of files for one test.
#[derive(Debug)]
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).into_os_string().into_string().unwrap()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}
