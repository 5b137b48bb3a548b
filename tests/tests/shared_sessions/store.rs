//! What lies in Redis, and who holds a lease.

use crate::server::{Line, Server};
use crate::worker::{Ahead, KEY, call, claims, client};
use ksz::Config;
use ksz::Error;
use ksz::client::{
    RedisSessionStore, RedisSessionStoreBuilder, Session, SessionStore, SessionStoreKey, StoredToken,
};
use ksz::pki::Password;
use ksz_sim::{Options, Simulator};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A session that shares its token through Redis and has none yet, and the simulator that would issue one.
async fn opened(redis: &Server) -> (Simulator, Session) {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let config = Config::from_toml(&simulator.configuration(), Path::new("simulator")).unwrap();
    let client = client(config, &redis.address(), &Ahead::default());
    let session = client.ehealth().session(claims()).open().unwrap();
    (simulator, session)
}

#[tokio::test]
async fn redis_holds_nothing_that_can_be_read_and_nothing_beyond_the_end_of_a_token() {
    let Some(redis) = Server::start("what lies in Redis") else { return };
    let (_simulator, session) = opened(&redis).await;
    call(&session).await.unwrap();

    let names = String::from_utf8(redis.cli(&["keys", "*"])).unwrap();
    let name = names.trim();
    let digest = name.strip_prefix("ksz:session:").unwrap();
    assert!(
        digest.len() == 64 && digest.bytes().all(|c| c.is_ascii_hexdigit()),
        "one entry, no lease: {names}"
    );
    let value = redis.cli(&["get", name]);
    let readable = |text: &str| value.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(readable("KSZSESS1"), "an entry");
    for secret in ["Assertion", "saml", "71089914", "hospital"] {
        assert!(!readable(secret), "{secret}");
    }
    let left: i64 = String::from_utf8(redis.cli(&["ttl", name])).unwrap().trim().parse().unwrap();
    assert!((1..=3_600).contains(&left), "{left}");

    session.forget().await.unwrap();
    assert_eq!(redis.cli(&["dbsize"]), b"0\n");
}

#[tokio::test]
async fn a_lease_that_ended_is_not_released_by_whoever_had_it() {
    let Some(redis) = Server::start("leases in Redis") else { return };
    let (_simulator, session) = opened(&redis).await;
    let (key, long) = (session.key(), store(&redis));
    let short = builder(&redis).lease(Duration::from_millis(1)).build(&SessionStoreKey::new(KEY)).unwrap();

    let ended = short.lease(key).await.unwrap().unwrap();
    let lease = loop {
        if let Some(lease) = long.lease(key).await.unwrap() {
            break lease;
        }
    };
    ended.release().await.unwrap();
    assert!(store(&redis).lease(key).await.unwrap().is_none(), "the second has it still");
    lease.release().await.unwrap();
    assert!(store(&redis).lease(key).await.unwrap().is_some());
}

#[tokio::test]
async fn a_lease_whose_answer_was_lost_is_ours_and_nobody_elses() {
    let Some(redis) = Server::start("lost answers of Redis") else { return };
    let (_simulator, session) = opened(&redis).await;
    let line = Line::to(&redis);
    let key = session.key();
    let far = RedisSessionStore::builder(line.address()).build(&SessionStoreKey::new(KEY)).unwrap();
    assert_eq!(far.load(key).await.unwrap(), None, "there is a connection, which can be lost");

    line.lose_an_answer();
    let lease = far.lease(key).await.unwrap().expect("Redis gave it, and nobody else asked");

    assert!(line.has_lost_it());
    assert!(store(&redis).lease(key).await.unwrap().is_none(), "others do not get it");
    lease.release().await.unwrap();
    assert!(store(&redis).lease(key).await.unwrap().is_some());
}

