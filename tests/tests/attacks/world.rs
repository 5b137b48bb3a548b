//! Messages of both profiles and both kinds of key, and the tools to change them so that their signature stays genuine.

use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::{Class, reason};
use ksz::pki::{Digest, Identity, KeyAlgorithm, SigningKey, VerifyingKey};
use ksz::sts::{Error, VerifiedAssertion, verify_brokered};
use ksz::wss::{Policy, Replay, Timestamp, VerifiedMessage, names, verify_x509};
use ksz::xml::{Document, Element, Limits};
use ksz::xmldsig::{
    CanonicalizationMethod, DocumentSignature, PrefixList, SignatureLimits, VerifiedPart, names as dsig,
};
use ksz_tests::backend;
pub(crate) use ksz_tests::world::swap;
use ksz_tests::world::{World, between, read_token, text_of};
use std::net::TcpListener;
use std::ops::Range;
use std::sync::LazyLock;
use std::time::SystemTime;

pub(crate) static WORLD: LazyLock<World> = LazyLock::new(|| World::new(backend!()));

static SCENES: LazyLock<Vec<Scene>> = LazyLock::new(|| {
    let signers = [&WORLD.rsa, &WORLD.ec];
    let of = |profile| signers.map(|signer| Scene::new(profile, signer, WORLD.now));
    [of(Profile::X509), of(Profile::HolderOfKey)].concat()
});

/// The profile of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Profile {
    X509,
    HolderOfKey,
}

/// A genuine message, and its receiver.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) profile: Profile,
    pub(crate) signer: &'static Identity,
    pub(crate) message: String,
}

/// What its receiver learns of a message.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) parts: Vec<VerifiedPart>,
    pub(crate) timestamp: Timestamp,
    pub(crate) assertion: Option<VerifiedAssertion>,
}

/// One message for each profile and kind of key, each of which its receiver accepts.
pub(crate) fn scenes() -> impl Iterator<Item = &'static Scene> {
    SCENES.iter().inspect(|scene| drop(scene.accepts(&scene.message)))
}

/// Those that are signed with a certificate.
pub(crate) fn x509_scenes() -> impl Iterator<Item = &'static Scene> {
    scenes().filter(|scene| scene.profile == Profile::X509)
}

/// Those that a holder of an assertion signed.
pub(crate) fn hok_scenes() -> impl Iterator<Item = &'static Scene> {
    scenes().filter(|scene| scene.profile == Profile::HolderOfKey)
}

impl Scene {
    pub(crate) fn new(profile: Profile, signer: &'static Identity, created: SystemTime) -> Self {
        let message = match profile {
            Profile::X509 => WORLD.x509_message(signer, created),
            Profile::HolderOfKey => WORLD.hok_message(&WORLD.token(signer), signer, created),
        };
        Self { profile, signer, message }
    }

    pub(crate) fn name(&self) -> String {
        format!("{:?} {:?}", self.profile, self.algorithm())
    }

    pub(crate) fn algorithm(&self) -> KeyAlgorithm {
        self.signer.key().algorithm()
    }

