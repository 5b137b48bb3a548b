//! The files that are measured with: keys and certificates of one authority, envelopes, and what was signed of them.
//!
//! The names are those that the programs of other implementations expect: `NAME.key` and `NAME.crt` in PEM for
//! `ca`, `rsa`, `ec` and `sts`, `env_SIZE.xml`, `signed_rsa_SIZE.xml`, `assertion.xml`.

use crate::envelope;
use crate::error::Error;
use ksz_pki::{Backend, Certificate, Identity, certificates_from_pem};
use ksz_soap::parse_date_time;
use ksz_sts::names::{CERTIFIED, EHEALTH_ISSUER};
use ksz_sts::{Attribute, Lifetime, NewAssertion};
use ksz_wss::{Ids, SigningOptions, sign_x509};
use ksz_xml::Limits;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize,
};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// The size of the attachment that packages are measured with.
const PACKAGE: &str = "100m";

/// The folder with the files.
#[derive(Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(path: &str) -> Self {
        Self(path.into())
    }

    /// Writes all files, with fresh keys.
    pub(crate) fn prepare(&self, sizes: &[&str]) -> Result<(), Error> {
        fs::create_dir_all(&self.0).map_err(Error::io(self.0.display().to_string()))?;
        self.make_keys()?;
        let now = SystemTime::now();
        for size in sizes {
            let octets = envelope::octets(size).ok_or_else(|| Error::Usage(format!("{size}: is no size")))?;
            let text = envelope::of(octets);
            self.write(&format!("env_{size}.xml"), &text)?;
            for key in ["rsa", "ec"] {
                let file = format!("signed_{key}_{size}.xml");
                // What is too large for the limits of signing is not there to be verified.
                match sign_x509(text.as_bytes(), &self.identity(key)?, &ids()?, now, &options()) {
                    Ok(signed) => self.write(&file, &signed)?,
                    Err(error) => eprintln!("{file}: {error}"),
                }
            }
        }
        self.prepare_package(PACKAGE, now)?;
        self.write("assertion.xml", &self.new_assertion("rsa", now)?)
    }

    fn make_keys(&self) -> Result<(), Error> {
        let make = |what| Error::refused::<rcgen::Error>(what);
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)
            .map_err(make("the authority's key"))?;
        let mut params = named("ca");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let own = params.self_signed(&key).map_err(make("the authority's certificate"))?;
        self.write("ca.key", &key.serialize_pem())?;
        self.write("ca.crt", &own.pem())?;
        let issuer = Issuer::new(params, key);
        for name in ["rsa", "ec", "sts"] {
            let key = match name {
                "ec" => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
                _ => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
            };
            let key = key.map_err(make("a key"))?;
            let mut params = named(name);
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            let certificate = params.signed_by(&key, &issuer).map_err(make("a certificate"))?;
            self.write(&format!("{name}.key"), &key.serialize_pem())?;
            self.write(&format!("{name}.crt"), &certificate.pem())?;
        }
        Ok(())
    }

    /// An assertion of about 6.7 kB for the holder of a key.
    pub(crate) fn new_assertion(&self, holder: &str, now: SystemTime) -> Result<String, Error> {
        let attribute = |number: usize| {
            let name = format!("urn:be:fgov:person:ssin:ehealth:1.0:example:attribute:{number:02}");
            Attribute::new(&name, CERTIFIED, &format!("0{}", 809_394_427 + number))
        };
        let assertion = NewAssertion {
            id: "_4d2f2572befc1c6a70493a35d3618c66".into(),
            issuer: EHEALTH_ISSUER.into(),
            issue_instant: now,
            validity: Lifetime {
                created: now - Duration::from_secs(300),
                expires: now + Duration::from_secs(86_400),
            },
            holder: self.certificate(holder)?,
            attributes: (0..14).map(attribute).collect(),
        };
        assertion.sign(&self.identity("sts")?).map_err(Error::refused("the assertion"))
    }

    pub(crate) fn identity(&self, name: &str) -> Result<Identity, Error> {
        let pem = self.read(&format!("{name}.key"))? + &self.read(&format!("{name}.crt"))?;
        Identity::from_pem(pem.as_bytes(), Backend::default()).map_err(Error::refused("an identity"))
    }

    pub(crate) fn certificate(&self, name: &str) -> Result<Certificate, Error> {
        let pem = self.read(&format!("{name}.crt"))?;
        let mut found = certificates_from_pem(pem.as_bytes()).map_err(Error::refused("a certificate"))?;
        Ok(found.remove(0))
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    pub(crate) fn read(&self, file: &str) -> Result<String, Error> {
        let path = self.0.join(file);
        fs::read_to_string(&path).map_err(Error::io(path.display().to_string()))
    }

    pub(crate) fn write(&self, file: &str, text: &str) -> Result<(), Error> {
        let path = self.0.join(file);
        fs::write(&path, text).map_err(Error::io(path.display().to_string()))
    }
}

/// When a message was made or an assertion issued: what follows `mark`, up to the next quote or tag.
pub(crate) fn instant(text: &str, mark: &str) -> Result<SystemTime, Error> {
    let value = text.split_once(mark).map_or("", |(_, rest)| rest);
    let value = value.split(['"', '<']).next().unwrap_or_default();
    parse_date_time("the message", value).map_err(Error::refused("the instant of a message"))
}

/// Limits that no message of ours exceeds.
pub(crate) fn wide_limits() -> Limits {
    let mut limits = Limits::default();
    limits.octets = 64 * 1024 * 1024;
    limits.nodes = 10_000_000;
    limits
}

pub(crate) fn ids() -> Result<Ids, Error> {
    Ids::new("1").map_err(Error::refused("identifiers"))
}

pub(crate) fn options() -> SigningOptions {
    let mut options = SigningOptions::default();
    options.lifetime = SigningOptions::LONGEST;
    options
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "BE");
    params.distinguished_name.push(DnType::OrganizationName, "ksz bench");
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
