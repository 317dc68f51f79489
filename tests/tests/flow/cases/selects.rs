//! Filters by prefix and as data, and selected members, from the description to what arrives at the server.

use etiquette_cases::selects::{
    Client, FieldValue, Filter, Folder, NewRecord, PartialRecord, Prefix, Saved,
};
use futures::TryStreamExt;
use runtime::testing::{Script, ScriptReply, VirtualClock};

struct World {
    clock: VirtualClock,
    script: Script,
    api: Client,
}

fn world() -> World {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone());
    let builder = Client::builder()
        .with_transport(script.clone())
        .with_clock(clock.clone())
        .with_seed(7);
    World {
        clock,
        script,
        api: builder.build().unwrap(),
    }
}

const EMPTY: &str = r#"{"totalCount":0,"limit":20,"data":[]}"#;

impl World {
    /// The query of the last request, decoded.
    fn query(&self) -> Vec<(String, String)> {
        let requests = self.script.requests();
        let query = requests.last().unwrap().uri.query().unwrap_or_default();
        query
            .split('&')
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap();
                (decoded(name), decoded(value))
            })
            .collect()
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| *byte == b'%');
        let digits = escaped.and_then(|digits| std::str::from_utf8(digits).ok());
        bytes.push(digits.map_or(*byte, |digits| u8::from_str_radix(digits, 16).unwrap()));
        rest = &after[if digits.is_some() { 2 } else { 0 }..];
    }
    String::from_utf8(bytes).unwrap()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The operator stands before the name, several values are joined, and a key follows the member's name.
#[test]
fn an_operator_is_a_prefix_of_the_name() {
    let world = world();
    world.script.respond_with(|_| ScriptReply::json(200, EMPTY));
    let list = || world.api.records().list();
    let named = list()
        .name("a b")
        .name_contains("c&d")
        .folder_ge(1)
        .folder_le(9);
    world.clock.run(async { named.await.unwrap() });
    assert_eq!(
        world.query(),
        pairs(&[
            ("name", "a b"),
            ("contains-name", "c&d"),
            ("min-folder.id", "1"),
            ("max-folder.id", "9"),
        ])
    );
    let several = list()
        .status_in(["open", "closed"])
        .status_not_in(["late"])
        .folder_in([1, 2]);
    world.clock.run(async { several.await.unwrap() });
    assert_eq!(
        world.query(),
        pairs(&[
            ("status", "open|closed"),
            ("not-status", "late"),
            ("folder.id", "1|2"),
        ])
    );
    let dynamic = list()
        .field_in(12, ["x", "y"])
        .field_ge(345, "7")
        .field_contains(6, "ä");
    world.clock.run(async { dynamic.await.unwrap() });
    assert_eq!(
        world.query(),
        pairs(&[
            ("field12", "x|y"),
            ("min-field345", "7"),
            ("contains-field6", "ä"),
        ])
    );
}

/// Row D3: a value that would be read as two is refused before anything is sent, also a single one.
#[test]
fn a_value_with_the_separator_is_refused() {
    let world = world();
    let list = || world.api.records().list();
    for call in [
        list().name("a|b"),
        list().name_contains("|"),
        list().status_in(["a", "b|c"]),
        list().field_ne(1, "a|b"),
        list().field_in(1, ["a|b"]),
    ] {
        let error = world.clock.run(async { call.await.unwrap_err() });
        assert!(error.to_string().contains("separates values"), "{error}");
    }
    assert_eq!(world.script.count(), 0);
}

