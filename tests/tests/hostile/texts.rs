//! Families that attack the features and limits of YAML: aliases, tags, depth, size, keys.

use super::family::{ENVIRONMENTS, Expect, Family, HEAD, RESOURCES, api, family, field, file, raw};
use Expect::{Code, Loads};
use etiquette_codegen::Source;

pub(crate) fn families() -> Vec<Family> {
    vec![
        alias_bombs(),
        merge_keys(),
        tags(),
        deep_flow(),
        deep_blocks(),
        large_files(),
        many_nodes(),
        long_texts(),
        long_names(),
        duplicate_keys(),
        several_documents(),
        directives(),
        tabs(),
        broken_yaml(),
    ]
}

/// Row I1: anchors and aliases do not exist, so that nothing can multiply.
fn alias_bombs() -> Family {
    let nine = (1..9).map(|level| {
        format!(
            "l{level}: &l{level} [{}]\n",
            vec![format!("*l{}", level - 1); 9].join(", ")
        )
    });
    let laughs = format!("l0: &l0 [a, a]\n{}", nine.collect::<String>());
    let wide = format!("l0: &l0 [a]\nl1: [{}]\n", vec!["*l0"; 1_000].join(", "));
    family(
        "alias bombs",
        &["I1"],
        Code("E011"),
        [
            ("nine levels", api(&laughs)),
            ("wide", api(&wide)),
            ("recursive", api("l0: &l0 [*l0]\n")),
            ("recursive mapping", api("l0: &l0 {a: *l0}\n")),
            ("anchor only", api("title: &title Users\n")),
            ("anchor on a key", api("&title title: Users\n")),
            ("alias as a key", api("title: &t Users\n*t : x\n")),
            ("alias of a key", api("&t title: Users\ndoc: *t\n")),
            (
                "anchor on the document",
                raw(format!("&all\n{HEAD}{ENVIRONMENTS}{RESOURCES}")),
            ),
            ("anchor in a type", field("name: &n string")),
        ],
    )
}

/// Row I1: merge keys.
fn merge_keys() -> Family {
    family(
        "merge keys",
        &["I1"],
        Code("E011"),
        [
            ("inline", api("<<: {title: Users}\n")),
            (
                "in a type",
                api("types: {User: {<<: {fields: {a: string}}}}\n"),
            ),
            ("of a list", api("<<: [{title: Users}]\n")),
        ],
    )
}

fn tags() -> Family {
    family(
        "tags",
        &["I1", "I8", "I22"],
        Code("E012"),
        [
            (
                "python",
                api("title: !!python/object/apply:os.system [id]\n"),
            ),
            ("local", api("title: !secret Users\n")),
            ("include", api("types: !include types.yaml\n")),
            ("str", api("title: !!str Users\n")),
            ("binary", api("title: !!binary aGk=\n")),
            ("set", api("types: !!set {a}\n")),
            ("verbatim", api("title: !<tag:yaml.org,2002:str> Users\n")),
            ("non-specific", api("title: ! Users\n")),
        ],
    )
}

/// Row I2: recursion over the depth of a document.
fn deep_flow() -> Family {
    let nested = |open: &str, close: &str, depth: usize| {
        api(&format!(
            "doc: {}a{}\n",
            open.repeat(depth),
            close.repeat(depth)
        ))
    };
    family(
        "deep flow collections",
        &["I2"],
        Code("E007"),
        [
            ("40 lists", nested("[", "]", 40)),
            ("1 000 lists", nested("[", "]", 1_000)),
            ("100 000 lists", nested("[", "]", 100_000)),
            (
                "1 000 000 lists that are not closed",
                api(&format!("doc: {}", "[".repeat(1_000_000))),
            ),
            ("1 000 mappings", nested("{a: ", "}", 1_000)),
            ("100 000 mappings", nested("{a: ", "}", 100_000)),
            ("mappings as keys", nested("{? ", " : b}", 1_000)),
        ],
    )
}

