//! The token service by its published messages: what it refuses looks like the platform's refusal, and what it answers is
//! read once the misprints of the documents are repaired.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use base64::{Engine, engine::general_purpose::STANDARD};
use ksz::error::{Class, reason};
use ksz::pki::{Backend, Certificate, Digest, Identity, certificates_from_pem};
use ksz::soap::{Envelope, Operation, SoapVersion, parse_date_time, write_envelope};
use ksz::sts::names::{EHEALTH_ISSUER, IDENTIFICATION, X509_PKI};
use ksz::sts::{
    AssertionTrust, ClaimType, Claims, Error, RequestSecurityToken, VerifiedAssertion, verify_token_response,
};
use ksz::transport::{HttpClient, ServerTrust, SoapRequest};
use ksz::wss::{Policy, SigningOptions, sign_x509};
use ksz::xml::{Document, Element, Limits};
use ksz::xmldsig::{CanonicalizationMethod, PrefixList, Reference, Signature, Transforms};
use ksz_sim::{Options, Simulator};
use ksz_tests::keys::{Authority, ids};
use ksz_tests::world::{between, swap};
use ksz_tests::{backend, shared};
use std::fs;
use std::time::SystemTime;

const HOSPITAL: &str = "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number";

#[tokio::test]
async fn a_repeated_claim_is_refused_with_the_published_fault() {
    let path = "reference/ehealth/messages/fault-sts-duplicate-claim.xml";
    let Some(file) = shared("a repeated claim", path) else { return };
    let published = fs::read_to_string(file).unwrap();
    let simulator = Simulator::start(Options::default()).await.unwrap();

    let answered = refusal_of_a_repeated_claim(&simulator).await;

    assert_eq!(outline_of_fault(&answered), outline_of_fault(&published));
    let texts = outline_of_fault(&published).join("\n");
    assert!(texts.contains("multiple times found."), "{texts}");
}

/// What the documents misprint, and what is right, for the answer as the French text prints it.
const REPAIRS: [(&str, &str); 14] = [
    ("IssueInstant=\"2023-01-\n11T", "IssueInstant=\"2023-01-11T"),
    ("Issuer=\"urn:be:fgov:ehhealth:sts:1_0\"", "Issuer=\"urn:be:fgov:ehealth:sts:1_0\""),
    ("cm:holder-ofkey", "cm:holder-of-key"),
    (
        "\"urn:be:fgov:ehhealth:1.0:certificateholder:hospital:nihiinumber\"",
        "\"urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number\"",
    ),
    ("urn:be:fgov:identification-namespaces", "urn:be:fgov:identification-namespace"),
    ("NameQualifier=${SUBJECT-CA2}", "NameQualifier=\"CN=Example CA\""),
    ("NameQualifier=${Subject-CA2}", "NameQualifier=\"CN=Example CA\""),
    (">${SUBJECT3}<", ">CN=Example subject<"),
    (">${Subject3}<", ">CN=Example subject<"),
    ("#envelopedsignature", "#enveloped-signature"),
    ("</ds:Transforms>\n          </ds:Reference>", "</ds:Transforms>"),
    ("</ds:DigestValue>\n        </ds:SignedInfo>", "</ds:DigestValue></ds:Reference></ds:SignedInfo>"),
    (
        "</ds:SignatureValue>\n      </ds:KeyInfo>",
        "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate>\
         </ds:X509Data></ds:KeyInfo></ds:Signature>",
    ),
    // The certificates are placeholders: the first is the holder's, the second the token service's.
    (
        "<ds:X509Certificate>${certificate}</ds:X509Certificate>",
        "<ds:X509Certificate>HOLDER</ds:X509Certificate>",
    ),
];

