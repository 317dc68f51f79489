//! Secrets are looked for everywhere where they could be seen.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use etiquette_runtime::codegen::{Api, Builder, CredentialValue, Effect, Operation, Request, Verb};
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::value::Json;

use crate::api::{
    Any, Bench, CANARY, GET, KEY, LIST_OFFSET, PASSWORD, QUERY, READ, SHOP, TOKEN, ok,
};

static BY_QUERY: Operation = Operation {
    name: "query",
    security: &[&[&QUERY]],
    ..READ
};

/// The canary raw and in the spellings in which it could come through.
fn assert_clean(what: &str, text: &str) {
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let reversed: String = CANARY.chars().rev().collect();
    for spelling in [
        CANARY,
        "canary-7f3a9",
        "Y2FuYXJ5LTdmM2E5",
        "canary-7f3a9%2B",
        "canary-7f3a9+\\/",
        &hex,
        &reversed,
    ] {
        assert!(!text.contains(spelling), "{what} shows {spelling}: {text}");
    }
}

fn bench() -> Bench {
    Bench::with(|builder| {
        builder.credential(&PASSWORD, format!("user:{CANARY}"));
        builder.credential(&TOKEN, CANARY);
        builder.credential(&QUERY, CANARY);
    })
}

/// Row K1: every public type.
#[test]
fn debug_and_display_show_no_secret() {
    let bench = bench();
    let mut builder = Builder::new(&SHOP);
    builder.credential(&KEY, CANARY);
    bench.script.respond_with(|_| ok());
    let call = Request::new(&bench.core, &BY_QUERY)
        .key(&CANARY)
        .call::<Any>()
        .with_header("x-secret", CANARY);
    let list = Request::new(&bench.core, &LIST_OFFSET).list::<Any>();
    let mut shown = format!(
        "{builder:?} {builder:#?} {:?} {:#?} {call:?} {call:#?} {list:?}",
        bench.core, bench.core
    );
    write!(
        shown,
        "{:?} {:?} {:?}",
        CredentialValue::from(CANARY),
        list.clone().items(),
        list.pages()
    )
    .unwrap();
    write!(shown, "{:?}", bench.core.limits_snapshot()).unwrap();
    assert_clean("a public type", &shown);
    bench.run(call).unwrap();
    assert!(
        bench.script.requests()[0]
            .uri
            .to_string()
            .contains("canary"),
        "the control: it was sent"
    );
}

/// Rows K1, K3: errors of every kind, with their chains.
#[test]
fn errors_show_no_secret() {
    for reply in [
        ScriptReply::not_sent(),
        ScriptReply::lost(),
        ScriptReply::stalls(),
        ok().truncated_at(2),
        ScriptReply::text(200, format!("<html>{CANARY}")),
        ScriptReply::text(400, CANARY),
        ScriptReply::text(401, CANARY),
        ScriptReply::json(200, format!("{{\"id\":\"{CANARY}\"}}")),
        ScriptReply::json(422, format!("{{\"errors\":[\"{CANARY}\"]}}")),
        ScriptReply::text(429, CANARY).header("retry-after", "99999"),
        ScriptReply::text(500, CANARY),
        ScriptReply::empty(302).header("location", &format!("https://evil.example/?k={CANARY}")),
        ScriptReply::empty(404).header("x-request-id", CANARY),
    ] {
        let bench = bench();
        bench.script.respond_with(move |_| reply.clone());
        for operation in [&GET, &BY_QUERY] {
            let mut call = Request::new(&bench.core, operation)
                .key(&"7")
                .call_at::<i64>(&["id"])
                .with_attempts(1);
            call.request_mut().query("secret", &CANARY);
            let error = bench.run(call).unwrap_err();
            let mut shown = format!(
                "{error} {error:?} {error:#?} {:?} {:?}",
                error.messages(),
                error.request_id()
            );
            let mut source = std::error::Error::source(&error);
            while let Some(inner) = source {
                write!(shown, "{inner} {inner:?}").unwrap();
                source = inner.source();
            }
            assert_clean("an error", &shown);
        }
    }
}

/// Row K4: what panics does not name a secret.
#[test]
fn panics_show_no_secret() {
    let said = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&said);
    let bench = bench();
    bench.script.respond_with(|_| panic!("a server's closure"));
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        write!(kept.lock().unwrap(), "{info}").unwrap();
    }));
    let call = Request::new(&bench.core, &BY_QUERY)
        .key(&CANARY)
        .call::<Any>();
    let result =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| bench.run(call).map(drop)));
    std::panic::set_hook(before);
    assert!(result.is_err());
    assert_clean("a panic", &said.lock().unwrap());
    bench.script.reply(ok());
    bench
        .run(bench.call(&GET))
        .expect("a panic leaves the client as it was");
}

