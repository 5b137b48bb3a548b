//! A signature as it stands there, accepted or not.

use super::misprint::{self, SHA1};
use crate::names;
use ksz_pki::{Digest, DigestAlgorithm};
use ksz_xml::Element;
use ksz_xmldsig::names as ds;
use ksz_xmldsig::{CanonicalizationMethod, PrefixList, decode_base64};
use sha1::Digest as _;

/// How many references are looked at.
const REFERENCES: usize = 20;

/// What a signature says of itself.
pub(super) struct StatedSignature<'d> {
    pub(super) element: Element<'d>,
    pub(super) signed_info: Option<Element<'d>>,
    pub(super) canonicalization: StatedMethod<'d>,
    pub(super) method: Option<Element<'d>>,
    pub(super) value: Option<Vec<u8>>,
    pub(super) value_element: Option<Element<'d>>,
    pub(super) key_info: Option<Element<'d>>,
    pub(super) references: Vec<StatedReference<'d>>,
}

/// How something is canonicalized.
pub(super) struct StatedMethod<'d> {
    pub(super) element: Option<Element<'d>>,
    pub(super) list: String,
    pub(super) method: CanonicalizationMethod,
    /// Whether the method is one that is known.
    pub(super) is_known: bool,
}

/// What a reference says.
pub(super) struct StatedReference<'d> {
    pub(super) element: Element<'d>,
    pub(super) uri: &'d str,
    pub(super) transforms: Vec<Element<'d>>,
    pub(super) canonicalization: StatedMethod<'d>,
    pub(super) is_enveloped: bool,
    pub(super) digest_method: Option<Element<'d>>,
    pub(super) digest: Option<Vec<u8>>,
}

impl<'d> StatedSignature<'d> {
    /// Reads what is there, by local names.
    pub(super) fn read(element: Element<'d>) -> Self {
        let signed_info = child(element, "SignedInfo");
        let value_element = child(element, "SignatureValue");
        let named = |name| signed_info.and_then(|signed_info| child(signed_info, name));
        let references = signed_info
            .into_iter()
            .flat_map(Element::children)
            .filter(|child| child.local_name() == "Reference")
            .take(REFERENCES)
            .map(StatedReference::read)
            .collect();
        Self {
            element,
            signed_info,
            canonicalization: StatedMethod::read(named("CanonicalizationMethod")),
            method: named("SignatureMethod"),
            value: value_element.and_then(base64),
            value_element,
            key_info: child(element, "KeyInfo"),
            references,
        }
    }

    /// The identifier of the signature method, a misprint read as what was meant.
    pub(super) fn method_uri(&self) -> &'d str {
        self.method.map(algorithm).unwrap_or_default()
    }

    /// All prefixes that are listed for canonicalization anywhere in it.
    pub(super) fn listed(&self) -> Vec<String> {
        let methods = self.references.iter().map(|reference| &reference.canonicalization);
        let lists = methods.chain([&self.canonicalization]).map(|method| method.list.as_str());
        let mut listed: Vec<_> = lists.flat_map(str::split_ascii_whitespace).map(str::to_owned).collect();
        listed.sort_unstable();
        listed.dedup();
        listed.truncate(64);
        listed
    }

    /// The references that lead to an identifier.
    pub(super) fn references_to<'s>(
        &'s self,
        id: &'s str,
    ) -> impl Iterator<Item = &'s StatedReference<'d>> + use<'s, 'd> {
        self.references.iter().filter(move |reference| reference.uri.strip_prefix('#') == Some(id))
    }
}

impl<'d> StatedMethod<'d> {
    fn read(element: Option<Element<'d>>) -> Self {
        let list = element.and_then(|element| child(element, "InclusiveNamespaces"));
        let list = list.and_then(|list| list.attribute("", "PrefixList")).unwrap_or_default();
        let list: String = list.chars().take(4096).collect();
        let prefixes = || PrefixList::parse(&list);
        let uri = element.map(algorithm).unwrap_or_default();
        let known = CanonicalizationMethod::from_uri(uri, prefixes());
        let is_known = known.is_ok();
        let method = known.unwrap_or_else(|_| CanonicalizationMethod::exclusive(prefixes()));
        Self { element, list, method, is_known }
    }
}

impl<'d> StatedReference<'d> {
    fn read(element: Element<'d>) -> Self {
        let transforms: Vec<_> =
            child(element, "Transforms").into_iter().flat_map(Element::children).take(8).collect();
        let is_enveloped = |transform: &Element<'_>| algorithm(*transform) == ds::ENVELOPED_SIGNATURE;
        let canonicalization = transforms.iter().copied().find(|transform| !is_enveloped(transform));
        Self {
            element,
            uri: element.attribute("", "URI").unwrap_or_default(),
            canonicalization: StatedMethod::read(canonicalization),
            is_enveloped: transforms.iter().any(is_enveloped),
            transforms,
            digest_method: child(element, "DigestMethod"),
            digest: child(element, "DigestValue").and_then(base64),
        }
    }

    /// The identifier of the digest method, a misprint read as what was meant.
    pub(super) fn digest_uri(&self) -> &'d str {
        self.digest_method.map(algorithm).unwrap_or_default()
    }

    /// Whether octets have the digest. A digest as long as one of SHA-1 is taken for one, whatever is named.
    pub(super) fn is_digest_of(&self, octets: &[u8]) -> bool {
        let Some(digest) = &self.digest else { return false };
        let algorithm = match digest.len() {
            20 => return sha1::Sha1::digest(octets).as_slice() == digest.as_slice(),
            32 => DigestAlgorithm::Sha256,
            48 => DigestAlgorithm::Sha384,
            64 => DigestAlgorithm::Sha512,
            _ => return false,
        };
        Digest::of(algorithm, octets).as_bytes() == digest.as_slice()
    }

    /// Whether SHA-1 is named, or was used whatever is named.
    pub(super) fn is_sha1(&self) -> bool {
        self.digest_uri() == SHA1 || self.digest.as_ref().is_some_and(|digest| digest.len() == 20)
    }
}

/// The only child of this local name, or the first.
pub(super) fn child<'d>(element: Element<'d>, name: &str) -> Option<Element<'d>> {
    element.children().find(|child| child.local_name() == name)
}

/// The algorithm that an element names, a misprint read as what was meant.
pub(super) fn algorithm(element: Element<'_>) -> &str {
    let uri = element.attribute("", "Algorithm").unwrap_or_default();
    misprint::meant(uri).unwrap_or(uri)
}

/// The octets of an element that holds base64.
pub(super) fn base64(element: Element<'_>) -> Option<Vec<u8>> {
    let text = element.whole_text();
    if text.len() > 256 * 1024 {
        return None;
    }
    decode_base64(&text)
}

/// The certificate of a BinarySecurityToken or `X509Certificate`, whatever its attributes say.
pub(super) fn certificate(element: Element<'_>) -> Result<ksz_pki::Certificate, String> {
    let octets = base64(element).ok_or("it is not base64")?;
    ksz_pki::Certificate::from_der(&octets).map_err(|error| error.to_string())
}

/// Where identifiers of the header's parts stand; whoever writes them without namespace is told so.
pub(super) fn id(element: Element<'_>) -> Option<&str> {
    element.attribute(names::WSU, "Id")
}
