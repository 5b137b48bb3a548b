//! Messages that were signed once, and whom to believe. The keys are gone.

use ksz_pki::{Backend, Certificate, Identity, TrustStore, VerifyingKey, certificates_from_pem};
use ksz_soap::parse_date_time;
use ksz_sts::names::EHEALTH_ISSUER;
use ksz_sts::{AssertionTrust, VerifiedAssertion, verify_brokered, verify_token_response};
use ksz_wss::{
    DiagnosisOptions, DiagnosisProfile, Ids, Policy, Refusal, Replay, SigningOptions, TokenIssuer,
    VerifiedMessage, sign_x509, verify_x509,
};
use ksz_xml::{Document, Limits};
use ksz_xmldsig::{CanonicalizationMethod, PrefixList, Reference, Signature, Transforms};
use std::time::SystemTime;

/// When the messages were signed; all are judged a few seconds later.
pub const SIGNED_AT: &str = "2026-03-01T10:00:00Z";

/// Signed with a certificate of either kind, with and without prefix lists.
pub const X509: [&str; 2] = [include_str!("../fixtures/rsa.xml"), include_str!("../fixtures/ec.xml")];
/// Signed by the holder of an assertion.
pub const BROKERED: &str = include_str!("../fixtures/brokered.xml");

/// Documents, not messages, that are signed: enveloped, with their parts detached, and enveloping.
pub const DOCUMENTS: [&str; 3] = [
    include_str!("../fixtures/enveloped.xml"),
    include_str!("../fixtures/detached.xml"),
    include_str!("../fixtures/enveloping.xml"),
];

const CERTIFICATES: [&str; 2] = [include_str!("../fixtures/rsa.crt"), include_str!("../fixtures/ec.crt")];
const SERVICE: &str = include_str!("../fixtures/sts.crt");

/// A receiver with fixed certificates, policy and time.
pub struct Receiver {
    trust: TrustStore,
    assertions: AssertionTrust,
    policy: Policy,
    now: SystemTime,
}

impl Default for Receiver {
    fn default() -> Self {
        let backend = Backend::default();
        Self {
            trust: TrustStore::new(CERTIFICATES.map(certificate).to_vec(), backend),
            assertions: AssertionTrust::new(EHEALTH_ISSUER, vec![certificate(SERVICE)], backend),
            policy: Policy::default(),
            now: signed_at() + std::time::Duration::from_secs(5),
        }
    }
}

impl Receiver {
    /// What was signed, if the message is accepted: name and octets of each part.
    #[must_use]
    pub fn x509(&self, message: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
        let verified = verify_x509(message, &self.trust, &self.policy, Replay::NotChecked, self.now).ok()?;
        Some(parts(&verified))
    }

    /// The same of a message that the holder of an assertion signed; the assertion is one of the parts.
    #[must_use]
    pub fn brokered(&self, message: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
        let verified =
            verify_brokered(message, &self.assertions, &self.policy, Replay::NotChecked, self.now).ok()?;
        let mut parts = parts(&verified);
        let assertion: &VerifiedAssertion = verified.signer();
        parts.push(("Assertion".into(), assertion.part().octets().to_vec()));
        Some(parts)
    }
}

impl Receiver {
    /// Whether the token of an answer is the one that was signed, if one is accepted.
    #[must_use]
    pub fn token_response(&self, answer: &[u8]) -> Option<bool> {
        let accepted =
            verify_token_response(answer, None, None, &self.assertions, &self.policy, self.now).ok()?;
        let genuine = self.brokered(BROKERED.as_bytes())?;
        Some(genuine.iter().any(|(_, octets)| octets == accepted.part().octets()))
    }
}

impl Receiver {
    /// What a diagnosis of a message with a certificate knows.
    #[must_use]
    pub fn x509_diagnosis(&self) -> DiagnosisOptions {
        let mut options = DiagnosisOptions::new(DiagnosisProfile::X509, Backend::default(), self.now);
        options.trust = Some(self.trust.clone());
        options
    }

    /// What a diagnosis of a message by a holder knows.
    #[must_use]
    pub fn holder_diagnosis(&self, message: &[u8]) -> DiagnosisOptions {
        let mut options = DiagnosisOptions::new(DiagnosisProfile::HolderOfKey, Backend::default(), self.now);
        options.issuer = Some(TokenIssuer::new(EHEALTH_ISSUER, vec![certificate(SERVICE)], vec![]));
        let refused =
            verify_brokered(message, &self.assertions, &self.policy, Replay::NotChecked, self.now).err();
        options.refusal = refused.map(|error| Refusal { class: error.class(), message: error.to_string() });
        options
    }
}

