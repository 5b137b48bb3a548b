use crate::issuer::is_https;
use crate::jws::algorithm_name;
use crate::response::{object, unexpected};
use crate::{Error, Issuer};
use http::StatusCode;
use http::header::ACCEPT;
use ksz_error::excerpt;
use ksz_pki::KeyAlgorithm;
use url::{Host, Url};

const DOCUMENT: &str = "metadata";
const METHODS: &str = "token_endpoint_auth_methods_supported";
const ALGORITHMS: &str = "token_endpoint_auth_signing_alg_values_supported";

/// What an authorization server says of itself (RFC 8414 section 2).
///
/// It serves to compare and to fail early. Tokens are requested at the *configured* endpoint:
/// [`TokenRequest`](crate::TokenRequest) takes nothing from here, since whoever can change this document could
/// otherwise choose where the assertion goes and for whom it is. A server may also be reached by several
/// networks, of which its metadata name one.
#[derive(Clone, Debug)]
pub struct ServerMetadata {
    issuer: Issuer,
    token_endpoint: Url,
    methods: Option<Vec<String>>,
    algorithms: Option<Vec<String>>,
}

impl ServerMetadata {
    /// The request for an issuer's metadata (RFC 8414 section 3.1). It holds no secret.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "an issuer is only made if this address is a URI")]
    pub fn request(issuer: &Issuer) -> http::Request<Vec<u8>> {
        http::Request::get(issuer.metadata_url().as_str())
            .header(ACCEPT, "application/json")
            .body(Vec::new())
            .expect("an issuer is only made if this address is a URI")
    }

    /// Reads the answer and checks that it is of the configured issuer, octet by octet (RFC 8414 section 3.3).
    ///
    /// The token endpoint may be on another host than the issuer, as that of the social security is. An address
    /// in numbers, or `localhost`, is only accepted where the issuer itself is. Members with `null` count as absent.
    ///
    /// # Errors
    ///
    /// - [`Error::UnexpectedResponse`] if the status is not 200.
    /// - [`Error::TooLarge`], [`Error::NotJson`], [`Error::RepeatedMember`] if it is no such document.
    /// - [`Error::MetadataIssuer`] if it is of another issuer.
    /// - [`Error::MemberMissing`], [`Error::MemberType`] if `issuer` or `token_endpoint` is missing, or a member
    ///   that we read is of another type or the endpoint not an acceptable `https` address.
    pub fn parse(response: http::Response<Vec<u8>>, issuer: &Issuer) -> Result<Self, Error> {
        if response.status() != StatusCode::OK {
            return Err(unexpected(DOCUMENT, &response));
        }
        let mut members = object(DOCUMENT, response.body())?;
        let found = members.required_string("issuer")?;
        if found != issuer.as_str() {
            return Err(Error::MetadataIssuer { found: excerpt(&found), expected: issuer.to_string() });
        }
        let token_endpoint = Url::parse(&members.required_string("token_endpoint")?)
            .ok()
            .filter(|url| is_https(url) && (is_named(url) || issuer.is_host_of(url)))
            .ok_or_else(|| members.wrong("token_endpoint", "an https URL on a named host"))?;
        Ok(Self {
            issuer: issuer.clone(),
            token_endpoint,
            methods: members.strings(METHODS)?,
            algorithms: members.strings(ALGORITHMS)?,
        })
    }

    /// The issuer, which is the configured one.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The token endpoint that the document names: to compare with the configured one, not to send to.
    #[must_use]
    pub const fn token_endpoint(&self) -> &Url {
        &self.token_endpoint
    }

    /// Refuses early what the server would refuse later: an assertion signed with such a key.
    ///
    /// A list that is absent says nothing here. RFC 8414 would make an absent list of methods mean client
    /// secrets only, but servers that want assertions leave it out too.
    ///
    /// # Errors
    ///
    /// [`Error::NotOffered`] if a list is there and does not have `private_key_jwt`, or the key's algorithm.
    pub fn require_signature_with(&self, key: KeyAlgorithm) -> Result<(), Error> {
        let wanted = [
            (METHODS, &self.methods, "private_key_jwt"),
            (ALGORITHMS, &self.algorithms, algorithm_name(key)),
        ];
        for (member, list, value) in wanted {
            if list.as_ref().is_some_and(|list| !list.iter().any(|listed| listed == value)) {
                return Err(Error::NotOffered { member, value });
            }
        }
        Ok(())
    }
}

