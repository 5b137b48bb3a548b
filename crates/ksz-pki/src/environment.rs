use crate::Certificate;
use crate::subject::Attributes;
use std::fmt;

/// For which environments a certificate is, where its names say so.
///
/// Most do not. Those of the eHealth platform do by their issuer, those for social security by a unit `PRD`,
/// `ACC` or `INT` in the subject, those of the simulator by their issuer. The certificates of test and of
/// acceptance cannot be told apart: the issuers do not distinguish them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CertificateEnvironment {
    /// The simulator.
    Simulator,
    /// Test, integration or acceptance.
    NotProduction,
    /// Production.
    Production,
}

impl CertificateEnvironment {
    /// The name in messages and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Simulator => "sim",
            Self::NotProduction => "test or acceptance",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for CertificateEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Common names with which authorities begin that issue for one side alone. The first two issue for the
/// eHealth platform; the third did, for acceptance, in 2018. Numbers follow the first two, and change.
const ISSUERS: [(&str, CertificateEnvironment); 3] = [
    ("ZetesConfidens Private Trust PKI - eHealth issuing CA ", CertificateEnvironment::Production),
    ("TEST-ZetesConfidens-eHealth acceptance test-issuing CA ", CertificateEnvironment::NotProduction),
    ("QuoVadis No Reliance ICA ", CertificateEnvironment::NotProduction),
];

/// Units of the subject that Smals asks for. They mean something only beside its other unit: a department may
/// be called `INT` too.
const UNITS: [(&str, CertificateEnvironment); 3] = [
    ("PRD", CertificateEnvironment::Production),
    ("ACC", CertificateEnvironment::NotProduction),
    ("INT", CertificateEnvironment::NotProduction),
];

const SMALS_UNIT: &str = "Belgian Federal Government";

/// The organisation of the simulator's authorities.
const SIMULATOR: &str = "ksz simulator";

impl Certificate {
    /// For which environments it is, where its names say so.
    #[must_use]
    pub fn environment(&self) -> Option<CertificateEnvironment> {
        let tbs = self.decoded().tbs_certificate;
        let (subject, issuer) = (Attributes::of(&tbs.subject), Attributes::of(&tbs.issuer));
        if issuer.organisations().any(|name| name == SIMULATOR) {
            return Some(CertificateEnvironment::Simulator);
        }
        let by_issuer =
            ISSUERS.iter().find(|(begin, _)| issuer.common_names().any(|name| name.starts_with(begin)));
        let has_unit = |unit: &str| subject.units().any(|name| name == unit);
        let by_unit = || UNITS.iter().find(|(unit, _)| has_unit(SMALS_UNIT) && has_unit(unit));
        by_issuer.or_else(by_unit).map(|(_, environment)| *environment)
    }
}
