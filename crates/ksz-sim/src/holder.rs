//! What the token service says about the holder of a certificate: identification from the certificate, and made-up
//! facts where the eHealth platform would ask authentic sources.

use crate::pki::HOSPITAL;
use ksz_pki::Certificate;
use ksz_sts::names::{CERTIFIED, IDENTIFICATION};
use ksz_sts::{Attribute, ClaimType, Claims};

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

/// The attributes for the claims of somebody who showed these certificates.
pub(crate) fn attributes(claims: &Claims, certificates: &[&Certificate]) -> Result<Vec<Attribute>, Unproven> {
    claims.iter().map(|claim| attribute(claim, certificates)).collect()
}

fn attribute(claim: &ClaimType, certificates: &[&Certificate]) -> Result<Attribute, Unproven> {
    let uri = claim.uri();
    let identifying = IDENTIFYING.into_iter().find(|(end, _)| uri.ends_with(end));
    let Some((_, kind)) = identifying else {
        return Ok(Attribute::new(uri, CERTIFIED, claim.value().unwrap_or_else(|| made_up(uri))));
    };
    let mut numbers = certificates.iter().flat_map(|certificate| numbers(certificate, kind));
    let number = numbers.find(|number| claim.value().is_none_or(|asserted| asserted == *number));
    let number = number.ok_or_else(|| Unproven { uri: uri.to_owned() })?;
    Ok(Attribute::new(uri, IDENTIFICATION, number))
}

/// The numbers of one kind in a subject, such as `CN=NIHII-HOSPITAL=71089914`.
fn numbers<'c>(certificate: &'c Certificate, kind: &str) -> impl Iterator<Item = &'c str> {
    certificate.subject().split(',').filter_map(move |name| {
        let (_, value) = name.split_once('=')?;
        value.strip_prefix(kind)?.strip_prefix('=')
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
        let certified = attribute_of(ClaimType::certified("urn:be:fgov:person:ssin:doctor:boolean")).unwrap();

        assert_eq!((asserted.namespace(), asserted.values()), (IDENTIFICATION, &[HOSPITAL.to_owned()][..]));
        assert_eq!(found, asserted);
        assert_eq!((certified.namespace(), certified.values()), (CERTIFIED, &["true".to_owned()][..]));
    }

    #[test]
    fn a_number_that_the_certificate_does_not_hold_is_unproven() {
        for claim in [
            ClaimType::asserted(NUMBER, "71089915"),
            ClaimType::asserted(NUMBER, ""),
            ClaimType::asserted("urn:be:fgov:ehealth:1.0:pharmacy:nihii-number", HOSPITAL),
            ClaimType::certified("urn:be:fgov:person:ssin"),
        ] {
            assert!(attribute_of(claim.clone()).is_err(), "{claim:?}");
        }
    }

    fn attribute_of(claim: ClaimType) -> Result<Attribute, Unproven> {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, format!("NIHII-HOSPITAL={HOSPITAL}"));
        let certificate = Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap();
        attribute(&claim, &[&certificate])
    }
}
