//! How long things are: hand-written files, their opening lines, and the runtime as a whole.
//! Assumes that tests stand last in a file, as the style asks. Must not count what is generated.

use super::code::blank;
use super::{Finding, Text};

/// A file that is longer holds more than one noun.
const LONGEST_FILE: usize = 500;

/// Lines of code in the runtime's own crate; what goes beyond belongs behind a seam. The goal was 5 000 for a runtime that
/// decides less; this is what it has reached with all of its policies, to be lowered.
const LARGEST_RUNTIME: usize = 17_600;

/// Rooms whose files are kept short.
const ROOMS: [&str; 4] = ["codegen/", "runtime/", "xtask/", "tests/"];

pub(super) fn check(texts: &[Text]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for text in texts.iter().filter(|text| text.is_hand_written_rust()) {
        let lines = text.content.lines().count();
        if lines > LONGEST_FILE && ROOMS.iter().any(|room| text.path.starts_with(room)) {
            findings.push(text.finding_on_all(format!(
                "{lines} lines, more than {LONGEST_FILE}: divide it by nouns"
            )));
        }
        let opening = text
            .content
            .lines()
            .take_while(|line| line.starts_with("//!"));
        let opening = opening.count();
        // The root's opening lines are also the front page of the crate's documentation.
        let (least, most) = if text.path.ends_with("src/lib.rs") {
            (2, usize::MAX)
        } else if is_product(&text.path) {
            (2, 6)
        } else {
            (1, 8)
        };
        if !(least..=most).contains(&opening) {
            findings.push(text.finding(
                1,
                format!(
                    "opens with {opening} lines of `//!` and not with {least} to {most}: say what \
                     the file is, what it may assume and what it must not do"
                ),
            ));
        }
    }
    let gated = find_gated(texts);
    let counted = |text: &&Text| {
        is_runtime(text)
            && !text.path.ends_with("/tests.rs")
            && !text.path.ends_with("/loom.rs")
            && !text.path.contains("/tests/")
            && !gated.iter().any(|module| text.path.starts_with(module))
    };
    let total: usize = texts
        .iter()
        .filter(counted)
        .map(|text| count_code(&text.content))
        .sum();
    if total > LARGEST_RUNTIME {
        findings.push(Finding {
            path: "runtime/src".to_owned(),
            line: None,
            message: format!(
                "{total} lines of code without optional features, more than {LARGEST_RUNTIME}: \
                 move something behind a seam"
            ),
        });
    }
    findings
}

/// A file of a room that is delivered. What a test is for is often said in one line.
fn is_product(path: &str) -> bool {
    let is_test = path.contains("/tests/") || path.ends_with("tests.rs");
    !is_test
        && ["codegen/src/", "runtime/src/", "xtask/src/"]
            .iter()
            .any(|room| path.starts_with(room))
}

fn is_runtime(text: &Text) -> bool {
    text.path.starts_with("runtime/src/") && text.path.ends_with(".rs")
}

/// The modules of the runtime that are built only with a feature that is off by default, as
/// beginnings of paths.
fn find_gated(texts: &[Text]) -> Vec<String> {
    let manifest = texts.iter().find(|text| text.path == "runtime/Cargo.toml");
    let default = manifest
        .and_then(|text| text.content.split_once("\ndefault = ["))
        .and_then(|(_, rest)| rest.split_once(']'))
        .map_or("", |(list, _)| list);
    let mut gated = Vec::new();
    for text in texts.iter().filter(|text| is_runtime(text)) {
        let folder = match text.path.strip_suffix("lib.rs") {
            Some(folder) => folder.to_owned(),
            None => format!("{}/", text.path.trim_end_matches(".rs")),
        };
        let code = blank(&text.content).uncommented;
        let lines: Vec<&str> = code.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let feature = line
                .strip_prefix("#[cfg(feature = \"")
                .and_then(|rest| rest.strip_suffix("\")]"));
            let module = lines[at + 1..]
                .iter()
                .find(|line| !line.is_empty() && !line.starts_with('#'))
                .and_then(|line| line.strip_suffix(';')?.rsplit_once("mod "))
                .map(|(_, name)| name);
            if let (Some(feature), Some(module)) = (feature, module)
                && !default.contains(&format!("\"{feature}\""))
            {
                gated.push(format!("{folder}{module}.rs"));
                gated.push(format!("{folder}{module}/"));
            }
        }
    }
    gated
}

