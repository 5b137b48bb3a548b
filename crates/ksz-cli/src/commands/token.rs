//! Tokens of the eHealth platform's token service, kept in files.

mod ask;
mod authentic;
mod file;
mod forget;
mod get;
mod renew;
mod report;
mod show;
mod time_left;

use super::in_runtime;
use crate::args::SamlCommand;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::Inputs;

pub(super) fn run(command: &SamlCommand, inputs: &Inputs) -> Result<Exit, Error> {
    match command {
        SamlCommand::Get(args) => in_runtime(get::run(args, inputs)),
        SamlCommand::Show(args) => show::run(args, inputs),
        SamlCommand::Renew(args) => in_runtime(renew::run(args, inputs)),
        SamlCommand::Forget(args) => forget::run(args),
    }
}
