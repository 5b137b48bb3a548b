use crate::fixture::{Client, SHARED, SoapAnswer, ids, signed, was_refused};
use ksz_pki::Identity;
use ksz_sim::{Challenges, Options, Simulator};
use ksz_soap::{
    Fault, IntegrationTest, IntegrationTestRequest, IntegrationTestResponse, Operation, SoaErrorKind,
    write_envelope,
};
use ksz_sts::{
    ClaimType, Claims, Lifetime, RequestSecurityToken, SignChallenge, Step, TokenExchange, VerifiedAssertion,
};
use ksz_wss::{Policy, SigningOptions, sign_holder_of_key};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

pub(crate) const STS: &str = "ehealth.sts";
pub(crate) const NUMBER: &str = "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number";
pub(crate) const RECOGNISED: &str =
    "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number:recognisedhospital:boolean";

#[tokio::test]
async fn a_token_is_issued_after_a_challenge_and_opens_the_brokered_service() {
    let client = Client::shared();
    for holder in ["ehealth.identity", "ehealth.identity_ec"] {
        let holder = client.identity(holder);
        let token = token(&client, &holder).await;

        assert_opens_the_brokered_service(&client, &token, &holder).await;
    }
}

/// The service takes the token, and says who its holder is.
pub(crate) async fn assert_opens_the_brokered_service(
    client: &Client,
    token: &VerifiedAssertion,
    holder: &Identity,
) {
    let answer = brokered(client, token, holder).await;
    let test = IntegrationTest::BrokeredAccessControl;
    let response = answer.read(|payload| IntegrationTestResponse::read(test, payload)).unwrap();
    assert_eq!(response.authenticated_consumer.as_deref(), Some(holder.certificate().subject()));
}

#[tokio::test]
async fn the_assertion_says_what_was_claimed_for_an_hour() {
    let client = Client::shared();
    let before = SystemTime::now();

    let token = token(&client, &client.identity("ehealth.identity")).await;

    assert_eq!(token.issuer(), "urn:be:fgov:ehealth:sts:1_0");
    let attributes: Vec<_> = token
        .attributes()
        .iter()
        .map(|attribute| (attribute.name(), attribute.namespace(), attribute.values()[0].as_str()))
        .collect();
    assert_eq!(
        attributes,
        [
            (NUMBER, "urn:be:fgov:identification-namespace", "71089914"),
            (RECOGNISED, "urn:be:fgov:certified-namespace:ehealth", "true"),
        ]
    );
    let (from, to) = (token.conditions().not_before(), token.conditions().not_on_or_after());
    assert_eq!(to.duration_since(from).unwrap(), Duration::from_secs(65 * 60));
    assert!(from < before && to > before + Duration::from_secs(59 * 60));
}

#[tokio::test]
async fn a_requested_lifetime_is_honoured_within_a_day() {
    let client = Client::shared();
    let holder = client.identity("ehealth.identity");
    let now = SystemTime::now();
    let hours = |hours: u64| {
        let expires = now + Duration::from_secs(hours * 3600);
        request(&holder, claims("71089914")).with_lifetime(Lifetime { created: now, expires })
    };

    let token = exchange(&client, &TokenExchange::new(hours(12)), &holder, &holder).await;
    // What would not be sent is written by hand.
    let payload = hours(25).to_xml().unwrap();
    let message = signed(&write_envelope(&payload), &holder, SystemTime::now());
    let refused = client.soap(STS, Operation::REQUEST_SECURITY_TOKEN, &message).await.fault();

    let life = token.conditions().not_on_or_after().duration_since(now).unwrap();
    assert_eq!(life.as_secs().div_ceil(60), 12 * 60);
    assert!(refused.is_ws_trust("InvalidTimeRange"), "{refused}");
}

#[tokio::test]
async fn a_claim_that_is_named_twice_is_refused_as_the_platform_does() {
    let client = Client::shared();
    let identity = client.identity("ehealth.identity");
    let once = request(&identity, claims("71089914")).to_xml().unwrap();
    let twice = once.replace(RECOGNISED, NUMBER);

    let message = signed(&write_envelope(&twice), &identity, SystemTime::now());
    let fault = client.soap(STS, Operation::REQUEST_SECURITY_TOKEN, &message).await.fault();

    assert!(fault.is_ws_trust("InvalidRequest"));
    assert_eq!(fault.text(), "The request was invalid or malformed");
    let error = fault.soa_error.unwrap();
    assert_eq!((error.kind, error.origin.as_str()), (SoaErrorKind::Business, "Client"));
    assert_eq!(error.code, "wst:InvalidRequest");
    let texts: Vec<_> = error.messages.into_iter().map(|message| message.text.as_str().to_owned()).collect();
    assert_eq!(
        texts,
        ["Message not properly encoded".to_owned(), format!("Attribute {NUMBER}\nmultiple times found.")]
    );
}

