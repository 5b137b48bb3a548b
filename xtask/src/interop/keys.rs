use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;

/// Extensions of CA and leaf certificates (RFC 5280, sections 4.2.1.3 and 4.2.1.9), apart from the machine's
/// own OpenSSL configuration.
const EXTENSIONS: &str = "\
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
";

const P256: [&str; 3] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/// The key of a leaf.
#[derive(Clone, Copy, Debug)]
pub(super) enum KeyKind {
    Rsa2048,
    P256,
}

impl KeyKind {
    pub(super) const ALL: [Self; 2] = [Self::Rsa2048, Self::P256];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa",
            Self::P256 => "ec",
        }
    }

    pub(super) const fn other(self) -> Self {
        match self {
            Self::Rsa2048 => Self::P256,
            Self::P256 => Self::Rsa2048,
        }
    }

    const fn newkey(self) -> &'static [&'static str] {
        match self {
            Self::Rsa2048 => &["rsa:2048"],
            Self::P256 => &P256,
        }
    }
}

/// Throw-away certificates made by OpenSSL in one folder: two roots, one issuer, one leaf of each kind.
///
/// Files are `NAME.key` and `NAME.pem`; `NAME.identity.pem` holds key, leaf and issuer.
#[derive(Debug)]
pub(super) struct Keys {
    folder: PathBuf,
}

impl Keys {
    pub(super) fn make(folder: &Path) -> Result<Self, Error> {
        let keys = Self { folder: folder.into() };
        keys.write("openssl.cnf", EXTENSIONS)?;
        for root in ["root", "stranger"] {
            let x509 = ["-x509", "-days", "30", "-extensions", "ca"];
            keys.request(root, &P256, &x509, &format!("{root}.pem"))?;
        }
        keys.issue("issuing", &P256, "root", "ca")?;
        for kind in KeyKind::ALL {
            let name = kind.name();
            keys.leaf(name, kind)?;
            let parts = [format!("{name}.key"), format!("{name}.pem"), "issuing.pem".into()];
            keys.join(&parts, &format!("{name}.identity.pem"))?;
        }
        Ok(keys)
    }

    /// One more leaf.
    pub(super) fn leaf(&self, name: &str, kind: KeyKind) -> Result<(), Error> {
        self.issue(name, kind.newkey(), "issuing", "leaf")
    }

    /// Several files in one.
    pub(super) fn join(&self, parts: &[impl AsRef<str>], file: &str) -> Result<PathBuf, Error> {
        let parts = parts.iter().map(|part| self.read(part.as_ref())).collect::<Result<Vec<_>, _>>()?;
        self.write(file, &parts.concat())
    }

    /// The base64 of a certificate's DER, in one line.
    pub(super) fn base64(&self, name: &str) -> Result<String, Error> {
        let pem = self.read(&format!("{name}.pem"))?;
        Ok(pem.lines().filter(|line| !line.starts_with("-----")).collect())
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    pub(super) fn read(&self, file: &str) -> Result<String, Error> {
        fs::read_to_string(self.path(file)).map_err(Error::io(file))
    }

    pub(super) fn write(&self, file: &str, text: &str) -> Result<PathBuf, Error> {
        fs::write(self.path(file), text).map_err(Error::io(file))?;
        Ok(self.path(file))
    }

    /// A new key, and what was requested with it.
    fn request(&self, name: &str, newkey: &[&str], options: &[&str], out: &str) -> Result<(), Error> {
        let (key, subject) = (format!("{name}.key"), format!("/C=BE/O=ksz interop/CN={name}"));
        let fixed = ["-config", "openssl.cnf", "-nodes", "-subj", &subject, "-keyout", &key, "-out", out];
        self.openssl(&[&["req", "-newkey"], newkey, options, &fixed])
    }

    fn issue(&self, name: &str, newkey: &[&str], issuer: &str, extensions: &str) -> Result<(), Error> {
        let (request, certificate) = (format!("{name}.csr"), format!("{name}.pem"));
        let (issuer_certificate, issuer_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
        self.request(name, newkey, &[], &request)?;
        self.openssl(&[
            &["x509", "-req", "-days", "30", "-in", &request, "-out", &certificate],
            &["-CA", &issuer_certificate, "-CAkey", &issuer_key, "-CAcreateserial"],
            &["-extfile", "openssl.cnf", "-extensions", extensions],
        ])
    }

    fn openssl(&self, arguments: &[&[&str]]) -> Result<(), Error> {
        process::stdout(Command::new("openssl").args(arguments.concat()).current_dir(&self.folder)).map(drop)
    }
}
