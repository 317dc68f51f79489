//! Tests of screening, limits, the walk and the comparison of the two parsers.

#![allow(clippy::unwrap_used, reason = "a test ends where its expectation does")]

mod mutations;

use super::*;
use crate::diagnostics::Diagnostics;

fn run(text: &[u8]) -> (Option<Node>, Diagnostics) {
    let source = Source {
        path: "schema/example.yaml".to_owned(),
        text: text.to_vec(),
    };
    let mut diagnostics = Diagnostics::new();
    let node = parse(&source, &mut diagnostics);
    assert_eq!(
        node.is_none(),
        diagnostics.has_errors(),
        "a tree or an error: {}",
        diagnostics.render(false)
    );
    (node, diagnostics)
}

/// The codes with line and column, in order.
fn found(text: impl AsRef<[u8]>) -> Vec<(&'static str, u32, u32)> {
    let (_, diagnostics) = run(text.as_ref());
    diagnostics
        .sorted()
        .iter()
        .map(|found| (found.code, found.place.line, found.place.column))
        .collect()
}

fn codes(text: impl AsRef<[u8]>) -> Vec<&'static str> {
    let mut codes: Vec<_> = found(text).into_iter().map(|(code, ..)| code).collect();
    codes.dedup();
    codes
}

fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(test)
        .unwrap()
        .join()
        .unwrap();
}

/// Row I1: nine levels of nine aliases each.
#[test]
fn billion_laughs_are_refused_at_the_first_anchor() {
    let mut text = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for (level, above) in ('b'..='i').zip('a'..) {
        text.push_str(&format!(
            "{level}: &{level} [{}]\n",
            vec![format!("*{above}"); 9].join(", ")
        ));
    }
    let all = found(&text);
    assert!(all.iter().all(|(code, ..)| *code == "E011"), "{all:?}");
    assert_eq!(all[0].1, 1);
}

#[test]
fn anchors_aliases_merge_keys_and_tags_are_refused() {
    assert_eq!(found("a: &x 1\n"), [("E011", 1, 4)]);
    assert_eq!(codes("a: &x 1\nb: *x\n"), ["E011"]);
    assert_eq!(codes("a: {<<: {b: 1}}\n"), ["E011"]);
    assert_eq!(codes("a: {\"<<\": {b: 1}}\n"), [""; 0]);
    for tagged in [
        "a: !!str 1\n",
        "a: !x {b: 1}\n",
        "a: ! b\n",
        "a: !!set [b]\n",
    ] {
        assert_eq!(codes(tagged), ["E012"], "{tagged}");
    }
}

/// Row I2: a hundred thousand levels, in braces and by indentation, on a small stack.
#[test]
fn deep_nesting_is_refused_on_a_small_stack() {
    on_small_stack(|| {
        let deep = 100_000;
        assert_eq!(codes("[".repeat(deep)), ["E007"]);
        assert_eq!(codes("{a: ".repeat(deep)), ["E007"]);
        assert_eq!(
            codes(format!("{}{}", "[".repeat(deep), "]".repeat(deep))),
            ["E007"]
        );
        assert_eq!(codes("- ".repeat(deep)), ["E007"]);
        assert_eq!(codes("? ".repeat(deep)), ["E007"]);
        let mut block = String::new();
        for level in 0..1_500 {
            block.push_str(&" ".repeat(level));
            block.push_str("a:\n");
        }
        assert_eq!(codes(block), ["E007"]);
    });
}

