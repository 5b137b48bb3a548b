//! What may be shown of a name: of a person, a certificate's subject or a file.

use std::ops::Range;

/// How many digits the numbers of persons have: national register, BIS, and NIHII with its qualification.
const DIGITS: usize = 11;
/// How many the NIHII number has without its qualification.
const SHORT: usize = 8;
/// The most characters that stand between two groups of digits of one number.
const WIDEST_GAP: usize = 3;

/// Masks the numbers of persons in names, more readily than [`mask_person_numbers`](crate::mask_person_numbers) does in
/// messages.
///
/// Masked are eleven digits, also when they touch letters or have spaces, points or hyphens between them; the number
/// behind `SSIN=` or `NIHII=` and its like, wherever else it stands in the name; and of a NIHII number of eleven digits
/// the first eight, which are the person's already. The last two digits are left.
///
/// ```
/// use ksz_error::NameMask;
///
/// assert_eq!(NameMask::of(["SSIN79021802145"]).mask("SSIN79021802145.p12"), "SSIN*********45.p12");
/// assert_eq!(NameMask::of(["NIHII=10012378"]).mask("Dr 1-00123-78"), "Dr ******78");
/// ```
#[derive(Clone, Default, Eq, PartialEq)]
pub struct NameMask(Vec<String>);

impl NameMask {
    /// The mask for a name of these parts.
    #[must_use]
    pub fn of<'t>(parts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut mask = Self::default();
        for part in parts {
            for (at, _) in part.match_indices('=').filter(|(at, _)| is_of_person(&part[..*at])) {
                if let Some(number) = first_number(part[at + 1..].trim_start()) {
                    mask.add(&number);
                }
            }
        }
        mask
    }

    /// Masks this number too, which holds digits alone.
    pub fn add(&mut self, number: &str) {
        if number.len() == DIGITS {
            self.0.push(number[..SHORT].to_owned());
        }
        self.0.push(number.to_owned());
    }

    /// Masks the numbers of another mask too.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The text with the numbers masked.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let groups = groups(text);
        let mut hidden = vec![false; groups.len()];
        for first in 0..groups.len() {
            let mut digits = String::new();
            for last in first..groups.len() {
                if last > first && !are_near(text, &groups[last - 1], &groups[last]) {
                    break;
                }
                digits.push_str(&text[groups[last].clone()]);
                if self.hides(&digits, first == last) {
                    hidden[first..=last].fill(true);
                }
                if digits.len() > DIGITS {
                    break;
                }
            }
        }
        Self::written(text, &groups, &hidden)
    }

    fn hides(&self, digits: &str, is_one_group: bool) -> bool {
        let is_known = |number: &String| {
            number == digits || (is_one_group && number.len() >= SHORT && digits.contains(number))
        };
        digits.len() == DIGITS || self.0.iter().any(is_known)
    }

    /// Neighbouring groups that are hidden become one, in which the last two digits are left.
    fn written(text: &str, groups: &[Range<usize>], hidden: &[bool]) -> String {
        let mut output = String::with_capacity(text.len());
        let mut done = 0;
        let mut at = 0;
        while at < groups.len() {
            if !hidden[at] {
                at += 1;
                continue;
            }
            let begin = at;
            at += 1;
            while at < groups.len() && hidden[at] && are_near(text, &groups[at - 1], &groups[at]) {
                at += 1;
            }
            let digits = joined(text, &groups[begin..at]);
            let shown = digits.len().saturating_sub(2);
            output.push_str(&text[done..groups[begin].start]);
            output.push_str(&"*".repeat(shown));
            output.push_str(&digits[shown..]);
            done = groups[at - 1].end;
        }
        output + &text[done..]
    }
}

impl std::fmt::Debug for NameMask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NameMask(…)")
    }
}

