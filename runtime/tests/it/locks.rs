//! Writes that name the version that they change.

use etiquette_runtime::codegen::{Call, Effect, Lock, Operation, Place, Request, SendAt, Verb};
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::value::Json;
use etiquette_runtime::{Kind, Phase};
use serde_json::json;

use crate::api::{Any, Bench, CHANGE, GET, REPLACE, ok};

static ETAG: Lock = Lock {
    name: "etag",
    send: SendAt::Header("if-match"),
    from: Place::Header("etag"),
    before: "\"",
    after: "\"",
    required: true,
    stale: 412,
    stale_code: None,
};
static BARE: Lock = Lock {
    before: "",
    after: "",
    required: false,
    ..copy()
};
static COUNTED: Lock = Lock {
    name: "version",
    send: SendAt::Body(&["version"]),
    from: Place::Body(&["meta", "version"]),
    before: "",
    after: "",
    required: true,
    stale: 409,
    stale_code: Some("stale"),
};
static IN_QUERY: Lock = Lock {
    send: SendAt::Query("rev"),
    before: "r",
    after: "",
    ..copy()
};

const fn copy() -> Lock {
    Lock {
        name: "etag",
        send: SendAt::Header("if-match"),
        from: Place::Header("etag"),
        before: "\"",
        after: "\"",
        required: true,
        stale: 412,
        stale_code: None,
    }
}

static READ: Operation = Operation {
    lock: Some(&ETAG),
    ..GET_COPY
};
const GET_COPY: Operation = crate::api::READ;
static READ_BARE: Operation = Operation {
    lock: Some(&BARE),
    ..GET_COPY
};
static READ_COUNTED: Operation = Operation {
    lock: Some(&COUNTED),
    ..GET_COPY
};

const fn write(lock: &'static Lock, effect: Effect) -> Operation {
    Operation {
        name: "orders.write",
        verb: Verb::Put,
        effect,
        lock: Some(lock),
        ..GET_COPY
    }
}

static ONCE: Operation = write(&ETAG, Effect::Once);
static MANY: Operation = write(&ETAG, Effect::Idempotent);
static OPTIONAL: Operation = write(&BARE, Effect::Once);
static BY_COUNT: Operation = write(&COUNTED, Effect::Once);
static BY_QUERY: Operation = write(&IN_QUERY, Effect::Once);

fn call(bench: &Bench, operation: &'static Operation) -> Call<Any> {
    let body = json!({"name": "x"});
    Request::new(&bench.core, operation)
        .key(&"7")
        .json(&body)
        .call()
}

fn read(bench: &Bench, operation: &'static Operation, reply: ScriptReply) -> Option<String> {
    bench.script.reply(reply);
    let call = Request::new(&bench.core, operation).key(&"7").call::<Any>();
    let reply = bench.run(call.send_raw()).unwrap();
    reply.version().map(str::to_owned)
}