    /// Another client, with a key of the same kind.
    pub(crate) fn other_client(&self) -> &'static Identity {
        match self.algorithm() {
            KeyAlgorithm::Rsa => &WORLD.other_rsa,
            KeyAlgorithm::EcdsaP256 => &WORLD.other_ec,
        }
    }

    /// What the receiver of this profile answers.
    pub(crate) fn verify(&self, message: &[u8], replay: Replay<'_>) -> Result<Accepted, Error> {
        let policy = Policy::default();
        match self.profile {
            Profile::X509 => {
                let verified = verify_x509(message, &WORLD.trust(), &policy, replay, WORLD.now)?;
                Ok(Accepted::of(&verified, None))
            }
            Profile::HolderOfKey => {
                let trust = WORLD.assertion_trust();
                let verified = verify_brokered(message, &trust, &policy, replay, WORLD.now)?;
                Ok(Accepted::of(&verified, Some(verified.signer().clone())))
            }
        }
    }

    #[track_caller]
    pub(crate) fn accepts(&self, message: impl AsRef<[u8]>) -> Accepted {
        self.verify(message.as_ref(), Replay::NotChecked).unwrap_or_else(|error| {
            panic!("{} refused: {error}\n{}", self.name(), String::from_utf8_lossy(message.as_ref()))
        })
    }

    /// Requires a refusal of this class and variant.
    #[track_caller]
    pub(crate) fn refuses(&self, message: impl AsRef<[u8]>, class: Class, variant: &str) -> Error {
        match self.verify(message.as_ref(), Replay::NotChecked) {
            Ok(_) => {
                let message = String::from_utf8_lossy(message.as_ref());
                panic!("{} accepted what is {class} {variant}: {message}", self.name())
            }
            Err(error) => {
                let found = (error.class(), reason(&error));
                assert_eq!(found, (class, variant.to_owned()), "{}: {error}", self.name());
                error
            }
        }
    }

    /// Requires that the value is found to be none of the signer's.
    #[track_caller]
    pub(crate) fn refuses_value(&self, message: impl AsRef<[u8]>) -> Error {
        let (class, variant) = self.mismatch();
        self.refuses(message, class, variant)
    }

    /// How a value is refused that some key could have made: the holder-of-key profile tells the holder's key from all
    /// others, and such a value may be of another client.
    pub(crate) const fn mismatch(&self) -> (Class, &'static str) {
        match self.profile {
            Profile::X509 => (Class::Signature, "SignatureMismatch"),
            Profile::HolderOfKey => (Class::Hok, "NotHolder"),
        }
    }

    /// Requires that the signature of a message is good whatever its message is: its value, and each digest. So a refusal
    /// is due to a rule.
    #[track_caller]
    pub(crate) fn is_genuine(&self, message: &str) {
        let document = parse(message);
        let limits = SignatureLimits::documents();
        let signature = DocumentSignature::with_id(&document, SIGNATURE, &limits).unwrap();
        let key = VerifyingKey::from(self.signer.certificate().public_key(backend!()).unwrap());
        if let Err(error) = signature.verify(&key) {
            panic!("{}: not genuine: {error}\n{message}", self.name());
        }
    }

    /// The message with its digests and signature value renewed by its signer.
    pub(crate) fn sealed(&self, message: &str) -> String {
        seal(message, self.signer.key())
    }

    /// The identifier of the token.
    pub(crate) fn token_id(&self) -> &'static str {
        match self.profile {
            Profile::X509 => "X509-1",
            Profile::HolderOfKey => "_4d2f2572befc1c6a70493a35d3618c66",
        }
    }

    /// An element of the message.
    pub(crate) fn part(&self, id: &str) -> &str {
        part(&self.message, id)
    }

    /// The `Reference` to a part.
    pub(crate) fn reference(&self, id: &str) -> &str {
        let signed_info = self.signed_info();
        between(signed_info, &format!("<ds:Reference URI=\"#{id}\""), "</ds:Reference>")
    }

    pub(crate) fn signed_info(&self) -> &str {
        between(self.part(SIGNATURE), "<ds:SignedInfo>", "</ds:SignedInfo>")
    }

    /// The signature value in base64.
    pub(crate) fn signature_value(&self) -> &str {
        text_of(self.part(SIGNATURE), "ds:SignatureValue")
    }

    /// The message with something else in it.
    #[track_caller]
    pub(crate) fn with(&self, from: &str, to: &str) -> String {
        swap(&self.message, from, to)
    }

    /// The message with something else in its own signature.
    #[track_caller]
    pub(crate) fn with_in_signature(&self, from: &str, to: &str) -> String {
        let signature = self.part(SIGNATURE);
        self.with(signature, &swap(signature, from, to))
    }

    /// The message with another signature value.
    pub(crate) fn with_value(&self, value: &[u8]) -> String {
        with_value(&self.message, value)
    }

    /// The message as its holder would send it with another assertion.
    pub(crate) fn carrying(&self, assertion: &str) -> String {
        assert_eq!(self.profile, Profile::HolderOfKey);
        WORLD.hok_message(&read_token(assertion), self.signer, WORLD.now)
    }

    /// The assertion that the token service would issue to this client with a change.
    pub(crate) fn assertion_with(&self, change: impl FnOnce(&str) -> String) -> String {
        seal(&change(WORLD.token(self.signer).as_xml()), WORLD.service.key())
    }
}

impl Accepted {
    fn of<S>(verified: &VerifiedMessage<S>, assertion: Option<VerifiedAssertion>) -> Self {
        Self { parts: verified.parts().to_vec(), timestamp: verified.timestamp(), assertion }
    }

    /// All text of the Body.
    pub(crate) fn body_text(&self) -> String {
        let body = self.parts.iter().find(|part| part.name() == "Body").unwrap();
        body.document().unwrap().root().whole_text().trim().to_owned()
    }
}

/// The identifiers of the parts of each message.
pub(crate) const BODY: &str = "id-1";
pub(crate) const TIMESTAMP: &str = "TS-1";
pub(crate) const SIGNATURE: &str = "SIG-1";
pub(crate) const KEY_INFO: &str = "KI-1";

/// A Body that nobody signed, without an identifier.
pub(crate) const FORGED_BODY: &str = "<soapenv:Body><urn:x xmlns:urn=\"urn:x\">forged</urn:x></soapenv:Body>";

/// The same with an attribute.
pub(crate) fn forged_body(attribute: &str) -> String {
    let tag = format!("<soapenv:Body xmlns:wsu=\"{}\" {attribute}>", names::WSU);
    FORGED_BODY.replacen("<soapenv:Body>", &tag, 1)
}

