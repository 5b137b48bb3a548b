use crate::{Backend, Digest, Error, PublicKey};
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

/// One X.509 certificate (RFC 5280) and the fields we read.
///
/// Having one proves nothing: [`TrustStore::accept`](crate::TrustStore::accept) says whether to believe it.
/// Two certificates are equal if their octets are.
#[derive(Clone)]
pub struct Certificate(Arc<Fields>);

struct Fields {
    der: Vec<u8>,
    subject: String,
    issuer: String,
    serial_number: Vec<u8>,
    not_before: SystemTime,
    not_after: SystemTime,
    spki: Vec<u8>,
    key_usage: Option<KeyUsage>,
    is_authority: bool,
}

impl Certificate {
    /// A certificate from DER, without octets behind it.
    ///
    /// # Errors
    ///
    /// [`Error::NotCertificate`] with what the decoder found.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let refuse = |error: x509_cert::der::Error| Error::NotCertificate { detail: error.to_string() };
        let certificate = x509_cert::Certificate::from_der(der).map_err(refuse)?;
        let tbs = &certificate.tbs_certificate;
        let key_usage = tbs.get::<KeyUsage>().map_err(refuse)?;
        let constraints = tbs.get::<BasicConstraints>().map_err(refuse)?;
        Ok(Self(Arc::new(Fields {
            der: der.to_vec(),
            subject: tbs.subject.to_string(),
            issuer: tbs.issuer.to_string(),
            serial_number: tbs.serial_number.as_bytes().to_vec(),
            not_before: tbs.validity.not_before.to_system_time(),
            not_after: tbs.validity.not_after.to_system_time(),
            spki: tbs.subject_public_key_info.to_der().map_err(refuse)?,
            key_usage: key_usage.map(|(_, usage)| usage),
            is_authority: constraints.is_some_and(|(_, constraints)| constraints.ca),
        })))
    }

    /// The DER octets as they came.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The subject's distinguished name (RFC 4514). It may hold a person's number: see
    /// [`display_subject`](Self::display_subject) for output.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The issuer's distinguished name (RFC 4514).
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The subject for people and logs: of a person's number only the last two digits are left.
    #[must_use]
    pub fn display_subject(&self) -> String {
        ksz_error::mask_person_numbers(&self.0.subject)
    }

    /// The issuer for people and logs, masked like the subject: a self-signed certificate is its own issuer.
    #[must_use]
    pub fn display_issuer(&self) -> String {
        ksz_error::mask_person_numbers(&self.0.issuer)
    }

    /// The serial number, big-endian.
    #[must_use]
    pub fn serial_number(&self) -> &[u8] {
        &self.0.serial_number
    }

    /// The first instant of validity.
    #[must_use]
    pub fn not_before(&self) -> SystemTime {
        self.0.not_before
    }

    /// The last instant of validity.
    #[must_use]
    pub fn not_after(&self) -> SystemTime {
        self.0.not_after
    }

    /// SHA-256 over the DER octets, by which a certificate is pinned and told apart.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        Digest::sha256(&self.0.der)
    }

    /// The SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.0.spki
    }

    /// The public key, not trusted by that.
    ///
    /// # Errors
    ///
    /// Those of [`PublicKey::from_spki_der`].
    pub fn public_key(&self, backend: Backend) -> Result<PublicKey, Error> {
        PublicKey::from_spki_der(&self.0.spki, backend)
    }

    /// Whether basicConstraints make it a certification authority.
    #[must_use]
    pub fn is_authority(&self) -> bool {
        self.0.is_authority
    }

    /// Refuses a certificate whose KeyUsage does not allow signing messages. One without KeyUsage may.
    pub(crate) fn require_digital_signature(&self) -> Result<(), Error> {
        self.require_usage("digitalSignature", KeyUsage::digital_signature)
    }

    /// Refuses a certificate whose KeyUsage does not allow signing certificates. One without KeyUsage may.
    pub(crate) fn require_certificate_signing(&self) -> Result<(), Error> {
        self.require_usage("keyCertSign", KeyUsage::key_cert_sign)
    }

    fn require_usage(&self, usage: &'static str, has: impl Fn(&KeyUsage) -> bool) -> Result<(), Error> {
        match &self.0.key_usage {
            Some(stated) if !has(stated) => {
                Err(Error::KeyUsageMissing { subject: self.display_subject(), usage })
            }
            _ => Ok(()),
        }
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({:?}, {})", self.display_subject(), self.fingerprint().to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_that_are_no_certificate_are_refused() {
        for octets in [b"".as_slice(), b"\x30\x84\xff\xff\xff\xff", b"not DER"] {
            assert!(matches!(Certificate::from_der(octets), Err(Error::NotCertificate { .. })));
        }
    }
}
