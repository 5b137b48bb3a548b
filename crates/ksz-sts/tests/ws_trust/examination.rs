//! What is found out before a request is sent.

use crate::fixture::{HOLDER, HOSPITAL, RECOGNISED, TOKEN, identity, noon};
use ksz_error::{Class, Kind};
use ksz_pki::{CareOrganisation, Certificate, IdentifierKind, Identity};
use ksz_sts::{
    ClaimType, Claims, Error, Lifetime, NameIdentifier, RequestSecurityToken, TokenExchange, VouchedSubject,
    Warning,
};
use ksz_wss::{Ids, SigningOptions};
use std::time::{Duration, SystemTime};

const DAY: u64 = 86_400;

#[test]
fn a_plausible_request_has_nothing_against_it() {
    for request in [issue(&[asserted("71089914"), ClaimType::certified(RECOGNISED)]), renewal()] {
        assert_eq!(request.examine(HOLDER.certificate(), noon(0)), Ok(vec![]));
    }
    let designator = issue(&[ClaimType::certified(HOSPITAL)]);
    assert_eq!(designator.examine(HOLDER.certificate(), noon(0)), Ok(vec![]));
}

#[test]
fn a_lifetime_is_in_order_and_in_range() {
    let asked = |created: i64, expires: i64| {
        let lifetime = Lifetime { created: at(created), expires: at(expires) };
        for request in [issue(&[]), renewal()] {
            request.with_lifetime(lifetime).examine(HOLDER.certificate(), noon(0))?;
        }
        Ok(())
    };
    let day = 86_400;
    let refused = |detail| Err(Error::LifetimeNotAccepted { detail });

    for (created, expires) in [(0, 3_600), (0, day), (-300, day - 300), (300, 301), (-7_200, 1)] {
        assert_eq!(asked(created, expires), Ok(()), "{created} to {expires}");
    }
    assert_eq!(asked(1, 0), refused("it ends before it begins"));
    assert_eq!(asked(3_600, 3_600), refused("it ends when it begins"));
    assert_eq!(asked(-3_600, 0), refused("it is over"));
    assert_eq!(asked(301, 3_600), refused("it begins more than five minutes from now"));
    assert_eq!(asked(0, day + 1), refused("it is longer than the service gives"));
    assert_eq!(asked(-1, day), refused("it is longer than the service gives"));
}

#[test]
fn the_holders_certificate_lives_as_long_as_the_token() {
    let end = HOLDER.certificate().not_after();
    let examined = |now: SystemTime, lifetime: Option<u64>| {
        let request = issue(&[]);
        let request = match lifetime {
            Some(seconds) => {
                request.with_lifetime(Lifetime { created: now, expires: now + Duration::from_secs(seconds) })
            }
            None => request,
        };
        request.examine(HOLDER.certificate(), now).map(|_| ())
    };
    let refused = |role| {
        Err(Error::CertificatePeriod {
            role,
            not_before: "2026-01-01T00:00:00.000Z".into(),
            not_after: "2027-01-01T00:00:00.000Z".into(),
        })
    };

    assert_eq!(examined(end - Duration::from_secs(3_600), Some(3_600)), Ok(()));
    assert_eq!(examined(end - Duration::from_secs(3_600), Some(3_601)), refused("holder-of-key"));
    assert_eq!(examined(end, None), Ok(()));
    assert_eq!(examined(end + Duration::from_secs(1), None), refused("identification"));
    assert_eq!(
        examined(HOLDER.certificate().not_before() - Duration::from_secs(1), None),
        refused("identification")
    );
    let error = refused("identification").unwrap_err();
    assert_eq!((error.kind(), error.class()), (Kind::Misuse, Class::Trust));
}

#[test]
fn the_certificate_of_a_token_to_be_renewed_counts_too() {
    let valid_until = HOLDER.certificate().not_after();
    let late = valid_until - Duration::from_secs(60);
    let lifetime = Lifetime { created: late, expires: valid_until + Duration::from_secs(60) };

    let refusal = renewal().with_lifetime(lifetime).examine(HOLDER.certificate(), late).unwrap_err();

    assert!(matches!(refusal, Error::CertificatePeriod { role: "holder-of-key", .. }), "{refusal}");
}

