//! Messages in SOAP 1.2: signed and verified where the caller allows it, and refused everywhere else.

use ksz::error::Class;
use ksz::pki::{Identity, TrustStore};
use ksz::soap::{SoapVersion, payload_of, write_envelope, write_envelope_as};
use ksz::sts::names::EHEALTH_ISSUER;
use ksz::sts::{AssertionTrust, Lifetime, NewAssertion, verify_brokered};
use ksz::wss::{
    Error, Layout, MustUnderstand, Policy, PrefixLists, Replay, SamlToken, SigningOptions,
    sign_holder_of_key, sign_x509, verify_x509,
};
use ksz::xml::Limits;
use ksz_tests::backend;
use ksz_tests::keys::{self, Authority};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

const PAYLOAD: &str = "<urn:a xmlns:urn=\"urn:a\">Hello &amp; <b xmlns=\"\">é</b></urn:a>";
const BOTH: &[SoapVersion] = &SoapVersion::ALL;
const SOAP_12: &[SoapVersion] = &[SoapVersion::Soap12];

static WORLD: LazyLock<World> = LazyLock::new(World::new);

struct World {
    authority: Authority,
    signer: Identity,
    now: SystemTime,
}

impl World {
    fn new() -> Self {
        let authority = Authority::new("Example Root").with_backend(backend!());
        let signer = authority.ec("one");
        Self { authority, signer, now: SystemTime::now() }
    }

    fn sign(&self, envelope: &str, options: &SigningOptions) -> Result<String, Error> {
        sign_x509(envelope.as_bytes(), &self.signer, &keys::ids("1"), self.now, options)
    }

    fn verify(&self, message: &str, allowed: &'static [SoapVersion]) -> Result<String, Error> {
        let trust = TrustStore::new(vec![self.authority.certificate()], backend!());
        let policy = policy(allowed);
        let verified = verify_x509(message.as_bytes(), &trust, &policy, Replay::NotChecked, self.now)?;
        let body = verified.body().document()?;
        Ok(payload_of(body.root())?.source().to_owned())
    }
}

#[test]
fn soap_1_2_is_signed_and_verified_in_every_form_where_it_is_allowed() {
    let soap = SoapVersion::Soap12.namespace();
    for envelope in [
        write_envelope_as(SoapVersion::Soap12, PAYLOAD),
        format!("<Envelope xmlns='{soap}'><Body>{PAYLOAD}</Body></Envelope>"),
        format!("<s:Envelope xmlns:s='{soap}'><s:Header/><s:Body>{PAYLOAD}</s:Body></s:Envelope>"),
    ] {
        for options in every_form() {
            let message = WORLD.sign(&envelope, &options).unwrap();

            let payload = WORLD.verify(&message, BOTH).unwrap();
            assert!(payload.contains("Hello &amp; <b") && payload.ends_with("é</b></urn:a>"), "{payload}");
            assert!(WORLD.verify(&message, SOAP_12).is_ok(), "{message}");
            let stated = options.must_understand == MustUnderstand::Stated;
            assert_eq!(message.contains(":mustUnderstand=\"true\""), stated, "{message}");
            assert!(!message.contains(SoapVersion::Soap11.namespace()), "{message}");
            assert!(WORLD.verify(&message.replace("Hello", "Hullo"), BOTH).is_err());
        }
    }
}

#[test]
fn soap_1_2_is_refused_where_nobody_allows_it() {
    let envelope = write_envelope_as(SoapVersion::Soap12, PAYLOAD);
    let refused = Error::Soap(ksz::soap::Error::VersionNotAllowed { version: SoapVersion::Soap12 });

    assert_eq!(WORLD.sign(&envelope, &SigningOptions::default()), Err(refused.clone()));
    let message = WORLD.sign(&envelope, &allowing(BOTH)).unwrap();
    assert_eq!(WORLD.verify(&message, Policy::default().soap_versions), Err(refused));
}

#[test]
fn soap_1_1_is_refused_where_soap_1_2_alone_is_allowed() {
    let envelope = write_envelope(PAYLOAD);
    let refused = Error::Soap(ksz::soap::Error::VersionNotAllowed { version: SoapVersion::Soap11 });

    assert_eq!(WORLD.sign(&envelope, &allowing(SOAP_12)), Err(refused.clone()));
    let message = WORLD.sign(&envelope, &SigningOptions::default()).unwrap();
    assert_eq!(WORLD.verify(&message, SOAP_12), Err(refused));
    assert!(WORLD.verify(&message, BOTH).is_ok());
}

