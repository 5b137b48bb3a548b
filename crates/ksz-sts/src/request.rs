use crate::claims::Claims;
use crate::profile::{KeyType, TokenProfile};
use crate::subject::Subject;
use crate::vouched::VouchedSubject;
use crate::{Error, names};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_pki::Certificate;
use ksz_soap::{format_date_time, parse_date_time};
use ksz_wss::SamlToken;
use ksz_wss::names::{SAML_11_TOKEN, WSSE, WSU};
use ksz_xml::{Element, Limits, escape_attribute, escape_text};
use ksz_xmldsig::decode_base64;
use ksz_xmldsig::names::DS;
use std::time::SystemTime;
use zeroize::Zeroizing;

/// When a token is to be valid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lifetime {
    /// From when.
    pub created: SystemTime,
    /// Until when.
    pub expires: SystemTime,
}

/// A request for a SAML 1.1 assertion (WS-Trust 1.3 section 3.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RequestSecurityToken {
    context: String,
    purpose: Purpose,
    lifetime: Option<Lifetime>,
    profile: TokenProfile,
}

/// What a request is for.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Purpose {
    /// A token for the holder of a key (WS-Trust 1.3 section 4.1).
    Issue {
        /// What it is to say.
        claims: Claims,
        /// The certificate of the key that it is to confirm; absent means the one that signed the request.
        use_key: Option<Certificate>,
    },
    /// A token in place of one, for the same holder and with the same attributes (WS-Trust 1.3 section 5).
    Renew {
        /// The one. Nothing of it is verified here.
        target: SamlToken,
    },
    /// A token about somebody else, for whom the requester vouches (WS-Trust 1.3 section 9.1).
    OnBehalfOf {
        /// What it is to say.
        claims: Claims,
        /// About whom.
        subject: VouchedSubject,
    },
}

impl RequestSecurityToken {
    /// A request for `claims` about the holder of the certificate's key. `context` comes back in the answer; it
    /// must differ between requests.
    #[must_use]
    pub fn issue(context: &str, claims: Claims, holder: Certificate) -> Self {
        Self::new(context, Purpose::Issue { claims, use_key: Some(holder) })
    }

    /// A request for another token in place of this one. Its text goes into the request octet for octet.
    ///
    /// The holder of its key answers the challenge, so whoever found a token cannot renew it.
    #[must_use]
    pub fn renew(context: &str, token: &SamlToken) -> Self {
        Self::new(context, Purpose::Renew { target: token.clone() })
    }

    /// A request for `claims` about somebody else, for whom the signer of the request vouches.
    ///
    /// The form is that of the platform's connector. What comes for it was not seen: a token that is confirmed by
    /// anything but holding a key is refused, see [`VerifiedAssertion`](crate::VerifiedAssertion).
    #[must_use]
    pub fn on_behalf_of(context: &str, claims: Claims, subject: VouchedSubject) -> Self {
        Self::new(context, Purpose::OnBehalfOf { claims, subject })
    }

    fn new(context: &str, purpose: Purpose) -> Self {
        Self { context: context.to_owned(), purpose, lifetime: None, profile: TokenProfile::default() }
    }

    /// Asks for a validity; without it the service decides.
    #[must_use]
    pub const fn with_lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Writes the request for another token service than the eHealth platform's, or in another way.
    #[must_use]
    pub const fn with_profile(mut self, profile: TokenProfile) -> Self {
        self.profile = profile;
        self
    }

