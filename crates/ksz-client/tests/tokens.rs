//! How access tokens are kept: asked for once, used until shortly before their end, asked for again when refused.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz_client::{Client, Clock, Config, HealthStatus};
use ksz_sim::{Options, Service, Simulator};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A clock that is ahead of the machine's by as many seconds as it is told.
#[derive(Clone, Default)]
struct Ahead(Arc<AtomicU64>);

impl Ahead {
    fn by(&self, seconds: u64) {
        self.0.store(seconds, Ordering::Relaxed);
    }
}

impl Clock for Ahead {
    fn now(&self) -> SystemTime {
        SystemTime::now() + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// A simulator and a client, each with a clock of its own.
struct Scene {
    simulator: Simulator,
    client: Client,
    theirs: Ahead,
    ours: Ahead,
}

impl Scene {
    async fn new() -> Self {
        let (theirs, ours) = (Ahead::default(), Ahead::default());
        let clock = theirs.clone();
        let simulator = Simulator::start(Options::default().clock(move || clock.now())).await.unwrap();
        let config = Config::from_toml(&simulator.configuration(), Path::new("simulator")).unwrap();
        let client = config.into_builder().clock(Arc::new(ours.clone())).build().unwrap();
        Self { simulator, client, theirs, ours }
    }

    async fn is_up(&self) -> bool {
        let health = self.client.rest("socialStatus/v1").health().await;
        health.is_ok_and(|health| health.status == HealthStatus::Up)
    }

    fn token_requests(&self) -> usize {
        let journal = self.simulator.journal();
        journal
            .iter()
            .filter(|record| record.service == Service::Oauth && record.operation == "token")
            .count()
    }
}

#[tokio::test]
async fn many_calls_at_once_ask_for_one_token() {
    let scene = Scene::new().await;
    let calls = (0..20).map(|_| {
        let client = scene.client.clone();
        tokio::spawn(async move { client.rest("socialStatus/v1").health().await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(scene.token_requests(), 1, "{:?}", scene.simulator.journal());
}

#[tokio::test]
async fn a_token_is_used_until_shortly_before_its_end() {
    let scene = Scene::new().await;
    for (seconds, requests) in [(0, 1), (580, 1), (595, 2)] {
        scene.ours.by(seconds);
        scene.theirs.by(seconds);
        assert!(scene.is_up().await);
        assert_eq!(scene.token_requests(), requests, "after {seconds} s");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_as_expired_is_asked_for_again_once() {
    let scene = Scene::new().await;
    assert!(scene.is_up().await);
    scene.theirs.by(700);
    scene.ours.by(500);
    let refused = scene.client.rest("socialStatus/v1").health().await.unwrap_err();
    assert_eq!(
        ksz_error::reason(&refused),
        "Refused",
        "the clocks are too far apart for a new assertion: {refused}"
    );
    assert_eq!(scene.token_requests(), 2, "it was asked for again, and once");
    scene.ours.by(700);
    assert!(scene.is_up().await);
    assert_eq!(scene.token_requests(), 3);
}