#[test]
fn the_published_answer_is_read_once_its_misprints_are_repaired() {
    let Some(scene) = Published::repaired() else { return };

    let refused = scene.verify(&scene.answer).unwrap_err();
    let signed = scene.verify(&scene.signed()).unwrap();

    // Its signature value is elided, so nothing in it is believed.
    assert_eq!((refused.class(), reason(&refused).as_str()), (Class::Structure, "Value"), "{refused}");
    // Signed by a service of ours, it says what the document prints.
    assert_eq!(signed.issuer(), EHEALTH_ISSUER);
    assert_eq!(signed.assertion_id(), "_444b70688b525e6c19f582e282855c48");
    assert_eq!(signed.issue_instant(), instant("2023-01-11T13:20:46.160Z"));
    assert_eq!(signed.conditions().not_before(), instant("2023-01-03T22:55:00.000Z"));
    assert_eq!(signed.conditions().not_on_or_after(), instant("2023-01-04T23:00:00.000Z"));
    assert_eq!(signed.authentication_method(), Some(X509_PKI));
    assert_eq!(signed.subject_name(), "CN=Example subject");
    assert_eq!(signed.subject().qualifier, "CN=Example CA");
    assert_eq!(signed.holder(), scene.holder.certificate());
    let [attribute] = signed.attributes() else { panic!("{signed:?}") };
    assert_eq!((attribute.name(), attribute.namespace()), (HOSPITAL, IDENTIFICATION));
    assert_eq!(attribute.values(), ["71089914"]);
    let claims: Vec<_> = signed.claims().unwrap().iter().cloned().collect();
    assert_eq!(claims, [ClaimType::asserted(HOSPITAL, "71089914")]);
}

#[test]
fn each_misprint_is_refused_even_if_it_were_signed() {
    let Some(scene) = Published::repaired() else { return };
    for (right, misprint, expected) in [
        ("urn:be:fgov:ehealth:sts:1_0", "urn:be:fgov:health:sts:1_0", "IssuerNotAccepted"),
        ("cm:holder-of-key", "cm:holder-ofkey", "ConfirmationNotAccepted"),
        ("AttributeNamespace=", "AttributeNameSpace=", "NoAttribute"),
        ("IssueInstant=\"2023-01-11T", "IssueInstant=\"2023-01-\n11T", "Value"),
    ] {
        let misprinted = Published { answer: swap(&scene.answer, right, misprint), ..scene.clone() };
        let refused = misprinted.verify(&misprinted.signed()).unwrap_err();
        assert_eq!(reason(&refused), expected, "{misprint}: {refused}");
    }
    for (right, misprint) in
        [("xmlenc#sha256", "xmldsig#sha256"), ("#enveloped-signature", "#envelopedsignature")]
    {
        let refused = scene.verify(&swap(&scene.answer, right, misprint)).unwrap_err();
        assert_eq!(reason(&refused), "AlgorithmNotAccepted", "{misprint}: {refused}");
    }
}

#[test]
fn the_answers_as_they_are_printed_are_refused() {
    let Some(seed) = seed("004_") else { return };
    let blocks: Vec<_> = seed
        .split("```")
        .filter(|block| block.trim_start().starts_with("<wst:RequestSecurityTokenResponse"))
        .collect();
    assert_eq!(blocks.len(), 2, "the Dutch and the French text print one answer each");
    for block in blocks {
        let refused = read_by_nobody(&write_envelope(block.trim()));
        assert_eq!((refused.class(), reason(&refused).as_str()), (Class::XmlMalformed, "NotWellFormed"));
    }
}

#[test]
fn the_other_published_answer_is_for_its_context_and_its_signature_is_left_out() {
    let Some(seed) = seed("003_") else { return };
    let answer =
        between(&seed, "<wst:RequestSecurityTokenResponse Context", "</wst:RequestSecurityTokenResponse>");
    // The page indents with spaces that do not break, which are no white space of XML.
    let envelope = write_envelope(&answer.replace('\u{a0}', " "));
    let read = |context| {
        let authority = Authority::new("Example Root").with_backend(backend!());
        let trust = AssertionTrust::new(EHEALTH_ISSUER, vec![authority.certificate()], backend!());
        let now = instant("2022-12-16T07:00:00Z");
        verify_token_response(envelope.as_bytes(), Some(context), None, &trust, &Policy::default(), now)
            .unwrap_err()
    };

    let other = read("RC-1");
    let own = read("RC-938ae2a2-6839-41ee-9c0e-7eab62a5a748");

    let found = "RC-938ae2a2-6839-41ee-9c0e-7eab62a5a748".to_owned();
    assert_eq!(other, Error::ContextMismatch { expected: "RC-1".into(), found });
    assert_eq!((own.class(), reason(&own).as_str()), (Class::Structure, "Unexpected"), "{own}");
}

