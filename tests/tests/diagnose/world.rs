//! Who takes part, genuine messages, and how a mistake is made in one before it is signed.

use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::pki::{Backend, Certificate, Digest, Identity, TrustStore, certificates_from_pem};
use ksz::sts::names::EHEALTH_ISSUER;
use ksz::sts::{AssertionTrust, NewAssertion, verify_brokered, verify_token_response};
use ksz::wss::{
    DiagnosisOptions, DiagnosisProfile, Policy, PrefixLists, Refusal, Replay, SamlToken, SigningOptions,
    TokenIssuer, sign_holder_of_key, sign_x509,
};
use ksz::xml::{Document, Limits};
use ksz::xmldsig::{CanonicalizationMethod, PrefixList};
use ksz_tests::keys::{Authority, ids};
use ksz_tests::world::new_assertion;
pub(crate) use ksz_tests::world::{between, swap};
use rcgen::{CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256};
use std::sync::LazyLock;
use std::time::SystemTime;

pub(crate) static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// One authority, three clients, a token service, and the present.
pub(crate) struct World {
    pub(crate) authority: Authority,
    pub(crate) rsa: Identity,
    pub(crate) ec: Identity,
    pub(crate) other: Identity,
    pub(crate) other_rsa: Identity,
    pub(crate) service: Identity,
    pub(crate) now: SystemTime,
}

impl World {
    fn new() -> Self {
        let authority = Authority::new("Example Root").with_backend(Backend::AwsLc);
        let (rsa, other_rsa) = (authority.rsa("one"), authority.rsa("another"));
        let (ec, other) = (authority.ec("two"), authority.ec("three"));
        let service = authority.ec("token service");
        Self { authority, rsa, ec, other, other_rsa, service, now: SystemTime::now() }
    }

    pub(crate) fn trust(&self) -> TrustStore {
        TrustStore::new(vec![self.authority.certificate()], Backend::AwsLc)
    }

    /// What is known of a message with a certificate.
    pub(crate) fn x509(&self) -> DiagnosisOptions {
        let mut options = DiagnosisOptions::new(DiagnosisProfile::X509, Backend::AwsLc, self.now);
        options.trust = Some(self.trust());
        options
    }

    fn issuer(&self) -> TokenIssuer {
        TokenIssuer::new(EHEALTH_ISSUER, vec![self.service.certificate().clone()], vec![])
    }

    /// What is known of a message by a holder; verification has said what it says.
    pub(crate) fn holder(&self, message: &[u8]) -> DiagnosisOptions {
        let mut options = DiagnosisOptions::new(DiagnosisProfile::HolderOfKey, Backend::AwsLc, self.now);
        options.issuer = Some(self.issuer());
        let refused = verify_brokered(
            message,
            &self.assertion_trust(),
            &Policy::default(),
            Replay::NotChecked,
            self.now,
        )
        .err();
        options.refusal = refused.map(|error| Refusal { class: error.class(), message: error.to_string() });
        options
    }

    /// What is known of an answer with a token.
    pub(crate) fn answer(&self, answer: &[u8]) -> DiagnosisOptions {
        let mut options = DiagnosisOptions::new(DiagnosisProfile::TokenResponse, Backend::AwsLc, self.now);
        options.issuer = Some(self.issuer());
        let (trust, policy) = (self.assertion_trust(), Policy::default());
        let refused = verify_token_response(answer, None, None, &trust, &policy, self.now).err();
        options.refusal = refused.map(|error| Refusal { class: error.class(), message: error.to_string() });
        options
    }

    pub(crate) fn assertion_trust(&self) -> AssertionTrust {
        AssertionTrust::new(EHEALTH_ISSUER, vec![self.service.certificate().clone()], Backend::AwsLc)
    }

    pub(crate) fn assertion(&self, holder: &Identity) -> NewAssertion {
        let mut assertion = new_assertion(holder, self.now);
        assertion.attributes.truncate(1);
        assertion
    }

    /// A message by the holder of this assertion, signed by `signer`.
    pub(crate) fn brokered(&self, assertion: &NewAssertion, signer: &Identity) -> String {
        self.brokered_with(&assertion.sign(&self.service).unwrap(), signer)
    }

    pub(crate) fn brokered_with(&self, assertion: &str, signer: &Identity) -> String {
        let token = SamlToken::from_xml(assertion, &Limits::default()).unwrap();
        let options = SigningOptions::default();
        sign_holder_of_key(envelope().as_bytes(), &token, signer.key(), &ids("1"), self.now, &options)
            .unwrap()
    }

    /// A genuine message.
    pub(crate) fn message(&self) -> String {
        self.signed(&envelope(), PrefixLists::Omitted)
    }

    /// A genuine message with prefix lists.
    pub(crate) fn listed(&self) -> String {
        self.signed(&envelope(), PrefixLists::Written)
    }

