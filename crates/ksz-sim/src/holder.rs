//! What the token service says about the holder of a certificate: identification from the certificate, and made-up
//! facts where the eHealth platform would ask authentic sources.

use crate::pki::HOSPITAL;
use ksz_sts::names::{CERTIFIED, IDENTIFICATION};
use ksz_sts::{Attribute, ClaimKind, ClaimType, Claims, KnownClaim};

/// The claims that identify, by the end of their URI, and the kind of number that a certificate's subject must hold.
const IDENTIFYING: [(&str, &str); 10] = [
    (":person:ssin", "SSIN"),
    (":hospital:nihii-number", "NIHII-HOSPITAL"),
    (":pharmacy:nihii-number", "NIHII-PHARMACY"),
    (":medicalhouse:nihii-number", "NIHII-MEDICAL_HOUSE"),
    (":guardpost:nihii-number", "NIHII-GUARD_POST"),
    (":sortingcenter:nihii-number", "NIHII-SORTING_CENTER"),
    (":officedoctors:nihii-number", "NIHII-OFFICE_DOCTORS"),
    (":groupofnurses:nihii-number", "NIHII-GROUP"),
    (":enterprise:cbe-number", "CBE"),
    (":organization:cbe-number", "CBE"),
];

/// A claim that the certificates do not bear out.
#[derive(Debug, thiserror::Error)]
#[error("claim {uri:?} is not what the certificates say")]
pub(crate) struct Unproven {
    uri: String,
}

impl Unproven {
    pub(crate) fn uri(&self) -> &str {
        &self.uri
    }
}

/// The attributes for the claims of somebody who showed certificates with these subjects, or is vouched for by this name.
///
/// A claim that is known in both namespaces is answered in both.
pub(crate) fn attributes(claims: &Claims, subjects: &[&str]) -> Result<Vec<Attribute>, Unproven> {
    let mut attributes = Vec::new();
    for claim in claims.iter() {
        attributes.extend(attributes_of(claim, subjects)?);
    }
    Ok(attributes)
}

fn attributes_of(claim: &ClaimType, subjects: &[&str]) -> Result<Vec<Attribute>, Unproven> {
    let uri = claim.uri();
    let unproven = || Unproven { uri: uri.to_owned() };
    let is_certified = KnownClaim::find(uri).any(|row| row.kind == ClaimKind::Certified);
    if let Some((_, kind)) = IDENTIFYING.into_iter().find(|(end, _)| uri.ends_with(end)) {
        let mut numbers = subjects.iter().flat_map(|subject| numbers(subject, kind));
        let number = numbers.find(|number| claim.value().is_none_or(|asserted| asserted == *number));
        let number = number.ok_or_else(unproven)?;
        let certified = is_certified.then(|| Attribute::new(uri, CERTIFIED, number));
        return Ok([Attribute::new(uri, IDENTIFICATION, number)].into_iter().chain(certified).collect());
    }
    match claim.value() {
        Some(asserted) if is_certified && asserted != made_up(uri) => Err(unproven()),
        // What nobody knows is only said, not certified.
        Some(asserted) if !is_certified => Ok(vec![Attribute::new(uri, IDENTIFICATION, asserted)]),
        _ => Ok(vec![Attribute::new(uri, CERTIFIED, made_up(uri))]),
    }
}

/// The numbers of one kind in a subject, such as `CN=NIHII-HOSPITAL=71089914`.
fn numbers<'s>(subject: &'s str, kind: &str) -> impl Iterator<Item = &'s str> {
    subject.split(',').filter_map(move |name| {
        let (_, value) = name.split_once('=')?;
        value.trim().trim_matches('"').strip_prefix(kind)?.strip_prefix('=')
    })
}

fn made_up(uri: &str) -> &'static str {
    match uri.rsplit(':').next().unwrap_or_default() {
        "boolean" => "true",
        "nihii11" => "71089914000",
        "nihii-number" => HOSPITAL,
        "givenname" => "Example",
        "surname" => "Person",
        _ => "simulated",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number";

    #[test]
    fn what_identifies_comes_from_the_certificate_and_the_rest_is_made_up() {
        let asserted = attribute_of(ClaimType::asserted(NUMBER, HOSPITAL)).unwrap();
        let found = attribute_of(ClaimType::certified(NUMBER)).unwrap();
        let certified = attribute_of(ClaimType::certified(DOCTOR)).unwrap();
        let unknown = attribute_of(ClaimType::asserted("urn:example:x", "y")).unwrap();

        assert_eq!(asserted, [Attribute::new(NUMBER, IDENTIFICATION, HOSPITAL)]);
        assert_eq!(found, asserted);
        assert_eq!(certified, [Attribute::new(DOCTOR, CERTIFIED, "true")]);
        assert_eq!(unknown, [Attribute::new("urn:example:x", IDENTIFICATION, "y")]);
        assert_eq!(attribute_of(ClaimType::asserted(DOCTOR, "true")).unwrap(), certified);
    }

    #[test]
    fn a_number_that_the_certificate_does_not_hold_is_unproven() {
        for claim in [
            ClaimType::asserted(NUMBER, "71089915"),
            ClaimType::asserted(NUMBER, ""),
            ClaimType::asserted("urn:be:fgov:ehealth:1.0:pharmacy:nihii-number", HOSPITAL),
            ClaimType::certified("urn:be:fgov:person:ssin"),
            ClaimType::asserted(DOCTOR, "false"),
        ] {
            assert!(attribute_of(claim.clone()).is_err(), "{claim:?}");
        }
    }

    #[test]
    fn a_claim_that_is_known_in_two_namespaces_is_answered_in_both_and_asked_for_again_once() {
        let uri = "urn:be:fgov:ehealth:1.0:certificateholder:sortingcenter:nihii-number";
        let mut claims = Claims::default();
        claims.insert(ClaimType::certified(uri)).unwrap();

        let attributes = attributes(&claims, &["CN=NIHII-SORTING_CENTER=81000086,C=BE"]).unwrap();

        let [first, second] = [IDENTIFICATION, CERTIFIED].map(|name| Attribute::new(uri, name, "81000086"));
        assert_eq!(attributes, [first, second]);
        let again = Claims::of_attributes(&attributes).unwrap();
        assert_eq!(again.iter().cloned().collect::<Vec<_>>(), [ClaimType::asserted(uri, "81000086")]);
    }

    #[test]
    fn somebody_who_is_vouched_for_is_named_as_in_a_certificate() {
        let ssin = ClaimType::certified("urn:be:fgov:person:ssin");

        let attributes = attributes_of(&ssin, &["CN=\"SSIN=79021802145\", O=Federal Government"]).unwrap();

        assert_eq!(attributes[0].values(), ["79021802145"]);
    }

    const DOCTOR: &str = "urn:be:fgov:person:ssin:doctor:boolean";

    fn attribute_of(claim: ClaimType) -> Result<Vec<Attribute>, Unproven> {
        attributes_of(&claim, &["CN=NIHII-HOSPITAL=71089914,OU=eHealth-platform Belgium,C=BE"])
    }
}
