//! Records of Zengine over TCP: members that are named after fields, the ids that writes answer, filters in JSON, and
//! what is wrong with a record, by its fields.

use std::collections::BTreeMap;

use etiquette_apis::values::Timestamp;
use etiquette_apis::zengine::{
    DataCondition, DataFilter, DataPrefix, Fault, FieldValue, NewRecord, Record, RecordId,
    RecordPatch,
};
use etiquette_apis::{Error, Kind};
use futures::TryStreamExt;
use http::Method;
use serde_json::{Value, json};

use super::lists::{fitting, values};
use crate::flow::world::live_zengine;

const RECORDS: &str = "forms/51/records";

fn text(text: &str) -> FieldValue {
    FieldValue::from(text)
}

/// One record of the server's.
fn kept(state: &Value, id: i64) -> &Value {
    let records = state[RECORDS].as_array().unwrap();
    records.iter().find(|one| one["id"] == id).unwrap()
}

#[tokio::test]
async fn fields_are_members_by_their_numbers() {
    let live = live_zengine().await;
    let records = live.api.forms().records(51);
    let record = records.get(4007).await.unwrap();
    let fields: Vec<i64> = record.field.keys().copied().collect();
    assert_eq!(fields, (121..=130).collect::<Vec<_>>());
    // A number comes as a text, and none of its digits is lost.
    assert_eq!(record.field[&122], Some(text("2100215007.07000000")));
    assert_eq!(
        record.field[&123], None,
        "null is something else than absent"
    );
    assert_eq!(record.field[&124], Some(FieldValue::Bool(true)));
    assert_eq!(record.field[&128], Some(FieldValue::Float(2017.0)));
    let Some(FieldValue::Choice(school)) = &record.field[&126] else {
        panic!("{:?}", record.field[&126]);
    };
    assert_eq!(
        (school.id, school.name.as_deref()),
        (Some(3004), Some("School 3004"))
    );
    let created: Timestamp = "2016-11-11T01:33:41Z".parse().unwrap();
    assert_eq!(
        record.created,
        Some(created),
        "an offset without a colon is read"
    );
    assert_eq!(record.object_version.as_deref(), Some("1"));

    let nobody = records.get(4004).await.unwrap();
    let Some(FieldValue::Choice(nobody)) = &nobody.field[&127] else {
        panic!("{:?}", nobody.field[&127]);
    };
    assert_eq!((nobody.id, &nobody.name), (None, &None));
}

#[tokio::test]
async fn a_create_answers_the_id() {
    let live = live_zengine().await;
    let records = live.api.forms().records(51);
    let new = NewRecord::new()
        .field(121, text("Bridge"))
        .field(122, text("12.5"))
        .field(124, FieldValue::Bool(false))
        .field(123, None);
    let made = records.create(&new).await.unwrap();
    assert_eq!(made, RecordId::Int(4046));
    let sent: Value = serde_json::from_slice(&live.server.writes()[0].body).unwrap();
    assert_eq!(
        sent,
        json!({"field121": "Bridge", "field122": "12.5", "field123": null, "field124": false})
    );
    let record = records.get(4046).await.unwrap();
    assert_eq!(record.field[&122], Some(text("12.50000000")));

    // An id inside makes it a change of that record.
    let mut again = NewRecord::new().field(121, text("Tunnel"));
    again.extra.insert("id".to_owned(), json!(4046));
    assert_eq!(records.create(&again).await.unwrap(), RecordId::Int(4046));
    let state = live.server.state();
    assert_eq!(kept(&state, 4046)["field121"], "Tunnel");
    assert_eq!(kept(&state, 4046)["field122"], "12.50000000");
    assert_eq!(state[RECORDS].as_array().unwrap().len(), 46);
}

#[tokio::test]
async fn many_are_made_by_one_request() {
    let live = live_zengine().await;
    let records = live.api.forms().records(51);
    let new = ["One", "Two", "Three"].map(|title| NewRecord::new().field(121, text(title)));
    let made = records.create_many(&new).await.unwrap();
    assert_eq!(made, [4046, 4047, 4048]);
    let writes = live.server.writes();
    assert_eq!(writes.len(), 1);
    let sent: Value = serde_json::from_slice(&writes[0].body).unwrap();
    assert_eq!(sent.as_array().unwrap().len(), 3);

    let bad = [
        NewRecord::new().field(121, text("Four")),
        NewRecord::new().field(122, text("5")),
    ];
    let error = records.create_many(&bad).await.unwrap_err();
    assert_eq!(Fault::of(&error), Some(Fault::Invalid));
    assert_eq!(
        complaints(&error).into_keys().collect::<Vec<_>>(),
        ["1.field121"]
    );
    assert_eq!(records.count().await.unwrap(), 48, "all of them or none");
}

/// What is wrong, by the field that it is about.
fn complaints(error: &Error) -> BTreeMap<&str, &str> {
    let messages = error.messages().iter();
    messages
        .filter_map(|message| Some((message.target.as_deref()?, &*message.text)))
        .collect()
}