fn deep_blocks() -> Family {
    let mapping = |depth: usize| {
        (0..depth)
            .map(|level| format!("{}a:\n", " ".repeat(level)))
            .collect::<String>()
    };
    family(
        "deep block collections",
        &["I2"],
        Code("E007"),
        [
            (
                "40 mappings",
                api(&format!("{}{}x: 1\n", mapping(40), " ".repeat(40))),
            ),
            (
                "1 000 mappings",
                api(&format!("{}{}x: 1\n", mapping(1_000), " ".repeat(1_000))),
            ),
            (
                "1 000 lists",
                api(&format!("notes:\n  {}a\n", "- ".repeat(1_000))),
            ),
            (
                "60 000 lists",
                api(&format!("notes:\n  {}a\n", "- ".repeat(60_000))),
            ),
            ("children of children", {
                let level = |depth: usize| {
                    format!(
                        "{}children:\n{}c:\n",
                        " ".repeat(4 * depth),
                        " ".repeat(4 * depth + 2)
                    )
                };
                api(&format!(
                    "resources:\n  r:\n{}",
                    (1..20).map(level).collect::<String>()
                ))
            }),
        ],
    )
}

/// Row I3.
fn large_files() -> Family {
    let padded = |size: usize| {
        let api = format!("{HEAD}{ENVIRONMENTS}{RESOURCES}");
        raw(format!("{api}#{}", "x".repeat(size - api.len() - 1)))
    };
    let folder: Vec<Source> = std::iter::once(file(
        "schema/example/api.yaml",
        format!("{HEAD}{ENVIRONMENTS}{RESOURCES}"),
    ))
    .chain((0..11).map(|n| {
        file(
            &format!("schema/example/f{n}.yaml"),
            format!("types: {{}}\n#{}", "x".repeat(4_000_000)),
        )
    }))
    .collect();
    family(
        "large files",
        &["I3"],
        Code("E006"),
        [
            ("one byte more than 4 MiB", padded((4 << 20) + 1)),
            ("40 MiB of blanks", raw(" ".repeat(40 << 20))),
            ("8 MiB of nothing valid", raw(vec![0xff; 8 << 20])),
            ("eleven files of an API", folder),
        ],
    )
    .and(Loads, [("4 MiB", padded(4 << 20))])
}

fn many_nodes() -> Family {
    family(
        "many nodes",
        &["I3"],
        Code("E008"),
        [
            (
                "a flow list",
                api(&format!("notes: [{}]\n", "a, ".repeat(200_001))),
            ),
            (
                "a block list",
                api(&format!("notes:\n{}", "- a\n".repeat(200_001))),
            ),
            (
                "a mapping",
                api(&format!(
                    "types:\n{}",
                    (0..100_001)
                        .map(|n| format!("  T{n}: a\n"))
                        .collect::<String>()
                )),
            ),
            (
                "empty lists",
                api(&format!("notes: [{}]\n", "[],".repeat(200_001))),
            ),
        ],
    )
}

fn long_texts() -> Family {
    let long = "x".repeat((64 << 10) + 1);
    family(
        "long texts",
        &["I3"],
        Code("E009"),
        [
            ("plain", api(&format!("doc: {long}\n"))),
            ("quoted", api(&format!("doc: \"{long}\"\n"))),
            ("single quotes", api(&format!("doc: '{long}'\n"))),
            ("block", api(&format!("doc: |\n  {long}\n"))),
            (
                "folded",
                api(&format!(
                    "doc: >\n{}",
                    "  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n".repeat(2_000)
                )),
            ),
            ("a type", field(&format!("name: {long}"))),
        ],
    )
    .and(
        Loads,
        [(
            "64 KiB of words",
            api(&format!("doc: \"{}\"\n", "word ".repeat(13_000))),
        )],
    )
}

fn long_names() -> Family {
    let types = |name: &str| api(&format!("types: {{{name}: {{alias: string}}}}\n"));
    family(
        "long names",
        &["I3"],
        Code("E010"),
        [
            ("65 letters", types(&"A".repeat(65))),
            ("64 KiB", types(&"A".repeat(60_000))),
            ("a field", field(&format!("{}: string", "a".repeat(65)))),
            ("quoted", types(&format!("\"{}\"", "A".repeat(65)))),
            ("of wide characters", types(&"ä".repeat(65))),
        ],
    )
}

