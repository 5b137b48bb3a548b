use super::ask::{self, Asking, configured};
use super::file::TokenFile;
use super::report::Report;
use crate::args::TokenGetArgs;
use crate::commands::configuration;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::Inputs;
use crate::output;
use ksz::Config;
use ksz::sts::Claims;
use std::io::{self, IsTerminal};

/// Asks for a token and writes it.
pub(super) async fn run(args: &TokenGetArgs, inputs: &Inputs) -> Result<Exit, Error> {
    let destination = Destination::new(args)?;
    let (config, file) = configured(&args.ask, inputs)?;
    let claims = match claims(args, inputs)? {
        named if !named.is_empty() => named,
        _ => config.claims().clone(),
    };
    if claims.is_empty() {
        return Err(Error::NoClaims { file: file.clone() });
    }
    let asking = Asking::new(&args.ask, config, inputs)?;
    let token = match asking.ask(claims, args.ask.lifetime, None).await {
        Ok(token) => token,
        Err(error) => return ask::refused(error, args.ask.json),
    };
    match destination {
        Destination::StandardOutput => output::octets(token.token().as_xml().as_bytes())?,
        Destination::File(file) => {
            file.write(token.token())?;
            Report::written(&args.output, &token, asking.now()).print(args.ask.json)?;
        }
    }
    Ok(Exit::Done)
}

/// Where the token goes.
enum Destination<'a> {
    StandardOutput,
    File(TokenFile<'a>),
}

impl<'a> Destination<'a> {
    /// Refuses what cannot be written to, before anybody is asked.
    fn new(args: &'a TokenGetArgs) -> Result<Self, Error> {
        match args.output.path() {
            Some(_) if args.raw => Err(Error::FlagAlone { flag: "--raw", needed: "--output -" }),
            Some(_) => Ok(Self::File(TokenFile::place(&args.output)?)),
            None if args.ask.json => Err(Error::StandardOutputTwice),
            None if !args.raw && io::stdout().is_terminal() => Err(Error::TokenToTerminal),
            None => Ok(Self::StandardOutput),
        }
    }
}

/// The claims that the command line names, those of a file first.
fn claims(args: &TokenGetArgs, inputs: &Inputs) -> Result<Claims, Error> {
    let mut claims = match &args.claims {
        Some(file) => {
            Config::claims_from_toml(&configuration::text(file, inputs)?, configuration::path(file))?
        }
        None => Claims::default(),
    };
    for claim in &args.claim {
        claims.insert(claim.clone()).map_err(|error| Error::Claims { error: Box::new(error) })?;
    }
    Ok(claims)
}
