//! Where a finding is, what of the message it shows, and what an original adds.

use crate::world::{WORLD, envelope_with, swap};
use ksz::wss::{Certainty, Finding, PrefixLists, diagnose};

#[test]
fn a_change_is_shown_where_it_is() {
    let message = WORLD.signed(
        &envelope_with("\n<urn1:Message>Hello</urn1:Message>\n<urn1:Message>Moon</urn1:Message>\n"),
        PrefixLists::Omitted,
    );
    let changed = swap(&message, "Moon", "\u{feff}Moon");
    let found = diagnose(changed.as_bytes(), &WORLD.x509()).findings;
    let place = found[0].place.as_ref().unwrap();
    assert_eq!((place.line, place.column), (3, 15), "{place:?}");
    assert_eq!(place.path, "/soapenv:Envelope/soapenv:Body/urn:CheckAccessControlRequest/urn1:Message[2]");
    assert_eq!(&changed[place.range.clone()], "\u{feff}Moon");
    assert_eq!(place.excerpt.marked, "U+FEFFMoon");
    assert!(found[0].expected.contains("Moon") && found[0].found.contains("U+FEFFMoon"), "{:?}", found[0]);
}

#[test]
fn a_byte_order_mark_before_the_message_moves_no_place() {
    let changed = swap(&WORLD.message(), "Hello", "Hullo");
    let place =
        |message: &str| diagnose(message.as_bytes(), &WORLD.x509()).findings[0].place.clone().unwrap();
    let (without, with) = (place(&changed), place(&format!("\u{feff}{changed}")));
    assert_eq!((with.line, with.column, &with.excerpt), (without.line, without.column, &without.excerpt));
    assert_eq!(with.range, without.range.start + 3..without.range.end + 3);
}

#[test]
fn the_original_shows_what_no_guess_finds() {
    let message = WORLD.message();
    let changed = swap(&message, "Hello", "Hullo").replace("two\nlines", "three\nlines");
    let diagnosed = |original: &str| {
        let mut options = WORLD.x509();
        options.original = Some(original.as_bytes().to_vec());
        diagnose(changed.as_bytes(), &options).findings
    };
    let shown = |finding: &Finding| (finding.expected.contains("Hello"), finding.found.contains("Hullo"));
    let found = diagnosed(&message);
    assert_eq!(
        (found[0].cause.name(), found[0].certainty, shown(&found[0])),
        ("part-changed", Certainty::Proven, (true, true))
    );
    let found = diagnosed(&message.replace("lines", "words"));
    assert_eq!((found[0].cause.name(), found[0].certainty), ("part-changed", Certainty::Likely));
    let found = diagnosed("no XML");
    assert_eq!((found[0].cause.name(), shown(&found[0])), ("part-changed", (false, false)));
}

#[test]
fn nothing_that_is_secret_is_shown() {
    let secret = "79.02.18-021.45";
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJlc2lnbmF0dXJl123";
    let content = |before: &str| {
        format!("<urn1:Message>{before}{secret} {token}</urn1:Message><urn1:Note>{secret}</urn1:Note>")
    };
    let message = WORLD.signed(&envelope_with(&content("")), PrefixLists::Omitted);
    let mut changed = vec![
        swap(&message, secret, "79.02.18-021.46"),
        swap(&message, secret, &format!("\u{feff}{secret}")),
        swap(&message, secret, &format!("\n {secret}")),
        swap(&message, token, &token.replace("eyJ", "eyK")),
        swap(&message, &format!("{secret} "), &format!("{secret} <")),
        message.replace("urn1:", "ns2:").replace("xmlns:urn1=", "xmlns:ns2="),
        format!("{message}{secret}"),
        swap(&message, "Id=\"id-1\"", &format!("Id=\"{secret}\"")),
    ];
    changed.extend((1..40).map(|blanks| swap(&message, secret, &format!("{}{secret}", "x ".repeat(blanks)))));
    for changed in changed {
        let diagnosis = diagnose(changed.as_bytes(), &WORLD.x509());
        assert!(!diagnosis.findings.is_empty());
        let told = format!("{diagnosis:?}");
        for part in ["021.45", "021.46", "02.18", "eyJhbGci", "c2lnbmF0dXJl", "eyJpc3Mi"] {
            assert!(!told.contains(part), "{part} in {told}");
        }
    }
}

#[test]
fn a_hostile_message_costs_no_more_than_some_honest_ones() {
    let message = WORLD.listed();
    let long = "<a b=\"c\"> </a>".repeat(5_000);
    let lists = "a ".repeat(2_000);
    let deep = format!("{}{}", "<d>".repeat(80), "</d>".repeat(80));
    for hostile in [
        swap(&message, "Hello", &long),
        swap(&message, "Hello", &format!("{deep}&#13;\u{e9}\u{feff}"))
            .replace("PrefixList=\"", &format!("PrefixList=\"{lists}")),
        ">".repeat(1_000_000),
        "<a b='".repeat(100_000),
        format!("<a>{}</a>", "=\"".repeat(200_000)),
        "<Envelope>".repeat(100_000),
        message.replace("<ds:Reference ", "<ds:Reference x=\"1\" "),
        swap(&message, "<soapenv:Header>", &format!("<soapenv:Header>{}", "<Security/>".repeat(1_000))),
    ] {
        assert!(!diagnose(hostile.as_bytes(), &WORLD.x509()).findings.is_empty());
    }
}
