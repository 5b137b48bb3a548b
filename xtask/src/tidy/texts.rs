use super::Tree;

/// The rules of all texts: links that lead somewhere, and no path of one machine.
pub(super) fn violations(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    for (path, text) in &tree.texts {
        // The script of the build machine may speak of that machine.
        if !path.starts_with(".ci/") {
            violations.extend(machine_paths(path, text));
        }
    }
    for (path, text) in tree.ending(".md") {
        violations.extend(dead_links(tree, path, text));
    }
    violations.extend(unlisted_decisions(tree));
    violations
}

fn machine_paths(path: &str, text: &str) -> Vec<String> {
    // A folder's name may stand inside an address or a relative path, and then follows one of these.
    let continues = |c: char| c.is_alphanumeric() || "-_.~/}*)]".contains(c);
    let mut violations = Vec::new();
    for folder in ["farm", "root", "work"].map(|name| format!("/{name}/")) {
        for (at, _) in text.match_indices(&folder).filter(|(at, _)| !text[..*at].ends_with(continues)) {
            let line = text[..at].matches('\n').count() + 1;
            violations.push(format!("{path}:{line}: {folder}: a path of one machine"));
        }
    }
    violations
}

fn dead_links(tree: &Tree, path: &str, text: &str) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let dead = |target: &&str| match target.split_once('#').map_or(*target, |(file, _)| file) {
        "" => false,
        outside if outside.contains("://") || outside.starts_with("mailto:") => false,
        file => resolved(folder, file).is_none_or(|file| !tree.paths.contains(&file)),
    };
    let targets = links(text);
    targets
        .iter()
        .filter(|(_, target)| dead(target))
        .map(|(line, target)| format!("{path}:{line}: {target}: the link leads nowhere"))
        .collect()
}

/// The targets of links and of link definitions, outside code, with their lines.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let defined =
            line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target);
        let prose = line.split('`').step_by(2);
        let linked =
            prose.flat_map(|part| part.split("](").skip(1)).filter_map(|part| part.split(')').next());
        let targets = linked.chain(defined).filter_map(|target| target.split_whitespace().next());
        found.extend(targets.map(|target| (number + 1, target)));
    }
    found
}

/// The path from the root to `file` as seen from `folder`; none if it leads outside.
fn resolved(folder: &str, file: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn unlisted_decisions(tree: &Tree) -> Vec<String> {
    const LIST: &str = "docs/decisions/README.md";
    let Some(list) = tree.texts.get(LIST) else { return Vec::new() };
    let targets = links(list);
    let pages = tree.ending(".md").filter_map(|(path, _)| path.strip_prefix("docs/decisions/"));
    pages
        .filter(|page| *page != "README.md" && !page.contains('/'))
        .filter(|page| !targets.iter().any(|(_, target)| target.trim_start_matches("./") == *page))
        .map(|page| format!("{LIST}: {page}: a decision that is not listed"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_must_lead_somewhere() {
        let text = "[a](docs/a.md#part) [b](b.md) [c](https://example.org/x.md) [d](#d) `[e](e.md)`\n\
            ```text\n[f](f.md)\n```\n[g]: docs/\n[h]: ../h.md\n";
        let tree = Tree::of(&[("README.md", text), ("docs/a.md", "[up](../README.md)")]);

        assert_eq!(
            violations(&tree),
            ["README.md:1: b.md: the link leads nowhere", "README.md:6: ../h.md: the link leads nowhere"]
        );
    }

    #[test]
    fn a_path_of_one_machine_is_refused() {
        let path = ["", "work", "main"].join("/");
        let text = format!("see https://example.org{path}\nand `{path}`\nand ..{path}\n");
        let tree = |name| Tree::of(&[(name, text.as_str())]);

        assert_eq!(violations(&tree("a.toml")), [format!("a.toml:2: /{}/: a path of one machine", "work")]);
        assert_eq!(violations(&tree(".ci/run")), [""; 0]);
    }

    #[test]
    fn decisions_are_listed() {
        let list = ("docs/decisions/README.md", "- [One](0001-one.md)");
        let tree = Tree::of(&[list, ("docs/decisions/0001-one.md", ""), ("docs/decisions/0002-two.md", "")]);

        assert_eq!(
            violations(&tree),
            ["docs/decisions/README.md: 0002-two.md: a decision that is not listed"]
        );
    }
}