/// A filter that is data is one JSON text in the query; deeper than the API takes it, it is never sent.
#[test]
fn a_filter_is_sent_as_json() {
    let world = world();
    world.script.respond_with(|_| ScriptReply::json(200, EMPTY));
    let filter = Filter::and([
        Filter::match_("", "field123", "v"),
        Filter::or([
            Filter::match_(Prefix::Min, "field5", 2.5),
            Filter::match_(Prefix::Not, "field6", true),
        ]),
        Filter::related(
            "",
            "field22",
            Filter::and([Filter::match_("", "name", "x")]),
        ),
    ]);
    let call = world.api.records().list().filter(&filter);
    world.clock.run(async { call.await.unwrap() });
    let wanted = concat!(
        r#"{"and":[{"prefix":"","attribute":"field123","value":"v"},"#,
        r#"{"or":[{"prefix":"min","attribute":"field5","value":2.5},"#,
        r#"{"prefix":"not","attribute":"field6","value":true}]},"#,
        r#"{"prefix":"","attribute":"field22","filter":{"and":[{"prefix":"","attribute":"name","value":"x"}]}}]}"#
    );
    assert_eq!(world.query(), pairs(&[("filter", wanted)]));
    let deep = (0..4).fold(filter, |inner, _| Filter::and([inner]));
    let call = world.api.records().list().filter(&deep);
    let error = world.clock.run(async { call.await.unwrap_err() });
    assert!(error.to_string().contains("nested deeper"), "{error}");
    assert_eq!(world.script.count(), 1);
}

/// Selecting members turns items into partial ones, on every page of a walk.
#[test]
fn selected_members_come_in_partial_objects() {
    let world = world();
    world.script.respond_with(|request| {
        let items = if request.query("page") == Some("2") {
            r#"{"id":3}"#
        } else {
            r#"{"id":1,"name":"a"},{"id":2,"name":null,"field7":"x"}"#
        };
        ScriptReply::json(
            200,
            format!(r#"{{"totalCount":3,"limit":2,"data":[{items}]}}"#),
        )
    });
    let call = world
        .api
        .records()
        .list()
        .limit(2)
        .status_in(["open"])
        .attributes(["name", "field7"]);
    let records: Vec<PartialRecord> = world
        .clock
        .run(async { call.items().try_collect().await.unwrap() });
    let ids: Vec<i64> = records.iter().map(|record| record.id).collect();
    assert_eq!(ids, [1, 2, 3]);
    assert_eq!(records[0].name.as_deref(), Some("a"));
    assert_eq!((&records[1].name, &records[1].status), (&None, &None));
    assert_eq!(records[1].field[&7], Some(FieldValue::from("x")));
    assert_eq!(world.script.count(), 2);
    for (name, value) in [
        ("attributes", "name,field7"),
        ("status", "open"),
        ("page", "2"),
    ] {
        assert!(
            world.query().contains(&(name.to_owned(), value.to_owned())),
            "{name}"
        );
    }
    world
        .script
        .respond_with(|_| ScriptReply::json(200, r#"{"data":{"id":9}}"#));
    let one = world.api.records().get(9).attributes(["id"]);
    assert_eq!(world.clock.run(async { one.await.unwrap() }).id, 9);
    // What is kept has to be there.
    world
        .script
        .respond_with(|_| ScriptReply::json(200, r#"{"data":{"name":"a"}}"#));
    let one = world.api.records().get(9).attributes(["name"]);
    let error = world.clock.run(async { one.await.unwrap_err() });
    assert!(error.to_string().contains("id"), "{error}");
}

/// What is made is answered as an id, as ids or whole; dynamic members are set by their keys.
#[test]
fn an_answer_may_be_an_id_or_a_whole_object() {
    let world = world();
    let record = NewRecord::new("open")
        .folder(3)
        .field(12, FieldValue::from("x"))
        .field(13, None);
    let create = |answer: &str| {
        world
            .script
            .reply(ScriptReply::json(200, format!(r#"{{"data":{answer}}}"#)));
        let call = world.api.records().create(&record);
        world.clock.run(async { call.await.unwrap() })
    };
    assert_eq!(create("17"), Saved::Int(17));
    assert_eq!(create("[17,18]"), Saved::ListInt(vec![17, 18]));
    let whole = r#"{"id":17,"name":"a","status":"open","folder.id":{"id":3,"above":{"id":1}},"field9":{"id":null,"name":"n"}}"#;
    let Saved::Record(record) = create(whole) else {
        panic!("a whole record")
    };
    assert_eq!(
        record
            .folder
            .as_ref()
            .and_then(|folder: &Folder| folder.above.as_ref())
            .map(|above| above.id),
        Some(1)
    );
    assert!(matches!(record.field[&9], Some(FieldValue::Reference(_))));
    let body = world.script.requests()[0].body.clone();
    assert_eq!(
        body,
        r#"{"status":"open","folder.id":3,"field12":"x","field13":null}"#
    );
}
