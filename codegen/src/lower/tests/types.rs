//! Types: references, aliases, unions, literals.

use super::{codes, find_type, good, lower, rendered};
use crate::model::{Discriminator, JsonKind, Ty, TypeKind};

#[test]
fn unknown_types_are_suggested_and_reported_once() {
    let text = "
types: {Address: {fields: {city: sting, next: list<Adress>}}}
resources: {users: {path: /users, type: Usr, methods: [list, create]}}
";
    assert_eq!(codes(text), ["E040", "E040", "E040"]);
    let shown = rendered(text);
    assert!(
        shown.contains("did you mean `string`?") && shown.contains("did you mean `Address`?"),
        "{shown}"
    );
}

/// Row I10: a circle of aliases is shown whole, and once.
#[test]
fn aliases_of_aliases_are_followed() {
    let api = good("types: {A: {alias: B}, B: {alias: C}, C: {alias: int, example: 7}}");
    let inner = |name: &str| match &find_type(&api, name).kind {
        TypeKind::Alias(alias) => (alias.inner.clone(), alias.example.clone()),
        other => panic!("{other:?} is no alias"),
    };
    assert_eq!(inner("A"), (Ty::Int, None));
    assert_eq!(inner("C"), (Ty::Int, Some("7".to_owned())));
    let circle = "types: {X: {alias: A}, A: {alias: B}, B: {alias: C}, C: {alias: A}}";
    assert_eq!(codes(circle), ["E047"]);
    assert!(
        rendered(circle).contains("`A` → `B` → `C` → `A`"),
        "{}",
        rendered(circle)
    );
    for bad in ["list<int>", "datetime", "User", "string | null"] {
        let text = format!("types: {{A: {{alias: \"{bad}\"}}, User: {{fields: {{a: int}}}}}}");
        assert_eq!(codes(&text), ["E047"], "{bad}");
    }
}

