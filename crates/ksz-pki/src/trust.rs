use crate::path_signature::PathSignature;
use crate::pem::blocks;
use crate::{Backend, Certificate, Error, PublicKey};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, ExtendedKeyUsageValidator, KeyPurposeIdIter,
    KeyUsage, OwnedCertRevocationList, RequiredEkuNotFoundContext, RevocationOptionsBuilder,
    UnknownStatusPolicy, VerifiedPath,
};

/// Who is believed: anchors, the authorities between, and revocation lists.
///
/// An anchor is an authority, or a signer's own certificate, which is then *pinned*: accepted by its octets,
/// whoever issued it. There is no default store; a web authority has no say in who may sign a message.
#[derive(Clone)]
pub struct TrustStore {
    backend: Backend,
    anchors: Arc<[Certificate]>,
    /// The key of each anchor, once somebody signed with it.
    keys: Arc<[OnceLock<PublicKey>]>,
    intermediates: Arc<[Certificate]>,
    /// As the path library wants them, and shared: they are long.
    revocation_lists: Vec<Arc<CertRevocationList<'static>>>,
}

impl TrustStore {
    /// A store that believes `anchors`.
    #[must_use]
    pub fn new(anchors: Vec<Certificate>, backend: Backend) -> Self {
        let keys = anchors.iter().map(|_| OnceLock::new()).collect();
        let intermediates = Arc::default();
        Self { backend, anchors: anchors.into(), keys, intermediates, revocation_lists: Vec::new() }
    }

    /// Adds authorities that may stand between a certificate and an anchor. They are not believed by that.
    #[must_use]
    pub fn with_intermediates(mut self, intermediates: Vec<Certificate>) -> Self {
        self.intermediates = intermediates.into();
        self
    }

    /// Adds the revocation lists of a PEM text (`X509 CRL`), or one in DER.
    ///
    /// A list counts for the certificates of its issuer; certificates of issuers without a list are accepted.
    ///
    /// # Errors
    ///
    /// [`Error::NotPem`], [`Error::NotCrl`], and [`Error::PemCount`] if the text holds no list.
    pub fn with_revocation_lists(mut self, crl: &[u8]) -> Result<Self, Error> {
        let ders: Vec<Vec<u8>> = if crl.first() == Some(&0x30) {
            vec![crl.to_vec()]
        } else {
            let blocks = blocks(crl)?;
            blocks
                .iter()
                .filter(|block| block.label == "X509 CRL")
                .map(|block| block.octets.to_vec())
                .collect()
        };
        if ders.is_empty() {
            return Err(Error::PemCount { label: "X509 CRL", found: 0 });
        }
        for der in ders {
            let list = OwnedCertRevocationList::from_der(&der)
                .map_err(|error| Error::NotCrl { detail: error.to_string() })?;
            self.revocation_lists.push(Arc::new(list.into()));
        }
        Ok(self)
    }

    /// The backend that checks signatures.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// The anchors.
    #[must_use]
    pub fn anchors(&self) -> &[Certificate] {
        &self.anchors
    }

    /// The authorities that may stand between.
    #[must_use]
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// The certificate (RFC 5280, DER) that a message brought, not believed by that. One of the anchors is known by its octets
    /// and not read again.
    ///
    /// # Errors
    ///
    /// Those of [`Certificate::from_der`].
    pub fn certificate(&self, der: &[u8]) -> Result<Certificate, Error> {
        match self.anchors.iter().find(|anchor| anchor.der() == der) {
            Some(anchor) => Ok(anchor.clone()),
            None => Certificate::from_der(der),
        }
    }

    /// Accepts a certificate for signing messages at `now`, or says why not.
    ///
    /// Checked in this order: the key's kind and size, the validity, KeyUsage digitalSignature, then the path
    /// of RFC 5280 section 6 to an anchor (issuer signatures, validity, authority flag, path length, keyCertSign,
    /// extended key usage, revocation). A pinned certificate needs a path only where a revocation list of its issuer is
    /// given.
    ///
    /// # Errors
    ///
    /// One variant of [`Error`] for each of these.
    pub fn accept(&self, certificate: &Certificate, now: SystemTime) -> Result<TrustedCertificate, Error> {
        let pinned = self.anchors.iter().position(|anchor| anchor == certificate);
        let public_key = match pinned {
            Some(place) => self.anchor_key(place)?,
            None => certificate.public_key(self.backend)?,
        };
        require_validity(certificate, now)?;
        certificate.require_digital_signature()?;
        if pinned.is_none() || self.has_list_for(certificate) {
            self.check_path(certificate, now)?;
        }
        Ok(TrustedCertificate { certificate: certificate.clone(), public_key })
    }

