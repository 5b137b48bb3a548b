//! Finding out why a server that asked for a client certificate closed the connection.
//!
//! In TLS 1.3 a client has finished the handshake, and sends its request, before the server judges the certificate. The
//! alert then races with the request, and the HTTP library often knows only that the connection closed. A second
//! connection, on which nothing is sent, reads the alert if there is one.

use crate::{Error, failure};
use http::Uri;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long to wait for an alert; a server that accepts the certificate is silent.
const PATIENCE: Duration = Duration::from_secs(2);

/// The TLS error with which the server answers the certificate, if it does.
pub(crate) async fn tls_error(uri: &Uri, config: Arc<ClientConfig>) -> Option<rustls::Error> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned()).ok()?;
    let look = async {
        let tcp = TcpStream::connect((host, uri.port_u16().unwrap_or(443))).await?;
        let mut tls = TlsConnector::from(config).connect(name, tcp).await?;
        tls.read(&mut [0]).await
    };
    let error = tokio::time::timeout(PATIENCE, look).await.ok()?.err()?;
    error.get_ref()?.downcast_ref::<rustls::Error>().cloned()
}

/// The better name of an error that says only that the connection closed.
pub(crate) async fn explained(
    error: Error,
    uri: &Uri,
    config: &Arc<ClientConfig>,
    certificate: &crate::tls::ClientCertificate,
) -> Error {
    match &error {
        Error::ConnectionClosed { host, .. } if certificate.was_asked() => {
            match tls_error(uri, config.clone()).await {
                Some(tls) => failure::tls(&tls, host.clone(), certificate),
                None => error,
            }
        }
        _ => error,
    }
}
