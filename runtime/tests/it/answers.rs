//! What comes back, and what is made of it.

use std::time::Duration;

use etiquette_runtime::codegen::{Error, Operation, Request};
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::{Kind, Phase};

use crate::api::{Any, Bench, CREATE, GET, HEAD, READ, REMOVE, ok};

static ACCEPTED: Operation = Operation {
    name: "accepted",
    success: &[202, 304],
    ..READ
};

fn error(reply: ScriptReply) -> Error {
    let bench = Bench::new();
    bench.script.reply(reply);
    bench
        .run(
            Request::new(&bench.core, &GET)
                .key(&"7")
                .call_at::<Vec<i64>>(&["data"]),
        )
        .unwrap_err()
}

/// Row G9: the errors of both APIs, with status, messages and request id.
#[test]
fn error_bodies_are_read_by_their_shapes() {
    let hive = ScriptReply::json(
        422,
        r#"{"success":false,"errors":["Name can't be blank","Sku can't be blank"],"code":"E7"}"#,
    );
    let hive = error(hive.header("x-request-id", "req-1"));
    assert_eq!(
        (hive.kind(), hive.status(), hive.request_id()),
        (Kind::Api, Some(422), Some("req-1"))
    );
    let texts: Vec<_> = hive
        .messages()
        .iter()
        .map(|message| message.text.as_str())
        .collect();
    assert_eq!(texts, ["Name can't be blank", "Sku can't be blank"]);
    assert_eq!(
        hive.to_string(),
        "the API said no: GET /orders/{id}: status 422: Name can't be blank; Sku can't be blank (request req-1)"
    );
    assert_eq!(hive.code(), Some("E7"));
    #[derive(serde::Deserialize)]
    struct Body {
        errors: Vec<String>,
    }
    assert_eq!(hive.body_as::<Body>().unwrap().errors.len(), 2);
    assert!(hive.body_as::<u8>().is_none());

    let users = error(ScriptReply::json(404, r#"{"error":"user not found"}"#));
    assert_eq!(
        users.to_string(),
        "the API said no: GET /orders/{id}: status 404: user not found"
    );
    let empty = error(ScriptReply::empty(400));
    assert_eq!(
        (empty.messages().len(), empty.to_string().as_str()),
        (0, "the API said no: GET /orders/{id}: status 400")
    );
    assert!(!empty.is_retryable() && empty.phase() == Phase::Final);
}

/// A 401 is about the credential; it was not carried out, and is not sent again.
#[test]
fn unauthenticated_is_a_kind_of_its_own() {
    let error = error(ScriptReply::json(
        401,
        r#"{"success":false,"errors":["authentication required"]}"#,
    ));
    assert_eq!(
        (error.kind(), error.phase(), error.attempts()),
        (Kind::Auth, Phase::NotProcessed, 1)
    );
}

/// Rows G8, G11: a page of HTML where JSON belongs, and terminal escapes in it.
#[test]
fn foreign_text_is_shown_short_and_escaped() {
    let html = format!("<html>\x1b[31m\n{}</html>", "x".repeat(5000));
    let decode = error(ScriptReply::text(200, html.clone()));
    assert_eq!(decode.kind(), Kind::Decode);
    let shown = decode.to_string();
    assert!(
        shown.contains("not JSON: \"<html>\\u{1b}[31m\\n"),
        "{shown}"
    );
    let api = error(ScriptReply::text(400, html));
    for shown in [shown, api.to_string(), format!("{api:?}")] {
        assert!(
            shown.len() < 1200 && !shown.contains(['\n', '\x1b']),
            "{shown}"
        );
    }
    let bidi = error(ScriptReply::json(400, "{\"error\":\"a\u{202e}b\\u001bc\"}")).to_string();
    assert!(bidi.ends_with("a\\u{202e}b\\u{1b}c"), "{bidi}");
    let isolates = error(ScriptReply::json(
        400,
        "{\"error\":\"a\u{2066}b\u{2069}\u{61c}c\"}",
    ));
    let isolates = isolates.to_string();
    assert!(
        isolates.ends_with("a\\u{2066}b\\u{2069}\\u{61c}c"),
        "{isolates}"
    );
}

/// Rows G5, G6: the place is named and the value is not.
#[test]
fn misfits_name_their_place() {
    let misfit = error(ScriptReply::json(200, r#"{"data":[1,2,"hunter2"]}"#));
    assert_eq!(
        (misfit.kind(), misfit.path(), misfit.status()),
        (Kind::Decode, Some("/data/2"), Some(200))
    );
    assert!(
        misfit
            .to_string()
            .ends_with("at /data/2: expected i64, found string"),
        "{misfit}"
    );
    assert_eq!(error(ScriptReply::json(200, "{}")).path(), Some("/data"));
    let broken = error(ScriptReply::bytes(
        200,
        &b"{\"data\":[1],\"a\":\"\xff\"}"[..],
    ))
    .to_string();
    assert!(broken.contains("not UTF-8 at byte 17"), "{broken}");
}

/// Row G1, through the whole pipeline.
#[test]
fn deep_nesting_is_an_error() {
    let deep = error(ScriptReply::json(
        200,
        format!("{{\"x\":{}", "[".repeat(200_000)),
    ));
    assert_eq!(deep.kind(), Kind::Decode);
    let deep = error(ScriptReply::json(400, "[".repeat(200_000)));
    assert_eq!(deep.kind(), Kind::Api);
}

/// Row G10: bodies that there are not, and statuses that the description calls success.
#[test]
fn bodies_are_read_as_the_operation_says() {
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::json(204, "never read").stalls_at(0));
    bench.run(bench.call(&REMOVE)).unwrap();
    bench
        .script
        .reply(ScriptReply::json(200, "never read").stalls_at(0));
    bench.run(bench.call(&HEAD)).unwrap();
    bench
        .script
        .reply(ScriptReply::json(200, "{\"ok\":true}").truncated_at(2));
    bench.run(bench.call(&REMOVE)).unwrap();
    bench.script.reply(ScriptReply::empty(202));
    bench.run(bench.call(&ACCEPTED)).unwrap();
    bench.script.reply(ScriptReply::empty(304).stalls_at(0));
    assert_eq!(
        bench.run(bench.call(&ACCEPTED).send_raw()).unwrap().status,
        304
    );
    bench.script.reply(ok());
    assert_eq!(
        bench.run(bench.call(&ACCEPTED)).unwrap_err().status(),
        Some(200)
    );
    bench.script.reply(ScriptReply::empty(200));
    let empty = bench
        .run(Request::new(&bench.core, &GET).key(&"7").call::<Any>())
        .unwrap_err();
    assert!(empty.to_string().contains("it is empty"));
    assert_eq!(bench.seconds(), 0.0);
}

#[test]
fn a_reply_tells_how_it_was_got() {
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::text(503, ""))
        .reply(ok().header("x-request-id", "r2").header("x-more", "1"));
    let reply = bench
        .run(
            Request::new(&bench.core, &GET)
                .key(&"7")
                .call_at::<i64>(&["id"])
                .send_raw(),
        )
        .unwrap();
    assert_eq!((reply.value, reply.status, reply.attempts), (7, 200, 2));
    assert_eq!(
        (
            reply.request_id.as_deref(),
            reply.headers["x-more"].as_bytes()
        ),
        (Some("r2"), &b"1"[..])
    );
    assert_eq!(reply.waited, Duration::from_secs_f64(bench.seconds()));
}

/// Rows D5, D8: bodies are cut at the cap, those of errors earlier.
#[test]
fn bodies_have_a_cap() {
    let bench = Bench::with(|builder| builder.body_cap(1000));
    bench
        .script
        .reply(ScriptReply::json(200, format!("[{}1]", "1,".repeat(600))));
    let error = bench
        .run(Request::new(&bench.core, &CREATE).call::<Any>())
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.may_have_happened()),
        (Kind::TooLarge, Some(200), true)
    );
    bench.script.reply(ScriptReply::text(400, "x".repeat(1001)));
    let error = bench.run(bench.call(&GET)).unwrap_err();
    assert_eq!((error.status(), error.messages().len()), (Some(400), 0));
}

