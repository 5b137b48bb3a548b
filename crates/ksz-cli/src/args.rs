mod dsig;
mod explain;
mod token;

pub(crate) use dsig::{
    DsigCommand, DsigSignArgs, DsigVerifyArgs, SIGNATURE_METHODS, SignatureForm, signature_method,
};

pub(crate) use explain::ExplainArgs;

pub(crate) use token::{
    AskArgs, LONGEST_LIFETIME, RenewalRequest, SamlCommand, TokenCommand, TokenForgetArgs, TokenGetArgs,
    TokenRenewArgs, TokenShowArgs,
};

use crate::exit::Exit;
use crate::input::FileName;
use crate::output;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};
use ksz::client::doctor::Check;
use ksz::error::mask_name;
use ksz::soap::mtom::ContentId;
use ksz::wss::SigningOptions;
use ksz::{Channel, Environment};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::SystemTime;

const EXAMPLES: &str = "\
Examples:
  ksz doctor
  ksz sign --profile x509 --identity hospital.pem request.xml > signed.xml
  ksz verify --profile x509 --anchor root.pem --json signed.xml
  ksz explain --profile x509 --anchor root.pem --fault answer.xml signed.xml
  ksz token saml get --config ksz.toml --output token.xml
  ksz dsig verify --key signer.pem document.xml

Exit codes: 0 done or accepted, 1 failed in reading, writing or transport, 2 misuse,
3 refused or invalid, 4 unsupported.

With --json, an answer is one JSON object: exit code 0 or 3, 4 of dsig verify, and 1 if a row
of doctor failed.
A misuse is one line on standard error.";

const DOCTOR_EXIT_CODES: &str = "\
Exit codes: 0 no row failed, 1 a row failed, 2 misuse, or every row that --only names was skipped;
the others as for every command.";

const IDENTITY_EXIT_CODES: &str = "\
Exit codes: 0 a key would sign, with warnings or without; 3 the file holds no such key, or several;
the others as for every command.";

/// Calls to KSZ/BCSS, the eHealth platform and social security's OAuth server: examine, sign, verify, get tokens, look up,
/// simulate
#[derive(Debug, Parser)]
#[command(name = "ksz", version, after_help = EXAMPLES, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// Reads the command line. Help and the version are printed here; a misuse is told in one line.
    pub(crate) fn read() -> Result<Self, Exit> {
        Self::try_parse().map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                // A reader that has gone away has read enough help.
                let _ = error.print();
                Exit::Done
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let _ = error.print();
                Exit::Misuse
            }
            _ => {
                output::failure(&in_one_line(error));
                Exit::Misuse
            }
        })
    }
}

/// The parser's message without the usage and the line breaks. Those of the command line itself are escaped before,
/// so that only the parser's own are taken out.
fn in_one_line(mut error: Error) -> String {
    error.remove(ContextKind::Usage);
    let context: Vec<_> = error.context().map(|(kind, value)| (kind, escaped(value))).collect();
    for (kind, value) in context {
        error.insert(kind, value);
    }
    let text = error.to_string();
    let mut message = Vec::new();
    let mut hints = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(hint) = line.strip_prefix("tip: ").filter(|hint| !hint.starts_with("to pass")) {
            hints.push(hint);
        } else if let Some(hint) = line.strip_prefix("For more information, ") {
            hints.push(hint.trim_end_matches('.'));
        } else if !line.is_empty() && !line.starts_with("tip: ") {
            message.push(line.trim_start_matches("error: "));
        }
    }
    let message = message.join(" ");
    // A person's number may have been typed in the wrong place.
    mask_name(&std::iter::once(message.as_str()).chain(hints).collect::<Vec<_>>().join("; "))
}

