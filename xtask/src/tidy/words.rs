//! Words that must not be in the repository: unfinished work, exceptions without a reason, and
//! places of somebody's machine. Assumes texts; Rust is read without its comments and literals
//! where a word in them means nothing. Must not look into the fixtures of tests for style.

use super::code::blank;
use super::{Finding, Text};

/// Folders on one machine. Written in halves, so that this file may stay.
const MACHINE: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tmp/", "target"),
    concat!("../", "shared"),
];

/// Marks of unfinished work, in halves too.
const MARKS: [&str; 2] = [concat!("FIX", "ME"), concat!("XX", "X")];

/// Code of unfinished work.
const UNFINISHED: [&str; 3] = ["todo!(", "unimplemented!(", "#[ignore"];

/// Exceptions to a lint, which carry a reason.
const EXCEPTIONS: [&str; 4] = ["#[allow(", "#![allow(", "#[expect(", "#![expect("];

pub(super) fn check(texts: &[Text]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for text in texts {
        check_places(text, &mut findings);
        if text.is_generated() || text.is_fixture() {
            continue;
        }
        if text.path.ends_with(".rs") || text.path.ends_with(".toml") {
            check_marks(text, &mut findings);
        }
        if text.path.ends_with(".rs") {
            check_code(text, &mut findings);
        }
        if text.path.rsplit('/').next() == Some("util.rs") {
            findings.push(text.finding_on_all("a file is named after the noun it holds"));
        }
    }
    findings
}

/// A description may well name such a path: it is about somebody's API.
fn check_places(text: &Text, findings: &mut Vec<Finding>) {
    if text.path.starts_with("schema/") || text.is_fixture() {
        return;
    }
    for (word, line) in lines_with(&text.content, &MACHINE) {
        // In a longer path, the folder is not one of the machine.
        let alone = |at: usize| {
            word.starts_with("..")
                || !line.text[..at].ends_with(|before: char| {
                    before.is_alphanumeric() || matches!(before, '.' | '_' | '-' | '}' | '>')
                })
        };
        if line.text.match_indices(word).any(|(at, _)| alone(at)) {
            findings.push(text.finding(
                line.number,
                format!("`{word}` is a place on one machine: the repository stands alone"),
            ));
        }
    }
}

fn check_marks(text: &Text, findings: &mut Vec<Finding>) {
    for (word, line) in lines_with(&text.content, &MARKS) {
        let whole = |at: usize| {
            let around = line.text[..at].chars().next_back();
            let behind = line.text[at + word.len()..].chars().next();
            ![around, behind]
                .into_iter()
                .flatten()
                .any(|letter| letter.is_alphanumeric() || letter == '_')
        };
        if line.text.match_indices(word).any(|(at, _)| whole(at)) {
            findings.push(text.finding(
                line.number,
                format!("`{word}` marks unfinished work: finish it or take it out"),
            ));
        }
    }
}

fn check_code(text: &Text, findings: &mut Vec<Finding>) {
    let bare = blank(&text.content).bare;
    for (word, line) in lines_with(&bare, &UNFINISHED) {
        findings.push(text.finding(
            line.number,
            format!("`{word}…` is unfinished work: finish it or take it out"),
        ));
    }
    for word in EXCEPTIONS {
        for (at, _) in bare.match_indices(word) {
            let attribute = &bare[at..];
            let end = attribute.find(']').unwrap_or(attribute.len());
            if !attribute[..end].contains("reason") {
                let line = bare[..at].matches('\n').count() + 1;
                findings.push(text.finding(
                    line,
                    format!("`{word}…)]` gives no reason: add `reason = \"…\"`"),
                ));
            }
        }
    }
}

struct Line<'a> {
    number: usize,
    text: &'a str,
}

fn lines_with<'a>(
    content: &'a str,
    words: &'a [&'a str],
) -> impl Iterator<Item = (&'a str, Line<'a>)> {
    content.lines().enumerate().flat_map(move |(index, text)| {
        let number = index + 1;
        let held = words.iter().filter(move |word| text.contains(**word));
        held.map(move |word| (*word, Line { number, text }))
    })
}

#[cfg(test)]
mod tests {
    use super::{MACHINE, MARKS, Text, check};

    fn lines(path: &str, content: &str) -> Vec<Option<usize>> {
        let (path, content) = (path.to_owned(), content.to_owned());
        check(&[Text { path, content }])
            .into_iter()
            .map(|finding| finding.line)
            .collect()
    }

    #[test]
    fn places_of_a_machine_are_found_anywhere() {
        for place in MACHINE {
            for path in [
                "README.md",
                "generated/src/lib.rs",
                "xtask/src/x.rs",
                ".cargo/config.toml",
            ] {
                assert_eq!(
                    lines(path, &format!("a\nsee \"{place}x\"\n")),
                    [Some(2)],
                    "{place}"
                );
            }
            assert!(lines("schema/a.yaml", place).is_empty());
        }
        assert!(lines("README.md", &format!("https://a.example{}x", MACHINE[0])).is_empty());
        assert!(lines("README.md", &format!("{{id}}{}x", MACHINE[1])).is_empty());
    }

    #[test]
    fn unfinished_work_is_found_in_code_and_its_marks_in_comments() {
        let path = "runtime/src/x.rs";
        assert_eq!(lines(path, "fn a() {\n    todo!()\n}\n"), [Some(2)]);
        assert_eq!(lines(path, "#[ignore = \"slow\"]\n"), [Some(1)]);
        assert_eq!(lines(path, &format!("// {}: later\n", MARKS[0])), [Some(1)]);
        assert_eq!(lines(path, &format!("// {} later\n", MARKS[1])), [Some(1)]);
        assert!(lines(path, "// todo!() is not used\nconst A: &str = \"todo!()\";").is_empty());
        assert!(
            lines(
                path,
                &format!("const A: &str = \"{}{}\";", MARKS[1], MARKS[1])
            )
            .is_empty()
        );
    }

    #[test]
    fn exceptions_carry_a_reason() {
        let path = "runtime/src/x.rs";
        assert_eq!(lines(path, "\n#[allow(dead_code)]\nfn a() {}"), [Some(2)]);
        assert_eq!(lines(path, "#![expect(dead_code)]"), [Some(1)]);
        assert!(lines(path, "#[allow(\n dead_code,\n reason = \"x\"\n)]").is_empty());
        assert!(lines("generated/src/x.rs", "#[allow(dead_code)]").is_empty());
    }

    #[test]
    fn files_are_named_after_nouns() {
        assert_eq!(lines("runtime/src/util.rs", ""), [None]);
        assert!(lines("runtime/src/futile.rs", "").is_empty());
    }
}
