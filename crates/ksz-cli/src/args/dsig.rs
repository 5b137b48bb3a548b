//! The command line of `ksz dsig`.

use crate::input::FileName;
use clap::{Args, Subcommand, ValueEnum};
use ksz::xmldsig::{DigestMethod, SignatureMethod, names};
use std::path::PathBuf;

const VERIFY_EXIT_CODES: &str = "\
Exit codes: 0 valid, 1 failed in reading or writing, 2 misuse, 3 invalid, 4 not supported and so not
judged.

A valid signature says that the owner of the key signed what is listed as covered. Whose key it is,
and whether a certificate around it is valid or trusted, is not looked at.";

#[derive(Debug, Subcommand)]
pub(crate) enum DsigCommand {
    /// Sign a document or elements of it; the signed document goes to standard output
    Sign(Box<DsigSignArgs>),
    /// Verify the signature of a document, and say what it covers
    #[command(after_help = VERIFY_EXIT_CODES)]
    Verify(DsigVerifyArgs),
}

#[derive(Args, Debug)]
pub(crate) struct DsigSignArgs {
    /// File of the private key, and of its certificates for --x509: PEM, encrypted or not, or a PKCS#12 store
    #[arg(long, value_name = "FILE")]
    pub(crate) key: FileName,

    /// Environment variable with the password of that file
    #[arg(long, value_name = "NAME")]
    pub(crate) password_env: Option<String>,

    /// Entry of a PKCS#12 store [default: authentication, or the only one that may sign]
    #[arg(long, value_name = "ALIAS")]
    pub(crate) alias: Option<String>,

    /// Where the signature stands: in what it signs, around it, or beside it in the same document
    #[arg(long = "type", value_name = "TYPE", default_value = "enveloped")]
    pub(crate) form: SignatureForm,

    /// Identifier of the element to sign. For enveloped, without it the whole document is signed; for
    /// detached, it is needed and may be repeated
    #[arg(long, value_name = "ID")]
    pub(crate) reference: Vec<String>,

    /// How references are digested [default: as the signature is]
    #[arg(long)]
    pub(crate) digest: Option<Digest>,

    /// Identifier of the signature method, or its short name, such as rsa-sha512 or rsa-pss-sha256 [default:
    /// rsa-sha256 or ecdsa-sha256, after the key]
    #[arg(long, value_name = "URI")]
    pub(crate) algorithm: Option<String>,

    /// Identifier of the canonicalization: Canonical XML 1.0, 1.1 or exclusive, each also with comments
    #[arg(long, value_name = "URI", default_value = names::EXCLUSIVE_C14N)]
    pub(crate) canonicalization: String,

    /// Put the certificates into the signature (X509Data)
    #[arg(long)]
    pub(crate) x509: bool,

    /// Certificate of the key and its issuers, in PEM or DER, where the key's file holds the key alone
    #[arg(long, value_name = "FILE", requires = "x509")]
    pub(crate) certificate: Option<FileName>,

    /// Identifier that the signature gets
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,

    /// Identifier that the object around the document gets; for enveloping
    #[arg(long, value_name = "ID", default_value = "object")]
    pub(crate) object_id: String,

    /// XML document; - is standard input
    pub(crate) file: FileName,
}

#[derive(Args, Debug)]
pub(crate) struct DsigVerifyArgs {
    /// PEM file of the key that must have signed: a public key, a certificate, or the private key. A key in
    /// the document is not looked at
    #[arg(long, value_name = "FILE")]
    pub(crate) key: FileName,

    /// Identifier of the signature, if there are several
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,

    /// Folder for the octets that are covered, a new file for each reference
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// XML document; - is standard input
    pub(crate) file: FileName,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum SignatureForm {
    Enveloped,
    Enveloping,
    Detached,
}

impl SignatureForm {
    /// The name on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Enveloped => "enveloped",
            Self::Enveloping => "enveloping",
            Self::Detached => "detached",
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

impl From<Digest> for DigestMethod {
    fn from(digest: Digest) -> Self {
        match digest {
            Digest::Sha256 => Self::Sha256,
            Digest::Sha384 => Self::Sha384,
            Digest::Sha512 => Self::Sha512,
        }
    }
}

/// The short names of the signature methods.
pub(crate) const SIGNATURE_METHODS: [(&str, SignatureMethod); 7] = [
    ("rsa-sha256", SignatureMethod::RsaSha256),
    ("rsa-sha384", SignatureMethod::RsaSha384),
    ("rsa-sha512", SignatureMethod::RsaSha512),
    ("rsa-pss-sha256", SignatureMethod::RsaPssSha256),
    ("ecdsa-sha256", SignatureMethod::EcdsaSha256),
    ("ecdsa-sha384", SignatureMethod::EcdsaSha384),
    ("ecdsa-sha512", SignatureMethod::EcdsaSha512),
];

/// The signature method of an identifier or a short name.
pub(crate) fn signature_method(name: &str) -> Option<SignatureMethod> {
    let short = SIGNATURE_METHODS.into_iter().find(|(short, _)| *short == name);
    short.map(|(_, method)| method).or_else(|| SignatureMethod::from_uri(name).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_method_has_a_short_name_and_an_identifier() {
        for method in SignatureMethod::ALL {
            assert_eq!(signature_method(method.uri()), Some(method));
        }
        assert_eq!(SIGNATURE_METHODS.map(|(_, method)| method), SignatureMethod::ALL);
        assert_eq!(signature_method("rsa-pss-sha256"), Some(SignatureMethod::RsaPssSha256));
        for other in ["", "rsa-sha1", "hmac-sha256", "RSA-SHA256"] {
            assert_eq!(signature_method(other), None, "{other}");
        }
    }
}
