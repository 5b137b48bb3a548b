use crate::args::EndpointsArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{self, Table};
use ksz::transport::{Certainty, Endpoint, Source, catalogue};
use serde_json::{Map, Value};
use std::fmt::Write;

/// Lists the catalogue with the source of each row.
pub(crate) fn run(args: &EndpointsArgs) -> Result<Exit, Error> {
    let rows: Vec<_> = catalogue()
        .iter()
        .filter(|row| args.env.is_empty() || args.env.contains(&row.environment()))
        .collect();
    if args.json {
        let rows: Vec<_> = rows.into_iter().map(object).collect();
        output::json(&serde_json::json!({ "endpoints": rows }))?;
    } else if rows.is_empty() {
        output::text(&"no rows: the simulator's endpoints stand in the ksz.toml that it writes")?;
    } else {
        output::text(&table(&rows))?;
    }
    Ok(Exit::Done)
}

fn object(row: &Endpoint) -> Value {
    let (host, port) = row.host_and_port();
    let mut object = Map::new();
    let mut put = |name: &str, value: Option<&str>| {
        object.extend(value.map(|value| (name.to_owned(), Value::from(value))));
    };
    put("service", Some(row.service().as_str()));
    put("environment", Some(row.environment().as_str()));
    put("channel", row.channel().map(|channel| channel.as_str()));
    put("address", Some(row.address()));
    put("host", Some(host));
    put("certainty", Some(row.certainty().as_str()));
    put("document", Some(row.source().document));
    put("note", Some(row.source().note));
    put("retired", row.service().retired());
    object.insert("port".into(), port.into());
    object.into()
}

/// The rows, then the sources that they name by number, then what is out of use.
fn table(rows: &[&Endpoint]) -> String {
    let mut sources: Vec<Source> = Vec::new();
    let mut table = Table::new(["SERVICE", "ENVIRONMENT", "CHANNEL", "ADDRESS", "SOURCE"]);
    for row in rows {
        let known = sources.iter().position(|source| *source == row.source());
        let number = known.unwrap_or_else(|| {
            sources.push(row.source());
            sources.len() - 1
        });
        let certainty = match row.certainty() {
            Certainty::Printed => String::new(),
            other => format!(", {}", other.as_str()),
        };
        table.push([
            row.service().to_string(),
            row.environment().to_string(),
            row.channel().map_or("any".into(), |channel| channel.to_string()),
            row.address().into(),
            format!("[{}]{certainty}", number + 1),
        ]);
    }
    let mut text = format!("{table}\n");
    for (index, source) in sources.iter().enumerate() {
        // Writing to a String does not fail.
        let _ = write!(text, "\n[{}] {}: {}", index + 1, source.document, source.note);
    }
    let mut retired: Vec<_> =
        rows.iter().filter_map(|row| Some((row.service(), row.service().retired()?))).collect();
    retired.dedup();
    for (service, why) in retired {
        let _ = write!(text, "\n{service}: {why}");
    }
    for (certainty, meaning) in [
        (Certainty::Corrected, "the document prints another address, by mistake"),
        (Certainty::ByConvention, "no document prints the address, it follows from its siblings"),
    ] {
        if rows.iter().any(|row| row.certainty() == certainty) {
            let _ = write!(text, "\n{}: {meaning}", certainty.as_str());
        }
    }
    text
}
