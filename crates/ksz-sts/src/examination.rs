//! What the best clients check before they send: the service refuses the same, later and in fewer words.

use crate::known_claim::KnownClaim;
use crate::request::{Lifetime, Purpose, RequestSecurityToken};
use crate::{ClaimKind, ClaimType, Error};
use ksz_pki::{Certificate, IdentifierKind};
use ksz_soap::format_date_time;
use std::fmt;
use std::time::{Duration, SystemTime};

/// What may be wrong with a request. It is sent all the same: the service decides.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// A claim belongs to certificates with an identifier of another kind.
    ImplausibleClaim {
        /// The claim.
        uri: String,
        /// What the certificates of its holders name.
        expected: Vec<IdentifierKind>,
        /// What those of the requester name.
        found: Vec<IdentifierKind>,
    },
    /// A claim asserts another number than the certificates hold. Neither is told: it may be a person's.
    OtherNumber {
        /// The claim.
        uri: String,
        /// What it is a number of.
        kind: IdentifierKind,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |kinds: &[IdentifierKind]| {
            kinds.iter().map(IdentifierKind::name).collect::<Vec<_>>().join(" or ")
        };
        match self {
            Self::ImplausibleClaim { uri, expected, found } => {
                let (expected, found) = (list(expected), list(found));
                write!(f, "claim {uri:?} belongs to a certificate with {expected}, not with {found}")
            }
            Self::OtherNumber { uri, kind } => {
                write!(f, "claim {uri:?} asserts another {} than the certificate holds", kind.name())
            }
        }
    }
}

/// How far ahead of our clock a lifetime may begin.
const LEEWAY: Duration = Duration::from_secs(5 * 60);

impl RequestSecurityToken {
    /// Checks what can be known before anything is sent: `identification` is the certificate that is to sign the request,
    /// the holder's is in the request.
    ///
    /// A claim is compared with the identifiers that the certificates hold, and with nothing if they hold none that is
    /// known. The numbers of somebody for whom the requester vouches are in no certificate.
    ///
    /// # Errors
    ///
    /// - [`Error::CertificatePeriod`] if the identification certificate is not valid now, or the holder's not for the
    ///   whole lifetime that is asked for.
    /// - [`Error::LifetimeNotAccepted`] if the lifetime ends before it begins, is over, begins later, or is longer than
    ///   the service gives; also if what is vouched for is over.
    /// - Those of [`Self::holder`].
    pub fn examine(&self, identification: &Certificate, now: SystemTime) -> Result<Vec<Warning>, Error> {
        if let Some(lifetime) = self.lifetime() {
            self.check_lifetime(lifetime, now)?;
        }
        require_valid("identification", identification, now, now)?;
        let holder = self.holder()?;
        let holder = holder.as_ref().unwrap_or(identification);
        require_valid(
            "holder-of-key",
            holder,
            now,
            self.lifetime().map_or(now, |lifetime| lifetime.expires),
        )?;
        match self.purpose() {
            Purpose::Issue { claims, .. } => {
                let identifiers: Vec<_> = [identification, holder]
                    .iter()
                    .flat_map(|certificate| certificate.identifiers().identifiers().to_vec())
                    .map(|identifier| (identifier.kind().clone(), identifier.unmasked().to_owned()))
                    .collect();
                Ok(claims.iter().filter_map(|claim| implausible(claim, &identifiers)).collect())
            }
            Purpose::OnBehalfOf { subject, .. } if subject.validity.expires <= now => {
                Err(Error::LifetimeNotAccepted { detail: "what is vouched for is over" })
            }
            Purpose::Renew { .. } | Purpose::OnBehalfOf { .. } => Ok(Vec::new()),
        }
    }

    fn check_lifetime(&self, lifetime: Lifetime, now: SystemTime) -> Result<(), Error> {
        let refuse = |detail| Err(Error::LifetimeNotAccepted { detail });
        let longest = self.profile().longest_lifetime();
        let Ok(length) = lifetime.expires.duration_since(lifetime.created) else {
            return refuse("it ends before it begins");
        };
        if length.is_zero() {
            return refuse("it ends when it begins");
        }
        if lifetime.expires <= now {
            return refuse("it is over");
        }
        if lifetime.created.duration_since(now).is_ok_and(|ahead| ahead > LEEWAY) {
            return refuse("it begins more than five minutes from now");
        }
        if length > longest {
            return refuse("it is longer than the service gives");
        }
        Ok(())
    }
}

/// Refuses a certificate that is not valid from now until then.
fn require_valid(
    role: &'static str,
    certificate: &Certificate,
    now: SystemTime,
    until: SystemTime,
) -> Result<(), Error> {
    if certificate.not_before() <= now && until <= certificate.not_after() && now <= certificate.not_after() {
        return Ok(());
    }
    Err(Error::CertificatePeriod {
        role,
        not_before: format_date_time(certificate.not_before())?,
        not_after: format_date_time(certificate.not_after())?,
    })
}

fn implausible(claim: &ClaimType, identifiers: &[(IdentifierKind, String)]) -> Option<Warning> {
    let rows: Vec<_> = KnownClaim::find(claim.uri()).collect();
    let first = rows.first().filter(|_| !identifiers.is_empty())?;
    let uri = claim.uri().to_owned();
    let numbers: Vec<_> = identifiers.iter().filter(|(kind, _)| first.holders.contains(kind)).collect();
    let Some((kind, _)) = numbers.first() else {
        let found = identifiers.iter().map(|(kind, _)| kind.clone());
        return Some(Warning::ImplausibleClaim {
            uri,
            expected: first.holders.to_vec(),
            found: without_repetition(found),
        });
    };
    let asserted = claim.value().filter(|_| rows.iter().any(|row| row.kind == ClaimKind::Asserted))?;
    if numbers.iter().any(|(_, number)| number == asserted) {
        return None;
    }
    Some(Warning::OtherNumber { uri, kind: kind.clone() })
}

fn without_repetition(kinds: impl Iterator<Item = IdentifierKind>) -> Vec<IdentifierKind> {
    let mut once = Vec::new();
    for kind in kinds {
        if !once.contains(&kind) {
            once.push(kind);
        }
    }
    once
}