fn escaped(value: &ContextValue) -> ContextValue {
    let styled = |text: &StyledStr| StyledStr::from(output::one_line(&text.to_string()));
    match value {
        ContextValue::String(text) => ContextValue::String(output::one_line(text)),
        ContextValue::Strings(texts) => {
            ContextValue::Strings(texts.iter().map(|text| output::one_line(text)).collect())
        }
        ContextValue::StyledStr(text) => ContextValue::StyledStr(styled(text)),
        ContextValue::StyledStrs(texts) => ContextValue::StyledStrs(texts.iter().map(styled).collect()),
        other => other.clone(),
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Examine a whole connection: every system that the configuration allows, a row each
    #[command(after_help = DOCTOR_EXIT_CODES)]
    Doctor(DoctorArgs),
    /// Write the canonical form of a document or element
    C14n(C14nArgs),
    /// Sign a document that is no message with a plain XML signature, or verify one
    #[command(subcommand)]
    Dsig(DsigCommand),
    /// Sign a SOAP 1.1 envelope with a certificate, or as the holder of a SAML assertion
    Sign(SignArgs),
    /// Verify a signed message or a token response, and read nothing that is not verified
    Verify(Box<VerifyArgs>),
    /// Say why a message is refused: what is wrong, where, and what to do about it
    #[command(after_help = explain::EXPLAIN_EXIT_CODES)]
    Explain(Box<ExplainArgs>),
    /// Look into files of keys
    #[command(subcommand)]
    Identity(IdentityCommand),
    /// Get, look into, renew and forget tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// List the known endpoints, with the document that gives each
    Endpoints(EndpointsArgs),
    /// Run the simulator of the remote services
    Sim(SimArgs),
}

#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// Environment to examine: sim, test, acceptance or production [default: the configuration's, or the simulator]
    #[arg(long, value_name = "ENV")]
    pub(crate) env: Option<Environment>,

    /// Network to go through: extranet or internet [default: the configuration's, or extranet]
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) channel: Option<Channel>,

    /// Configuration file; - is standard input, and the files it names lie in the working folder then. Without
    /// one, a simulator is started in this process, unless --env names another environment
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<FileName>,

    /// Run this check alone, such as ksz-connection; may be repeated, or list several with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) only: Vec<Check>,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct C14nArgs {
    /// Identifier of the algorithm: Canonical XML 1.0, 1.1 or exclusive, each also with comments
    #[arg(long, value_name = "URI", default_value = ksz::xmldsig::names::EXCLUSIVE_C14N)]
    pub(crate) algorithm: String,

    /// Canonicalize the one element with this identifier; without it, the whole document
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,

    /// Prefixes to treat inclusively (PrefixList), parted by spaces; #default is the default namespace
    #[arg(long, value_name = "LIST", default_value = "")]
    pub(crate) prefixes: String,

    /// XML document; - is standard input
    pub(crate) file: FileName,
}

const LONGEST_TTL: u64 = SigningOptions::LONGEST.as_secs();

#[derive(Args, Debug)]
pub(crate) struct SignArgs {
    /// How the message is signed: with the certificate, or by the holder of an assertion
    #[arg(long)]
    pub(crate) profile: SignProfile,

    /// File of the private key and its certificates: PEM, encrypted or not, or a PKCS#12 store
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: FileName,

    /// Certificate of the key and its issuers, in PEM or DER, where the identity's file holds the key alone.
    /// For x509
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<FileName>,

    /// Environment variable with the password of the identity
    #[arg(long, value_name = "NAME")]
    pub(crate) password_env: Option<String>,

    /// Entry of a PKCS#12 store [default: authentication, or the only one that may sign]
    #[arg(long, value_name = "ALIAS")]
    pub(crate) alias: Option<String>,

    /// SAML 1.1 assertion as the token service sent it, which ksz token saml get writes; needed for saml-hok
    #[arg(long, value_name = "FILE", required_if_eq("profile", "saml-hok"))]
    pub(crate) assertion: Option<FileName>,

    /// Whether canonicalization gets the prefixes in scope (InclusiveNamespaces)
    #[arg(long, value_name = "SWITCH", default_value = "off")]
    pub(crate) prefix_list: Switch,

