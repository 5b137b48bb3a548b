//! The small elements of which a signature is made, read within their limits.

use crate::allow_list::AllowList;
use crate::c14n::{CanonicalizationMethod, PrefixList};
use crate::{Error, SignatureLimits, decode_base64, names};
use ksz_xml::Element;

/// What a signature may name and how much it may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'l> {
    pub(crate) allowed: AllowList,
    pub(crate) limits: &'l SignatureLimits,
    /// Whether the STR-Transform is one of the transforms.
    pub(crate) str_transform: bool,
}

/// One transform of a reference.
#[derive(Clone, Debug)]
pub(crate) enum Transform {
    /// The enveloped signature transform.
    Enveloped,
    /// A canonicalization.
    Canonicalization(CanonicalizationMethod),
    /// The STR-Transform with its canonicalization.
    Token(CanonicalizationMethod),
}

impl Rules<'_> {
    /// The canonicalization that an element names; `role` says in errors what the element is.
    pub(crate) fn canonicalization(
        &self,
        role: &'static str,
        element: Element<'_>,
    ) -> Result<CanonicalizationMethod, Error> {
        let uri = algorithm_of(element);
        let method = self.allowed.canonicalization(role, uri)?;
        if method.takes_prefixes() {
            CanonicalizationMethod::from_uri(uri, self.prefixes(element)?)
        } else {
            require_empty(element)?;
            Ok(method)
        }
    }

    /// The transform that an element names.
    pub(crate) fn transform(&self, element: Element<'_>) -> Result<Transform, Error> {
        match algorithm_of(element) {
            names::ENVELOPED_SIGNATURE => require_empty(element).map(|()| Transform::Enveloped),
            names::STR_TRANSFORM if self.str_transform => {
                let parameters = only(element, names::WSSE, "TransformationParameters")?;
                let method = only(parameters, names::DS, "CanonicalizationMethod")?;
                self.canonicalization("CanonicalizationMethod", method).map(Transform::Token)
            }
            _ => self.canonicalization("Transform", element).map(Transform::Canonicalization),
        }
    }

    /// The parameter of an exclusive canonicalization (Exclusive XML Canonicalization 1.0 section 4).
    fn prefixes(&self, element: Element<'_>) -> Result<PrefixList, Error> {
        match element.only_children()?.as_slice() {
            [] => Ok(PrefixList::default()),
            &[parameter] if parameter.is(names::EXCLUSIVE_C14N, "InclusiveNamespaces") => {
                require_empty(parameter)?;
                let list = parameter.required_attribute("PrefixList")?;
                let limit = self.limits.prefix_list;
                if list.chars().count() > limit {
                    return Err(Error::LimitExceeded { what: "characters of a PrefixList", limit });
                }
                Ok(PrefixList::parse(list))
            }
            _ => Err(unexpected(element, "another parameter than InclusiveNamespaces")),
        }
    }

    /// The octets of an element that holds base64 alone; white space may stand in it, nothing else foreign.
    pub(crate) fn base64(
        &self,
        element: Element<'_>,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Vec<u8>, Error> {
        let text = element.only_text()?;
        let limit = self.limits.base64;
        if text.len() > limit {
            return Err(Error::LimitExceeded { what: "characters of a base64 value", limit });
        }
        decode_base64(&text).ok_or(Error::Value { element: name, expected })
    }
}

/// The identifier of an algorithm; without one it is the empty identifier, which no list accepts.
pub(crate) fn algorithm_of(element: Element<'_>) -> &str {
    element.attribute("", "Algorithm").unwrap_or_default()
}

pub(crate) fn require_empty(element: Element<'_>) -> Result<(), Error> {
    if element.only_children()?.is_empty() { Ok(()) } else { Err(unexpected(element, "an element")) }
}

/// The one child, which has this name.
fn only<'d>(parent: Element<'d>, namespace: &str, name: &'static str) -> Result<Element<'d>, Error> {
    match *parent.only_children()?.as_slice() {
        [child] if child.is(namespace, name) => Ok(child),
        _ => Err(unexpected(parent, &format!("not exactly one {name}"))),
    }
}

pub(crate) fn unexpected(parent: Element<'_>, found: &str) -> Error {
    ksz_xml::Error::Unexpected { parent: parent.qualified_name().into(), found: found.into() }.into()
}
