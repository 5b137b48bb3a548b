//! Sessions: a token of the token service that many tasks share, renewed before it ends.

mod fetch;
mod key;
mod life;
mod operation;
mod order;
mod pool;
mod shared;
mod status;

pub use self::key::SessionKey;
pub use self::life::RenewalPoint;
pub use self::operation::{Answer, RemoteOperation};
pub use self::order::RenewWith;
pub use self::status::{SessionStatus, TokenFailure, TokenTimes};

pub(crate) use self::fetch::StoreAccess;
pub(crate) use self::order::TokenOrder;
pub(crate) use self::pool::Pool;

use self::key::KeyParts;
use self::shared::{Held, Shared};
use crate::Error;
use crate::builder::require_certificate_of;
use crate::client::Client;
use crate::random::Random;
use ksz_pki::Identity;
use ksz_soap::{SoaCode, write_envelope};
use ksz_sts::{Claims, TokenProfile, VerifiedAssertion};
use ksz_transport::{Service, SoapRequest, SoapResponse};
use ksz_wss::{SigningOptions, sign_holder_of_key};
use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A session with the token service of the eHealth platform: a token that is asked for once, shared, and renewed before
/// it ends.
///
/// Copies share everything, and so does whatever the same client opens with the same keys, claims and lifetime. A token that
/// holds is given without a lock and without a request. It is renewed by the first call after about half of its life, by
/// one request for all, while everybody goes on with the present one; a session that nobody calls asks for
/// nothing. What happens when the token service, the clock or a service fails is in the guide on sessions.
///
/// ```no_run
/// # async fn run(client: ksz_client::Client, claims: ksz_sts::Claims) -> Result<(), ksz_client::Error> {
/// use ksz_soap::IntegrationTest;
///
/// let session = client.ehealth().session(claims).await?;
/// let operation = IntegrationTest::BrokeredAccessControl;
/// # let body = "";
/// let answer = session.call(operation, body).await?;
/// println!("{} octets", answer.envelope().len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    client: Client,
    shared: Arc<Shared>,
}

impl Session {
    /// The token to send: the present one if it holds, else the next one, for which one request is made however many wait.
    ///
    /// Whoever stops waiting does not stop the request.
    ///
    /// # Errors
    ///
    /// Those of [`Ehealth::request_token`](crate::Ehealth::request_token), if there is no token that holds;
    /// [`Error::NoRuntime`] outside of a tokio runtime.
    pub async fn token(&self) -> Result<Arc<VerifiedAssertion>, Error> {
        Ok(Arc::clone(&self.shared.held(&self.client).await?.assertion))
    }

    /// Calls an operation: signs `body`, the payload, with the holder-of-key key, carries the token along, and gives the
    /// answer.
    ///
    /// If the service answers `SOA-01001`, it did nothing. Another token is then asked for and takes the place of the refused
    /// one, and the message is signed afresh and sent once more. A token that came in that way is not replaced again
    /// before a service has accepted it, nor any within five minutes, so a service that refuses everybody does not make the
    /// token service busy. Where no other token is to be had, the present one stays in use.
    ///
    /// # Errors
    ///
    /// - Those of [`Self::token`].
    /// - [`Error::Soap`] with the fault if the service refuses, [`Error::TokenRefused`] with the first fault if it answered
    ///   `SOA-01001` twice or if no other token could be had.
    /// - [`Error::Transport`] if there is no answer, also for an address of another environment.
    pub async fn call(&self, operation: impl Into<RemoteOperation>, body: &str) -> Result<Answer, Error> {
        let (operation, envelope) = (operation.into(), write_envelope(body));
        let held = self.shared.held(&self.client).await?;
        let refusal = match self.send(&held, &operation, &envelope).await {
            Err(error) if is_not_authenticated(&error) => error,
            answered => return answered,
        };
        let Some(replacement) = self.shared.replacement(&self.client, &held).await else {
            return Err(refusal);
        };
        let then = match replacement {
            Ok(fresh) => match self.send(&fresh, &operation, &envelope).await {
                Err(error) if is_not_authenticated(&error) => error,
                // Anything else is an answer of its own: the service may have acted.
                answered => return answered,
            },
            Err(error) => error,
        };
        Err(Error::TokenRefused { first: Box::new(refusal), then: Box::new(then) })
    }

    /// Asks for another token at once, whatever the present one is worth, and uses it from then on.
    ///
    /// # Errors
    ///
    /// Those of [`Self::token`]; the present token stays in use then.
    pub async fn renew(&self) -> Result<Arc<VerifiedAssertion>, Error> {
        Ok(Arc::clone(&self.shared.renewed(&self.client).await?.assertion))
    }

