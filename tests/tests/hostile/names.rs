//! Families that attack names and words: what becomes an identifier, a string literal or a comment.

use super::family::{Expect, Family, api, family, field, methods, quoted};
use Expect::{Code, Loads};
use etiquette_codegen::Source;

pub(crate) fn families() -> Vec<Family> {
    vec![
        injected_names(),
        injected_overrides(),
        injected_wire_names(),
        lookalikes(),
        keywords(),
        prelude_names(),
        collisions(),
        documentation(),
        markup(),
        templates(),
    ]
}

/// What would be code, markup or a path if it were pasted anywhere.
const PAYLOADS: &[&str] = &[
    "x; fn evil() {}",
    "a\"b",
    "}} mod x {",
    "a b",
    "",
    "💥",
    "a\u{0301}",
    "x\\",
    "*/",
    "#![no_std]",
    "r#type",
    "a::b",
    "../../x",
    "a/b",
    "'static",
    "$x",
    "{x}",
    "x!",
    "9x",
    "a-b",
    "a.b",
    "<a>",
    "//",
    "a\nb",
    "\0",
];

/// Every position that has a name; `@` stands for it.
const POSITIONS: &[(&str, &str)] = &[
    ("type", "types: {@: {alias: string}}"),
    ("field", "types: {User: {fields: {@: string}}}"),
    (
        "resource",
        "resources: {@: {path: /users, fields: {id: string}, methods: [list]}}",
    ),
    (
        "child",
        "resources: {a: {path: /a, children: {@: {path: /b, fields: {id: string}, methods: [list]}}}}",
    ),
    (
        "method",
        "resources: {users: {path: /users, methods: {@: {http: POST ./x}}}}",
    ),
    (
        "environment",
        "environments: {@: {url: \"https://a.example\"}}",
    ),
    (
        "variable",
        "environments: {a: {url: \"https://a.example\", vars: {@: {default: b}}}}",
    ),
    ("credential", "auth: {@: {kind: bearer}}"),
    (
        "client parameter",
        "client: {@: {type: string, at: {header: X-A}}}",
    ),
    (
        "bucket",
        "limits: {buckets: {@: {scope: [credential], window: unknown}}}",
    ),
    ("retry", "retry: {@: {attempts: 2, when: [network]}}"),
    ("page", "page: {@: {kind: page, send: {page: page}}}"),
    ("case", "errors: {cases: {@: {status: 409}}}"),
    (
        "query",
        "resources: {users: {path: /users, methods: {find: {http: GET ./x, query: {@: string}}}}}",
    ),
    (
        "header",
        "resources: {users: {path: /users, methods: {find: {http: GET ./x, headers: {@: string}}}}}",
    ),
    ("filter style", "filters: {@: {form: \"{field}[{op}]\"}}"),
];

/// A name in every position that has one.
fn named(name: &str) -> impl Iterator<Item = (&'static str, Vec<Source>)> + use<> {
    let name = quoted(name);
    POSITIONS
        .iter()
        .map(move |(position, keys)| (*position, api(&format!("{}\n", keys.replace('@', &name)))))
}

/// Row I11.
fn injected_names() -> Family {
    let of = |payload: &&str| {
        let label = payload.escape_debug().to_string();
        named(payload).map(move |(position, sources)| (format!("{position} {label}"), sources))
    };
    family(
        "injected names",
        &["I11"],
        Code("E026"),
        PAYLOADS.iter().flat_map(of),
    )
}

/// Rows I11 and I22: `rust:` may override a name, nothing else.
fn injected_overrides() -> Family {
    const OVERRIDES: &[&str] = &[
        "Vec<String>",
        "x; fn evil() {}",
        "r#type",
        "self",
        "Self",
        "a::b",
        "crate",
        "é",
        "a b",
        "x!",
        "9x",
        "_",
        "",
        "type",
    ];
    let inputs = OVERRIDES.iter().flat_map(|text| {
        let rust = quoted(text);
        [
            (
                format!("field {text:?}"),
                field(&format!("name: {{type: string, rust: {rust}}}")),
            ),
            (
                format!("type {text:?}"),
                api(&format!(
                    "types: {{User: {{fields: {{a: string}}, rust: {rust}}}}}\n"
                )),
            ),
        ]
    });
    family(
        "injected overrides",
        &["I11", "I22", "I12"],
        Code("E045"),
        inputs,
    )
}

