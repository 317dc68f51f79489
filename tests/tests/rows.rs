//! The table of rows in `runtime/README.md`: each fault that has a row is held by tests that exist and say so, or the
//! table says that it is not ours yet.
//!
//! It reads sources as text and runs nothing. A row is `| A7 | what holds | path/to/file.rs: test, other_test |`, with
//! several files separated by `;`, or `| D6 | what would hold | not built: why |`. Paths start at the workspace root.

use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

const TABLE: &str = "runtime/README.md";

/// The rows that this crate answers for: a letter and numbers.
const ROWS: [(char, RangeInclusive<u32>); 10] = [
    ('A', 1..=26),
    ('B', 1..=25),
    ('D', 1..=18),
    ('E', 1..=13),
    ('F', 1..=6),
    ('F', 9..=9),
    ('F', 11..=15),
    ('H', 1..=10),
    ('K', 1..=5),
    ('K', 8..=8),
];

/// Who holds a row.
#[derive(Debug, PartialEq)]
enum Held<'t> {
    /// Files, each with its tests.
    By(Vec<(&'t str, Vec<&'t str>)>),
    /// Nobody yet, and why.
    NotBuilt(&'t str),
}

fn read(path: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let root = root.expect("the workspace is above");
    fs::read_to_string(root.join(path)).ok()
}

/// `A7` as letter and number.
fn row(text: &str) -> Option<(char, u32)> {
    let text = text.trim().trim_matches('*');
    let letter = text.chars().next().filter(char::is_ascii_uppercase)?;
    let digits = text.get(1..)?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    Some((letter, digits.parse().ok().filter(|_| is_number)?))
}

/// The rows of a table, with their lines; what is wrong with them comes besides.
fn table(text: &str) -> (BTreeMap<(char, u32), Held<'_>>, Vec<String>) {
    let (mut rows, mut wrong) = (BTreeMap::new(), Vec::new());
    for line in text.lines().filter(|line| line.starts_with('|')) {
        let line = line.trim().trim_matches('|');
        let Some((first, rest)) = line.split_once('|') else {
            continue;
        };
        let Some(name) = row(first) else { continue };
        let Some((what, by)) = rest.rsplit_once('|') else {
            wrong.push(format!("{}: three columns are wanted", first.trim()));
            continue;
        };
        if what.trim().is_empty() {
            wrong.push(format!("{}: it does not say what holds", first.trim()));
        }
        match held(by.trim()) {
            Ok(held) => {
                if rows.insert(name, held).is_some() {
                    wrong.push(format!("{}: it stands there twice", first.trim()));
                }
            }
            Err(why) => wrong.push(format!("{}: {why}", first.trim())),
        }
    }
    (rows, wrong)
}

fn held(by: &str) -> Result<Held<'_>, String> {
    if let Some(why) = by.strip_prefix("not built") {
        let why = why.trim_start_matches(':').trim();
        return match why.is_empty() {
            true => Err("it does not say why it is not built".to_owned()),
            false => Ok(Held::NotBuilt(why)),
        };
    }
    let mut files = Vec::new();
    for part in by.split(';') {
        let Some((file, tests)) = part.split_once(':') else {
            return Err(format!("`{}` is no file with tests", part.trim()));
        };
        let bare = |text: &'_ str| text.trim().trim_matches('`').to_owned();
        let names: Vec<&str> = tests
            .split(',')
            .map(|test| test.trim().trim_matches('`'))
            .collect();
        if names.iter().any(|name| name.is_empty()) || !bare(file).ends_with(".rs") {
            return Err(format!("`{}` is no file with tests", part.trim()));
        }
        files.push((file.trim().trim_matches('`'), names));
    }
    Ok(Held::By(files))
}

/// Whether a doc comment names the row, alone or within a range: `Rows A1 to A10, B4 and R1`.
fn names(comment: &str, (letter, number): (char, u32)) -> bool {
    let words: Vec<&str> = comment
        .split(|one: char| !one.is_ascii_alphanumeric() && one != '–' && one != '-')
        .filter(|word| !word.is_empty())
        .collect();
    let in_range = |from: Option<(char, u32)>, to: Option<(char, u32)>| {
        let (Some((first, from)), Some((last, to))) = (from, to) else {
            return false;
        };
        first == letter && last == letter && (from..=to).contains(&number)
    };
    words.iter().enumerate().any(|(place, word)| {
        let range = word.split_once(['–', '-']);
        row(word) == Some((letter, number))
            || range.is_some_and(|(from, to)| in_range(row(from), row(to)))
            || words.get(place + 1) == Some(&"to")
                && words
                    .get(place + 2)
                    .is_some_and(|to| in_range(row(word), row(to)))
    })
}