    fn anchor_key(&self, place: usize) -> Result<PublicKey, Error> {
        let known = &self.keys[place];
        match known.get() {
            Some(key) => Ok(key.clone()),
            None => {
                let key = self.anchors[place].public_key(self.backend)?;
                Ok(known.get_or_init(|| key).clone())
            }
        }
    }

    /// Whether a revocation list speaks of certificates of this one's issuer: then a pinned certificate needs a path
    /// too, because only its issuer's key tells whether the list is genuine.
    fn has_list_for(&self, certificate: &Certificate) -> bool {
        let leaf = CertificateDer::from(certificate.der());
        !self.revocation_lists.is_empty()
            && EndEntityCert::try_from(&leaf)
                .is_ok_and(|leaf| self.revocation_lists.iter().any(|list| list.issuer() == leaf.issuer()))
    }

    /// Looks for a path to each anchor, and answers with the refusal of the last. An anchor that is no authority or not
    /// valid now is believed nothing; where the path would have led to it, the answer says why it did not.
    fn check_path(&self, certificate: &Certificate, now: SystemTime) -> Result<(), Error> {
        let subject = certificate.display_subject();
        let mut refused = Error::UnknownIssuer { subject, issuer: certificate.display_issuer() };
        let mut passed_over = None;
        for anchor in self.anchors.iter() {
            let path = self.check_path_to(anchor, certificate, now);
            match (path, require_authority(anchor, certificate, now)) {
                (Ok(()), Ok(())) => return Ok(()),
                (Ok(()), Err(error)) => passed_over = Some(error),
                (Err(_), Err(_)) | (Err(Error::UnknownIssuer { .. }), Ok(())) => {}
                (Err(error), Ok(())) => refused = error,
            }
        }
        match refused {
            Error::UnknownIssuer { .. } => Err(passed_over.unwrap_or(refused)),
            other => Err(other),
        }
    }

    /// The path library takes of an anchor its name and key alone; the length of the path that it allows is compared
    /// here.
    fn check_path_to(
        &self,
        anchor: &Certificate,
        certificate: &Certificate,
        now: SystemTime,
    ) -> Result<(), Error> {
        let leaf = CertificateDer::from(certificate.der());
        let leaf = EndEntityCert::try_from(&leaf).map_err(|error| refused(certificate, &error))?;
        let anchor_der = CertificateDer::from(anchor.der());
        let anchors =
            [webpki::anchor_from_trusted_cert(&anchor_der).map_err(|error| refused(anchor, &error))?];
        let intermediates: Vec<_> =
            self.intermediates.iter().map(|certificate| CertificateDer::from(certificate.der())).collect();
        let lists: Vec<&CertRevocationList<'_>> = self.revocation_lists.iter().map(Arc::as_ref).collect();
        let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|options| {
            options
                .with_status_policy(UnknownStatusPolicy::Allow)
                .with_expiration_policy(ExpirationPolicy::Enforce)
                .build()
        });
        let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);

        let signatures = PathSignature::all(self.backend);
        let signatures: Vec<&dyn SignatureVerificationAlgorithm> =
            signatures.iter().map(|signature| signature as _).collect();
        let path = leaf
            .verify_for_usage(
                &signatures,
                &anchors,
                &intermediates,
                UnixTime::since_unix_epoch(since_epoch),
                MessageSigning,
                revocation,
                Some(&authorities_may_sign_certificates),
            )
            .map_err(|error| refused(certificate, &error))?;
        match anchor.longest_path() {
            Some(longest) if path.intermediate_certificates().count() > longest => {
                Err(Error::PathTooLong { subject: certificate.display_subject() })
            }
            _ => Ok(()),
        }
    }
}

fn require_validity(certificate: &Certificate, now: SystemTime) -> Result<(), Error> {
    let subject = || certificate.display_subject();
    if now < certificate.not_before() {
        let not_before = rfc3339(certificate.not_before());
        return Err(Error::CertificateNotYetValid { subject: subject(), not_before });
    }
    if now > certificate.not_after() {
        let not_after = rfc3339(certificate.not_after());
        return Err(Error::CertificateExpired { subject: subject(), not_after });
    }
    Ok(())
}

