//! A diagnosis for people, with the place of each finding marked, and for programs.

use crate::input::FileName;
use crate::output::one_line;
use ksz::wss::{Diagnosis, FaultExplanation, Finding, Place};
use serde_json::{Map, Value, json};
use std::fmt;

/// How wide a text is before it goes on in the next line.
const WIDTH: usize = 96;

pub(super) struct Report<'a> {
    pub(super) file: &'a FileName,
    pub(super) diagnosis: &'a Diagnosis,
}

impl Report<'_> {
    /// The object of `--json`.
    pub(super) fn object(&self) -> Value {
        let findings: Vec<_> = self.diagnosis.findings.iter().map(finding).collect();
        json!({
            "result": if findings.is_empty() { "no-finding" } else { "findings" },
            "findings": findings,
            "fault": self.diagnosis.fault.as_ref().map(fault),
        })
    }
}

fn finding(finding: &Finding) -> Value {
    let facts: Map<_, _> =
        finding.cause.facts().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    json!({
        "cause": finding.cause.name(),
        "certainty": finding.certainty.as_str(),
        "error": finding.class().as_str(),
        "message": finding.cause.meaning(),
        "facts": facts,
        "place": finding.place.as_ref().map(place),
        "rule": finding.rule,
        "expected": finding.expected,
        "found": finding.found,
        "remedy": finding.remedy,
    })
}

fn place(place: &Place) -> Value {
    json!({
        "line": place.line,
        "column": place.column,
        "path": place.path,
        "start": place.range.start,
        "end": place.range.end,
        "before": place.excerpt.before,
        "text": place.excerpt.marked,
        "after": place.excerpt.after,
    })
}

fn fault(fault: &FaultExplanation) -> Value {
    json!({
        "code": fault.code,
        "text": fault.text,
        "meaning": fault.meaning,
        "advice": fault.advice.map(|advice| advice.to_string()),
        "ticket": fault.ticket,
        "environment": fault.environment,
    })
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(fault) = &self.diagnosis.fault {
            write_fault(f, fault)?;
        }
        let findings = &self.diagnosis.findings;
        match findings.len() {
            0 => {
                let nothing = "nothing is wrong with the message as far as was looked. If it was refused: did it arrive \
                               as it is here, at the right address, within its life, and is the certificate registered \
                               with the service?";
                return write_text(f, &format!("{}: ", self.file), nothing);
            }
            1 => write!(f, "{}: 1 finding", self.file)?,
            more => write!(f, "{}: {more} findings, the likeliest first", self.file)?,
        }
        for (index, finding) in findings.iter().enumerate() {
            write!(f, "\n\n")?;
            self.write(f, index + 1, finding)?;
        }
        Ok(())
    }
}

impl Report<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>, number: usize, finding: &Finding) -> fmt::Result {
        let (cause, certainty) = (finding.cause.name(), finding.certainty.as_str());
        writeln!(f, "{number}. {cause} ({certainty}) [{}]", finding.class())?;
        write_text(f, "  ", finding.cause.meaning())?;
        if let Some(place) = &finding.place {
            self.write_place(f, place)?;
        }
        for (name, text) in [
            ("  expected: ", finding.expected.as_str()),
            ("  found:    ", &finding.found),
            ("  rule:     ", finding.rule),
            ("  remedy:   ", &finding.remedy),
        ] {
            writeln!(f)?;
            write_text(f, name, text)?;
        }
        Ok(())
    }

    /// The place with a marker under it.
    fn write_place(&self, f: &mut fmt::Formatter<'_>, place: &Place) -> fmt::Result {
        let [before, marked, after] =
            [&place.excerpt.before, &place.excerpt.marked, &place.excerpt.after].map(|text| one_line(text));
        write!(f, "\n    --> {}:{}:{}", self.file, place.line, place.column)?;
        if !place.path.is_empty() {
            write!(f, "  {}", one_line(&place.path))?;
        }
        let under = |text: &str| text.chars().count();
        let marker = "^".repeat(under(&marked).max(1));
        write!(f, "\n     |\n     | {before}{marked}{after}\n     | {}{marker}", " ".repeat(under(&before)))
    }
}

fn write_fault(f: &mut fmt::Formatter<'_>, fault: &FaultExplanation) -> fmt::Result {
    write_text(f, "fault: ", &format!("{}: {}", fault.code, fault.text))?;
    let meaning = fault.meaning.unwrap_or("a code that is not in the platform's documents");
    let advice = fault.advice.map(|advice| advice.to_string());
    for (name, text) in [
        ("  means:  ", Some(meaning)),
        ("  advice: ", advice.as_deref()),
        ("  ticket: ", fault.ticket.as_deref()),
        ("  from:   ", fault.environment.as_deref()),
    ] {
        if let Some(text) = text {
            writeln!(f)?;
            write_text(f, name, text)?;
        }
    }
    write!(f, "\n\n")
}

/// A text behind its name, in lines of which the later ones are indented as far as the name is wide.
fn write_text(f: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    let indent = name.chars().count().min(WIDTH / 2);
    f.write_str(name)?;
    let mut width = name.chars().count();
    for (index, word) in one_line(text).split(' ').enumerate() {
        let length = word.chars().count();
        if index > 0 && width + 1 + length > WIDTH {
            write!(f, "\n{:indent$}{word}", "")?;
            width = indent + length;
        } else {
            let space = if index > 0 { " " } else { "" };
            write!(f, "{space}{word}")?;
            width += space.len() + length;
        }
    }
    Ok(())
}