#[tokio::test]
async fn a_number_that_is_not_in_the_certificate_is_refused() {
    let client = Client::shared();
    let identity = client.identity("ehealth.identity");
    let mut person = Claims::default();
    person.insert(ClaimType::certified("urn:be:fgov:person:ssin")).unwrap();

    for claims in [claims("71089915"), person] {
        let exchange = TokenExchange::new(request(&identity, claims));

        let fault = ask(&client, &exchange, &identity).await.fault();

        assert!(fault.is_ws_trust("InvalidRequest"), "{fault}");
        assert!(was_refused(&SHARED, "structure", "Unproven"));
    }
}

#[tokio::test]
async fn a_challenge_is_answered_by_the_key_the_request_names_and_once() {
    let client = Client::shared();
    let (holder, other) = (client.identity("ehealth.identity"), client.identity("ehealth.identity_ec"));
    let exchange = TokenExchange::new(request(&holder, claims("71089914")));
    let failed = |fault: Fault, reason: &str| {
        assert!(fault.is_ws_trust("FailedAuthentication"), "{fault}");
        assert!(was_refused(&SHARED, "structure", reason), "{reason}");
    };

    let first = challenge(&client, &exchange, &holder).await;
    failed(answer(&client, &first, &other).await.fault(), "HolderMismatch");
    failed(answer(&client, &first, &holder).await.fault(), "ChallengeUnknown");

    let second = challenge(&client, &exchange, &holder).await;
    assert_eq!(answer(&client, &second, &holder).await.status, 200);
    failed(answer(&client, &second, &holder).await.fault(), "ChallengeUnknown");

    let invented = SignChallenge::new("RC-1", "c3ludGhldGljLWNoYWxsZW5nZQ==");
    failed(answer(&client, &invented, &holder).await.fault(), "ChallengeUnknown");

    let third = challenge(&client, &exchange, &holder).await;
    let stranger = Client::shown(&SHARED, Some("ehealth.identity_ec"));
    failed(answer(&stranger, &third, &holder).await.fault(), "PeerMismatch");
}

#[tokio::test]
async fn a_challenge_is_bound_to_its_context() {
    let client = Client::shared();
    let holder = client.identity("ehealth.identity");
    let exchange = TokenExchange::new(request(&holder, claims("71089914")));
    let challenge = challenge(&client, &exchange, &holder).await;
    let moved = SignChallenge::new("RC-other", challenge.challenge());

    let fault = answer(&client, &moved, &holder).await.fault();

    assert!(fault.is_ws_trust("InvalidRequest"), "{fault}");
    assert!(was_refused(&SHARED, "structure", "ContextMismatch"));
}

#[tokio::test]
async fn a_challenge_and_a_token_end() {
    let ahead = Arc::new(AtomicU64::new(0));
    let clock = ahead.clone();
    let now = move || SystemTime::now() + Duration::from_secs(clock.load(Ordering::Relaxed));
    let simulator = Simulator::start(Options::default().clock(now.clone())).await.unwrap();
    let client = Client::of(&simulator);
    let holder = client.identity("ehealth.identity");
    let exchange = TokenExchange::new(request(&holder, claims("71089914")));
    let token = token(&client, &holder).await;
    let late = challenge(&client, &exchange, &holder).await;

    ahead.store(301, Ordering::Relaxed);
    let payload = late.response().to_xml();
    let message = signed(&write_envelope(&payload), &holder, now());
    let fault = client.soap(STS, Operation::CHALLENGE, &message).await.fault();
    assert!(fault.is_ws_trust("FailedAuthentication"), "{fault}");
    assert!(was_refused(&simulator, "structure", "ChallengeUnknown"));

    ahead.store(3_700, Ordering::Relaxed);
    let fault = brokered_at(&client, &token, &holder, now()).await.fault();
    assert_eq!(fault.service_code(), "SOA-01001");
    assert!(was_refused(&simulator, "assertion", "AssertionExpired"));
}

#[tokio::test]
async fn a_token_may_come_at_once_where_nothing_is_left_to_prove() {
    let simulator = Simulator::start(Options::default().challenges(Challenges::UnlessProven)).await.unwrap();
    let client = Client::of(&simulator);
    let (holder, requester) = (client.identity("ehealth.identity"), client.identity("ehealth.identity_ec"));
    let exchange = TokenExchange::new(request(&holder, claims("71089914")));

    let own = step(&client, &exchange, &holder).await;
    let for_another = step(&client, &exchange, &requester).await;

    assert!(matches!(own, Step::Token(_)), "{own:?}");
    assert!(matches!(for_another, Step::Challenge(_)), "{for_another:?}");

    let simulator = Simulator::start(Options::default().challenges(Challenges::Never)).await.unwrap();
    let client = Client::of(&simulator);
    let (holder, requester) = (client.identity("ehealth.identity"), client.identity("ehealth.identity_ec"));
    let exchange = TokenExchange::new(request(&holder, claims("71089914")));
    let for_another = step(&client, &exchange, &requester).await;
    assert!(matches!(for_another, Step::Token(_)), "{for_another:?}");
    assert_eq!(simulator.issued_tokens(), 1);
}

