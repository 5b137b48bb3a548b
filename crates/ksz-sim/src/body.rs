//! Reading the body of a request, within a size and a time.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use http::StatusCode;
use std::time::Duration;
use tokio::time::timeout;

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a body was not read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Unread {
    #[error("the request is too large")]
    TooLarge,
    #[error("the request took too long")]
    TooSlow,
    #[error("the request broke off")]
    BrokenOff,
}

impl Unread {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenOff => StatusCode::BAD_REQUEST,
        }
    }
}

/// The head and the whole body. The limit of the size stands in the router.
pub(crate) async fn read(request: Request) -> Result<(Parts, Bytes), Unread> {
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    match timeout(PATIENCE, Bytes::from_request(request, &())).await {
        Ok(Ok(octets)) => Ok((parts, octets)),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Unread::TooLarge),
        Ok(Err(_)) => Err(Unread::BrokenOff),
        Err(_) => Err(Unread::TooSlow),
    }
}
