use super::file::TokenFile;
use crate::args::TokenForgetArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;
use serde_json::json;

/// Overwrites and removes a token file, and says what is gone.
pub(super) fn run(args: &TokenForgetArgs) -> Result<Exit, Error> {
    let octets = TokenFile::forget(&args.file)?;
    if args.json {
        output::json(&json!({ "result": "removed", "file": args.file.to_string(), "octets": octets }))?;
    } else {
        let file = output::one_line(&args.file.to_string());
        output::text(&format!("{file}: a token of {octets} octets, overwritten and removed"))?;
    }
    Ok(Exit::Done)
}
