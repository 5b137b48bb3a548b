//! Numbers of organisations and persons, and their check digits.
//!
//! A value of these types has the form and the check digits that its issuer gives such numbers. That somebody
//! bears it is another matter.

use crate::Error;
use std::fmt;

/// A number of the Crossroads Bank for Enterprises: ten digits, of an enterprise (0 or 1 first) or of an
/// establishment unit (2 to 8 first).
///
/// The last two digits are 97 less the remainder of the first eight by 97. The forms are
/// `EnterpriseNumberType` and `BusinessUnitNumberType` of KSZ's CommonV3 schema.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct CbeNumber(String);

impl CbeNumber {
    /// A number in ten digits, with or without the points in which it is printed (`0406.798.006`).
    ///
    /// # Errors
    ///
    /// [`Error::NumberMalformed`], [`Error::CheckDigits`].
    pub fn new(text: &str) -> Result<Self, Error> {
        let digits = digits("CBE", &text.replace('.', ""), 10)?;
        if digits.starts_with('9') {
            return Err(malformed("CBE"));
        }
        require_check_digits("CBE", &digits[..8], &digits[8..], &[97])?;
        Ok(Self(digits))
    }

    /// The ten digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CbeNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A social security identification number: eleven digits, of the National Register, or a BIS number, in
/// which the month of birth is raised by 20 or 40.
///
/// The last two digits are 97 less the remainder of the first nine by 97; for whoever was born since 2000, of
/// these with a 2 before them. The form is `SsinType` of KSZ's CommonV3 schema, in which months and days may
/// be zero.
///
/// It never prints but for its last two digits.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Ssin(String);

impl Ssin {
    /// A number in eleven digits, with or without the points and the hyphen in which it is printed.
    ///
    /// # Errors
    ///
    /// [`Error::NumberMalformed`], [`Error::CheckDigits`].
    pub fn new(text: &str) -> Result<Self, Error> {
        let digits = digits("SSIN", &text.replace(['.', '-'], ""), 11)?;
        let month = digits[2..4].parse().unwrap_or(u8::MAX);
        let is_bis = month >= 20;
        let has_date = month < 60 && month % 20 <= 12 && digits[4..6] <= *"31";
        if !has_date || (!is_bis && digits[6..9] == *"000") {
            return Err(malformed("SSIN"));
        }
        let (base, check) = digits.split_at(9);
        require_check_digits("SSIN", base, check, &[97])
            .or_else(|_| require_check_digits("SSIN", &format!("2{base}"), check, &[97]))?;
        Ok(Self(digits))
    }

    /// Whether it is a BIS number, of a person who is not in the National Register.
    #[must_use]
    pub fn is_bis(&self) -> bool {
        self.0[2..4] >= *"20"
    }

    /// The eleven digits, which do not belong in logs and messages.
    #[must_use]
    pub fn unmasked(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ssin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

impl fmt::Debug for Ssin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ssin({self})")
    }
}

/// A number of the National Institute for Health and Disability Insurance (NIHII, RIZIV, INAMI): eight
/// digits, or eleven with the qualification of a care provider.
///
/// The seventh and eighth digit are 97 less the remainder of the first six by 97. Since its note I 2012/26
/// the institute also gives out numbers made with 89 instead of 97, and calls both "check digit" on its page
/// for makers of software. Both are accepted. It announces no third; programs that accept 83 and others
/// beside them disagree with each other.
///
/// The number of a care provider never prints but for its last two digits.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Nihii {
    digits: String,
    of_person: bool,
}

impl Nihii {
    /// The number of a care provider, who is a person.
    ///
    /// # Errors
    ///
    /// [`Error::NumberMalformed`], [`Error::CheckDigits`].
    pub fn of_person(text: &str) -> Result<Self, Error> {
        Self::new(text, true)
    }

    /// The number of a hospital, a pharmacy or another organisation.
    ///
    /// # Errors
    ///
    /// [`Error::NumberMalformed`], [`Error::CheckDigits`].
    pub fn of_organisation(text: &str) -> Result<Self, Error> {
        Self::new(text, false)
    }

    fn new(text: &str, of_person: bool) -> Result<Self, Error> {
        let length = if text.len() == 11 { 11 } else { 8 };
        let digits = digits("NIHII", text, length)?;
        require_check_digits("NIHII", &digits[..6], &digits[6..8], &[97, 89])?;
        Ok(Self { digits, of_person })
    }

    /// The qualification, the last three of eleven digits.
    #[must_use]
    pub fn qualification(&self) -> Option<&str> {
        self.digits.get(8..11)
    }

    /// All digits, which do not belong in logs and messages if they are a person's.
    #[must_use]
    pub fn unmasked(&self) -> &str {
        &self.digits
    }
}

impl fmt::Display for Nihii {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.of_person { f.write_str(&masked(&self.digits)) } else { f.write_str(&self.digits) }
    }
}

impl fmt::Debug for Nihii {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nihii({self})")
    }
}

/// A number that the eHealth platform gives to partners without a number of another kind: ten digits.
///
/// No document says how its check digits are made, so they are not checked.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct EhpNumber(String);

impl EhpNumber {
    /// A number in ten digits.
    ///
    /// # Errors
    ///
    /// [`Error::NumberMalformed`].
    pub fn new(text: &str) -> Result<Self, Error> {
        digits("EHP", text, 10).map(Self)
    }

