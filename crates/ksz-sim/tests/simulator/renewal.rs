//! Tokens that are renewed, tokens on behalf of others, keys of the token service that change, and the service that was
//! there before it.

use crate::fixture::{Client, ids, signed, was_refused};
use crate::sts::{
    NUMBER, RECOGNISED, STS, answer, ask, assert_opens_the_brokered_service, brokered, challenge, claims,
    exchange, request, token,
};
use ksz_pki::Identity;
use ksz_sim::{Challenges, Options, Simulator};
use ksz_soap::{Operation, write_envelope};
use ksz_sts::names::X509_SUBJECT_NAME;
use ksz_sts::{
    ClaimType, Claims, Error, Lifetime, NameIdentifier, RequestSecurityToken, Step, TokenExchange,
    VerifiedAssertion, VouchedSubject,
};
use ksz_transport::SoapRequest;
use ksz_wss::{Policy, SamlToken, SigningOptions};
use ksz_xml::Limits;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

#[tokio::test]
async fn a_token_is_renewed_for_the_same_holder_with_the_same_attributes() {
    let client = Client::shared();
    for name in ["ehealth.identity", "ehealth.identity_ec"] {
        let holder = client.identity(name);
        let first = token(&client, &holder).await;

        let second = renewed(&client, &first, &holder).await;

        assert_ne!(second.assertion_id(), first.assertion_id());
        assert_eq!(second.attributes(), first.attributes());
        assert_eq!(second.holder(), first.holder());
        assert_eq!(second.subject(), first.subject());
        assert!(second.issue_instant() >= first.issue_instant());
        assert_opens_the_brokered_service(&client, &second, &holder).await;
    }
}

#[tokio::test]
async fn a_renewal_is_answered_by_the_holder_alone() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let client = Client::of(&simulator);
    let (holder, other) = (client.identity("ehealth.identity"), client.identity("ehealth.identity_ec"));
    let token = token(&client, &holder).await;
    let exchange = TokenExchange::new(RequestSecurityToken::renew("RC-1", token.token()));

    let challenge = challenge(&client, &exchange, &other).await;
    let fault = answer(&client, &challenge, &other).await.fault();

    assert!(fault.is_ws_trust("FailedAuthentication"), "{fault}");
    assert!(was_refused(&simulator, "structure", "HolderMismatch"));
    assert_eq!(simulator.issued_tokens(), 1);
}

#[tokio::test]
async fn what_was_not_issued_here_or_is_over_is_not_renewed() {
    let ahead = Arc::new(AtomicU64::new(0));
    let clock = ahead.clone();
    let now = move || SystemTime::now() + Duration::from_secs(clock.load(Ordering::Relaxed));
    let simulator = Simulator::start(Options::default().clock(now.clone())).await.unwrap();
    let client = Client::of(&simulator);
    let holder = client.identity("ehealth.identity");
    let token = token(&client, &holder).await;
    let foreign = Client::shared();
    let of_other_service = crate::sts::token(&foreign, &foreign.identity("ehealth.identity")).await;
    let changed = token.token().as_xml().replace(">true<", ">false<");
    let changed = SamlToken::from_xml(&changed, &Limits::default()).unwrap();

    for (target, reason) in [(of_other_service.token(), "SignerNotPinned"), (&changed, "DigestMismatch")] {
        let exchange = TokenExchange::new(RequestSecurityToken::renew("RC-1", target));
        let fault = ask(&client, &exchange, &holder).await.fault();
        assert!(fault.is_ws_trust("UnableToRenew"), "{fault}");
        assert_eq!(fault.text(), "The requested renewal failed");
        assert!(was_refused(&simulator, "structure", reason), "{reason}");
    }
    ahead.store(3_700, Ordering::Relaxed);
    let payload = RequestSecurityToken::renew("RC-1", token.token()).to_xml().unwrap();
    let message = signed(&write_envelope(&payload), &holder, now());
    let fault = client.soap(STS, Operation::REQUEST_SECURITY_TOKEN, &message).await.fault();
    assert!(fault.is_ws_trust("RenewNeeded"), "{fault}");
    assert_eq!(fault.text(), "A renewable security token has expired");
    assert_eq!(simulator.issued_tokens(), 1);
}

