use crate::fixture::{Client, SHARED, refusals};
use http::{Request, Response};
use ksz_oauth::{
    AccessToken, AudiencePolicy, ClientAssertion, ClientId, Error, Issuer, ServerMetadata, TokenRequest,
};
use ksz_pki::SigningKey;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use url::form_urlencoded::Serializer;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[tokio::test]
async fn the_metadata_are_those_of_the_configuration() {
    let client = Client::shared();
    let issuer = Issuer::new(client.text("oauth.issuer")).unwrap();

    let response = client.send(ServerMetadata::request(&issuer)).await;

    let metadata = ServerMetadata::parse(response, &issuer).unwrap();
    assert_eq!(metadata.token_endpoint().as_str(), client.text("oauth.token_endpoint"));
    for entry in ["ehealth.identity", "ehealth.identity_ec"] {
        assert_eq!(metadata.require_signature_with(client.key(entry).algorithm()), Ok(()));
    }
}

#[tokio::test]
async fn a_client_with_its_key_gets_a_token() {
    let client = Client::shared();
    let by_issuer = request(&client)
        .issuer(Issuer::new(client.text("oauth.issuer")).unwrap())
        .audience_policy(AudiencePolicy::Issuer);
    for (key, request) in
        [("oauth.key", request(&client)), ("ehealth.identity_ec", request(&client)), ("oauth.key", by_issuer)]
    {
        let now = SystemTime::now();

        let response = client.send(request.to_http(&client.key(key), &jti(), now).unwrap()).await;

        assert_eq!(response.headers()["cache-control"], "no-store");
        let token = AccessToken::parse(response, &request, now).unwrap();
        assert_eq!(token.expires_at(), now + Duration::from_secs(600));
        assert!(token.scope().unwrap().contains("scope:cbss:api:socialStatus:consult"));
    }
}

#[tokio::test]
async fn an_assertion_counts_once() {
    let client = Client::shared();
    let (request, now) = (request(&client), SystemTime::now());
    let sent = request.to_http(&client.key("oauth.key"), &jti(), now).unwrap();
    assert_eq!(client.send(sent.clone()).await.status(), 200);

    let again = client.send(sent).await;

    let error = AccessToken::parse(again, &request, now).unwrap_err();
    assert!(
        matches!(&error, Error::Refused { status: 401, error, .. } if error == "invalid_client"),
        "{error:?}"
    );
    assert!(refusals(&SHARED).iter().any(|refusal| refusal.reason == "Replayed" && refusal.class.is_none()));
}

#[tokio::test]
async fn a_client_that_does_not_authenticate_is_refused_without_a_reason() {
    let client = Client::shared();
    let (own, other) = (client.key("oauth.key"), client.key("simulator.other_key"));
    let (id, url) = (client.text("oauth.client_id"), client.text("oauth.token_endpoint"));
    let old = SystemTime::now() - Duration::from_secs(600);
    let now = SystemTime::now();
    for (assertion, reason) in [
        (assertion(id, url, &other, now), "SignatureMismatch"),
        (assertion("somebody", url, &own, now), "ClientUnknown"),
        (assertion(id, "https://as.example/token", &own, now), "AudienceMismatch"),
        (assertion(id, url, &own, old), "Expired"),
        ("a.b.c".to_owned(), "NotJws"),
        (String::new(), "NoAssertion"),
    ] {
        let form = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &assertion)];

        let response = post(&client, &[&[("grant_type", "client_credentials")], &form[..]].concat()).await;

        assert_eq!(response.status(), 401, "{reason}");
        assert_eq!(
            String::from_utf8(response.into_body()).unwrap(),
            r#"{"error":"invalid_client","error_description":"the client did not authenticate"}"#
        );
        let reasons = refusals(&SHARED);
        assert!(reasons.iter().any(|refusal| refusal.reason == reason), "{reason}: {reasons:?}");
    }
}

#[tokio::test]
async fn a_form_that_is_not_as_it_must_be_is_refused_by_its_error() {
    let client = Client::shared();
    let (id, url) = (client.text("oauth.client_id"), client.text("oauth.token_endpoint"));
    let good = || assertion(id, url, &client.key("oauth.key"), SystemTime::now());
    let grant = ("grant_type", "client_credentials");
    let kind = ("client_assertion_type", ASSERTION_TYPE);
    let assertions = [good(), good(), good(), good()];
    let of = |index: usize| ("client_assertion", assertions[index].as_str());
    for (form, status, error) in [
        (vec![kind, of(0)], 400, "invalid_request"),
        (vec![("grant_type", ""), kind, of(0)], 400, "invalid_request"),
        (vec![("grant_type", "password"), kind, of(0)], 400, "unsupported_grant_type"),
        (vec![grant, grant, kind, of(0)], 400, "invalid_request"),
        (vec![grant, of(0)], 401, "invalid_client"),
        (vec![grant, ("client_assertion_type", "urn:x"), of(0)], 401, "invalid_client"),
        (vec![grant, kind, of(0), ("client_id", "somebody")], 401, "invalid_client"),
        (vec![grant, kind, of(1), ("scope", "scope:cbss:api:salary:consult")], 400, "invalid_scope"),
        (vec![grant, kind, of(2), ("scope", "a  b")], 400, "invalid_scope"),
        (vec![grant, kind, of(3), ("client_id", id), ("scope", "scope:cbss:api:person:consult")], 200, ""),
    ] {
        let response = post(&client, &form).await;

        assert_eq!(response.status(), status, "{error}");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let body = String::from_utf8(response.into_body()).unwrap();
        assert!(body.contains(&format!("\"{error}")), "{body}");
    }
}

#[tokio::test]
async fn only_a_form_of_moderate_size_is_read() {
    let client = Client::shared();
    let url = client.text("oauth.token_endpoint");
    let large = [b"a=".to_vec(), vec![b'a'; 64 * 1024]].concat();
    for (content_type, body) in
        [("application/json", b"{}".to_vec()), ("application/x-www-form-urlencoded", large)]
    {
        let request = Request::post(url).header("content-type", content_type).body(body).unwrap();

        let response = client.send(request).await;

        assert_eq!(response.status(), 400);
        assert!(String::from_utf8(response.into_body()).unwrap().contains("invalid_request"));
    }
}

async fn post(client: &Client, parameters: &[(&str, &str)]) -> Response<Vec<u8>> {
    let form = Serializer::new(String::new()).extend_pairs(parameters).finish();
    let request = Request::post(client.text("oauth.token_endpoint"))
        .header("content-type", "application/x-www-form-urlencoded");
    client.send(request.body(form.into_bytes()).unwrap()).await
}

fn request(client: &Client) -> TokenRequest {
    let id = ClientId::new(client.text("oauth.client_id")).unwrap();
    TokenRequest::new(id, client.text("oauth.token_endpoint").parse().unwrap()).unwrap()
}

fn assertion(client: &str, audience: &str, key: &SigningKey, now: SystemTime) -> String {
    ClientAssertion::new(ClientId::new(client).unwrap(), audience).sign(key, &jti(), now).unwrap()
}

fn jti() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("{:?}-{}", std::thread::current().id(), NEXT.fetch_add(1, Ordering::Relaxed)).replace(' ', "")
}
