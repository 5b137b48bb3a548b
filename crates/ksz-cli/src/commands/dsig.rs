mod report;
mod sign;
mod verify;

use crate::args::DsigCommand;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::Inputs;

/// Signs a document that is no message, or verifies one.
pub(super) fn run(command: &DsigCommand, inputs: &Inputs) -> Result<Exit, Error> {
    match command {
        DsigCommand::Sign(args) => sign::run(args, inputs),
        DsigCommand::Verify(args) => verify::run(args, inputs),
    }
}
