//! The claims that clients of the eHealth platform use. No document lists them: they were read in the clients' code and in
//! the published examples.

use crate::names;
use ksz_pki::{CareOrganisation, IdentifierKind};

/// Whether the caller asserts an attribute, or the platform certifies it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ClaimKind {
    /// It identifies: the caller asserts a value, or leaves it to the service to take it from the certificate.
    Asserted,
    /// The platform finds it in an authentic source.
    Certified,
}

impl ClaimKind {
    /// The namespace under which the attribute comes back. A request cannot say it.
    #[must_use]
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Asserted => names::IDENTIFICATION,
            Self::Certified => names::CERTIFIED,
        }
    }

    /// The name in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asserted => "asserted",
            Self::Certified => "certified",
        }
    }
}

/// A claim that is known, one row for each namespace in which its attribute comes back.
///
/// **Some URIs have two rows.** They are one claim all the same: whoever makes a request of rows names it twice, which the
/// platform refuses since release R2024.1, and [`Claims::insert`](crate::Claims::insert) before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct KnownClaim {
    /// Its URI.
    pub uri: &'static str,
    /// Whether it is asserted or certified.
    pub kind: ClaimKind,
    /// What the certificate of its holder has a number of.
    pub holders: &'static [IdentifierKind],
}

impl KnownClaim {
    /// Every row.
    pub const ALL: &'static [Self] = &ROWS;

    /// The rows of a URI: none, one, or two.
    pub fn find(uri: &str) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |row| row.uri == uri)
    }
}

const fn asserted(uri: &'static str, holders: &'static [IdentifierKind]) -> KnownClaim {
    KnownClaim { uri, kind: ClaimKind::Asserted, holders }
}

const fn certified(uri: &'static str, holders: &'static [IdentifierKind]) -> KnownClaim {
    KnownClaim { uri, kind: ClaimKind::Certified, holders }
}

const PERSON: &[IdentifierKind] = &[IdentifierKind::Person];
/// A person's profession is asked for with either number.
const PROFESSIONAL: &[IdentifierKind] = &[IdentifierKind::Person, IdentifierKind::CareProvider];
const ENTERPRISE: &[IdentifierKind] = &[IdentifierKind::Enterprise];
const HOSPITAL: &[IdentifierKind] = &[IdentifierKind::CareOrganisation(CareOrganisation::Hospital)];
const PHARMACY: &[IdentifierKind] = &[IdentifierKind::CareOrganisation(CareOrganisation::Pharmacy)];
const MEDICAL_HOUSE: &[IdentifierKind] = &[IdentifierKind::CareOrganisation(CareOrganisation::MedicalHouse)];
const GUARD_POST: &[IdentifierKind] = &[IdentifierKind::CareOrganisation(CareOrganisation::GuardPost)];
const SORTING_CENTRE: &[IdentifierKind] =
    &[IdentifierKind::CareOrganisation(CareOrganisation::SortingCentre)];
const OFFICE_OF_DOCTORS: &[IdentifierKind] =
    &[IdentifierKind::CareOrganisation(CareOrganisation::OfficeOfDoctors)];
const GROUP_OF_NURSES: &[IdentifierKind] =
    &[IdentifierKind::CareOrganisation(CareOrganisation::GroupOfNurses)];
const RECOGNISED: &[IdentifierKind] = &[
    IdentifierKind::CareOrganisation(CareOrganisation::MedicalHouse),
    IdentifierKind::CareOrganisation(CareOrganisation::GuardPost),
    IdentifierKind::CareOrganisation(CareOrganisation::SortingCentre),
];

