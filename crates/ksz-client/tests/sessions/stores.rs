//! What comes from a store is not believed, and a store that fails is not needed.

use crate::world::{Scene, call, claims, settled, warnings};
use ksz_client::{
    Error, FileSessionStore, MemorySessionStore, SessionKey, SessionLease, SessionStore, SessionStoreKey,
    StoreAnswer, StoredToken,
};
use ksz_sts::{ClaimType, Claims};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn clients_that_share_a_store_share_a_token() {
    let store = Arc::new(MemorySessionStore::default());
    let scene = Scene::with(|builder| builder.session_store(store.clone())).await;
    let session = scene.session().await;
    let other = scene.other_client(|builder| builder.session_store(store.clone()));

    let again = other.ehealth().session(claims()).await.unwrap();

    call(&again).await.unwrap();
    assert_eq!(again.token().await.unwrap(), session.token().await.unwrap());
    assert_eq!((scene.token_requests(), again.status().requests), (1, 0));

    again.forget().await.unwrap();
    call(&again).await.unwrap();
    assert_eq!(scene.token_requests(), 2);
}

#[tokio::test]
async fn a_renewed_token_is_taken_over_by_the_others_who_renew_later() {
    let store = Arc::new(MemorySessionStore::default());
    let scene = Scene::with(|builder| builder.session_store(store.clone())).await;
    let session = scene.session().await;
    let other = scene.other_client(|builder| builder.session_store(store.clone()));
    let again = other.ehealth().session(claims()).await.unwrap();
    scene.watch.pass(2_000);

    for session in [&session, &again] {
        session.token().await.unwrap();
        settled(session).await;
    }

    assert_eq!(scene.token_requests(), 2);
    assert_eq!(again.token().await.unwrap(), session.token().await.unwrap());
}

#[tokio::test]
async fn a_token_that_was_refused_is_not_taken_from_the_store_again() {
    let store = Arc::new(MemorySessionStore::default());
    let scene = Scene::with(|builder| builder.session_store(store.clone())).await;
    let session = scene.session().await;
    let id = session.token().await.unwrap().assertion_id().to_owned();
    scene.interfere(move |operation, message| {
        let is_refused =
            operation == "checkBrokeredAccessControl" && String::from_utf8_lossy(message).contains(&id);
        if is_refused { ksz_sim::Treatment::NotAuthenticated } else { ksz_sim::Treatment::Usual }
    });

    call(&session).await.unwrap();

    assert_eq!(scene.token_requests(), 2);
    let other = scene.other_client(|builder| builder.session_store(store.clone()));
    call(&other.ehealth().session(claims()).await.unwrap()).await.unwrap();
    assert_eq!(scene.token_requests(), 2, "the store holds the replacement");
}

#[tokio::test]
async fn a_token_that_was_refused_stays_in_the_store_until_there_is_another() {
    let store = Arc::new(MemorySessionStore::default());
    let scene = Scene::with(|builder| builder.session_store(store.clone())).await;
    let session = scene.session().await;
    scene.interfere(|operation, _| match operation {
        "checkBrokeredAccessControl" => ksz_sim::Treatment::NotAuthenticated,
        _ => ksz_sim::Treatment::Usual,
    });
    scene.line.cut();
    assert!(matches!(call(&session).await, Err(Error::TokenRefused { .. })));
    let present = session.token().await.unwrap();
    let stored = store.load(session.key()).await.unwrap().unwrap();
    assert_eq!(stored.text(), present.token().as_xml());

    scene.line.mend().await;
    scene.watch.pass(301);
    assert!(matches!(call(&session).await, Err(Error::TokenRefused { .. })));
    let stored = store.load(session.key()).await.unwrap().unwrap();
    assert_ne!(stored.text(), present.token().as_xml());
}

#[tokio::test]
async fn a_store_that_mixes_up_sessions_makes_nobody_another() {
    let scene = Scene::new().await;
    let claims = |role: &str| {
        let mut claims = Claims::default();
        claims.insert(ClaimType::asserted("urn:role", role)).unwrap();
        claims
    };
    let nurse = scene.client.ehealth().session(claims("nurse")).await.unwrap().token().await.unwrap();
    let until = nurse.conditions().not_on_or_after();
    let stored = || Arc::new(Evil(StoredToken::new(nurse.token().as_xml().to_owned(), until)));
    let client = scene.other_client(|builder| builder.session_store(stored()));

    let again = client.ehealth().session(claims("nurse")).await.unwrap();
    assert_eq!((again.token().await.unwrap(), scene.token_requests()), (nurse.clone(), 1));

    let doctor = client.ehealth().session(claims("doctor")).await.unwrap();
    assert_ne!(doctor.token().await.unwrap(), nurse);
    assert_eq!(scene.token_requests(), 2);
}

