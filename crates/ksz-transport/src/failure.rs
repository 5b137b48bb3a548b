//! From what the libraries below report to the [`Error`] that names it.

use crate::Error;
use crate::resolver::LookupFailed;
use crate::tls::ClientCertificate;
use rustls::{AlertDescription, CertificateError};
use std::error::Error as StdError;
use std::io;
use std::iter::successors;

/// Alerts about the certificate that the client sent, or did not send.
const CERTIFICATE_ALERTS: &[AlertDescription] = &[
    AlertDescription::CertificateRequired,
    AlertDescription::NoCertificate,
    AlertDescription::BadCertificate,
    AlertDescription::UnsupportedCertificate,
    AlertDescription::CertificateRevoked,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateUnknown,
    AlertDescription::UnknownCA,
    AlertDescription::AccessDenied,
    AlertDescription::DecryptError,
    AlertDescription::HandshakeFailure,
];

pub(crate) fn name(error: &reqwest::Error, host: &str, certificate: &ClientCertificate) -> Error {
    let host = host.to_owned();
    if let Some(error) = find::<rustls::Error>(error) {
        return tls(error, host, certificate);
    }
    if let Some(LookupFailed(error)) = find(error) {
        return Error::Dns { host, detail: error.to_string() };
    }
    if let Some(alert) = alert_in_text(error) {
        return refused_by(alert, host, certificate);
    }
    if error.is_timeout() {
        return if error.is_connect() { Error::ConnectTimeout { host } } else { Error::Timeout { host } };
    }
    if error.is_connect() {
        return Error::Connect { host, detail: last_cause(error) };
    }
    if error.is_builder() {
        return Error::BadUrl { detail: "is not one that can be sent to" };
    }
    let http = find::<hyper::Error>(error);
    if http.is_some_and(hyper::Error::is_parse) || find::<io::Error>(error).is_some_and(is_nonsense) {
        return Error::NotHttp { host, detail: last_cause(error) };
    }
    let outcome_unknown = !http.is_some_and(hyper::Error::is_canceled);
    Error::ConnectionClosed { host, outcome_unknown }
}

pub(crate) fn tls(error: &rustls::Error, host: String, certificate: &ClientCertificate) -> Error {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(error) => server_certificate(error, host),
        Tls::AlertReceived(alert) => refused_by(*alert, host, certificate),
        Tls::Other(other) => match other.0.downcast_ref::<ksz_pki::Error>() {
            Some(error) => Error::Key(error.clone()),
            None => Error::Tls { host, detail: other.to_string() },
        },
        other => Error::Tls { host, detail: other.to_string() },
    }
}

fn server_certificate(error: &CertificateError, host: String) -> Error {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            Error::ServerCertificateExpired { host }
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Error::ServerCertificateNotYetValid { host }
        }
        CertificateError::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            Error::ServerNameMismatch { host, presented: presented.join(", ") }
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Error::ServerNameMismatch { host, presented: "no name at all".into() }
        }
        other => Error::ServerNotTrusted { host, detail: other.to_string() },
    }
}

/// A server that asked for a certificate and then ends the handshake means the certificate. One that did not
/// ask means something else, often that the two sides share no cipher suite.
fn refused_by(alert: AlertDescription, host: String, certificate: &ClientCertificate) -> Error {
    let name = format!("{alert:?}");
    if alert == AlertDescription::CertificateRequired {
        Error::ClientCertificateRequired { host }
    } else if !(certificate.was_asked() && CERTIFICATE_ALERTS.contains(&alert)) {
        Error::Tls { host, detail: format!("the server sent the alert {name}") }
    } else if certificate.is_given() {
        Error::ClientCertificateRefused { host, alert: name }
    } else {
        Error::ClientCertificateRequired { host }
    }
}

/// The alert of a connection with HTTP/2, whose library keeps of a cause only the text.
///
/// The text is compared with what `rustls` prints for each alert, so the two cannot drift apart.
fn alert_in_text(error: &reqwest::Error) -> Option<AlertDescription> {
    let texts: Vec<_> = causes(error).map(ToString::to_string).collect();
    CERTIFICATE_ALERTS
        .iter()
        .copied()
        .find(|alert| texts.contains(&rustls::Error::AlertReceived(*alert).to_string()))
}

/// Whether octets arrived that are no HTTP, as the reader of chunks reports it.
fn is_nonsense(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}

fn find<E: StdError + 'static>(error: &reqwest::Error) -> Option<&E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

fn last_cause(error: &reqwest::Error) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// The error's causes, outermost first.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    successors(error.source(), |&cause| beneath(cause))
}

/// The next cause. An `io::Error` passes over what it holds in `source`, so it is asked for that.
fn beneath<'e>(cause: &'e (dyn StdError + 'static)) -> Option<&'e (dyn StdError + 'static)> {
    match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(held) => Some(held),
        None => cause.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::client::ResolvesClientCert;

    #[test]
    fn an_alert_that_says_little_is_explained_by_what_the_server_asked() {
        let certificate = ClientCertificate::new(None);
        let host = || "localhost:443".to_owned();
        let failure = |certificate| refused_by(AlertDescription::HandshakeFailure, host(), certificate);

        assert!(matches!(failure(&certificate), Error::Tls { .. }));
        certificate.resolve(&[], &[]);
        assert_eq!(failure(&certificate), Error::ClientCertificateRequired { host: host() });
    }

    #[test]
    fn what_an_io_error_holds_is_a_cause() {
        let held = rustls::Error::HandshakeNotComplete;
        let error = io::Error::new(io::ErrorKind::InvalidData, held.clone());

        assert_eq!(beneath(&error).and_then(|cause| cause.downcast_ref()), Some(&held));
    }
}
