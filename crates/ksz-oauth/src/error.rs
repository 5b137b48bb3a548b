use ksz_error::Kind;
use std::time::Duration;

/// Why an OAuth message could not be made, was refused here, or was answered with a refusal.
///
/// Texts of the other side are shortened, and what looks like a token or a person's number in them is masked.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A key could not sign, or a signature was not made by the expected key.
    #[error(transparent)]
    Key(#[from] ksz_pki::Error),

    /// The client identifier is empty, too long, or holds something else than visible ASCII.
    #[error("a client id has 1 to {limit} visible ASCII characters")]
    ClientIdNotAccepted {
        /// The longest that is accepted.
        limit: usize,
    },

    /// A text is not a list of scope tokens with one space between them (RFC 6749 section 3.3).
    #[error("{text:?} is not a list of scopes")]
    ScopeMalformed {
        /// The text, shortened.
        text: String,
    },

    /// An address may not be used for what it was configured for.
    #[error("the {role} must be {expected}")]
    UrlNotAccepted {
        /// What the address is for.
        role: &'static str,
        /// What it must be.
        expected: &'static str,
    },

    /// The audience must be the issuer, and none is configured.
    #[error("the audience is to be the issuer, and no issuer is configured")]
    IssuerNotConfigured,

    /// The audience is configured as an empty text.
    #[error("the configured audience is empty")]
    AudienceEmpty,

    /// The identifier for a JWT is empty, too long, or holds something else than visible ASCII.
    #[error("a jti has 1 to {limit} visible ASCII characters")]
    JwtIdNotAccepted {
        /// The longest that is accepted.
        limit: usize,
    },

    /// A JWT was to be made with a lifetime that is not allowed.
    #[error("a lifetime of {seconds} s was asked for, 1 to {limit} are allowed")]
    LifetimeNotAccepted {
        /// What was asked for.
        seconds: u64,
        /// The longest that is allowed.
        limit: u64,
    },

    /// The given time has no NumericDate (RFC 7519 section 2): it lies before 1970 or after 9999.
    #[error("the given time cannot be written as a NumericDate")]
    TimeNotRepresentable,

    /// A message is larger than the limit.
    #[error("{document} is larger than {limit} octets")]
    TooLarge {
        /// The message.
        document: &'static str,
        /// The limit.
        limit: usize,
    },

    /// A message is not a JSON object in UTF-8 (RFC 8259).
    #[error("{document} is not a JSON object, at {line}:{column}")]
    NotJson {
        /// The message.
        document: &'static str,
        /// The line, counted from 1.
        line: usize,
        /// The column in it.
        column: usize,
    },

    /// A JSON object names a member twice.
    #[error("{document} holds {member:?} twice")]
    RepeatedMember {
        /// The message.
        document: &'static str,
        /// The member, shortened.
        member: String,
    },

    /// A required member or claim is missing.
    #[error("{document} lacks {member}")]
    MemberMissing {
        /// The message.
        document: &'static str,
        /// The member.
        member: &'static str,
    },

    /// A member or claim has a value of another type or form than the standard says.
    #[error("{member} of {document} is not {expected}")]
    MemberType {
        /// The message.
        document: &'static str,
        /// The member.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
    },

    /// The text is not a JWS in compact serialization (RFC 7515 section 7.1).
    #[error("not a compact JWS: {detail}")]
    NotJws {
        /// What is wrong with it.
        detail: &'static str,
    },

    /// `alg` is not that of the expected key, or none that is accepted at all.
    #[error("alg {alg:?} is not accepted with this key")]
    AlgorithmNotAccepted {
        /// What the header says, shortened.
        alg: String,
    },

    /// The header brings its own key, or asks for something that must be understood.
    #[error("a JWS header with {member} is not accepted")]
    HeaderNotAccepted {
        /// The header parameter.
        member: &'static str,
    },

    /// `typ` says that the JWT is of another kind (RFC 8725 section 3.11).
    #[error("a JWT of type {typ:?} is not accepted here")]
    TypeNotAccepted {
        /// What the header says, shortened; empty if it says nothing.
        typ: String,
    },

    /// The JWT is for somebody else.
    #[error("the JWT is for {found:?}")]
    AudienceMismatch {
        /// Its audience, shortened.
        found: String,
    },

    /// A client assertion names several audiences.
    #[error("a client assertion must name one audience, found {found}")]
    AudienceCount {
        /// How many there are.
        found: usize,
    },

    /// The JWT is of another issuer.
    #[error("the JWT is of {found:?}")]
    IssuerMismatch {
        /// Its issuer, shortened.
        found: String,
    },

    /// A client assertion whose `iss` is not its `sub` (RFC 7523 section 3).
    #[error("iss and sub of a client assertion must be the same")]
    IssuerNotSubject,

    /// No key is known for the client.
    #[error("client {client_id:?} is not known")]
    ClientUnknown {
        /// The client, shortened.
        client_id: String,
    },

    /// The JWT, or the token, is over.
    #[error("expired {seconds} s ago")]
    Expired {
        /// How long ago, without any allowance for clocks.
        seconds: u64,
    },

    /// The JWT starts in the future, by more than clocks may differ.
    #[error("{claim} lies {seconds} s ahead")]
    NotYetValid {
        /// `iat` or `nbf`.
        claim: &'static str,
        /// How far ahead.
        seconds: u64,
    },

    /// A client assertion that lives longer than is accepted.
    #[error("the assertion lives {seconds} s, at most {limit} are accepted")]
    LifetimeTooLong {
        /// Its lifetime.
        seconds: u64,
        /// The limit.
        limit: u64,
    },

    /// The assertion was used before.
    #[error("the assertion was used before")]
    Replayed,

    /// The replay store holds as many assertions as it may, so no other can be accepted now.
    #[error("the replay store is full with {capacity} assertions")]
    ReplayStoreFull {
        /// How many it may hold.
        capacity: usize,
    },

    /// The metadata are of another issuer than the configured one (RFC 8414 section 3.3).
    #[error("the metadata are of issuer {found:?}, expected {expected:?}")]
    MetadataIssuer {
        /// The issuer in the document, shortened.
        found: String,
        /// The configured issuer.
        expected: String,
    },

    /// The server's metadata do not list what we would authenticate with.
    #[error("the metadata do not list {value} in {member}")]
    NotOffered {
        /// The member of the metadata.
        member: &'static str,
        /// What is missing in it.
        value: &'static str,
    },

    /// The request has no bearer token (RFC 6750 section 2.1).
    #[error("the request has no bearer token")]
    NoAccessToken,

    /// The `Authorization` header is repeated, or what follows `Bearer` is no token.
    #[error("the Authorization header is malformed")]
    AuthorizationMalformed,

    /// The access token is bound to a key (`cnf`, RFC 7800), which this version cannot check.
    #[error("the access token is bound to a key, which is not supported")]
    BoundToken,

    /// The token is of a type that we cannot use (RFC 6749 section 7.1).
    #[error("a token of type {token_type:?} cannot be used, only Bearer can")]
    TokenTypeNotAccepted {
        /// The type, shortened.
        token_type: String,
    },

    /// The token does not have the needed scopes.
    #[error("the token lacks the scopes {missing:?}")]
    ScopeNotGranted {
        /// The scopes that are missing.
        missing: String,
    },

    /// The token endpoint said no (RFC 6749 section 5.2).
    #[error("the token endpoint refused with {status} {error}{}", refusal(.error, .error_description.as_deref(), .audience))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// `error`, shortened.
        error: String,
        /// `error_description`, shortened.
        error_description: Option<String>,
        /// `error_uri`, shortened.
        error_uri: Option<String>,
        /// The audience of the assertion that was sent: the first thing to compare after `invalid_client`.
        audience: String,
        /// How long to wait, if the server says so in seconds.
        retry_after: Option<Duration>,
    },

    /// The answer has a status of its own and is no OAuth error: often a gateway's page.
    #[error("{document} came with status {status}: {excerpt:?}")]
    UnexpectedResponse {
        /// The message that was expected.
        document: &'static str,
        /// The HTTP status.
        status: u16,
        /// The beginning of the body, masked.
        excerpt: String,
        /// How long to wait, if the server says so in seconds.
        retry_after: Option<Duration>,
    },
}

