//! Reading objects: what is missing, there twice, null, of the wrong kind, too deep or too long.

use std::collections::BTreeMap;

use etiquette_runtime::{
    codegen::{Json, Timestamp},
    record::Whole,
};

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Owner {
    pub id: i64,
}

etiquette_runtime::record! { Owner: required id: i64 }

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Thing {
    pub id: i64,
    pub size: Option<u64>,
    pub weight: Option<f64>,
    pub is_on: bool,
    pub name: Option<String>,
    pub tags: Vec<String>,
    pub owner: Option<Owner>,
    pub owners: Vec<Owner>,
    pub created_at: Option<Timestamp>,
    pub labels: Option<BTreeMap<String, i64>>,
    pub any: Option<Json>,
}

etiquette_runtime::record! {
    Thing:
    required id: i64,
    optional size: u64,
    optional weight: f64,
    nulled is_on: bool = "isOn" => false,
    optional name: String,
    list tags: String,
    optional owner: Owner,
    list owners: Owner,
    optional created_at: Timestamp = "createdAt",
    optional labels: BTreeMap<String, i64>,
    optional any: Json,
}

fn thing(members: &str) -> Result<Thing, String> {
    serde_json::from_str(&format!(r#"{{"id":1,"isOn":true{members}}}"#))
        .map_err(|error| error.to_string())
}

fn whole(text: &str) -> String {
    serde_json::from_str::<Thing>(text).unwrap_err().to_string()
}

#[test]
fn all_members_are_read_in_any_order() {
    let text = r#"{"any":[null,1.5],"labels":{"b":2,"a":1},"createdAt":"2022-11-01T17:42:07.409+01:00",
        "owners":[{"id":2},{"id":3}],"owner":{"more":{},"id":4},"tags":["x"],"name":"\u00e9\"","isOn":true,
        "weight":2,"size":18446744073709551615,"id":-9223372036854775808}"#;
    let thing: Thing = serde_json::from_str(text).unwrap();
    assert_eq!(
        (thing.id, thing.size, thing.weight),
        (i64::MIN, Some(u64::MAX), Some(2.0))
    );
    assert_eq!(
        (thing.is_on, thing.name.as_deref(), thing.tags),
        (true, Some("é\""), vec!["x".to_owned()])
    );
    assert_eq!(
        (thing.owner, thing.owners),
        (
            Some(Owner { id: 4 }),
            vec![Owner { id: 2 }, Owner { id: 3 }]
        )
    );
    assert_eq!(
        thing.created_at.unwrap().to_string(),
        "2022-11-01T16:42:07.409Z"
    );
    assert_eq!(
        thing.labels.unwrap().into_iter().collect::<Vec<_>>(),
        [("a".to_owned(), 1), ("b".to_owned(), 2)]
    );
    assert_eq!(thing.any, Some(serde_json::from_str("[null,1.5]").unwrap()));
}

#[test]
fn null_is_nothing_where_the_table_says_so() {
    let thing =
        thing(r#","size":null,"name":null,"tags":null,"owner":null,"owners":null,"any":null"#)
            .unwrap();
    assert_eq!(
        (thing.size, thing.name, thing.owner, thing.any),
        (None, None, None, None)
    );
    assert_eq!((thing.tags, thing.owners), (vec![], vec![]));
    let off: Thing = serde_json::from_str(r#"{"id":1,"isOn":null}"#).unwrap();
    assert!(!off.is_on);
}

/// Row G4: members that nobody knows are skipped, whatever they hold.
#[test]
fn unknown_members_are_skipped() {
    assert!(thing(r#","new":{"a":[1,"}",null,-0.5e3,true]},"Id":"7","":[]"#).is_ok());
}

#[test]
fn a_missing_member_is_named_as_on_the_wire() {
    assert!(whole(r#"{"id":1}"#).starts_with("missing field `isOn`"));
    assert!(whole(r#"{"isOn":true}"#).starts_with("missing field `id`"));
    assert!(
        thing(r#","owner":{}"#)
            .unwrap_err()
            .starts_with("missing field `id`")
    );
}

/// Row G3: a member that stands twice is refused, in objects and in maps, also when one of them is null.
#[test]
fn duplicates_are_refused_by_name() {
    for (members, name) in [
        (r#","id":1"#, "id"),
        (r#","isOn":null"#, "isOn"),
        (r#","name":null,"name":"a""#, "name"),
        (r#","tags":[],"tags":[]"#, "tags"),
        (r#","labels":{"a":1,"a":1}"#, "a"),
    ] {
        let error = thing(members).unwrap_err();
        assert!(
            error.starts_with(&format!("duplicate field `{name}`")),
            "{members}: {error}"
        );
    }
}

/// Row G5: nothing is converted, and null in a required place is an error.
#[test]
fn wrong_kinds_are_refused() {
    for members in [
        r#","size":-1"#,
        r#","size":1.0"#,
        r#","size":"1""#,
        r#","size":true"#,
        r#","size":18446744073709551616"#,
        r#","weight":"1.5""#,
        r#","weight":1e400"#,
        r#","name":1"#,
        r#","tags":"a""#,
        r#","tags":[1]"#,
        r#","tags":[null]"#,
        r#","owner":[]"#,
        r#","owner":"a""#,
        r#","owners":{}"#,
        r#","owners":[null]"#,
        r#","createdAt":1"#,
        r#","createdAt":"yesterday""#,
        r#","labels":[]"#,
        r#","labels":{"a":null}"#,
    ] {
        assert!(thing(members).is_err(), "{members}");
    }
    for id in [
        "null",
        "1.0",
        "1e0",
        "\"1\"",
        "true",
        "[]",
        "{}",
        "9223372036854775808",
        "-9223372036854775809",
    ] {
        assert!(
            serde_json::from_str::<Owner>(&format!(r#"{{"id":{id}}}"#)).is_err(),
            "{id}"
        );
    }
    for text in ["null", "[]", "1", "\"\"", "true", "[1]"] {
        assert!(serde_json::from_str::<Owner>(text).is_err(), "{text}");
    }
}

/// Row G6: a lone surrogate, control characters and broken ends are errors with a place.
#[test]
fn broken_text_is_refused() {
    for members in [
        r#","name":"\ud800""#,
        r#","name":"\udc00a""#,
        ",\"name\":\"a\nb\"",
        ",\"name\":\"\0\"",
        r#","name":"\x""#,
        ",",
        r#","name""#,
    ] {
        assert!(
            thing(members).unwrap_err().contains("at line "),
            "{members}"
        );
    }
    for text in [
        "",
        "{",
        r#"{"id":1"#,
        r#"{"id":1} x"#,
        r#"{"id":1}{"id":1}"#,
        "\u{feff}{\"id\":1}",
    ] {
        assert!(serde_json::from_str::<Owner>(text).is_err(), "{text}");
    }
}

/// Row G7: numbers of 100 000 digits are errors, and take no quadratic time to be one.
#[test]
fn giant_numbers_are_refused() {
    let digits = "9".repeat(100_000);
    for member in ["size", "weight", "new", "any"] {
        assert!(
            thing(&format!(r#","{member}":{digits}"#)).is_err(),
            "{member}"
        );
    }
    assert!(thing(r#","any":1e400"#).is_err());
}

/// Row G1: brackets without end are an error, also in what is skipped, on a stack of 256 KiB.
#[test]
fn deep_nesting_is_refused_on_a_small_stack() {
    on_a_small_stack(|| {
        for member in ["new", "any", "owner", "tags"] {
            for open in ["[", "{\"a\":"] {
                assert!(
                    thing(&format!(",\"{member}\":{}", open.repeat(200_000))).is_err(),
                    "{member}"
                );
                let closed = format!(
                    ",\"{member}\":{}{}",
                    "[".repeat(200_000),
                    "]".repeat(200_000)
                );
                assert!(thing(&closed).is_err(), "{member}");
            }
        }
    });
}

/// 256 KiB; code without optimisation takes more of it for each level.
pub(crate) fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let size = if cfg!(debug_assertions) { 512 } else { 256 };
    std::thread::Builder::new()
        .stack_size(size * 1024)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap();
}

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Node {
    pub next: Option<Box<Node>>,
    pub all: Vec<Node>,
}

etiquette_runtime::record! { Node: optional next: Box<Node>, list all: Node }

/// Row G2: a type that holds itself is bounded like everything else.
#[test]
fn a_type_may_hold_itself() {
    on_a_small_stack(|| {
        let nested =
            |depth: usize| format!("{}{{}}{}", r#"{"next":"#.repeat(depth), "}".repeat(depth));
        let node: Node = serde_json::from_str(&nested(120)).unwrap();
        assert_eq!(node.clone(), node);
        assert!(format!("{node:?}").len() > 120);
        assert!(
            serde_json::from_str::<Node>(&nested(200))
                .unwrap_err()
                .to_string()
                .contains("recursion limit")
        );
        assert!(serde_json::from_str::<Node>(&r#"{"all":["#.repeat(200_000)).is_err());
    });
}

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Kept {
    pub id: i64,
    pub extra: BTreeMap<String, Json>,
    pub fields: BTreeMap<i64, Json>,
}

etiquette_runtime::record! {
    Kept:
    required id: i64;
    keep extra;
    dynamic "field" fields: i64 => Json,
}

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Named {
    pub fields: BTreeMap<String, u64>,
}

etiquette_runtime::record! { Named: ; dynamic "x-" fields: String => u64 }

#[test]
fn extra_and_dynamic_members_are_kept() {
    let kept: Kept =
        serde_json::from_str(r#"{"field7":1,"more":[2],"id":3,"field-8":null,"field07":4,"field":5,"fieldx":6,"field+9":7}"#)
            .unwrap();
    assert_eq!(kept.fields.keys().copied().collect::<Vec<_>>(), [-8, 7]);
    assert_eq!(
        kept.extra.keys().collect::<Vec<_>>(),
        ["field", "field+9", "field07", "fieldx", "more"]
    );
    let named: Named = serde_json::from_str(r#"{"x-a":1,"x-":2,"y":3}"#).unwrap();
    assert_eq!(
        named.fields.into_iter().collect::<Vec<_>>(),
        [("a".to_owned(), 1)]
    );
}

/// Row G3: also where names are data.
#[test]
fn kept_members_that_stand_twice_are_refused() {
    for text in [
        r#"{"id":1,"field7":1,"field7":1}"#,
        r#"{"id":1,"more":1,"more":1}"#,
        r#"{"id":1,"id":2}"#,
    ] {
        assert!(
            serde_json::from_str::<Kept>(text)
                .unwrap_err()
                .to_string()
                .starts_with("duplicate field `"),
            "{text}"
        );
    }
    assert!(serde_json::from_str::<Named>(r#"{"x-a":-1}"#).is_err());
}

/// 200 members: more than fit into the bits that remember what was there.
#[test]
fn wide_objects_are_maps() {
    let members: Vec<String> = (0..200).map(|n| format!("\"k{n}\":{n}")).collect();
    let Whole(map): Whole<BTreeMap<String, i64>> =
        serde_json::from_str(&format!("{{{}}}", members.join(","))).unwrap();
    assert_eq!((map.len(), map["k199"]), (200, 199));
}

/// A model may come from a value in memory too.
#[test]
fn models_are_ordinary_for_serde() {
    let value: Json =
        serde_json::from_str(r#"{"id":1,"isOn":false,"createdAt":"2023-01-15T10:30:00Z"}"#)
            .unwrap();
    assert_eq!(serde_json::from_value::<Thing>(value).unwrap().id, 1);
    assert_eq!(
        serde_json::from_str::<Vec<Owner>>(r#"[{"id":1}]"#).unwrap(),
        [Owner { id: 1 }]
    );
}
