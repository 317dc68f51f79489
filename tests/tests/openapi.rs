//! The comparison with OpenAPI compares with documents that OpenAPI's own rules accept, that are whole,
//! and that say what our descriptions say where OpenAPI has words for it.
//!
//! `openapi/oas-3.1.schema.json` is the OpenAPI Initiative's schema of 3.1 (2021-04-15, Apache-2.0).

#[path = "language/core_schema.rs"]
mod core_schema;
#[allow(dead_code, reason = "the example has a `main` of its own")]
#[path = "../examples/openapi/main.rs"]
mod main;

use main::{operations, schemas};

use etiquette_codegen::{Source, load, model};
use main::yaml::{Style, write};
use serde_json::Value;

/// Every API of the project, and the cases of the generator, which have what no API has.
fn apis() -> Vec<model::Api> {
    let cases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/schema");
    let mut apis = load(&main::sources().expect("they can be read"))
        .unwrap_or_else(|found| panic!("{}", found.render(false)))
        .apis;
    for entry in std::fs::read_dir(cases).expect("the cases lie there") {
        let path = entry.expect("an entry is readable").path();
        let name = path
            .file_name()
            .expect("a case has a name")
            .to_string_lossy();
        let source = Source {
            path: format!("schema/{name}"),
            text: std::fs::read(&path).expect("a case is readable"),
        };
        let loaded = load(&[source]).unwrap_or_else(|found| panic!("{}", found.render(false)));
        apis.extend(loaded.apis);
    }
    assert!(apis.len() > 20, "only {} APIs", apis.len());
    apis
}

#[test]
fn each_document_is_openapi() {
    let schema = include_str!("openapi/oas-3.1.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("the schema can be used");
    let mut wrong = Vec::new();
    for api in apis() {
        let document = main::document::of(&api);
        let errors = validator.iter_errors(&document);
        wrong.extend(errors.map(|error| format!("{}{}: {error}", api.name, error.instance_path())));
        for (name, schema) in document["components"]["schemas"]
            .as_object()
            .expect("a map")
        {
            if let Err(error) = jsonschema::meta::validate(schema) {
                wrong.push(format!("{}: the schema {name}: {error}", api.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rules would find something: what is no OpenAPI is refused.
#[test]
fn what_is_no_openapi_is_refused() {
    let schema = include_str!("openapi/oas-3.1.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("the schema can be used");
    let loaded = load(&main::sources().expect("they can be read"));
    let api = &loaded
        .unwrap_or_else(|found| panic!("{}", found.render(false)))
        .apis[0];
    let document = main::document::of(api);
    assert!(validator.is_valid(&document));
    let (_, method) = operations::all(api)[0];
    let operation = format!(
        "/paths/{}/{}",
        method.path.replace('/', "~1"),
        operations::verb(method)
    );
    let changes = [
        ("/openapi".to_owned(), Value::from("3.0.3")),
        ("/info".to_owned(), serde_json::json!({})),
        (
            format!("{operation}/responses"),
            serde_json::json!({"ok": {}}),
        ),
        (
            format!("{operation}/parameters"),
            serde_json::json!([{"name": "x", "in": "nowhere"}]),
        ),
        (
            "/components/securitySchemes".to_owned(),
            serde_json::json!({"x": {"type": "magic"}}),
        ),
    ];
    for (at, value) in changes {
        let mut wrong = document.clone();
        *wrong
            .pointer_mut(&at)
            .unwrap_or_else(|| panic!("nothing at {at}")) = value;
        assert!(!validator.is_valid(&wrong), "{at}");
    }
}

/// Every reference leads somewhere, and every method and type is there.
#[test]
fn each_document_is_whole() {
    for api in apis() {
        let document = main::document::of(&api);
        let mut waiting = vec![&document];
        while let Some(value) = waiting.pop() {
            if let Some(to) = value.get("$ref").and_then(Value::as_str) {
                let to = to
                    .strip_prefix('#')
                    .expect("a reference stays in the document");
                assert!(
                    document.pointer(to).is_some(),
                    "{}: nothing at {to}",
                    api.name
                );
            }
            match value {
                Value::Object(members) => waiting.extend(members.values()),
                Value::Array(items) => waiting.extend(items),
                _ => {}
            }
        }
        for (_, method) in operations::all(&api) {
            let operation = &document["paths"][&method.path][operations::verb(method)];
            let words = &method.operation;
            assert!(operation["responses"].is_object(), "{}: {words}", api.name);
            for name in method.path.split('{').skip(1) {
                let name = name.split('}').next().expect("a split has a first part");
                let mut parameters = operation["parameters"].as_array().into_iter().flatten();
                let told = parameters.any(|one| one["name"] == name && one["in"] == "path");
                assert!(told, "{}: {words} says nothing of {name}", api.name);
            }
        }
        assert!(!schemas::components(&api).is_empty() || api.types.is_empty());
    }
}

/// Both ways of writing are the same document, for somebody else's parser.
#[test]
fn what_is_written_is_read_back() {
    for api in apis() {
        let document = main::document::of(&api);
        for style in [Style::Block, Style::Dense] {
            let text = write(&document, style);
            assert_eq!(core_schema::read(&text), Some(document.clone()), "{text}");
        }
    }
}

#[test]
fn the_table_has_a_row_for_each_api() {
    let sources = main::sources().expect("they can be read");
    let loaded = load(&sources).unwrap_or_else(|found| panic!("{}", found.render(false)));
    let table = main::table(&loaded.apis, &sources);
    assert_eq!(table.lines().count(), 2 + loaded.apis.len(), "{table}");
    for row in table.lines().skip(2) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let number = |at: usize| cells[at].parse::<f64>().expect("a cell is a number");
        let (methods, ours, block, dense) = (number(1), number(2), number(4), number(6));
        assert!(methods > 0.0 && ours > 10.0 && block > dense, "{row}");
    }
}