#[test]
fn a_version_goes_round() {
    let bench = Bench::new();
    let tag = |tag| ok().header("etag", tag);
    assert_eq!(read(&bench, &READ, tag("\"a1\"")).as_deref(), Some("a1"));
    assert_eq!(read(&bench, &READ, tag("W/\"a1\"")).as_deref(), Some("a1"));
    assert_eq!(read(&bench, &READ, tag("\"\"")), None);
    assert_eq!(read(&bench, &READ, ok()), None);
    assert_eq!(read(&bench, &GET, tag("\"a1\"")), None, "no lock");
    assert_eq!(
        read(&bench, &READ_BARE, tag("\"a1\"")).as_deref(),
        Some("\"a1\"")
    );
    for (body, version) in [
        (r#"{"meta":{"version":7}}"#, Some("7")),
        (r#"{"meta":{"version":"v7"}}"#, Some("v7")),
        (r#"{"meta":{"version":null}}"#, None),
        (r#"{"meta":[]}"#, None),
    ] {
        let found = read(&bench, &READ_COUNTED, ScriptReply::json(200, body));
        assert_eq!(found.as_deref(), version, "{body}");
    }

    let before = bench.script.count();
    bench.script.respond_with(|_| ok().header("etag", "\"a2\""));
    let reply = bench.run(call(&bench, &ONCE).with_version("a1").send_raw());
    assert_eq!(reply.unwrap().version(), Some("a2"));
    for (operation, version) in [
        (&OPTIONAL, "\"a1\""),
        (&BY_COUNT, "7"),
        (&BY_COUNT, "007"),
        (&BY_QUERY, "a&b"),
    ] {
        bench
            .run(call(&bench, operation).with_version(version))
            .unwrap();
    }
    bench.run(call(&bench, &OPTIONAL)).unwrap();
    let sent = &bench.script.requests()[before..];
    assert_eq!(sent[0].header("if-match"), Some("\"a1\""));
    assert_eq!(sent[1].header("if-match"), Some("\"a1\""));
    let body = |at: usize| serde_json::from_slice::<Json>(&sent[at].body).unwrap();
    assert_eq!(body(2), json!({"name": "x", "version": 7}));
    assert_eq!(body(3), json!({"name": "x", "version": "007"}));
    assert_eq!(sent[4].query("rev"), Some("ra%26b"));
    assert_eq!(sent[5].header("if-match"), None);
}

#[test]
fn what_is_no_version_is_refused_before_it_is_sent() {
    let bench = Bench::new();
    let refused = |call: Call<Any>| {
        let error = bench.run(call).unwrap_err();
        assert_eq!(
            (error.kind(), error.phase()),
            (Kind::Parameter, Phase::NotSent)
        );
        error.to_string()
    };
    let text = refused(call(&bench, &ONCE));
    assert!(text.contains("with_version"), "{text}");
    refused(call(&bench, &BY_COUNT));
    for bad in [
        "",
        "\"a1\"",
        "a\"b",
        "a b",
        "a\r\nX: y",
        "a\0",
        "é",
        "a\u{7f}",
    ] {
        let text = refused(call(&bench, &ONCE).with_version(bad));
        assert!(bad.is_empty() || !text.contains(bad), "{text}");
    }
    refused(call(&bench, &OPTIONAL).with_version("a\r\nX: y"));
    refused(call(&bench, &BY_COUNT).with_version("7\n"));
    let twice = call(&bench, &ONCE).with_header("If-Match", "\"a\"");
    refused(twice.with_version("a"));
    refused(call(&bench, &CHANGE).with_version("no place for it"));
    let read = Request::new(&bench.core, &READ).key(&"7").call::<Any>();
    refused(read.with_version("a"));
    assert_eq!(bench.script.count(), 0);

    // A header of the caller's own is a version too, and a member of the body.
    bench.script.respond_with(|_| ok());
    let own = call(&bench, &ONCE).with_header("If-Match", "\"a\"");
    bench.run(own).unwrap();
    let body = json!({"version": 3});
    let own = Request::new(&bench.core, &BY_COUNT).key(&"7").json(&body);
    bench.run(own.call::<Any>()).unwrap();
    let sent = bench.script.requests();
    assert_eq!(sent[0].header("if-match"), Some("\"a\""));
    assert_eq!(sent[1].body, r#"{"version":3}"#);
}

#[test]
fn a_stale_version_is_named() {
    let bench = Bench::new();
    bench.script.reply(ScriptReply::text(412, "stale"));
    let error = bench
        .run(call(&bench, &ONCE).with_version("a"))
        .unwrap_err();
    assert!(error.is_stale() && !error.may_have_happened() && !error.is_retryable());
    assert_eq!((error.kind(), error.phase()), (Kind::Api, Phase::Final));
    for (body, is_stale) in [
        (r#"{"code":"stale"}"#, true),
        (r#"{"code":"taken"}"#, false),
    ] {
        bench.script.reply(ScriptReply::json(409, body));
        let error = bench
            .run(call(&bench, &BY_COUNT).with_version("1"))
            .unwrap_err();
        assert_eq!(error.is_stale(), is_stale, "{body}");
    }
    // Without a lock 412 is any error.
    bench.script.reply(ScriptReply::text(412, ""));
    let plain = Request::new(&bench.core, &REPLACE).key(&"7").call::<Any>();
    assert!(!bench.run(plain).unwrap_err().is_stale());
}

/// Row A12: "stale" after an attempt whose answer was lost: that attempt may have changed the version, and nothing is
/// sent over it.
#[test]
fn stale_after_a_lost_answer_is_ambiguous() {
    for first in [
        ScriptReply::lost(),
        ScriptReply::reset(),
        ScriptReply::text(502, ""),
    ] {
        let bench = Bench::new();
        bench
            .script
            .reply(first)
            .reply(ScriptReply::text(412, "stale"));
        let error = bench
            .run(call(&bench, &MANY).with_version("a"))
            .unwrap_err();
        assert_eq!((error.kind(), error.status()), (Kind::Ambiguous, Some(412)));
        assert!(error.may_have_happened() && !error.is_stale() && !error.is_retryable());
        assert_eq!(bench.script.count(), 2);
    }
    // After one that never left it is what it says.
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::not_sent())
        .reply(ScriptReply::text(412, "stale"));
    let error = bench
        .run(call(&bench, &MANY).with_version("a"))
        .unwrap_err();
    assert!(error.is_stale() && !error.may_have_happened());
}

/// Row A12: a locked write counts each time, unless it is declared otherwise: it is not sent again.
#[test]
fn a_locked_write_is_not_doubled() {
    let bench = Bench::new();
    bench.script.reply(ScriptReply::lost());
    let error = bench
        .run(call(&bench, &ONCE).with_version("a"))
        .unwrap_err();
    assert_eq!((error.kind(), bench.script.count()), (Kind::Ambiguous, 1));
}
