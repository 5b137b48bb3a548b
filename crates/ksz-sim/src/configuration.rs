//! The configuration with which a client finds the simulator, and the files it names.

use crate::pki::{HOSPITAL, Pki};
use crate::{Addresses, Error};
use ksz_sts::names::EHEALTH_ISSUER;
use std::fmt::Write;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

pub(crate) const TEST_CONNECTION_PATH: &str = "/TestConnectionServiceService/sendTestMessage";
pub(crate) const CONSUMER_TEST_PATH: &str = "/PlatformIntegrationConsumerTest/v1";
pub(crate) const STS_PATH: &str = "/IAM/SecurityTokenService/v1";
/// The old token service, in its two addresses.
pub(crate) const RETIRED_STS_PATHS: [&str; 2] =
    ["/IAM/Saml11TokenService/v1", "/IAM/Saml11TokenService/Legacy/v1"];
pub(crate) const TOKEN_PATH: &str = "/REST/oauth/v5/token";
pub(crate) const CLIENT_ID: &str = "other:consult:client:confidential";
pub(crate) const API: &str = "socialStatus";

/// A PEM file of the configuration.
#[derive(Clone, Copy)]
enum File {
    Root,
    Issuing,
    ClientRsa,
    ClientEc,
    Application,
    Sts,
    Stranger,
    Other,
}

impl File {
    const ALL: [Self; 8] = [
        Self::Root,
        Self::Issuing,
        Self::ClientRsa,
        Self::ClientEc,
        Self::Application,
        Self::Sts,
        Self::Stranger,
        Self::Other,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Root => "root.pem",
            Self::Issuing => "issuing.pem",
            Self::ClientRsa => "client-rsa.pem",
            Self::ClientEc => "client-ec.pem",
            Self::Application => "application.pem",
            Self::Sts => "sts.pem",
            Self::Stranger => "stranger.pem",
            Self::Other => "other.pem",
        }
    }

    fn pem<'s>(self, pki: &'s Pki, token_service: &'s str) -> &'s str {
        match self {
            Self::Root => &pki.root,
            Self::Issuing => &pki.issuing,
            Self::ClientRsa => &pki.client_rsa,
            Self::ClientEc => &pki.client_ec,
            Self::Application => &pki.application,
            Self::Sts => token_service,
            Self::Stranger => &pki.stranger,
            Self::Other => &pki.other_key,
        }
    }
}

/// The configuration with the PEM texts in it. `token_service` is the certificates that sign assertions.
pub(crate) fn inline(pki: &Pki, token_service: &str, addresses: Addresses) -> String {
    toml(addresses, |file| format!("'''\n{}'''", file.pem(pki, token_service)))
}

/// Writes the PEM files and a configuration that names them; gives its path.
pub(crate) fn write(
    pki: &Pki,
    token_service: &str,
    addresses: Addresses,
    directory: &Path,
) -> Result<PathBuf, Error> {
    fs::create_dir_all(directory).map_err(|error| unwritable(directory, &error))?;
    for file in File::ALL {
        write_private(&directory.join(file.name()), file.pem(pki, token_service))?;
    }
    let path = directory.join("ksz.toml");
    write_private(&path, &toml(addresses, |file| format!("\"{}\"", file.name())))?;
    Ok(path)
}

fn toml(addresses: Addresses, value: impl Fn(File) -> String) -> String {
    let mut text = String::from("environment = \"sim\"\nchannel = \"extranet\"\n");
    let mut section = |name: &str, entries: &[(&str, String)]| {
        text += &format!("\n[{name}]\n");
        for (key, value) in entries {
            // Writing to a String does not fail.
            let _ = writeln!(text, "{key} = {value}");
        }
    };
    let quoted = |text: &str| format!("\"{text}\"");
    let list = |file| format!("[{}]", value(file));
    let (ksz_soap, ksz_rest) = (addresses.ksz_soap, addresses.ksz_rest);
    let (ehealth, oauth) = (addresses.ehealth, addresses.oauth);
    section("tls", &[("roots", list(File::Root)), ("identity", value(File::ClientRsa))]);
    section(
        "ksz",
        &[
            ("test_connection", format!("\"https://{ksz_soap}{TEST_CONNECTION_PATH}\"")),
            ("rest", format!("\"https://{ksz_rest}/\"")),
            ("api", format!("\"{API}/v1\"")),
            ("application", value(File::Application)),
            ("answer_anchors", list(File::Root)),
            ("answer_intermediates", list(File::Issuing)),
        ],
    );
    section(
        "ehealth",
        &[
            ("consumer_test", format!("\"https://{ehealth}{CONSUMER_TEST_PATH}\"")),
            ("sts", format!("\"https://{ehealth}{STS_PATH}\"")),
            ("identity", value(File::ClientRsa)),
            ("identity_ec", value(File::ClientEc)),
            ("sts_certificates", list(File::Sts)),
            ("sts_issuer", quoted(EHEALTH_ISSUER)),
            ("claims", claims()),
        ],
    );
    section(
        "oauth",
        &[
            ("issuer", format!("\"https://{oauth}\"")),
            ("token_endpoint", format!("\"https://{oauth}{TOKEN_PATH}\"")),
            ("client_id", quoted(CLIENT_ID)),
            ("key", value(File::ClientRsa)),
        ],
    );
    section("simulator", &[("stranger", value(File::Stranger)), ("other_key", value(File::Other))]);
    text
}

fn claims() -> String {
    let number = "urn:be:fgov:ehealth:1.0:certificateholder:hospital:nihii-number";
    format!(
        "[ {{ uri = \"{number}\", value = \"{HOSPITAL}\" }}, \
         {{ uri = \"{number}:recognisedhospital:boolean\" }} ]"
    )
}

/// Writes a file that only its owner reads, whole or not at all: whatever stood there is replaced.
fn write_private(path: &Path, content: &str) -> Result<(), Error> {
    use std::io::Write as _;

    let refuse = |error| unwritable(path, &error);
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).map_err(refuse)?;
    file.write_all(content.as_bytes()).map_err(refuse)?;
    fs::rename(&beside, path).map_err(refuse)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::Write { path: path.display().to_string(), detail: error.to_string() }
}
