use crate::Policy;
use ksz_error::Class;
use ksz_pki::{Backend, Certificate, CertificateEnvironment, PublicKey, TrustStore};
use std::time::SystemTime;

/// What a message should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DiagnosisProfile {
    /// Signed with a certificate.
    X509,
    /// Signed by the holder of a SAML assertion.
    HolderOfKey,
    /// A token service's answer with an assertion.
    TokenResponse,
}

impl DiagnosisProfile {
    pub(super) const fn is_message(self) -> bool {
        matches!(self, Self::X509 | Self::HolderOfKey)
    }
}

/// Whose assertions are believed.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct TokenIssuer {
    /// The name of the issuer, letter for letter.
    pub name: String,
    /// The token service's own certificates.
    pub certificates: Vec<Certificate>,
    /// Its bare keys.
    pub keys: Vec<PublicKey>,
    /// Who the receiver is, where an assertion says whom it is for.
    pub audience: Option<String>,
}

impl TokenIssuer {
    /// An issuer that signs with these certificates or keys.
    #[must_use]
    pub fn new(name: &str, certificates: Vec<Certificate>, keys: Vec<PublicKey>) -> Self {
        Self { name: name.to_owned(), certificates, keys, audience: None }
    }
}

/// How verification ended, for profiles that other crates verify.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The family of rules that was broken.
    pub class: Class,
    /// What was said.
    pub message: String,
}

/// Against what a message is held.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DiagnosisOptions {
    /// What the message should be.
    pub profile: DiagnosisProfile,
    /// Who is believed to sign, or to hold an assertion. Without it no certificate is judged.
    pub trust: Option<TrustStore>,
    /// Whose assertions are believed. Without it nobody's signature over an assertion is judged.
    pub issuer: Option<TokenIssuer>,
    /// What a receiver accepts.
    pub policy: Policy,
    /// When the message is judged.
    pub now: SystemTime,
    /// The environment that is called.
    pub environment: Option<CertificateEnvironment>,
    /// The SOAPAction with which the message is sent, with its quotes or without.
    pub soap_action: Option<String>,
    /// What came back: an envelope with a fault, or a fault.
    pub fault: Option<Vec<u8>>,
    /// The message as it was when it was signed.
    pub original: Option<Vec<u8>>,
    /// Certificates whose keys may have signed by mistake, besides those of `trust`; the first is our own.
    pub certificates: Vec<Certificate>,
    /// The context of the request that a token response must answer.
    pub context: Option<String>,
    /// What verification said, where it has refused the message. The X.509 profile is verified here.
    pub refusal: Option<Refusal>,
    /// What checks signatures.
    pub backend: Backend,
}

impl DiagnosisOptions {
    /// A message of this profile at this instant, and nothing else that is known.
    #[must_use]
    pub fn new(profile: DiagnosisProfile, backend: Backend, now: SystemTime) -> Self {
        Self {
            profile,
            trust: None,
            issuer: None,
            policy: Policy::default(),
            now,
            environment: None,
            soap_action: None,
            fault: None,
            original: None,
            certificates: Vec::new(),
            context: None,
            refusal: None,
            backend,
        }
    }
}
