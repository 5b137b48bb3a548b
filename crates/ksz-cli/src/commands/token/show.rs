use super::authentic::Authentic;
use super::file;
use super::report::Report;
use crate::args::TokenShowArgs;
use crate::commands::configuration;
use crate::commands::verify::trust;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::Inputs;
use crate::output;
use ksz::client::{Clock, SystemClock};
use ksz::error::{Class, mask_person_numbers, reason};
use ksz::pki::Backend;
use ksz::sts::names::EHEALTH_ISSUER;
use ksz::sts::{self, AssertionTrust};
use serde_json::json;

/// Verifies a token and tells what it says; of one that is not verified, nothing but why.
pub(super) fn run(args: &TokenShowArgs, inputs: &Inputs) -> Result<Exit, Error> {
    let now = args.now.unwrap_or_else(|| SystemClock.now());
    let trust = trust(args, inputs)?;
    let octets = file::read(&args.file, inputs)?;
    let Some(trust) = trust else {
        let message = "name the certificates of the token service with --config or --sts-anchor";
        return not_verified(args, Class::Trust, "NoAnchor", message);
    };
    let verified = str::from_utf8(&octets)
        .map_err(|error| sts::Error::from(ksz::xml::Error::NotUtf8 { offset: error.valid_up_to() }))
        .and_then(|text| Authentic::verify(text, &trust, now));
    let Authentic { assertion, not_now } = match verified {
        Ok(verified) => verified,
        Err(error) => return not_verified(args, error.class(), &reason(&error), &told(&error)),
    };
    if args.raw {
        output::octets(assertion.token().as_xml().as_bytes())?;
    } else {
        Report::verified(&args.file, &assertion, not_now.as_ref(), now).print(args.json)?;
    }
    match not_now {
        None => Ok(Exit::Done),
        Some(refusal) => {
            output::failure(&format!("{}: {refusal} [{}]", args.file, refusal.class()));
            Ok(Exit::Refused)
        }
    }
}

/// Whose tokens are believed, if anybody's.
fn trust(args: &TokenShowArgs, inputs: &Inputs) -> Result<Option<AssertionTrust>, Error> {
    let trust = match &args.config {
        Some(file) => {
            let needed = "ehealth.sts_certificates";
            let config = configuration::read(file, inputs)?;
            config.assertion_trust().cloned().ok_or(ksz::Error::NotConfigured { needed })?
        }
        None if args.sts_anchor.is_empty() => return Ok(None),
        None => {
            let (certificates, keys) = trust::token_service(&args.sts_anchor, inputs)?;
            AssertionTrust::new(EHEALTH_ISSUER, certificates, Backend::default()).with_keys(keys)
        }
    };
    Ok(Some(args.audience.iter().fold(trust, |trust, audience| trust.with_audience(audience))))
}

/// What a refusal says, and where it may come from.
fn told(error: &sts::Error) -> String {
    let message = mask_person_numbers(&error.to_string());
    match error {
        sts::Error::SignerNotPinned => {
            format!("{message}: it may be of another environment, or the certificate was replaced")
        }
        _ => message,
    }
}

fn not_verified(args: &TokenShowArgs, class: Class, reason: &str, message: &str) -> Result<Exit, Error> {
    if args.json {
        output::json(&json!({
            "result": "rejected",
            "error": class.as_str(),
            "reason": reason,
            "message": message,
        }))?;
    }
    output::failure(&format!("{}: not verified: {message} [{class}]", args.file));
    Ok(Exit::Refused)
}
