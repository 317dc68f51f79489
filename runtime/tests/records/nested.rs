//! Values that nest in themselves: told apart by members, made by nested calls, and no deeper than the API takes.

use etiquette_runtime::codegen::{BTreeMap, UnknownObject};

use crate::{json, refusal};

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Match {
    pub attribute: String,
    pub value: Value,
}
etiquette_runtime::both! { Match: attribute: String, value: Value; }

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Related {
    pub attribute: String,
    pub filter: Filter,
}
etiquette_runtime::both! { Related: attribute: String, filter: Filter; }

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct All {
    pub and: Vec<Filter>,
}
etiquette_runtime::both! { All: list and: Filter; }

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    Text(String),
    Number(f64),
}
etiquette_runtime::first_match! { Value: Text(String) string, Number(f64) number }
etiquette_runtime::from_variants! { Value: Text(String) text, Number(f64) }

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Filter {
    Match(Match),
    Related(Box<Related>),
    All(All),
    Unknown(UnknownObject),
}
etiquette_runtime::first_match! {
    Filter: Match(Match) has "value", Related(Box<Related>) has "attribute" & "filter", All(All) has "and"; open; max_depth 3
}
etiquette_runtime::from_variants! { Filter: Match(Match), Related(Related) boxed, All(All) }

fn leaf() -> Filter {
    Match::new("a", "v").into()
}

fn all(inner: Filter) -> Filter {
    All::new([inner]).into()
}

#[test]
fn members_tell_objects_apart() {
    for (text, filter) in [
        (r#"{"attribute":"a","value":"v"}"#, leaf()),
        (
            r#"{"attribute":"a","filter":{"and":[]}}"#,
            Related::new("a", All::new([] as [Filter; 0])).into(),
        ),
        (r#"{"and":[{"attribute":"a","value":"v"}]}"#, all(leaf())),
    ] {
        assert_eq!(
            serde_json::from_str::<Filter>(text).unwrap(),
            filter,
            "{text}"
        );
        assert_eq!(json(&filter), text);
    }
    // A member that is null is there.
    let error = serde_json::from_str::<Filter>(r#"{"attribute":"a","value":null}"#).unwrap_err();
    assert!(error.to_string().contains("one of the variants"), "{error}");
}

/// Row G4: an object that has the members of none is kept and written back.
#[test]
fn what_has_the_members_of_none_is_kept() {
    for text in [r#"{"or":[1]}"#, "{}", r#"{"attribute":"a"}"#] {
        let filter: Filter = serde_json::from_str(text).unwrap();
        assert!(matches!(filter, Filter::Unknown(_)), "{text}");
        assert_eq!(json(&filter), text);
    }
}

/// The depth counts values of the type on one way down; beside each other there may be any number.
#[test]
fn what_nests_deeper_is_refused_with_its_place() {
    json(&all(all(leaf())));
    json(&All::new([all(leaf()), all(leaf()), leaf(), leaf()]).into_filter());
    let deep = all(all(all(leaf())));
    assert_eq!(
        refusal(&deep),
        "/and/0/and/0/and/0: it is nested deeper than the API takes"
    );
    let related: Filter = Related::new("a", all(all(leaf()))).into();
    assert!(refusal(&related).starts_with("/filter/and/0/and/0: "));
    // Reading bounds nothing of this: the server may know more.
    let read: Filter = serde_json::from_str(&format!(
        "{}{{\"and\":[]}}{}",
        r#"{"and":["#.repeat(9),
        "]}".repeat(9)
    ))
    .unwrap();
    assert!(refusal(&read).contains("nested deeper"));
}

impl All {
    fn into_filter(self) -> Filter {
        self.into()
    }
}

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Folder {
    pub id: i64,
    pub above: Option<Box<Folder>>,
    pub marks: BTreeMap<i64, Value>,
}
etiquette_runtime::both! {
    Folder: id: i64; optional above: Box<Folder>; dynamic "mark" marks: i64 => Value; max_depth 2
}

#[test]
fn objects_have_a_depth_too() {
    let two = Folder::new(1)
        .above(Folder::new(2).marks(7, "x"))
        .marks(8, 1.5);
    assert_eq!(
        json(&two),
        r#"{"id":1,"above":{"id":2,"mark7":"x"},"mark8":1.5}"#
    );
    assert_eq!(
        refusal(&Folder::new(0).above(two)),
        "/above/above: it is nested deeper than the API takes"
    );
}

pub mod one_way {
    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct Sent {
        pub a: i64,
    }
    etiquette_runtime::new! { Sent: a: i64; }

    #[derive(Clone, Debug, PartialEq)]
    pub enum OnlySent {
        Sent(Sent),
    }
    etiquette_runtime::write_first_match! { OnlySent: Sent(Sent) object }

    #[derive(Clone, Debug, PartialEq)]
    #[non_exhaustive]
    pub struct Answered {
        pub a: i64,
    }
    etiquette_runtime::record! { Answered: required a: i64 }

    #[derive(Clone, Debug, PartialEq)]
    pub enum OnlyRead {
        Answered(Answered),
    }
    etiquette_runtime::read_first_match! { OnlyRead: Answered(Answered) object }

    #[derive(Clone, Debug, PartialEq)]
    pub enum TaggedRead {
        Answered(Answered),
    }
    etiquette_runtime::read_tagged! { TaggedRead, "t": Answered(Answered) = "x" }

    #[derive(Clone, Debug, PartialEq)]
    pub enum TaggedSent {
        Sent(Sent),
    }
    etiquette_runtime::write_tagged! { TaggedSent, "t": Sent(Sent) = "x" }
}

/// A union of one direction asks nothing of its variants in the other.
#[test]
fn a_union_may_be_of_one_direction() {
    use one_way::{Answered, OnlyRead, OnlySent, Sent, TaggedRead, TaggedSent};
    assert_eq!(json(&OnlySent::Sent(Sent::new(1))), r#"{"a":1}"#);
    assert_eq!(json(&TaggedSent::Sent(Sent::new(1))), r#"{"t":"x","a":1}"#);
    let OnlyRead::Answered(Answered { a, .. }) = serde_json::from_str(r#"{"a":1}"#).unwrap();
    let TaggedRead::Answered(other) = serde_json::from_str(r#"{"t":"x","a":1}"#).unwrap();
    assert_eq!((a, other.a), (1, 1));
}
