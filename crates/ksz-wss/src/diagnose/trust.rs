//! Why a certificate is not believed.

use super::cause::Cause;
use super::examination::Examination;
use super::finding::Certainty::{Likely, Proven};
use super::finding::{Certainty, Place};
use ksz_pki::{Certificate, Error};
use ksz_soap::format_date_time;
use std::time::SystemTime;

const DAY: u64 = 24 * 60 * 60;

impl Examination<'_, '_, '_> {
    /// Judges a certificate: its environment, its validity, its key, the way to an anchor.
    pub(super) fn certificate(&mut self, certificate: &Certificate, place: Option<Place>) {
        self.environment_of(certificate, place.clone());
        self.validity(certificate, place.clone());
        if let Err(error) = certificate.public_key(self.options.backend) {
            let detail = error.to_string();
            let cause = Cause::KeyNotAccepted { detail: detail.clone() };
            self.report.add(cause, Proven, place, "RSA of 2048 to 4096 bits, or P-256", detail);
            return;
        }
        self.path(certificate, place);
    }

    /// Compares the environment of a certificate with the one that is called.
    pub(super) fn environment_of(&mut self, certificate: &Certificate, place: Option<Place>) {
        if let (Some(expected), Some(found)) = (self.options.environment, certificate.environment())
            && expected != found
        {
            let (subject, issuer) = (certificate.display_subject(), certificate.display_issuer());
            let cause = Cause::OtherEnvironment { expected: expected.to_string(), found: found.to_string() };
            let told = format!("one of {found}: {subject}, issued by {issuer}");
            self.report.add(cause, Proven, place, format!("a certificate of {expected}"), told);
        }
    }

    /// Judges whether a certificate is valid at this time.
    pub(super) fn validity(&mut self, certificate: &Certificate, place: Option<Place>) {
        let (now, subject) = (self.options.now, certificate.display_subject());
        let expected = format!("a certificate that is valid at {}", told(now));
        if now > certificate.not_after() {
            let days = now.duration_since(certificate.not_after()).unwrap_or_default().as_secs() / DAY;
            let found = format!("{subject}, valid until {}", told(certificate.not_after()));
            let cause = Cause::CertificateExpired { subject, days };
            self.report.add(cause, Proven, place, expected, found);
        } else if now < certificate.not_before() {
            let found = format!("{subject}, valid from {}", told(certificate.not_before()));
            let cause = Cause::CertificateNotYetValid { subject };
            self.report.add(cause, Proven, place, expected, found);
        }
    }

    /// Judges the way to an anchor.
    fn path(&mut self, certificate: &Certificate, place: Option<Place>) {
        let Some(trust) = &self.options.trust else { return };
        // What is wrong with the time of the certificate itself is told already, so it must not hide the rest.
        let now = self.options.now.clamp(certificate.not_before(), certificate.not_after());
        let Err(error) = trust.accept(certificate, now) else { return };
        let (cause, certainty, expected) = match &error {
            Error::UnknownIssuer { .. } => {
                match missing_issuer(certificate, trust.intermediates(), trust.anchors()) {
                    Some(missing) => {
                        let expected = format!("the certificate of {missing} among anchors or intermediates");
                        (Cause::ChainIncomplete { missing }, Likely, expected)
                    }
                    None => not_accepted(&error),
                }
            }
            Error::CertificateExpired { subject, .. } | Error::CertificateNotYetValid { subject, .. } => {
                let detail = format!("{subject}, an authority above it: {error}");
                (Cause::CertificateNotAccepted { detail }, Proven, "authorities that are valid".to_owned())
            }
            other => not_accepted(other),
        };
        self.report.add(cause, certainty, place, expected, error.to_string());
    }
}

fn not_accepted(error: &Error) -> (Cause, Certainty, String) {
    let expected = "a certificate for signing that leads to an anchor".to_owned();
    (Cause::CertificateNotAccepted { detail: error.to_string() }, Proven, expected)
}

/// The name of the first issuer that is not known, going up from a certificate; none if all are known by name.
fn missing_issuer(
    certificate: &Certificate,
    between: &[Certificate],
    anchors: &[Certificate],
) -> Option<String> {
    let mut current = certificate;
    for _ in 0..=between.len() {
        if current.subject() == current.issuer()
            || anchors.iter().any(|anchor| anchor.subject() == current.issuer())
        {
            return None;
        }
        match between.iter().find(|issuer| issuer.subject() == current.issuer()) {
            Some(issuer) => current = issuer,
            None => return Some(current.display_issuer()),
        }
    }
    None
}

/// An instant for people.
pub(super) fn told(instant: SystemTime) -> String {
    format_date_time(instant).unwrap_or_else(|_| "an instant out of range".to_owned())
}
