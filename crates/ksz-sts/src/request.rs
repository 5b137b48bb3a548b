use crate::claims::{Claims, Dialect};
use crate::{Error, names};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_pki::Certificate;
use ksz_soap::{format_date_time, parse_date_time};
use ksz_wss::names::{SAML_11_TOKEN, WSSE, WSU};
use ksz_xml::{Element, escape_attribute};
use ksz_xmldsig::names::DS;
use std::time::SystemTime;

/// How the kind of key is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum KeyType {
    /// Without the hyphen in `ws-trust`, as every client of the eHealth platform writes it.
    #[default]
    Ehealth,
    /// As the standard writes it.
    Standard,
}

/// When a token is to be valid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lifetime {
    /// From when.
    pub created: SystemTime,
    /// Until when.
    pub expires: SystemTime,
}

/// A request to issue a SAML 1.1 assertion for the holder of a key (WS-Trust 1.3 section 4.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RequestSecurityToken {
    context: String,
    claims: Claims,
    lifetime: Option<Lifetime>,
    key_type: KeyType,
    use_key: Option<Certificate>,
}

impl RequestSecurityToken {
    /// A request for `claims` about the holder of the certificate's key. `context` comes back in the answer; it
    /// must differ between requests.
    #[must_use]
    pub fn issue(context: &str, claims: Claims, holder: Certificate) -> Self {
        Self {
            context: context.to_owned(),
            claims,
            lifetime: None,
            key_type: KeyType::default(),
            use_key: Some(holder),
        }
    }

    /// Asks for a validity; without it the service decides.
    #[must_use]
    pub const fn with_lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Writes the kind of key in another way.
    #[must_use]
    pub const fn with_key_type(mut self, key_type: KeyType) -> Self {
        self.key_type = key_type;
        self
    }

    /// The context.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The claims.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The validity asked for.
    #[must_use]
    pub const fn lifetime(&self) -> Option<Lifetime> {
        self.lifetime
    }

    /// The certificate of the key that the assertion is to confirm; absent means the one that signed the request.
    #[must_use]
    pub const fn use_key(&self) -> Option<&Certificate> {
        self.use_key.as_ref()
    }

    /// The payload of the Body, its elements in the order that the platform's connector uses.
    ///
    /// # Errors
    ///
    /// [`Error::Soap`] if the lifetime cannot be written.
    pub fn to_xml(&self) -> Result<String, Error> {
        let mut xml = format!("<wst:RequestSecurityToken xmlns:wst=\"{}\" Context=\"", names::WST);
        escape_attribute(&self.context, &mut |piece| xml += piece);
        xml += &format!("\"><wst:TokenType>{SAML_11_TOKEN}</wst:TokenType>");
        xml += &format!("<wst:RequestType>{}</wst:RequestType>", names::ISSUE);
        xml += &self.claims.to_xml(Dialect::EHEALTH);
        if let Some(lifetime) = self.lifetime {
            let (created, expires) =
                (format_date_time(lifetime.created)?, format_date_time(lifetime.expires)?);
            xml += &format!(
                "<wst:Lifetime xmlns:wsu=\"{WSU}\"><wsu:Created>{created}</wsu:Created>\
                 <wsu:Expires>{expires}</wsu:Expires></wst:Lifetime>"
            );
        }
        let key_type = match self.key_type {
            KeyType::Ehealth => names::PUBLIC_KEY_EHEALTH,
            KeyType::Standard => names::PUBLIC_KEY,
        };
        xml += &format!("<wst:KeyType>{key_type}</wst:KeyType>");
        if let Some(certificate) = &self.use_key {
            let certificate = STANDARD.encode(certificate.der());
            xml += &format!(
                "<wst:UseKey><wsse:SecurityTokenReference xmlns:wsse=\"{WSSE}\"><ds:X509Data xmlns:ds=\"{DS}\">\
                 <ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>\
                 </wsse:SecurityTokenReference></wst:UseKey>"
            );
        }
        Ok(xml + "</wst:RequestSecurityToken>")
    }

    /// Reads a request, for the side that receives it. Both spellings of the kind of key are understood.
    ///
    /// # Errors
    ///
    /// - [`Error::RepeatedClaim`] if a claim is named twice.
    /// - [`Error::RequestNotAccepted`] if it asks for something else than this profile.
    /// - [`Error::Soap`] if it is not as the schema says.
    pub fn read(payload: Element<'_>) -> Result<Self, Error> {
        let refuse = |detail| Error::RequestNotAccepted { detail };
        if !payload.is(names::WST, "RequestSecurityToken") {
            return Err(refuse("the Body holds another element than RequestSecurityToken"));
        }
        let text = |name| -> Result<Option<String>, Error> {
            let child = payload.optional_child(names::WST, name)?;
            Ok(child.map(Element::only_text).transpose()?.map(|text| text.trim().to_owned()))
        };
        if text("RequestType")?.as_deref() != Some(names::ISSUE) {
            return Err(refuse("RequestType is not Issue"));
        }
        if text("TokenType")?.is_some_and(|token_type| token_type != SAML_11_TOKEN) {
            return Err(refuse("TokenType is not a SAML 1.1 assertion"));
        }
        let key_type = match text("KeyType")?.as_deref() {
            Some(names::PUBLIC_KEY) => KeyType::Standard,
            Some(names::PUBLIC_KEY_EHEALTH) => KeyType::Ehealth,
            _ => return Err(refuse("KeyType is not PublicKey")),
        };
        let claims = payload.only_child(names::WST, "Claims")?;
        let lifetime = payload.optional_child(names::WST, "Lifetime")?;
        let use_key = payload.optional_child(names::WST, "UseKey")?;
        Ok(Self {
            context: payload.required_attribute("Context")?.to_owned(),
            claims: Claims::read(claims, Dialect::EHEALTH)?,
            lifetime: lifetime.map(read_lifetime).transpose()?,
            key_type,
            use_key: use_key.map(read_use_key).transpose()?,
        })
    }
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

/// The longest base64 of a certificate.
const LONGEST_CERTIFICATE: usize = 64 * 1024;

/// The certificate that an element holds in base64.
pub(crate) fn certificate_in(element: Element<'_>) -> Result<Certificate, Error> {
    let text = element.only_text()?;
    if text.len() > LONGEST_CERTIFICATE {
        return Err(ksz_pki::Error::NotCertificate { detail: "too long".into() }.into());
    }
    let compact: String = text.split([' ', '\t', '\r', '\n']).collect();
    let der = STANDARD
        .decode(compact)
        .map_err(|_| ksz_pki::Error::NotCertificate { detail: "not base64".into() })?;
    Ok(Certificate::from_der(&der)?)
}
