//! OAuth: answers of the token endpoint, metadata, and tokens that others send. The first octet chooses which.

#![no_main]

use http::{Response, StatusCode};
use ksz_fuzz::{choice, fixture};
use ksz_oauth::{
    AccessToken, ClientId, Issuer, ResourceServer, Scope, ServerMetadata, TokenRequest,
    VerifiedClientAssertion,
};
use ksz_pki::{Backend, PublicKey};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use url::Url;

const ISSUER: &str = "https://issuer.example.org/oauth/v5";

static KEYS: LazyLock<[PublicKey; 2]> = LazyLock::new(|| {
    [include_str!("../fixtures/rsa.crt"), include_str!("../fixtures/ec.crt")].map(|pem| {
        fixture::certificate(pem).public_key(Backend::default()).expect("the fixture has an accepted key")
    })
});
static REQUEST: LazyLock<TokenRequest> = LazyLock::new(|| {
    let client = ClientId::new("example:client").expect("the constant is an identifier");
    let endpoint = Url::parse("https://issuer.example.org/token").expect("the constant is an address");
    TokenRequest::new(client, endpoint).expect("the address is https").scope(Scope::default())
});

fuzz_target!(|data: &[u8]| {
    let Some((kind, input)) = choice(data) else { return };
    let now = fixture::signed_at();
    let response = |status| {
        let mut response = Response::new(input.to_vec());
        *response.status_mut() = status;
        response
    };
    match kind % 5 {
        0 => {
            if let Ok(token) = AccessToken::parse(response(StatusCode::OK), &REQUEST, now) {
                assert!(token.expires_at() >= now, "a token that ended before it was given");
                assert!(
                    !format!("{token:?}").contains(token.expose_secret()) || token.expose_secret().len() < 8
                );
            }
        }
        1 => drop(AccessToken::parse(response(StatusCode::BAD_REQUEST), &REQUEST, now)),
        2 => {
            let issuer = Issuer::new(ISSUER).expect("the constant is an address");
            if let Ok(metadata) = ServerMetadata::parse(response(StatusCode::OK), &issuer) {
                assert_eq!(metadata.issuer(), &issuer);
                assert_eq!(metadata.token_endpoint().scheme(), "https");
            }
        }
        // Nobody has signed a token with these keys.
        3 => {
            let Ok(token) = std::str::from_utf8(input) else { return };
            let server = ResourceServer::new(ISSUER, "https://service.example.org", KEYS.to_vec());
            assert!(server.verify(token, now).is_err(), "nobody signed this");
        }
        _ => {
            let Ok(assertion) = std::str::from_utf8(input) else { return };
            let verified = VerifiedClientAssertion::verify(assertion, |_| &KEYS[..], &[ISSUER], now);
            assert!(verified.is_err(), "nobody signed this");
        }
    }
});
