//! Writing the `wsse:Security` header (SOAP Message Security 1.1 section 5).

use crate::outline::{Outline, joined};
use crate::{
    Error, Ids, Layout, MustUnderstand, PrefixLists, SamlToken, SigningOptions, Timestamp, binary_token,
    names, token_reference,
};
use ksz_pki::{Identity, SigningKey};
use ksz_soap::SoapVersion;
use ksz_soap::mtom::holds_include;
use ksz_xml::Limits;
use ksz_xmldsig::{Expand, PrefixList, Reference, Signature, Transforms};
use std::time::SystemTime;

/// Signs an envelope with a certificate: token, Timestamp and Body (X.509 Token Profile 1.1).
///
/// # Errors
///
/// - [`Error::Soap`], [`Error::Signature`] if the envelope is none.
/// - [`Error::AlreadySecured`] if it has a security header.
/// - [`Error::IncludeNotExpanded`] if it includes attachments: see [`sign_x509_package`](crate::sign_x509_package).
/// - [`Error::LifetimeNotAllowed`] for a life of no or more than 300 seconds.
/// - [`Error::Signature`] if the key cannot sign.
pub fn sign_x509(
    envelope: &[u8],
    identity: &Identity,
    ids: &Ids,
    now: SystemTime,
    options: &SigningOptions,
) -> Result<String, Error> {
    let token = Token::certificate(identity, ids, options);
    sign(Unsigned::plain(envelope)?, &token, identity.key(), ids, now, options)
}

/// Signs an envelope as the holder of an assertion: Timestamp and Body (SAML Token Profile 1.1 section 3.5.1).
///
/// The assertion goes into the header octet for octet, signed by its issuer alone. `key` must be the one that
/// the assertion confirms; a service refuses any other.
///
/// # Errors
///
/// Those of [`sign_x509`]; [`Error::PrefixTaken`] if the assertion's own signature would not survive in this envelope.
pub fn sign_holder_of_key(
    envelope: &[u8],
    assertion: &SamlToken,
    key: &SigningKey,
    ids: &Ids,
    now: SystemTime,
    options: &SigningOptions,
) -> Result<String, Error> {
    sign(Unsigned::plain(envelope)?, &Token::assertion(assertion, ids), key, ids, now, options)
}

/// A token as it stands in the header, and how the signature speaks of it.
pub(crate) struct Token {
    xml: String,
    reference: Option<Reference>,
    key_info: String,
    /// Prefixes that it lists for canonicalization, and that nothing may bind around it.
    free_prefixes: Vec<String>,
}

impl Token {
    /// A certificate, which the signature covers.
    pub(crate) fn certificate(identity: &Identity, ids: &Ids, options: &SigningOptions) -> Self {
        let token = binary_token::write(identity.certificate(), &ids.token);
        let no_prefixes = options.prefix_list(String::new);
        let digest = token.digest(&PrefixList::default(), &[]);
        let reference = Reference::new(&ids.token, Transforms::Exclusive, no_prefixes, digest);
        Self {
            xml: token.embedded(),
            reference: Some(reference),
            free_prefixes: Vec::new(),
            key_info: token_reference::write_direct(&ids.token, &ids.key_info, &ids.token_reference),
        }
    }

    /// An assertion, which its issuer alone signs.
    pub(crate) fn assertion(assertion: &SamlToken, ids: &Ids) -> Self {
        let id = assertion.assertion_id();
        Self {
            xml: assertion.as_xml().to_owned(),
            reference: None,
            free_prefixes: assertion.free_prefixes().to_vec(),
            key_info: token_reference::write_assertion_id(id, &ids.key_info, &ids.token_reference),
        }
    }
}

/// An envelope that is to be signed, and the octets that elements of its Body stand for.
pub(crate) struct Unsigned<'e> {
    pub(crate) envelope: &'e [u8],
    pub(crate) expand: Option<&'e mut dyn Expand>,
}

impl<'e> Unsigned<'e> {
    /// An envelope without attachments: one that includes some must not be signed as it is, or they could be exchanged.
    fn plain(envelope: &'e [u8]) -> Result<Self, Error> {
        if holds_include(envelope, &Limits::widest())? {
            return Err(Error::IncludeNotExpanded);
        }
        Ok(Self { envelope, expand: None })
    }
}

