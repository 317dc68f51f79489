//! Families that attack the shape of a document: keys, files, references, types.

use super::family::{
    ENVIRONMENTS, Expect, Family, HEAD, RESOURCES, api, family, field, file, methods, raw,
};
use Expect::{Code, Loads};

pub(crate) fn families() -> Vec<Family> {
    vec![
        unknown_keys(),
        keys_of_later_editions(),
        escape_hatches(),
        references_to_files(),
        paths_of_files(),
        names_of_apis(),
        wrong_kinds(),
        numbers(),
        durations(),
        type_expressions(),
        cycles_by_value(),
        cycles_that_end(),
        alias_cycles(),
    ]
}

/// Row I7.
fn unknown_keys() -> Family {
    family(
        "unknown keys",
        &["I7"],
        Code("E020"),
        [
            ("top", api("tittle: Users\n")),
            (
                "an environment",
                api(
                    "environments: {production: {uri: \"https://a.example\", url: \"https://a.example\"}}\n",
                ),
            ),
            ("a method", methods("      list: {htpp: GET}\n")),
            ("a field", field("name: {type: string, sensitiv: true}")),
            (
                "a type",
                api("types: {User: {fields: {a: string}, extras: keep}}\n"),
            ),
            (
                "a credential",
                api("auth: {key: {kind: bearer, enviroment: KEY}}\n"),
            ),
            (
                "a bucket",
                api("limits: {buckets: {key: {scopes: [credential], window: unknown}}}\n"),
            ),
            (
                "a page",
                api("page: {p: {kind: page, sent: {page: page}}}\n"),
            ),
            (
                "a retry",
                api("retry: {r: {attempts: 1, when: [network], back_off: {first: 1s}}}\n"),
            ),
            ("case matters", api("Title: Users\n")),
            (
                "a JSON Schema habit",
                field("name: {type: string, maxLength: 5}"),
            ),
            ("a key with a blank", api("\"title \": Users\n")),
        ],
    )
}

fn keys_of_later_editions() -> Family {
    family(
        "keys of the language that do not exist yet",
        &["I7"],
        Code("E020"),
        [
            ("odata", api("odata: {missing: empty_list}\n")),
            (
                "renamed_from",
                field("name: {type: string, renamed_from: title}"),
            ),
        ],
    )
}

/// Row I22: no way to write Rust.
fn escape_hatches() -> Family {
    family(
        "escape hatches",
        &["I22"],
        Code("E020"),
        [
            (
                "rust_type",
                field("name: {type: string, rust_type: \"std::process::Command\"}"),
            ),
            (
                "x-rust-type",
                field("name: {type: string, x-rust-type: {crate: evil}}"),
            ),
            (
                "derive",
                api("types: {User: {fields: {a: string}, derive: [Debug]}}\n"),
            ),
            (
                "attrs",
                api("types: {User: {fields: {a: string}, attrs: [\"cfg(evil)\"]}}\n"),
            ),
            (
                "x-go-type-import",
                field("name: {type: string, x-go-type-import: {path: evil}}"),
            ),
            ("imports", api("imports: [std::fs]\n")),
            (
                "code",
                methods("      list: {code: \"std::fs::remove_dir_all\"}\n"),
            ),
            ("build", api("build: build.rs\n")),
        ],
    )
    .and(
        Code("E028"),
        [
            ("a Rust type", field("name: \"Vec<String>\"")),
            ("a path", field("name: \"std::fs::File\"")),
            ("a macro", field("name: \"include_str!(x)\"")),
        ],
    )
}

/// Row I8: nothing is ever fetched or opened.
fn references_to_files() -> Family {
    family("references to files", &["I8"], Code("E020"), [
        ("$ref to a url", api("types: {User: {$ref: \"https://evil.example/user.json\"}, A: {alias: string, $ref: x}}\n")),
        ("$ref to a file", api("$ref: ../../etc/passwd\n")),
        ("include", api("include: other.yaml\n")),
        ("imports", api("import: [\"/etc/passwd\"]\n")),
        ("extends", api("extends: example\n")),
    ])
    .and(Code("E034"), [("a type that is only a reference", api("types: {User: {$ref: \"file:///etc/passwd\"}}\n"))])
}

const PATHS_OF_FILES_PATHS: &[&str] = &[
    "schema/../example.yaml",
    "schema/a/../example.yaml",
    "/etc/example.yaml",
    "schema/example.yml",
    "schema/.yaml",
    "schema/a/b/api.yaml",
    "schema/Example.yaml",
    "schema/ex ample.yaml",
    "schema/.cargo/config.toml",
    "schema/build.rs",
    "schema/exa\u{202e}mple.yaml",
    "schema/CON.yaml",
    "schema/waivers/api.yaml",
    "schema//example.yaml",
    "schema/example.yaml/",
    "schema/éxample.yaml",
    "schema/example\\..\\x.yaml",
];

