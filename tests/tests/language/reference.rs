//! The reference of the language as its reader meets it: tables of keys, examples, headings.
//!
//! A table of keys stands below `<!-- keys: Struct -->` and has the columns key, value, what holds
//! when it is left out, what it says, and an example.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What `schema/README.md` holds.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) text: String,
    pub(crate) tables: Vec<KeyTable>,
    pub(crate) examples: Vec<Example>,
}

/// A table of keys.
#[derive(Debug)]
pub(crate) struct KeyTable {
    /// The document structs whose keys these are.
    pub(crate) of: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// A key.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) default: String,
    pub(crate) example: String,
}

/// A fenced block of YAML.
#[derive(Debug)]
pub(crate) struct Example {
    /// The line of its fence, from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl Example {
    /// Whether it is a description and not only a part of one.
    pub(crate) fn is_whole(&self) -> bool {
        self.text.starts_with("etiquette: 1\n")
    }
}

impl Reference {
    pub(crate) fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/README.md");
        let text = fs::read_to_string(path).expect("the reference lies beside the descriptions");
        Self {
            tables: tables(&text),
            examples: examples(&text),
            text,
        }
    }

    /// The names by which links find headings.
    pub(crate) fn anchors(&self) -> BTreeSet<String> {
        let headings = self
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("## "));
        headings
            .map(|heading| heading.to_lowercase().replace(' ', "-"))
            .collect()
    }
}

fn tables(text: &str) -> Vec<KeyTable> {
    let mut tables = Vec::new();
    for part in text.split("<!-- keys: ").skip(1) {
        let (names, table) = part.split_once(" -->\n").expect("a mark is closed");
        let lines = table.lines().take_while(|line| line.starts_with('|'));
        // The first two lines are the heading and the rule below it.
        let rows: Vec<Row> = lines.skip(2).map(row).collect();
        assert!(!rows.is_empty(), "no table follows the mark of `{names}`");
        tables.push(KeyTable {
            of: names.split(' ').map(str::to_owned).collect(),
            rows,
        });
    }
    tables
}

fn row(line: &str) -> Row {
    let cells = cells(line);
    let [key, _, default, _, example] = cells.as_slice() else {
        panic!("a row has five cells: {line}")
    };
    let code = |cell: &str| {
        cell.strip_prefix('`')
            .and_then(|cell| cell.strip_suffix('`'))
            .map(str::to_owned)
    };
    Row {
        key: code(key).unwrap_or_else(|| panic!("a row begins with a key: {line}")),
        default: default.clone(),
        example: code(example).unwrap_or_else(|| panic!("a row ends with an example: {line}")),
    }
}

/// The cells of a row; a bar behind a backslash belongs to its cell.
fn cells(line: &str) -> Vec<String> {
    let inside = line
        .strip_prefix('|')
        .and_then(|line| line.strip_suffix('|'));
    let inside = inside.unwrap_or_else(|| panic!("a row stands between bars: {line}"));
    inside
        .replace("\\|", "\u{1}")
        .split('|')
        .map(|cell| cell.trim().replace('\u{1}', "|"))
        .collect()
}

fn examples(text: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut open: Option<Example> = None;
    for (index, line) in text.lines().enumerate() {
        match &mut open {
            Some(_) if line == "```" => examples.extend(open.take()),
            Some(example) => {
                example.text.push_str(line);
                example.text.push('\n');
            }
            None if line == "```yaml" => {
                open = Some(Example {
                    line: index + 1,
                    text: String::new(),
                });
            }
            None => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    examples
}
