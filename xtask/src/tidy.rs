//! What no compiler checks: arrows between crates, cores without IO, style, links.
//!
//! Every rule is a function over a [`Tree`], so that its tests need no files. Only the resolved dependencies
//! of the cores are asked of cargo.

mod arrows;
mod blank;
mod source;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::error::Error;
use crate::process;

/// The repository in memory, by paths from its root.
#[derive(Debug, Default)]
struct Tree {
    /// The files that hold text.
    texts: BTreeMap<String, String>,
    /// Every file and folder.
    paths: BTreeSet<String>,
}

/// Prints one line per violation.
pub(crate) fn run() -> Result<(), Error> {
    let mut tree = Tree::default();
    tree.read(process::root(), "")?;
    let mut violations = arrows::violations(&tree)?;
    for core in arrows::CORES {
        if tree.paths.contains(&format!("crates/{core}")) {
            violations.extend(arrows::reached(core, &resolved(core)?));
        }
    }
    violations.extend(source::violations(&tree));
    violations.extend(texts::violations(&tree));
    if violations.is_empty() {
        println!("tidy: {} texts, no violation", tree.texts.len());
        return Ok(());
    }
    for violation in &violations {
        println!("{violation}");
    }
    Err(Error::Violations(violations.len()))
}

/// Every crate that `core` is built with on any platform, one per line.
fn resolved(core: &str) -> Result<String, Error> {
    let options = "-e normal --all-features --target all --prefix none --locked";
    process::stdout(process::cargo(["tree", "--package", core]).args(options.split(' ')))
}

impl Tree {
    fn read(&mut self, folder: &Path, prefix: &str) -> Result<(), Error> {
        let io = || Error::io(folder.display().to_string());
        for entry in fs::read_dir(folder).map_err(io())? {
            let entry = entry.map_err(io())?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            if entry.path().is_dir() {
                if name != ".git" && name != "target" {
                    self.read(&entry.path(), &format!("{path}/"))?;
                    self.paths.insert(path);
                }
                continue;
            }
            if let Ok(text) = String::from_utf8(fs::read(entry.path()).map_err(Error::io(path.as_str()))?) {
                self.texts.insert(path.clone(), text);
            }
            self.paths.insert(path);
        }
        Ok(())
    }

    /// The texts whose path ends like this.
    fn ending<'t>(&'t self, end: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.texts.iter().filter(move |(path, _)| path.ends_with(end)).map(|(p, t)| (p.as_str(), t.as_str()))
    }

    #[cfg(test)]
    fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.texts.insert((*path).into(), (*text).into());
            for (end, _) in path.match_indices('/') {
                tree.paths.insert(path[..end].into());
            }
            tree.paths.insert((*path).into());
        }
        tree
    }
}
