//! Tests of rendering, suggesting and the table of codes.

#![allow(clippy::unwrap_used, reason = "a test ends where its expectation does")]

use super::*;

fn place(line_text: &str, column: u32, width: u32) -> Place {
    Place {
        path: "schema/users.yaml".into(),
        line: 12,
        column,
        width,
        yaml_path: YamlPath::root()
            .key("types")
            .key("User")
            .item(0)
            .key("filed"),
        source_line: line_text.into(),
    }
}

#[test]
fn renders_in_the_manner_of_rustc() {
    let mut found = Diagnostics::new();
    let first = Place {
        line: 3,
        ..place("  filed: y", 3, 5)
    };
    found.push(
        Diagnostic::new("E020", &place("    filed: x", 5, 5), "unknown key `filed`")
            .also(&first, "first given here")
            .suggest("filed", ["wire", "field"]),
    );
    let expected = "\
E020: unknown key `filed`
  --> schema/users.yaml:12:5 (types.User[0].filed)
   |
12 |     filed: x
   |     ^^^^^
  --> schema/users.yaml:3:3 (types.User[0].filed)
   |
 3 |   filed: y
   |   ----- first given here
   = help: did you mean `field`?

";
    assert_eq!(found.render(false), expected);
    let colored = found.render(true);
    assert!(
        colored.starts_with("\u{1b}[1m\u{1b}[91mE020\u{1b}[0m"),
        "{colored:?}"
    );
}

#[test]
fn a_long_line_is_cut_around_the_marker() {
    let line = format!("{}BAD{}", "a".repeat(5_000), "z".repeat(5_000));
    let mut found = Diagnostics::new();
    found.push(Diagnostic::new(
        "E020",
        &place(&line, 5_001, 3),
        "unknown key `BAD`",
    ));
    let text = found.render(false);
    assert!(
        text.lines().all(|line| line.chars().count() < 140),
        "{text}"
    );
    let lines: Vec<&str> = text.lines().collect();
    let at = lines[3].chars().position(|char| char == 'B').unwrap();
    let mark = lines[4].chars().position(|char| char == '^').unwrap();
    assert_eq!(at, mark, "{text}");
    assert!(lines[3].contains("… a") && lines[3].ends_with(" …"));
}

/// Row I16: what a description holds must not steer the terminal that shows it.
#[test]
fn what_a_terminal_would_obey_is_escaped_and_the_marker_still_fits() {
    let mut found = Diagnostics::new();
    found.push(
        Diagnostic::new(
            "E020",
            &place("\t\u{1b}[2J\u{202e}: x", 7, 1),
            "bad \u{7}\n`\u{200b}`",
        )
        .help("no \u{1b}"),
    );
    let text = found.render(false);
    let hidden = |char: char| char != '\n' && crate::source::is_hidden(char);
    assert!(!text.contains(hidden), "{text:?}");
    assert!(
        text.starts_with("E020: bad \\u{0007}\\u{000a}`\\u{200b}`\n"),
        "{text}"
    );
    let lines: Vec<&str> = text.lines().collect();
    let column = lines[3].find(": x").unwrap();
    assert_eq!(lines[4].find('^'), Some(column), "{text}");
}

#[test]
fn findings_are_sorted_and_each_is_told_once() {
    let mut found = Diagnostics::new();
    let late = Place {
        line: 20,
        ..place("x", 1, 1)
    };
    found.push(Diagnostic::new("E021", &late, "b"));
    found.push(Diagnostic::new("E020", &place("x", 2, 1), "c"));
    found.push(Diagnostic::new("E020", &place("x", 1, 1), "a"));
    found.push(Diagnostic::new("E020", &place("x", 1, 1), "a"));
    let order: Vec<&str> = found
        .sorted()
        .iter()
        .map(|found| found.message.as_str())
        .collect();
    assert_eq!(order, ["a", "c", "b"]);
    assert!(found.has_errors());
}

#[test]
fn findings_beyond_the_limit_are_counted() {
    let mut found = Diagnostics::new();
    for line in 1..=MOST as u32 + 7 {
        found.push(Diagnostic::new(
            "E020",
            &Place {
                line,
                ..place("x", 1, 1)
            },
            "a",
        ));
    }
    assert_eq!(
        (found.sorted().len(), found.dropped(), found.error_count()),
        (MOST, 7, MOST + 7)
    );
    assert!(found.render(false).ends_with("… and 7 more\n"));
    let mut all = Diagnostics::new();
    all.append(found);
    assert_eq!((all.dropped(), all.error_count()), (7, MOST + 7));
}

#[test]
fn an_allowed_path_covers_what_is_below_it() {
    let path = YamlPath::root()
        .key("resources")
        .key("users")
        .key("methods")
        .key("list");
    assert!(path.is_at("users.list"));
    assert!(path.is_at("users"));
    assert!(path.is_at("resources.users.methods.list"));
    assert!(!path.is_at("user"));
    assert!(!path.is_at("users.list.out"));
}

/// An error must not be talked away by the description that has it.
#[test]
fn settling_drops_no_error() {
    let mut found = Diagnostics::new();
    found.push(Diagnostic::new("E020", &place("x", 1, 1), "a"));
    found.settle(&[&("E020".to_owned(), "types".to_owned(), "reason".to_owned())]);
    assert!(found.has_errors());
}

/// Row I7.
#[test]
fn suggests_what_was_probably_meant() {
    for (given, expected) in [
        ("filed", Some("field")),
        ("feild", Some("field")),
        ("FIELD", Some("field")),
        ("fields", Some("field")),
        ("fi", None),
        ("something", None),
        ("", None),
        ("wrie", Some("wire")),
    ] {
        assert_eq!(
            did_you_mean(given, ["wire", "field", "access"]),
            expected,
            "{given}"
        );
    }
    assert_eq!(did_you_mean(&"x".repeat(100_000), ["xxxx"]), None);
}

#[test]
fn every_code_has_a_page_in_the_same_form() {
    let mut last = "";
    for entry in codes() {
        assert!(
            entry.code[..1] > last[..last.len().min(1)] || entry.code > last,
            "{} is out of order",
            entry.code
        );
        last = entry.code;
        let title = format!("# {}: {}\n\n", entry.code, entry.title);
        assert!(
            entry.page.starts_with(&title),
            "{}: the page begins with its title",
            entry.code
        );
        for heading in ["\n## Example\n\n```", "\n## Cure\n\n"] {
            assert!(
                entry.page.contains(heading),
                "{}: the page has {heading:?}",
                entry.code
            );
        }
        assert!(
            entry.page.lines().count() >= 10,
            "{}: the page says something",
            entry.code
        );
        assert_eq!(explain(entry.code), Some(entry.page));
    }
    assert_eq!(explain("E999"), None);
}

#[test]
fn a_part_of_a_text_has_its_own_place() {
    let plain = place("    type: list<Usr>", 11, 9);
    assert_eq!(plain.within("list<Usr>", 5, 3).column, 16);
    let quoted = place("    type: \"list<Usr>\"", 11, 11);
    assert_eq!(quoted.within("list<Usr>", 5, 3).column, 17);
    let folded = place("    type: >", 11, 1);
    assert_eq!(folded.within("list<Usr>", 5, 3), folded);
}
