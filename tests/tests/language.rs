//! The reference of the language, `schema/README.md`, is complete and true: each key that the
//! generator reads stands in it, nothing else does, and every description that it shows loads.
//!
//! The keys come from the tables in `codegen/src/document`, which are read as text, because the
//! library does not show how it reads documents.

#[path = "language/core_schema.rs"]
mod core_schema;
#[path = "language/editors.rs"]
mod editors;
#[path = "language/reference.rs"]
mod reference;
#[path = "language/tables.rs"]
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use etiquette_codegen::{Source, load};
use reference::{Example, Reference, Row};
use tables::{Mode, Table};

/// The document tables whose keys the reference lists, by the name of their struct.
fn tables() -> BTreeMap<String, Table> {
    let tables = tables::read();
    // Should the way change in which tables are written, nothing must be found to be complete.
    for name in [
        "Api",
        "Method",
        "Field",
        "About",
        "WaitFixed",
        "Long",
        "Configurable",
    ] {
        assert!(
            tables.contains_key(name),
            "the table of `{name}` was not found in the sources"
        );
    }
    tables
}

#[test]
fn each_table_of_keys_stands_in_the_reference_once() {
    let reference = Reference::read();
    let mut listed = BTreeSet::new();
    for table in &reference.tables {
        for name in &table.of {
            assert!(
                listed.insert(name.clone()),
                "the reference has two tables of `{name}`"
            );
        }
    }
    let known: BTreeSet<String> = tables().into_keys().collect();
    let missing: Vec<_> = known.difference(&listed).collect();
    let stale: Vec<_> = listed.difference(&known).collect();
    assert!(
        missing.is_empty(),
        "write a table below `<!-- keys: … -->` for {missing:?}"
    );
    assert!(stale.is_empty(), "the language has no {stale:?}");
}

