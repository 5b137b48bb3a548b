use toml::{Table, Value};

use super::Tree;
use crate::error::Error;

/// The house: which crates of it a crate may depend on, and so on down the line. An absent arrow is a rule.
const DRAWN: [(&str, &[&str]); 14] = [
    ("ksz-error", &[]),
    ("ksz-xml", &["ksz-error"]),
    ("ksz-pki", &["ksz-error"]),
    ("ksz-pkcs11", &["ksz-pki"]),
    ("ksz-soap", &["ksz-xml", "ksz-pki"]),
    ("ksz-xmldsig", &["ksz-xml", "ksz-pki"]),
    ("ksz-wss", &["ksz-soap", "ksz-xmldsig"]),
    ("ksz-sts", &["ksz-wss"]),
    ("ksz-oauth", &["ksz-pki"]),
    ("ksz-transport", &["ksz-soap"]),
    ("ksz-client", &["ksz-sts", "ksz-oauth", "ksz-transport"]),
    ("ksz", &["ksz-client", "ksz-pkcs11"]),
    ("ksz-sim", &["ksz-sts", "ksz-oauth"]),
    ("ksz-cli", &["ksz", "ksz-sim"]),
];

/// Bytes, keys and the time go in; bytes and facts come out.
pub(super) const CORES: [&str; 8] =
    ["ksz-error", "ksz-xml", "ksz-pki", "ksz-xmldsig", "ksz-soap", "ksz-wss", "ksz-sts", "ksz-oauth"];

/// Runtimes, sockets, TLS and random sources: what no core may be built with.
const OUTSIDE: [&str; 24] = [
    "async-std",
    "axum",
    "curl",
    "fastrand",
    "getrandom",
    "h2",
    "hyper",
    "hyper-util",
    "mio",
    "native-tls",
    "openssl",
    "quinn",
    "rand",
    "reqwest",
    "russh",
    "rustls",
    "rustls-native-certs",
    "smol",
    "socket2",
    "tokio",
    "tokio-rustls",
    "tokio-util",
    "tracing-subscriber",
    "ureq",
];

/// Readers of XML. Two of them in the house could disagree on what a document says.
const XML_READERS: [&str; 7] =
    ["libxml", "minidom", "quick-xml", "roxmltree", "xml-rs", "xmlparser", "xmltree"];

struct Dependency {
    /// The name in the manifest, which differs from the package's if it is renamed.
    key: String,
    package: String,
    development: bool,
    inherited: bool,
    optional: bool,
}

/// The rules of the manifests: arrows, and versions that stand once, in the workspace.
pub(super) fn violations(tree: &Tree) -> Result<Vec<String>, Error> {
    let workspace = tree.texts.get("Cargo.toml").map_or("", String::as_str);
    let workspace = parse("Cargo.toml", workspace)?;
    let mut violations = Vec::new();
    for (path, text) in tree.ending("Cargo.toml") {
        let folder = path.strip_suffix("/Cargo.toml").unwrap_or_default();
        let member =
            matches!(folder, "bench" | "tests" | "xtask") || folder.strip_prefix("crates/").is_some();
        if member {
            violations.extend(of_member(path, &parse(path, text)?, &workspace));
        }
    }
    Ok(violations)
}

/// What `core` reaches and must not, in the listing of `cargo tree --prefix none`.
pub(super) fn reached(core: &str, listing: &str) -> Vec<String> {
    let mut names: Vec<&str> = listing.lines().filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    names.dedup();
    // What `rand` draws from is `getrandom`; without that it is arithmetic over a generator that the caller seeds.
    let seeds_itself = names.contains(&"getrandom");
    names.retain(|name| OUTSIDE.contains(name) && (seeds_itself || *name != "rand"));
    names.iter().map(|name| format!("crates/{core}/Cargo.toml: {name}: reached by a core crate")).collect()
}

fn parse(path: &str, text: &str) -> Result<Table, Error> {
    text.parse()
        .map_err(|error: toml::de::Error| Error::Unreadable { what: path.into(), detail: error.to_string() })
}