static NAMING: Api = Api {
    name: "naming",
    sensitive: &["password", "token", "x-pin"],
    reference: Some("by referencing "),
    errors: SHOP.errors,
    ..Api::NEW
};
static ACCOUNT: Operation = Operation {
    api: &NAMING,
    name: "accounts.change",
    verb: Verb::Put,
    path: "/accounts/{token}",
    effect: Effect::Idempotent,
    ..Operation::NEW
};

/// Row G12: what the description calls sensitive does not come back in an error, wherever it was sent and however the
/// server spells it.
#[test]
fn sensitive_values_do_not_come_back() {
    let bench = Bench::new();
    let mut builder = Builder::new(&NAMING);
    builder.base_url("https://naming.example");
    builder.transport(bench.script.clone());
    builder.clock(bench.clock.clone());
    let core = builder.build().unwrap();
    let call = || {
        let body = serde_json::json!({
            "name": "plain-7", "login": {"password": "pass\"w/1"}, "list": [{"token": 123_456}],
        });
        let mut request = Request::new(&core, &ACCOUNT).key(&"path/tok").json(&body);
        request.query("token", &"query&tok");
        request.header("X-Pin", &"pin-9999");
        request.call::<Any>()
    };
    let spelled = r#"plain-7 pass\"w/1 pass"w/1 123456 path/tok path%2Ftok query%26tok pin-9999"#;
    let said = serde_json::json!({"error": spelled}).to_string();
    let page = format!("<p>{spelled}");
    for (status, body) in [(422, said.as_str()), (422, spelled), (200, &page)] {
        bench.script.reply(ScriptReply::text(status, body));
        let error = bench.run(call()).unwrap_err();
        let shown = format!(
            "{error} {error:?} {:?}",
            error.body_as::<serde_json::Value>()
        );
        for secret in ["w/1", "123456", "path/", "path%", "query", "pin-"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert!(shown.contains("plain-7"), "{shown}");
    }
}

#[test]
fn a_reference_is_told() {
    let bench = Bench::new();
    let mut builder = Builder::new(&NAMING);
    builder.base_url("https://naming.example");
    builder.transport(bench.script.clone());
    builder.clock(bench.clock.clone());
    let core = builder.build().unwrap();
    for (body, wanted) in [
        (
            r#"{"error":"Oops. Write to us by referencing a1-B2."}"#,
            Some("a1-B2"),
        ),
        ("Oops. Write to us by referencing a1-B2.", Some("a1-B2")),
        (r#"{"error":"Oops."}"#, None),
        (r#"{"error":"by referencing secret-1 and so on"}"#, None),
    ] {
        bench.script.reply(ScriptReply::text(500, body));
        let request = Request::new(&core, &ACCOUNT).key(&"secret-1");
        let error = bench.run(request.call::<Any>()).unwrap_err();
        assert_eq!(error.reference(), wanted, "{body}");
        assert_eq!(
            error.to_string().contains("(reference a1-B2)"),
            wanted.is_some()
        );
    }
}

/// Rows K1, G12: a server may echo a secret with characters that JSON need not escape, as some do with `+`, or
/// percent-encoded in small digits. Neither shows it, before or after the text is read as JSON.
#[test]
fn an_echo_is_taken_out_however_it_is_escaped() {
    let all: String = CANARY
        .bytes()
        .map(|byte| format!("\\u{byte:04x}"))
        .collect();
    for echo in [
        CANARY.replace('+', "\\u002B"),
        CANARY.replace('+', "\\u002b").replace('/', "\\u002F"),
        CANARY.replace('-', "\\u002d"),
        CANARY.replace('/', "\\/").replace('+', "\\u002B"),
        all,
        CANARY.replace('+', "%2b").replace('/', "%2f"),
    ] {
        let bench = Bench::new();
        let body = format!(r#"{{"error":"no: {echo}","code":"{echo}","more":["{echo}"]}}"#);
        bench.script.reply(ScriptReply::json(400, body));
        let error = bench.run(bench.call(&GET)).unwrap_err();
        let body = error.body_as::<Json>().unwrap();
        let shown = format!("{error} {error:?} {:?} {body:?}", error.messages());
        for canary in ["canary", "7f3a9", "secret"] {
            assert!(!shown.contains(canary), "{echo}: {shown}");
        }
        assert!(shown.contains("no: [REDACTED]"), "{shown}");
    }
    // What is no echo stays what it was, escaped backslashes and quotes included.
    let bench = Bench::new();
    let text = r#"{"error":"\\u002B \u0022\u005c\u0041\u00e9\u000a\ud83d\ude00"}"#;
    let wanted: Json = serde_json::from_str(text).unwrap();
    bench.script.reply(ScriptReply::json(400, text));
    let error = bench.run(bench.call(&GET)).unwrap_err();
    assert_eq!(error.body_as::<Json>(), Some(wanted));
}