#[test]
fn a_tag_tells_variants() {
    let api = good(
        "
types:
  Card: {fields: {number: string}}
  Pay: {tag: kind, of: {card: Card, \"old-card\": Card, unknown: Card}}
  Wrapped: {tag: kind, content: value, of: {card: Card, text: string}, open: false}
",
    );
    let TypeKind::Union(pay) = &find_type(&api, "Pay").kind else {
        panic!("a union")
    };
    let names: Vec<&str> = pay
        .variants
        .iter()
        .map(|variant| variant.name.rust.as_str())
        .collect();
    assert_eq!(
        (names.as_slice(), pay.open),
        (["Card", "OldCard", "Unknown_"].as_slice(), true)
    );
    assert_eq!(pay.variants[0].discriminator, Discriminator::Tag);
    let TypeKind::Union(wrapped) = &find_type(&api, "Wrapped").kind else {
        panic!("a union")
    };
    assert_eq!(
        (wrapped.content.as_deref(), wrapped.open),
        (Some("value"), false)
    );
    assert_eq!(wrapped.variants[1].ty, Ty::String);
    for bad in [
        "types: {A: {fields: {kind: string}}, U: {tag: kind, of: {a: A}}}",
        "types: {U: {tag: kind, of: {a: string}}}",
        "types: {A: {fields: {x: int}}, U: {tag: kind, of: {a: list<A>}}}",
    ] {
        assert_eq!(codes(bad), ["E051"], "{bad}");
    }
}

#[test]
fn constants_and_kinds_tell_untagged_variants() {
    let api = good(
        "
types:
  Card: {fields: {kind: {type: string, const: card}}}
  Bank: {fields: {kind: {type: string, const: bank}}}
  Other: {fields: {note: string}}
  Code: {values: [1, 2], of: int}
  U: {first_match: [Card, Bank, Other, string, Code, bool]}
",
    );
    let TypeKind::Union(union) = &find_type(&api, "U").kind else {
        panic!("a union")
    };
    let names: Vec<&str> = union
        .variants
        .iter()
        .map(|variant| variant.name.rust.as_str())
        .collect();
    assert_eq!(names, ["Card", "Bank", "Other", "String", "Code", "Bool"]);
    let constants = Discriminator::Constants(vec![("kind".to_owned(), "\"card\"".to_owned())]);
    assert_eq!(union.variants[0].discriminator, constants);
    assert_eq!(
        union.variants[2].discriminator,
        Discriminator::Kind(JsonKind::Object)
    );
    assert_eq!(
        union.variants[4].discriminator,
        Discriminator::Kind(JsonKind::Number)
    );
    for bad in [
        "types: {A: {fields: {a: int}}, B: {fields: {a: int}}, U: {first_match: [A, B]}}",
        "types:\n  A: {fields: {a: int}}\n  B: {dynamic: {prefix: a, key: string, value: int}, fields: {b?: int}}\n  U: {first_match: [A, B]}\n",
        "types: {U: {first_match: [string, datetime]}}",
        "types: {U: {first_match: [int, float]}}",
        "types: {U: {first_match: [json, string]}}",
        "types: {A: {fields: {k: {type: int, const: 1}}}, B: {fields: {k: {type: int, const: 1}}}, U: {first_match: [A, B]}}",
    ] {
        assert_eq!(codes(bad), ["E051"], "{bad}");
    }
}

#[test]
fn a_union_that_is_sent_has_one_form() {
    let text = "
types:
  A: {fields: {id: {type: int, access: read_only}}}
  U: {tag: kind, of: {a: A}}
resources: {a: {path: /a, methods: {x: {http: POST, body: U}}}}
";
    assert_eq!(codes(text), ["E051"]);
}

/// Row I19: a literal is a value of its type or refused.
#[test]
fn literals_are_read_as_their_type() {
    let with = |field: &str| {
        format!("types: {{Kind: [a, b], Id: {{alias: int}}, T: {{fields: {{x: {field}}}}}}}")
    };
    for (field, json) in [
        (
            "{type: string, const: \"a\\\"b\\\\\\n${x}\"}",
            "\"a\\\"b\\\\\\n${x}\"",
        ),
        ("{type: Kind, const: a}", "\"a\""),
        ("{type: Id, const: 7}", "7"),
        ("{type: bool, const: true}", "true"),
        ("{type: float, const: -1.5}", "-1.5"),
        ("{type: int | null, const: null}", "null"),
    ] {
        let api = good(&with(field));
        let TypeKind::Object(object) = &find_type(&api, "T").kind else {
            panic!("an object")
        };
        assert_eq!(object.fields[0].constant.as_deref(), Some(json), "{field}");
    }
    for (field, code) in [
        ("{type: Kind, const: c}", "E059"),
        ("{type: int, const: 1.5}", "E059"),
        ("{type: int, const: 9223372036854775808}", "E059"),
        ("{type: int, const: abc}", "E023"),
        ("{type: list<int>, const: 1}", "E059"),
        ("{type: bool | null, null_is: maybe}", "E025"),
    ] {
        assert_eq!(codes(&with(field)), [code], "{field}");
    }
}

#[test]
fn keys_of_a_field_have_to_make_sense_together() {
    for (field, code) in [
        ("{type: int, access: read_only, sent_as: string}", "E058"),
        ("{type: int, null_is: 0}", "E058"),
        ("{type: int, merge: deep}", "E058"),
        ("{type: bool, format: string}", "E057"),
        ("{type: datetime, tz: utc}", "E057"),
        ("new<Kind>", "E049"),
    ] {
        let text = format!("types: {{Kind: [a], T: {{fields: {{x: {field}}}}}}}");
        assert_eq!(codes(&text), [code], "{field}");
    }
}

/// A broken reference is a placeholder that nothing else complains about.
#[test]
fn one_mistake_is_one_finding() {
    let text = "
types:
  A: {fields: {x: Nope, z: {type: Nope2, const: a, null_is: b, merge: deep}}, one_of: [[x, z]]}
  U: {first_match: [Nope3, string]}
resources:
  as: {path: /as, type: A, key: x, filters: {fields: {x: [eq]}}, methods: [list, get, create, update, replace]}
";
    assert_eq!(codes(text), ["E040"; 3]);
    let (api, _) = lower(text);
    assert_eq!(api.resources[0].methods.len(), 5);
}