fn paths_of_files() -> Family {
    let text = format!("{HEAD}{ENVIRONMENTS}{RESOURCES}");
    let inputs = PATHS_OF_FILES_PATHS.iter().map(|path| {
        (
            (*path).escape_debug().to_string(),
            vec![file(path, text.clone())],
        )
    });
    family("paths of files", &["I8", "I28"], Code("E029"), inputs)
        .and(
            Code("E032"),
            [(
                "a folder without api.yaml",
                vec![file("schema/example/types.yaml", "types: {}\n")],
            )],
        )
        .and(
            Code("E030"),
            [(
                "a file and a folder",
                vec![
                    file("schema/example.yaml", text.clone()),
                    file("schema/example/api.yaml", text.clone()),
                ],
            )],
        )
        .and(
            Code("E031"),
            [(
                "a second api.yaml in disguise",
                vec![
                    file("schema/example/api.yaml", text.clone()),
                    file("schema/example/b.yaml", "auth: {}\n"),
                ],
            )],
        )
}

/// Row I28: the name becomes a crate's feature, a module and a folder.
fn names_of_apis() -> Family {
    const NAMES: &[&str] = &[
        "../evil",
        "Example",
        "ex-ample",
        "9lives",
        "a b",
        "a.b",
        "example\\n[dependencies]",
        "é",
        "waivers",
        "a/b",
        "_x",
    ];
    let inputs = NAMES.iter().map(|name| {
        (
            *name,
            vec![file(
                "schema/example.yaml",
                format!("etiquette: 1\napi: \"{name}\"\n{ENVIRONMENTS}{RESOURCES}"),
            )],
        )
    });
    let keys = [
        "dependencies",
        "patch",
        "features",
        "package",
        "\"[dependencies]\"",
    ];
    let keys = keys.map(|key| (key.to_owned(), api(&format!("{key}: {{evil: \"1\"}}\n"))));
    family("names of APIs", &["I28"], Code("E029"), inputs).and(Code("E020"), keys)
}

fn wrong_kinds() -> Family {
    family(
        "wrong kinds of values",
        &["I7"],
        Code("E022"),
        [
            ("a list for a mapping", api("types: [User]\n")),
            ("a scalar for a mapping", api("auth: none\n")),
            ("a mapping for a text", api("title: {a: b}\n")),
            ("a list for a text", api("title: [a]\n")),
            ("a mapping for a list", api("notes: {a: b}\n")),
            ("a list at the top", raw("- etiquette\n")),
            ("a text at the top", raw("etiquette\n")),
            ("a list of lists for security", api("security: {a: b}\n")),
        ],
    )
    .and(
        Code("E017"),
        [
            ("an entry without a value", api("title:\n")),
            ("a set", api("types: {User}\n")),
        ],
    )
}

/// Rows I20 and B3.
fn numbers() -> Family {
    let attempts = |text: &str| {
        api(&format!(
            "retry: {{r: {{attempts: {text}, when: [network]}}}}\ndefaults: {{retry: r}}\n"
        ))
    };
    const NUMBERS: &[&str] = &[
        "-1", "-0", "1e3", "1e999", "0x10", "0o7", "017", "1_0", "1.5", ".nan", ".inf", "\"4\"",
        "+4", "four", "4.0",
    ];
    let bounds = ["-0", "1e999", ".nan", "-.inf", "1e3", "0x10"];
    let bounds = bounds.map(|text| {
        (
            format!("max: {text}"),
            field(&format!("age: {{type: int, max: {text}}}")),
        )
    });
    family("numbers", &["I20", "B3"], Code("E023"), NUMBERS.iter().map(|text| (*text, attempts(text))))
        .and(Code("E023"), bounds)
        .and(Code("E023"), [
            ("a status beyond 599", api("errors: {cases: {A: {status: 600}}}\n")),
            ("a status of two digits", api("errors: {cases: {A: {status: 42}}}\n")),
            ("a negative status", api("errors: {cases: {A: {status: -404}}}\n")),
        ])
        // Numbers beyond 64 bits are refused even earlier: only one of the two parsers can hold them.
        .and(Code("E016"), [
            ("2^64", attempts("18446744073709551616")),
            ("2^127", field("age: {type: int, max: 170141183460469231731687303715884105728}")),
        ])
        .and(Code("E023"), [("2^128", attempts("340282366920938463463374607431768211456"))])
        .and(Loads, [("17 attempts", attempts("17"))])
}

