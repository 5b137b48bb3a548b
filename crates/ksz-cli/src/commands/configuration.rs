use crate::error::Error;
use crate::input::{FileName, Inputs};
use ksz::Config;
use std::path::Path;
use zeroize::Zeroizing;

/// The largest configuration that is read, in octets.
const LARGEST: usize = 1024 * 1024;

/// The configuration of a file, which may hold private keys.
pub(super) fn read(file: &FileName, inputs: &Inputs) -> Result<Config, Error> {
    Ok(Config::from_toml(&text(file, inputs)?, path(file))?)
}

/// The text of a TOML file.
pub(super) fn text(file: &FileName, inputs: &Inputs) -> Result<Zeroizing<String>, Error> {
    let octets = Zeroizing::new(inputs.read_up_to(file, LARGEST)?);
    let text = str::from_utf8(&octets)
        .map_err(|error| Error::NotText { file: file.clone(), offset: error.valid_up_to() })?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Where a TOML file lies, or is said to lie.
pub(super) fn path(file: &FileName) -> &Path {
    file.path().unwrap_or(Path::new("standard input"))
}
