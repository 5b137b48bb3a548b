//! The page of findings against the code.

use crate::cases;
use ksz::wss::{Cause, diagnose};
use std::collections::BTreeMap;

const PAGE: &str = include_str!("../../../docs/reference/findings.md");

#[test]
fn the_page_lists_every_cause_in_its_order() {
    let listed: Vec<_> = rows().map(|(name, _)| name).collect();
    assert_eq!(listed, Cause::NAMES);
}

#[test]
fn the_page_says_what_the_findings_say() {
    let rows: BTreeMap<_, _> = rows().collect();
    for case in cases() {
        for finding in diagnose(case.message(), case.options()).findings {
            let [class, meaning, remedy] = rows[finding.cause.name()];
            assert_eq!((meaning, remedy), (finding.cause.meaning(), finding.remedy.as_str()));
            let depends = ["unreadable", "refused"].contains(&finding.cause.name());
            assert!(depends || class == finding.class().as_str(), "{}: {class}", finding.cause.name());
        }
    }
}

/// Each cause with its class, meaning and remedy.
fn rows() -> impl Iterator<Item = (&'static str, [&'static str; 3])> {
    PAGE.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let &[name, class, meaning, remedy] = cells.as_slice() else { panic!("{line}") };
        (name.trim_matches('`'), [class, meaning, remedy])
    })
}
