//! Tests of type expressions.

use super::*;
use crate::diagnostics::{Place, YamlPath};

/// The expression in quotes on a line, as a file might have it.
fn spanned(text: &str) -> Spanned<String> {
    let source_line = format!("x: \"{text}\"");
    let place = Place {
        path: "schema/example.yaml".into(),
        line: 1,
        column: 4,
        width: 1,
        yaml_path: YamlPath::root(),
        source_line: source_line.as_str().into(),
    };
    Spanned {
        value: text.to_owned(),
        place,
    }
}

fn show(parsed: &TypeExpr) -> String {
    match parsed {
        TypeExpr::Builtin(builtin) => format!("{builtin:?}").to_lowercase(),
        TypeExpr::Name(name) => name.value.clone(),
        TypeExpr::List(inner) => format!("list<{}>", show(inner)),
        TypeExpr::Map(inner) => format!("map<{}>", show(inner)),
        TypeExpr::Nullable(inner) => format!("{} | null", show(inner)),
        TypeExpr::Shape(shape, name) => {
            format!("{}<{}>", format!("{shape:?}").to_lowercase(), name.value)
        }
    }
}

#[test]
fn expressions_are_read() {
    for (name, builtin) in Builtin::NAMES {
        assert_eq!(
            parse_type(&spanned(name)).unwrap(),
            TypeExpr::Builtin(builtin)
        );
    }
    for text in [
        "User",
        "list<User>",
        "map<list<int | null> | null>",
        "string | null",
        "new<User>",
        "list<put<User>>",
        "patch<User> | null",
    ] {
        assert_eq!(show(&parse_type(&spanned(text)).unwrap()), text);
    }
    assert_eq!(
        show(&parse_type(&spanned("  list < User|null >  ")).unwrap()),
        "list<User | null>"
    );
}

#[test]
fn mistakes_are_marked_where_they_are() {
    for (text, column, message) in [
        ("", 1, "a type is missing here"),
        ("list<", 6, "a type is missing here"),
        ("list", 1, "`list` needs a type"),
        ("list<string", 12, "`>` is missing"),
        ("map<string, int>", 11, "a type takes one argument"),
        ("string?", 7, "a type has no `?`"),
        ("string[]", 7, "a list is not written with `[]`"),
        ("string | int", 10, "only `null` may stand behind `|`"),
        ("string | null | null", 15, "`null` is the last alternative"),
        ("null", 1, "`null` is no type"),
        ("set<int>", 1, "`set` takes no type"),
        ("new<int>", 5, "`new` takes the name of a type"),
        ("a-b", 1, "`a-b` is no type"),
        ("list<Us er>", 9, "`>` is missing"),
        ("int>", 4, "unexpected `>` in a type"),
        ("x{}; fn", 1, "`x{};` is no type"),
    ] {
        let found = parse_type(&spanned(text)).unwrap_err();
        assert_eq!(
            (found.code, found.message.as_str()),
            ("E028", message),
            "{text}"
        );
        let expected = if text.is_empty() { 4 } else { column + 4 };
        assert_eq!(found.place.column, expected, "{text}");
    }
}

#[test]
fn depth_is_limited() {
    let nested = |depth: usize| {
        spanned(&format!(
            "{}int{}",
            "list<".repeat(depth),
            ">".repeat(depth)
        ))
    };
    assert!(parse_type(&nested(15)).is_ok());
    for depth in [16, 10_000] {
        assert_eq!(
            parse_type(&nested(depth)).unwrap_err().message,
            "the type is nested too deeply"
        );
    }
}
