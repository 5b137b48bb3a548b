//! A mistake and the name of the cause that must come first.

use crate::world::WORLD;
use ksz::wss::{Certainty, DiagnosisOptions, diagnose};

pub(crate) struct Case {
    pub(crate) cause: &'static str,
    what: &'static str,
    message: Vec<u8>,
    options: DiagnosisOptions,
    certainty: Option<Certainty>,
}

impl Case {
    /// A message that should be signed with a certificate.
    pub(crate) fn x509(cause: &'static str, what: &'static str, message: impl Into<Vec<u8>>) -> Self {
        Self { cause, what, message: message.into(), options: WORLD.x509(), certainty: None }
    }

    /// A message that should be signed by a holder.
    pub(crate) fn holder(cause: &'static str, what: &'static str, message: impl Into<Vec<u8>>) -> Self {
        let message = message.into();
        let options = WORLD.holder(&message);
        Self { cause, what, message, options, certainty: None }
    }

    /// An answer that should hold a token.
    pub(crate) fn answer(cause: &'static str, what: &'static str, message: impl Into<Vec<u8>>) -> Self {
        let message = message.into();
        let options = WORLD.answer(&message);
        Self { cause, what, message, options, certainty: None }
    }

    /// The same with something else that is known.
    pub(crate) fn knowing(mut self, change: impl FnOnce(&mut DiagnosisOptions)) -> Self {
        change(&mut self.options);
        self
    }

    /// How sure the finding must be.
    pub(crate) fn being(mut self, certainty: Certainty) -> Self {
        self.certainty = Some(certainty);
        self
    }

    pub(crate) fn message(&self) -> &[u8] {
        &self.message
    }

    pub(crate) const fn options(&self) -> &DiagnosisOptions {
        &self.options
    }

    /// What is wrong with the diagnosis, if anything is.
    pub(crate) fn failure(&self) -> Option<String> {
        let Self { cause, what, .. } = self;
        let diagnosis = diagnose(&self.message, &self.options);
        let told: Vec<_> = diagnosis
            .findings
            .iter()
            .map(|f| {
                format!(
                    "{} ({}): {:?}, expected {:?}, found {:?}",
                    f.cause.name(),
                    f.certainty.as_str(),
                    f.cause,
                    f.expected,
                    f.found
                )
            })
            .collect();
        let told = told.join("\n    ");
        let Some(first) = diagnosis.findings.first() else {
            return Some(format!("{cause}: {what}: nothing is found"));
        };
        if first.cause.name() != *cause {
            return Some(format!("{cause}: {what}: found first\n    {told}"));
        }
        if self.certainty.is_some_and(|certainty| certainty != first.certainty) {
            return Some(format!("{cause}: {what}: with another certainty\n    {told}"));
        }
        if first.remedy.is_empty()
            || first.rule.is_empty()
            || first.expected.is_empty()
            || first.found.is_empty()
        {
            return Some(format!("{cause}: {what}: something is not told\n    {told}"));
        }
        None
    }
}
