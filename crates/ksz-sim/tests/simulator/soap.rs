use crate::fixture::{Client, SHARED, SoapAnswer, signed, was_refused};
use http::Request;
use ksz_sim::{Options, Simulator, SoapActions};
use ksz_soap::{
    IntegrationTest, IntegrationTestRequest, IntegrationTestResponse, Operation, SendTestMessageRequest,
    SendTestMessageResponse, SoaErrorKind, write_envelope,
};
use ksz_wss::{Policy, Replay, verify_x509};
use std::time::{Duration, SystemTime};

const KSZ: &str = "ksz.test_connection";
const EHEALTH: &str = "ehealth.consumer_test";
const SUBJECT: &str = "CN=NIHII-HOSPITAL=71089914,OU=eHealth-platform Belgium,OU=NIHII-HOSPITAL=71089914,\
                       O=Federal Government,C=BE";

#[tokio::test]
async fn an_unsigned_text_comes_back_with_the_certificate_of_the_connection() {
    let answer = Client::shared().soap(KSZ, Operation::SEND_TEST_MESSAGE, &echo("<a> & é")).await;

    let response = answer.read(SendTestMessageResponse::read).unwrap();
    assert_eq!(response.echo, "<a> & é");
    assert_eq!(response.ssl_certificate, SUBJECT);
    assert!(response.information_cbss.is_some());
    assert!(!answer.envelope.contains("Security"));
}

#[tokio::test]
async fn a_signed_text_gets_a_signed_answer() {
    let client = Client::shared();
    let message = signed(&echo("hello cbss service"), &client.identity("ksz.application"), now());

    let answer = client.soap(KSZ, Operation::SEND_TEST_MESSAGE, &message).await;

    let (octets, trust) = (answer.envelope.as_bytes(), client.answer_trust());
    let verified = verify_x509(octets, &trust, &Policy::default(), Replay::NotChecked, now()).unwrap();
    assert!(verified.signer().certificate().subject().contains("CN=Simulator KSZ-BCSS"));
    let body = verified.body().document().unwrap();
    let payload = body.root().children().next().unwrap();
    assert_eq!(SendTestMessageResponse::read(payload).unwrap().echo, "hello cbss service");
}

#[tokio::test]
async fn a_sender_of_a_refused_signature_learns_nothing_and_the_journal_everything() {
    let client = Client::shared();
    let good = signed(&echo("hello"), &client.identity("ksz.application"), now());
    let old = now() - Duration::from_secs(600);
    let cases = [
        (good.replace(">hello<", ">hallo<"), "digest", "DigestMismatch"),
        (good.replacen("Id=\"TS-", "Id=\"XX-", 1), "coverage", "NotCovered"),
        (signed(&echo("hello"), &client.identity("simulator.stranger"), now()), "trust", "UnknownIssuer"),
        (signed(&echo("hello"), &client.identity("ksz.application"), old), "timestamp", "TimestampExpired"),
    ];

    for (message, class, reason) in cases {
        let fault = client.soap(KSZ, Operation::SEND_TEST_MESSAGE, &message).await.fault();

        assert_not_authenticated(&fault);
        assert!(was_refused(&SHARED, class, reason), "{reason}");
    }
}

#[tokio::test]
async fn a_message_is_accepted_once() {
    let client = Client::shared();
    let message = signed(&echo("again"), &client.identity("ksz.application"), now());
    client
        .soap(KSZ, Operation::SEND_TEST_MESSAGE, &message)
        .await
        .read(SendTestMessageResponse::read)
        .unwrap();

    let fault = client.soap(KSZ, Operation::SEND_TEST_MESSAGE, &message).await.fault();

    assert_not_authenticated(&fault);
    assert!(was_refused(&SHARED, "replay", "Replayed"));
}

