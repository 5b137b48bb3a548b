use crate::fixture::{Client, SHARED, refusals};
use http::{Request, Response};
use ksz_oauth::{AccessToken, ClientId, Scope, TokenRequest};
use ksz_sim::{Options, Simulator};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

#[tokio::test]
async fn a_service_with_a_token_is_up() {
    let client = Client::shared();
    let token = token(&client, "").await;

    let response = health(&client, Some(&token)).await;

    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.body(), br#"{"status":"UP"}"#);
}

#[tokio::test]
async fn no_token_and_a_bad_one_are_told_apart() {
    let client = Client::shared();

    let none = health(&client, None).await;
    assert_problem(&none, 401, "noAccessToken");
    assert_eq!(none.headers()["www-authenticate"], "Bearer realm=\"ksz-sim\"");

    let bad = health(&client, Some("a.b.c")).await;
    assert_problem(&bad, 401, "invalidAccessToken");
    assert_eq!(bad.headers()["www-authenticate"], "Bearer realm=\"ksz-sim\", error=\"invalid_token\"");
    assert!(refusals(&SHARED).iter().any(|refusal| refusal.reason == "NotJws"));
}

#[tokio::test]
async fn a_token_for_another_service_lacks_the_scope() {
    let client = Client::shared();
    let token = token(&client, "scope:cbss:api:person:consult").await;

    let response = health(&client, Some(&token)).await;

    let problem = assert_problem(&response, 403, "missingScope");
    assert_eq!(problem["requiredScopes"], json!(["scope:cbss:api:socialStatus:consult"]));
    assert_eq!(
        response.headers()["www-authenticate"],
        "Bearer realm=\"ksz-sim\", error=\"insufficient_scope\", scope=\"scope:cbss:api:socialStatus:consult\""
    );
}

#[tokio::test]
async fn a_token_ends() {
    let ahead = Arc::new(AtomicU64::new(0));
    let clock = ahead.clone();
    let now = move || SystemTime::now() + Duration::from_secs(clock.load(Ordering::Relaxed));
    let simulator = Simulator::start(Options::default().clock(now)).await.unwrap();
    let client = Client::of(&simulator);
    let token = token(&client, "").await;
    assert_eq!(health(&client, Some(&token)).await.status(), 200);

    ahead.store(700, Ordering::Relaxed);

    let response = health(&client, Some(&token)).await;
    assert_problem(&response, 401, "expiredAccessToken");
    assert!(response.headers()["www-authenticate"].to_str().unwrap().contains("error=\"invalid_token\""));
}

#[tokio::test]
async fn a_token_of_another_simulator_is_invalid() {
    let other = Simulator::start(Options::default()).await.unwrap();
    let token = token(&Client::of(&other), "").await;

    let response = health(&Client::shared(), Some(&token)).await;

    assert_problem(&response, 401, "invalidAccessToken");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let client = Client::shared();
    let base = client.text("ksz.rest");
    for path in
        ["", "salary/v1/health", "socialStatus/v1", "socialStatus/v2/health", "socialStatus/v1/health/"]
    {
        let request = Request::get(format!("{base}{path}")).body(Vec::new()).unwrap();

        let response = client.send(request).await;

        let problem = assert_problem(&response, 404, "resourceNotFound");
        assert_eq!(problem["detail"], format!("no resource /{path} found"));
    }
    let post = Request::post(format!("{base}socialStatus/v1/health")).body(Vec::new()).unwrap();
    let response = client.send(post).await;
    assert_eq!((response.status().as_u16(), &response.headers()["allow"]), (405, &"GET".parse().unwrap()));
}

#[tokio::test]
async fn every_answer_can_be_traced() {
    let client = Client::shared();
    let traced = async |trace: &str| {
        let request = Request::get(client.text("ksz.rest")).header("belgov-trace-id", trace);
        let response = client.send(request.body(Vec::new()).unwrap()).await;
        let header =
            |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        (header("belgov-trace-id").unwrap(), header("belgov-related-trace-id"))
    };

    let (first, related) = traced("d9e35127-e9b1-4201-a211-2b52e52508df").await;
    let (second, too_long) = traced(&"a".repeat(37)).await;

    assert_eq!(related.as_deref(), Some("d9e35127-e9b1-4201-a211-2b52e52508df"));
    assert_eq!(too_long, None);
    assert_eq!((first.len(), second.len()), (36, 36));
    assert_ne!(first, second);
}

fn assert_problem(response: &Response<Vec<u8>>, status: u16, name: &str) -> Value {
    assert_eq!(response.status(), status, "{name}");
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(problem["type"], format!("urn:problem-type:belgif:{name}"));
    assert_eq!(problem["status"], status);
    let trace = response.headers()["belgov-trace-id"].to_str().unwrap();
    assert_eq!(problem["instance"], format!("urn:uuid:{trace}"));
    problem
}

async fn health(client: &Client, token: Option<&str>) -> Response<Vec<u8>> {
    let url = format!("{}{}/health", client.text("ksz.rest"), client.text("ksz.api"));
    let mut request = Request::get(url);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    client.send(request.body(Vec::new()).unwrap()).await
}

async fn token(client: &Client, scope: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let jti = format!("rest-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let id = ClientId::new(client.text("oauth.client_id")).unwrap();
    let request = TokenRequest::new(id, client.text("oauth.token_endpoint").parse().unwrap()).unwrap();
    let request = request.scope(scope.parse::<Scope>().unwrap());
    let now = SystemTime::now();
    let response = client.send(request.to_http(&client.key("oauth.key"), &jti, now).unwrap()).await;
    AccessToken::parse(response, &request, now).unwrap().expose_secret().to_owned()
}
