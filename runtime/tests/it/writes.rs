//! What is sent again and what is not, counted at the server.

use std::time::Duration;

use etiquette_runtime::codegen::{Operation, Request};
use etiquette_runtime::testing::ScriptReply;
use etiquette_runtime::{Kind, Phase};

use crate::api::{Any, Bench, CHANGE, CREATE, GET, REMOVE, REPLACE, ok};

const ALL: [&Operation; 5] = [&GET, &CREATE, &REPLACE, &CHANGE, &REMOVE];
const ONCE: [&Operation; 2] = [&CREATE, &CHANGE];
const MANY: [&Operation; 3] = [&GET, &REPLACE, &REMOVE];

/// Row A1: what was not sent is sent again, whatever it is.
#[test]
fn what_was_not_sent_is_sent_again() {
    for operation in ALL {
        let bench = Bench::new();
        bench
            .script
            .reply(ScriptReply::not_sent())
            .reply(ScriptReply::not_sent())
            .reply(ok());
        let reply = bench.run(bench.call(operation).send_raw()).unwrap();
        assert_eq!(
            (reply.attempts, bench.script.count()),
            (3, 1),
            "{}",
            operation.name
        );
    }
}

/// Row A1: and when it never gets through, nothing has happened.
#[test]
fn what_never_left_has_not_happened() {
    for operation in ALL {
        let bench = Bench::new();
        bench.script.respond_with(|_| ScriptReply::not_sent());
        let error = bench.run(bench.call(operation)).unwrap_err();
        assert_eq!(
            (error.kind(), error.phase(), error.attempts()),
            (Kind::Connect, Phase::NotSent, 4)
        );
        assert!(!error.may_have_happened() && error.is_retryable());
        assert_eq!(bench.script.count(), 0);
    }
}

/// Row A2: an answer lost after the request was sent.
#[test]
fn a_lost_answer_is_ambiguous_for_what_counts_each_time() {
    for operation in ONCE {
        for reply in [
            ScriptReply::lost(),
            ScriptReply::reset(),
            ok().truncated_at(3),
            ok().stalls_at(3),
        ] {
            let bench = Bench::new();
            bench.script.reply(reply.clone());
            let mut call = Request::new(&bench.core, operation);
            if operation.path.contains('{') {
                call = call.key(&"7");
            }
            let error = bench.run(call.json(&"body").call::<Any>()).unwrap_err();
            assert_eq!(
                (error.kind(), error.phase()),
                (Kind::Ambiguous, Phase::Unknown),
                "{reply:?}"
            );
            assert!(error.may_have_happened() && !error.is_retryable());
            assert_eq!((error.attempts(), bench.script.count()), (1, 1));
        }
    }
    for operation in MANY {
        let bench = Bench::new();
        bench.script.reply(ScriptReply::lost()).reply(ok());
        bench.run(bench.call(operation)).unwrap();
        assert_eq!(bench.script.count(), 2, "{}", operation.name);
    }
}

/// Row A3: the server carries it out at 40 s, and the timeout is 30 s.
#[test]
fn a_timeout_of_a_write_is_ambiguous() {
    let bench = Bench::new();
    bench.script.reply(ok().after(Duration::from_secs(40)));
    let error = bench.run(bench.call(&CREATE)).unwrap_err();
    assert_eq!(error.kind(), Kind::Ambiguous);
    assert!(error.may_have_happened());
    assert_eq!(
        (
            bench.script.count(),
            bench.script.applied(),
            bench.seconds()
        ),
        (1, 1, 30.0)
    );
    bench
        .script
        .reply(ScriptReply::stalls())
        .reply(ScriptReply::stalls());
    let error = bench
        .run(
            bench
                .call(&GET)
                .with_attempts(2)
                .with_timeout(Duration::from_secs(5)),
        )
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts(), error.may_have_happened()),
        (Kind::Timeout, 2, false)
    );
}

/// Rows A4, A6: a gateway's word on a write says nothing about the write, with Retry-After or without.
#[test]
fn a_gateway_error_of_a_write_is_not_sent_again() {
    for status in [500, 502, 503, 504] {
        let bench = Bench::new();
        bench
            .script
            .reply(ScriptReply::text(status, "upstream").header("retry-after", "1"));
        let error = bench.run(bench.call(&CREATE)).unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (Kind::Ambiguous, Some(status))
        );
        assert_eq!(
            (bench.script.count(), error.messages()[0].text.as_str()),
            (1, "upstream")
        );

        let bench = Bench::new();
        bench
            .script
            .reply(ScriptReply::text(status, "upstream").header("retry-after", "7"))
            .reply(ok());
        bench.run(bench.call(&REPLACE)).unwrap();
        assert_eq!(bench.script.count(), 2);
        assert!(bench.seconds() >= 7.0);
    }
}

