use crate::pki::{Authority, Chain};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio_rustls::server::TlsStream;

pub(crate) const BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
pub(crate) const ONLY_12: &[&SupportedProtocolVersion] = &[&TLS12];
pub(crate) const ONLY_13: &[&SupportedProtocolVersion] = &[&TLS13];

/// What the server does with a connection after its handshake.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Reads one request, writes these octets and closes as TLS wants.
    Answer(Vec<u8>),
    /// Reads one request, writes these octets and drops the connection.
    Cut(Vec<u8>),
    /// Reads one request, writes these octets and then nothing.
    Stall(Vec<u8>),
    /// Serves HTTP/2 or HTTP/1.1 as negotiated, answering with the version.
    Http,
}

/// A TLS server on a free port, for as long as the test's runtime lives.
pub(crate) struct Server {
    port: u16,
    received: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn start(config: ServerConfig, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let journal = received.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(serve(acceptor.clone(), tcp, behaviour.clone(), journal.clone()));
            }
        });
        Self { port, received }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.host())
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }
}

/// A configuration that asks for no client certificate.
pub(crate) fn plain((chain, key): (Chain, PrivateKeyDer<'static>)) -> ServerConfig {
    ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(BOTH)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

/// A configuration that requires a client certificate of `clients`.
pub(crate) fn mutual(
    server: &Authority,
    clients: &Authority,
    versions: &[&'static SupportedProtocolVersion],
) -> ServerConfig {
    let provider = Arc::new(default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(clients.der()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let (chain, key) = server.server(&["127.0.0.1"]);
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .unwrap()
}

async fn serve(
    acceptor: TlsAcceptor,
    tcp: TcpStream,
    behaviour: Behaviour,
    journal: Arc<Mutex<Vec<String>>>,
) {
    let Ok(mut tls) = acceptor.accept(tcp).await else { return };
    if let Behaviour::Http = behaviour {
        let service = hyper::service::service_fn(|request: http::Request<_>| async move {
            Ok::<_, Infallible>(http::Response::new(format!("{:?}", request.version())))
        });
        let builder = auto::Builder::new(TokioExecutor::new());
        let _ = builder.serve_connection(TokioIo::new(tls), service).await;
        return;
    }
    let Some(request) = read_request(&mut tls).await else { return };
    journal.lock().unwrap().push(request);
    match behaviour {
        Behaviour::Answer(octets) => {
            let _ = tls.write_all(&octets).await;
            let _ = tls.shutdown().await;
        }
        Behaviour::Cut(octets) => {
            let _ = tls.write_all(&octets).await;
            let _ = tls.flush().await;
        }
        Behaviour::Stall(octets) => {
            let _ = tls.write_all(&octets).await;
            let _ = tls.flush().await;
            std::future::pending::<()>().await;
        }
        Behaviour::Http => unreachable!("served above"),
    }
}

async fn read_request(tls: &mut TlsStream<TcpStream>) -> Option<String> {
    let mut octets = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&octets).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0_usize) {
                return Some(text);
            }
        }
        if tls.read_buf(&mut octets).await.ok()? == 0 {
            return None;
        }
    }
}
