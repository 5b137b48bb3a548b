//! The closed lists: what is not named here is not computed.

use crate::{Error, names};
use ksz_pki::{DigestAlgorithm, KeyAlgorithm, SignatureAlgorithm};

/// How a reference is digested (XML Signature 1.1 section 4.4.3.5).
///
/// [`AllowList`](crate::AllowList) says which of them a message may name.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum DigestMethod {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestMethod {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The method of an identifier.
    ///
    /// # Errors
    ///
    /// [`Error::AlgorithmNotAccepted`] for any other, SHA-1 included.
    pub fn from_uri(uri: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|method| method.uri() == uri);
        found.ok_or_else(|| Error::not_accepted("DigestMethod", uri))
    }

    /// The method that uses this hash function.
    #[must_use]
    pub const fn of(algorithm: DigestAlgorithm) -> Self {
        match algorithm {
            DigestAlgorithm::Sha256 => Self::Sha256,
            DigestAlgorithm::Sha384 => Self::Sha384,
            DigestAlgorithm::Sha512 => Self::Sha512,
        }
    }

    /// Its hash function.
    #[must_use]
    pub const fn algorithm(self) -> DigestAlgorithm {
        match self {
            Self::Sha256 => DigestAlgorithm::Sha256,
            Self::Sha384 => DigestAlgorithm::Sha384,
            Self::Sha512 => DigestAlgorithm::Sha512,
        }
    }

    /// Its identifier.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Sha256 => names::SHA256,
            Self::Sha384 => names::SHA384,
            Self::Sha512 => names::SHA512,
        }
    }
}

/// How `SignedInfo` is signed (XML Signature 1.1 section 4.4.2).
///
/// No keyed hash is known here at all, so a public key can never serve as the secret of one.
/// [`AllowList`](crate::AllowList) says which of them a message may name.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SignatureMethod {
    /// RSA PKCS#1 v1.5 with SHA-256.
    RsaSha256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    RsaSha384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    RsaSha512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 octets. It has two identifiers: one
    /// without parameters, which is written, and one whose parameters must say the same, or nothing.
    RsaPssSha256,
    /// ECDSA with SHA-256; the value is r and s, each as long as an element of the field (RFC 4050 section
    /// 3.3).
    EcdsaSha256,
    /// ECDSA with SHA-384.
    EcdsaSha384,
    /// ECDSA with SHA-512.
    EcdsaSha512,
}

impl SignatureMethod {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::RsaSha256,
        Self::RsaSha384,
        Self::RsaSha512,
        Self::RsaPssSha256,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
    ];

    /// The method of an identifier that stands for itself, without parameters.
    ///
    /// # Errors
    ///
    /// [`Error::AlgorithmNotAccepted`] for any other.
    pub fn from_uri(uri: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|method| method.uri() == uri);
        found.ok_or_else(|| Error::not_accepted("SignatureMethod", uri))
    }

    /// Its identifier.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::RsaSha256 => names::RSA_SHA256,
            Self::RsaSha384 => names::RSA_SHA384,
            Self::RsaSha512 => names::RSA_SHA512,
            Self::RsaPssSha256 => names::RSA_PSS_SHA256,
            Self::EcdsaSha256 => names::ECDSA_SHA256,
            Self::EcdsaSha384 => names::ECDSA_SHA384,
            Self::EcdsaSha512 => names::ECDSA_SHA512,
        }
    }

    /// What a key computes for it.
    #[must_use]
    pub const fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::RsaSha256 => SignatureAlgorithm::RsaPkcs1Sha256,
            Self::RsaSha384 => SignatureAlgorithm::RsaPkcs1Sha384,
            Self::RsaSha512 => SignatureAlgorithm::RsaPkcs1Sha512,
            Self::RsaPssSha256 => SignatureAlgorithm::RsaPssSha256,
            Self::EcdsaSha256 => SignatureAlgorithm::EcdsaSha256,
            Self::EcdsaSha384 => SignatureAlgorithm::EcdsaSha384,
            Self::EcdsaSha512 => SignatureAlgorithm::EcdsaSha512,
        }
    }

    /// The method with which a key signs messages.
    #[must_use]
    pub const fn of_key(key: KeyAlgorithm) -> Self {
        match key {
            KeyAlgorithm::Rsa => Self::RsaSha256,
            KeyAlgorithm::EcdsaP256 => Self::EcdsaSha256,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_closed_lists_are_accepted() {
        for method in SignatureMethod::ALL {
            assert_eq!(SignatureMethod::from_uri(method.uri()), Ok(method));
        }
        for refused in [
            "",
            "none",
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 ",
            "http://www.w3.org/2007/05/xmldsig-more#rsa-pss",
        ] {
            let error = SignatureMethod::from_uri(refused).unwrap_err();
            assert_eq!(error, Error::AlgorithmNotAccepted { role: "SignatureMethod", uri: refused.into() });
        }
        for method in DigestMethod::ALL {
            assert_eq!(DigestMethod::from_uri(method.uri()), Ok(method));
            assert_eq!(DigestMethod::of(method.algorithm()), method);
        }
        for refused in
            ["http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmldsig-more#sha224"]
        {
            assert!(DigestMethod::from_uri(refused).is_err());
        }
    }
}