fn durations() -> Family {
    const DURATIONS: &[&str] = &[
        "30",
        "s",
        "1.5s",
        "-1s",
        "1 s",
        "1s 2s",
        "PT1S",
        "18446744073709551615d",
        "99999999999d",
        "0x1s",
        "1e3s",
        "01s",
        "1w",
    ];
    let inputs = DURATIONS
        .iter()
        .map(|text| (*text, api(&format!("defaults: {{timeout: \"{text}\"}}\n"))));
    family("durations", &["I20", "I26"], Code("E024"), inputs)
}

const TYPE_EXPRESSIONS_EXPRESSIONS: &[&str] = &[
    "list<",
    "list<>",
    "list<string",
    "list<string>>",
    "map<string, int>",
    "string |",
    "| null",
    "string | int",
    "string |null| null",
    "string null",
    "new<string>x",
    "list<list<",
    "string;",
    "string{}",
    "list string",
    "<string>",
    "a b c",
    "string\u{a0}",
    "string | null | null",
];

fn type_expressions() -> Family {
    let inputs = TYPE_EXPRESSIONS_EXPRESSIONS.iter().map(|text| {
        (
            text.escape_debug().to_string(),
            field(&format!("name: \"{text}\"")),
        )
    });
    let deep = [40, 1_000, 9_000].map(|depth| {
        (
            format!("{depth} lists"),
            field(&format!(
                "name: \"{}string{}\"",
                "list<".repeat(depth),
                ">".repeat(depth)
            )),
        )
    });
    family(
        "type expressions",
        &["I2", "I22"],
        Code("E028"),
        inputs.chain(deep),
    )
}

/// Row I9: a value that always holds another one never ends.
fn cycles_by_value() -> Family {
    let types = |types: &str, root: &str| {
        api(&format!(
            "types:\n{types}resources: {{nodes: {{path: /nodes, type: {root}, methods: [list]}}}}\n"
        ))
    };
    let ring = |count: usize| {
        let member = |n: usize| format!("  T{n}: {{fields: {{next: T{}}}}}\n", (n + 1) % count);
        types(&(0..count).map(member).collect::<String>(), "T0")
    };
    family(
        "cycles by value",
        &["I9"],
        Code("E048"),
        [
            ("itself", ring(1)),
            ("two", ring(2)),
            ("a thousand", ring(1_000)),
        ],
    )
}

fn cycles_that_end() -> Family {
    let types = |field: &str| {
        api(&format!(
            "types: {{Node: {{fields: {{name: string, {field}}}}}}}\nresources: {{nodes: {{path: /nodes, type: Node, methods: [list]}}}}\n"
        ))
    };
    let chain = |count: usize| {
        let member = |n: usize| format!("  T{n}: {{fields: {{\"next?\": T{}}}}}\n", n + 1);
        let all: String = (0..count).map(member).collect();
        api(&format!(
            "types:\n{all}  T{count}: {{fields: {{a: string}}}}\nresources: {{nodes: {{path: /nodes, type: T0, methods: [list]}}}}\n"
        ))
    };
    family(
        "cycles that end",
        &["I9"],
        Loads,
        [
            ("optional", types("\"next?\": Node")),
            ("nullable", types("next: Node | null")),
            ("a list", types("next: list<Node>")),
            (
                "through an open union",
                api(
                    "types:\n  A: {fields: {b: B}}\n  B: {tag: kind, of: {a: A}}\nresources: {as: {path: /a, type: A, methods: [list]}}\n",
                ),
            ),
            ("a map", types("next: map<Node>")),
            ("a chain of 2 000 types", chain(2_000)),
        ],
    )
}

/// Row I10: an alias stands for a scalar, so that there is nothing to go round in.
fn alias_cycles() -> Family {
    family(
        "cycles of aliases",
        &["I10"],
        Code("E047"),
        [
            ("itself", api("types: {A: {alias: A}}\n")),
            ("two", api("types: {A: {alias: B}, B: {alias: A}}\n")),
            ("a hundred", {
                let member = |n: usize| format!("  T{n}: {{alias: T{}}}\n", (n + 1) % 100);
                api(&format!(
                    "types:\n{}",
                    (0..100).map(member).collect::<String>()
                ))
            }),
            (
                "of an object",
                api("types: {A: {alias: B}, B: {fields: {a: A}}}\n"),
            ),
            ("of a list", api("types: {A: {alias: list<A>}}\n")),
        ],
    )
}
