use crate::options::{Clock, Interference};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Which service a request was for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Service {
    /// KSZ SOAP services.
    KszSoap,
    /// KSZ REST services.
    KszRest,
    /// The eHealth platform's consumer test and token service.
    Ehealth,
    /// The authorization server of the social security.
    Oauth,
}

/// One thing that a service was asked for. It holds no body, key or token.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// When, by the simulator's clock.
    pub received_at: SystemTime,
    /// Where.
    pub service: Service,
    /// What was asked for, as far as that was understood: the name of an operation or endpoint.
    pub operation: &'static str,
    /// What was answered: `ok`, or a code such as `SOA-01001`, `wst:InvalidRequest`, `invalid_client`,
    /// `noAccessToken`.
    pub answer: String,
    /// Why it was refused, if it was: what the answer may not tell.
    pub refusal: Option<Reason>,
}

/// Why a request was refused.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Reason {
    /// The class of [`ksz_error::Class`], if the rules of messages were broken.
    pub class: Option<&'static str>,
    /// The name of the refusal: the innermost variant of the error.
    pub reason: String,
    /// The error's text.
    pub message: String,
}

impl Reason {
    /// What a sender can put into a text is bounded here.
    const LONGEST: usize = 500;

    pub(crate) fn new<E: fmt::Debug + fmt::Display>(class: Option<ksz_error::Class>, error: &E) -> Self {
        Self {
            class: class.map(ksz_error::Class::as_str),
            reason: ksz_error::reason(error),
            message: error.to_string().chars().take(Self::LONGEST).collect(),
        }
    }
}

/// The clock of the services, who may interfere, and what they write down.
pub(crate) struct Reception {
    pub(crate) clock: Clock,
    pub(crate) interference: Interference,
    pub(crate) journal: Journal,
}

impl Reception {
    pub(crate) fn now(&self) -> SystemTime {
        (self.clock)()
    }

    pub(crate) fn accepted(&self, service: Service, operation: &'static str, received_at: SystemTime) {
        self.write(service, operation, received_at, "ok", None);
    }

    pub(crate) fn refused(
        &self,
        service: Service,
        operation: &'static str,
        received_at: SystemTime,
        answer: &str,
        reason: Reason,
    ) {
        self.write(service, operation, received_at, answer, Some(reason));
    }

    fn write(
        &self,
        service: Service,
        operation: &'static str,
        received_at: SystemTime,
        answer: &str,
        refusal: Option<Reason>,
    ) {
        let answer = answer.to_owned();
        self.journal.write(Record { received_at, service, operation, answer, refusal });
    }
}

/// The last requests, as many as fit.
#[derive(Debug)]
pub(crate) struct Journal {
    capacity: usize,
    records: Mutex<VecDeque<Record>>,
}

impl Journal {
    pub(crate) const fn new(capacity: usize) -> Self {
        Self { capacity, records: Mutex::new(VecDeque::new()) }
    }

    fn write(&self, record: Record) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() >= self.capacity {
            records.pop_front();
        }
        records.push_back(record);
    }

    pub(crate) fn read(&self) -> Vec<Record> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    #[test]
    fn the_oldest_record_makes_room() {
        let journal = Journal::new(3);
        for number in 0..=3 {
            journal.write(Record {
                received_at: UNIX_EPOCH,
                service: Service::Oauth,
                operation: "token",
                answer: number.to_string(),
                refusal: None,
            });
        }

        let records = journal.read();

        assert_eq!(records.len(), 3);
        assert_eq!(records[0].answer, "1");
    }
}
