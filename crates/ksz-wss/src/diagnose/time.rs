//! When a message was made, how long it lives, and how far its clock is off.

use super::cause::Cause;
use super::examination::Examination;
use super::finding::Certainty::{Possible, Proven};
use super::shown;
use super::signature::child;
use super::trust::told;
use crate::Timestamp;
use ksz_soap::parse_date_time;
use ksz_xml::Element;
use std::time::{Duration, SystemTime};

const HOUR: u64 = 60 * 60;

impl Examination<'_, '_, '_> {
    pub(super) fn timestamp(&mut self, element: Element<'_>) {
        if let Err(crate::Error::TimestampMalformed { detail }) = Timestamp::read(element) {
            let place = self.report.at(element);
            let found: Vec<_> =
                element.children().take(4).map(|child| shown::shown(&child.whole_text())).collect();
            let expected = "one Created and one Expires in UTC, like 2026-01-31T08:30:00.000Z";
            self.report.add(Cause::TimestampMalformed { detail }, Proven, place, expected, found.join(", "));
        }
        let instant = |name| child(element, name).and_then(instant);
        let (created, expires) = (instant("Created"), instant("Expires"));
        let place = |name| child(element, name).unwrap_or(element);
        if let (Some(created), Some(expires)) = (created, expires) {
            self.lifetime(created, expires, place("Expires"));
        }
        if let Some(created) = created {
            self.skew(created, place("Created"));
        }
        if let Some(expires) = expires
            && let Ok(ago) = self.options.now.duration_since(expires)
        {
            let cause = Cause::TimestampExpired { ago: ago.as_secs() };
            let expected = format!("an Expires after {}", told(self.options.now));
            let found = format!("{}, {} ago", told(expires), span(ago));
            let place = self.report.at(place("Expires"));
            // Who looks at a message a day later knows that it has expired, and asks for something else.
            let certainty = if ago.as_secs() > 24 * HOUR { Possible } else { Proven };
            self.report.add(cause, certainty, place, expected, found);
        }
    }

    fn lifetime(&mut self, created: SystemTime, expires: SystemTime, at: Element<'_>) {
        let longest = self.options.policy.longest_lifetime;
        let seconds = match expires.duration_since(created) {
            Ok(span) if span > Duration::ZERO && span <= longest => return,
            Ok(span) => whole(span),
            Err(inverted) => -whole(inverted.duration()),
        };
        let cause = Cause::TimestampTooLong { seconds, longest: longest.as_secs() };
        let place = self.report.at(at);
        let expected = format!("a life of 1 to {} s", longest.as_secs());
        self.report.add(cause, Proven, place, expected, format!("{seconds} s"));
    }

    fn skew(&mut self, created: SystemTime, at: Element<'_>) {
        let Ok(ahead) = created.duration_since(self.options.now) else { return };
        let allowed = self.options.policy.clock_skew;
        if ahead <= allowed {
            return;
        }
        let cause = Cause::ClockSkew { ahead: ahead.as_secs() };
        let mut found = format!("{}, {} ahead of {}", told(created), span(ahead), told(self.options.now));
        let hours = (ahead.as_secs() + HOUR / 2) / HOUR;
        if hours > 0 && ahead.as_secs().abs_diff(hours * HOUR) <= 120 {
            found += &format!("; {hours} whole hours: local time with a Z behind it");
        }
        let expected = format!("a Created at most {} s ahead", allowed.as_secs());
        let place = self.report.at(at);
        self.report.add(cause, Proven, place, expected, found);
    }
}

/// The instant that an element holds, whatever else is wrong with it.
fn instant(element: Element<'_>) -> Option<SystemTime> {
    let text = element.whole_text();
    parse_date_time(element.local_name(), text.trim()).ok()
}

fn whole(span: Duration) -> i64 {
    i64::try_from(span.as_millis().div_ceil(1000)).unwrap_or(i64::MAX)
}

/// A span for people.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, hours, minutes) = (seconds / (24 * HOUR), seconds / HOUR % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_two_units() {
        for (seconds, expected) in
            [(0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (7_260, "2 h 1 min"), (90_000, "1 d 1 h")]
        {
            assert_eq!(span(Duration::from_secs(seconds)), expected);
        }
    }
}
