use super::Tree;
use super::arrows::CORES;
use super::blank::{blank, without_tests};

/// What a core may not name: clocks, sockets, files, environment, processes, random sources.
const OUTSIDE: [&str; 15] = [
    "::now",
    ".elapsed",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "io::stderr",
    "io::stdin",
    "io::stdout",
    "thread::sleep",
    "getrandom",
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
];

/// What stands nowhere in the code of the repository, and what is written instead.
const REFUSED: [(&str, &str); 6] = [
    ("#[allow(", "#[expect(…, reason = \"…\")]"),
    ("#![allow(", "#![expect(…, reason = \"…\")]"),
    ("#[ignore", "a test that runs, or a line that begins with `skipped:`"),
    ("todo!", "an entry in docs/"),
    ("unimplemented!", "an error with a name"),
    ("dbg!", "nothing"),
];

/// Names that say nothing about what a module defines.
const EMPTY_NAMES: [&str; 8] = ["common", "helper", "helpers", "manager", "misc", "types", "util", "utils"];

/// Past this a file holds a second idea.
const MOST_LINES: usize = 800;

/// The rules of the sources.
pub(super) fn violations(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    for (path, source) in tree.ending(".rs") {
        violations.extend(of_style(path, source));
        match path.strip_prefix("crates/").and_then(|rest| rest.split_once("/src/")) {
            Some((name, module)) if CORES.contains(&name) && !is_for_tests(tree, name, module) => {
                violations.extend(of_core(path, source));
            }
            Some(("ksz", _)) => violations.extend(of_umbrella(path, source)),
            _ => {}
        }
    }
    for (path, _) in tree.ending("/Cargo.toml") {
        let folder = path.trim_end_matches("/Cargo.toml");
        violations.extend(of_files(tree, folder));
    }
    violations
}

fn of_style(path: &str, source: &str) -> Vec<String> {
    let blanked = blank(source);
    let mut violations = Vec::new();
    for (refused, instead) in REFUSED {
        let lines = lines_with(&blanked.code, refused);
        violations.extend(lines.map(|line| format!("{path}:{line}: {refused}: write {instead}")));
    }
    for refused in ["TODO", "FIXME"] {
        let lines = lines_with(&blanked.comments, refused);
        violations.extend(lines.map(|line| format!("{path}:{line}: {refused}: belongs in docs/")));
    }
    let modules = path.trim_end_matches(".rs").split('/');
    for name in modules.filter(|name| EMPTY_NAMES.contains(name)) {
        violations.push(format!("{path}: a module named {name} says nothing of what it defines"));
    }
    let lines = source.lines().count();
    if lines > MOST_LINES {
        violations.push(format!("{path}: {lines} lines, at most {MOST_LINES}"));
    }
    violations
}

/// Whether a file of a crate holds a module that is declared for tests only.
fn is_for_tests(tree: &Tree, name: &str, module: &str) -> bool {
    let module = module.trim_end_matches(".rs").rsplit('/').next().unwrap_or_default();
    let folder = format!("crates/{name}/src/");
    let declared = format!("#[cfg(test)] mod {module};");
    tree.ending(".rs").filter(|(path, _)| path.starts_with(&folder)).any(|(_, source)| {
        let words: Vec<_> = blank(source).code.split_whitespace().map(String::from).collect();
        words.join(" ").contains(&declared)
    })
}

fn of_core(path: &str, source: &str) -> Vec<String> {
    let code = without_tests(&blank(source).code);
    let mut found = Vec::new();
    for name in OUTSIDE {
        found.extend(lines_with(&code, name).map(|line| (line, name)));
        let module = name.strip_prefix("std::");
        found.extend(module.into_iter().flat_map(|module| grouped(&code, module)).map(|line| (line, name)));
    }
    found.sort_unstable();
    found.iter().map(|(line, name)| format!("{path}:{line}: {name}: not in a core crate")).collect()
}

