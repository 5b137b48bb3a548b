//! Answers with a JSON object, and those that are something else.

use crate::Error;
use crate::json::Members;
use http::header::RETRY_AFTER;
use std::time::Duration;

/// Answers of an authorization server are far smaller.
const MAX_BODY: usize = 64 * 1024;

/// The JSON object in a body. Servers write their empty members as `null`.
pub(crate) fn object(document: &'static str, body: &[u8]) -> Result<Members, Error> {
    if body.len() > MAX_BODY {
        return Err(Error::TooLarge { document, limit: MAX_BODY });
    }
    Ok(Members::parse(document, body)?.without_nulls())
}

/// An answer that is not of the form that was expected.
pub(crate) fn unexpected<B: AsRef<[u8]>>(document: &'static str, response: &http::Response<B>) -> Error {
    Error::UnexpectedResponse {
        document,
        status: response.status().as_u16(),
        excerpt: ksz_error::excerpt_of_octets(response.body().as_ref()),
        retry_after: retry_after(response),
    }
}

/// `Retry-After` in its form with seconds (RFC 9110 section 10.2.3); the form with a date is passed over.
pub(crate) fn retry_after<B>(response: &http::Response<B>) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}