#[test]
fn thirty_two_levels_are_allowed_and_one_more_is_not() {
    on_small_stack(|| {
        let nested = |levels: usize| format!("{}a{}\n", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(codes(nested(32)), [""; 0]);
        assert_eq!(found(nested(33)), [("E007", 1, 33)]);
    });
}

/// Row I3: sizes, each at its limit and one beyond it.
#[test]
fn sizes_are_limited() {
    let text = |length: usize| format!("a: {}\n", "x".repeat(length));
    assert_eq!(codes(text(64 * 1024)), [""; 0]);
    assert_eq!(found(text(64 * 1024 + 1)), [("E009", 1, 4)]);
    let key = |length: usize| format!("{}: x\n", "k".repeat(length));
    assert_eq!(codes(key(64)), [""; 0]);
    assert_eq!(found(key(65)), [("E010", 1, 1)]);
    let comment = |length: usize| format!("a: b\n#{}", "x".repeat(length - 6));
    assert_eq!(codes(comment(4 * 1024 * 1024)), [""; 0]);
    assert_eq!(codes(comment(4 * 1024 * 1024 + 1)), ["E006"]);
}

/// Row I3: a million fields; the list itself is one node.
#[test]
fn nodes_are_limited() {
    let list = |items: usize| format!("[{}]", vec!["a"; items].join(","));
    assert_eq!(codes(list(199_999)), [""; 0]);
    assert_eq!(codes(list(1_000_000)), ["E008"]);
}

#[test]
fn the_files_of_an_api_together_have_ten_times_as_much() {
    let source = Source {
        path: "schema/example/a.yaml".to_owned(),
        text: b"[a, b, c]".to_vec(),
    };
    let run = |mut totals: Totals| {
        let mut diagnostics = Diagnostics::new();
        parse_counting(&source, &mut totals, &mut diagnostics);
        diagnostics
            .sorted()
            .iter()
            .map(|found| found.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        run(Totals {
            nodes: 2_000_000 - 4,
            bytes: 0
        }),
        [""; 0]
    );
    assert_eq!(
        run(Totals {
            nodes: 2_000_000 - 3,
            bytes: 0
        }),
        ["E008"]
    );
    assert_eq!(
        run(Totals {
            nodes: 0,
            bytes: 40 * 1024 * 1024 - 9
        }),
        [""; 0]
    );
    assert_eq!(
        run(Totals {
            nodes: 0,
            bytes: 40 * 1024 * 1024 - 8
        }),
        ["E006"]
    );
}

/// Row I4: the second key is marked, the first is shown.
#[test]
fn duplicate_keys_are_refused_at_the_second() {
    let (_, diagnostics) = run(b"users:\n  a: 1\n  b: 2\n  'a': 3\n");
    let [found] = diagnostics.sorted()[..] else {
        panic!("one finding")
    };
    assert_eq!(
        (found.code, found.place.line, found.place.column),
        ("E014", 4, 3)
    );
    assert_eq!(found.place.yaml_path.to_string(), "users.a");
    assert_eq!((found.also[0].0.line, found.also[0].0.column), (2, 3));
    assert_eq!(codes("{a: 1, a: 2, a: 3}"), ["E014"]);
}

/// Row I6: encodings.
#[test]
fn other_encodings_are_refused() {
    let wide = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    let big = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect::<Vec<u8>>()
    };
    for bytes in [
        wide("\u{feff}a: b"),
        big("\u{feff}a: b"),
        wide("a: b"),
        big("a: b"),
    ] {
        assert_eq!(codes(bytes), ["E002"]);
    }
    let wider: Vec<u8> = "a: b"
        .chars()
        .flat_map(|char| u32::from(char).to_le_bytes())
        .collect();
    assert_eq!(codes(wider), ["E002"]);
    assert_eq!(found(b"a: b\nc: \xff\xfe d\n"), [("E001", 2, 4)]);
    assert_eq!(found(b"\xc3"), [("E001", 1, 1)]);
}

/// Row I6: a byte order mark is allowed as the first character only, and shifts no place.
#[test]
fn a_byte_order_mark_is_allowed_at_the_start() {
    assert_eq!(codes("\u{feff}a: b\n"), [""; 0]);
    assert_eq!(found("\u{feff}a: b\na: c\n"), [("E014", 2, 1)]);
    assert_eq!(found("\u{feff}a: b\n\u{feff}"), [("E004", 2, 1)]);
    assert_eq!(found("\u{feff}a: \u{feff}b\n"), [("E004", 1, 4)]);
}

/// Rows I6 and I16: what may not stand anywhere, not even in a comment or in quotes.
#[test]
fn forbidden_characters_are_located() {
    let controls =
        "\0\u{1}\u{8}\u{b}\u{c}\u{e}\u{1b}\u{1f}\u{7f}\u{80}\u{85}\u{9f}\r\u{fffe}\u{ffff}";
    for control in controls.chars() {
        assert_eq!(
            found(format!("a: b\nc: \"é {control}x\"\n")),
            [("E003", 2, 7)],
            "{control:?}"
        );
        assert_eq!(
            found(format!("a: b # {control}x\n")),
            [("E003", 1, 8)],
            "{control:?}"
        );
    }
    let invisible = "\u{61c}\u{200b}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{feff}\u{e0001}\u{e0061}";
    for char in invisible.chars() {
        assert_eq!(
            found(format!("a: b # {char}x\n")),
            [("E004", 1, 8)],
            "{char:?}"
        );
    }
    assert_eq!(
        codes("a: \"tab\there, \u{e9}\u{1f600}\u{4e2d}\"\r\nb: c\r\n"),
        [""; 0]
    );
}

/// Row I6: documents and directives.
#[test]
fn a_file_holds_one_document() {
    assert_eq!(codes("---\na: b\n...\n"), [""; 0]);
    assert_eq!(found("a: b\n---\nc: d\n"), [("E013", 2, 1)]);
    assert_eq!(found("%YAML 1.2\n---\na: b\n"), [("E005", 1, 1)]);
    assert_eq!(codes(""), ["E022"]);
    assert_eq!(codes("# nothing\n"), ["E022"]);
    assert_eq!(codes("---\n"), ["E022"]);
}

#[test]
fn an_entry_needs_a_value() {
    assert_eq!(found("a:\n  b:\n  c: d\n"), [("E017", 2, 3)]);
    assert_eq!(codes("- a\n-\n"), ["E017"]);
    assert_eq!(codes("a: \"\"\nb: ''\nc: null\n"), [""; 0]);
    assert_eq!(codes(": b\n"), ["E019"]);
    assert_eq!(codes("[a]: b\n"), ["E019"]);
}

/// The comma splits the type in two, and no parser minds.
#[test]
fn a_comma_in_braces_gets_its_help() {
    let (_, diagnostics) = run(b"x: {a: map<string, int>}\n");
    let [found] = diagnostics.sorted()[..] else {
        panic!("one finding")
    };
    assert_eq!((found.code, found.place.column), ("E017", 20));
    assert!(
        found
            .help
            .as_deref()
            .unwrap()
            .starts_with("quote the comma"),
        "{found:?}"
    );
    let (_, diagnostics) = run(b"x:\n  a:\n");
    assert!(
        !diagnostics.sorted()[0]
            .help
            .as_deref()
            .unwrap()
            .contains("comma")
    );
}

#[test]
fn scalars_keep_the_text_of_the_source() {
    let (node, _) = run(b"a: 0x10\nb: 1_000\nc: 'it''s'\nd: \"\\u0041\"\ne: no\n");
    let node = node.unwrap();
    let scalar = |key: &str| match &node.get(key).unwrap().kind {
        Kind::Scalar(Scalar { text, plain }) => (text.clone(), *plain),
        other => panic!("{other:?}"),
    };
    assert_eq!(scalar("a"), ("0x10".to_owned(), true));
    assert_eq!(scalar("b"), ("1_000".to_owned(), true));
    assert_eq!(scalar("c"), ("it's".to_owned(), false));
    assert_eq!(scalar("d"), ("A".to_owned(), false));
    assert_eq!(scalar("e"), ("no".to_owned(), true));
}

#[test]
fn places_point_at_scalars_and_at_the_keys_of_collections() {
    let (node, _) = run("é: {b: [x, \"yy\"]}\n".as_bytes());
    let list = node
        .as_ref()
        .unwrap()
        .get("é")
        .and_then(|node| node.get("b"))
        .unwrap();
    assert_eq!((list.place.column, list.place.width), (5, 1));
    let Kind::Sequence(items) = &list.kind else {
        panic!("a list")
    };
    assert_eq!((items[1].place.column, items[1].place.width), (12, 4));
    assert_eq!(items[1].place.yaml_path.to_string(), "é.b[1]");
    assert_eq!(&*items[1].place.source_line, "é: {b: [x, \"yy\"]}");
}

/// Row I5: everything that YAML 1.1 or 1.2 takes for something else than text, and what it does not.
#[test]
fn ambiguous_scalars() {
    use Reading::{Bool, Date, Null, Number, Sexagesimal, Text};
    let table: [(Reading, &str); 6] = [
        (Null, "~ null Null NULL"),
        (
            Bool,
            "y Y yes Yes YES n N no No NO true True TRUE false False FALSE on On ON off Off OFF",
        ),
        (
            Number,
            "0 1 -1 +1 01 007 08 0x10 0xAF 0o17 0b11 1_000 1.0 1. .5 -.5 1e3 1E-3 1.5e+3 .inf -.INF .NaN 1.2_3 12e5 1_",
        ),
        (Sexagesimal, "1:30 190:20:30 -1:30 1:30.5 20:59"),
        (
            Date,
            "2024-01-31 2024-1-5 2001-12-14t21:59:43.10-05:00 2001-12-14T21:59:43Z",
        ),
        (
            Text,
            "a nO yEs nul 1a 1.2.3 v1 1-2 0x 0xg 0b2 1e 1e+ e3 - + . .. ._1 1:60 a:30 1:300 1: :30 2024-01 2024-01-31x 24-01-31 inf nan tRUE 12-34-56 _1",
        ),
    ];
    for (expected, scalars) in table {
        for scalar in scalars.split(' ') {
            assert_eq!(read_by_yaml(scalar), expected, "{scalar}");
        }
    }
    assert_eq!(read_by_yaml(""), Null);
    assert_eq!(read_by_yaml("2001-12-14 21:59:43.10 -5"), Date);
    assert_eq!(read_by_yaml("2001-12-14 release notes"), Text);
    assert_eq!(read_by_yaml("2001-12-14 10 apples: red"), Text);
}

/// Whatever the second parser takes for something else than text is at least as ambiguous for us.
#[test]
fn the_second_parser_guesses_nothing_that_we_take_for_text() {
    let mut random = fastrand::Rng::with_seed(7);
    let letters: Vec<char> = "0123456789+-._:eExobTZ nfaNIF~".chars().collect();
    for _ in 0..50_000 {
        let length = random.usize(1..9);
        let text: String = (0..length)
            .map(|_| letters[random.usize(..letters.len())])
            .collect();
        if let Ok(value) = serde_yaml::from_str::<serde_yaml::Value>(&text) {
            let guessed = !matches!(
                value,
                serde_yaml::Value::String(_)
                    | serde_yaml::Value::Mapping(_)
                    | serde_yaml::Value::Sequence(_)
            );
            if guessed && !text.contains(' ') {
                assert_ne!(read_by_yaml(&text), Reading::Text, "{text:?} is {value:?}");
            }
        }
    }
}

#[test]
fn what_only_one_parser_accepts_is_located() {
    assert_eq!(
        found("a: 1\nb: 10000000000000000000000\n"),
        [("E016", 2, 4)]
    );
    assert_eq!(found("a: {1: x, 0x1: y}\n"), [("E016", 1, 4)]);
    assert_eq!(found("a: b\nc: {?: 1}\n"), [("E016", 2, 5)]);
}

#[test]
fn syntax_errors_are_located() {
    assert_eq!(
        found("a: b\nc: \"no end\n").first().map(|found| found.0),
        Some("E015")
    );
    assert_eq!(
        found("a: [b\nc: d\n").first().map(|found| found.0),
        Some("E015")
    );
    assert_eq!(codes("a:\n\tb: c\n"), ["E015"]);
    assert_eq!(found("a: b: c\n"), [("E015", 1, 5)]);
}