    /// Drops the token, here and in the store. The next call asks for another.
    ///
    /// # Errors
    ///
    /// [`Error::SessionStoreFailed`] if the store may still have it.
    pub async fn forget(&self) -> Result<(), Error> {
        self.shared.forget();
        match &self.client.settings().session_store {
            Some(access) => access.forget(self.shared.key()).await,
            None => Ok(()),
        }
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> SessionStatus {
        self.shared.status(self.client.moment())
    }

    /// By what it is known.
    #[must_use]
    pub fn key(&self) -> &SessionKey {
        self.shared.key()
    }

    async fn send(&self, held: &Held, operation: &RemoteOperation, envelope: &str) -> Result<Answer, Error> {
        let (token, key) = (held.assertion.token(), self.shared.order().holder.key());
        let address = operation.address(&self.client)?;
        let (ids, now, options) = (Random::ids()?, self.client.now(), SigningOptions::default());
        let signed = sign_holder_of_key(envelope.as_bytes(), token, key, &ids, now, &options)?;
        let request = SoapRequest::new(address, operation.action(), signed).into_http()?;
        held.require_usable(self.client.moment())?;
        let response = self.client.settings().http.send(request).await?;
        let answer = Answer::new(SoapResponse::from_http(response)?.into_envelope());
        // Who is not authorized was authenticated; other faults may come from before that.
        let is_accepted = match &answer {
            Ok(_) => true,
            Err(error) => has_code(error, SoaCode::NOT_AUTHORIZED),
        };
        if is_accepted {
            held.accepted();
        }
        answer
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session(…)")
    }
}

/// Whether a service refused the token, or the message that carried it, before it did anything.
fn is_not_authenticated(error: &Error) -> bool {
    has_code(error, SoaCode::NOT_AUTHENTICATED)
}

fn has_code(error: &Error, code: &str) -> bool {
    error.fault().is_some_and(|fault| fault.service_code() == code)
}

/// A session to be opened: `await` it, and its token is there.
///
/// ```no_run
/// # async fn run(client: ksz_client::Client, claims: ksz_sts::Claims, card: ksz_pki::Identity)
/// #     -> Result<(), ksz_client::Error> {
/// use std::time::Duration;
///
/// // The identity card identifies; the client's own key holds the token and signs the calls.
/// let session = client.ehealth().session(claims).identification(card).lifetime(Duration::from_secs(8 * 3_600)).await?;
/// # let _ = session;
/// # Ok(())
/// # }
/// ```
#[must_use = "a session is opened by `await` or `open`"]
pub struct SessionBuilder {
    client: Client,
    claims: Claims,
    holder: Option<Identity>,
    identification: Option<Identity>,
    lifetime: Option<Duration>,
    point: RenewalPoint,
    renew_with: RenewWith,
}

impl SessionBuilder {
    pub(crate) fn new(client: &Client, claims: Claims) -> Self {
        Self {
            client: client.clone(),
            claims,
            holder: None,
            identification: None,
            lifetime: None,
            point: RenewalPoint::default(),
            renew_with: RenewWith::default(),
        }
    }

    /// Whose key answers the challenge and signs the calls; the client's eHealth identity unless another is given.
    pub fn holder(mut self, identity: Identity) -> Self {
        self.holder = Some(identity);
        self
    }

    /// Whose key signs the request for a token; the holder's unless another is given, such as an identity card.
    pub fn identification(mut self, identity: Identity) -> Self {
        self.identification = Some(identity);
        self
    }

    /// How long a token is asked to hold, in whole seconds; without it the service decides. What it gives may differ, and
    /// that counts.
    pub const fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// When the next token is asked for. A session that is open already keeps its own.
    pub const fn renewal_point(mut self, point: RenewalPoint) -> Self {
        self.point = point;
        self
    }

    /// By which request the next token is asked for. A session that is open already keeps its own.
    pub const fn renew_with(mut self, request: RenewWith) -> Self {
        self.renew_with = request;
        self
    }