fn is_named(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_goes_to_the_well_known_address() {
        let request = ServerMetadata::request(&issuer());

        assert_eq!(request.method(), "GET");
        assert_eq!(request.uri(), "https://as.example/.well-known/oauth-authorization-server/v5");
        assert!(request.body().is_empty());
    }

    #[test]
    fn the_token_endpoint_may_be_on_another_named_host() {
        let metadata = parse(r#"{"issuer":"https://as.example/v5","token_endpoint":"https://b.example/t"}"#);
        assert_eq!(metadata.unwrap().token_endpoint().as_str(), "https://b.example/t");
    }

    #[test]
    fn another_issuer_is_refused() {
        for found in ["https://as.example/v5/", "https://AS.example/v5", "https://evil.example/v5", ""] {
            let body = format!(r#"{{"issuer":"{found}","token_endpoint":"https://b.example/t"}}"#);
            let expected = "https://as.example/v5".into();
            assert_eq!(parse(&body).unwrap_err(), Error::MetadataIssuer { found: found.into(), expected });
        }
    }

    #[test]
    fn an_endpoint_without_tls_or_on_a_bare_address_is_refused() {
        for endpoint in [
            "http://b.example/t",
            "https://u:p@b.example/t",
            "https://b.example/t#x",
            "https://10.0.0.1/t",
            "https://2130706433/t",
            "https://[::1]/t",
            "https://localhost/t",
            "/t",
        ] {
            let body = format!(r#"{{"issuer":"https://as.example/v5","token_endpoint":"{endpoint}"}}"#);
            let expected = "an https URL on a named host";
            assert_eq!(
                parse(&body).unwrap_err(),
                Error::MemberType { document: "metadata", member: "token_endpoint", expected }
            );
        }
        let local = Issuer::new("https://127.0.0.1:8443").unwrap();
        let body = r#"{"issuer":"https://127.0.0.1:8443","token_endpoint":"https://127.0.0.1:8444/t"}"#;
        assert!(ServerMetadata::parse(http::Response::new(body.into()), &local).is_ok());
    }

    #[test]
    fn what_the_server_does_not_offer_is_refused_early() {
        let metadata = |lists: &str| {
            let head = r#""issuer":"https://as.example/v5","token_endpoint":"https://b.example/t""#;
            parse(&format!("{{{head}{lists}}}")).unwrap()
        };
        let rsa_only = metadata(&format!(r#","{ALGORITHMS}":["RS256"],"{METHODS}":["private_key_jwt"]"#));
        let secrets_only = metadata(&format!(r#","{METHODS}":["client_secret_basic"]"#));

        assert_eq!(metadata("").require_signature_with(KeyAlgorithm::EcdsaP256), Ok(()));
        assert_eq!(rsa_only.require_signature_with(KeyAlgorithm::Rsa), Ok(()));
        assert_eq!(
            rsa_only.require_signature_with(KeyAlgorithm::EcdsaP256),
            Err(Error::NotOffered { member: ALGORITHMS, value: "ES256" })
        );
        assert_eq!(
            secrets_only.require_signature_with(KeyAlgorithm::Rsa),
            Err(Error::NotOffered { member: METHODS, value: "private_key_jwt" })
        );
    }

    #[test]
    fn an_answer_of_another_form_is_refused() {
        let redirect = http::Response::builder().status(302).body(b"<html>moved".to_vec()).unwrap();
        assert_eq!(
            ServerMetadata::parse(redirect, &issuer()).unwrap_err(),
            Error::UnexpectedResponse {
                document: "metadata",
                status: 302,
                excerpt: "<html>moved".into(),
                retry_after: None
            }
        );
        assert_eq!(
            parse(&" ".repeat(64 * 1024 + 1)).unwrap_err(),
            Error::TooLarge { document: "metadata", limit: 64 * 1024 }
        );
        assert_eq!(
            parse(r#"{"issuer":"https://as.example/v5","issuer":"x"}"#).unwrap_err(),
            Error::RepeatedMember { document: "metadata", member: "issuer".into() }
        );
    }

    fn issuer() -> Issuer {
        Issuer::new("https://as.example/v5").unwrap()
    }

    fn parse(body: &str) -> Result<ServerMetadata, Error> {
        ServerMetadata::parse(http::Response::new(body.into()), &issuer())
    }
}
