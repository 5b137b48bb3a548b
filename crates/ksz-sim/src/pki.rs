//! A PKI that lives as long as the simulator: nobody outside trusts it, and nothing in it is worth keeping.

use crate::Error;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, SignatureAlgorithm, date_time_ymd,
};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The NIHII number of the simulated hospital: that of the eHealth platform's published examples.
pub(crate) const HOSPITAL: &str = "71089914";

const STS: &str = "Simulator STS";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// All keys and certificates as PEM. An identity is a key, its certificate and the issuing authority's.
pub(crate) struct Pki {
    pub(crate) root: String,
    pub(crate) issuing: String,
    pub(crate) server: String,
    pub(crate) client_rsa: String,
    pub(crate) client_ec: String,
    pub(crate) application: String,
    pub(crate) ksz: String,
    pub(crate) sts: String,
    pub(crate) oauth_key: String,
    pub(crate) oauth_public_key: String,
    pub(crate) stranger: String,
    pub(crate) other_key: String,
    /// Who issued all but the stranger's, for what is made later.
    authority: Authority,
    validity: Validity,
}

impl Pki {
    /// Makes everything anew. RSA keys take most of the time, so they are made at once.
    pub(crate) fn generate(now: SystemTime) -> Result<Self, Error> {
        let [client, application, sts] = rsa_keys()?;
        let validity = Validity::around(now);
        let root = Authority::root("Simulator Root CA", &validity)?;
        let issuing = root.issuing(&validity)?;
        let foreign = Authority::root("Foreign Root CA", &validity)?;

        let oauth = ec_key()?;
        Ok(Self {
            server: issuing.server(&ec_key()?, &validity)?,
            client_rsa: issuing.hospital(&client, &validity)?,
            client_ec: issuing.hospital(&ec_key()?, &validity)?,
            application: issuing.signer("Simulator application", &application, &validity)?,
            ksz: issuing.signer("Simulator KSZ-BCSS", &ec_key()?, &validity)?,
            sts: issuing.signer(STS, &sts, &validity)?,
            oauth_key: oauth.serialize_pem(),
            oauth_public_key: oauth.public_key_pem(),
            stranger: foreign.hospital(&ec_key()?, &validity)?,
            other_key: ec_key()?.serialize_pem(),
            root: root.pem(),
            issuing: issuing.pem(),
            authority: issuing,
            validity,
        })
    }

    /// Another identity of the token service, with an RSA key like the first.
    pub(crate) fn next_token_service(&self) -> Result<String, Error> {
        self.authority.signer(STS, &key(&PKCS_RSA_SHA256)?, &self.validity)
    }
}

struct Validity {
    from: SystemTime,
    to: SystemTime,
}

impl Validity {
    fn around(now: SystemTime) -> Self {
        Self { from: now - 2 * DAY, to: now + 7 * DAY }
    }

    fn params(&self, names: &[&str]) -> Result<CertificateParams, Error> {
        let instant = |at: SystemTime| {
            date_time_ymd(1970, 1, 1) + at.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO)
        };
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names)?;
        params.not_before = instant(self.from);
        params.not_after = instant(self.to);
        params.use_authority_key_identifier_extension = true;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CountryName, "BE");
        Ok(params)
    }
}