/// Row I4.
fn duplicate_keys() -> Family {
    family(
        "duplicate keys",
        &["I4"],
        Code("E014"),
        [
            ("top", api("title: One\ntitle: Two\n")),
            ("flow", api("types: {Id: {alias: string, alias: int}}\n")),
            ("quoted twin", api("title: One\n\"title\": Two\n")),
            ("escaped twin", api("title: One\n\"t\\u0069tle\": Two\n")),
            (
                "fields",
                api("types: {User: {fields: {a: string, a: int}}}\n"),
            ),
            (
                "methods in a list",
                api(
                    "resources: {users: {path: /users, fields: {id: string}, methods: [list, list]}}\n",
                ),
            ),
            (
                "far apart",
                api(&format!(
                    "types:\n  Id: {{alias: string}}\n{}  Id: {{alias: int}}\n",
                    "  # a\n".repeat(1_000)
                )),
            ),
            ("the api's name", api("api: other\n")),
        ],
    )
}

/// Row I6, as are the following.
fn several_documents() -> Family {
    family(
        "several documents",
        &["I6"],
        Code("E013"),
        [
            ("two", api("---\napi: other\n")),
            (
                "an empty second one",
                raw(format!("{HEAD}{ENVIRONMENTS}{RESOURCES}---\n")),
            ),
            (
                "behind an end mark",
                raw(format!("{HEAD}{ENVIRONMENTS}{RESOURCES}...\napi: other\n")),
            ),
        ],
    )
    .and(
        Loads,
        [(
            "a start mark",
            raw(format!("---\n{HEAD}{ENVIRONMENTS}{RESOURCES}")),
        )],
    )
}

fn directives() -> Family {
    family(
        "directives",
        &["I6"],
        Code("E005"),
        [
            (
                "version",
                raw(format!("%YAML 1.1\n---\n{HEAD}{ENVIRONMENTS}")),
            ),
            (
                "tag",
                raw(format!("%TAG ! tag:x,2000:\n---\n{HEAD}{ENVIRONMENTS}")),
            ),
            (
                "unknown",
                raw(format!("%FOO bar\n---\n{HEAD}{ENVIRONMENTS}")),
            ),
            ("later", api("%YAML 1.2\n")),
        ],
    )
}

fn tabs() -> Family {
    family(
        "tabs",
        &["I6"],
        Code("E015"),
        [
            (
                "as indentation",
                raw(format!(
                    "{HEAD}environments:\n\tproduction: {{url: \"https://a.example\"}}\n"
                )),
            ),
            (
                "deeper",
                raw(format!(
                    "{HEAD}environments:\n  production:\n\t\turl: \"https://a.example\"\n"
                )),
            ),
        ],
    )
    .and(
        Loads,
        [
            ("in a text", api("title: \"a\tb\"\n")),
            ("before a comment", api("title: a\t# b\n")),
        ],
    )
}

fn broken_yaml() -> Family {
    family(
        "broken YAML",
        &["I6"],
        Code("E015"),
        [
            ("an open quote", api("title: \"a\n")),
            (
                "an open bracket",
                raw(format!("{HEAD}{ENVIRONMENTS}notes: [a\n")),
            ),
            ("a stray bracket", api("title: a]\nx: ]\n")),
            ("two values", api("title: \"a\" \"b\"\n")),
            ("a bad escape", api("title: \"\\q\"\n")),
            (
                "a bad indentation",
                api("types:\n    A: {alias: string}\n  B: {alias: string}\n"),
            ),
            ("a mapping in a value", api("title: a: b: c\n")),
            ("a reserved indicator", api("title: @a\n")),
            ("a half escape", api("title: \"\\u12\"\n")),
            ("an unknown alias", api("title: *title\n")),
        ],
    )
}