#[tokio::test]
async fn a_token_for_somebody_who_is_vouched_for_names_them_and_is_held_by_who_vouches() {
    let client = Client::shared();
    let requester = client.identity("ehealth.identity");
    let mut about_person = Claims::default();
    about_person.insert(ClaimType::asserted("urn:be:fgov:person:ssin", "79021802145")).unwrap();
    about_person.insert(ClaimType::certified(RECOGNISED)).unwrap();
    let request = RequestSecurityToken::on_behalf_of("RC-1", about_person, vouched(SystemTime::now()));
    let exchange = TokenExchange::new(request);

    let token = crate::sts::exchange(&client, &exchange, &requester, &requester).await;

    assert_eq!(token.subject(), &vouched(SystemTime::now()).name);
    assert_eq!(token.holder(), requester.certificate());
    assert_eq!(token.attributes()[0].values(), ["79021802145"]);
    let renewed = renewed(&client, &token, &requester).await;
    assert_eq!(renewed.subject(), token.subject());
}

#[tokio::test]
async fn nobody_is_vouched_for_with_the_number_of_another_or_out_of_time() {
    let client = Client::shared();
    let requester = client.identity("ehealth.identity");
    let refused = async |number: &str, since: SystemTime| {
        let mut claims = Claims::default();
        claims.insert(ClaimType::asserted("urn:be:fgov:person:ssin", number)).unwrap();
        let request = RequestSecurityToken::on_behalf_of("RC-1", claims, vouched(since));
        // What would not be sent is written by hand.
        let message = signed(&write_envelope(&request.to_xml().unwrap()), &requester, SystemTime::now());
        client.soap(STS, Operation::REQUEST_SECURITY_TOKEN, &message).await.fault()
    };
    let now = SystemTime::now();

    assert!(refused("79021802146", now).await.is_ws_trust("InvalidRequest"));
    assert!(refused("79021802145", now - Duration::from_secs(7_200)).await.is_ws_trust("ExpiredData"));
    assert!(refused("79021802145", now + Duration::from_secs(3_600)).await.is_ws_trust("ExpiredData"));
}

#[tokio::test]
async fn the_key_of_the_token_service_changes_while_it_runs() {
    let simulator = Simulator::start(Options::default().challenges(Challenges::UnlessProven)).await.unwrap();
    let before = Client::of(&simulator);
    let holder = before.identity("ehealth.identity");
    let exchange = TokenExchange::new(request(&holder, claims("71089914")));
    let first = issued(&before, &exchange, &holder).await.unwrap();

    simulator.rotate_token_key().await.unwrap();
    let after = Client::of(&simulator);
    let second = issued(&after, &exchange, &holder).await.unwrap();
    let unknown = issued(&before, &exchange, &holder).await.unwrap_err();
    let renewal = TokenExchange::new(RequestSecurityToken::renew("RC-1", first.token()));
    let renewed = issued(&after, &renewal, &holder).await.unwrap();

    assert_eq!(unknown, Error::SignerNotPinned);
    assert_eq!(after.assertion_trust().certificates().len(), 2);
    for token in [&first, &second, &renewed] {
        assert_eq!(brokered(&after, token, &holder).await.status, 200);
    }

    simulator.retire_token_keys();
    assert_eq!(brokered(&after, &second, &holder).await.status, 200);
    assert_eq!(brokered(&after, &renewed, &holder).await.status, 200);
    assert_eq!(brokered(&after, &first, &holder).await.fault().service_code(), "SOA-01001");
    assert!(was_refused(&simulator, "trust", "SignerNotPinned"));
    let fault = ask(&after, &renewal, &holder).await.fault();
    assert!(fault.is_ws_trust("UnableToRenew"), "{fault}");
    assert_eq!(Client::of(&simulator).assertion_trust().certificates().len(), 1);
    assert_eq!(simulator.issued_tokens(), 4);
}

