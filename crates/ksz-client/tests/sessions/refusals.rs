//! A service refuses a token that should hold.

use crate::world::{Scene, call, call_with, calls, claims};
use ksz_client::Error;
use ksz_sim::Treatment;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const CALL: &str = "checkBrokeredAccessControl";

#[tokio::test]
async fn a_refused_token_is_dropped_once_and_the_call_signed_afresh_succeeds() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    let refused = session.token().await.unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    refuse_token(&scene, refused.assertion_id(), move |message| log.lock().unwrap().push(message.to_vec()));

    call(&session).await.unwrap();
    call(&session).await.unwrap();

    assert_eq!((scene.token_requests(), scene.count(CALL)), (2, 3));
    assert_ne!(session.token().await.unwrap().assertion_id(), refused.assertion_id());
    let seen = seen.lock().unwrap();
    let value = |message: &[u8]| {
        let text = String::from_utf8(message.to_vec()).unwrap();
        text.rsplit_once("SignatureValue>").unwrap().0.rsplit_once("SignatureValue>").unwrap().1.to_owned()
    };
    assert_ne!(value(&seen[0]), value(&seen[1]));
}

#[tokio::test]
async fn a_second_refusal_is_returned_with_the_first_and_nobody_asks_again() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    scene.interfere(|operation, _| match operation {
        CALL => Treatment::NotAuthenticated,
        _ => Treatment::Usual,
    });

    let error = call(&session).await.unwrap_err();

    let Error::TokenRefused { first, then } = &error else { panic!("{error:?}") };
    let ticket = |error: &Error| error.fault().unwrap().ticket().map(str::to_owned);
    assert_ne!(ticket(first), ticket(then), "two refusals, each with its own ticket");
    assert_eq!(error.fault(), then.fault());
    assert!(error.to_string().contains("refused before"), "{error}");
    assert_eq!((scene.token_requests(), scene.count(CALL)), (2, 2));

    for _ in 0..5 {
        let again = call(&session).await.unwrap_err();
        assert_eq!(again.fault().unwrap().service_code(), "SOA-01001");
    }
    assert_eq!((scene.token_requests(), scene.count(CALL)), (2, 7), "a service that refuses everybody");
}

#[tokio::test]
async fn a_replacement_that_was_accepted_once_may_be_replaced_again() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    for requests in [2, 3] {
        refuse_token(&scene, session.token().await.unwrap().assertion_id(), |_| ());
        call(&session).await.unwrap();
        assert_eq!(scene.token_requests(), requests);
        scene.watch.pass(300);
    }
}

#[tokio::test]
async fn a_service_that_refuses_what_another_accepts_does_not_keep_the_token_service_busy() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    refuse_marked(&scene);

    for _ in 0..10 {
        call(&session).await.unwrap();
        let refusal = call_with(&session, MARK).await.unwrap_err();
        assert_eq!(refusal.fault().unwrap().service_code(), "SOA-01001");
    }
    assert_eq!(scene.token_requests(), 2);

    scene.watch.pass(301);
    call_with(&session, MARK).await.unwrap_err();
    assert_eq!(scene.token_requests(), 3);
}

#[tokio::test]
async fn a_refusal_by_one_service_takes_the_token_from_no_other_while_there_is_no_other_token() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    refuse_marked(&scene);
    scene.line.cut();

    let refusal = call_with(&session, MARK).await.unwrap_err();
    assert!(matches!(refusal, Error::TokenRefused { .. }), "{refusal:?}");
    for _ in 0..3 {
        call(&session).await.unwrap();
    }
}

#[tokio::test]
async fn what_comes_of_the_second_attempt_is_an_answer_of_its_own() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    let operation = ksz_soap::IntegrationTest::BrokeredAccessControl;
    refuse_token(&scene, session.token().await.unwrap().assertion_id(), |_| ());

    let error = session.call(operation, "<a xmlns='urn:a'/>").await.unwrap_err();

    assert!(matches!(&error, Error::Soap(_)), "{error:?}");
    assert_eq!(error.fault().unwrap().service_code(), "SOA-03005");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_that_are_refused_at_once_make_one_request() {
    let scene = Scene::new().await;
    let session =
        scene.client.ehealth().session(claims()).holder(scene.identity("identity_ec")).await.unwrap();
    // A connection that is new does not know yet how many requests it may carry at once.
    call(&session).await.unwrap();
    refuse_token(&scene, session.token().await.unwrap().assertion_id(), |_| ());

    let outcomes = calls(&session, 1_000).await;

    let failed: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert!(failed.is_empty(), "{} failed, the first: {:?}", failed.len(), failed[0]);
    assert_eq!(scene.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_other_token_is_to_be_had_the_refusal_is_not_forgotten() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    let is_refusing = Arc::new(AtomicBool::new(true));
    let refusing = is_refusing.clone();
    scene.interfere(move |operation, _| match operation {
        CALL if refusing.load(Ordering::SeqCst) => Treatment::NotAuthenticated,
        _ => Treatment::Usual,
    });
    scene.line.cut();

    let outcomes = calls(&session, 40).await;
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        match &error {
            Error::TokenRefused { first, then } => {
                assert_eq!(first.fault().unwrap().service_code(), "SOA-01001");
                assert!(matches!(**then, Error::Transport(_)), "{then:?}");
            }
            // Began when the token was gone already, or came back when asking had failed.
            other => assert!(matches!(other, Error::Transport(_) | Error::Soap(_)), "{other:?}"),
        }
    }
    assert_eq!(scene.token_requests(), 1);

    // The token may not have been the reason: it stays in use.
    is_refusing.store(false, Ordering::SeqCst);
    call(&session).await.unwrap();
    scene.line.mend().await;
    assert_eq!(scene.token_requests(), 1);
}

#[tokio::test]
async fn another_fault_changes_nothing() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    let before = session.token().await.unwrap();

    let operation = ksz_soap::IntegrationTest::BrokeredAccessControl;
    let error = session.call(operation, "<a xmlns='urn:a'/>").await.unwrap_err();

    assert_eq!(error.fault().unwrap().service_code(), "SOA-03005");
    assert_eq!(session.token().await.unwrap().assertion_id(), before.assertion_id());
    assert_eq!(scene.token_requests(), 1);
}

/// What a message says that is refused, whatever its token.
const MARK: &str = "to a service that refuses everybody";

fn refuse_marked(scene: &Scene) {
    scene.interfere(|operation, message| {
        let is_marked = operation == CALL && String::from_utf8_lossy(message).contains(MARK);
        if is_marked { Treatment::NotAuthenticated } else { Treatment::Usual }
    });
}

/// Calls that carry this token are refused.
fn refuse_token(scene: &Scene, assertion_id: &str, see: impl Fn(&[u8]) + Send + Sync + 'static) {
    let id = assertion_id.to_owned();
    scene.interfere(move |operation, message| {
        if operation != CALL {
            return Treatment::Usual;
        }
        see(message);
        if String::from_utf8_lossy(message).contains(&id) {
            Treatment::NotAuthenticated
        } else {
            Treatment::Usual
        }
    });
}