    /// The session without its token, which the first call asks for: for a start that must not depend on the token
    /// service.
    ///
    /// # Errors
    ///
    /// - [`Error::NotConfigured`] without an identity, pinned certificates, or an address of the token service.
    /// - [`Error::CertificateEnvironment`] if a certificate says that it is for another environment.
    /// - [`Error::SettingNotAccepted`] for a lifetime below a second, or above what the token service gives.
    pub fn open(self) -> Result<Session, Error> {
        let (client, needed) = (self.client, "ehealth.identity");
        let own = client.settings().ehealth_identity.as_ref();
        let holder = self.holder.as_ref().or(own).ok_or(Error::NotConfigured { needed })?;
        let lifetime = self.lifetime.map(|lifetime| Duration::from_secs(lifetime.as_secs()));
        let key = SessionKey::of(&KeyParts {
            environment: client.environment(),
            token_service: &client.endpoint(Service::EhealthSts)?,
            holder: holder.certificate(),
            identification: self.identification.as_ref().map(Identity::certificate),
            claims: &self.claims,
            lifetime,
        });
        let sessions = &client.settings().sessions;
        if let Some(shared) = sessions.find(&key) {
            return Ok(Session { client, shared });
        }

        // What follows was true of a session that is there.
        client.assertion_trust()?;
        if lifetime
            .is_some_and(|lifetime| lifetime.is_zero() || lifetime > TokenProfile::EHEALTH.longest_lifetime())
        {
            let detail = "a token lives for a second at least, and for as long as the service gives at most";
            return Err(Error::SettingNotAccepted { setting: "the lifetime", detail });
        }
        let identification = self.identification.as_ref().unwrap_or(holder);
        for (setting, identity) in [("the holder", holder), ("the identification", identification)] {
            require_certificate_of(client.environment(), setting, identity.certificate())?;
        }
        let (holder, identification) = (holder.clone(), identification.clone());
        let (claims, renew_with) = (self.claims, self.renew_with);
        let order = TokenOrder { claims, identification, holder, lifetime, renew_with };
        let shared = sessions.keep(Shared::new(key, order, self.point), client.moment());
        Ok(Session { client, shared })
    }
}

impl IntoFuture for SessionBuilder {
    type Output = Result<Session, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    /// Opens the session and waits for its token, so that what is wrong with it shows at once.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let session = self.open()?;
            session.token().await?;
            Ok(session)
        })
    }
}

impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionBuilder(…)")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use ksz_sts::ClaimType;
    use ksz_transport::Environment;
    use std::sync::LazyLock;
    use url::Url;

    /// A key that differs by the value of a claim.
    pub(crate) fn session_key(value: &str) -> SessionKey {
        let mut claims = Claims::default();
        claims.insert(ClaimType::asserted("urn:a", value)).unwrap();
        key(Environment::Simulator, "https://localhost/", &claims)
    }

    #[test]
    fn claims_are_a_set_and_everything_else_of_a_key_counts() {
        let claims = |listed: &[ClaimType]| {
            let mut claims = Claims::default();
            listed.iter().for_each(|claim| claims.insert(claim.clone()).unwrap());
            claims
        };
        let (a, b) = (ClaimType::asserted("urn:a", "1"), ClaimType::certified("urn:b"));
        let (simulator, address) = (Environment::Simulator, "https://localhost/");
        let ours = key(simulator, address, &claims(&[a.clone(), b.clone()]));

        assert_eq!(ours, key(simulator, address, &claims(&[b.clone(), a.clone()])));
        for other in [
            key(simulator, address, &claims(std::slice::from_ref(&a))),
            key(simulator, address, &claims(&[ClaimType::certified("urn:a"), b.clone()])),
            key(simulator, address, &claims(&[ClaimType::asserted("urn:a", ""), b.clone()])),
            key(simulator, address, &claims(&[a.clone(), ClaimType::asserted("urn:b", "certified")])),
            key(simulator, "https://localhost/2", &claims(&[a.clone(), b.clone()])),
            key(Environment::Test, address, &claims(&[a, b])),
        ] {
            assert_ne!(ours, other);
        }
        assert_eq!(format!("{ours:?}"), "SessionKey(…)");
    }

    /// Somebody who holds tokens.
    pub(crate) fn holder() -> &'static Identity {
        static HOLDER: LazyLock<Identity> = LazyLock::new(|| {
            let key = rcgen::KeyPair::generate().unwrap();
            let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
            let pem = key.serialize_pem() + &certificate.pem();
            Identity::from_pem(pem.as_bytes(), ksz_pki::Backend::default()).unwrap()
        });
        &HOLDER
    }

    fn key(environment: Environment, token_service: &str, claims: &Claims) -> SessionKey {
        SessionKey::of(&KeyParts {
            environment,
            token_service: &Url::parse(token_service).unwrap(),
            holder: holder().certificate(),
            identification: None,
            claims,
            lifetime: None,
        })
    }
}
