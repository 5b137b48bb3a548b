mod package;
pub(super) mod report;
pub(super) mod trust;

use crate::args::{ChainFiles, VerifyArgs, VerifyProfile};
use crate::error::Error;
use crate::exit::Exit;
use crate::input::{FileName, Inputs};
use crate::output;
use ksz::client::{Clock, FileReplayGuard, SystemClock};
use ksz::error::{Kind, mask_person_numbers, reason};
use ksz::pki::{Certificate, PublicKey, TrustStore};
use ksz::sts::{self, AssertionTrust, VerifiedAssertion};
use ksz::wss::{self, Policy, Replay};
use ksz::xml::{Document, Element};
use report::Accepted;
use serde_json::json;
use std::time::SystemTime;

/// Verifies a message, and says what is verified or which rule was broken.
pub(crate) fn run(args: &VerifyArgs, inputs: &Inputs) -> Result<Exit, Error> {
    match verify(args, inputs) {
        Ok(accepted) if args.json => output::json(&accepted.object())?,
        Ok(accepted) => output::text(&accepted)?,
        Err(Failure::Refused(error)) => return refused(args, &error),
        Err(Failure::NotVerified(error)) => return Err(error),
    }
    Ok(Exit::Done)
}

/// Says which rule was broken, and nothing of what the message holds.
fn refused(args: &VerifyArgs, error: &sts::Error) -> Result<Exit, Error> {
    let (class, message) = (error.class(), mask_person_numbers(&error.to_string()));
    // A guard that cannot remember says nothing of the message.
    let failed = error.kind() == Kind::Transport;
    if args.json && !failed {
        output::json(&json!({
            "result": "rejected",
            "error": class.as_str(),
            "reason": reason(error),
            "message": message,
        }))?;
    }
    output::failure(&format!("{}: {message} [{class}]", args.file));
    // What a message asks for and we do not do is a refusal of the message, not of our caller.
    Ok(if failed { Exit::Failed } else { Exit::Refused })
}

/// Why there is nothing to read.
enum Failure {
    /// The message was refused.
    Refused(sts::Error),
    /// It did not come so far.
    NotVerified(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::NotVerified(error)
    }
}

impl<E: Into<sts::Error>> From<Refused<E>> for Failure {
    fn from(Refused(error): Refused<E>) -> Self {
        Self::Refused(error.into())
    }
}

/// Marks an error as a refusal of the message.
struct Refused<E>(E);

fn verify(args: &VerifyArgs, inputs: &Inputs) -> Result<Accepted, Failure> {
    require_anchor(args.chain())?;
    tell_checks_not_made(args);
    let reader = if package::has_parts(&args.content_type) {
        Some(package::reader(&args.content_type)?)
    } else {
        require_xml(&args.content_type)?;
        None
    };
    let verifier = Verifier::new(args, inputs)?;
    let cache = args.replay_cache.as_ref().filter(|_| args.profile != VerifyProfile::Rstr);
    let guard = cache.map(replay_guard).transpose()?;
    let replay = guard.as_ref().map_or(Replay::NotChecked, |guard| Replay::Guarded(guard));
    let now = || args.now.unwrap_or_else(|| SystemClock.now());
    if let Some(reader) = reader {
        let package = package::read(reader, &args.file, inputs)?;
        return verifier.verify_package(package, replay, now());
    }
    let message = inputs.read_message(&args.file).map_err(|error| match error {
        Error::Xml { error, .. } => Refused(error).into(),
        other => Failure::NotVerified(other),
    })?;
    Ok(verifier.verify(&message, replay, now()).map_err(Refused)?)
}

/// The guard of a file that `--replay-cache` names.
fn replay_guard(file: &FileName) -> Result<FileReplayGuard, Error> {
    let not = |detail: &str| Error::NotReplayCache { file: file.clone(), detail: detail.into() };
    let path = file.path().ok_or_else(|| not("it is written to"))?;
    FileReplayGuard::open(path, FileReplayGuard::CAPACITY).map_err(|error| match error {
        ksz::client::Error::NotReplayFile { detail, .. } => not(&detail),
        ksz::client::Error::ReplayFile { why, .. } => Error::Unwritable { file: file.clone(), why },
        other => other.into(),
    })
}

/// Says on standard error which flags have no meaning for the profile, so that nobody relies on a check that is not made.
///
/// They are no misuse: a program may give the same flags for every profile.
fn tell_checks_not_made(args: &VerifyArgs) {
    use VerifyProfile::{Rstr, SamlHok, X509};
    let profile = args.profile.as_str();
    let flags: [(&str, bool, &[VerifyProfile]); 6] = [
        ("--sts-anchor", !args.sts_anchor.is_empty(), &[SamlHok, Rstr]),
        ("--context", args.context.is_some(), &[Rstr]),
        ("--own-cert", args.own_cert.is_some(), &[Rstr]),
        ("--audience", args.audience.is_some(), &[SamlHok, Rstr]),
        ("--str-transform", args.str_transform, &[X509]),
        ("--replay-cache", args.replay_cache.is_some(), &[X509, SamlHok]),
    ];
    for (flag, is_given, profiles) in flags {
        if is_given && !profiles.contains(&args.profile) {
            output::progress(&format!("{flag} is not looked at with --profile {profile}"));
        }
    }
}