/// Row I11: wire names are free, because they only ever become string literals.
fn injected_wire_names() -> Family {
    let payloads = || PAYLOADS.iter().filter(|payload| !payload.is_empty());
    let fields = payloads().map(|payload| {
        (
            format!("field {payload:?}"),
            field(&format!(
                "name: {{type: string, wire: {}}}",
                quoted(payload)
            )),
        )
    });
    let values = payloads().map(|payload| {
        let types = format!("types: {{Flag: [ok, {}]}}\n", quoted(payload));
        (format!("enum {payload:?}"), api(&types))
    });
    family(
        "injected wire names",
        &["I11", "I18"],
        Loads,
        fields.chain(values),
    )
}

/// Row I11: letters that look like others, in a name.
fn lookalikes() -> Family {
    let names = [
        "n\u{430}me",
        "na\u{200b}me",
        "na\u{200d}me",
        "name\u{fe0f}",
        "caf\u{e9}",
        "cafe\u{301}",
        "ｎame",
        "na\u{ad}me",
        "ⅰd",
    ];
    let inputs = names.into_iter().flat_map(|name| {
        let label = name.escape_unicode().to_string();
        [
            (
                format!("field {label}"),
                field(&format!("{}: string", quoted(name))),
            ),
            (
                format!("type {label}"),
                api(&format!("types: {{{}: {{alias: string}}}}\n", quoted(name))),
            ),
        ]
    });
    family("lookalikes", &["I11", "I16"], Code("E026"), inputs)
}

const KEYWORDS_KEYWORDS: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "crate",
    "else",
    "enum",
    "extern",
    "fn",
    "for",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "match",
    "mod",
    "move",
    "mut",
    "pub",
    "ref",
    "return",
    "self",
    "Self",
    "static",
    "struct",
    "super",
    "trait",
    "type",
    "unsafe",
    "use",
    "where",
    "while",
    "async",
    "await",
    "dyn",
    "abstract",
    "become",
    "box",
    "do",
    "final",
    "macro",
    "override",
    "priv",
    "typeof",
    "unsized",
    "virtual",
    "yield",
    "try",
    "gen",
    "union",
    "macro_rules",
    "raw",
    "safe",
    "_",
    "__",
];

/// Row I12: every keyword is a legal name and gets a trailing `_` in Rust.
fn keywords() -> Family {
    // `Box`, the type of a resource `box`, is refused as a name of the prelude.
    let is_prelude = |label: &str| label == "resource box";
    let inputs = KEYWORDS_KEYWORDS.iter().flat_map(|word| {
        [
            (format!("field {word}"), field(&format!("{word}: string"))),
            (
                format!("method {word}"),
                methods(&format!("      {word}: {{http: POST ./x}}\n")),
            ),
            (
                format!("query {word}"),
                methods(&format!("      list: {{query: {{{word}: string}}}}\n")),
            ),
            (
                format!("resource {word}"),
                api(&format!(
                    "resources: {{{word}: {{path: /x, fields: {{id: string}}, methods: [list]}}}}\n"
                )),
            ),
        ]
    });
    family(
        "keywords",
        &["I12"],
        Loads,
        inputs.filter(|(label, _)| !is_prelude(label)),
    )
}

fn with_type(name: &str, keys: &str) -> Vec<Source> {
    api(&format!(
        "types: {{{name}: {{fields: {{a: string, b: string | null}}{keys}}}}}\nresources: {{users: {{path: /users, type: {name}, methods: [list, get], key: a}}}}\n"
    ))
}

/// Row I13: names that every generated module needs are refused unless Rust gets another one;
/// those that only macros and derives know are nobody's.
fn prelude_names() -> Family {
    const NEEDED: [&str; 11] = [
        "Option", "Some", "None", "Vec", "String", "Result", "Ok", "Err", "Box", "Into", "AsRef",
    ];
    const FREE: [&str; 11] = [
        "Debug",
        "Clone",
        "Copy",
        "Send",
        "Sync",
        "Drop",
        "Default",
        "Iterator",
        "From",
        "ToString",
        "PartialEq",
    ];
    family(
        "names of the prelude",
        &["I13"],
        Code("E044"),
        NEEDED.iter().map(|name| (*name, with_type(name, ""))),
    )
    .and(Loads, FREE.iter().map(|name| (*name, with_type(name, ""))))
    .and(
        Loads,
        NEEDED.iter().map(|name| {
            (
                format!("{name} with another name"),
                with_type(name, ", rust: Renamed"),
            )
        }),
    )
    .and(
        Code("E044"),
        [(
            "a resource",
            api("resources: {box: {path: /x, fields: {id: string}, methods: [list]}}\n"),
        )],
    )
}

