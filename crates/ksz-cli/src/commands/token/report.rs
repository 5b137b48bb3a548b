//! What is told of a token. It is made from a verified assertion alone.

use super::time_left::TimeLeft;
use crate::commands::verify::report::assertion;
use crate::error::Error;
use crate::input::FileName;
use crate::output::{self, instant, one_line};
use ksz::error::{mask_person_numbers, reason};
use ksz::sts::names::{CERTIFIED, IDENTIFICATION, X509_PKI};
use ksz::sts::{self, VerifiedAssertion};
use serde_json::{Map, Value};
use std::fmt;
use std::time::SystemTime;

/// What is told of a token.
pub(super) struct Report<'a> {
    file: &'a FileName,
    token: &'a VerifiedAssertion,
    time_left: TimeLeft,
    state: State<'a>,
}

/// What became of the token.
enum State<'a> {
    Written,
    Holds,
    HoldsNot(&'a sts::Error),
}

impl<'a> Report<'a> {
    /// Of a token that was written to a file.
    pub(super) fn written(file: &'a FileName, token: &'a VerifiedAssertion, now: SystemTime) -> Self {
        Self::new(file, token, State::Written, now)
    }

    /// Of a token that was verified, and of why it does not hold, if it does not.
    pub(super) fn verified(
        file: &'a FileName,
        token: &'a VerifiedAssertion,
        not_now: Option<&'a sts::Error>,
        now: SystemTime,
    ) -> Self {
        Self::new(file, token, not_now.map_or(State::Holds, State::HoldsNot), now)
    }

    fn new(file: &'a FileName, token: &'a VerifiedAssertion, state: State<'a>, now: SystemTime) -> Self {
        let conditions = token.conditions();
        let time_left = TimeLeft::new(conditions.not_before(), conditions.not_on_or_after(), now);
        let time_left = output::columns().into_iter().fold(time_left, TimeLeft::within);
        Self { file, token, time_left, state }
    }

    pub(super) fn print(&self, json: bool) -> Result<(), Error> {
        if json { output::json(&self.object()) } else { output::text(self) }
    }

    fn object(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.into(), value);
        put("result", if matches!(self.state, State::HoldsNot(_)) { "rejected" } else { "accepted" }.into());
        if let State::HoldsNot(refusal) = self.state {
            put("error", refusal.class().as_str().into());
            put("reason", reason(refusal).into());
            put("message", refusal.to_string().into());
        }
        put("file", self.file.to_string().into());
        put("seconds_left", self.time_left.as_secs().into());
        put("issue_instant", instant(self.token.issue_instant()).into());
        put("authentication_method", self.token.authentication_method().into());
        put("assertion", assertion(self.token));
        object.into()
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = one_line(&self.file.to_string());
        match self.state {
            State::Written => write!(f, "{file}: written")?,
            State::Holds => write!(f, "{file}: verified")?,
            State::HoldsNot(refusal) => {
                write!(f, "{file}: does not hold: {}", one_line(&refusal.to_string()))?
            }
        }
        let token = self.token;
        let mut line = |name: &str, text: &str| write!(f, "\n  {:12}{}", format!("{name}:"), one_line(text));
        let (from, to) = (token.conditions().not_before(), token.conditions().not_on_or_after());
        line("time left", &self.time_left.to_string())?;
        line("valid", &format!("{} to {}", instant(from), instant(to)))?;
        line("issued", &instant(token.issue_instant()))?;
        line("issuer", &mask_person_numbers(token.issuer()))?;
        match token.authentication_method() {
            Some(X509_PKI) => line("method", "an X.509 certificate")?,
            Some(method) => line("method", &mask_person_numbers(method))?,
            None => {}
        }
        line("holder", &token.holder().display_subject())?;
        line("sha256", &token.holder().fingerprint().to_hex())?;
        for attribute in token.attributes() {
            line("attribute", &mask_person_numbers(attribute.name()))?;
            let kind = match attribute.namespace() {
                IDENTIFICATION => " (asserted)",
                CERTIFIED => " (certified)",
                _ => "",
            };
            line("  of", &format!("{}{kind}", mask_person_numbers(attribute.namespace())))?;
            for value in attribute.values() {
                line("  value", &mask_person_numbers(value))?;
            }
        }
        Ok(())
    }
}
