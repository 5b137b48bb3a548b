use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::error::Error;

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("the manifest of xtask lies one folder below the workspace")
}

/// The cargo that runs us, in the folder of the workspace.
pub(crate) fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// What cargo says of the workspace.
pub(crate) fn metadata() -> Result<serde_json::Value, Error> {
    let metadata = stdout(&mut cargo(["metadata", "--no-deps", "--format-version", "1", "--locked"]))?;
    serde_json::from_str(&metadata).map_err(|error| unreadable(error.to_string()))
}

/// The folder that cargo builds in.
pub(crate) fn target() -> Result<PathBuf, Error> {
    let target = metadata()?["target_directory"].as_str().map(PathBuf::from);
    target.ok_or_else(|| unreadable("no target_directory".into()))
}

fn unreadable(detail: String) -> Error {
    Error::Unreadable { what: "cargo metadata".into(), detail }
}

/// The folder with reference messages, vectors and the programs of peers, which lies beside the checkout.
pub(crate) fn shared() -> PathBuf {
    env::var_os("KSZ_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from)
}

/// Shows a command and runs it; its output passes through.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    println!("$ {}", line(command));
    let status = command.status().map_err(Error::io(line(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Command { line: line(command), ended: status.to_string() })
    }
}

/// Runs a command without showing it and keeps its output, whatever its status.
pub(crate) fn output(command: &mut Command) -> Result<Output, Error> {
    command.stdin(Stdio::null()).output().map_err(Error::io(line(command)))
}

/// Runs a command without showing it; its standard output if the status is 0, what it complained of otherwise.
pub(crate) fn stdout(command: &mut Command) -> Result<String, Error> {
    let output = output(command)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(Error::Command { line: line(command), ended: format!("{}\n{}", output.status, complaint.trim_end()) })
}

/// Whether a command exists and ends with status 0.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    output(command).is_ok_and(|output| output.status.success())
}

/// A command as one would type it, the program without its folder.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let settings = command.get_envs().filter_map(|(name, value)| {
        value.map(|value| format!("{}={}", name.to_string_lossy(), quoted(value)))
    });
    settings.chain([quoted(program)]).chain(command.get_args().map(quoted)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,#+".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into_owned() } else { format!("'{word}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["doc", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");

        assert_eq!(line(&command), "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps");
    }
}
