//! Writing bodies: strings, numbers, what is left out, what cannot be sent, what `Debug` hides.

use std::collections::BTreeMap;

use etiquette_runtime::codegen::{Base64, Decimal, Json, SecretString, Timestamp};

use crate::{Random, json, refusal};

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Line {
    pub sku: String,
    pub price: Option<f64>,
}

etiquette_runtime::both! { Line: sku: String; optional price: f64 = "unitPrice" }

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NewOrder {
    pub name: String,
    pub lines: Vec<Line>,
    pub at: Timestamp,
    pub note: Option<String>,
    pub tags: Vec<String>,
    pub codes: Option<Vec<i64>>,
    pub parent: Option<Box<Line>>,
    pub extra: BTreeMap<String, Json>,
    pub fields: BTreeMap<i64, String>,
}

etiquette_runtime::new! {
    NewOrder:
    name: String,
    list lines: Line = "orderLines",
    at: Timestamp as EpochSeconds;
    optional note: String,
    list tags: String,
    some_list codes: i64,
    optional parent: Box<Line>;
    keep extra;
    dynamic "field" fields: i64 => String;
    const "kind" = "\"order\"",
    const "version" = "2",
}

use etiquette_runtime::codegen::EpochSeconds;

fn order() -> NewOrder {
    NewOrder::new("a", [Line::new("s").price(1.5)], Timestamp::UNIX_EPOCH)
}

#[test]
fn what_is_absent_is_left_out() {
    assert_eq!(
        json(&order()),
        r#"{"name":"a","orderLines":[{"sku":"s","unitPrice":1.5}],"at":0,"kind":"order","version":2}"#
    );
    let mut full = order()
        .note("n")
        .tags(["t"])
        .codes([0; 0])
        .parent(Line::new("p"));
    full.fields.insert(-7, "f".to_owned());
    full.extra.insert("more".to_owned(), Json::Null);
    full.extra.insert("note".to_owned(), Json::Bool(true));
    assert_eq!(
        json(&full),
        r#"{"name":"a","orderLines":[{"sku":"s","unitPrice":1.5}],"at":0,"note":"n","tags":["t"],"codes":[],"parent":{"sku":"p"},"kind":"order","version":2,"more":null,"field-7":"f"}"#
    );
    assert_eq!(
        json(&NewOrder::new("a", [] as [Line; 0], Timestamp::UNIX_EPOCH)),
        r#"{"name":"a","orderLines":[],"at":0,"kind":"order","version":2}"#
    );
}

pub struct PutThing {
    pub name: String,
    pub note: Option<String>,
    pub size: Option<i64>,
    pub tags: Vec<String>,
}

etiquette_runtime::put! {
    PutThing:
    required name: String,
    nullable note: String,
    optional size: i64,
    list tags: String;
    const "v" = "1"
}

#[test]
fn a_replacement_says_everything() {
    let put = PutThing {
        name: String::new(),
        note: None,
        size: None,
        tags: vec![],
    };
    assert_eq!(json(&put), r#"{"name":"","note":null,"tags":[],"v":1}"#);
    let put = PutThing {
        name: "a".into(),
        note: Some("b".into()),
        size: Some(1),
        tags: vec!["c".into()],
    };
    assert_eq!(
        json(&put),
        r#"{"name":"a","note":"b","size":1,"tags":["c"],"v":1}"#
    );
}

/// Strings look exactly as serde_json writes them.
#[test]
fn strings_are_escaped_as_serde_json_does() {
    let mut random = Random(1);
    for _ in 0..10_000 {
        let text = random.text();
        assert_eq!(json(&text), serde_json::to_string(&text).unwrap());
    }
    let controls: String = (0..0x20).map(|code| char::from(code as u8)).collect();
    assert_eq!(json(&controls), serde_json::to_string(&controls).unwrap());
}

/// Row F11: integers are exact, NaN and the infinities are errors that name their place.
#[test]
fn numbers_are_exact_or_refused() {
    for (value, text) in [
        (i64::MIN, "-9223372036854775808"),
        ((1 << 53) + 1, "9007199254740993"),
        (0, "0"),
    ] {
        assert_eq!(json(&value), text);
    }
    assert_eq!(json(&u64::MAX), "18446744073709551615");
    assert_eq!(json(&0.1f64), "0.1");
    assert_eq!(json(&1e300f64), "1e+300");
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(refusal(&bad), "a number must be finite");
        let order = NewOrder::new(
            "a",
            [Line::new("s"), Line::new("s").price(bad)],
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(
            refusal(&order),
            "/orderLines/1/unitPrice: a number must be finite"
        );
    }
}

/// Row F11: numbers of at most 15 digits come back to their last bit.
#[test]
fn what_is_written_is_read_again() {
    let mut random = Random(2);
    for _ in 0..1_000 {
        let line =
            Line::new(random.text()).price(random.below(1_000_000_000_000_000) as f64 / 1000.0);
        assert_eq!(serde_json::from_str::<Line>(&json(&line)).unwrap(), line);
    }
}

#[test]
fn maps_lists_and_values_of_ours() {
    let map: BTreeMap<String, Vec<Option<bool>>> =
        BTreeMap::from([("a\"".to_owned(), vec![Some(true), None])]);
    assert_eq!(json(&map), r#"{"a\"":[true,null]}"#);
    assert_eq!(json(&"0.10".parse::<Decimal>().unwrap()), "0.10");
    assert_eq!(json(&Base64::from(&b"ab"[..])), "\"YWI=\"");
    assert_eq!(json(&SecretString::from("s\"")), r#""s\"""#);
}

pub struct Secret {
    pub id: i64,
    pub token: Option<String>,
    pub password: String,
    pub sent: SecretString,
}

etiquette_runtime::debug! { Secret: id, sent; token, password }

/// Rows J11, K1 and K10: nothing of a secret is shown, neither its text nor its length.
#[test]
fn debug_shows_no_secret() {
    for canary in ["", "canary-7f3a", &"c".repeat(1_000)] {
        let secret = Secret {
            id: 1,
            token: Some(canary.to_owned()),
            password: canary.to_owned(),
            sent: canary.into(),
        };
        assert_eq!(
            format!("{secret:?}"),
            "Secret { id: 1, sent: [REDACTED], token: [REDACTED], password: [REDACTED] }"
        );
        assert!(!format!("{secret:#?}").contains("canary"));
        assert_eq!(
            (secret.token.as_deref(), secret.password.as_str()),
            (Some(canary), canary)
        );
    }
    let none = Secret {
        id: 1,
        token: None,
        password: String::new(),
        sent: SecretString::default(),
    };
    assert!(format!("{none:?}").contains("token: [REDACTED]"));
}

#[cfg(feature = "serialize")]
#[test]
fn models_are_serialized_as_they_are_written() {
    let line = Line::new("b\"").price(2.0);
    assert_eq!(serde_json::to_string(&line).unwrap(), json(&line));
    assert_eq!(serde_json::to_string(&order()).unwrap(), json(&order()));
    assert!(serde_json::to_string(&Line::new("a").price(f64::NAN)).is_err());
    let owner: crate::read::Owner = serde_json::from_str(r#"{"id":18}"#).unwrap();
    assert_eq!(
        serde_json::to_value(owner).unwrap(),
        serde_json::from_str::<Json>(r#"{"id":18}"#).unwrap()
    );
}
