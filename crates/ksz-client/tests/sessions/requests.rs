//! How often the token service is asked.

use crate::world::{NUMBER, RECOGNISED, Scene, call, calls, claims, settled};
use ksz_client::{RenewWith, RenewalPoint, Session};
use ksz_sim::Treatment;
use ksz_sts::{ClaimType, Claims};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_on_an_expired_session_make_one_token_request() {
    let scene = Scene::new().await;
    let holder = scene.identity("identity_ec");
    let session = scene.client.ehealth().session(claims()).holder(holder).await.unwrap();
    // A connection that is new does not know yet how many requests it may carry at once.
    call(&session).await.unwrap();
    scene.watch.pass(2 * 3_600);

    let outcomes = calls(&session, 1_000).await;

    let failed: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert!(failed.is_empty(), "{} failed, the first: {}", failed.len(), failed[0]);
    assert_eq!(scene.token_requests(), 2, "one for the first token, one for the thousand");
    assert_eq!(scene.count("checkBrokeredAccessControl"), 1_001);
}

#[tokio::test]
async fn a_call_carries_the_token_and_asks_for_none_while_it_holds() {
    let scene = Scene::new().await;
    let session = scene.session().await;

    for _ in 0..3 {
        let answer = call(&session).await.unwrap();
        assert!(String::from_utf8_lossy(answer.envelope()).contains("hello"));
    }

    assert_eq!((scene.token_requests(), session.status().requests), (1, 1));
}

#[tokio::test]
async fn sessions_with_the_same_keys_claims_and_lifetime_share_a_token_and_others_do_not() {
    let scene = Scene::new().await;
    let ehealth = scene.client.ehealth();
    let session = scene.session().await;
    let mut reversed = Claims::default();
    reversed.insert(ClaimType::certified(RECOGNISED)).unwrap();
    reversed.insert(ClaimType::asserted(NUMBER, "71089914")).unwrap();
    let again = ehealth.session(reversed).await.unwrap();
    assert_eq!((again.key(), scene.token_requests()), (session.key(), 1));

    let mut fewer = Claims::default();
    fewer.insert(ClaimType::certified(RECOGNISED)).unwrap();
    let mut certified = Claims::default();
    certified.insert(ClaimType::certified(NUMBER)).unwrap();
    certified.insert(ClaimType::certified(RECOGNISED)).unwrap();
    let (rsa, ec) = (scene.identity("identity"), scene.identity("identity_ec"));
    let others = [
        ehealth.session(fewer),
        ehealth.session(certified),
        ehealth.session(claims()).lifetime(Duration::from_secs(600)),
        ehealth.session(claims()).holder(ec.clone()),
        ehealth.session(claims()).holder(ec.clone()).identification(rsa),
        ehealth.session(claims()).identification(ec),
    ];
    let mut keys = vec![*session.key()];
    for other in others {
        keys.push(*other.open().unwrap().key());
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 7);
    assert_eq!(scene.token_requests(), 1, "nothing is asked for a session that is only opened");
}

#[tokio::test]
async fn a_session_that_is_opened_for_each_call_keeps_its_token() {
    let scene = Scene::new().await;
    for _ in 0..3 {
        let session = scene.session().await;
        call(&session).await.unwrap();
    }
    assert_eq!(scene.token_requests(), 1);
}