/// The lines where a module of the standard library is imported in a group: `use std::{fmt, fs}`.
fn grouped(code: &str, module: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    for (at, mark) in code.match_indices("std::{") {
        let (before, group) = code.split_at(at + mark.len());
        let group = group.split(';').next().unwrap_or_default();
        lines.extend(lines_with(group, module).map(|line| line + before.matches('\n').count()));
    }
    lines
}

/// The umbrella re-exports, and has no code of its own.
fn of_umbrella(path: &str, source: &str) -> Vec<String> {
    let code = without_attributes(&without_tests(&blank(source).code));
    let mut rest = code.trim();
    while !rest.is_empty() {
        let opened = rest.starts_with("pub mod ").then(|| rest.find(['{', ';'])).flatten();
        let closed = rest.starts_with('}').then_some(0);
        let exported = rest.starts_with("pub use ").then(|| rest.find(';')).flatten();
        let Some(end) = opened.or(closed).or(exported) else {
            let item = rest.lines().next().unwrap_or_default();
            return vec![format!("{path}: {item}: the umbrella re-exports, and has no code of its own")];
        };
        rest = rest[end + 1..].trim_start();
    }
    Vec::new()
}

fn without_attributes(code: &str) -> String {
    let mut kept = String::new();
    let mut depth = 0_usize;
    let mut characters = code.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '#' if depth == 0 && characters.peek().is_some_and(|next| "![".contains(*next)) => {
                characters.next_if_eq(&'!');
                characters.next_if_eq(&'[');
                depth = 1;
            }
            '[' if depth > 0 => depth += 1,
            ']' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            _ => kept.push(c),
        }
    }
    kept
}

/// A crate's story stands first in its root, and its refusals stand in `error.rs`.
fn of_files(tree: &Tree, folder: &str) -> Vec<String> {
    let mut violations = Vec::new();
    let roots = ["lib.rs", "main.rs"].map(|root| format!("{folder}/src/{root}"));
    for root in roots.iter().filter(|root| tree.texts.contains_key(*root)) {
        if !tree.texts[root].starts_with("//!") {
            violations.push(format!("{root}: the first line must tell the crate's story (//!)"));
        }
    }
    let Some(name) = folder.strip_prefix("crates/") else { return violations };
    let root = &roots[usize::from(name == "ksz-cli")];
    let errors = format!("{folder}/src/error.rs");
    let without_errors = ["ksz", "ksz-error"].contains(&name);
    for needed in [Some(root), (!without_errors).then_some(&errors)].into_iter().flatten() {
        if !tree.texts.contains_key(needed) {
            violations.push(format!("{needed}: missing"));
        }
    }
    violations
}

