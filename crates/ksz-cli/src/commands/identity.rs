mod entry;

use self::entry::Entry;
use crate::args::IdentityShowArgs;
use crate::credential;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::{FileName, Inputs};
use crate::output::{self, one_line};
use ksz::client::{Clock, SystemClock};
use ksz::error::reason;
use ksz::pki::{self, ChoiceReason, KeyEntry, KeyStore};
use serde_json::{Map, Value, json};
use std::fmt;

/// Tells what a file holds, and which key would sign.
pub(crate) fn show(args: &IdentityShowArgs, inputs: &Inputs) -> Result<Exit, Error> {
    let now = args.now.unwrap_or_else(|| SystemClock.now());
    let store = credential::open(&args.file, args.password_env.as_deref(), inputs)?;
    let chosen = store.choose();
    let is_chosen = |entry: &KeyEntry| {
        chosen.as_ref().ok().filter(|choice| std::ptr::eq(choice.entry, entry)).map(|choice| choice.reason)
    };
    let entries = store.entries().iter().map(|entry| Entry::new(entry, is_chosen(entry), now)).collect();
    let report = Report { file: &args.file, store: &store, entries, refusal: chosen.as_ref().err() };
    if args.json {
        output::json(&report.object())?;
    } else {
        output::text(&report)?;
    }
    Ok(if chosen.is_ok() { Exit::Done } else { Exit::Refused })
}

/// What is told of a file.
struct Report<'a> {
    file: &'a FileName,
    store: &'a KeyStore,
    entries: Vec<Entry<'a>>,
    refusal: Option<&'a pki::Error>,
}

impl Report<'_> {
    fn object(&self) -> Value {
        let mut object = Map::new();
        object.insert("file".into(), self.file.to_string().into());
        object.insert("form".into(), self.store.form().as_str().into());
        let chosen = self.entries.iter().find_map(|entry| Some((entry, entry.chosen()?)));
        match (chosen, self.refusal) {
            (Some((entry, why)), _) => {
                let chosen = json!({ "name": entry.name(), "reason": code(why), "message": in_words(why) });
                object.insert("chosen".into(), chosen);
            }
            (None, Some(refusal)) => {
                object.insert("chosen".into(), Value::Null);
                object.insert("reason".into(), reason(refusal).into());
                object.insert("message".into(), refusal.to_string().into());
            }
            (None, None) => {}
        }
        let entries: Vec<_> = self.entries.iter().map(Entry::object).collect();
        object.insert("entries".into(), entries.into());
        let others: Vec<_> = self.store.certificates().iter().map(entry::summary).collect();
        object.insert("other_certificates".into(), others.into());
        object.into()
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = one_line(&self.file.to_string());
        let keys = match self.entries.len() {
            0 => "no private key".to_owned(),
            1 => "one private key".to_owned(),
            number => format!("{number} private keys"),
        };
        write!(f, "{file}: {}, {keys}", self.store.form().as_str())?;
        if let Some(refusal) = self.refusal {
            write!(f, "\nno key would sign: {}", one_line(&refusal.to_string()))?;
        }
        for entry in &self.entries {
            write!(f, "\n\n{entry}")?;
        }
        if !self.store.certificates().is_empty() {
            f.write_str("\n\nother certificates:")?;
        }
        for certificate in self.store.certificates() {
            write!(f, "\n  {}", one_line(&certificate.display_subject()))?;
        }
        Ok(())
    }
}

const fn code(reason: ChoiceReason) -> &'static str {
    match reason {
        ChoiceReason::Alias => "alias",
        ChoiceReason::OnlyKey => "only-key",
        _ => "only-signing-key",
    }
}

const fn in_words(reason: ChoiceReason) -> &'static str {
    match reason {
        ChoiceReason::Alias => "its alias is that of the eHealth platform's signing key",
        ChoiceReason::OnlyKey => "there is no other key",
        _ => "no other certificate allows signing",
    }
}
