//! Programs in other languages that hold other implementations.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::error::Error;
use crate::process;

/// A program that is started once: it reads tasks, a line each with words parted by tabs, and answers each
/// with a line, `OK` or `FAULT` and why. It ends when there are no more tasks.
pub(super) struct Peer {
    child: Child,
    tasks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    line: String,
}

impl Peer {
    pub(super) fn start(command: &mut Command) -> Result<Self, Error> {
        let line = process::line(command);
        let failed =
            || Error::Command { line: line.clone(), ended: "it has no standard input or output".into() };
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(Error::io(line.clone()))?;
        let tasks = Some(child.stdin.take().ok_or_else(failed)?);
        let answers = BufReader::new(child.stdout.take().ok_or_else(failed)?);
        Ok(Self { child, tasks, answers, line })
    }

    /// The answer to a task.
    pub(super) fn ask(&mut self, words: &[&str]) -> Result<String, Error> {
        let mut answer = String::new();
        let written = self.tasks.as_mut().map_or(Ok(()), |tasks| writeln!(tasks, "{}", words.join("\t")));
        written.and_then(|()| self.answers.read_line(&mut answer)).map_err(Error::io(self.line.clone()))?;
        if answer.is_empty() {
            let ended = format!("it ended instead of answering {words:?}");
            return Err(Error::Command { line: self.line.clone(), ended });
        }
        Ok(answer.trim_end().into())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.tasks.take());
        // It has read all its tasks and ends by itself; what it says of that interests nobody.
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_task_gets_its_answer() {
        let mut peer = Peer::start(&mut Command::new("cat")).unwrap();

        assert_eq!(peer.ask(&["verify", "a"]).unwrap(), "verify\ta");
        assert_eq!(peer.ask(&["b"]).unwrap(), "b");
    }

    #[test]
    fn a_program_that_ends_too_early_is_an_error() {
        let mut peer = Peer::start(&mut Command::new("true")).unwrap();

        assert!(peer.ask(&["verify"]).is_err());
    }
}