/// A block of the Header that holds elements which use the prefixes of the security header.
pub(crate) fn wrapper(content: &str) -> String {
    format!("<w xmlns:wsu=\"{}\" xmlns:wsse=\"{}\">{content}</w>", names::WSU, names::WSSE)
}

/// The message with a first block in its Header.
pub(crate) fn with_block(message: &str, block: &str) -> String {
    swap(message, "<soapenv:Header>", &format!("<soapenv:Header>{block}"))
}

/// The source of the first element with an identifier.
pub(crate) fn part<'t>(text: &'t str, id: &str) -> &'t str {
    let document = parse(text);
    let range = document.elements_by_id(id).next().unwrap().range();
    &text[range]
}

pub(crate) fn parse(text: &str) -> Document<'_> {
    Document::parse(text.as_bytes(), &Limits::widest()).unwrap()
}

/// The message with the digests and the value of its own signature renewed, or an assertion with those of its one.
///
/// So an attack is signed, by whoever has the key.
pub(crate) fn seal(text: &str, key: &SigningKey) -> String {
    resign(&redigest(text), key)
}

/// The same with only the digests renewed: of every reference that leads to an element, by exclusive canonicalization.
pub(crate) fn redigest(text: &str) -> String {
    let document = parse(text);
    let signature = signature_in(&document);
    let references = child(signature, "SignedInfo").unwrap().children();
    let renewed: Vec<_> = references.filter_map(|reference| digest_of(signature, reference)).collect();
    let mut text = text.to_owned();
    for (place, digest) in renewed.into_iter().rev() {
        text.replace_range(place, &STANDARD.encode(digest.as_bytes()));
    }
    text
}

/// The same with only the signature value renewed.
pub(crate) fn resign(text: &str, key: &SigningKey) -> String {
    with_value(text, &key.sign_digest(&Digest::sha256(&canonical_signed_info(text))).unwrap())
}

/// The octets that a signature value is over.
pub(crate) fn canonical_signed_info(text: &str) -> Vec<u8> {
    let document = parse(text);
    let signed_info = child(signature_in(&document), "SignedInfo").unwrap();
    let method = child(signed_info, "CanonicalizationMethod").unwrap();
    let uri = method.attribute("", "Algorithm").unwrap_or_default();
    let exclusive = || CanonicalizationMethod::exclusive(prefixes_of(method));
    let method = CanonicalizationMethod::from_uri(uri, prefixes_of(method));
    canonical(&method.unwrap_or_else(|_| exclusive()), signed_info)
}

pub(crate) fn canonical(method: &CanonicalizationMethod, element: Element<'_>) -> Vec<u8> {
    let mut octets = Vec::new();
    method.canonicalize(element, &mut octets).unwrap();
    octets
}

/// The message with another value of its own signature.
pub(crate) fn with_value(text: &str, value: &[u8]) -> String {
    let document = parse(text);
    let place = child(signature_in(&document), "SignatureValue").unwrap().content_range().unwrap();
    let mut text = text.to_owned();
    text.replace_range(place, &STANDARD.encode(value));
    text
}

fn signature_in<'d>(document: &'d Document<'_>) -> Element<'d> {
    let own = document.elements_by_id(SIGNATURE).next();
    let first = || document.root().descendants().find(|element| element.is(dsig::DS, "Signature"));
    own.or_else(first).unwrap()
}

/// Where the digest of a reference stands, and what it is.
fn digest_of(signature: Element<'_>, reference: Element<'_>) -> Option<(Range<usize>, Digest)> {
    let id = reference.attribute("", "URI")?.strip_prefix('#')?;
    let mut elements = signature.document_element().descendants();
    let has_id = |element: &Element<'_>| element.attributes().any(|a| a.is_id() && a.value() == id);
    let target = elements.find(has_id)?;
    let place = child(reference, "DigestValue")?.content_range()?;
    let method = CanonicalizationMethod::exclusive(prefixes_of(reference));
    let octets = if signature.is_inside(target) {
        let mut octets = Vec::new();
        method.canonicalize_without(target, signature, &mut octets).unwrap();
        octets
    } else {
        canonical(&method, target)
    };
    Some((place, Digest::sha256(&octets)))
}

/// The one `PrefixList` inside an element, or none.
fn prefixes_of(element: Element<'_>) -> PrefixList {
    let mut inside = element.descendants();
    let list = inside.find_map(|element| element.attribute("", "PrefixList"));
    list.map(PrefixList::parse).unwrap_or_default()
}

fn child<'d>(element: Element<'d>, name: &str) -> Option<Element<'d>> {
    element.children().find(|child| child.is(dsig::DS, name))
}

/// A web server that nobody must call.
pub(crate) struct Bait(TcpListener);

impl Bait {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/key", self.0.local_addr().unwrap())
    }

    /// Requires that nobody has called.
    #[track_caller]
    pub(crate) fn is_untouched(&self) {
        assert!(self.0.accept().is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
    }
}
