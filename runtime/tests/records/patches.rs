//! Patches: absent, null and a value are three things.

use etiquette_runtime::codegen::{EpochMillis, Patch, Timestamp};

use crate::json;

#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ThingPatch {
    pub name: Option<String>,
    pub note: Patch<String>,
    pub tags: Option<Vec<String>>,
    pub at: Patch<Timestamp>,
    pub codes: Patch<Vec<i64>>,
}

etiquette_runtime::new! {
    ThingPatch: ;
    optional name: String,
    patch note: String,
    some_list tags: String,
    patch at: Timestamp as EpochMillis = "changedAt",
    patch codes: Vec<i64>,
}

#[test]
fn three_states() {
    assert_eq!(json(&ThingPatch::new()), "{}");
    assert_eq!(ThingPatch::new(), ThingPatch::default());
    assert_eq!(json(&ThingPatch::new().note(None)), r#"{"note":null}"#);
    assert_eq!(json(&ThingPatch::new().note("a")), r#"{"note":"a"}"#);
    assert_eq!(
        json(&ThingPatch::new().note(Some("a".to_owned()))),
        r#"{"note":"a"}"#
    );
    assert_eq!(json(&ThingPatch::new().note("a").note(Patch::Absent)), "{}");
    assert_eq!(
        json(&ThingPatch::new().tags([] as [&str; 0])),
        r#"{"tags":[]}"#
    );
    assert_eq!(
        json(&ThingPatch::new().codes(vec![1]).name("n")),
        r#"{"name":"n","codes":[1]}"#
    );
}

#[test]
fn formats_reach_into_patches() {
    assert_eq!(
        json(&ThingPatch::new().at(Timestamp::UNIX_EPOCH)),
        r#"{"changedAt":0}"#
    );
    assert_eq!(json(&ThingPatch::new().at(None)), r#"{"changedAt":null}"#);
}

#[test]
fn values_can_be_asked_for() {
    assert_eq!(Patch::Value(1).value(), Some(&1));
    assert_eq!(Patch::<i64>::Null.value(), None);
    assert!(Patch::<i64>::Absent.is_absent() && !Patch::<i64>::Null.is_absent());
}
