use crate::algorithm::DigestMethod;
use crate::c14n::{CanonicalizationMethod, PrefixList};
use crate::reading::{Rules, algorithm_of, require_empty, unexpected};
use crate::target::Target;
use crate::transforms::{Chain, Nodes, Transforms};
use crate::{Error, names};
use base64::{Engine, engine::general_purpose::STANDARD};
use ksz_pki::Digest;
use ksz_xml::{Element, escape_attribute};

/// One `Reference` (XML Signature 1.1 section 4.4.3): a part of the same document and its digest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reference {
    pub(crate) uri: String,
    pub(crate) target: Target,
    pub(crate) chain: Chain,
    pub(crate) digest: Digest,
}

impl Reference {
    /// A reference of a message to the element with the identifier `id`, whose digest the caller has
    /// computed.
    ///
    /// `prefixes` is what stands in `InclusiveNamespaces`; without it there is no such element.
    #[must_use]
    pub fn new(id: &str, transforms: Transforms, prefixes: Option<PrefixList>, digest: Digest) -> Self {
        let canonicalization = CanonicalizationMethod::exclusive(prefixes.unwrap_or_default());
        let nodes = match transforms {
            Transforms::Exclusive => Nodes::Target,
            Transforms::Enveloped => Nodes::Enveloped,
        };
        Self::to(Some(id), Chain { nodes, canonicalization: Some(canonicalization) }, digest)
    }

    /// A reference to the element with the identifier `id`, or to the whole document.
    pub(crate) fn to(id: Option<&str>, chain: Chain, digest: Digest) -> Self {
        let uri = id.map_or(String::new(), |id| format!("#{id}"));
        let target = Target { id: id.map(str::to_owned), with_comments: false };
        Self { uri, target, chain, digest }
    }

    /// Reads a `Reference` that names nothing outside the list.
    pub(crate) fn read(element: Element<'_>, rules: &Rules<'_>) -> Result<Self, Error> {
        if element
            .attributes()
            .any(|a| !a.prefix().is_empty() || !matches!(a.local_name(), "Id" | "URI" | "Type"))
        {
            return Err(unexpected(element, "an attribute"));
        }
        let uri = element.attribute("", "URI");
        let target = rules.allowed.target(uri)?;
        let uri = uri.unwrap_or_default().to_owned();
        let children = element.only_children()?;
        let (transforms, method, value) = match *children.as_slice() {
            [transforms, method, value] if transforms.is(names::DS, "Transforms") => {
                (Some(transforms), method, value)
            }
            [method, value] if rules.allowed.has_default_canonicalization() => (None, method, value),
            _ => return Err(out_of_shape(element)),
        };
        if !method.is(names::DS, "DigestMethod") || !value.is(names::DS, "DigestValue") {
            return Err(out_of_shape(element));
        }
        let chain = Chain::read(transforms, &uri, rules)?;
        let algorithm = rules.allowed.digest(algorithm_of(method))?;
        require_empty(method)?;
        let expected = match algorithm {
            DigestMethod::Sha256 => "32 octets",
            DigestMethod::Sha384 => "48 octets",
            DigestMethod::Sha512 => "64 octets",
        };
        let digest = rules.base64(value, "DigestValue", expected)?;
        let digest = Digest::from_octets(algorithm.algorithm(), &digest)
            .map_err(|_| Error::Value { element: "DigestValue", expected })?;
        Ok(Self { uri, target, chain, digest })
    }

    /// Writes the reference in canonical form, inside an element that declares the prefix `ds`.
    pub(crate) fn write(&self, output: &mut String) {
        *output += "<ds:Reference URI=\"";
        escape_attribute(&self.uri, &mut |piece| *output += piece);
        *output += "\">";
        self.chain.write(output);
        *output += "<ds:DigestMethod Algorithm=\"";
        *output += DigestMethod::of(self.digest.algorithm()).uri();
        *output += "\"></ds:DigestMethod><ds:DigestValue>";
        *output += &STANDARD.encode(self.digest.as_bytes());
        *output += "</ds:DigestValue></ds:Reference>";
    }

    /// How the nodes it leads to become octets.
    ///
    /// Without such a transform it is Canonical XML 1.0 without comments (section 4.4.3.2); and where the
    /// nodes have no comments, a canonicalization with comments writes none (section 4.4.3.3).
    pub(crate) fn canonicalization(&self) -> CanonicalizationMethod {
        let method = self.chain.canonicalization.clone().unwrap_or(CanonicalizationMethod::inclusive());
        let method = if self.chain.nodes == Nodes::Token { method.and_default_namespace() } else { method };
        if self.target.with_comments { method } else { method.without_comments() }
    }
}

fn out_of_shape(element: Element<'_>) -> Error {
    unexpected(element, "other elements than Transforms, DigestMethod, DigestValue")
}