fn of_member(path: &str, manifest: &Table, workspace: &Table) -> Vec<String> {
    let package = manifest.get("package").and_then(Value::as_table);
    let name = package.and_then(|package| package.get("name")).and_then(Value::as_str).unwrap_or_default();
    let mut violations = Vec::new();
    if path.starts_with("crates/") && !DRAWN.iter().any(|(crate_name, _)| *crate_name == name) {
        violations.push(format!("{path}: {name}: a crate the house does not draw"));
    }
    for key in ["version", "edition", "rust-version", "license"] {
        if !package.and_then(|package| package.get(key)).is_some_and(is_inherited) {
            violations.push(format!("{path}: {key}: not inherited from the workspace"));
        }
    }
    if !manifest.get("lints").is_some_and(is_inherited) {
        violations.push(format!("{path}: lints: not inherited from the workspace"));
    }
    for dependency in dependencies(manifest, workspace) {
        if !dependency.inherited {
            violations.push(format!("{path}: {}: version not inherited from the workspace", dependency.key));
        }
        violations
            .extend(refusal(name, &dependency).map(|why| format!("{path}: {}: {why}", dependency.package)));
    }
    violations
}

/// Why `name` may not have this dependency.
///
/// Development dependencies of a core obey the same rules, because cores are tested without a runtime; those
/// of the other crates are free.
fn refusal(name: &str, dependency: &Dependency) -> Option<String> {
    let package = dependency.package.as_str();
    let core = CORES.contains(&name);
    if core && OUTSIDE.contains(&package) {
        return Some("not for a core crate".into());
    }
    // The second opinion of ksz-xmldsig is one because it reads for itself, what ours has accepted.
    let second_opinion = name == "ksz-xmldsig" && package == "libxml" && dependency.optional;
    if name != "ksz-xml"
        && !second_opinion
        && name.starts_with("ksz")
        && !dependency.development
        && XML_READERS.contains(&package)
    {
        return Some("reads XML, which only ksz-xml may".into());
    }
    let house = package == "ksz" || package.starts_with("ksz-");
    let free =
        ["ksz-bench", "ksz-tests"].contains(&name) || (dependency.development && !core && name != "xtask");
    (house && !free && !is_drawn(name, package)).then(|| format!("no arrow leads here from {name}"))
}

fn is_drawn(from: &str, to: &str) -> bool {
    let below = DRAWN.iter().find(|(name, _)| *name == from).map_or::<&[&str], _>(&[], |(_, below)| below);
    below.iter().any(|next| *next == to || is_drawn(next, to))
}

/// The dependencies of all tables, those of single targets included.
fn dependencies(manifest: &Table, workspace: &Table) -> Vec<Dependency> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let mut found = Vec::new();
    for table in targets.chain([manifest]) {
        for kind in ["dependencies", "build-dependencies", "dev-dependencies"] {
            for (key, value) in table.get(kind).and_then(Value::as_table).into_iter().flatten() {
                found.push(Dependency {
                    key: key.clone(),
                    package: package_name(key, value, workspace),
                    development: kind == "dev-dependencies",
                    inherited: is_inherited(value),
                    optional: value.get("optional").and_then(Value::as_bool) == Some(true),
                });
            }
        }
    }
    found
}

/// The name behind a renamed dependency, which may be renamed in the workspace.
fn package_name(key: &str, value: &Value, workspace: &Table) -> String {
    let shared = || workspace.get("workspace")?.get("dependencies")?.get(key)?.get("package");
    let renamed = value.get("package").or_else(shared).and_then(Value::as_str);
    renamed.unwrap_or(key).into()
}