/// Lines that are neither blank nor comment, up to the test module.
fn count_code(source: &str) -> usize {
    let code = blank(source).uncommented;
    let lines: Vec<&str> = code
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let is_tests = |pair: &[&str]| {
        pair[0].starts_with("#[cfg(test)]")
            && pair
                .concat()
                .split_once("mod ")
                .is_some_and(|(_, rest)| rest.contains('{'))
    };
    let end = lines.windows(2).position(is_tests);
    end.unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::{LARGEST_RUNTIME, Text, check, count_code};

    fn findings(path: &str, content: String) -> Vec<String> {
        let path = path.to_owned();
        check(&[Text { path, content }])
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    const OPENING: &str = "//! What it is.\n//! What it must not do.\n";

    #[test]
    fn counts_code_up_to_the_tests() {
        let source = "//! a\n\nuse b;\n/* c\n d */\nfn e() { // f\n}\n\
                      #[cfg(test)]\nuse g;\nconst H: &str = \"\nx\n\";\n\
                      #[cfg(test)]\nmod tests {\n fn i() {}\n}\n";
        assert_eq!(count_code(source), 8);
        assert_eq!(count_code("#[cfg(test)]\nmod tests;\nfn a() {}\n"), 3);
        assert_eq!(count_code(""), 0);
    }

    #[test]
    fn files_are_short_and_say_what_they_are() {
        let long = format!("{OPENING}{}", "x();\n".repeat(499));
        assert_eq!(findings("codegen/src/x.rs", long.clone()).len(), 1);
        assert!(findings("generated/src/x.rs", long.clone()).is_empty());
        assert!(findings("tests/cases/x.rs", long).is_empty());
        let fits = format!("{OPENING}{}", "x();\n".repeat(498));
        assert!(findings("codegen/src/x.rs", fits).is_empty());
        assert_eq!(findings("xtask/src/x.rs", "//! One.\n".to_owned()).len(), 1);
        assert_eq!(findings("xtask/src/x.rs", "//! A.\n".repeat(7)).len(), 1);
        assert_eq!(findings("xtask/src/x.rs", String::new()).len(), 1);
    }

    #[test]
    fn the_runtime_is_small() {
        let file = |name: &str, lines: usize| Text {
            path: format!("runtime/{name}"),
            content: format!("{OPENING}{}", "x();\n".repeat(lines)),
        };
        // As large as it may be: whole files, and a last one with the rest.
        let whole = (LARGEST_RUNTIME - 1) / 400;
        let last = LARGEST_RUNTIME - 400 * whole;
        let numbered = |n: usize| file(&format!("src/{n}.rs"), 400);
        let mut texts: Vec<Text> = (0..whole).map(numbered).collect();
        texts.push(file("src/a/tests.rs", 400));
        texts.push(file("redis/src/lib.rs", 400));
        texts.push(file("src/last.rs", last));
        assert!(check(&texts).is_empty());
        texts.push(file("src/extra.rs", 400));
        texts.push(file("src/extra/deep.rs", 400));
        assert_eq!(
            check(&texts).len(),
            1,
            "the module counts if nothing says otherwise"
        );
        texts.push(Text {
            path: "runtime/src/lib.rs".to_owned(),
            content: format!("{OPENING}#[cfg(feature = \"extra\")]\npub mod extra;\n"),
        });
        texts.retain(|text| text.path != "runtime/src/last.rs");
        assert!(
            check(&texts).is_empty(),
            "a feature that is off does not count"
        );
        texts.push(Text {
            path: "runtime/Cargo.toml".to_owned(),
            content: "[features]\ndefault = [\"extra\"]\n".to_owned(),
        });
        assert_eq!(check(&texts).len(), 1, "a feature that is on does");
        texts.pop();
        texts.push(file("src/last.rs", last - 1));
        texts.push(file("src/more.rs", 1));
        assert_eq!(check(&texts).len(), 1);
    }
}
