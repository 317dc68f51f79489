//! Tests of lowering: small descriptions and what they mean.

#![allow(clippy::unwrap_used, reason = "a test ends where its expectation does")]

mod answers;
mod collisions;
mod faults;
mod inheritance;
mod methods;
mod nesting;
mod pages;
mod paging;
mod policies;
mod scenarios;
mod shapes;
mod times;
mod types;
mod writes;

use crate::diagnostics::Diagnostics;
use crate::model::{Api, Member, Method, Resource, Struct, Type, TypeKind};
use crate::source::Source;

/// What every description begins with.
const HEAD: &str =
    "etiquette: 1\napi: example\nenvironments: {production: {url: \"https://api.example.com\"}}\n";

/// What a description means, and what is wrong with it.
fn lower(text: &str) -> (Api, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let text = format!("{HEAD}{text}").into_bytes();
    let sources = [Source {
        path: "schema/example.yaml".to_owned(),
        text,
    }];
    let documents = crate::document::read(&sources, &mut diagnostics);
    assert!(
        !diagnostics.has_errors(),
        "the document is wrong:\n{}",
        diagnostics.render(false)
    );
    let api = super::lower(&documents[0], &mut diagnostics);
    (api, diagnostics)
}

fn lower_all(documents: &[crate::document::Api], diagnostics: &mut Diagnostics) -> Vec<Api> {
    let apis = documents.iter();
    apis.map(|document| super::lower(document, diagnostics))
        .collect()
}

/// What a description without an error means.
fn good(text: &str) -> Api {
    let (api, diagnostics) = lower(text);
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(false));
    api
}

/// The codes of all that is wrong with a description, in the order of the file.
fn codes(text: &str) -> Vec<&'static str> {
    let (_, diagnostics) = lower(text);
    diagnostics
        .sorted()
        .iter()
        .map(|found| found.code)
        .collect()
}

/// The rendering of all that is wrong with a description.
fn rendered(text: &str) -> String {
    lower(text).1.render(false)
}

fn find_type<'a>(api: &'a Api, name: &str) -> &'a Type {
    api.types
        .iter()
        .find(|described| described.name.wire == name)
        .unwrap()
}

fn find_struct<'a>(api: &'a Api, rust: &str) -> &'a Struct {
    let structs = api
        .types
        .iter()
        .filter_map(|described| match &described.kind {
            TypeKind::Object(object) => object.structs.iter().find(|item| item.rust == rust),
            TypeKind::Enum(_) | TypeKind::Union(_) | TypeKind::Alias(_) => None,
        });
    structs
        .into_iter()
        .next()
        .unwrap_or_else(|| panic!("there is no struct `{rust}`"))
}

/// Names of the structs of a type.
fn structs_of<'a>(api: &'a Api, name: &str) -> Vec<&'a str> {
    match &find_type(api, name).kind {
        TypeKind::Object(object) => object
            .structs
            .iter()
            .map(|item| item.rust.as_str())
            .collect(),
        TypeKind::Enum(_) | TypeKind::Union(_) | TypeKind::Alias(_) => Vec::new(),
    }
}

fn member<'a>(item: &'a Struct, rust: &str) -> &'a Member {
    item.members
        .iter()
        .find(|member| member.name.rust == rust)
        .unwrap()
}

fn members(item: &Struct) -> Vec<&str> {
    item.members
        .iter()
        .map(|member| member.name.rust.as_str())
        .collect()
}

/// A method by its operation, `orders.list`.
fn method<'a>(api: &'a Api, operation: &str) -> &'a Method {
    fn all<'a>(resources: &'a [Resource], found: &mut Vec<&'a Method>) {
        for resource in resources {
            found.extend(&resource.methods);
            all(&resource.children, found);
        }
    }
    let mut found = Vec::new();
    all(&api.resources, &mut found);
    found
        .into_iter()
        .find(|method| method.operation == operation)
        .unwrap()
}

#[test]
fn apis_are_sorted_by_name() {
    let source = |name: &str| Source {
        path: format!("schema/{name}.yaml"),
        text: HEAD.replace("example\n", &format!("{name}\n")).into_bytes(),
    };
    let mut diagnostics = Diagnostics::default();
    let documents = crate::document::read(&[source("b"), source("a")], &mut diagnostics);
    let apis = lower_all(&documents, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(false));
    assert_eq!(
        apis.iter().map(|api| api.name.as_str()).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(apis[0].schema, "schema/a.yaml");
    assert_eq!(apis[0].title, "a");
}

#[test]
fn the_schema_of_several_files_is_their_folder() {
    let text = HEAD.as_bytes().to_vec();
    let main = Source {
        path: "schema/example/api.yaml".to_owned(),
        text,
    };
    let more = Source {
        path: "schema/example/users.yaml".to_owned(),
        text: b"types:\n  User: {fields: {id: int}}\n".to_vec(),
    };
    let mut diagnostics = Diagnostics::default();
    let documents = crate::document::read(&[main, more], &mut diagnostics);
    let apis = lower_all(&documents, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}", diagnostics.render(false));
    assert_eq!(apis[0].schema, "schema/example/");
    assert_eq!(
        &*find_type(&apis[0], "User").origin.path,
        "schema/example/users.yaml"
    );
}

#[test]
fn words_are_screened() {
    use super::words::{screen, split_sentence};
    assert_eq!(screen("a\r\nb\rc\n"), "a\nb\nc");
    assert_eq!(screen("x\n```rust\nevil\n```\ny"), "x\nevil\ny");
    assert_eq!(screen("x\n\n        code\n\ty"), "x\n\n   code\n   y");
    assert_eq!(screen("a\u{7}b\u{85}"), "ab");
    assert_eq!(split_sentence("One. Two."), ("One.", "Two."));
    assert_eq!(
        split_sentence("Version 1.2 is it"),
        ("Version 1.2 is it", "")
    );
    assert_eq!(split_sentence("A title\n\nMore."), ("A title", "More."));
    assert_eq!(split_sentence(""), ("", ""));
}
