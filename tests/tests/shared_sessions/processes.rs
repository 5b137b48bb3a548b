//! Four processes, one store, one simulator.

use crate::server::Server;
use crate::worker::{Ahead, KEY_VARIABLE, Worker, is_worker};
use ksz::client::Clock;
use ksz_sim::{Options, Simulator, Treatment};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

#[test]
fn a_thousand_calls_of_four_processes_on_an_expired_session_make_one_token_request() {
    if is_worker() {
        return;
    }
    let test = "processes::a_thousand_calls_of_four_processes_on_an_expired_session_make_one_token_request";
    let Some(redis) = Server::start(test) else { return };
    let mut scene = Scene::with(test, redis.address().as_str(), |_| Treatment::Usual);

    assert_eq!(scene.call(10), [(0, 0); 4]);
    assert_eq!(scene.token_requests(), 1, "none had a token");
    scene.pass(2 * 3_600);
    assert_eq!(scene.call(250), [(0, 0); 4]);
    assert_eq!(scene.token_requests(), 2, "what all had is expired");
}

#[test]
fn four_processes_that_share_a_folder_make_one_token_request() {
    if is_worker() {
        return;
    }
    let test = "processes::four_processes_that_share_a_folder_make_one_token_request";
    let mut scene = Scene::with(test, "sessions", |_| Treatment::Usual);

    for requests in [1, 2] {
        assert_eq!(scene.call(5), [(0, 0); 4]);
        assert_eq!(scene.token_requests(), requests);
        scene.pass(2 * 3_600);
    }
}

#[test]
fn processes_go_on_without_redis_complain_once_and_use_it_again() {
    if is_worker() {
        return;
    }
    let test = "processes::processes_go_on_without_redis_complain_once_and_use_it_again";
    let Some(mut redis) = Server::start(test) else { return };
    let mut scene = Scene::with(test, redis.address().as_str(), |_| Treatment::Usual);
    assert_eq!(scene.call(5), [(0, 0); 4]);
    assert_eq!(scene.token_requests(), 1);

    redis.kill();
    for requests in [5, 9] {
        scene.pass(2 * 3_600);
        assert_eq!(scene.call(20), [(0, 1); 4], "no call fails, and each process warns once");
        assert_eq!(scene.token_requests(), requests, "a token of its own for each process");
    }

    redis.begin();
    // The first to come finds Redis as soon as it is tried again.
    let mut shared = false;
    for _ in 0..20 {
        let before = scene.token_requests();
        scene.pass(2 * 3_600);
        assert!(scene.call(5).iter().all(|(failed, _)| *failed == 0));
        shared = scene.token_requests() == before + 1;
        if shared {
            break;
        }
    }
    assert!(shared, "one token for all again");
}

#[test]
fn processes_that_wait_for_another_go_on_when_redis_dies() {
    if is_worker() {
        return;
    }
    let test = "processes::processes_that_wait_for_another_go_on_when_redis_dies";
    let (arrived, arrival) = mpsc::channel::<()>();
    let (release, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let treat = move |operation: &str| {
        if operation == "RequestSecurityToken" && arrived.send(()).is_ok() {
            // Once nobody holds the other end, nobody waits.
            let _ = held.lock().unwrap().recv();
        }
        Treatment::Usual
    };
    let Some(mut redis) = Server::start(test) else { return };
    let mut scene = Scene::with(test, redis.address().as_str(), treat);

    scene.workers.iter_mut().for_each(|worker| worker.order("call 5"));
    arrival.recv().unwrap();
    redis.kill();
    drop(release);

    for worker in &mut scene.workers {
        assert_eq!(worker.answer().0, 0);
    }
    let requests = scene.token_requests();
    assert!((2..=4).contains(&requests), "whoever waited asked for itself: {requests}");
}

/// Four workers, and what they work with.
struct Scene {
    workers: Vec<Worker>,
    simulator: Simulator,
    clock: Ahead,
    _runtime: tokio::runtime::Runtime,
    _folder: TempDir,
}

impl Scene {
    fn with(test: &str, store: &str, treat: impl Fn(&str) -> Treatment + Send + Sync + 'static) -> Self {
        let (runtime, clock) = (tokio::runtime::Runtime::new().unwrap(), Ahead::default());
        let (theirs, treat) = (clock.clone(), Arc::new(treat));
        let options = Options::default()
            .clock(move || theirs.now())
            .journal_capacity(10_000)
            .interfere(move |operation, _| treat(operation));
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let configuration = simulator.write_to(folder.path()).unwrap();
        let sessions = format!("\n[ehealth.sessions]\nstore = \"{store}\"\nkey_env = \"{KEY_VARIABLE}\"\n");
        let text = std::fs::read_to_string(&configuration).unwrap() + &sessions;
        std::fs::write(&configuration, text).unwrap();
        let workers = (0..4).map(|_| Worker::start(test, &configuration)).collect();
        Self { workers, simulator, clock, _runtime: runtime, _folder: folder }
    }

    fn pass(&mut self, seconds: u64) {
        self.clock.pass(seconds);
        self.workers.iter_mut().for_each(|worker| worker.order(&format!("pass {seconds}")));
    }

    /// All workers call so often at once: how many calls failed, and how often each has warned since it began.
    fn call(&mut self, number: usize) -> [(usize, usize); 4] {
        self.workers.iter_mut().for_each(|worker| worker.order(&format!("call {number}")));
        let answers: Vec<_> = self.workers.iter_mut().map(Worker::answer).collect();
        answers.try_into().unwrap()
    }

    fn token_requests(&self) -> usize {
        let journal = self.simulator.journal();
        journal.iter().filter(|record| record.operation == "RequestSecurityToken").count()
    }
}