/// Row A5: a refusal that the API declares to be unprocessed is waited out, for writes too.
#[test]
fn a_refused_write_is_sent_again_after_the_wait() {
    for operation in ALL {
        let bench = Bench::new();
        bench
            .script
            .reply(ScriptReply::text(429, "later").header("retry-after", "20"))
            .reply(ok());
        let reply = bench.run(bench.call(operation).send_raw()).unwrap();
        assert_eq!((bench.script.count(), bench.script.applied()), (2, 1));
        assert!(
            (20.0..23.1).contains(&bench.seconds()),
            "{} s",
            bench.seconds()
        );
        assert!(reply.waited >= Duration::from_secs(20));
    }
}

/// Row A14: a truncated answer to a read is asked for again; a malformed one is not, and a write has happened then.
#[test]
fn malformed_answers_are_final() {
    let bench = Bench::new();
    bench.script.reply(ok().truncated_at(4)).reply(ok());
    bench
        .run(Request::new(&bench.core, &GET).key(&"7").call::<Any>())
        .unwrap();
    assert_eq!(bench.script.count(), 2);
    for (operation, happened) in [(&GET, false), (&CREATE, true)] {
        let bench = Bench::new();
        bench.script.reply(ScriptReply::json(200, "{\"id\":"));
        let mut request = Request::new(&bench.core, operation);
        if operation.path.contains('{') {
            request = request.key(&"7");
        }
        let error = bench.run(request.call::<Any>()).unwrap_err();
        assert_eq!(
            (error.kind(), error.status(), error.phase()),
            (Kind::Decode, Some(200), Phase::Final)
        );
        assert_eq!(
            (
                error.may_have_happened(),
                error.is_retryable(),
                bench.script.count()
            ),
            (happened, false, 1)
        );
    }
}

/// Row A20: when the next attempt would come after the deadline, the error comes now.
#[test]
fn a_deadline_before_the_next_attempt_ends_the_call_at_once() {
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::text(503, "down").header("retry-after", "30"));
    let error = bench
        .run(bench.call(&GET).with_deadline(Duration::from_secs(10)))
        .unwrap_err();
    assert_eq!(
        (error.status(), error.attempts(), bench.seconds()),
        (Some(503), 1, 0.0)
    );
    bench
        .script
        .reply(ScriptReply::text(429, "later").header("retry-after", "30"));
    let error = bench
        .run(bench.call(&GET).with_deadline(Duration::from_secs(10)))
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), bench.seconds()),
        (Kind::Refused, Some(429), 0.0)
    );
}

/// A deadline cuts an attempt too, without a millisecond more.
#[test]
fn a_deadline_cuts_an_attempt() {
    let bench = Bench::new();
    bench.script.respond_with(|_| ScriptReply::stalls());
    let error = bench
        .run(bench.call(&GET).with_deadline(Duration::from_secs(10)))
        .unwrap_err();
    assert_eq!((error.kind(), bench.seconds()), (Kind::Deadline, 10.0));
    let error = bench
        .run(bench.call(&CREATE).with_deadline(Duration::from_secs(10)))
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.may_have_happened(), bench.seconds()),
        (Kind::Ambiguous, true, 20.0)
    );
}

/// Row A10: what was to be deleted is gone, after an answer that was lost.
#[test]
fn a_deletion_that_was_lost_and_is_gone_is_a_success() {
    let bench = Bench::new();
    bench
        .script
        .reply(ScriptReply::lost())
        .reply(ScriptReply::json(404, r#"{"error":"not found"}"#));
    bench.run(bench.call(&REMOVE)).unwrap();
    bench
        .script
        .reply(ScriptReply::json(404, r#"{"error":"not found"}"#));
    assert_eq!(
        bench.run(bench.call(&REMOVE)).unwrap_err().status(),
        Some(404)
    );
}

/// Row A24: a redirect of a write is an error.
#[test]
fn a_redirect_of_a_write_is_an_error() {
    for status in [301, 302, 303, 307, 308] {
        let bench = Bench::new();
        bench
            .script
            .reply(ScriptReply::empty(status).header("location", "/v1/orders/8"));
        let error = bench.run(bench.call(&CREATE)).unwrap_err();
        assert_eq!((error.kind(), bench.script.count()), (Kind::Redirected, 1));
        assert_eq!(error.may_have_happened(), status <= 303);
    }
}

/// An earlier attempt of an idempotent write may have been carried out, whatever the last one says.
#[test]
fn an_earlier_lost_attempt_is_not_forgotten() {
    let bench = Bench::new();
    bench.script.reply(ScriptReply::lost());
    bench
        .script
        .respond_with(|_| ScriptReply::json(409, r#"{"error":"conflict"}"#));
    let error = bench.run(bench.call(&REPLACE)).unwrap_err();
    assert_eq!(
        (error.status(), error.may_have_happened(), error.attempts()),
        (Some(409), true, 2)
    );
}
