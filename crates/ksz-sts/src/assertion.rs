use crate::attribute::Attribute;
use crate::claims::Claims;
use crate::conditions::Conditions;
use crate::request::certificate_in;
use crate::subject::Subject;
use crate::trust::AssertionTrust;
use crate::vouched::NameIdentifier;
use crate::{Error, names};
use ksz_pki::{Certificate, PublicKey};
use ksz_soap::parse_date_time;
use ksz_wss::{Policy, SamlToken};
use ksz_xml::{Document, Element};
use ksz_xmldsig::names::DS;
use ksz_xmldsig::{Part, UnverifiedSignature, VerifiedPart};
use std::fmt;
use std::time::SystemTime;
use zeroize::Zeroizing;

/// A SAML 1.1 assertion that the token service signed and that holds now. Only verification makes one.
///
/// Its facts are read from the octets that were digested; its [`token`](Self::token) is the text as it came, which
/// calls carry along unchanged. Both are wiped when the value is dropped.
#[derive(Clone, Eq, PartialEq)]
pub struct VerifiedAssertion {
    token: SamlToken,
    part: VerifiedPart,
    issuer: String,
    issue_instant: SystemTime,
    conditions: Conditions,
    subject: Subject,
    holder_key: PublicKey,
    attributes: Vec<Attribute>,
    authentication_method: Option<String>,
}

impl VerifiedAssertion {
    /// Verifies an `Assertion` element that stands where the caller expects one.
    ///
    /// The order of the work: shape, algorithms, the pinned signer, the signature, the digest; then, from the
    /// digested octets alone: issuer, conditions, confirmation.
    ///
    /// # Errors
    ///
    /// - [`Error::AssertionShape`], [`Error::Signature`] for its shape and signature;
    ///   [`ksz_wss::Error::NotSigned`] if it has none.
    /// - [`Error::SignerNotPinned`] if another than the token service signed it.
    /// - [`Error::IssuerNotAccepted`], [`Error::ConditionsNotAccepted`], [`Error::AssertionExpired`] and their
    ///   neighbours for what it says.
    /// - [`Error::ConfirmationNotAccepted`] if it is not for the holder of one key.
    pub fn verify(
        document: &Document<'_>,
        assertion: Element<'_>,
        trust: &AssertionTrust,
        policy: &Policy,
        now: SystemTime,
    ) -> Result<Self, Error> {
        let signature = only_signature(assertion)?;
        let text = Zeroizing::new(assertion.standalone_source());
        let token = SamlToken::from_xml(&text, &policy.limits)?;
        let unverified = UnverifiedSignature::read(document, signature, &policy.signature_limits)?;
        let named = named_certificate(unverified.key_info())?;
        let part = Part::new("Assertion", assertion, "", "AssertionID").with_enveloped_signature(signature);
        let bound = unverified.bind(&[part])?;
        let key = trust.signer_key(named.as_ref(), now)?;
        let part = bound.verify(&key)?.into_parts().remove(0);
        Self::read(token, part, trust, now)
    }

    /// Verifies an assertion that was kept as text, such as that of a [`token`](Self::token). The same checks as for one
    /// that has just come: what was believed once is believed again only if it still holds.
    ///
    /// # Errors
    ///
    /// Those of [`Self::verify`]; [`Error::AssertionShape`] if the text is another element.
    pub fn verify_text(
        text: &str,
        trust: &AssertionTrust,
        policy: &Policy,
        now: SystemTime,
    ) -> Result<Self, Error> {
        let document = Document::parse(text.as_bytes(), &policy.limits)?;
        let assertion = document.root();
        if !assertion.is(names::SAML_11, "Assertion") {
            return Err(Error::AssertionShape { detail: "it is another element" });
        }
        Self::verify(&document, assertion, trust, policy, now)
    }

    /// Reads the facts from the octets that were digested.
    fn read(
        token: SamlToken,
        part: VerifiedPart,
        trust: &AssertionTrust,
        now: SystemTime,
    ) -> Result<Self, Error> {
        let facts = {
            let document = part.document()?;
            Facts::read(document.root())?
        };
        if facts.issuer != trust.issuer() {
            let found = facts.issuer.chars().take(200).collect();
            return Err(Error::IssuerNotAccepted { expected: trust.issuer().to_owned(), found });
        }
        facts.conditions.check(trust, now)?;
        let holder_key = facts.subject.holder.public_key(trust.backend())?;
        let Facts { issuer, issue_instant, conditions, subject, attributes, authentication_method } = facts;
        Ok(Self {
            token,
            part,
            issuer,
            issue_instant,
            conditions,
            subject,
            holder_key,
            attributes,
            authentication_method,
        })
    }

    /// The assertion to put into a header, octet for octet.
    #[must_use]
    pub const fn token(&self) -> &SamlToken {
        &self.token
    }

    /// The octets that were digested.
    #[must_use]
    pub const fn part(&self) -> &VerifiedPart {
        &self.part
    }