const ROWS: [KnownClaim; 53] = [
    asserted("urn:be:fgov:person:ssin", PERSON),
    asserted("urn:be:fgov:ehealth:1.0:certificateholder:person:ssin", PERSON),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:givenname", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:surname", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:doctor:boolean", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:doctor:nihii11", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:fpsph:dentist:boolean", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:fpsph:midwife:boolean", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:fpsph:nurse:boolean", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:fpsph:physiotherapist:boolean", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:nihii:dentist:nihii11", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:nihii:midwife:nihii11", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:nihii:nurse:nihii11", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:nihii:physiotherapist:nihii11", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:professional:dentist:boolean", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:professional:midwife:boolean", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:professional:nurse:boolean", PROFESSIONAL),
    certified("urn:be:fgov:person:ssin:ehealth:1.0:professional:physiotherapist:boolean", PROFESSIONAL),
    asserted("urn:be:fgov:kbo-bce:organization:cbe-number", ENTERPRISE),
    asserted("urn:be:fgov:ehealth:1.0:certificateholder:enterprise:cbe-number", ENTERPRISE),
    certified("urn:be:fgov:kbo-bce:organization:cbe-number:ehealth:1.0:hio:boolean", ENTERPRISE),
    asserted("urn:be:fgov:ehealth:1.0:hospital:nihii-number", HOSPITAL),
    asserted("urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number", HOSPITAL),
    certified(
        "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number:recognisedhospital:boolean",
        HOSPITAL,
    ),
    asserted("urn:be:fgov:ehealth:1.0:pharmacy:nihii-number", PHARMACY),
    certified("urn:be:fgov:ehealth:1.0:pharmacy:nihii-number:recognisedpharmacy:boolean", PHARMACY),
    certified("urn:be:fgov:ehealth:1.0:pharmacy:nihii-number:recognisedpharmacy:nihii11", PHARMACY),
    certified("urn:be:fgov:ehealth:1.0:pharmacy:nihii-number:recognisedhospitalpharmacy:boolean", PHARMACY),
    certified(
        "urn:be:fgov:ehealth:1.0:pharmacy:nihii-number:person:ssin:ehealth:1.0:pharmacy-holder:boolean",
        PHARMACY,
    ),
    asserted("urn:be:fgov:ehealth:1.0:medicalhouse:nihii-number", MEDICAL_HOUSE),
    asserted("urn:be:fgov:ehealth:1.0:certificateholder:medicalhouse:nihii-number", MEDICAL_HOUSE),
    certified(
        "urn:be:fgov:ehealth:1.0:medicalhouse:nihii-number:recognisedmedicalhouse:boolean",
        MEDICAL_HOUSE,
    ),
    certified(
        "urn:be:fgov:ehealth:1.0:medicalhouse:nihii-number:recognisedmedicalhouse:nihii11",
        MEDICAL_HOUSE,
    ),
    asserted("urn:be:fgov:ehealth:1.0:guardpost:nihii-number", GUARD_POST),
    asserted("urn:be:fgov:ehealth:1.0:certificateholder:guardpost:nihii-number", GUARD_POST),
    certified("urn:be:fgov:ehealth:1.0:certificateholder:guardpost:nihii-number", GUARD_POST),
    certified("urn:be:fgov:ehealth:1.0:guardpost:nihii-number:recognisedguardpost:boolean", GUARD_POST),
    certified("urn:be:fgov:ehealth:1.0:guardpost:nihii-number:recognisedguardpost:nihii11", GUARD_POST),
    asserted("urn:be:fgov:ehealth:1.0:sortingcenter:nihii-number", SORTING_CENTRE),
    asserted("urn:be:fgov:ehealth:1.0:certificateholder:sortingcenter:nihii-number", SORTING_CENTRE),
    certified("urn:be:fgov:ehealth:1.0:certificateholder:sortingcenter:nihii-number", SORTING_CENTRE),
    certified(
        "urn:be:fgov:ehealth:1.0:sortingcenter:nihii-number:recognisedsortingcenter:boolean",
        SORTING_CENTRE,
    ),
    certified(
        "urn:be:fgov:ehealth:1.0:sortingcenter:nihii-number:recognisedsortingcenter:nihii11",
        SORTING_CENTRE,
    ),
    asserted("urn:be:fgov:ehealth:1.0:officedoctors:nihii-number", OFFICE_OF_DOCTORS),
    asserted("urn:be:fgov:ehealth:1.0:certificateholder:officedoctors:nihii-number", OFFICE_OF_DOCTORS),
    certified("urn:be:fgov:ehealth:1.0:certificateholder:officedoctors:nihii-number", OFFICE_OF_DOCTORS),
    certified(
        "urn:be:fgov:ehealth:1.0:officedoctors:nihii-number:recognisedofficedoctors:boolean",
        OFFICE_OF_DOCTORS,
    ),
    certified(
        "urn:be:fgov:ehealth:1.0:officedoctors:nihii-number:recognisedofficedoctors:nihii11",
        OFFICE_OF_DOCTORS,
    ),
    asserted("urn:be:fgov:ehealth:1.0:groupofnurses:nihii-number", GROUP_OF_NURSES),
    asserted("urn:be:fgov:ehealth:1.0:certificateholder:groupofnurses:nihii-number", GROUP_OF_NURSES),
    certified("urn:be:fgov:ehealth:1.0:certificateholder:groupofnurses:nihii-number", GROUP_OF_NURSES),
    certified(
        "urn:be:fgov:ehealth:1.0:groupofnurses:nihii-number:recognisedgroupofnurses:nihii11",
        GROUP_OF_NURSES,
    ),
    certified("urn:be:fgov:ehealth:1.0:certificateholder:recognisedorganization:boolean", RECOGNISED),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClaimType, Claims, Error};

    #[test]
    fn each_row_stands_once_and_names_its_holders() {
        for (index, row) in KnownClaim::ALL.iter().enumerate() {
            assert!(!row.holders.is_empty(), "{row:?}");
            assert!(
                KnownClaim::ALL[..index]
                    .iter()
                    .all(|before| (before.uri, before.kind) != (row.uri, row.kind)),
                "{row:?}"
            );
            assert!(Claims::default().insert(ClaimType::certified(row.uri)).is_ok(), "{row:?}");
        }
        assert_eq!(KnownClaim::find("urn:be:fgov:person:SSIN").count(), 0);
    }

    #[test]
    fn four_uris_come_back_in_two_namespaces_and_are_one_claim() {
        let twice: Vec<_> = KnownClaim::ALL
            .iter()
            .filter(|row| row.kind == ClaimKind::Certified && KnownClaim::find(row.uri).count() == 2)
            .collect();
        let organisations = ["guardpost", "sortingcenter", "officedoctors", "groupofnurses"];
        let expected = organisations.map(|organisation| {
            format!("urn:be:fgov:ehealth:1.0:certificateholder:{organisation}:nihii-number")
        });
        assert_eq!(twice.iter().map(|row| row.uri).collect::<Vec<_>>(), expected);

        for uri in expected {
            let namespaces: Vec<_> = KnownClaim::find(&uri).map(|row| row.kind.namespace()).collect();
            assert_eq!(namespaces, [names::IDENTIFICATION, names::CERTIFIED]);
            let mut claims = Claims::default();
            let outcomes: Vec<_> =
                KnownClaim::find(&uri).map(|row| claims.insert(ClaimType::certified(row.uri))).collect();
            assert_eq!(outcomes, [Ok(()), Err(Error::RepeatedClaim { uri: uri.clone() })]);
            assert_eq!(claims.to_xml(crate::Dialect::EHEALTH).matches(&uri).count(), 1);
        }
    }
}
