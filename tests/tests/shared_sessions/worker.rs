use ksz::client::{ClientBuilder, Clock, Error, RedisSessionStore, Session, SessionStoreKey, SystemClock};
use ksz::soap::{IntegrationTest, IntegrationTestRequest};
use ksz::sts::{ClaimType, Claims};
use ksz::{Client, Config};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use url::Url;

/// What tells a process that it is a worker: its configuration.
const CONFIGURATION: &str = "KSZ_TEST_WORKER_CONFIGURATION";
/// Where the configuration says that the key of the session store is.
pub(crate) const KEY_VARIABLE: &str = "KSZ_TEST_WORKER_KEY";
/// How a worker's answers are told from what else it prints.
const MARK: &str = "worker: ";

pub(crate) const KEY: [u8; 32] = [5; 32];

/// A clock that is ahead of the machine's by as many seconds as it is told, and always shows whole ones.
#[derive(Clone, Default)]
pub(crate) struct Ahead(Arc<AtomicU64>);

impl Ahead {
    pub(crate) fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn seconds(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

impl Clock for Ahead {
    fn now(&self) -> SystemTime {
        SystemTime::now() + self.seconds()
    }

    fn monotonic(&self) -> Duration {
        SystemClock.monotonic() + self.seconds()
    }
}

/// Plays the worker if this process is one, and says whether it was.
pub(crate) fn is_worker() -> bool {
    let Ok(configuration) = std::env::var(CONFIGURATION) else { return false };
    tracing::subscriber::set_global_default(Counting).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let clock = Ahead::default();
    let config = Config::load(Path::new(&configuration)).unwrap();
    let client = timed(config.into_builder(), &clock);
    let session = client.ehealth().session(claims()).open().unwrap();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (word, number) = line.split_once(' ').unwrap();
        let number = number.parse().unwrap();
        match word {
            "pass" => clock.pass(number),
            "call" => {
                let failed = runtime.block_on(calls(&session, number));
                println!("{MARK}{failed} {}", WARNINGS.load(Ordering::SeqCst));
            }
            other => panic!("{other}"),
        }
    }
    true
}

pub(crate) fn client(config: Config, redis: &Url, clock: &Ahead) -> Client {
    let store = RedisSessionStore::builder(redis.clone()).build(&SessionStoreKey::new(KEY)).unwrap();
    timed(config.into_builder().session_store(Arc::new(store)), clock)
}

fn timed(builder: ClientBuilder, clock: &Ahead) -> Client {
    builder.clock(Arc::new(clock.clone())).timeout(Duration::from_secs(300)).build().unwrap()
}

pub(crate) fn claims() -> Claims {
    let number = "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number";
    let mut claims = Claims::default();
    claims.insert(ClaimType::asserted(number, "71089914")).unwrap();
    claims
}

/// Calls at once, and how many of them failed. The first goes ahead: a connection that is new does not know yet how many
/// requests it may carry at once.
async fn calls(session: &Session, number: u64) -> usize {
    let mut failed = usize::from(call(session).await.is_err());
    let tasks: Vec<_> = (1..number)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { call(&session).await })
        })
        .collect();
    for task in tasks {
        failed += usize::from(task.await.unwrap().is_err());
    }
    failed
}

pub(crate) async fn call(session: &Session) -> Result<(), Error> {
    let test = IntegrationTest::BrokeredAccessControl;
    let request = IntegrationTestRequest { test, message: "hello".into(), timestamp: SystemTime::UNIX_EPOCH };
    session.call(test, &request.to_xml().unwrap()).await.map(|_| ())
}

/// A worker, as its parent sees it.
pub(crate) struct Worker {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Worker {
    /// Starts this program again, for the test of this name alone.
    pub(crate) fn start(test: &str, configuration: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let key: String = KEY.iter().map(|octet| format!("{octet:02x}")).collect();
        command.env(CONFIGURATION, configuration).env(KEY_VARIABLE, key);
        let mut process = command.spawn().unwrap();
        let (orders, answers) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { process, orders, answers: BufReader::new(answers) }
    }

    pub(crate) fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
    }

    /// How many calls failed, and how often the worker has warned since it began.
    pub(crate) fn answer(&mut self) -> (usize, usize) {
        loop {
            let mut line = String::new();
            assert_ne!(self.answers.read_line(&mut line).unwrap(), 0, "the worker ended");
            if let Some((_, answer)) = line.split_once(MARK) {
                let (failed, warnings) = answer.trim().split_once(' ').unwrap();
                return (failed.parse().unwrap(), warnings.parse().unwrap());
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may be gone, and if not it has nothing to say any more.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

static WARNINGS: AtomicUsize = AtomicUsize::new(0);

/// Counts warnings of ours.
struct Counting;

impl tracing::Subscriber for Counting {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("ksz") && *metadata.level() == tracing::Level::WARN
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, _: &tracing::Event<'_>) {
        WARNINGS.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