/// The paragraphs of doc comments, each on one line.
fn comments(source: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in source.lines().map(str::trim_start) {
        let text = line.strip_prefix("///").or(line.strip_prefix("//!"));
        match (text, found.last_mut()) {
            (Some(text), Some(last)) => last.push_str(text),
            (None, Some(last)) if !last.is_empty() => found.push(String::new()),
            (None, _) | (_, None) => {}
        }
    }
    found.retain(|comment| comment.contains("Row") || comment.contains("row"));
    found
}

/// Whether a function of this name is a test. Attributes and comments stand directly above it.
fn is_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim_start).collect();
    let head = format!("fn {name}(");
    lines.iter().enumerate().any(|(place, line)| {
        let is_it = line
            .strip_prefix("pub ")
            .unwrap_or(line)
            .trim_start_matches("async ")
            .starts_with(&head);
        let above = lines[..place]
            .iter()
            .rev()
            .take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        is_it
            && above
                .into_iter()
                .any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
    })
}

/// What is wrong with a row that is held by tests.
fn faults_of(row: (char, u32), files: &[(&str, Vec<&str>)]) -> Vec<String> {
    let (letter, number) = row;
    let mut wrong = Vec::new();
    for (file, tests) in files {
        let Some(source) = read(file) else {
            wrong.push(format!("{letter}{number}: there is no file `{file}`"));
            continue;
        };
        for test in tests.iter().filter(|test| !is_test(&source, test)) {
            wrong.push(format!("{letter}{number}: `{file}` has no test `{test}`"));
        }
        if !comments(&source).iter().any(|comment| names(comment, row)) {
            wrong.push(format!(
                "{letter}{number}: no doc comment in `{file}` names the row"
            ));
        }
    }
    wrong
}

#[test]
fn each_row_is_held_by_a_test_that_exists() {
    let text = read(TABLE).expect("the runtime has a README");
    let (rows, mut wrong) = table(&text);
    assert!(
        !rows.is_empty(),
        "{TABLE} has no table of rows: lines like `| A7 | what holds | path/to/file.rs: test, other_test |`"
    );
    for (letter, numbers) in ROWS {
        let missing = numbers.filter(|number| !rows.contains_key(&(letter, *number)));
        wrong.extend(missing.map(|number| format!("{letter}{number}: it is missing")));
    }
    for (row, held) in &rows {
        if let Held::By(files) = held {
            wrong.extend(faults_of(*row, files));
        }
    }
    assert!(wrong.is_empty(), "{TABLE}:\n{}", wrong.join("\n"));
    let unbuilt = rows.values().filter(|it| matches!(it, Held::NotBuilt(_)));
    println!("{} rows, {} not built", rows.len(), unbuilt.count());
}

/// The reader itself: what it takes in, and what it must not let pass.
#[test]
fn a_table_is_read_and_its_faults_are_found() {
    let text = "| row | what | tests |\n|---|---|---|\n| A7 | one key | `a.rs`: `one`, two; b/c.rs: three |\n\
                | D6 | bombs | not built: no compression |\n| B1 | x | not built |\n| B2 | x | nothing |\n\
                | D6 | again | not built: no compression |\n";
    let (rows, wrong) = table(text);
    let files = vec![("a.rs", vec!["one", "two"]), ("b/c.rs", vec!["three"])];
    assert_eq!(rows[&('A', 7)], Held::By(files));
    assert_eq!(rows[&('D', 6)], Held::NotBuilt("no compression"));
    let wanted = [
        "B1: it does not say why it is not built",
        "B2: `nothing` is no file with tests",
        "D6: it stands there twice",
    ];
    assert_eq!(wrong, wanted);
    for (comment, number) in [
        ("Row A7: x", 7),
        ("Rows A1 to A10 and R1", 7),
        ("Rows B7, A5–A8", 7),
    ] {
        assert!(names(comment, ('A', number)), "{comment}");
    }
    for comment in ["Row A70: x", "Rows B1 to B10", "Rows A1 and A10", "A 7"] {
        assert!(!names(comment, ('A', 7)), "{comment}");
    }
    let source =
        "/// Row A7: x\n/// y\n#[test]\nfn one() {}\n\nfn two() {}\n#[test]\n\nfn three() {}\n";
    let tests = ["one", "two", "three", "on"].map(|name| is_test(source, name));
    assert_eq!(tests, [true, false, false, false]);
    assert_eq!(comments(source), [" Row A7: x y"]);
    let wrong = faults_of(('A', 27), &[("tests/tests/rows.rs", vec!["no_such_test"])]);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert_eq!(faults_of(('A', 1), &[("no/such.rs", vec!["x"])]).len(), 1);
}
