mod c14n;
mod configuration;
mod doctor;
mod dsig;
mod endpoints;
mod explain;
mod identity;
mod sign;
mod sim;
mod token;
mod verify;

use crate::args::{Arguments, Command, IdentityCommand, TokenCommand};
use crate::error::Error;
use crate::exit::Exit;
use crate::input::Inputs;

/// Does what the command line asks for.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let inputs = Inputs::default();
    match &arguments.command {
        Command::Doctor(args) => in_runtime(doctor::run(args, &inputs)),
        Command::C14n(args) => c14n::run(args, &inputs),
        Command::Dsig(command) => dsig::run(command, &inputs),
        Command::Sign(args) => sign::run(args, &inputs),
        Command::Verify(args) => verify::run(args, &inputs),
        Command::Explain(args) => explain::run(args, &inputs),
        Command::Identity(IdentityCommand::Show(args)) => identity::show(args, &inputs),
        Command::Token(TokenCommand::Saml(command)) => token::run(command, &inputs),
        Command::Endpoints(args) => endpoints::run(args),
        Command::Sim(args) => in_runtime(sim::run(args)),
    }
}

/// Runs a command that waits for the network. The others start no threads.
fn in_runtime(command: impl Future<Output = Result<Exit, Error>>) -> Result<Exit, Error> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Error::NoRuntime { why: error.kind() })?;
    runtime.block_on(command)
}
