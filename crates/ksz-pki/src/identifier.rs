use crate::number::masked;
use crate::{CbeNumber, EhpNumber, Error, Nihii, Ssin};
use std::fmt;

/// What an identifier in a certificate's subject is a number of.
///
/// The names are those of the eHealth platform's certificates, which are also the types of its ETK depot.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum IdentifierKind {
    /// An enterprise: `CBE`.
    Enterprise,
    /// A treatment centre, by the number of its enterprise: `CBE-TREAT_CENTER`.
    TreatmentCentre,
    /// A consortium, by the number of its enterprise: `CBE-CONSORTIUM`.
    Consortium,
    /// A person: `SSIN`.
    Person,
    /// A care provider, by eight digits (`NIHII`) or eleven (`NIHII11`).
    CareProvider,
    /// An organisation of this kind with a NIHII number: `NIHII-HOSPITAL` and its like.
    CareOrganisation(CareOrganisation),
    /// A partner of the eHealth platform without another number: `EHP`.
    Partner,
    /// A control organism: `EHP-CTRL_ORGANISM`.
    ControlOrganism,
    /// A site of a hospital: `SITE`.
    Site,
    /// A mobile urgency group: `SITESMUR`.
    MobileUrgencyGroup,
    /// A paramedical intervention team: `SITEPIT`.
    ParamedicalTeam,
    /// Another kind, by its name in the certificate.
    Unknown(String),
}

/// The kinds of organisation with NIHII numbers that certificates name.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum CareOrganisation {
    /// `NIHII-HOSPITAL`.
    Hospital,
    /// `NIHII-PHARMACY`.
    Pharmacy,
    /// `NIHII-OTD_PHARMACY`: an office of tarification.
    TarificationOffice,
    /// `NIHII-LABO`.
    Laboratory,
    /// `NIHII-RETIREMENT`: a home for elderly people.
    RetirementHome,
    /// `NIHII-GROUP`.
    GroupOfNurses,
    /// `NIHII-GROUP_MIDWIVES`.
    GroupOfMidwives,
    /// `NIHII-GROUP_DOCTORS`.
    GroupOfDoctors,
    /// `NIHII-OFFICE_DOCTORS`.
    OfficeOfDoctors,
    /// `NIHII-OFFICE_DENTISTS`.
    OfficeOfDentists,
    /// `NIHII-OF_PHYSIOS`.
    OfficeOfPhysiotherapists,
    /// `NIHII-OF_BAND`.
    OfficeOfBandagists,
    /// `NIHII-MEDICAL_HOUSE`.
    MedicalHouse,
    /// `NIHII-PALLIATIVE_CARE`.
    PalliativeCare,
    /// `NIHII-PSYCH_HOUSE`.
    PsychiatricHome,
    /// `NIHII-PROT_ACC`.
    ProtectedAccommodation,
    /// `NIHII-HOME_SERVICES`.
    HomeServices,
    /// `NIHII-GUARD_POST`.
    GuardPost,
    /// `NIHII-AMBU_SERVICE`.
    AmbulanceService,
    /// `NIHII-SORTING_CENTER`.
    SortingCentre,
    /// `NIHII-BELRAI`.
    BelRai,
    /// `NIHII-BELRAI_SCREEN`.
    BelRaiScreener,
}

/// The names in certificates. A care provider's comes twice.
const NAMES: [(&str, IdentifierKind); 34] = {
    use CareOrganisation as Care;
    use IdentifierKind as Kind;
    [
        ("CBE", Kind::Enterprise),
        ("CBE-TREAT_CENTER", Kind::TreatmentCentre),
        ("CBE-CONSORTIUM", Kind::Consortium),
        ("SSIN", Kind::Person),
        ("NIHII", Kind::CareProvider),
        ("NIHII11", Kind::CareProvider),
        ("NIHII-HOSPITAL", Kind::CareOrganisation(Care::Hospital)),
        ("NIHII-PHARMACY", Kind::CareOrganisation(Care::Pharmacy)),
        ("NIHII-OTD_PHARMACY", Kind::CareOrganisation(Care::TarificationOffice)),
        ("NIHII-LABO", Kind::CareOrganisation(Care::Laboratory)),
        ("NIHII-RETIREMENT", Kind::CareOrganisation(Care::RetirementHome)),
        ("NIHII-GROUP", Kind::CareOrganisation(Care::GroupOfNurses)),
        ("NIHII-GROUP_MIDWIVES", Kind::CareOrganisation(Care::GroupOfMidwives)),
        ("NIHII-GROUP_DOCTORS", Kind::CareOrganisation(Care::GroupOfDoctors)),
        ("NIHII-OFFICE_DOCTORS", Kind::CareOrganisation(Care::OfficeOfDoctors)),
        ("NIHII-OFFICE_DENTISTS", Kind::CareOrganisation(Care::OfficeOfDentists)),
        ("NIHII-OF_PHYSIOS", Kind::CareOrganisation(Care::OfficeOfPhysiotherapists)),
        ("NIHII-OF_BAND", Kind::CareOrganisation(Care::OfficeOfBandagists)),
        ("NIHII-MEDICAL_HOUSE", Kind::CareOrganisation(Care::MedicalHouse)),
        ("NIHII-PALLIATIVE_CARE", Kind::CareOrganisation(Care::PalliativeCare)),
        ("NIHII-PSYCH_HOUSE", Kind::CareOrganisation(Care::PsychiatricHome)),
        ("NIHII-PROT_ACC", Kind::CareOrganisation(Care::ProtectedAccommodation)),
        ("NIHII-HOME_SERVICES", Kind::CareOrganisation(Care::HomeServices)),
        ("NIHII-GUARD_POST", Kind::CareOrganisation(Care::GuardPost)),
        ("NIHII-AMBU_SERVICE", Kind::CareOrganisation(Care::AmbulanceService)),
        ("NIHII-SORTING_CENTER", Kind::CareOrganisation(Care::SortingCentre)),
        ("NIHII-BELRAI", Kind::CareOrganisation(Care::BelRai)),
        ("NIHII-BELRAI_SCREEN", Kind::CareOrganisation(Care::BelRaiScreener)),
        ("EHP", Kind::Partner),
        ("EHP-CTRL_ORGANISM", Kind::ControlOrganism),
        ("SITE", Kind::Site),
        ("SITESMUR", Kind::MobileUrgencyGroup),
        ("SITEPIT", Kind::ParamedicalTeam),
        // The name that some versions of the platform's own library write for the treatment centre.
        ("CBE-TREATMENT_CENTER", Kind::TreatmentCentre),
    ]
};