#[tokio::test]
async fn the_old_token_service_says_that_it_is_out_of_use() {
    let client = Client::shared();
    let sts = client.text(STS).to_owned();
    for path in ["/IAM/Saml11TokenService/v1", "/IAM/Saml11TokenService/Legacy/v1"] {
        let url = sts.replace("/IAM/SecurityTokenService/v1", path).parse().unwrap();
        let payload = "<samlp:Request xmlns:samlp=\"urn:oasis:names:tc:SAML:1.0:protocol\"/>";
        let action = Operation::REQUEST_SECURITY_TOKEN.action;
        let request = SoapRequest::new(url, action, write_envelope(payload)).into_http().unwrap();

        let fault = crate::fixture::SoapAnswer::of(client.send(request).await).fault();

        assert_eq!(fault.service_code(), "SOA-02001");
        let hint = fault.soa_error.unwrap().messages.pop().unwrap();
        assert!(hint.text.as_str().contains("out of use since October 2023"), "{}", hint.text);
        assert!(was_refused(&crate::fixture::SHARED, "structure", "Retired"));
    }
}

#[tokio::test]
async fn a_renewed_token_lives_as_long_as_is_asked_for() {
    let client = Client::shared();
    let holder = client.identity("ehealth.identity");
    let token = token(&client, &holder).await;
    let now = SystemTime::now();
    let lifetime = Lifetime { created: now, expires: now + Duration::from_secs(5 * 3_600) };
    let request = RequestSecurityToken::renew("RC-1", token.token()).with_lifetime(lifetime);

    let renewed = exchange(&client, &TokenExchange::new(request), &holder, &holder).await;

    let life = renewed.conditions().not_on_or_after().duration_since(now).unwrap();
    assert_eq!(life.as_secs().div_ceil(60), 5 * 60);
    let number = renewed.attributes().iter().find(|attribute| attribute.name() == NUMBER).unwrap();
    assert_eq!(number.values(), ["71089914"]);
}

/// The token that comes at once.
async fn issued(
    client: &Client,
    exchange: &TokenExchange,
    holder: &Identity,
) -> Result<VerifiedAssertion, Error> {
    let now = SystemTime::now();
    let message = exchange.request(holder, &ids(), now, &SigningOptions::default()).unwrap();
    let answer = client.soap(STS, Operation::REQUEST_SECURITY_TOKEN, &message).await;
    assert_eq!(answer.status, 200, "{}", answer.envelope);
    let (trust, policy) = (client.assertion_trust(), Policy::default());
    match exchange.read(answer.envelope.as_bytes(), &trust, &policy, now)? {
        Step::Token(token) => Ok(*token),
        Step::Challenge(_) => panic!("a challenge"),
    }
}

async fn renewed(client: &Client, token: &VerifiedAssertion, holder: &Identity) -> VerifiedAssertion {
    let exchange = TokenExchange::new(RequestSecurityToken::renew("RC-1", token.token()));
    crate::sts::exchange(client, &exchange, holder, holder).await
}

fn vouched(since: SystemTime) -> VouchedSubject {
    VouchedSubject {
        assertion_id: "_1fa0d9b768da4f128345668bd92743d4".into(),
        issuer: "CN=NIHII-HOSPITAL=71089914".into(),
        issue_instant: since,
        validity: Lifetime { created: since, expires: since + Duration::from_secs(3_600) },
        name: NameIdentifier {
            format: X509_SUBJECT_NAME.into(),
            qualifier: "CN=Example CA".into(),
            value: "CN=\"SSIN=79021802145\", C=BE".into(),
        },
        authentication_method: None,
    }
}