    #[arg(
        long,
        value_name = "SECONDS",
        help = format!("How long the message is valid, in seconds: 1 to {LONGEST_TTL}"),
        default_value_t = SigningOptions::default().lifetime.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=LONGEST_TTL),
    )]
    pub(crate) ttl: u64,

    /// The instant at which the message is made, in RFC 3339 [default: the clock]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub(crate) now: Option<SystemTime>,

    /// Order of the header's elements: token, signature, timestamp, or timestamp, token, signature
    #[arg(long, default_value = "ehealth")]
    pub(crate) layout: Layout,

    /// Attachment that the envelope includes as cid:CID; may be repeated. With one, the output is an MTOM package,
    /// whose Content-Type is told on standard error
    #[arg(long, value_name = "CID=FILE", value_parser = attach)]
    pub(crate) attach: Vec<Attach>,

    /// SOAP 1.1 envelope; - is standard input
    pub(crate) file: FileName,
}

/// An attachment on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Attach {
    pub(crate) content_id: ContentId,
    pub(crate) file: FileName,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// What is verified: a message signed with a certificate, one signed by the holder of an assertion, or the
    /// token service's answer
    #[arg(long)]
    pub(crate) profile: VerifyProfile,

    /// File of authorities, in PEM or one in DER, to which the certificate of the signer (saml-hok, rstr: of the assertion's holder) must
    /// lead, or of such certificates themselves; may be repeated. Needed for x509
    #[arg(long, value_name = "PEM", required_if_eq("profile", "x509"))]
    pub(crate) anchor: Vec<FileName>,

    /// File of authorities that may stand between, in PEM or one in DER; may be repeated. With --anchor
    #[arg(long, value_name = "PEM")]
    pub(crate) intermediates: Vec<FileName>,

    /// File of the token service's own certificates, in PEM or one in DER, or PEM file of its public key; may be
    /// repeated. Needed for
    /// saml-hok and rstr; rstr takes --anchor for it where this is absent
    #[arg(long, value_name = "PEM", required_if_eq("profile", "saml-hok"))]
    pub(crate) sts_anchor: Vec<FileName>,

    /// Certificate revocation lists, PEM or DER; may be repeated. Each counts for the certificates of its issuer, to
    /// which even one that --anchor names must lead then. With --anchor
    #[arg(long, value_name = "FILE")]
    pub(crate) crl: Vec<FileName>,

    /// The instant at which the message must be valid, in RFC 3339 [default: the clock]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub(crate) now: Option<SystemTime>,

    /// Media type with which the message came: text/xml, or multipart/related of an MTOM package
    #[arg(long, value_name = "TYPE", default_value = "text/xml; charset=utf-8")]
    pub(crate) content_type: String,

    /// Context of the request that a token response must answer; for rstr
    #[arg(long, value_name = "ID")]
    pub(crate) context: Option<String>,

    /// Who we are, where an assertion says whom it is for; for saml-hok and rstr
    #[arg(long, value_name = "URI")]
    pub(crate) audience: Option<String>,

    /// Certificate whose key the token must confirm; for rstr
    #[arg(long, value_name = "PEM")]
    pub(crate) own_cert: Option<FileName>,

    /// Accept a token that is signed through its reference in KeyInfo, with the STR-Transform; for x509
    #[arg(long)]
    pub(crate) str_transform: bool,

    /// File of the messages that were accepted before, made if it is not there; none is accepted twice. For x509
    /// and saml-hok
    #[arg(long, value_name = "FILE")]
    pub(crate) replay_cache: Option<FileName>,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// Message to verify; - is standard input
    pub(crate) file: FileName,
}

impl VerifyArgs {
    /// The files by which a signer's certificate is judged.
    pub(crate) fn chain(&self) -> ChainFiles<'_> {
        ChainFiles { anchor: &self.anchor, intermediates: &self.intermediates, crl: &self.crl }
    }
}

/// The files by which a signer's certificate is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChainFiles<'a> {
    pub(crate) anchor: &'a [FileName],
    pub(crate) intermediates: &'a [FileName],
    pub(crate) crl: &'a [FileName],
}

#[derive(Debug, Subcommand)]
pub(crate) enum IdentityCommand {
    /// Tell what a file of keys and certificates holds, which key would sign and why, and what stands against
    /// it
    #[command(after_help = IDENTITY_EXIT_CODES)]
    Show(IdentityShowArgs),
}