/// Row G9: a validation error is a 403 with a code of its own, and says what is wrong with which field.
#[tokio::test]
async fn what_is_invalid_is_told_by_field() {
    let live = live_zengine().await;
    let records = live.api.forms().records(51);
    let new = NewRecord::new()
        .field(122, text("many"))
        .field(129, text("nobody"));
    let error = records.create(&new).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.code()),
        (Kind::Api, Some(403), Some("4012"))
    );
    assert_eq!(Fault::of(&error), Some(Fault::Invalid));
    let expected = [
        ("field121", "This attribute is required"),
        ("field122", "Must be numeric"),
        ("field129", "Must be an email address"),
    ];
    assert_eq!(complaints(&error), BTreeMap::from(expected));
    let writes = live.server.writes();
    assert_eq!((writes.len(), writes[0].applied), (1, false));

    let missing = records.get(9).await.unwrap_err();
    assert_eq!(Fault::of(&missing), Some(Fault::NotFound));
}

/// A PUT changes what is given, and nothing else.
#[tokio::test]
async fn an_update_leaves_the_rest_alone() {
    let live = live_zengine().await;
    let before = live.server.state();
    let patch = RecordPatch::default()
        .field(123, text("declined"))
        .field(125, None);
    let records = live.api.forms().records(51);
    records.update(4001, &patch).await.unwrap();
    let write = live.server.writes().remove(0);
    assert_eq!(write.method, Method::PUT);
    let sent: Value = serde_json::from_slice(&write.body).unwrap();
    assert_eq!(sent, json!({"field123": "declined", "field125": null}));
    let mut expected = kept(&before, 4001).clone();
    expected["field123"] = json!("declined");
    expected["field125"] = Value::Null;
    expected["objectVersion"] = json!("2");
    let after = live.server.state();
    expected["modified"] = kept(&after, 4001)["modified"].clone();
    assert_eq!(kept(&after, 4001), &expected);
}

#[tokio::test]
async fn fields_are_filtered_by_their_numbers() {
    let live = live_zengine().await;
    let records = live.api.forms().records(51);
    let list = records
        .list()
        .field_ne(123, "new")
        .field_ge(122, "2100215020")
        .field_starts_with(121, "Title 3");
    let found: Vec<Record> = list.items().try_collect().await.unwrap();
    let arrival = live.server.arrivals().remove(0);
    assert_eq!(values(&arrival, "not-field123"), ["new"]);
    assert_eq!(values(&arrival, "min-field122"), ["2100215020"]);
    assert_eq!(values(&arrival, "starts-with-field121"), ["Title 3"]);
    let expected = fitting(&live.server.state(), RECORDS, |one| {
        let amount: f64 = one["field122"].as_str().unwrap().parse().unwrap();
        one["field123"] != "new"
            && amount >= 2_100_215_020.0
            && one["field121"].as_str().unwrap().starts_with("Title 3")
    });
    assert!(!expected.is_empty());
    assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_filter_in_json_is_one_expression() {
    let live = live_zengine().await;
    let filter = DataFilter::new().or([
        DataCondition::value_condition(DataPrefix::Empty, "field123", "approved"),
        DataCondition::related_condition(
            DataPrefix::Empty,
            "field126",
            DataFilter::new().and([DataCondition::value_condition(
                "contains", "field141", "slo",
            )]),
        ),
    ]);
    let records = live.api.forms().records(51);
    let list = records.list().filter(&filter).items();
    let found: Vec<Record> = list.try_collect().await.unwrap();
    let sent = values(&live.server.arrivals()[0], "filter").remove(0);
    assert_eq!(
        serde_json::from_str::<Value>(&sent).unwrap(),
        json!({"or": [
            {"prefix": "", "attribute": "field123", "value": "approved"},
            {"prefix": "", "attribute": "field126", "filter": {
                "and": [{"prefix": "contains", "attribute": "field141", "value": "slo"}],
            }},
        ]})
    );
    let expected = fitting(&live.server.state(), RECORDS, |one| {
        one["field123"] == "approved" || one["field126"]["id"] == 3002
    });
    assert!(expected.len() > 10);
    assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), expected);
    let count = records.count().filter(&filter).await.unwrap();
    assert_eq!(count, expected.len() as u64);
}

/// A condition in so many filters, one inside the other.
fn nested(levels: usize, linked: bool) -> DataFilter {
    let condition = DataCondition::value_condition("", "field123", "new");
    let innermost = DataFilter::new().and([condition]);
    (1..levels).fold(innermost, |inner, _| {
        let inner = if linked {
            DataCondition::related_condition("", "field126", inner)
        } else {
            DataCondition::from(inner)
        };
        DataFilter::new().or([inner])
    })
}

/// Row F10: filters nest five deep, whether by groups or by links; the sixth level is refused on this side, as the server
/// would.
#[tokio::test]
async fn filters_nest_five_deep_and_no_deeper() {
    let live = live_zengine().await;
    let records = live.api.forms().records(51);
    for linked in [false, true] {
        live.server.reset_arrivals();
        records.list().filter(&nested(5, linked)).await.unwrap();
        assert_eq!(live.server.arrivals().len(), 1);
        let deep = nested(6, linked);
        let error = records.list().filter(&deep).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Parameter);
        assert!(error.to_string().contains("deeper"), "{error}");
        assert_eq!(live.server.arrivals().len(), 1);
    }
    let deep = (1..6).fold(json!({"and": []}), |inner, _| json!({"or": [inner]}));
    let bytes = deep.to_string().into_bytes().into_iter();
    let filter: String = bytes.map(|byte| format!("%{byte:02X}")).collect();
    let path = format!("/forms/51/records?filter={filter}");
    let reply = live.server.act(Method::GET, &path, None).await;
    assert_eq!(reply.status(), 400);
}
