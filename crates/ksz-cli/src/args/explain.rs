//! The command line of `ksz explain`.

use super::{ChainFiles, VerifyProfile, instant};
use crate::input::FileName;
use clap::Args;
use ksz::Environment;
use std::time::SystemTime;

pub(crate) const EXPLAIN_EXIT_CODES: &str = "\
Exit codes: 0 nothing was found, 3 something was; the others as for every command.

Only what is given is judged: without --anchor no certificate, without --sts-anchor no assertion's
signer. Nothing that is told was verified; use verify for that.";

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// What the message should be: signed with a certificate, by the holder of an assertion, or the token
    /// service's answer
    #[arg(long)]
    pub(crate) profile: VerifyProfile,

    /// File of authorities, in PEM or one in DER, to which the certificate of the signer must lead, or of such
    /// certificates themselves; may be repeated
    #[arg(long, value_name = "PEM")]
    pub(crate) anchor: Vec<FileName>,

    /// File of authorities that may stand between, in PEM or one in DER; may be repeated. With --anchor
    #[arg(long, value_name = "PEM")]
    pub(crate) intermediates: Vec<FileName>,

    /// File of the token service's own certificates, in PEM or one in DER, or PEM file of its public key; may be
    /// repeated. For saml-hok and rstr
    #[arg(long, value_name = "PEM")]
    pub(crate) sts_anchor: Vec<FileName>,

    /// Certificate revocation lists, PEM or DER; may be repeated. With --anchor
    #[arg(long, value_name = "FILE")]
    pub(crate) crl: Vec<FileName>,

    /// The instant at which the message was received, in RFC 3339 [default: the clock]
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    pub(crate) now: Option<SystemTime>,

    /// Media type with which the message is sent
    #[arg(long, value_name = "TYPE", default_value = "text/xml; charset=utf-8")]
    pub(crate) content_type: String,

    /// Context of the request that a token response must answer; for rstr
    #[arg(long, value_name = "ID")]
    pub(crate) context: Option<String>,

    /// Who the receiver is, where an assertion says whom it is for; for saml-hok and rstr
    #[arg(long, value_name = "URI")]
    pub(crate) audience: Option<String>,

    /// Our own certificate: whether its key has signed is looked for; for rstr, the one that the token must
    /// confirm
    #[arg(long, value_name = "PEM")]
    pub(crate) own_cert: Option<FileName>,

    /// A token may be signed through its reference in KeyInfo, with the STR-Transform; for x509
    #[arg(long)]
    pub(crate) str_transform: bool,

    /// Taken for the sake of verify's flags; no message is remembered
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) replay_cache: Option<FileName>,

    /// The answer that came back: an envelope with a fault, or a fault
    #[arg(long, value_name = "FILE")]
    pub(crate) fault: Option<FileName>,

    /// The SOAPAction with which the message is sent
    #[arg(long, value_name = "TEXT")]
    pub(crate) soap_action: Option<String>,

    /// The message as it was when it was signed, before anything else touched it
    #[arg(long, value_name = "FILE")]
    pub(crate) original: Option<FileName>,

    /// Environment that is called: sim, test, acceptance or production
    #[arg(long, value_name = "ENV")]
    pub(crate) env: Option<Environment>,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// Message to explain; - is standard input
    pub(crate) file: FileName,
}

impl ExplainArgs {
    /// The files by which a signer's certificate is judged.
    pub(crate) fn chain(&self) -> ChainFiles<'_> {
        ChainFiles { anchor: &self.anchor, intermediates: &self.intermediates, crl: &self.crl }
    }
}
