//! Families of values that are none: enums, defaults, constants, bounds, secrets.

use super::family::{Expect, Family, api, family, field, methods, quoted};
use Expect::{Code, Loads};

pub(crate) fn families() -> Vec<Family> {
    vec![enum_values(), defaults(), constants(), bounds(), secrets()]
}

/// Row I18.
fn enum_values() -> Family {
    let of = |values: &str| api(&format!("types: {{Flag: {values}}}\n"));
    let many: Vec<String> = (0..10_000).map(|n| format!("v{n}")).collect();
    family(
        "values of enums",
        &["I18"],
        Code("E090"),
        [("none", of("[]"))],
    )
    .and(
        Code("E046"),
        [
            ("twice", of("[a, b, a]")),
            ("twice, quoted", of("[a, \"a\"]")),
            ("numbers twice", of("{values: [1, 2, 1], of: int}")),
        ],
    )
    .and(Code("E043"), [("differing by case", of("[a, A]"))])
    .and(
        Code("E023"),
        [
            ("a word among numbers", of("{values: [1, two], of: int}")),
            (
                "a fraction among numbers",
                of("{values: [1, 2.5], of: int}"),
            ),
            (
                "a number that is too large",
                of("{values: [9223372036854775808], of: int}"),
            ),
        ],
    )
    .and(
        Loads,
        [
            (
                "differing by case, named",
                of("[a, {wire: A, rust: UpperA}]"),
            ),
            ("the empty text", of("[\"\", a]")),
            (
                "punctuation",
                of("[\"<\", \"<=\", \"=\", \"!\", \"\\\"\", \"'\", \"\\n\"]"),
            ),
            ("ten thousand", of(&format!("[{}]", many.join(", ")))),
            (
                "ends of the range",
                of("{values: [-9223372036854775808, 9223372036854775807], of: int}"),
            ),
        ],
    )
}

/// Row I19.
fn defaults() -> Family {
    family("defaults of the wrong type", &["I19"], Code("E093"), [
        ("a word for an int", field("name: {type: int, default: many}")),
        ("a fraction for an int", field("name: {type: int, default: 1.5}")),
        ("beyond 64 bits", field("name: {type: int, default: \"9223372036854775808\"}")),
        ("negative for u64", field("name: {type: int, format: u64, default: -1}")),
        ("a word for a bool", field("name: {type: bool, default: maybe}")),
        ("infinity", field("name: {type: float, default: \"1e999\"}")),
        ("not a number", field("name: {type: float, default: \"NaN\"}")),
        ("code for a number", field("name: {type: int, default: \"std::process::exit(1)\"}")),
        ("no value of the enum", {
            api("types: {Flag: [a, b]}\nresources: {users: {path: /users, fields: {id: string, f: {type: Flag, default: c}}, methods: [list]}}\n")
        }),
        ("no UUID", field("name: {type: uuid, default: abc}")),
        ("an example", field("name: {type: int, example: abc}")),
    ])
    .and(Loads, [
        ("a number", field("name: {type: int, default: 10}")),
        ("code for a text", field("name: {type: string, default: \"${x}\\\"); evil(\"}")),
    ])
}

/// Row I19.
fn constants() -> Family {
    family(
        "constants of the wrong type",
        &["I19"],
        Code("E059"),
        [
            (
                "a fraction for an int",
                field("name: {type: int, const: 1.5}"),
            ),
            (
                "no value of the enum",
                api("types: {Flag: [a], User: {fields: {flag: {type: Flag, const: b}}}}\n"),
            ),
        ],
    )
    .and(
        Code("E023"),
        [("a text for an int", field("name: {type: int, const: abc}"))],
    )
    .and(
        Code("E022"),
        [(
            "an object for a text",
            field("name: {type: string, const: {a: b}}"),
        )],
    )
    .and(
        Code("E025"),
        [(
            "a text for a bool",
            field("name: {type: bool, const: \"yes\"}"),
        )],
    )
    .and(
        Code("E018"),
        [(
            "a bool for a text",
            field("name: {type: string, const: true}"),
        )],
    )
    .and(
        Code("E058"),
        [(
            "what a null is, of what is never null",
            field("name: {type: string, null_is: a}"),
        )],
    )
    .and(
        Code("E093"),
        [(
            "with a default",
            field("name: {type: string, const: a, default: b}"),
        )],
    )
    .and(
        Loads,
        [
            ("a text", field("name: {type: string, const: abc}")),
            ("a bool", field("name: {type: bool, const: true}")),
        ],
    )
}