#[tokio::test]
async fn a_store_injects_no_token() {
    let scene = Scene::new().await;
    let ours = scene.session().await.token().await.unwrap();
    let text = ours.token().as_xml().to_owned();
    let until = ours.conditions().not_on_or_after();
    let ec = scene.identity("identity_ec");
    let theirs = scene.client.ehealth().session(claims()).holder(ec).await.unwrap();
    let of_another = theirs.token().await.unwrap().token().as_xml().to_owned();
    let forged = text.replace("71089914", "71089915");
    assert_ne!(forged, text);
    let requests = scene.token_requests();

    for (number, injected) in ["".into(), "<a/>".into(), forged, of_another].into_iter().enumerate() {
        let store = Arc::new(Evil(StoredToken::new(injected, until)));
        let client = scene.other_client(|builder| builder.session_store(store));
        let session = client.ehealth().session(claims()).await.unwrap();
        assert_eq!(scene.token_requests(), requests + 1 + number);
        call(&session).await.unwrap();
    }

    let taken = scene.token_requests();
    let store = Arc::new(Evil(StoredToken::new(text, until)));
    let client = scene.other_client(|builder| builder.session_store(store));
    client.ehealth().session(claims()).await.unwrap();
    assert_eq!(scene.token_requests(), taken, "what is genuine is taken");
    scene.watch.pass(3_600);
    client.ehealth().session(claims()).await.unwrap();
    assert_eq!(scene.token_requests(), taken + 1, "and not after its end");
}

#[tokio::test]
async fn calls_go_on_where_the_store_fails() {
    let scene = Scene::with(|builder| builder.session_store(Arc::new(Broken))).await;

    let session = scene.session().await;
    for _ in 0..3 {
        call(&session).await.unwrap();
    }

    assert_eq!(scene.token_requests(), 1);
    assert!(matches!(session.forget().await, Err(Error::SessionStoreFailed { .. })));
    assert_eq!(session.status().token, None, "here it is forgotten");
}

#[tokio::test]
async fn a_store_that_fails_is_complained_of_once() {
    let warnings = warnings();
    let scene = Scene::with(|builder| builder.session_store(Arc::new(Broken))).await;

    for seconds in [600, 500, 400] {
        let session = scene.client.ehealth().session(claims()).lifetime(Duration::from_secs(seconds));
        call(&session.await.unwrap()).await.unwrap();
    }

    let texts = warnings.texts();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("broken"), "{texts:?}");
}

#[tokio::test]
async fn a_restart_finds_the_token_in_the_folder_and_a_folder_that_is_gone_stops_nobody() {
    let warnings = warnings();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions");
    let open = || {
        let key = SessionStoreKey::new([7; 32]);
        Arc::new(FileSessionStore::open(&path, &key).unwrap())
    };
    let scene = Scene::with(|builder| builder.session_store(open())).await;
    let first = scene.session().await.token().await.unwrap();

    let restarted = scene.other_client(|builder| builder.session_store(open()));
    let session = restarted.ehealth().session(claims()).await.unwrap();
    assert_eq!(session.token().await.unwrap(), first);
    assert_eq!((scene.token_requests(), warnings.texts().len()), (1, 0));

    std::fs::remove_dir_all(&path).unwrap();
    for requests in [2, 3] {
        scene.watch.pass(3_600);
        call(&session).await.unwrap();
        assert_eq!(scene.token_requests(), requests);
    }
    assert_eq!(warnings.texts().len(), 1, "{:?}", warnings.texts());
}

#[tokio::test]
async fn what_is_written_down_of_a_failure_holds_codes_and_nothing_of_a_token() {
    let warnings = warnings();
    let scene = Scene::new().await;
    let session = scene.session().await;
    scene.interfere(|operation, _| match operation {
        "RequestSecurityToken" => ksz_sim::Treatment::NotAuthenticated,
        _ => ksz_sim::Treatment::Usual,
    });
    scene.watch.pass(2_000);
    session.token().await.unwrap();
    settled(&session).await;

    let texts = warnings.texts();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("SOA-01001") && texts[0].contains("stays in use"), "{texts:?}");
    assert!(!texts[0].contains("71089914") && !texts[0].contains('<'), "{texts:?}");
}

#[test]
fn what_a_store_keeps_does_not_print() {
    let token = StoredToken::new("secret".into(), std::time::UNIX_EPOCH);
    assert_eq!(format!("{token:?}"), "StoredToken(…)");
    let mut claims = Claims::default();
    claims.insert(ClaimType::asserted("urn:be:fgov:person:ssin", "79021802145")).unwrap();
    assert!(!format!("{claims:?} {:?}", MemorySessionStore::default()).contains("790218"));
}

/// A store that has this token for everybody.
struct Evil(StoredToken);

impl SessionStore for Evil {
    fn name(&self) -> &'static str {
        "evil"
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
        Box::pin(async { Ok(Some(Box::new(Free) as Box<dyn SessionLease>)) })
    }
}

struct Free;

impl SessionLease for Free {
    fn release(self: Box<Self>) -> StoreAnswer<'static, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// A store that does nothing but fail.
struct Broken;

impl Broken {
    fn fail<'s, T: Send + 's>() -> StoreAnswer<'s, T> {
        Box::pin(async { Err(Error::SessionStoreFailed { store: "broken", detail: "away".into() }) })
    }
}

impl SessionStore for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }

    fn load<'s>(&'s self, _: &'s SessionKey) -> StoreAnswer<'s, Option<StoredToken>> {
        Self::fail()
    }

    fn save<'s>(&'s self, _: &'s SessionKey, _: &'s StoredToken) -> StoreAnswer<'s, ()> {
        Self::fail()
    }

    fn forget<'s>(&'s self, _: &'s SessionKey) -> StoreAnswer<'s, ()> {
        Self::fail()
    }

    fn lease<'s>(&'s self, _: &'s SessionKey) -> StoreAnswer<'s, Option<Box<dyn SessionLease>>> {
        Self::fail()
    }
}
