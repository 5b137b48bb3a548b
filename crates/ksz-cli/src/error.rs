use crate::args::SIGNATURE_METHODS;
use crate::input::{FileName, masked};
use ksz::client::remedy;
use ksz::error::{Kind, mask_person_numbers};
use std::io;
use std::path::PathBuf;

/// Why a command could not do its work. Each prints as one line that names the file and the place.
#[derive(Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// A file cannot be read.
    #[error("{file}: {}", told(.why))]
    Unreadable { file: FileName, why: io::ErrorKind },

    /// A file cannot be written.
    #[error("{file}: {}", told(.why))]
    Unwritable { file: FileName, why: io::ErrorKind },

    /// Two arguments name standard input.
    #[error("standard input: named twice, it can be read once")]
    StandardInputTwice,

    /// Standard output cannot be written.
    #[error("standard output: {}", told(.why))]
    Output { why: io::ErrorKind },

    /// A file other than the message is larger than the command reads.
    #[error("{file}: more than {limit} octets")]
    TooLarge { file: FileName, limit: usize },

    /// A file of keys, certificates or revocation lists is none.
    #[error("{file}: {error}")]
    Pki { file: FileName, error: ksz::pki::Error },

    /// A password protects a file, and none was named.
    #[error("{file}: a password protects it; name the variable that holds it with --password-env")]
    PasswordNeeded { file: FileName },

    /// The variable that should hold a password gives none.
    #[error("--password-env: {error}")]
    PasswordVariable { error: Box<ksz::client::Error> },

    /// A document is not XML, or exceeds the limits.
    #[error("{file}: {error}")]
    Xml { file: FileName, error: ksz::xml::Error },

    /// A message cannot be signed.
    #[error("{file}: {error}")]
    Signing { file: FileName, error: ksz::wss::Error },

    /// A document cannot be signed.
    #[error("{file}: {error}")]
    DocumentSigning { file: FileName, error: ksz::xmldsig::Error },

    /// The signature method is another one.
    #[error("signature method {name:?} is not supported; {} are", signature_methods())]
    SignatureMethodNotSupported { name: String },

    /// A flag has no meaning for the type of signature.
    #[error("{flag} is not for --type {form}")]
    FlagNotForType { flag: &'static str, form: &'static str },

    /// The type of signature needs a flag.
    #[error("--type {form} needs {flag}")]
    TypeNeeds { form: &'static str, flag: &'static str },

    /// The type of signature has place for a flag once.
    #[error("--type {form} takes {flag} once")]
    FlagRepeated { flag: &'static str, form: &'static str },

    /// The canonicalization algorithm is another one.
    #[error(
        "algorithm {uri:?} is not supported, canonical XML 1.0, 1.1 and exclusive are, with or without comments"
    )]
    AlgorithmNotSupported { uri: String },

    /// A prefix list is given to an algorithm that has none.
    #[error("--prefixes is for exclusive canonicalization, {uri:?} is not")]
    PrefixesNotForAlgorithm { uri: String },

    /// The message is packaged in another way.
    #[error("content type {content_type:?} is not supported, text/xml and MTOM packages are")]
    ContentTypeNotSupported { content_type: String },

    /// No element has the identifier, or several have.
    #[error("{file}: {found} elements have the identifier {id:?}, one must have it")]
    ElementCount { file: FileName, id: String, found: usize },

    /// A file that should remember messages is another one.
    #[error("{file}: not a replay cache: {detail}")]
    NotReplayCache { file: FileName, detail: String },

    /// A flag has no meaning for the profile.
    #[error("{flag} is not for --profile {profile}")]
    FlagNotForProfile { flag: &'static str, profile: &'static str },

    /// The profile needs a flag.
    #[error("--profile {profile} needs {flag}")]
    FlagMissing { flag: &'static str, profile: &'static str },

    /// A flag does its work only together with another.
    #[error("{flag} needs {needed}")]
    FlagAlone { flag: &'static str, needed: &'static str },

    /// A folder cannot be read.
    #[error("{}: {}", masked(folder), told(.why))]
    Folder { folder: PathBuf, why: io::ErrorKind },

    /// A folder that is to be written to holds files of somebody else's.
    #[error("{}: the folder is not empty and holds no ksz.toml of a simulator", masked(folder))]
    FolderNotEmpty { folder: PathBuf },

    /// The simulator cannot be started.
    #[error(transparent)]
    Simulator(#[from] ksz_sim::Error),

    /// The configuration was refused, or the system has no random numbers.
    #[error(transparent)]
    Client(#[from] ksz::Error),

    /// A configuration is no text.
    #[error("{file}: not UTF-8 at octet {offset}")]
    NotText { file: FileName, offset: usize },

    /// The configuration is for another environment than the one asked for.
    #[error("{file}: the configuration is for {found}, not for {wanted}")]
    OtherEnvironment { file: FileName, found: ksz::Environment, wanted: ksz::Environment },

    /// No configuration was named.
    #[error(
        "--config FILE is needed: it says whom to ask, and as whom; `ksz sim --dir DIR` writes one that works"
    )]
    NoConfiguration,

    /// No claims were named, neither here nor in the configuration.
    #[error("no claims to ask for: name them with --claim or --claims, or under [ehealth] claims of {file}")]
    NoClaims { file: FileName },

    /// Claims were repeated, or are none.
    #[error("{}", mask_person_numbers(&.error.to_string()))]
    Claims { error: Box<ksz::sts::Error> },

    /// The token service refuses, or gives no answer, or what it sent is refused.
    #[error("{}; {}", mask_person_numbers(&.error.to_string()), remedy(.error))]
    NoToken { error: Box<ksz::Error> },

    /// A token is to be written to a terminal.
    #[error("standard output is a terminal: name a file with --output, or add --raw to see the token")]
    TokenToTerminal,

    /// Two things are to be written to standard output.
    #[error("--json and --output - both write to standard output")]
    StandardOutputTwice,

    /// A file that would be replaced or removed holds no token.
    #[error("{file}: {detail}; it is left as it is")]
    NotTokenFile { file: FileName, detail: &'static str },

    /// The folder of a file that is to be written is not there.
    #[error("{file}: there is no such folder")]
    NoFolder { file: FileName },

    /// Standard input stands where a file is replaced or removed.
    #[error("a token is renewed and forgotten in its file; - is none")]
    NotInFile,

    /// The token of a file is not the token service's, or not as it sent it.
    #[error("{file}: not verified: {}", mask_person_numbers(&.error.to_string()))]
    NotVerified { file: FileName, error: Box<ksz::sts::Error> },

    /// The token of a file is about the holder of another key than the configuration's.
    #[error("{file}: the token's holder is {found}, and the configuration's identity is {own}")]
    OtherHolder { file: FileName, found: String, own: String },

    /// No runtime for the network can be started.
    #[error("the runtime cannot be started: {}", told(.why))]
    NoRuntime { why: io::ErrorKind },

    /// Every row that was asked for was skipped.
    #[error("nothing was examined: {why}")]
    NothingExamined { why: String },
}

