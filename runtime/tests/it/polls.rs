//! Polls: a job that is made and asked for until it is done, in virtual time; the server counts the questions.

use std::time::Duration;

use etiquette_runtime::Kind;
use etiquette_runtime::codegen::*;
use etiquette_runtime::testing::ScriptReply;
use serde_json::{Value, json};

use crate::api::{Bench, CANARY, READ, RETRY};

const JOB: PollUntil = PollUntil {
    at: &["data", "status"],
    until: &["done", "7", "true"],
    fail: &["failed"],
    from: &["data"],
    every: Duration::from_secs(2),
    max: Duration::from_secs(60),
    ..PollUntil::NEW
};
static GET: Operation = Operation {
    name: "jobs.get",
    path: "/teams/{team}/jobs/{id}",
    poll: Some(&JOB),
    ..READ
};
static CREATE: Operation = Operation {
    name: "jobs.create",
    verb: Verb::Post,
    path: "/teams/{team}/jobs",
    effect: Effect::Once,
    retry: Some(&RETRY),
    poll: Some(&PollUntil {
        call: Some(&GET),
        keys: &[("id", &["data", "id"])],
        ..JOB
    }),
    ..READ
};

fn get(bench: &Bench) -> Call<Value> {
    let request = Request::new(&bench.core, &GET);
    request.key(&"a b").key(&7).call_at(&["data"])
}

fn create(bench: &Bench) -> Call<()> {
    let request = Request::new(&bench.core, &CREATE);
    request.key(&"a b").json(&"job").call_empty()
}

fn status(status: &Value) -> ScriptReply {
    ScriptReply::json(
        200,
        json!({"data": {"id": 7, "status": status}}).to_string(),
    )
}

fn replies(bench: &Bench, all: &[&str]) {
    for one in all {
        bench.script.reply(status(&json!(one)));
    }
}

#[test]
fn a_read_is_asked_until_it_is_done() {
    let bench = Bench::new();
    replies(&bench, &["queued", "running", "running", "done"]);
    let job: Value = bench.run(get(&bench).poll_for()).unwrap();
    assert_eq!(job, json!({"id": 7, "status": "done"}));
    assert_eq!((bench.script.count(), bench.seconds()), (4, 6.0));
    // Done at once costs one question; numbers and truths are words too.
    for done in [json!("done"), json!(7), json!(true)] {
        bench.script.reply(status(&done));
        let _: Value = bench.run(get(&bench).poll_for()).unwrap();
    }
    assert_eq!((bench.script.count(), bench.seconds()), (7, 6.0));
}

