use crate::algorithm::DigestMethod;
use crate::c14n::{CanonicalizationMethod, PrefixList, Sink};
use crate::verify::Part;
use crate::{Error, SignatureLimits, names};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_pki::Digest;
use ksz_xml::{Element, escape_attribute};

/// The transforms of a reference: the two chains that signed messages need.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Transforms {
    /// Exclusive canonicalization alone.
    Exclusive,
    /// The enveloped signature transform, then exclusive canonicalization: an element that holds its signature.
    Enveloped,
}

/// One `Reference` (XML Signature 1.1 section 4.4.3): an element of the same document and its digest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reference {
    pub(crate) uri: String,
    pub(crate) transforms: Transforms,
    pub(crate) prefixes: Option<PrefixList>,
    pub(crate) digest: Digest,
}

impl Reference {
    /// A reference to the element with the identifier `id`, whose digest the caller has computed.
    ///
    /// `prefixes` is what stands in `InclusiveNamespaces`; without it there is no such element.
    #[must_use]
    pub fn new(id: &str, transforms: Transforms, prefixes: Option<PrefixList>, digest: Digest) -> Self {
        Self { uri: format!("#{id}"), transforms, prefixes, digest }
    }

    /// Reads a `Reference` with an accepted digest method.
    pub(crate) fn read(element: Element<'_>, limits: &SignatureLimits) -> Result<Self, Error> {
        if element
            .attributes()
            .any(|a| !a.prefix().is_empty() || !matches!(a.local_name(), "Id" | "URI" | "Type"))
        {
            return Err(unexpected(element, "an attribute"));
        }
        let uri = element.attribute("", "URI").unwrap_or_default().to_owned();
        if !uri.strip_prefix('#').is_some_and(ksz_xml::is_ncname) {
            return Err(Error::ReferenceTarget { uri: uri.chars().take(200).collect() });
        }
        let children = element.only_children()?;
        let (transforms, method, value) = match children.as_slice() {
            &[transforms, method, value]
                if transforms.is(names::DS, "Transforms")
                    && method.is(names::DS, "DigestMethod")
                    && value.is(names::DS, "DigestValue") =>
            {
                (transforms, method, value)
            }
            _ => {
                return Err(unexpected(element, "other elements than Transforms, DigestMethod, DigestValue"));
            }
        };
        let (transforms, prefixes) = read_transforms(transforms, &uri, limits)?;
        DigestMethod::from_uri(algorithm_of(method))?;
        require_empty(method)?;
        let digest = base64_value(value, "DigestValue", "32 octets", limits)?;
        let digest: [u8; 32] =
            digest.try_into().map_err(|_| Error::Value { element: "DigestValue", expected: "32 octets" })?;
        Ok(Self { uri, transforms, prefixes, digest: digest.into() })
    }

    /// Writes the reference in canonical form, inside an element that declares the prefix `ds`.
    pub(crate) fn write(&self, output: &mut String) {
        *output += "<ds:Reference URI=\"";
        escape_attribute(&self.uri, &mut |piece| *output += piece);
        *output += "\"><ds:Transforms>";
        if self.transforms == Transforms::Enveloped {
            *output += "<ds:Transform Algorithm=\"";
            *output += names::ENVELOPED_SIGNATURE;
            *output += "\"></ds:Transform>";
        }
        write_exclusive("Transform", self.prefixes.as_ref(), output);
        *output += "</ds:Transforms><ds:DigestMethod Algorithm=\"";
        *output += DigestMethod::Sha256.uri();
        *output += "\"></ds:DigestMethod><ds:DigestValue>";
        *output += &STANDARD.encode(self.digest.as_bytes());
        *output += "</ds:DigestValue></ds:Reference>";
    }

    /// Writes the octets that the reference's digest is over.
    pub(crate) fn canonicalize(&self, part: &Part<'_>, sink: &mut impl Sink) -> Result<(), ksz_xml::Error> {
        let method = CanonicalizationMethod::exclusive(self.prefixes.clone().unwrap_or_default());
        match part.omitted {
            Some(signature) => method.canonicalize_without(part.element, signature, sink),
            None => method.canonicalize(part.element, sink),
        }
    }
}