#[tokio::test]
async fn what_is_no_request_is_refused_by_its_class() {
    let client = Client::shared();
    let soap = |content: &str| {
        format!("<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">{content}</s:Envelope>")
    };
    let payload = SendTestMessageRequest { echo: "x".into() }.to_xml();
    let qualified = payload.replace("echo>", "v1:echo>");
    for (message, code) in [
        ("hello".to_owned(), "SOA-03001"),
        (soap("<s:Body>"), "SOA-03001"),
        (format!("<!DOCTYPE a>{}", soap("<s:Body/>")), "SOA-03001"),
        ("<a/>".into(), "SOA-03002"),
        (
            echo("x").replace("schemas.xmlsoap.org/soap/envelope/", "www.w3.org/2003/05/soap-envelope"),
            "SOA-03002",
        ),
        (soap("<s:Header/>"), "SOA-03003"),
        (soap("<s:Body/><s:Body/>"), "SOA-03004"),
        (soap("<s:Body/>"), "SOA-03006"),
        (soap(&format!("<s:Body>{payload}{payload}</s:Body>")), "SOA-03006"),
        (soap(&format!("<s:Body>{qualified}</s:Body>")), "SOA-03006"),
        (soap("<s:Body><sendTestMessageRequest/></s:Body>"), "SOA-03005"),
    ] {
        let fault = client.soap(KSZ, Operation::SEND_TEST_MESSAGE, &message).await.fault();

        assert_eq!(fault.service_code(), code, "{message}");
    }
}

#[tokio::test]
async fn the_action_must_be_that_of_the_payload() {
    let lenient = Simulator::start(Options::default().soap_actions(SoapActions::Ignored)).await.unwrap();
    let wrong = Operation::CHALLENGE;

    let fault = Client::shared().soap(KSZ, wrong, &echo("x")).await.fault();
    let ignored = Client::of(&lenient).soap(KSZ, wrong, &echo("x")).await;

    assert_eq!(fault.service_code(), "SOA-03004");
    assert!(was_refused(&SHARED, "structure", "ActionMismatch"));
    assert_eq!(ignored.status, 200);
}

#[tokio::test]
async fn http_itself_is_checked() {
    let client = Client::shared();
    let url = client.text(KSZ);
    let post = |url: &str, content_type: &str, body: Vec<u8>| {
        Request::post(url).header("content-type", content_type).body(body).unwrap()
    };

    let html = client.send(post(url, "text/html", echo("x").into())).await;
    assert_eq!(SoapAnswer::of(html).fault().service_code(), "SOA-03002");
    let get = client.send(Request::get(url).body(Vec::new()).unwrap()).await;
    assert_eq!(get.status(), 405);
    let elsewhere = client.send(post(&format!("{url}/x"), "text/xml", echo("x").into())).await;
    assert_eq!(elsewhere.status(), 404);
    let large = client.send(post(url, "text/xml", vec![b' '; (10 << 20) + 1])).await;
    assert_eq!(large.status(), 413);
}

#[tokio::test]
async fn a_connection_is_checked_without_a_signature() {
    let answer = call(IntegrationTest::Connection, &request(IntegrationTest::Connection)).await;

    let response = response(IntegrationTest::Connection, &answer);
    assert_eq!(response.message, "Hello World");
    assert_eq!(response.authenticated_consumer, None);
}

#[tokio::test]
async fn access_is_checked_with_both_kinds_of_key() {
    let test = IntegrationTest::AccessControl;
    for entry in ["ehealth.identity", "ehealth.identity_ec"] {
        let message = signed(&request(test), &Client::shared().identity(entry), now());

        let response = response(test, &call(test, &message).await);

        assert_eq!(response.authenticated_consumer.as_deref(), Some(SUBJECT), "{entry}");
    }
}

#[tokio::test]
async fn access_without_the_signature_of_the_profile_is_refused() {
    let identity = Client::shared().identity("ehealth.identity");
    for (test, message, class, reason) in [
        (
            IntegrationTest::AccessControl,
            request(IntegrationTest::AccessControl),
            "structure",
            "SecurityCount",
        ),
        (
            IntegrationTest::BrokeredAccessControl,
            signed(&request(IntegrationTest::BrokeredAccessControl), &identity, now()),
            "structure",
            "SecurityShape",
        ),
    ] {
        assert_not_authenticated(&call(test, &message).await.fault());
        assert!(was_refused(&SHARED, class, reason), "{reason}");
    }
}

#[tokio::test]
async fn the_action_of_another_operation_is_refused_though_no_wsdl_is_public() {
    let envelope = request(IntegrationTest::Connection);
    let other = IntegrationTest::AccessControl.operation();
    let invented = Operation { name: "checkConnection", action: "urn:invented" };
    let client = Client::shared();

    let refused = client.soap(EHEALTH, other, &envelope).await;
    let accepted = client.soap(EHEALTH, invented, &envelope).await;

    assert_eq!(refused.fault().service_code(), "SOA-03004");
    assert_eq!(accepted.status, 200);
}

fn assert_not_authenticated(fault: &ksz_soap::Fault) {
    assert_eq!(fault.text(), "SOA-01001: Service call not authenticated.");
    assert_eq!(
        (fault.code.namespace.as_str(), fault.code.name.as_str()),
        (ksz_soap::names::SOAP_11, "Client")
    );
    let error = fault.soa_error.as_ref().unwrap();
    assert_eq!((error.kind, error.origin.as_str()), (SoaErrorKind::System, "Consumer"));
    let texts: Vec<_> = error.messages.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["Service call not authenticated."]);
}

fn echo(text: &str) -> String {
    write_envelope(&SendTestMessageRequest { echo: text.into() }.to_xml())
}

fn request(test: IntegrationTest) -> String {
    let request = IntegrationTestRequest { test, message: "Hello World".into(), timestamp: now() };
    write_envelope(&request.to_xml().unwrap())
}

async fn call(test: IntegrationTest, message: &str) -> SoapAnswer {
    Client::shared().soap(EHEALTH, test.operation(), message).await
}

fn response(test: IntegrationTest, answer: &SoapAnswer) -> IntegrationTestResponse {
    answer.read(|payload| IntegrationTestResponse::read(test, payload)).unwrap()
}

fn now() -> SystemTime {
    SystemTime::now()
}
