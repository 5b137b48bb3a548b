//! The token service, the line to it or the runtime fails.

use crate::world::{Scene, call, calls, claims, settled};
use ksz_client::{Error, FileSessionStore, MemorySessionStore, SessionStore, SessionStoreKey, TokenRequest};
use ksz_error::Kind;
use ksz_sim::Treatment;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
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

/// A token request, held back in the token service until the test is over.
fn hold_back_first_request(scene: &Scene) -> mpsc::Sender<()> {
    let (release, held) = mpsc::channel::<()>();
    let first = Mutex::new(Some(held));
    scene.interfere(move |operation, _| {
        let first = (operation == "RequestSecurityToken").then(|| first.lock().unwrap().take()).flatten();
        if let Some(held) = first {
            let _ = held.recv();
        }
        Treatment::Usual
    });
    release
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_in_a_runtime_that_stands_still_is_given_up_after_a_while() {
    let scene = Scene::new().await;
    let session = scene.client.ehealth().session(claims()).open().unwrap();
    let elsewhere = session.clone();
    let standing = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut asking = pin!(elsewhere.token());
            let is_waiting = poll_fn(|context| Poll::Ready(asking.as_mut().poll(context).is_pending())).await;
            assert!(is_waiting);
        });
        runtime
    })
    .join()
    .unwrap();
    assert!(session.status().is_asking);

    scene.watch.pass(3_600);
    call(&session).await.unwrap();

    standing.shutdown_background();
    call(&session).await.unwrap();
    assert_eq!(session.status().requests, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runtime_that_ends_holds_nobody_up() {
    let scene = Scene::new().await;
    let session = scene.client.ehealth().session(claims()).open().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let handle = runtime.handle().clone();
    runtime.shutdown_background();
    let (here, (done, outcome)) = (session.clone(), mpsc::channel());
    std::thread::spawn(move || {
        let _guard = handle.enter();
        let mut asking = pin!(here.token());
        let poll = asking.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        done.send(matches!(poll, Poll::Ready(Err(Error::TokenRequestInterrupted)))).unwrap();
    });

    let waited = tokio::task::spawn_blocking(move || outcome.recv_timeout(Duration::from_secs(60)));
    assert_eq!(waited.await.unwrap(), Ok(true), "it answers, and the session is free");
    call(&session).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_forgotten_does_not_come_back_with_a_request_under_way() {
    let store = Arc::new(MemorySessionStore::default());
    let scene = Scene::with(|builder| builder.session_store(store.clone())).await;
    let session = scene.session().await;
    let release = hold_back_first_request(&scene);
    let asking = session.clone();
    let renewal = tokio::spawn(async move { asking.renew().await });
    while !session.status().is_asking {
        tokio::task::yield_now().await;
    }

    session.forget().await.unwrap();
    release.send(()).unwrap();
    renewal.await.unwrap().unwrap();

    assert_eq!(session.status().token, None);
    assert_eq!(store.load(session.key()).await.unwrap(), None);
    call(&session).await.unwrap();
    assert_eq!(scene.token_requests(), 3);
}

#[tokio::test]
async fn a_life_that_nobody_gives_is_not_asked_for() {
    let scene = Scene::new().await;
    let too_long = [Duration::MAX, Duration::from_secs(25 * 3_600)];
    for lifetime in too_long {
        let session = scene.client.ehealth().session(claims()).lifetime(lifetime).open();
        assert!(matches!(session, Err(Error::SettingNotAccepted { .. })));
        let asked = TokenRequest::new(&scene.client, claims()).lifetime(lifetime).send(|_| ()).await;
        assert!(matches!(asked, Err(Error::Sts(ksz_sts::Error::LifetimeNotAccepted { .. }))), "{asked:?}");
    }
    assert_eq!(scene.token_requests(), 0);
}

#[tokio::test]
async fn a_token_that_is_over_is_not_sent_by_hand_either() {
    let scene = Scene::new().await;
    let token = scene.session().await.token().await.unwrap();
    scene.watch.pass(3_600);

    let outcome = scene.client.ehealth().check_brokered_access_control(&token, "hello").await;

    assert!(matches!(outcome, Err(Error::Sts(ksz_sts::Error::AssertionExpired { .. }))), "{outcome:?}");
    assert_eq!(scene.count("checkBrokeredAccessControl"), 0);
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
