use super::ask::{self, Asking, configured};
use super::authentic::Authentic;
use super::file::{self, TokenFile};
use super::report::Report;
use crate::args::{LONGEST_LIFETIME, RenewalRequest, TokenRenewArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::input::Inputs;
use crate::output;
use ksz::Config;
use ksz::client::{Clock, SystemClock};
use ksz::sts::VerifiedAssertion;
use std::time::Duration;

/// Replaces a token by a new one about the same holder and claims.
pub(super) async fn run(args: &TokenRenewArgs, inputs: &Inputs) -> Result<Exit, Error> {
    let place = TokenFile::existing(&args.file)?;
    let (config, _) = configured(&args.ask, inputs)?;
    let old = old_token(args, &config, inputs)?;
    let claims = old.claims().map_err(|error| Error::Claims { error: Box::new(error) })?;
    let lifetime = args.ask.lifetime.or_else(|| length_of(&old));
    let renewed = match args.with {
        RenewalRequest::Issue => None,
        RenewalRequest::Renew => Some(&old),
    };
    let asking = Asking::new(&args.ask, config, inputs)?;
    let token = match asking.ask(claims, lifetime, renewed).await {
        Ok(token) => token,
        Err(error) => return ask::refused(error, args.ask.json),
    };
    place.write(token.token())?;
    Report::written(&args.file, &token, asking.now()).print(args.ask.json)?;
    Ok(Exit::Done)
}

/// The token to be renewed. It may be over, but it must be the token service's, and ours.
fn old_token(args: &TokenRenewArgs, config: &Config, inputs: &Inputs) -> Result<VerifiedAssertion, Error> {
    let needed = "ehealth.sts_certificates";
    let trust = config.assertion_trust().ok_or(ksz::Error::NotConfigured { needed })?;
    let needed = "ehealth.identity";
    let own = config.ehealth_identity().ok_or(ksz::Error::NotConfigured { needed })?.certificate();
    let octets = file::read(&args.file, inputs)?;
    let text = str::from_utf8(&octets)
        .map_err(|error| Error::NotText { file: args.file.clone(), offset: error.valid_up_to() })?;
    let now = args.ask.now.unwrap_or_else(|| SystemClock.now());
    let old = Authentic::verify(text, trust, now)
        .map_err(|error| Error::NotVerified { file: args.file.clone(), error: Box::new(error) })?;
    if let Some(over) = &old.not_now {
        output::progress(&format!("{}: {over}", args.file));
    }
    if old.assertion.holder().spki_der() != own.spki_der() {
        return Err(Error::OtherHolder {
            file: args.file.clone(),
            found: old.assertion.holder().display_subject(),
            own: own.display_subject(),
        });
    }
    Ok(old.assertion)
}

/// For how long a token was issued.
fn length_of(token: &VerifiedAssertion) -> Option<Duration> {
    let length = token.conditions().not_on_or_after().duration_since(token.issue_instant()).ok()?;
    Some(Duration::from_secs(length.as_secs()).min(LONGEST_LIFETIME)).filter(|length| !length.is_zero())
}