/// Row I13: two names that become one.
fn collisions() -> Family {
    let types = |a: &str, b: &str| {
        api(&format!(
            "types: {{{a}: {{alias: string}}, {b}: {{alias: string}}}}\n"
        ))
    };
    family(
        "collisions",
        &["I13"],
        Code("E043"),
        [
            ("types by case", types("user_id", "UserId")),
            ("types by digits", types("V1", "v1")),
            (
                "fields by case",
                api("types: {User: {fields: {userId: string, user_id: string}}}\n"),
            ),
            (
                "fields by letters",
                api("types: {User: {fields: {M: string, m: string}}}\n"),
            ),
            (
                "methods",
                methods("      doIt: {http: POST ./a}\n      do_it: {http: POST ./b}\n"),
            ),
            (
                "environments",
                api(
                    "environments: {prodA: {url: \"https://a.example\"}, prod_a: {url: \"https://b.example\"}}\n",
                ),
            ),
        ],
    )
}

/// Rows I14 and I15: words are words, whatever they look like to rustdoc or rustc.
fn documentation() -> Family {
    const WORDS: &[&str] = &[
        "```\nstd::fs::remove_dir_all(\"/\");\n```",
        "    let evil = 1;",
        "\tlet evil = 1;",
        "- a\n\n      let evil = 1;",
        "~~~rust\nevil()\n~~~",
        "```rust,no_run\nevil()",
        "*/ fn evil() {} /*",
        "\"### fn evil() {}",
        "a\\",
        "a\r\nb",
        "//! evil",
        "#[doc = \"\"]",
        "a\nb\nc",
        "   ",
        "]]>",
        "`",
        "```",
        "\\u{202e}",
    ];
    let inputs = WORDS.iter().enumerate().flat_map(|(index, words)| {
        let words = quoted(words);
        [
            (format!("api {index}"), api(&format!("doc: {words}\n"))),
            (
                format!("field {index}"),
                field(&format!("name: {{type: string, doc: {words}}}")),
            ),
            (
                format!("method {index}"),
                methods(&format!("      list: {{doc: {words}}}\n")),
            ),
            (
                format!("value {index}"),
                api(&format!("types: {{Flag: [{{wire: a, doc: {words}}}]}}\n")),
            ),
        ]
    });
    family("documentation", &["I14", "I15"], Loads, inputs)
}

/// Row I17.
fn markup() -> Family {
    const WORDS: &[&str] = &[
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x]: http://evil.example",
        "<!-- ",
        "<details><summary>",
        "&lt;script&gt;",
        "[`crate::Evil`]",
        "![x](http://evil.example/x.png)",
        "<style>*{display:none}</style>",
    ];
    family(
        "markup",
        &["I17"],
        Loads,
        WORDS
            .iter()
            .map(|words| (*words, api(&format!("doc: {}\n", quoted(words))))),
    )
}

/// Placeholders of other template languages mean nothing.
fn templates() -> Family {
    const WORDS: &[&str] = &[
        "${HOME}",
        "{{ evil }}",
        "{% include 'x' %}",
        "{0}",
        "%s%n",
        "$(id)",
        "`id`",
        "#{evil}",
        "{",
        "}",
    ];
    let inputs = WORDS.iter().flat_map(|words| {
        [
            (
                format!("doc {words}"),
                api(&format!("doc: {}\n", quoted(words))),
            ),
            (
                format!("value {words}"),
                api(&format!("types: {{Flag: [ok, {}]}}\n", quoted(words))),
            ),
            (
                format!("default {words}"),
                field(&format!(
                    "name: {{type: string, default: {}}}",
                    quoted(words)
                )),
            ),
        ]
    });
    family("templates", &["I19", "I15"], Loads, inputs)
}
