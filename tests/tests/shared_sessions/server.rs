use ksz::pki::{Certificate, certificates_from_pem};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;
use url::Url;

/// How often, and after which pause, a server that begins is asked whether it listens: half a minute in all.
const ATTEMPTS: usize = 3_000;
const PAUSE: Duration = Duration::from_millis(10);

/// A `redis-server` on loopback that keeps nothing, and ends with the value.
pub(crate) struct Server {
    folder: TempDir,
    port: u16,
    process: Option<Child>,
    /// The certificate of the server, which is its own root, where it has one.
    certificate: Option<String>,
}

impl Server {
    /// A server, or a line that says what is skipped.
    pub(crate) fn start(suite: &str) -> Option<Self> {
        let mut server = Self::prepared(suite)?;
        server.begin();
        Some(server)
    }

    /// The same with TLS and a password, `geheim`.
    pub(crate) fn start_with_tls(suite: &str) -> Option<Self> {
        let mut server = Self::prepared(suite)?;
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["127.0.0.1".into()]).unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        std::fs::write(server.folder.path().join("key.pem"), key.serialize_pem()).unwrap();
        std::fs::write(server.folder.path().join("certificate.pem"), &certificate).unwrap();
        server.certificate = Some(certificate);
        server.begin();
        Some(server)
    }

    fn prepared(suite: &str) -> Option<Self> {
        let is_there = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
        if !is_there.is_ok_and(|status| status.success()) {
            let line = format!("skipped: {suite} needs redis-server, which is not installed");
            let written = writeln!(std::io::stderr(), "{line}");
            return written.map_or(None, |()| None);
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Some(Self { folder: tempfile::tempdir().unwrap(), port, process: None, certificate: None })
    }

    /// Starts it, again on its port if it was killed.
    pub(crate) fn begin(&mut self) {
        let port = self.port.to_string();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"]);
        command.arg(self.folder.path()).current_dir(self.folder.path()).stdout(Stdio::null());
        if self.certificate.is_some() {
            command.args(["--port", "0", "--tls-port", &port, "--requirepass", "geheim"]);
            command.args(["--tls-key-file", "key.pem", "--tls-cert-file", "certificate.pem"]);
            command.args(["--tls-ca-cert-file", "certificate.pem", "--tls-auth-clients", "no"]);
        } else {
            command.args(["--port", &port]);
        }
        self.process = Some(command.spawn().unwrap());
        self.wait();
    }

    /// Waits until it listens.
    fn wait(&mut self) {
        for _ in 0..ATTEMPTS {
            let process = self.process.as_mut().unwrap();
            if let Some(status) = process.try_wait().unwrap() {
                panic!("redis-server ended at its start: {status}");
            }
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            thread::sleep(PAUSE);
        }
        panic!("redis-server does not listen");
    }

    /// Ends it without warning.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself.
            let _ = process.kill();
            process.wait().unwrap();
        }
    }

    pub(crate) fn address(&self) -> Url {
        let scheme = if self.certificate.is_some() { "rediss" } else { "redis" };
        Url::parse(&format!("{scheme}://127.0.0.1:{}/0", self.port)).unwrap()
    }

    /// Whom to believe that it is this server.
    pub(crate) fn roots(&self) -> Vec<Certificate> {
        let certificate = self.certificate.as_deref().unwrap_or_default();
        certificates_from_pem(certificate.as_bytes()).unwrap()
    }

    /// What its own client answers to a command.
    pub(crate) fn cli(&self, arguments: &[&str]) -> Vec<u8> {
        let mut command = Command::new("redis-cli");
        command.args(["-p", &self.port.to_string()]).args(arguments);
        command.output().unwrap().stdout
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A line to a server, on which an answer can be lost: the server obeys, and the connection ends.
pub(crate) struct Line {
    port: u16,
    loses: Arc<AtomicBool>,
}

impl Line {
    pub(crate) fn to(server: &Server) -> Self {
        let (listener, far) = (TcpListener::bind("127.0.0.1:0").unwrap(), server.port);
        let line = Self { port: listener.local_addr().unwrap().port(), loses: Arc::default() };
        let loses = Arc::clone(&line.loses);
        thread::spawn(move || {
            for near in listener.incoming() {
                let (near, far) = (near.unwrap(), TcpStream::connect(("127.0.0.1", far)).unwrap());
                let (mut questions, mut asked) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                thread::spawn(move || std::io::copy(&mut questions, &mut asked));
                let loses = Arc::clone(&loses);
                thread::spawn(move || answers(far, near, &loses));
            }
        });
        line
    }

    /// The next answer does not arrive.
    pub(crate) fn lose_an_answer(&self) {
        self.loses.store(true, Ordering::SeqCst);
    }

    /// Whether the answer came that was to be lost.
    pub(crate) fn has_lost_it(&self) -> bool {
        !self.loses.load(Ordering::SeqCst)
    }

    pub(crate) fn address(&self) -> Url {
        Url::parse(&format!("redis://127.0.0.1:{}/0", self.port)).unwrap()
    }
}

fn answers(mut far: TcpStream, mut near: TcpStream, loses: &AtomicBool) {
    let mut answer = [0; 4_096];
    while let Ok(length @ 1..) = far.read(&mut answer) {
        if loses.swap(false, Ordering::SeqCst) || near.write_all(&answer[..length]).is_err() {
            break;
        }
    }
    // Either end may be gone.
    let _ = (far.shutdown(Shutdown::Both), near.shutdown(Shutdown::Both));
}
