//! Hostile descriptions: whatever stands in them, lowering ends, and every name is an identifier.

use super::{codes, good};
use crate::model::{Answer, Api, Resource, TypeKind};
use crate::names::{is_identifier, is_keyword};

/// Rows I11 and I12: keywords in every position of a name.
#[test]
fn keywords_are_names_everywhere() {
    let keywords = [
        "type", "async", "gen", "try", "self", "Self", "super", "crate", "_", "fn", "impl", "dyn",
    ];
    for keyword in keywords {
        let text = format!(
            "
types:
  T: {{fields: {{\"{keyword}\": {{type: string | null, access: create_only}}, other: string}}}}
  \"{keyword}\": {{fields: {{a: int}}}}
resources:
  \"{keyword}\":
    path: /a
    type: T
    key: \"{keyword}\"
    filters: {{fields: {{\"{keyword}\": [eq]}}}}
    methods:
      list: {{query: {{\"x{keyword}\": string, \"y{keyword}?\": string}}}}
      get: {{}}
      create: {{}}
      update: {{}}
      \"{keyword}\": {{http: POST ./x, body: {{fields: {{\"{keyword}\": int}}}}}}
"
        );
        let api = good(&text);
        for name in all_names(&api) {
            assert!(
                is_identifier(&name) && !is_keyword(&name),
                "{keyword}: {name}"
            );
        }
    }
}

fn all_names(api: &Api) -> Vec<String> {
    let mut names = Vec::new();
    for described in &api.types {
        names.push(described.name.rust.clone());
        match &described.kind {
            TypeKind::Object(object) => {
                for item in &object.structs {
                    names.push(item.rust.clone());
                    names.extend(item.members.iter().map(|member| member.name.rust.clone()));
                }
            }
            TypeKind::Enum(kind) => {
                names.extend(kind.values.iter().map(|value| value.name.rust.clone()));
            }
            TypeKind::Union(kind) => names.extend(
                kind.variants
                    .iter()
                    .map(|variant| variant.name.rust.clone()),
            ),
            TypeKind::Alias(_) => {}
        }
    }
    api.resources
        .iter()
        .for_each(|resource| names_of_resource(resource, &mut names));
    names
}

fn names_of_resource(resource: &Resource, names: &mut Vec<String>) {
    names.extend([
        resource.name.rust.clone(),
        resource.handle.clone(),
        resource.module.clone(),
    ]);
    for method in &resource.methods {
        names.extend([method.name.rust.clone(), method.constant.clone()]);
        names.extend(method.call_type.clone());
        names.extend(
            method
                .arguments
                .iter()
                .map(|argument| argument.name.rust.clone()),
        );
        names.extend(
            method
                .filters
                .iter()
                .flat_map(|filter| &filter.ops)
                .map(|op| op.rust.clone()),
        );
        if let Answer::Outcomes { rust, .. } = &method.answer {
            names.push(rust.clone());
        }
    }
    resource
        .children
        .iter()
        .for_each(|child| names_of_resource(child, names));
}

/// Row I23: templates reach the checks as they are written; what has no type is no argument.
#[test]
fn bad_templates_do_no_harm() {
    for path in [
        "/{a}/{a}", "/{a", "/a}b{", "/{}", "//", "/a?x={y}", "/#", "/..", "/{ä}", "/{a}{b}",
    ] {
        let text = format!(
            "resources: {{a: {{path: \"{path}\", key: {{a: {{type: int}}}}, methods: {{x: {{http: \"POST */x\", params: {{b: int}}}}}}}}}}"
        );
        assert!(codes(&text).is_empty(), "{path}");
    }
}

/// Row I18: ten thousand values.
#[test]
fn many_values_are_lowered_in_time() {
    let values: Vec<String> = (0..10_000).map(|index| format!("v{index}")).collect();
    let api = good(&format!("types: {{Kind: [{}]}}", values.join(", ")));
    assert!(matches!(&api.types[0].kind, TypeKind::Enum(kind) if kind.values.len() == 10_000));
}