#[tokio::test]
async fn one_key_identifies_and_another_holds_the_token_and_signs() {
    let scene = Scene::new().await;
    let (rsa, ec) = (scene.identity("identity"), scene.identity("identity_ec"));
    let session =
        scene.client.ehealth().session(claims()).identification(rsa).holder(ec.clone()).await.unwrap();

    assert_eq!(session.token().await.unwrap().holder(), ec.certificate());
    call(&session).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_renewed_at_half_of_its_life_by_one_request_and_nobody_waits() {
    let scene = Scene::new().await;
    let (release, held) = mpsc::channel::<()>();
    let held = Arc::new(Mutex::new(held));
    let point = RenewalPoint::new(0.5, 0.0).unwrap();
    let session = scene.client.ehealth().session(claims()).renewal_point(point).await.unwrap();
    let first = session.token().await.unwrap();
    scene.watch.pass(1_799);
    call(&session).await.unwrap();
    assert_eq!(session.status().requests, 1, "not before half of the hour");

    scene.interfere(move |operation, _| {
        if operation == "RequestSecurityToken" {
            held.lock().unwrap().recv().unwrap();
        }
        Treatment::Usual
    });
    scene.watch.pass(1);
    for _ in 0..20 {
        let present = session.token().await.unwrap();
        assert_eq!(present.assertion_id(), first.assertion_id(), "while the service is thinking");
    }
    assert!(session.status().is_asking);
    release.send(()).unwrap();
    settled(&session).await;

    assert_ne!(session.token().await.unwrap().assertion_id(), first.assertion_id());
    assert_eq!(scene.token_requests(), 2);
}

#[tokio::test]
async fn conditions_decide_when_a_token_is_renewed_and_not_what_was_asked_for() {
    let scene = Scene::new().await;
    let builder = scene.client.ehealth().session(claims()).lifetime(Duration::from_secs(600));
    let session = builder.await.unwrap();

    let token = session.token().await.unwrap();
    let times = session.status().token.unwrap();

    assert_eq!(times.not_on_or_after, token.conditions().not_on_or_after());
    let now = ksz_client::Clock::now(&scene.watch);
    let until_renewal = times.renewal_at.duration_since(now).unwrap().as_secs();
    assert!((270..=330).contains(&until_renewal), "{until_renewal}");
    let whole_hour = scene.session().await.status().token.unwrap();
    let left = whole_hour.not_on_or_after.duration_since(now).unwrap();
    assert_eq!(left.as_secs(), 3_600, "nothing was asked for, and the service gives an hour");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_is_cancelled_cancels_nothing() {
    let scene = Scene::new().await;
    let (arrived, arrival) = mpsc::channel::<()>();
    let (release, held) = mpsc::channel::<()>();
    let held = Arc::new(Mutex::new(held));
    scene.interfere(move |operation, _| {
        if operation == "RequestSecurityToken" {
            arrived.send(()).unwrap();
            held.lock().unwrap().recv().unwrap();
        }
        Treatment::Usual
    });
    let session = scene.client.ehealth().session(claims()).open().unwrap();

    let first = tokio::spawn(asking(session.clone()));
    tokio::task::spawn_blocking(move || arrival.recv().unwrap()).await.unwrap();
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let second = tokio::spawn(asking(session.clone()));
    release.send(()).unwrap();

    assert!(second.await.unwrap().is_ok());
    assert_eq!(scene.token_requests(), 1);
}

async fn asking(session: Session) -> Result<(), ksz_client::Error> {
    session.token().await.map(|_| ())
}

#[tokio::test]
async fn a_caller_who_wants_another_token_gets_one_and_one_who_forgets_it_starts_anew() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    let first = session.token().await.unwrap();

    let second = session.renew().await.unwrap();
    assert_ne!(second.assertion_id(), first.assertion_id());
    assert_eq!(session.token().await.unwrap().assertion_id(), second.assertion_id());

    session.forget().await.unwrap();
    assert_eq!(session.status().token, None);
    call(&session).await.unwrap();
    assert_eq!(scene.token_requests(), 3);
}

#[tokio::test]
async fn a_session_may_have_its_token_renewed_as_long_as_it_holds() {
    let scene = Scene::new().await;
    let renewals = Arc::new(Mutex::new(Vec::new()));
    let seen = renewals.clone();
    scene.interfere(move |operation, message| {
        if operation == "RequestSecurityToken" {
            seen.lock().unwrap().push(String::from_utf8_lossy(message).contains("RenewTarget"));
        }
        Treatment::Usual
    });
    let point = RenewalPoint::new(0.5, 0.0).unwrap();
    let session = scene.client.ehealth().session(claims()).renewal_point(point).renew_with(RenewWith::Renew);
    let session = session.await.unwrap();
    let first = session.token().await.unwrap();

    scene.watch.pass(1_800);
    call(&session).await.unwrap();
    settled(&session).await;
    let second = session.token().await.unwrap();
    scene.watch.pass(2 * 3_600);
    call(&session).await.unwrap();

    assert_eq!(second.attributes(), first.attributes());
    assert_ne!(second.assertion_id(), first.assertion_id());
    assert_eq!(*renewals.lock().unwrap(), [false, true, false]);
}

#[tokio::test]
async fn what_the_service_does_not_renew_it_is_asked_to_issue() {
    let scene = Scene::new().await;
    let session = scene.client.ehealth().session(claims()).renew_with(RenewWith::Renew).await.unwrap();
    let first = session.token().await.unwrap();
    scene.interfere(|_, message| {
        let is_renewal = String::from_utf8_lossy(message).contains("RenewTarget");
        if is_renewal { Treatment::NotAuthenticated } else { Treatment::Usual }
    });

    let second = session.renew().await.unwrap();

    assert_ne!(second.assertion_id(), first.assertion_id());
    assert_eq!((scene.token_requests(), session.status().requests), (3, 3));

    scene.interfere(|operation, _| match operation {
        "RequestSecurityToken" => Treatment::NotAuthenticated,
        _ => Treatment::Usual,
    });
    scene.watch.pass(2 * 3_600);
    session.token().await.unwrap_err();
    assert_eq!(scene.token_requests(), 4, "what is over is not renewed, so it is asked for once");
}