    /// The ten digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EhpNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All but the last two characters hidden.
pub(crate) fn masked(digits: &str) -> String {
    let shown = digits.len().saturating_sub(2);
    "*".repeat(shown) + digits.get(shown..).unwrap_or_default()
}

fn digits(kind: &'static str, text: &str, length: usize) -> Result<String, Error> {
    if text.len() == length && text.bytes().all(|octet| octet.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(malformed(kind))
    }
}

const fn malformed(kind: &'static str) -> Error {
    Error::NumberMalformed { kind }
}

/// Whether `check` is one of the moduli less the remainder of `base` by it. Both hold digits alone.
fn require_check_digits(kind: &'static str, base: &str, check: &str, moduli: &[u64]) -> Result<(), Error> {
    let (base, check): (u64, u64) = (base.parse().unwrap_or(0), check.parse().unwrap_or(0));
    if moduli.iter().any(|modulus| modulus - base % modulus == check) {
        Ok(())
    } else {
        Err(Error::CheckDigits { kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every other value of the check digits must be refused.
    fn others(number: &str, check: std::ops::Range<usize>) -> Vec<String> {
        let other = |value: u32| format!("{}{value:02}{}", &number[..check.start], &number[check.end..]);
        (0..100).map(other).filter(|other| other != number).collect()
    }

    /// The Smals number of the eHealth platform's examples, and the example of the Flemish government's
    /// explanation.
    #[test]
    fn an_enterprise_number_has_one_pair_of_check_digits() {
        for number in ["0406798006", "0566988259"] {
            assert_eq!(CbeNumber::new(number).unwrap().as_str(), number);
            for other in others(number, 8..10) {
                assert_eq!(CbeNumber::new(&other), Err(Error::CheckDigits { kind: "CBE" }));
            }
        }
        assert_eq!(CbeNumber::new("0406.798.006").unwrap().to_string(), "0406798006");
    }

    #[test]
    fn what_has_not_the_form_of_a_number_is_refused() {
        for text in ["", "406798006", "04067980060", "040679800x", "+406798006", "٠٤٠٦٧٩٨٠٠٦", "9406798006"]
        {
            assert_eq!(CbeNumber::new(text), Err(Error::NumberMalformed { kind: "CBE" }), "{text}");
        }
        for text in ["7902180214", "790218021450", "79021802x45", "79131802145", "79623002145", "79023202145"]
        {
            assert_eq!(Ssin::new(text), Err(Error::NumberMalformed { kind: "SSIN" }), "{text}");
        }
        for text in ["7108991", "710899140", "7108991x", "7108991400"] {
            assert_eq!(Nihii::of_organisation(text), Err(Error::NumberMalformed { kind: "NIHII" }), "{text}");
        }
        assert_eq!(EhpNumber::new("199000191"), Err(Error::NumberMalformed { kind: "EHP" }));
        assert_eq!(EhpNumber::new("1990001916").unwrap().as_str(), "1990001916");
    }

    /// The examples of two public explanations of the rule (Flemish government; born before and since 2000),
    /// and of the BIS numbers in the tests of stdnum.
    #[test]
    fn a_persons_number_is_checked_for_both_centuries_and_for_bis_numbers() {
        for number in
            ["93051822361", "00012556777", "88222999936", "08222999934", "88422999979", "08422999977"]
        {
            let ssin = Ssin::new(number).unwrap();
            assert_eq!((ssin.unmasked(), ssin.is_bis()), (number, &number[2..3] >= "2"));
        }
        let accepted = others("93051822361", 9..11).into_iter().filter(|other| Ssin::new(other).is_ok());
        // The one other pair is that of a person born in 2093.
        assert_eq!(accepted.collect::<Vec<_>>(), ["93051822390"]);
        assert_eq!(Ssin::new("93.05.18-223.61").unwrap().unmasked(), "93051822361");
        assert_eq!(Ssin::new("93051800086").unwrap_err(), Error::NumberMalformed { kind: "SSIN" });
    }

    #[test]
    fn a_persons_number_does_not_print() {
        let ssin = Ssin::new("93051822361").unwrap();
        let doctor = Nihii::of_person("71089914").unwrap();

        assert_eq!(format!("{ssin} {ssin:?}"), "*********61 Ssin(*********61)");
        assert_eq!(format!("{doctor} {doctor:?}"), "******14 Nihii(******14)");
        assert_eq!(Nihii::of_organisation("71089914").unwrap().to_string(), "71089914");
    }

    /// The hospital of the eHealth platform's published examples, and a home that a public test suite names.
    #[test]
    fn a_nihii_number_is_checked_by_both_moduli() {
        for number in ["71089914", "73999914"] {
            assert!(Nihii::of_organisation(number).is_ok());
            let accepted = others(number, 6..8).into_iter().filter(|other| Nihii::of_person(other).is_ok());
            assert_eq!(accepted.count(), 1, "the number made with 89");
        }
        let doctor = Nihii::of_person("71089914730").unwrap();
        assert_eq!((doctor.qualification(), doctor.unmasked()), (Some("730"), "71089914730"));
        assert_eq!(Nihii::of_person("71089915").unwrap_err(), Error::CheckDigits { kind: "NIHII" });
    }
}
