//! Datetimes of several forms and zones, from the wire to the model and back.

use etiquette_cases::times::{Client, Job, NewJob};
use runtime::testing::{Script, ScriptReply, VirtualClock};

fn answered(json: &str) -> (Script, Result<Job, String>) {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone());
    script.reply(ScriptReply::json(200, json.to_owned()));
    let builder = Client::builder()
        .with_transport(script.clone())
        .with_clock(clock.clone());
    let api = builder.build().unwrap();
    let job = clock.run(async { api.jobs().get(1).await });
    (script, job.map_err(|error| error.to_string()))
}

const JOB: &str = r#"{"id":1,"zone":"Mars/Olympus","device":{"id":2,"zone":"UTC"},
    "created_at":"2016-11-10T18:33:41+0000","due_at":"2016-11-10 18:33:41","stamped_at":1478802821,
    "logged_at":"2016-11-10T18:33:41.000","next_run_at":"2016-11-11T00:00:00","last_run_at":"2016-11-10T18:33:41",
    "runs_at":["2016-11-10T18:33:41Z","2016-11-10 18:33:41"],"claimed_by":{"id":null,"name":null},
    "is_on":null,"can_run":null}"#;

/// Row F13: every form that the description lists is the same moment.
#[test]
fn every_form_is_the_same_moment() {
    let job = answered(JOB).1.unwrap();
    let all = [
        job.created_at,
        job.due_at.unwrap(),
        job.stamped_at,
        job.logged_at,
    ];
    let all = all.into_iter().chain(job.runs_at.clone());
    for at in all {
        assert_eq!(at.to_string(), "2016-11-10T18:33:41Z");
    }
    assert_eq!(
        (job.claimed_by.as_ref(), job.is_on, job.can_run),
        (None, false, Some(false))
    );
    let error = answered(&JOB.replace("2016-11-10T18:33:41+0000", "soon"))
        .1
        .unwrap_err();
    assert!(error.contains("/created_at"), "{error}");
}

/// An unknown zone loses neither the datetime nor its own name.
#[test]
fn a_zone_is_joined_where_it_is_known() {
    let job = answered(JOB).1.unwrap();
    let last = job.last_run_at_zoned().unwrap().unwrap();
    assert_eq!(last.timestamp(), job.created_at);
    let unknown = job.next_run_at_zoned().unwrap_err();
    assert_eq!(
        (unknown.civil, unknown.zone.as_str()),
        (job.next_run_at, "Mars/Olympus")
    );
}

/// One form is written, whatever was read.
#[test]
fn one_form_is_written() {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone());
    script.respond_with(|_| ScriptReply::json(200, JOB.to_owned()));
    let builder = Client::builder()
        .with_transport(script.clone())
        .with_clock(clock.clone());
    let api = builder.build().unwrap();
    let job = clock.run(async { api.jobs().get(1).await.unwrap() });
    let new = NewJob::new("UTC", job.stamped_at, job.next_run_at).due_at(job.created_at);
    clock.run(async { api.jobs().create(&new).await.unwrap() });
    assert_eq!(
        script.requests()[1].body,
        r#"{"zone":"UTC","stamped_at":1478802821,"next_run_at":"2016-11-11T00:00:00","due_at":"2016-11-10T18:33:41Z"}"#
    );
}
