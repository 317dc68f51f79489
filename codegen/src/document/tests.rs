//! Tests of the readers: what a description says arrives whole, and everything wrong is found.

#![allow(clippy::unwrap_used, reason = "a test ends where its expectation does")]

mod expressions;
mod pages;
mod scalars;

use super::*;
use crate::diagnostics::Diagnostics;
use crate::source::Source;

const HEAD: &str =
    "etiquette: 1\napi: example\nenvironments: {production: {url: \"https://api.example.com\"}}\n";

fn read_files(files: &[(&str, &str)]) -> (Vec<Api>, Diagnostics) {
    let source = |(path, text): &(&str, &str)| Source {
        path: (*path).to_owned(),
        text: text.as_bytes().to_vec(),
    };
    let sources: Vec<Source> = files.iter().map(source).collect();
    let mut diagnostics = Diagnostics::new();
    let apis = read(&sources, &mut diagnostics);
    (apis, diagnostics)
}

/// Reads what stands below the required keys.
fn read_rest(rest: &str) -> (Option<Api>, Diagnostics) {
    let (mut apis, diagnostics) = read_files(&[("schema/example.yaml", &format!("{HEAD}{rest}"))]);
    (apis.pop(), diagnostics)
}

fn api(rest: &str) -> Api {
    let (api, diagnostics) = read_rest(rest);
    api.unwrap_or_else(|| panic!("{}", diagnostics.render(false)))
}

/// The codes with their document paths, in order.
fn found(rest: &str) -> Vec<(&'static str, String)> {
    let (api, diagnostics) = read_rest(rest);
    assert_eq!(api.is_none(), diagnostics.has_errors());
    diagnostics
        .sorted()
        .iter()
        .map(|found| (found.code, found.place.yaml_path.to_string()))
        .collect()
}

fn assert_found(rest: &str, expected: &[(&str, &str)]) {
    let found = found(rest);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(code, path)| (*code, path.as_str()))
        .collect();
    assert_eq!(found, expected, "{rest}");
}

#[test]
fn the_example_of_the_language_is_read() {
    let (apis, diagnostics) = read_files(&[(
        "schema/users.yaml",
        include_str!("../parse/corpus/users.yaml"),
    )]);
    assert_eq!(diagnostics.render(false), "");
    let [api] = &apis[..] else { panic!("one API") };
    let [(name, environment)] = &api.environments[..] else {
        panic!("one environment")
    };
    assert_eq!(
        (name.as_str(), environment.url.as_str()),
        ("production", "https://api.example.com/v1")
    );
    let errors = api.errors.as_ref().unwrap();
    let ErrorShape::Object(object) = &errors.shapes[0].value else {
        panic!("an object")
    };
    assert_eq!(
        object.message.list[0].value,
        super::scalars::Pointer("/error".to_owned())
    );
    assert!(matches!(errors.shapes[1].value, ErrorShape::Empty));
    let Some(Type::Object(user)) = api.types.get("User").map(|user| &user.value) else {
        panic!("an object")
    };
    let (last, field) = user.fields.last().unwrap();
    assert_eq!((last.name.as_str(), last.optional), ("updated_at", true));
    assert_eq!(
        field.access.as_ref().map(|access| access.value),
        Some(Access::ReadOnly)
    );
    assert!(field.about.doc.is_some());
    let size = api
        .page
        .get("offset")
        .and_then(|page| page.size.as_ref())
        .unwrap();
    let max = size.max.as_ref().unwrap();
    assert_eq!(
        (max.value.value, max.trust.as_ref().map(|trust| trust.value)),
        (100, Some(Trust::Assumed))
    );
    assert_eq!(size.default.as_ref().map(|size| size.value.value), Some(10));
    let users = api.resources.get("users").unwrap();
    let names: Vec<&str> = users
        .methods
        .as_ref()
        .unwrap()
        .list
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["list", "create", "get"]);
    let [part] = &users.key.as_ref().unwrap().parts[..] else {
        panic!("one part")
    };
    assert!(matches!(&part.from, KeySource::Field(field) if field.as_str() == "id"));
    assert_eq!(part.placeholder.as_str(), "user_id");
    let limits = api.limits.as_ref().unwrap();
    let bucket = limits.buckets.get("key").unwrap();
    assert!(matches!(bucket.window.value, Window::Unknown));
    assert_eq!(bucket.scope[0].value, Scope::Credential);
    let refused = limits.refused.as_ref().unwrap();
    assert!(matches!(
        &refused.wait[0].value,
        Wait::From { unit: None, .. }
    ));
    assert!(
        matches!(&refused.wait[1].value, Wait::From { unit: Some(unit), .. } if unit.value == Unit::EpochSeconds)
    );
}