    /// The context.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.context
    }

    /// What it is for.
    #[must_use]
    pub const fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// The validity asked for.
    #[must_use]
    pub const fn lifetime(&self) -> Option<Lifetime> {
        self.lifetime
    }

    /// How it is written.
    #[must_use]
    pub const fn profile(&self) -> TokenProfile {
        self.profile
    }

    /// The claims; a renewal has none of its own.
    #[must_use]
    pub const fn claims(&self) -> Option<&Claims> {
        match &self.purpose {
            Purpose::Issue { claims, .. } | Purpose::OnBehalfOf { claims, .. } => Some(claims),
            Purpose::Renew { .. } => None,
        }
    }

    /// The certificate whose key the token is to confirm, where the request says: the one it names, or the one of the
    /// token to be renewed. Otherwise it is that of whoever signs the request.
    ///
    /// # Errors
    ///
    /// Those of an assertion that confirms no key, if such a one is to be renewed.
    pub fn holder(&self) -> Result<Option<Certificate>, Error> {
        match &self.purpose {
            Purpose::Issue { use_key, .. } => Ok(use_key.clone()),
            Purpose::Renew { target } => {
                Subject::of_text(target.as_xml()).map(|subject| Some(subject.holder))
            }
            Purpose::OnBehalfOf { .. } => Ok(None),
        }
    }

    /// The payload of the Body, its elements in the order that the platform's connector uses.
    ///
    /// # Errors
    ///
    /// - [`Error::Soap`] if an instant cannot be written; [`Error::LifetimeNotAccepted`] if the lifetime has no length, or
    ///   less than a millisecond.
    /// - [`Error::Wss`] with [`PrefixTaken`](ksz_wss::Error::PrefixTaken) if the signature of the token to be renewed
    ///   would not survive in the request.
    pub fn to_xml(&self) -> Result<String, Error> {
        let mut xml = format!("<wst:RequestSecurityToken xmlns:wst=\"{}\" Context=\"", names::WST);
        escape_attribute(&self.context, &mut |piece| xml += piece);
        xml += &format!("\"><wst:TokenType>{SAML_11_TOKEN}</wst:TokenType>");
        let request_type = match self.purpose {
            Purpose::Renew { .. } => names::RENEW,
            _ => names::ISSUE,
        };
        xml += &format!("<wst:RequestType>{request_type}</wst:RequestType>");
        if let Some(claims) = self.claims() {
            xml += &claims.to_xml(self.profile.dialect());
        }
        if let Some(lifetime) = self.lifetime {
            push_lifetime(lifetime, &mut xml)?;
        }
        match &self.purpose {
            Purpose::Issue { use_key, .. } => self.push_key(use_key.as_ref(), &mut xml),
            Purpose::Renew { target } => {
                require_free_prefixes(target)?;
                push_embedded("RenewTarget", target.assertion_id(), target.as_xml(), &mut xml);
            }
            Purpose::OnBehalfOf { subject, .. } => {
                push_embedded("OnBehalfOf", &subject.assertion_id, &subject.to_xml()?, &mut xml);
                xml += &format!("<wst:Issuer><wsa:Address xmlns:wsa=\"{}\">", names::ADDRESSING);
                escape_text(&subject.issuer, &mut |piece| xml += piece);
                xml += "</wsa:Address></wst:Issuer>";
            }
        }
        Ok(xml + "</wst:RequestSecurityToken>")
    }

    fn push_key(&self, use_key: Option<&Certificate>, xml: &mut String) {
        *xml += &format!("<wst:KeyType>{}</wst:KeyType>", self.profile.key_type().uri());
        if let Some(certificate) = use_key {
            let certificate = STANDARD.encode(certificate.der());
            *xml += &format!(
                "<wst:UseKey><wsse:SecurityTokenReference xmlns:wsse=\"{WSSE}\"><ds:X509Data xmlns:ds=\"{DS}\">\
                 <ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>\
                 </wsse:SecurityTokenReference></wst:UseKey>"
            );
        }
    }

    /// Reads a request to the eHealth platform, for the side that receives it. Both spellings of the kind of key are
    /// understood, and both places of the context: without a namespace, and in that of WS-Trust, where the platform's
    /// connector writes it.
    ///
    /// The text of a token to be renewed is taken as it stands here. In the octets of a verified Body it is in canonical
    /// form, in which declarations may be lost that its own signature counts on: there, it is read from the message that
    /// came, at the same place.
    ///
    /// # Errors
    ///
    /// - [`Error::RepeatedClaim`] if a claim is named twice.
    /// - [`Error::RequestNotAccepted`] if it asks for something else than this profile.
    /// - [`Error::Soap`] if it is not as the schema says.
    pub fn read(payload: Element<'_>) -> Result<Self, Error> {
        Self::read_as(payload, TokenProfile::EHEALTH)
    }

    /// The same for the token service of another profile.
    ///
    /// # Errors
    ///
    /// Those of [`Self::read`].
    pub fn read_as(payload: Element<'_>, profile: TokenProfile) -> Result<Self, Error> {
        let refuse = |detail| Error::RequestNotAccepted { detail };
        if !payload.is(names::WST, "RequestSecurityToken") {
            return Err(refuse("the Body holds another element than RequestSecurityToken"));
        }
        if text_of(payload, "TokenType")?.is_some_and(|token_type| token_type != SAML_11_TOKEN) {
            return Err(refuse("TokenType is not a SAML 1.1 assertion"));
        }
        let on_behalf_of = payload.optional_child(names::WST, "OnBehalfOf")?;
        let mut profile = profile;
        let purpose = match (text_of(payload, "RequestType")?.as_deref(), on_behalf_of) {
            (Some(names::ISSUE), None) => {
                let key_type = text_of(payload, "KeyType")?.as_deref().and_then(KeyType::from_uri);
                profile = profile.with_key_type(key_type.ok_or(refuse("KeyType is not PublicKey"))?);
                let use_key = payload.optional_child(names::WST, "UseKey")?;
                Purpose::Issue {
                    claims: read_claims(payload, profile)?,
                    use_key: use_key.map(read_use_key).transpose()?,
                }
            }
            (Some(names::ISSUE), Some(on_behalf_of)) => {
                require_absent(payload, &["KeyType", "UseKey", "RenewTarget"])?;
                let subject = VouchedSubject::read(read_embedded(on_behalf_of)?)?;
                if read_issuer(payload)? != subject.issuer {
                    return Err(refuse("Issuer is another than the assertion's on whose behalf it is"));
                }
                Purpose::OnBehalfOf { claims: read_claims(payload, profile)?, subject }
            }
            (Some(names::RENEW), None) => {
                require_absent(payload, &["Claims", "KeyType", "UseKey"])?;
                let target = read_embedded(payload.only_child(names::WST, "RenewTarget")?)?;
                let text = Zeroizing::new(target.standalone_source());
                Purpose::Renew { target: SamlToken::from_xml(&text, &Limits::default())? }
            }
            (Some(names::RENEW), Some(_)) => return Err(refuse("it renews on behalf of somebody else")),
            _ => return Err(refuse("RequestType is neither Issue nor Renew")),
        };
        let lifetime = payload.optional_child(names::WST, "Lifetime")?;
        Ok(Self {
            context: read_context(payload)?.to_owned(),
            purpose,
            lifetime: lifetime.map(read_lifetime).transpose()?,
            profile,
        })
    }
}