impl IdentifierKind {
    /// The kind of a name in a certificate.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map_or_else(|| Self::Unknown(name.to_owned()), |(_, kind)| kind.clone())
    }

    /// The name in certificates.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown(name) => name,
            known => NAMES.iter().find(|(_, kind)| kind == known).map_or("", |(name, _)| name),
        }
    }

    /// Whether the number is a person's. One of an unknown kind is taken for it.
    pub(crate) const fn is_personal(&self) -> bool {
        matches!(self, Self::Person | Self::CareProvider | Self::Unknown(_))
    }
}

/// An identifier in a certificate's subject, as it stands there: it may be of an unknown kind, or wrong.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Identifier {
    kind: IdentifierKind,
    value: String,
}

/// The number of an [`Identifier`], its form and check digits checked.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Number {
    /// Of an enterprise.
    Cbe(CbeNumber),
    /// Of a person.
    Ssin(Ssin),
    /// Of a care provider or care organisation.
    Nihii(Nihii),
    /// Of a partner of the eHealth platform.
    Ehp(EhpNumber),
    /// Of another kind, for which no rule is known.
    Unchecked,
}

impl Identifier {
    pub(crate) const fn new(kind: IdentifierKind, value: String) -> Self {
        Self { kind, value }
    }

    /// What it is a number of.
    #[must_use]
    pub const fn kind(&self) -> &IdentifierKind {
        &self.kind
    }

    /// The number, if it is one.
    ///
    /// # Errors
    ///
    /// [`Error::NumberMalformed`], [`Error::CheckDigits`].
    pub fn number(&self) -> Result<Number, Error> {
        match self.kind {
            IdentifierKind::Enterprise | IdentifierKind::TreatmentCentre | IdentifierKind::Consortium => {
                CbeNumber::new(&self.value).map(Number::Cbe)
            }
            IdentifierKind::Person => Ssin::new(&self.value).map(Number::Ssin),
            IdentifierKind::CareProvider => Nihii::of_person(&self.value).map(Number::Nihii),
            IdentifierKind::CareOrganisation(_) => Nihii::of_organisation(&self.value).map(Number::Nihii),
            IdentifierKind::Partner | IdentifierKind::ControlOrganism => {
                EhpNumber::new(&self.value).map(Number::Ehp)
            }
            _ => Ok(Number::Unchecked),
        }
    }

    /// The number for people and logs: of a person's, only the last two digits are left.
    #[must_use]
    pub fn display_value(&self) -> String {
        if self.kind.is_personal() { masked(&self.value) } else { self.value.clone() }
    }

    /// The number as it stands in the certificate, which does not belong in logs and messages if it is a
    /// person's.
    #[must_use]
    pub fn unmasked(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.kind.name(), self.display_value())
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identifier(name: &str, value: &str) -> Identifier {
        Identifier::new(IdentifierKind::from_name(name), value.into())
    }

    #[test]
    fn each_name_reads_back() {
        for (name, kind) in NAMES {
            assert_eq!(IdentifierKind::from_name(name), kind);
            assert_eq!(IdentifierKind::from_name(kind.name()), kind);
        }
        let unknown = IdentifierKind::from_name("NIHII-SPACE_STATION");
        assert_eq!(unknown, IdentifierKind::Unknown("NIHII-SPACE_STATION".into()));
        assert_eq!(unknown.name(), "NIHII-SPACE_STATION");
    }

    #[test]
    fn numbers_of_persons_and_of_unknown_kinds_do_not_print() {
        for (name, value, shown) in [
            ("SSIN", "93051822361", "SSIN=*********61"),
            ("NIHII", "71089914", "NIHII=******14"),
            ("NIHII11", "71089914730", "NIHII=*********30"),
            ("NEW", "93051822361", "NEW=*********61"),
            ("NIHII-HOSPITAL", "71089914", "NIHII-HOSPITAL=71089914"),
            ("CBE", "0406798006", "CBE=0406798006"),
            ("SITE", "1234", "SITE=1234"),
        ] {
            let identifier = identifier(name, value);
            assert_eq!(identifier.to_string(), shown);
            assert_eq!(format!("{identifier:?}"), format!("Identifier({shown})"));
            assert_eq!(identifier.unmasked(), value);
        }
    }

    #[test]
    fn a_wrong_number_is_kept_and_told() {
        let wrong = identifier("CBE", "0406798007");
        assert_eq!(
            (wrong.number(), wrong.unmasked()),
            (Err(Error::CheckDigits { kind: "CBE" }), "0406798007")
        );
        let short = identifier("NIHII-LABO", "81");
        assert_eq!(short.number(), Err(Error::NumberMalformed { kind: "NIHII" }));
        assert_eq!(identifier("NEW", "1").number(), Ok(Number::Unchecked));
        assert_eq!(identifier("EHP", "1990001916").number().map(|_| ()), Ok(()));
    }
}
