use crate::args::{Layout, SignArgs, SignProfile, Switch};
use crate::credential::Credential;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::{FileName, Inputs};
use crate::output;
use ksz::client::{Clock, Random, SystemClock};
use ksz::wss::{self, PrefixLists, SamlToken, SigningOptions};
use ksz::xml::Limits;
use std::time::Duration;

/// Writes the signed envelope, octet for octet.
pub(crate) fn run(args: &SignArgs, inputs: &Inputs) -> Result<Exit, Error> {
    let refused = |error| Error::Signing { file: args.file.clone(), error };
    let credential = Credential {
        file: &args.identity,
        certificate: args.certificate.as_ref(),
        password_env: args.password_env.as_deref(),
        alias: args.alias.as_deref(),
    };
    let ids = Random::ids()?;
    let now = args.now.unwrap_or_else(|| SystemClock.now());
    let options = options(args);
    let signed = match (args.profile, &args.assertion) {
        (SignProfile::X509, None) => {
            let identity = credential.identity(inputs)?;
            wss::sign_x509(&inputs.read_message(&args.file)?, &identity, &ids, now, &options)
        }
        (SignProfile::SamlHok, _) if args.certificate.is_some() => {
            return Err(Error::FlagNotForProfile { flag: "--certificate", profile: "saml-hok" });
        }
        (SignProfile::SamlHok, Some(file)) => {
            let key = credential.key(inputs)?;
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
