//! Locks, idempotency keys, and looking for what was made.

use super::{codes, good, method};
use crate::model::{ArgumentKind, Effect, ParamPlace, Place, Reconcile, Replay, SendAt, Trust};

const LOCKED: &str = "
errors: {cases: {Other: {status: 400}, Stale: {status: 412}}}
locks:
  etag: {send: {header: If-Match}, from: {header: ETag}, format: '\"{}\"', stale: Stale}
  rev: {send: rev, from: /rev, required: true, stale: Stale}
resources:
  a:
    path: /a
    key: id
    fields: {id: {type: int, access: read_only}, name: string}
    defaults: {methods: {get: {lock: etag}, update: {lock: etag}, delete: {lock: etag, effect: idempotent}}}
    methods:
      get: {}
      update: {}
      delete: {}
      replace: {lock: rev, query: {team: string}}
      touch: {http: PATCH */touch, lock: none}
";

#[test]
fn a_lock_has_places_and_a_frame() {
    let api = good(LOCKED);
    let [etag, rev] = &api.locks[..] else {
        panic!("two locks")
    };
    assert_eq!(etag.send, SendAt::Header("if-match".to_owned()));
    assert_eq!(etag.from, Place::Header("etag".to_owned()));
    assert_eq!((etag.before.as_str(), etag.after.as_str()), ("\"", "\""));
    assert_eq!(api.cases[etag.stale].name.wire, "Stale");
    assert_eq!(
        (&rev.send, rev.required),
        (&SendAt::Query("rev".to_owned()), true)
    );
    assert_eq!((rev.before.as_str(), rev.after.as_str()), ("", ""));
}

/// Sent again, a locked write names a version that it has made stale itself.
#[test]
fn a_locked_write_is_once_and_may_be_stale() {
    let api = good(LOCKED);
    let facts = |name: &str| {
        let found = method(&api, &format!("a.{name}"));
        (found.lock, found.effect, found.cases.clone())
    };
    assert_eq!(facts("get"), (Some(0), Effect::Read, vec![]));
    assert_eq!(facts("update"), (Some(0), Effect::Once, vec![1]));
    assert_eq!(facts("delete"), (Some(0), Effect::Idempotent, vec![1]));
    assert_eq!(facts("replace"), (Some(1), Effect::Once, vec![1]));
    assert_eq!(facts("touch"), (None, Effect::Once, vec![]));
}

#[test]
fn a_version_that_has_to_be_named_is_an_argument_behind_the_keys() {
    let api = good(LOCKED);
    let arguments = &method(&api, "a.replace").arguments;
    let places: Vec<ParamPlace> = arguments.iter().map(|argument| argument.place).collect();
    assert_eq!(
        places,
        [ParamPlace::Path, ParamPlace::Version, ParamPlace::Query]
    );
    assert!(
        arguments
            .iter()
            .all(|argument| argument.kind == ArgumentKind::Positional)
    );
    assert_eq!(method(&api, "a.update").arguments.len(), 1);
}

#[test]
fn mistaken_locks_are_found() {
    let lock =
        |keys: &str| format!("errors: {{cases: {{S: {{status: 412}}}}}}\nlocks: {{a: {{{keys}}}}}");
    let send = "send: {header: If-Match}";
    assert_eq!(
        codes(&lock(&format!("{send}, from: {{link: x}}, stale: S"))),
        ["E056"]
    );
    assert_eq!(
        codes(&lock(&format!("{send}, from: /v, stale: T"))),
        ["E041"]
    );
    for format in ["x", "{}{}", ""] {
        let keys = format!("{send}, from: /v, stale: S, format: \"{format}\"");
        assert_eq!(codes(&lock(&keys)), ["E100"], "{format}");
    }
}

#[test]
fn equal_keys_are_one_and_unused_ones_none() {
    let api = good(
        "
defaults:
  methods:
    create: {effect: {keyed: {at: {header: Idempotency-Key}, within: 1d}}}
    nobody: {http: POST ./nobody, effect: {keyed: {at: other}}}
resources:
  a:
    path: /a
    key: id
    fields: {id: {type: int, access: read_only}, name: string}
    methods:
      create: {}
      b: {http: POST */b, effect: {keyed: {at: {body: /x/Idempotency-Key}, replay: {status: 409, means: in_progress}}}}
      c: {http: POST */c, effect: {keyed: {at: {header: Idempotency-Key}, within: 24h}}}
      d: {http: POST */d, effect: {keyed: {at: Token, replay: {status: 409, means: done}}}}
",
    );
    let names: Vec<&str> = api.keys.iter().map(|key| key.constant.as_str()).collect();
    assert_eq!(names, ["IDEMPOTENCY_KEY", "IDEMPOTENCY_2_KEY", "TOKEN_KEY"]);
    let effects = ["create", "b", "c", "d"].map(|name| method(&api, &format!("a.{name}")).effect);
    assert_eq!(effects, [0, 1, 0, 2].map(Effect::Keyed));
    assert_eq!(
        api.keys[0].within.as_ref().map(|within| within.value),
        Some(86_400_000)
    );
    assert_eq!(
        api.keys[1].at,
        SendAt::Body("/x/Idempotency-Key".to_owned())
    );
    let replays: Vec<Option<Replay>> = api.keys.iter().map(|key| key.replay).collect();
    let replay = |done| Some(Replay { status: 409, done });
    assert_eq!(replays, [None, replay(false), replay(true)]);
}

#[test]
fn what_was_made_is_looked_for_with_what_the_list_can_be_asked() {
    let api = good(
        "
wire: {case: camel}
resources:
  a:
    path: /a
    key: id
    fields: {id: {type: int, access: read_only}, email: string, team_id: int, nick: {type: string, wire: '@nick'}}
    filters: {fields: {team_id: {ops: [eq], wire: team.id}}}
    methods:
      create: {reconcile: {by: [email, team_id, nick], trust: assumed}}
      list: {query: {email?: string}}
      other: {http: POST ./other, body: new<A>, out: A, reconcile: none}
",
    );
    let Some(Reconcile { list, by, doc }) = &method(&api, "a.create").reconcile else {
        panic!("it is looked for")
    };
    assert_eq!((list.as_str(), doc.trust), ("a.list", Trust::Assumed));
    let by: Vec<(&str, Option<&str>)> = by
        .iter()
        .map(|(member, param)| (member.as_str(), param.as_deref()))
        .collect();
    assert_eq!(
        by,
        [
            ("email", Some("email")),
            ("teamId", Some("team.id")),
            ("@nick", None)
        ]
    );
    assert_eq!(method(&api, "a.other").reconcile, None);
}

#[test]
fn what_cannot_be_looked_for_is_found() {
    let create = |reconcile: &str| {
        format!(
            "resources: {{a: {{path: /a, key: id, fields: {{id: int, name: string}}, methods: {{create: {{reconcile: {{{reconcile}}}}}, all: {{http: GET ./all, out: list<A>}}}}}}}}"
        )
    };
    assert_eq!(codes(&create("by: [name]")), ["E102"]);
    assert_eq!(codes(&create("by: [name], call: al")), ["E102"]);
    assert_eq!(codes(&create("by: [nam], call: all")), ["E042"]);
    assert_eq!(codes(&create("by: [name], call: all")), [""; 0]);
}
