//! What people read about the project keeps up with it: the reasons for dependencies, the commands,
//! the places that documents point to.
//!
//! Manifests are read line by line, as they are written here; nothing is built.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace is above")
        .to_path_buf()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The keys of the tables whose names fit, with what stands behind them.
fn entries(manifest: &str, fits: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in manifest.lines() {
        if let Some(name) = line.strip_prefix('[') {
            inside = fits(name.trim_end_matches(']'));
        } else if let Some((key, value)) = line.split_once('=')
            && inside
            && !line.starts_with('#')
        {
            let key = key.trim().trim_end_matches(".workspace");
            found.push((key.to_owned(), value.trim().to_owned()));
        }
    }
    found
}

/// The crates that the workspace may use.
fn dependencies() -> BTreeSet<String> {
    let manifest = read("Cargo.toml");
    let all: BTreeSet<String> = entries(&manifest, |table| table == "workspace.dependencies")
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert!(
        all.len() > 20,
        "only {all:?} was found in the workspace's manifest"
    );
    all
}

fn members() -> Vec<String> {
    let manifest = read("Cargo.toml");
    let line = manifest
        .lines()
        .find(|line| line.starts_with("members = "))
        .expect("the workspace lists its members");
    line.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Which member uses which crate, in code, tests or build.
fn rooms() -> BTreeMap<String, BTreeSet<String>> {
    let mut rooms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for member in members() {
        let manifest = read(&format!("{member}/Cargo.toml"));
        for (key, value) in entries(&manifest, |table| table.ends_with("dependencies")) {
            let renamed = value
                .split_once("package = \"")
                .and_then(|(_, rest)| rest.split_once('"'));
            let name = renamed.map_or(key, |(name, _)| name.to_owned());
            rooms.entry(name).or_default().insert(member.clone());
        }
    }
    rooms
}

/// A dependency as `CONTRIBUTING.md` tells it.
struct Told {
    rooms: BTreeSet<String>,
    reason: String,
    licence: String,
}

fn told() -> BTreeMap<String, Told> {
    let page = read("CONTRIBUTING.md");
    let (_, table) = page
        .split_once("\n## Dependencies\n")
        .expect("the page has a section on dependencies");
    let mut told = BTreeMap::new();
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, rooms, reason, licence] = cells.as_slice() else {
            panic!("a row has four cells: {line}")
        };
        let rooms = rooms.split(", ").map(str::to_owned).collect();
        let row = Told {
            rooms,
            reason: (*reason).to_owned(),
            licence: (*licence).to_owned(),
        };
        let name = name.trim_matches('`').to_owned();
        assert!(told.insert(name, row).is_none(), "told twice: {line}");
    }
    told
}

#[test]
fn each_dependency_has_its_reason() {
    let (all, told) = (dependencies(), told());
    let named: BTreeSet<String> = told.keys().cloned().collect();
    let missing: Vec<_> = all.difference(&named).collect();
    let stale: Vec<_> = named.difference(&all).collect();
    assert!(
        missing.is_empty(),
        "CONTRIBUTING.md gives no reason for {missing:?}"
    );
    assert!(
        stale.is_empty(),
        "CONTRIBUTING.md speaks of {stale:?}, which nobody may use"
    );
    for (name, row) in told {
        assert!(
            row.reason.len() >= 10 && row.reason.len() <= 120,
            "the reason of `{name}` is one line: {:?}",
            row.reason
        );
    }
}

#[test]
fn each_dependency_is_told_where_it_is_used() {
    let rooms = rooms();
    let mut wrong = Vec::new();
    for (name, row) in told() {
        let used = rooms.get(&name).cloned().unwrap_or_default();
        if used.is_empty() {
            wrong.push(format!(
                "nothing uses `{name}`: remove it from the workspace's manifest and from the table"
            ));
        } else if used != row.rooms {
            wrong.push(format!(
                "`{name}` is used in {used:?} and told of {:?}",
                row.rooms
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Versions stand in one place; only crates of ours may be named by their path.
#[test]
fn members_take_their_versions_from_the_workspace() {
    for member in members() {
        let manifest = read(&format!("{member}/Cargo.toml"));
        for (key, value) in entries(&manifest, |table| table.ends_with("dependencies")) {
            let shared = value == "true"
                || value.contains("workspace = true")
                || value.contains("path = \"");
            assert!(
                shared,
                "`{key}` of {member} has a version of its own: {value}"
            );
        }
    }
}

#[test]
fn each_licence_may_come_in() {
    let deny = read("deny.toml");
    let (_, list) = deny
        .split_once("\nallow = [")
        .expect("the licences are listed");
    let (list, _) = list.split_once(']').expect("the list is closed");
    let allowed: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    assert!(allowed.contains("MIT"), "{allowed:?}");
    for (name, row) in told() {
        let fits = row
            .licence
            .split(" OR ")
            .any(|one| one.split(" AND ").all(|part| allowed.contains(part)))
            || deny.contains(&format!(
                "{{ allow = [\"{}\"], crate = \"{name}\" }}",
                row.licence
            ));
        assert!(
            fits,
            "`{name}` is under {}, and deny.toml allows {allowed:?}",
            row.licence
        );
    }
}

/// Pages that people read first.
const PAGES: [&str; 4] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "schema/README.md",
];

#[test]
fn links_between_pages_lead_somewhere() {
    let mut wrong = Vec::new();
    for page in PAGES {
        let folder = root()
            .join(page)
            .parent()
            .expect("a page lies in a folder")
            .to_path_buf();
        for link in read(page)
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(link, _)| link)
        {
            let path = link.split('#').next().expect("a split has a first part");
            if !path.is_empty() && !path.contains("://") && !folder.join(path).exists() {
                wrong.push(format!("{page} points to {link}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files and folders between backticks, without those that hold a placeholder.
#[test]
fn what_contributing_names_is_there() {
    let page = read("CONTRIBUTING.md");
    let rooms = [
        "codegen/", "runtime/", "schema/", "xtask/", "tests/", ".ci/",
    ];
    // Every second part of a line stands between backticks; fenced blocks have none.
    let named = page
        .lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    let paths: Vec<&str> = named
        .filter(|name| {
            rooms.iter().any(|room| name.starts_with(room)) && !name.contains(['<', ' ', '*'])
        })
        .collect();
    assert!(paths.len() > 15, "only {paths:?} was found");
    let missing: Vec<_> = paths
        .iter()
        .filter(|path| !root().join(path).exists())
        .collect();
    assert!(
        missing.is_empty(),
        "CONTRIBUTING.md names {missing:?}, which are not there"
    );
}

#[test]
fn test_runs_that_contributing_names_exist() {
    let page = read("CONTRIBUTING.md");
    let tests: BTreeSet<&str> = page
        .lines()
        .filter(|line| line.contains("-p etiquette-tests"))
        .flat_map(|line| line.split("--test ").skip(1))
        .filter_map(|rest| rest.split_whitespace().next())
        .collect();
    assert!(tests.len() >= 3, "{tests:?}");
    for test in tests {
        assert!(
            root().join(format!("tests/tests/{test}.rs")).exists(),
            "there is no test `{test}`"
        );
    }
}
