use crate::subject::masked_name;
use crate::{Backend, Digest, Error, KeyDescription, PublicKey, der};
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use x509_cert::name::Name;

/// The longest certificate in DER; those of the services have less than a tenth.
const LONGEST: usize = 16 * 1024;
/// The most values of one relative distinguished name. Decoders sort them, some by insertion.
const MOST_VALUES: usize = 8;

/// Purposes of keys that have names.
const PURPOSES: [(&str, &str); 8] = [
    ("1.3.6.1.5.5.7.3.1", "serverAuth"),
    ("1.3.6.1.5.5.7.3.2", "clientAuth"),
    ("1.3.6.1.5.5.7.3.3", "codeSigning"),
    ("1.3.6.1.5.5.7.3.4", "emailProtection"),
    ("1.3.6.1.5.5.7.3.8", "timeStamping"),
    ("1.3.6.1.5.5.7.3.9", "OCSPSigning"),
    ("1.3.6.1.5.5.7.3.36", "documentSigning"),
    ("2.5.29.37.0", "anyExtendedKeyUsage"),
];

/// One X.509 certificate (RFC 5280) and the fields we read.
///
/// Having one proves nothing: [`TrustStore::accept`](crate::TrustStore::accept) says whether to believe it.
/// Two certificates are equal if their octets are.
#[derive(Clone)]
pub struct Certificate(Arc<Fields>);

struct Fields {
    der: Vec<u8>,
    subject: DistinguishedName,
    issuer: DistinguishedName,
    serial_number: Vec<u8>,
    not_before: SystemTime,
    not_after: SystemTime,
    spki: Vec<u8>,
    key_usage: Option<KeyUsage>,
    is_authority: bool,
    longest_path: Option<usize>,
}

/// A name whose text is made when somebody reads it: verifying a message needs none.
struct DistinguishedName {
    name: Name,
    text: OnceLock<String>,
}

impl DistinguishedName {
    fn new(name: &Name) -> Self {
        Self { name: name.clone(), text: OnceLock::new() }
    }

    fn text(&self) -> &str {
        self.text.get_or_init(|| self.name.to_string())
    }
}

impl Certificate {
    /// A certificate from DER, without octets behind it.
    ///
    /// # Errors
    ///
    /// [`Error::NotCertificate`] with what the decoder found.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let refuse = |error: x509_cert::der::Error| Error::NotCertificate { detail: error.to_string() };
        if der.len() > LONGEST {
            return Err(Error::NotCertificate { detail: format!("longer than {LONGEST} octets") });
        }
        if !names_are_modest(der) {
            return Err(Error::NotCertificate { detail: "a name with many values in one place".into() });
        }
        let certificate = x509_cert::Certificate::from_der(der).map_err(refuse)?;
        let tbs = &certificate.tbs_certificate;
        let key_usage = tbs.get::<KeyUsage>().map_err(refuse)?;
        let constraints = tbs.get::<BasicConstraints>().map_err(refuse)?;
        Ok(Self(Arc::new(Fields {
            der: der.to_vec(),
            subject: DistinguishedName::new(&tbs.subject),
            issuer: DistinguishedName::new(&tbs.issuer),
            serial_number: tbs.serial_number.as_bytes().to_vec(),
            not_before: tbs.validity.not_before.to_system_time(),
            not_after: tbs.validity.not_after.to_system_time(),
            spki: tbs.subject_public_key_info.to_der().map_err(refuse)?,
            key_usage: key_usage.map(|(_, usage)| usage),
            is_authority: constraints.as_ref().is_some_and(|(_, constraints)| constraints.ca),
            longest_path: constraints
                .and_then(|(_, constraints)| constraints.path_len_constraint)
                .map(usize::from),
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
        self.0.subject.text()
    }

    /// The issuer's distinguished name (RFC 4514).
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.issuer.text()
    }

    /// The subject for people and logs: of a person's number only the last two digits are left.
    #[must_use]
    pub fn display_subject(&self) -> String {
        masked_name(&self.0.subject.name)
    }

    /// The issuer for people and logs, masked like the subject: a self-signed certificate is its own issuer.
    #[must_use]
    pub fn display_issuer(&self) -> String {
        masked_name(&self.0.issuer.name)
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

    /// Whether it bears its own name as its issuer's, as roots do. A certificate that others issued may too.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        let tbs = self.decoded().tbs_certificate;
        tbs.subject == tbs.issuer
    }

    /// The uses that KeyUsage states, in the words of RFC 5280 section 4.2.1.3; none if the extension is
    /// absent, which allows all.
    #[must_use]
    pub fn key_usage(&self) -> Option<Vec<&'static str>> {
        let stated = self.0.key_usage?;
        let uses = [
            ("digitalSignature", stated.digital_signature()),
            ("nonRepudiation", stated.non_repudiation()),
            ("keyEncipherment", stated.key_encipherment()),
            ("dataEncipherment", stated.data_encipherment()),
            ("keyAgreement", stated.key_agreement()),
            ("keyCertSign", stated.key_cert_sign()),
            ("cRLSign", stated.crl_sign()),
            ("encipherOnly", stated.encipher_only()),
            ("decipherOnly", stated.decipher_only()),
        ];
        Some(uses.into_iter().filter(|(_, stated)| *stated).map(|(name, _)| name).collect())
    }

    /// The purposes that the extended key usage states, by their names in RFC 5280 section 4.2.1.12 or else
    /// by their object identifiers; none if the extension is absent, which allows all.
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<Vec<String>> {
        let (_, stated) = self.decoded().tbs_certificate.get::<ExtendedKeyUsage>().ok()??;
        let name = |purpose: &ObjectIdentifier| {
            let purpose = purpose.to_string();
            let known = PURPOSES.iter().find(|(identifier, _)| *identifier == purpose);
            known.map_or(purpose, |(_, name)| (*name).to_owned())
        };
        Some(stated.0.iter().map(name).collect())
    }

    /// The kind and size of the key, accepted or not.
    #[must_use]
    pub fn key_description(&self) -> KeyDescription {
        KeyDescription::of(&self.decoded().tbs_certificate.subject_public_key_info)
    }

    /// All fields, decoded once more. Messages bring certificates of which only those above are looked at.
    pub(crate) fn decoded(&self) -> x509_cert::Certificate {
        x509_cert::Certificate::from_der(&self.0.der).expect("these octets were decoded when this was made")
    }

    /// How many authorities may stand between it and a certificate, if it says so (RFC 5280 section 4.2.1.9).
    pub(crate) fn longest_path(&self) -> Option<usize> {
        self.0.longest_path
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

/// Whether no relative distinguished name of issuer and subject (RFC 5280 section 4.1.2.4) has more values than anybody
/// needs. What is no certificate at all is left for the decoder to refuse.
fn names_are_modest(certificate: &[u8]) -> bool {
    let names = || {
        let (tbs, _) = der::read(der::SEQUENCE, certificate)?;
        let (mut fields, _) = der::read(der::SEQUENCE, tbs)?;
        let mut names = Vec::new();
        while let Some((tag, contents, rest)) = der::next(fields) {
            if tag == der::SEQUENCE {
                names.push(contents);
            }
            fields = rest;
        }
        Some(names)
    };
    names().unwrap_or_default().into_iter().all(|mut name| {
        while let Some((tag, mut values, rest)) = der::next(name) {
            let mut count = 0;
            while let Some((_, _, more)) = der::next(values).filter(|_| tag == der::SET) {
                count += 1;
                values = more;
            }
            if count > MOST_VALUES {
                return false;
            }
            name = rest;
        }
        true
    })
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
