//! The closed lists: what is not named here is not computed.

use crate::{Error, names};
use ksz_pki::KeyAlgorithm;

/// How a reference is digested (XML Signature 1.1 section 4.4.3.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DigestMethod {
    /// SHA-256.
    Sha256,
}

impl DigestMethod {
    /// The method of an identifier.
    ///
    /// # Errors
    ///
    /// [`Error::AlgorithmNotAccepted`] for any other, SHA-1 included.
    pub fn from_uri(uri: &str) -> Result<Self, Error> {
        match uri {
            names::SHA256 => Ok(Self::Sha256),
            other => Err(Error::not_accepted("DigestMethod", other)),
        }
    }

    /// Its identifier.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Sha256 => names::SHA256,
        }
    }
}

/// How `SignedInfo` is signed (XML Signature 1.1 section 4.4.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SignatureMethod {
    /// RSA PKCS#1 v1.5 with SHA-256.
    RsaSha256,
    /// ECDSA on P-256 with SHA-256; the value is r and s of 32 octets each (RFC 4050 section 3.3).
    EcdsaSha256,
}

impl SignatureMethod {
    /// The method of an identifier.
    ///
    /// # Errors
    ///
    /// [`Error::AlgorithmNotAccepted`] for any other. No keyed hash is known here at all, so a public key can
    /// never serve as the secret of one.
    pub fn from_uri(uri: &str) -> Result<Self, Error> {
        match uri {
            names::RSA_SHA256 => Ok(Self::RsaSha256),
            names::ECDSA_SHA256 => Ok(Self::EcdsaSha256),
            other => Err(Error::not_accepted("SignatureMethod", other)),
        }
    }

    /// Its identifier.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::RsaSha256 => names::RSA_SHA256,
            Self::EcdsaSha256 => names::ECDSA_SHA256,
        }
    }

    /// The method of a key.
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
        for method in [SignatureMethod::RsaSha256, SignatureMethod::EcdsaSha256] {
            assert_eq!(SignatureMethod::from_uri(method.uri()), Ok(method));
        }
        for refused in [
            "",
            "none",
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 ",
        ] {
            let error = SignatureMethod::from_uri(refused).unwrap_err();
            assert_eq!(error, Error::AlgorithmNotAccepted { role: "SignatureMethod", uri: refused.into() });
        }
        assert_eq!(DigestMethod::from_uri(DigestMethod::Sha256.uri()), Ok(DigestMethod::Sha256));
        assert!(DigestMethod::from_uri("http://www.w3.org/2000/09/xmldsig#sha1").is_err());
    }
}