/// Rows I7: an unknown key is found at every level, and everything at once.
#[test]
fn unknown_keys_are_found_wherever_they_stand() {
    assert_found(
        "tilte: x\nwire: {cases: camel}\ntypes:\n  A: {fields: {x: {type: int, acess: read_only}}, ext: drop}\n\
         resources:\n  a: {methods: {list: {pages: x}}, children: {b: {pth: /x}}}\n",
        &[
            ("E020", "tilte"),
            ("E020", "wire.cases"),
            ("E020", "types.A.fields.x.acess"),
            ("E020", "types.A.ext"),
            ("E020", "resources.a.methods.list.pages"),
            ("E020", "resources.a.children.b.pth"),
        ],
    );
    let (_, diagnostics) = read_rest("wire: {cases: camel}\n");
    assert_eq!(
        diagnostics.sorted()[0].help.as_deref(),
        Some("did you mean `case`?")
    );
}

/// Keys that the language reserves for later must not be read and ignored.
#[test]
fn keys_that_are_not_built_are_unknown() {
    assert_found("odata: {}\n", &[("E020", "odata")]);
    assert_found(
        "resources: {a: {methods: {list: {stability: x}}}}\n",
        &[("E020", "resources.a.methods.list.stability")],
    );
    assert_found(
        "resources: {a: {methods: {x: {effect: keyed}}}}\n",
        &[("E022", "resources.a.methods.x.effect")],
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    assert_found(
        "title: 1.0\nauth: {key: {env: 5}}\nretry: {r: {attempts: x, when: [50, network], max_elapsed: 2 m}}\n",
        &[
            ("E018", "title"),
            ("E021", "auth.key"),
            ("E018", "auth.key.env"),
            ("E023", "retry.r.attempts"),
            ("E023", "retry.r.when[0]"),
            ("E024", "retry.r.max_elapsed"),
        ],
    );
}

#[test]
fn short_and_long_forms_mean_the_same() {
    let api = api("\
types:
  Short: [a, b]
  Long: {values: [{wire: a, doc: First.}, b], open: false}
  Number: {values: [1, -2], of: int}
  Record: {fields: {x: int, 'y': {type: int}}}
resources:
  a:
    key: [device, tag_key]
    filters: {use: brackets, fields: {status: [eq, not_in], w: {wire: dims.w, type: int, ops: all}}}
    methods: [list, get]
  b:
    key: {job: {type: int}, user_id: id}
    methods: {search: {http: POST ./search, limit: [token, {bucket: other, cost: 5}], out: none, body: {type: A, at: /data}}}
");
    let kind = |name: &str| match &api.types.get(name).unwrap().value {
        Type::Enum(values) => values.clone(),
        other => panic!("{other:?}"),
    };
    let wires = |name: &str| {
        kind(name)
            .values
            .iter()
            .map(|value| value.wire.value.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(wires("Short"), wires("Long"));
    assert_eq!(wires("Number"), ["1", "-2"]);
    assert!(
        kind("Long").values[0].about.doc.is_some()
            && kind("Long").open.is_some_and(|open| !open.value)
    );
    let Type::Object(record) = &api.types.get("Record").unwrap().value else {
        panic!("an object")
    };
    assert!(
        record
            .fields
            .iter()
            .all(|(_, field)| field.r#type.as_str() == "int")
    );
    let a = api.resources.get("a").unwrap();
    assert_eq!(a.key.as_ref().unwrap().parts.len(), 2);
    let filters = &a.filters.as_ref().unwrap().fields;
    let FilterOps::List(ops) = &filters.get("status").unwrap().ops.value else {
        panic!("a list")
    };
    assert_eq!((ops[1].op, ops[1].negated), (Op::In, true));
    assert!(matches!(
        filters.get("w").unwrap().ops.value,
        FilterOps::All
    ));
    let b = api.resources.get("b").unwrap();
    let parts = &b.key.as_ref().unwrap().parts;
    assert!(matches!(
        (&parts[0].from, &parts[1].from),
        (KeySource::Type(_), KeySource::Field(_))
    ));
    let search = b.methods.as_ref().unwrap().list.get("search").unwrap();
    let Some(OrNone::Some(uses)) = search.limit.as_ref().map(|limit| &limit.value) else {
        panic!("buckets")
    };
    assert!(
        uses[0].cost.is_none()
            && uses[1]
                .cost
                .as_ref()
                .is_some_and(|cost| cost.value.value == 5)
    );
    assert!(matches!(search.out.as_ref().unwrap().value, Out::None));
    assert!(matches!(
        &search.body.as_ref().unwrap().value,
        Body::Typed(long) if long.at.is_some()
    ));
}

#[test]
fn none_takes_away() {
    let api = api(
        "defaults: {security: none, limit: none, retry: none, cases: none, headers: {x: none}}\n",
    );
    let defaults = api.defaults.as_ref().unwrap();
    assert!(matches!(
        defaults.security.as_ref().unwrap().value,
        OrNone::None
    ));
    assert!(matches!(
        defaults.limit.as_ref().unwrap().value,
        OrNone::None
    ));
    assert!(matches!(
        defaults.retry.as_ref().unwrap().value,
        OrNone::None
    ));
    assert!(matches!(
        defaults.cases.as_ref().unwrap().value,
        OrNone::None
    ));
    assert!(matches!(defaults.headers[0].1, OrNone::None));
}

#[test]
fn windows_may_be_configured() {
    let api = api(
        "limits: {buckets: {t: {window: {max: {config: rate, default: {value: 250, trust: observed}}, per: 5m}}}}\n",
    );
    let bucket = api
        .limits
        .as_ref()
        .and_then(|limits| limits.buckets.get("t"))
        .unwrap();
    let Window::Counted { max, per } = &bucket.window.value else {
        panic!("counted")
    };
    assert_eq!(
        max.config.as_ref().map(|config| config.as_str()),
        Some("rate")
    );
    assert_eq!(
        (max.value.value.value, max.value.trust.is_some()),
        (250, true)
    );
    assert_eq!(
        (per.value.value.as_secs(), per.config.is_some()),
        (300, false)
    );
}

#[test]
fn names_may_be_optional_only_where_that_means_something() {
    assert_found("types: {A: {fields: {a?: int, b: int}}}\n", &[]);
    assert_found("types: {A?: {alias: string}}\n", &[("E026", "types.A?")]);
    for name in ["a-b", "1a", "a b", "é", "a?b", "a??", "?", "x; fn evil(){}"] {
        assert_found(
            &format!("types: {{A: {{fields: {{\"{name}\": int}}}}}}\n"),
            &[("E026", &format!("types.A.fields.{name}"))],
        );
    }
}

/// Row I5: keys are texts too.
#[test]
fn a_name_that_yaml_reads_as_something_else_is_quoted() {
    assert_found(
        "types: {A: {fields: {no: int, \"on\": int, y: int}}}\n",
        &[("E018", "types.A.fields.no"), ("E018", "types.A.fields.y")],
    );
    assert_found(
        "resources: {a: {methods: {up: {outcomes: {201: created, \"200\": existing}}}}}\n",
        &[("E023", "resources.a.methods.up.outcomes.200")],
    );
}

#[test]
fn a_method_is_listed_once() {
    assert_found(
        "resources: {a: {methods: [list, get, list]}}\n",
        &[("E014", "resources.a.methods[2]")],
    );
}

#[test]
fn a_folder_is_joined() {
    let head = format!("{HEAD}types: {{A: {{alias: int}}}}\n");
    let files = [
        (
            "schema/example/b.yaml",
            "types: {B: {alias: int}}\nresources: {b: {}}\n",
        ),
        ("schema/example/api.yaml", head.as_str()),
        ("schema/example/a.yaml", "types: {C: {alias: int}}\n"),
        ("schema/waivers.yaml", "anything: [goes\n"),
    ];
    let (apis, diagnostics) = read_files(&files);
    assert_eq!(diagnostics.render(false), "");
    let names: Vec<&str> = apis[0]
        .types
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["A", "C", "B"]);
    assert_eq!(&*apis[0].resources[0].0.place.path, "schema/example/b.yaml");
    let mut reversed = files;
    reversed.reverse();
    let (again, _) = read_files(&reversed);
    assert_eq!(
        format!("{again:?}"),
        format!("{apis:?}"),
        "the order of the sources does not matter"
    );
}

#[test]
fn a_name_defined_in_two_files_is_shown_twice() {
    let head = format!("{HEAD}resources: {{a: {{}}}}\n");
    let (apis, diagnostics) = read_files(&[
        ("schema/example/api.yaml", &head),
        ("schema/example/x.yaml", "\nresources: {a: {}}\n"),
    ]);
    assert!(apis.is_empty());
    let [found] = diagnostics.sorted()[..] else {
        panic!("one finding")
    };
    assert_eq!(
        (found.code, &*found.place.path, found.place.line),
        ("E030", "schema/example/x.yaml", 2)
    );
    assert_eq!(
        (&*found.also[0].0.path, found.also[0].0.line),
        ("schema/example/api.yaml", 4)
    );
}

/// Row I8: a path decides only to which API a file belongs, and nothing in a file names another.
#[test]
fn files_that_belong_to_no_api_are_refused() {
    for path in [
        "schema/a/b/c.yaml",
        "schema/Users.yaml",
        "schema/waivers/api.yaml",
        "schema/oauth2.yaml",
        "schema/testing/api.yaml",
        "schema/x.yml",
        "schema/1.yaml",
        "schema/../x.yaml",
        "/etc/x.yaml",
    ] {
        let (apis, diagnostics) = read_files(&[(path, HEAD)]);
        assert!(apis.is_empty());
        let codes: Vec<&str> = diagnostics
            .sorted()
            .iter()
            .map(|found| found.code)
            .collect();
        assert_eq!(codes, ["E029"], "{path}");
    }
}

#[test]
fn one_broken_api_does_not_hide_another() {
    let (apis, diagnostics) = read_files(&[
        ("schema/example.yaml", HEAD),
        ("schema/broken.yaml", "a: [\n"),
        ("schema/other.yaml", HEAD),
    ]);
    assert_eq!(apis.len(), 1);
    let codes: Vec<&str> = diagnostics
        .sorted()
        .iter()
        .map(|found| found.code)
        .collect();
    assert_eq!(codes, ["E015", "E029"]);
}

#[test]
fn resources_may_nest_as_deep_as_a_file_may() {
    let nested = |levels: usize| {
        format!(
            "resources: {}{}\n",
            "{a: {children: ".repeat(levels),
            "{}".to_owned() + &"}}".repeat(levels)
        )
    };
    assert_found(&nested(15), &[]);
    assert_eq!(found(&nested(16))[0].0, "E007");
}