#[tokio::test]
async fn a_lease_is_extended_while_it_is_ours_and_not_when_it_is_gone_or_of_another() {
    let Some(redis) = Server::start("extended leases in Redis") else { return };
    let (_simulator, session) = opened(&redis).await;
    let hour = builder(&redis).lease(Duration::from_secs(3_600)).build(&SessionStoreKey::new(KEY)).unwrap();
    let lease = hour.lease(session.key()).await.unwrap().unwrap();
    let names = String::from_utf8(redis.cli(&["keys", "ksz:lease:*"])).unwrap();
    let name = names.trim();
    let left = || -> i64 { String::from_utf8(redis.cli(&["ttl", name])).unwrap().trim().parse().unwrap() };

    redis.cli(&["expire", name, "100"]);
    assert!(left() <= 100);
    assert!(lease.extend().await.unwrap());
    assert!((101..=3_600).contains(&left()), "{}", left());

    redis.cli(&["set", name, "another", "ex", "100"]);
    assert!(!lease.extend().await.unwrap());
    assert!(left() <= 100, "the lease of another ends when it ends");
    redis.cli(&["del", name]);
    assert!(!lease.extend().await.unwrap());
    assert_eq!(redis.cli(&["dbsize"]), b"0\n", "what is gone does not come back");
}

#[tokio::test]
async fn an_entry_that_somebody_changed_in_redis_is_none() {
    let Some(redis) = Server::start("entries in Redis") else { return };
    let (_simulator, session) = opened(&redis).await;
    let (key, store) = (session.key(), store(&redis));
    let token = StoredToken::new("a token".into(), SystemTime::now() + Duration::from_secs(60));

    store.save(key, &token).await.unwrap();
    assert_eq!(store.load(key).await.unwrap().unwrap().text(), token.text());
    let names = String::from_utf8(redis.cli(&["keys", "ksz:session:*"])).unwrap();
    redis.cli(&["setrange", names.trim(), "50", "x"]);
    assert_eq!(store.load(key).await.unwrap(), None);
    let over = StoredToken::new("a token".into(), SystemTime::now());
    store.save(key, &over).await.unwrap();
    assert_eq!(store.load(key).await.unwrap(), None);
}

#[tokio::test]
async fn of_an_entry_that_somebody_made_huge_no_more_is_read_than_an_entry_may_have() {
    let Some(redis) = Server::start("huge entries in Redis") else { return };
    let (_simulator, session) = opened(&redis).await;
    let (key, store) = (session.key(), store(&redis));
    let token = StoredToken::new("a token".into(), SystemTime::now() + Duration::from_secs(60));
    store.save(key, &token).await.unwrap();
    let names = String::from_utf8(redis.cli(&["keys", "ksz:session:*"])).unwrap();
    redis.cli(&["setrange", names.trim(), "33554432", "x"]);
    let sent = || -> u64 {
        let figures = String::from_utf8(redis.cli(&["info", "stats"])).unwrap();
        let line = figures.lines().find_map(|line| line.strip_prefix("total_net_output_bytes:"));
        line.unwrap().trim().parse().unwrap()
    };
    let before = sent();

    assert_eq!(store.load(key).await.unwrap(), None);

    let sent = sent() - before;
    assert!(sent < 2 << 20, "{sent} octets were sent");
}

#[tokio::test]
async fn redis_is_reached_by_tls_and_believed_below_the_given_roots_alone() {
    let Some(redis) = Server::start_with_tls("Redis with TLS") else { return };
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let config = Config::from_toml(&simulator.configuration(), Path::new("simulator")).unwrap();
    let session = config.into_builder().build().unwrap().ehealth().session(claims()).open().unwrap();
    let token = StoredToken::new("a token".into(), SystemTime::now() + Duration::from_secs(60));
    let build = |builder: RedisSessionStoreBuilder| builder.build(&SessionStoreKey::new(KEY)).unwrap();

    let trusting = build(builder(&redis).roots(redis.roots()).password(Password::new("geheim".into())));
    trusting.save(session.key(), &token).await.unwrap();
    assert_eq!(trusting.load(session.key()).await.unwrap().unwrap().text(), token.text());

    let stranger = build(builder(&redis).password(Password::new("geheim".into())));
    let error = stranger.load(session.key()).await.unwrap_err();
    assert!(matches!(error, Error::SessionStoreFailed { store: "redis", .. }), "{error:?}");
    let mistaken = build(builder(&redis).roots(redis.roots()).password(Password::new("falsch".into())));
    let error = mistaken.load(session.key()).await.unwrap_err();
    assert!(matches!(error, Error::SessionStoreFailed { store: "redis", .. }), "{error:?}");
    assert!(!error.to_string().contains("falsch"), "{error}");
}

fn store(redis: &Server) -> RedisSessionStore {
    builder(redis).build(&SessionStoreKey::new(KEY)).unwrap()
}

fn builder(redis: &Server) -> RedisSessionStoreBuilder {
    RedisSessionStore::builder(redis.address())
}