    /// Its `AssertionID`.
    #[must_use]
    pub fn assertion_id(&self) -> &str {
        self.token.assertion_id()
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// When it was issued.
    #[must_use]
    pub const fn issue_instant(&self) -> SystemTime {
        self.issue_instant
    }

    /// When it holds.
    #[must_use]
    pub const fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// Its subject; empty if it names none.
    #[must_use]
    pub const fn subject(&self) -> &NameIdentifier {
        &self.subject.name
    }

    /// The name of its subject. It may hold a person's number.
    #[must_use]
    pub fn subject_name(&self) -> &str {
        &self.subject.name.value
    }

    /// The certificate whose key the sender of a message must prove to hold.
    #[must_use]
    pub const fn holder(&self) -> &Certificate {
        &self.subject.holder
    }

    /// That key.
    #[must_use]
    pub const fn holder_key(&self) -> &PublicKey {
        &self.holder_key
    }

    /// What it says about the subject.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The claims that ask for the same attributes again: see [`Claims::of_attributes`].
    ///
    /// # Errors
    ///
    /// [`Error::ClaimUri`] if an attribute's name is no URI.
    pub fn claims(&self) -> Result<Claims, Error> {
        Claims::of_attributes(&self.attributes)
    }

    /// How the subject was authenticated, if it says so.
    #[must_use]
    pub fn authentication_method(&self) -> Option<&str> {
        self.authentication_method.as_deref()
    }
}

impl Drop for VerifiedAssertion {
    /// The text wipes itself; these are the same octets in canonical form.
    fn drop(&mut self) {
        self.part.wipe();
    }
}

impl fmt::Debug for VerifiedAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedAssertion")
            .field("issuer", &self.issuer)
            .field("conditions", &self.conditions)
            .field("attributes", &self.attributes)
            .finish_non_exhaustive()
    }
}

/// What an assertion says.
struct Facts {
    issuer: String,
    issue_instant: SystemTime,
    conditions: Conditions,
    subject: Subject,
    attributes: Vec<Attribute>,
    authentication_method: Option<String>,
}

impl Facts {
    fn read(assertion: Element<'_>) -> Result<Self, Error> {
        let refuse = |detail| Error::AssertionShape { detail };
        let version = |name| assertion.attribute("", name);
        if !assertion.is(names::SAML_11, "Assertion")
            || version("MajorVersion") != Some("1")
            || version("MinorVersion") != Some("1")
        {
            return Err(refuse("it is not SAML 1.1"));
        }
        let [conditions, statements @ ..] = &assertion.only_children()?[..] else {
            return Err(refuse("it is empty"));
        };
        if !conditions.is(names::SAML_11, "Conditions") {
            return Err(Error::ConditionsNotAccepted { detail: "they are missing" });
        }
        let known = ["AuthenticationStatement", "AttributeStatement"];
        if statements.is_empty()
            || statements.iter().any(|s| !known.iter().any(|name| s.is(names::SAML_11, name)))
        {
            return Err(refuse("it holds other than authentication and attribute statements"));
        }
        let authentication = statements.iter().find(|s| s.local_name() == "AuthenticationStatement");
        let issue_instant = assertion.required_attribute("IssueInstant")?;
        Ok(Self {
            issuer: assertion.required_attribute("Issuer")?.to_owned(),
            issue_instant: parse_date_time("IssueInstant", issue_instant)?,
            conditions: Conditions::read(*conditions)?,
            subject: Subject::of_statements(statements)?,
            attributes: Attribute::read_all(statements)?,
            authentication_method: authentication
                .and_then(|statement| statement.attribute("", "AuthenticationMethod"))
                .map(str::to_owned),
        })
    }
}

/// The one signature directly in the assertion.
fn only_signature(assertion: Element<'_>) -> Result<Element<'_>, Error> {
    let signatures: Vec<_> = assertion.children().filter(|child| child.is(DS, "Signature")).collect();
    match signatures.as_slice() {
        &[signature] => Ok(signature),
        [] => Err(ksz_wss::Error::NotSigned { holder: "the assertion" }.into()),
        _ => Err(Error::AssertionShape { detail: "it holds several signatures" }),
    }
}

/// The certificate that `KeyInfo` names: the first, which is the signer's own. It is believed only if it is pinned.
///
/// `KeyInfo` is not signed, and the assertion is carried into messages as it came. So it holds texts that name a key and
/// nothing else, above all no second assertion: a `KeyName`, an `X509Data`, or both.
fn named_certificate(key_info: Element<'_>) -> Result<Option<Certificate>, Error> {
    let refuse = || Error::AssertionShape { detail: "its KeyInfo holds more than the name of a key" };
    let children = key_info.only_children().map_err(|_| refuse())?;
    let (names, others): (Vec<Element<'_>>, Vec<_>) =
        children.into_iter().partition(|child| child.is(DS, "KeyName"));
    if names.len() > 1 || names.iter().any(|name| name.only_text().is_err()) {
        return Err(refuse());
    }
    let data = match others.as_slice() {
        [] if !names.is_empty() => return Ok(None),
        &[data] if data.is(DS, "X509Data") => data,
        _ => return Err(refuse()),
    };
    let mut certificate = None;
    for child in data.only_children().map_err(|_| refuse())? {
        let text_alone = ["X509Certificate", "X509SubjectName", "X509SKI"];
        if !text_alone.iter().any(|name| child.is(DS, name)) || child.only_text().is_err() {
            return Err(refuse());
        }
        if certificate.is_none() && child.local_name() == "X509Certificate" {
            certificate = Some(certificate_in(child)?);
        }
    }
    Ok(certificate)
}