fn push_lifetime(lifetime: Lifetime, xml: &mut String) -> Result<(), Error> {
    let (created, expires) = (format_date_time(lifetime.created)?, format_date_time(lifetime.expires)?);
    // In this form, instants are in the order of their texts, and those that differ by less than it tells are one.
    if created >= expires {
        return Err(Error::LifetimeNotAccepted { detail: "it ends before it begins" });
    }
    *xml += &format!(
        "<wst:Lifetime xmlns:wsu=\"{WSU}\"><wsu:Created>{created}</wsu:Created>\
         <wsu:Expires>{expires}</wsu:Expires></wst:Lifetime>"
    );
    Ok(())
}

/// An assertion inside an element of the request. Its identifier is made of that of the assertion, which differs from
/// it and from those in the header.
fn push_embedded(name: &str, assertion_id: &str, assertion: &str, xml: &mut String) {
    *xml += &format!(
        "<wst:{name}><wsse:SecurityTokenReference xmlns:wsse=\"{WSSE}\">\
         <wsse:Embedded xmlns:wsu=\"{WSU}\" wsu:Id=\"token-{assertion_id}\">{assertion}</wsse:Embedded>\
         </wsse:SecurityTokenReference></wst:{name}>"
    );
}

/// Refuses a token whose signature counts on a prefix that is bound around it here.
fn require_free_prefixes(token: &SamlToken) -> Result<(), Error> {
    let bound = ["soapenv", "wst", "wsse", "wsu"];
    match token.free_prefixes().iter().find(|free| bound.contains(&free.as_str())) {
        Some(prefix) => Err(ksz_wss::Error::PrefixTaken { prefix: prefix.clone() }.into()),
        None => Ok(()),
    }
}

