//! OpenSAML, the C++ library of Shibboleth, through its command `samlsign`; below it is Santuario's C++ library.
//!
//! It validates what it reads and signs against the schemas of SAML 1.1, by the catalogues of the library.

use std::path::Path;
use std::process::Command;

use super::exists;
use super::keys::{KeyKind, Keys};
use super::messages::{ensure, told};
use super::tokens::{Implementation, UNSIGNED};
use crate::error::Error;
use crate::process;

const CATALOGUES: [&str; 2] =
    ["/usr/share/xml/opensaml/saml11-catalog.xml", "/usr/share/xml/xmltooling/catalog.xml"];
const PACKAGES: &str = "opensaml-tools opensaml-schemas xmltooling-schemas";

pub(super) struct OpenSaml(());

impl OpenSaml {
    /// The command, if it is here with its schemas; else how it is had.
    pub(super) fn find() -> Result<Self, String> {
        if exists("samlsign") && CATALOGUES.iter().all(|file| Path::new(file).exists()) {
            Ok(Self(()))
        } else {
            Err(format!("no OpenSAML: apt-get install {PACKAGES}"))
        }
    }

    /// Whether it misses what the schema demands of a token: that it is held against the schema at all.
    pub(super) fn knows_the_schema(&self, keys: &Keys, token: &str) -> Result<Result<(), String>, Error> {
        let without = keys.read(token)?.replacen(" Issuer=", " Publisher=", 1);
        let file = keys.write("without-issuer.xml", &without)?;
        let output = process::output(self.command().arg("-c").arg(keys.path("sts.pem")).arg("-f").arg(file))?;
        let said = told(&output);
        Ok(ensure(said.contains("missing required attribute 'Issuer'"), &said))
    }

    #[expect(clippy::unused_self, reason = "nobody runs a command that was not found")]
    fn command(&self) -> Command {
        let mut command = Command::new("samlsign");
        command.arg("-V").env("OPENSAML_SCHEMAS", CATALOGUES.join(":"));
        command
    }
}

impl Implementation for OpenSaml {
    fn name(&self) -> &'static str {
        "OpenSAML"
    }

    fn refusals(&self) -> &'static [&'static str] {
        &[
            "CredentialResolver did not supply a successful verification key",
            // The certificate in KeyInfo is another than the one that is believed.
            "CredentialResolver did not supply any verification keys",
        ]
    }

    fn verify(&mut self, keys: &Keys, file: &str, certificate: &Path) -> Result<Result<(), String>, Error> {
        let output =
            process::output(self.command().arg("-c").arg(certificate).arg("-f").arg(keys.path(file)))?;
        Ok(ensure(output.status.success(), &told(&output)))
    }

    fn sign(
        &mut self,
        keys: &Keys,
        (name, kind): (&str, KeyKind),
        signed: &str,
    ) -> Result<Result<(), String>, Error> {
        let method = match kind {
            KeyKind::Rsa2048 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            KeyKind::P256 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        };
        // Left to itself, it puts the name of the key beside the certificate.
        let path = |extension: &str| keys.path(&format!("{name}.{extension}")).display().to_string();
        let resolver = format!(
            "<CredentialResolver xmlns=\"http://www.opensaml.org/xmltooling\" type=\"File\">\
             <Key><Path>{}</Path></Key><Certificate><Path>{}</Path></Certificate></CredentialResolver>",
            path("key"),
            path("pem")
        );
        let resolver = keys.write("resolver.xml", &resolver)?;
        let mut command = self.command();
        command.args(["-s", "-alg", method, "-dig", "http://www.w3.org/2001/04/xmlenc#sha256", "-R"]);
        let output = process::output(command.arg(resolver).arg("-f").arg(keys.path(UNSIGNED)))?;
        if !output.status.success() {
            return Ok(Err(told(&output)));
        }
        keys.write(signed, &String::from_utf8_lossy(&output.stdout)).map(|_| Ok(()))
    }
}