/// Signs messages whose Timestamp holds anything at all, with a key of this process.
pub struct TimestampSigner {
    identity: Identity,
    trust: TrustStore,
    message: String,
}

impl Default for TimestampSigner {
    fn default() -> Self {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key can be made");
        let mut params = rcgen::CertificateParams::default();
        params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
        let certificate = params.self_signed(&key).expect("a certificate can be made");
        let pem = certificate.pem() + &key.serialize_pem();
        let identity = Identity::from_pem(pem.as_bytes(), Backend::default()).expect("it is an identity");
        let trust = TrustStore::new(vec![identity.certificate().clone()], Backend::default());
        let (envelope, ids) = (ksz_soap::write_envelope("<a xmlns='urn:a'/>"), Ids::new("1"));
        let (ids, options) = (ids.expect("the identifiers are good"), SigningOptions::default());
        let message = sign_x509(envelope.as_bytes(), &identity, &ids, signed_at(), &options);
        Self { identity, trust, message: message.expect("the envelope can be signed") }
    }
}

impl TimestampSigner {
    /// Whom to believe.
    #[must_use]
    pub const fn trust(&self) -> &TrustStore {
        &self.trust
    }

    /// A genuine message with that in its Timestamp; nothing if it is no XML there.
    #[must_use]
    pub fn sign(&self, content: &str) -> Option<String> {
        let (before, _, after) = around(&self.message, "<wsu:Created>", "</wsu:Expires>")?;
        let changed = format!("{before}{content}{after}");
        let (before, signature, after) = around(&changed, "<ds:Signature ", "</ds:Signature>")?;
        let (_, key_info, _) = around(signature, "<ds:KeyInfo", "</ds:KeyInfo>")?;
        let document = Document::parse(changed.as_bytes(), &Limits::default()).ok()?;
        let exclusive = CanonicalizationMethod::exclusive(PrefixList::default());
        let mut references = Vec::new();
        for id in ["TS-1", "id-1", "X509-1"] {
            let digest = exclusive.digest(document.elements_by_id(id).next()?).ok()?;
            references.push(Reference::new(id, Transforms::Exclusive, None, digest));
        }
        let signature = Signature::new(references).with_key_info(key_info).sign(self.identity.key()).ok()?;
        Some(format!("{before}{signature}{after}"))
    }
}

/// What stands before the first piece with these ends, the piece, and what stands behind it.
fn around<'t>(text: &'t str, start: &str, end: &str) -> Option<(&'t str, &'t str, &'t str)> {
    let from = text.find(start)?;
    let to = from + text[from..].find(end)? + end.len();
    Some((&text[..from], &text[from..to], &text[to..]))
}

fn parts<S>(message: &VerifiedMessage<S>) -> Vec<(String, Vec<u8>)> {
    message.parts().iter().map(|part| (part.name().to_owned(), part.octets().to_vec())).collect()
}

/// The certificate of a PEM text.
///
/// # Panics
///
/// If it holds none.
#[must_use]
pub fn certificate(pem: &str) -> Certificate {
    certificates_from_pem(pem.as_bytes()).expect("the fixture is a certificate").remove(0)
}

/// The key that the [`DOCUMENTS`] are signed with.
///
/// # Panics
///
/// If the fixture holds none.
#[must_use]
pub fn document_key() -> VerifyingKey {
    let certificate = certificate(include_str!("../fixtures/document.crt"));
    VerifyingKey::from_spki_der(certificate.spki_der(), Backend::default()).expect("the fixture has a key")
}

/// The instant of [`SIGNED_AT`].
///
/// # Panics
///
/// Never: it is one.
#[must_use]
pub fn signed_at() -> SystemTime {
    parse_date_time("SIGNED_AT", SIGNED_AT).expect("the constant is an instant")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_pki::{KeyStore, Password};

    #[test]
    fn the_messages_are_accepted_as_they_are() {
        let receiver = Receiver::default();

        assert!(X509.iter().all(|message| receiver.x509(message.as_bytes()).is_some()));
        assert!(receiver.brokered(BROKERED.as_bytes()).is_some());
    }

    #[test]
    fn the_key_stores_to_begin_with_can_be_opened() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/key-store");
        for name in ["encrypted-der", "legacy", "mixed", "pbes2", "pem", "plain", "scrypt-pem"] {
            let seed = std::fs::read(format!("{folder}/{name}")).expect("the seed is there");
            let password = (seed[0] != 0).then(|| if seed[0] == 1 { "" } else { "password" });
            let password = password.map(|password| Password::new(password.into()));
            let store = KeyStore::read(&seed[1..], password.as_ref(), Backend::default());
            assert!(store.is_ok_and(|store| store.entries().len() == 1), "{name}");
        }
    }
}
