//! The token service, the line to it or the runtime fails.

use crate::world::{Scene, call, calls, claims, settled};
use ksz_client::{Error, FileSessionStore, SessionStoreKey};
use ksz_error::Kind;
use ksz_sim::Treatment;
use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use tokio::sync::oneshot;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_calls_succeed_with_a_token_that_holds_while_the_token_service_is_down() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    scene.line.cut();

    // From the first minute to the last, through many failed renewals.
    for _ in 0..35 {
        scene.watch.pass(100);
        for outcome in calls(&session, 4).await {
            outcome.unwrap();
        }
        settled(&session).await;
    }

    let status = session.status();
    assert!((5..=17).contains(&status.failures), "tried again, and not at each call: {}", status.failures);
    assert_eq!(scene.token_requests(), 1);
    scene.line.mend().await;
    scene.watch.pass(301);
    call(&session).await.unwrap();
    assert_eq!((scene.token_requests(), session.status().failures), (2, 0));
}

#[tokio::test]
async fn a_failed_renewal_is_reported_and_tried_again_after_a_while() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    scene.line.cut();
    scene.watch.pass(2_000);

    for _ in 0..10 {
        session.token().await.unwrap();
        settled(&session).await;
    }
    let status = session.status();
    assert_eq!((status.failures, status.requests), (1, 2), "ten calls, one attempt");
    let failure = status.last_failure.unwrap();
    assert_eq!(failure.error.kind(), Kind::Transport);
    assert!(status.token.is_some());

    scene.watch.pass(1);
    session.token().await.unwrap();
    settled(&session).await;
    assert_eq!(session.status().failures, 2);
    scene.line.mend().await;
    scene.watch.pass(2);
    session.token().await.unwrap();
    settled(&session).await;
    let status = session.status();
    assert_eq!((status.failures, status.last_failure), (0, None));
    assert_eq!(scene.token_requests(), 2);
}

#[tokio::test]
async fn an_expired_token_is_never_sent() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    scene.line.cut();

    for seconds in [3_589, 1, 600] {
        scene.watch.pass(seconds);
        let is_over = seconds != 3_589;
        let outcome = call(&session).await;
        settled(&session).await;
        assert_eq!(outcome.is_err(), is_over, "{outcome:?}");
        assert_eq!(session.status().token.is_none(), is_over);
    }

    assert_eq!(scene.count("checkBrokeredAccessControl"), 1);
}

#[tokio::test]
async fn a_token_service_that_dies_in_the_middle_of_the_challenge_costs_the_call_and_no_more() {
    let scene = Scene::new().await;
    let cut = scene.line.cutter();
    scene.interfere(move |operation, _| {
        if operation == "Challenge" {
            cut();
        }
        Treatment::Usual
    });
    let session = scene.client.ehealth().session(claims()).open().unwrap();

    let error = call(&session).await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    assert_eq!(scene.count("checkBrokeredAccessControl"), 0);

    scene.interfere(|_, _| Treatment::Usual);
    scene.line.mend().await;
    call(&session).await.unwrap();
    assert_eq!(scene.token_requests(), 2);
}

#[tokio::test]
async fn a_renewal_that_dies_in_the_middle_of_the_challenge_leaves_the_token_in_use() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    let cut = scene.line.cutter();
    scene.interfere(move |operation, _| {
        if operation == "Challenge" {
            cut();
        }
        Treatment::Usual
    });
    scene.watch.pass(2_000);

    for _ in 0..5 {
        call(&session).await.unwrap();
        settled(&session).await;
    }

    assert_eq!((session.status().failures, scene.token_requests()), (1, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_is_not_lost_with_the_runtime_in_which_the_request_was_made() {
    let scene = Scene::new().await;
    let (arrived, arrival) = mpsc::channel::<()>();
    let (release, held) = mpsc::channel::<()>();
    let first = Mutex::new(Some((arrived, held)));
    scene.interfere(move |operation, _| {
        let first = (operation == "RequestSecurityToken").then(|| first.lock().unwrap().take()).flatten();
        if let Some((arrived, held)) = first {
            arrived.send(()).unwrap();
            // The test is over, or wants it to go on.
            let _ = held.recv();
        }
        Treatment::Usual
    });
    let session = scene.client.ehealth().session(claims()).open().unwrap();
    let (elsewhere, (stop, stopped)) = (session.clone(), oneshot::channel::<()>());
    let other_runtime = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            tokio::spawn(async move { elsewhere.token().await.map(|_| ()) });
            stopped.await.unwrap();
        });
    });
    tokio::task::spawn_blocking(move || arrival.recv().unwrap()).await.unwrap();

    let here = session.clone();
    let waiting = tokio::spawn(async move { here.token().await.map(|_| ()) });
    tokio::task::yield_now().await;
    stop.send(()).unwrap();
    other_runtime.join().unwrap();

    waiting.await.unwrap().unwrap();
    drop(release);
    call(&session).await.unwrap();
    assert_eq!(session.status().requests, 2);
}

#[test]
fn without_a_runtime_nobody_can_ask() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let scene = runtime.block_on(Scene::new());
    let folder = tempfile::tempdir().unwrap();
    let store = FileSessionStore::open(folder.path(), &SessionStoreKey::new([7; 32])).unwrap();
    let client = scene.other_client(|builder| builder.session_store(Arc::new(store)));
    let session = client.ehealth().session(claims()).open().unwrap();

    let mut asking = pin!(session.token());
    let outcome = asking.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(outcome, Poll::Ready(Err(Error::NoRuntime))));
    let mut forgetting = pin!(session.forget());
    let outcome = forgetting.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(outcome, Poll::Ready(Err(Error::NoRuntime)));
}