pub(crate) fn sign(
    message: Unsigned<'_>,
    token: &Token,
    key: &SigningKey,
    ids: &Ids,
    now: SystemTime,
    options: &SigningOptions,
) -> Result<String, Error> {
    let timestamp = Timestamp::new(now, options.lifetime, SigningOptions::LONGEST)?.write(&ids.timestamp)?;
    let written = [&*ids.token, &ids.timestamp, &ids.signature, &ids.key_info, &ids.token_reference];
    let (allowed, expand) = (options.soap_versions, message.expand);
    let outline = Outline::read(message.envelope, allowed, expand, &ids.body, &written, |prefixes| {
        options.prefix_list(|| prefixes)
    })?;
    let outer: Vec<_> = outline.outer.iter().map(|(prefix, uri)| (prefix.as_str(), uri.as_str())).collect();
    let (open, inner) = open_tag(&outer, outline.version, options.must_understand);
    let scope: Vec<_> = outer.iter().copied().chain(inner).collect();
    if let Some(prefix) = token.free_prefixes.iter().find(|free| scope.iter().any(|(found, _)| found == free))
    {
        return Err(Error::PrefixTaken { prefix: prefix.clone() });
    }

    let listed = |without: &[&str]| joined(outer.iter().map(|(prefix, _)| *prefix), without);
    let signature_prefixes = options.prefix_list(|| listed(&[]));
    let timestamp_prefixes = options.prefix_list(|| format!("wsse {}", listed(&["wsse", "wsu"])));
    let timestamp_digest = timestamp.digest(&timestamp_prefixes.clone().unwrap_or_default(), &scope);
    let body = &outline.body;
    let mut references = vec![
        Reference::new(&ids.timestamp, Transforms::Exclusive, timestamp_prefixes, timestamp_digest),
        Reference::new(&body.id, Transforms::Exclusive, body.prefixes.clone(), body.digest),
    ];
    references.extend(token.reference.clone());

    let mut signature = Signature::new(references).with_id(&ids.signature).with_key_info(&token.key_info);
    if let Some(prefixes) = signature_prefixes {
        signature = signature.with_prefixes(prefixes, &scope);
    }
    let signature = signature.sign(key)?;
    let timestamp = timestamp.embedded();
    let parts = match options.layout {
        Layout::Ehealth => [&token.xml, &signature, &timestamp],
        Layout::Connector => [&timestamp, &token.xml, &signature],
    };
    let security = [&open, parts[0], parts[1], parts[2], "</wsse:Security>"].concat();
    Ok(outline.with_header(&security))
}

impl SigningOptions {
    /// The parameter of one canonicalization, if there are any.
    fn prefix_list(&self, prefixes: impl FnOnce() -> String) -> Option<PrefixList> {
        match self.prefix_lists {
            PrefixLists::Omitted => None,
            PrefixLists::Written => Some(PrefixList::parse(prefixes().trim())),
        }
    }
}

/// The header's first tag, and the namespaces it puts in force.
///
/// A default namespace of the envelope ends here: an assertion that came without one has names in no namespace, and they
/// must stay there.
fn open_tag(
    outer: &[(&str, &str)],
    version: SoapVersion,
    must_understand: MustUnderstand,
) -> (String, Vec<(&'static str, &'static str)>) {
    let mut inner = vec![("wsse", names::WSSE), ("wsu", names::WSU)];
    if outer.iter().any(|(prefix, uri)| prefix.is_empty() && !uri.is_empty()) {
        inner.push(("", ""));
    }
    let mut attribute = String::new();
    if must_understand == MustUnderstand::Stated {
        let bound = outer
            .iter()
            .find(|(prefix, uri)| *uri == version.namespace() && !matches!(*prefix, "" | "wsse" | "wsu"));
        let prefix = bound.map_or("soapenv", |(prefix, _)| prefix);
        if bound.is_none() {
            inner.push(("soapenv", version.namespace()));
        }
        attribute = format!(" {prefix}:mustUnderstand=\"{}\"", version.must_understand());
    }
    let declaration = |(prefix, uri): &(&str, &str)| match *prefix {
        "" => " xmlns=\"\"".to_owned(),
        prefix => format!(" xmlns:{prefix}=\"{uri}\""),
    };
    let declarations: String = inner.iter().map(declaration).collect();
    (format!("<wsse:Security{declarations}{attribute}>"), inner)
}
