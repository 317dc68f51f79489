//! What editors do with `schema/etiquette.schema.json`: they accept every description that loads, and
//! mark what is wrong in its shape, as far as a JSON Schema can see it.
//!
//! Another crate's validator stands for the editors, and our own reading of YAML for theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use etiquette_xtask::snapshots::{error_cases, example, read};
use jsonschema::Validator;
use serde_json::Value;

use super::core_schema;
use super::reference::Reference;
use super::whole;

/// The codes of what is wrong with a value by itself, whatever names mean.
const SHAPES: [&str; 13] = [
    "E017", "E018", "E020", "E021", "E022", "E023", "E024", "E025", "E026", "E027", "E028", "E034",
    "E052",
];

/// Cases of those codes that no JSON Schema can see, with the reason.
const UNSEEN: [(&str, &str); 4] = [
    (
        "E018/date",
        "YAML 1.2 has no dates, so that the value is a text",
    ),
    (
        "E018/enum_value",
        "YAML 1.2 has neither `yes` nor `no`, so that they are texts",
    ),
    (
        "E021/nothing_at_all",
        "a further file of a folder may hold nothing",
    ),
    ("E023/negative_zero", "JSON does not tell `-0` from `0`"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn schema() -> Value {
    let text = text(&root().join("schema/etiquette.schema.json"));
    serde_json::from_str(&text).expect("the schema is JSON")
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).expect("the schema can be used")
}

/// What is wrong with a text, with the places; nothing where an editor marks nothing.
fn marks(validator: &Validator, text: &str) -> Vec<String> {
    let Some(value) = core_schema::read(text) else {
        return vec!["it is no YAML".to_owned()];
    };
    let errors = validator.iter_errors(&value);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// Every `.yaml` file below a folder.
fn descriptions(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("an entry is readable").path();
        if path.is_dir() {
            found.extend(descriptions(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_schema_is_what_the_generator_reads() {
    let there = text(&root().join("schema/etiquette.schema.json"));
    assert!(
        there == etiquette_codegen::editor_schema(),
        "`cargo xtask generate` writes it anew"
    );
}

#[test]
fn the_schema_is_one_of_its_draft() {
    let schema = schema();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn each_definition_is_used_and_each_key_is_explained() {
    let schema = schema();
    let text = schema.to_string();
    let definitions = schema["$defs"].as_object().expect("there are definitions");
    assert!(definitions.len() > 60, "only {} of them", definitions.len());
    for (name, definition) in definitions {
        assert!(
            text.contains(&format!("\"#/$defs/{name}\"")),
            "nothing refers to {name}"
        );
        let keys = definition["properties"].as_object().into_iter().flatten();
        for (key, value) in keys {
            let words = value["description"].as_str().unwrap_or_default();
            assert!(
                words.len() > 5,
                "`{key}` of {name} is explained by {words:?}"
            );
        }
    }
}

#[test]
fn every_description_of_ours_is_accepted() {
    let validator = validator();
    let root = root();
    let mut paths = descriptions(&root.join("schema"));
    paths.extend(descriptions(&root.join("tests/cases/schema")));
    paths.push(root.join("tests/tests/mutations/whole.yaml"));
    assert!(paths.len() > 20, "{paths:?}");
    let mut wrong = Vec::new();
    for path in paths.iter().filter(|path| !path.ends_with("waivers.yaml")) {
        let marks = marks(&validator, &text(path));
        wrong.extend(marks.iter().map(|mark| format!("{}{mark}", path.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_of_the_reference_is_accepted() {
    let validator = validator();
    let mut wrong = Vec::new();
    for example in &Reference::read().examples {
        let source = whole(example);
        let text = String::from_utf8(source.text).expect("an example is text");
        let marks = marks(&validator, &text);
        wrong.extend(
            marks
                .iter()
                .map(|mark| format!("line {}{mark}", example.line)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Cases of warnings and of errors in meaning are well formed, so that nothing in them is marked.
#[test]
fn what_is_well_formed_is_accepted_however_wrong_it_is() {
    let validator = validator();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for case in error_cases(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("they can be read") {
        if case.code.as_str() < "E040" || SHAPES.contains(&case.code.as_str()) {
            continue;
        }
        seen.insert(case.code.clone());
        for source in &case.sources {
            let Ok(text) = std::str::from_utf8(&source.text) else {
                continue;
            };
            let marks = marks(&validator, text);
            wrong.extend(
                marks
                    .iter()
                    .map(|mark| format!("{}{mark}", case.path.display())),
            );
        }
    }
    assert!(seen.len() > 50, "only {seen:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_wrong_in_its_shape_is_marked() {
    let validator = validator();
    let mut unseen: BTreeMap<&str, &str> = UNSEEN.into_iter().collect();
    let mut wrong = Vec::new();
    let mut tried = BTreeSet::new();
    for case in error_cases(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("they can be read") {
        if !SHAPES.contains(&case.code.as_str()) {
            continue;
        }
        let stem = case.path.file_stem().expect("a case has a name");
        let name = format!("{}/{}", case.code, stem.to_string_lossy());
        let texts = case
            .sources
            .iter()
            .map(|source| String::from_utf8_lossy(&source.text));
        let marked = texts
            .into_iter()
            .any(|text| !marks(&validator, &text).is_empty());
        match (marked, unseen.remove(name.as_str())) {
            (true, None) => {
                tried.insert(case.code);
            }
            (false, Some(reason)) => assert!(reason.len() > 20, "{name} has no reason"),
            (true, Some(_)) => wrong.push(format!("{name} is marked, and said not to be")),
            (false, None) => wrong.push(format!("{name} is not marked")),
        }
    }
    assert!(unseen.is_empty(), "there are no cases {unseen:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(tried, SHAPES.map(str::to_owned).into());
}

/// A cure that a page shows is accepted, and its example is marked unless its kind cannot be seen.
#[test]
fn the_pages_of_those_codes_agree_with_the_editors() {
    let validator = validator();
    let mut cures = 0;
    for code in etiquette_codegen::codes() {
        if !SHAPES.contains(&code.code) {
            continue;
        }
        let shown = |heading| {
            let (notation, text) = example(code.page, heading)?;
            let sources = read(notation, &text);
            let texts = sources.iter().map(|one| String::from_utf8_lossy(&one.text));
            Some(
                texts
                    .flat_map(|text| marks(&validator, &text))
                    .collect::<Vec<_>>(),
            )
        };
        let marked = shown("Example").expect("a page has an example");
        assert!(
            !marked.is_empty(),
            "the example of {} is not marked",
            code.code
        );
        if let Some(marked) = shown("Cure") {
            assert!(marked.is_empty(), "the cure of {}: {marked:?}", code.code);
            cures += 1;
        }
    }
    assert!(cures > 0, "no page shows a cure");
}

/// An editor finds the schema relative to the file that names it.
#[test]
fn each_first_line_leads_to_the_schema() {
    let schema = fs::canonicalize(root().join("schema/etiquette.schema.json"))
        .expect("the schema lies beside the descriptions");
    let mut wrong = Vec::new();
    let paths = descriptions(&root().join("schema"));
    for path in paths.iter().filter(|path| !path.ends_with("waivers.yaml")) {
        let text = text(path);
        let named = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# yaml-language-server: $schema="));
        let folder = path.parent().expect("a description lies in a folder");
        let leads = named.and_then(|named| fs::canonicalize(folder.join(named)).ok());
        if leads.as_ref() != Some(&schema) {
            wrong.push(format!("{} names {named:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
