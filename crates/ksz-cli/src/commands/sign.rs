use crate::args::{Attach, Layout, SignArgs, SignProfile, Switch};
use crate::credential::Credential;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::{FileName, Inputs};
use crate::output;
use ksz::Identity;
use ksz::client::{Clock, Random, SystemClock};
use ksz::pki::SigningKey;
use ksz::soap::mtom::{Attachment, Package};
use ksz::transport::FileSource;
use ksz::wss::{self, Ids, PrefixLists, SamlToken, SigningOptions};
use ksz::xml::Limits;
use std::io;
use std::time::{Duration, SystemTime};

/// Writes the signed envelope, octet for octet; with attachments, the package that holds it.
pub(crate) fn run(args: &SignArgs, inputs: &Inputs) -> Result<Exit, Error> {
    let refused = |error| Error::Signing { file: args.file.clone(), error };
    let signer = Signer::new(args, inputs)?;
    let now = args.now.unwrap_or_else(|| SystemClock.now());
    let (ids, options) = (Random::ids()?, options(args));
    let envelope = inputs.read_message(&args.file)?;
    if args.attach.is_empty() {
        let signed = signer.sign(&envelope, &ids, now, &options).map_err(refused)?;
        output::octets(signed.as_bytes())?;
        return Ok(Exit::Done);
    }
    let attachments = args.attach.iter().map(attachment).collect::<Result<_, _>>()?;
    let envelope = text(&args.file, &envelope)?.to_owned();
    let package = Package::new(envelope, attachments, &Random::unique()?).map_err(wss::Error::from);
    let signed = package.and_then(|package| signer.sign_package(package, &ids, now, &options));
    write(signed.map_err(refused)?, &args.file)
}

/// Writes a package, and tells its media type.
fn write(package: Package, file: &FileName) -> Result<Exit, Error> {
    output::progress(&format!("Content-Type: {}", package.content_type()));
    for chunk in package.into_chunks() {
        let unreadable = |error: io::Error| ksz::soap::Error::PartUnreadable { why: error.kind() };
        let chunk =
            chunk.map_err(|error| Error::Signing { file: file.clone(), error: unreadable(error).into() })?;
        output::octets(&chunk)?;
    }
    Ok(Exit::Done)
}

fn attachment(attach: &Attach) -> Result<Attachment, Error> {
    let unreadable = |error: io::Error| Error::Unreadable { file: attach.file.clone(), why: error.kind() };
    let path = attach.file.path().ok_or(io::ErrorKind::InvalidInput.into()).map_err(unreadable)?;
    let source = FileSource::open(path).map_err(unreadable)?;
    Attachment::new(attach.content_id.clone(), "application/octet-stream", source)
        .map_err(|error| Error::Signing { file: attach.file.clone(), error: error.into() })
}

/// Who signs.
enum Signer {
    Certificate(Box<Identity>),
    Holder(SamlToken, SigningKey),
}

impl Signer {
    fn new(args: &SignArgs, inputs: &Inputs) -> Result<Self, Error> {
        let credential = Credential {
            file: &args.identity,
            certificate: args.certificate.as_ref(),
            password_env: args.password_env.as_deref(),
            alias: args.alias.as_deref(),
        };
        match (args.profile, &args.assertion) {
            (SignProfile::X509, None) => Ok(Self::Certificate(Box::new(credential.identity(inputs)?))),
            (SignProfile::SamlHok, _) if args.certificate.is_some() => {
                Err(Error::FlagNotForProfile { flag: "--certificate", profile: "saml-hok" })
            }
            (SignProfile::SamlHok, Some(file)) => {
                let key = credential.key(inputs)?;
                Ok(Self::Holder(assertion(file, inputs)?, key))
            }
            (SignProfile::X509, Some(_)) => {
                Err(Error::FlagNotForProfile { flag: "--assertion", profile: "x509" })
            }
            (SignProfile::SamlHok, None) => {
                Err(Error::FlagMissing { flag: "--assertion", profile: "saml-hok" })
            }
        }
    }

    fn sign(
        &self,
        envelope: &[u8],
        ids: &Ids,
        now: SystemTime,
        options: &SigningOptions,
    ) -> Result<String, wss::Error> {
        match self {
            Self::Certificate(identity) => wss::sign_x509(envelope, identity, ids, now, options),
            Self::Holder(assertion, key) => {
                wss::sign_holder_of_key(envelope, assertion, key, ids, now, options)
            }
        }
    }

    fn sign_package(
        &self,
        package: Package,
        ids: &Ids,
        now: SystemTime,
        options: &SigningOptions,
    ) -> Result<Package, wss::Error> {
        match self {
            Self::Certificate(identity) => wss::sign_x509_package(package, identity, ids, now, options),
            Self::Holder(assertion, key) => {
                wss::sign_holder_of_key_package(package, assertion, key, ids, now, options)
            }
        }
    }
}

fn assertion(file: &FileName, inputs: &Inputs) -> Result<SamlToken, Error> {
    let refused = |error| Error::Signing { file: file.clone(), error };
    SamlToken::from_xml(text(file, &inputs.read(file)?)?, &Limits::default()).map_err(refused)
}

fn text<'o>(file: &FileName, octets: &'o [u8]) -> Result<&'o str, Error> {
    str::from_utf8(octets)
        .map_err(|error| ksz::xml::Error::NotUtf8 { offset: error.valid_up_to() })
        .map_err(|error| Error::Xml { file: file.clone(), error })
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
