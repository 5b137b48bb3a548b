use std::path::PathBuf;

use super::{ASSERTION, OPERATIONS, PACKAGE, attack, peer, process_cost, session};
use crate::error::Error;

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    /// Whether the implementations of others are measured beside ours.
    pub(super) peers: bool,
    /// Whether what they need is installed first.
    pub(super) install: bool,
    /// Operations and peers; all if there are none.
    pub(super) only: Vec<String>,
    /// CPU time of one round.
    pub(super) seconds: f64,
    pub(super) rounds: usize,
    /// Where the JSON lines go instead of standard output.
    pub(super) json: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { peers: false, install: false, only: Vec::new(), seconds: 0.05, rounds: 20, json: None }
    }
}

impl Options {
    pub(crate) fn parse(words: &[&str]) -> Result<Self, Error> {
        let mut options = Self::default();
        let mut words = words.iter().copied().peekable();
        while let Some(word) = words.next() {
            match word {
                "--peers" => options.peers = true,
                "--install" => options.install = true,
                "--only" => {
                    while let Some(name) = words.next_if(|word| !word.starts_with("--")) {
                        options.only.push(name.into());
                    }
                }
                "--seconds" => options.seconds = number(word, words.next())?,
                "--rounds" => options.rounds = number(word, words.next())?,
                "--json" => match words.next() {
                    Some(file) => options.json = Some(file.into()),
                    None => return Err(Error::Usage("bench: --json: a file is missing".into())),
                },
                other => return Err(Error::Usage(format!("bench: {other}: unknown"))),
            }
        }
        options.check()
    }

    fn check(self) -> Result<Self, Error> {
        let names = known();
        if let Some(unknown) = self.only.iter().find(|only| !names.contains(&only.as_str())) {
            return Err(Error::Usage(format!("bench: {unknown}: the names are {}", names.join(", "))));
        }
        if (0.0..=60.0).contains(&self.seconds) && (1..=99).contains(&self.rounds) {
            Ok(self)
        } else {
            Err(Error::Usage("bench: 0 to 60 seconds, 1 to 99 rounds".into()))
        }
    }

    /// Whether this operation is asked for.
    pub(super) fn wants(&self, operation: &str) -> bool {
        let named = |name: &&String| !peer::names().contains(&name.as_str());
        let operations: Vec<_> = self.only.iter().filter(named).collect();
        operations.is_empty() || operations.iter().any(|name| *name == operation)
    }

    /// Whether this peer is asked for.
    pub(super) fn wants_peer(&self, name: &str) -> bool {
        let peers: Vec<_> = self.only.iter().filter(|name| peer::names().contains(&name.as_str())).collect();
        self.peers && (peers.is_empty() || peers.iter().any(|only| *only == name))
    }
}

fn known() -> Vec<&'static str> {
    let mut names = OPERATIONS.to_vec();
    names.extend(ASSERTION);
    names.extend(PACKAGE);
    names.extend(session::OPERATIONS);
    names.extend([attack::NAME, process_cost::MEMORY, process_cost::COLD_START]);
    names.extend(peer::names());
    names.sort_unstable();
    names.dedup();
    names
}

fn number<T: std::str::FromStr>(option: &str, word: Option<&str>) -> Result<T, Error> {
    let refuse = || Error::Usage(format!("bench: {option}: a number is missing"));
    word.and_then(|word| word.parse().ok()).ok_or_else(refuse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_a_closed_list() {
        let options =
            Options::parse(&["--peers", "--only", "sign-rsa", "xmlsec", "--seconds", "0.5", "--json", "f"]);

        assert_eq!(
            options.unwrap(),
            Options {
                peers: true,
                only: vec!["sign-rsa".into(), "xmlsec".into()],
                seconds: 0.5,
                json: Some("f".into()),
                ..Options::default()
            }
        );
        for bad in [
            &["--fast"][..],
            &["--only", "nobody"],
            &["--seconds"],
            &["--seconds", "NaN"],
            &["--rounds", "0"],
        ] {
            assert!(matches!(Options::parse(bad), Err(Error::Usage(_))), "{bad:?}");
        }
    }

    #[test]
    fn a_named_peer_leaves_all_operations_and_a_named_operation_all_peers() {
        let peer = Options::parse(&["--peers", "--only", "xmlsec"]).unwrap();
        let operation = Options::parse(&["--peers", "--only", "c14n"]).unwrap();

        assert!(peer.wants("c14n") && peer.wants_peer("xmlsec") && !peer.wants_peer("wss4j"));
        assert!(operation.wants("c14n") && !operation.wants("saml") && operation.wants_peer("wss4j"));
        assert!(!Options::default().wants_peer("xmlsec"));
    }
}
