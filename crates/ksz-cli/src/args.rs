use crate::exit::Exit;
use crate::input::FileName;
use crate::output;
use clap::error::{Error, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};
use ksz::client::doctor::Check;
use ksz::{Channel, Environment};
use std::path::PathBuf;
use std::time::SystemTime;

const EXAMPLES: &str = "\
Examples:
  ksz doctor
  ksz sign --profile x509 --identity hospital.pem request.xml > signed.xml
  ksz verify --profile x509 --anchor root.pem --json signed.xml

Exit codes: 0 done or accepted, 1 failed in reading, writing or transport, 2 misuse,
3 refused or invalid, 4 unsupported.";

/// Calls to KSZ/BCSS, the eHealth platform and social security's OAuth server: examine, sign, verify, look up, simulate
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
                output::failure(&in_one_line(&error));
                Exit::Misuse
            }
        })
    }
}

/// The parser's message without the usage and the line breaks.
fn in_one_line(error: &Error) -> String {
    let text = error.to_string();
    let mut message = Vec::new();
    let mut hints = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(hint) = line.strip_prefix("tip: ").filter(|hint| !hint.starts_with("to pass")) {
            hints.push(hint);
        } else if let Some(hint) = line.strip_prefix("For more information, ") {
            hints.push(hint.trim_end_matches('.'));
        } else if !line.is_empty() && !line.starts_with("tip: ") && !line.starts_with("Usage: ") {
            message.push(line.trim_start_matches("error: "));
        }
    }
    let message = message.join(" ");
    std::iter::once(message.as_str()).chain(hints).collect::<Vec<_>>().join("; ")
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Examine a whole connection: every system that the configuration allows, a row each
    Doctor(DoctorArgs),
    /// Write the canonical form of a document or element
    C14n(C14nArgs),
    /// Sign a SOAP 1.1 envelope with a certificate, or as the holder of a SAML assertion
    Sign(SignArgs),
    /// Verify a signed message or a token response, and read nothing that is not verified
    Verify(Box<VerifyArgs>),
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

    /// Configuration file; without one, a simulator is started in this process
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Run this check alone, such as ksz-connection; may be repeated, or list several with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) only: Vec<Check>,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct C14nArgs {
    /// Identifier of the algorithm: exclusive canonicalization 1.0, or the same with comments
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

#[derive(Args, Debug)]
pub(crate) struct SignArgs {
    /// How the message is signed: with the certificate, or by the holder of an assertion
    #[arg(long)]
    pub(crate) profile: SignProfile,

    /// PEM file of the private key, not encrypted, and its certificates, the key's own first
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: FileName,

    /// SAML 1.1 assertion as the token service sent it; needed for saml-hok
    #[arg(long, value_name = "FILE", required_if_eq("profile", "saml-hok"))]
    pub(crate) assertion: Option<FileName>,

    /// Whether canonicalization gets the prefixes in scope (InclusiveNamespaces)
    #[arg(long, value_name = "SWITCH", default_value = "off")]
    pub(crate) prefix_list: Switch,

    /// How long the message is valid, in seconds: 1 to 300
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=300))]
    pub(crate) ttl: u64,

    /// The instant at which the message is made, in RFC 3339 [default: the clock]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub(crate) now: Option<SystemTime>,

    /// Order of the header's elements: token, signature, timestamp, or timestamp, token, signature
    #[arg(long, default_value = "ehealth")]
    pub(crate) layout: Layout,

    /// SOAP 1.1 envelope; - is standard input
    pub(crate) file: FileName,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// What is verified: a message signed with a certificate, one signed by the holder of an assertion, or the
    /// token service's answer
    #[arg(long)]
    pub(crate) profile: VerifyProfile,

    /// PEM file of authorities to which the certificate of the signer (saml-hok: of the holder) must lead, or of
    /// such certificates themselves; may be repeated. Needed for x509
    #[arg(long, value_name = "PEM", required_if_eq("profile", "x509"))]
    pub(crate) anchor: Vec<FileName>,

    /// PEM file of authorities that may stand between; may be repeated
    #[arg(long, value_name = "PEM", requires = "anchor")]
    pub(crate) intermediates: Vec<FileName>,

    /// PEM file of the token service's own certificates, or of its public key; may be repeated. Needed for
    /// saml-hok; without it, rstr takes --anchor
    #[arg(long, value_name = "PEM", required_if_eq("profile", "saml-hok"))]
    pub(crate) sts_anchor: Vec<FileName>,

    /// Certificate revocation lists, PEM or DER; may be repeated
    #[arg(long, value_name = "FILE", requires = "anchor")]
    pub(crate) crl: Vec<FileName>,

    /// The instant at which the message must be valid, in RFC 3339 [default: the clock]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub(crate) now: Option<SystemTime>,

    /// Media type with which the message came
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
        let told = |words: &[&str]| in_one_line(&Arguments::try_parse_from(words).unwrap_err());

        assert_eq!(told(&["ksz", "c14n", "--no", "f"]), "unexpected argument '--no' found; try '--help'");
        assert!(
            told(&["ksz", "sign", "f"]).starts_with("the following required arguments were not provided: --")
        );
    }
}
