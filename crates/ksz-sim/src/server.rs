//! Listening: TCP, TLS with a client certificate, and HTTP over it.

use crate::Error;
use crate::journal::{Reason, Reception, Service};
use crate::pki::Pki;
use axum::extract::DefaultBodyLimit;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use ksz_pki::Certificate;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// The largest request, in octets.
pub(crate) const LARGEST_REQUEST: usize = 10 << 20;
/// How long a peer may take for the handshake, and for the head of each request.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an answer under way may take once the simulator stops.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// How long a peer that was refused may take to read why.
const FAREWELL: Duration = Duration::from_secs(2);
/// More connections than that wait until another ends.
const MOST_CONNECTIONS: usize = 512;

/// One service group, ready to be served.
pub(crate) struct Listening {
    pub(crate) service: Service,
    pub(crate) listener: TcpListener,
    pub(crate) router: Router,
}

/// What all listeners share.
#[derive(Clone)]
pub(crate) struct Frontage {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) reception: Arc<Reception>,
    pub(crate) stop: watch::Receiver<()>,
}

/// A TLS configuration that asks for a client certificate of the simulator's root.
pub(crate) fn tls(pki: &Pki) -> Result<TlsAcceptor, Error> {
    let provider = Arc::new(default_provider());
    let mut roots = RootCertStore::empty();
    for root in certificates(&pki.root)? {
        roots.add(root).map_err(failed)?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(failed)?;
    let key = PrivateKeyDer::from_pem_slice(pki.server.as_bytes()).map_err(failed)?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(failed)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates(&pki.server)?, key)
        .map_err(failed)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Tls { detail: error.to_string() }
}

/// A socket on loopback: the given port, or a free one.
pub(crate) async fn bind(port: Option<u16>) -> Result<(TcpListener, SocketAddr), Error> {
    let wanted = SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(0)));
    let refused =
        |error: std::io::Error| Error::Listen { address: wanted.to_string(), detail: error.to_string() };
    let listener = TcpListener::bind(wanted).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, address))
}

/// Serves connections, each in a task of its own, until the simulator stops.
pub(crate) async fn serve(listening: Listening, mut frontage: Frontage) {
    let Listening { service, listener, router } = listening;
    let router = router.layer(DefaultBodyLimit::max(LARGEST_REQUEST));
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let accept = async {
            let place = places.clone().acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accept => accepted,
            _ = frontage.stop.changed() => return,
        };
        match accepted {
            Ok((tcp, _)) => {
                let connection = connection(service, tcp, router.clone(), frontage.clone());
                tokio::spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            // Out of file descriptors, for instance: others must end first.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn connection(service: Service, tcp: TcpStream, router: Router, mut frontage: Frontage) {
    // A small answer should not wait for another; where that cannot be had, it waits.
    let _ = tcp.set_nodelay(true);
    let tls = match timeout(PATIENCE, frontage.acceptor.accept(tcp).into_fallible()).await {
        Ok(Ok(tls)) => tls,
        Ok(Err((error, tcp))) => {
            frontage.refused_handshake(service, &error);
            // A peer that hung on cannot be told any more.
            let _ = timeout(FAREWELL, farewell(tcp)).await;
            return;
        }
        Err(_) => return,
    };
    let shown = tls.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let Some(Ok(peer)) = shown.map(|certificate| Certificate::from_der(certificate)) else { return };

    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PATIENCE)
        .keep_alive_timeout(PATIENCE)
        .max_concurrent_streams(64);
    let served = TowerToHyperService::new(router.layer(Extension(peer)));
    let mut connection = pin!(builder.serve_connection(TokioIo::new(tls), served));
    // A broken connection is the peer's affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = frontage.stop.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = timeout(LAST_ANSWERS, connection).await;
        }
    }
}

/// Lets a peer read the alert. In TLS 1.3 it has sent its request already, and a socket that is closed with octets
/// to read resets the connection, alert and all.
async fn farewell(mut tcp: TcpStream) -> std::io::Result<()> {
    tcp.shutdown().await?;
    let mut passed_over = [0; 4096];
    while tcp.read(&mut passed_over).await? > 0 {}
    Ok(())
}

impl Frontage {
    /// A peer that was refused before it could ask for anything.
    fn refused_handshake(&self, service: Service, error: &std::io::Error) {
        let tls = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
        let Some(tls) = tls else { return };
        let received_at = self.reception.now();
        self.reception.refused(service, "TLS handshake", received_at, "alert", Reason::new(None, tls));
    }
}
