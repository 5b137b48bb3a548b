//! Sessions that have their token: what a call pays for it, and what ten thousand of them take.
//!
//! No token service answers here. The token comes from a store that has the same one for everybody, and is verified as any
//! other.

use crate::clock::Run;
use crate::envelope::octets;
use crate::error::Error;
use crate::fixture::{Folder, instant};
use ksz_client::{Client, Session, SessionKey, SessionLease, SessionStore, StoreAnswer, StoredToken};
use ksz_pki::Backend;
use ksz_sts::names::EHEALTH_ISSUER;
use ksz_sts::{AssertionTrust, ClaimType, Claims};
use ksz_transport::{Environment, Service};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use url::Url;

/// How many tasks look sessions up, how many sessions there are, and how often each task looks.
const TASKS: usize = 8;
const SESSIONS: usize = 64;
const LOOKUPS: usize = 1_000;

/// The token of a session that has one.
pub(crate) fn hit(folder: &Folder) -> Result<Run, Error> {
    let (runtime, client) = (runtime()?, client(folder)?);
    let session = with_token(&runtime, &client, 0)?;
    Ok(Box::new(move || {
        let mut token = pin!(session.token());
        match token.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(token)) => Ok(token.token().as_xml().len()),
            Poll::Ready(Err(error)) => Err(Error::refused("a token")(error)),
            Poll::Pending => Err(Error::refused("a token")("it had to be waited for")),
        }
    }))
}

/// Eight tasks at once open sessions by their keys and take their tokens; answers with the number of lookups.
pub(crate) fn lookups(folder: &Folder) -> Result<Run, Error> {
    let (runtime, client) = (runtime()?, client(folder)?);
    for number in 0..SESSIONS {
        with_token(&runtime, &client, number)?;
    }
    Ok(Box::new(move || {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(look_up(client.clone(), task))).collect();
            for task in tasks {
                task.await.map_err(Error::refused("a task"))??;
            }
            Ok(TASKS * LOOKUPS)
        })
    }))
}

async fn look_up(client: Client, task: usize) -> Result<(), Error> {
    let claims: Vec<_> = (0..SESSIONS).map(claims).collect::<Result<_, _>>()?;
    for number in 0..LOOKUPS {
        let claims = claims[(number + task * 7) % SESSIONS].clone();
        let session = client.ehealth().session(claims).open().map_err(Error::refused("a session"))?;
        session.token().await.map_err(Error::refused("a token"))?;
    }
    Ok(())
}

/// So many sessions with their tokens at once.
pub(crate) fn many(folder: Folder, size: &str) -> Result<Run, Error> {
    let number = octets(size).ok_or_else(|| Error::Usage(format!("{size}: is no number")))?;
    Ok(Box::new(move || {
        let (runtime, client) = (runtime()?, client(&folder)?);
        let sessions = (0..number).map(|number| with_token(&runtime, &client, number));
        Ok(sessions.collect::<Result<Vec<Session>, _>>()?.len())
    }))
}

fn with_token(runtime: &Runtime, client: &Client, number: usize) -> Result<Session, Error> {
    let claims = claims(number)?;
    runtime.block_on(async { client.ehealth().session(claims).await }).map_err(Error::refused("a session"))
}

fn claims(number: usize) -> Result<Claims, Error> {
    let mut claims = Claims::default();
    let claim = ClaimType::certified(&format!("urn:bench:{number:011}"));
    claims.insert(claim).map_err(Error::refused("a claim"))?;
    Ok(claims)
}

fn runtime() -> Result<Runtime, Error> {
    Builder::new_multi_thread().worker_threads(TASKS).enable_all().build().map_err(Error::io("a runtime"))
}

fn client(folder: &Folder) -> Result<Client, Error> {
    let assertion = folder.read("assertion.xml")?;
    let until = instant(&assertion, "IssueInstant=\"")? + Duration::from_secs(3_600);
    let nowhere = Url::parse("https://localhost:1/").map_err(Error::refused("an address"))?;
    let trust = AssertionTrust::new(EHEALTH_ISSUER, vec![folder.certificate("sts")?], Backend::default());
    Client::builder(Environment::Simulator)
        .server_roots(vec![folder.certificate("ca")?])
        .endpoint(Service::EhealthSts, nowhere)
        .ehealth_identity(folder.identity("rsa")?)
        .assertion_trust(trust)
        .session_store(Arc::new(OneToken(StoredToken::new(assertion, until))))
        .build()
        .map_err(Error::refused("a client"))
}

/// A store with one token for all.
struct OneToken(StoredToken);

impl SessionStore for OneToken {
    fn name(&self) -> &'static str {
        "one token"
    }

    fn load<'s>(&'s self, _: &'s SessionKey) -> StoreAnswer<'s, Option<StoredToken>> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }

    fn save<'s>(&'s self, _: &'s SessionKey, _: &'s StoredToken) -> StoreAnswer<'s, ()> {
        Box::pin(async { Ok(()) })
    }

    fn forget<'s>(&'s self, _: &'s SessionKey) -> StoreAnswer<'s, ()> {
        Box::pin(async { Ok(()) })
    }

    fn lease<'s>(&'s self, _: &'s SessionKey) -> StoreAnswer<'s, Option<Box<dyn SessionLease>>> {
        Box::pin(async { Ok(None) })
    }
}
