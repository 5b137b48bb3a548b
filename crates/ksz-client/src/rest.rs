use crate::Error;
use crate::client::Client;
use crate::problem::Problem;
use crate::random::Random;
use http::{HeaderValue, Request, Response, header};
use ksz_transport::Service;
use serde_json::Value;

/// A REST service of KSZ, called with an access token.
#[derive(Clone, Debug)]
pub struct Rest<'c> {
    client: &'c Client,
    api: String,
}

/// What a service says of itself (Belgif REST guide, health).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Health {
    /// How it is.
    pub status: HealthStatus,
    /// By what the service knows the request, if it says so (`BelGov-Trace-Id`).
    pub trace_id: Option<String>,
}

/// How a service is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum HealthStatus {
    /// It works.
    Up,
    /// It works in part.
    Degraded,
    /// It does not work.
    Down,
    /// A word of its own.
    Other(String),
}

impl<'c> Rest<'c> {
    pub(crate) fn new(client: &'c Client, api: &str) -> Self {
        Self { client, api: api.trim_matches('/').to_owned() }
    }

    /// `GET /health` with an access token.
    ///
    /// A token that the service refuses as invalid or expired is forgotten, and asked for again once.
    ///
    /// # Errors
    ///
    /// [`Error::Problem`] if the service refuses, [`Error::Oauth`] if there is no token, [`Error::UnexpectedAnswer`]
    /// for anything but its contract.
    pub async fn health(&self) -> Result<Health, Error> {
        let token = self.client.access_token().await?;
        match self.health_with(Some(token.authorization())).await {
            Err(Error::Problem { problem }) if problem.wants_fresh_token() => {
                self.client.forget_access_token(&token).await;
                let fresh = self.client.access_token().await?;
                self.health_with(Some(fresh.authorization())).await
            }
            other => other,
        }
    }

    /// The same with any authorization, or none.
    pub(crate) async fn health_with(&self, authorization: Option<HeaderValue>) -> Result<Health, Error> {
        let base = self.client.endpoint(Service::KszRest)?;
        let url = format!("{}/{}/health", base.as_str().trim_end_matches('/'), self.api);
        let mut request = Request::get(url)
            .header(header::ACCEPT, "application/json, application/problem+json")
            .header("BelGov-Trace-Id", Random::uuid()?)
            .body(Vec::new())
            .map_err(|_| Error::SettingNotAccepted { setting: "ksz.api", detail: "it does not fit a URL" })?;
        if let Some(authorization) = authorization {
            request.headers_mut().insert(header::AUTHORIZATION, authorization);
        }
        read_health(&self.client.settings().http.send(request).await?)
    }
}

fn read_health(answer: &Response<Vec<u8>>) -> Result<Health, Error> {
    let status = answer.status().as_u16();
    let unexpected = |detail| Error::UnexpectedAnswer { status, detail };
    let header = |name| answer.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let media_type = header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media_type == "application/problem+json" {
        let problem =
            Problem::read(status, answer.body()).ok_or_else(|| unexpected("no problem document"))?;
        return Err(Error::Problem { problem: Box::new(problem) });
    }
    if !matches!(status, 200 | 503) || media_type != "application/json" {
        return Err(unexpected("no health document"));
    }
    let body: Value = serde_json::from_slice(answer.body()).map_err(|_| unexpected("no JSON"))?;
    let status =
        match body["status"].as_str().ok_or_else(|| unexpected("a health document without status"))? {
            "UP" => HealthStatus::Up,
            "DEGRADED" => HealthStatus::Degraded,
            "DOWN" => HealthStatus::Down,
            other => HealthStatus::Other(other.chars().take(40).collect()),
        };
    Ok(Health { status, trace_id: header("belgov-trace-id").map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, media_type: &str, body: &str) -> Result<Health, Error> {
        let response = Response::builder()
            .status(status)
            .header("Content-Type", media_type)
            .header("BelGov-Trace-Id", "t-1")
            .body(body.as_bytes().to_vec());
        read_health(&response.unwrap())
    }

    #[test]
    fn every_documented_health_is_understood() {
        for (status, word, expected) in [
            (200, "UP", HealthStatus::Up),
            (200, "DEGRADED", HealthStatus::Degraded),
            (503, "DOWN", HealthStatus::Down),
            (200, "READ_ONLY", HealthStatus::Other("READ_ONLY".into())),
        ] {
            let body = format!(r#"{{"status":"{word}","details":{{}}}}"#);
            let health = answer(status, "application/json; charset=utf-8", &body).unwrap();
            assert_eq!(health, Health { status: expected, trace_id: Some("t-1".into()) });
        }
    }

    #[test]
    fn anything_else_is_refused() {
        assert!(matches!(
            answer(500, "text/html", "<html>"),
            Err(Error::UnexpectedAnswer { status: 500, .. })
        ));
        assert!(matches!(answer(200, "application/json", "{}"), Err(Error::UnexpectedAnswer { .. })));
        assert!(matches!(answer(200, "application/json", "UP"), Err(Error::UnexpectedAnswer { .. })));
        let problem = r#"{"type":"urn:problem-type:belgif:noAccessToken"}"#;
        assert!(matches!(answer(401, "application/problem+json", problem), Err(Error::Problem { .. })));
    }
}
