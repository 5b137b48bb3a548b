use crate::{Error, Policy, names};
use ksz_soap::{format_date_time, parse_date_time};
use ksz_xml::Element;
use ksz_xmldsig::WrittenElement;
use std::time::{Duration, SystemTime};

/// A `wsu:Timestamp` (SOAP Message Security 1.1 section 10): when a message was made and how long it lives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timestamp {
    created: SystemTime,
    expires: SystemTime,
}

impl Timestamp {
    /// A timestamp from `created` for a lifetime of whole seconds.
    pub(crate) fn new(created: SystemTime, lifetime: Duration, longest: Duration) -> Result<Self, Error> {
        let seconds = lifetime.as_secs();
        let refuse = || Error::LifetimeNotAllowed { lifetime: seconds, longest: longest.as_secs() };
        if seconds == 0 || lifetime > longest {
            return Err(refuse());
        }
        let expires = created.checked_add(Duration::from_secs(seconds)).ok_or_else(refuse)?;
        Ok(Self { created, expires })
    }

    /// When the message was made.
    #[must_use]
    pub const fn created(&self) -> SystemTime {
        self.created
    }

    /// The first instant at which it is no longer valid.
    #[must_use]
    pub const fn expires(&self) -> SystemTime {
        self.expires
    }

    pub(crate) fn write(&self, id: &str) -> Result<WrittenElement, Error> {
        let content = format!(
            "<wsu:Created>{}</wsu:Created><wsu:Expires>{}</wsu:Expires>",
            format_date_time(self.created)?,
            format_date_time(self.expires)?
        );
        Ok(WrittenElement::new("wsu:Timestamp", &[("wsu", names::WSU)])
            .with_attribute("wsu:Id", id)
            .with_content(content))
    }

    /// Reads the element: one Created, one Expires, both in UTC.
    pub(crate) fn read(element: Element<'_>) -> Result<Self, Error> {
        let malformed = |detail| Error::TimestampMalformed { detail };
        let children =
            element.only_children().map_err(|_| malformed("it holds more than Created and Expires"))?;
        let &[created, expires] = children.as_slice() else {
            return Err(malformed("it must hold one Created and one Expires"));
        };
        if !created.is(names::WSU, "Created") || !expires.is(names::WSU, "Expires") {
            return Err(malformed("it must hold Created, then Expires"));
        }
        let instant = |element: Element<'_>| {
            let text =
                element.only_text().map_err(|_| malformed("an instant with an element or comment in it"))?;
            if !text.ends_with('Z') {
                return Err(malformed("an instant must be in UTC, with Z"));
            }
            parse_date_time(element.local_name(), &text)
                .map_err(|_| malformed("an instant is not xs:dateTime"))
        };
        Ok(Self { created: instant(created)?, expires: instant(expires)? })
    }

    /// Refuses a span that is too long or empty, and an instant outside it.
    pub(crate) fn check(&self, now: SystemTime, policy: &Policy) -> Result<(), Error> {
        let longest = policy.longest_lifetime.as_secs();
        let span = self.expires.duration_since(self.created);
        match span {
            Ok(span) if span > Duration::ZERO && span <= policy.longest_lifetime => {}
            Ok(span) => return Err(Error::TimestampLifetime { seconds: seconds(span), longest }),
            Err(inverted) => {
                return Err(Error::TimestampLifetime { seconds: -seconds(inverted.duration()), longest });
            }
        }
        if let Ok(ahead) = self.created.duration_since(now)
            && ahead > policy.clock_skew
        {
            return Err(Error::TimestampInFuture {
                ahead: ahead.as_secs(),
                allowed: policy.clock_skew.as_secs(),
            });
        }
        match now.duration_since(self.expires) {
            Ok(ago) => Err(Error::TimestampExpired { ago: ago.as_secs() }),
            Err(_) => Ok(()),
        }
    }
}

/// Whole seconds, rounded up so that a span just over the limit does not read as the limit.
fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis().div_ceil(1000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::{Document, Limits};
    use std::time::UNIX_EPOCH;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn check(created: u64, expires: u64, now: u64) -> Result<(), Error> {
        Timestamp { created: at(created), expires: at(expires) }.check(at(now), &Policy::default())
    }

    #[test]
    fn a_message_is_valid_from_a_minute_before_it_was_made_until_it_expires() {
        assert_eq!(check(1000, 1300, 1000), Ok(()));
        assert_eq!(check(1000, 1300, 1299), Ok(()));
        assert_eq!(check(1000, 1300, 940), Ok(()));
        assert_eq!(check(1000, 1300, 939), Err(Error::TimestampInFuture { ahead: 61, allowed: 60 }));
        assert_eq!(check(1000, 1300, 1300), Err(Error::TimestampExpired { ago: 0 }));
        assert_eq!(check(1000, 1301, 1000), Err(Error::TimestampLifetime { seconds: 301, longest: 300 }));
        assert_eq!(check(1000, 1000, 1000), Err(Error::TimestampLifetime { seconds: 0, longest: 300 }));
        assert_eq!(check(1000, 990, 1000), Err(Error::TimestampLifetime { seconds: -10, longest: 300 }));
    }

    #[test]
    fn every_other_shape_is_refused() {
        let read = |content: &str| {
            let xml = format!("<w:Timestamp xmlns:w='{}'>{content}</w:Timestamp>", names::WSU);
            let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
            Timestamp::read(document.root())
        };
        let (created, expires) =
            ("<w:Created>2022-12-16T07:22:30Z</w:Created>", "<w:Expires>2022-12-16T07:23:30Z</w:Expires>");
        assert!(read(&format!("{created} {expires}")).is_ok());
        for bad in [
            String::new(),
            created.into(),
            format!("{expires}{created}"),
            format!("{created}{created}{expires}"),
            format!("{created}<!-- -->{expires}"),
            format!("{created}<w:Expires>2022-12-16T08:23:30+01:00</w:Expires>"),
            format!("{created}<w:Expires>2022-12-16T<!-- -->07:23:30Z</w:Expires>"),
            format!("{created}<w:Expires>soon</w:Expires>"),
            format!("{created}<Expires>2022-12-16T07:23:30Z</Expires>"),
        ] {
            assert!(matches!(read(&bad), Err(Error::TimestampMalformed { .. })), "{bad}");
        }
    }
}
