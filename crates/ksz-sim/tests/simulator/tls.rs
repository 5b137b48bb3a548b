use crate::fixture::{Client, SHARED, refusals};
use http::Request;
use ksz_sim::{Options, Simulator};
use ksz_transport::Error;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

#[tokio::test]
async fn a_client_without_a_certificate_is_refused_and_written_down() {
    let client = Client::shown(&SHARED, None);

    let error = client.http.send(get(client.text("ksz.rest"))).await.unwrap_err();

    assert!(matches!(error, Error::ClientCertificateRequired { .. }), "{error:?}");
    // The alert may be here before it is written down there.
    let written = async {
        while !refusals(&SHARED).iter().any(|refusal| refusal.reason == "NoCertificatesPresented") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), written).await.unwrap();
}

#[tokio::test]
async fn a_client_of_a_foreign_authority_is_refused() {
    let client = Client::shown(&SHARED, Some("simulator.stranger"));
    for entry in ["ksz.test_connection", "ksz.rest", "ehealth.sts", "oauth.issuer"] {
        let error = client.http.send(get(client.text(entry))).await.unwrap_err();

        assert!(matches!(error, Error::ClientCertificateRefused { .. }), "{entry}: {error:?}");
    }
}

#[tokio::test]
async fn both_versions_of_tls_and_both_kinds_of_key_are_accepted() {
    for (versions, identity) in [(&TLS12, "tls.identity"), (&TLS13, "ehealth.identity_ec")] {
        let answer = raw_get(versions, identity).await;

        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    }
}

#[tokio::test]
async fn silent_peers_hold_nobody_up() {
    let client = Client::shared();
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(SHARED.addresses().ksz_rest).await.unwrap());
    }

    let response = client.send(get(client.text("ksz.rest"))).await;

    assert_eq!(response.status(), 404);
}

#[tokio::test]
async fn a_simulator_that_is_dropped_listens_no_more() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let address = simulator.addresses().oauth;
    let client = Client::of(&simulator);
    assert_eq!(client.send(get(client.text("oauth.issuer"))).await.status(), 404);

    drop(simulator);

    let refused = async { while TcpStream::connect(address).await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(10), refused).await.unwrap();
}

fn get(url: &str) -> Request<Vec<u8>> {
    Request::get(url).body(Vec::new()).unwrap()
}

async fn raw_get(version: &'static SupportedProtocolVersion, identity: &str) -> String {
    let client = Client::shared();
    let mut roots = RootCertStore::empty();
    let root = client.value("tls.roots").as_array().unwrap()[0].as_str().unwrap();
    roots.add(CertificateDer::from_pem_slice(root.as_bytes()).unwrap()).unwrap();
    let pem = client.text(identity).as_bytes();
    let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(pem).unwrap())
        .unwrap();
    let tcp = TcpStream::connect(SHARED.addresses().oauth).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut tls = TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap();
    tls.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    tls.read_to_string(&mut answer).await.unwrap();
    answer
}
