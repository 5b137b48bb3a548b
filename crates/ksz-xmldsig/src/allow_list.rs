use crate::algorithm::{DigestMethod, SignatureMethod};
use crate::c14n::{CanonicalizationMethod, PrefixList};
use crate::target::Target;
use crate::{Error, names};

/// What a signature may name: algorithms, transforms, and what its references lead to.
///
/// There are two lists, and no function takes one from its caller.
/// [`UnverifiedSignature`](crate::UnverifiedSignature) reads by the first and is verified with a
/// [`PublicKey`](ksz_pki::PublicKey); [`DocumentSignature`](crate::DocumentSignature) reads by the second and
/// is verified with a [`VerifyingKey`](ksz_pki::VerifyingKey). So no message is judged by what documents may
/// hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AllowList {
    /// Signatures of WS-Security messages and SAML assertions: exclusive canonicalization without comments,
    /// SHA-256, RSA PKCS#1 v1.5 and ECDSA with SHA-256, references to elements by their identifier. One transform more
    /// only where the caller asks for it, see
    /// [`UnverifiedSignature::read_with_str_transform`](crate::UnverifiedSignature::read_with_str_transform).
    Messages,
    /// Signatures of documents of others: also Canonical XML 1.0 and 1.1 and comments, SHA-384 and SHA-512,
    /// RSASSA-PSS with SHA-256, references to the whole document and the two XPointers of XML Signature.
    Documents,
}

impl AllowList {
    /// Whether a reference or `SignedInfo` may be canonicalized so.
    #[must_use]
    pub fn has_canonicalization(self, method: &CanonicalizationMethod) -> bool {
        match self {
            Self::Messages => method.uri() == names::EXCLUSIVE_C14N,
            Self::Documents => true,
        }
    }

    /// Whether a reference may be digested so.
    #[must_use]
    pub const fn has_digest(self, method: DigestMethod) -> bool {
        match self {
            Self::Messages => matches!(method, DigestMethod::Sha256),
            Self::Documents => true,
        }
    }

    /// Whether `SignedInfo` may be signed so.
    #[must_use]
    pub const fn has_signature(self, method: SignatureMethod) -> bool {
        match self {
            Self::Messages => matches!(method, SignatureMethod::RsaSha256 | SignatureMethod::EcdsaSha256),
            Self::Documents => true,
        }
    }

    /// The canonicalization of an identifier, without prefixes; `role` is the element that names it.
    pub(crate) fn canonicalization(
        self,
        role: &'static str,
        uri: &str,
    ) -> Result<CanonicalizationMethod, Error> {
        let method = CanonicalizationMethod::from_uri(uri, PrefixList::default()).ok();
        method
            .filter(|method| self.has_canonicalization(method))
            .ok_or_else(|| Error::not_accepted(role, uri))
    }

    pub(crate) fn digest(self, uri: &str) -> Result<DigestMethod, Error> {
        let method = DigestMethod::from_uri(uri)?;
        if self.has_digest(method) { Ok(method) } else { Err(Error::not_accepted("DigestMethod", uri)) }
    }

    pub(crate) fn signature(self, uri: &str) -> Result<SignatureMethod, Error> {
        let method = SignatureMethod::from_uri(uri)?;
        if self.has_signature(method) { Ok(method) } else { Err(Error::not_accepted("SignatureMethod", uri)) }
    }

    /// What a reference leads to.
    pub(crate) fn target(self, uri: Option<&str>) -> Result<Target, Error> {
        let shown = |uri: &str| uri.chars().take(200).collect();
        match (self, uri) {
            (Self::Messages, uri) => {
                let id = uri.and_then(|uri| uri.strip_prefix('#')).filter(|id| ksz_xml::is_ncname(id));
                let refused = || Error::ReferenceTarget { uri: shown(uri.unwrap_or_default()) };
                id.map(Target::element).ok_or_else(refused)
            }
            (Self::Documents, None) => Err(Error::ReferenceWithoutUri),
            (Self::Documents, Some(uri)) => {
                Target::parse(uri).ok_or_else(|| Error::ReferenceNotSupported { uri: shown(uri) })
            }
        }
    }

    /// Whether the transforms of a reference may lack a canonicalization, which is Canonical XML 1.0 then.
    pub(crate) const fn has_default_canonicalization(self) -> bool {
        matches!(self, Self::Documents)
    }
}