fn read_transforms(
    element: Element<'_>,
    uri: &str,
    limits: &SignatureLimits,
) -> Result<(Transforms, Option<PrefixList>), Error> {
    let transforms = element.only_children()?;
    if transforms.len() > limits.transforms {
        return Err(Error::LimitExceeded { what: "transforms of a reference", limit: limits.transforms });
    }
    let mut algorithms = Vec::with_capacity(transforms.len());
    for transform in &transforms {
        if !transform.is(names::DS, "Transform") {
            return Err(unexpected(element, "another element than Transform"));
        }
        match algorithm_of(*transform) {
            algorithm @ (names::EXCLUSIVE_C14N | names::ENVELOPED_SIGNATURE) => algorithms.push(algorithm),
            other => return Err(Error::not_accepted("Transform", other)),
        }
    }
    let (chain, last) = match (algorithms.as_slice(), transforms.as_slice()) {
        ([names::EXCLUSIVE_C14N], &[last]) => (Transforms::Exclusive, last),
        ([names::ENVELOPED_SIGNATURE, names::EXCLUSIVE_C14N], &[first, last]) => {
            require_empty(first)?;
            (Transforms::Enveloped, last)
        }
        _ => {
            return Err(Error::Transforms {
                uri: uri.chars().take(200).collect(),
                expected: "exclusive canonicalization, after an enveloped signature where there is one",
            });
        }
    };
    Ok((chain, read_prefixes(last, limits)?))
}

/// The parameter of an exclusive canonicalization (Exclusive XML Canonicalization 1.0 section 4), on a
/// `Transform` or `CanonicalizationMethod`.
pub(crate) fn read_prefixes(
    element: Element<'_>,
    limits: &SignatureLimits,
) -> Result<Option<PrefixList>, Error> {
    match element.only_children()?.as_slice() {
        [] => Ok(None),
        &[parameter] if parameter.is(names::EXCLUSIVE_C14N, "InclusiveNamespaces") => {
            require_empty(parameter)?;
            let list = parameter.required_attribute("PrefixList")?;
            if list.chars().count() > limits.prefix_list {
                return Err(Error::LimitExceeded {
                    what: "characters of a PrefixList",
                    limit: limits.prefix_list,
                });
            }
            Ok(Some(PrefixList::parse(list)))
        }
        _ => Err(unexpected(element, "another parameter than InclusiveNamespaces")),
    }
}

/// Writes `ds:{name}` for exclusive canonicalization, with its parameter if there is one.
pub(crate) fn write_exclusive(name: &str, prefixes: Option<&PrefixList>, output: &mut String) {
    *output += &format!("<ds:{name} Algorithm=\"{}\">", names::EXCLUSIVE_C14N);
    if let Some(prefixes) = prefixes {
        *output += &format!("<ec:InclusiveNamespaces xmlns:ec=\"{}\" PrefixList=\"", names::EXCLUSIVE_C14N);
        escape_attribute(&prefixes.to_string(), &mut |piece| *output += piece);
        *output += "\"></ec:InclusiveNamespaces>";
    }
    *output += &format!("</ds:{name}>");
}

/// The octets of an element that holds base64 alone; white space may stand in it, nothing else foreign.
pub(crate) fn base64_value(
    element: Element<'_>,
    name: &'static str,
    expected: &'static str,
    limits: &SignatureLimits,
) -> Result<Vec<u8>, Error> {
    let text = element.only_text()?;
    if text.len() > limits.base64 {
        return Err(Error::LimitExceeded { what: "characters of a base64 value", limit: limits.base64 });
    }
    let is_space = |octet: &u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n');
    let compact: Vec<u8> = text.bytes().filter(|octet| !is_space(octet)).collect();
    STANDARD.decode(compact).map_err(|_| Error::Value { element: name, expected })
}

/// The identifier of an algorithm; without one it is the empty identifier, which no list accepts.
pub(crate) fn algorithm_of(element: Element<'_>) -> &str {
    element.attribute("", "Algorithm").unwrap_or_default()
}

pub(crate) fn require_empty(element: Element<'_>) -> Result<(), Error> {
    if element.only_children()?.is_empty() { Ok(()) } else { Err(unexpected(element, "an element")) }
}

pub(crate) fn unexpected(parent: Element<'_>, found: &str) -> Error {
    ksz_xml::Error::Unexpected { parent: parent.qualified_name().into(), found: found.into() }.into()
}
