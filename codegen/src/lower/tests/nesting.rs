//! Unions that members tell apart, and types that nest in themselves.

use super::{codes, find_type, good};
use crate::model::{Discriminator, JsonKind, TypeKind, UnionType};

fn union(text: &str) -> UnionType {
    let api = good(text);
    let TypeKind::Union(union) = &find_type(&api, "U").kind else {
        panic!("a union")
    };
    union.clone()
}

fn members(union: &UnionType, at: usize) -> &[String] {
    match &union.variants[at].discriminator {
        Discriminator::Members(members) => members,
        _ => &[],
    }
}

/// The order of the file does not matter: whoever has a member that the others lack is tried first.
#[test]
fn members_that_others_lack_tell_objects() {
    let nested = union(
        "
types:
  Match: {fields: {attribute: string, value: string}}
  Related: {fields: {attribute: string, filter: U}}
  And: {fields: {and: list<U>}}
  U: {first_match: [int, Match, Related, And]}
",
    );
    assert_eq!(members(&nested, 1), ["value"]);
    assert_eq!(members(&nested, 2), ["attribute"]);
    assert_eq!(members(&nested, 3), ["and"]);
    assert_eq!(nested.tried, [0, 1, 2, 3]);
    let part = union(
        "
types:
  Short: {fields: {id: int}}
  Long: {fields: {id: int, name: string}}
  U: {first_match: [Short, string, Long]}
",
    );
    assert_eq!(part.tried, [2, 1, 0]);
    assert_eq!(members(&part, 2), ["name"]);
    let short = &part.variants[0].discriminator;
    assert_eq!(*short, Discriminator::Kind(JsonKind::Object));
}

/// A member that may be absent tells nothing, and one that is never answered neither.
#[test]
fn only_members_that_are_always_there_tell() {
    for field in [
        "name?: string",
        "name: {type: string, access: write_only}",
        "name: {type: string, access: on_create}",
    ] {
        let text = format!(
            "types:\n  A: {{fields: {{id: int}}}}\n  B:\n    fields:\n      id: int\n      {field}\n  U: {{first_match: [A, B]}}\n"
        );
        assert_eq!(codes(&text), ["E051"], "{field}");
    }
}

#[test]
fn constants_are_tried_before_members() {
    let mixed = union(
        "
types:
  Plain: {fields: {kind: string, name: string}}
  Other: {fields: {kind: string, size: int}}
  Card: {fields: {kind: {type: string, const: card}, name: string}}
  U: {first_match: [Plain, Other, Card]}
",
    );
    assert_eq!(mixed.tried, [2, 0, 1]);
    assert_eq!(members(&mixed, 0), ["name"]);
    assert_eq!(members(&mixed, 1), ["size"]);
}

#[test]
fn lists_are_told_by_their_kind() {
    let answer = union("types: {U: {first_match: [int, \"list<int>\", string]}}");
    assert_eq!(answer.variants[1].name.rust, "ListInt");
    let kind = &answer.variants[1].discriminator;
    assert_eq!(*kind, Discriminator::Kind(JsonKind::List));
    assert_eq!(
        codes("types: {U: {first_match: [\"list<int>\", \"list<string>\"]}}"),
        ["E051"]
    );
    assert_eq!(codes("types: {U: {first_match: [\"map<int>\"]}}"), ["E051"]);
}

#[test]
fn a_depth_belongs_to_types_that_hold_themselves() {
    let text = "
types:
  Tree: {max_depth: 5, fields: {below: list<Tree>}}
  A: {max_depth: 64, fields: {b?: B}}
  B: {tag: kind, of: {a: A}, max_depth: {value: 2, trust: observed}}
";
    assert_eq!(codes(text), [""; 0]);
    for bad in [
        "types: {A: {max_depth: 5, fields: {b?: B}}, B: {fields: {c: int}}}",
        "types: {A: {max_depth: 0, fields: {a?: A}}}",
        "types: {A: {max_depth: 65, fields: {a?: A}}}",
    ] {
        assert_eq!(
            codes(&bad.replace("b?", "\"b?\"").replace("a?", "\"a?\"")),
            ["E127"],
            "{bad}"
        );
    }
}
