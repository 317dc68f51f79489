//! Rules of the house that are seen from its files: what renders what, what the generated crate may hold, and
//! what the supply chain is checked against.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace is above")
        .to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|cause| panic!("{path}: {cause}"))
}

fn files_below(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            files_below(&path, all);
        } else {
            all.push(path);
        }
    }
}

/// Row J10: templates render Markdown and nothing else, and only one emitter knows them.
#[test]
fn templates_render_markdown_alone() {
    let mut templates = Vec::new();
    files_below(&root().join("codegen/templates"), &mut templates);
    assert!(!templates.is_empty());
    assert!(
        templates
            .iter()
            .all(|path| path.extension().is_some_and(|ending| ending == "md")),
        "{templates:?}"
    );
    let mut sources = Vec::new();
    files_below(&root().join("codegen/src"), &mut sources);
    for (word, only) in [
        ("askama", "emit/docs.rs"),
        ("toml_edit", "emit/manifest.rs"),
        ("prettyplease", "format.rs"),
    ] {
        for path in sources
            .iter()
            .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        {
            let text = fs::read_to_string(path).expect("a source file is text");
            let uses = text.lines().any(|line| {
                !line.trim_start().starts_with("//") && line.contains(&format!("{word}::"))
            });
            assert!(
                !uses || path.ends_with(only),
                "{} uses {word}",
                path.display()
            );
        }
    }
}

/// Rows J12 and I28: no build script, no procedural macro, no dependency but the runtime, no documentation tests.
#[test]
fn the_generated_crate_runs_nothing_when_it_is_built() {
    let manifest = read("generated/Cargo.toml");
    assert!(!root().join("generated/build.rs").exists());
    assert!(
        !manifest.contains("build =")
            && !manifest.contains("proc-macro")
            && !manifest.contains("[build-")
    );
    assert!(manifest.contains("doctest = false"));
    let dependencies = manifest
        .split("[dependencies]")
        .nth(1)
        .expect("it has dependencies");
    let dependencies = dependencies
        .split("\n[")
        .next()
        .expect("there is a first part");
    let names: Vec<&str> = dependencies
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["runtime"]);
}

/// Row J13: what stands in the dependency tree is checked on each run, advisories where they can be fetched.
#[test]
fn dependencies_are_checked() {
    assert!(
        read(".ci/run")
            .contains("cargo deny --locked --log-level error check bans licenses sources")
    );
    assert!(read(".github/workflows/ci.yml").contains("check advisories"));
    assert!(read("deny.toml").contains("unknown-registry = \"deny\""));
}