fn is_inherited(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_that_are_drawn_are_accepted() {
        let wss = "ksz-soap.workspace = true\nksz-error.workspace = true\nksz-pki = { workspace = true }";

        assert_eq!(found("ksz-wss", "dependencies", wss), [""; 0]);
        assert_eq!(found("ksz-cli", "dependencies", "ksz-xml.workspace = true"), [""; 0]);
    }

    #[test]
    fn an_arrow_upwards_is_refused() {
        assert_eq!(
            found("ksz-soap", "dependencies", "ksz-wss.workspace = true"),
            ["crates/ksz-soap/Cargo.toml: ksz-wss: no arrow leads here from ksz-soap"]
        );
    }

    #[test]
    fn the_simulator_may_not_use_the_transport() {
        assert_eq!(
            found("ksz-sim", "dependencies", "ksz-transport.workspace = true"),
            ["crates/ksz-sim/Cargo.toml: ksz-transport: no arrow leads here from ksz-sim"]
        );
    }

    #[test]
    fn renamed_dependencies_are_seen() {
        let here = "harmless = { workspace = true, package = \"ksz-client\" }";

        assert_eq!(
            found("ksz-sts", "dependencies", here),
            ["crates/ksz-sts/Cargo.toml: ksz-client: no arrow leads here from ksz-sts"]
        );
        assert_eq!(
            found("ksz-sts", "dependencies", "renamed-above.workspace = true"),
            ["crates/ksz-sts/Cargo.toml: tokio: not for a core crate"]
        );
    }

    #[test]
    fn dependencies_of_one_target_and_of_build_scripts_are_seen() {
        assert_eq!(
            found("ksz-oauth", "target.'cfg(unix)'.dependencies", "ksz-sts.workspace = true"),
            ["crates/ksz-oauth/Cargo.toml: ksz-sts: no arrow leads here from ksz-oauth"]
        );
        assert_eq!(
            found("ksz-oauth", "build-dependencies", "ksz-xml.workspace = true"),
            ["crates/ksz-oauth/Cargo.toml: ksz-xml: no arrow leads here from ksz-oauth"]
        );
    }

    #[test]
    fn a_core_has_no_runtime_not_even_to_test() {
        let refused = ["crates/ksz-pki/Cargo.toml: tokio: not for a core crate"];

        assert_eq!(found("ksz-pki", "dependencies", "tokio.workspace = true"), refused);
        assert_eq!(found("ksz-pki", "dev-dependencies", "tokio.workspace = true"), refused);
        assert_eq!(found("ksz-client", "dependencies", "tokio.workspace = true"), [""; 0]);
    }

    #[test]
    fn a_second_reader_of_xml_is_refused() {
        let refused = found("ksz-soap", "dependencies", "roxmltree.workspace = true");
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert_eq!(found("ksz-xml", "dependencies", "roxmltree.workspace = true"), [""; 0]);
    }

    #[test]
    fn a_second_opinion_reads_xml_for_itself_where_it_is_asked_for() {
        let (optional, always) =
            ("libxml = { workspace = true, optional = true }", "libxml.workspace = true");

        assert_eq!(found("ksz-xmldsig", "dependencies", optional), [""; 0]);
        assert_eq!(found("ksz-xmldsig", "dependencies", always).len(), 1);
        assert_eq!(found("ksz-soap", "dependencies", optional).len(), 1);
    }

    #[test]
    fn an_adapter_may_be_tested_with_what_stands_beside_it() {
        assert_eq!(found("ksz-client", "dev-dependencies", "ksz-sim.workspace = true"), [""; 0]);
    }

    #[test]
    fn a_core_that_reaches_a_runtime_through_others_is_refused() {
        let listing =
            "ksz-pki v0.1.0 (crates/ksz-pki)\nrustls-webpki v0.103.16\ntokio v1.52.0\ntokio v1.52.0 (*)\n";

        assert_eq!(
            reached("ksz-pki", listing),
            ["crates/ksz-pki/Cargo.toml: tokio: reached by a core crate"]
        );
    }

    #[test]
    fn a_generator_is_refused_where_it_can_seed_itself() {
        assert_eq!(reached("ksz-pki", "rsa v0.9.10\nrand v0.8.8\n"), [""; 0]);
        assert_eq!(reached("ksz-pki", "rand v0.8.8\ngetrandom v0.2.16\n").len(), 2);
    }

    #[test]
    fn a_crate_that_is_not_drawn_is_refused() {
        assert_eq!(
            found("ksz-extra", "dependencies", ""),
            ["crates/ksz-extra/Cargo.toml: ksz-extra: a crate the house does not draw"]
        );
    }

    #[test]
    fn a_version_stands_only_in_the_workspace() {
        assert_eq!(
            found("ksz-pki", "dependencies", "sha2 = \"0.10\""),
            ["crates/ksz-pki/Cargo.toml: sha2: version not inherited from the workspace"]
        );
    }

    #[test]
    fn programs_are_judged_by_their_own_rules() {
        let of = |name, path| tree(name, path, "dependencies", "ksz-sim.workspace = true");

        assert_eq!(violations(&of("ksz-tests", "tests/Cargo.toml")).unwrap(), [""; 0]);
        assert_eq!(
            violations(&of("xtask", "xtask/Cargo.toml")).unwrap(),
            ["xtask/Cargo.toml: ksz-sim: no arrow leads here from xtask"]
        );
    }

    fn found(name: &str, table: &str, entries: &str) -> Vec<String> {
        violations(&tree(name, &format!("crates/{name}/Cargo.toml"), table, entries)).unwrap()
    }

    fn tree(name: &str, path: &str, table: &str, entries: &str) -> Tree {
        let inherited = "version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\n\
            license.workspace = true\n[lints]\nworkspace = true";
        let manifest = format!("[package]\nname = \"{name}\"\n{inherited}\n[{table}]\n{entries}\n");
        let workspace =
            "[workspace.dependencies]\nrenamed-above = { package = \"tokio\", version = \"1\" }\n";
        Tree::of(&[("Cargo.toml", workspace), (path, &manifest)])
    }
}
