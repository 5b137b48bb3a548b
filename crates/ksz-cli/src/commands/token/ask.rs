use super::time_left::in_words;
use crate::args::AskArgs;
use crate::commands::configuration;
use crate::credential::Credential;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::{FileName, Inputs};
use crate::output;
use ksz::client::{Clock, SystemClock, TokenProgress, TokenRequest};
use ksz::error::{mask_person_numbers, reason};
use ksz::sts::{Claims, VerifiedAssertion};
use ksz::transport::Service;
use ksz::{Client, Config, Identity};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Whoever asks the token service.
pub(super) struct Asking {
    client: Client,
    identification: Option<Identity>,
    now: Option<SystemTime>,
}

/// The clock of `--now`, which stands still.
struct Standing(SystemTime);

impl Clock for Standing {
    fn now(&self) -> SystemTime {
        self.0
    }
}

/// The configuration, and its file.
pub(super) fn configured<'a>(args: &'a AskArgs, inputs: &Inputs) -> Result<(Config, &'a FileName), Error> {
    let file = args.config.as_ref().ok_or(Error::NoConfiguration)?;
    let config = configuration::read(file, inputs)?;
    Ok((args.channel.into_iter().fold(config, Config::through), file))
}

impl Asking {
    pub(super) fn new(args: &AskArgs, config: Config, inputs: &Inputs) -> Result<Self, Error> {
        // What is asked for goes into a file, not into a session.
        let mut builder = config.into_builder().without_session_store();
        if let Some(now) = args.now {
            builder = builder.clock(Arc::new(Standing(now)));
        }
        let identification = args.identification.as_ref().map(|file| {
            let (password_env, alias) = (args.password_env.as_deref(), args.alias.as_deref());
            Credential { file, certificate: None, password_env, alias }.identity(inputs)
        });
        Ok(Self { identification: identification.transpose()?, client: builder.build()?, now: args.now })
    }

    pub(super) fn now(&self) -> SystemTime {
        self.now.unwrap_or_else(|| SystemClock.now())
    }

    /// Asks for a token, or has one renewed, and tells each step on standard error.
    pub(super) async fn ask(
        &self,
        claims: Claims,
        lifetime: Option<Duration>,
        renewed: Option<&VerifiedAssertion>,
    ) -> Result<VerifiedAssertion, Error> {
        let refused = |error: ksz::Error| Error::NoToken { error: Box::new(error) };
        let url = self.client.endpoint(Service::EhealthSts).map_err(refused)?;
        let number = match claims.iter().count() {
            1 => "1 claim".to_owned(),
            several => format!("{several} claims"),
        };
        let length = lifetime.map(|length| format!(", for {}", in_words(length))).unwrap_or_default();
        let mut request = TokenRequest::new(&self.client, claims);
        if let Some(lifetime) = lifetime {
            request = request.lifetime(lifetime);
        }
        if let Some(renewed) = renewed {
            request = request.renewing(renewed);
        }
        if let Some(identification) = &self.identification {
            request = request.identification(identification);
        }
        let token = request.send(|progress| {
            output::progress(&match progress {
                TokenProgress::Doubtful(warning) => mask_person_numbers(&format!("warning: {warning}")),
                TokenProgress::Asking => format!("asking {url}: {number}{length}"),
                _ => "answering its challenge".to_owned(),
            });
        });
        let token = token.await.map_err(refused)?;
        let until = token.conditions().not_on_or_after();
        let left = until.duration_since(self.now()).unwrap_or_default();
        output::progress(&format!("a token until {}, {} from now", output::instant(until), in_words(left)));
        Ok(token)
    }
}

/// Tells a program why the token service, or what it sent, was refused. Other failures are left to `main`.
pub(super) fn refused(error: Error, json: bool) -> Result<Exit, Error> {
    let Error::NoToken { error: inner } = &error else { return Err(error) };
    if json && Exit::of(error.kind()) == Exit::Refused {
        output::json(&refusal(inner))?;
    }
    Err(error)
}

fn refusal(error: &ksz::Error) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, text: &str| object.insert(name.into(), mask_person_numbers(text).into());
    put("result", "refused");
    put("reason", &reason(error));
    put("message", &error.to_string());
    put("remedy", &ksz::client::remedy(error));
    if let Some(fault) = error.fault() {
        put("code", fault.service_code());
        if let Some(ticket) = fault.ticket() {
            put("ticket", ticket);
        }
    }
    object.into()
}
