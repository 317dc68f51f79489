//! Unions: by tag, by content, by kind and by constants; unknown ones are kept.

use etiquette_runtime::codegen::{Json, UnknownObject};

use crate::{json, read::on_a_small_stack};

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Circle {
    pub radius: f64,
}
etiquette_runtime::both! { Circle: radius: f64; }

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Group {
    pub kind: String,
    pub shapes: Vec<Shape>,
}
etiquette_runtime::both! { Group: kind: String; list shapes: Shape }

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    Circle(Circle),
    Group(Box<Group>),
    Unknown(UnknownObject),
}
etiquette_runtime::tagged! { Shape, "kind": Circle(Circle) = "circle", Group(Box<Group>) = "group"; open }

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Count(i64),
    Word(String),
    Circle(Circle),
}
etiquette_runtime::tagged! {
    Event, "type": Count(i64) = "count", Word(String) = "word", Circle(Circle) = "circle"; content "data"
}

#[derive(Clone, Debug, PartialEq)]
pub enum Any {
    Old(Circle),
    Object(Group),
    List(Vec<Any>),
    Text(String),
    Number(f64),
    Flag(bool),
}
etiquette_runtime::first_match! {
    Any:
    Old(Circle) has "type" = "\"old\"" & "v" = "1",
    Object(Group) object,
    List(Vec<Any>) list,
    Text(String) string,
    Number(f64) number,
    Flag(bool) bool,
}

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Some1 {
    Text(String),
    Unknown(UnknownObject),
}
etiquette_runtime::first_match! { Some1: Text(String) string; open }

fn shape(text: &str) -> Result<Shape, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[test]
fn a_tag_decides_wherever_it_stands() {
    let circle = Shape::Circle(Circle::new(1.5));
    assert_eq!(
        shape(r#"{"kind":"circle","radius":1.5}"#),
        Ok(circle.clone())
    );
    assert_eq!(
        shape(r#" {"radius":1.5,"x":{"kind":"group"},"kind":"circle"} "#),
        Ok(circle.clone())
    );
    assert_eq!(json(&circle), r#"{"kind":"circle","radius":1.5}"#);
}

/// The variant may know the tag as a member of its own; it is written once all the same.
#[test]
fn a_tag_is_written_once() {
    let group = Shape::Group(Box::new(
        Group::new("group").shapes([Shape::Circle(Circle::new(2.0))]),
    ));
    let text = r#"{"kind":"group","shapes":[{"kind":"circle","radius":2.0}]}"#;
    assert_eq!(json(&group), text);
    assert_eq!(shape(text), Ok(group));
}

/// Row G4: an unknown tag is kept and written back.
#[test]
fn an_unknown_tag_is_kept() {
    let text = r#"{"kind":"square","side":[1,null]}"#;
    let square = shape(text).unwrap();
    let Shape::Unknown(unknown) = &square else {
        panic!("{square:?}")
    };
    assert_eq!(unknown.as_json()["kind"], "square");
    assert_eq!(
        serde_json::from_str::<Json>(&json(&square)).unwrap(),
        serde_json::from_str::<Json>(text).unwrap()
    );
    assert!(!format!("{square:?}").contains("side"));
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    for (text, wanted) in [
        (r#"{"radius":1}"#, "/kind"),
        (r#"{"kind":1}"#, "expected a string"),
        (r#"{"kind":"circle","kind":"circle","radius":1}"#, "twice"),
        (r#"{"kind":"circle"}"#, "missing field `radius`"),
        (
            r#"{"kind":"circle","radius":"canary"}"#,
            "expected f64 at /radius",
        ),
        (
            r#"{"kind":"group","shapes":[{"kind":"circle","radius":null}]}"#,
            "expected f64 at /radius at /shapes",
        ),
        ("[]", ""),
        ("null", ""),
        ("\"circle\"", ""),
    ] {
        let error = shape(text).unwrap_err();
        assert!(
            error.contains(wanted) && !error.contains("canary"),
            "{text}: {error}"
        );
    }
    assert!(
        serde_json::from_str::<Event>(r#"{"type":"other","data":1}"#)
            .unwrap_err()
            .to_string()
            .contains("/type")
    );
}

#[test]
fn content_stands_beside_its_tag() {
    for (event, text) in [
        (Event::Count(1), r#"{"type":"count","data":1}"#),
        (Event::Word("a".to_owned()), r#"{"type":"word","data":"a"}"#),
        (
            Event::Circle(Circle::new(1.0)),
            r#"{"type":"circle","data":{"radius":1.0}}"#,
        ),
    ] {
        assert_eq!(json(&event), text);
        assert_eq!(serde_json::from_str::<Event>(text).unwrap(), event);
    }
    assert!(serde_json::from_str::<Event>(r#"{"type":"count"}"#).is_err());
    assert!(serde_json::from_str::<Event>(r#"{"type":"count","data":"1"}"#).is_err());
}

#[test]
fn the_first_variant_that_fits_wins() {
    for (text, any) in [
        (
            r#"{"type":"old","v":1,"radius":2.5}"#,
            Any::Old(Circle::new(2.5)),
        ),
        (
            r#"{"type":"old","v":2,"kind":"x"}"#,
            Any::Object(Group::new("x")),
        ),
        (
            r#"[1.5,"a",[true]]"#,
            Any::List(vec![
                Any::Number(1.5),
                Any::Text("a".into()),
                Any::List(vec![Any::Flag(true)]),
            ]),
        ),
        ("-1", Any::Number(-1.0)),
        ("false", Any::Flag(false)),
    ] {
        assert_eq!(serde_json::from_str::<Any>(text).unwrap(), any, "{text}");
    }
    assert_eq!(
        json(&Any::List(vec![Any::Flag(true), Any::Text("a".into())])),
        r#"[true,"a"]"#
    );
    assert!(serde_json::from_str::<Any>("null").is_err());
    assert!(
        serde_json::from_str::<Any>(r#"{"type":"old","v":1}"#)
            .unwrap_err()
            .to_string()
            .contains("radius")
    );
    assert!(matches!(
        serde_json::from_str("7").unwrap(),
        Some1::Unknown(_)
    ));
    assert_eq!(
        serde_json::from_str::<Some1>("\"7\"").unwrap(),
        Some1::Text("7".to_owned())
    );
}

/// Rows G1 and G2: a union reads its text again, but not without end.
#[test]
fn deep_unions_are_bounded_on_a_small_stack() {
    on_a_small_stack(|| {
        let nested = |depth: usize| {
            format!(
                "{}{}",
                r#"{"kind":"group","shapes":["#.repeat(depth),
                r#"]}"#.repeat(depth)
            )
        };
        assert!(shape(&nested(20)).is_ok());
        assert!(shape(&nested(65)).is_err());
        assert!(shape(&nested(100_000)).is_err());
        assert!(shape(&r#"{"kind":"group","shapes":["#.repeat(100_000)).is_err());
        assert!(serde_json::from_str::<Any>(&"[".repeat(200_000)).is_err());
        assert!(
            serde_json::from_str::<Any>(&format!("{}{}", "[".repeat(129), "]".repeat(129)))
                .is_err()
        );
    });
}
