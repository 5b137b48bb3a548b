//! Messages that come twice.

use crate::pki::{Authority, EC};
use crate::program::{ENVELOPE, Folder, NOW, Run, command, ksz};
use std::fs;

struct Case {
    folder: Folder,
    root: String,
    identity: String,
}

impl Case {
    fn new() -> Self {
        let folder = Folder::new();
        let authority = Authority::root("Root");
        let root = folder.write("root.pem", authority.pem());
        let identity = folder.write("identity.pem", authority.signer("Hospital", EC).identity());
        folder.write("envelope.xml", ENVELOPE);
        Self { folder, root, identity }
    }

    fn message(&self, name: &str) -> String {
        let envelope = self.folder.path("envelope.xml");
        let flags = ["--profile", "x509", "--identity", &self.identity, "--now", NOW];
        let signed = ksz([&["sign"][..], &flags, &[&envelope]].concat()).output();
        self.folder.write(name, signed)
    }

    fn arguments(&self, message: &str, cache: &str) -> Vec<String> {
        let flags = ["verify", "--profile", "x509", "--anchor", &self.root, "--now", NOW, "--json"];
        flags.into_iter().chain(["--replay-cache", cache, message]).map(str::to_owned).collect()
    }

    fn verify(&self, message: &str) -> Run {
        ksz(self.arguments(message, &self.folder.path("replay")))
    }
}

fn replayed() -> (String, String) {
    ("replay".into(), "Replayed".into())
}

#[test]
fn a_message_is_accepted_once() {
    let case = Case::new();
    let (first, second) = (case.message("first.xml"), case.message("second.xml"));

    assert_eq!(case.verify(&first).code, Some(0));
    assert_eq!(case.verify(&second).code, Some(0));
    assert_eq!(case.verify(&first).refusal(), replayed());
}

#[test]
fn white_space_around_the_signature_makes_no_other_message() {
    let case = Case::new();
    let first = case.message("first.xml");
    let signed = fs::read_to_string(&first).unwrap();
    let spaced = signed.replacen("<ds:SignedInfo", "\n <ds:SignedInfo", 1);
    assert_ne!(spaced, signed);
    let spaced = case.folder.write("spaced.xml", spaced);

    assert_eq!(case.verify(&first).code, Some(0));
    assert_eq!(case.verify(&spaced).refusal(), replayed());
}

#[test]
fn a_refused_message_is_not_remembered() {
    let case = Case::new();
    let message = case.message("first.xml");
    let changed = fs::read_to_string(&message).unwrap().replace("World", "Mallory");
    let changed = case.folder.write("changed.xml", changed);

    assert_eq!(case.verify(&changed).refusal().0, "digest");
    assert_eq!(case.verify(&message).code, Some(0));
}

#[test]
fn of_many_processes_one_accepts() {
    let case = Case::new();
    let message = case.message("first.xml");
    let arguments = case.arguments(&message, &case.folder.path("replay"));

    let children: Vec<_> = (0..8).map(|_| command(&arguments).spawn().unwrap()).collect();
    let codes: Vec<_> =
        children.into_iter().map(|child| child.wait_with_output().unwrap().status.code()).collect();

    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(3)).count(), 7, "{codes:?}");
}

#[test]
fn a_line_torn_by_a_crash_is_no_message_and_spoils_no_other() {
    let case = Case::new();
    let (first, second) = (case.message("first.xml"), case.message("second.xml"));
    assert_eq!(case.verify(&first).code, Some(0));
    assert_eq!(case.verify(&second).code, Some(0));
    let text = fs::read_to_string(case.folder.path("replay")).unwrap();
    case.folder.write("replay", &text[..text.len() - 3]);

    assert_eq!(case.verify(&second).code, Some(0));
    assert_eq!(case.verify(&first).refusal(), replayed());
    assert_eq!(case.verify(&second).refusal(), replayed());
}

#[test]
fn a_file_that_is_no_replay_cache_is_left_alone() {
    let case = Case::new();
    let message = case.message("first.xml");
    let before = fs::read(&case.identity).unwrap();

    let run = ksz(case.arguments(&message, &case.identity));

    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    let file = &case.identity;
    assert_eq!(run.stderr, format!("ksz: {file}: not a replay cache: line 1 is not a digest and a time\n"));
    assert_eq!(fs::read(file).unwrap(), before);
}

#[test]
fn where_nothing_can_be_remembered_nothing_is_accepted() {
    let case = Case::new();
    let message = case.message("first.xml");
    let nowhere = case.folder.path("absent/replay");

    let run = ksz(case.arguments(&message, &nowhere));

    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert_eq!(run.stderr, format!("ksz: {nowhere}: no such file\n"));
}