#[derive(Args, Debug)]
pub(crate) struct IdentityShowArgs {
    /// Environment variable with the password of the file
    #[arg(long, value_name = "NAME")]
    pub(crate) password_env: Option<String>,

    /// The instant at which certificates must be valid, in RFC 3339 [default: the clock]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub(crate) now: Option<SystemTime>,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// PEM, DER or PKCS#12; - is standard input
    pub(crate) file: FileName,
}

#[derive(Args, Debug)]
pub(crate) struct EndpointsArgs {
    /// Only this environment: test, acceptance or production; may be repeated
    #[arg(long, value_name = "ENV")]
    pub(crate) env: Vec<Environment>,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct SimArgs {
    /// First of four ports in a row: KSZ SOAP, KSZ REST, eHealth, OAuth [default: free ports]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=65_532))]
    pub(crate) port_base: Option<u16>,

    /// Where keys, certificates and ksz.toml are written: a new or empty folder, or an earlier simulator's
    #[arg(long, value_name = "DIR", default_value = "ksz-sim")]
    pub(crate) dir: PathBuf,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum SignProfile {
    X509,
    SamlHok,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum VerifyProfile {
    X509,
    SamlHok,
    Rstr,
}

impl VerifyProfile {
    /// The name on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::X509 => "x509",
            Self::SamlHok => "saml-hok",
            Self::Rstr => "rstr",
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Layout {
    Ehealth,
    Connector,
}

fn attach(text: &str) -> Result<Attach, String> {
    let (id, file) = text.split_once('=').ok_or("no CID=FILE")?;
    let content_id = ContentId::new(id).map_err(|error| error.to_string())?;
    Ok(Attach { content_id, file: OsString::from(file).into() })
}

fn instant(text: &str) -> Result<SystemTime, &'static str> {
    ksz::soap::parse_date_time("now", text)
        .map_err(|_| "no instant with Z or an offset, such as 2026-01-31T08:30:00Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_misuse_is_one_line() {
        let told = |words: &[&str]| in_one_line(Arguments::try_parse_from(words).unwrap_err());

        assert_eq!(told(&["ksz", "c14n", "--no", "f"]), "unexpected argument '--no' found; try '--help'");
        assert!(
            told(&["ksz", "sign", "f"]).starts_with("the following required arguments were not provided: --")
        );
    }

    #[test]
    fn a_persons_number_in_the_wrong_place_does_not_print() {
        for words in [
            ["ksz", "c14n", "--79021802145", "f"],
            ["ksz", "sign", "--ttl=79.02.18-021.45", "f"],
            ["ksz", "token", "saml", "79021802145"],
            ["ksz", "doctor", "--only=SSIN79021802145", "f"],
        ] {
            let line = in_one_line(Arguments::try_parse_from(words).unwrap_err());
            assert!(line.contains("*********45") && !line.contains("021"), "{line}");
        }
    }

    #[test]
    fn a_line_break_in_an_argument_does_not_garble_the_line() {
        let told = |words: &[&str]| in_one_line(Arguments::try_parse_from(words).unwrap_err());
        let broken = "a\ntip: b\n\nUsage: c\u{2028}";
        let escaped = "a\\ntip: b\\n\\nUsage: c\\u{2028}";

        assert_eq!(
            told(&["ksz", "c14n", &format!("--{broken}"), "f"]),
            format!("unexpected argument '--{escaped}' found; try '--help'")
        );
        assert_eq!(told(&["ksz", broken]), format!("unrecognized subcommand '{escaped}'; try '--help'"));
        for (flag, value) in [("--profile", "PROFILE"), ("--now", "RFC3339"), ("--ttl", "SECONDS")] {
            let line = told(&["ksz", "sign", flag, broken, "f"]);
            let begin = format!("invalid value '{escaped}' for '{flag} <{value}>'");
            assert!(line.starts_with(&begin) && line.ends_with("; try '--help'"), "{line}");
        }
    }
}