/// Refuses what has no meaning without authorities to lead to.
pub(super) fn require_anchor(files: ChainFiles<'_>) -> Result<(), Error> {
    for (flag, is_given) in
        [("--intermediates", !files.intermediates.is_empty()), ("--crl", !files.crl.is_empty())]
    {
        if is_given && files.anchor.is_empty() {
            return Err(Error::FlagAlone { flag, needed: "--anchor" });
        }
    }
    Ok(())
}

/// Refuses media types of one part other than that of SOAP 1.1, and text in another encoding than UTF-8.
fn require_xml(content_type: &str) -> Result<(), Failure> {
    let mut parameters = content_type.split(';').map(str::trim);
    if !parameters.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("text/xml")) {
        return Err(Error::ContentTypeNotSupported { content_type: content_type.into() }.into());
    }
    let charset = parameters.filter_map(|parameter| parameter.split_once('='));
    let mut charset = charset.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    match charset.find(|(_, value)| !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")) {
        Some((_, value)) => {
            Err(Refused(ksz::xml::Error::EncodingNotAccepted { encoding: value.trim().into() }).into())
        }
        None => Ok(()),
    }
}

/// Who is believed, as far as it is known before the message is read.
pub(super) enum Verifier<'a> {
    X509 {
        signers: TrustStore,
        policy: Policy,
    },
    SamlHok {
        assertions: AssertionTrust,
        holders: Option<TrustStore>,
    },
    Rstr {
        assertions: AssertionTrust,
        holders: Option<TrustStore>,
        context: Option<&'a str>,
        holder: Option<Certificate>,
    },
}

impl<'a> Verifier<'a> {
    pub(super) fn new(args: &'a VerifyArgs, inputs: &Inputs) -> Result<Self, Error> {
        Ok(match args.profile {
            VerifyProfile::X509 => {
                let mut policy = Policy::default();
                policy.str_transform = args.str_transform;
                Self::X509 { signers: trust::signers(args.chain(), inputs)?, policy }
            }
            VerifyProfile::SamlHok => Self::SamlHok {
                assertions: trust::assertions(args, &args.sts_anchor, inputs)?,
                holders: trust::holders(args.chain(), inputs)?,
            },
            VerifyProfile::Rstr => {
                let (pinned, holders) = match (args.sts_anchor.as_slice(), args.anchor.as_slice()) {
                    ([], []) => return Err(Error::FlagMissing { flag: "--sts-anchor", profile: "rstr" }),
                    ([], anchors) => (anchors, None),
                    (pinned, _) => (pinned, trust::holders(args.chain(), inputs)?),
                };
                Self::Rstr {
                    assertions: trust::assertions(args, pinned, inputs)?,
                    holders,
                    context: args.context.as_deref(),
                    holder: trust::own_certificate(args.own_cert.as_ref(), inputs)?,
                }
            }
        })
    }

    /// Why the message is refused, if it is.
    pub(super) fn refusal(&self, message: &[u8], now: SystemTime) -> Option<sts::Error> {
        self.verify(message, Replay::NotChecked, now).err()
    }

    fn verify(&self, message: &[u8], replay: Replay<'_>, now: SystemTime) -> Result<Accepted, sts::Error> {
        let policy = Policy::default();
        match self {
            Self::X509 { signers, policy } => {
                Accepted::from_certificate(&wss::verify_x509(message, signers, policy, replay, now)?)
            }
            Self::SamlHok { assertions, holders } => {
                let verified =
                    wss::verify_holder_of_key(message, &policy, replay, now, |document, element| {
                        confirm(document, element, assertions, holders.as_ref(), now)
                    })?;
                Accepted::from_holder(&verified)
            }
            Self::Rstr { assertions, holders, context, holder } => {
                let holder = holder.as_ref();
                let assertion =
                    sts::verify_token_response(message, *context, holder, assertions, &policy, now)?;
                if let Some(holders) = holders {
                    holders.accept(assertion.holder(), now)?;
                }
                Accepted::from_token_service(&assertion)
            }
        }
    }
}

/// Verifies the assertion of a message, and its holder's certificate if there are authorities for it.
fn confirm(
    document: &Document<'_>,
    element: Element<'_>,
    assertions: &AssertionTrust,
    holders: Option<&TrustStore>,
    now: SystemTime,
) -> Result<(VerifiedAssertion, PublicKey), sts::Error> {
    let assertion = VerifiedAssertion::verify(document, element, assertions, &Policy::default(), now)?;
    if let Some(holders) = holders {
        holders.accept(assertion.holder(), now)?;
    }
    let key = assertion.holder_key().clone();
    Ok((assertion, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_soap_1_1_in_utf_8_is_read() {
        for good in ["text/xml", "Text/XML; charset=\"UTF-8\"", "text/xml;charset=utf-8;action=\"a\""] {
            assert!(require_xml(good).is_ok(), "{good}");
        }
        for unsupported in ["multipart/related; type=\"text/xml\"", "application/soap+xml", "", "text/xmlx"] {
            let refusal = require_xml(unsupported);
            assert!(
                matches!(refusal, Err(Failure::NotVerified(Error::ContentTypeNotSupported { .. }))),
                "{unsupported}"
            );
        }
        for refused in ["text/xml; charset=utf-16", "text/xml; charset=utf-8; charset=iso-8859-1"] {
            assert!(matches!(require_xml(refused), Err(Failure::Refused(_))), "{refused}");
        }
    }
}