#[tokio::test]
async fn a_request_is_authenticated_first() {
    let client = Client::shared();
    let stranger = client.identity("simulator.stranger");
    let unsigned = write_envelope(&request(&stranger, claims("71089914")).to_xml().unwrap());

    for message in [signed(&unsigned, &stranger, SystemTime::now()), unsigned] {
        let fault = client.soap(STS, Operation::REQUEST_SECURITY_TOKEN, &message).await.fault();

        assert_eq!(fault.text(), "SOA-01001: Service call not authenticated.");
    }
}

#[tokio::test]
async fn the_brokered_service_wants_the_holder_and_an_untouched_token() {
    let client = Client::shared();
    let (holder, other) = (client.identity("ehealth.identity_ec"), client.identity("simulator.stranger"));
    let token = token(&client, &holder).await;

    let fault = brokered(&client, &token, &other).await.fault();
    assert_eq!(fault.text(), "SOA-01001: Service call not authenticated.");
    assert!(was_refused(&SHARED, "hok", "NotHolder"));

    let message = brokered_message(&token, &holder, SystemTime::now());
    let touched = message.replace("<AttributeValue>true<", "<AttributeValue>false<");
    assert_ne!(touched, message);
    let operation = IntegrationTest::BrokeredAccessControl.operation();
    let fault = client.soap("ehealth.consumer_test", operation, &touched).await.fault();
    assert_eq!(fault.service_code(), "SOA-01001");
    assert!(was_refused(&SHARED, "digest", "DigestMismatch"));
}

pub(crate) async fn token(client: &Client, holder: &Identity) -> VerifiedAssertion {
    let exchange = TokenExchange::new(request(holder, claims("71089914")));
    self::exchange(client, &exchange, &client.identity("ehealth.identity"), holder).await
}

pub(crate) async fn exchange(
    client: &Client,
    exchange: &TokenExchange,
    requester: &Identity,
    holder: &Identity,
) -> VerifiedAssertion {
    let challenge = challenge(client, exchange, requester).await;
    let answer = answer(client, &challenge, holder).await;
    assert_eq!(answer.status, 200, "{}", answer.envelope);
    let (octets, trust) = (answer.envelope.as_bytes(), client.assertion_trust());
    exchange.read_last(octets, &trust, &Policy::default(), SystemTime::now()).unwrap()
}

pub(crate) async fn challenge(
    client: &Client,
    exchange: &TokenExchange,
    requester: &Identity,
) -> SignChallenge {
    match step(client, exchange, requester).await {
        Step::Challenge(challenge) => challenge,
        Step::Token(_) => panic!("no challenge"),
    }
}

pub(crate) async fn step(client: &Client, exchange: &TokenExchange, requester: &Identity) -> Step {
    let answer = ask(client, exchange, requester).await;
    assert_eq!(answer.status, 200, "{}", answer.envelope);
    let trust = client.assertion_trust();
    exchange.read(answer.envelope.as_bytes(), &trust, &Policy::default(), SystemTime::now()).unwrap()
}

pub(crate) async fn ask(client: &Client, exchange: &TokenExchange, requester: &Identity) -> SoapAnswer {
    let options = SigningOptions::default();
    let message = exchange.request(requester, &ids(), SystemTime::now(), &options).unwrap();
    client.soap(STS, Operation::REQUEST_SECURITY_TOKEN, &message).await
}

pub(crate) async fn answer(client: &Client, challenge: &SignChallenge, holder: &Identity) -> SoapAnswer {
    let payload = challenge.response().to_xml();
    let message = signed(&write_envelope(&payload), holder, SystemTime::now());
    client.soap(STS, Operation::CHALLENGE, &message).await
}

pub(crate) async fn brokered(client: &Client, token: &VerifiedAssertion, signer: &Identity) -> SoapAnswer {
    brokered_at(client, token, signer, SystemTime::now()).await
}

pub(crate) async fn brokered_at(
    client: &Client,
    token: &VerifiedAssertion,
    signer: &Identity,
    now: SystemTime,
) -> SoapAnswer {
    let operation = IntegrationTest::BrokeredAccessControl.operation();
    client.soap("ehealth.consumer_test", operation, &brokered_message(token, signer, now)).await
}

fn brokered_message(token: &VerifiedAssertion, signer: &Identity, now: SystemTime) -> String {
    let test = IntegrationTest::BrokeredAccessControl;
    let request = IntegrationTestRequest { test, message: "Hello World".into(), timestamp: now };
    let envelope = write_envelope(&request.to_xml().unwrap());
    let options = SigningOptions::default();
    sign_holder_of_key(envelope.as_bytes(), token.token(), signer.key(), &ids(), now, &options).unwrap()
}

pub(crate) fn request(holder: &Identity, claims: Claims) -> RequestSecurityToken {
    RequestSecurityToken::issue("RC-1", claims, holder.certificate().clone())
}

pub(crate) fn claims(number: &str) -> Claims {
    let mut claims = Claims::default();
    claims.insert(ClaimType::asserted(NUMBER, number)).unwrap();
    claims.insert(ClaimType::certified(RECOGNISED)).unwrap();
    claims
}
