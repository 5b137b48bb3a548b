use crate::args::SimArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{self, Table};
use ksz_sim::{Options, Simulator};
use std::fs;
use std::io;
use std::path::Path;

const CONFIGURATION: &str = "ksz.toml";

/// Runs the simulator until it is interrupted.
pub(crate) async fn run(args: &SimArgs) -> Result<Exit, Error> {
    let found = Found::in_folder(&args.dir)?;
    let options = args.port_base.map_or_else(Options::default, |first| Options::default().port_base(first));
    let simulator = Simulator::start(options).await?;
    let configuration = simulator.write_to(&args.dir)?;

    let addresses = simulator.addresses();
    let mut table = Table::new(["SERVICE", "ADDRESS"]);
    for (service, address) in [
        ("ksz-soap", addresses.ksz_soap),
        ("ksz-rest", addresses.ksz_rest),
        ("ehealth", addresses.ehealth),
        ("oauth", addresses.oauth),
    ] {
        table.push([service.into(), format!("https://{address}")]);
    }
    let replaced = match found {
        Found::Nothing => "",
        Found::EarlierSimulator => " (replaced an earlier simulator's)",
    };
    output::text(&format!("{table}\nconfiguration: {}{replaced}", configuration.display()))?;
    output::progress("the simulator runs until Ctrl-C");
    tokio::signal::ctrl_c().await.map_err(|error| Error::NoRuntime { why: error.kind() })?;
    Ok(Exit::Done)
}

/// What stands in a folder before the simulator writes to it.
#[derive(Debug, Eq, PartialEq)]
enum Found {
    Nothing,
    EarlierSimulator,
}

impl Found {
    /// Refuses a folder with files of somebody else's: those of the simulator's names would be replaced.
    fn in_folder(folder: &Path) -> Result<Self, Error> {
        let refuse = |error: io::Error| Error::Folder { folder: folder.to_owned(), why: error.kind() };
        let mut entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Nothing),
            Err(error) => return Err(refuse(error)),
        };
        if entries.next().transpose().map_err(refuse)?.is_none() {
            return Ok(Self::Nothing);
        }
        let configuration = fs::read_to_string(folder.join(CONFIGURATION)).unwrap_or_default();
        if configuration.lines().any(|line| line == "environment = \"sim\"") {
            Ok(Self::EarlierSimulator)
        } else {
            Err(Error::FolderNotEmpty { folder: folder.to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_somebody_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let found = || Found::in_folder(folder.path());
        let refusal = || Err(Error::FolderNotEmpty { folder: folder.path().to_owned() });

        assert_eq!(Found::in_folder(&folder.path().join("new")), Ok(Found::Nothing));
        assert_eq!(found(), Ok(Found::Nothing));
        fs::write(folder.path().join("thesis.txt"), "").unwrap();
        assert_eq!(found(), refusal());
        fs::write(folder.path().join(CONFIGURATION), "environment = \"production\"\n").unwrap();
        assert_eq!(found(), refusal());
        fs::write(folder.path().join(CONFIGURATION), "environment = \"sim\"\n[tls]\n").unwrap();
        assert_eq!(found(), Ok(Found::EarlierSimulator));
    }
}
