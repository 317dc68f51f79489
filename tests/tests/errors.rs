//! Every diagnostic has a case here, and says word for word what its case expects.
//!
//! A case is `errors/<code>/<name>.yaml` (or `.escaped`, `.repeated`) beside `<name>.stderr` with all
//! that is reported; `cargo xtask bless` writes what is reported now.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use etiquette_codegen::{Diagnostics, codes, explain};
use etiquette_xtask::snapshots::{self, ErrorCase, example, read, report};

fn reports(diagnostics: &Diagnostics, code: &str) -> bool {
    diagnostics.sorted().iter().any(|found| found.code == code)
}

/// `E020/typing_mistake`
fn name(case: &ErrorCase) -> String {
    let stem = case.path.file_stem().expect("a case has a name");
    format!("{}/{}", case.code, stem.to_string_lossy())
}

fn cases() -> Vec<ErrorCase> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    snapshots::error_cases(tests).expect("the cases can be read")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    read.map(|entry| entry.expect("an entry is readable").path())
        .collect()
}

#[test]
fn every_case_reports_its_code_and_exactly_what_it_expects() {
    let mut wrong = Vec::new();
    for case in cases() {
        let (diagnostics, usable) = report(&case.sources);
        let actual = diagnostics.render(false);
        if !reports(&diagnostics, &case.code) {
            wrong.push(format!(
                "{} does not report {}:\n{actual}",
                name(&case),
                case.code
            ));
        }
        if usable != case.code.starts_with('W') {
            wrong.push(format!(
                "{}: an error stops generation and a warning does not:\n{actual}",
                name(&case)
            ));
        }
        let expected = fs::read_to_string(case.expectation()).unwrap_or_default();
        if expected != actual {
            wrong.push(format!(
                "{} expects\n{expected}\nand reports\n{actual}",
                name(&case)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n`cargo xtask bless` writes what is reported now",
        wrong.join("\n")
    );
}

#[test]
fn every_expectation_has_a_case() {
    let cases: BTreeSet<PathBuf> = cases().iter().map(ErrorCase::expectation).collect();
    let expectations = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("errors"))
        .into_iter()
        .flat_map(|folder| entries(&folder))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "stderr")
        });
    let orphans: Vec<PathBuf> = expectations.filter(|path| !cases.contains(path)).collect();
    assert!(orphans.is_empty(), "no case belongs to {orphans:?}");
}

#[test]
fn every_code_has_a_case_and_every_case_a_code() {
    let known: BTreeSet<String> = codes().iter().map(|code| code.code.to_owned()).collect();
    let tried: BTreeSet<String> = cases().into_iter().map(|case| case.code).collect();
    let without_case: Vec<&String> = known.difference(&tried).collect();
    let without_code: Vec<&String> = tried.difference(&known).collect();
    assert!(without_case.is_empty(), "without a case: {without_case:?}");
    assert!(without_code.is_empty(), "without a code: {without_code:?}");
}

#[test]
fn codes_are_in_order_and_each_has_a_page_that_begins_with_its_title() {
    let order: Vec<&str> = codes().iter().map(|code| code.code).collect();
    assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{order:?}");
    for code in codes() {
        let page = explain(code.code).expect("a code has a page");
        let title = format!("# {}: {}\n", code.code, code.title);
        assert!(
            page.starts_with(&title),
            "the page of {} does not begin with `{}`",
            code.code,
            title.trim_end()
        );
    }
}

#[test]
fn every_page_shows_a_description_that_has_its_code() {
    let mut wrong = Vec::new();
    for code in codes() {
        let Some((notation, text)) = example(code.page, "Example") else {
            wrong.push(format!("{} shows no example", code.code));
            continue;
        };
        let (diagnostics, _) = report(&read(notation, &text));
        if !reports(&diagnostics, code.code) {
            wrong.push(format!(
                "the example of {} does not report it:\n{}",
                code.code,
                diagnostics.render(false)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A cure that is shown as a description has to be usable, otherwise it cures nothing.
#[test]
fn every_cure_that_is_shown_works() {
    let mut wrong = Vec::new();
    for code in codes() {
        let Some((notation, text)) = example(code.page, "Cure") else {
            continue;
        };
        let (diagnostics, usable) = report(&read(notation, &text));
        if !usable || reports(&diagnostics, code.code) {
            wrong.push(format!(
                "the cure of {} does not help:\n{}",
                code.code,
                diagnostics.render(false)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_message_reads_like_the_others_and_says_where() {
    for case in cases() {
        let (diagnostics, _) = report(&case.sources);
        let name = name(&case);
        // What stands in a message may be hostile; only its shown form has to be harmless.
        let shown = diagnostics.render(false);
        assert!(
            !shown.contains(|char: char| char.is_control() && char != '\n'),
            "{name}: {shown:?}"
        );
        for found in diagnostics.sorted() {
            let message = &found.message;
            assert!(!message.is_empty(), "{name}: a message says something");
            assert!(
                !message.ends_with('.'),
                "{name}: {message:?} has a full stop"
            );
            assert!(
                !message.starts_with(char::is_uppercase),
                "{name}: {message:?} is in lower case"
            );
            let place = &found.place;
            assert!(
                place.line >= 1 && place.column >= 1 && place.width >= 1,
                "{name}: {place:?}"
            );
            assert!(
                case.sources
                    .iter()
                    .any(|source| source.path.starts_with(&*place.path)),
                "{name}: {} is no file of the case",
                place.path,
            );
            assert!(
                found.help.as_ref().is_some_and(|help| !help.is_empty()),
                "{name}: {message:?} has no help"
            );
        }
    }
}
