//! Somebody sets the clock of the machine.

use crate::world::{Scene, call, settled};
use ksz_client::Error;

const TEN_MINUTES: u64 = 600;

#[tokio::test]
async fn a_clock_that_is_set_forward_ends_a_token_with_less_left() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    scene.watch.pass(3_100);
    let old = session.token().await.unwrap();
    settled(&session).await;
    assert_eq!(scene.token_requests(), 2, "past half of its life it was renewed");
    scene.watch.pass(3_100);
    session.token().await.unwrap();
    settled(&session).await;
    let renewed = session.token().await.unwrap();
    assert_ne!(renewed.assertion_id(), old.assertion_id());

    scene.watch.set_forward(TEN_MINUTES);
    call(&session).await.unwrap();
    assert_eq!(session.token().await.unwrap().assertion_id(), renewed.assertion_id(), "most was left of it");
    assert_eq!(scene.token_requests(), 3);

    scene.line.cut();
    scene.watch.pass(2_700);
    call(&session).await.unwrap();
    settled(&session).await;
    scene.watch.set_forward(TEN_MINUTES);
    assert!(call(&session).await.is_err(), "by the wall clock it is over");
    scene.line.mend().await;
    call(&session).await.unwrap();
    assert_eq!(scene.token_requests(), 4);
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_make_a_token_live_longer() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    let first = session.token().await.unwrap();
    scene.watch.set_back(TEN_MINUTES);
    assert_eq!(session.token().await.unwrap().assertion_id(), first.assertion_id(), "begun is begun");
    scene.line.cut();
    scene.watch.pass(3_500);
    session.token().await.unwrap();
    settled(&session).await;

    scene.watch.pass(90);
    let error = session.token().await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "ten minutes are left by the wall clock alone: {error}");

    scene.line.mend().await;
    let next = session.token().await.unwrap();
    assert_ne!(next.assertion_id(), first.assertion_id());
    assert_eq!(scene.token_requests(), 2);
}

#[tokio::test]
async fn a_clock_that_goes_there_and_back_costs_no_request() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    let first = session.token().await.unwrap();
    for _ in 0..3 {
        scene.watch.set_forward(TEN_MINUTES);
        assert_eq!(session.token().await.unwrap().assertion_id(), first.assertion_id());
        scene.watch.set_back(TEN_MINUTES);
        assert_eq!(session.token().await.unwrap().assertion_id(), first.assertion_id());
    }
    call(&session).await.unwrap();
    assert_eq!(scene.token_requests(), 1);
}

#[tokio::test]
async fn a_machine_whose_clock_alone_is_wrong_is_told_why_and_recovers() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    call(&session).await.unwrap();

    let theirs = ksz_client::Clock::now(&scene.watch);
    let client = scene.other_client(|builder| builder.clock(std::sync::Arc::new(Wrong(theirs))));
    let alone = client.ehealth().session(crate::world::claims()).open().unwrap();

    let error = call(&alone).await.unwrap_err();

    assert_eq!(error.fault().unwrap().service_code(), "SOA-01001", "the token service says no more");
    assert!(ksz_client::remedy(&error).contains("clock"), "{}", ksz_client::remedy(&error));
}

/// A clock that is ten minutes ahead of the services'.
struct Wrong(std::time::SystemTime);

impl ksz_client::Clock for Wrong {
    fn now(&self) -> std::time::SystemTime {
        self.0 + std::time::Duration::from_secs(TEN_MINUTES)
    }
}
