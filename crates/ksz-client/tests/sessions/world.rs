use ksz_client::{Answer, Client, ClientBuilder, Clock, Config, Error, Session};
use ksz_pki::Identity;
use ksz_sim::{Options, Simulator, Treatment};
use ksz_soap::{IntegrationTest, IntegrationTestRequest};
use ksz_sts::{ClaimType, Claims};
use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, SystemTime};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(crate) const NUMBER: &str = "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number";
pub(crate) const RECOGNISED: &str =
    "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number:recognisedhospital:boolean";

/// A clock whose two readings stand still until they are moved.
#[derive(Clone)]
pub(crate) struct Watch {
    start: SystemTime,
    wall: Arc<AtomicU64>,
    monotonic: Arc<AtomicU64>,
}

/// Where the wall clock begins, so that it can go back.
const NOON: u64 = 1_000_000;

impl Watch {
    fn new() -> Self {
        let at = |seconds| Arc::new(AtomicU64::new(seconds));
        // Whole seconds, which are written and read back as they are.
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(now - NOON);
        Self { start, wall: at(NOON), monotonic: at(0) }
    }

    /// Time passes.
    pub(crate) fn pass(&self, seconds: u64) {
        self.wall.fetch_add(seconds, Ordering::SeqCst);
        self.monotonic.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Somebody sets the clock.
    pub(crate) fn set_forward(&self, seconds: u64) {
        self.wall.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn set_back(&self, seconds: u64) {
        self.wall.fetch_sub(seconds, Ordering::SeqCst);
    }
}

impl Clock for Watch {
    fn now(&self) -> SystemTime {
        self.start + Duration::from_secs(self.wall.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.monotonic.load(Ordering::SeqCst))
    }
}

type Interference = Arc<dyn Fn(&str, &[u8]) -> Treatment + Send + Sync>;

/// A simulator, a client, the clock of both, and the line between the client and the token service.
pub(crate) struct Scene {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
    pub(crate) watch: Watch,
    pub(crate) line: Line,
    interference: Arc<Mutex<Option<Interference>>>,
    config: Config,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    pub(crate) async fn with(change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        listen();
        let (watch, interference) = (Watch::new(), Arc::new(Mutex::<Option<Interference>>::default()));
        let (theirs, asked) = (watch.clone(), interference.clone());
        let options = Options::default().clock(move || theirs.now()).journal_capacity(10_000).interfere(
            move |operation, message| {
                // One message that is held back does not hold up the others.
                let interference = asked.lock().unwrap().clone();
                interference.map_or(Treatment::Usual, |interference| interference(operation, message))
            },
        );
        let simulator = Simulator::start(options).await.unwrap();
        let line = Line::to(simulator.addresses().ehealth).await;
        let configuration = through(&simulator.configuration(), &line);
        let config = Config::from_toml(&configuration, Path::new("simulator")).unwrap();
        let builder = config.clone().into_builder().clock(Arc::new(watch.clone()));
        let client = change(builder.timeout(Duration::from_secs(300))).build().unwrap();
        Self { simulator, client, watch, line, interference, config }
    }

    /// Another client of the same configuration, as another process would have it.
    pub(crate) fn other_client(&self, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
        change(self.config.clone().into_builder().clock(Arc::new(self.watch.clone()))).build().unwrap()
    }

    /// From here on, messages are treated in this way.
    pub(crate) fn interfere(&self, how: impl Fn(&str, &[u8]) -> Treatment + Send + Sync + 'static) {
        *self.interference.lock().unwrap() = Some(Arc::new(how));
    }

    /// A session with its token.
    pub(crate) async fn session(&self) -> Session {
        self.client.ehealth().session(claims()).await.unwrap()
    }

    /// How often a token was asked for.
    pub(crate) fn token_requests(&self) -> usize {
        self.count("RequestSecurityToken")
    }

    pub(crate) fn count(&self, operation: &str) -> usize {
        self.simulator.journal().iter().filter(|record| record.operation == operation).count()
    }

    /// The identity of this entry of the simulator's configuration.
    pub(crate) fn identity(&self, entry: &str) -> Identity {
        let configuration: toml::Table = self.simulator.configuration().parse().unwrap();
        let pem = configuration["ehealth"].get(entry).or_else(|| configuration["simulator"].get(entry));
        Identity::from_pem(pem.unwrap().as_str().unwrap().as_bytes(), ksz_pki::Backend::default()).unwrap()
    }
}

/// The configuration with the token service at the other end of the line.
fn through(configuration: &str, line: &Line) -> String {
    let mut lines: Vec<String> = configuration.lines().map(str::to_owned).collect();
    for text in &mut lines {
        if text.starts_with("sts = ") {
            *text = format!("sts = \"https://127.0.0.1:{}/IAM/SecurityTokenService/v1\"", line.port);
        }
    }
    lines.join("\n")
}

pub(crate) fn claims() -> Claims {
    let mut claims = Claims::default();
    claims.insert(ClaimType::asserted(NUMBER, "71089914")).unwrap();
    claims.insert(ClaimType::certified(RECOGNISED)).unwrap();
    claims
}

/// Calls the operation that takes a token.
pub(crate) async fn call(session: &Session) -> Result<Answer, Error> {
    call_with(session, "hello").await
}

pub(crate) async fn call_with(session: &Session, message: &str) -> Result<Answer, Error> {
    let test = IntegrationTest::BrokeredAccessControl;
    let timestamp = SystemTime::UNIX_EPOCH;
    let request = IntegrationTestRequest { test, message: message.into(), timestamp };
    session.call(test, &request.to_xml().unwrap()).await
}

/// Many calls at once, and what became of each.
pub(crate) async fn calls(session: &Session, number: usize) -> Vec<Result<Answer, Error>> {
    let tasks: Vec<_> = (0..number)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { call(&session).await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

/// Waits until the session asks nobody any more.
pub(crate) async fn settled(session: &Session) {
    while session.status().is_asking {
        tokio::task::yield_now().await;
    }
}

/// The way to the token service, which can be cut like a cable.
pub(crate) struct Line {
    port: u16,
    to: std::net::SocketAddr,
    wire: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Line {
    async fn to(to: std::net::SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let wire = Arc::new(Mutex::new(Some(carry(listener, to))));
        Self { port, to, wire }
    }

    /// What is under way is lost, and nobody answers any more.
    pub(crate) fn cut(&self) {
        Self::cut_wire(&self.wire);
    }

    fn cut_wire(wire: &Mutex<Option<JoinHandle<()>>>) {
        if let Some(wire) = wire.lock().unwrap().take() {
            wire.abort();
        }
    }

    /// Something that cuts it, for whoever cannot hold the line itself.
    pub(crate) fn cutter(&self) -> impl Fn() + Send + Sync + 'static + use<> {
        let wire = self.wire.clone();
        move || Self::cut_wire(&wire)
    }

    pub(crate) async fn mend(&self) {
        let listener = loop {
            // The port is free once the task that held it is gone.
            match TcpListener::bind(("127.0.0.1", self.port)).await {
                Ok(listener) => break listener,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        *self.wire.lock().unwrap() = Some(carry(listener, self.to));
    }
}

/// Carries connections until it is aborted, and all of them with it.
fn carry(listener: TcpListener, to: std::net::SocketAddr) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((mut near, _)) = listener.accept().await {
            connections.spawn(async move {
                let mut far = TcpStream::connect(to).await.unwrap();
                // A connection that breaks is what the line is for.
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    })
}

/// The warnings of this thread from here on; each says all it says in one text.
///
/// One subscriber serves all threads: whether anybody listens is found out once for each place that warns.
pub(crate) fn warnings() -> Arc<Warnings> {
    listen();
    let warnings = Arc::new(Warnings::default());
    OF_THIS_THREAD.replace(Some(warnings.clone()));
    warnings
}

/// Listens before anybody warns: a place that warns for the first time while the listener comes may never ask again.
fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| tracing::subscriber::set_global_default(Counting).unwrap());
}

thread_local! {
    static OF_THIS_THREAD: RefCell<Option<Arc<Warnings>>> = const { RefCell::new(None) };
}

/// The warnings that were written down.
#[derive(Default)]
pub(crate) struct Warnings(Mutex<Vec<String>>);

impl Warnings {
    pub(crate) fn texts(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

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

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = String::new();
        event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            text += &format!("{field}={value:?} ");
        });
        OF_THIS_THREAD.with_borrow(|warnings| {
            if let Some(warnings) = warnings {
                warnings.0.lock().unwrap().push(text);
            }
        });
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
