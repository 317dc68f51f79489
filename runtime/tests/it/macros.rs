//! The macros of calls, as generated code uses them, beside types with the names of the prelude.

use std::time::Duration;

use etiquette_runtime as runtime;
use etiquette_runtime::testing::ScriptReply;
use runtime::codegen::{Builder, Call, Core, ListCall, Request};

use crate::api::{Bench, CANARY, CREATE, GET, KEY, LIST_OFFSET, SHOP, ok};

// An API may name its types like this.
#[allow(dead_code, reason = "their names alone matter")]
mod hostile {
    use super::runtime;

    pub(super) struct Option;
    pub(super) struct Result;
    pub(super) struct String;
    pub(super) struct Box;
    pub(super) struct Vec;

    #[derive(Debug)]
    pub(super) struct GetOrder(pub(super) super::Call<i64>);
    runtime::call! { GetOrder => i64 }

    #[derive(Debug)]
    pub(super) struct ListUsers(pub(super) super::ListCall<i64>);
    runtime::list_call! { ListUsers => i64 }

    #[derive(Debug, PartialEq)]
    pub(super) enum Outcome {
        Created(i64),
        Existing(i64),
        Nothing,
    }
    runtime::outcomes! { Outcome: Created(i64) = 201, Existing(i64) = 200, Nothing = 204 }

    #[derive(Debug, PartialEq)]
    pub(super) enum Fault {
        EmailTaken,
        Conflict,
        NotFound,
    }
    runtime::faults! { Fault: EmailTaken = 409 "email_taken", Conflict = 409, NotFound = 404 }

    #[derive(Debug)]
    pub(super) struct Client(pub(super) super::Core);
    #[derive(Debug)]
    pub(super) struct ClientBuilder(pub(super) super::Builder);
    runtime::builder! { ClientBuilder => Client }
}

use hostile::{ClientBuilder, Fault, GetOrder, ListUsers, Outcome};

fn outcome(bench: &Bench) -> runtime::Result<Outcome> {
    bench.run(Request::new(&bench.core, &CREATE).call_with(Outcome::__read))
}

#[test]
fn calls_have_their_options() {
    let bench = Bench::new();
    bench.script.reply(ok()).reply(ok());
    let call = || GetOrder(Request::new(&bench.core, &GET).key(&"7").call_at(&["id"]));
    let second = Duration::from_secs(1);
    let call = || {
        call()
            .with_timeout(second)
            .with_attempts(1)
            .with_deadline(second)
            .with_max_wait(second)
            .with_header("x-a", "b")
    };
    assert_eq!(bench.run(call()).unwrap(), 7);
    assert_eq!(bench.run(call().send_raw()).unwrap().value, 7);
    assert_eq!(bench.script.requests()[1].header("x-a"), Some("b"));
}

#[test]
fn lists_have_their_walks() {
    let bench = Bench::new();
    bench
        .script
        .respond_with(|_| ScriptReply::json(200, r#"{"data":[1,2],"total":2}"#));
    let list = || ListUsers(Request::new(&bench.core, &LIST_OFFSET).list()).with_attempts(2);
    assert_eq!(bench.run(list()).unwrap().items, [1, 2]);
    assert_eq!(bench.run(list().send_raw()).unwrap().value.total, Some(2));
    assert_eq!(
        bench.run(list().items().collect_at_most(9)).unwrap(),
        [1, 2]
    );
    assert_eq!(
        bench.run(list().pages().try_next()).unwrap().unwrap().items,
        [1, 2]
    );
}

#[test]
fn outcomes_are_told_by_status() {
    let bench = Bench::new();
    for (reply, wanted) in [
        (ScriptReply::json(201, "7"), Outcome::Created(7)),
        (ScriptReply::json(200, "8"), Outcome::Existing(8)),
        (ScriptReply::empty(204), Outcome::Nothing),
    ] {
        bench.script.reply(reply);
        assert_eq!(outcome(&bench).unwrap(), wanted);
    }
    for reply in [ScriptReply::json(202, "7"), ScriptReply::json(201, "\"x\"")] {
        bench.script.reply(reply);
        assert_eq!(outcome(&bench).unwrap_err().kind(), runtime::Kind::Decode);
    }
}

#[test]
fn faults_are_told_by_status_and_code() {
    let bench = Bench::new();
    for (reply, wanted) in [
        (
            ScriptReply::json(409, r#"{"errors":["x"],"code":"email_taken"}"#),
            Some(Fault::EmailTaken),
        ),
        (
            ScriptReply::json(409, r#"{"errors":["x"],"code":"other"}"#),
            Some(Fault::Conflict),
        ),
        (ScriptReply::empty(404), Some(Fault::NotFound)),
        (ScriptReply::empty(410), None),
    ] {
        bench.script.reply(reply);
        assert_eq!(
            Fault::of(&bench.run(bench.call(&CREATE)).unwrap_err()),
            wanted
        );
    }
}

#[test]
fn builders_have_the_settings_of_all_clients() {
    let bench = Bench::new();
    bench.script.reply(ok());
    let mut builder = Builder::new(&SHOP);
    builder.credential(&KEY, CANARY);
    let client = ClientBuilder(builder)
        .with_base_url("https://other.example/")
        .with_transport(bench.script.clone())
        .with_clock(bench.clock.clone())
        .with_limits(runtime::Limits::new())
        .with_user_agent("app/1")
        .with_body_cap(1 << 20)
        .with_max_wait(Duration::from_secs(60))
        .with_seed(1)
        .build()
        .unwrap();
    let _: runtime::LimitsSnapshot = client.0.limits_snapshot();
    bench
        .run(Request::new(&client.0, &GET).key(&"7").call_empty())
        .unwrap();
    assert_eq!(
        bench.script.requests()[0].uri.to_string(),
        "https://other.example/orders/7"
    );
}