    pub(crate) fn signed(&self, envelope: &str, prefix_lists: PrefixLists) -> String {
        let mut options = SigningOptions::default();
        options.prefix_lists = prefix_lists;
        sign_x509(envelope.as_bytes(), &self.rsa, &ids("1"), self.now, &options).unwrap()
    }

    pub(crate) fn signed_by(&self, identity: &Identity) -> String {
        sign_x509(envelope().as_bytes(), identity, &ids("1"), self.now, &SigningOptions::default()).unwrap()
    }

    /// A message whose certificate is another than `rsa`'s.
    pub(crate) fn with_certificate(&self, change: impl FnOnce(&mut CertificateParams), by: &Maker) -> String {
        self.signed_by(&by.identity(change))
    }
}

/// An authority whose certificates can be of any kind.
pub(crate) struct Maker {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) certificate: Certificate,
}

impl Maker {
    /// A root.
    pub(crate) fn root(name: &str) -> Self {
        let (params, key) = authority(name);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), certificate: certificate(&pem) }
    }

    /// An authority below this one.
    pub(crate) fn below(&self, name: &str) -> Self {
        let (params, key) = authority(name);
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        Self { issuer: Issuer::new(params, key), certificate: certificate(&pem) }
    }

    pub(crate) fn identity(&self, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "client");
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity::from_pem(format!("{}{}", certificate.pem(), key.serialize_pem()).as_bytes(), Backend::AwsLc)
            .unwrap()
    }
}

fn authority(name: &str) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    (params, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
}

pub(crate) fn certificate(pem: &str) -> Certificate {
    certificates_from_pem(pem.as_bytes()).unwrap().remove(0)
}

/// An envelope as people write it, without white space between elements.
pub(crate) fn envelope() -> String {
    envelope_with("<urn1:Message>Hello</urn1:Message><urn1:Note>two\nlines</urn1:Note>")
}

pub(crate) fn envelope_with(content: &str) -> String {
    format!(
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:urn=\"urn:be:fgov:ehealth:platformintegrationconsumertest:v1\" \
         xmlns:urn1=\"urn:be:fgov:ehealth:platformintegrationconsumertest:types:v1\"><soapenv:Header></soapenv:Header>\
         <soapenv:Body><urn:CheckAccessControlRequest>{content}</urn:CheckAccessControlRequest></soapenv:Body>\
         </soapenv:Envelope>"
    )
}

/// The message with another digest for the element with the identifier `id`: that of `octets`.
#[track_caller]
pub(crate) fn redigested(message: &str, id: &str, octets: &[u8]) -> String {
    let from = message.find(&format!("<ds:Reference URI=\"#{id}\"")).unwrap();
    let start = from + message[from..].find("<ds:DigestValue>").unwrap() + "<ds:DigestValue>".len();
    let end = start + message[start..].find('<').unwrap();
    let digest = STANDARD.encode(Digest::sha256(octets).as_bytes());
    format!("{}{digest}{}", &message[..start], &message[end..])
}

/// The message with a signature over its `SignedInfo` as it stands there.
pub(crate) fn resigned(message: &str, signer: &Identity) -> String {
    with_value(message, &value(&signed_info(message), signer))
}

/// The value of a signature over some octets.
pub(crate) fn value(octets: &[u8], signer: &Identity) -> Vec<u8> {
    signer.key().sign_digest(&Digest::sha256(octets)).unwrap()
}

/// The message with another value of its own signature, which is the last.
pub(crate) fn with_value(message: &str, value: &[u8]) -> String {
    let start = message.rfind("<ds:SignatureValue>").unwrap() + "<ds:SignatureValue>".len();
    let end = start + message[start..].find('<').unwrap();
    format!("{}{}{}", &message[..start], STANDARD.encode(value), &message[end..])
}

/// The canonical `SignedInfo` of a message.
pub(crate) fn signed_info(message: &str) -> Vec<u8> {
    let document = Document::parse(message.as_bytes(), &Limits::default()).unwrap();
    let element =
        document.root().descendants().filter(|element| element.local_name() == "SignedInfo").last().unwrap();
    let list = element.children().next().unwrap().children().next();
    let list = list.map(|list| list.attribute("", "PrefixList").unwrap().to_owned()).unwrap_or_default();
    let mut octets = Vec::new();
    let method = CanonicalizationMethod::exclusive(PrefixList::parse(&list));
    method.canonicalize(element, &mut octets).unwrap();
    octets
}

/// The canonical form of the element with an identifier.
pub(crate) fn canonical(message: &str, id: &str, method: &CanonicalizationMethod) -> String {
    let document = Document::parse(message.as_bytes(), &Limits::default()).unwrap();
    let element = document.elements_by_id(id).next().unwrap();
    let mut octets = Vec::new();
    method.canonicalize(element, &mut octets).unwrap();
    String::from_utf8(octets).unwrap()
}

pub(crate) fn exclusive() -> CanonicalizationMethod {
    CanonicalizationMethod::exclusive(PrefixList::default())
}
