use crate::message::context;
use crate::{Failure, read};
use bergshamra::c14n::{C14nMode, canonicalize_doc};
use bergshamra::dsig::verify::verify_all;
use bergshamra::keys::loader::{load_hmac_key, load_spki_pem};
use bergshamra::xml::{NodeSet, XmlDocument, uppsala};
use bergshamra::{KeysManager, VerifyResult};
use std::fs;
use std::io::Write;

/// What the library says of the signatures of a file, verified with these keys and no others: public keys in PEM, or
/// secrets of a keyed hash.
pub(crate) fn verdict(file: &str, keys: &[&str]) -> Result<String, Failure> {
    let mut manager = KeysManager::new();
    for file in keys {
        let octets = fs::read(file).map_err(|error| format!("{file}: {error}"))?;
        let key =
            if octets.starts_with(b"-----BEGIN") { load_spki_pem(&octets) } else { load_hmac_key(&octets) };
        // A key that it cannot read is one that it cannot verify with.
        match key {
            Ok(key) => manager.add_key(key),
            Err(error) => return Ok(format!("error: {error}")),
        }
    }
    Ok(match verify_all(&context(manager), &read(file)?) {
        Ok(results) => {
            let refused = results.iter().find_map(|result| match result {
                VerifyResult::Valid { .. } => None,
                VerifyResult::Invalid { reason } => Some(reason),
            });
            refused.map_or_else(|| "valid".into(), |reason| format!("invalid: {reason}"))
        }
        Err(error) => format!("error: {error}"),
    })
}

/// Writes the canonical octets of a document, or of one element of it.
pub(crate) fn canonicalize(
    file: &str,
    algorithm: &str,
    prefixes: &str,
    apex: &[&str],
) -> Result<(), Failure> {
    let octets = fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    let document = uppsala::parse_bytes(&octets).map_err(|error| error.to_string())?;
    let mode = C14nMode::from_uri(algorithm).ok_or_else(|| format!("{algorithm}: unknown"))?;
    let apex = match apex {
        ["id", id] => {
            let ids = XmlDocument::parse_bytes(&octets).and_then(|ids| ids.build_id_map(&document));
            let found = ids.map_err(|error| error.to_string())?.get(*id).copied();
            Some(found.ok_or("no such element")?)
        }
        _ => None,
    };
    let nodes = apex.map(|apex| match mode.with_comments() {
        true => NodeSet::tree_with_comments(apex, &document),
        false => NodeSet::tree_without_comments(apex, &document),
    });
    let prefixes: Vec<&str> = prefixes.split_ascii_whitespace().collect();
    let octets =
        canonicalize_doc(&document, mode, nodes.as_ref(), &prefixes).map_err(|error| error.to_string())?;
    std::io::stdout().write_all(&octets).map_err(|error| error.to_string())
}