/// What is made is asked for with the keys of its own path and of its answer, and not in the same moment.
#[test]
fn what_is_made_is_asked_for() {
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::json(201, r#"{"data":{"id":"x/7"}}"#));
    replies(&bench, &["running", "done"]);
    let call = create(&bench)
        .with_header("x-trace", "t")
        .with_header("content-language", "en");
    let job: Value = bench.run(call.poll_for()).unwrap();
    assert_eq!(job["status"], "done");
    let requests = bench.script.requests();
    let sent: Vec<_> = requests
        .iter()
        .map(|it| (it.method.as_str(), it.path()))
        .collect();
    let asked = ("GET", "/v1/teams/a%20b/jobs/x%2F7");
    assert_eq!(sent, [("POST", "/v1/teams/a%20b/jobs"), asked, asked]);
    assert!(
        requests
            .iter()
            .all(|request| request.header("x-trace") == Some("t"))
    );
    assert_eq!(requests[1].header("content-language"), None);
    assert_eq!(requests[1].header("content-type"), None);
    let arrived: Vec<_> = requests
        .iter()
        .map(|it| it.arrived.nanos() / 1_000_000_000)
        .collect();
    assert_eq!(arrived, [0, 2, 4]);
}

/// Row B12: an answer that asks for a longer pause gets it, in all three forms; a shorter one does not.
#[test]
fn an_answer_may_ask_for_more_time() {
    for (asked, seconds) in [
        ("10", 10.0),
        ("3.2", 3.2),
        ("1", 2.0),
        ("0", 2.0),
        ("soon", 2.0),
    ] {
        let bench = Bench::new();
        bench
            .script
            .reply(status(&json!("running")).header("retry-after", asked));
        replies(&bench, &["done"]);
        let _: Value = bench.run(get(&bench).poll_for()).unwrap();
        assert!(
            (bench.seconds() - seconds).abs() < 0.01,
            "{asked}: {}",
            bench.seconds()
        );
    }
}

/// A job that has failed is an error which keeps the last answer.
#[test]
fn a_failure_keeps_the_last_answer() {
    let bench = Bench::new();
    bench.script.reply(status(&json!("running")));
    let body = json!({"data": {"status": "failed", "why": "no rows", "token": CANARY}});
    bench
        .script
        .reply(ScriptReply::json(200, body.to_string()).header("x-request-id", "r-9"));
    let error = bench.run(get(&bench).poll_for::<Value>()).unwrap_err();
    assert_eq!(error.kind(), Kind::JobFailed);
    assert_eq!(
        (error.status(), error.request_id()),
        (Some(200), Some("r-9"))
    );
    assert!(!error.is_retryable() && !error.may_have_happened());
    assert_eq!(error.attempts(), 2);
    let kept: Value = error.body_as().unwrap();
    assert_eq!(kept["data"]["why"], "no rows");
    assert!(!kept.to_string().contains(CANARY), "{kept}");
    assert!(error.to_string().contains("it is `failed`"), "{error}");
}

/// A job that takes too long goes on; the error says so, and nobody is asked in vain.
#[test]
fn a_job_that_takes_too_long_is_left_alone() {
    let bench = Bench::new();
    bench.script.respond_with(|_| status(&json!("running")));
    let error = bench.run(get(&bench).poll_for::<Value>()).unwrap_err();
    assert_eq!(error.kind(), Kind::StillRunning);
    assert_eq!((bench.script.count(), bench.seconds()), (31, 60.0));
    assert_eq!(error.attempts(), 31);
    assert_eq!(
        error.body_as::<Value>().unwrap()["data"]["status"],
        "running"
    );
    assert!(error.retry_at().is_some());

    // A pause that would end later is not slept through.
    let bench = Bench::new();
    bench
        .script
        .respond_with(|_| status(&json!("running")).header("retry-after", "61"));
    let error = bench.run(get(&bench).poll_for::<Value>()).unwrap_err();
    assert_eq!((error.kind(), bench.seconds()), (Kind::StillRunning, 0.0));
    let bench = Bench::new();
    bench
        .script
        .respond_with(|_| status(&json!("running")).header("retry-after", "999999999"));
    let error = bench.run(get(&bench).poll_for::<Value>()).unwrap_err();
    assert_eq!(
        (error.kind(), bench.script.count()),
        (Kind::StillRunning, 1)
    );
}

/// Rows A1 and A5: each question is a whole call with its retries and waits; the create is made once.
#[test]
fn questions_are_repeated_and_the_create_is_not() {
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::json(201, r#"{"data":{"id":7}}"#));
    bench.script.reply(ScriptReply::json(503, "{}"));
    replies(&bench, &["running"]);
    bench
        .script
        .reply(ScriptReply::json(429, "{}").header("retry-after", "20"));
    replies(&bench, &["done"]);
    let _: Value = bench.run(create(&bench).poll_for()).unwrap();
    let posts = bench
        .script
        .requests()
        .iter()
        .filter(|it| it.method == "POST")
        .count();
    assert_eq!((posts, bench.script.count()), (1, 5));
    assert!(bench.seconds() >= 24.0);

    let bench = Bench::new();
    bench.script.reply(ScriptReply::lost());
    let error = bench.run(create(&bench).poll_for::<Value>()).unwrap_err();
    assert_eq!((error.kind(), bench.script.count()), (Kind::Ambiguous, 1));
}

/// Whatever becomes of the questions, what they are about has been made.
#[test]
fn what_was_made_has_happened() {
    let answers = [
        (r#"{"data":{"id":7}}"#, Kind::Api),
        (r#"{"data":{}}"#, Kind::Decode),
        (r#"{"data":{"id":null}}"#, Kind::Decode),
        ("", Kind::Decode),
    ];
    for (made, kind) in answers {
        let bench = Bench::new();
        bench.script.reply(ScriptReply::json(201, made));
        bench.script.respond_with(|_| ScriptReply::json(404, "{}"));
        let error = bench.run(create(&bench).poll_for::<Value>()).unwrap_err();
        assert_eq!(error.kind(), kind, "{made}: {error}");
        assert!(error.may_have_happened(), "{made}");
    }
    // An answer that says nothing of how far it is, is none.
    let bench = Bench::new();
    bench
        .script
        .respond_with(|_| ScriptReply::json(200, r#"{"data":{}}"#));
    let error = bench.run(get(&bench).poll_for::<Value>()).unwrap_err();
    assert_eq!((error.kind(), bench.script.count()), (Kind::Decode, 1));
    assert_eq!(error.path(), Some("/data/status"));
}

/// The caller's deadline bounds all questions together.
#[test]
fn a_deadline_bounds_it_all() {
    let bench = Bench::new();
    bench
        .script
        .respond_with(|_| status(&json!("running")).after(Duration::from_secs(1)));
    let call = get(&bench).with_deadline(Duration::from_secs(10));
    let error = bench.run(call.poll_for::<Value>()).unwrap_err();
    assert_eq!(error.kind(), Kind::Deadline);
    assert!(bench.seconds() <= 10.0, "{}", bench.seconds());
    assert_eq!(bench.script.count(), 4);
}

/// An operation that says nothing of polls sends nothing.
#[test]
fn a_call_without_a_poll_is_refused() {
    let bench = Bench::new();
    let call = bench.call(&crate::api::GET);
    let error = bench.run(call.poll_for::<Value>()).unwrap_err();
    assert_eq!((error.kind(), bench.script.count()), (Kind::Parameter, 0));
}
