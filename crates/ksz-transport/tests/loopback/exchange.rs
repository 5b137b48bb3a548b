use crate::pki::Authority;
use crate::server::{Behaviour, Server, plain};
use http::{Request, StatusCode, Version};
use ksz_error::Kind;
use ksz_transport::{Error, HttpClient, HttpClientBuilder, ServerTrust};
use std::time::Duration;
use tokio::net::TcpListener;

#[tokio::test]
async fn a_request_and_its_answer_pass_unchanged() {
    let answer = b"HTTP/1.1 500 Oops\r\nx-trace: 7\r\nset-cookie: a=b\r\ncontent-length: 5\r\n\r\n<x/>\n";
    let (server, client) = given(Behaviour::Answer(answer.to_vec())).await;
    let request = Request::post(server.url("/a/b?c=d")).header("soapaction", "\"urn:x\"");

    let response = client.send(request.body(b"<y/>".to_vec()).unwrap()).await.unwrap();

    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.headers()["x-trace"], "7");
    assert_eq!(response.body(), b"<x/>\n");
    let received = server.received().concat();
    assert!(received.starts_with("POST /a/b?c=d HTTP/1.1\r\n"), "{received}");
    assert!(received.contains("\r\nsoapaction: \"urn:x\"\r\n"), "{received}");
    assert!(
        received.contains(concat!("\r\nuser-agent: ksz/", env!("CARGO_PKG_VERSION"), "\r\n")),
        "{received}"
    );
    assert!(!received.to_lowercase().contains("accept-encoding"), "{received}");
    assert!(received.ends_with("\r\n\r\n<y/>"), "{received}");
}

#[tokio::test]
async fn http_2_is_chosen_where_it_is_offered() {
    for (alpn, version) in [("h2", Version::HTTP_2), ("http/1.1", Version::HTTP_11)] {
        let authority = Authority::new("a");
        let mut config = plain(authority.server(&["127.0.0.1"]));
        config.alpn_protocols = vec![alpn.into()];
        let server = Server::start(config, Behaviour::Http).await;
        let client = builder(&authority).build().unwrap();

        let response = get(&client, &server).await.unwrap();

        assert_eq!(response.version(), version);
        assert_eq!(response.body(), format!("{version:?}").as_bytes());
    }
}

#[tokio::test]
async fn a_redirect_comes_back_as_it_is() {
    let (elsewhere, _) = given(Behaviour::Answer(ok(b"stolen"))).await;
    let location = elsewhere.url("/");
    let answer = format!("HTTP/1.1 307 Away\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    let (server, client) = given(Behaviour::Answer(answer.into_bytes())).await;

    let response = get(&client, &server).await.unwrap();

    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(response.headers()["location"], location);
    assert_eq!(elsewhere.received(), [""; 0]);
}

#[tokio::test]
async fn an_answer_of_the_limit_passes_and_one_octet_more_does_not() {
    let chunked =
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n12345678\r\n3\r\n9ab\r\n0\r\n\r\n";
    for (answer, expected) in [
        (ok(b"0123456789"), Ok(10)),
        (ok(b"0123456789a"), Err(())),
        (chunked.to_vec(), Err(())),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999\r\n\r\n".to_vec(), Err(())),
    ] {
        let authority = Authority::new("a");
        let server = Server::start(plain(authority.server(&["127.0.0.1"])), Behaviour::Answer(answer)).await;
        let client = builder(&authority).response_limit(10).build().unwrap();

        let length = get(&client, &server).await.map(|response| response.body().len());

        let too_large = Error::ResponseTooLarge { host: server.host(), limit: 10 };
        assert_eq!(length, expected.map_err(|()| too_large));
    }
}

#[tokio::test]
async fn a_server_that_stalls_meets_the_deadline() {
    for begun in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234"] {
        let authority = Authority::new("a");
        let behaviour = Behaviour::Stall(begun.to_vec());
        let server = Server::start(plain(authority.server(&["127.0.0.1"])), behaviour).await;
        let client = builder(&authority).timeout(Duration::from_millis(300)).build().unwrap();

        let error = get(&client, &server).await.unwrap_err();

        assert_eq!(error, Error::Timeout { host: server.host() });
        assert!(error.outcome_unknown());
    }
}

#[tokio::test]
async fn a_handshake_that_stalls_meets_the_time_to_connect() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let client = builder(&Authority::new("a")).connect_timeout(Duration::from_millis(100)).build().unwrap();

    let error = client.send(request(&format!("https://{host}/"))).await.unwrap_err();

    assert_eq!(error, Error::ConnectTimeout { host });
    assert!(!error.outcome_unknown());
}

#[tokio::test]
async fn a_connection_cut_after_the_request_leaves_the_outcome_unknown() {
    let declared = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234";
    let until_closed = b"HTTP/1.1 200 OK\r\n\r\n1234";
    for behaviour in [
        Behaviour::Cut(vec![]),
        Behaviour::Answer(vec![]),
        Behaviour::Cut(declared.to_vec()),
        Behaviour::Answer(declared.to_vec()),
        Behaviour::Cut(until_closed.to_vec()),
    ] {
        let (server, client) = given(behaviour).await;

        let error = get(&client, &server).await.unwrap_err();

        assert_eq!(error, Error::ConnectionClosed { host: server.host(), outcome_unknown: true });
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_the_servers_fault() {
    let endless = [&b"HTTP/1.1 200 OK\r\n"[..], &b"x: y\r\n".repeat(1_000)].concat();
    let chunk = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec();
    for answer in [b"220 smtp ready\r\n\r\n".to_vec(), endless, chunk] {
        let (server, client) = given(Behaviour::Answer(answer)).await;

        let error = get(&client, &server).await.unwrap_err();

        assert!(matches!(error, Error::NotHttp { .. }), "{error:?}");
        assert_eq!(error.kind(), Kind::Peer);
    }
}

#[tokio::test]
async fn a_closed_port_and_an_unknown_name_are_told_apart() {
    let client = builder(&Authority::new("a")).build().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    drop(listener);

    let refused = client.send(request(&format!("https://{host}/"))).await.unwrap_err();
    let unknown = client.send(request("https://nowhere.invalid/")).await.unwrap_err();

    assert!(matches!(refused, Error::Connect { .. }), "{refused:?}");
    assert!(matches!(unknown, Error::Dns { .. }), "{unknown:?}");
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let client = builder(&Authority::new("a")).build().unwrap();

    let error =
        client.send(request(&format!("http://{}/", listener.local_addr().unwrap()))).await.unwrap_err();

    assert_eq!(error, Error::InsecureUrl { scheme: "http".into() });
    assert_eq!(error.kind(), Kind::Misuse);
}

async fn given(behaviour: Behaviour) -> (Server, HttpClient) {
    let authority = Authority::new("a");
    let server = Server::start(plain(authority.server(&["127.0.0.1"])), behaviour).await;
    (server, builder(&authority).build().unwrap())
}

async fn get(client: &HttpClient, server: &Server) -> Result<http::Response<Vec<u8>>, Error> {
    client.send(request(&server.url("/"))).await
}

fn builder(roots: &Authority) -> HttpClientBuilder {
    HttpClient::builder().server_trust(ServerTrust::Roots(vec![roots.certificate()]))
}

fn request(url: &str) -> Request<Vec<u8>> {
    Request::get(url).body(Vec::new()).unwrap()
}

fn ok(body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}
