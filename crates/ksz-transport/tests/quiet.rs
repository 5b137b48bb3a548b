//! What is logged while requests are sent. A process of its own, since whether an event is wanted is kept for
//! the whole process.

#![expect(clippy::unwrap_used, reason = "a server that cannot be set up fails the test")]

#[expect(dead_code, reason = "shared with the other suite, which uses all of it")]
#[path = "loopback/pki.rs"]
mod pki;
#[expect(dead_code, reason = "shared with the other suite, which uses all of it")]
#[path = "loopback/server.rs"]
mod server;

use http::Request;
use ksz_transport::{HttpClient, ServerTrust};
use pki::Authority;
use server::{Behaviour, Server, plain};
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

#[tokio::test]
async fn no_level_of_logging_and_no_error_holds_a_secret() {
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    let authority = Authority::new("a");
    let cut = Server::start(plain(authority.server(&["127.0.0.1"])), Behaviour::Cut(b"x".to_vec())).await;
    let mut config = plain(authority.server(&["127.0.0.1"]));
    config.alpn_protocols = vec![b"h2".to_vec()];
    let http_2 = Server::start(config, Behaviour::Http).await;
    let client = HttpClient::builder()
        .server_trust(ServerTrust::Roots(vec![authority.certificate()]))
        .build()
        .unwrap();

    let mut output = String::new();
    for server in [cut, http_2] {
        let request = Request::post(server.url("/canary?canary=canary"))
            .header("authorization", "Bearer canary")
            .body(b"canary".to_vec())
            .unwrap();
        let result = client.send(request).await.map(|response| response.status());
        write!(output, "{result:?} {client:?}").unwrap();
        output.extend(result.err().map(|error| error.to_string()));
    }
    drop(guard);

    let log = log.0.lock().unwrap();
    assert!(log.contains("answered") && log.contains("failed"), "{log}");
    assert!(!log.contains("canary") && !output.contains("canary"), "{log}\n{output}");
}

/// Everything that is said to `tracing` on this thread, at all levels.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{field}={value:?}").unwrap();
    }
}
