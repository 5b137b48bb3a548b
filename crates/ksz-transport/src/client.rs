use crate::resolver::SystemResolver;
use crate::tls::{ClientCertificate, client_config};
use crate::{Error, ServerTrust, failure, second_look};
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response, Uri};
use ksz_pki::Identity;
use rustls::ClientConfig;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Sends finished requests over TLS, with a client certificate if one was given.
///
/// Copies share their connections. A redirect comes back as it is, since a signed body or a token must not go
/// to a host that the caller did not choose. Nothing is repeated, no cookie kept, no proxy used and no
/// content-coding asked for.
#[derive(Clone, Debug)]
pub struct HttpClient {
    inner: reqwest::Client,
    certificate: Arc<ClientCertificate>,
    tls: Arc<ClientConfig>,
    response_limit: usize,
    timeout: Duration,
}

/// How an [`HttpClient`] is made.
#[derive(Clone, Debug)]
pub struct HttpClientBuilder {
    identity: Option<Identity>,
    server_trust: ServerTrust,
    connect_timeout: Duration,
    timeout: Duration,
    response_limit: usize,
    user_agent: String,
}

impl HttpClient {
    /// A builder with the roots of the system, no client certificate, 10 seconds to connect, 60 in all, and
    /// answers of at most 10 MiB.
    #[must_use]
    pub fn builder() -> HttpClientBuilder {
        HttpClientBuilder {
            identity: None,
            server_trust: ServerTrust::default(),
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(60),
            response_limit: 10 << 20,
            user_agent: concat!("ksz/", env!("CARGO_PKG_VERSION")).into(),
        }
    }

    /// The longest that a request may take, connection and answer included.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends a request, once, and gives the whole answer, whatever its status.
    ///
    /// # Errors
    ///
    /// - [`Error::InsecureUrl`], [`Error::BadUrl`] before anything is connected.
    /// - The variants that name a failure to connect, of TLS, of time or of the answer; where the server closed the
    ///   connection after it asked for a client certificate, a second connection finds out whether that is why;
    ///   [`Error::outcome_unknown`] says whether the server may have acted.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        let host = target(request.uri())?;
        let (method, start) = (request.method().clone(), Instant::now());
        let uri = request.uri().clone();
        let result = match self.exchange(request, &host).await {
            Err(error) => Err(second_look::explained(error, &uri, &self.tls, &self.certificate).await),
            answered => answered,
        };
        let elapsed = start.elapsed();
        match &result {
            Ok(response) => {
                let (status, bytes) = (response.status().as_u16(), response.body().len());
                tracing::debug!(%method, host, status, bytes, ?elapsed, "answered");
            }
            Err(error) => tracing::debug!(%method, host, %error, ?elapsed, "failed"),
        }
        result
    }

    async fn exchange(&self, mut request: Request<Vec<u8>>, host: &str) -> Result<Response<Vec<u8>>, Error> {
        let failed = |error: reqwest::Error| failure::name(&error, host, &self.certificate);
        if let Some(authorization) = request.headers_mut().get_mut(AUTHORIZATION) {
            authorization.set_sensitive(true);
        }
        let mut answer = self.inner.execute(request.try_into().map_err(failed)?).await.map_err(failed)?;
        let too_large = || Error::ResponseTooLarge { host: host.into(), limit: self.response_limit };
        let limit = u64::try_from(self.response_limit).unwrap_or(u64::MAX);
        if answer.content_length().is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if chunk.len() > self.response_limit - body.len() {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body);
        *response.status_mut() = answer.status();
        *response.version_mut() = answer.version();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl HttpClientBuilder {
    /// The client certificate and its key, for services with mutual TLS.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// By which roots servers are recognised.
    #[must_use]
    pub fn server_trust(mut self, trust: ServerTrust) -> Self {
        self.server_trust = trust;
        self
    }

    /// The longest time for the name, the connection and the handshake.
    #[must_use]
    pub const fn connect_timeout(mut self, longest: Duration) -> Self {
        self.connect_timeout = longest;
        self
    }

    /// The longest time from the call to the last octet of the answer, however steadily octets arrive.
    #[must_use]
    pub const fn timeout(mut self, longest: Duration) -> Self {
        self.timeout = longest;
        self
    }

    /// The largest answer in bytes.
    #[must_use]
    pub const fn response_limit(mut self, largest: usize) -> Self {
        self.response_limit = largest;
        self
    }

    /// The `User-Agent` of requests that bring none.
    #[must_use]
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// The client. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// - [`Error::BadRoots`] if the roots cannot be used.
    /// - [`Error::BadHeader`] if the user agent is no header value.
    /// - [`Error::NotBuilt`] if the system gives no roots.
    pub fn build(self) -> Result<HttpClient, Error> {
        let user_agent = HeaderValue::try_from(self.user_agent)
            .map_err(|_| Error::BadHeader { name: "User-Agent", detail: "holds control characters" })?;
        let certificate = Arc::new(ClientCertificate::new(self.identity.as_ref()));
        let tls = client_config(&self.server_trust, certificate.clone())?;
        let inner = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .dns_resolver(Arc::new(SystemResolver))
            .connect_timeout(self.connect_timeout)
            .timeout(self.timeout)
            .user_agent(user_agent)
            .build()
            .map_err(|error| Error::NotBuilt { detail: error.to_string() })?;
        let (response_limit, timeout) = (self.response_limit, self.timeout);
        Ok(HttpClient { inner, certificate, tls: Arc::new(tls), response_limit, timeout })
    }
}

/// The host and port of an `https` URL, for errors and logs.
fn target(uri: &Uri) -> Result<String, Error> {
    let scheme = uri.scheme_str().unwrap_or_default();
    if scheme != "https" {
        return Err(Error::InsecureUrl { scheme: scheme.into() });
    }
    let Some(authority) = uri.authority() else {
        return Err(Error::BadUrl { detail: "names no host" });
    };
    if authority.as_str().contains('@') {
        return Err(Error::BadUrl { detail: "holds a user or password" });
    }
    Ok(format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(443)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_https_url_without_a_user_is_a_target() {
        let target = |uri: &'static str| target(&Uri::from_static(uri));

        assert_eq!(target("https://a.be/path?q=1"), Ok("a.be:443".into()));
        assert_eq!(target("https://[::1]:4520/"), Ok("[::1]:4520".into()));
        assert_eq!(target("http://a.be/"), Err(Error::InsecureUrl { scheme: "http".into() }));
        assert_eq!(target("/path"), Err(Error::InsecureUrl { scheme: String::new() }));
        assert_eq!(target("https://me:pw@a.be/"), Err(Error::BadUrl { detail: "holds a user or password" }));
    }

    #[test]
    fn a_user_agent_that_is_no_header_value_is_refused() {
        let error = HttpClient::builder().user_agent("a\r\nb: c").build().unwrap_err();

        assert_eq!(error, Error::BadHeader { name: "User-Agent", detail: "holds control characters" });
    }
}
