use crate::args::{Layout, SignArgs, SignProfile, Switch};
use crate::commands::in_file;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::{FileName, Inputs};
use crate::output;
use ksz::client::{Clock, Random, SystemClock};
use ksz::pki::{Backend, Identity, SigningKey};
use ksz::wss::{self, PrefixLists, SamlToken, SigningOptions};
use ksz::xml::Limits;
use std::time::Duration;
use zeroize::Zeroizing;

/// Writes the signed envelope, octet for octet.
pub(crate) fn run(args: &SignArgs, inputs: &Inputs) -> Result<Exit, Error> {
    let refused = |error| Error::Signing { file: args.file.clone(), error };
    let pem = key_store(&args.identity, inputs)?;
    let ids = Random::ids()?;
    let now = args.now.unwrap_or_else(|| SystemClock.now());
    let options = options(args);
    let signed = match (args.profile, &args.assertion) {
        (SignProfile::X509, None) => {
            let identity = Identity::from_pem(&pem, Backend::default()).map_err(in_file(&args.identity))?;
            wss::sign_x509(&inputs.read_message(&args.file)?, &identity, &ids, now, &options)
        }
        (SignProfile::SamlHok, Some(file)) => {
            let key = SigningKey::from_pem(&pem, Backend::default()).map_err(in_file(&args.identity))?;
            let assertion = assertion(file, inputs)?;
            wss::sign_holder_of_key(&inputs.read_message(&args.file)?, &assertion, &key, &ids, now, &options)
        }
        (SignProfile::X509, Some(_)) => {
            return Err(Error::FlagNotForProfile { flag: "--assertion", profile: "x509" });
        }
        (SignProfile::SamlHok, None) => {
            return Err(Error::FlagMissing { flag: "--assertion", profile: "saml-hok" });
        }
    };
    output::octets(signed.map_err(refused)?.as_bytes())?;
    Ok(Exit::Done)
}

/// The octets of a file with a private key, wiped when dropped.
fn key_store(file: &FileName, inputs: &Inputs) -> Result<Zeroizing<Vec<u8>>, Error> {
    let octets = Zeroizing::new(inputs.read(file)?);
    if is_pkcs12(&octets) { Err(Error::Pkcs12 { file: file.clone() }) } else { Ok(octets) }
}

/// Whether the octets begin as a PFX does (RFC 7292 section 4): a sequence that starts with version 3.
fn is_pkcs12(octets: &[u8]) -> bool {
    const VERSION_3: &[u8] = &[0x02, 0x01, 0x03];
    let &[0x30, length, ref rest @ ..] = octets else { return false };
    let more = if length > 0x80 { usize::from(length - 0x80) } else { 0 };
    rest.get(more..).is_some_and(|content| content.starts_with(VERSION_3))
}

fn assertion(file: &FileName, inputs: &Inputs) -> Result<SamlToken, Error> {
    let refused = |error| Error::Signing { file: file.clone(), error };
    let octets = inputs.read(file)?;
    let text = str::from_utf8(&octets)
        .map_err(|error| ksz::xml::Error::NotUtf8 { offset: error.valid_up_to() })
        .map_err(|error| Error::Xml { file: file.clone(), error })?;
    SamlToken::from_xml(text, &Limits::default()).map_err(refused)
}

fn options(args: &SignArgs) -> SigningOptions {
    let mut options = SigningOptions::default();
    options.lifetime = Duration::from_secs(args.ttl);
    options.prefix_lists = match args.prefix_list {
        Switch::On => PrefixLists::Written,
        Switch::Off => PrefixLists::Omitted,
    };
    options.layout = match args.layout {
        Layout::Ehealth => wss::Layout::Ehealth,
        Layout::Connector => wss::Layout::Connector,
    };
    options
}

#[cfg(test)]
mod tests {
    use super::is_pkcs12;

    #[test]
    fn a_pkcs12_store_is_told_from_a_key() {
        assert!(is_pkcs12(&[0x30, 0x82, 0x0a, 0x0b, 0x02, 0x01, 0x03, 0x30]));
        assert!(is_pkcs12(&[0x30, 0x80, 0x02, 0x01, 0x03, 0x30]));
        assert!(!is_pkcs12(&[0x30, 0x82, 0x0a, 0x0b, 0x02, 0x01, 0x00, 0x30]));
        assert!(!is_pkcs12(b"0\xffx"));
        assert!(!is_pkcs12(b"-----BEGIN PRIVATE KEY-----"));
        assert!(!is_pkcs12(b""));
    }
}
