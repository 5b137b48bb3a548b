//! Every mistake that is told apart, made in a genuine message, and the finding that must come first.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

mod case;
mod digests;
mod keys;
mod outside;
mod page;
mod places;
mod structure;
mod tokens;
mod vectors;
mod world;

use case::Case;
use ksz::wss::Cause;

fn cases() -> Vec<Case> {
    let groups = [digests::cases(), structure::cases(), keys::cases(), tokens::cases(), outside::cases()];
    groups.into_iter().flatten().collect()
}

#[test]
fn every_mistake_is_the_first_finding() {
    let cases = cases();
    let failures: Vec<_> = cases.iter().filter_map(Case::failure).collect();
    assert!(failures.is_empty(), "{}\n{} of {}", failures.join("\n"), failures.len(), cases.len());
}

#[test]
fn every_cause_has_a_mistake() {
    let cases = cases();
    for name in Cause::NAMES {
        assert!(cases.iter().any(|case| case.cause == name), "nobody makes the mistake {name}");
    }
}