/// An authority and what it issues.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn root(name: &str, validity: &Validity) -> Result<Self, Error> {
        let params = Self::params(name, validity, BasicConstraints::Unconstrained)?;
        Ok(Self(CertifiedIssuer::self_signed(params, ec_key()?)?))
    }

    fn issuing(&self, validity: &Validity) -> Result<Self, Error> {
        let params = Self::params("Simulator Issuing CA", validity, BasicConstraints::Constrained(0))?;
        Ok(Self(CertifiedIssuer::signed_by(params, ec_key()?, &self.0)?))
    }

    fn params(
        name: &str,
        validity: &Validity,
        constraints: BasicConstraints,
    ) -> Result<CertificateParams, Error> {
        let mut params = validity.params(&[])?;
        params.distinguished_name.push(DnType::OrganizationName, "ksz simulator");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(constraints);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(params)
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn server(&self, key: &KeyPair, validity: &Validity) -> Result<String, Error> {
        let mut params = validity.params(&["localhost", "127.0.0.1", "::1"])?;
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue(&params, key)
    }

    /// An identity of a hospital, its subject in the form of the eHealth platform's certificates.
    fn hospital(&self, key: &KeyPair, validity: &Validity) -> Result<String, Error> {
        let number = format!("NIHII-HOSPITAL={HOSPITAL}");
        let mut params = validity.params(&[])?;
        let name = &mut params.distinguished_name;
        name.push(DnType::OrganizationName, "Federal Government");
        // The same attribute under its object identifier: the library keeps one value for each type.
        name.push(DnType::CustomDnType(vec![2, 5, 4, 11]), number.as_str());
        name.push(DnType::OrganizationalUnitName, "eHealth-platform Belgium");
        name.push(DnType::CommonName, number.as_str());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(&params, key)
    }

    /// An identity that signs messages or tokens.
    fn signer(&self, name: &str, key: &KeyPair, validity: &Validity) -> Result<String, Error> {
        let mut params = validity.params(&[])?;
        params.distinguished_name.push(DnType::OrganizationName, "ksz simulator");
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        self.issue(&params, key)
    }

    fn issue(&self, params: &CertificateParams, key: &KeyPair) -> Result<String, Error> {
        let issuer: &Issuer<'_, KeyPair> = &self.0;
        let certificate = params.signed_by(key, issuer)?;
        Ok([key.serialize_pem(), certificate.pem(), self.pem()].concat())
    }
}

fn ec_key() -> Result<KeyPair, Error> {
    key(&PKCS_ECDSA_P256_SHA256)
}

fn key(algorithm: &'static SignatureAlgorithm) -> Result<KeyPair, Error> {
    Ok(KeyPair::generate_for(algorithm)?)
}

fn rsa_keys() -> Result<[KeyPair; 3], Error> {
    thread::scope(|scope| {
        let keys = [(); 3].map(|()| scope.spawn(|| key(&PKCS_RSA_SHA256)));
        let [a, b, c] = keys.map(|key| match key.join() {
            Ok(key) => key,
            Err(_) => Err(Error::Pki { detail: "a thread that made a key stopped".into() }),
        });
        Ok([a?, b?, c?])
    })
}

/// The first certificate of an identity.
pub(crate) fn first_certificate(identity: &str) -> String {
    const END: &str = "-----END CERTIFICATE-----\n";
    let from = identity.find("-----BEGIN CERTIFICATE-----").unwrap_or_default();
    let to = identity.find(END).map_or(identity.len(), |at| at + END.len());
    identity[from..to].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_pki::{Backend, Identity, KeyAlgorithm, TrustStore, certificates_from_pem};

    #[test]
    fn every_identity_leads_to_the_root_but_the_strangers() {
        let now = SystemTime::now();
        let pki = Pki::generate(now).unwrap();
        let certificates = |pem: &str| certificates_from_pem(pem.as_bytes()).unwrap();
        let trust = TrustStore::new(certificates(&pki.root), Backend::default())
            .with_intermediates(certificates(&pki.issuing));
        let accepted = |pem: &str| {
            let identity = Identity::from_pem(pem.as_bytes(), Backend::default()).unwrap();
            trust.accept(identity.certificate(), now).map(|trusted| trusted.public_key().algorithm())
        };

        assert_eq!(accepted(&pki.client_rsa), Ok(KeyAlgorithm::Rsa));
        assert_eq!(accepted(&pki.client_ec), Ok(KeyAlgorithm::EcdsaP256));
        assert_eq!(accepted(&pki.application), Ok(KeyAlgorithm::Rsa));
        assert_eq!(accepted(&pki.sts), Ok(KeyAlgorithm::Rsa));
        assert_eq!(accepted(&pki.ksz), Ok(KeyAlgorithm::EcdsaP256));
        assert!(matches!(accepted(&pki.stranger), Err(ksz_pki::Error::UnknownIssuer { .. })));
        assert!(matches!(accepted(&pki.server), Err(ksz_pki::Error::ExtendedKeyUsage { .. })));
        assert_eq!(certificates(&first_certificate(&pki.sts)), certificates(&pki.sts)[..1]);
        let next = pki.next_token_service().unwrap();
        assert_eq!(accepted(&next), Ok(KeyAlgorithm::Rsa));
        assert_ne!(first_certificate(&next), first_certificate(&pki.sts));
        assert_eq!(
            certificates(&pki.client_rsa)[0].subject(),
            "CN=NIHII-HOSPITAL=71089914,OU=eHealth-platform Belgium,OU=NIHII-HOSPITAL=71089914,\
             O=Federal Government,C=BE"
        );
    }
}