impl Error {
    /// Whose fault it is.
    ///
    /// An unexpected answer with status 429 or 5xx is [`Kind::Transport`]: a gateway spoke, and the server did not.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Key(error) => error.kind(),
            Self::ClientIdNotAccepted { .. }
            | Self::ScopeMalformed { .. }
            | Self::UrlNotAccepted { .. }
            | Self::IssuerNotConfigured
            | Self::AudienceEmpty
            | Self::JwtIdNotAccepted { .. }
            | Self::LifetimeNotAccepted { .. }
            | Self::TimeNotRepresentable
            | Self::ReplayStoreFull { .. } => Kind::Misuse,
            Self::NotOffered { .. } | Self::BoundToken => Kind::Unsupported,
            Self::Refused { .. } | Self::ScopeNotGranted { .. } => Kind::Refused,
            Self::UnexpectedResponse { status: 429 | 500..=599, .. } => Kind::Transport,
            _ => Kind::Peer,
        }
    }
}

fn refusal(error: &str, description: Option<&str>, audience: &str) -> String {
    let description = description.map(|text| format!(": {text}")).unwrap_or_default();
    match error {
        "invalid_client" => format!("{description}; the assertion was sent for audience {audience:?}"),
        _ => description,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_invalid_client_names_the_audience_that_was_sent() {
        let refused = |error: &str| Error::Refused {
            status: 401,
            error: error.into(),
            error_description: Some("no".into()),
            error_uri: None,
            audience: "https://as.example/token".into(),
            retry_after: None,
        };

        assert_eq!(
            refused("invalid_client").to_string(),
            "the token endpoint refused with 401 invalid_client: no; \
             the assertion was sent for audience \"https://as.example/token\""
        );
        assert_eq!(
            refused("invalid_scope").to_string(),
            "the token endpoint refused with 401 invalid_scope: no"
        );
        assert_eq!(refused("invalid_client").kind(), Kind::Refused);
    }

    #[test]
    fn a_gateway_that_is_down_said_nothing() {
        let unexpected = |status| Error::UnexpectedResponse {
            document: "token response",
            status,
            excerpt: String::new(),
            retry_after: None,
        };

        assert_eq!(unexpected(503).kind(), Kind::Transport);
        assert_eq!(unexpected(302).kind(), Kind::Peer);
        assert_eq!(unexpected(403).kind(), Kind::Peer);
    }
}