/// Row I20.
fn bounds() -> Family {
    family(
        "bounds",
        &["I20"],
        Code("E094"),
        [
            ("min above max", field("age: {type: int, min: 2, max: 1}")),
            (
                "min above max, as fractions",
                field("age: {type: float, min: 0.2, max: 0.1}"),
            ),
            (
                "of large numbers",
                field("age: {type: int, min: 9223372036854775807, max: 9223372036854775806}"),
            ),
            ("a fraction for an int", field("age: {type: int, min: 0.5}")),
            ("a negative length", field("name: {type: string, min: -1}")),
            ("of a bool", field("name: {type: bool, min: 1}")),
            (
                "a default below",
                field("age: {type: int, min: 5, default: 1}"),
            ),
            (
                "a text that is too long",
                field("name: {type: string, max: 2, default: abc}"),
            ),
            (
                "an example above",
                field("age: {type: int, max: 5, example: 6}"),
            ),
        ],
    )
    .and(
        Loads,
        [
            ("equal", field("age: {type: int, min: 1, max: 1}")),
            (
                "lengths in characters",
                field("name: {type: string, max: 3, default: äöü}"),
            ),
            ("negative", field("age: {type: int, min: -5, max: -1}")),
        ],
    )
}

/// Row I25. The secrets are put together here, so that no scanner takes this file for a leak.
fn secrets() -> Family {
    let hex = "7f3a9c1e5b8d2046".repeat(2);
    let vendor = ["sk", "live", "4eC39HqLyjWDarjtT1zdp7dc"].join("_");
    let jwt = [
        "eyJhbGciOiJIUzI1NiJ9",
        "eyJzdWIiOiIxMjM0NTY3ODkwIn0",
        "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    ]
    .join(".");
    let material = "MIIE".repeat(12);
    let pem = format!("{}{material}", ["-----BEGIN", "PRIVATE KEY-----"].join(" "));
    let doc = |text: &str| api(&format!("doc: {}\n", quoted(text)));
    family(
        "secrets",
        &["I25"],
        Code("E099"),
        [
            ("of a vendor", doc(&format!("try {vendor}"))),
            (
                "a JWT",
                doc(&format!("curl -H 'Authorization: Bearer {jwt}'")),
            ),
            ("behind a word", doc(&format!("the api key is {hex}"))),
            ("behind a sign", doc(&format!("?access_token={hex}"))),
            ("a private key", doc(&pem)),
            (
                "an example",
                field(&format!("name: {{type: string, example: {jwt}}}")),
            ),
            (
                "a note",
                api(&format!("notes: [{{text: \"token {hex}\"}}]\n")),
            ),
            (
                "a constant",
                methods(&format!(
                    "      list: {{query: {{q: {{type: string, const: \"{vendor}\"}}}}}}\n"
                )),
            ),
        ],
    )
    .and(
        Loads,
        [
            (
                "a hash that nothing announces",
                doc(&format!("git commit {hex}")),
            ),
            (
                "a placeholder",
                doc("the token xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
            ),
            (
                "a variable",
                doc("the token in USERS_API_KEY_OF_THE_PRODUCTION_ENVIRONMENT"),
            ),
            (
                "a UUID",
                field("name: {type: string, example: 123e4567-e89b-12d3-a456-426614174000}"),
            ),
        ],
    )
}
