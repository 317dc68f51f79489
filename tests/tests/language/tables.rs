//! The keys and words that the generator reads, found in the text of `codegen/src/document`.
//!
//! It knows three forms only: structs inside of `document! { … }`, hand-written `list_keys` with one
//! `keys.extend([…])`, and the words of `words! { … }`. It must not be lenient about them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// How often a key stands in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Required,
    Optional,
    Many,
    /// The table is written by hand.
    Unknown,
}

/// The keys of one struct.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) keys: BTreeMap<String, Mode>,
}

fn sources() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codegen/src/document");
    let files = fs::read_dir(&folder).expect("the sources of the generator lie beside the tests");
    let mut paths: Vec<_> = files
        .map(|file| file.expect("an entry is readable").path())
        .collect();
    paths.push(folder.with_extension("rs"));
    paths.sort();
    let rust = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.map(|path| fs::read_to_string(path).expect("a source is text"))
        .collect()
}

/// Every table of keys, by the name of its struct.
pub(crate) fn read() -> BTreeMap<String, Table> {
    let mut tables = BTreeMap::new();
    for source in sources() {
        for block in blocks(&source, "document! {") {
            read_structs(&block, &mut tables);
        }
        read_by_hand(&source, &mut tables);
    }
    tables
}

/// The insides of all blocks that begin a line with these words and end with a brace alone.
fn blocks(source: &str, opening: &str) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut inside = false;
    for line in source.lines() {
        if line == opening {
            inside = true;
            found.push(Vec::new());
        } else if line == "}" {
            inside = false;
        } else if inside {
            found
                .last_mut()
                .expect("a block was opened")
                .push(line.trim().to_owned());
        }
    }
    found
}

fn read_structs(block: &[String], tables: &mut BTreeMap<String, Table>) {
    let mut name = String::new();
    let lines = block
        .iter()
        .filter(|line| !line.is_empty() && !line.starts_with("//") && *line != "}");
    for line in lines {
        if let Some(rest) = line.strip_prefix("struct ") {
            rest.trim_end_matches(" {").clone_into(&mut name);
            let before = tables.insert(name.clone(), Table::default());
            assert!(before.is_none(), "two tables are called `{name}`");
            continue;
        }
        let (key, rest) = line
            .split_once(": ")
            .unwrap_or_else(|| panic!("not an entry of a table: `{line}`"));
        let mode = match rest.split_once(' ').map(|(mode, _)| mode) {
            Some("required") => Mode::Required,
            Some("optional") => Mode::Optional,
            Some("many") => Mode::Many,
            // The keys of the other struct have a table of their own.
            Some("flat") => continue,
            _ => panic!("a key of an unknown mode: `{line}`"),
        };
        let table = tables.get_mut(&name).expect("a key follows its struct");
        table
            .keys
            .insert(key.trim_start_matches("r#").to_owned(), mode);
    }
}

fn read_by_hand(source: &str, tables: &mut BTreeMap<String, Table>) {
    for part in source.split("Table for ").skip(1) {
        let (name, rest) = part.split_once('<').unwrap_or(("", part));
        // The macro's own `impl` names a struct that it does not know yet.
        if name.is_empty() || name.contains('$') || name.contains(char::is_whitespace) {
            continue;
        }
        let (_, list) = rest
            .split_once("keys.extend([")
            .expect("a table lists its keys");
        let (list, _) = list.split_once(']').expect("a list is closed");
        let keys = quoted(list)
            .into_iter()
            .map(|key| (key, Mode::Unknown))
            .collect();
        tables.insert(name.to_owned(), Table { keys });
    }
}

fn quoted(text: &str) -> Vec<String> {
    text.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Every word that a key takes, every type of the language, and the kinds of places.
pub(crate) fn words() -> Vec<String> {
    let mut words = Vec::new();
    for source in sources() {
        for line in blocks(&source, "words! {").into_iter().flatten() {
            if let Some((_, word)) = line.split_once(" = ") {
                words.extend(quoted(word));
            }
        }
        if let Some((_, names)) = source.split_once("const NAMES: [(&'static str, Self);") {
            let (names, _) = names.split_once("];").expect("the list of types is closed");
            words.extend(quoted(names));
        }
    }
    words.sort();
    words.dedup();
    words
}