impl Error {
    /// Whose fault it is.
    ///
    /// A key or certificate that cannot be used was named by our caller, whoever made it.
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Unreadable { why, .. } | Self::Unwritable { why, .. } | Self::Folder { why, .. } => {
                kind_of(*why)
            }
            Self::Simulator(error) => error.kind(),
            Self::Client(error) => error.kind(),
            Self::StandardInputTwice
            | Self::TooLarge { .. }
            | Self::PasswordNeeded { .. }
            | Self::PasswordVariable { .. }
            | Self::NotText { .. }
            | Self::NothingExamined { .. }
            | Self::OtherEnvironment { .. }
            | Self::NotReplayCache { .. }
            | Self::FolderNotEmpty { .. }
            | Self::PrefixesNotForAlgorithm { .. }
            | Self::FlagNotForProfile { .. }
            | Self::FlagMissing { .. }
            | Self::FlagNotForType { .. }
            | Self::TypeNeeds { .. }
            | Self::FlagRepeated { .. }
            | Self::NoConfiguration
            | Self::NoClaims { .. }
            | Self::TokenToTerminal
            | Self::StandardOutputTwice
            | Self::NotTokenFile { .. }
            | Self::OtherHolder { .. }
            | Self::NoFolder { .. }
            | Self::NotInFile
            | Self::FlagAlone { .. } => Kind::Misuse,
            Self::Claims { error } => error.kind(),
            Self::NoToken { error } => error.kind(),
            Self::NotVerified { .. } => Kind::Refused,
            Self::Output { .. } | Self::NoRuntime { .. } => Kind::Transport,
            Self::ElementCount { .. } => Kind::Peer,
            Self::Pki { error, .. } => match error.kind() {
                Kind::Unsupported => Kind::Unsupported,
                _ => Kind::Misuse,
            },
            Self::Xml { error, .. } => error.kind(),
            Self::Signing { error, .. } => error.kind(),
            Self::DocumentSigning { error: ksz::xmldsig::Error::Xml(error), .. } => error.kind(),
            Self::DocumentSigning { error, .. } => match error.kind() {
                Kind::Peer => Kind::Misuse,
                other => other,
            },
            Self::AlgorithmNotSupported { .. }
            | Self::SignatureMethodNotSupported { .. }
            | Self::ContentTypeNotSupported { .. } => Kind::Unsupported,
        }
    }
}

fn signature_methods() -> String {
    SIGNATURE_METHODS.map(|(short, _)| short).join(", ")
}

/// A name that leads to no file is a wrong argument; a file that resists is a failure.
const fn kind_of(why: io::ErrorKind) -> Kind {
    match why {
        io::ErrorKind::NotFound
        | io::ErrorKind::AlreadyExists
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::InvalidInput => Kind::Misuse,
        _ => Kind::Transport,
    }
}

/// Names the file in what `ksz::pki` says about its content.
pub(crate) fn in_file(file: &FileName) -> impl Fn(ksz::pki::Error) -> Error + '_ {
    |error| Error::Pki { file: file.clone(), error }
}

/// The library's own words begin with "entity" where a file is meant.
pub(crate) fn told(why: &io::ErrorKind) -> String {
    match why {
        io::ErrorKind::NotFound => "no such file".into(),
        io::ErrorKind::AlreadyExists => "is there already".into(),
        other => other.to_string(),
    }
}