#[test]
fn each_key_stands_in_its_table_and_no_other_does() {
    let known = tables();
    let mut wrong = Vec::new();
    for table in &Reference::read().tables {
        let keys: BTreeSet<&str> = table
            .of
            .iter()
            .filter_map(|name| known.get(name))
            .flat_map(|of| of.keys.keys().map(String::as_str))
            .collect();
        let rows: BTreeSet<&str> = table.rows.iter().map(|row| row.key.as_str()).collect();
        assert_eq!(
            rows.len(),
            table.rows.len(),
            "a key of {:?} stands in two rows",
            table.of
        );
        wrong.extend(
            keys.difference(&rows)
                .map(|key| format!("{:?} has no row for `{key}`", table.of)),
        );
        wrong.extend(
            rows.difference(&keys)
                .map(|key| format!("{:?} has a row for `{key}`, which is no key", table.of)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the third column says about a key that has to be there.
fn says_required(row: &Row) -> bool {
    row.default == "required"
}

#[test]
fn what_is_required_is_said_to_be() {
    let known = tables();
    let mut wrong = Vec::new();
    for table in &Reference::read().tables {
        for row in &table.rows {
            let modes: Vec<Mode> = table
                .of
                .iter()
                .filter_map(|name| known.get(name)?.keys.get(&row.key))
                .copied()
                .collect();
            let fits = match modes.as_slice() {
                [Mode::Required] => says_required(row),
                // A key may be optional in the table and still be asked for by a later pass.
                [Mode::Optional | Mode::Many | Mode::Unknown] => !row.default.is_empty(),
                _ => true,
            };
            if !fits {
                wrong.push(format!(
                    "{:?}: `{}` is {modes:?} and said to be `{}`",
                    table.of, row.key, row.default
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_row_has_an_example_of_its_key() {
    let mut wrong = Vec::new();
    for table in &Reference::read().tables {
        for row in &table.rows {
            if !row.example.contains(&format!("{}:", row.key)) {
                wrong.push(format!(
                    "{:?}: the example of `{}` is {:?}",
                    table.of, row.key, row.example
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_word_of_the_language_is_explained() {
    let text = Reference::read().text;
    let words = tables::words();
    assert!(
        words.len() > 60,
        "only {} words were found in the sources",
        words.len()
    );
    let missing: Vec<&String> = words
        .iter()
        .filter(|word| !text.contains(&format!("`{word}`")))
        .collect();
    assert!(
        missing.is_empty(),
        "the reference does not name {missing:?}"
    );
}

/// The API's name, as its first lines say.
fn name_of(text: &str) -> &str {
    text.lines()
        .find_map(|line| line.strip_prefix("api: "))
        .unwrap_or("example")
}

/// An excerpt is put into the smallest description that can hold it.
fn whole(example: &Example) -> Source {
    let has = |key: &str| example.text.lines().any(|line| line.starts_with(key));
    let mut text = String::new();
    if !example.is_whole() {
        text.push_str("etiquette: 1\napi: example\n");
        if !has("environments:") {
            text.push_str("environments: {production: {url: \"https://api.example.com\"}}\n");
        }
    }
    text.push_str(&example.text);
    Source {
        path: format!("schema/{}.yaml", name_of(&text)),
        text: text.into_bytes(),
    }
}

#[test]
fn each_example_loads() {
    let examples = Reference::read().examples;
    assert!(
        examples.len() >= 12,
        "only {} examples were found",
        examples.len()
    );
    let mut wrong = Vec::new();
    for example in &examples {
        if let Err(found) = load(&[whole(example)]) {
            wrong.push(format!(
                "the example in line {}:\n{}",
                example.line,
                found.render(false)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// An excerpt may hold a policy that nothing uses; a whole description is what people copy.
#[test]
fn a_whole_description_has_not_even_a_warning() {
    let examples = Reference::read().examples;
    let whole_ones: Vec<&Example> = examples
        .iter()
        .filter(|example| example.is_whole())
        .collect();
    assert!(!whole_ones.is_empty(), "no example is a whole description");
    for example in whole_ones {
        let loaded =
            load(&[whole(example)]).unwrap_or_else(|found| panic!("{}", found.render(false)));
        assert!(
            loaded.warnings.is_empty(),
            "the example in line {}:\n{}",
            example.line,
            loaded.warnings.render(false)
        );
    }
}

#[test]
fn the_quick_start_is_short_and_can_be_called() {
    let examples = Reference::read().examples;
    let first = examples.first().expect("the quick start comes first");
    assert!(
        first.is_whole() && first.text.lines().count() <= 20,
        "{}",
        first.text
    );
    let loaded = load(&[whole(first)]).unwrap_or_else(|found| panic!("{}", found.render(false)));
    let [api] = loaded.apis.as_slice() else {
        panic!("the quick start describes one API")
    };
    let called: Vec<&str> = api
        .resources
        .iter()
        .flat_map(|one| &one.methods)
        .map(|method| method.operation.as_str())
        .collect();
    assert_eq!(
        called,
        [
            "books.list",
            "books.get",
            "books.create",
            "books.update",
            "books.delete"
        ]
    );
}

#[test]
fn links_inside_the_reference_lead_somewhere() {
    let reference = Reference::read();
    let headings = reference.anchors();
    let mut rest = reference.text.as_str();
    let mut count = 0;
    while let Some((_, behind)) = rest.split_once("](#") {
        let (anchor, after) = behind.split_once(')').expect("a link is closed");
        assert!(
            headings.contains(anchor),
            "no heading is called `#{anchor}`"
        );
        (rest, count) = (after, count + 1);
    }
    assert!(
        count > headings.len(),
        "each heading is linked to from the contents"
    );
}

/// Row I21: no key of the language takes a pattern, so that no description can make one run for long; and neither the
/// generator nor the runtime knows how to run one. What looks like one in the schema for editors is ours.
#[test]
fn nothing_in_a_description_is_a_pattern() {
    let is_pattern =
        |key: &&String| ["pattern", "regex", "regexp", "matches"].contains(&key.as_str());
    for (name, table) in tables::read() {
        let found: Vec<_> = table.keys.keys().filter(is_pattern).collect();
        assert!(found.is_empty(), "`{name}` takes a pattern: {found:?}");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for package in ["codegen", "runtime", "generated", "xtask"] {
        let manifest = fs::read_to_string(root.join(package).join("Cargo.toml"));
        let manifest = manifest.expect("each package has a manifest");
        let engines = manifest.lines().filter(|line| line.contains("regex"));
        assert_eq!(engines.collect::<Vec<_>>(), Vec::<&str>::new(), "{package}");
    }
}