#[test]
fn the_published_requests_are_read_once_their_misprints_are_repaired() {
    let (Some(first), Some(second)) = (seed("003_"), seed("004_")) else { return };
    let repaired = |text: &str, repairs: &[(&str, &str)]| {
        repairs.iter().fold(text.replace('\u{a0}', " "), |text, (misprint, right)| {
            assert!(text.contains(misprint), "the document prints {misprint:?}");
            text.replace(misprint, right)
        })
    };
    let read = |text: &str| {
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        RequestSecurityToken::read(document.root())
    };
    let request = "<wst:RequestSecurityToken Context";
    let end = "</wst:RequestSecurityToken>";

    let first = repaired(
        between(&first, request, end),
        &[(" http : // docs", "http://docs"), ("secext-1.0.xsd \"", "secext-1.0.xsd\"")],
    );
    let first = read(&first).unwrap();
    let claims = [
        "urn:be:fgov:kbo-bce:organization:cbe-number",
        "urn:be:fgov:ehealth:1.0:certificateholder:enterprise:cbe-number",
    ]
    .map(ClaimType::certified);
    assert_eq!(first.claims().unwrap().iter().cloned().collect::<Vec<_>>(), claims);
    assert_eq!((first.lifetime(), first.holder()), (None, Ok(None)));

    let (dutch, _) = second.split_at(second.find("\nImportant:").unwrap());
    let common = [
        (
            "xmlns:wst=\"http://docs.oasis-open.org/ws-sx/wstrust",
            "xmlns:wst=\"http://docs.oasis-open.org/ws-sx/ws-trust",
        ),
        ("docs.oasisopen.org", "docs.oasis-open.org"),
        ("saml-token-profile1.1", "saml-token-profile-1.1"),
    ];
    let (refused, accepted) = dutch.split_at(dutch.find("**correcte** request").unwrap());
    let accepted = read(&repaired(between(accepted, request, end), &common)).unwrap();
    assert_eq!(
        accepted.claims().unwrap().iter().cloned().collect::<Vec<_>>(),
        [ClaimType::asserted(HOSPITAL, "71089914")]
    );
    let lifetime = accepted.lifetime().unwrap();
    assert_eq!(lifetime.expires, instant("2023-01-03T23:55:00.000Z"));
    let footer = [("STS – WS Trust - Cookbook v.1.1 dd 12/01/2024 14/26", "")];
    let refused = read(&repaired(between(refused, request, end), &[&common[..], &footer[..]].concat()));
    assert_eq!(refused, Err(Error::RepeatedClaim { uri: HOSPITAL.into() }));
}

/// The answer of the French text, repaired, and who takes part in it.
#[derive(Clone)]
struct Published {
    answer: String,
    holder: Identity,
    service: Identity,
}

impl Published {
    fn repaired() -> Option<Self> {
        let seed = seed("004_")?;
        let (_, french) = seed.split_at(seed.find("Réponse de la requête\n").unwrap());
        let answer =
            between(french, "<wst:RequestSecurityTokenResponse", "</wst:RequestSecurityTokenResponse>");
        let mut answer = write_envelope(answer);
        for (misprint, right) in REPAIRS {
            assert!(answer.contains(misprint), "the document prints {misprint:?}");
            answer = answer.replacen(misprint, right, 1);
        }
        let authority = Authority::new("Example Root").with_backend(backend!());
        let (holder, service) = (authority.ec("one"), authority.ec("token service"));
        let der = |identity: &Identity| STANDARD.encode(identity.certificate().der());
        let answer = swap(&answer, "HOLDER", &der(&holder));
        let answer = swap(&answer, "${certificate}", &der(&service));
        Some(Self { answer, holder, service })
    }

    /// The answer with a signature of the token service in the place of the published one.
    fn signed(&self) -> String {
        let published = between(&self.answer, "<ds:Signature ", "</ds:Signature>");
        let unsigned = swap(&self.answer, published, "");
        let document = Document::parse(unsigned.as_bytes(), &Limits::default()).unwrap();
        let assertion =
            document.root().descendants().find(|element| element.local_name() == "Assertion").unwrap();
        let exclusive = CanonicalizationMethod::exclusive(PrefixList::default());
        let digest: Digest = exclusive.digest(assertion).unwrap();
        let id = assertion.attribute("", "AssertionID").unwrap();
        let key_info = between(published, "<ds:KeyInfo>", "</ds:KeyInfo>");
        let signature = Signature::new(vec![Reference::new(id, Transforms::Enveloped, None, digest)])
            .with_key_info(key_info)
            .sign(self.service.key())
            .unwrap();
        swap(&self.answer, published, &signature)
    }

