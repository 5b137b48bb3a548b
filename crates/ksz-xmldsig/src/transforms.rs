use crate::allow_list::AllowList;
use crate::c14n::CanonicalizationMethod;
use crate::reading::{Rules, Transform, unexpected};
use crate::{Error, names};
use ksz_xml::{Element, escape_attribute};

/// The transforms of a reference in a message: the chains that are written in signed messages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Transforms {
    /// Exclusive canonicalization alone.
    Exclusive,
    /// The enveloped signature transform, then exclusive canonicalization: an element that holds its
    /// signature.
    Enveloped,
}

/// The transforms of any reference: one that finds the nodes or none, then a canonicalization or none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Chain {
    pub(crate) nodes: Nodes,
    pub(crate) canonicalization: Option<CanonicalizationMethod>,
}

/// Which nodes are canonicalized.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Nodes {
    /// What the reference leads to.
    Target,
    /// That without the signature in it: the enveloped signature transform.
    Enveloped,
    /// The token to which the `SecurityTokenReference` leads that the reference leads to: the STR-Transform, whose
    /// parameter is the canonicalization. It is read and never written.
    Token,
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
            [] => Some((Nodes::Target, None)),
            [Transform::Enveloped] => Some((Nodes::Enveloped, None)),
            [Transform::Canonicalization(method)] => Some((Nodes::Target, Some(method.clone()))),
            [Transform::Enveloped, Transform::Canonicalization(method)] => {
                Some((Nodes::Enveloped, Some(method.clone())))
            }
            [Transform::Token(method)] => Some((Nodes::Token, Some(method.clone()))),
            _ => None,
        };
        let is_complete =
            |method: &Option<_>| method.is_some() || rules.allowed.has_default_canonicalization();
        let (nodes, canonicalization) =
            chain.filter(|(_, method)| is_complete(method)).ok_or_else(|| not_a_chain(uri, rules.allowed))?;
        Ok(Self { nodes, canonicalization })
    }

    /// Writes `Transforms`, if there are any, inside an element that declares the prefix `ds`.
    pub(crate) fn write(&self, output: &mut String) {
        let is_enveloped = self.nodes == Nodes::Enveloped;
        if !is_enveloped && self.canonicalization.is_none() {
            return;
        }
        *output += "<ds:Transforms>";
        if is_enveloped {
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
    let mut write = |pieces: &[&str]| pieces.iter().for_each(|piece| *output += piece);
    write(&["<ds:", name, " Algorithm=\"", method.uri(), "\">"]);
    if let Some(prefixes) = method.written_prefixes() {
        // A listed prefix may be declared further out in the canonical form, and would then not be declared
        // here.
        let mut ec = "ec".to_owned();
        while prefixes.contains(&ec) {
            ec += "_";
        }
        write(&[
            "<",
            &ec,
            ":InclusiveNamespaces xmlns:",
            &ec,
            "=\"",
            names::EXCLUSIVE_C14N,
            "\" PrefixList=\"",
        ]);
        escape_attribute(&prefixes.to_string(), &mut |piece| write(&[piece]));
        write(&["\"></", &ec, ":InclusiveNamespaces>"]);
    }
    write(&["</ds:", name, ">"]);
}
