//! Whether the plan of attacks and the tests know the same attacks.

use ksz_tests::shared;
use std::fs;
use std::path::Path;

#[test]
fn every_row_of_the_plan_has_a_test_by_its_name() {
    let Some(plan) = shared("the plan of attacks", "security-plan.md") else { return };
    let plan = fs::read_to_string(plan).unwrap();
    let rows: Vec<_> = (1..=65).map(|number| format!("P{number:02}")).collect();
    for row in &rows {
        assert!(plan.contains(&format!("| {row} |")), "{row} is not in the plan");
    }

    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut sources = String::new();
    read_sources(&repository.join("tests"), &mut sources);
    read_sources(&repository.join("crates"), &mut sources);
    let has_test = |row: &&String| sources.contains(&format!("\nfn {}_", row.to_lowercase()));
    let without: Vec<_> = rows.iter().filter(|row| !has_test(row)).collect();
    assert!(without.is_empty(), "no test for {without:?}");
}

fn read_sources(folder: &Path, sources: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            *sources += &fs::read_to_string(&path).unwrap();
        }
    }
}
