use crate::{Channel, Environment, Service};
use ksz_error::Kind;

/// Why a request was not sent, or why there is no answer to it.
///
/// Hosts are named with their port; nothing of a path, query, header or body stands in an error, except the
/// bounded and redacted excerpt of [`NotSoap`](Self::NotSoap).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text names no environment.
    #[error("{found:?} is no environment; they are sim, test, acceptance and production")]
    UnknownEnvironment {
        /// The text.
        found: String,
    },

    /// The text names no channel.
    #[error("{found:?} is no channel; they are extranet and internet")]
    UnknownChannel {
        /// The text.
        found: String,
    },

    /// No document gives the endpoint, so it must be configured.
    #[error("no document gives an endpoint of {service} in {environment} over the {channel}; configure it")]
    EndpointNotGiven {
        /// The service.
        service: Service,
        /// The environment.
        environment: Environment,
        /// The channel.
        channel: Channel,
    },

    /// The service is out of use.
    #[error("{service} is {hint}")]
    ServiceRetired {
        /// The service.
        service: Service,
        /// Since when, and what took its place.
        hint: &'static str,
    },

    /// The host belongs to another environment than the one that is used.
    #[error("{host} belongs to {found}, not to {expected}")]
    WrongEnvironment {
        /// The host.
        host: String,
        /// The environment of the host.
        found: Environment,
        /// The environment that is used.
        expected: Environment,
    },

    /// The URL is not `https`.
    #[error("only https is sent, not {scheme}")]
    InsecureUrl {
        /// The scheme, empty if there is none.
        scheme: String,
    },

    /// The URL cannot be sent to.
    #[error("the url {detail}")]
    BadUrl {
        /// What is wrong with it.
        detail: &'static str,
    },

    /// A header value would not be what its standard says.
    #[error("the {name} header {detail}")]
    BadHeader {
        /// The header.
        name: &'static str,
        /// What is wrong with it.
        detail: &'static str,
    },

    /// The roots given to recognise servers by are none, or one of them has a name or key that cannot be read.
    /// Whether it is an authority shows when a server is recognised by it.
    #[error("the server roots cannot be used: {detail}")]
    BadRoots {
        /// What is wrong with them.
        detail: String,
    },

    /// The HTTP client could not be made.
    #[error("the http client could not be made: {detail}")]
    NotBuilt {
        /// What the library found.
        detail: String,
    },

    /// The key of the client certificate could not sign the handshake.
    #[error("the client certificate could not be used: {0}")]
    Key(#[from] ksz_pki::Error),

    /// The name of the host was not resolved.
    #[error("{host}: the name was not resolved: {detail}")]
    Dns {
        /// The host and port.
        host: String,
        /// What the resolver answered.
        detail: String,
    },

    /// No connection was made: refused, unreachable, or closed before TLS stood.
    #[error("{host}: no connection: {detail}")]
    Connect {
        /// The host and port.
        host: String,
        /// What the system answered.
        detail: String,
    },

    /// No connection with TLS stood within the time given to it.
    #[error("{host}: no connection in time; is the flow open in the firewalls?")]
    ConnectTimeout {
        /// The host and port.
        host: String,
    },

    /// The server's certificate does not lead to a trusted root, or is not one for a server.
    #[error("{host}: the server's certificate is not trusted: {detail}")]
    ServerNotTrusted {
        /// The host and port.
        host: String,
        /// The rule that was broken.
        detail: String,
    },

    /// The server's certificate is for other names.
    #[error("{host}: the server's certificate is for {presented}")]
    ServerNameMismatch {
        /// The host and port.
        host: String,
        /// The names in the certificate.
        presented: String,
    },

    /// The server's certificate, or one above it, is expired; or the clock of this machine is ahead.
    #[error("{host}: the server's certificate is expired by the clock of this machine")]
    ServerCertificateExpired {
        /// The host and port.
        host: String,
    },

    /// The server's certificate, or one above it, is not valid yet; or the clock of this machine is behind.
    #[error("{host}: the server's certificate is not valid yet by the clock of this machine")]
    ServerCertificateNotYetValid {
        /// The host and port.
        host: String,
    },

    /// The server wants a client certificate, and none was sent.
    #[error("{host}: the server requires a client certificate, and none was sent")]
    ClientCertificateRequired {
        /// The host and port.
        host: String,
    },

    /// The server does not accept the client certificate.
    ///
    /// The alert `HandshakeFailure` says least: the server may also take none of the signatures that the key
    /// makes, all of which are over SHA-256.
    #[error("{host}: the server refused the client certificate: {alert}")]
    ClientCertificateRefused {
        /// The host and port.
        host: String,
        /// The TLS alert (RFC 8446 section 6.2).
        alert: String,
    },

    /// TLS failed in another way.
    #[error("{host}: tls failed: {detail}")]
    Tls {
        /// The host and port.
        host: String,
        /// What the library found.
        detail: String,
    },

    /// No whole answer arrived within the total time. The server may have acted.
    #[error("{host}: no whole answer in time; the outcome is unknown")]
    Timeout {
        /// The host and port.
        host: String,
    },

    /// The connection ended before the whole answer arrived.
    #[error("{host}: the connection was closed{}", if *.outcome_unknown { "; the outcome is unknown" } else { " before the request was sent" })]
    ConnectionClosed {
        /// The host and port.
        host: String,
        /// Whether the server may have acted.
        outcome_unknown: bool,
    },

    /// The answer breaks the rules of HTTP.
    #[error("{host}: the answer is not http: {detail}")]
    NotHttp {
        /// The host and port.
        host: String,
        /// What the library found.
        detail: String,
    },

    /// The answer is larger than the limit.
    #[error("{host}: the answer is larger than {limit} bytes")]
    ResponseTooLarge {
        /// The host and port.
        host: String,
        /// The limit in bytes.
        limit: usize,
    },

    /// The answer to a SOAP request is no SOAP message.
    #[error("answer {status} of type {content_type:?} is not soap: {excerpt:?}")]
    NotSoap {
        /// The HTTP status.
        status: u16,
        /// The Content-Type, empty if there is none.
        content_type: String,
        /// The first 200 characters, without control characters, numbers of persons and long tokens.
        excerpt: String,
    },
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::UnknownEnvironment { .. }
            | Self::UnknownChannel { .. }
            | Self::EndpointNotGiven { .. }
            | Self::WrongEnvironment { .. }
            | Self::InsecureUrl { .. }
            | Self::BadUrl { .. }
            | Self::BadHeader { .. }
            | Self::BadRoots { .. } => Kind::Misuse,
            Self::ServiceRetired { .. } => Kind::Unsupported,
            Self::Key(error) => error.kind(),
            Self::NotHttp { .. } | Self::ResponseTooLarge { .. } | Self::NotSoap { .. } => Kind::Peer,
            _ => Kind::Transport,
        }
    }

    /// Whether the server may have acted on the request, so that a repeat could act twice.
    ///
    /// RFC 9110 section 9.2.2: a request that is not idempotent is not repeated unless it certainly had no effect.
    #[must_use]
    pub const fn outcome_unknown(&self) -> bool {
        match self {
            Self::ConnectionClosed { outcome_unknown, .. } => *outcome_unknown,
            Self::Timeout { .. }
            | Self::NotHttp { .. }
            | Self::ResponseTooLarge { .. }
            | Self::NotSoap { .. } => true,
            _ => false,
        }
    }

    /// Whether the request certainly had no effect, and the reason may pass by itself.
    ///
    /// A certificate that one side does not accept stays what it is, so that a repeat of it is noise.
    #[must_use]
    pub const fn may_be_repeated(&self) -> bool {
        matches!(
            self,
            Self::Dns { .. }
                | Self::Connect { .. }
                | Self::ConnectTimeout { .. }
                | Self::ConnectionClosed { outcome_unknown: false, .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sent_request_has_an_unknown_outcome() {
        let host = || "localhost:443".to_owned();
        let closed = |outcome_unknown| Error::ConnectionClosed { host: host(), outcome_unknown };

        assert!(Error::Timeout { host: host() }.outcome_unknown());
        assert!(closed(true).outcome_unknown());
        assert!(!closed(false).outcome_unknown());
        assert!(!Error::ConnectTimeout { host: host() }.outcome_unknown());
        assert!(closed(false).may_be_repeated() && !closed(true).may_be_repeated());
        assert!(!Error::ClientCertificateRequired { host: host() }.may_be_repeated());
        assert_eq!(
            closed(true).to_string(),
            "localhost:443: the connection was closed; the outcome is unknown"
        );
    }
}
