//! Generated writes over many rows and generated polls. What was sent is read from the script.

use etiquette_cases::{bulk, polls};
use http::Method;
use runtime::Kind;
use runtime::codegen::Date;
use runtime::testing::{Script, ScriptReply, VirtualClock};

/// A client of a case over a script in virtual time.
macro_rules! scripted {
    ($case:ident, $replies:expr) => {{
        let clock = VirtualClock::new();
        let script = Script::new(clock.clone());
        for reply in $replies {
            script.reply(reply);
        }
        let builder = $case::Client::builder().with_transport(script.clone());
        let builder = builder.with_clock(clock.clone()).with_seed(7);
        (clock, script, builder.build().unwrap())
    }};
}

fn ok(text: &str) -> ScriptReply {
    ScriptReply::json(200, text)
}

fn sent(script: &Script) -> Vec<String> {
    let all = script.requests();
    let show =
        |(method, uri): (&Method, &http::Uri)| format!("{method} {}", &uri.to_string()[23..]);
    all.iter()
        .map(|one| show((&one.method, &one.uri)))
        .collect()
}

/// Row F9: a plan counts with the filters of the write, and the write is sent when the count still holds.
#[test]
fn a_plan_is_counted_twice_and_written_once() {
    let replies = [
        ok(r#"{"total":2}"#),
        ok(r#"{"total":2}"#),
        ok(r#"{"changed":2}"#),
    ];
    let (clock, script, api) = scripted!(bulk, replies);
    let patch = bulk::TasksPatch::default().status(bulk::TaskStatus::Closed);
    let tasks = api.teams().tasks(7);
    let due: Date = "2024-02-29".parse().unwrap();
    let call = tasks
        .close_many(&patch)
        .notify(false)
        .id_in([3, 5])
        .due(..=due);
    let plan = clock.run(call.plan()).unwrap();
    assert_eq!(plan.count, 2);
    assert_eq!(clock.run(plan.apply()).unwrap(), 2);
    let filters = "id=3%7C5&max-due=2024-02-29";
    let count = format!("GET /teams/7/tasks/count?{filters}");
    let write = format!("PUT /teams/7/tasks?notify=false&{filters}");
    assert_eq!(sent(&script), [count.clone(), count, write]);
    assert_eq!(script.requests()[2].body, r#"{"status":"closed"}"#);
}

/// Row F9: another count, and a filter that turned out empty, write nothing.
#[test]
fn what_is_not_expected_is_not_written() {
    let (clock, script, api) = scripted!(bulk, [ok(r#"{"total":3}"#)]);
    let tasks = api.teams().tasks(7);
    let call = tasks.delete_many().status_ne(bulk::TaskStatus::Open);
    let error = clock.run(call.expect(2)).unwrap_err();
    assert_eq!(
        error.kind(),
        Kind::CountChanged {
            expected: 2,
            counted: 3
        }
    );
    assert_eq!(sent(&script), ["GET /teams/7/tasks/count?not-status=open"]);

    let empty = tasks.delete_many().status(bulk::TaskStatus::Open).id_in([]);
    let error = clock.run(empty.plan()).unwrap_err();
    assert_eq!(error.kind(), Kind::Parameter);
    let error = clock
        .run(tasks.delete_many().due(..).expect(0))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Parameter);
    assert_eq!(script.count(), 1);
}

#[test]
fn what_was_made_is_polled_until_it_is_done() {
    let job = |status| format!(r#"{{"data":{{"exportId":9,"name":"n","status":"{status}"}}}}"#);
    let replies = [job("queued"), job("running"), job("done"), job("cancelled")];
    let (clock, script, api) = scripted!(polls, replies.iter().map(|text| ok(text)));
    let exports = api.workspaces().exports(4);
    let done = clock
        .run(exports.create(&polls::NewExports::new("n")).poll())
        .unwrap();
    assert_eq!(
        (done.export_id, done.status),
        (9, polls::ExportStatus::Done)
    );
    let get = "GET /workspaces/4/exports/9";
    assert_eq!(sent(&script), ["POST /workspaces/4/exports", get, get]);
    let gaps: Vec<_> = script
        .requests()
        .windows(2)
        .map(|two| two[1].arrived - two[0].arrived)
        .collect();
    assert!(gaps.iter().all(|gap| gap.as_secs() == 2));

    let error = clock.run(exports.get(9).poll()).unwrap_err();
    assert_eq!(error.kind(), Kind::JobFailed);
    assert!(error.body_as::<serde_json::Value>().unwrap()["data"]["status"] == "cancelled");
}
