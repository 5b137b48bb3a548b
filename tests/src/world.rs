//! Who takes part in the suites of messages, and what they say.

use crate::keys::{self, Authority};
use ksz::pki::{Backend, Identity, TrustStore};
use ksz::sts::names::{CERTIFIED, EHEALTH_ISSUER, IDENTIFICATION};
use ksz::sts::{AssertionTrust, Attribute, Lifetime, NewAssertion};
use ksz::wss::{SamlToken, SigningOptions, sign_holder_of_key, sign_x509};
use ksz::xml::Limits;
use std::time::{Duration, SystemTime};

/// One authority, four clients, a token service, and the present.
#[derive(Debug)]
pub struct World {
    /// Who issued the certificates of all others.
    pub authority: Authority,
    /// A client with an RSA key.
    pub rsa: Identity,
    /// A client with a P-256 key.
    pub ec: Identity,
    /// Another client with an RSA key.
    pub other_rsa: Identity,
    /// Another client with a P-256 key.
    pub other_ec: Identity,
    /// The token service.
    pub service: Identity,
    /// The present.
    pub now: SystemTime,
    backend: Backend,
}

impl World {
    /// A fresh world.
    #[must_use]
    pub fn new(backend: Backend) -> Self {
        let authority = Authority::new("Example Root").with_backend(backend);
        Self {
            rsa: authority.rsa("one"),
            ec: authority.ec("two"),
            other_rsa: authority.rsa("three"),
            other_ec: authority.ec("four"),
            service: authority.rsa("token service"),
            now: SystemTime::now(),
            authority,
            backend,
        }
    }

    /// A store that believes the authority.
    #[must_use]
    pub fn trust(&self) -> TrustStore {
        TrustStore::new(vec![self.authority.certificate()], self.backend)
    }

    /// Whoever believes the token service.
    #[must_use]
    pub fn assertion_trust(&self) -> AssertionTrust {
        AssertionTrust::new(EHEALTH_ISSUER, vec![self.service.certificate().clone()], self.backend)
    }

    /// [`new_assertion`] of the present.
    #[must_use]
    pub fn assertion_for(&self, holder: &Identity) -> NewAssertion {
        new_assertion(holder, self.now)
    }

    /// The same, signed by the token service.
    ///
    /// # Panics
    ///
    /// If it cannot be signed.
    #[must_use]
    pub fn token(&self, holder: &Identity) -> SamlToken {
        let assertion = self.assertion_for(holder).sign(&self.service);
        read_token(&assertion.expect("the key of the token service signs"))
    }

    /// [`envelope`], signed with a certificate.
    ///
    /// # Panics
    ///
    /// If it cannot be signed.
    #[must_use]
    pub fn x509_message(&self, signer: &Identity, created: SystemTime) -> String {
        let options = SigningOptions::default();
        sign_x509(envelope().as_bytes(), signer, &keys::ids("1"), created, &options)
            .expect("the envelope can be signed")
    }

    /// [`envelope`], signed by a holder.
    ///
    /// # Panics
    ///
    /// If it cannot be signed.
    #[must_use]
    pub fn hok_message(&self, token: &SamlToken, signer: &Identity, created: SystemTime) -> String {
        let (options, ids) = (SigningOptions::default(), keys::ids("1"));
        sign_holder_of_key(envelope().as_bytes(), token, signer.key(), &ids, created, &options)
            .expect("the envelope can be signed")
    }
}

/// A token as its holder has it.
///
/// # Panics
///
/// If it is no assertion.
#[must_use]
pub fn read_token(assertion: &str) -> SamlToken {
    SamlToken::from_xml(assertion, &Limits::default()).expect("the caller gives an assertion")
}

/// An assertion for the holder of a key, made at an instant and not yet signed.
#[must_use]
pub fn new_assertion(holder: &Identity, now: SystemTime) -> NewAssertion {
    let attribute = |name, namespace, value: &str| Attribute::new(name, namespace, value);
    NewAssertion {
        id: "_4d2f2572befc1c6a70493a35d3618c66".into(),
        issuer: EHEALTH_ISSUER.into(),
        issue_instant: now,
        validity: Lifetime {
            created: now - Duration::from_secs(300),
            expires: now + Duration::from_secs(3_600),
        },
        holder: holder.certificate().clone(),
        attributes: vec![
            attribute("urn:be:fgov:ehealth:1.0:hospital:nihii-number", IDENTIFICATION, "71089914"),
            attribute("urn:example:recognised:boolean", CERTIFIED, "a < b & \"c\""),
        ],
    }
}

/// A call that is not signed yet.
#[must_use]
pub fn envelope() -> String {
    "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
     xmlns:urn=\"urn:be:fgov:ehealth:platformintegrationconsumertest:v1\" \
     xmlns:urn1=\"urn:be:fgov:ehealth:platformintegrationconsumertest:types:v1\"><soapenv:Header></soapenv:Header>\
     <soapenv:Body><urn:CheckAccessControlRequest version=\"1\">\n  <urn1:Message>Hello</urn1:Message>\r\n\
     </urn:CheckAccessControlRequest></soapenv:Body></soapenv:Envelope>"
        .to_owned()
}

/// The text from the first `start` to the first `end` behind it, both included.
///
/// # Panics
///
/// If they are not there.
#[must_use]
#[track_caller]
pub fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let from = text.find(start).expect("the start is in the text");
    let to = text[from..].find(end).expect("the end is behind the start");
    &text[from..from + to + end.len()]
}

/// The text of the first element of this name, which holds nothing else.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn text_of<'t>(text: &'t str, name: &str) -> &'t str {
    let element = between(text, &format!("<{name}"), &format!("</{name}>"));
    element.split(['<', '>']).nth(2).expect("an element has two tags")
}

/// The text with the first `from` replaced.
///
/// # Panics
///
/// If it is not there.
#[must_use]
#[track_caller]
pub fn swap(text: &str, from: &str, to: &str) -> String {
    assert!(!from.is_empty() && text.contains(from), "{from} is not in {text}");
    text.replacen(from, to, 1)
}
