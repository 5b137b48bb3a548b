//! Access tokens of the client: asked for once, kept until shortly before they end.

use crate::Error;
use crate::builder::OauthSettings;
use crate::client::Client;
use crate::random::Random;
use ksz_oauth::{AccessToken, Issuer, ServerMetadata, TokenRequest};
use ksz_transport::Service;
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;

/// The token of a client. Whoever needs one while it is being asked for waits for that request.
#[derive(Default)]
pub(crate) struct TokenCache(Mutex<Option<AccessToken>>);

/// A token is not used in its last seconds: the request that carries it takes time.
const MARGIN: Duration = Duration::from_secs(10);

impl Client {
    /// An access token of the OAuth server, with client credentials and a signed assertion (RFC 6749 section 4.4,
    /// RFC 7523 section 2.2).
    ///
    /// A token is kept in the client until ten seconds before its end. The server's metadata are read before a token
    /// is asked for; the token endpoint is the configured one or the catalogue's, never one from the network.
    ///
    /// # Errors
    ///
    /// [`Error::Oauth`] if the server refuses; [`Error::NotConfigured`] without client identifier and key.
    pub async fn access_token(&self) -> Result<AccessToken, Error> {
        let mut kept = self.settings().tokens.0.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| is_usable(token, self.now())) {
            return Ok(token.clone());
        }
        let token = self.request_access_token().await?;
        *kept = Some(token.clone());
        Ok(token)
    }

    /// Forgets a token that a service refused, unless another has taken its place.
    pub(crate) async fn forget_access_token(&self, refused: &AccessToken) {
        let mut kept = self.settings().tokens.0.lock().await;
        if kept.as_ref().is_some_and(|token| token.expose_secret() == refused.expose_secret()) {
            *kept = None;
        }
    }

    async fn request_access_token(&self) -> Result<AccessToken, Error> {
        let settings = self.oauth_settings()?;
        let metadata = self.oauth_metadata().await?;
        metadata.require_signature_with(settings.key.algorithm())?;

        let request = TokenRequest::new(settings.client_id.clone(), self.endpoint(Service::OauthToken)?)?
            .issuer(metadata.issuer().clone())
            .audience_policy(settings.audience.clone());
        let requested_at = self.now();
        let http = request.to_http(&settings.key, &Random::uuid()?, requested_at)?;
        let answer = self.settings().http.send(http).await?;
        Ok(AccessToken::parse(answer, &request, requested_at)?)
    }

    pub(crate) fn oauth_settings(&self) -> Result<&OauthSettings, Error> {
        let needed = "oauth.client_id";
        self.settings().oauth.as_ref().ok_or(Error::NotConfigured { needed })
    }

    /// The OAuth server's metadata (RFC 8414), their issuer compared.
    ///
    /// # Errors
    ///
    /// [`Error::Oauth`] if they are of another issuer or not as the standard says.
    pub async fn oauth_metadata(&self) -> Result<ServerMetadata, Error> {
        let configured = self.settings().oauth.as_ref().and_then(|settings| settings.issuer.clone());
        let issuer = match configured {
            Some(issuer) => issuer,
            None => Issuer::new(self.endpoint(Service::OauthIssuer)?.as_str().trim_end_matches('/'))?,
        };
        let answer = self.settings().http.send(ServerMetadata::request(&issuer)).await?;
        Ok(ServerMetadata::parse(answer, &issuer)?)
    }
}

fn is_usable(token: &AccessToken, now: SystemTime) -> bool {
    token.expires_at().duration_since(now).is_ok_and(|left| left > MARGIN)
}
