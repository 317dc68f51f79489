//! Secrets are looked for everywhere where they could be seen.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use etiquette_runtime::codegen::{Builder, CredentialValue, Request};
use etiquette_runtime::testing::ScriptReply;

use crate::api::{
    Any, Bench, CANARY, GET, KEY, LIST_OFFSET, PASSWORD, QUERY, READ, SHOP, TOKEN, ok,
};

static BY_QUERY: etiquette_runtime::codegen::Operation = etiquette_runtime::codegen::Operation {
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