#[test]
fn a_message_of_two_versions_is_one_of_none() {
    let envelope = write_envelope_as(SoapVersion::Soap12, PAYLOAD);
    let other = SoapVersion::Soap11.namespace();
    let body = envelope.replace("<soapenv:Body>", &format!("<o:Body xmlns:o='{other}'>"));
    let mixed = body.replace("</soapenv:Body>", "</o:Body>");
    let shape = |error: Error| matches!(error, Error::Soap(ksz::soap::Error::EnvelopeShape { .. }));

    assert!(WORLD.sign(&mixed, &allowing(BOTH)).is_err_and(shape));
    assert!(WORLD.verify(&mixed, BOTH).is_err_and(shape));
}

#[test]
fn the_version_of_a_message_is_signed_with_its_body() {
    let envelope = write_envelope_as(SoapVersion::Soap12, PAYLOAD);
    let message = WORLD.sign(&envelope, &allowing(BOTH)).unwrap();
    let other = message.replace(SoapVersion::Soap12.namespace(), SoapVersion::Soap11.namespace());

    assert_eq!(WORLD.verify(&other, BOTH).unwrap_err().class(), Class::Digest);
}

#[test]
fn the_holder_of_an_assertion_signs_soap_1_2_too() {
    let assertion = NewAssertion {
        id: "_4d2f2572befc1c6a70493a35d3618c66".into(),
        issuer: EHEALTH_ISSUER.into(),
        issue_instant: WORLD.now,
        validity: Lifetime { created: WORLD.now, expires: WORLD.now + Duration::from_secs(3_600) },
        holder: WORLD.signer.certificate().clone(),
        attributes: Vec::new(),
    };
    let service = WORLD.authority.ec("token service");
    let token = SamlToken::from_xml(&assertion.sign(&service).unwrap(), &Limits::default()).unwrap();
    let trust = AssertionTrust::new(EHEALTH_ISSUER, vec![service.certificate().clone()], backend!());
    let envelope = write_envelope_as(SoapVersion::Soap12, PAYLOAD);
    let (ids, options, key) = (keys::ids("1"), allowing(BOTH), WORLD.signer.key());

    let message = sign_holder_of_key(envelope.as_bytes(), &token, key, &ids, WORLD.now, &options).unwrap();
    let verify = |allowed| {
        let policy = policy(allowed);
        verify_brokered(message.as_bytes(), &trust, &policy, Replay::NotChecked, WORLD.now)
    };

    assert!(verify(BOTH).is_ok());
    let refused = ksz::soap::Error::VersionNotAllowed { version: SoapVersion::Soap12 };
    assert_eq!(verify(&SoapVersion::DEFAULT).unwrap_err(), Error::Soap(refused).into());
}

#[test]
fn a_signed_fault_of_soap_1_2_is_a_refusal() {
    let fault = "<f:Fault xmlns:f='http://www.w3.org/2003/05/soap-envelope'><f:Code><f:Value>f:Sender</f:Value></f:Code>\
                 <f:Reason><f:Text xml:lang='en'>no</f:Text></f:Reason></f:Fault>";
    let message = WORLD.sign(&write_envelope_as(SoapVersion::Soap12, fault), &allowing(BOTH)).unwrap();

    let refused = WORLD.verify(&message, BOTH).unwrap_err();

    assert!(matches!(refused, Error::Soap(ksz::soap::Error::Fault { fault }) if fault.text() == "no"));
}

fn policy(allowed: &'static [SoapVersion]) -> Policy {
    let mut policy = Policy::default();
    policy.soap_versions = allowed;
    policy
}

fn allowing(allowed: &'static [SoapVersion]) -> SigningOptions {
    let mut options = SigningOptions::default();
    options.soap_versions = allowed;
    options
}

fn every_form() -> Vec<SigningOptions> {
    let mut forms = Vec::new();
    for layout in [Layout::Ehealth, Layout::Connector] {
        for prefix_lists in [PrefixLists::Omitted, PrefixLists::Written] {
            for must_understand in [MustUnderstand::Stated, MustUnderstand::Omitted] {
                let mut options = allowing(SOAP_12);
                options.layout = layout;
                options.prefix_lists = prefix_lists;
                options.must_understand = must_understand;
                forms.push(options);
            }
        }
    }
    forms
}