fn text_of(payload: Element<'_>, name: &str) -> Result<Option<String>, Error> {
    let child = payload.optional_child(names::WST, name)?;
    Ok(child.map(Element::only_text).transpose()?.map(|text| text.trim().to_owned()))
}

fn read_context(payload: Element<'_>) -> Result<&str, Error> {
    match (payload.attribute("", "Context"), payload.attribute(names::WST, "Context")) {
        (Some(_), Some(_)) => Err(Error::RequestNotAccepted { detail: "it has two contexts" }),
        (None, Some(context)) => Ok(context),
        _ => Ok(payload.required_attribute("Context")?),
    }
}

fn read_claims(payload: Element<'_>, profile: TokenProfile) -> Result<Claims, Error> {
    Claims::read(payload.only_child(names::WST, "Claims")?, profile.dialect())
}

fn read_lifetime(element: Element<'_>) -> Result<Lifetime, Error> {
    let instant = |name| -> Result<SystemTime, Error> {
        let text = element.only_child(WSU, name)?.only_text()?;
        Ok(parse_date_time(name, text.trim())?)
    };
    let lifetime = Lifetime { created: instant("Created")?, expires: instant("Expires")? };
    if lifetime.created >= lifetime.expires {
        return Err(Error::RequestNotAccepted { detail: "the lifetime ends before it begins" });
    }
    Ok(lifetime)
}

fn read_use_key(element: Element<'_>) -> Result<Certificate, Error> {
    let reference = element.only_child(WSSE, "SecurityTokenReference")?;
    let data = reference.only_child(DS, "X509Data")?;
    certificate_in(data.only_child(DS, "X509Certificate")?)
}

/// The assertion that an element of the request embeds.
fn read_embedded(element: Element<'_>) -> Result<Element<'_>, Error> {
    let reference = element.only_child(WSSE, "SecurityTokenReference")?;
    match reference.only_child(WSSE, "Embedded")?.only_children()?.as_slice() {
        &[assertion] if assertion.is(names::SAML_11, "Assertion") => Ok(assertion),
        _ => Err(Error::RequestNotAccepted { detail: "not one SAML 1.1 assertion is embedded" }),
    }
}

fn read_issuer(payload: Element<'_>) -> Result<String, Error> {
    let issuer = payload.only_child(names::WST, "Issuer")?;
    Ok(issuer.only_child(names::ADDRESSING, "Address")?.only_text()?.trim().to_owned())
}

/// Refuses elements that belong to a request for something else.
fn require_absent(payload: Element<'_>, others: &[&str]) -> Result<(), Error> {
    if payload.children().any(|child| others.iter().any(|name| child.is(names::WST, name))) {
        return Err(Error::RequestNotAccepted { detail: "it holds elements of another kind of request" });
    }
    Ok(())
}

/// The longest base64 of a certificate.
const LONGEST_CERTIFICATE: usize = 64 * 1024;

/// The certificate that an element holds in base64.
pub(crate) fn certificate_in(element: Element<'_>) -> Result<Certificate, Error> {
    let text = element.only_text()?;
    if text.len() > LONGEST_CERTIFICATE {
        return Err(ksz_pki::Error::NotCertificate { detail: "too long".into() }.into());
    }
    let der =
        decode_base64(&text).ok_or_else(|| ksz_pki::Error::NotCertificate { detail: "not base64".into() })?;
    Ok(Certificate::from_der(&der)?)
}