#[test]
fn a_claim_of_another_kind_of_certificate_is_a_warning_that_names_both() {
    let enterprise = identity(&["CBE=0406798006"]);
    let hospital = IdentifierKind::CareOrganisation(CareOrganisation::Hospital);
    let ssin = "urn:be:fgov:person:ssin";
    let request = |holder: &Identity| {
        let claims = claims(&[asserted("71089914"), ClaimType::certified(ssin)]);
        RequestSecurityToken::issue("RC-1", claims, holder.certificate().clone())
    };

    let warnings = request(&enterprise).examine(enterprise.certificate(), noon(0)).unwrap();
    let both = request(&HOLDER).examine(enterprise.certificate(), noon(0)).unwrap();

    let of_hospital = Warning::ImplausibleClaim {
        uri: HOSPITAL.into(),
        expected: vec![hospital.clone()],
        found: vec![IdentifierKind::Enterprise],
    };
    let of_person =
        |found| Warning::ImplausibleClaim { uri: ssin.into(), expected: vec![IdentifierKind::Person], found };
    assert_eq!(warnings, [of_hospital.clone(), of_person(vec![IdentifierKind::Enterprise])]);
    assert_eq!(both, [of_person(vec![IdentifierKind::Enterprise, hospital])]);
    assert_eq!(
        of_hospital.to_string(),
        format!("claim {HOSPITAL:?} belongs to a certificate with NIHII-HOSPITAL, not with CBE")
    );
}

#[test]
fn a_number_that_the_certificate_does_not_hold_is_a_warning_that_does_not_tell_it() {
    let person = identity(&["SSIN=79021802145"]);
    let ssin = ClaimType::asserted("urn:be:fgov:person:ssin", "79021802146");
    let request = RequestSecurityToken::issue("RC-1", claims(&[ssin]), person.certificate().clone());

    let warnings = request.examine(person.certificate(), noon(0)).unwrap();

    let uri = "urn:be:fgov:person:ssin".to_owned();
    assert_eq!(warnings, [Warning::OtherNumber { uri, kind: IdentifierKind::Person }]);
    let printed = format!("{warnings:?} {}", warnings[0]);
    assert!(!printed.contains("790218"), "{printed}");
}

#[test]
fn what_is_not_known_is_not_warned_of() {
    let unknown = issue(&[ClaimType::asserted("urn:example:x", "1")]);
    let nameless = identity(&[]);
    let anything =
        RequestSecurityToken::issue("RC-1", claims(&[asserted("1")]), nameless.certificate().clone());

    assert_eq!(unknown.examine(HOLDER.certificate(), noon(0)), Ok(vec![]));
    assert_eq!(anything.examine(nameless.certificate(), noon(0)), Ok(vec![]));
}

#[test]
fn an_exchange_makes_no_message_of_a_request_that_cannot_succeed() {
    let (ids, options) = (Ids::new("1").unwrap(), SigningOptions::default());
    let message = |request: RequestSecurityToken, now| {
        TokenExchange::new(request).request(&HOLDER, &ids, now, &options).map(|_| ())
    };
    let lifetime = Lifetime { created: noon(0), expires: noon(2 * DAY) };

    assert_eq!(message(issue(&[asserted("1")]), noon(0)), Ok(()), "a warning stops nothing");
    assert_eq!(
        message(issue(&[]).with_lifetime(lifetime), noon(0)),
        Err(Error::LifetimeNotAccepted { detail: "it is longer than the service gives" })
    );
    assert!(matches!(message(renewal(), noon(300 * DAY)), Err(Error::CertificatePeriod { .. })));
}

#[test]
fn nobody_is_vouched_for_when_it_is_over() {
    let name = NameIdentifier { format: "urn:f".into(), qualifier: "q".into(), value: "v".into() };
    let subject = VouchedSubject {
        assertion_id: "_1".into(),
        issuer: "i".into(),
        issue_instant: noon(0),
        validity: Lifetime { created: noon(0), expires: noon(60) },
        name,
        authentication_method: None,
    };
    let request = RequestSecurityToken::on_behalf_of("RC-1", claims(&[asserted("1")]), subject);
    let over = Err(Error::LifetimeNotAccepted { detail: "what is vouched for is over" });

    assert_eq!(request.examine(HOLDER.certificate(), noon(59)), Ok(vec![]));
    assert_eq!(request.examine(HOLDER.certificate(), noon(60)), over);
}

fn issue(claims: &[ClaimType]) -> RequestSecurityToken {
    RequestSecurityToken::issue("RC-1", self::claims(claims), certificate())
}

fn renewal() -> RequestSecurityToken {
    RequestSecurityToken::renew("RC-1", &TOKEN)
}

fn claims(claims: &[ClaimType]) -> Claims {
    let mut set = Claims::default();
    claims.iter().for_each(|claim| set.insert(claim.clone()).unwrap());
    set
}

fn asserted(number: &str) -> ClaimType {
    ClaimType::asserted(HOSPITAL, number)
}

fn certificate() -> Certificate {
    HOLDER.certificate().clone()
}

fn at(seconds: i64) -> SystemTime {
    let span = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { noon(0) - span } else { noon(0) + span }
}
