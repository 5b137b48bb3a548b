use crate::Error;
use ksz_pki::{Certificate, Digest, Identity, KeyAlgorithm, SignatureAlgorithm, SigningKey};
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, Signer};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, OtherError, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// By which roots a server is recognised. Nothing turns the check off.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ServerTrust {
    /// The roots of the operating system. Public services have certificates of web authorities, which they
    /// renew often, so that a certificate of theirs is not a thing to ship.
    #[default]
    System,
    /// These roots and no others.
    Roots(Vec<Certificate>),
}

/// The configuration of both TLS versions (RFC 5246, RFC 8446), with HTTP/2 offered before HTTP/1.1.
pub(crate) fn client_config(
    trust: &ServerTrust,
    certificate: Arc<ClientCertificate>,
) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(|error| Error::NotBuilt { detail: error.to_string() })?;
    let builder = match trust {
        ServerTrust::System => builder
            .with_platform_verifier()
            .map_err(|error| Error::NotBuilt { detail: format!("the system's roots: {error}") })?,
        ServerTrust::Roots(roots) => builder.with_root_certificates(root_store(roots)?),
    };
    let mut config = builder.with_client_cert_resolver(certificate);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn root_store(roots: &[Certificate]) -> Result<RootCertStore, Error> {
    if roots.is_empty() {
        return Err(Error::BadRoots { detail: "there are none".into() });
    }
    let mut store = RootCertStore::empty();
    for root in roots {
        store
            .add(CertificateDer::from(root.der().to_vec()))
            .map_err(|error| Error::BadRoots { detail: format!("{:?}: {error}", root.display_subject()) })?;
    }
    Ok(store)
}

/// The one answer to every server that asks for a client certificate, and whether one has asked.
#[derive(Debug)]
pub(crate) struct ClientCertificate {
    certified_key: Option<Arc<CertifiedKey>>,
    asked: AtomicBool,
}

impl ClientCertificate {
    pub(crate) fn new(identity: Option<&Identity>) -> Self {
        let certified_key = identity.map(|identity| {
            let chain = identity.chain().iter().map(|one| CertificateDer::from(one.der().to_vec())).collect();
            Arc::new(CertifiedKey::new(chain, Arc::new(HandshakeKey(identity.key().clone()))))
        });
        Self { certified_key, asked: AtomicBool::new(false) }
    }

    pub(crate) const fn is_given(&self) -> bool {
        self.certified_key.is_some()
    }

    /// Whether a server asked on any connection so far, by which an alert that says little is explained.
    pub(crate) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for ClientCertificate {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.certified_key.clone()
    }

    fn has_certs(&self) -> bool {
        self.is_given()
    }
}

/// A key of `ksz-pki` as the handshake uses it; the private key itself never comes here.
#[derive(Debug)]
struct HandshakeKey(SigningKey);

impl HandshakeKey {
    /// The schemes (RFC 8446 section 4.2.3) in the order of our preference. TLS 1.3 never offers PKCS#1 v1.5.
    const fn schemes(&self, algorithm: KeyAlgorithm) -> &'static [(SignatureScheme, SignatureAlgorithm)] {
        match algorithm {
            KeyAlgorithm::Rsa => &[
                (SignatureScheme::RSA_PSS_SHA256, SignatureAlgorithm::RsaPssSha256),
                (SignatureScheme::RSA_PKCS1_SHA256, SignatureAlgorithm::RsaPkcs1Sha256),
            ],
            KeyAlgorithm::EcdsaP256 => {
                &[(SignatureScheme::ECDSA_NISTP256_SHA256, SignatureAlgorithm::EcdsaSha256)]
            }
        }
    }
}

impl rustls::sign::SigningKey for HandshakeKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let &(scheme, algorithm) =
            self.schemes(self.0.algorithm()).iter().find(|(scheme, _)| offered.contains(scheme))?;
        Some(Box::new(HandshakeSigner { key: self.0.clone(), scheme, algorithm }))
    }

    fn algorithm(&self) -> rustls::SignatureAlgorithm {
        match self.0.algorithm() {
            KeyAlgorithm::Rsa => rustls::SignatureAlgorithm::RSA,
            KeyAlgorithm::EcdsaP256 => rustls::SignatureAlgorithm::ECDSA,
        }
    }
}

#[derive(Debug)]
struct HandshakeSigner {
    key: SigningKey,
    scheme: SignatureScheme,
    algorithm: SignatureAlgorithm,
}

impl Signer for HandshakeSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let value = self
            .key
            .sign_digest_with(self.algorithm, &Digest::sha256(message))
            .map_err(|error| rustls::Error::Other(OtherError(Arc::new(error))))?;
        Ok(match self.algorithm {
            SignatureAlgorithm::EcdsaSha256 => ecdsa_sig_value(&value),
            _ => value,
        })
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

/// The DER form ECDSA-Sig-Value (RFC 3279 section 2.2.3) of r and s in 32 octets each.
fn ecdsa_sig_value(fixed: &[u8]) -> Vec<u8> {
    let (r, s) = fixed.split_at(fixed.len() / 2);
    let integers = [integer(r), integer(s)].concat();
    [vec![0x30, short_length(&integers)], integers].concat()
}

/// An INTEGER (X.690 section 8.3): the fewest octets, the first of them below 0x80.
fn integer(magnitude: &[u8]) -> Vec<u8> {
    let start = magnitude.iter().position(|&octet| octet != 0).unwrap_or(magnitude.len());
    let mut contents = magnitude[start..].to_vec();
    if contents.first().is_none_or(|&first| first >= 0x80) {
        contents.insert(0, 0);
    }
    [vec![0x02, short_length(&contents)], contents].concat()
}

/// The one-octet length of contents that are always shorter than 128 octets.
fn short_length(contents: &[u8]) -> u8 {
    u8::try_from(contents.len()).expect("two numbers of 32 octets fill at most 70")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_and_s_become_minimal_integers() {
        let fixed = [[0x80; 32], {
            let mut s = [0; 32];
            s[31] = 5;
            s
        }]
        .concat();
        let expected = [&[0x30, 38, 0x02, 33, 0x00][..], &[0x80; 32], &[0x02, 1, 5]].concat();

        assert_eq!(ecdsa_sig_value(&fixed), expected);
        assert_eq!(ecdsa_sig_value(&[0xff; 64]).len(), 72);
        assert_eq!(integer(&[0; 32]), [0x02, 1, 0]);
    }

    #[test]
    fn no_roots_is_not_all_roots() {
        let certificate = Arc::new(ClientCertificate::new(None));

        assert_eq!(
            client_config(&ServerTrust::Roots(vec![]), certificate).map(drop),
            Err(Error::BadRoots { detail: "there are none".into() })
        );
    }
}
