//! Answers that confirm the signature of their request (WS-Security: SOAP Message Security 1.1 section 7).

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz::error::Class;
use ksz::pki::{Digest, Identity, TrustStore};
use ksz::wss::{
    DiagnosisOptions, DiagnosisProfile, Error, Ids, Policy, Replay, SigningOptions, diagnose, names,
    sign_x509, verify_x509,
};
use ksz::xml::{Document, Limits};
use ksz::xmldsig::{CanonicalizationMethod, PrefixList, Reference, Signature, Transforms};
use ksz_tests::backend;
use ksz_tests::keys::Authority;
use ksz_tests::world::between;
use std::time::SystemTime;

struct World {
    trust: TrustStore,
    service: Identity,
    now: SystemTime,
    request: String,
}

impl World {
    fn new() -> Self {
        let authority = Authority::new("Example Root").with_backend(backend!());
        let (caller, service) = (authority.rsa("caller"), authority.ec("service"));
        let now = SystemTime::now();
        let request = signed(&caller, "request", now);
        let trust = TrustStore::new(vec![authority.certificate()], backend!());
        Self { trust, service, now, request }
    }

    /// A genuine answer with these elements in its header, of which the signature covers those with these identifiers.
    fn answer(&self, confirmations: &str, covered: &[&str]) -> String {
        let message = signed(&self.service, "answer", self.now);
        let signature = between(&message, "<ds:Signature ", "</ds:Signature>");
        let key_info = between(signature, "<ds:KeyInfo", "</ds:KeyInfo>");
        let end = "</wsse:Security>";
        let document = message.replace(signature, "").replace(end, &format!("{confirmations}{end}"));
        let ids = ["TS-1", "id-1", "X509-1"].iter().chain(covered);
        let references = ids.map(|id| Reference::new(id, Transforms::Exclusive, None, digest(&document, id)));
        let signature =
            Signature::new(references.collect()).with_key_info(key_info).sign(self.service.key()).unwrap();
        document.replace(end, &format!("{signature}{end}"))
    }

    fn confirms(&self, answer: &str, policy: &Policy) -> Result<(), Error> {
        let verified = verify_x509(answer.as_bytes(), &self.trust, policy, Replay::NotChecked, self.now)?;
        verified.require_confirmation(self.request.as_bytes(), policy)
    }
}

#[test]
fn an_answer_confirms_its_request_and_no_other() {
    let world = World::new();
    let value = between(&world.request, "<ds:SignatureValue>", "</ds:SignatureValue>");
    let value = value.replace("<ds:SignatureValue>", "").replace("</ds:SignatureValue>", "");
    let other = value.replacen(|c: char| c.is_ascii_alphanumeric(), "0", 1);
    let policy = Policy::of_answers();
    let one = |value: &str| world.answer(&confirmation("SC-1", value), &["SC-1"]);

    assert_eq!(world.confirms(&one(&value), &policy), Ok(()));
    assert_eq!(world.confirms(&one(&format!("{value}\n ")), &policy), Ok(()));
    assert_eq!(world.confirms(&one(&other), &policy), Err(Error::NotConfirmed));
    assert_eq!(world.confirms(&one(""), &policy), Err(Error::NotConfirmed));
    assert_eq!(world.confirms(&world.answer("", &[]), &policy), Err(Error::NotConfirmed));
}

#[test]
fn an_answer_that_is_good_has_no_findings() {
    let world = World::new();
    let answer = world.answer(&confirmation("SC-1", "YQ=="), &["SC-1"]);
    let mut options = DiagnosisOptions::new(DiagnosisProfile::X509, backend!(), world.now);
    options.trust = Some(world.trust.clone());
    assert!(!diagnose(answer.as_bytes(), &options).findings.is_empty());
    options.policy = Policy::of_answers();
    assert_eq!(diagnose(answer.as_bytes(), &options).findings, []);
}

#[test]
fn a_confirmation_is_one_signed_and_only_where_the_policy_allows_it() {
    let world = World::new();
    let class = |answer: &str, policy: &Policy| world.confirms(answer, policy).map_err(|error| error.class());
    let (one, two) = (confirmation("SC-1", "YQ=="), confirmation("SC-2", "YQ=="));
    let signed = world.answer(&one, &["SC-1"]);

    assert_eq!(class(&signed, &Policy::default()), Err(Class::Structure));
    assert_eq!(class(&world.answer(&one, &[]), &Policy::of_answers()), Err(Class::Coverage));
    let both = world.answer(&format!("{one}{two}"), &["SC-1", "SC-2"]);
    assert_eq!(class(&both, &Policy::of_answers()), Err(Class::Structure));
    let changed = signed.replace("Value=\"YQ==\"", "Value=\"YR==\"");
    assert_eq!(class(&changed, &Policy::of_answers()), Err(Class::Digest));
    assert_eq!(class(&signed, &Policy::of_answers()), Err(Class::Coverage));
}

fn confirmation(id: &str, value: &str) -> String {
    format!(
        "<wsse11:SignatureConfirmation xmlns:wsse11=\"{}\" xmlns:wsu=\"{}\" Value=\"{value}\" \
         wsu:Id=\"{id}\"></wsse11:SignatureConfirmation>",
        names::WSSE_11,
        names::WSU
    )
}

fn signed(identity: &Identity, text: &str, now: SystemTime) -> String {
    let envelope = ksz::soap::write_envelope(&format!("<a xmlns=\"urn:a\">{text}</a>"));
    let ids = Ids::new("1").unwrap();
    sign_x509(envelope.as_bytes(), identity, &ids, now, &SigningOptions::default()).unwrap()
}

fn digest(document: &str, id: &str) -> Digest {
    let document = Document::parse(document.as_bytes(), &Limits::default()).unwrap();
    let element = document.elements_by_id(id).next().unwrap();
    CanonicalizationMethod::exclusive(PrefixList::default()).digest(element).unwrap()
}
