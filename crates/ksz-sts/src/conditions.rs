use crate::trust::AssertionTrust;
use crate::{Error, names};
use ksz_soap::parse_date_time;
use ksz_xml::Element;
use std::time::SystemTime;

/// The `Conditions` of an assertion (SAML 1.1 core section 2.3.2.1): when, and for whom, it holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conditions {
    not_before: SystemTime,
    not_on_or_after: SystemTime,
    audiences: Vec<Vec<String>>,
}

impl Conditions {
    /// The first instant of validity.
    #[must_use]
    pub const fn not_before(&self) -> SystemTime {
        self.not_before
    }

    /// The first instant at which it no longer holds.
    #[must_use]
    pub const fn not_on_or_after(&self) -> SystemTime {
        self.not_on_or_after
    }

    /// Reads the element. A condition that nobody here understands makes the assertion invalid, as the standard
    /// demands; `DoNotCacheCondition` is one, because these assertions are kept for their life.
    pub(crate) fn read(element: Element<'_>) -> Result<Self, Error> {
        let refuse = |detail| Error::ConditionsNotAccepted { detail };
        let instant = |name| -> Result<SystemTime, Error> {
            let text = element.attribute("", name).ok_or_else(|| refuse("a limit is missing"))?;
            parse_date_time(name, text).map_err(|_| refuse("a limit is not xs:dateTime"))
        };
        let (not_before, not_on_or_after) = (instant("NotBefore")?, instant("NotOnOrAfter")?);
        if not_before >= not_on_or_after {
            return Err(refuse("they end before they begin"));
        }
        let mut audiences = Vec::new();
        for condition in element.only_children().map_err(|_| refuse("text or a comment"))? {
            if !condition.is(names::SAML_11, "AudienceRestrictionCondition") {
                return Err(refuse("a condition that is not understood"));
            }
            let allowed: Vec<_> = condition
                .children()
                .filter(|child| child.is(names::SAML_11, "Audience"))
                .map(|audience| audience.whole_text().trim().to_owned())
                .collect();
            audiences.push(allowed);
        }
        Ok(Self { not_before, not_on_or_after, audiences })
    }

    /// Refuses an instant outside the limits, and a receiver who is not in every restriction.
    pub(crate) fn check(&self, trust: &AssertionTrust, now: SystemTime) -> Result<(), Error> {
        if let Ok(ahead) = self.not_before.duration_since(now)
            && ahead > trust.clock_skew()
        {
            return Err(Error::AssertionNotYetValid { ahead: ahead.as_secs() });
        }
        if let Ok(ago) = now.duration_since(self.not_on_or_after) {
            return Err(Error::AssertionExpired { ago: ago.as_secs() });
        }
        let is_us = |allowed: &Vec<String>| {
            allowed.iter().any(|audience| Some(audience.as_str()) == trust.audience())
        };
        if self.audiences.iter().all(is_us) { Ok(()) } else { Err(Error::AudienceNotAccepted) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_xml::{Document, Limits};

    fn read(xml: &str) -> Result<Conditions, Error> {
        let xml = xml.replacen("<Conditions", &format!("<Conditions xmlns='{}'", names::SAML_11), 1);
        let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
        Conditions::read(document.root())
    }

    #[test]
    fn both_limits_are_needed_and_every_condition_is_understood() {
        let limits = "NotBefore='2026-01-01T09:55:00.000Z' NotOnOrAfter='2026-01-01T11:00:00.000Z'";
        assert!(read(&format!("<Conditions {limits}/>")).is_ok());
        for bad in [
            "<Conditions/>".to_owned(),
            "<Conditions NotBefore='2026-01-01T09:55:00.000Z'/>".to_owned(),
            "<Conditions NotOnOrAfter='2026-01-01T09:55:00.000Z'/>".to_owned(),
            "<Conditions NotBefore='2026-01-01T09:55:00Z' NotOnOrAfter='2026-01-01T09:55:00Z'/>".to_owned(),
            "<Conditions NotBefore='x' NotOnOrAfter='2026-01-01T09:55:00Z'/>".to_owned(),
            format!("<Conditions {limits}><DoNotCacheCondition/></Conditions>"),
            format!("<Conditions {limits}><x xmlns='urn:x'/></Conditions>"),
        ] {
            assert!(matches!(read(&bad), Err(Error::ConditionsNotAccepted { .. })), "{bad}");
        }
    }
}