/// Refuses an anchor of this certificate that may not issue certificates at `now`.
fn require_authority(anchor: &Certificate, certificate: &Certificate, now: SystemTime) -> Result<(), Error> {
    if !anchor.is_authority() || anchor.require_certificate_signing().is_err() {
        return Err(Error::IssuerNotAuthority { subject: certificate.display_subject() });
    }
    require_validity(anchor, now)
}

impl fmt::Debug for TrustStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustStore")
            .field("anchors", &self.anchors)
            .field("intermediates", &self.intermediates)
            .field("revocation_lists", &self.revocation_lists.len())
            .finish_non_exhaustive()
    }
}

/// A certificate that a [`TrustStore`] accepted. Only it makes one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrustedCertificate {
    certificate: Certificate,
    public_key: PublicKey,
}

impl TrustedCertificate {
    /// The certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Its key.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }
}

/// The extended key usages with which a message may be signed: none stated, any, client authentication,
/// e-mail protection (the S/MIME signing certificates that some institutions hold) or document signing.
#[derive(Clone, Copy)]
struct MessageSigning;

impl ExtendedKeyUsageValidator for MessageSigning {
    fn validate(&self, iter: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        const ACCEPTED: [&[usize]; 4] = [
            &[2, 5, 29, 37, 0],
            &[1, 3, 6, 1, 5, 5, 7, 3, 2],
            &[1, 3, 6, 1, 5, 5, 7, 3, 4],
            &[1, 3, 6, 1, 5, 5, 7, 3, 36],
        ];
        let present: Vec<_> =
            iter.map(|purpose| purpose.map(|id| id.to_decoded_oid())).collect::<Result<_, _>>()?;
        if present.is_empty() || present.iter().any(|id| ACCEPTED.contains(&id.as_slice())) {
            return Ok(());
        }
        let required = KeyUsage::client_auth();
        Err(webpki::Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext { required, present }))
    }
}

/// What the path library leaves out: KeyUsage keyCertSign of every authority in the path.
fn authorities_may_sign_certificates(path: &VerifiedPath<'_>) -> Result<(), webpki::Error> {
    for authority in path.intermediate_certificates() {
        let authority = Certificate::from_der(&authority.der()).map_err(|_| webpki::Error::BadDer)?;
        authority.require_certificate_signing().map_err(|_| webpki::Error::EndEntityUsedAsCa)?;
    }
    Ok(())
}

fn refused(certificate: &Certificate, error: &webpki::Error) -> Error {
    use webpki::Error as Path;
    let subject = certificate.display_subject();
    match error {
        Path::UnknownIssuer | Path::InvalidSignatureForPublicKey => {
            Error::UnknownIssuer { subject, issuer: certificate.display_issuer() }
        }
        Path::EndEntityUsedAsCa => Error::IssuerNotAuthority { subject },
        Path::RequiredEkuNotFoundContext(_) => Error::ExtendedKeyUsage { subject },
        Path::PathLenConstraintViolated => Error::PathTooLong { subject },
        Path::CertRevoked => Error::Revoked { subject },
        Path::CrlExpired { .. } | Path::InvalidCrlSignatureForPublicKey | Path::IssuerNotCrlSigner => {
            Error::CrlUnusable { subject, detail: error.to_string() }
        }
        other => Error::PathInvalid { subject, detail: other.to_string() },
    }
}

/// An instant as people read it, to the second.
fn rfc3339(instant: SystemTime) -> String {
    let seconds = instant.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    x509_cert::der::DateTime::from_unix_duration(Duration::from_secs(seconds))
        .map_or_else(|_| "an instant out of range".to_owned(), |date| date.to_string())
}

#[cfg(test)]
#[cfg(feature = "aws-lc")]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyIdMethod, KeyPair};

    #[test]
    fn a_copy_of_the_store_shares_what_is_long() {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let list = rcgen::CertificateRevocationListParams {
            this_update: rcgen::date_time_ymd(2026, 5, 1),
            next_update: rcgen::date_time_ymd(2026, 7, 1),
            crl_number: 1.into(),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&root).unwrap().pem().unwrap();
        let anchor = Certificate::from_der(root.der()).unwrap();
        let store = TrustStore::new(vec![anchor], Backend::default());
        let store = store.with_revocation_lists(list.as_bytes()).unwrap();

        let copy = store.clone();

        assert!(Arc::ptr_eq(&store.anchors, &copy.anchors));
        assert!(Arc::ptr_eq(&store.revocation_lists[0], &copy.revocation_lists[0]));
    }
}
