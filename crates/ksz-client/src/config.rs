mod credential;
mod sessions;

use self::credential::Credential;
use self::sessions::Sessions;
pub(crate) use self::sessions::StoreSettings;
use crate::Error;
use crate::builder::{ClientBuilder, OauthSettings};
use ksz_error::mask_person_numbers;
use ksz_oauth::{AudiencePolicy, ClientId, Issuer};
use ksz_pki::{Backend, Certificate, Identity, SigningKey, TrustStore, certificates_from_pem_or_der};
use ksz_sts::{AssertionTrust, ClaimType, Claims};
use ksz_transport::{Channel, Environment, Service};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use url::Url;

/// The configuration of a client and of the [doctor](crate::doctor): a TOML file.
///
/// Keys are files in PEM, DER or PKCS#12, certificates in PEM or DER, named relative to the configuration, or
/// PEM texts in place. A key under a password is a table that names the environment variable of the password.
/// Every table and every address may be left out; an address comes from the catalogue then.
///
/// Reading it opens nothing but those files: the store of `[ehealth.sessions]` is opened, and the variable of its key read,
/// when a [client is built](ClientBuilder::build).
///
/// ```toml
/// environment = "acceptance"          # sim, test, acceptance, production
/// channel = "extranet"                # extranet, internet
///
/// [tls]
/// roots = ["roots.pem"]               # whom to believe; without it the operating system's authorities
/// identity = "client.pem"             # key, certificate and its issuers
///
/// [ksz]
/// application = "application.pem"     # signs messages to KSZ
/// answer_anchors = ["ksz.pem"]        # who signs KSZ's answers
/// api = "socialStatus/v1"             # the REST service whose health is asked
///
/// [ehealth]
/// identity = { file = "hospital.p12", password_env = "HOSPITAL_PASSWORD" } # signs; without it the TLS identity
/// sts_certificates = ["sts.pem"]      # pinned certificates of the token service
/// claims = [{ uri = "urn:be:fgov:ehealth:1.0:hospital:nihii-number", value = "71089914" }]
///
/// [ehealth.sessions]
/// store = "sessions"                  # a folder, or redis://host:6379/0: where processes share tokens
/// key_env = "KSZ_SESSIONS_KEY"        # the variable with the key: 64 hexadecimal digits
///
/// [oauth]
/// client_id = "other:consult:client:confidential"
/// key = "client.pem"
/// ```
#[derive(Clone)]
pub struct Config {
    builder: ClientBuilder,
    doctor: DoctorSettings,
}

/// What only the doctor needs.
#[derive(Clone, Default)]
pub(crate) struct DoctorSettings {
    pub(crate) api: Option<String>,
    pub(crate) identity_ec: Option<Identity>,
    pub(crate) claims: Claims,
    pub(crate) stranger: Option<Identity>,
    pub(crate) other_key: Option<SigningKey>,
}

impl Config {
    /// Reads a configuration file and the files it names.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] with file and place, [`Error::Credential`] with the file of the key or certificate.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        Self::from_toml(&text, path)
    }

    /// Reads a configuration from its text; `path` is where it lies, or would lie.
    ///
    /// # Errors
    ///
    /// Those of [`Self::load`].
    pub fn from_toml(text: &str, path: &Path) -> Result<Self, Error> {
        Reader { path }.read(parse(text, path)?)
    }

    /// A configuration of an environment and nothing else: every address from the catalogue, no identity.
    #[must_use]
    pub fn of(environment: Environment) -> Self {
        Self { builder: crate::Client::builder(environment), doctor: DoctorSettings::default() }
    }

    /// The environment.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.builder.environment
    }

    /// The claims of `[ehealth]`, in their order.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.doctor.claims
    }

    /// The identity that signs messages to the eHealth platform, if there is one.
    #[must_use]
    pub fn ehealth_identity(&self) -> Option<&Identity> {
        self.builder.ehealth_signer()
    }

    /// Whose assertions are believed, if certificates are pinned.
    #[must_use]
    pub const fn assertion_trust(&self) -> Option<&AssertionTrust> {
        self.builder.assertion_trust.as_ref()
    }

    /// Claims that stand in a file of their own: the key `claims` of `[ehealth]`, and no other.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] with file and place.
    pub fn claims_from_toml(text: &str, path: &Path) -> Result<Claims, Error> {
        let file: ClaimsFile = parse(text, path)?;
        Reader { path }.claims(&file.claims)
    }

    /// The same through another network.
    #[must_use]
    pub fn through(mut self, channel: Channel) -> Self {
        self.builder = self.builder.channel(channel);
        self
    }

    /// The client as the configuration says, to be completed.
    #[must_use]
    pub fn into_builder(self) -> ClientBuilder {
        self.builder
    }

    pub(crate) fn into_parts(self) -> (ClientBuilder, DoctorSettings) {
        (self.builder, self.doctor)
    }
}