/// The lines where `name` stands as a whole word.
fn lines_with<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let begins_in_word = name.starts_with(in_word);
    let ends_in_word = name.ends_with(in_word);
    text.match_indices(name).filter_map(move |(at, _)| {
        let before = begins_in_word && text[..at].ends_with(in_word);
        let after = ends_in_word && text[at + name.len()..].starts_with(in_word);
        (!before && !after).then(|| text[..at].matches('\n').count() + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORE: &str = "crates/ksz-wss/src/timestamp.rs";

    #[test]
    fn a_clock_in_a_core_is_refused() {
        assert_eq!(of_core(CORE, "fn f() { SystemTime::now() }"), [refused(1, "::now")]);
        assert_eq!(of_core(CORE, "\nlet f = jiff::Timestamp::now;"), [refused(2, "::now")]);
    }

    #[test]
    fn files_sockets_and_random_sources_in_a_core_are_refused() {
        assert_eq!(of_core(CORE, "use std::fs::File;"), [refused(1, "std::fs")]);
        assert_eq!(of_core(CORE, "use std::{fmt, net};"), [refused(1, "std::net")]);
        assert_eq!(of_core(CORE, "use std::{\n    fmt,\n    env::{self},\n};"), [refused(3, "std::env")]);
        assert_eq!(of_core(CORE, "getrandom::fill(&mut nonce)"), [refused(1, "getrandom")]);
    }

    #[test]
    fn a_core_may_speak_of_the_clock_and_test_with_it() {
        let source = "//! `SystemTime::now()` is the caller's.\nuse std::{fmt, io::Read};\nconst A: &str = \"std::fs\";\n\
            fn nowhere() { a::nowhere() }\n#[cfg(test)]\nmod tests { fn f() { SystemTime::now() } }\n";

        assert_eq!(of_core(CORE, source), [""; 0]);
    }

    #[test]
    fn only_cores_are_kept_from_the_clock() {
        let tree = |path| Tree::of(&[(path, "fn f() { Instant::now() }")]);

        assert_eq!(violations(&tree("crates/ksz-client/src/clock.rs")), [""; 0]);
        assert_eq!(violations(&tree("crates/ksz-sts/tests/issue.rs")), [""; 0]);
        assert_eq!(violations(&tree(CORE)), [refused(1, "::now")]);
    }

    #[test]
    fn a_module_for_tests_may_read_the_clock() {
        let clock = ("crates/ksz-sts/src/test_key.rs", "fn f() { Instant::now() }");
        let of = |root| violations(&Tree::of(&[("crates/ksz-sts/src/lib.rs", root), clock])).len();

        assert_eq!(of("//! Story.\n#[cfg(test)]\nmod test_key;\n"), 0);
        assert_eq!(of("//! Story.\nmod test_key;\n"), 1);
    }

    #[test]
    fn the_umbrella_re_exports_and_nothing_else() {
        let good = "//! Story.\n#![doc(html_root_url = \"x\")]\n/// Cores.\n#[doc(inline)]\npub use ksz_client::{A, B};\n\
            pub mod soap {\n    pub use ksz_soap::*;\n}\n";

        assert_eq!(of_umbrella("crates/ksz/src/lib.rs", good), [""; 0]);
        assert_eq!(
            of_umbrella("crates/ksz/src/lib.rs", &format!("{good}pub fn call() {{}}\n")),
            ["crates/ksz/src/lib.rs: pub fn call() {}: the umbrella re-exports, and has no code of its own"]
        );
    }

    #[test]
    fn what_style_refuses_is_found_in_code_and_not_in_texts() {
        let found = |source| of_style("crates/ksz-pki/src/key.rs", source).len();

        assert_eq!(
            found("#![allow(dead_code)]\n#[allow(x)]\nfn f() { todo!(); dbg!(1); unimplemented!() }"),
            5
        );
        assert_eq!(found("#[ignore]\nfn f() {} // TODO later"), 2);
        assert_eq!(found("/// `todo!()`\n#[expect(dead_code, reason = \"TODO\")]\nfn f() {}"), 0);
    }

    #[test]
    fn modules_have_names_that_say_something_and_one_idea() {
        let long = "\n".repeat(MOST_LINES + 1);

        assert_eq!(of_style("crates/ksz-pki/src/utils.rs", "").len(), 1);
        assert_eq!(of_style("crates/ksz-sts/tests/common/mod.rs", "").len(), 1);
        assert_eq!(of_style("crates/ksz-pki/src/key.rs", &long).len(), 1);
    }

    #[test]
    fn a_crate_has_a_story_and_an_error() {
        let manifest = ("crates/ksz-pki/Cargo.toml", "");
        let bare = Tree::of(&[manifest, ("crates/ksz-pki/src/lib.rs", "mod key;")]);
        let good = [("crates/ksz-pki/src/lib.rs", "//! Keys."), ("crates/ksz-pki/src/error.rs", "")];

        assert_eq!(
            violations(&bare),
            [
                "crates/ksz-pki/src/lib.rs: the first line must tell the crate's story (//!)",
                "crates/ksz-pki/src/error.rs: missing"
            ]
        );
        assert_eq!(violations(&Tree::of(&[manifest, good[0], good[1]])), [""; 0]);
    }

    fn refused(line: usize, name: &str) -> String {
        format!("{CORE}:{line}: {name}: not in a core crate")
    }
}