    fn verify(&self, answer: &str) -> Result<VerifiedAssertion, Error> {
        let trust = AssertionTrust::new(EHEALTH_ISSUER, vec![self.service.certificate().clone()], backend!());
        let context = Some("RC-a55c3420-6ae3-4d17-bebe-e70daf1f557c");
        let (holder, policy) = (Some(self.holder.certificate()), Policy::default());
        let now = instant("2023-01-04T12:00:00Z");
        verify_token_response(answer.as_bytes(), context, holder, &trust, &policy, now)
    }
}

/// A source document, by how its name begins.
fn seed(begins: &str) -> Option<String> {
    let folder = shared("published answers of the token service", "seeds")?;
    let files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(begins))
        .collect();
    let [file] = files.as_slice() else { panic!("one document begins with {begins}: {files:?}") };
    Some(fs::read_to_string(file).unwrap())
}

fn read_by_nobody(envelope: &str) -> Error {
    let trust = AssertionTrust::new(EHEALTH_ISSUER, vec![], backend!());
    let now = instant("2023-01-04T12:00:00Z");
    verify_token_response(envelope.as_bytes(), None, None, &trust, &Policy::default(), now).unwrap_err()
}

fn instant(text: &str) -> SystemTime {
    parse_date_time("the test", text).unwrap()
}

/// Asks the simulated token service for one claim twice, which no client of ours can.
async fn refusal_of_a_repeated_claim(simulator: &Simulator) -> String {
    let configuration = simulator.configuration();
    let section = &configuration[configuration.find("[ehealth]").unwrap()..];
    let identity = Identity::from_pem(pem(section, "identity = '''\n"), Backend::default()).unwrap();
    let roots: Vec<Certificate> = certificates_from_pem(pem(&configuration, "roots = ['''\n")).unwrap();
    let url = between(section, "sts = \"", "\"\n").trim_start_matches("sts = \"").trim_end_matches("\"\n");
    let mut claims = Claims::default();
    claims.insert(ClaimType::asserted(HOSPITAL, "71089914")).unwrap();
    let once = RequestSecurityToken::issue("RC-1", claims, identity.certificate().clone()).to_xml().unwrap();
    let claim = between(&once, "<auth:ClaimType", "</auth:ClaimType>");
    let envelope = write_envelope(&swap(&once, claim, &claim.repeat(2)));
    let (now, options) = (SystemTime::now(), SigningOptions::default());
    let message = sign_x509(envelope.as_bytes(), &identity, &ids("1"), now, &options).unwrap();
    let action = Operation::REQUEST_SECURITY_TOKEN.action;
    let request = SoapRequest::new(url.parse().unwrap(), action, message).into_http().unwrap();
    let client = HttpClient::builder().server_trust(ServerTrust::Roots(roots)).identity(identity);
    let response = client.build().unwrap().send(request).await.unwrap();
    assert_eq!(response.status(), 500);
    String::from_utf8(response.into_body()).unwrap()
}

fn pem<'c>(configuration: &'c str, start: &str) -> &'c [u8] {
    let from = configuration.find(start).unwrap() + start.len();
    let length = configuration[from..].find("'''").unwrap();
    &configuration.as_bytes()[from..from + length]
}

/// The elements of the fault in an envelope, their attributes and texts in order. What differs between two refusals of one
/// kind is left out: identifiers, the environment, and white space between elements.
fn outline_of_fault(envelope: &str) -> Vec<String> {
    let document = Document::parse(envelope.as_bytes(), &Limits::default()).unwrap();
    let found = Envelope::find_as(&document, &SoapVersion::DEFAULT).unwrap();
    let fault = found.body().children().next().unwrap();
    fault.descendants().map(outline_of).collect()
}

fn outline_of(element: Element<'_>) -> String {
    let attributes = element.attributes().map(|attribute| match attribute.local_name() {
        "Id" => " Id".to_owned(),
        name => format!(" {{{}}}{name}={:?}", attribute.namespace(), attribute.value()),
    });
    let text = match element.only_text() {
        Ok(_) if element.local_name() == "Environment" => "(environment)".to_owned(),
        Ok(text) if element.local_name() == "faultcode" => {
            let (prefix, name) = text.split_once(':').unwrap();
            format!("{{{}}}{name}", element.lookup_namespace(prefix).unwrap())
        }
        Ok(text) => text.into_owned(),
        Err(_) => "(elements)".to_owned(),
    };
    let name = element.local_name();
    format!("{{{}}}{name}{}: {text}", element.namespace(), attributes.collect::<String>())
}
