//! Staged builders.

use etiquette_runtime::codegen::{EpochSeconds, Timestamp};

use crate::json;

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Parcel {
    pub line1: String,
    pub at: Timestamp,
    pub items: Vec<i64>,
    pub list: String,
    pub note: Option<String>,
    pub tags: Vec<String>,
}

etiquette_runtime::both_staged! {
    Parcel, parcel:
    NeedsLine1 line1: String = "line_1",
    NeedsAt at: Timestamp as EpochSeconds,
    NeedsItems list items: i64,
    NeedsList list: String;
    optional note: String,
    list tags: String,
}

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Plain {
    pub a: String,
    pub b: i64,
    pub c: Option<i64>,
}

etiquette_runtime::staged! { Plain, plain: NeedsA a: String, NeedsB b: i64; optional c: i64; const "k" = "null" }

#[test]
fn each_step_asks_for_one_member() {
    let needs_items: parcel::NeedsItems = Parcel::builder().line1("l").at(Timestamp::UNIX_EPOCH);
    let parcel: Parcel = needs_items.items([1i64, 2]).list("x").tags(["t"]);
    let text = r#"{"line_1":"l","at":0,"items":[1,2],"list":"x","tags":["t"]}"#;
    assert_eq!(json(&parcel), text);
    assert_eq!(serde_json::from_str::<Parcel>(text).unwrap(), parcel);
    assert!(
        serde_json::from_str::<Parcel>(r#"{"line_1":"l","at":0,"list":"x"}"#)
            .unwrap_err()
            .to_string()
            .contains("`items`")
    );
    assert_eq!(
        json(&Plain::builder().a("a").b(1)),
        r#"{"a":"a","b":1,"k":null}"#
    );
    assert_eq!(
        json(&Plain::builder().a("a").b(1).c(2)),
        r#"{"a":"a","b":1,"c":2,"k":null}"#
    );
}
