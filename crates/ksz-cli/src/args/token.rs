//! The command line of `ksz token`.

use super::instant;
use crate::input::FileName;
use clap::{Args, Subcommand, ValueEnum};
use ksz::Channel;
use ksz::sts::ClaimType;
use std::time::{Duration, SystemTime};

/// How long a token may be asked for: what the platform's own connector asks for.
pub(crate) const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
const SHORTEST_LIFETIME: Duration = Duration::from_secs(60);

const SAML_EXAMPLES: &str = "\
Examples:
  ksz token saml get --config ksz.toml --output token.xml
  ksz token saml show --config ksz.toml token.xml
  ksz token saml renew --config ksz.toml token.xml
  ksz token saml forget token.xml

A token file holds the assertion as the token service sent it, octet for octet, readable for its
owner alone. ksz sign --profile saml-hok --assertion token.xml signs with it.";

const GET_EXAMPLES: &str = "\
Examples:
  ksz token saml get --config ksz.toml --output token.xml
  ksz token saml get --config ksz.toml --claims hospital.toml --lifetime 8h --output token.xml
  ksz token saml get --config ksz.toml --claim URI=VALUE --claim URI --output token.xml

Without --claim and --claims, the claims of [ehealth] in the configuration are asked for.
A file of claims is TOML, in the form that they have there:
  claims = [{ uri = \"urn:be:fgov:ehealth:1.0:hospital:nihii-number\", value = \"71089914\" }]

A value on the command line is seen by everybody on this machine: a person's number belongs into
a file.

Exit codes: 0 the token is written, 1 no answer, or it cannot be written, 2 misuse, 3 the token
service refuses, or what it sent is refused.";

const SHOW_EXAMPLES: &str = "\
Examples:
  ksz token saml show --config ksz.toml token.xml
  ksz token saml show --sts-anchor sts.pem --json token.xml

What is not verified is not shown. Of a token that is over, or not valid yet, what it says is
shown, and that it does not hold.

Exit codes: 0 it holds, 3 it does not or is not verified, 1 and 2 as for every command.";

const RENEW_EXAMPLES: &str = "\
Example:
  ksz token saml renew --config ksz.toml token.xml

The new token is about the same holder and the same claims, which are read from the old one once
its signature is verified; the old one may be over. It is asked for as long as the old one was.
The file is replaced when the new token is complete; whatever goes wrong before leaves it as it is.

Exit codes: those of get; 3 also if the old token is not verified.";

const FORGET_EXAMPLES: &str = "\
Example:
  ksz token saml forget token.xml

A file that holds no assertion is left as it is. On disks that write elsewhere each time (SSD,
snapshots, backups) copies may outlive the overwriting; the token's own end is what counts there.

Exit codes: 0 removed, 1 failed in writing, 2 there is no such token file.";

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// SAML tokens of the eHealth platform's token service
    #[command(subcommand, after_help = SAML_EXAMPLES)]
    Saml(SamlCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum SamlCommand {
    /// Ask the token service for a token, and write it to a file
    #[command(after_help = GET_EXAMPLES)]
    Get(Box<TokenGetArgs>),
    /// Verify a token, and say what it says and how long it holds
    #[command(after_help = SHOW_EXAMPLES)]
    Show(TokenShowArgs),
    /// Replace a token by a new one about the same holder and claims
    #[command(after_help = RENEW_EXAMPLES)]
    Renew(Box<TokenRenewArgs>),
    /// Overwrite and remove a token file
    #[command(after_help = FORGET_EXAMPLES)]
    Forget(TokenForgetArgs),
}

#[derive(Args, Debug)]
pub(crate) struct TokenGetArgs {
    #[command(flatten)]
    pub(crate) ask: AskArgs,

    /// Claim: an attribute that the token is to hold. With a value it is asserted, and held against the
    /// certificate; without, the platform finds and certifies it. May be repeated
    #[arg(long, value_name = "URI[=VALUE]", value_parser = claim)]
    pub(crate) claim: Vec<ClaimType>,

    /// TOML file of claims, to which those of --claim are added; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) claims: Option<FileName>,

    /// Where the token is written, as a whole or not at all. Only a token file is replaced. - is standard
    /// output, if it is no terminal or with --raw
    #[arg(long, value_name = "FILE")]
    pub(crate) output: FileName,

    /// With --output -, write the token even to a terminal
    #[arg(long)]
    pub(crate) raw: bool,
}

/// What asking for a token takes.
#[derive(Args, Debug)]
pub(crate) struct AskArgs {
    /// Configuration file: whom to ask, and as whom; - is standard input, and the files it names lie in the
    /// working folder then. Needed
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<FileName>,

    /// Network to go through: extranet or internet [default: the configuration's, or extranet]
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) channel: Option<Channel>,

    /// How long the token is to hold, such as 90m or 8h; at most 24h. What it says then decides
    #[arg(long, value_name = "DURATION", value_parser = lifetime)]
    pub(crate) lifetime: Option<Duration>,

    /// File of another key with its certificates, which signs the request: PEM, encrypted or not, or a PKCS#12
    /// store. The token is about the configuration's identity all the same
    #[arg(long, value_name = "FILE")]
    pub(crate) identification: Option<FileName>,

    /// Environment variable with the password of that file
    #[arg(long, value_name = "NAME", requires = "identification")]
    pub(crate) password_env: Option<String>,

    /// Entry of a PKCS#12 store [default: authentication, or the only one that may sign]
    #[arg(long, value_name = "ALIAS", requires = "identification")]
    pub(crate) alias: Option<String>,

    /// The instant at which it is asked, in RFC 3339 [default: the clock]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub(crate) now: Option<SystemTime>,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct TokenShowArgs {
    /// Configuration file, whose pinned certificates of the token service are believed; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<FileName>,

    /// File of the token service's own certificates, in PEM or one in DER, or PEM file of its public key; may be
    /// repeated. In place of --config
    #[arg(long, value_name = "PEM", conflicts_with = "config")]
    pub(crate) sts_anchor: Vec<FileName>,

    /// Who we are, where a token says whom it is for
    #[arg(long, value_name = "URI")]
    pub(crate) audience: Option<String>,

    /// The instant at which the token must hold, in RFC 3339 [default: the clock]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub(crate) now: Option<SystemTime>,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// Write the token itself to standard output, octet for octet, in place of what it says
    #[arg(long, conflicts_with = "json")]
    pub(crate) raw: bool,

    /// Token file; - is standard input
    pub(crate) file: FileName,
}

#[derive(Args, Debug)]
pub(crate) struct TokenRenewArgs {
    #[command(flatten)]
    pub(crate) ask: AskArgs,

    /// What the token service is sent: a request for a new token, or the old one to be renewed, if it still holds
    #[arg(long, value_name = "REQUEST", default_value = "issue")]
    pub(crate) with: RenewalRequest,

    /// Token file
    pub(crate) file: FileName,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum RenewalRequest {
    Issue,
    Renew,
}

#[derive(Args, Debug)]
pub(crate) struct TokenForgetArgs {
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// Token file
    pub(crate) file: FileName,
}

/// A claim; the first sign of equality parts URI and value, as the known URIs hold none.
fn claim(text: &str) -> Result<ClaimType, &'static str> {
    match text.split_once('=') {
        Some((_, "")) => Err("no value behind the sign of equality"),
        Some((uri, value)) => Ok(ClaimType::asserted(uri, value)),
        None => Ok(ClaimType::certified(text)),
    }
}

/// A length of time: numbers with their units, the larger first, such as `1h30m`.
fn lifetime(text: &str) -> Result<Duration, &'static str> {
    let form = "no length of time such as 90m, 8h or 1h30m";
    let (mut seconds, mut rest, mut last) = (0_u64, text, u64::MAX);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).ok_or(form)?;
        let number: u64 = rest[..end].parse().map_err(|_| form)?;
        let unit = match rest.as_bytes()[end] {
            b'h' => 3600,
            b'm' => 60,
            b's' => 1,
            _ => return Err(form),
        };
        if unit >= last {
            return Err(form);
        }
        seconds = number.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or(form)?;
        (rest, last) = (&rest[end + 1..], unit);
    }
    match Duration::from_secs(seconds) {
        _ if text.is_empty() => Err(form),
        length if (SHORTEST_LIFETIME..=LONGEST_LIFETIME).contains(&length) => Ok(length),
        _ => Err("it must be from one minute to 24 hours"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_numbers_with_units() {
        for (text, seconds) in [("60s", 60), ("90m", 5400), ("1h30m", 5400), ("24h", 86_400), ("1h1s", 3601)]
        {
            assert_eq!(lifetime(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for bad in ["", "8", "h", "8 h", "8H", "30m1h", "1h1h", "-1h", "1.5h", "1é", "99999999999999999999h"]
        {
            assert!(lifetime(bad).is_err_and(|told| told.starts_with("no length")), "{bad}");
        }
        for out_of_range in ["0s", "59s", "24h1s", "5000000000000000h"] {
            assert!(lifetime(out_of_range).is_err(), "{out_of_range}");
        }
    }

    #[test]
    fn a_claim_with_a_value_is_asserted() {
        assert_eq!(claim("urn:a=1=2"), Ok(ClaimType::asserted("urn:a", "1=2")));
        assert_eq!(claim("urn:a"), Ok(ClaimType::certified("urn:a")));
        assert!(claim("urn:a=").is_err());
    }
}