fn parse<T: DeserializeOwned>(text: &str, path: &Path) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| {
        let place = error.span().map_or(0, |span| span.start);
        let line = text.get(..place).map_or(1, |before| before.matches('\n').count() + 1);
        Error::Configuration {
            file: masked(path),
            // A value of a wrong type is repeated in the message, and may be a person's number.
            detail: mask_person_numbers(&format!("line {line}: {}", error.message().replace('\n', ", "))),
        }
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimsFile {
    claims: Vec<Claim>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    environment: String,
    channel: Option<String>,
    #[serde(default)]
    tls: Tls,
    #[serde(default)]
    ksz: Ksz,
    #[serde(default)]
    ehealth: Ehealth,
    oauth: Option<Oauth>,
    #[serde(default)]
    simulator: Simulator,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tls {
    #[serde(default)]
    roots: Vec<String>,
    identity: Option<Credential>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ksz {
    test_connection: Option<Url>,
    rest: Option<Url>,
    api: Option<String>,
    application: Option<Credential>,
    #[serde(default)]
    answer_anchors: Vec<String>,
    #[serde(default)]
    answer_intermediates: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ehealth {
    consumer_test: Option<Url>,
    sts: Option<Url>,
    identity: Option<Credential>,
    identity_ec: Option<Credential>,
    #[serde(default)]
    sts_certificates: Vec<String>,
    sts_issuer: Option<String>,
    #[serde(default)]
    claims: Vec<Claim>,
    sessions: Option<Sessions>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claim {
    uri: String,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Oauth {
    issuer: Option<String>,
    token_endpoint: Option<Url>,
    client_id: String,
    key: Credential,
    audience: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Simulator {
    stranger: Option<Credential>,
    other_key: Option<Credential>,
}

/// Turns the file into values, with the folder where the files it names lie.
struct Reader<'p> {
    path: &'p Path,
}

impl Reader<'_> {
    fn read(&self, file: File) -> Result<Config, Error> {
        let environment: Environment =
            file.environment.parse().map_err(|error: ksz_transport::Error| self.refuse(&error))?;
        let mut builder = crate::Client::builder(environment);
        if let Some(channel) = &file.channel {
            let channel: Channel =
                channel.parse().map_err(|error: ksz_transport::Error| self.refuse(&error))?;
            builder = builder.channel(channel);
        }
        builder = addresses(builder, &file);
        builder = self.tls(builder, &file.tls)?;
        builder = self.ksz(builder, &file.ksz)?;
        builder = self.ehealth(builder, &file.ehealth)?;
        if let Some(sessions) = file.ehealth.sessions {
            builder = builder.session_store_settings(sessions.settings(self)?);
        }
        if let Some(oauth) = &file.oauth {
            builder = builder.oauth(self.oauth(oauth)?);
        }
        let doctor = DoctorSettings {
            identity_ec: self.identity(file.ehealth.identity_ec.as_ref())?,
            claims: self.claims(&file.ehealth.claims)?,
            stranger: self.identity(file.simulator.stranger.as_ref())?,
            other_key: file.simulator.other_key.as_ref().map(|key| key.key(self)).transpose()?,
            api: file.ksz.api,
        };
        Ok(Config { builder, doctor })
    }

    fn tls(&self, mut builder: ClientBuilder, tls: &Tls) -> Result<ClientBuilder, Error> {
        if !tls.roots.is_empty() {
            builder = builder.server_roots(self.certificates(&tls.roots)?);
        }
        if let Some(identity) = self.identity(tls.identity.as_ref())? {
            builder = builder.identity(identity);
        }
        Ok(builder)
    }

    fn ksz(&self, mut builder: ClientBuilder, ksz: &Ksz) -> Result<ClientBuilder, Error> {
        if let Some(application) = self.identity(ksz.application.as_ref())? {
            builder = builder.application(application);
        }
        if !ksz.answer_anchors.is_empty() {
            let anchors = self.certificates(&ksz.answer_anchors)?;
            let intermediates = self.certificates(&ksz.answer_intermediates)?;
            let trust = TrustStore::new(anchors, Backend::default()).with_intermediates(intermediates);
            builder = builder.answer_trust(trust);
        }
        Ok(builder)
    }

    fn ehealth(&self, mut builder: ClientBuilder, ehealth: &Ehealth) -> Result<ClientBuilder, Error> {
        if let Some(identity) = self.identity(ehealth.identity.as_ref())? {
            builder = builder.ehealth_identity(identity);
        }
        if !ehealth.sts_certificates.is_empty() {
            let issuer = ehealth.sts_issuer.as_deref().unwrap_or(ksz_sts::names::EHEALTH_ISSUER);
            let pinned = self.certificates(&ehealth.sts_certificates)?;
            builder = builder.assertion_trust(AssertionTrust::new(issuer, pinned, Backend::default()));
        }
        Ok(builder)
    }

    fn claims(&self, listed: &[Claim]) -> Result<Claims, Error> {
        let mut claims = Claims::default();
        for Claim { uri, value } in listed {
            let claim = match value {
                Some(value) => ClaimType::asserted(uri, value),
                None => ClaimType::certified(uri),
            };
            claims.insert(claim).map_err(|error| self.refuse(&error))?;
        }
        Ok(claims)
    }

    fn oauth(&self, oauth: &Oauth) -> Result<OauthSettings, Error> {
        Ok(OauthSettings {
            client_id: ClientId::new(&oauth.client_id).map_err(|error| self.refuse(&error))?,
            key: oauth.key.key(self)?,
            issuer: oauth
                .issuer
                .as_deref()
                .map(Issuer::new)
                .transpose()
                .map_err(|error| self.refuse(&error))?,
            audience: match oauth.audience.as_deref() {
                None | Some("token-endpoint") => AudiencePolicy::TokenEndpoint,
                Some("issuer") => AudiencePolicy::Issuer,
                Some(exact) => AudiencePolicy::Exact(exact.to_owned()),
            },
        })
    }

    fn identity(&self, credential: Option<&Credential>) -> Result<Option<Identity>, Error> {
        credential.map(|credential| credential.identity(self)).transpose()
    }

    fn certificates(&self, sources: &[String]) -> Result<Vec<Certificate>, Error> {
        let mut certificates = Vec::new();
        for source in sources {
            let (file, octets) = self.octets(source)?;
            let read = certificates_from_pem_or_der(&octets);
            certificates.extend(read.map_err(|source| Error::Credential { file, source })?);
        }
        Ok(certificates)
    }

    /// The name for errors and the octets of a file, or of a PEM text that stands in place.
    fn octets(&self, source: &str) -> Result<(String, zeroize::Zeroizing<Vec<u8>>), Error> {
        if source.contains("-----BEGIN") {
            return Ok((masked(self.path), source.as_bytes().to_vec().into()));
        }
        let path = self.path.parent().unwrap_or_else(|| Path::new(".")).join(source);
        match std::fs::read(&path) {
            Ok(octets) => Ok((masked(&path), octets.into())),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    fn refuse(&self, error: &dyn std::fmt::Display) -> Error {
        refused(masked(self.path), error)
    }
}

/// The refusal of a configuration. What is refused may be a person's number.
fn refused(file: String, error: &dyn std::fmt::Display) -> Error {
    Error::Configuration { file, detail: mask_person_numbers(&error.to_string()) }
}

/// The addresses that stand in the file instead of the catalogue's.
fn addresses(mut builder: ClientBuilder, file: &File) -> ClientBuilder {
    for (service, url) in [
        (Service::KszTestConnection, &file.ksz.test_connection),
        (Service::KszRest, &file.ksz.rest),
        (Service::EhealthConsumerTest, &file.ehealth.consumer_test),
        (Service::EhealthSts, &file.ehealth.sts),
        (Service::OauthToken, file.oauth.as_ref().map_or(&None, |oauth| &oauth.token_endpoint)),
    ] {
        if let Some(url) = url {
            builder = builder.endpoint(service, url.clone());
        }
    }
    builder
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Configuration { file: masked(path), detail: error.to_string() }
}

/// A path for people and logs.
fn masked(path: &Path) -> String {
    ksz_error::mask_name(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn refusal(text: &str) -> String {
        match Config::from_toml(text, Path::new("folder/ksz.toml")) {
            Ok(_) => panic!("accepted {text:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_mistake_is_named_with_file_and_place() {
        assert_eq!(
            refusal("environment = 'sim'\nchanel = 'internet'"),
            "folder/ksz.toml: line 2: unknown field `chanel`, expected one of `environment`, `channel`, `tls`, `ksz`, \
             `ehealth`, `oauth`, `simulator`"
        );
        assert!(refusal("environment = 'moon'").starts_with("folder/ksz.toml: "));
        assert!(
            refusal("environment = 'sim'\n[tls]\nidentity = 'absent.pem'").starts_with("folder/absent.pem: ")
        );
        assert_eq!(
            refusal("environment = 'sim'\n[tls]\nroots = ['-----BEGIN CERTIFICATE-----']"),
            "folder/ksz.toml: line 1: this block has no END line"
        );
        assert_eq!(
            refusal("environment = 'sim'\n[tls]\nidentity = { file = 'a.p12', pasword_env = 'P' }"),
            "folder/ksz.toml: line 3: unknown field `pasword_env`, expected one of `file`, `password_env`, `alias`, \
             `certificates`"
        );
        assert_eq!(
            refusal("environment = 'sim'\n[tls]\nidentity = 7"),
            "folder/ksz.toml: line 3: invalid type: integer `7`, expected a file, or a table with `file`"
        );
        assert_eq!(
            refusal(
                "environment = 'sim'\n[tls]\nidentity = { file = 'a.p12', password_env = 'KSZ_TEST_NOT_SET' }"
            ),
            "folder/ksz.toml: password_env: the variable \"KSZ_TEST_NOT_SET\" is not set"
        );
        assert_eq!(
            refusal("environment = 'sim'\n[tls]\nidentity = { file = 'a.p12', password_env = 'geheim' }"),
            "folder/ksz.toml: password_env: no such variable is set; this takes the name of a variable, not the password"
        );
        assert!(
            refusal("environment = 'sim'\n[tls]\nidentity = 'SSIN93051822361.p12'")
                .starts_with("folder/SSIN*********61.p12: ")
        );
        let twice = "environment = 'sim'\n[ehealth]\nclaims = [{ uri = 'urn:a' }, { uri = 'urn:a' }]";
        assert_eq!(refusal(twice), "folder/ksz.toml: claim \"urn:a\" is named twice");
    }

    #[test]
    fn the_number_of_a_person_in_a_value_that_is_refused_does_not_print() {
        for text in [
            "environment = '79021802145'",
            "environment = 'sim'\nchannel = '79.02.18-021.45'",
            "environment = 'sim'\n[ehealth]\nclaims = [{ uri = '79021802145' }]",
        ] {
            let refusal = refusal(text);
            assert!(refusal.contains("*********45") && !refusal.contains("0218"), "{refusal}");
        }
    }

    #[test]
    fn claims_may_stand_in_a_file_of_their_own() {
        let read = |text: &str| Config::claims_from_toml(text, Path::new("claims.toml"));
        let refusal = |text: &str| read(text).unwrap_err().to_string();

        let claims = read("[[claims]]\nuri = 'urn:a'\nvalue = '1'\n[[claims]]\nuri = 'urn:b'\n").unwrap();

        let listed: Vec<_> = claims.iter().map(|claim| (claim.uri(), claim.value())).collect();
        assert_eq!(listed, [("urn:a", Some("1")), ("urn:b", None)]);
        assert_eq!(refusal("claims = [{ uri = 'a' }]"), "claims.toml: claim \"a\" is no absolute URI");
        assert_eq!(refusal(""), "claims.toml: line 1: missing field `claims`");
        assert_eq!(
            refusal("claims = [{ uri = 'urn:a', value = 79021802145 }]"),
            "claims.toml: line 1: invalid type: integer `*********45`, expected a string"
        );
        assert_eq!(
            refusal("claims = []\n[ehealth]\n"),
            "claims.toml: line 2: unknown field `ehealth`, expected `claims`"
        );
    }
}
