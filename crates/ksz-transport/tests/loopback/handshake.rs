use crate::pki::Authority;
use crate::server::{Behaviour, ONLY_12, ONLY_13, Server, mutual, plain};
use http::Request;
use ksz_error::Kind;
use ksz_pki::{Backend, Digest, DigestSigner, Identity, KeyAlgorithm, SignatureAlgorithm, SigningKey};
use ksz_transport::{Error, HttpClient, ServerTrust};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::TcpListener;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn a_client_certificate_is_shown_in_both_versions_with_both_kinds_of_key() {
    let authority = Authority::new("both");
    for identity in [authority.rsa_client(), authority.p256_client()] {
        for versions in [ONLY_12, ONLY_13] {
            let config = mutual(&authority, &authority, versions);
            let server = Server::start(config, Behaviour::Answer(OK.into())).await;

            let answer = get(&client(&authority, Some(&identity)), &server).await;

            assert_eq!(answer, Ok("ok".into()), "{identity:?} {versions:?}");
        }
    }
}

#[tokio::test]
async fn a_missing_client_certificate_is_named() {
    let authority = Authority::new("both");
    for versions in [ONLY_12, ONLY_13] {
        for alpn in [vec![], vec![b"h2".to_vec()]] {
            let mut config = mutual(&authority, &authority, versions);
            config.alpn_protocols = alpn;
            let server = Server::start(config, Behaviour::Http).await;

            let error = get(&client(&authority, None), &server).await.unwrap_err();

            assert_eq!(error, Error::ClientCertificateRequired { host: server.host() });
            assert!(!error.outcome_unknown());
        }
    }
}

#[tokio::test]
async fn a_client_certificate_of_a_foreign_authority_is_refused() {
    let (authority, foreign) = (Authority::new("server"), Authority::new("foreign"));
    let identity = foreign.p256_client();
    for versions in [ONLY_12, ONLY_13] {
        for alpn in [vec![], vec![b"h2".to_vec()]] {
            let mut config = mutual(&authority, &authority, versions);
            config.alpn_protocols = alpn;
            let server = Server::start(config, Behaviour::Http).await;

            let error = get(&client(&authority, Some(&identity)), &server).await.unwrap_err();

            let Error::ClientCertificateRefused { host, alert } = &error else { panic!("{error:?}") };
            assert_eq!((host, alert.as_str()), (&server.host(), "UnknownCA"));
            assert_eq!(error.kind(), Kind::Transport);
        }
    }
}

#[tokio::test]
async fn a_server_of_an_unknown_authority_is_not_trusted() {
    let (authority, unknown) = (Authority::new("known"), Authority::new("unknown"));
    let server = Server::start(plain(unknown.server(&["127.0.0.1"])), Behaviour::Answer(OK.into())).await;

    let error = get(&client(&authority, None), &server).await.unwrap_err();

    assert!(matches!(error, Error::ServerNotTrusted { .. }), "{error:?}");
    assert_eq!(server.received(), [""; 0]);
}

/// A machine may have no roots at all; then the client is not built.
#[tokio::test]
async fn the_systems_roots_do_not_trust_everyone() {
    let authority = Authority::new("a");
    let server = Server::start(plain(authority.server(&["127.0.0.1"])), Behaviour::Answer(OK.into())).await;

    let result = match HttpClient::builder().server_trust(ServerTrust::System).build() {
        Ok(client) => get(&client, &server).await,
        Err(error) => Err(error),
    };

    assert!(matches!(result, Err(Error::ServerNotTrusted { .. } | Error::NotBuilt { .. })), "{result:?}");
}

#[tokio::test]
async fn a_server_with_another_name_is_refused() {
    let authority = Authority::new("a");
    let server = Server::start(plain(authority.server(&["b2b.example"])), Behaviour::Answer(OK.into())).await;

    let error = get(&client(&authority, None), &server).await.unwrap_err();

    let Error::ServerNameMismatch { presented, .. } = &error else { panic!("{error:?}") };
    assert!(presented.contains("b2b.example"), "{presented}");
}

#[tokio::test]
async fn a_server_certificate_outside_its_time_is_refused() {
    let authority = Authority::new("a");
    let host_and_error = async |from, to| {
        let config = plain(authority.server_of_years(from, to));
        let server = Server::start(config, Behaviour::Answer(OK.into())).await;
        (server.host(), get(&client(&authority, None), &server).await.unwrap_err())
    };

    let (host, error) = host_and_error(2001, 2002).await;
    assert_eq!(error, Error::ServerCertificateExpired { host });
    let (host, error) = host_and_error(3001, 3002).await;
    assert_eq!(error, Error::ServerCertificateNotYetValid { host });
}

#[tokio::test]
async fn a_server_that_shares_no_protocol_fails_in_tls_and_not_about_a_certificate() {
    let authority = Authority::new("a");
    let mut config = plain(authority.server(&["127.0.0.1"]));
    config.alpn_protocols = vec![b"spdy/3".to_vec()];
    let server = Server::start(config, Behaviour::Answer(OK.into())).await;

    let error = get(&client(&authority, Some(&authority.p256_client())), &server).await.unwrap_err();

    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_closes_during_the_handshake_gives_no_connection() {
    let authority = Authority::new("a");
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });

    let request = Request::get(url).body(Vec::new()).unwrap();
    let error = client(&authority, None).send(request).await.unwrap_err();

    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
}

#[tokio::test]
async fn a_card_that_is_removed_before_the_handshake_is_named() {
    let authority = Authority::new("a");
    let server = Server::start(mutual(&authority, &authority, ONLY_13), Behaviour::Answer(OK.into())).await;
    let genuine = authority.p256_client();
    let card =
        SigningKey::from_signer(Arc::new(Card { key: genuine.key().clone(), used: AtomicBool::new(false) }));
    let identity = Identity::new(card, genuine.chain().to_vec(), Backend::default()).unwrap();

    let error = get(&client(&authority, Some(&identity)), &server).await.unwrap_err();

    assert_eq!(error, Error::Key(ksz_pki::Error::SigningFailed { detail: "no card".into() }));
}

/// A key that signs once, for the proof that it belongs to its certificate.
struct Card {
    key: SigningKey,
    used: AtomicBool,
}

impl DigestSigner for Card {
    fn algorithm(&self) -> KeyAlgorithm {
        self.key.algorithm()
    }

    fn sign_digest(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, ksz_pki::Error> {
        if self.used.swap(true, Ordering::Relaxed) {
            return Err(ksz_pki::Error::SigningFailed { detail: "no card".into() });
        }
        self.key.sign_digest_with(algorithm, digest)
    }
}

async fn get(client: &HttpClient, server: &Server) -> Result<String, Error> {
    let request = Request::get(server.url("/")).body(Vec::new()).unwrap();
    let answer = client.send(request).await?;
    Ok(String::from_utf8(answer.into_body()).unwrap())
}

fn client(roots: &Authority, identity: Option<&Identity>) -> HttpClient {
    let builder = HttpClient::builder().server_trust(ServerTrust::Roots(vec![roots.certificate()]));
    match identity {
        Some(identity) => builder.identity(identity.clone()).build().unwrap(),
        None => builder.build().unwrap(),
    }
}
