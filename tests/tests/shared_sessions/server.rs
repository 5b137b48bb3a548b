use std::io::Write;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use url::Url;

/// A `redis-server` on loopback that keeps nothing, and ends with the value.
pub(crate) struct Server {
    folder: TempDir,
    port: u16,
    process: Option<Child>,
}

impl Server {
    /// A server, or a line that says what is skipped.
    pub(crate) fn start(suite: &str) -> Option<Self> {
        let is_there = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
        if !is_there.is_ok_and(|status| status.success()) {
            let line = format!("skipped: {suite} needs redis-server, which is not installed");
            let written = writeln!(std::io::stderr(), "{line}");
            return written.map_or(None, |()| None);
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { folder: tempfile::tempdir().unwrap(), port, process: None };
        server.begin();
        Some(server)
    }

    /// Starts it, again on its port if it was killed.
    pub(crate) fn begin(&mut self) {
        let port = self.port.to_string();
        let arguments = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"];
        let mut command = Command::new("redis-server");
        command.args(arguments).arg(self.folder.path()).stdout(Stdio::null());
        self.process = Some(command.spawn().unwrap());
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            std::thread::yield_now();
        }
    }

    /// Ends it without warning.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub(crate) fn address(&self) -> Url {
        Url::parse(&format!("redis://127.0.0.1:{}/0", self.port)).unwrap()
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