/// Row G12: what echoes our credential is scrubbed in all that an error keeps.
#[test]
fn echoed_credentials_are_scrubbed() {
    let echo = "token canary-7f3a9+/secret, canary-7f3a9%2B%2Fsecret, Y2FuYXJ5LTdmM2E5Ky9zZWNyZXQ=";
    let body = format!("{{\"errors\":[\"{echo}\"]}}");
    for reply in [
        ScriptReply::json(400, body.clone()),
        ScriptReply::text(200, echo),
        ScriptReply::text(503, echo),
    ] {
        let error = error(
            reply
                .header("x-request-id", "canary-7f3a9+/secret")
                .header("retry-after", "9999"),
        );
        let all = format!(
            "{error} {error:?} {:?} {:?} {:?}",
            error.messages(),
            error.request_id(),
            error.body_as::<serde_json::Value>()
        );
        assert!(
            !all.contains("canary-7") && !all.contains("Y2FuYXJ5"),
            "{all}"
        );
        assert!(all.contains("[REDACTED]"), "{all}");
    }
}

/// Rows E1, D15: redirects of reads stay within the origin and are few; each is an attempt.
#[test]
fn redirects_of_reads_are_followed_within_the_origin() {
    let bench = Bench::new();
    let hop = |to: &str| ScriptReply::empty(307).header("location", to);
    bench
        .script
        .reply(hop("/v1/a?b=1"))
        .reply(hop("https://SHOP.example:443/v1/c"))
        .reply(ok());
    assert_eq!(bench.run(bench.call(&GET).send_raw()).unwrap().attempts, 3);
    let sent = bench.script.requests();
    assert_eq!(
        (sent[1].path(), sent[1].query("b"), sent[2].path()),
        ("/v1/a", Some("1"), "/v1/c")
    );
    assert!(
        sent.iter()
            .all(|request| request.header("authorization").is_some())
    );
    for to in [
        "https://evil.example/",
        "http://shop.example/v1",
        "//evil.example",
        "https://shop.example@evil.example/",
        "x",
        "",
    ] {
        let bench = Bench::new();
        bench.script.reply(hop(to));
        let error = bench.run(bench.call(&GET)).unwrap_err();
        assert_eq!(
            (error.kind(), bench.script.count()),
            (Kind::Redirected, 1),
            "{to}"
        );
        assert!(!error.to_string().contains("evil"));
    }
    let bench = Bench::new();
    bench
        .script
        .respond_with(move |_| ScriptReply::empty(302).header("location", "/v1/again"));
    let error = bench.run(bench.call(&GET)).unwrap_err();
    assert_eq!(
        (
            error.kind(),
            bench.script.count(),
            error.may_have_happened()
        ),
        (Kind::Redirected, 4, false)
    );
}
