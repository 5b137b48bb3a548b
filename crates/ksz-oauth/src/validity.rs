//! The time in which a JWT may be used: `exp`, `nbf` and `iat` (RFC 7519 sections 4.1.4 to 4.1.6).

use crate::Error;
use crate::json::Members;
use serde_json::Value;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How far the clocks of two parties may differ.
pub(crate) const CLOCK_SKEW: Duration = Duration::from_secs(60);
/// The end of the year 9999; beyond it a NumericDate is refused, so that no sum of times can overflow.
const LAST_SECOND: u64 = 253_402_300_799;

/// The validity that a JWT claims for itself.
pub(crate) struct Validity {
    issued_at: Option<SystemTime>,
    not_before: Option<SystemTime>,
    expires_at: SystemTime,
}

impl Validity {
    /// Reads the claims; `exp` is required.
    pub(crate) fn read(claims: &mut Members) -> Result<Self, Error> {
        let expires_at = date(claims, "exp")?;
        Ok(Self {
            expires_at: claims.required("exp", expires_at)?,
            issued_at: date(claims, "iat")?,
            not_before: date(claims, "nbf")?,
        })
    }

    /// When it ends.
    pub(crate) const fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// When it ends for whoever's clock is behind by the allowed difference.
    pub(crate) fn end(&self) -> SystemTime {
        self.expires_at + CLOCK_SKEW
    }

    /// Refuses a JWT that is over or lies ahead.
    pub(crate) fn covers(&self, now: SystemTime) -> Result<(), Error> {
        for (claim, start) in [("iat", self.issued_at), ("nbf", self.not_before)] {
            let ahead = start.map_or(Duration::ZERO, |start| between(now, start));
            if ahead > CLOCK_SKEW {
                return Err(Error::NotYetValid { claim, seconds: ahead.as_secs() });
            }
        }
        if now >= self.end() {
            return Err(Error::Expired { seconds: between(self.expires_at, now).as_secs() });
        }
        Ok(())
    }

    /// Refuses a JWT that lives longer than `limit`: from `iat`, and in any case from `now`.
    pub(crate) fn is_shorter_than(&self, limit: Duration, now: SystemTime) -> Result<(), Error> {
        let from_now = between(now, self.expires_at).saturating_sub(CLOCK_SKEW);
        let stated = self.issued_at.map_or(Duration::ZERO, |start| between(start, self.expires_at));
        let lifetime = from_now.max(stated);
        if lifetime > limit {
            return Err(Error::LifetimeTooLong { seconds: lifetime.as_secs(), limit: limit.as_secs() });
        }
        Ok(())
    }
}

/// Writes a time as whole seconds.
pub(crate) fn numeric_date(time: SystemTime) -> Result<u64, Error> {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) if since.as_secs() <= LAST_SECOND => Ok(since.as_secs()),
        _ => Err(Error::TimeNotRepresentable),
    }
}

/// Reads a NumericDate: a JSON number of seconds, possibly with a fraction; never a string.
fn date(claims: &mut Members, claim: &'static str) -> Result<Option<SystemTime>, Error> {
    let seconds = match claims.take(claim) {
        None => return Ok(None),
        Some(Value::Number(number)) => match number.as_u64() {
            Some(seconds) => Some(Duration::from_secs(seconds)),
            None => number.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        },
        Some(_) => None,
    };
    match seconds {
        Some(seconds) if seconds.as_secs() <= LAST_SECOND => Ok(Some(UNIX_EPOCH + seconds)),
        _ => Err(claims.wrong(claim, "a number of seconds")),
    }
}

/// The time from one instant to a later one, zero if it is not later.
fn between(start: SystemTime, end: SystemTime) -> Duration {
    end.duration_since(start).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn clocks_may_differ_by_a_minute() {
        assert_eq!(covers(r#"{"exp":1799999941}"#), Ok(()));
        assert_eq!(covers(r#"{"exp":1799999940}"#), Err(Error::Expired { seconds: 60 }));
        assert_eq!(covers(r#"{"exp":1900000000,"nbf":1800000060,"iat":1800000060}"#), Ok(()));
        assert_eq!(
            covers(r#"{"exp":1900000000,"nbf":1800000061}"#),
            Err(Error::NotYetValid { claim: "nbf", seconds: 61 })
        );
        assert_eq!(
            covers(r#"{"exp":1900000000,"iat":1800000061}"#),
            Err(Error::NotYetValid { claim: "iat", seconds: 61 })
        );
    }

    #[test]
    fn dates_of_another_type_or_size_are_refused() {
        for (claim, value) in [
            ("exp", "\"1800000000\""),
            ("exp", "-1"),
            ("exp", "1e18"),
            ("exp", "18446744073709551615"),
            ("exp", "null"),
            ("exp", "[1]"),
            ("nbf", "\"1800000000\""),
            ("iat", "true"),
        ] {
            let claims = match claim {
                "exp" => format!(r#"{{"exp":{value}}}"#),
                _ => format!(r#"{{"exp":1900000000,"{claim}":{value}}}"#),
            };
            let expected = "a number of seconds";
            assert_eq!(
                covers(&claims),
                Err(Error::MemberType { document: "test", member: claim, expected }),
                "{claims}"
            );
        }
        assert_eq!(covers("{}"), Err(Error::MemberMissing { document: "test", member: "exp" }));
        assert_eq!(covers(r#"{"exp":1800000000.5}"#), Ok(()));
    }

    #[test]
    fn a_lifetime_counts_from_iat_and_from_now() {
        let limit = Duration::from_secs(300);
        let shorter = |claims| read(claims).unwrap().is_shorter_than(limit, now());

        assert_eq!(shorter(r#"{"exp":1800000300,"iat":1800000000}"#), Ok(()));
        assert_eq!(
            shorter(r#"{"exp":1800000301,"iat":1800000000}"#),
            Err(Error::LifetimeTooLong { seconds: 301, limit: 300 })
        );
        assert_eq!(shorter(r#"{"exp":1800000360}"#), Ok(()));
        assert_eq!(
            shorter(r#"{"exp":1800000361}"#),
            Err(Error::LifetimeTooLong { seconds: 301, limit: 300 })
        );
    }

    #[test]
    fn a_time_outside_the_calendar_cannot_be_written() {
        assert_eq!(numeric_date(now()), Ok(NOW));
        for time in [UNIX_EPOCH - Duration::from_secs(1), UNIX_EPOCH + Duration::from_secs(LAST_SECOND + 1)] {
            assert_eq!(numeric_date(time), Err(Error::TimeNotRepresentable));
        }
    }

    fn read(claims: &str) -> Result<Validity, Error> {
        Validity::read(&mut Members::parse("test", claims.as_bytes()).unwrap())
    }

    fn covers(claims: &str) -> Result<(), Error> {
        read(claims)?.covers(now())
    }

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(NOW)
    }
}
