use crate::allow_list::AllowList;
use crate::c14n::CanonicalizationMethod;
use crate::reading::{Rules, unexpected};
use crate::{Error, names};
use ksz_xml::{Element, escape_attribute};

/// The transforms of a reference in a message: the two chains that signed messages need.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Transforms {
    /// Exclusive canonicalization alone.
    Exclusive,
    /// The enveloped signature transform, then exclusive canonicalization: an element that holds its
    /// signature.
    Enveloped,
}

/// The transforms of any reference: the enveloped signature transform or not, then a canonicalization or not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Chain {
    pub(crate) enveloped: bool,
    pub(crate) canonicalization: Option<CanonicalizationMethod>,
}

impl Chain {
    /// Reads `Transforms`, which need not be there.
    pub(crate) fn read(element: Option<Element<'_>>, uri: &str, rules: &Rules<'_>) -> Result<Self, Error> {
        let mut transforms = Vec::new();
        if let Some(element) = element {
            let children = element.only_children()?;
            let limit = rules.limits.transforms;
            if children.len() > limit {
                return Err(Error::LimitExceeded { what: "transforms of a reference", limit });
            }
            for transform in children {
                if !transform.is(names::DS, "Transform") {
                    return Err(unexpected(element, "another element than Transform"));
                }
                transforms.push(rules.transform(transform)?);
            }
        }
        let chain = match transforms.as_slice() {
            [] => Some((false, None)),
            [None] => Some((true, None)),
            [Some(method)] => Some((false, Some(method.clone()))),
            [None, Some(method)] => Some((true, Some(method.clone()))),
            _ => None,
        };
        let is_complete =
            |method: &Option<_>| method.is_some() || rules.allowed.has_default_canonicalization();
        let (enveloped, canonicalization) =
            chain.filter(|(_, method)| is_complete(method)).ok_or_else(|| not_a_chain(uri, rules.allowed))?;
        Ok(Self { enveloped, canonicalization })
    }

    /// Writes `Transforms`, if there are any, inside an element that declares the prefix `ds`.
    pub(crate) fn write(&self, output: &mut String) {
        if !self.enveloped && self.canonicalization.is_none() {
            return;
        }
        *output += "<ds:Transforms>";
        if self.enveloped {
            *output += "<ds:Transform Algorithm=\"";
            *output += names::ENVELOPED_SIGNATURE;
            *output += "\"></ds:Transform>";
        }
        if let Some(method) = &self.canonicalization {
            write_canonicalization("Transform", method, output);
        }
        *output += "</ds:Transforms>";
    }
}

fn not_a_chain(uri: &str, allowed: AllowList) -> Error {
    let uri = uri.chars().take(200).collect();
    match allowed {
        AllowList::Messages => Error::Transforms {
            uri,
            expected: "exclusive canonicalization, after an enveloped signature where there is one",
        },
        AllowList::Documents => Error::TransformsNotSupported { uri },
    }
}

/// Writes `ds:{name}` for a canonicalization, with its parameter if there is one.
pub(crate) fn write_canonicalization(name: &str, method: &CanonicalizationMethod, output: &mut String) {
    *output += &format!("<ds:{name} Algorithm=\"{}\">", method.uri());
    if let Some(prefixes) = method.written_prefixes() {
        // A listed prefix may be declared further out in the canonical form, and would then not be declared
        // here.
        let mut ec = "ec".to_owned();
        while prefixes.contains(&ec) {
            ec += "_";
        }
        *output +=
            &format!("<{ec}:InclusiveNamespaces xmlns:{ec}=\"{}\" PrefixList=\"", names::EXCLUSIVE_C14N);
        escape_attribute(&prefixes.to_string(), &mut |piece| *output += piece);
        *output += &format!("\"></{ec}:InclusiveNamespaces>");
    }
    *output += &format!("</ds:{name}>");
}