/// Whether a text ends with a type of number that persons have. Those of organisations have a hyphen in their type:
/// `NIHII-HOSPITAL`.
fn is_of_person(before: &str) -> bool {
    let before = before.trim_end();
    let start =
        before.rfind(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)).map_or(0, |at| at + 1);
    let kind = before.get(start..).unwrap_or_default().to_ascii_uppercase();
    kind == "SSIN" || (kind.starts_with("NIHII") && !kind.contains('-'))
}

/// The number with which a text begins: eleven or eight digits in groups, or else the first group.
fn first_number(text: &str) -> Option<String> {
    let groups = groups(text);
    let first = groups.first().filter(|first| first.start == 0)?;
    let near = groups.windows(2).take_while(|pair| are_near(text, &pair[0], &pair[1])).count();
    let numbers = (1..=near + 1).map(|length| joined(text, &groups[..length]));
    let number = numbers.take_while(|digits| digits.len() <= DIGITS).filter(|digits| digits.len() >= SHORT);
    Some(number.last().filter(|_| first.len() < SHORT).unwrap_or_else(|| text[first.clone()].to_owned()))
}

/// Where the digits are.
fn groups(text: &str) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.bytes().enumerate().filter(|(_, octet)| octet.is_ascii_digit()) {
        match groups.last_mut().filter(|last| last.end == at) {
            Some(last) => last.end = at + 1,
            None => groups.push(at..at + 1),
        }
    }
    groups
}

/// Whether nothing but a few spaces, points and hyphens stands between two groups.
fn are_near(text: &str, one: &Range<usize>, other: &Range<usize>) -> bool {
    let gap = &text[one.end..other.start];
    gap.chars().count() <= WIDEST_GAP && gap.chars().all(|c| c.is_whitespace() || ".-_".contains(c))
}

fn joined(text: &str, groups: &[Range<usize>]) -> String {
    groups.iter().map(|group| &text[group.clone()]).collect()
}

/// One name that stands alone, such as an alias or a path, in which of a person's number only the last two digits are left.
#[must_use]
pub fn mask_name(name: &str) -> String {
    NameMask::of([name]).mask(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        NameMask::of([text]).mask(text)
    }

    #[test]
    fn a_number_of_eleven_digits_is_masked_whatever_touches_it() {
        for (text, shown) in [
            ("93051822361", "*********61"),
            ("SSIN93051822361", "SSIN*********61"),
            ("RRN93051822361x", "RRN*********61x"),
            ("93 05 18 223 61", "*********61"),
            ("APP 93.05.18-223.61", "APP *********61"),
            ("93.05.18 - 223.61", "*********61"),
            ("é93051822361é", "é*********61é"),
        ] {
            assert_eq!(masked(text), shown);
        }
        for beside in
            ["93051822361-20260101", "20260101_93051822361", "12345 93.05.18-223.61", "1 93051822361"]
        {
            assert!(!masked(beside).contains("223") && !masked(beside).contains("93"), "{}", masked(beside));
        }
    }

    #[test]
    fn a_care_providers_number_is_masked_by_its_type_and_wherever_else_it_stands() {
        for (text, shown) in [
            ("NIHII=71089914", "NIHII=******14"),
            ("nihii = 7-10899-14", "nihii = ******14"),
            ("NIHII11=71089914730, Dr 71089914", "NIHII11=*********30, Dr ******14"),
            ("x71089914, NIHII=71089914", "x******14, NIHII=******14"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn other_numbers_stay_readable() {
        for text in [
            "CBE=0406798006",
            "NIHII-HOSPITAL=71089914",
            "ksz-2026-11-22.p12",
            "Zetes 001",
            "1fa0d9b7-68da-4f12-8345-668bd92743d4",
            "/srv/2026/11/22/123.p12",
            "NIHII=",
            "SSIN=x12",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn the_mask_itself_does_not_print_the_numbers() {
        assert_eq!(format!("{:?}", NameMask::of(["SSIN=93051822361"])), "NameMask(…)");
    }
}
